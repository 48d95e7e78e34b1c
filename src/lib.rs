#![doc = include_str!("../README.md")]
//!
//! # A map of the crate
//!
//! Data flows one way, from left to right. What stands to the left knows nothing of what stands to the right.
//!
//! ```text
//!  bytes ──read──▶ ServiceEndEvent ──decide──▶ Completion ──commit──▶ Storage
//!        Validator                  StoredService, EndRules          yours
//!        (Schemas, BusinessAttributes)
//!        ✗ ReadError                ✗ Refusal                  ✗ stale → decide again
//! ```
//!
//! | you want to | take | more in |
//! |---|---|---|
//! | declare extensions | [`ExtensionSchema`], [`AttributeSchema`], [`Schemas`] | [`schema`] |
//! | change a schema that is in use | [`ExtensionSchema::compare`], [`Schemas::replace`], [`Extension::migrate`] | [`schema`], [`event`] |
//! | declare known dispositions, media types, … | [`BusinessAttributes`] | [`schema`] |
//! | take data that has no schema | [`Schemas::with_open`], [`OpenExtension`](event::OpenExtension), [`AnyExtension`](event::AnyExtension) | [`schema`], [`event`] |
//! | read and check a body | [`Validator::read`], or [`Validator::read_from`] for other formats and parsers | [`validate`] |
//! | add rules of your own | [`Rule`](validate::Rule), [`StoredRule`](service::StoredRule) | [`rules`] |
//! | look into an event | [`ServiceEndEvent`], [`FixedFields`], [`Extension`], [`Record`], [`Value`] | [`event`], [`value`] |
//! | make an event in Rust | [`ServiceEndEvent::builder`], [`Extension::builder`] | [`event`] |
//! | read records into your own structs, and make them of those | [`Extension::to`], [`Extension::from_records`], [`ExtensionSchema::fits`] | [`records`] |
//! | end a service | [`CompleteService`], which gives an [`Outcome`] or a [`CompleteError`] | [`complete`] |
//! | decide without storage | [`decide`](service::decide()) | [`service`] |
//! | keep services | [`MemoryStorage`], or [`Storage`] or [`AsyncStorage`] for your own store | [`storage`] |
//! | tell others of an end | [`Completion::notice`], which gives a [`Notice`](service::Notice), and an [`Outbox`](storage::Outbox) | [`outbox`] |
//! | show a stored service | [`Service`] | [`service`] |
//! | publish as JSON Schema or OpenAPI | [`Validator::body_json_schema`], [`OpenApi`](problem::OpenApi) | [`publishing`] |
//! | tell a caller what is wrong | [`Problem`], [`Violations`], [`Violation`] | [`problem`], [`violation`] |

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

#[doc = include_str!("../RECORDS.md")]
pub mod records {}

#[doc = include_str!("../PUBLISHING.md")]
pub mod publishing {}

#[doc = include_str!("../OUTBOX.md")]
pub mod outbox {}

#[doc = include_str!("../RULES.md")]
pub mod rules {}

pub use complete::{CompleteError, CompleteService, Outcome};
pub use event::{Extension, FixedFields, Record, ServiceEndEvent};
pub use problem::Problem;
pub use schema::{AttributeSchema, BusinessAttributes, ExtensionSchema, Schemas};
pub use service::{Completion, EndPolicy, EndRules, Service, StoredService};
pub use storage::{AsyncStorage, MemoryStorage, Storage};
pub use validate::{ReadError, Validator};
pub use value::{ServiceId, Timestamp, Value, Version};
pub use violation::{Violation, Violations};
