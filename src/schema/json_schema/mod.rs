//! What is declared, as JSON Schema: for those who don't read our schemas.

mod attribute;
mod document;
mod example;
mod extension;
mod field;
mod open;
mod pattern;

pub use document::JsonSchema;
