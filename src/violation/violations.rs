use std::fmt;

use serde::de::{Deserialize, Deserializer, Error};
use serde::ser::{Serialize, SerializeStruct, Serializer};

use super::kind::ViolationKind;
use super::members::Members;
use super::place::{Path, Pointer};
use super::violation::Violation;

/// All that is wrong with one body or schema, in the order in which it is established from the front; at least one
/// violation.
///
/// As JSON it is an object of two members, as a problem document has them: `violations`, a list, and `truncated`. It
/// reads back with equal JSON.
#[derive(Clone, Debug, PartialEq)]
pub struct Violations {
    list: Vec<Violation>,
    truncated: bool,
}

impl Violations {
    /// `None` if the list is empty.
    pub(crate) fn of(list: Vec<Violation>, truncated: bool) -> Option<Self> {
        (!list.is_empty()).then_some(Violations { list, truncated })
    }

    pub(crate) fn one(pointer: Pointer, kind: ViolationKind) -> Self {
        Violations { list: vec![Violation::new(pointer, None, kind)], truncated: false }
    }

    /// What was found elsewhere, for instance by another service: `None` if that is nothing.
    #[must_use]
    pub fn from_findings(findings: impl IntoIterator<Item = Violation>) -> Option<Self> {
        Violations::of(findings.into_iter().map(Violation::by_pointer).collect(), false)
    }

    /// These, and after them those that were found elsewhere. A violation that is read from JSON, or made by
    /// [`Violation::of_host`], is then looked for by its pointer ([`Violations::locate`]).
    ///
    /// ```
    /// use service_end::{Schemas, Validator, Violation, Violations};
    /// let body = b"{ \"resource_id\": \"x\",\n  \"disposition\": 10 }";
    /// let error = Validator::new(Schemas::new()).read(body).unwrap_err();
    /// let elsewhere: Violation = serde_json::from_str(
    ///     r#"{ "pointer": "/disposition", "code": "case_is_open", "message": "the case is still open" }"#,
    /// ).unwrap();
    /// let all = error.violations().unwrap().clone().merge([elsewhere]).locate(body);
    /// let lines: Vec<_> = all.iter().map(|violation| violation.span().unwrap().line).collect();
    /// assert_eq!(lines, [1, 2]);
    /// ```
    #[must_use]
    pub fn merge(mut self, findings: impl IntoIterator<Item = Violation>) -> Self {
        self.list.extend(findings.into_iter().map(Violation::by_pointer));
        self
    }

    /// At most so many of them, at least one. What is cut off is told by [`Violations::truncated`].
    #[must_use]
    pub fn at_most(mut self, limit: usize) -> Self {
        let limit = limit.max(1);
        self.truncated |= self.list.len() > limit;
        self.list.truncate(limit);
        self
    }

    /// How many violations were kept.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Always `false`: there is at least one.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The violations that were kept.
    pub fn iter(&self) -> std::slice::Iter<'_, Violation> {
        self.list.iter()
    }

    /// The violations that were kept, as a slice.
    pub fn as_slice(&self) -> &[Violation] {
        &self.list
    }

    /// Whether there were more than the limit (100 by default), of which the rest were dropped.
    pub fn truncated(&self) -> bool {
        self.truncated
    }

    pub(super) fn as_mut_slice(&mut self) -> &mut [Violation] {
        &mut self.list
    }

    pub(super) fn into_parts(self) -> (Vec<Violation>, bool) {
        (self.list, self.truncated)
    }

    /// The same violations seen from a document in which the text stands under `parent`.
    pub(crate) fn below(self, parent: &str, at: Path) -> Self {
        let list = self.list.into_iter().map(|violation| violation.below(parent, at)).collect();
        Violations { list, truncated: self.truncated }
    }

    /// The same violations seen from the value of a member, in which they stand. Its name needs no escape.
    pub(crate) fn inside(self, member: &str) -> Self {
        let list = self.list.into_iter().map(|violation| violation.inside(member)).collect();
        Violations { list, truncated: self.truncated }
    }

    /// The same violations of something that has no text.
    pub(crate) fn without_places(self) -> Self {
        let list = self.list.into_iter().map(Violation::without_place).collect();
        Violations { list, truncated: self.truncated }
    }
}

impl IntoIterator for Violations {
    type Item = Violation;
    type IntoIter = std::vec::IntoIter<Violation>;

    fn into_iter(self) -> Self::IntoIter {
        self.list.into_iter()
    }
}

impl<'a> IntoIterator for &'a Violations {
    type Item = &'a Violation;
    type IntoIter = std::slice::Iter<'a, Violation>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Display for Violations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (ordinal, violation) in self.list.iter().enumerate() {
            if ordinal > 0 {
                f.write_str("; ")?;
            }
            violation.fmt(f)?;
        }
        if self.truncated { f.write_str("; and more") } else { Ok(()) }
    }
}

impl std::error::Error for Violations {}

impl Serialize for Violations {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut json = serializer.serialize_struct("Violations", 2)?;
        json.serialize_field("violations", &self.list)?;
        json.serialize_field("truncated", &self.truncated)?;
        json.end()
    }
}

impl<'de> Deserialize<'de> for Violations {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut members = Members::deserialize(deserializer)?;
        let violations = members.needed("violations")?;
        let truncated = members.take("truncated")?.unwrap_or_default();
        Violations::of(violations, truncated)
            .ok_or_else(|| D::Error::custom("there must be at least one violation"))
    }
}
