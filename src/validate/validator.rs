use std::error::Error;
use std::sync::Arc;

use serde::de::{DeserializeSeed, Deserializer};

use super::any::Read;
use super::body::Body;
use super::error::ReadError;
use super::opened::OpenLimits;
use super::pass::{Door, Pass, read_text};
use super::rule::{Attached, Rule, RuleError};
use super::watch::Watch;
use crate::event::{Absent, Asked, ServiceEndEvent, Spellings};
use crate::schema::{BusinessAttributes, Schemas};
use crate::value::MAX_LEVELS;
use crate::violation::{ASSUMED_LENGTH, Collector, JsonType, SyntaxError};

/// Reads bodies: checks them against the registered schemas, the business attributes and the limits of the host.
///
/// It is immutable and cheap to clone; one serves any number of threads.
///
/// ```
/// use service_end::{ReadError, Schemas, Validator};
/// let schemas = Schemas::from_json(r#"[ { "name": "Feedback", "type": "single-valued",
///     "attributes": [ { "name": "rating", "type": "integer", "mandatory": true } ] } ]"#).unwrap();
/// let validator = Validator::new(schemas);
///
/// let event = validator.read(br#"{ "disposition": 10, "Feedback": { "rating": 7 } }"#).unwrap();
/// assert_eq!(event.extension("feedback").unwrap().len(), 1);
///
/// let Err(ReadError::Invalid(violations)) = validator.read(br#"{ "resource_id": "x", "Feedback": {} }"#) else {
///     panic!("refused");
/// };
/// let found: Vec<_> = violations.iter().map(|violation| (violation.pointer(), violation.code().as_str())).collect();
/// assert_eq!(found, [("/resource_id", "wrong_type"), ("/Feedback/rating", "missing_attribute")]);
/// ```
#[derive(Clone, Debug)]
pub struct Validator {
    pub(super) schemas: Schemas,
    pub(super) business: BusinessAttributes,
    pub(super) limits: Limits,
    pub(super) rules: Arc<Vec<Attached>>,
    /// Whether bodies are read so that rules can point into them: those that run now, and those that run later.
    keeps_spelling: bool,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    body_bytes: usize,
    pub(super) event_bytes: usize,
    pub(super) records: usize,
    pub(super) violations: usize,
    pub(super) open: OpenLimits,
}

impl Validator {
    /// The most bytes of a body, unless the host sets another limit: 8 MiB.
    pub const DEFAULT_MAX_BODY_BYTES: usize = 8 << 20;
    /// The most bytes of the JSON of an event, unless the host sets another limit: 32 MiB.
    pub const DEFAULT_MAX_EVENT_BYTES: usize = 32 << 20;
    /// The most records of a multi-valued extension, unless the host sets another limit: 10,000.
    pub const DEFAULT_MAX_RECORDS: usize = 10_000;
    /// The most bytes of an open extension, unless the host sets another limit: 64 KiB.
    pub const DEFAULT_MAX_OPEN_BYTES: usize = 64 << 10;
    /// The most levels of an open extension, unless the host sets another limit: 32.
    pub const DEFAULT_MAX_OPEN_LEVELS: usize = 32;
    /// The most violations that are kept, unless the host sets another limit: 100.
    pub const DEFAULT_MAX_VIOLATIONS: usize = 100;

    /// A validator for the registered schemas, without business attributes and with the default limits.
    pub fn new(schemas: Schemas) -> Self {
        Validator {
            schemas,
            business: BusinessAttributes::new(),
            limits: Limits {
                body_bytes: Self::DEFAULT_MAX_BODY_BYTES,
                event_bytes: Self::DEFAULT_MAX_EVENT_BYTES,
                records: Self::DEFAULT_MAX_RECORDS,
                violations: Self::DEFAULT_MAX_VIOLATIONS,
                open: OpenLimits {
                    bytes: Self::DEFAULT_MAX_OPEN_BYTES,
                    levels: Self::DEFAULT_MAX_OPEN_LEVELS,
                },
            },
            rules: Arc::default(),
            keeps_spelling: false,
        }
    }

    /// Sets the enumerations that the host knows.
    #[must_use]
    pub fn with_business_attributes(mut self, business: BusinessAttributes) -> Self {
        self.business = business;
        self
    }

    /// Sets the most bytes of a body that [`Validator::read`] takes; never more than 4 GiB.
    #[must_use]
    pub fn with_max_body_bytes(mut self, bytes: usize) -> Self {
        self.limits.body_bytes = bytes.min(u32::MAX as usize);
        self
    }

