//! Random schemas, and newer versions of them. The values that they name are few, so that versions meet.

use fastrand::Rng;
use serde_json::{Value as Json, json};
use service_end::{ExtensionSchema, Schemas, schema::AttributeType};

/// Values of a type as JSON, small and odd ones. No two are equal.
pub(crate) fn values(attribute_type: AttributeType) -> &'static [&'static str] {
    match attribute_type {
        AttributeType::String => &[
            "\"\"",
            "\"a\"",
            "\"b\"",
            "\"1\"",
            "\"abc\"",
            "\"2020-01-01\"",
            "\"2020-01-01T00:00:00.000Z\"",
            "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"",
        ],
        AttributeType::Integer => &["0", "1", "2", "3", "-1", "1000", "2147483647"],
        AttributeType::Long => {
            &["0", "1", "2", "3", "-1", "3000000000", "9007199254740992", "9007199254740993"]
        }
        AttributeType::Double => &["0.0", "1.0", "2.0", "0.5", "-1.5", "1e300", "9007199254740992.0"],
        AttributeType::Boolean => &["true", "false"],
        AttributeType::Date => &["\"2020-01-01\"", "\"2020-01-02\"", "\"2021-12-31\""],
        AttributeType::DateTime => {
            &["\"2020-01-01T00:00:00.000Z\"", "\"2020-01-01T00:00:00.001Z\"", "\"2021-12-31T12:00:00.000Z\""]
        }
        AttributeType::Currency => {
            &["0", "1", "2", "0.5", "-1.25", "\"100000000000.5\"", "\"922337203685477.5807\""]
        }
    }
}

fn one_of<'l, T>(random: &mut Rng, list: &'l [T]) -> &'l T {
    &list[random.usize(0..list.len())]
}

fn one_value(random: &mut Rng, attribute_type: AttributeType) -> Json {
    let json = *one_of(random, values(attribute_type));
    serde_json::from_str(json).unwrap()
}

/// The schema that JSON stands for, if it is one.
fn schema(json: &Json) -> Option<ExtensionSchema> {
    ExtensionSchema::from_json(json.to_string()).ok()
}

/// A random schema of so many attributes at most.
pub fn first(random: &mut Rng, name: &str, attributes: usize) -> ExtensionSchema {
    loop {
        let count = random.usize(1..=attributes);
        let attributes: Vec<Json> = (0..count).map(|n| attribute(random, &format!("a{n}"))).collect();
        let extension_type = if random.bool() { "single-valued" } else { "multi-valued" };
        let mut json = json!({ "name": name, "type": extension_type, "attributes": attributes });
        if random.u8(0..3) == 0 {
            json["unique"] = json!([format!("a{}", random.usize(0..count))]);
        }
        json["required"] = json!(random.u8(0..6) == 0);
        if let Some(schema) = schema(&json) {
            return schema;
        }
    }
}

/// An attribute whose keys may not go together.
fn attribute(random: &mut Rng, name: &str) -> Json {
    let attribute_type = *one_of(random, AttributeType::ALL);
    let mut attribute = json!({ "name": name, "type": attribute_type });
    narrow(random, &mut attribute, attribute_type);
    attribute["mandatory"] = json!(random.u8(0..3) == 0);
    if random.u8(0..3) == 0 {
        attribute["default"] = one_value(random, attribute_type);
    }
    attribute
}

/// Gives an attribute other limits.
fn narrow(random: &mut Rng, attribute: &mut Json, attribute_type: AttributeType) {
    let keys = attribute.as_object_mut().unwrap();
    for key in ["length", "values", "minimum", "maximum"] {
        keys.remove(key);
    }
    let is_listable =
        matches!(attribute_type, AttributeType::String | AttributeType::Integer | AttributeType::Long);
    match random.u8(0..5) {
        0 if attribute_type == AttributeType::String => {
            attribute["length"] = json!(*one_of(random, &[1, 3, 10, 24, 40]));
        }
        1 if is_listable => {
            let mut values = values(attribute_type).to_vec();
            random.shuffle(&mut values);
            values.truncate(random.usize(1..=values.len()));
            attribute["values"] = serde_json::from_str(&format!("[{}]", values.join(","))).unwrap();
        }
        2 => attribute["minimum"] = one_value(random, attribute_type),
        3 => attribute["maximum"] = one_value(random, attribute_type),
        _ => {}
    }
}

/// Another version of a schema, with one change or a few.
pub fn changed(random: &mut Rng, old: &ExtensionSchema) -> ExtensionSchema {
    loop {
        let mut json: Json = serde_json::from_str(&old.to_json()).unwrap();
        for _ in 0..random.usize(1..3) {
            change(random, &mut json);
        }
        match schema(&json) {
            Some(schema) if schema != *old => return schema,
            _ => {}
        }
    }
}

fn change(random: &mut Rng, json: &mut Json) {
    let attributes = json["attributes"].as_array_mut().unwrap();
    let at = random.usize(0..attributes.len());
    let is_alone = attributes.len() == 1;
    let one = &mut attributes[at];
    let attribute_type: AttributeType = one["type"].as_str().unwrap().parse().unwrap();
    match random.u8(0..16) {
        0..2 => {
            let name = format!("a{}", random.u8(0..20));
            let attribute = attribute(random, &name);
            attributes.insert(at, attribute);
        }
        2 if !is_alone => drop(attributes.remove(at)),
        3..6 => one["type"] = json!(wider(random, attribute_type)),
        6..9 => narrow(random, one, attribute_type),
        9 => one["mandatory"] = json!(random.bool()),
        10 => one["default"] = one_value(random, attribute_type),
        11 => drop(one.as_object_mut().unwrap().remove("default")),
        12 => {
            let unique: Vec<_> = attributes.iter().map(|attribute| attribute["name"].clone()).collect();
            json["unique"] = unique.into_iter().filter(|_| random.bool()).collect();
        }
        13 => {
            let name = one["name"].as_str().unwrap();
            one["name"] =
                json!(if random.bool() { name.to_ascii_uppercase() } else { name.to_ascii_lowercase() });
        }
        14 => attributes.reverse(),
        _ => match random.u8(0..3) {
            0 => json["required"] = json!(random.bool()),
            1 => json["type"] = json!(one_of(random, &["single-valued", "multi-valued"])),
            _ => drop(json.as_object_mut().unwrap().remove("unique")),
        },
    }
}

/// A type that may take the values of another one, or any.
fn wider(random: &mut Rng, attribute_type: AttributeType) -> AttributeType {
    use AttributeType::{Currency, Date, Double, Integer, Long, String};
    match (attribute_type, random.u8(0..4)) {
        (Integer, 0) => Long,
        (Integer | Long, 1) => Double,
        (Integer | Long, 2) => Currency,
        (Date, 0..3) => String,
        _ => *one_of(random, AttributeType::ALL),
    }
}

/// A version that may take the place of the last one of a chain.
pub fn safely_changed(random: &mut Rng, old: &ExtensionSchema) -> ExtensionSchema {
    let registered = Schemas::new().with(old.clone()).unwrap();
    for _ in 0..60 {
        let new = changed(random, old);
        if registered.replace(new.clone()).is_ok() {
            return new;
        }
    }
    // This is always safe, until there are too many.
    let mut json: Json = serde_json::from_str(&old.to_json()).unwrap();
    let attributes = json["attributes"].as_array_mut().unwrap();
    let name = format!("more{}", attributes.len());
    attributes.push(json!({ "name": name, "type": "long", "default": 7 }));
    schema(&json).unwrap()
}
