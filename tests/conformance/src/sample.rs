//! What the cases say and store: schemas, extensions, events.

use service_end::event::{Extension, RecordBuilder, ServiceEndEvent, ServiceEndEventBuilder};
use service_end::schema::{AttributeSchema, ExtensionSchema, Schemas};
use service_end::validate::Validator;
use service_end::value::Timestamp;

use crate::fault::Fault;

/// When services start, unless it matters: 2009-05-12T11:50:00Z.
pub(crate) const STARTED: Timestamp = moment(1_242_129_000_000);
/// When they end, unless it matters: a quarter of an hour later.
pub(crate) const ENDED: Timestamp = moment(1_242_129_912_145);

pub(crate) const fn moment(millis: i64) -> Timestamp {
    match Timestamp::from_unix_millis(millis) {
        Ok(timestamp) => timestamp,
        Err(_) => Timestamp::MIN,
    }
}

/// A multi-valued extension with an attribute of each type.
pub(crate) fn everything() -> Result<ExtensionSchema, Fault> {
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
pub(crate) fn single(name: &str) -> Result<ExtensionSchema, Fault> {
    Ok(columns(ExtensionSchema::single_valued(name)).build()?)
}

/// The same as a list.
pub(crate) fn list(name: &str) -> Result<ExtensionSchema, Fault> {
    Ok(columns(ExtensionSchema::multi_valued(name)).build()?)
}

fn columns(
    schema: service_end::schema::ExtensionSchemaBuilder,
) -> service_end::schema::ExtensionSchemaBuilder {
    schema
        .attribute(AttributeSchema::long("count"))
        .attribute(AttributeSchema::string("label"))
        .attribute(AttributeSchema::string("note"))
}

/// An extension of these records, each filled from one item.
pub(crate) fn records<T>(
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
pub(crate) fn counts(
    schema: &ExtensionSchema,
    counts: impl IntoIterator<Item = i64>,
) -> Result<Extension, Fault> {
    records(schema, counts, |record, count| {
        record.set("count", count);
    })
}

/// The list with no record, which clears what was stored.
pub(crate) fn nothing(schema: &ExtensionSchema) -> Result<Extension, Fault> {
    counts(schema, [])
}

/// An event that can be told from others by its number, which is the resource's id.
pub(crate) fn numbered(number: i64) -> ServiceEndEventBuilder {
    ServiceEndEvent::builder().timestamp(ENDED).resource_id(number)
}

/// The event of a number with these extensions.
pub(crate) fn event(
    number: i64,
    extensions: impl IntoIterator<Item = Extension>,
) -> Result<ServiceEndEvent, Fault> {
    with_extensions(numbered(number), extensions)
}

/// The event of a builder without extensions.
pub(crate) fn built(event: ServiceEndEventBuilder) -> Result<ServiceEndEvent, Fault> {
    with_extensions(event, [])
}

/// The event of a builder with these extensions, whose schemas are those registered.
pub(crate) fn with_extensions(
    mut event: ServiceEndEventBuilder,
    extensions: impl IntoIterator<Item = Extension>,
) -> Result<ServiceEndEvent, Fault> {
    let mut declared = Vec::new();
    for extension in extensions {
        declared.push(extension.schema().clone());
        event = event.extension(extension);
    }
    Ok(event.build(&Validator::new(schemas(&declared)?).with_max_records(usize::MAX))?)
}

/// A set of these schemas.
pub(crate) fn schemas(all: &[ExtensionSchema]) -> Result<Schemas, Fault> {
    let mut schemas = Schemas::new();
    for schema in all {
        schemas = schemas
            .with(schema.clone())
            .map_err(|error| Fault::new("the suite's own schemas to be valid", error.to_string()))?;
    }
    Ok(schemas)
}
