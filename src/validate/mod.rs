//! The engine: one pass from the bytes of a body to a valid event, or to all that is wrong with it.

mod admit;
mod any;
mod body;
mod error;
mod json_schema;
mod pass;
mod record;
mod stored;
mod validator;

pub use error::ReadError;
pub(crate) use stored::{read_end, read_extension};
pub use validator::Validator;
