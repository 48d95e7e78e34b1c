use std::fmt;
use std::sync::Arc;

use indexmap::IndexMap;

use super::DeclarationError;
use super::node::Node;
use super::read::{self, Reader};
use crate::value::BusinessName;
use crate::violation::{Known, Violations};

/// A fixed field whose value is a business attribute (documented by the original).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BusinessField {
    /// `application_type`
    ApplicationType,
    /// `resource_type`
    ResourceType,
    /// `media_type`
    MediaType,
    /// `disposition`
    Disposition,
}

impl BusinessField {
    /// All four, in the order of the original's table.
    pub const ALL: [BusinessField; 4] = [
        BusinessField::ApplicationType,
        BusinessField::ResourceType,
        BusinessField::MediaType,
        BusinessField::Disposition,
    ];

    /// Its name in a body.
    pub const fn name(self) -> &'static str {
        match self {
            BusinessField::ApplicationType => "application_type",
            BusinessField::ResourceType => "resource_type",
            BusinessField::MediaType => "media_type",
            BusinessField::Disposition => "disposition",
        }
    }
}

impl fmt::Display for BusinessField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The enumerations that the host knows: for a field, which ids there are and what they are called.
///
/// A field with an enumeration takes one of its ids, or one of its names to the letter, which is recorded as the
/// id. A field without one takes any integer or string, recorded as sent. Cheap to clone.
///
/// ```
/// use service_end::{BusinessAttributes, schema::BusinessField};
/// let attributes = BusinessAttributes::new()
///     .with(BusinessField::Disposition, [(10, "Resolved"), (11, "Escalated")])
///     .unwrap();
/// let same = BusinessAttributes::from_json(
///     r#"{ "disposition": [ { "id": 10, "name": "Resolved" }, { "id": 11, "name": "Escalated" } ] }"#,
/// );
/// assert_eq!(same, Ok(attributes));
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BusinessAttributes {
    enumerations: [Option<Arc<Enumeration>>; 4],
}

/// No field has an enumeration.
pub(crate) static UNDECLARED: BusinessAttributes = BusinessAttributes { enumerations: [const { None }; 4] };

#[derive(Debug, Default, PartialEq)]
pub(super) struct Enumeration {
    ids: IndexMap<i64, Arc<str>>,
    names: IndexMap<Arc<str>, i64>,
}

impl Enumeration {
    /// Adds a value unless its id or its name is taken.
    pub(super) fn insert(&mut self, id: i64, name: &BusinessName) -> Result<(), Taken> {
        let name: Arc<str> = name.as_str().into();
        if self.ids.contains_key(&id) {
            return Err(Taken::Id);
        }
        if self.names.contains_key(&name) {
            return Err(Taken::Name);
        }
        self.ids.insert(id, Arc::clone(&name));
        self.names.insert(name, id);
        Ok(())
    }
}

/// What of a business attribute's value an earlier one has already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Taken {
    Id,
    Name,
}

impl BusinessAttributes {
    /// No enumeration for any field.
    pub fn new() -> Self {
        Self::default()
    }

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
            Node::object([("id", Node::Integer(id)), ("name", Node::String(name.to_owned()))])
        });
        let node = Node::object([(field.name(), Node::Array(values.collect()))]);
        let declared = read::made(&node, Reader::business)?;
        Ok(self.with_all_of(declared))
    }

    fn with_all_of(mut self, other: BusinessAttributes) -> Self {
        for (mine, theirs) in self.enumerations.iter_mut().zip(other.enumerations) {
            if theirs.is_some() {
                *mine = theirs;
            }
        }
        self
    }

    /// Reads `{"disposition": [{"id": 10, "name": "Resolved"}], …}`, with a key for each field that has an
    /// enumeration.
    ///
    /// # Errors
    /// [`DeclarationError::Syntax`] if it is no JSON, else [`DeclarationError::Invalid`] with every mistake.
    pub fn from_json(json: impl AsRef<[u8]>) -> Result<Self, DeclarationError> {
        read::json(json.as_ref(), Reader::business)
    }

    /// What the value of an id is called, if the field has an enumeration with it.
    pub fn name_of(&self, field: BusinessField, id: i64) -> Option<&str> {
        self.enumeration(field)?.ids.get(&id).map(|name| &**name)
    }

    pub(super) fn declare(&mut self, field: BusinessField, enumeration: Enumeration) {
        if let Some(slot) = self.enumerations.get_mut(field as usize) {
            *slot = Some(Arc::new(enumeration));
        }
    }

    fn enumeration(&self, field: BusinessField) -> Option<&Enumeration> {
        self.enumerations.get(field as usize)?.as_deref()
    }

    /// Whether the field takes the id.
    pub(crate) fn takes_id(&self, field: BusinessField, id: i64) -> bool {
        self.enumeration(field).is_none_or(|known| known.ids.contains_key(&id))
    }

    /// What a name is recorded as: its id, `None` for a field without enumeration.
    ///
    /// # Errors
    /// When the enumeration lacks the name.
    pub(crate) fn id_of(&self, field: BusinessField, name: &str) -> Result<Option<i64>, UnknownName> {
        match self.enumeration(field) {
            None => Ok(None),
            Some(known) => known.names.get(name).map(|id| Some(*id)).ok_or(UnknownName),
        }
    }

    /// The ids that the field takes.
    pub(crate) fn known_ids(&self, field: BusinessField) -> Known {
        match self.enumeration(field) {
            Some(known) => Known::declared(known.ids.keys().map(|id| id.to_string().into())),
            None => Known::fixed(&[]),
        }
    }

    /// The names that the field takes.
    pub(crate) fn known(&self, field: BusinessField) -> Known {
        match self.enumeration(field) {
            Some(known) => Known::declared(known.names.keys().cloned()),
            None => Known::fixed(&[]),
        }
    }
}

/// A name that its enumeration lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct UnknownName;
