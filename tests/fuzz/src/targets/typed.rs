//! Typed records: what is read out of an event is its JSON, and what is made of that is equal.

use std::collections::BTreeMap;

use serde_json::Value;
use service_end::Extension;

use crate::case::Case;
use crate::made::Dice;

pub fn made(data: &[u8]) {
    let Some(case) = Case::made(&mut Dice::new(data)) else { return };
    let Ok(event) = case.read() else { return };
    for extension in event.extensions() {
        let json: Value = serde_json::from_str(&extension.to_json()).expect("JSON");
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
        let again: Result<Vec<BTreeMap<String, Value>>, _> = extension.records_as().collect();
        let again = serde_json::to_value(again.expect("anything is a value")).expect("plain values");
        assert_eq!(again, if json.is_array() { json } else { Value::Array(vec![json]) }, "{case}");
    }
}
