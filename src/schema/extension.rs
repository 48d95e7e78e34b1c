use std::sync::Arc;

use indexmap::IndexMap;
use serde::ser::{Serialize, SerializeMap, Serializer};

use super::attribute::AttributeSchema;
use super::columns::Columns;
use super::error::ParseNameError;
use crate::value::{Caseless, FoldedBuild, Name, named, same_name};
use crate::violation::Known;

named! {
    /// Whether an extension is one record or a list of records (documented by the original).
    pub enum ExtensionType {
        /// One record: a JSON object.
        SingleValued = "single-valued",
        /// A list of records: a JSON array of objects.
        MultiValued = "multi-valued",
    }

    /// Both.
    ALL;

    /// Its name in a schema.
    fn as_str;

    "a type of extension" compared with eq,
    or else ParseNameError = ParseNameError(Known::fixed(Self::NAMES));
}

/// What a host declares before an extension may be used: its name, its shape and its attributes.
///
/// It never changes once made; schemas are equal by content. Cheap to clone: the content is shared.
///
/// ```
/// use service_end::{AttributeSchema, ExtensionSchema};
/// let satisfaction = ExtensionSchema::multi_valued("Satisfaction")
///     .attribute(AttributeSchema::integer("rating").mandatory())
///     .attribute(AttributeSchema::string("place").length(64).default("unknown"))
///     .unique(["place"])
///     .build()
///     .unwrap();
/// let same = ExtensionSchema::from_json(r#"{
///     "name": "Satisfaction", "type": "multi-valued",
///     "attributes": [ { "name": "rating", "type": "integer", "mandatory": true },
///                     { "name": "place", "type": "string", "length": 64, "default": "unknown" } ],
///     "unique": ["place"] }"#);
/// assert_eq!(same, Ok(satisfaction));
/// ```
#[derive(Clone, Debug)]
pub struct ExtensionSchema(Arc<Compiled>);

/// The declaration, and what the engine needs at hand while it reads.
#[derive(Debug)]
struct Compiled {
    name: Arc<str>,
    /// The name in lower case, under which stores keep the extension.
    key: Box<str>,
    extension_type: ExtensionType,
    attributes: IndexMap<Name, AttributeSchema, FoldedBuild>,
    /// The key of a record, in the order declared.
    unique: Vec<u8>,
    /// The same, in schema order.
    key_columns: Vec<u8>,
    key_set: Columns,
    known_of_key: Known,
    required: bool,
    /// Mandatory and without a default: a record that leaves one of these out lacks it.
    due: Columns,
    mandatory: Columns,
    /// The columns that have a default, in order.
    defaults: Vec<u8>,
    mandatory_defaults: Vec<u8>,
    /// How long each of them is as a member of a JSON object, with a comma.
    default_bytes: Vec<usize>,
    /// The sum of these.
    defaults_bytes: usize,
    known: Known,
}

