use std::iter::FusedIterator;
use std::slice;

use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::schema::{AttributeType, BusinessAttributes, BusinessField, FixedField, long};
use crate::value::{
    BoundedText, BusinessName, DispositionDesc, InteractionId, Scalar, SessionId, TextError, Value,
};
use crate::violation::{JsonType, Known, ViolationKind};

/// The value of a business attribute: an id, or the text that was sent where the host declared no enumeration.
///
/// ```
/// use service_end::event::BusinessValue;
/// assert_eq!(BusinessValue::from(10), BusinessValue::Id(10));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum BusinessValue {
    /// A DB id.
    Id(i64),
    /// A text of at most 255 characters.
    Name(BusinessName),
}

impl BusinessValue {
    /// The id, if it is one.
    pub fn as_id(&self) -> Option<i64> {
        if let BusinessValue::Id(id) = self { Some(*id) } else { None }
    }

    /// The text, if it is one.
    pub fn as_name(&self) -> Option<&str> {
        if let BusinessValue::Name(name) = self { Some(name.as_str()) } else { None }
    }
}

/// A long or a string.
impl<'v> From<&'v BusinessValue> for Value<'v> {
    fn from(value: &'v BusinessValue) -> Self {
        match value {
            BusinessValue::Id(id) => Value::Long(*id),
            BusinessValue::Name(name) => name.into(),
        }
    }
}

impl From<BusinessName> for BusinessValue {
    fn from(name: BusinessName) -> Self {
        BusinessValue::Name(name)
    }
}

impl TryFrom<String> for BusinessValue {
    type Error = TextError;

    fn try_from(name: String) -> Result<Self, TextError> {
        BusinessName::new(name).map(BusinessValue::Name)
    }
}

impl From<i64> for BusinessValue {
    fn from(id: i64) -> Self {
        BusinessValue::Id(id)
    }
}

impl TryFrom<&str> for BusinessValue {
    type Error = TextError;

    fn try_from(name: &str) -> Result<Self, TextError> {
        BusinessName::new(name).map(BusinessValue::Name)
    }
}

impl Serialize for BusinessValue {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            BusinessValue::Id(id) => serializer.serialize_i64(*id),
            BusinessValue::Name(name) => name.serialize(serializer),
        }
    }
}

/// The fixed fields of an end event but for its timestamp, all optional (documented by the original).
///
/// Every combination is valid, so the fields are public.
///
/// ```
/// use service_end::{FixedFields, value::SessionId};
/// let fields = FixedFields { session_id: SessionId::new("7f3a").ok(), resource_id: Some(5005), ..Default::default() };
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FixedFields {
    /// The related session, for instance the orchestration session: at most 32 characters.
    pub session_id: Option<SessionId>,
    /// The interaction at the event's creation: at most 50 characters.
    pub interaction_id: Option<InteractionId>,
    /// The type or class of the application that issued the event.
    pub application_type: Option<BusinessValue>,
    /// The DB id of the application that issued the event.
    pub application_id: Option<i64>,
    /// The type or class of the resource that provides the service.
    pub resource_type: Option<BusinessValue>,
    /// The DB id of the resource that provides the service.
    pub resource_id: Option<i64>,
    /// The media type: e-mail, voice, chat, …
    pub media_type: Option<BusinessValue>,
    /// The business disposition assigned to the service.
    pub disposition: Option<BusinessValue>,
    /// What the disposition means in this case: at most 64 characters.
    pub disposition_desc: Option<DispositionDesc>,
}

impl FixedFields {
    /// Gives a field the value that a scalar stands for. The timestamp and the service id are not among them.
    pub(crate) fn set(
        &mut self,
        field: FixedField,
        scalar: Scalar<'_>,
        business: &BusinessAttributes,
    ) -> Result<(), ViolationKind> {
        let business = |of| business_value(scalar, of, business);
        let judged = match field {
            FixedField::SessionId => set(&mut self.session_id, text(scalar)),
            FixedField::InteractionId => set(&mut self.interaction_id, text(scalar)),
            FixedField::ApplicationType => {
                set(&mut self.application_type, business(BusinessField::ApplicationType))
            }
            FixedField::ApplicationId => set(&mut self.application_id, long(scalar)),
            FixedField::ResourceType => set(&mut self.resource_type, business(BusinessField::ResourceType)),
            FixedField::ResourceId => set(&mut self.resource_id, long(scalar)),
            FixedField::MediaType => set(&mut self.media_type, business(BusinessField::MediaType)),
            FixedField::Disposition => set(&mut self.disposition, business(BusinessField::Disposition)),
            FixedField::DispositionDesc => set(&mut self.disposition_desc, text(scalar)),
            FixedField::Timestamp | FixedField::ServiceId => unreachable!("they stand beside these"),
        };
        judged.map_err(|kind| match kind {
            ViolationKind::WrongType { found, .. } => FixedFields::wrong_type(field, found),
            other => other,
        })
    }

    /// What is wrong with a value of a JSON type that a field does not take.
    pub(crate) fn wrong_type(field: FixedField, found: JsonType) -> ViolationKind {
        let expected: &[&str] = match field {
            FixedField::ApplicationType
            | FixedField::ResourceType
            | FixedField::MediaType
            | FixedField::Disposition => &["integer", "string"],
            FixedField::ApplicationId | FixedField::ResourceId | FixedField::ServiceId => &["integer"],
            FixedField::SessionId | FixedField::InteractionId | FixedField::DispositionDesc => &["string"],
            FixedField::Timestamp => return AttributeType::DateTime.wrong_type(found),
        };
        ViolationKind::WrongType { expected: Known::fixed(expected), found }
    }

