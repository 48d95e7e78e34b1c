//! The rooms of the host. Read `main.rs` first, then [`routes`] and [`host`]; the others are what every HTTP service needs.

#![expect(clippy::missing_errors_doc, reason = "a `Failure` is whatever the caller is told")]

pub mod answer;
pub mod count;
pub mod etag;
pub mod host;
pub mod limits;
pub mod log;
pub mod metrics;
pub mod openapi;
pub mod options;
#[cfg(feature = "docs")]
pub mod page;
pub mod publish;
pub mod routes;
pub mod rules;
pub mod serve;
pub mod start;
pub mod store;

/// A host that keeps everything in memory asks for fresh memory with every request, on each of its threads: an
/// allocator that takes it from the system in large pieces answers faster. The benchmark's other host has it too.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
