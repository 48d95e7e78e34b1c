use super::business::BusinessField;
use super::error::ParseNameError;
use crate::value::named;
use crate::violation::Known;

named! {
    /// A fixed field of the end event (documented by the original), in the order of its table.
    ///
    /// ```
    /// use service_end::schema::FixedField;
    /// assert_eq!(FixedField::ResourceId.name(), "resource_id");
    /// assert_eq!("resource_id".parse(), Ok(FixedField::ResourceId));
    /// ```
    #[derive(PartialOrd, Ord)]
    #[non_exhaustive]
    pub enum FixedField {
        /// `session_id`
        SessionId = "session_id",
        /// `interaction_id`
        InteractionId = "interaction_id",
        /// `application_type`
        ApplicationType = BusinessField::ApplicationType.name(),
        /// `application_id`
        ApplicationId = "application_id",
        /// `resource_type`
        ResourceType = BusinessField::ResourceType.name(),
        /// `resource_id`
        ResourceId = "resource_id",
        /// `media_type`
        MediaType = BusinessField::MediaType.name(),
        /// `disposition`
        Disposition = BusinessField::Disposition.name(),
        /// `disposition_desc`
        DispositionDesc = "disposition_desc",
        /// `timestamp`
        Timestamp = "timestamp",
        /// `service_id`: part of the resource rather than of the event, but allowed in its body.
        ServiceId = "service_id",
    }

    /// All of them, in the order of the original's table; last the service id, which is not recorded.
    ALL;

    /// Its name; names are case-sensitive.
    fn name;

    "the name of a fixed field" compared with eq,
    or else ParseNameError = ParseNameError(Known::fixed(Self::NAMES));
}

impl FixedField {
    /// The fields that a body can have.
    pub(crate) const KNOWN: Known = Known::fixed(Self::NAMES);

    /// The fields that are recorded of an end.
    pub(crate) const RECORDED: Known = Known::fixed(Self::NAMES.split_at(Self::NAMES.len() - 1).0);

    /// The field that is recorded of a start.
    pub(crate) const STARTED: Known = Known::fixed(&[FixedField::Timestamp.name()]);
}

/// Whether a name has a meaning of its own at the top level of a document, in whatever case.
pub(crate) fn is_reserved(name: &str) -> bool {
    let folded = name.to_ascii_lowercase();
    FixedField::of(&folded).is_some() || matches!(&*folded, "started" | "completed")
}
