use std::collections::BTreeSet;
use std::marker::PhantomData;
use std::sync::Arc;

use serde::de::{DeserializeSeed, IgnoredAny};

use super::ReadError;
use crate::event::{Absent, Declared, Extension, Rows, ServiceEndEvent, Shared, TableWriter};
use crate::schema::{BusinessAttributes, Columns, FixedField, Schemas};
use crate::violation::{Collector, JsonType, Known, SyntaxError};

/// How the body comes in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Door {
    /// JSON text, through `serde_json`.
    JsonText,
    /// Some other `Deserializer`.
    Format,
}

/// The state of one pass over one text.
#[derive(Debug)]
pub(super) struct Pass<'v> {
    pub(super) schemas: &'v Schemas,
    pub(super) business: &'v BusinessAttributes,
    pub(super) max_records: usize,
    pub(super) absent: Absent,
    /// The fixed fields that have a meaning in the text.
    pub(super) fields: Known,
    pub(super) door: Door,
    pub(super) collector: Collector,
    body_bytes: usize,
    pub(super) writer: TableWriter,
    /// The event in the making.
    pub(super) event: &'v mut ServiceEndEvent,
    /// What its extensions share, once there is one.
    pub(super) shared: Option<Arc<Shared>>,
    /// How many members of the body were begun.
    pub(super) members: u32,
    /// The schema that comes next if the body keeps the order of the schemas.
    pub(super) guess: usize,
    pub(super) seen: SeenNames,
    /// What stands where the body's object is due.
    pub(super) no_object: Option<JsonType>,
    /// An object was skipped whose keys were read as bytes.
    skipped_object: bool,
}

impl<'v> Pass<'v> {
    pub(super) fn new(
        event: &'v mut ServiceEndEvent,
        schemas: &'v Schemas,
        business: &'v BusinessAttributes,
        collector: Collector,
        door: Door,
        body_bytes: usize,
    ) -> Self {
        Pass {
            schemas,
            business,
            max_records: usize::MAX,
            absent: Absent::Default,
            fields: FixedField::KNOWN,
            door,
            collector,
            body_bytes,
            writer: TableWriter::for_body(body_bytes),
            event,
            shared: None,
            members: 0,
            guess: 0,
            seen: SeenNames::default(),
            no_object: None,
            skipped_object: false,
        }
    }

    /// Looks once more at the grammar of a text that had an object skipped: its keys were read as bytes, which
    /// lets through what no string may contain. A valid body pays for it only where `serde_json` hands over numbers as
    /// objects (`arbitrary_precision`).
    pub(super) fn settle(&self, text: &str, read: Result<(), SyntaxError>) -> Result<(), SyntaxError> {
        if self.skipped_object {
            read_text(text, PhantomData::<IgnoredAny>)?;
        }
        read
    }

    /// Takes note that an object is skipped, and tells how its text comes in.
    pub(super) fn begin_skipping(&mut self) -> Door {
        self.skipped_object |= self.door == Door::JsonText;
        self.door
    }

    /// Adds an extension that has been read, by the schema of an ordinal.
    pub(super) fn push(&mut self, schema: u32, rows: Rows) {
        let shared = self.shared.get_or_insert_with(|| Shared::new(Declared::Set(self.schemas.clone())));
        let extension = Extension::new(Arc::clone(shared), schema, rows);
        // No body has each of its extensions in fewer bytes than this and more than a few of them.
        self.event.push(extension, self.schemas.len().min(self.body_bytes / 64 + 1));
    }

    /// The event is complete, or here is all that is wrong with the body.
    pub(super) fn finish(
        &mut self,
        no_object: impl FnOnce(JsonType) -> SyntaxError,
    ) -> Result<(), ReadError> {
        if let Some(found) = self.no_object {
            return Err(ReadError::Syntax(no_object(found)));
        }
        if let Some(violations) = self.collector.take_violations() {
            return Err(ReadError::Invalid(violations));
        }
        if let Some(shared) = &self.shared {
            shared.finish(self.writer.finish());
        }
        Ok(())
    }
}

/// Reads JSON text from front to end.
pub(super) fn read_text<'de, S: DeserializeSeed<'de>>(
    text: &'de str,
    seed: S,
) -> Result<S::Value, SyntaxError> {
    let mut json = serde_json::Deserializer::from_str(text);
    let read = seed.deserialize(&mut json).and_then(|value| json.end().map(|()| value));
    read.map_err(|error| SyntaxError::of_json(text, &error))
}

/// The known names that one object has had.
#[derive(Debug, Default)]
pub(super) struct SeenNames {
    fields: u16,
    extensions: Columns,
    /// The ordinals of schemas beyond the first 256.
    more_extensions: BTreeSet<usize>,
}

impl SeenNames {
    /// `false` if the field was there.
    pub(super) fn insert_field(&mut self, field: FixedField) -> bool {
        let bit = 1 << field as u16;
        let new = self.fields & bit == 0;
        self.fields |= bit;
        new
    }

    /// `false` if the extension of this ordinal was there.
    pub(super) fn insert_extension(&mut self, ordinal: usize) -> bool {
        match u8::try_from(ordinal) {
            Ok(ordinal) => self.extensions.insert(ordinal),
            Err(_) => self.insert_later_extension(ordinal),
        }
    }

    #[cold]
    #[inline(never)]
    fn insert_later_extension(&mut self, ordinal: usize) -> bool {
        self.more_extensions.insert(ordinal)
    }
}