    /// Sets the most bytes that the JSON of an event may have, as `serde_json` writes it, defaults included; never more
    /// than 4 GiB. A short body can stand for a long event, where schemas have many defaults.
    #[must_use]
    pub fn with_max_event_bytes(mut self, bytes: usize) -> Self {
        self.limits.event_bytes = bytes.min(u32::MAX as usize);
        self
    }

    /// Sets the most records of a multi-valued extension.
    #[must_use]
    pub fn with_max_records(mut self, records: usize) -> Self {
        self.limits.records = records;
        self
    }

    /// Sets the most bytes of an open extension, as it is kept: without white space that means nothing.
    #[must_use]
    pub fn with_max_open_bytes(mut self, bytes: usize) -> Self {
        self.limits.open.bytes = bytes.min(u32::MAX as usize);
        self
    }

    /// Sets the most levels of arrays and objects in an open extension: none, for scalars only, and never more than 100.
    #[must_use]
    pub fn with_max_open_levels(mut self, levels: usize) -> Self {
        self.limits.open.levels = levels.min(MAX_LEVELS);
        self
    }

    /// Sets how many violations are kept, at least one. The body is read to its end all the same.
    ///
    /// No answer is to cost more than its question: of more than 100, [`Validator::read`] keeps as many as the length
    /// of the body allows for, about one for each 70 bytes, and fewer where many names are listed or the body is longer
    /// than 80 KB. With a limit of up to 100, fewer are kept only where their pointers have more than 128 bytes.
    /// [`Violations::truncated`](crate::Violations::truncated) then says so. The same holds for what is found wrong
    /// later: what is required, and what rules about what is stored find. [`Validator::read_from`] knows no length, and
    /// keeps as many as of a body of 64 KiB; an event that is made in Rust has as many as this.
    #[must_use]
    pub fn with_max_violations(mut self, violations: usize) -> Self {
        self.limits.violations = violations.max(1);
        self
    }

    /// Adds a rule of the host's own, which runs behind those before it. Its findings follow the violations.
    ///
    /// # Errors
    /// [`RuleError`] if its name is not that of a rule or is taken, or if it reads something that is no part of an event.
    pub fn with_rule(mut self, rule: Rule) -> Result<Self, RuleError> {
        let attached = Attached::new(rule, &self.schemas, &self.rules)?;
        Arc::make_mut(&mut self.rules).push(attached);
        self.keeps_spelling = true;
        Ok(self)
    }

    /// From now on, events tell how bodies spell names.
    pub(crate) fn keep_spelling(&mut self) {
        self.keeps_spelling = true;
    }

    /// The rules of the host's own, in the order in which they run.
    pub fn rules(&self) -> impl ExactSizeIterator<Item = &Rule> {
        self.rules.iter().map(|attached| &attached.rule)
    }

    /// The registered schemas.
    pub fn schemas(&self) -> &Schemas {
        &self.schemas
    }

    /// The enumerations that the host knows.
    pub fn business_attributes(&self) -> &BusinessAttributes {
        &self.business
    }

    /// The most bytes of a body that [`Validator::read`] takes: for a host that stops receiving there.
    pub fn max_body_bytes(&self) -> usize {
        self.limits.body_bytes
    }

    /// The most bytes that the JSON of an event may have, defaults included.
    pub fn max_event_bytes(&self) -> usize {
        self.limits.event_bytes
    }

    /// The most records of a multi-valued extension.
    pub fn max_records(&self) -> usize {
        self.limits.records
    }

    /// The most bytes of an open extension.
    pub fn max_open_bytes(&self) -> usize {
        self.limits.open.bytes
    }

    /// The most levels of arrays and objects in an open extension.
    pub fn max_open_levels(&self) -> usize {
        self.limits.open.levels
    }

    /// How many violations are kept at most.
    pub fn max_violations(&self) -> usize {
        self.limits.violations
    }

    /// Reads a body: JSON text in UTF-8.
    ///
    /// Violations have their pointers at once, but no lines and columns: [`ReadError::locate`] finds those, as
    /// [`CompleteService::end`](crate::CompleteService::end) does by itself.
    ///
    /// ```
    /// use service_end::{Schemas, Validator};
    /// let body = b"{\n  \"sessionid\": \"7f\" }";
    /// let error = Validator::new(Schemas::new()).read(body).unwrap_err().locate(body);
    /// assert_eq!(error.violations().unwrap().as_slice()[0].span().unwrap().line, 2);
    /// ```
    ///
    /// # Errors
    /// [`ReadError::BodyTooLarge`] over the limit, else [`ReadError::Syntax`] where it is not a JSON object, else
    /// [`ReadError::Invalid`] with every violation, else [`ReadError::EventTooLarge`]; that may come first where what
    /// was read is by itself too much. [`ReadError::Rule`] comes before violations, but only from a rule with a mistake.
    pub fn read(&self, body: &[u8]) -> Result<ServiceEndEvent, ReadError> {
        let (limit, length) = (self.limits.body_bytes, body.len());
        if length > limit {
            return Err(ReadError::BodyTooLarge { limit, length });
        }
        let text = SyntaxError::text_of(body).map_err(ReadError::Syntax)?;
        let mut event = self.empty_event(length);
        let mut pass = self.pass(&mut event, Door::JsonText(length));
        self.watch(&mut pass);
        let read = read_text(text, Read(Body { pass: &mut pass }));
        pass.settle(text, read)?;
        pass.finish(|found| no_object_in(text, found))?;
        Ok(event)
    }

