//! What can be wrong with a text: every mistake with its code, its place and its parameters.

mod kind;
mod known;
mod locate;
mod place;
mod render;
mod suggest;
mod syntax;

use std::fmt::{self, Write as _};

pub use kind::{Code, Format, JsonType, ViolationKind};
pub use known::Known;
pub use locate::Span;
use place::Whereabouts;
pub use place::{Part, Place};
pub(crate) use place::{Path, Pointer};
pub use render::Rendering;
pub use syntax::SyntaxError;

use serde::ser::{Serialize, SerializeMap, Serializer};

/// One thing that is wrong with a body or a schema.
///
/// It keeps data: the place, the code and its parameters. The message is made when it is asked for, and never
/// repeats a value from the text, since bodies hold personal data.
#[derive(Clone, Debug, PartialEq)]
pub struct Violation {
    /// Not boxed: fitting it would cost another allocation for each of many violations.
    pointer: String,
    /// `None` where there is no text, or for a check made after reading.
    whereabouts: Option<Whereabouts>,
    /// Boxed: it is looked for later, and only for those that are told.
    span: Option<Box<Span>>,
    kind: ViolationKind,
}

impl Violation {
    pub(crate) fn new(pointer: Pointer, place: Option<Place>, kind: ViolationKind) -> Self {
        Violation::somewhere(pointer, place.map(Whereabouts::Body), kind)
    }

    /// Of a declaration, or of the document of a service.
    pub(crate) fn in_document(pointer: Pointer, path: Path, kind: ViolationKind) -> Self {
        Violation::somewhere(pointer, Some(Whereabouts::Document(path)), kind)
    }

    fn somewhere(pointer: Pointer, whereabouts: Option<Whereabouts>, kind: ViolationKind) -> Self {
        Violation { pointer: pointer.into(), whereabouts, span: None, kind }
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

    /// What was probably meant, where a known name is near to the one given: a field, an extension, an attribute,
    /// or the name of a business attribute's value.
    pub fn suggestion(&self) -> Option<&str> {
        let (known, fields) = match &self.kind {
            ViolationKind::UnknownBusinessValue { suggestion, .. } => return suggestion.as_deref(),
            ViolationKind::UnknownExtension { known, fields } => (known, Some(fields)),
            ViolationKind::UnknownAttribute { known, .. } | ViolationKind::UnknownKey { known } => {
                (known, None)
            }
            _ => return None,
        };
        // The last part of the pointer is the name that is not known.
        let name = self.pointer.rsplit('/').next()?.replace("~1", "/").replace("~0", "~");
        let candidates = known.all().chain(fields.into_iter().flat_map(Known::all));
        suggest::nearest(&name, candidates)
    }

    /// Where it stands in the text: line, column and bytes. `None` until [`Violations::locate`] has looked, and where
    /// there is no text, as for a schema made in Rust.
    pub fn span(&self) -> Option<&Span> {
        self.span.as_deref()
    }

    /// Where it stands in a body, as ordinals; `None` where there is no body, or for a check made after reading.
    pub fn place(&self) -> Option<Place> {
        match self.whereabouts {
            Some(Whereabouts::Body(place)) => Some(place),
            Some(Whereabouts::Document(_)) | None => None,
        }
    }

    /// The pointer as people are shown it.
    fn shown_pointer(&self) -> Printable<'_> {
        Printable(if self.pointer.is_empty() { "(whole text)" } else { &self.pointer })
    }

    /// The same violation seen from a document in which the text stands under `parent`.
    fn below(mut self, parent: &str, at: Path) -> Self {
        self.pointer = format!("{parent}{}", self.pointer);
        // What has no place concerns the whole text.
        let inside = self.whereabouts.map_or(Path::WHOLE, Path::from);
        self.whereabouts = Some(Whereabouts::Document(at.join(inside)));
        self
    }
}

/// Text of a body for a line of a log: control characters are escaped.
struct Printable<'t>(&'t str);

impl fmt::Display for Printable<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|character| {
            if character.is_control() {
                write!(f, "{}", character.escape_default())
            } else {
                f.write_char(character)
            }
        })
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: {}", self.shown_pointer(), self.code(), self.kind)
    }
}

impl Serialize for Violation {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut json = serializer.serialize_map(None)?;
        json.serialize_entry("pointer", &self.pointer)?;
        json.serialize_entry("code", self.code().as_str())?;
        json.serialize_entry("message", &self.message())?;
        if let Some(expected) = self.expected() {
            json.serialize_entry("expected", &expected)?;
        }
        if let Some(suggestion) = self.suggestion() {
            json.serialize_entry("suggestion", suggestion)?;
        }
        if let Some(Span { line, column, .. }) = self.span() {
            json.serialize_entry("line", line)?;
            json.serialize_entry("column", column)?;
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

    /// Looks for each violation in the text it was found in, so that it has a [`Violation::span`]. What is missing
    /// points at the object that lacks it.
    ///
    /// [`CompleteService::end`](crate::CompleteService::end) does this by itself, as do the functions that read
    /// declarations and whole stored services from JSON; what is valid never pays for it.
    #[must_use]
    pub fn locate(mut self, text: &[u8]) -> Self {
        if let Ok(text) = std::str::from_utf8(text) {
            let spans = locate::locate(text, &self.list);
            for (violation, span) in self.list.iter_mut().zip(spans) {
                violation.span = span.map(Box::new);
            }
        }
        self
    }

    /// The violations for people: each with the line of the text they were found in, and the place in it marked.
    pub fn render<'a>(&'a self, text: &'a [u8]) -> Rendering<'a> {
        Rendering::of_violations(self, text)
    }

    /// The same violations seen from a document in which the text stands under `parent`.
    pub(crate) fn below(self, parent: &str, at: Path) -> Self {
        let list = self.list.into_iter().map(|violation| violation.below(parent, at)).collect();
        Violations { list, truncated: self.truncated }
    }

    /// The same violations of something that has no text.
    pub(crate) fn without_places(mut self) -> Self {
        for violation in &mut self.list {
            violation.whereabouts = None;
        }
        self
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

    /// Whether something was wrong at a place.
    pub(crate) fn has(&self, pointer: &str) -> bool {
        self.list.iter().any(|violation| &*violation.pointer == pointer)
    }

    /// The value, if nothing was wrong.
    pub(crate) fn finish<T>(mut self, value: T) -> Result<T, Violations> {
        match self.take_violations() {
            Some(violations) => Err(violations),
            None => Ok(value),
        }
    }

    /// Takes out what was found, if anything was.
    pub(crate) fn take_violations(&mut self) -> Option<Violations> {
        if self.list.is_empty() {
            return None;
        }
        Some(Violations { list: std::mem::take(&mut self.list), truncated: self.truncated })
    }
}
