use crate::violation::{SyntaxError, Violations};

/// A declaration, of schemas or of business attributes, that can't be taken.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum DeclarationError {
    /// It is not JSON.
    #[error("the declaration is not JSON: {0}")]
    Syntax(SyntaxError),
    /// Every mistake in it, with its line and column.
    #[error("the declaration is invalid: {0}")]
    Invalid(Violations),
}

impl From<Violations> for DeclarationError {
    fn from(violations: Violations) -> Self {
        DeclarationError::Invalid(violations)
    }
}
