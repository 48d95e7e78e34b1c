//! The parts of an event that a rule reads.

use std::collections::{HashMap, HashSet};
use std::fmt;

use crate::event::{Extension, OpenExtension, ServiceEndEvent, Spelling};
use crate::schema::{ExtensionSchema, FixedField, Schemas};
use crate::value::Value;

/// Which parts a rule reads.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reads {
    fields: Vec<FixedField>,
    /// Each with its ordinal among the registered ones.
    extensions: Vec<(usize, ExtensionSchema)>,
    /// The names of those that need no schema.
    open: Vec<Box<str>>,
    /// Where an extension stands among those of its kind, by its name in lower case: a rule may read thousands.
    by_key: HashMap<String, usize>,
}

impl Reads {
    pub(super) fn add_field(&mut self, field: FixedField) {
        self.fields.push(field);
    }

    pub(super) fn add_extension(&mut self, ordinal: usize, schema: ExtensionSchema) {
        self.by_key.entry(schema.key().to_owned()).or_insert(self.extensions.len());
        self.extensions.push((ordinal, schema));
    }

    fn position(&self, name: &str) -> Option<usize> {
        self.by_key.get(&*name.to_ascii_lowercase()).copied()
    }

    pub(super) fn add_open(&mut self, name: &str) {
        self.by_key.entry(name.to_ascii_lowercase()).or_insert(self.open.len());
        self.open.push(name.into());
    }
}

/// An event, and which of its parts have violations.
#[derive(Debug)]
pub(crate) struct Content<'e> {
    event: &'e ServiceEndEvent,
    faulty: Faulty,
    /// Where an extension stands in the event, by the ordinal of its schema.
    positions: HashMap<usize, usize>,
    /// The open extensions of the event, by their keys.
    open: HashMap<&'e str, &'e OpenExtension>,
}

/// The parts that have violations.
#[derive(Debug, Default)]
pub(super) struct Faulty {
    pub(super) fields: HashSet<FixedField>,
    /// By the ordinals of their schemas.
    pub(super) extensions: HashSet<usize>,
    /// The keys of those that need no schema.
    pub(super) open: HashSet<String>,
}

impl Faulty {
    /// Adds a part by its name. What is no part of an event by these schemas is none that a rule could read.
    pub(super) fn add(&mut self, name: &str, schemas: &Schemas) {
        if let Some(field) = FixedField::of(name) {
            self.fields.insert(field);
        } else if let Some((ordinal, _)) = schemas.get_full(name) {
            self.extensions.insert(ordinal);
        } else {
            self.open.insert(name.to_ascii_lowercase());
        }
    }
}

impl<'e> Content<'e> {
    pub(super) fn new(
        event: &'e ServiceEndEvent,
        faulty: Faulty,
        ordinals: impl Iterator<Item = usize>,
    ) -> Self {
        let positions = ordinals.zip(0..).collect();
        let open = event.open_extensions().iter().map(|open| (open.key(), open)).collect();
        Content { event, faulty, positions, open }
    }

    /// Of an event whose extensions are told by their names.
    pub(super) fn by_names(event: &'e ServiceEndEvent, faulty: Faulty, schemas: &Schemas) -> Self {
        let named = event.extensions().iter().map(|extension| schemas.get_full(extension.name()));
        // What is not registered has been found, and is no part that a rule could read.
        let ordinals = named.map(|found| found.map_or(usize::MAX, |(ordinal, _)| ordinal));
        Content::new(event, faulty, ordinals)
    }

    /// Of a valid event, in parts of which something was found all the same.
    pub(crate) fn but_for(event: &'e ServiceEndEvent, names: &[&str], schemas: &Schemas) -> Self {
        let mut faulty = Faulty::default();
        for name in names {
            faulty.add(name, schemas);
        }
        Content::by_names(event, faulty, schemas)
    }

    /// What a rule sees, if none of it has violations.
    pub(crate) fn parts<'p>(&'p self, reads: &'p Reads) -> Option<Parts<'p>> {
        let is_faulty = reads.fields.iter().any(|field| self.faulty.fields.contains(field))
            || reads.extensions.iter().any(|(ordinal, _)| self.faulty.extensions.contains(ordinal))
            || reads.open.iter().any(|name| self.faulty.open.contains(&name.to_ascii_lowercase()));
        if is_faulty {
            return None;
        }
        let positions = reads.extensions.iter().map(|(ordinal, _)| self.positions.get(ordinal).copied());
        let open = reads.open.iter().map(|name| self.open.get(&*name.to_ascii_lowercase()).copied());
        Some(Parts { event: self.event, reads, positions: positions.collect(), open: open.collect() })
    }
}

/// The parts of an event that a rule declared to read, as they are in the event: without violations.
pub struct Parts<'e> {
    event: &'e ServiceEndEvent,
    reads: &'e Reads,
    /// Where each extension that is read stands in the event.
    positions: Vec<Option<usize>>,
    open: Vec<Option<&'e OpenExtension>>,
}

/// Which parts are there and are read, without what callers have sent.
impl fmt::Debug for Parts<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Parts").field("event", self.event).field("reads", self.reads).finish_non_exhaustive()
    }
}

/// An extension that a rule reads.
#[derive(Clone, Copy, Debug)]
pub(super) struct ExtensionPart<'e> {
    pub(super) schema: &'e ExtensionSchema,
    /// As it is in the event.
    pub(super) extension: Option<&'e Extension>,
    /// How the body spells its names, where that is known.
    pub(super) spelling: Option<&'e Spelling>,
}

impl<'e> Parts<'e> {
    /// The value of a fixed field. `None` where the event leaves it out, and for a field that the rule did not declare.
    pub fn field(&self, field: FixedField) -> Option<Value<'e>> {
        if !self.reads_field(field) {
            return None;
        }
        match field {
            FixedField::Timestamp => self.event.timestamp().map(Value::DateTime),
            FixedField::ServiceId => self.event.service_id().map(|id| Value::Long(id.0)),
            other => self.event.fields().get(other),
        }
    }

    /// The extension of a name, without regard to ASCII case. `None` where the event does not name it, and for one that
    /// the rule did not declare.
    pub fn extension(&self, name: &str) -> Option<&'e Extension> {
        self.part(name)?.extension
    }

    /// The open extension of a name, without regard to ASCII case. `None` where the event does not name it, and for one that
    /// the rule did not declare.
    pub fn open_extension(&self, name: &str) -> Option<&'e OpenExtension> {
        self.open_part(name)?.1
    }

    /// An open extension that the rule declared, with its name as the rule spells it.
    pub(super) fn open_part(&self, name: &str) -> Option<(&'e str, Option<&'e OpenExtension>)> {
        let at = self.reads.position(name)?;
        let declared = self.reads.open.get(at).filter(|declared| declared.eq_ignore_ascii_case(name))?;
        Some((declared, *self.open.get(at)?))
    }

    pub(super) fn reads_field(&self, field: FixedField) -> bool {
        self.reads.fields.contains(&field)
    }

    /// An extension that the rule declared.
    pub(super) fn part(&self, name: &str) -> Option<ExtensionPart<'e>> {
        let at = self.reads.position(name)?;
        let (_, schema) =
            self.reads.extensions.get(at).filter(|(_, schema)| schema.name().eq_ignore_ascii_case(name))?;
        let position = self.positions.get(at)?;
        let extension = position.and_then(|position| self.event.extensions().get(position));
        let spelling = position.and_then(|position| self.event.asked().spellings()?.nth(position));
        Some(ExtensionPart { schema, extension, spelling })
    }
}
