use std::error::Error;
use std::future::Future;
use std::sync::Arc;

use super::contract::{Commit, Storage, Want};
use crate::service::{Completion, StoredService};
use crate::value::ServiceId;

/// What keeps services, for hosts that are asynchronous: the same two functions under the same contract as
/// [`Storage`], S1 to S10. No runtime is asked for.
///
/// An implementation writes them as `async fn`; their futures must be [`Send`], so that a multi-threaded executor
/// can move them. A future may be dropped before it is done, when a caller goes away: a commit then has happened
/// or not, but never by half (S2).
///
/// ```
/// use service_end::{AsyncStorage, Completion, ServiceId, StoredService, storage::{Commit, Want}};
///
/// struct Remote(/* a connection pool */);
///
/// impl AsyncStorage for Remote {
///     type Error = std::io::Error;
///
///     async fn load(&self, id: ServiceId, want: Want<'_>) -> Result<Option<StoredService>, Self::Error> {
///         # let _ = (id, want);
///         Ok(None) // ask the server
///     }
///
///     async fn commit(&self, completion: &Completion) -> Result<Commit, Self::Error> {
///         # let _ = completion;
///         Ok(Commit::Stale) // one compare-and-set
///     }
/// }
/// ```
pub trait AsyncStorage: Send + Sync {
    /// What can go wrong with the store itself.
    type Error: Error + Send + Sync + 'static;

    /// Loads one consistent version of a service, as [`Storage::load`] does.
    ///
    /// # Errors
    /// When the store can't answer.
    fn load(
        &self,
        id: ServiceId,
        want: Want<'_>,
    ) -> impl Future<Output = Result<Option<StoredService>, Self::Error>> + Send;

    /// Applies a completion, as a whole or not at all, as [`Storage::commit`] does.
    ///
    /// # Errors
    /// When the outcome is unknown.
    fn commit(&self, completion: &Completion) -> impl Future<Output = Result<Commit, Self::Error>> + Send;
}

macro_rules! forward {
    ($($pointer:ty),*) => {$(
        impl<S: AsyncStorage + ?Sized> AsyncStorage for $pointer {
            type Error = S::Error;

            fn load(
                &self,
                id: ServiceId,
                want: Want<'_>,
            ) -> impl Future<Output = Result<Option<StoredService>, S::Error>> + Send {
                (**self).load(id, want)
            }

            fn commit(
                &self,
                completion: &Completion,
            ) -> impl Future<Output = Result<Commit, S::Error>> + Send {
                (**self).commit(completion)
            }
        }
    )*};
}

forward!(&S, Box<S>, Arc<S>);

/// A sync store that never waits, like [`MemoryStorage`](crate::MemoryStorage), as an asynchronous one: each call is
/// made at once, on the thread that polls.
///
/// **A store that waits for a disk or a server blocks the executor's thread here.** For such a store take
/// [`OffThread`](crate::storage::OffThread).
///
/// ```
/// use service_end::{CompleteService, MemoryStorage, Schemas, Validator, storage::Immediate};
/// let operation = CompleteService::new(Validator::new(Schemas::new()), Immediate(MemoryStorage::new()));
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Immediate<S>(pub S);

impl<S: Storage + Send + Sync> AsyncStorage for Immediate<S> {
    type Error = S::Error;

    async fn load(&self, id: ServiceId, want: Want<'_>) -> Result<Option<StoredService>, S::Error> {
        self.0.load(id, want)
    }

    async fn commit(&self, completion: &Completion) -> Result<Commit, S::Error> {
        self.0.commit(completion)
    }
}
