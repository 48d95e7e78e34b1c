//! What a host declares: extension schemas and business attributes.

mod at;
mod attribute;
mod business;
mod columns;
mod error;
mod extension;
mod field;
mod node;
mod read;
mod set;

pub(crate) use attribute::long;
pub use attribute::{AttributeSchema, AttributeSchemaBuilder, AttributeType};
pub(crate) use business::UNDECLARED;
pub use business::{BusinessAttributes, BusinessField};
pub(crate) use columns::Columns;
pub use error::{DeclarationError, ParseNameError};
pub(crate) use extension::Named;
pub use extension::{ExtensionSchema, ExtensionSchemaBuilder, ExtensionType};
pub(crate) use field::{FixedField, is_reserved};
pub(crate) use set::Lookup;
pub use set::{SchemaExists, SchemaNotFound, Schemas};
