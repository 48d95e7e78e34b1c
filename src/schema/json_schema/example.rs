//! A body to begin with, for forms and for those who try the operation.

use super::attribute::written;
use crate::schema::attribute::AttributeSchema;
use crate::schema::attribute_type::AttributeType;
use crate::schema::business::{BusinessAttributes, BusinessField};
use crate::schema::extension::{ExtensionSchema, ExtensionType};
use crate::schema::field::FixedField;
use crate::schema::node::{Node, object};
use crate::schema::set::Schemas;

/// A right body with a disposition, and one record of every extension.
pub(super) fn example(schemas: &Schemas, business: &BusinessAttributes, max_records: Option<usize>) -> Node {
    let id = match business.values(BusinessField::Disposition) {
        Some(mut values) => values.next().map(|(id, _)| id),
        None => Some(10),
    };
    let body = object! {}.with_some(FixedField::Disposition.name(), id);
    schemas.iter().fold(body, |body, schema| body.with(schema.name(), extension(schema, max_records)))
}

fn extension(schema: &ExtensionSchema, max_records: Option<usize>) -> Node {
    let record = schema
        .attributes()
        .fold(object! {}, |record, attribute| record.with(attribute.name(), value(attribute)));
    match schema.extension_type() {
        ExtensionType::SingleValued => record,
        ExtensionType::MultiValued if max_records == Some(0) => Node::Array(Vec::new()),
        ExtensionType::MultiValued => Node::Array(vec![record]),
    }
}

/// The first value that the declaration itself names, or else one of the type.
fn value(attribute: &AttributeSchema) -> Node {
    let listed = attribute.values().and_then(|mut values| values.next());
    let named = attribute.default().or(listed).or(attribute.minimum()).or(attribute.maximum());
    if let Some(value) = named {
        return written(value);
    }
    match attribute.attribute_type() {
        AttributeType::String => {
            "text".chars().take(attribute.length().unwrap_or(4)).collect::<String>().into()
        }
        AttributeType::Integer | AttributeType::Long => 7_i64.into(),
        AttributeType::Double => 7.5.into(),
        AttributeType::Boolean => true.into(),
        AttributeType::Date => "2009-05-12".into(),
        AttributeType::DateTime => "2009-05-12T12:05:12.145Z".into(),
        AttributeType::Currency => 12.5.into(),
    }
}
