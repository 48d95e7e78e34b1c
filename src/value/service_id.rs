use std::fmt;

/// The id of a service: a 64-bit integer (documented by the original), assigned by the host and never reused.
///
/// ```
/// use service_end::ServiceId;
/// assert_eq!(ServiceId::from(36_981_723).to_string(), "36981723");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServiceId(pub i64);

impl From<i64> for ServiceId {
    fn from(id: i64) -> Self {
        ServiceId(id)
    }
}

impl std::str::FromStr for ServiceId {
    type Err = std::num::ParseIntError;

    /// Reads the id from the text of a URI.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(ServiceId)
    }
}

impl fmt::Display for ServiceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl serde::Serialize for ServiceId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i64(self.0)
    }
}
