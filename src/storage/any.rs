//! Stores as trait objects, for hosts that choose theirs at run time.

use std::error::Error;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use super::asynchronous::AsyncStorage;
use super::contract::{Commit, Storage, Want};
use crate::service::{Completion, StoredService};
use crate::value::ServiceId;

/// The error of a store that was chosen at run time. It displays exactly as the store's own error.
#[derive(Clone)]
pub struct AnyError(Arc<dyn Error + Send + Sync>);

impl AnyError {
    pub(super) fn new(error: impl Error + Send + Sync + 'static) -> Self {
        AnyError(Arc::new(error))
    }

    /// The store's own error.
    pub fn get(&self) -> &(dyn Error + Send + Sync + 'static) {
        &*self.0
    }
}

impl fmt::Debug for AnyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for AnyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Error for AnyError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.source()
    }
}

/// Any sync store. Cheap to clone. Its outbox, if it keeps one, is [`AnyOutbox`](super::AnyOutbox).
///
/// ```
/// use service_end::{CompleteService, MemoryStorage, Schemas, Validator, storage::AnyStorage};
/// let chosen = AnyStorage::new(MemoryStorage::new());
/// let operation = CompleteService::new(Validator::new(Schemas::new()), chosen);
/// ```
#[derive(Clone)]
pub struct AnyStorage(Arc<dyn Storage<Error = AnyError> + Send + Sync>);

impl AnyStorage {
    /// Takes a store.
    pub fn new(storage: impl Storage + Send + Sync + 'static) -> Self {
        AnyStorage(Arc::new(Erased(storage)))
    }
}

impl fmt::Debug for AnyStorage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AnyStorage")
    }
}

impl Storage for AnyStorage {
    type Error = AnyError;

    fn load(&self, id: ServiceId, want: Want<'_>) -> Result<Option<StoredService>, AnyError> {
        self.0.load(id, want)
    }

    fn commit(&self, completion: &Completion) -> Result<Commit, AnyError> {
        self.0.commit(completion)
    }
}

/// A store, or its outbox, whose error is made one of any store.
pub(super) struct Erased<S>(pub(super) S);

impl<S: Storage> Storage for Erased<S> {
    type Error = AnyError;

    fn load(&self, id: ServiceId, want: Want<'_>) -> Result<Option<StoredService>, AnyError> {
        self.0.load(id, want).map_err(AnyError::new)
    }

    fn commit(&self, completion: &Completion) -> Result<Commit, AnyError> {
        self.0.commit(completion).map_err(AnyError::new)
    }
}

/// Any asynchronous store: a trait object that costs one box a call. Cheap to clone. Its outbox, if it keeps one, is
/// [`AnyAsyncOutbox`](super::AnyAsyncOutbox).
///
/// A host that chooses between sync and asynchronous stores at run time wraps the sync ones in
/// [`OffThread`](crate::storage::OffThread) or [`Immediate`](crate::storage::Immediate).
///
/// ```
/// use service_end::{MemoryStorage, storage::{AnyAsyncStorage, Immediate}};
/// let chosen = AnyAsyncStorage::new(Immediate(MemoryStorage::new()));
/// ```
#[derive(Clone)]
pub struct AnyAsyncStorage(Arc<dyn Boxing>);

impl AnyAsyncStorage {
    /// Takes a store.
    pub fn new(storage: impl AsyncStorage + 'static) -> Self {
        AnyAsyncStorage(Arc::new(storage))
    }
}

impl fmt::Debug for AnyAsyncStorage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AnyAsyncStorage")
    }
}

impl AsyncStorage for AnyAsyncStorage {
    type Error = AnyError;

    async fn load(&self, id: ServiceId, want: Want<'_>) -> Result<Option<StoredService>, AnyError> {
        self.0.load_boxed(id, want).await
    }

    async fn commit(&self, completion: &Completion) -> Result<Commit, AnyError> {
        self.0.commit_boxed(completion).await
    }
}

pub(super) type Boxed<'a, T> = Pin<Box<dyn Future<Output = Result<T, AnyError>> + Send + 'a>>;

/// An asynchronous store with its futures boxed, as a trait object needs them.
trait Boxing: Send + Sync {
    fn load_boxed<'a>(&'a self, id: ServiceId, want: Want<'a>) -> Boxed<'a, Option<StoredService>>;
    fn commit_boxed<'a>(&'a self, completion: &'a Completion) -> Boxed<'a, Commit>;
}

impl<S: AsyncStorage> Boxing for S {
    fn load_boxed<'a>(&'a self, id: ServiceId, want: Want<'a>) -> Boxed<'a, Option<StoredService>> {
        Box::pin(async move { self.load(id, want).await.map_err(AnyError::new) })
    }

    fn commit_boxed<'a>(&'a self, completion: &'a Completion) -> Boxed<'a, Commit> {
        Box::pin(async move { self.commit(completion).await.map_err(AnyError::new) })
    }
}
