use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::schema::{AttributeType, BusinessAttributes, BusinessField, FixedField, long};
use crate::value::{BoundedText, BusinessName, DispositionDesc, InteractionId, Scalar, SessionId, TextError};
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
    /// Gives a field an integer, unless it takes none or has an enumeration without it; `false` if nothing was set.
    #[inline]
    pub(crate) fn set_plain(
        &mut self,
        field: FixedField,
        number: i64,
        business: &BusinessAttributes,
    ) -> bool {
        let value = match field {
            FixedField::ApplicationId => {
                self.application_id = Some(number);
                return true;
            }
            FixedField::ResourceId => {
                self.resource_id = Some(number);
                return true;
            }
            FixedField::ApplicationType => (BusinessField::ApplicationType, &mut self.application_type),
            FixedField::ResourceType => (BusinessField::ResourceType, &mut self.resource_type),
            FixedField::MediaType => (BusinessField::MediaType, &mut self.media_type),
            FixedField::Disposition => (BusinessField::Disposition, &mut self.disposition),
            _ => return false,
        };
        let (field, value) = value;
        let takes = business.takes_id(field, number);
        if takes {
            *value = Some(BusinessValue::Id(number));
        }
        takes
    }

    /// Gives a field a short text that has no U+0000, unless it takes none or may have an enumeration; `false` if
    /// nothing was set.
    #[inline]
    pub(crate) fn set_short_text(&mut self, field: FixedField, text: &str) -> bool {
        fn set<const MAX: usize>(slot: &mut Option<BoundedText<MAX>>, text: &str) -> bool {
            let short = BoundedText::short_without_nul(text);
            let fits = short.is_some();
            if fits {
                *slot = short;
            }
            fits
        }
        match field {
            FixedField::SessionId => set(&mut self.session_id, text),
            FixedField::InteractionId => set(&mut self.interaction_id, text),
            FixedField::DispositionDesc => set(&mut self.disposition_desc, text),
            _ => false,
        }
    }

    /// Gives a field the value that a scalar stands for. The timestamp and the service id are not among them.
    pub(crate) fn set(
        &mut self,
        field: FixedField,
        scalar: Scalar<'_>,
        business: &BusinessAttributes,
    ) -> Result<(), ViolationKind> {
        match field {
            FixedField::SessionId => self.session_id = Some(text(scalar)?),
            FixedField::InteractionId => self.interaction_id = Some(text(scalar)?),
            FixedField::DispositionDesc => self.disposition_desc = Some(text(scalar)?),
            FixedField::ApplicationId => self.application_id = Some(long(scalar)?),
            FixedField::ResourceId => self.resource_id = Some(long(scalar)?),
            FixedField::ApplicationType => {
                self.application_type =
                    Some(business_value(scalar, BusinessField::ApplicationType, business)?);
            }
            FixedField::ResourceType => {
                self.resource_type = Some(business_value(scalar, BusinessField::ResourceType, business)?);
            }
            FixedField::MediaType => {
                self.media_type = Some(business_value(scalar, BusinessField::MediaType, business)?);
            }
            FixedField::Disposition => {
                self.disposition = Some(business_value(scalar, BusinessField::Disposition, business)?);
            }
            FixedField::Timestamp | FixedField::ServiceId => {}
        }
        Ok(())
    }

    /// What is wrong with an array or an object in place of a field.
    pub(crate) fn container(field: FixedField, found: JsonType) -> ViolationKind {
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
        let same = [
            (FixedField::SessionId, self.session_id == other.session_id),
            (FixedField::InteractionId, self.interaction_id == other.interaction_id),
            (FixedField::ApplicationType, self.application_type == other.application_type),
            (FixedField::ApplicationId, self.application_id == other.application_id),
            (FixedField::ResourceType, self.resource_type == other.resource_type),
            (FixedField::ResourceId, self.resource_id == other.resource_id),
            (FixedField::MediaType, self.media_type == other.media_type),
            (FixedField::Disposition, self.disposition == other.disposition),
            (FixedField::DispositionDesc, self.disposition_desc == other.disposition_desc),
        ];
        same.into_iter().filter(|(_, same)| !same).map(|(field, _)| field)
    }

    /// Writes the fields that are there into a JSON object.
    pub(crate) fn write<M: SerializeMap>(&self, json: &mut M) -> Result<(), M::Error> {
        fn entry<M: SerializeMap>(
            json: &mut M,
            field: FixedField,
            value: Option<&impl Serialize>,
        ) -> Result<(), M::Error> {
            value.map_or(Ok(()), |value| json.serialize_entry(field.name(), value))
        }
        entry(json, FixedField::SessionId, self.session_id.as_ref())?;
        entry(json, FixedField::InteractionId, self.interaction_id.as_ref())?;
        entry(json, FixedField::ApplicationType, self.application_type.as_ref())?;
        entry(json, FixedField::ApplicationId, self.application_id.as_ref())?;
        entry(json, FixedField::ResourceType, self.resource_type.as_ref())?;
        entry(json, FixedField::ResourceId, self.resource_id.as_ref())?;
        entry(json, FixedField::MediaType, self.media_type.as_ref())?;
        entry(json, FixedField::Disposition, self.disposition.as_ref())?;
        entry(json, FixedField::DispositionDesc, self.disposition_desc.as_ref())
    }
}

fn text<const MAX: usize>(scalar: Scalar<'_>) -> Result<BoundedText<MAX>, ViolationKind> {
    match scalar {
        Scalar::String(text) => Ok(BoundedText::new(text)?),
        other => Err(ViolationKind::WrongType { expected: Known::fixed(&["string"]), found: other.into() }),
    }
}

fn business_value(
    scalar: Scalar<'_>,
    field: BusinessField,
    business: &BusinessAttributes,
) -> Result<BusinessValue, ViolationKind> {
    let value = match scalar {
        Scalar::String(name) => BusinessValue::Name(BusinessName::new(name)?),
        Scalar::Integer(_) | Scalar::Float(_) => {
            BusinessValue::Id(long(scalar).map_err(|kind| match kind {
                ViolationKind::WrongType { found, .. } => wrong_business_type(found),
                other => other,
            })?)
        }
        other => return Err(wrong_business_type(other.into())),
    };
    declared(value, field, business)
}

fn wrong_business_type(found: JsonType) -> ViolationKind {
    ViolationKind::WrongType { expected: Known::fixed(&["integer", "string"]), found }
}

/// The value as it is recorded: held against the enumeration of its field, a name turned into its id.
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
