//! Where services are kept: the traits that hosts implement, the store in memory, and adapters between them. A store
//! may also keep an [`Outbox`], out of which ends are told to others.
//!
//! The crate `service-end-conformance` tests a store of yours: it tries every rule of the contract.

mod any;
mod any_outbox;
mod asynchronous;
mod contract;
mod memory;
mod off_thread;
mod outbox;

pub use any::{AnyAsyncStorage, AnyError, AnyStorage};
pub use any_outbox::{AnyAsyncOutbox, AnyOutbox};
pub use asynchronous::{AsyncStorage, Immediate};
pub use contract::{Commit, Storage, Want};
pub use memory::MemoryStorage;
pub use off_thread::{Job, OffThread, OffThreadError};
pub use outbox::{AsyncOutbox, Backlog, Outbox, TakenNotice};
