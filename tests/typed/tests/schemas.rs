//! Schemas at random, and for each the records at its borders.

use serde_json::{Map, Value, json};
use service_end::violation::Code;
use service_end::{Extension, ExtensionSchema, ReadError, Schemas, Validator};

use crate::dice::Dice;

const TYPES: [&str; 8] = ["string", "integer", "long", "double", "boolean", "date", "datetime", "currency"];

/// A schema for a struct with the fields `a`, `b` and `c`, mostly of the types that these are made for.
pub(crate) fn schema(types: [&[&str]; 3], dice: &mut Dice) -> ExtensionSchema {
    let mut attributes = Vec::new();
    for (name, types) in ["a", "b", "c", "d"].into_iter().zip(types.into_iter().chain([&TYPES[..]])) {
        if dice.one_in(12) || (name == "d" && !dice.one_in(6)) {
            continue;
        }
        let attribute_type = if dice.one_in(12) { dice.pick(&TYPES) } else { dice.pick(types) };
        let name = if dice.one_in(4) { name.to_uppercase() } else { name.to_owned() };
        attributes.push(attribute(&name, attribute_type, dice));
    }
    if attributes.is_empty() {
        attributes.push(attribute("a", "string", dice));
    }
    let schema = json!({ "name": "Pair", "type": "multi-valued", "attributes": attributes });
    ExtensionSchema::from_json(schema.to_string()).unwrap_or_else(|error| panic!("{error}: {schema}"))
}

fn attribute(name: &str, attribute_type: &str, dice: &mut Dice) -> Value {
    let mut attribute = json!({ "name": name, "type": attribute_type });
    let mut set = |key: &str, value: Value| {
        attribute[key] = value;
    };
    if !dice.one_in(4) {
        set("mandatory", true.into());
    }
    if attribute_type == "string" && dice.one_in(2) {
        set("length", (*dice.pick(&[1, 4, 5, 32, 33, 300])).into());
    }
    match attribute_type {
        "string" if dice.one_in(3) => {
            set("values", dice.pick(&[json!(["good", "bad"]), json!(["x"])]).clone());
        }
        "integer" | "long" if dice.one_in(3) => {
            set("values", dice.pick(&[json!([1, 2]), json!([0, 300])]).clone());
        }
        "integer" | "long" | "double" | "currency" if dice.one_in(2) => {
            set("minimum", dice.pick(&[json!(0), json!(1), json!(-128), json!(-40_000)]).clone());
            set(
                "maximum",
                dice.pick(&[json!(1), json!(127), json!(255), json!(65_535), json!(16_777_215)]).clone(),
            );
        }
        "datetime" if dice.one_in(4) => {
            set("minimum", "1970-01-01T00:00:00Z".into());
            set(
                "maximum",
                dice.pick(&[json!("1970-01-01T00:00:00Z"), json!("2100-01-01T00:00:00Z")]).clone(),
            );
        }
        _ => {}
    }
    if dice.one_in(6) {
        set("default", dice.pick(&fitting(attribute_type)).clone());
    }
    // What does not go together is left out.
    for key in ["", "default", "length"] {
        attribute.as_object_mut().unwrap().remove(key);
        let schema = json!({ "name": "Pair", "type": "multi-valued", "attributes": [attribute] });
        if ExtensionSchema::from_json(schema.to_string()).is_ok() {
            return attribute;
        }
    }
    panic!("a declaration with mistakes: {attribute}");
}

/// Values that fit any attribute of a type.
fn fitting(attribute_type: &str) -> Vec<Value> {
    match attribute_type {
        "string" => vec!["".into(), "x".into()],
        "integer" | "long" => vec![1.into(), 0.into()],
        "double" => vec![1.into(), 0.5.into()],
        "boolean" => vec![true.into()],
        "date" => vec!["2009-05-12".into()],
        "datetime" => vec!["2009-05-12T12:05:12.145Z".into()],
        _ => vec![1.into(), "12.5".into()],
    }
}

