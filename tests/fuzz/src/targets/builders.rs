//! Builders: an event that is built of what was read is equal, and what does not fit is told as of a body.

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::Value;
use service_end::{Extension, ServiceEndEvent, Violations};

use crate::case::Case;
use crate::made::Dice;
use crate::plain::{Json, Schema, Seen};

pub fn made(data: &[u8]) {
    let Some(case) = Case::made(&mut Dice::new(data)) else { return };
    let case = case.with_100_violations();
    match case.read() {
        Ok(event) => build(&event, &case),
        Err(service_end::ReadError::Invalid(violations)) if !violations.truncated() => {
            let found = told_of(&violations);
            let text = std::str::from_utf8(&case.body).expect("it was read");
            let mut seen = Vec::new();
            for (name, value) in Json::of(text).expect("JSON").members().expect("it was read") {
                let schema = case.plain.schemas.iter().find(|schema| schema.name.eq_ignore_ascii_case(&name));
                let Some(schema) = schema.filter(|schema| !seen.contains(&schema.name)) else { continue };
                seen.push(schema.name.clone());
                fail(schema, &name, value, &found, &case);
            }
        }
        Err(_) => {}
    }
}

fn build(event: &ServiceEndEvent, case: &Case) {
    let mut builder = ServiceEndEvent::builder().fields(event.fields().clone());
    if let Some(service_id) = event.service_id() {
        builder = builder.service_id(service_id);
    }
    if let Some(timestamp) = event.timestamp() {
        builder = builder.timestamp(timestamp);
    }
    for extension in event.extensions() {
        let mut built = Extension::builder(extension.schema());
        for record in extension.records() {
            built = built.record(|set| {
                for attribute in extension.schema().attributes() {
                    set.set(attribute.name(), record.get(attribute.name()));
                }
            });
        }
        let built = built.build().unwrap_or_else(|violations| panic!("{case}\n{violations}"));
        assert_eq!(built, *extension, "{case}");
        assert_eq!(built.to_json(), extension.to_json());
        builder = builder.extension(built);
    }
    let built = builder.build(&case.validator).unwrap_or_else(|error| panic!("{case}\n{error}"));
    assert_eq!(built, *event, "{case}");
    assert_eq!(
        serde_json::to_string(&built).expect("plain values"),
        serde_json::to_string(event).expect("plain values")
    );
}

/// Builds an extension of which something may be wrong, in the order of the body.
fn fail(schema: &Schema, name: &str, value: Json<'_>, found: &[(String, String)], case: &Case) {
    let elements = match (value.see().expect("it was read"), schema.many) {
        (Seen::List(list), true) => list.elements(),
        (Seen::Object(_), false) => vec![value],
        _ => return,
    };
    let is_object = |element: &Json<'_>| matches!(element.see(), Ok(Seen::Object(_)));
    if elements.len() > case.plain.max_records && schema.many || !elements.iter().all(is_object) {
        return;
    }
    let declared = case.validator.schemas().get(name).expect("its schema");
    let mut built = Extension::builder(declared);
    for element in &elements {
        built = built.record(|record| {
            for (attribute, value) in element.members().expect("it was read") {
                record.set(&attribute, of_its_kind(value));
            }
        });
    }
    let mut expected: Vec<_> = Vec::new();
    for (pointer, code) in found {
        let (first, rest) = pointer[1..].split_once('/').unwrap_or((&pointer[1..], ""));
        if first.eq_ignore_ascii_case(name) && code != "duplicate_key" || first == name && !rest.is_empty() {
            expected.push((format!("/{}/{rest}", schema.name), code.clone()));
        }
    }
    let told = built.build().map_err(|violations| told_of(&violations)).err().unwrap_or_default();
    assert_eq!(told, expected, "{case}\n{name}");
    let read = if schema.many {
        Extension::from_records(declared, &elements.iter().map(|element| Said(*element)).collect::<Vec<_>>())
    } else {
        Extension::from_records(declared, &Said(value))
    };
    let told = read.map_err(|violations| told_of(&violations)).err().unwrap_or_default();
    // These pointers begin at what is given.
    let inside = |(pointer, code): (String, String)| (pointer[1 + schema.name.len()..].to_owned(), code);
    let expected: Vec<_> = expected.into_iter().map(inside).collect();
    assert_eq!(told, expected, "{case}\n{name}");
}

fn told_of(violations: &Violations) -> Vec<(String, String)> {
    let told = |violation: &service_end::Violation| {
        (violation.pointer().to_owned(), violation.code().as_str().to_owned())
    };
    violations.iter().map(told).collect()
}

/// A record as it is said in a body, equal names included.
struct Said<'t>(Json<'t>);

impl Serialize for Said<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (name, value) in self.0.members().expect("it was read") {
            map.serialize_entry(&name, &of_its_kind(value))?;
        }
        map.end()
    }
}

/// What is skipped in a body is not always a value, since half of a pair of surrogates may stand in it: an empty one is
/// as wrong.
fn of_its_kind(value: Json<'_>) -> Value {
    serde_json::from_str(value.text()).unwrap_or_else(|_| match value.see() {
        Ok(Seen::Object(_)) => Value::Object(serde_json::Map::new()),
        Ok(Seen::List(_)) => Value::Array(Vec::new()),
        _ => Value::Null,
    })
}
