//! Schemas that change at random, what can be said under them, and hosts that end services meanwhile. For the tests here
//! and for those of the stores.

#![allow(
    clippy::indexing_slicing,
    clippy::missing_errors_doc,
    clippy::missing_panics_doc,
    clippy::panic,
    clippy::unwrap_used,
    missing_docs,
    reason = "what meets the unexpected fails, and it is for tests alone"
)]

pub mod declared;
pub mod said;
pub mod under_load;
