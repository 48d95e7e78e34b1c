use crate::violation::{SyntaxError, Violations};

/// Why a body gives no event.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// It is no JSON, or no JSON object.
    #[error("the body can't be read: {0}")]
    Syntax(#[source] SyntaxError),
    /// It is longer than the host allows.
    #[error("the body has {length} bytes, but at most {limit} are allowed")]
    BodyTooLarge {
        /// The most bytes allowed.
        limit: usize,
        /// How many there are.
        length: usize,
    },
    /// As JSON, with its defaults, the event would be longer than the host allows.
    #[error("the event, defaults included, has more than {limit} bytes as JSON")]
    EventTooLarge {
        /// The most bytes allowed.
        limit: usize,
    },
    /// All that is wrong with it.
    #[error("the body is invalid: {0}")]
    Invalid(#[source] Violations),
}
