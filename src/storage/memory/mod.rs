//! The store in memory.

mod kept;
mod shard;
mod store;

pub use store::MemoryStorage;
