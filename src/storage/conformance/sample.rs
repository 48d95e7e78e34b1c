//! What the cases say and store: schemas, extensions, events.

use super::fault::Fault;
use crate::event::{Extension, RecordBuilder, ServiceEndEvent, ServiceEndEventBuilder};
use crate::schema::{AttributeSchema, ExtensionSchema, Schemas};
use crate::value::Timestamp;

/// When services start, unless it matters: 2009-05-12T11:50:00Z.
pub(super) const STARTED: Timestamp = moment(1_242_129_000_000);
/// When they end, unless it matters: a quarter of an hour later.
pub(super) const ENDED: Timestamp = moment(1_242_129_912_145);

pub(super) const fn moment(millis: i64) -> Timestamp {
    match Timestamp::from_unix_millis(millis) {
        Ok(timestamp) => timestamp,
        Err(_) => Timestamp::MIN,
    }
}

/// A multi-valued extension with an attribute of each type.
pub(super) fn everything() -> Result<ExtensionSchema, Fault> {
    let schema = ExtensionSchema::multi_valued("Everything")
        .attribute(AttributeSchema::string("text"))
        .attribute(AttributeSchema::integer("small"))
        .attribute(AttributeSchema::long("large"))
        .attribute(AttributeSchema::double("number"))
        .attribute(AttributeSchema::boolean("truth"))
        .attribute(AttributeSchema::date("day"))
        .attribute(AttributeSchema::datetime("moment"))
        .attribute(AttributeSchema::currency("amount"))
        .build()?;
    Ok(schema)
}

/// A single-valued extension with two texts and a number.
pub(super) fn single(name: &str) -> Result<ExtensionSchema, Fault> {
    Ok(columns(ExtensionSchema::single_valued(name)).build()?)
}

/// The same as a list.
pub(super) fn list(name: &str) -> Result<ExtensionSchema, Fault> {
    Ok(columns(ExtensionSchema::multi_valued(name)).build()?)
}

fn columns(schema: crate::schema::ExtensionSchemaBuilder) -> crate::schema::ExtensionSchemaBuilder {
    schema
        .attribute(AttributeSchema::long("count"))
        .attribute(AttributeSchema::string("label"))
        .attribute(AttributeSchema::string("note"))
}

/// An extension of these records, each filled from one item.
pub(super) fn records<T>(
    schema: &ExtensionSchema,
    items: impl IntoIterator<Item = T>,
    fill: impl Fn(&mut RecordBuilder<'_>, T),
) -> Result<Extension, Fault> {
    let mut extension = Extension::builder(schema);
    for item in items {
        extension = extension.record(|record| {
            fill(record, item);
        });
    }
    Ok(extension.build()?)
}

/// An extension of [`single`] or [`list`] with one record for each count.
pub(super) fn counts(
    schema: &ExtensionSchema,
    counts: impl IntoIterator<Item = i64>,
) -> Result<Extension, Fault> {
    records(schema, counts, |record, count| {
        record.set("count", count);
    })
}

/// The list with no record, which clears what was stored.
pub(super) fn nothing(schema: &ExtensionSchema) -> Result<Extension, Fault> {
    counts(schema, [])
}

/// An event that can be told from others by its number, which is the resource's id.
pub(super) fn numbered(number: i64) -> ServiceEndEventBuilder {
    ServiceEndEvent::builder().timestamp(ENDED).resource_id(number)
}

/// The event of a number with these extensions.
pub(super) fn event(
    number: i64,
    extensions: impl IntoIterator<Item = Extension>,
) -> Result<ServiceEndEvent, Fault> {
    Ok(extensions.into_iter().fold(numbered(number), ServiceEndEventBuilder::extension).build()?)
}

/// A set of these schemas.
pub(super) fn schemas(all: &[ExtensionSchema]) -> Result<Schemas, Fault> {
    let mut schemas = Schemas::new();
    for schema in all {
        schemas = schemas
            .with(schema.clone())
            .map_err(|error| Fault::new("the suite's own schemas to be valid", error.to_string()))?;
    }
    Ok(schemas)
}
