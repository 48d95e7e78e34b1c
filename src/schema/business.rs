use std::sync::Arc;

use indexmap::IndexMap;
use serde::ser::{Serialize, SerializeMap, Serializer};

use super::error::ParseNameError;
use crate::value::{BusinessName, named};
use crate::violation::{Known, ViolationKind};

named! {
    /// A fixed field whose value is a business attribute (documented by the original).
    pub enum BusinessField {
        /// `application_type`
        ApplicationType = "application_type",
        /// `resource_type`
        ResourceType = "resource_type",
        /// `media_type`
        MediaType = "media_type",
        /// `disposition`
        Disposition = "disposition",
    }

    /// All four, in the order of the original's table.
    ALL;

    /// Its name in a body.
    fn name;

    "the name of a business attribute" compared with eq,
    or else ParseNameError = ParseNameError(Known::fixed(Self::NAMES));
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
    enumerations: [Option<Arc<Declared>>; 4],
}

/// No field has an enumeration.
pub(crate) static UNDECLARED: BusinessAttributes = BusinessAttributes { enumerations: [const { None }; 4] };

#[derive(Debug, Default, PartialEq)]
pub(super) struct Enumeration {
    ids: IndexMap<i64, Arc<str>>,
    names: IndexMap<Arc<str>, i64>,
}

/// An enumeration, with what a violation lists of it, made once.
#[derive(Debug, PartialEq)]
struct Declared {
    values: Enumeration,
    known_ids: Known,
    known_names: Known,
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

    /// The same, with the enumerations of the other in place of these.
    pub(super) fn with_all_of(mut self, other: BusinessAttributes) -> Self {
        for (mine, theirs) in self.enumerations.iter_mut().zip(other.enumerations) {
            if theirs.is_some() {
                *mine = theirs;
            }
        }
        self
    }

    /// The values declared for a field, in the order declared: `None` where it has no enumeration.
    ///
    /// ```
    /// use service_end::BusinessAttributes;
    /// use service_end::schema::BusinessField;
    /// let attributes = BusinessAttributes::new().with(BusinessField::Disposition, [(10, "Resolved")]).unwrap();
    /// assert_eq!(attributes.values(BusinessField::Disposition).unwrap().next(), Some((10, "Resolved")));
    /// assert!(attributes.values(BusinessField::MediaType).is_none());
    /// ```
    pub fn values(&self, field: BusinessField) -> Option<impl ExactSizeIterator<Item = (i64, &str)>> {
        self.declared(field).map(|known| known.values.ids.iter().map(|(id, name)| (*id, &**name)))
    }

    /// The fields that have an enumeration, in the order of the original's table, each with its values.
    ///
    /// ```
    /// use service_end::BusinessAttributes;
    /// use service_end::schema::BusinessField;
    /// let attributes = BusinessAttributes::new().with(BusinessField::Disposition, [(10, "Resolved")]).unwrap();
    /// for (field, values) in attributes.iter() {
    ///     assert_eq!(field, BusinessField::Disposition);
    ///     assert_eq!(values.collect::<Vec<_>>(), [(10, "Resolved")]);
    /// }
    /// ```
    pub fn iter(&self) -> impl Iterator<Item = (BusinessField, impl ExactSizeIterator<Item = (i64, &str)>)> {
        BusinessField::ALL.iter().filter_map(|field| Some((*field, self.values(*field)?)))
    }

    /// What the value of an id is called, if the field has an enumeration with it.
    pub fn name_of(&self, field: BusinessField, id: i64) -> Option<&str> {
        self.declared(field)?.values.ids.get(&id).map(|name| &**name)
    }

    pub(super) fn declare(&mut self, field: BusinessField, values: Enumeration) {
        let known_ids = Known::listed(values.ids.len(), values.ids.keys().map(|id| id.to_string().into()));
        let known_names = Known::declared(values.names.keys().cloned());
        #[expect(clippy::indexing_slicing, reason = "there is one for each field")]
        let slot = &mut self.enumerations[field as usize];
        *slot = Some(Arc::new(Declared { values, known_ids, known_names }));
    }

    fn declared(&self, field: BusinessField) -> Option<&Declared> {
        #[expect(clippy::indexing_slicing, reason = "there is one for each field")]
        self.enumerations[field as usize].as_deref()
    }

    /// Whether the field takes the id.
    pub(crate) fn takes_id(&self, field: BusinessField, id: i64) -> bool {
        self.declared(field).is_none_or(|declared| declared.values.ids.contains_key(&id))
    }

    /// What is wrong with an id that the field does not take.
    pub(crate) fn unknown_id(&self, field: BusinessField) -> ViolationKind {
        let known =
            self.declared(field).map_or(const { Known::fixed(&[]) }, |declared| declared.known_ids.clone());
        ViolationKind::UnknownBusinessValue { known, suggestion: None }
    }

    /// What a name is recorded as: its id, `None` for a field without enumeration.
    ///
    /// # Errors
    /// When the enumeration lacks the name.
    pub(crate) fn id_of(&self, field: BusinessField, name: &str) -> Result<Option<i64>, ViolationKind> {
        let Some(Declared { values, known_ids, known_names }) = self.declared(field) else { return Ok(None) };
        if let Some(id) = values.names.get(name) {
            return Ok(Some(*id));
        }
        let is_id = name.parse().is_ok_and(|id: i64| values.ids.contains_key(&id));
        Err(if is_id {
            ViolationKind::QuotedBusinessId { known: known_ids.clone() }
        } else {
            ViolationKind::unknown_business_name(known_names.clone(), name)
        })
    }
}

/// Writes what [`BusinessAttributes::from_json`] reads.
impl Serialize for BusinessAttributes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter().map(|(field, values)| {
            (field.name(), values.map(|(id, name)| BusinessJson { id, name }).collect::<Vec<_>>())
        }))
    }
}

/// A value of an enumeration, as JSON.
struct BusinessJson<'a> {
    id: i64,
    name: &'a str,
}

impl Serialize for BusinessJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut json = serializer.serialize_map(Some(2))?;
        json.serialize_entry("id", &self.id)?;
        json.serialize_entry("name", self.name)?;
        json.end()
    }
}
