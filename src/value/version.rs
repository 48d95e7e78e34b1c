use std::fmt;

/// Which state of a service this is: a store gives a service another version with each change, and none twice.
///
/// It fits the signed 64 bits of SQL.
///
/// ```
/// use service_end::Version;
/// assert_eq!(Version(7).to_string(), "7");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(pub i64);

impl From<i64> for Version {
    fn from(version: i64) -> Self {
        Version(version)
    }
}

impl From<Version> for i64 {
    fn from(version: Version) -> Self {
        version.0
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
