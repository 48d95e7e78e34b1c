//! Scalars and their checks: what one cell of a record, or one fixed field, can hold.
//!
//! Each goes both ways: it is read from text ([`FromStr`](std::str::FromStr), `TryFrom`), from what the standard
//! library and `chrono` have for it, and by `serde`, and is written as it is read.
//!
//! ```
//! use service_end::{Timestamp, value::Currency};
//! let price: Currency = serde_json::from_str("19.90").unwrap();
//! assert_eq!(price.to_string(), "19.9");
//! let timestamp: Timestamp = "2009-05-12T14:05:12.145+02:00".parse().unwrap();
//! assert_eq!(serde_json::to_string(&timestamp).unwrap(), r#""2009-05-12T12:05:12.145Z""#);
//! ```

mod currency;
mod date;
mod integer;
mod json_bytes;
mod json_text;
pub(crate) mod leaf;
mod name;
mod named;
mod number;
mod same_json;
mod service_id;
mod sha256;
pub(crate) mod skip;
mod text;
mod timestamp;
#[expect(clippy::module_inception, reason = "the room is named after what it is about")]
mod value;
mod version;

pub use currency::{Currency, CurrencyError};
pub use date::{Date, DateError};
pub use integer::IntegerError;
pub(crate) use json_bytes::written_bytes;
pub(crate) use json_text::{MAX_LEVELS, compact_bytes, levels, push_compact};
pub(crate) use name::{Caseless, FoldedBuild, Name, NameError, check_name, in_lower_case, same_name};
pub(crate) use named::named;
pub(crate) use number::{EXACT_WHOLE, NUMBER_KEY, NotWhole, NumberText, Scalar, whole};
pub(crate) use same_json::same_json;
pub use service_id::ServiceId;
pub(crate) use sha256::sha256;
pub use text::{BoundedText, BusinessName, DispositionDesc, InteractionId, SessionId, TextError};
pub use timestamp::{Timestamp, TimestampError};
pub use value::Value;
pub use version::Version;
