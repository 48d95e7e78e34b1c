//! Whether a Rust type and a schema fit, and a first schema out of a type. Both let the type read made-up records, and
//! watch what it asks for.

mod absence;
mod borders;
mod filler;
mod first_schema;
mod fitting;
mod mismatches;
mod names;
mod record_probe;
mod value_probe;
mod watch;

pub use mismatches::Mismatches;
