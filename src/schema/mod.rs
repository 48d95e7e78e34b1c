//! What a host declares: extension schemas and business attributes.

mod at;
mod attribute;
mod business;
mod columns;
mod extension;
mod field;
mod node;
mod read;
mod set;

pub(crate) use attribute::long;
pub use attribute::{AttributeSchema, AttributeSchemaBuilder, AttributeType};
pub use business::{BusinessAttributes, BusinessField};
pub(crate) use business::{UNDECLARED, UnknownName};
pub(crate) use columns::Columns;
pub(crate) use extension::Named;
pub use extension::{ExtensionSchema, ExtensionSchemaBuilder, ExtensionType};
pub(crate) use field::is_reserved;
pub use field::{FixedField, UnknownField};
pub(crate) use set::Lookup;
pub use set::{SchemaExists, SchemaNotFound, Schemas};

use crate::violation::{SyntaxError, Violations};

/// A declaration, of schemas or of business attributes, that can't be taken.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum DeclarationError {
    /// It is no JSON.
    #[error("the declaration is no JSON: {0}")]
    Syntax(#[source] SyntaxError),
    /// Every mistake in it, with its line and column.
    #[error("the declaration is invalid: {0}")]
    Invalid(#[source] Violations),
}

impl From<Violations> for DeclarationError {
    fn from(violations: Violations) -> Self {
        DeclarationError::Invalid(violations)
    }
}
