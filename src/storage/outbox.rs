use std::error::Error;
use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use super::asynchronous::Immediate;
use crate::service::notice_id;
use crate::value::{ServiceId, Version};

/// What keeps the notices of ends until they are told: clause **S10** of the contract of [`Storage`](crate::Storage).
///
/// A store that keeps an outbox writes the [`Notice`](crate::service::Notice) of a completion in the same atomic step as
/// the completion itself. Workers take notices out, tell them, and confirm them. The rules:
///
/// - Nothing that did not happen is ever handed out, and nothing that happened is lost. A notice stays until it is
///   confirmed, and can be handed out again until then, always with the same id and the same text.
/// - The notices of one service are handed out in the order of their commits, one at a time: the next one once the one
///   before it is confirmed. Of those that can be taken, the ones that have waited longest come first.
/// - What is handed out is held for as long as its lease runs, and no other worker gets it meanwhile. A worker that dies
///   holds it no longer than that.
/// - A worker whose lease has run out may find that it holds the notice no longer, and then its confirmation changes
///   nothing. This is certain once another worker has taken the notice.
/// - What is given back is held no longer: to confirm it after that changes nothing.
/// - Each time that a notice is handed out is an attempt, whether it is given back afterwards or its lease runs out.
///
/// So a worker needs a lease that outlasts the whole round: taking, telling every notice of the batch, and confirming. It
/// is counted from within [`take`](Outbox::take). If it is too short, a notice is told twice.
///
/// ```
/// use std::time::Duration;
/// use service_end::{CompleteService, MemoryStorage, Schemas, StoredService, Timestamp, Validator};
/// use service_end::storage::Outbox;
/// let storage = MemoryStorage::new().with_outbox("https://crm.example/services".parse().unwrap());
/// storage.insert(StoredService::new(7, 0, Timestamp::MIN));
/// CompleteService::new(Validator::new(Schemas::new()), &storage).end(7, b"{}", Timestamp::now()).unwrap();
///
/// let Ok(taken) = storage.take(64, Duration::from_secs(30));
/// assert_eq!(taken.len(), 1);
/// // Tell it: taken[0].json
/// assert_eq!(storage.confirm(&taken), Ok(1));
/// let Ok(backlog) = storage.backlog();
/// assert_eq!(backlog.waiting, 0);
/// ```
pub trait Outbox {
    /// What can go wrong with the store itself.
    type Error: Error + Send + Sync + 'static;

    /// Takes notices out, at most so many, and holds them for the time of the lease. It stops before the one with which
    /// they would be longer than [`TakenNotice::MAX_BYTES`] together, but never before the first one.
    ///
    /// A store may hand out fewer than wait, and hold them for longer, to the next whole second, say.
    ///
    /// # Errors
    /// When the store can't answer. What it has handed out all the same can be taken again when its lease has run out.
    fn take(&self, limit: usize, lease: Duration) -> Result<Vec<TakenNotice>, Self::Error>;

    /// Forgets notices that were told: how many of them the caller still held. The others are held by another worker, or
    /// were confirmed before, and nothing changes about them.
    ///
    /// # Errors
    /// When the outcome is unknown. It is safe to call it again.
    fn confirm(&self, taken: &[TakenNotice]) -> Result<usize, Self::Error>;

    /// Gives back notices that could not be told: how many of them the caller still held. They can be taken again once the
    /// pause is over. It holds up the later notices of the same services, and no others.
    ///
    /// # Errors
    /// When the outcome is unknown. At the latest they can be taken again when their lease has run out.
    fn release(&self, taken: &[TakenNotice], pause: Duration) -> Result<usize, Self::Error>;

    /// How many notices wait, and for how long.
    ///
    /// # Errors
    /// When the store can't answer.
    fn backlog(&self) -> Result<Backlog, Self::Error>;
}

/// [`Outbox`] for asynchronous stores: the same four functions under the same rules.
///
/// A future may be dropped before it is done. What a dropped call has taken can be taken again when its lease has run out.
pub trait AsyncOutbox: Send + Sync {
    /// What can go wrong with the store itself.
    type Error: Error + Send + Sync + 'static;

    /// Takes notices out, as [`Outbox::take`] does.
    ///
    /// # Errors
    /// When the store can't answer.
    fn take(
        &self,
        limit: usize,
        lease: Duration,
    ) -> impl Future<Output = Result<Vec<TakenNotice>, Self::Error>> + Send;

    /// Forgets notices that were told, as [`Outbox::confirm`] does.
    ///
    /// # Errors
    /// When the outcome is unknown.
    fn confirm(&self, taken: &[TakenNotice]) -> impl Future<Output = Result<usize, Self::Error>> + Send;

