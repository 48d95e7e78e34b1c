//! The plain reader: a second way to read a body, slow and obvious, against which the crate is held.
//!
//! It is written from the design alone and shares no code with the crate: JSON is split into pieces by `serde_json`, days are
//! counted by `chrono`, all else is the standard library. It says which violations there are and in which order, but
//! nothing about their messages.

mod json;
mod read;
mod schema;
mod value;

pub use json::{Json, Seen, Syntax};
pub use read::{Event, Extension, Host, Read};
pub use schema::{Attribute, Business, Schema};
pub use value::{Type, Value, currency_of_number, currency_of_text, judge};
