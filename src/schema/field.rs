use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use serde::de::{Deserialize, Deserializer, Error};
use serde::ser::{Serialize, Serializer};

use super::business::BusinessField;
use crate::violation::Known;

/// A fixed field of the end event (documented by the original), in the order of its table.
///
/// ```
/// use service_end::schema::FixedField;
/// assert_eq!(FixedField::ResourceId.name(), "resource_id");
/// assert_eq!("resource_id".parse(), Ok(FixedField::ResourceId));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum FixedField {
    /// `session_id`
    SessionId,
    /// `interaction_id`
    InteractionId,
    /// `application_type`
    ApplicationType,
    /// `application_id`
    ApplicationId,
    /// `resource_type`
    ResourceType,
    /// `resource_id`
    ResourceId,
    /// `media_type`
    MediaType,
    /// `disposition`
    Disposition,
    /// `disposition_desc`
    DispositionDesc,
    /// `timestamp`
    Timestamp,
    /// `service_id`: part of the resource rather than of the event, but allowed in its body.
    ServiceId,
}

/// No fixed field has this name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not the name of a fixed field of a service end event")]
#[non_exhaustive]
pub struct UnknownField;

impl FixedField {
    /// All of them, in the order of the original's table; last the service id, which is not recorded.
    pub const ALL: &'static [FixedField] = &[
        FixedField::SessionId,
        FixedField::InteractionId,
        FixedField::ApplicationType,
        FixedField::ApplicationId,
        FixedField::ResourceType,
        FixedField::ResourceId,
        FixedField::MediaType,
        FixedField::Disposition,
        FixedField::DispositionDesc,
        FixedField::Timestamp,
        FixedField::ServiceId,
    ];

    const NAMES: &'static [&'static str] = &[
        FixedField::SessionId.name(),
        FixedField::InteractionId.name(),
        FixedField::ApplicationType.name(),
        FixedField::ApplicationId.name(),
        FixedField::ResourceType.name(),
        FixedField::ResourceId.name(),
        FixedField::MediaType.name(),
        FixedField::Disposition.name(),
        FixedField::DispositionDesc.name(),
        FixedField::Timestamp.name(),
        FixedField::ServiceId.name(),
    ];

    /// The fields that a body can have.
    pub(crate) const KNOWN: Known = Known::fixed(Self::NAMES);

    /// The fields that are recorded of an end.
    pub(crate) const RECORDED: Known = Known::fixed(Self::NAMES.split_at(Self::NAMES.len() - 1).0);

    /// The field that is recorded of a start.
    pub(crate) const STARTED: Known = Known::fixed(&[FixedField::Timestamp.name()]);

    /// Looks a key up; fixed names are case-sensitive.
    pub(crate) fn of(key: &str) -> Option<Self> {
        Some(match key {
            "session_id" => FixedField::SessionId,
            "interaction_id" => FixedField::InteractionId,
            "application_type" => FixedField::ApplicationType,
            "application_id" => FixedField::ApplicationId,
            "resource_type" => FixedField::ResourceType,
            "resource_id" => FixedField::ResourceId,
            "media_type" => FixedField::MediaType,
            "disposition" => FixedField::Disposition,
            "disposition_desc" => FixedField::DispositionDesc,
            "timestamp" => FixedField::Timestamp,
            "service_id" => FixedField::ServiceId,
            _ => return None,
        })
    }

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            FixedField::SessionId => "session_id",
            FixedField::InteractionId => "interaction_id",
            FixedField::ApplicationType => BusinessField::ApplicationType.name(),
            FixedField::ApplicationId => "application_id",
            FixedField::ResourceType => BusinessField::ResourceType.name(),
            FixedField::ResourceId => "resource_id",
            FixedField::MediaType => BusinessField::MediaType.name(),
            FixedField::Disposition => BusinessField::Disposition.name(),
            FixedField::DispositionDesc => "disposition_desc",
            FixedField::Timestamp => "timestamp",
            FixedField::ServiceId => "service_id",
        }
    }
}

impl fmt::Display for FixedField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for FixedField {
    type Err = UnknownField;

    fn from_str(name: &str) -> Result<Self, UnknownField> {
        FixedField::of(name).ok_or(UnknownField)
    }
}

impl Serialize for FixedField {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for FixedField {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = Cow::<str>::deserialize(deserializer)?;
        name.parse().map_err(D::Error::custom)
    }
}

/// Whether a name has a meaning of its own at the top level of a document, in whatever case.
pub(crate) fn is_reserved(name: &str) -> bool {
    let folded = name.to_ascii_lowercase();
    FixedField::of(&folded).is_some() || matches!(&*folded, "started" | "completed")
}
