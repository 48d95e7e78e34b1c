//! Failures as RFC 9457 problem documents.
//!
//! Every error of the crate turns into a [`Problem`] with `From`. A host writes it with `serde`; a client in Rust reads it
//! the same way. [`OpenApi`] tells callers of all of them.

mod code;
mod document;
mod example;
mod failures;
mod openapi;
mod parts;
mod read;

pub use code::{ProblemCode, ProblemCodeError};
pub use document::{MemberTaken, Problem};
pub use openapi::OpenApi;
