//! What can be wrong with a text: every mistake with its code, its place and its parameters.
//!
//! A reader gathers [`Violations`]; each [`Violation`] is data: a JSON pointer, a [`Code`], a message and the
//! parameters that the message is made of. [`Violations::locate`] finds the line and the column of each in the text,
//! and [`Violations::render`] shows these lines to people. A text that can't be read at all is a [`SyntaxError`].
//!
//! ```
//! use service_end::{ReadError, Schemas, Validator, violation::Code};
//! let body = br#"{ "session_id": "0123456789-0123456789-0123456789-" }"#;
//! let Err(ReadError::Invalid(violations)) = Validator::new(Schemas::new()).read(body) else { panic!() };
//! let violation = &violations.as_slice()[0];
//! assert_eq!(violation.pointer(), "/session_id");
//! assert_eq!(*violation.code(), Code::TooLong);
//! assert_eq!(violation.message(), "must have at most 32 characters, but has 33");
//! assert_eq!(violation.params()["limit"], 32);
//! ```

mod at;
mod code;
mod collector;
mod excerpt;
mod follow;
mod items;
mod json_type;
mod kind;
mod known;
mod locate;
mod members;
mod place;
mod printable;
mod render;
mod suggest;
mod syntax;
mod token;
#[expect(clippy::module_inception, reason = "the room is named after what it is about")]
mod violation;
mod violations;

pub(crate) use at::At;
pub use code::{Code, HostCode, HostCodeError};
pub(crate) use collector::{ASSUMED_LENGTH, Collector};
pub(crate) use json_type::JsonType;
pub(crate) use kind::{NotGiven, ViolationKind};
pub use known::{Known, KnownIter};
pub(crate) use members::Members;
pub use place::{Part, Place, Span};
pub(crate) use place::{Path, Pointer};
pub use render::Rendering;
pub use syntax::SyntaxError;
pub use violation::Violation;
pub use violations::Violations;
