use std::fmt;
use std::sync::{Arc, OnceLock};

use super::assemble::{Absent, Assembler, RecordBuilder};
use super::table::{Cell, Cells, Table, TableWriter};
use crate::schema::{AttributeSchema, ExtensionSchema, ExtensionType, Schemas};
use crate::value::Value;
use crate::violation::{Collector, Pointer, Violation, ViolationKind, Violations};

/// Named data attached to a service: one record, or a list of records, of a declared shape.
///
/// It is valid by construction, since it is made only through its schema: out of a body by a
/// [`Validator`](crate::Validator), or in Rust by [`Extension::builder`]. Defaults were applied when it was made.
/// Two extensions are equal if their schemas are and their records have equal values in the same order.
///
/// Owned, immutable and cheap to clone: the extensions of one body share one packed table.
///
/// ```
/// use service_end::{AttributeSchema, Extension, ExtensionSchema, Value};
/// let schema = ExtensionSchema::multi_valued("Satisfaction")
///     .attribute(AttributeSchema::integer("rating").mandatory())
///     .attribute(AttributeSchema::string("place").default("unknown"))
///     .build()?;
/// let satisfaction = Extension::builder(&schema)
///     .record(|record| record.set("rating", 2).set("place", "Paris"))
///     .record(|record| record.set("rating", 8))
///     .build()?;
/// let places: Vec<_> = satisfaction.records().filter_map(|record| record.get("place")).collect();
/// assert_eq!(places, [Value::String("Paris"), Value::String("unknown")]);
/// # Ok::<(), service_end::Violations>(())
/// ```
#[derive(Clone)]
pub struct Extension {
    shared: Arc<Shared>,
    /// The ordinal of its schema.
    schema: u32,
    rows: Rows,
}

/// What the extensions of one event share.
#[derive(Debug)]
pub(crate) struct Shared {
    schemas: Declared,
    /// Nothing until the table of all extensions is complete.
    table: OnceLock<Table>,
}

/// The schemas of some extensions. The extensions of a body share the registered set: threads that read at the same
/// time would hinder one another if each counted its use of each schema.
#[derive(Clone, Debug)]
pub(crate) enum Declared {
    Set(Schemas),
    One(ExtensionSchema),
}

/// The records of an extension: where in the table they stand, and how many they are.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rows {
    pub(super) from: u32,
    pub(super) to: u32,
    pub(super) records: u32,
}

impl Shared {
    pub(crate) fn new(schemas: Declared) -> Arc<Self> {
        Arc::new(Shared { schemas, table: OnceLock::new() })
    }

    /// The table is complete.
    pub(crate) fn finish(&self, table: Table) {
        // It is made once, by whoever made this.
        let _ = self.table.set(table);
    }

    fn without_spare_room(&self) -> Self {
        let table = self.table.get().map(Table::without_spare_room);
        Shared { schemas: self.schemas.clone(), table: table.map(OnceLock::from).unwrap_or_default() }
    }

    fn schema(&self, ordinal: u32) -> &ExtensionSchema {
        match &self.schemas {
            Declared::Set(schemas) => schemas.nth(ordinal),
            Declared::One(schema) => schema,
        }
    }
}

impl Extension {
    /// Starts to make an extension in Rust, record by record.
    pub fn builder(schema: &ExtensionSchema) -> ExtensionBuilder {
        ExtensionBuilder {
            assembler: Assembler::new(schema.clone(), 0, Absent::Default),
            writer: TableWriter::default(),
            found: Collector::unlimited(),
        }
    }

    /// An extension whose schema and records the others of its event share. The table may be finished later.
    pub(crate) fn new(shared: Arc<Shared>, schema: u32, rows: Rows) -> Self {
        Extension { shared, schema, rows }
    }

    /// Whether it holds on to much more memory than it needs.
    pub(crate) fn has_spare_room(&self) -> bool {
        self.shared.table.get().is_some_and(Table::has_spare_room)
    }

