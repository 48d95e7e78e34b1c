use super::business::BusinessField;
use crate::violation::Known;

/// A fixed field of the end event (documented by the original), in the order of its table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FixedField {
    SessionId,
    InteractionId,
    ApplicationType,
    ApplicationId,
    ResourceType,
    ResourceId,
    MediaType,
    Disposition,
    DispositionDesc,
    Timestamp,
    /// Part of the resource rather than of the event, but allowed in its body.
    ServiceId,
}

impl FixedField {
    /// All names, in the order of the original's table; last the service id, which is not recorded.
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

    pub(crate) const fn name(self) -> &'static str {
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

/// Whether a name has a meaning of its own at the top level of a document, in whatever case.
pub(crate) fn is_reserved(name: &str) -> bool {
    let folded = name.to_ascii_lowercase();
    FixedField::of(&folded).is_some() || matches!(&*folded, "started" | "completed")
}
