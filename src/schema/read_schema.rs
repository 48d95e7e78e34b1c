//! From extension schemas as written to what they declare, or every mistake in them.

use std::str::FromStr;

use indexmap::IndexMap;
use serde::de::{Deserialize, Deserializer};

use super::attribute::AttributeSchema;
use super::columns::MAX_ATTRIBUTES;
use super::error::{DeclarationError, ParseNameError};
use super::extension::{ExtensionSchema, ExtensionType};
use super::extension_name::MAX_EXTENSION_NAME;
use super::field::is_reserved;
use super::node::Node;
use super::reader::{Reader, embedded, json};
use super::set::Schemas;
use crate::value::{Caseless, FoldedBuild, Name, NameError, check_name};
use crate::violation::{At, Known, ViolationKind};

type Attributes = IndexMap<Name, AttributeSchema, FoldedBuild>;

impl ExtensionSchema {
    /// Reads one schema.
    ///
    /// # Errors
    /// [`DeclarationError::Syntax`] if it is not JSON, else [`DeclarationError::Invalid`] with every mistake.
    pub fn from_json(json: impl AsRef<[u8]>) -> Result<Self, DeclarationError> {
        self::json(json.as_ref(), Reader::schema)
    }
}

impl Schemas {
    /// Reads a JSON array of schemas, of which each is an object with these keys:
    ///
    /// | key | value |
    /// |---|---|
    /// | `name` | a letter, then letters, digits or `_` (ASCII), at most 26 |
    /// | `type` | `single-valued` or `multi-valued` |
    /// | `attributes` | 1 to 256 objects with the keys below |
    /// | `unique` | names of attributes that together form the key of a record; may be left out |
    /// | `required` | whether a service can't end without a record of it; `false` by default |
    ///
    /// | key of an attribute | value |
    /// |---|---|
    /// | `name` | as above, at most 64 characters |
    /// | `type` | `string`, `integer`, `long`, `double`, `boolean`, `date`, `datetime` or `currency` |
    /// | `length` | of strings: the most characters, at least 1; without it a string is unbounded |
    /// | `mandatory` | whether every record must have a value; `false` by default |
    /// | `default` | the value of a record that leaves the attribute out; none by default |
    /// | `values` | of a `string`, `integer` or `long`: the values that it may have, 1 to 1,000 |
    /// | `minimum`, `maximum` | of numbers, dates and times: the smallest and the largest value that it may have |
    ///
    /// # Errors
    /// [`DeclarationError::Syntax`] if it is not JSON, else [`DeclarationError::Invalid`] with every mistake in
    /// every schema; a name that occurs twice is one of them.
    pub fn from_json(json: impl AsRef<[u8]>) -> Result<Self, DeclarationError> {
        self::json(json.as_ref(), Reader::schemas)
    }
}

impl<'de> Deserialize<'de> for ExtensionSchema {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        embedded(deserializer, Reader::schema)
    }
}

impl<'de> Deserialize<'de> for Schemas {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        embedded(deserializer, Reader::schemas)
    }
}

impl Reader {
    pub(super) fn schemas(&mut self, at: &At<'_>, node: &Node) -> Option<Schemas> {
        let elements = self.array(at, node)?;
        let mut by_name = Some(IndexMap::default());
        // Taken even by a schema that has other mistakes.
        let mut taken = IndexMap::<String, ()>::new();
        for (ordinal, element) in (0..).zip(elements) {
            let at = at.element(ordinal);
            let schema = self.schema(&at, element);
            if let Some((at, name)) = name_of(&at, element) {
                if taken.insert(name.to_ascii_lowercase(), ()).is_some() {
                    self.mistake(&at, ViolationKind::SchemaExists);
                    continue;
                }
            }
            by_name = by_name.zip(schema).map(|(mut by_name, schema)| {
                by_name.insert(Name(schema.shared_name()), schema);
                by_name
            });
        }
        by_name.map(Schemas::of)
    }

