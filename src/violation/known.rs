use std::fmt;
use std::iter::Take;
use std::sync::Arc;

use serde::de::{Deserialize, Deserializer};
use serde::ser::{Serialize, SerializeSeq, Serializer};

use super::printable::told_bytes;

/// The values that would have been right: at most 20 of them, and how many more there are. Of long ones fewer are
/// listed: none after the one that makes it 256 bytes, and none that has more by itself. What JSON escapes counts for
/// eight.
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
    /// Whether nothing is escaped in those that can be listed: then they are as long as they are told.
    plain: bool,
}

/// How many are listed at most, and with how many bytes the list is long enough: a body can have a hundred violations,
/// and schemas long names.
const LISTED: usize = 20;
const LISTED_BYTES: usize = 256;
/// The same, where one sentence has three lists.
const FEW: usize = 5;
const FEW_BYTES: usize = 64;

/// Values up to the one that makes the list long enough. Those in which nothing is escaped are plain.
fn up_to<T: AsRef<str>>(
    enough: usize,
    plain: bool,
    values: impl Iterator<Item = T>,
) -> impl Iterator<Item = T> {
    let mut bytes = 0;
    values.take_while(move |value| {
        let value = value.as_ref();
        let more = if plain || value.len() > LISTED_BYTES { value.len() } else { told_bytes(value) };
        let goes_on = bytes < enough && more <= LISTED_BYTES;
        bytes += more;
        goes_on
    })
}

impl Known {
    pub(crate) const fn fixed(values: &'static [&'static str]) -> Self {
        Known { fixed: values, declared: None }
    }

    pub(crate) fn declared(values: impl IntoIterator<Item = Arc<str>>) -> Self {
        Known::of(values, 0)
    }

    /// The first of so many values, for a sentence that has other lists beside this one.
    pub(crate) fn few(count: usize, values: impl Iterator<Item = Arc<str>>) -> Self {
        let values: Vec<_> = up_to(FEW_BYTES, false, values.take(FEW)).collect();
        let more = count - values.len();
        Known::of(values, more)
    }

    /// As many as can be listed of so many values; those beyond are not looked at.
    pub(crate) fn listed(count: usize, values: impl Iterator<Item = Arc<str>>) -> Self {
        Known::of(values.take(LISTED), count.saturating_sub(LISTED))
    }

    fn of(values: impl IntoIterator<Item = Arc<str>>, more: usize) -> Self {
        let values: Box<[Arc<str>]> = values.into_iter().collect();
        let plain = values.iter().take(LISTED).all(|value| told_bytes(value) == value.len());
        let declared = Declared { values, more, plain };
        Known { fixed: &[], declared: Some(Arc::new(declared)) }
    }

    /// What the crate knows and what a host declares, in one list.
    pub(super) fn with_declared(&self, declared: &Known) -> Self {
        Known { fixed: self.fixed, ..declared.clone() }
    }

    /// How many are listed: at most 20.
    pub fn len(&self) -> usize {
        // A document of 100 names beside 186 schemas takes 10 % less for it.
        let plain = self.declared.as_ref().is_none_or(|declared| declared.plain);
        up_to(LISTED_BYTES, plain, self.all().take(LISTED)).count()
    }

    /// How many bytes those that are listed take in an answer, about.
    pub(super) fn bytes(&self) -> usize {
        if self.declared.is_none() {
            // There is nothing in them to escape. Reading 1,000 violations takes 6 % less.
            return self.fixed.iter().map(|value| value.len() + 3).sum();
        }
        up_to(LISTED_BYTES, false, self.all().take(LISTED)).map(|value| told_bytes(value) + 3).sum()
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
        self.beyond(self.len())
    }

    fn beyond(&self, listed: usize) -> usize {
        self.all().len() - listed + self.declared.as_ref().map_or(0, |declared| declared.more)
    }

    /// All values, those that are not listed too.
    pub(super) fn all(&self) -> All<'_> {
        let declared = self.declared.as_ref().map_or(&[][..], |declared| &declared.values);
        All { fixed: self.fixed.iter(), declared: declared.iter() }
    }

    /// The values that are listed, and what a list says of the others.
    fn listed_and_more(&self) -> (KnownIter<'_>, Option<String>) {
        let listed = self.iter();
        let more = self.beyond(listed.len());
        (listed, (more > 0).then(|| format!("and {more} more")))
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
        let (values, more) = self.listed_and_more();
        if values.len() == 0 && more.is_some() {
            return write!(f, "{} values that are too long to list", self.more());
        }
        for (ordinal, value) in values.enumerate() {
            // In few pieces: a hundred violations can list twenty names each.
            f.write_str(if ordinal > 0 { "`, `" } else { "`" })?;
            f.write_str(value)?;
        }
        if !self.is_empty() {
            f.write_str("`")?;
        }
        more.map_or(Ok(()), |more| write!(f, " {more}"))
    }
}

impl Serialize for Known {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (values, more) = self.listed_and_more();
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
        let bytes: usize = values.iter().map(|value| told_bytes(value)).sum();
        let more = values.last().and_then(|last| {
            // Only behind a full list there can be more. What stands behind one that a long value ends is taken for a value.
            let is_full = values.len() == LISTED + 1 || bytes - told_bytes(last) >= LISTED_BYTES;
            count_of_more(last).filter(|_| is_full)
        });
        if more.is_some() {
            values.pop();
        }
        Ok(Known::of(values.into_iter().map(Arc::from), more.unwrap_or(0)))
    }
}

fn count_of_more(text: &str) -> Option<usize> {
    text.strip_prefix("and ")?.strip_suffix(" more")?.parse().ok().filter(|more| *more > 0)
}
