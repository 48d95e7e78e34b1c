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
//! | decide without storage | [`decide`], which gives a [`Decision`] or a [`Refusal`] |
//! | keep services | [`MemoryStorage`], or [`Storage`] or [`AsyncStorage`] for your own store; adapters are in [`storage`] |
//! | prove your own store | [`storage::conformance`] |
//! | show a stored service | [`Service`] |
//! | tell a caller what is wrong | [`Problem`], [`Violations`], [`Violation`] |

mod complete;
mod event;
mod problem;
mod schema;
mod service;
pub mod storage;
mod validate;
mod value;
mod violation;

#[doc = include_str!("../PERFORMANCE.md")]
pub mod performance {}

pub use complete::{CompleteError, CompleteService, Outcome};
pub use event::{
    BusinessValue, EventBuilder, Extension, ExtensionBuilder, FixedFields, Record, RecordBuilder, Records,
    ServiceEndEvent,
};
pub use problem::{Problem, ProblemCode};
pub use schema::{
    AttributeBuilder, AttributeSchema, AttributeType, BusinessAttributes, BusinessField, DeclarationError,
    ExtensionSchema, ExtensionSchemaBuilder, ExtensionType, SchemaExists, SchemaNotFound, Schemas,
};
pub use service::{
    Completion, Decision, End, EndPolicy, EndRules, Refusal, Service, StoredExtension, StoredService, decide,
};
pub use storage::{AsyncStorage, Commit, MemoryStorage, Storage, Want};
pub use validate::{ReadError, Validator};
pub use value::{
    BoundedText, BusinessName, Currency, CurrencyError, Date, DateError, DispositionDesc, InteractionId,
    ServiceId, SessionId, TextError, Timestamp, TimestampError, Value,
};
pub use violation::{
    Code, Format, JsonType, Known, Part, Place, Rendering, Span, SyntaxError, Violation, ViolationKind,
    Violations,
};
