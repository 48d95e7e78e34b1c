//! Fuzz targets for `service-end`, as functions of bytes, and a plain reader to hold it against. README.md tells more.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::missing_errors_doc,
    clippy::missing_panics_doc,
    clippy::panic,
    clippy::string_slice,
    missing_docs,
    unreachable_pub,
    reason = "a target that meets the unexpected fails; what is public here is for its own programs and tests"
)]

pub mod case;
pub mod declared;
pub mod http;
pub mod made;
pub mod plain;
pub mod targets;
pub mod written;
