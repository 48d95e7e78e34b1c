use super::findings::RuleFailed;
use crate::violation::{SyntaxError, Violations};

/// Why a body gives no event.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// It is not a JSON object.
    #[error("{0}")]
    Syntax(SyntaxError),
    /// It is longer than the host allows.
    #[error("the body has {length} bytes, but at most {limit} are allowed")]
    BodyTooLarge {
        /// The most bytes allowed.
        limit: usize,
        /// How many there are.
        length: usize,
    },
    /// As JSON, with its defaults, the event would be longer than the host allows.
    #[error("the event has more than {limit} bytes as JSON, with its defaults")]
    EventTooLarge {
        /// The most bytes allowed.
        limit: usize,
    },
    /// A rule of the host has a mistake of its own; the body may have none.
    #[error(transparent)]
    Rule(RuleFailed),
    /// All that is wrong with it.
    #[error("{0}")]
    Invalid(Violations),
}

impl ReadError {
    /// The violations, if there are any.
    pub fn violations(&self) -> Option<&Violations> {
        if let ReadError::Invalid(violations) = self { Some(violations) } else { None }
    }

    /// Looks for each violation in the text of the body, as [`Violations::locate`] does.
    #[must_use]
    pub fn locate(self, body: &[u8]) -> Self {
        match self {
            ReadError::Invalid(violations) => ReadError::Invalid(violations.locate(body)),
            other => other,
        }
    }
}

impl From<RuleFailed> for ReadError {
    fn from(failed: RuleFailed) -> Self {
        ReadError::Rule(failed)
    }
}

impl From<Violations> for ReadError {
    fn from(violations: Violations) -> Self {
        ReadError::Invalid(violations)
    }
}
