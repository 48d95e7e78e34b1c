//! The state of one pass over one body.

use std::collections::BTreeSet;
use std::marker::PhantomData;

use serde::de::{DeserializeSeed, IgnoredAny};

use super::error::ReadError;
use super::opened::{OpenLimits, Opened};
use super::watch::Watch;
use crate::event::{
    Absent, Declared, Extension, Extensions, SeenRecords, ServiceEndEvent, TableWriter, json_bytes,
    most_bytes_of_table, most_bytes_of_text,
};
use crate::schema::{BusinessAttributes, Columns, FixedField, Schemas};
use crate::violation::{Collector, JsonType, Known, SyntaxError};

/// How the body comes in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Door {
    /// JSON text of this many bytes, through `serde_json`.
    JsonText(usize),
    /// Some other `Deserializer`.
    Format,
}

/// The length that is assumed where none is known: buffers are made for a short body, and grow.
pub(super) const UNKNOWN_LENGTH: usize = 1024;

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
    pub(super) writer: TableWriter,
    /// Once there was an extension of which no two records may be equal.
    pub(super) seen_records: Option<SeenRecords>,
    /// The event in the making.
    pub(super) event: &'v mut ServiceEndEvent,
    /// How many members of the body were begun.
    pub(super) members: u32,
    pub(super) seen: SeenNames,
    /// What stands where the body's object is due.
    pub(super) no_object: Option<JsonType>,
    /// An object was skipped whose keys were read as bytes.
    skipped_object: bool,
    max_event_bytes: usize,
    /// How many bytes the defaults take at most, in the JSON of the event.
    pub(super) default_bytes: usize,
    /// Where the host has rules of its own.
    pub(super) watch: Option<Box<Watch<'v>>>,
    /// Once there was an extension under a name that needs no schema.
    pub(super) open: Option<Box<Opened>>,
    pub(super) open_limits: OpenLimits,
}

impl<'v> Pass<'v> {
    pub(super) fn new(
        event: &'v mut ServiceEndEvent,
        schemas: &'v Schemas,
        business: &'v BusinessAttributes,
        collector: Collector,
        door: Door,
        absent: Absent,
        max_event_bytes: usize,
    ) -> Self {
        let body_bytes = match door {
            Door::JsonText(bytes) => bytes,
            Door::Format => UNKNOWN_LENGTH,
        };
        Pass {
            schemas,
            business,
            max_records: usize::MAX,
            absent,
            fields: FixedField::KNOWN,
            door,
            collector,
            writer: TableWriter::new(absent, body_bytes, max_event_bytes),
            seen_records: None,
            event,
            members: 0,
            seen: SeenNames::default(),
            no_object: None,
            skipped_object: false,
            max_event_bytes,
            default_bytes: 0,
            watch: None,
            open: None,
            open_limits: OpenLimits::NONE,
        }
    }

    /// Looks once more at the grammar of a text that had an object skipped: its keys were read as bytes, which
    /// lets through what no string may contain. A valid body pays for it only where `serde_json` hands over numbers as
    /// objects (`arbitrary_precision`).
    pub(super) fn settle(&self, text: &str, read: Result<(), SyntaxError>) -> Result<(), ReadError> {
        if self.skipped_object {
            read_text(text, PhantomData::<IgnoredAny>).map_err(ReadError::Syntax)?;
        }
        read.map_err(|error| {
            let in_open = self.open.as_ref().and_then(|open| open.error_in(text));
            self.stopped(in_open.unwrap_or(error))
        })
    }

    /// Why reading stopped: it was too much, or there is an error in the text.
    pub(super) fn stopped(&self, error: SyntaxError) -> ReadError {
        if self.is_full() {
            return ReadError::EventTooLarge { limit: self.max_event_bytes };
        }
        ReadError::Syntax(error)
    }

    /// Whether what was read is by itself too much.
    pub(super) fn is_full(&self) -> bool {
        // With the braces around them, and without the last comma.
        let is_full = |open: &Opened| open.writer.json_bytes() >= self.max_event_bytes;
        self.writer.is_full() || self.open.as_deref().is_some_and(is_full)
    }

    /// Takes note that an object is skipped, and tells how its text comes in.
    pub(super) fn begin_skipping(&mut self) -> Door {
        self.skipped_object |= matches!(self.door, Door::JsonText(_));
        self.door
    }

    /// The event is complete, or here is all that is wrong with the body.
    pub(super) fn finish(
        &mut self,
        no_object: impl FnOnce(JsonType) -> SyntaxError,
    ) -> Result<(), ReadError> {
        self.finish_with(no_object, |schemas| Declared::Set(schemas.clone()))
    }

    /// The same, of extensions by certain schemas.
    pub(super) fn finish_with(
        &mut self,
        no_object: impl FnOnce(JsonType) -> SyntaxError,
        declared: impl FnOnce(&Schemas) -> Declared,
    ) -> Result<(), ReadError> {
        if let Some(found) = self.no_object {
            return Err(ReadError::Syntax(no_object(found)));
        }
        let (words, text) = self.writer.size();
        let watch = self.watch.take();
        // A rule may look at what is good in a body that has violations.
        if watch.is_none() {
            if let Some(violations) = self.collector.take_violations() {
                return Err(ReadError::Invalid(violations));
            }
        }
        if words > 0 {
            self.event.set_extensions(Extension::all_of(&mut self.writer, declared(self.schemas)));
        }
        let mut open_bytes = 0;
        if let Some(open) = &mut self.open {
            open_bytes = open.writer.json_bytes();
            let declared = self.event.take_extensions();
            self.event.set_extensions(Extensions::of(declared, &mut open.writer));
        }
        if let Some(watch) = watch {
            watch.finish(self.event, &mut self.collector)?;
            if let Some(violations) = self.collector.take_violations() {
                return Err(ReadError::Invalid(violations));
            }
        }
        self.look_at_size((words, text), open_bytes)
    }

    /// Counts how long the JSON of the event is, unless it can't be too long.
    fn look_at_size(&self, table: (usize, usize), open: usize) -> Result<(), ReadError> {
        let limit = self.max_event_bytes;
        let most = match self.door {
            Door::JsonText(bytes) => most_bytes_of_text(bytes),
            Door::Format => most_bytes_of_table(table).saturating_add(open),
        };
        if most.saturating_add(self.default_bytes) > limit && json_bytes(self.event) > limit {
            return Err(ReadError::EventTooLarge { limit });
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
            Err(_) => self.more_extensions.insert(ordinal),
        }
    }
}
