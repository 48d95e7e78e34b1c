//! The store in memory: services in many tables, each behind a lock of its own.

mod kept;
mod services;

use std::convert::Infallible;
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use self::kept::Kept;
use self::services::{HashIds, Services};
use super::{Commit, Storage, Want};
use crate::service::{Completion, StoredService};
use crate::value::{ServiceId, Version};

/// Keeps services in memory: the embedded default, for tests and for hosts that need no durability.
///
/// It is safe to share between threads, which block one another only for moments: the services are spread over
/// many locks.
///
/// ```
/// use service_end::{MemoryStorage, ServiceId, Storage, StoredService, Timestamp, storage::Want};
/// let storage = MemoryStorage::new();
/// let started: Timestamp = "2009-05-12T11:50:00Z".parse().unwrap();
/// assert!(storage.insert(StoredService::new(7, 0, started)));
/// let service = storage.load(ServiceId(7), Want::All).unwrap().unwrap();
/// assert_eq!(service.started, started);
/// ```
#[derive(Debug)]
pub struct MemoryStorage {
    shards: [RwLock<Shard>; SHARDS],
    hash: HashIds,
}

/// Some of the services. Each shard counts by itself, so that threads share nothing, unless they are at services of
/// neighbouring ids.
#[derive(Debug)]
struct Shard {
    services: Services,
    versions: Versions,
}

/// Gives versions, none of them twice.
#[derive(Debug, Default)]
struct Versions {
    last: i64,
}

impl Versions {
    fn new_version(&mut self) -> Version {
        self.last += 1;
        Version(self.last)
    }
}

/// A power of two, far beyond the number of threads that end services at the same moment.
const SHARDS: usize = 128;

impl MemoryStorage {
    /// An empty store.
    pub fn new() -> Self {
        let hash = HashIds::new();
        let shard = |_| RwLock::new(Shard { services: Services::new(hash), versions: Versions::default() });
        MemoryStorage { shards: std::array::from_fn(shard), hash }
    }

    /// Keeps a service, active or ended; `false`, and nothing changes, if there is one of its id. Its version is
    /// not kept: the store gives versions of its own.
    pub fn insert(&self, service: StoredService) -> bool {
        let mut kept = Kept::new(service);
        let mut shard = self.write(kept.id);
        kept.version = shard.versions.new_version();
        let inserted = shard.services.insert(kept);
        drop(shard);
        // What is turned away is given back after the lock.
        inserted.is_ok()
    }

    /// Forgets a service; `false` if there is none of this id.
    pub fn remove(&self, id: ServiceId) -> bool {
        let removed = self.write(id).services.remove(id);
        // Its memory is given back after the lock.
        removed.is_some()
    }

    /// Forgets an extension in every service, as a host does when it removes the schema; returns how many services
    /// had it. Each of them is at a new version then, so a completion that was decided before is stale.
    ///
    /// Services are visited one after the other. A completion of the old schema that is still under way would bring
    /// records back: a host commits with [`MemoryStorage::commit_if`] then.
    ///
    /// ```
    /// use service_end::{MemoryStorage, StoredService, Timestamp};
    /// let storage = MemoryStorage::new();
    /// storage.insert(StoredService::new(7, 0, Timestamp::MIN).with_extension("Feedback", "{}"));
    /// assert_eq!(storage.remove_extension("FEEDBACK"), 1);
    /// assert_eq!(storage.remove_extension("FEEDBACK"), 0);
    /// ```
    pub fn remove_extension(&self, name: &str) -> usize {
        let mut count = 0;
        for shard in &self.shards {
            let mut shard = shard.write().unwrap_or_else(PoisonError::into_inner);
            let Shard { services, versions } = &mut *shard;
            let forgotten =
                services.iter_mut().filter_map(|kept| kept.forget(name, || versions.new_version()));
            let earlier: Vec<_> = forgotten.collect();
            drop(shard);
            count += earlier.len();
            // Nobody waits while memory is given back.
            drop(earlier);
        }
        count
    }

