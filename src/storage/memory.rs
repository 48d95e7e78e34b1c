use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::convert::Infallible;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

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
    shards: [RwLock<Shard>; SHARDS],
}

/// Some of the services. Each shard counts by itself, so that threads share nothing.
#[derive(Debug, Default)]
struct Shard {
    services: HashMap<ServiceId, Kept>,
    /// The version that was given last, to whatever service.
    last_version: u64,
}

impl Shard {
    fn new_version(&mut self) -> u64 {
        self.last_version += 1;
        self.last_version
    }
}

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
    end: Option<Arc<End>>,
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
        MemoryStorage { shards: std::array::from_fn(|_| RwLock::default()) }
    }

    /// Keeps a service, active or ended; `false`, and nothing changes, if there is one of its id. Its version is
    /// not kept: the store gives versions of its own.
    pub fn insert(&self, service: StoredService) -> bool {
        let mut shard = self.write(service.service_id);
        let version = shard.new_version();
        let Entry::Vacant(vacant) = shard.services.entry(service.service_id) else { return false };
        let recorded = (service.end.is_some() || !service.extensions.is_empty()).then(|| Recorded {
            end: service.end.map(Arc::new),
            extensions: service.extensions.into_iter().map(KeptExtension::Inserted).collect(),
        });
        let recorded = recorded.map(Box::new);
        vacant.insert(Kept { version, started: service.started, recorded });
        true
    }

    /// Forgets a service; `false` if there is none of this id.
    pub fn remove(&self, id: ServiceId) -> bool {
        self.write(id).services.remove(&id).is_some()
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
            let mut shard = shard.write().unwrap_or_else(PoisonError::into_inner);
            let Shard { services, last_version } = &mut *shard;
            for kept in services.values_mut() {
                let Some(recorded) = &mut kept.recorded else { continue };
                let before = recorded.extensions.len();
                recorded.extensions.retain(|extension| !extension.key().eq_ignore_ascii_case(name));
                if recorded.extensions.len() < before {
                    *last_version += 1;
                    kept.version = *last_version;
                    count += 1;
                }
            }
        }
        count
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

    // A thread that panicked while it held a lock left the map whole: a change is made at one stroke, after all that
    // could fail. So a poisoned lock is as good as any.

    fn read(&self, id: ServiceId) -> RwLockReadGuard<'_, Shard> {
        self.shard(id).read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self, id: ServiceId) -> RwLockWriteGuard<'_, Shard> {
        self.shard(id).write().unwrap_or_else(PoisonError::into_inner)
    }

    fn shard(&self, id: ServiceId) -> &RwLock<Shard> {
        // Hosts number services in sequence or at large steps: the multiplication spreads both.
        let spread = id.0.unsigned_abs().wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 57;
        #[expect(clippy::indexing_slicing, reason = "seven bits, and 2^7 shards")]
        &self.shards[spread as usize]
    }
}

impl Storage for MemoryStorage {
    type Error = Infallible;

    fn load(&self, id: ServiceId, want: Want<'_>) -> Result<Option<StoredService>, Infallible> {
        let shard = self.read(id);
        let Some(kept) = shard.services.get(&id) else { return Ok(None) };
        let mut service = StoredService::new(id, kept.version, kept.started);
        let Some(recorded) = &kept.recorded else { return Ok(Some(service)) };
        let end = recorded.end.clone();
        let wanted = recorded.extensions.iter().filter(|extension| want.includes(extension.key()));
        let wanted: Vec<KeptExtension> = wanted.cloned().collect();
        // The text is written when nobody has to wait for it any more.
        drop(shard);
        service.end = end.map(Arc::unwrap_or_clone);
        service.extensions = wanted.into_iter().map(KeptExtension::into_stored).collect();
        Ok(Some(service))
    }

    fn commit(&self, completion: &Completion) -> Result<Commit, Infallible> {
        let named = completion.extensions();
        let mut extensions = Vec::with_capacity(named.len());
        let kept = Extension::without_spare_room(named).filter(|extension| !extension.is_empty());
        extensions.extend(kept.map(KeptExtension::OfEvent));
        let mut recorded = Box::new(Recorded { end: Some(completion.shared_end()), extensions });

        let mut shard = self.write(completion.service_id());
        let version = shard.new_version();
        let Some(kept) = shard.services.get_mut(&completion.service_id()) else { return Ok(Commit::Stale) };
        if kept.version != completion.version() {
            return Ok(Commit::Stale);
        }
        if let Some(earlier) = kept.recorded.take() {
            let is_named =
                |key: &str| named.iter().any(|extension| extension.key().eq_ignore_ascii_case(key));
            let others = earlier.extensions.into_iter().filter(|extension| !is_named(extension.key()));
            recorded.extensions.splice(0..0, others);
        }
        kept.recorded = Some(recorded);
        kept.version = version;
        Ok(Commit::Committed)
    }
}

impl Default for MemoryStorage {
    fn default() -> Self {
        Self::new()
    }
}
