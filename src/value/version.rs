use super::integer::{IntegerError, integer};
use super::leaf::integer_leaf;

/// Which state of a service this is: a store gives a service another version with each change, and none twice.
///
/// It fits the signed 64 bits of SQL.
///
/// ```
/// use service_end::Version;
/// assert_eq!(Version(7).to_string(), "7");
/// assert_eq!("7".parse(), Ok(Version(7)));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(pub i64);

integer_leaf!(Version);