    /// Gives back notices that could not be told, as [`Outbox::release`] does.
    ///
    /// # Errors
    /// When the outcome is unknown.
    fn release(
        &self,
        taken: &[TakenNotice],
        pause: Duration,
    ) -> impl Future<Output = Result<usize, Self::Error>> + Send;

    /// How many notices wait, as [`Outbox::backlog`] does.
    ///
    /// # Errors
    /// When the store can't answer.
    fn backlog(&self) -> impl Future<Output = Result<Backlog, Self::Error>> + Send;
}

/// A notice that a worker holds.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
#[must_use = "it is held until it is confirmed or given back"]
pub struct TakenNotice {
    /// The service that ended.
    pub service_id: ServiceId,
    /// The version that its end was decided on. Since then the service is at another one.
    pub version: Version,
    /// The store's number for the lease of this handing-out. No other one of the same notice has it.
    pub lease_id: i64,
    /// How often it was handed out, this time included: 1 the first time. For pauses that grow.
    pub attempt: u32,
    /// The text of the notice, as [`Notice::to_json`](crate::service::Notice::to_json) has made it.
    pub json: Arc<str>,
}

impl TakenNotice {
    /// How long the notices that are taken at once may be together.
    pub const MAX_BYTES: usize = 8 << 20;

    /// As a store hands it out.
    pub fn new(
        service_id: impl Into<ServiceId>,
        version: impl Into<Version>,
        lease_id: i64,
        attempt: u32,
        json: impl Into<Arc<str>>,
    ) -> Self {
        let (service_id, version) = (service_id.into(), version.into());
        TakenNotice { service_id, version, lease_id, attempt, json: json.into() }
    }

    /// The id of the notice, as [`Notice::id`](crate::service::Notice::id).
    pub fn id(&self) -> String {
        notice_id(self.service_id, self.version)
    }
}

/// Without its text, which holds what callers have sent.
impl fmt::Debug for TakenNotice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let TakenNotice { lease_id, attempt, json, .. } = self;
        f.debug_struct("TakenNotice")
            .field("id", &self.id())
            .field("lease_id", lease_id)
            .field("attempt", attempt)
            .field("bytes", &json.len())
            .finish_non_exhaustive()
    }
}

/// What waits in an outbox, whether it is held by a worker or not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Backlog {
    /// How many notices are not confirmed.
    pub waiting: u64,
    /// How long ago the oldest of them was committed, if there is one.
    pub oldest: Option<Duration>,
}

impl Backlog {
    /// A backlog of so many waiting notices, of which the oldest has waited for so long.
    pub fn new(waiting: u64, oldest: Option<Duration>) -> Self {
        Backlog { waiting, oldest }
    }
}

macro_rules! forward {
    ($($pointer:ty),*) => {$(
        impl<S: Outbox + ?Sized> Outbox for $pointer {
            type Error = S::Error;

            fn take(&self, limit: usize, lease: Duration) -> Result<Vec<TakenNotice>, S::Error> {
                (**self).take(limit, lease)
            }

            fn confirm(&self, taken: &[TakenNotice]) -> Result<usize, S::Error> {
                (**self).confirm(taken)
            }

            fn release(&self, taken: &[TakenNotice], pause: Duration) -> Result<usize, S::Error> {
                (**self).release(taken, pause)
            }

            fn backlog(&self) -> Result<Backlog, S::Error> {
                (**self).backlog()
            }
        }

        impl<S: AsyncOutbox + ?Sized> AsyncOutbox for $pointer {
            type Error = S::Error;

            fn take(
                &self,
                limit: usize,
                lease: Duration,
            ) -> impl Future<Output = Result<Vec<TakenNotice>, S::Error>> + Send {
                (**self).take(limit, lease)
            }

            fn confirm(&self, taken: &[TakenNotice]) -> impl Future<Output = Result<usize, S::Error>> + Send {
                (**self).confirm(taken)
            }

            fn release(
                &self,
                taken: &[TakenNotice],
                pause: Duration,
            ) -> impl Future<Output = Result<usize, S::Error>> + Send {
                (**self).release(taken, pause)
            }

            fn backlog(&self) -> impl Future<Output = Result<Backlog, S::Error>> + Send {
                (**self).backlog()
            }
        }
    )*};
}

forward!(&S, Box<S>, Arc<S>);

impl<S: Outbox + Send + Sync> AsyncOutbox for Immediate<S> {
    type Error = S::Error;

    async fn take(&self, limit: usize, lease: Duration) -> Result<Vec<TakenNotice>, S::Error> {
        self.0.take(limit, lease)
    }

    async fn confirm(&self, taken: &[TakenNotice]) -> Result<usize, S::Error> {
        self.0.confirm(taken)
    }

    async fn release(&self, taken: &[TakenNotice], pause: Duration) -> Result<usize, S::Error> {
        self.0.release(taken, pause)
    }

    async fn backlog(&self) -> Result<Backlog, S::Error> {
        self.0.backlog()
    }
}
