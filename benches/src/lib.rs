//! How fast bodies are read, next to rivals, and the guard that keeps it so. See the README beside this crate.
#![allow(
    clippy::cast_precision_loss,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a benchmark stops at the first surprise, and its figures are small"
)]

pub mod case;
pub mod costs;
pub mod end_to_end;
pub mod heap;
#[cfg(feature = "rivals")]
pub mod report;
#[cfg(feature = "rivals")]
pub mod rivals;
pub mod rounds;
pub mod search;
pub mod shapes;
pub mod typed;
pub mod workloads;
pub mod worst;
