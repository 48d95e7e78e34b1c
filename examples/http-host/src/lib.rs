//! The plumbing of the host in `main.rs`, which is the part to read first: what every HTTP service needs, whatever
//! it serves. A host that has its own needs none of it but [`host::Host`].

pub mod answer;
pub mod body;
pub mod host;
pub mod log;
pub mod options;
pub mod serve;
pub mod store;
