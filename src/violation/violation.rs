use std::fmt::{self, Write};

use serde::de::{Deserialize, Deserializer};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Map, Value as Json};

use super::code::{Code, HostCode};
use super::kind::{Params, ViolationKind};
use super::known::Known;
use super::members::Members;
use super::place::{Path, Place, Pointer, Span, Whereabouts};
use super::printable::{Beginning, Printable, told_bytes};
use super::suggest::{Budget, LONGEST};

/// One thing that is wrong with a body or a schema.
///
/// It is data: the place, the code and its parameters. Nothing that it says repeats a value from the text, since
/// bodies hold personal data. As JSON it is an object of these members, and reads back with equal JSON:
///
/// | member | value |
/// |---|---|
/// | `pointer`, `code`, `message` | texts |
/// | `params` | an object, where there are parameters |
/// | `expected` | a list of texts, where what would be right can be listed |
/// | `suggestion` | a text, where something was probably meant |
/// | `line`, `column` | from 1, where the place in the text is known |
#[derive(Clone, Debug, PartialEq)]
pub struct Violation {
    /// Not boxed: fitting it would cost another allocation for each of many violations.
    pointer: String,
    /// `None` where there is no text, or for a check made after reading.
    whereabouts: Option<Whereabouts>,
    /// Boxed: it is looked for later, and only for those that are told.
    span: Option<Box<Span>>,
    what: What,
    /// What was probably meant by a name that is not known.
    suggestion: Option<Box<str>>,
}

#[derive(Clone, Debug, PartialEq)]
enum What {
    /// Found by this crate.
    Kind(ViolationKind),
    /// As somebody else tells it: read back from JSON.
    Told(Box<Told>),
}

#[derive(Clone, Debug, PartialEq)]
struct Told {
    code: Code,
    message: String,
    params: Map<String, Json>,
    expected: Option<Known>,
    /// Its place is to be looked for by the names in its pointer.
    by_pointer: bool,
}

impl Violation {
    /// A finding of the host's own, at a pointer (RFC 6901) in the names of the body. See [`rules`](crate::rules): a rule
    /// makes its findings by place. This is for what was found elsewhere, to be merged with
    /// [`Violations::merge`](super::Violations::merge).
    ///
    /// The message is told as it is. Where it is shown to people, characters that can't be seen are escaped. It should
    /// not repeat a value of the body, since bodies hold personal data.
    ///
    /// ```
    /// use service_end::Violation;
    /// use service_end::violation::HostCode;
    /// let violation = Violation::of_host("/disposition", HostCode::new("case_is_open")?, "the case is still open");
    /// assert_eq!(violation.to_string(), "/disposition: case_is_open: the case is still open");
    /// # Ok::<(), service_end::violation::HostCodeError>(())
    /// ```
    pub fn of_host(pointer: impl Into<String>, code: HostCode, message: impl Into<String>) -> Self {
        let (params, expected) = (Map::new(), None);
        let told = Told { code: code.into(), message: message.into(), params, expected, by_pointer: true };
        Violation {
            pointer: pointer.into(),
            whereabouts: None,
            span: None,
            what: What::Told(Box::new(told)),
            suggestion: None,
        }
    }

    /// Whether its place is to be looked for by the names in its pointer.
    pub(super) fn is_by_pointer(&self) -> bool {
        matches!(&self.what, What::Told(told) if told.by_pointer)
    }

    /// The same, to be looked for in a text: what another program told has no other place.
    pub(super) fn by_pointer(mut self) -> Self {
        if let What::Told(told) = &mut self.what {
            told.by_pointer = true;
        }
        self
    }

    pub(crate) fn new(pointer: Pointer, place: Option<Place>, kind: ViolationKind) -> Self {
        Violation::somewhere(pointer, place.map(Whereabouts::Body), kind)
    }

    /// Of a declaration, or of the document of a service.
    pub(crate) fn in_document(pointer: Pointer, path: Path, kind: ViolationKind) -> Self {
        Violation::somewhere(pointer, Some(Whereabouts::Document(path)), kind)
    }

    fn somewhere(pointer: Pointer, whereabouts: Option<Whereabouts>, kind: ViolationKind) -> Self {
        Violation {
            pointer: pointer.into(),
            whereabouts,
            span: None,
            what: What::Kind(kind),
            suggestion: None,
        }
    }

    /// Adds what was probably meant, as far as the budget lets look for it: by a name, or by the text of a value.
    pub(super) fn suggest(&mut self, text: Option<&str>, budget: &mut Budget) {
        let What::Kind(kind) = &self.what else { return };
        if let (ViolationKind::UnknownValue { .. }, Some(text)) = (kind, text) {
            self.suggestion = kind.suggestion(text, budget).map(Into::into);
            return;
        }
        if !kind.is_unknown_name() {
            return;
        }
        // The last part of the pointer is the name that is not known.
        let Some((_, name)) = self.pointer.rsplit_once('/') else {
            unreachable!("a name that is not known stands in its pointer")
        };
        // In a pointer, a character takes two bytes at most for each of its own.
        if name.len() > 2 * LONGEST {
            return;
        }
        let suggestion = if name.contains('~') {
            kind.suggestion(&Pointer::unescaped(name), budget)
        } else {
            kind.suggestion(name, budget)
        };
        self.suggestion = suggestion.map(Into::into);
    }

    /// How many bytes an answer takes for the names in it, about. Those in the pointer stand in the document, in the
    /// rendering and in the lines that it shows, and long ones are skipped at a fraction of what other bytes take.
    pub(super) fn names_bytes(&self) -> usize {
        let factor = if self.pointer.is_ascii() { 4 } else { 8 };
        let pointer = factor * told_bytes(&self.pointer);
        match &self.what {
            What::Kind(kind) => pointer + kind.names_bytes(),
            What::Told(_) => pointer,
        }
    }

