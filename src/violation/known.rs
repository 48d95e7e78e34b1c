use std::fmt;
use std::iter::Take;
use std::sync::Arc;

use serde::de::{Deserialize, Deserializer};
use serde::ser::{Serialize, SerializeSeq, Serializer};

/// The values that would have been right: at most 20 of them, and how many more there are. Of long ones fewer are
/// listed, so that all together have at most 512 bytes, but for a single one.
///
/// As JSON it is an array of strings, of which the last says `and 7 more` where there are more.
///
/// ```
/// # use service_end::{ReadError, Schemas, Validator};
/// # let Err(ReadError::Invalid(violations)) = Validator::new(Schemas::new()).read(b"{\"x\": 1}") else { panic!() };
/// let known = violations.as_slice()[0].expected().unwrap();
/// assert_eq!(known.len(), 11);
/// assert_eq!(known.iter().next(), Some("session_id"));
/// assert_eq!(known.more(), 0);
/// ```
#[derive(Clone, Debug)]
pub struct Known {
    /// What the crate knows; it stands before what a host declares.
    fixed: &'static [&'static str],
    /// What a host declares.
    declared: Option<Arc<Declared>>,
}

#[derive(Debug)]
struct Declared {
    /// As many as there are, where the nearest is to be looked for among them.
    values: Box<[Arc<str>]>,
    /// How many more there are.
    more: usize,
}

/// How many are listed at most.
const LISTED: usize = 20;
/// How many bytes all that are listed have at most: a body can have a hundred violations, and schemas long names.
const LISTED_BYTES: usize = 512;

impl Known {
    pub(crate) const fn fixed(values: &'static [&'static str]) -> Self {
        Known { fixed: values, declared: None }
    }

    pub(crate) fn declared(values: impl IntoIterator<Item = Arc<str>>) -> Self {
        Known::of(values, 0)
    }

    /// As many as can be listed of so many values; those beyond are not looked at.
    pub(crate) fn listed(count: usize, values: impl Iterator<Item = Arc<str>>) -> Self {
        Known::of(values.take(LISTED), count.saturating_sub(LISTED))
    }

    fn of(values: impl IntoIterator<Item = Arc<str>>, more: usize) -> Self {
        let declared = Declared { values: values.into_iter().collect(), more };
        Known { fixed: &[], declared: Some(Arc::new(declared)) }
    }

    /// What the crate knows and what a host declares, in one list.
    pub(super) fn with_declared(&self, declared: &Known) -> Self {
        Known { fixed: self.fixed, ..declared.clone() }
    }

    /// How many are listed: at most 20.
    pub fn len(&self) -> usize {
        let mut bytes = 0;
        let fits = |value: &&str| {
            bytes += value.len();
            bytes <= LISTED_BYTES
        };
        let listed = self.all().take(LISTED).take_while(fits).count();
        listed.max(self.all().len().min(1))
    }

    /// How many bytes those that are listed take in an answer, about.
    pub(super) fn bytes(&self) -> usize {
        let bytes: usize = self.all().take(LISTED).map(|value| value.len() + 3).sum();
        bytes.min(LISTED_BYTES)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.all().len() == 0
    }

    /// The values that are listed.
    pub fn iter(&self) -> KnownIter<'_> {
        KnownIter(self.all().take(self.len()))
    }

    /// How many more there are than are listed.
    pub fn more(&self) -> usize {
        self.all().len() - self.len() + self.declared.as_ref().map_or(0, |declared| declared.more)
    }

    /// All values, those that are not listed too.
    pub(super) fn all(&self) -> All<'_> {
        let declared = self.declared.as_ref().map_or(&[][..], |declared| &declared.values);
        All { fixed: self.fixed.iter(), declared: declared.iter() }
    }

    fn and_more(&self) -> Option<String> {
        let more = self.more();
        (more > 0).then(|| format!("and {more} more"))
    }
}

/// All values, those that are not listed too.
#[derive(Clone, Debug)]
pub(super) struct All<'a> {
    fixed: std::slice::Iter<'static, &'static str>,
    declared: std::slice::Iter<'a, Arc<str>>,
}

impl<'a> Iterator for All<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        match self.fixed.next() {
            Some(fixed) => Some(fixed),
            None => self.declared.next().map(|declared| &**declared),
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let length = self.fixed.len() + self.declared.len();
        (length, Some(length))
    }
}

impl ExactSizeIterator for All<'_> {}

/// The values that a [`Known`] lists.
#[derive(Clone, Debug)]
pub struct KnownIter<'a>(Take<All<'a>>);

impl<'a> Iterator for KnownIter<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        self.0.next()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl ExactSizeIterator for KnownIter<'_> {}

impl<'a> IntoIterator for &'a Known {
    type Item = &'a str;
    type IntoIter = KnownIter<'a>;

    fn into_iter(self) -> KnownIter<'a> {
        self.iter()
    }
}

/// Equal if they say the same.
impl PartialEq for Known {
    fn eq(&self, other: &Self) -> bool {
        self.more() == other.more() && self.iter().eq(other)
    }
}

impl Eq for Known {}

/// The values in backticks, as a sentence lists them.
impl fmt::Display for Known {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (ordinal, value) in self.iter().enumerate() {
            // Piece by piece: a violation can list eighty names.
            f.write_str(if ordinal > 0 { ", `" } else { "`" })?;
            f.write_str(value)?;
            f.write_str("`")?;
        }
        self.and_more().map_or(Ok(()), |more| write!(f, " {more}"))
    }
}

impl Serialize for Known {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (values, more) = (self.iter(), self.and_more());
        let mut json = serializer.serialize_seq(Some(values.len() + usize::from(more.is_some())))?;
        for value in values {
            json.serialize_element(value)?;
        }
        if let Some(more) = more {
            json.serialize_element(&more)?;
        }
        json.end()
    }
}

impl<'de> Deserialize<'de> for Known {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut values = Vec::<String>::deserialize(deserializer)?;
        let bytes: usize = values.iter().map(String::len).sum();
        // Only behind a full list there can be more. In half of the bytes there is room for the longest name.
        let is_full = values.len() == LISTED + 1 || bytes > LISTED_BYTES / 2;
        let more = values.last().filter(|_| is_full).and_then(|last| count_of_more(last));
        if more.is_some() {
            values.pop();
        }
        Ok(Known::of(values.into_iter().map(Arc::from), more.unwrap_or(0)))
    }
}

fn count_of_more(text: &str) -> Option<usize> {
    text.strip_prefix("and ")?.strip_suffix(" more")?.parse().ok().filter(|more| *more > 0)
}
