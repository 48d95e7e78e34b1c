//! Failures as RFC 9457 problem documents.
//!
//! Every error of the crate turns into a [`Problem`] with `From`. A host writes it with `serde`; a client in Rust reads it
//! the same way.

mod code;
mod document;
mod failures;
mod read;

pub use code::{ProblemCode, ProblemCodeError};
pub use document::{MemberTaken, Problem};
