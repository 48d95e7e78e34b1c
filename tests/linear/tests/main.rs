//! The store in memory, and stores with flaws.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test says by panicking what it has found"
)]

mod flaws;
mod memory;

// The stores with flaws, which the rules hold against the conformance kit.
#[allow(dead_code, unused_imports, reason = "it is shared with the rules")]
#[path = "../../rules/conformance/flaw.rs"]
mod flaw;
#[allow(dead_code, reason = "it is shared with the rules")]
#[path = "../../rules/conformance/outbox.rs"]
mod outbox;
#[allow(dead_code, reason = "it is shared with the rules")]
#[path = "../../rules/conformance/plain.rs"]
mod plain;
