//! Failures as RFC 9457 problem documents.

use std::error::Error;
use std::fmt;

use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::complete::CompleteError;
use crate::schema::{DeclarationError, SchemaExists, SchemaNotFound};
use crate::service::Refusal;
use crate::validate::ReadError;
use crate::violation::{Rendering, SyntaxError, Violations};

/// What kind of failure it is: a stable code, with the HTTP status that goes with it (as a plain number, since the
/// crate knows no HTTP library) and a fixed title.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ProblemCode {
    /// 400: the body is no JSON object.
    Syntax,
    /// 400: the body has violations.
    InvalidEvent,
    /// 400: the schema has mistakes.
    InvalidSchema,
    /// 404: no such service.
    ServiceNotFound,
    /// 404: no such schema.
    SchemaNotFound,
    /// 409: the service has ended in another way.
    ServiceAlreadyEnded,
    /// 409: the name of the schema is taken.
    SchemaExists,
    /// 413: the body is over the host's limit.
    BodyTooLarge,
    /// 413: with its defaults, the event is over the host's limit.
    EventTooLarge,
    /// 413: the store can never take it.
    TooLargeForStorage,
    /// 503: other writers kept winning.
    Contended,
    /// 503: the store registers another schema than the event was read with.
    SchemaChanged,
    /// 503: the store failed; the outcome may be unknown.
    StorageUnavailable,
}

impl ProblemCode {
    /// The code.
    pub const fn as_str(self) -> &'static str {
        match self {
            ProblemCode::Syntax => "syntax",
            ProblemCode::InvalidEvent => "invalid_event",
            ProblemCode::InvalidSchema => "invalid_schema",
            ProblemCode::ServiceNotFound => "service_not_found",
            ProblemCode::SchemaNotFound => "schema_not_found",
            ProblemCode::ServiceAlreadyEnded => "service_already_ended",
            ProblemCode::SchemaExists => "schema_exists",
            ProblemCode::BodyTooLarge => "body_too_large",
            ProblemCode::EventTooLarge => "event_too_large",
            ProblemCode::TooLargeForStorage => "too_large_for_storage",
            ProblemCode::Contended => "contended",
            ProblemCode::SchemaChanged => "schema_changed",
            ProblemCode::StorageUnavailable => "storage_unavailable",
        }
    }

    /// The HTTP status.
    pub const fn status(self) -> u16 {
        match self {
            ProblemCode::Syntax | ProblemCode::InvalidEvent | ProblemCode::InvalidSchema => 400,
            ProblemCode::ServiceNotFound | ProblemCode::SchemaNotFound => 404,
            ProblemCode::ServiceAlreadyEnded | ProblemCode::SchemaExists => 409,
            ProblemCode::BodyTooLarge | ProblemCode::EventTooLarge | ProblemCode::TooLargeForStorage => 413,
            ProblemCode::Contended | ProblemCode::SchemaChanged | ProblemCode::StorageUnavailable => 503,
        }
    }

    /// A short summary, always the same for a code.
    pub const fn title(self) -> &'static str {
        match self {
            ProblemCode::Syntax => "The body is no JSON object",
            ProblemCode::InvalidEvent => "The service end event is invalid",
            ProblemCode::InvalidSchema => "The extension schema is invalid",
            ProblemCode::ServiceNotFound => "There is no such service",
            ProblemCode::SchemaNotFound => "There is no such extension schema",
            ProblemCode::ServiceAlreadyEnded => "The service has ended already",
            ProblemCode::SchemaExists => "The extension schema exists already",
            ProblemCode::BodyTooLarge => "The body is too large",
            ProblemCode::EventTooLarge => "The service end event is too large",
            ProblemCode::TooLargeForStorage => "The end of the service is too large to be stored",
            ProblemCode::Contended => "Others are changing the service",
            ProblemCode::SchemaChanged => "The schema of an extension has changed",
            ProblemCode::StorageUnavailable => "The storage is unavailable",
        }
    }
}

impl fmt::Display for ProblemCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A failure as a problem document (RFC 9457), to be written by `serde` as `application/problem+json`.
///
/// It tells the caller nothing of the store's own error, and no value of the body.
///
/// ```
/// use service_end::{Problem, Schemas, Validator};
/// let error = Validator::new(Schemas::new()).read(b"{\"disposition\" 10}").unwrap_err();
/// let problem = Problem::from(&error);
/// assert_eq!(problem.status(), 400);
/// assert_eq!(
///     serde_json::to_string(&problem).unwrap(),
///     r#"{"type":"urn:service-end:problem:syntax","title":"The body is no JSON object","status":400,"#.to_owned()
///         + r#""code":"syntax","detail":"expected `:` at line 1, column 16","line":1,"column":16}"#,
/// );
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Problem {
    code: ProblemCode,
    detail: String,
    violations: Option<Violations>,
    syntax: Option<SyntaxError>,
}

impl Problem {
    /// The media type of the document.
    pub const MEDIA_TYPE: &'static str = "application/problem+json";

    /// A problem of a host's own making, like a store that is away before the operation begins.
    pub fn new(code: ProblemCode, detail: impl Into<String>) -> Self {
        Problem { code, detail: detail.into(), violations: None, syntax: None }
    }

    /// What is wrong with an event, also one made in Rust.
    pub fn invalid_event(violations: &Violations) -> Self {
        Problem::invalid(ProblemCode::InvalidEvent, "the body", violations)
    }

