//! The engine: one pass from the bytes of a body to a valid event, or to all that is wrong with it.

mod admit;
mod any;
mod body;
mod error;
mod findings;
mod json_schema;
mod open;
mod open_made;
mod open_value;
mod opened;
mod parts;
mod pass;
mod record;
mod rule;
mod stored;
mod validator;
mod watch;

pub use error::ReadError;
pub(crate) use findings::run_rule;
pub use findings::{Findings, RuleFailed};
pub use parts::Parts;
pub(crate) use parts::{Content, Reads};
pub use rule::{Check, Rule, RuleError};
pub(crate) use rule::{check_rule_name, reads};
pub(crate) use stored::{read_end, read_extension, read_open};
pub use validator::Validator;