    /// Reads a body in any self-describing format that `serde` knows, or JSON through another parser.
    ///
    /// How strictly the format is read, and where it ends, is then that reader's affair; the rules of the event
    /// are the same. The limit on the length of the body can't be applied here, but that of the event is. A key that
    /// is not text is a [`ReadError::Syntax`], as is any error of the reader. The reader's own error is behind
    /// [`SyntaxError::foreign_error`], since its text may quote the body. [`performance`](crate::performance) tells how to
    /// plug in sonic-rs or simd-json, and what it gains.
    ///
    /// ```
    /// # use service_end::{Schemas, Validator};
    /// let value = serde_json::json!({ "disposition": 10 });
    /// let event = Validator::new(Schemas::new()).read_from(&value).unwrap();
    /// assert_eq!(event.fields().disposition, Some(10.into()));
    /// ```
    ///
    /// # Errors
    /// [`ReadError::Syntax`] if the reader fails or finds something that is not an object, else [`ReadError::Invalid`]
    /// with every violation, else [`ReadError::EventTooLarge`]. The last comes first if reading stops for it.
    pub fn read_from<'de, D>(&self, deserializer: D) -> Result<ServiceEndEvent, ReadError>
    where
        D: Deserializer<'de>,
        D::Error: Error + Send + Sync + 'static,
    {
        let mut event = self.empty_event(ASSUMED_LENGTH);
        let mut pass = self.pass(&mut event, Door::Format);
        self.watch(&mut pass);
        let read = Read(Body { pass: &mut pass }).deserialize(deserializer);
        read.map_err(|error| pass.stopped(SyntaxError::of_format(error)))?;
        pass.finish(|found| SyntaxError::without_place(&no_object(found)))?;
        Ok(event)
    }

    /// What the decision is to ask of an event, by the length of its body.
    pub(super) fn asked(&self, body_bytes: Option<usize>) -> Asked {
        Asked::of(&self.schemas, self.limits.violations, body_bytes)
    }

    /// The same of an event that another validator may have read.
    pub(super) fn asked_of(&self, event: &ServiceEndEvent) -> Asked {
        let asked = self.asked(event.asked().body_bytes());
        match event.asked().spellings() {
            Some(spellings) => asked.with_spellings(spellings.clone(), self.limits.violations),
            None if self.keeps_spelling => asked.with_spellings(Spellings::default(), self.limits.violations),
            None => asked,
        }
    }

    fn empty_event(&self, body_bytes: usize) -> ServiceEndEvent {
        let mut event = ServiceEndEvent::empty();
        event.set_asked(self.asked(Some(body_bytes)));
        event
    }

    /// Has the pass keep what rules need.
    fn watch<'p>(&'p self, pass: &mut Pass<'p>) {
        if self.keeps_spelling {
            pass.watch = Some(Box::new(Watch::new(&self.rules, self.limits.violations)));
        }
    }

    fn pass<'p>(&'p self, event: &'p mut ServiceEndEvent, door: Door) -> Pass<'p> {
        let Limits { event_bytes, records, violations, open, .. } = self.limits;
        let collector = match door {
            Door::JsonText(bytes) => Collector::of_body(violations, bytes),
            Door::Format => Collector::of_format(violations),
        };
        let mut pass =
            Pass::new(event, &self.schemas, &self.business, collector, door, Absent::Default, event_bytes);
        pass.max_records = records;
        pass.open_limits = open;
        pass
    }
}

/// A validator without schemas.
impl Default for Validator {
    fn default() -> Self {
        Validator::new(Schemas::new())
    }
}

fn no_object_in(text: &str, found: JsonType) -> SyntaxError {
    let start = text.len() - text.trim_start_matches([' ', '\t', '\r', '\n']).len();
    SyntaxError::at(text, start, &no_object(found))
}

fn no_object(found: JsonType) -> String {
    format!("the body must be a JSON object, but {found}")
}
