#![doc = include_str!("../README.md")]
//!
//! # A map of the types
//!
//! One direction, from the left to the right; what stands to the left knows nothing of what stands to the right.
//!
//! ```text
//!  bytes ──read──▶ ServiceEndEvent ──decide──▶ Completion ──commit──▶ Storage
//!        Validator                  StoredService, EndRules          yours
//!        (Schemas, BusinessAttributes)
//!        ✗ ReadError                ✗ Refusal                  ✗ stale → decide again
//! ```
//!
//! | you want to | take |
//! |---|---|
//! | declare extensions | [`ExtensionSchema`], [`AttributeSchema`], [`Schemas`] |
//! | declare known dispositions, media types, … | [`BusinessAttributes`] |
//! | read and check a body | [`Validator::read`], or [`Validator::read_from`] for other formats and parsers |
//! | look into an event | [`ServiceEndEvent`], [`FixedFields`], [`Extension`], [`Record`], [`Value`] |
//! | make an event in Rust | [`ServiceEndEvent::builder`], [`Extension::builder`] |
//! | end a service | [`CompleteService`], which gives an [`Outcome`] or a [`CompleteError`] |
//! | decide without storage | [`decide`](service::decide), which gives a [`Decision`](service::Decision) or a [`Refusal`](service::Refusal) |
//! | keep services | [`MemoryStorage`], or [`Storage`] or [`AsyncStorage`] for your own store; adapters are in [`storage`] |
//! | prove your own store | the crate `service-end-conformance` |
//! | show a stored service | [`Service`] |
//! | tell a caller what is wrong | [`Problem`], [`Violations`], [`Violation`] |

pub mod complete;
pub mod event;
pub mod problem;
pub mod schema;
pub mod service;
pub mod storage;
pub mod validate;
pub mod value;
pub mod violation;

#[doc = include_str!("../PERFORMANCE.md")]
pub mod performance {}

pub use complete::{CompleteError, CompleteService, Outcome};
pub use event::{Extension, FixedFields, Record, ServiceEndEvent};
pub use problem::Problem;
pub use schema::{AttributeSchema, BusinessAttributes, ExtensionSchema, Schemas};
pub use service::{Completion, EndPolicy, EndRules, Service, StoredService};
pub use storage::{AsyncStorage, MemoryStorage, Storage};
pub use validate::{ReadError, Validator};
pub use value::{ServiceId, Timestamp, Value, Version};
pub use violation::{Violation, Violations};