    /// The values of the business attributes, which depend on what the host declares.
    pub(crate) fn business_mut(&mut self) -> [(FixedField, BusinessField, &mut Option<BusinessValue>); 4] {
        [
            (FixedField::ApplicationType, BusinessField::ApplicationType, &mut self.application_type),
            (FixedField::ResourceType, BusinessField::ResourceType, &mut self.resource_type),
            (FixedField::MediaType, BusinessField::MediaType, &mut self.media_type),
            (FixedField::Disposition, BusinessField::Disposition, &mut self.disposition),
        ]
    }

    /// The fields that differ, in the order of the original's table.
    pub(crate) fn differences<'f>(&'f self, other: &'f Self) -> impl Iterator<Item = FixedField> + 'f {
        FixedField::ALL.iter().copied().filter(|field| self.get(*field) != other.get(*field))
    }

    /// The fields that are there, in the order of the original's table, with their values.
    ///
    /// ```
    /// use service_end::{FixedFields, Value, schema::FixedField};
    /// let fields = FixedFields { resource_id: Some(5005), ..FixedFields::default() };
    /// assert_eq!(fields.iter().collect::<Vec<_>>(), [(FixedField::ResourceId, Value::Long(5005))]);
    /// ```
    pub fn iter(&self) -> FixedFieldsIter<'_> {
        FixedFieldsIter { fields: self, left: FixedField::ALL.iter() }
    }

    /// The value of a field. The timestamp and the service id are not among them.
    pub fn get(&self, field: FixedField) -> Option<Value<'_>> {
        match field {
            FixedField::SessionId => self.session_id.as_ref().map(Value::from),
            FixedField::InteractionId => self.interaction_id.as_ref().map(Value::from),
            FixedField::ApplicationType => self.application_type.as_ref().map(Value::from),
            FixedField::ApplicationId => self.application_id.map(Value::Long),
            FixedField::ResourceType => self.resource_type.as_ref().map(Value::from),
            FixedField::ResourceId => self.resource_id.map(Value::Long),
            FixedField::MediaType => self.media_type.as_ref().map(Value::from),
            FixedField::Disposition => self.disposition.as_ref().map(Value::from),
            FixedField::DispositionDesc => self.disposition_desc.as_ref().map(Value::from),
            FixedField::Timestamp | FixedField::ServiceId => None,
        }
    }

    /// The names of the fields that are there, for those who must not show what callers have sent.
    pub(crate) fn named(&self) -> Vec<FixedField> {
        self.iter().map(|(field, _)| field).collect()
    }

    /// Writes the fields that are there into a JSON object.
    pub(crate) fn write<M: SerializeMap>(&self, json: &mut M) -> Result<(), M::Error> {
        self.iter().try_for_each(|(field, value)| json.serialize_entry(field.name(), &value))
    }
}

impl<'f> IntoIterator for &'f FixedFields {
    type Item = (FixedField, Value<'f>);
    type IntoIter = FixedFieldsIter<'f>;

    fn into_iter(self) -> FixedFieldsIter<'f> {
        self.iter()
    }
}

/// The fixed fields that are there, in the order of the original's table, with their values.
#[derive(Clone, Debug)]
pub struct FixedFieldsIter<'f> {
    fields: &'f FixedFields,
    left: slice::Iter<'static, FixedField>,
}

impl<'f> Iterator for FixedFieldsIter<'f> {
    type Item = (FixedField, Value<'f>);

    fn next(&mut self) -> Option<Self::Item> {
        self.left.find_map(|field| Some((*field, self.fields.get(*field)?)))
    }
}

impl FusedIterator for FixedFieldsIter<'_> {}

fn set<T>(field: &mut Option<T>, judged: Result<T, ViolationKind>) -> Result<(), ViolationKind> {
    *field = Some(judged?);
    Ok(())
}

fn text<const MAX: usize>(scalar: Scalar<'_>) -> Result<BoundedText<MAX>, ViolationKind> {
    match scalar {
        Scalar::String(text) => Ok(BoundedText::without_nul(text)?),
        Scalar::TextWithNul(_) => Err(ViolationKind::ForbiddenCharacter),
        other => Err(AttributeType::String.wrong_type(other.into())),
    }
}

fn business_value(
    scalar: Scalar<'_>,
    field: BusinessField,
    business: &BusinessAttributes,
) -> Result<BusinessValue, ViolationKind> {
    let value = match scalar {
        // Taken at once: without it, a small body costs 1 % more.
        Scalar::Integer(id) if business.takes_id(field, id) => return Ok(BusinessValue::Id(id)),
        Scalar::String(_) | Scalar::TextWithNul(_) => BusinessValue::Name(text(scalar)?),
        number => BusinessValue::Id(long(number)?),
    };
    declared(value, field, business)
}

/// The value as it is recorded: checked against the enumeration of its field, a name turned into its id.
pub(crate) fn declared(
    value: BusinessValue,
    field: BusinessField,
    business: &BusinessAttributes,
) -> Result<BusinessValue, ViolationKind> {
    match &value {
        BusinessValue::Id(id) if business.takes_id(field, *id) => Ok(value),
        BusinessValue::Id(_) => Err(business.unknown_id(field)),
        BusinessValue::Name(name) => match business.id_of(field, name.as_str())? {
            Some(id) => Ok(BusinessValue::Id(id)),
            None => Ok(value),
        },
    }
}