    /// The place as a JSON Pointer (RFC 6901), in the names of the text; empty for the whole of it.
    pub fn pointer(&self) -> &str {
        &self.pointer
    }

    /// The stable code.
    pub fn code(&self) -> &Code {
        match &self.what {
            What::Kind(kind) => kind.code(),
            What::Told(told) => &told.code,
        }
    }

    /// What is wrong and what would be right: one lower-case sentence without a full stop.
    pub fn message(&self) -> String {
        match &self.what {
            What::Kind(kind) => {
                // With room from the start: growing costs as much as writing.
                let mut message = String::with_capacity(192);
                match write!(message, "{kind}") {
                    Ok(()) => message,
                    Err(fmt::Error) => unreachable!("a string takes every text"),
                }
            }
            What::Told(told) => told.message.clone(),
        }
    }

    /// The numbers and names that the message is made of, for hosts that write it in another language: `limit`,
    /// `length`, `minimum`, `maximum`, `attribute`, `attributes`, `first`, `found` and so on. Never a value of the
    /// text. Which attributes of a key a record does not give, `by_default` and `without_value`, is told where fewer than
    /// ten violations come before.
    pub fn params(&self) -> Map<String, Json> {
        match &self.what {
            What::Kind(kind) => Params(kind).to_map(),
            What::Told(told) => told.params.clone(),
        }
    }

    /// What would be right, where it can be listed: at most 20 known values.
    pub fn expected(&self) -> Option<Known> {
        match &self.what {
            What::Kind(kind) => kind.expected(),
            What::Told(told) => told.expected.clone(),
        }
    }

    /// What was probably meant, where a known name is near to the one given: a field, an extension, an attribute,
    /// a value that its attribute lists,
    /// or the name of a business attribute's value. A text full of unknown names has none from some point on, since
    /// no answer is to cost more than its question.
    pub fn suggestion(&self) -> Option<&str> {
        match &self.what {
            What::Kind(ViolationKind::UnknownBusinessValue { suggestion, .. }) => suggestion.as_deref(),
            _ => self.suggestion.as_deref(),
        }
    }

    /// Where it stands in the text: line, column and bytes. `None` until
    /// [`Violations::locate`](super::Violations::locate) has looked, and where there is no text, as for a schema made
    /// in Rust.
    pub fn span(&self) -> Option<&Span> {
        self.span.as_deref()
    }

    pub(super) fn set_span(&mut self, span: Span) {
        self.span = Some(Box::new(span));
    }

    /// Where it stands in a body, as ordinals; `None` where there is no body, or for a check made after reading.
    pub fn place(&self) -> Option<Place> {
        match self.whereabouts {
            Some(Whereabouts::Body(place)) => Some(place),
            Some(Whereabouts::Document(_)) | None => None,
        }
    }

    pub(super) fn whereabouts(&self) -> Option<Whereabouts> {
        self.whereabouts
    }

    pub(super) fn without_place(self) -> Self {
        Violation { whereabouts: None, ..self }
    }

    /// The pointer as people are shown it.
    pub(super) fn shown_pointer(&self) -> Beginning<'_> {
        Beginning(if self.pointer.is_empty() { "(whole text)" } else { &self.pointer })
    }

    /// The same violation seen from the value of a member, in which it stands.
    pub(super) fn inside(mut self, member: &str) -> Self {
        let inside = self.pointer.strip_prefix('/').and_then(|pointer| pointer.strip_prefix(member));
        if let Some(inside) = inside {
            self.pointer = inside.to_owned();
        }
        self
    }

    /// The same violation seen from a document in which the text stands under `parent`.
    pub(super) fn below(mut self, parent: &str, at: Path) -> Self {
        self.pointer = format!("{parent}{}", self.pointer);
        // What has no place concerns the whole text.
        let inside = self.whereabouts.map_or(Path::WHOLE, Path::from);
        self.whereabouts = Some(Whereabouts::Document(at.join(inside)));
        self
    }
}

/// Pointer, code and message, for people: characters that can't be seen are escaped, and a long pointer is cut.
/// [`Violation::pointer`] and the JSON have all of it.
impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: ", self.shown_pointer(), self.code())?;
        match &self.what {
            What::Kind(kind) => kind.fmt(f),
            // Somebody else may have written it.
            What::Told(told) => Printable(&told.message).fmt(f),
        }
    }
}

impl Serialize for Violation {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut json = serializer.serialize_map(None)?;
        json.serialize_entry("pointer", &self.pointer)?;
        json.serialize_entry("code", self.code())?;
        match &self.what {
            What::Kind(kind) => {
                json.serialize_entry("message", &format_args!("{kind}"))?;
                if kind.has_params() {
                    json.serialize_entry("params", &Params(kind))?;
                }
            }
            What::Told(told) => {
                json.serialize_entry("message", &told.message)?;
                if !told.params.is_empty() {
                    json.serialize_entry("params", &told.params)?;
                }
            }
        }
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

/// A violation that somebody told: it has no place as ordinals, and of its span only line and column.
impl<'de> Deserialize<'de> for Violation {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut members = Members::deserialize(deserializer)?;
        let told = Told {
            code: members.needed("code")?,
            message: members.needed("message")?,
            params: members.take("params")?.unwrap_or_default(),
            expected: members.take("expected")?,
            by_pointer: false,
        };
        let position = members.position()?;
        Ok(Violation {
            pointer: members.needed("pointer")?,
            whereabouts: None,
            span: position.map(|(line, column)| Box::new(Span { line, column, bytes: 0..0 })),
            what: What::Told(Box::new(told)),
            suggestion: members.take("suggestion")?,
        })
    }
}
