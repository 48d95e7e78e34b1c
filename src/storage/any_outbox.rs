//! Outboxes as trait objects, for hosts that choose their store at run time.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::any::{AnyError, Boxed, Erased};
use super::outbox::{AsyncOutbox, Backlog, Outbox, TakenNotice};

/// The outbox of any sync store. Cheap to clone.
///
/// ```
/// use std::sync::Arc;
/// use service_end::storage::{AnyOutbox, AnyStorage, Outbox};
/// use service_end::MemoryStorage;
/// let store = Arc::new(MemoryStorage::new().with_outbox("/services".parse()?));
/// let storage = AnyStorage::new(Arc::clone(&store)); // for the operation
/// let outbox = AnyOutbox::new(store); // for the workers
/// assert_eq!(outbox.backlog()?.waiting, 0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct AnyOutbox(Arc<dyn Outbox<Error = AnyError> + Send + Sync>);

impl AnyOutbox {
    /// Takes a store. To use the same one in the operation, share it as an [`Arc`].
    pub fn new(outbox: impl Outbox + Send + Sync + 'static) -> Self {
        AnyOutbox(Arc::new(Erased(outbox)))
    }
}

impl fmt::Debug for AnyOutbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AnyOutbox")
    }
}

impl Outbox for AnyOutbox {
    type Error = AnyError;

    fn take(&self, limit: usize, lease: Duration) -> Result<Vec<TakenNotice>, AnyError> {
        self.0.take(limit, lease)
    }

    fn confirm(&self, taken: &[TakenNotice]) -> Result<usize, AnyError> {
        self.0.confirm(taken)
    }

    fn release(&self, taken: &[TakenNotice], pause: Duration) -> Result<usize, AnyError> {
        self.0.release(taken, pause)
    }

    fn backlog(&self) -> Result<Backlog, AnyError> {
        self.0.backlog()
    }
}

impl<S: Outbox> Outbox for Erased<S> {
    type Error = AnyError;

    fn take(&self, limit: usize, lease: Duration) -> Result<Vec<TakenNotice>, AnyError> {
        self.0.take(limit, lease).map_err(AnyError::new)
    }

    fn confirm(&self, taken: &[TakenNotice]) -> Result<usize, AnyError> {
        self.0.confirm(taken).map_err(AnyError::new)
    }

    fn release(&self, taken: &[TakenNotice], pause: Duration) -> Result<usize, AnyError> {
        self.0.release(taken, pause).map_err(AnyError::new)
    }

    fn backlog(&self) -> Result<Backlog, AnyError> {
        self.0.backlog().map_err(AnyError::new)
    }
}

/// The outbox of any asynchronous store, as [`AnyAsyncStorage`](super::AnyAsyncStorage) is any such store. Cheap to clone.
#[derive(Clone)]
pub struct AnyAsyncOutbox(Arc<dyn Boxing>);

impl AnyAsyncOutbox {
    /// Takes a store. To use the same one in the operation, share it as an [`Arc`].
    pub fn new(outbox: impl AsyncOutbox + 'static) -> Self {
        AnyAsyncOutbox(Arc::new(outbox))
    }
}

impl fmt::Debug for AnyAsyncOutbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AnyAsyncOutbox")
    }
}

impl AsyncOutbox for AnyAsyncOutbox {
    type Error = AnyError;

    async fn take(&self, limit: usize, lease: Duration) -> Result<Vec<TakenNotice>, AnyError> {
        self.0.take_boxed(limit, lease).await
    }

    async fn confirm(&self, taken: &[TakenNotice]) -> Result<usize, AnyError> {
        self.0.confirm_boxed(taken).await
    }

    async fn release(&self, taken: &[TakenNotice], pause: Duration) -> Result<usize, AnyError> {
        self.0.release_boxed(taken, pause).await
    }

    async fn backlog(&self) -> Result<Backlog, AnyError> {
        self.0.backlog_boxed().await
    }
}

/// An asynchronous outbox with its futures boxed, as a trait object needs them.
trait Boxing: Send + Sync {
    fn take_boxed(&self, limit: usize, lease: Duration) -> Boxed<'_, Vec<TakenNotice>>;
    fn confirm_boxed<'a>(&'a self, taken: &'a [TakenNotice]) -> Boxed<'a, usize>;
    fn release_boxed<'a>(&'a self, taken: &'a [TakenNotice], pause: Duration) -> Boxed<'a, usize>;
    fn backlog_boxed(&self) -> Boxed<'_, Backlog>;
}

impl<S: AsyncOutbox> Boxing for S {
    fn take_boxed(&self, limit: usize, lease: Duration) -> Boxed<'_, Vec<TakenNotice>> {
        Box::pin(async move { self.take(limit, lease).await.map_err(AnyError::new) })
    }

    fn confirm_boxed<'a>(&'a self, taken: &'a [TakenNotice]) -> Boxed<'a, usize> {
        Box::pin(async move { self.confirm(taken).await.map_err(AnyError::new) })
    }

    fn release_boxed<'a>(&'a self, taken: &'a [TakenNotice], pause: Duration) -> Boxed<'a, usize> {
        Box::pin(async move { self.release(taken, pause).await.map_err(AnyError::new) })
    }

    fn backlog_boxed(&self) -> Boxed<'_, Backlog> {
        Box::pin(async move { self.backlog().await.map_err(AnyError::new) })
    }
}
