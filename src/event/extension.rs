use std::fmt;
use std::sync::Arc;

use super::record::{Record, Records};
use super::table::{Table, TableWriter};
use crate::schema::{ExtensionSchema, Schemas};

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
///     .record(|record| { record.set("rating", 2).set("place", "Paris"); })
///     .record(|record| { record.set("rating", 8); })
///     .build()?;
/// let places: Vec<_> = satisfaction.iter().filter_map(|record| record.get("place")).collect();
/// assert_eq!(places, [Value::String("Paris"), Value::String("unknown")]);
/// # Ok::<(), service_end::Violations>(())
/// ```
#[derive(Clone)]
pub struct Extension {
    shared: Arc<Shared>,
    /// Where it begins in the table.
    begin: u32,
}

/// What the extensions of one event share.
#[derive(Debug)]
struct Shared {
    schemas: Declared,
    table: Table,
}

/// The schemas of some extensions. The extensions of a body share the registered set: threads that read at the same
/// time would hinder one another if each counted its use of each schema.
#[derive(Clone, Debug)]
pub(crate) enum Declared {
    Set(Schemas),
    /// In the order of the extensions.
    Some(Box<[ExtensionSchema]>),
    One(ExtensionSchema),
}

impl Declared {
    /// What is kept beside a table. A large set is not kept for the sake of a few extensions: where sets come and go,
    /// events are kept much longer than the sets that they were read with.
    fn kept_with(self, table: &mut Table, extensions: usize) -> Declared {
        match self {
            Declared::Set(schemas) if schemas.len() > 16 + 4 * extensions => {
                let ordinals = table.extensions().map(|begin| table.schema_ordinal(begin));
                let named = ordinals.map(|ordinal| schemas.nth(ordinal).clone()).collect();
                table.number_schemas();
                Declared::Some(named)
            }
            other => other,
        }
    }
}

impl Extension {
    /// The extensions of a finished table, by schemas of which it has the ordinals.
    pub(crate) fn all_of(writer: &mut TableWriter, schemas: Declared) -> Vec<Extension> {
        let (mut table, count) = writer.finish();
        let schemas = schemas.kept_with(&mut table, count);
        let mut all = Vec::with_capacity(count);
        let shared = Arc::new(Shared { schemas, table });
        for begin in shared.table.extensions() {
            all.push(Extension { shared: Arc::clone(&shared), begin });
        }
        all
    }

    /// Whether its table holds on to much more memory than it needs.
    pub(crate) fn has_spare_room(&self) -> bool {
        let table = &self.shared.table;
        table.has_spare_room(table.bytes())
    }

    /// The same extensions, for those who keep them for long: the others of their events are let go.
    pub(crate) fn without_spare_room(extensions: &[Extension]) -> Vec<Extension> {
        let of_one_table = extensions.chunk_by(|one, next| Arc::ptr_eq(&one.shared, &next.shared));
        of_one_table.flat_map(Extension::in_own_room).collect()
    }

    /// The same extensions, all of one table.
    fn in_own_room(extensions: &[Extension]) -> Vec<Extension> {
        let Some(Extension { shared, .. }) = extensions.first() else { return Vec::new() };
        let table = &shared.table;
        let needed = extensions.iter().map(|extension| table.bytes_of(extension.begin)).sum();
        if !table.has_spare_room(needed) {
            return extensions.to_vec();
        }
        if needed == table.bytes() {
            let schemas = shared.schemas.clone();
            let shared = Arc::new(Shared { schemas, table: table.without_spare_room() });
            let kept = |extension: &Extension| Extension { shared: Arc::clone(&shared), ..*extension };
            return extensions.iter().map(kept).collect();
        }
        let schemas: Box<[_]> = extensions.iter().map(Extension::schema).cloned().collect();
        let mut writer = TableWriter::new(table.absent(), needed, needed);
        for (ordinal, (extension, schema)) in (0..).zip(extensions.iter().zip(&schemas)) {
            writer.copy(ordinal, schema, table, extension.begin);
        }
        Extension::all_of(&mut writer, Declared::Some(schemas))
    }

    pub(super) fn begin(&self) -> u32 {
        self.begin
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
        serde_json::to_string(self)
            .unwrap_or_else(|_| unreachable!("names are texts, and numbers are finite"))
    }

    /// The schema through which it was made.
    pub fn schema(&self) -> &ExtensionSchema {
        match &self.shared.schemas {
            Declared::Set(schemas) => schemas.nth(self.schema_ordinal()),
            #[expect(clippy::indexing_slicing, reason = "there is one for each extension")]
            Declared::Some(schemas) => &schemas[self.schema_ordinal() as usize],
            Declared::One(schema) => schema,
        }
    }

    fn schema_ordinal(&self) -> u32 {
        self.shared.table.schema_ordinal(self.begin)
    }

    /// Whether its schema is registered, as it was when the extension was made. A host that takes schemas out while
    /// completions are under way asks this once more as it commits.
    ///
    /// ```
    /// use service_end::{AttributeSchema, Extension, ExtensionSchema, Schemas};
    /// let note = |attribute| {
    ///     ExtensionSchema::single_valued("Note").attribute(AttributeSchema::string(attribute)).build()
    /// };
    /// let note_of_text =
    ///     Extension::builder(&note("text")?).record(|record| { record.set("text", "hi"); }).build()?;
    /// assert!(note_of_text.is_declared_by(&Schemas::new().with(note("text")?).unwrap()));
    /// assert!(!note_of_text.is_declared_by(&Schemas::new().with(note("words")?).unwrap()));
    /// # Ok::<(), service_end::Violations>(())
    /// ```
    pub fn is_declared_by(&self, schemas: &Schemas) -> bool {
        match &self.shared.schemas {
            Declared::Set(mine) if mine.is_same_set(schemas) => true,
            _ => schemas.get(self.key()) == Some(self.schema()),
        }
    }

    /// How many records it has: always one for a single-valued extension.
    pub fn len(&self) -> usize {
        self.shared.table.record_count(self.begin)
    }

    /// Whether it has no record: an empty list, which clears what was recorded.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Its records, in the order given.
    pub fn records(&self) -> Records<'_> {
        Records::of(self.schema(), &self.shared.table, self.begin)
    }

    /// Its records, as [`Extension::records`] gives them.
    pub fn iter(&self) -> Records<'_> {
        self.records()
    }

    /// The record of a single-valued extension, the first of a multi-valued one.
    pub fn record(&self) -> Option<Record<'_>> {
        self.records().next()
    }
}

impl<'e> IntoIterator for &'e Extension {
    type Item = Record<'e>;
    type IntoIter = Records<'e>;

    fn into_iter(self) -> Records<'e> {
        self.records()
    }
}

impl PartialEq for Extension {
    fn eq(&self, other: &Self) -> bool {
        self.schema() == other.schema()
            && self.len() == other.len()
            && self.iter().zip(other).all(|(mine, theirs)| mine.has_values_of(&theirs))
    }
}

impl fmt::Debug for Extension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())?;
        f.write_str(" ")?;
        f.debug_list().entries(self).finish()
    }
}