    pub(super) fn schema(&mut self, at: &At<'_>, node: &Node) -> Option<ExtensionSchema> {
        const KNOWN: &[&str] = &["name", "type", "attributes", "unique", "required"];
        let members = self.members(at, node, KNOWN)?;
        let name = self.needed(&members, "name").and_then(|(at, node)| {
            let name = self.name(&at, node, MAX_EXTENSION_NAME)?;
            if is_reserved(name) {
                return self.refused(&at, ViolationKind::ReservedName);
            }
            Some(name)
        });
        let extension_type = self.needed(&members, "type").and_then(|(at, node)| {
            let text = self.string(&at, node)?;
            self.one_of::<ExtensionType>(&at, text)
        });
        let attributes =
            self.needed(&members, "attributes").and_then(|(at, node)| self.attributes(&at, node));
        let unique = match members.find("unique") {
            Some((at, node)) => self.unique(&at, node, attributes.as_ref()),
            None => Some(Vec::new()),
        };
        let required = members
            .find("required")
            .map_or(Some(false), |(at, node)| self.truth(&at, node, ViolationKind::InvalidRequired));
        let attributes = attributes.filter(|declared| declared.complete)?;
        Some(ExtensionSchema::compile(name?, extension_type?, attributes.schemas, unique?, required?))
    }

    fn attributes<'n>(&mut self, at: &At<'_>, node: &'n Node) -> Option<Declared<'n>> {
        let elements = self.array(at, node)?;
        let mut declared =
            Declared { schemas: Attributes::default(), names: IndexMap::new(), complete: true };
        if elements.is_empty() {
            self.mistake(at, ViolationKind::NoAttributes);
            declared.complete = false;
        }
        if elements.len() > MAX_ATTRIBUTES {
            self.mistake(at, ViolationKind::TooManyAttributes { limit: MAX_ATTRIBUTES });
            declared.complete = false;
        }
        for (ordinal, element) in (0..).zip(elements) {
            match self.attribute(&at.element(ordinal), element, &mut declared.names) {
                Some(attribute) => drop(declared.schemas.insert(Name(attribute.shared_name()), attribute)),
                None => declared.complete = false,
            }
        }
        Some(declared)
    }

    pub(super) fn one_of<T: FromStr<Err = ParseNameError>>(&mut self, at: &At<'_>, text: &str) -> Option<T> {
        let read = text.parse();
        read.map_err(|ParseNameError(known)| self.mistake(at, ViolationKind::UnknownType { known })).ok()
    }

    pub(super) fn name<'n>(&mut self, at: &At<'_>, node: &'n Node, limit: usize) -> Option<&'n str> {
        let name = self.string(at, node)?;
        let kind = match check_name(name, limit) {
            Ok(()) => return Some(name),
            Err(NameError::Invalid) => ViolationKind::InvalidName,
            Err(NameError::TooLong) => ViolationKind::NameTooLong { limit },
        };
        self.refused(at, kind)
    }

    fn unique(&mut self, at: &At<'_>, node: &Node, declared: Option<&Declared<'_>>) -> Option<Vec<u8>> {
        let elements = self.array(at, node)?;
        let mut named = IndexMap::<String, ()>::new();
        let mut columns = Some(Vec::new());
        // Made once: a long list may have very many names that are unknown.
        let known = declared.map_or_else(
            || Known::fixed(&[]),
            |declared| Known::declared(declared.names.values().map(|name| (*name).into())),
        );
        for (ordinal, element) in (0..).zip(elements) {
            let at = at.element(ordinal);
            let Some(name) = self.string(&at, element) else {
                columns = None;
                continue;
            };
            let column = match declared {
                // Without a list of attributes nothing can be said of a name.
                None => continue,
                Some(declared) if !declared.names.contains_key(&name.to_ascii_lowercase()) => {
                    self.refused(&at, ViolationKind::UnknownUniqueAttribute { known: known.clone() })
                }
                Some(_) if named.insert(name.to_ascii_lowercase(), ()).is_some() => {
                    self.refused(&at, ViolationKind::DuplicateUniqueAttribute)
                }
                Some(declared) => declared.schemas.get_index_of(&Caseless(name)),
            };
            columns = columns.zip(column).and_then(|(mut columns, column)| {
                columns.push(u8::try_from(column).ok()?);
                Some(columns)
            });
        }
        columns
    }
}

/// The attributes of a schema, as far as they could be made, and the names of all of them in lower case.
struct Declared<'n> {
    schemas: Attributes,
    names: IndexMap<String, &'n str>,
    complete: bool,
}

/// The name of a schema, and its place. A value has one mistake: a name that has one already is none.
fn name_of<'a>(at: &'a At<'a>, schema: &'a Node) -> Option<(At<'a>, &'a str)> {
    let Node::Object(members) = schema else { return None };
    let (ordinal, (key, node)) = (0..).zip(members).find(|(_, (key, _))| key == "name")?;
    let name = node.as_str()?;
    let good = check_name(name, MAX_EXTENSION_NAME).is_ok() && !is_reserved(name);
    good.then(|| (at.member(key, ordinal), name))
}