    /// Commits as [`Storage::commit`] does, if a condition holds at the moment of the change; if it does not, the
    /// answer is `None`, and nothing changes. The condition is asked while a lock is held: it must be quick, and
    /// must not use this store.
    ///
    /// So a host can remove schemas while completions are under way. It first takes the schema out of the set, then
    /// calls [`MemoryStorage::remove_extension`], and commits under the condition that the set still has the
    /// schemas: no record is then committed that is not removed.
    ///
    /// ```
    /// use service_end::{EndRules, MemoryStorage, Schemas, ServiceEndEvent, StoredService, Timestamp, service::{Decision, decide}};
    /// let storage = MemoryStorage::new();
    /// let service = StoredService::new(7, 1, Timestamp::MIN);
    /// storage.insert(service.clone());
    /// let event = ServiceEndEvent::builder().disposition(10).build().unwrap();
    /// let decision = decide(service.service_id, Some(&service), event, &EndRules::default(), Timestamp::now());
    /// let Ok(Decision::Complete(completion)) = decision else { panic!("an active service ends") };
    ///
    /// let schemas = Schemas::new(); // as they are now
    /// let committed = storage.commit_if(&completion, || {
    ///     completion.extensions().iter().all(|extension| extension.is_declared_by(&schemas))
    /// });
    /// assert!(committed.is_some());
    /// ```
    pub fn commit_if(&self, completion: &Completion, condition: impl FnOnce() -> bool) -> Option<Commit> {
        let id = completion.service_id();
        let new = completion.without_spare_room();
        let mut shard = self.write(id);
        if !condition() {
            return None;
        }
        let Shard { services, versions } = &mut *shard;
        let current = services.get_mut(id).filter(|kept| kept.version == completion.version());
        let Some(kept) = current else { return Some(Commit::Stale) };
        let earlier = kept.complete(versions.new_version(), new);
        drop(shard);
        // Nobody waits while memory is given back.
        drop(earlier);
        Some(Commit::Committed)
    }

    /// How many services there are.
    pub fn len(&self) -> usize {
        self.shards
            .iter()
            .map(|shard| shard.read().unwrap_or_else(PoisonError::into_inner).services.len())
            .sum()
    }

    /// Whether there is no service.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    // A thread that panicked while it held a lock left the table whole: what could panic, the condition of a commit,
    // comes before the change. So a poisoned lock is as good as any.

    fn read(&self, id: ServiceId) -> RwLockReadGuard<'_, Shard> {
        self.shard(id).read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self, id: ServiceId) -> RwLockWriteGuard<'_, Shard> {
        self.shard(id).write().unwrap_or_else(PoisonError::into_inner)
    }

    fn shard(&self, id: ServiceId) -> &RwLock<Shard> {
        // The table in the shard looks at the lowest bits.
        let bits = self.hash.of(id) >> 40;
        #[expect(clippy::indexing_slicing, reason = "below their number")]
        &self.shards[bits as usize % SHARDS]
    }
}

impl Storage for MemoryStorage {
    type Error = Infallible;

    fn load(&self, id: ServiceId, want: Want<'_>) -> Result<Option<StoredService>, Infallible> {
        let shard = self.read(id);
        let Some(kept) = shard.services.get(id) else { return Ok(None) };
        let mut service = StoredService::new(id, kept.version, kept.started);
        let recorded = kept.recorded.clone();
        // What follows takes time, and nobody has to wait for it.
        drop(shard);
        if let Some(recorded) = recorded {
            recorded.show(&mut service, want);
        }
        Ok(Some(service))
    }

    fn commit(&self, completion: &Completion) -> Result<Commit, Infallible> {
        Ok(self.commit_if(completion, || true).unwrap_or(Commit::Stale))
    }
}

impl Default for MemoryStorage {
    fn default() -> Self {
        Self::new()
    }
}
