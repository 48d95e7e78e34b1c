use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use super::asynchronous::AsyncStorage;
use super::contract::{Commit, Storage, Want};
use super::outbox::{AsyncOutbox, Backlog, Outbox, TakenNotice};
use crate::service::{Completion, StoredService};
use crate::value::ServiceId;

/// A call of a store, to be run on a thread that may block.
pub type Job = Box<dyn FnOnce() + Send>;

/// A sync store as an asynchronous one: each call runs on a thread where blocking is allowed, while the executor's
/// thread goes on.
///
/// Which thread that is, the host says, since this crate knows no runtime. With tokio it is
/// `spawn_blocking`:
///
/// ```text
/// let storage = OffThread::new(store, |job| { tokio::task::spawn_blocking(job); });
/// ```
///
/// A call costs one hand-over to that thread and back, and a commit a clone of the completion, which shares the
/// records. A call whose future is dropped still runs to its end. A job that is never run, because the runtime is
/// shutting down, or that panics gives [`OffThreadError::Abandoned`].
///
/// ```
/// use service_end::{CompleteService, MemoryStorage, Schemas, Timestamp, Validator, storage::OffThread};
/// let storage = OffThread::new(MemoryStorage::new(), |job| {
///     std::thread::spawn(job);
/// });
/// let operation = CompleteService::new(Validator::new(Schemas::new()), storage);
///
/// // The operation can be spawned, whatever the store.
/// fn spawn<F: Future<Output: Send> + Send + 'static>(_: F) {}
/// spawn(async move { operation.end_async(7, b"{}", Timestamp::now()).await.is_ok() });
/// ```
pub struct OffThread<S> {
    storage: Arc<S>,
    /// Boxed: a future that names the type of a closure over [`Job`] can't be moved between threads.
    run: Arc<dyn Fn(Job) + Send + Sync>,
}

impl<S> Clone for OffThread<S> {
    fn clone(&self) -> Self {
        OffThread { storage: Arc::clone(&self.storage), run: Arc::clone(&self.run) }
    }
}

impl<S: fmt::Debug> fmt::Debug for OffThread<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OffThread").field("storage", &self.storage).finish_non_exhaustive()
    }
}

/// Why a call on another thread failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OffThreadError<E> {
    /// The store failed.
    #[error(transparent)]
    Storage(E),
    /// The call was not run to its end: whether anything changed is unknown.
    #[error("the call of the store was not run to its end")]
    Abandoned,
}

impl<S: Send + Sync + 'static> OffThread<S> {
    /// A store whose calls are run by `run`, which must return at once and have the job run on another thread.
    pub fn new(storage: S, run: impl Fn(Job) + Send + Sync + 'static) -> Self {
        OffThread { storage: Arc::new(storage), run: Arc::new(run) }
    }

    /// The store itself.
    pub fn storage(&self) -> &S {
        &self.storage
    }

    /// Has a call made. The call itself is not part of the future: otherwise the future could not move between threads.
    fn call<T: Send + 'static, E: Send + 'static>(
        &self,
        call: impl FnOnce(&S) -> Result<T, E> + Send + 'static,
    ) -> Answer<T, E> {
        let state = Arc::new(Mutex::new(State::Waiting(None)));
        let (sender, answer) = (Sender(Arc::clone(&state)), Answer(state));
        let storage = Arc::clone(&self.storage);
        (self.run)(Box::new(move || sender.send(call(&storage))));
        answer
    }
}

impl<S: Storage + Send + Sync + 'static> AsyncStorage for OffThread<S> {
    type Error = OffThreadError<S::Error>;

    async fn load(&self, id: ServiceId, want: Want<'_>) -> Result<Option<StoredService>, Self::Error> {
        let keys: Option<Vec<String>> = match want {
            Want::Nothing => Some(Vec::new()),
            Want::Named(keys) => Some(keys.iter().map(|key| (*key).to_owned()).collect()),
            Want::All => None,
        };
        self.call(move |storage| {
            let keys: Option<Vec<&str>> = keys.as_ref().map(|keys| keys.iter().map(String::as_str).collect());
            storage.load(id, Want::of(keys.as_deref()))
        })
        .await
    }

    async fn commit(&self, completion: &Completion) -> Result<Commit, Self::Error> {
        let completion = completion.clone();
        self.call(move |storage| storage.commit(&completion)).await
    }
}

impl<S: Outbox + Send + Sync + 'static> AsyncOutbox for OffThread<S> {
    type Error = OffThreadError<S::Error>;

    async fn take(&self, limit: usize, lease: Duration) -> Result<Vec<TakenNotice>, Self::Error> {
        self.call(move |storage| storage.take(limit, lease)).await
    }

    async fn confirm(&self, taken: &[TakenNotice]) -> Result<usize, Self::Error> {
        let taken = taken.to_vec();
        self.call(move |storage| storage.confirm(&taken)).await
    }

    async fn release(&self, taken: &[TakenNotice], pause: Duration) -> Result<usize, Self::Error> {
        let taken = taken.to_vec();
        self.call(move |storage| storage.release(&taken, pause)).await
    }

    async fn backlog(&self) -> Result<Backlog, Self::Error> {
        self.call(S::backlog).await
    }
}

/// How far a call is.
#[derive(Debug)]
enum State<T> {
    Waiting(Option<Waker>),
    Sent(T),
    Closed,
}

/// Sends what one call returns, once.
struct Sender<T>(Arc<Mutex<State<T>>>);

/// What a call answers.
struct Answer<T, E>(Arc<Mutex<State<Result<T, E>>>>);

fn lock<T>(state: &Mutex<State<T>>) -> MutexGuard<'_, State<T>> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<T> Sender<T> {
    fn send(self, value: T) {
        self.settle(State::Sent(value));
    }

    /// Leaves a last word, unless there was one, and wakes the receiver.
    fn settle(&self, last: State<T>) {
        let mut state = lock(&self.0);
        if let State::Waiting(waker) = &mut *state {
            let waker = waker.take();
            *state = last;
            drop(state);
            if let Some(waker) = waker {
                waker.wake();
            }
        }
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        self.settle(State::Closed);
    }
}

impl<T, E> Future for Answer<T, E> {
    type Output = Result<T, OffThreadError<E>>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let mut state = lock(&self.0);
        if let State::Waiting(waker) = &mut *state {
            *waker = Some(context.waker().clone());
            return Poll::Pending;
        }
        Poll::Ready(match std::mem::replace(&mut *state, State::Closed) {
            State::Sent(answer) => answer.map_err(OffThreadError::Storage),
            State::Waiting(_) | State::Closed => Err(OffThreadError::Abandoned),
        })
    }
}
