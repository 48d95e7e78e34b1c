//! From business attributes as written to what they declare, or every mistake in them.

use serde::de::{Deserialize, Deserializer};

use super::attribute::long;
use super::attribute_type::AttributeType;
use super::business::{BusinessAttributes, BusinessField, Enumeration, Taken};
use super::error::DeclarationError;
use super::node::{Node, object};
use super::reader::{Reader, embedded, json, made};
use crate::value::BusinessName;
use crate::violation::{At, ViolationKind, Violations};

impl BusinessAttributes {
    /// Declares the enumeration of one field, in place of any declared before. An empty one refuses every value.
    ///
    /// # Errors
    /// All violations: a name longer than 255 characters or with U+0000, an id or a name that occurs twice.
    pub fn with<'n>(
        self,
        field: BusinessField,
        values: impl IntoIterator<Item = (i64, &'n str)>,
    ) -> Result<Self, Violations> {
        let values = values.into_iter().map(|(id, name)| {
            object! { "id": id, "name": name }
        });
        let node = object! {}.with(field.name(), values.collect::<Vec<_>>());
        let declared = made(&node, Reader::business)?;
        Ok(self.with_all_of(declared))
    }

    /// Reads `{"disposition": [{"id": 10, "name": "Resolved"}], …}`, with a key for each field that has an
    /// enumeration.
    ///
    /// # Errors
    /// [`DeclarationError::Syntax`] if it is not JSON, else [`DeclarationError::Invalid`] with every mistake.
    pub fn from_json(json: impl AsRef<[u8]>) -> Result<Self, DeclarationError> {
        self::json(json.as_ref(), Reader::business)
    }
}

impl<'de> Deserialize<'de> for BusinessAttributes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        embedded(deserializer, Reader::business)
    }
}

impl Reader {
    pub(super) fn business(&mut self, at: &At<'_>, node: &Node) -> Option<BusinessAttributes> {
        let members = self.members(at, node, BusinessField::NAMES)?;
        let mut attributes = BusinessAttributes::new();
        for (key, at, node) in members.iter() {
            let Ok(field) = key.parse::<BusinessField>() else { unreachable!("one of the known keys") };
            let Some(elements) = self.array(&at, node) else { continue };
            let mut enumeration = Enumeration::default();
            for (ordinal, element) in (0..).zip(elements) {
                self.business_value(&at.element(ordinal), element, &mut enumeration);
            }
            attributes.declare(field, enumeration);
        }
        Some(attributes)
    }

    fn business_value(&mut self, at: &At<'_>, node: &Node, enumeration: &mut Enumeration) -> Option<()> {
        let members = self.members(at, node, &["id", "name"])?;
        let id = self.needed(&members, "id").and_then(|(at, node)| {
            let id = node.scalar().map_err(|found| AttributeType::Long.wrong_type(found)).and_then(long);
            id.map_err(|kind| self.mistake(&at, kind)).ok()
        });
        let name = self.needed(&members, "name").and_then(|(at, node)| {
            let name = self.string(&at, node)?;
            BusinessName::new(name).map_err(|error| self.mistake(&at, error.into())).ok()
        });
        let key = match enumeration.insert(id?, &name?) {
            Ok(()) => return Some(()),
            Err(Taken::Id) => "id",
            Err(Taken::Name) => "name",
        };
        let (at, _) = members.find(key)?;
        self.refused(&at, ViolationKind::BusinessValueExists)
    }
}
