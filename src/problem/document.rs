use std::borrow::Cow;

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::Value;

use super::code::ProblemCode;
use crate::schema::Change;
use crate::violation::{Rendering, SyntaxError, Violations};

/// A failure as a problem document (RFC 9457), written by `serde` as `application/problem+json`, and read back by it.
///
/// It tells the caller nothing of the store's own error, and no value of the body.
///
/// ```
/// use service_end::{Problem, Schemas, Validator};
/// let body = b"{\"disposition\" 10}";
/// let error = Validator::new(Schemas::new()).read(body).unwrap_err();
/// let problem = Problem::from(&error).locate(body);
/// assert_eq!(problem.status(), 400);
/// assert_eq!(
///     serde_json::to_string(&problem).unwrap(),
///     r#"{"type":"urn:service-end:problem:syntax","title":"The body is not a JSON object","status":400,"#.to_owned()
///         + r#""code":"syntax","detail":"expected `:` at line 1, column 16","line":1,"column":16}"#,
/// );
/// ```
///
/// A host adds members of its own, and can put an address of its own before the code in `type`:
///
/// ```
/// use service_end::Problem;
/// use service_end::problem::ProblemCode;
/// let problem = Problem::new(ProblemCode::ServiceNotFound, "there is no such service")
///     .with_type_base("https://api.example.com/problems/")
///     .with_member("instance", "/services/7/end")
///     .unwrap();
/// let json = serde_json::to_value(&problem).unwrap();
/// assert_eq!(json["type"], "https://api.example.com/problems/service_not_found");
/// assert_eq!(json["instance"], "/services/7/end");
/// assert_eq!(serde_json::from_value::<Problem>(json).unwrap(), problem);
/// ```
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{} {}: {}", .0.status, .0.code, .0.detail)]
#[must_use]
pub struct Problem(pub(super) Box<Document>);

/// Boxed, so that a problem is small where it is the error of a `Result`.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Document {
    pub(super) type_base: Cow<'static, str>,
    pub(super) code: Cow<'static, str>,
    pub(super) title: Cow<'static, str>,
    pub(super) status: u16,
    pub(super) detail: String,
    pub(super) syntax: Option<SyntaxError>,
    pub(super) violations: Option<Violations>,
    pub(super) differences: Option<Vec<String>>,
    pub(super) changes: Option<Vec<Change>>,
    pub(super) members: serde_json::Map<String, Value>,
}

/// The document has a member of this name of its own.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a problem document has a member `{name}` of its own")]
pub struct MemberTaken {
    name: &'static str,
}

impl MemberTaken {
    /// The name.
    pub fn name(&self) -> &str {
        self.name
    }
}

/// The members that the document may have of its own.
pub(super) const OWN: [&str; 11] = [
    "type",
    "title",
    "status",
    "code",
    "detail",
    "line",
    "column",
    "violations",
    "truncated",
    "differences",
    "changes",
];

impl Problem {
    /// The media type of the document.
    pub const MEDIA_TYPE: &'static str = "application/problem+json";
    /// What stands before the code in `type`, unless a host sets another.
    pub const DEFAULT_TYPE_BASE: &'static str = "urn:service-end:problem:";

    /// A problem that a host has found by itself, like a store that is away before the operation begins.
    pub fn new(code: ProblemCode, detail: impl Into<String>) -> Self {
        Problem::of_host(code.as_str(), code.status(), code.title(), detail)
    }

    /// A problem with a code of the host's own, in the same form.
    pub fn of_host(
        code: impl Into<Cow<'static, str>>,
        status: u16,
        title: impl Into<Cow<'static, str>>,
        detail: impl Into<String>,
    ) -> Self {
        Problem(Box::new(Document {
            type_base: Cow::Borrowed(Self::DEFAULT_TYPE_BASE),
            code: code.into(),
            title: title.into(),
            status,
            detail: detail.into(),
            syntax: None,
            violations: None,
            differences: None,
            changes: None,
            members: serde_json::Map::new(),
        }))
    }

    /// What is wrong with an event.
    pub fn invalid_event(violations: &Violations) -> Self {
        Problem::of_violations(violations.clone())
    }

    pub(super) fn of_violations(violations: Violations) -> Self {
        Problem::invalid(ProblemCode::InvalidEvent, "the body", violations)
    }

    /// What is wrong with a schema.
    pub fn invalid_schema(violations: &Violations) -> Self {
        Problem::invalid(ProblemCode::InvalidSchema, "the schema", violations.clone())
    }

    fn invalid(code: ProblemCode, what: &str, violations: Violations) -> Self {
        let count = violations.as_slice().len();
        let more = if violations.truncated() { "more than " } else { "" };
        let plural = if count == 1 { "" } else { "s" };
        let detail = format!("{what} has {more}{count} violation{plural}");
        Problem::new(code, detail).with_violations(violations)
    }

    pub(super) fn syntax(code: ProblemCode, error: &SyntaxError) -> Self {
        let mut problem = Problem::new(code, error.to_string());
        problem.0.syntax = Some(error.clone());
        problem
    }

    pub(super) fn with_differences(mut self, differences: Vec<String>) -> Self {
        self.0.differences = Some(differences);
        self
    }

    pub(super) fn with_changes(mut self, changes: Vec<Change>) -> Self {
        self.0.changes = Some(changes);
        self
    }

