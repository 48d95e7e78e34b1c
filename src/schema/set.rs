use std::iter::Chain;
use std::sync::{Arc, OnceLock};

use indexmap::IndexMap;
use serde::ser::{Serialize, Serializer};

use super::extension::ExtensionSchema;
use super::open_names::OpenNames;
use crate::value::{Caseless, FoldedBuild, Name};
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
#[must_use = "a set never changes; what adds to it gives another"]
pub struct Schemas(Arc<Registered>);

/// In two parts, of which a set with one schema more shares the first: hosts register thousands one by one, and copying
/// all of them each time took 0.6 s for 4,000.
#[derive(Debug)]
struct Registered {
    most: Arc<ByName>,
    /// Those that came last: never more than the square root of all.
    last: ByName,
    /// Their names, once one is asked for that is not among them.
    known: OnceLock<Known>,
    /// Those without which no service can end, in the order registered.
    required: Arc<[ExtensionSchema]>,
    /// Those that need no schema.
    open: OpenNames,
}

pub(super) type ByName = IndexMap<Name, ExtensionSchema, FoldedBuild>;

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

impl Schemas {
    /// The empty set.
    pub fn new() -> Self {
        Schemas::of(IndexMap::default())
    }

    pub(super) fn of(by_name: ByName) -> Self {
        let required = by_name.values().filter(|schema| schema.is_required()).cloned().collect();
        Schemas::from_parts(Arc::new(by_name), ByName::default(), required, OpenNames::none())
    }

    fn from_parts(
        most: Arc<ByName>,
        last: ByName,
        required: Arc<[ExtensionSchema]>,
        open: OpenNames,
    ) -> Self {
        Schemas(Arc::new(Registered { most, last, known: OnceLock::new(), required, open }))
    }

    /// The set of other schemas, with the same names open.
    pub(super) fn others(&self, schemas: impl Iterator<Item = ExtensionSchema>) -> Self {
        Schemas::of(schemas.map(entry).collect()).with_open(self.open_names().clone())
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
        let Registered { most, last, required, open, .. } = &*self.0;
        if last.len() * last.len() >= most.len() {
            return Ok(self.others(self.iter().cloned().chain([schema])));
        }
        let required = if schema.is_required() {
            required.iter().chain([&schema]).cloned().collect()
        } else {
            Arc::clone(required)
        };
        let last = last.values().cloned().chain([schema]).map(entry).collect();
        Ok(Schemas::from_parts(Arc::clone(most), last, required, open.clone()))
    }

    /// The set without the schema of a name.
    ///
    /// # Errors
    /// [`SchemaNotFound`] if there is none.
    pub fn without(&self, name: &str) -> Result<Self, SchemaNotFound> {
        let removed = self.get(name).ok_or(SchemaNotFound)?;
        let others = self.iter().filter(|schema| schema.key() != removed.key());
        Ok(self.others(others.cloned()))
    }

    /// The set with names under which an extension needs no schema, in place of those it had. The sets that are made of it
    /// have them too.
    ///
    /// ```
    /// use service_end::schema::OpenNames;
    /// use service_end::{Schemas, Validator};
    /// let schemas = Schemas::new().with_open(OpenNames::listed(["Case"])?);
    /// let event = Validator::new(schemas).read(br#"{ "Case": { "steps": [1, 2.50] } }"#).unwrap();
    /// assert_eq!(event.open_extension("case").unwrap().json(), r#"{"steps":[1,2.50]}"#);
    /// # Ok::<(), service_end::schema::OpenNameError>(())
    /// ```
    pub fn with_open(&self, names: OpenNames) -> Self {
        let Registered { most, last, required, .. } = &*self.0;
        Schemas::from_parts(Arc::clone(most), last.clone(), Arc::clone(required), names)
    }

    /// The names under which an extension needs no schema, unless it has one.
    pub fn open_names(&self) -> &OpenNames {
        &self.0.open
    }

    /// Whether an extension of this name is taken as it is: it has no schema and needs none.
    pub fn is_open(&self, name: &str) -> bool {
        self.0.open.includes(name) && self.get(name).is_none()
    }

    /// The schema of a name.
    pub fn get(&self, name: &str) -> Option<&ExtensionSchema> {
        self.get_full(name).map(|(_, schema)| schema)
    }

    /// The schemas, in the order registered.
    pub fn iter(&self) -> SchemasIter<'_> {
        SchemasIter(self.0.most.values().chain(self.0.last.values()))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.most.len() + self.0.last.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The schema of a name, with its ordinal.
    pub(crate) fn get_full(&self, name: &str) -> Option<(usize, &ExtensionSchema)> {
        let Registered { most, last, .. } = &*self.0;
        let among_most = most.get_full(&Caseless(name)).map(|(ordinal, _, schema)| (ordinal, schema));
        among_most.or_else(|| {
            let (ordinal, _, schema) = last.get_full(&Caseless(name))?;
            Some((most.len() + ordinal, schema))
        })
    }

    /// The schema of an ordinal that a look-up in this set, or in a clone of it, gave.
    pub(crate) fn nth(&self, ordinal: u32) -> &ExtensionSchema {
        let Registered { most, last, .. } = &*self.0;
        let ordinal = ordinal as usize;
        match most.get_index(ordinal).or_else(|| last.get_index(ordinal.checked_sub(most.len())?)) {
            Some((_, schema)) => schema,
            None => unreachable!("sets never change"),
        }
    }

    /// Those without which no service can end, in the order registered.
    pub(crate) fn required(&self) -> &Arc<[ExtensionSchema]> {
        &self.0.required
    }

    /// Whether the other is this set or a clone of it.
    pub(crate) fn is_same_set(&self, other: &Schemas) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    pub(crate) fn known(&self) -> &Known {
        self.0.known.get_or_init(|| {
            let open = self.open_names().shared().filter(|Name(name)| self.get(name).is_none());
            let open = open.map(|Name(name)| Arc::clone(name));
            Known::declared(self.iter().map(ExtensionSchema::shared_name).chain(open))
        })
    }
}

fn entry(schema: ExtensionSchema) -> (Name, ExtensionSchema) {
    (Name(schema.shared_name()), schema)
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
pub struct SchemasIter<'s>(Chain<Values<'s>, Values<'s>>);

type Values<'s> = indexmap::map::Values<'s, Name, ExtensionSchema>;

impl<'s> Iterator for SchemasIter<'s> {
    type Item = &'s ExtensionSchema;

    fn next(&mut self) -> Option<&'s ExtensionSchema> {
        self.0.next()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

/// There are never so many that their number does not fit.
impl ExactSizeIterator for SchemasIter<'_> {}

impl Default for Schemas {
    fn default() -> Self {
        Schemas::new()
    }
}

/// Equal if they hold equal schemas, in whatever order, and the same names are open.
impl PartialEq for Schemas {
    fn eq(&self, other: &Self) -> bool {
        self.is_same_set(other)
            || (self.len() == other.len()
                && self.open_names() == other.open_names()
                && self.iter().all(|schema| other.get(schema.name()) == Some(schema)))
    }
}

/// A JSON array of schemas in canonical form. Names that are open are none of them.
impl Serialize for Schemas {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}
