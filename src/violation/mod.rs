//! What can be wrong with a text: every mistake with its code, its place and its parameters.

mod kind;
mod known;
mod place;
mod syntax;

use std::fmt;

pub use kind::{Code, Format, JsonType, ViolationKind};
pub use known::Known;
pub(crate) use place::Pointer;
pub use place::{Part, Place};
pub use syntax::SyntaxError;

use serde::ser::{Serialize, SerializeStruct, Serializer};

/// One thing that is wrong with a body or a schema.
///
/// It keeps data: the place, the code and its parameters. The message is made when it is asked for, and never
/// repeats a value from the text, since bodies hold personal data.
#[derive(Clone, Debug, PartialEq)]
pub struct Violation {
    pointer: Box<str>,
    place: Option<Place>,
    kind: ViolationKind,
}

impl Violation {
    pub(crate) fn new(pointer: Pointer, place: Option<Place>, kind: ViolationKind) -> Self {
        Violation { pointer: pointer.into(), place, kind }
    }

    /// The place as a JSON Pointer (RFC 6901), in the names of the text; empty for the whole of it.
    pub fn pointer(&self) -> &str {
        &self.pointer
    }

    /// The stable code.
    pub fn code(&self) -> Code {
        self.kind.code()
    }

    /// What is wrong, with its parameters, for hosts that write their own messages.
    pub fn kind(&self) -> &ViolationKind {
        &self.kind
    }

    /// What is wrong and what would be right: one lower-case sentence without a full stop.
    pub fn message(&self) -> String {
        self.kind.to_string()
    }

    /// What would be right, where it can be listed: at most 20 known values.
    pub fn expected(&self) -> Option<Known> {
        self.kind.expected()
    }

    /// Where it stands in the text, as ordinals; `None` where there is no text, or for a check made after reading.
    pub fn place(&self) -> Option<Place> {
        self.place
    }

    /// The same violation seen from a document in which the text stands under `parent`.
    fn below(mut self, parent: &str) -> Self {
        self.pointer = format!("{parent}{}", self.pointer).into();
        self.place = None;
        self
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pointer = if self.pointer.is_empty() { "(whole text)" } else { &*self.pointer };
        write!(f, "{pointer}: {}: {}", self.code(), self.kind)
    }
}

impl Serialize for Violation {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let expected = self.expected();
        let mut json = serializer.serialize_struct("Violation", if expected.is_some() { 4 } else { 3 })?;
        json.serialize_field("pointer", &self.pointer)?;
        json.serialize_field("code", self.code().as_str())?;
        json.serialize_field("message", &self.message())?;
        match expected {
            Some(expected) => json.serialize_field("expected", &expected)?,
            None => json.skip_field("expected")?,
        }
        json.end()
    }
}

/// All that is wrong with one body or schema, in the order in which it is established from the front.
#[derive(Clone, Debug, PartialEq)]
pub struct Violations {
    list: Vec<Violation>,
    truncated: bool,
}

impl Violations {
    pub(crate) fn one(violation: Violation) -> Self {
        Violations { list: vec![violation], truncated: false }
    }

    /// The violations that were kept, at least one.
    pub fn iter(&self) -> std::slice::Iter<'_, Violation> {
        self.list.iter()
    }

    /// The violations that were kept, as a slice.
    pub fn as_slice(&self) -> &[Violation] {
        &self.list
    }

    /// Whether there were more than the limit lets keep (100 by default).
    pub fn truncated(&self) -> bool {
        self.truncated
    }

    pub(crate) fn below(self, parent: &str) -> Self {
        let list = self.list.into_iter().map(|violation| violation.below(parent)).collect();
        Violations { list, truncated: self.truncated }
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

/// Gathers violations while a text is read, and keeps no more than the limit.
#[derive(Debug)]
pub(crate) struct Collector {
    list: Vec<Violation>,
    limit: usize,
    truncated: bool,
}

impl Collector {
    pub(crate) fn new(limit: usize) -> Self {
        Collector { list: Vec::new(), limit: limit.max(1), truncated: false }
    }

    pub(crate) fn unlimited() -> Self {
        Collector::new(usize::MAX)
    }

    /// Keeps a violation; it is made only if there is room for it.
    #[cold]
    pub(crate) fn push(&mut self, make: impl FnOnce() -> Violation) {
        if self.list.len() < self.limit {
            self.list.push(make());
        } else {
            self.truncated = true;
        }
    }

    pub(crate) fn extend(&mut self, violations: Violations) {
        for violation in violations.list {
            self.push(|| violation);
        }
        self.truncated |= violations.truncated;
    }

    /// The value, if nothing was wrong.
    pub(crate) fn finish<T>(self, value: T) -> Result<T, Violations> {
        match self.into_violations() {
            Some(violations) => Err(violations),
            None => Ok(value),
        }
    }

    pub(crate) fn into_violations(self) -> Option<Violations> {
        if self.list.is_empty() {
            return None;
        }
        Some(Violations { list: self.list, truncated: self.truncated })
    }
}
