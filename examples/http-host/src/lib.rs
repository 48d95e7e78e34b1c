//! The plumbing of the host in `main.rs`, which is the part to read first: what every HTTP service needs, whatever
//! it serves. A host that has its own needs none of it but [`host::Host`].

pub mod answer;
pub mod body;
pub mod host;
pub mod log;
pub mod options;
pub mod serve;
pub mod store;

/// A host that keeps everything in memory asks for fresh memory with every request, on each of its threads: an
/// allocator that takes it from the system in large pieces answers faster. The benchmark's other host has it too.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
