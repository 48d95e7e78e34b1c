//! The decision: what is stored, what is said, and what therefore changes. Pure.
//!
//! A store gives a [`StoredService`]; [`decide`] compares an event with it and gives a [`Completion`] for the store to
//! commit, or a [`Refusal`]. [`Service`] shows a stored service as a document, and a [`Notice`] tells others of an end.

mod completion;
mod decide;
mod document;
mod end;
mod notice;
mod origin;
mod refusal;
mod required;
mod rules;
#[expect(clippy::module_inception, reason = "it is what the room is about")]
mod service;
mod stored;
mod stored_rule;
mod target;

pub use completion::Completion;
pub use decide::{Decision, decide};
pub(crate) use decide::{addresses, decide_by, needs_extensions};
pub use end::End;
pub use notice::Notice;
pub(crate) use notice::notice_id;
pub use origin::{NoticeOrigin, OriginError};
pub use refusal::Refusal;
pub(crate) use required::required_keys;
pub use rules::{EndPolicy, EndRules};
pub use service::{Service, Unreadable};
pub use stored::{StoredExtension, StoredService};
pub(crate) use stored_rule::StoredRules;
pub use stored_rule::{StoredCheck, StoredParts, StoredRule};
pub use target::Target;