/// Values at the borders of what types and attributes take. Those that the attribute refuses are sorted out later.
fn candidates(attribute: &Value) -> Vec<Value> {
    let mut values = match attribute["type"].as_str().unwrap() {
        "string" => {
            let mut texts: Vec<Value> =
                ["", "x", "ü", "good", "bad", " ", "two words", "2009-05-12", "1"].map(Value::from).into();
            texts.extend([31, 32, 33, 255, 300, 5000].map(|length| Value::from("y".repeat(length))));
            texts
        }
        "integer" | "long" => {
            let around = [
                0,
                i128::from(i8::MIN),
                i8::MAX.into(),
                u8::MAX.into(),
                i16::MIN.into(),
                i16::MAX.into(),
                u16::MAX.into(),
                i32::MIN.into(),
                i32::MAX.into(),
                u32::MAX.into(),
                1 << 24,
                1 << 53,
                i64::MIN.into(),
                i64::MAX.into(),
            ];
            let near = around.into_iter().flat_map(|number| [number - 1, number, number + 1, -number]);
            near.filter_map(|number| i64::try_from(number).ok()).map(Value::from).collect()
        }
        "double" => {
            [0.0, 0.1, 0.5, 1.0 / 3.0, 4.0 / 3.0, -4.0 / 3.0, -1e300, 1e300, f64::MAX, f64::MIN, 5e-324]
                .map(Value::from)
                .into()
        }
        "boolean" => vec![true.into(), false.into()],
        "date" => ["0001-01-01", "1969-12-31", "2009-05-12", "9999-12-31"].map(Value::from).into(),
        "datetime" => [
            "0001-01-01T00:00:00.000Z",
            "1969-12-31T23:59:59.999Z",
            "2009-05-12T12:05:12.000Z",
            "9999-12-31T23:59:59.999Z",
        ]
        .map(Value::from)
        .into(),
        _ => vec![
            0.into(),
            "0.0001".into(),
            "-7.25".into(),
            "99999999999.9999".into(),
            "100000000000".into(),
            "-922337203685477.5808".into(),
            "922337203685477.5807".into(),
        ],
    };
    values.extend(["minimum", "maximum"].iter().filter_map(|key| attribute.get(*key).cloned()));
    values.extend(attribute.get("values").and_then(Value::as_array).into_iter().flatten().cloned());
    values
}

/// Records that the schema accepts: each value at a border of an attribute, with others beside; and what may be absent.
pub(crate) fn records(schema: &ExtensionSchema, dice: &mut Dice) -> Extension {
    let declared: Value = serde_json::from_str(&schema.to_json()).unwrap();
    let attributes = declared["attributes"].as_array().unwrap();
    let fine = |attribute: &Value| fitting_one(attribute);
    let mut records: Vec<Map<String, Value>> = Vec::new();
    let name = |attribute: &Value| attribute["name"].as_str().unwrap().to_owned();
    let full: Map<_, _> = attributes.iter().map(|attribute| (name(attribute), fine(attribute))).collect();
    for attribute in attributes {
        for value in candidates(attribute) {
            let mut record = full.clone();
            record.insert(name(attribute), value);
            records.push(record);
        }
        let mut record = full.clone();
        record.remove(&name(attribute));
        records.push(record.clone());
        record.insert(name(attribute), Value::Null);
        records.push(record);
    }
    let least = |value: fn(&Value) -> Option<Value>| {
        attributes.iter().filter_map(|attribute| Some((name(attribute), value(attribute)?))).collect()
    };
    records.push(least(|attribute| attribute.get("mandatory").map(|_| fitting_one(attribute))));
    records.push(least(|attribute| {
        Some(attribute.get("mandatory").map_or(Value::Null, |_| fitting_one(attribute)))
    }));
    // In some order, since the first record that can't be read ends the reading.
    let start = dice.below(records.len());
    records.rotate_left(start);
    accepted(schema, records)
}

fn fitting_one(attribute: &Value) -> Value {
    let listed = attribute.get("values").and_then(|values| values.get(0)).or(attribute.get("minimum"));
    listed
        .or(attribute.get("maximum"))
        .cloned()
        .unwrap_or_else(|| fitting(attribute["type"].as_str().unwrap()).swap_remove(0))
}

fn accepted(schema: &ExtensionSchema, mut records: Vec<Map<String, Value>>) -> Extension {
    let validator =
        Validator::new(Schemas::new().with(schema.clone()).unwrap()).with_max_violations(usize::MAX);
    match validator.read(json!({ "Pair": records }).to_string().as_bytes()) {
        Ok(event) => event.extensions()[0].clone(),
        Err(ReadError::Invalid(violations)) => {
            let refused = |violation: &service_end::Violation| {
                assert_ne!(*violation.code(), Code::WrongShape);
                violation.pointer().split('/').nth(2).unwrap().parse::<usize>().unwrap()
            };
            let refused: Vec<usize> = violations.iter().map(refused).collect();
            let mut ordinal = 0;
            records.retain(|_| {
                ordinal += 1;
                !refused.contains(&(ordinal - 1))
            });
            accepted(schema, records)
        }
        Err(error) => panic!("{error}"),
    }
}
