//! Records as Rust types: read into anything that `serde` can read, and made from anything that it can write.

// Without `#[inline]` in `record` and `value`, reading takes 2 to 5 % more instructions.

mod error;
mod fields;
mod fits;
mod from_records;
mod read;
mod record;
mod value;

pub use error::{Mismatch, MismatchKind};
pub(crate) use fields::read_fields;
pub use fits::Mismatches;
pub(in crate::event) use from_records::judged;
pub use read::RecordsAs;
pub(in crate::event) use read::read_open;
