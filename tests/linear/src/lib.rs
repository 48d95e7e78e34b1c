//! Whether a store is linearizable: callers on several threads use it at once, everything that they were told is kept with
//! the moments of asking and answering, and a checker from outside (`stateright`) looks for an order in which one caller
//! after the other would have been told the same.
//!
//! What one caller after the other is told comes from [`decide`](service_end::service::decide()) and the few rules of the
//! contract for stores. An end whose outcome is unknown stays open: it may have taken effect at any moment since, or never.
//!
//! A history is that of one service, with the schema of its one extension that the store keeps a schema of. Histories are
//! short, so the checker, which goes through all orders, always comes to an answer.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    reason = "it is part of tests, which say by panicking what they have found"
)]

pub mod answer;
pub mod call;
pub mod caller;
pub mod check;
pub mod readers;
pub mod run;
pub mod spec;
pub mod store;
