//! The JSON of events and of stored extensions: the same forms, but for values turned down by `null`.

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::end_event::ServiceEndEvent;
use super::extension::Extension;
use super::extensions::AnyExtension;
use super::record::Record;
use crate::schema::{ExtensionType, FixedField};

/// Which JSON is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// Of an event: `null` where a value was turned down that has a default.
    Event,
    /// Of a stored service: what has no value is left out.
    Stored,
}

/// Writes the JSON of an event, which reads back equal.
impl Serialize for ServiceEndEvent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut json = serializer.serialize_map(None)?;
        write_fields(self, &mut json)?;
        for extension in self.all_extensions() {
            match extension {
                AnyExtension::Declared(extension) => {
                    json.serialize_entry(extension.name(), &ExtensionJson { extension, form: Form::Event })?;
                }
                AnyExtension::Open(open) => json.serialize_entry(open.name(), open)?,
            }
        }
        json.end()
    }
}

/// The JSON of an event without its extensions.
pub(super) struct FieldsJson<'e>(pub(super) &'e ServiceEndEvent);

impl Serialize for FieldsJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut json = serializer.serialize_map(None)?;
        write_fields(self.0, &mut json)?;
        json.end()
    }
}

fn write_fields<M: SerializeMap>(event: &ServiceEndEvent, json: &mut M) -> Result<(), M::Error> {
    if let Some(service_id) = event.service_id() {
        json.serialize_entry(FixedField::ServiceId.name(), &service_id)?;
    }
    if let Some(timestamp) = event.timestamp() {
        json.serialize_entry(FixedField::Timestamp.name(), &timestamp)?;
    }
    event.fields().write(json)
}

/// Writes the canonical JSON of a stored extension: an object, or an array of objects, each with its attributes
/// in schema order and without those that have no value.
impl Serialize for Extension {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        ExtensionJson { extension: self, form: Form::Stored }.serialize(serializer)
    }
}

struct ExtensionJson<'e> {
    extension: &'e Extension,
    form: Form,
}

impl Serialize for ExtensionJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let form = self.form;
        let mut records = self.extension.records().map(|record| RecordJson { record, form });
        if self.extension.schema().extension_type() == ExtensionType::MultiValued {
            return serializer.collect_seq(records);
        }
        records.next().serialize(serializer)
    }
}

struct RecordJson<'e> {
    record: Record<'e>,
    form: Form,
}

impl Serialize for RecordJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut json = serializer.serialize_map(None)?;
        for (attribute, value) in self.record.walk() {
            if value.is_some() || self.form == Form::Event {
                json.serialize_entry(attribute.name(), &value)?;
            }
        }
        json.end()
    }
}
