use super::integer::{IntegerError, integer};
use super::leaf::integer_leaf;

/// The id of a service: a 64-bit integer (documented by the original), assigned by the host and never reused.
///
/// Its text is canonical, so that a service has one address.
///
/// ```
/// use service_end::ServiceId;
/// assert_eq!(ServiceId::from(36_981_723).to_string(), "36981723");
/// assert_eq!("36981723".parse(), Ok(ServiceId(36_981_723)));
/// assert!("+36981723".parse::<ServiceId>().is_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServiceId(pub i64);

integer_leaf!(ServiceId);