    /// Puts an address of the host's own before the code in `type`.
    pub fn with_type_base(mut self, base: impl Into<Cow<'static, str>>) -> Self {
        self.0.type_base = base.into();
        self
    }

    /// Adds a member, like `instance` or the id of a trace. It takes the place of one added before under this name.
    ///
    /// # Errors
    /// [`MemberTaken`] for a name that the document uses itself.
    pub fn with_member(mut self, name: &str, value: impl Into<Value>) -> Result<Self, MemberTaken> {
        if let Some(name) = OWN.into_iter().find(|own| *own == name) {
            return Err(MemberTaken { name });
        }
        self.0.members.insert(name.to_owned(), value.into());
        Ok(self)
    }

    /// Sets the violations, in place of any that were set before: what is wrong with a text that the host reads itself is
    /// then told in the same form as what is wrong with an event.
    ///
    /// ```
    /// use service_end::violation::HostCode;
    /// use service_end::{Problem, Violation, Violations};
    /// let body = br#"{ "reason": "" }"#;
    /// let empty = Violation::of_host("/reason", HostCode::new("reason_missing")?, "a transfer needs a reason");
    /// let problem = Problem::of_host("invalid_transfer", 400, "The transfer is invalid", "the body has 1 violation")
    ///     .with_violations(Violations::from_findings([empty]).expect("there is one"))
    ///     .locate(body);
    /// let json = serde_json::to_value(&problem).unwrap();
    /// assert_eq!(json["violations"][0]["column"], 13);
    /// # Ok::<(), service_end::violation::HostCodeError>(())
    /// ```
    pub fn with_violations(mut self, violations: Violations) -> Self {
        self.0.violations = Some(violations);
        self
    }

    /// Looks for each violation in the text that is at fault, as [`Violations::locate`] does.
    /// [`CompleteService::end`](crate::CompleteService::end) does this by itself.
    pub fn locate(mut self, text: &[u8]) -> Self {
        self.0.violations = self.0.violations.map(|violations| violations.locate(text));
        self
    }

    /// The code as the document carries it.
    pub fn code(&self) -> &str {
        &self.0.code
    }

    /// The code, if it is one of the crate's own.
    pub fn known_code(&self) -> Option<ProblemCode> {
        self.0.code.parse().ok()
    }

    /// The address of the kind of problem: the base, then the code.
    pub fn type_uri(&self) -> String {
        format!("{}{}", self.0.type_base, self.0.code)
    }

    /// A short summary, always the same for a code.
    pub fn title(&self) -> &str {
        &self.0.title
    }

    /// The HTTP status.
    pub fn status(&self) -> u16 {
        self.0.status
    }

    /// What happened this time, for people.
    pub fn detail(&self) -> &str {
        &self.0.detail
    }

    /// The line of a syntax error, from 1.
    pub fn line(&self) -> Option<usize> {
        self.0.syntax.as_ref()?.line()
    }

    /// The column of a syntax error, from 1, in characters.
    pub fn column(&self) -> Option<usize> {
        self.0.syntax.as_ref()?.column()
    }

    /// What is wrong with the body or the schema.
    pub fn violations(&self) -> Option<&Violations> {
        self.0.violations.as_ref()
    }

    /// For `service_already_ended`: where the event differs from what is recorded, as pointers into the body.
    pub fn differences(&self) -> Option<&[String]> {
        self.0.differences.as_deref()
    }

    /// For `incompatible_schema`: the differences between the two versions, and which of them break what.
    pub fn changes(&self) -> Option<&[Change]> {
        self.0.changes.as_deref()
    }

    /// The members that were added.
    pub fn members(&self) -> &serde_json::Map<String, Value> {
        &self.0.members
    }

    /// For people: the lines of the text that is at fault, a body or a schema, with the places marked. `None` for a
    /// problem that has no place in a text.
    ///
    /// Values are hidden, since bodies hold personal data. A schema holds none, and is easier to read with them:
    /// [`Rendering::show_values`].
    pub fn render<'a>(&'a self, text: &'a [u8]) -> Option<Rendering<'a>> {
        let of_violations = self.0.violations.as_ref().map(|violations| violations.render(text));
        of_violations.or_else(|| self.0.syntax.as_ref().map(|error| error.render(text)))
    }
}

impl Serialize for Problem {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut json = serializer.serialize_map(None)?;
        json.serialize_entry("type", &format_args!("{}{}", self.0.type_base, self.0.code))?;
        json.serialize_entry("title", &self.0.title)?;
        json.serialize_entry("status", &self.0.status)?;
        json.serialize_entry("code", &self.0.code)?;
        json.serialize_entry("detail", &self.0.detail)?;
        if let Some((line, column)) = self.line().zip(self.column()) {
            json.serialize_entry("line", &line)?;
            json.serialize_entry("column", &column)?;
        }
        if let Some(violations) = &self.0.violations {
            json.serialize_entry("violations", violations.as_slice())?;
            json.serialize_entry("truncated", &violations.truncated())?;
        }
        if let Some(differences) = &self.0.differences {
            json.serialize_entry("differences", differences)?;
        }
        if let Some(changes) = &self.0.changes {
            json.serialize_entry("changes", changes)?;
        }
        for (name, value) in &self.0.members {
            json.serialize_entry(name, value)?;
        }
        json.end()
    }
}
