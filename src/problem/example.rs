//! An example of each problem, for documentation: made as the real ones are.

use std::convert::Infallible;

use super::code::ProblemCode;
use super::document::Problem;
use crate::complete::CompleteError;
use crate::schema::{ExtensionSchema, FixedField, SchemaNotFound, Schemas};
use crate::service::Refusal;
use crate::validate::{Findings, Parts, ReadError, Rule, Validator};
use crate::value::Version;
use crate::violation::HostCode;

impl Problem {
    /// An example of the problem with a code, as a caller can get it.
    ///
    /// ```
    /// use service_end::{Problem, problem::ProblemCode};
    /// let problem = Problem::example(ProblemCode::InvalidEvent);
    /// assert_eq!(problem.violations().unwrap().as_slice()[0].pointer(), "/resource_id");
    /// ```
    pub fn example(code: ProblemCode) -> Problem {
        let complete = |error: CompleteError<Infallible>| Problem::from(error);
        match code {
            ProblemCode::Syntax => read(br#"{ "disposition" 10 }"#),
            ProblemCode::InvalidEvent => read(br#"{ "resource_id": "5005", "timestamp": "yesterday" }"#),
            ProblemCode::InvalidSchema => declared(
                br#"{ "name": "E-1", "type": "single-valued", "attributes": [ { "name": "rating", "type": "int" } ] }"#,
            ),
            ProblemCode::ServiceNotFound => Refusal::NotFound.into(),
            ProblemCode::SchemaNotFound => SchemaNotFound.into(),
            ProblemCode::ServiceAlreadyEnded => {
                let differences = vec!["/disposition".to_owned(), "/Feedback".to_owned()];
                Refusal::AlreadyEnded { differences }.into()
            }
            ProblemCode::SchemaExists => taken(),
            ProblemCode::IncompatibleSchema => incompatible(),
            ProblemCode::VersionMismatch => Refusal::VersionMismatch { current: Version(2) }.into(),
            ProblemCode::BodyTooLarge => {
                let limit = Validator::DEFAULT_MAX_BODY_BYTES;
                ReadError::BodyTooLarge { limit, length: limit + 1 }.into()
            }
            ProblemCode::EventTooLarge => {
                ReadError::EventTooLarge { limit: Validator::DEFAULT_MAX_EVENT_BYTES }.into()
            }
            ProblemCode::TooLargeForStorage => complete(CompleteError::TooLargeForStorage),
            ProblemCode::RuleFailed => misplaced(),
            ProblemCode::Contended => complete(CompleteError::Contended { attempts: 64 }),
            ProblemCode::SchemaChanged => complete(CompleteError::SchemaChanged),
            ProblemCode::StorageUnavailable => {
                Problem::from(&CompleteError::Storage(std::fmt::Error))
            }
        }
    }
}

fn read(body: &[u8]) -> Problem {
    match Validator::default().read(body) {
        Err(error) => Problem::from(error).locate(body),
        Ok(_) => unreachable!("the body has mistakes"),
    }
}

/// A rule that finds something where it does not read.
fn misplaced() -> Problem {
    let code = HostCode::new("survey_missing").unwrap_or_else(|_| unreachable!("it has the form of a code"));
    let check = move |_: &Parts<'_>, findings: &mut Findings<'_>| {
        findings.at_field(FixedField::ResourceId, &code, "a service that is resolved needs a survey");
    };
    let rule = Rule::new("resolved_needs_survey", ["disposition"], check);
    match Validator::default().with_rule(rule).map(|validator| validator.read(b"{}")) {
        Ok(Err(error)) => error.into(),
        _ => unreachable!("the rule does not read the field"),
    }
}

fn declared(schema: &[u8]) -> Problem {
    match ExtensionSchema::from_json(schema) {
        Err(error) => error.into(),
        Ok(_) => unreachable!("the schema has mistakes"),
    }
}

fn taken() -> Problem {
    let schema = feedback("long");
    match Schemas::try_from_iter([schema.clone(), schema]) {
        Err(error) => error.into(),
        Ok(_) => unreachable!("the name occurs twice"),
    }
}

fn incompatible() -> Problem {
    let schemas = Schemas::try_from_iter([feedback("long")]);
    match schemas.map(|schemas| schemas.replace(feedback("boolean"))) {
        Ok(Err(error)) => error.into(),
        _ => unreachable!("no boolean is an integer"),
    }
}

fn feedback(attribute_type: &str) -> ExtensionSchema {
    let json = format!(
        r#"{{ "name": "Feedback", "type": "single-valued", "attributes": [ {{ "name": "rating", "type": "{attribute_type}" }} ] }}"#
    );
    ExtensionSchema::from_json(json).unwrap_or_else(|_| unreachable!("the schema is right"))
}
