//! What callers say: the service end event, its extensions and their records; and records as Rust types, which
//! [`records`](crate::records) tells about.
//!
//! Bodies hold personal data. `Debug` of what is handed on as a whole (an event, a decision, an answer, a stored service)
//! shows ids, versions, times, and the names of fields and extensions, but no other value, so a host can log it. `Debug` of
//! what a host takes out of it (the fixed fields, an extension, a record, a value) shows everything.

mod asked;
mod assemble;
mod end_event;
mod event_builder;
mod extension;
mod extension_builder;
mod extensions;
mod fields;
mod migrate;
mod open_extension;
mod open_texts;
mod record;
mod scalar;
mod size;
mod spelling;
mod table;
mod typed;
mod unique;
mod write;

pub(crate) use asked::Asked;
pub(crate) use assemble::Assembler;
pub use end_event::ServiceEndEvent;
pub use event_builder::ServiceEndEventBuilder;
pub(crate) use extension::Declared;
pub use extension::Extension;
pub use extension_builder::{ExtensionBuilder, RecordBuilder};
pub(crate) use extensions::Extensions;
pub use extensions::{AllExtensions, AnyExtension};
pub(crate) use fields::declared;
pub use fields::{BusinessValue, FixedFields, FixedFieldsIter};
pub use migrate::Migrated;
pub(crate) use migrate::{Loss, migrate};
pub use open_extension::OpenExtension;
pub(crate) use open_texts::OpenWriter;
pub use record::{Record, RecordIter, Records};
pub(crate) use size::{json_bytes, most_bytes_of_table, most_bytes_of_text};
pub(crate) use spelling::{Spelling, Spellings};
pub(crate) use table::{Absent, TableWriter};
pub(crate) use typed::read_fields;
pub use typed::{Mismatch, MismatchKind, Mismatches, RecordsAs};
pub(crate) use unique::SeenRecords;