    /// The same extensions, for those who keep them for long.
    pub(crate) fn without_spare_room(extensions: &[Extension]) -> impl Iterator<Item = Extension> {
        let mut last: Option<(&Arc<Shared>, Arc<Shared>)> = None;
        extensions.iter().map(move |Extension { shared, schema, rows }| {
            let kept = match &last {
                Some((known, kept)) if Arc::ptr_eq(known, shared) => Arc::clone(kept),
                _ => Arc::new(shared.without_spare_room()),
            };
            last = Some((shared, Arc::clone(&kept)));
            Extension { shared: kept, schema: *schema, rows: *rows }
        })
    }

    /// Its name, as the schema spells it.
    pub fn name(&self) -> &str {
        self.schema().name()
    }

    /// Its name in lower case, under which stores keep it.
    pub fn key(&self) -> &str {
        self.schema().key()
    }

    /// Its canonical JSON, as stores keep it: an object, or an array of objects, each with its attributes in
    /// schema order and without those that have no value.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// The schema through which it was made.
    pub fn schema(&self) -> &ExtensionSchema {
        self.shared.schema(self.schema)
    }

    /// Whether its schema is registered, as it was when the extension was made. A host that takes schemas out while
    /// completions are under way asks this once more as it commits.
    ///
    /// ```
    /// use service_end::{AttributeSchema, Extension, ExtensionSchema, Schemas};
    /// let note = |attribute| {
    ///     ExtensionSchema::single_valued("Note").attribute(AttributeSchema::string(attribute)).build()
    /// };
    /// let note_of_text = Extension::builder(&note("text")?).record(|record| record.set("text", "hi")).build()?;
    /// assert!(note_of_text.is_declared_by(&Schemas::new().with(note("text")?).unwrap()));
    /// assert!(!note_of_text.is_declared_by(&Schemas::new().with(note("words")?).unwrap()));
    /// # Ok::<(), service_end::Violations>(())
    /// ```
    pub fn is_declared_by(&self, schemas: &Schemas) -> bool {
        match &self.shared.schemas {
            Declared::Set(mine) if mine.is_same_set(schemas) => true,
            _ => self.is_declared_alike_by(schemas),
        }
    }

    #[cold]
    #[inline(never)]
    fn is_declared_alike_by(&self, schemas: &Schemas) -> bool {
        schemas.get(self.key()) == Some(self.schema())
    }

    /// How many records it has: always one for a single-valued extension.
    pub fn len(&self) -> usize {
        self.rows.records as usize
    }

    /// Whether it has no record: an empty list, which clears what was recorded.
    pub fn is_empty(&self) -> bool {
        self.rows.records == 0
    }

    /// Its records, in the order given.
    pub fn records(&self) -> Records<'_> {
        let table = self.shared.table.get();
        let rest = table.map_or(&[][..], |table| table.words(self.rows.from, self.rows.to));
        Records { schema: self.schema(), rest, text: table.map_or("", Table::text), left: self.len() }
    }

    /// The record of a single-valued extension, the first of a multi-valued one.
    pub fn record(&self) -> Option<Record<'_>> {
        self.records().next()
    }
}

impl PartialEq for Extension {
    fn eq(&self, other: &Self) -> bool {
        self.schema() == other.schema()
            && self.len() == other.len()
            && self.records().zip(other.records()).all(|(mine, theirs)| mine.iter().eq(theirs.iter()))
    }
}

impl fmt::Debug for Extension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())?;
        f.write_str(" ")?;
        f.debug_list().entries(self.records()).finish()
    }
}

/// The records of an extension, in the order given.
#[derive(Clone, Debug)]
pub struct Records<'e> {
    schema: &'e ExtensionSchema,
    rest: &'e [u32],
    text: &'e str,
    left: usize,
}

impl<'e> Iterator for Records<'e> {
    type Item = Record<'e>;

    fn next(&mut self) -> Option<Record<'e>> {
        let (cells, rest) = Cells::split_first(self.rest, self.text)?;
        self.rest = rest;
        self.left = self.left.saturating_sub(1);
        Some(Record { schema: self.schema, cells })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl ExactSizeIterator for Records<'_> {}

/// One record of an extension.
#[derive(Clone, Copy)]
pub struct Record<'e> {
    schema: &'e ExtensionSchema,
    cells: Cells<'e>,
}

