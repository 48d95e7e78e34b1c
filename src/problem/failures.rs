//! Each error of the crate as a problem.

use std::error::Error;

use super::code::ProblemCode;
use super::document::Problem;
use crate::complete::CompleteError;
use crate::schema::{DeclarationError, IncompatibleSchema, ReplaceError, SchemaExists, SchemaNotFound};
use crate::service::Refusal;
use crate::validate::{ReadError, RuleFailed};

impl From<&ReadError> for Problem {
    fn from(error: &ReadError) -> Self {
        match error {
            ReadError::Syntax(error) => Problem::syntax(ProblemCode::Syntax, error),
            ReadError::EventTooLarge { .. } => Problem::new(ProblemCode::EventTooLarge, error.to_string()),
            ReadError::BodyTooLarge { .. } => Problem::new(ProblemCode::BodyTooLarge, error.to_string()),
            ReadError::Rule(failed) => Problem::rule_failed(failed),
            ReadError::Invalid(violations) => Problem::invalid_event(violations),
        }
    }
}

impl From<&Refusal> for Problem {
    fn from(refusal: &Refusal) -> Self {
        match refusal {
            Refusal::NotFound => Problem::new(ProblemCode::ServiceNotFound, refusal.to_string()),
            // The caller can't help it, and need not know which service it was.
            Refusal::WrongService { .. } => Problem::new(
                ProblemCode::StorageUnavailable,
                "the storage answered with another service; nothing was changed",
            ),
            Refusal::VersionMismatch { .. } => {
                Problem::new(ProblemCode::VersionMismatch, refusal.to_string())
            }
            Refusal::AlreadyEnded { differences } => Problem::already_ended(differences.clone()),
            Refusal::Rule(failed) => Problem::rule_failed(failed),
            Refusal::Invalid(violations) => Problem::invalid_event(violations),
        }
    }
}

// There can be many violations or differences: who gives an error away has no copy of them made.

impl From<ReadError> for Problem {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Invalid(violations) => Problem::of_violations(violations),
            other => (&other).into(),
        }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Invalid(violations) => Problem::of_violations(violations),
            Refusal::AlreadyEnded { differences } => Problem::already_ended(differences),
            other => (&other).into(),
        }
    }
}

impl<E: Error> From<&CompleteError<E>> for Problem {
    fn from(error: &CompleteError<E>) -> Self {
        let code = match error {
            CompleteError::Read(error) => return error.into(),
            CompleteError::Refused(refusal) => return refusal.into(),
            CompleteError::Storage(_) => {
                return Problem::new(
                    ProblemCode::StorageUnavailable,
                    "the storage failed, and whether the service has ended may be unknown; \
                     it is safe to send the same event again",
                );
            }
            CompleteError::Contended { .. } => ProblemCode::Contended,
            CompleteError::TooLargeForStorage => ProblemCode::TooLargeForStorage,
            CompleteError::SchemaChanged => ProblemCode::SchemaChanged,
        };
        Problem::new(code, error.to_string())
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

impl From<&IncompatibleSchema> for Problem {
    fn from(error: &IncompatibleSchema) -> Self {
        Problem::new(ProblemCode::IncompatibleSchema, error.to_string())
            .with_changes(error.comparison().changes().to_vec())
    }
}

impl From<&ReplaceError> for Problem {
    fn from(error: &ReplaceError) -> Self {
        match error {
            ReplaceError::NotFound(error) => error.into(),
            ReplaceError::Incompatible(error) => error.into(),
        }
    }
}

impl Problem {
    fn already_ended(differences: Vec<String>) -> Self {
        let detail = Refusal::AlreadyEnded { differences: Vec::new() }.to_string();
        Problem::new(ProblemCode::ServiceAlreadyEnded, detail).with_differences(differences)
    }

    fn rule_failed(failed: &RuleFailed) -> Self {
        Problem::new(ProblemCode::RuleFailed, failed.to_string())
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

by_value!(DeclarationError, IncompatibleSchema, ReplaceError, SchemaExists, SchemaNotFound);

impl<E: Error> From<CompleteError<E>> for Problem {
    fn from(error: CompleteError<E>) -> Self {
        match error {
            CompleteError::Read(error) => error.into(),
            CompleteError::Refused(refusal) => refusal.into(),
            other => (&other).into(),
        }
    }
}
