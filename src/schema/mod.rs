//! What a host declares: extension schemas and business attributes.
//!
//! An [`ExtensionSchema`] says which attributes the records of an extension have; [`Schemas`] is the set of those that are
//! registered. [`BusinessAttributes`] are the values that the four coded fields of an event may have. All of them are read
//! from JSON with `from_json`, or made in Rust with builders, by the same rules.

mod attribute;
mod attribute_type;
mod builder;
mod business;
mod columns;
mod compare;
mod error;
mod extension;
mod extension_name;
mod field;
mod fingerprint;
mod json_schema;
mod narrowing;
pub(crate) mod node;
mod open_names;
mod read_attribute;
mod read_business;
mod read_schema;
mod reader;
mod replace;
mod set;

pub use attribute::AttributeSchema;
pub(crate) use attribute::long;
pub use attribute_type::AttributeType;
pub use builder::{AttributeSchemaBuilder, ExtensionSchemaBuilder};
pub(crate) use business::UNDECLARED;
pub use business::{BusinessAttributes, BusinessField};
pub(crate) use columns::Columns;
pub use compare::{Answer, Change, ChangeCode, Comparison, Question};
pub use error::{DeclarationError, ParseNameError};
pub use extension::{ExtensionSchema, ExtensionType};
pub(crate) use extension_name::name_mistake;
pub use field::FixedField;
pub(crate) use field::is_reserved;
pub use fingerprint::{Fingerprint, FingerprintError};
pub use json_schema::JsonSchema;
pub use open_names::{OpenNameError, OpenNames};
pub use replace::{IncompatibleSchema, ReplaceError};
pub use set::{SchemaExists, SchemaNotFound, Schemas, SchemasIter};
