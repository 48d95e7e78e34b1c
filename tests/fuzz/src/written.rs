//! Whether JSON says just what an event says, by section 3 of the design.

use crate::plain::{Event, Json, Schema, Seen, Value, currency_of_number, currency_of_text};

/// Whether the JSON of an event says just this, by section 3 of the design.
pub fn is_written(event: &Event, schemas: &[Schema], json: &str) -> bool {
    let mut members = Json::of(json).expect("JSON").members().expect("readable");
    let extensions = members.split_off(event.fields.len());
    let field_is_written = |(name, written): &(String, Json<'_>)| {
        let value = event.fields.iter().find(|(field, _)| field == name);
        value.is_some_and(|(_, value)| value_is_written(value, &written.see().expect("readable")))
    };
    members.iter().all(field_is_written)
        && extensions.len() == event.extensions.len()
        && event.extensions.iter().zip(extensions).all(|(extension, (name, written))| {
            let schema = schemas.iter().find(|schema| schema.name == name);
            let records = if extension.many { written.elements() } else { vec![written] };
            extension.name == name
                && records.len() == extension.records.len()
                && extension.records.iter().zip(records).all(|(record, written)| {
                    record_is_written(record, schema.expect("it was read by one"), written)
                })
        })
}

fn record_is_written(record: &[Option<Value>], schema: &Schema, written: Json<'_>) -> bool {
    let members = written.members().expect("an object");
    let mut members = members.into_iter();
    record.iter().zip(&schema.attributes).all(|(value, attribute)| {
        if value.is_none() && attribute.default.is_none() {
            return true;
        }
        members.next().is_some_and(|(name, written)| {
            let written = written.see().expect("readable");
            name == attribute.name
                && match value {
                    Some(value) => value_is_written(value, &written),
                    None => matches!(written, Seen::Null),
                }
        })
    }) && members.next().is_none()
}

/// Whether it is written so, by section 3.
fn value_is_written(value: &Value, written: &Seen<'_>) -> bool {
    match (value, written) {
        (Value::Text(value), Seen::Text(text)) => value == text,
        (Value::Whole(value), Seen::Number(text)) => value.to_string() == *text,
        (Value::Double(value), Seen::Number(text)) => text.parse() == Ok(*value) && *text != "-0.0",
        (Value::Truth(value), Seen::Truth(truth)) => value == truth,
        (Value::Day(value), Seen::Text(text)) => value.format("%Y-%m-%d").to_string() == *text,
        (Value::Moment(value), Seen::Text(text)) => written_moment(*value) == *text,
        (Value::Amount(value), Seen::Number(text)) => currency_of_number(text) == Ok(*value),
        (Value::Amount(value), Seen::Text(text)) => {
            let digits = format!("{}.{:04}", value.unsigned_abs() / 10_000, value.unsigned_abs() % 10_000);
            let as_number = if *value < 0 { format!("-{digits}") } else { digits };
            currency_of_text(text) == Ok(*value)
                && value % 10_000 != 0
                && currency_of_number(&as_number) != Ok(*value)
        }
        _ => false,
    }
}

/// The form in which every moment is written.
pub fn written_moment(millis: i64) -> String {
    let time = chrono::DateTime::from_timestamp_millis(millis).expect("years 0001 to 9999");
    time.format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}
