use super::parts::{Content, ExtensionPart, Parts, Reads};
use crate::event::OpenExtension;
use crate::schema::{ExtensionType, FixedField};
use crate::violation::{Collector, HostCode, Pointer, Violation};

/// What a rule finds, place by place. The pointer is made in the spelling of the body, and the place in its text is found
/// like that of any other violation.
///
/// A finding stands at the event as a whole, or at a part that the rule declared to read, whether the event has it or not;
/// a record and an attribute must be there to be pointed at, but for an attribute that the record leaves out. Any other
/// place is a mistake in the rule: the body is then refused with an error that names the rule ([`RuleFailed`]), whatever
/// else was found.
///
/// The message is told as it is. Where it is shown to people, characters that can't be seen are escaped. It should not
/// repeat a value of the body, since bodies hold personal data.
#[derive(Debug)]
pub struct Findings<'f> {
    parts: &'f Parts<'f>,
    collector: &'f mut Collector,
    /// The first place that is none.
    misplaced: Option<Misplaced>,
}

/// A rule of the host pointed at a place that is none. That is a mistake in the rule, not in the body.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("rule `{rule}` made a finding outside of what it reads: {reason}")]
pub struct RuleFailed {
    rule: Box<str>,
    reason: Misplaced,
}

impl RuleFailed {
    /// The name of the rule.
    pub fn rule(&self) -> &str {
        &self.rule
    }
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
enum Misplaced {
    #[error("it does not declare field `{0}`")]
    Field(FixedField),
    #[error("it does not declare an extension {0:?} of the event")]
    Extension(String),
    #[error("extension `{0}` is open, and takes findings only as a whole")]
    Open(String),
    #[error("extension `{extension}` has no record {record}, counted from 0")]
    Record { extension: String, record: usize },
    #[error("extension `{extension}` has no attribute {attribute:?}")]
    Attribute { extension: String, attribute: String },
}

impl<'f> Findings<'f> {
    /// Something is wrong with the event as a whole, and with no part of it.
    pub fn at_event(&mut self, code: &HostCode, message: impl Into<String>) {
        self.push(code, message, Pointer::whole);
    }

    /// Something is wrong with a fixed field, or with its absence.
    pub fn at_field(&mut self, field: FixedField, code: &HostCode, message: impl Into<String>) {
        if self.parts.reads_field(field) {
            self.push(code, message, || Pointer::to(field.name()));
        } else {
            self.misplaced(|| Misplaced::Field(field));
        }
    }

    /// Something is wrong with an extension as a whole, or with its absence.
    pub fn at_extension(&mut self, name: &str, code: &HostCode, message: impl Into<String>) {
        if let Some(part) = self.parts.part(name) {
            self.push(code, message, || part.pointer());
        } else if let Some((declared, open)) = self.parts.open_part(name) {
            self.push(code, message, || Pointer::to_declared(open.map_or(declared, OpenExtension::name)));
        } else {
            self.misplaced(|| Misplaced::Extension(name.to_owned()));
        }
    }

    /// Something is wrong with a record, counted from 0.
    pub fn at_record(&mut self, extension: &str, record: usize, code: &HostCode, message: impl Into<String>) {
        match self.record(extension, record) {
            Ok(part) => self.push(code, message, || part.record_pointer(record)),
            Err(place) => self.misplaced(|| place),
        }
    }

    /// Something is wrong with an attribute of a record, or with its absence. The record is counted from 0.
    pub fn at_attribute(
        &mut self,
        extension: &str,
        record: usize,
        attribute: &str,
        code: &HostCode,
        message: impl Into<String>,
    ) {
        let found = self.record(extension, record).and_then(|part| {
            let column = part.schema.column(attribute, 0).ok_or_else(|| Misplaced::Attribute {
                extension: part.schema.name().to_owned(),
                attribute: attribute.to_owned(),
            })?;
            Ok((part, column))
        });
        match found {
            Ok((part, column)) => self.push(code, message, || {
                let respelled = part.spelling.and_then(|spelling| spelling.attribute(record, column));
                part.record_pointer(record).declared(respelled.unwrap_or(part.schema.at(column).name()))
            }),
            Err(place) => self.misplaced(|| place),
        }
    }

    fn record(&self, name: &str, record: usize) -> Result<ExtensionPart<'f>, Misplaced> {
        let Some(part) = self.parts.part(name) else {
            let is_open = self.parts.open_part(name).is_some();
            return Err(if is_open { Misplaced::Open } else { Misplaced::Extension }(name.to_owned()));
        };
        if part.extension.is_some_and(|extension| record < extension.len()) {
            return Ok(part);
        }
        Err(Misplaced::Record { extension: part.schema.name().to_owned(), record })
    }

    fn push(&mut self, code: &HostCode, message: impl Into<String>, pointer: impl FnOnce() -> Pointer) {
        self.collector.push(|| Violation::of_host(pointer(), code.clone(), message));
    }

    fn misplaced(&mut self, place: impl FnOnce() -> Misplaced) {
        self.misplaced.get_or_insert_with(place);
    }
}

impl ExtensionPart<'_> {
    fn pointer(&self) -> Pointer {
        let spelled = self.spelling.and_then(|spelling| spelling.name.as_deref());
        Pointer::to_declared(spelled.unwrap_or(self.schema.name()))
    }

    fn record_pointer(&self, record: usize) -> Pointer {
        match self.schema.extension_type() {
            ExtensionType::SingleValued => self.pointer(),
            ExtensionType::MultiValued => self.pointer().index(record),
        }
    }
}

/// Runs a rule on what it reads, unless that has violations.
pub(crate) fn run_rule(
    name: &str,
    reads: &Reads,
    content: &Content<'_>,
    collector: &mut Collector,
    check: impl FnOnce(&Parts<'_>, &mut Findings<'_>),
) -> Result<(), RuleFailed> {
    let Some(parts) = content.parts(reads) else { return Ok(()) };
    let mut findings = Findings { parts: &parts, collector, misplaced: None };
    check(&parts, &mut findings);
    match findings.misplaced {
        None => Ok(()),
        Some(reason) => Err(RuleFailed { rule: name.into(), reason }),
    }
}