    /// What is wrong with a schema, also one made in Rust.
    pub fn invalid_schema(violations: &Violations) -> Self {
        Problem::invalid(ProblemCode::InvalidSchema, "the schema", violations)
    }

    fn invalid(code: ProblemCode, what: &str, violations: &Violations) -> Self {
        let count = violations.as_slice().len();
        let more = if violations.truncated() { "more than " } else { "" };
        let plural = if count == 1 { "" } else { "s" };
        let detail = format!("{what} has {more}{count} violation{plural}");
        Problem { violations: Some(violations.clone()), ..Problem::new(code, detail) }
    }

    fn syntax(code: ProblemCode, error: &SyntaxError) -> Self {
        Problem { syntax: Some(error.clone()), ..Problem::new(code, error.to_string()) }
    }

    /// The stable code.
    pub fn code(&self) -> ProblemCode {
        self.code
    }

    /// The HTTP status.
    pub fn status(&self) -> u16 {
        self.code.status()
    }

    /// What happened this time, for people.
    pub fn detail(&self) -> &str {
        &self.detail
    }

    /// What is wrong with the body or the schema.
    pub fn violations(&self) -> Option<&Violations> {
        self.violations.as_ref()
    }

    /// For people: the lines of the text that is at fault, a body or a schema, and the places in them marked. `None`
    /// for a problem that has no place in a text.
    ///
    /// Values are hidden, since bodies hold personal data. A schema holds none, and is easier to read with them:
    /// [`Rendering::show_values`].
    pub fn render<'a>(&'a self, text: &'a [u8]) -> Option<Rendering<'a>> {
        let of_violations = self.violations.as_ref().map(|violations| violations.render(text));
        of_violations.or_else(|| self.syntax.as_ref().map(|error| error.render(text)))
    }
}

impl Serialize for Problem {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut json = serializer.serialize_map(None)?;
        json.serialize_entry("type", &format_args!("urn:service-end:problem:{}", self.code))?;
        json.serialize_entry("title", self.code.title())?;
        json.serialize_entry("status", &self.code.status())?;
        json.serialize_entry("code", self.code.as_str())?;
        json.serialize_entry("detail", &self.detail)?;
        let position = self.syntax.as_ref().and_then(|error| error.line().zip(error.column()));
        if let Some((line, column)) = position {
            json.serialize_entry("line", &line)?;
            json.serialize_entry("column", &column)?;
        }
        if let Some(violations) = &self.violations {
            json.serialize_entry("violations", violations.as_slice())?;
            json.serialize_entry("truncated", &violations.truncated())?;
        }
        json.end()
    }
}

impl From<&ReadError> for Problem {
    fn from(error: &ReadError) -> Self {
        match error {
            ReadError::Syntax(error) => Problem::syntax(ProblemCode::Syntax, error),
            ReadError::BodyTooLarge { .. } => Problem::new(ProblemCode::BodyTooLarge, error.to_string()),
            ReadError::EventTooLarge { .. } => Problem::new(ProblemCode::EventTooLarge, error.to_string()),
            ReadError::Invalid(violations) => {
                Problem::invalid(ProblemCode::InvalidEvent, "the body", violations)
            }
        }
    }
}

impl From<&Refusal> for Problem {
    fn from(refusal: &Refusal) -> Self {
        match refusal {
            Refusal::NotFound => Problem::new(ProblemCode::ServiceNotFound, refusal.to_string()),
            Refusal::AlreadyEnded => Problem::new(ProblemCode::ServiceAlreadyEnded, refusal.to_string()),
            Refusal::Invalid(violations) => {
                Problem::invalid(ProblemCode::InvalidEvent, "the body", violations)
            }
        }
    }
}

impl<E: Error> From<&CompleteError<E>> for Problem {
    fn from(error: &CompleteError<E>) -> Self {
        match error {
            CompleteError::Read(error) => error.into(),
            CompleteError::Refused(refusal) => refusal.into(),
            CompleteError::Contended { .. } => Problem::new(ProblemCode::Contended, error.to_string()),
            CompleteError::SchemaChanged => Problem::new(ProblemCode::SchemaChanged, error.to_string()),
            CompleteError::TooLargeForStorage => {
                Problem::new(ProblemCode::TooLargeForStorage, error.to_string())
            }
            CompleteError::Storage(_) => Problem::new(
                ProblemCode::StorageUnavailable,
                "the storage failed, and whether the service has ended may be unknown; sending the same event again is safe",
            ),
        }
    }
}

impl From<&DeclarationError> for Problem {
    fn from(error: &DeclarationError) -> Self {
        match error {
            DeclarationError::Syntax(error) => Problem::syntax(ProblemCode::InvalidSchema, error),
            DeclarationError::Invalid(violations) => Problem::invalid_schema(violations),
        }
    }
}

impl From<&SchemaExists> for Problem {
    fn from(error: &SchemaExists) -> Self {
        Problem::new(ProblemCode::SchemaExists, error.to_string())
    }
}

impl From<&SchemaNotFound> for Problem {
    fn from(error: &SchemaNotFound) -> Self {
        Problem::new(ProblemCode::SchemaNotFound, error.to_string())
    }
}

macro_rules! by_value {
    ($($error:ty),*) => {$(
        impl From<$error> for Problem {
            fn from(error: $error) -> Self {
                (&error).into()
            }
        }
    )*};
}

by_value!(ReadError, Refusal, DeclarationError, SchemaExists, SchemaNotFound);

impl<E: Error> From<CompleteError<E>> for Problem {
    fn from(error: CompleteError<E>) -> Self {
        (&error).into()
    }
}
