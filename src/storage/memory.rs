use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::convert::Infallible;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use super::{Commit, Storage, Want};
use crate::event::Extension;
use crate::service::{Completion, End, StoredExtension, StoredService};
use crate::value::{ServiceId, Timestamp};

/// Keeps services in memory: the embedded default, for tests and for hosts that need no durability.
///
/// It is safe to share between threads, which block one another only for moments: the services are spread over
/// many locks.
///
/// ```
/// use service_end::{MemoryStorage, ServiceId, Storage, StoredService, Timestamp, Want};
/// let storage = MemoryStorage::new();
/// let started: Timestamp = "2009-05-12T11:50:00Z".parse().unwrap();
/// assert!(storage.insert(StoredService::new(7, 0, started)));
/// let service = storage.load(ServiceId(7), Want::All).unwrap().unwrap();
/// assert_eq!(service.started, started);
/// ```
#[derive(Debug)]
pub struct MemoryStorage {
    shards: [RwLock<Services>; SHARDS],
    /// The version that is given next, to whatever service.
    next_version: AtomicU64,
}

type Services = HashMap<ServiceId, Kept>;

/// A service as it is kept. Small, so that the table of many active services is: what an end brings stands apart.
#[derive(Debug)]
struct Kept {
    version: u64,
    started: Timestamp,
    recorded: Option<Box<Recorded>>,
}

/// What is recorded of a service beyond its start.
#[derive(Debug, Default)]
struct Recorded {
    end: Option<End>,
    extensions: Vec<KeptExtension>,
}

/// An extension as it came in. One of an event shares the event's table: it is written as JSON when it is read.
#[derive(Clone, Debug)]
enum KeptExtension {
    OfEvent(Extension),
    Inserted(StoredExtension),
}

impl KeptExtension {
    fn key(&self) -> &str {
        match self {
            KeptExtension::OfEvent(extension) => extension.key(),
            KeptExtension::Inserted(extension) => &extension.key,
        }
    }

    fn into_stored(self) -> StoredExtension {
        match self {
            KeptExtension::OfEvent(extension) => {
                StoredExtension { key: extension.key().to_owned(), json: extension.to_json() }
            }
            KeptExtension::Inserted(extension) => extension,
        }
    }
}

/// A power of two, far beyond the number of threads that end services at the same moment.
const SHARDS: usize = 128;

impl MemoryStorage {
    /// An empty store.
    pub fn new() -> Self {
        MemoryStorage { shards: std::array::from_fn(|_| RwLock::default()), next_version: AtomicU64::new(1) }
    }

    /// Keeps a service, active or ended; `false`, and nothing changes, if there is one of its id. Its version is
    /// not kept: the store gives versions of its own.
    pub fn insert(&self, service: StoredService) -> bool {
        let mut services = self.write(service.service_id);
        let Entry::Vacant(vacant) = services.entry(service.service_id) else { return false };
        let recorded = (service.end.is_some() || !service.extensions.is_empty()).then(|| Recorded {
            end: service.end,
            extensions: service.extensions.into_iter().map(KeptExtension::Inserted).collect(),
        });
        let recorded = recorded.map(Box::new);
        vacant.insert(Kept { version: self.new_version(), started: service.started, recorded });
        true
    }

    /// Forgets a service; `false` if there is none of this id.
    pub fn remove(&self, id: ServiceId) -> bool {
        self.write(id).remove(&id).is_some()
    }

    /// Forgets an extension in every service, as a host does when it removes the schema; returns how many services
    /// had it. Each of them is at a new version then, so a completion that was decided before is stale.
    ///
    /// Services are visited one after the other. A host that declares the name anew first sees to it that no
    /// completion of the old schema is still under way.
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
            let mut services = shard.write().unwrap_or_else(PoisonError::into_inner);
            for kept in services.values_mut() {
                let Some(recorded) = &mut kept.recorded else { continue };
                let before = recorded.extensions.len();
                recorded.extensions.retain(|extension| !extension.key().eq_ignore_ascii_case(name));
                if recorded.extensions.len() < before {
                    kept.version = self.new_version();
                    count += 1;
                }
            }
        }
        count
    }

    /// How many services there are.
    pub fn len(&self) -> usize {
        self.shards.iter().map(|shard| shard.read().unwrap_or_else(PoisonError::into_inner).len()).sum()
    }

    /// Whether there is no service.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn new_version(&self) -> u64 {
        self.next_version.fetch_add(1, Ordering::Relaxed)
    }

    // A thread that panicked while it held a lock left the map whole: a change is made at one stroke, after all that
    // could fail. So a poisoned lock is as good as any.

    fn read(&self, id: ServiceId) -> RwLockReadGuard<'_, Services> {
        self.shard(id).read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self, id: ServiceId) -> RwLockWriteGuard<'_, Services> {
        self.shard(id).write().unwrap_or_else(PoisonError::into_inner)
    }

    fn shard(&self, id: ServiceId) -> &RwLock<Services> {
        // Hosts number services in sequence or at large steps: the multiplication spreads both.
        let spread = id.0.unsigned_abs().wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 57;
        #[expect(clippy::indexing_slicing, reason = "seven bits, and 2^7 shards")]
        &self.shards[spread as usize]
    }
}

impl Storage for MemoryStorage {
    type Error = Infallible;

    fn load(&self, id: ServiceId, want: Want<'_>) -> Result<Option<StoredService>, Infallible> {
        let services = self.read(id);
        let Some(kept) = services.get(&id) else { return Ok(None) };
        let mut service = StoredService::new(id, kept.version, kept.started);
        let Some(recorded) = &kept.recorded else { return Ok(Some(service)) };
        service.end.clone_from(&recorded.end);
        let wanted = recorded.extensions.iter().filter(|extension| want.includes(extension.key()));
        let wanted: Vec<KeptExtension> = wanted.cloned().collect();
        // The text is written when nobody has to wait for it any more.
        drop(services);
        service.extensions = wanted.into_iter().map(KeptExtension::into_stored).collect();
        Ok(Some(service))
    }

    fn commit(&self, completion: &Completion) -> Result<Commit, Infallible> {
        let end = completion.end().clone();
        let mut services = self.write(completion.service_id());
        let Some(kept) = services.get_mut(&completion.service_id()) else { return Ok(Commit::Stale) };
        if kept.version != completion.version() {
            return Ok(Commit::Stale);
        }
        let recorded = kept.recorded.get_or_insert_default();
        recorded.extensions.reserve(completion.extensions().len());
        kept.version = self.new_version();
        recorded.end = Some(end);
        for extension in completion.extensions() {
            recorded.extensions.retain(|earlier| earlier.key() != extension.key());
            if !extension.is_empty() {
                recorded.extensions.push(KeptExtension::OfEvent(extension.clone()));
            }
        }
        Ok(Commit::Committed)
    }
}

impl Default for MemoryStorage {
    fn default() -> Self {
        Self::new()
    }
}
