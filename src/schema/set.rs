use std::sync::Arc;

use indexmap::IndexMap;
use serde::ser::{Serialize, Serializer};

use super::extension::ExtensionSchema;
use crate::value::{Caseless, FoldedBuild, Name, same_name};
use crate::violation::Known;

/// The extension schemas that are registered: an immutable set, cheap to clone and to share.
///
/// Adding and removing make a new set, so a host can swap sets while requests run. Names are looked up without
/// regard to ASCII case.
///
/// ```
/// use service_end::Schemas;
/// let schemas = Schemas::from_json(r#"[ { "name": "Feedback", "type": "single-valued",
///     "attributes": [ { "name": "rating", "type": "integer" } ] } ]"#).unwrap();
/// let feedback = schemas.get("FEEDBACK").unwrap().clone();
/// assert_eq!(feedback.name(), "Feedback");
/// assert!(schemas.with(feedback).is_err(), "it exists already");
/// assert!(schemas.without("feedback").unwrap().is_empty());
/// assert_eq!(schemas.len(), 1, "sets never change");
/// ```
#[derive(Clone, Debug)]
pub struct Schemas(Arc<Registered>);

#[derive(Debug)]
struct Registered {
    by_name: IndexMap<Name, ExtensionSchema, FoldedBuild>,
    known: Known,
    /// The ordinals of those without which no service can end.
    required: Vec<usize>,
}

/// A schema of this name, without regard to case, is registered already.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a schema named `{name}` exists already")]
pub struct SchemaExists {
    name: Box<str>,
}

impl SchemaExists {
    /// The name, as the registered schema spells it.
    pub fn name(&self) -> &str {
        &self.name
    }
}

/// No schema of this name is registered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no schema of this name is registered")]
#[non_exhaustive]
pub struct SchemaNotFound;

/// How a name was found in the set.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lookup<'s> {
    pub(crate) ordinal: usize,
    pub(crate) schema: &'s ExtensionSchema,
    /// Whether the name differs from the declared one, if only in its case.
    pub(crate) respelled: bool,
}

impl Schemas {
    /// The empty set.
    pub fn new() -> Self {
        Schemas::of(IndexMap::default())
    }

    pub(super) fn of(by_name: IndexMap<Name, ExtensionSchema, FoldedBuild>) -> Self {
        let known = Known::declared(by_name.values().map(ExtensionSchema::shared_name));
        let required = (0..).zip(by_name.values()).filter(|(_, schema)| schema.is_required());
        let required = required.map(|(ordinal, _)| ordinal).collect();
        Schemas(Arc::new(Registered { by_name, known, required }))
    }

    /// The set of these schemas, in this order.
    ///
    /// # Errors
    /// [`SchemaExists`] if a name occurs twice.
    pub fn try_from_iter(schemas: impl IntoIterator<Item = ExtensionSchema>) -> Result<Self, SchemaExists> {
        let mut by_name = IndexMap::default();
        for schema in schemas {
            if let Some(taken) = by_name.insert(Name(schema.shared_name()), schema) {
                return Err(SchemaExists { name: taken.name().into() });
            }
        }
        Ok(Schemas::of(by_name))
    }

    /// The set with one schema more.
    ///
    /// # Errors
    /// [`SchemaExists`] if the name is taken.
    pub fn with(&self, schema: ExtensionSchema) -> Result<Self, SchemaExists> {
        if let Some(taken) = self.get(schema.name()) {
            return Err(SchemaExists { name: taken.name().into() });
        }
        let mut by_name = self.0.by_name.clone();
        by_name.insert(Name(schema.shared_name()), schema);
        Ok(Schemas::of(by_name))
    }

    /// The set without the schema of a name.
    ///
    /// # Errors
    /// [`SchemaNotFound`] if there is none.
    pub fn without(&self, name: &str) -> Result<Self, SchemaNotFound> {
        let mut by_name = self.0.by_name.clone();
        by_name.shift_remove(&Caseless(name)).ok_or(SchemaNotFound)?;
        Ok(Schemas::of(by_name))
    }

    /// The set with another schema in the place of the one of its name, if there is one.
    pub(super) fn exchange(&self, schema: ExtensionSchema) -> Option<Self> {
        let mut by_name = self.0.by_name.clone();
        let ordinal = by_name.get_index_of(&Caseless(schema.name()))?;
        by_name.shift_remove_index(ordinal);
        by_name.shift_insert(ordinal, Name(schema.shared_name()), schema);
        Some(Schemas::of(by_name))
    }

    /// The schema of a name.
    pub fn get(&self, name: &str) -> Option<&ExtensionSchema> {
        self.0.by_name.get(&Caseless(name))
    }

    /// The schemas, in the order registered.
    pub fn iter(&self) -> SchemasIter<'_> {
        SchemasIter(self.0.by_name.values())
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.by_name.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.by_name.is_empty()
    }

    /// Looks a name up, first where the caller guesses it to be.
    pub(crate) fn lookup(&self, name: &str, guess: usize) -> Option<Lookup<'_>> {
        match self.0.by_name.get_index(guess) {
            Some((Name(expected), schema)) if same_name(expected, name) => {
                Some(Lookup { ordinal: guess, schema, respelled: false })
            }
            _ => {
                let (ordinal, Name(declared), schema) = self.0.by_name.get_full(&Caseless(name))?;
                Some(Lookup { ordinal, schema, respelled: !same_name(declared, name) })
            }
        }
    }

    /// The schema of an ordinal that a look-up in this set, or in a clone of it, gave.
    pub(crate) fn nth(&self, ordinal: u32) -> &ExtensionSchema {
        #[expect(clippy::indexing_slicing, reason = "sets never change")]
        &self.0.by_name[ordinal as usize]
    }

    /// Those without which no service can end, in the order registered.
    pub(crate) fn required(&self) -> impl ExactSizeIterator<Item = &ExtensionSchema> {
        #[expect(clippy::indexing_slicing, reason = "sets never change")]
        self.0.required.iter().map(|ordinal| &self.0.by_name[*ordinal])
    }

    /// Whether the other is this set or a clone of it.
    pub(crate) fn is_same_set(&self, other: &Schemas) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    pub(crate) fn known(&self) -> &Known {
        &self.0.known
    }
}

impl<'s> IntoIterator for &'s Schemas {
    type Item = &'s ExtensionSchema;
    type IntoIter = SchemasIter<'s>;

    fn into_iter(self) -> SchemasIter<'s> {
        self.iter()
    }
}

/// The schemas of a set, in the order registered.
#[derive(Clone, Debug)]
pub struct SchemasIter<'s>(indexmap::map::Values<'s, Name, ExtensionSchema>);

impl<'s> Iterator for SchemasIter<'s> {
    type Item = &'s ExtensionSchema;

    fn next(&mut self) -> Option<&'s ExtensionSchema> {
        self.0.next()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl ExactSizeIterator for SchemasIter<'_> {}

impl Default for Schemas {
    fn default() -> Self {
        Schemas::new()
    }
}

/// Equal if they hold equal schemas, in whatever order.
impl PartialEq for Schemas {
    fn eq(&self, other: &Self) -> bool {
        self.is_same_set(other)
            || (self.len() == other.len()
                && self.iter().all(|schema| other.get(schema.name()) == Some(schema)))
    }
}

/// A JSON array of schemas in canonical form.
impl Serialize for Schemas {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}
