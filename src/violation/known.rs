use std::fmt;
use std::sync::Arc;

use serde::ser::{Serialize, SerializeSeq, Serializer};

/// The values that would have been right: at most 20 of them, then how many more there are.
///
/// As JSON it is an array of strings, of which the last says `and 7 more` where there are more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known(Values);

#[derive(Clone, Debug)]
enum Values {
    Fixed(&'static [&'static str]),
    Declared(Arc<[Arc<str>]>),
}

impl PartialEq for Values {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for Values {}

impl Values {
    fn iter(&self) -> impl Iterator<Item = &str> {
        let (fixed, declared): (&[&str], &[Arc<str>]) = match self {
            Values::Fixed(values) => (values, &[]),
            Values::Declared(values) => (&[], values),
        };
        fixed.iter().copied().chain(declared.iter().map(|value| &**value))
    }
}

/// How many are listed.
const LISTED: usize = 20;

impl Known {
    pub(crate) const fn fixed(values: &'static [&'static str]) -> Self {
        Known(Values::Fixed(values))
    }

    pub(crate) fn declared(values: impl IntoIterator<Item = Arc<str>>) -> Self {
        Known(Values::Declared(values.into_iter().collect()))
    }

    /// The values that are listed.
    pub fn values(&self) -> impl Iterator<Item = &str> {
        self.all().take(LISTED)
    }

    /// How many more there are.
    pub fn more(&self) -> usize {
        self.all().count().saturating_sub(LISTED)
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &str> {
        self.0.iter()
    }

    fn and_more(&self) -> Option<String> {
        (self.more() > 0).then(|| format!("and {} more", self.more()))
    }
}

/// The values in backticks, as a sentence lists them.
impl fmt::Display for Known {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (ordinal, value) in self.values().enumerate() {
            let comma = if ordinal > 0 { ", " } else { "" };
            write!(f, "{comma}`{value}`")?;
        }
        self.and_more().map_or(Ok(()), |more| write!(f, " {more}"))
    }
}

impl Serialize for Known {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut json = serializer.serialize_seq(None)?;
        for value in self.values() {
            json.serialize_element(value)?;
        }
        if let Some(more) = self.and_more() {
            json.serialize_element(&more)?;
        }
        json.end()
    }
}