impl<'e> Record<'e> {
    /// The value of an attribute, its default included. `None` where the record has no value for it, and for a
    /// name that the schema lacks. Names are the same in any case of letters.
    pub fn get(&self, attribute: &str) -> Option<Value<'e>> {
        effective(self.schema, self.cells, self.schema.column(attribute, 0)?.column)
    }

    /// The attributes that have a value, in schema order.
    pub fn iter(&self) -> impl Iterator<Item = (&'e str, Value<'e>)> + use<'e> {
        self.walk().filter_map(|(attribute, value)| Some((attribute.name(), value?)))
    }

    /// What the record says in schema order: values, and where a default was turned down by `null`.
    pub(super) fn walk(&self) -> impl Iterator<Item = (&'e AttributeSchema, Option<Value<'e>>)> + use<'e> {
        let Record { schema, cells } = *self;
        let mut defaults = schema.defaults().iter().copied().peekable();
        let mut n = 0;
        std::iter::from_fn(move || {
            // Of the next cell and the next default, whichever column comes first; for the same one, the cell.
            let cell = cells.column(n);
            let default = defaults.peek().copied();
            let column = match (cell, default) {
                (None, None) => return None,
                (Some(cell), Some(default)) => cell.min(default),
                (Some(only), None) | (None, Some(only)) => only,
            };
            if default == Some(column) {
                defaults.next();
            }
            let attribute = schema.at(column)?;
            if cell != Some(column) {
                return Some((attribute, attribute.default()));
            }
            let said = cells.cell(n, schema)?;
            n += 1;
            Some((attribute, if let Cell::Value(value) = said { Some(value) } else { None }))
        })
    }
}

impl PartialEq for Record<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.schema == other.schema && self.iter().eq(other.iter())
    }
}

impl fmt::Debug for Record<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

/// The value that a record has for a column: its own, or the default.
pub(super) fn effective<'e>(schema: &'e ExtensionSchema, cells: Cells<'e>, column: u8) -> Option<Value<'e>> {
    match cells.find(column, schema) {
        Some(Cell::Value(value)) => Some(value),
        Some(Cell::NoValue) => None,
        None => schema.at(column)?.default(),
    }
}

/// An extension in the making, in Rust. It follows the rules that a body follows.
#[derive(Debug)]
#[must_use]
pub struct ExtensionBuilder {
    assembler: Assembler<ExtensionSchema>,
    writer: TableWriter,
    found: Collector,
}

impl ExtensionBuilder {
    /// Adds a record, which the closure fills and hands back: `|record| record.set("rating", 2)`, or in a block that
    /// ends with `record`.
    pub fn record(
        mut self,
        fill: impl for<'r, 'b> FnOnce(&'r mut RecordBuilder<'b>) -> &'r mut RecordBuilder<'b>,
    ) -> Self {
        self.assembler.next_element();
        self.assembler.open(&mut self.writer);
        fill(&mut RecordBuilder::new(&mut self.assembler, &mut self.writer, &mut self.found));
        self.assembler.close(&mut self.writer, &mut self.found);
        self
    }

    /// The extension.
    ///
    /// # Errors
    /// Every violation in its records, with pointers as into the body of an event. A single-valued extension
    /// must have one record, `wrong_shape` otherwise.
    pub fn build(mut self) -> Result<Extension, Violations> {
        let schema = self.assembler.schema();
        let shared = Shared::new(Declared::One(schema.clone()));
        let extension = Extension::new(Arc::clone(&shared), 0, self.assembler.rows(&self.writer));
        if schema.extension_type() == ExtensionType::SingleValued && extension.len() != 1 {
            self.found.push(|| {
                let kind = ViolationKind::RecordCount { found: extension.len() };
                Violation::new(Pointer::to(schema.name()), None, kind)
            });
        }
        shared.finish(self.writer.finish());
        // There is no text in which a place could be looked for.
        self.found.finish(extension).map_err(Violations::without_places)
    }
}
