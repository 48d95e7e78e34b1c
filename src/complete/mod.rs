//! The operation: ties reading, deciding and committing together.
//!
//! [`CompleteService`] is what a host calls. It answers with an [`Outcome`] or a [`CompleteError`].

mod error;
mod machine;
mod operation;
mod outcome;

pub use error::CompleteError;
pub use operation::CompleteService;
pub use outcome::Outcome;
