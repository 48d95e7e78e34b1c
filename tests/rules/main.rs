//! The rules, as tables of cases. A test is named after the rule that it holds.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test that meets the unexpected fails"
)]

mod async_storage;
mod bad_content;
mod bad_input;
mod differential;
mod grammar;
mod located;
mod message_pack;
mod mutations;
mod number_token;
mod properties;
mod snapshot;
mod suggestions;
mod support;
mod syntax;
