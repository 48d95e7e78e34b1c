use std::fmt;

use crate::violation::{Known, SyntaxError, ViolationKind, Violations};

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

/// A text that is not one of the names that there are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseNameError(pub(crate) Known);

impl ParseNameError {
    /// The names that there are.
    pub fn expected(&self) -> &Known {
        &self.0
    }
}

impl fmt::Display for ParseNameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        ViolationKind::UnknownType { known: self.0.clone() }.fmt(f)
    }
}

impl std::error::Error for ParseNameError {}
