//! What an extension takes, and what is written of it.

use super::attribute::{Form, attribute};
use crate::schema::attribute::AttributeSchema;
use crate::schema::extension::{ExtensionSchema, ExtensionType};
use crate::schema::node::{Node, object};

/// The schema of an extension: of its record, or of its list of records.
pub(super) fn extension(schema: &ExtensionSchema, form: Form, max_records: Option<usize>) -> Node {
    let is_list = schema.extension_type() == ExtensionType::MultiValued;
    let described = object! { "title": schema.name().to_owned(), "description": description(schema, form) };
    let described = described.with_some("$comment", comment(schema));
    let record = record(schema, form);
    if !is_list {
        return described.joined(record);
    }
    // What is stored has no empty list: it is left out.
    let min_items = (form == Form::Stored).then_some(1_i64);
    described
        .with("type", "array")
        .with("items", record)
        .with_some("minItems", min_items)
        .with_some("maxItems", max_records)
}

fn record(schema: &ExtensionSchema, form: Form) -> Node {
    // When a body is read, a default stands in; what is stored has its value.
    let is_due = |attribute: &&AttributeSchema| {
        attribute.is_mandatory() && (form == Form::Stored || attribute.default().is_none())
    };
    let due: Vec<Node> = schema.attributes().filter(is_due).map(|due| due.name().to_owned().into()).collect();
    let properties = schema.attributes().map(|declared| {
        let name = declared.name().to_owned();
        (name, attribute(declared, form))
    });
    let record = object! { "type": "object", "properties": Node::Object(properties.collect()) };
    let due = Some(due).filter(|due| !due.is_empty());
    record.with_some("required", due).with("additionalProperties", false)
}

fn description(schema: &ExtensionSchema, form: Form) -> String {
    let mut text = match schema.extension_type() {
        ExtensionType::SingleValued => "One record.".to_owned(),
        ExtensionType::MultiValued if form == Form::Stored => "A list of records.".to_owned(),
        ExtensionType::MultiValued => {
            "A list of records; an empty one takes away what was recorded.".to_owned()
        }
    };
    if schema.is_required() {
        text += " A service can't end without it.";
    }
    text
}

/// What JSON Schema can't say of it.
fn comment(schema: &ExtensionSchema) -> Option<String> {
    let key: Vec<&str> = schema.unique().collect();
    let is_list = schema.extension_type() == ExtensionType::MultiValued;
    let unique = (is_list && !key.is_empty()).then(|| {
        format!(
            "No two records may have equal values for {}, where no value equals no value, and a default stands for what is left out.",
            key.join(" and ")
        )
    });
    let required = schema.is_required().then(|| {
        "Once the service has ended it must have a record of this, from the event or stored before."
            .to_owned()
    });
    let sentences: Vec<String> = unique.into_iter().chain(required).collect();
    (!sentences.is_empty()).then(|| sentences.join(" "))
}
