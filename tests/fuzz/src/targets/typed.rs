//! Typed records: what is read out of an event is its JSON, and what is made of that is equal.

use std::collections::BTreeMap;

use serde::Serialize;
use serde::ser::{SerializeMap, SerializeSeq, Serializer};
use serde_json::Value;
use service_end::Extension;
use service_end::schema::ExtensionType;

use crate::case::Case;
use crate::made::Dice;

pub fn made(data: &[u8]) {
    let Some(case) = Case::made(&mut Dice::new(data)) else { return };
    let Ok(event) = case.read() else { return };
    for extension in event.extensions() {
        let json: Value = serde_json::from_str(&extension.to_json()).expect("JSON");
        let json = with_amounts_as_text(json, extension);
        assert_eq!(extension.to::<Value>().as_ref(), Ok(&json), "{case}");
        // Members that are left out have their default, so what has no value is said.
        let records: Vec<BTreeMap<_, _>> = extension
            .records()
            .map(|record| {
                let attributes = extension.schema().attributes();
                attributes.map(|attribute| (attribute.name(), record.get(attribute.name()))).collect()
            })
            .collect();
        let made = match json {
            Value::Array(_) => Extension::from_records(extension.schema(), &records),
            _ => Extension::from_records(extension.schema(), &records[0]),
        };
        assert_eq!(made.as_ref(), Ok(extension), "{case}");
        // Beside a record with a key that is no text, the others are what they are.
        let with_odd =
            |odd| Extension::from_records(extension.schema(), &BesideOdd { records: &records, odd });
        if extension.schema().extension_type() == ExtensionType::MultiValued {
            let violations = with_odd(true).expect_err("a key that is no text");
            let found: Vec<_> = violations.iter().map(service_end::Violation::pointer).collect();
            assert_eq!(found, ["/0/nope", "/0"], "{case}");
            assert_eq!(with_odd(false).as_ref(), Ok(extension), "{case}");
        }
        let again: Result<Vec<BTreeMap<String, Value>>, _> = extension.records_as().collect();
        let again = serde_json::to_value(again.expect("anything is a value")).expect("plain values");
        assert_eq!(again, if json.is_array() { json } else { Value::Array(vec![json]) }, "{case}");
    }
}

/// An amount is read into a type that takes anything as a text, whatever its JSON is.
fn with_amounts_as_text(mut json: Value, extension: &Extension) -> Value {
    let elements = match &mut json {
        Value::Array(elements) => elements.as_mut_slice(),
        object => std::slice::from_mut(object),
    };
    for (element, record) in elements.iter_mut().zip(extension.records()) {
        for attribute in extension.schema().attributes() {
            if let Some(service_end::Value::Currency(amount)) = record.get(attribute.name()) {
                element[attribute.name()] = Value::String(amount.to_string());
            }
        }
    }
    json
}

/// Records, and before them perhaps one with a key that is no text.
struct BesideOdd<'r, R> {
    records: &'r [R],
    odd: bool,
}

impl<R: Serialize> Serialize for BesideOdd<'_, R> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(None)?;
        if self.odd {
            list.serialize_element(&OddKey)?;
        }
        self.records.iter().try_for_each(|record| list.serialize_element(record))?;
        list.end()
    }
}

struct OddKey;

impl Serialize for OddKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("nope", &1)?;
        map.serialize_entry(&(), &1)?;
        map.end()
    }
}