impl ExtensionSchema {
    /// Its JSON in canonical form, which reads back equal: two schemas are equal if and only if these texts are.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_else(|error| unreachable!("a schema is JSON: {error}"))
    }

    pub(super) fn compile(
        name: &str,
        extension_type: ExtensionType,
        attributes: IndexMap<Name, AttributeSchema, FoldedBuild>,
        unique: Vec<u8>,
        required: bool,
    ) -> Self {
        let columns = |test: fn(&AttributeSchema) -> bool| {
            (0..=u8::MAX)
                .zip(attributes.values())
                .filter(move |(_, attribute)| test(attribute))
                .map(|(column, _)| column)
        };
        let due = columns(|attribute| attribute.is_mandatory() && attribute.default().is_none()).collect();
        let mandatory = columns(AttributeSchema::is_mandatory).collect();
        let defaults = columns(|attribute| attribute.default().is_some()).collect();
        let mandatory_defaults =
            columns(|attribute| attribute.default().is_some() && attribute.is_mandatory()).collect();
        let default_bytes: Vec<usize> = attributes
            .values()
            .filter_map(|attribute| Some((attribute.name(), attribute.default()?)))
            .map(|(name, default)| r#""":,"#.len() + name.len() + default.json_bytes())
            .collect();
        let known = Known::declared(attributes.values().map(AttributeSchema::shared_name));
        let names_of_key = unique.iter().filter_map(|column| attributes.get_index(usize::from(*column)));
        let known_of_key =
            Known::few(unique.len(), names_of_key.map(|(_, attribute)| attribute.shared_name()));
        let key_set: Columns = unique.iter().copied().collect();
        ExtensionSchema(Arc::new(Compiled {
            name: name.into(),
            key: name.to_ascii_lowercase().into(),
            extension_type,
            unique,
            key_columns: key_set.iter().collect(),
            key_set,
            known_of_key,
            required,
            due,
            mandatory,
            defaults,
            mandatory_defaults,
            defaults_bytes: default_bytes.iter().sum(),
            default_bytes,
            known,
            attributes,
        }))
    }

    /// Its name, as declared.
    pub fn name(&self) -> &str {
        &self.0.name
    }

    pub(crate) fn shared_name(&self) -> Arc<str> {
        Arc::clone(&self.0.name)
    }

    /// Its name in lower case: stores keep an extension under it, since names are the same in any case.
    pub fn key(&self) -> &str {
        &self.0.key
    }

    /// One record, or a list of records.
    pub fn extension_type(&self) -> ExtensionType {
        self.0.extension_type
    }

    /// The attributes, in the order declared.
    pub fn attributes(&self) -> impl ExactSizeIterator<Item = &AttributeSchema> {
        self.0.attributes.values()
    }

    /// The attribute of a name, without regard to ASCII case.
    pub fn attribute(&self, name: &str) -> Option<&AttributeSchema> {
        self.0.attributes.get(&Caseless(name))
    }

    /// The names of the attributes that together form the key of a record; empty for no key.
    pub fn unique(&self) -> impl ExactSizeIterator<Item = &str> {
        self.0.unique.iter().map(|column| self.at(*column).name())
    }

    /// Whether a service can't end without a record of it.
    pub fn is_required(&self) -> bool {
        self.0.required
    }

    /// Whether the attribute of a column has this name, to the letter.
    pub(crate) fn is_at(&self, column: u8, name: &str) -> bool {
        let attribute = self.0.attributes.get_index(usize::from(column));
        attribute.is_some_and(|(Name(declared), _)| same_name(declared, name))
    }

    /// The column of an attribute. Looks first where the caller guesses it to be: without that, names in another case than
    /// the schema's cost 13 % more.
    pub(crate) fn column(&self, name: &str, guess: u8) -> Option<u8> {
        let expected = self.0.attributes.get_index(usize::from(guess));
        if expected.is_some_and(|(expected, _)| expected.is(name)) {
            return Some(guess);
        }
        u8::try_from(self.0.attributes.get_index_of(&Caseless(name))?).ok()
    }

    /// The attribute of a column that this schema, or an equal one, gave.
    #[inline]
    pub(crate) fn at(&self, column: u8) -> &AttributeSchema {
        match self.0.attributes.get_index(usize::from(column)) {
            Some((_, attribute)) => attribute,
            None => unreachable!("schemas never change"),
        }
    }

    /// Every attribute that a record must not leave out.
    pub(crate) fn due(&self) -> Columns {
        self.0.due
    }

    pub(crate) fn defaults(&self) -> &[u8] {
        &self.0.defaults
    }

    pub(crate) fn mandatory_defaults(&self) -> &[u8] {
        &self.0.mandatory_defaults
    }

    /// Every mandatory attribute, with or without a default.
    pub(crate) fn mandatory(&self) -> Columns {
        self.0.mandatory
    }

    /// How long the default of a column is as a member of a JSON object, with a comma.
    pub(crate) fn default_bytes(&self, column: u8) -> usize {
        let Ok(ordinal) = self.0.defaults.binary_search(&column) else { unreachable!("it has a default") };
        #[expect(clippy::indexing_slicing, reason = "as many as there are defaults")]
        self.0.default_bytes[ordinal]
    }

    /// How long all defaults together are.
    pub(crate) fn defaults_bytes(&self) -> usize {
        self.0.defaults_bytes
    }

    /// The columns of the key of a record, in schema order.
    pub(crate) fn key_columns(&self) -> (&[u8], Columns) {
        (&self.0.key_columns, self.0.key_set)
    }

    /// The names of the attributes of the key, in the order declared.
    pub(crate) fn known_of_key(&self) -> &Known {
        &self.0.known_of_key
    }

    /// The names of some attributes of the key, in the order declared.
    pub(crate) fn known_in_key(&self, columns: Columns) -> Known {
        let names = self.0.unique.iter().filter(|column| columns.contains(**column));
        Known::few(columns.len(), names.map(|column| self.at(*column).shared_name()))
    }

    pub(crate) fn known(&self) -> &Known {
        &self.0.known
    }
}

impl PartialEq for ExtensionSchema {
    fn eq(&self, other: &Self) -> bool {
        let (mine, theirs) = (&*self.0, &*other.0);
        Arc::ptr_eq(&self.0, &other.0)
            || (mine.name == theirs.name
                && mine.extension_type == theirs.extension_type
                && mine.unique == theirs.unique
                && mine.required == theirs.required
                && mine.attributes.values().eq(theirs.attributes.values()))
    }
}

/// The canonical form, which reads back equal.
impl Serialize for ExtensionSchema {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut json = serializer.serialize_map(None)?;
        json.serialize_entry("name", self.name())?;
        json.serialize_entry("type", self.extension_type().as_str())?;
        json.serialize_entry("attributes", &self.attributes().collect::<Vec<_>>())?;
        if !self.0.unique.is_empty() {
            json.serialize_entry("unique", &self.unique().collect::<Vec<_>>())?;
        }
        if self.is_required() {
            json.serialize_entry("required", &true)?;
        }
        json.end()
    }
}
