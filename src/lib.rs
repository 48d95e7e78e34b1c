#![doc = include_str!("../README.md")]

mod complete;
mod event;
mod problem;
mod schema;
mod service;
mod storage;
mod validate;
mod value;
mod violation;

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
pub use storage::{Commit, MemoryStorage, Storage, Want};
pub use validate::{ReadError, Validator};
pub use value::{
    BoundedText, BusinessName, Currency, CurrencyError, Date, DateError, DispositionDesc, InteractionId,
    ServiceId, SessionId, TextError, Timestamp, TimestampError, Value,
};
pub use violation::{
    Code, Format, JsonType, Known, Part, Place, SyntaxError, Violation, ViolationKind, Violations,
};
