//! What was made under one version of a schema, as another version has it.

use serde_json::value::RawValue;

use super::extension::Extension;
use super::extension_builder::ExtensionBuilder;
use super::table::Absent;
use crate::schema::node::Node;
use crate::schema::{ExtensionSchema, ExtensionType};
use crate::value::Scalar;
use crate::violation::{Collector, JsonType, Pointer, Violation, ViolationKind, Violations};

/// An extension as another version of its schema has it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Migrated {
    /// The extension.
    pub extension: Extension,
    /// What was dropped, and why: each attribute of each record. Nothing, unless that was allowed.
    pub dropped: Vec<Violation>,
}

/// Whether what can't be carried may be dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Loss {
    Refused,
    Allowed,
}

impl Extension {
    /// The extension as another version of its schema has it. Pure; nothing is dropped.
    ///
    /// - A value is carried if it reads as the same value, numbers by value: an `integer` as a `long`, a `double` or a
    ///   `currency`, a `date` as a `string`.
    /// - A record that lacks a mandatory value is given the default. It stays without a value that is optional.
    /// - A single record turns into a list of one, and a list of one into a single record.
    ///
    /// ```
    /// use service_end::{AttributeSchema, Extension, ExtensionSchema, Value};
    /// let old = ExtensionSchema::single_valued("Note").attribute(AttributeSchema::integer("rating")).build()?;
    /// let new = ExtensionSchema::multi_valued("Note")
    ///     .attribute(AttributeSchema::long("rating"))
    ///     .attribute(AttributeSchema::string("channel").mandatory().default("phone"))
    ///     .build()?;
    /// let note = Extension::builder(&old).record(|record| { record.set("rating", 7); }).build()?;
    /// let migrated = note.migrate(&new)?;
    /// assert_eq!(migrated.to_json(), r#"[{"rating":7,"channel":"phone"}]"#);
    /// # Ok::<(), service_end::Violations>(())
    /// ```
    ///
    /// # Errors
    /// Everything that can't be carried, with pointers as into the body of an event.
    pub fn migrate(&self, schema: &ExtensionSchema) -> Result<Extension, Violations> {
        self.migrate_into(schema, Collector::unlimited())
    }

    /// The same, with no more violations than a collector keeps.
    pub(crate) fn migrate_into(
        &self,
        schema: &ExtensionSchema,
        found: Collector,
    ) -> Result<Extension, Violations> {
        if self.schema() == schema {
            return Ok(self.clone());
        }
        carry(&self.to_json(), schema, Loss::Refused, found).map(|migrated| migrated.extension)
    }

    /// The same, but attributes that are gone are dropped, and so are values that an optional attribute does not take.
    /// What was dropped is told.
    ///
    /// # Errors
    /// Everything that can't be carried and is not one of these.
    pub fn migrate_dropping(&self, schema: &ExtensionSchema) -> Result<Migrated, Violations> {
        migrate(&self.to_json(), schema, Loss::Allowed)
    }
}

/// Carries the stored JSON of an extension to a schema.
pub(crate) fn migrate(json: &str, schema: &ExtensionSchema, loss: Loss) -> Result<Migrated, Violations> {
    carry(json, schema, loss, Collector::unlimited())
}

fn carry(json: &str, schema: &ExtensionSchema, loss: Loss, found: Collector) -> Result<Migrated, Violations> {
    let whole = |kind| Violations::one(Pointer::to(schema.name()), kind);
    let expected = match schema.extension_type() {
        ExtensionType::SingleValued => JsonType::Object,
        ExtensionType::MultiValued => JsonType::Array,
    };
    let wrong_shape = |found| whole(ViolationKind::WrongShape { expected, found });
    let is_list = json.trim_ascii_start().starts_with('[');
    // Each record is read by itself: all at once would take many times the memory of the text.
    let records: Vec<&RawValue> =
        if is_list { serde_json::from_str(json) } else { serde_json::from_str(json).map(|one| vec![one]) }
            .map_err(|_| wrong_shape(JsonType::Other))?;
    if is_list && expected == JsonType::Object && records.len() != 1 {
        return Err(whole(ViolationKind::RecordCount { found: records.len() }));
    }
    let mut builder = ExtensionBuilder::new(schema, Absent::DefaultIfMandatory);
    builder.found = found;
    let mut migration = Migration { builder, loss, dropped: Vec::new() };
    for record in records {
        let record = Node::parse(record.get().as_bytes()).map_err(|_| wrong_shape(JsonType::Other))?;
        let found = record.json_type();
        if !is_list && found != JsonType::Object {
            return Err(wrong_shape(found));
        }
        migration.record(schema, &record);
    }
    let Migration { builder, dropped, .. } = migration;
    Ok(Migrated { extension: builder.made()?, dropped })
}

struct Migration {
    builder: ExtensionBuilder,
    loss: Loss,
    dropped: Vec<Violation>,
}

impl Migration {
    fn record(&mut self, schema: &ExtensionSchema, record: &Node) {
        let ordinal = self.builder.assembler.elements();
        self.builder.assembler.next_element();
        let Node::Object(members) = record else {
            let ExtensionBuilder { assembler, found, .. } = &mut self.builder;
            return assembler.wrong_element(record.json_type(), found);
        };
        self.builder.open();
        for (name, value) in members {
            let pointer = || {
                let extension = Pointer::to(schema.name());
                match schema.extension_type() {
                    ExtensionType::SingleValued => extension.name(name),
                    ExtensionType::MultiValued => extension.index(ordinal).name(name),
                }
            };
            let misfit = misfit(schema, name, value);
            let may_be_dropped = schema.attribute(name).is_none_or(|attribute| !attribute.is_mandatory());
            match misfit {
                Some(kind) if self.loss == Loss::Allowed && may_be_dropped => {
                    self.dropped.push(Violation::new(pointer(), None, kind));
                    if schema.attribute(name).is_some() {
                        self.member(name, &Node::Null, None);
                    }
                }
                _ => self.member(name, value, misfit.map(|kind| Violation::new(pointer(), None, kind))),
            }
        }
        self.builder.close();
    }

    /// Adds a member of the record, or the reason why it can't be carried.
    fn member(&mut self, name: &str, value: &Node, misfit: Option<Violation>) {
        let ExtensionBuilder { assembler, writer, found } = &mut self.builder;
        let Some(column) = assembler.attribute(name, found) else { return };
        match (misfit, value.scalar()) {
            (Some(violation), _) => assembler.unfit(column, violation, found),
            (None, Ok(scalar)) => assembler.scalar(column, scalar, writer, found),
            (None, Err(container)) => assembler.container(column, container, found),
        }
    }
}

/// What keeps a member out of a record.
fn misfit(schema: &ExtensionSchema, name: &str, value: &Node) -> Option<ViolationKind> {
    let Some(attribute) = schema.attribute(name) else {
        return Some(ViolationKind::UnknownAttribute {
            extension: schema.shared_name(),
            known: schema.known().clone(),
        });
    };
    match value.scalar() {
        Ok(Scalar::Null) => None,
        Ok(scalar) => attribute.carry(scalar).err(),
        Err(container) => Some(attribute.attribute_type().wrong_type(container)),
    }
}
