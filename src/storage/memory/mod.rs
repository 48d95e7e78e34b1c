//! The store in memory.

mod kept;
mod outbox;
mod shard;
mod store;

pub use store::MemoryStorage;
