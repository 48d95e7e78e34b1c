//! Schemas: those that are accepted come back equal, and of the others each mistake has a place.

use std::str::from_utf8;

use service_end::schema::DeclarationError;
use service_end::{ExtensionSchema, Problem, Schemas, Violations};

use super::problems::check_problem;

use crate::declared::read_schemas;
use crate::made::{Dice, schemas};
use crate::plain::{Json, Seen};

pub fn raw(data: &[u8]) {
    check_set(data);
    match ExtensionSchema::from_json(data) {
        Ok(schema) => check_schema(&schema),
        Err(error) => check_mistakes(&error, data),
    }
}

pub fn made(data: &[u8]) {
    check_set(schemas(&mut Dice::new(data), true).as_bytes());
}

fn check_set(json: &[u8]) {
    let read = Schemas::from_json(json);
    let schemas = match read {
        Ok(schemas) => schemas,
        Err(error) => return check_mistakes(&error, json),
    };
    let written = serde_json::to_string(&schemas).expect("plain values");
    let again = Schemas::from_json(&written).unwrap_or_else(|error| panic!("{written}: {error}"));
    assert_eq!(again, schemas, "{written}");
    assert_eq!(serde_json::to_string(&again).expect("plain values"), written);
    schemas.iter().for_each(check_schema);
    assert_eq!(Schemas::try_from_iter(schemas.iter().cloned()).as_ref(), Ok(&schemas));
    // What it declares is what is written there, as the plain reader sees it: in the first text as in the canonical one.
    let plain = read_schemas(from_utf8(json).expect("it was read"));
    assert_eq!(format!("{plain:?}"), format!("{:?}", read_schemas(&written)));
}

fn check_schema(schema: &ExtensionSchema) {
    let written = schema.to_json();
    let again = ExtensionSchema::from_json(&written).unwrap_or_else(|error| panic!("{written}: {error}"));
    assert_eq!(again, *schema, "{written}");
    assert_eq!(again.to_json(), written);
    for attribute in schema.attributes() {
        assert_eq!(schema.attribute(&attribute.name().to_ascii_uppercase()), Some(attribute));
    }
}

/// Mistakes of a declaration: each at a place that the text has.
pub fn check_mistakes(error: &DeclarationError, json: &[u8]) {
    check_problem(&Problem::from(error).locate(json));
    match error {
        DeclarationError::Invalid(violations) => check_pointers(violations, json),
        DeclarationError::Syntax(error) => assert!(!error.render(json).to_string().is_empty()),
        _ => {}
    }
}

/// Each violation points at something that is there; what is missing is missing there.
pub fn check_pointers(violations: &Violations, json: &[u8]) {
    let text = from_utf8(json).expect("it was read");
    assert!(!violations.truncated());
    for violation in &violations.clone().locate(json) {
        let (pointer, code) = (violation.pointer(), violation.code().as_str());
        let (parent, last) = pointer.rsplit_once('/').unwrap_or_default();
        let is_there = value_at(text, pointer).is_some();
        if code == "missing_key" {
            let parent = value_at(text, parent).expect("its object");
            assert!(!is_there && matches!(parent.see(), Ok(Seen::Object(_))), "{text}: {violation}, {last}");
        } else {
            assert!(is_there, "{text}: {violation}");
        }
        let span = violation.span().unwrap_or_else(|| panic!("{text}: no place for {violation}"));
        assert!(text.get(span.bytes.clone()).is_some(), "{text}: {violation}");
    }
    assert!(!violations.render(json).to_string().is_empty());
    assert!(!violations.render(json).show_values().to_string().is_empty());
}

fn value_at<'t>(text: &'t str, pointer: &str) -> Option<Json<'t>> {
    let mut value = Json::of(text).ok()?;
    for part in pointer.split('/').skip(1) {
        let name = part.replace("~1", "/").replace("~0", "~");
        value = match value.see().ok()? {
            Seen::Object(object) => object.members().ok()?.into_iter().find(|(key, _)| *key == name)?.1,
            Seen::List(list) => *list.elements().get(name.parse::<usize>().ok()?)?,
            _ => return None,
        };
    }
    Some(value)
}
