//! The shortest records of a schema, but for what they are to show.

use super::member::{Member, append};
use super::probes;
use super::rule::{Door, Rule};
use crate::schema::attribute::AttributeSchema;
use crate::schema::extension::{ExtensionSchema, ExtensionType};

/// The least that a record must say of an attribute.
fn least(attribute: &AttributeSchema, door: Door) -> Member<'_> {
    let rule = Rule::of(attribute);
    if rule.accepts(door, &Member::Absent) { Member::Absent } else { shortest(&rule) }
}

/// The shortest value of an attribute.
pub(super) fn shortest<'a>(rule: &Rule<'a>) -> Member<'a> {
    probes::samples(rule).into_iter().next().unwrap_or_else(|| unreachable!("every attribute has a value"))
}

/// The shortest record, with what is given of one attribute.
pub(super) fn record(schema: &ExtensionSchema, door: Door, given: Option<(&str, &Member<'_>)>) -> String {
    let mut members = String::new();
    for attribute in schema.attributes() {
        let json = match given {
            Some((name, member)) if name == attribute.name() => member.json(),
            _ => least(attribute, door).json(),
        };
        if let Some(json) = json {
            append(&mut members, attribute.name(), &json);
        }
    }
    format!("{{{members}}}")
}

/// An extension of one record.
pub(super) fn extension(schema: &ExtensionSchema, record: &str) -> String {
    match schema.extension_type() {
        ExtensionType::SingleValued => record.to_owned(),
        ExtensionType::MultiValued => format!("[{record}]"),
    }
}

/// The shortest extension that has a record.
pub(super) fn shortest_extension(schema: &ExtensionSchema, door: Door) -> String {
    extension(schema, &record(schema, door, None))
}
