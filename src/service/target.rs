use crate::value::{ServiceId, Version};

/// Which service an event is for, and, if the caller says so, at which version it must still be (HTTP's `If-Match`).
///
/// Wherever one is taken, an id alone will do.
///
/// ```
/// use service_end::service::Target;
/// use service_end::{ServiceId, Version};
/// assert_eq!(Target::from(7), Target::from(ServiceId(7)));
/// assert_eq!(ServiceId(7).at(Version(3)).version, Some(Version(3)));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[must_use]
#[non_exhaustive]
pub struct Target {
    /// The service.
    pub service_id: ServiceId,
    /// The version it must be at. An event that would change nothing is a success at any version.
    pub version: Option<Version>,
}

impl ServiceId {
    /// The service, which must still be at this version.
    pub fn at(self, version: impl Into<Version>) -> Target {
        Target { service_id: self, version: Some(version.into()) }
    }
}

impl From<ServiceId> for Target {
    fn from(service_id: ServiceId) -> Self {
        Target { service_id, version: None }
    }
}

impl From<i64> for Target {
    fn from(id: i64) -> Self {
        ServiceId(id).into()
    }
}
