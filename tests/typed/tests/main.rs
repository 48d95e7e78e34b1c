//! Records as Rust types: the types of other crates, and pairs of schemas and structs at random.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that meets the unexpected fails"
)]

mod crates;
mod dice;
mod kinds;
mod pairs;
mod samples;
mod schemas;
