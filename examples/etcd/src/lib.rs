#![doc = include_str!("../README.md")]

mod claims;
mod nodes;
mod outbox;
mod schemas;
mod sharded;
mod storage;
mod transaction;

pub use nodes::EtcdError;
pub use sharded::Sharded;
pub use storage::EtcdStorage;
