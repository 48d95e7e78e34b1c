//! The decision: what is stored, what is said, and what therefore changes. Pure.

mod completion;
mod decide;
mod document;
mod stored;

pub use completion::Completion;
pub use decide::{Decision, EndPolicy, EndRules, Refusal, decide};
pub(crate) use decide::{addresses, same_fields};
pub use document::Service;
pub use stored::{End, StoredExtension, StoredService};
