use std::collections::HashMap;
use std::collections::hash_map::{Entry, RandomState};
use std::convert::Infallible;
use std::fmt;
use std::hash::{BuildHasher, Hasher};
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
    hash: HashIds,
}

/// Some of the services. Each shard counts by itself, so that threads share nothing.
#[derive(Debug)]
struct Shard {
    services: HashMap<ServiceId, Kept, HashIds>,
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
    recorded: Option<Recorded>,
}

/// What is recorded of a service beyond its start: immutable and shared, so it is read while others go on.
#[derive(Clone, Debug)]
enum Recorded {
    /// What one completion brought, as it came in: its extensions are written as JSON when they are read.
    Completion(Completion),
    /// What came from several sides.
    Pieces(Arc<Pieces>),
}

#[derive(Debug, Default)]
struct Pieces {
    end: Option<End>,
    inserted: Vec<StoredExtension>,
    completed: Vec<Extension>,
}

impl Recorded {
    fn end(&self) -> Option<&End> {
        match self {
            Recorded::Completion(completion) => Some(completion.end()),
            Recorded::Pieces(pieces) => pieces.end.as_ref(),
        }
    }

    fn inserted(&self) -> &[StoredExtension] {
        match self {
            Recorded::Completion(_) => &[],
            Recorded::Pieces(pieces) => &pieces.inserted,
        }
    }

    /// An empty extension leaves nothing.
    fn completed(&self) -> impl Iterator<Item = &Extension> {
        let extensions = match self {
            Recorded::Completion(completion) => completion.extensions(),
            Recorded::Pieces(pieces) => &pieces.completed,
        };
        extensions.iter().filter(|extension| !extension.is_empty())
    }

    fn keys(&self) -> impl Iterator<Item = &str> {
        self.inserted().iter().map(|extension| &*extension.key).chain(self.completed().map(Extension::key))
    }

    /// The extensions that are wanted, with an end.
    fn pieces(&self, end: Option<End>, is_wanted: impl Fn(&str) -> bool) -> Pieces {
        let inserted = self.inserted().iter().filter(|extension| is_wanted(&extension.key));
        let completed = self.completed().filter(|extension| is_wanted(extension.key()));
        Pieces { end, inserted: inserted.cloned().collect(), completed: completed.cloned().collect() }
    }

    /// Shows it in a service.
    #[cold]
    #[inline(never)]
    fn show(&self, service: &mut StoredService, want: Want<'_>) {
        let Pieces { end, inserted, completed } = self.pieces(self.end().cloned(), |key| want.includes(key));
        let written = completed
            .iter()
            .map(|extension| StoredExtension { key: extension.key().to_owned(), json: extension.to_json() });
        service.end = end;
        service.extensions = inserted;
        service.extensions.extend(written);
    }

    /// What is recorded once a completion is.
    #[cold]
    #[inline(never)]
    fn replaced_by(&self, completion: Completion) -> Recorded {
        let named = completion.extensions();
        let is_other = |key: &str| !named.iter().any(|extension| extension.key().eq_ignore_ascii_case(key));
        if !self.keys().any(is_other) {
            return Recorded::Completion(completion);
        }
        let mut pieces = self.pieces(Some(completion.end().clone()), is_other);
        pieces.completed.extend_from_slice(named);
        Recorded::Pieces(Arc::new(pieces))
    }
}

/// Hashes ids by one multiplication with a secret factor: who does not know it can hardly choose ids that collide.
#[derive(Clone, Copy)]
struct HashIds {
    factor: u64,
}

struct IdHasher {
    factor: u64,
    hash: u64,
}

impl HashIds {
    fn new() -> Self {
        HashIds { factor: RandomState::new().hash_one(()) | 1 }
    }
}

impl fmt::Debug for HashIds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HashIds")
    }
}

impl BuildHasher for HashIds {
    type Hasher = IdHasher;

    fn build_hasher(&self) -> IdHasher {
        IdHasher { factor: self.factor, hash: 0 }
    }
}

impl Hasher for IdHasher {
    fn write_u64(&mut self, word: u64) {
        // Ids in sequence and ids at large steps are both spread over all bits.
        let product = u128::from(self.hash ^ word) * u128::from(self.factor);
        #[expect(clippy::cast_possible_truncation, reason = "the halves")]
        let (low, high) = (product as u64, (product >> 64) as u64);
        self.hash = low ^ high;
    }

    fn write_i64(&mut self, id: i64) {
        #[expect(clippy::cast_sign_loss, reason = "its bits")]
        self.write_u64(id as u64);
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(u64::from(*byte));
        }
    }

    fn finish(&self) -> u64 {
        self.hash
    }
}

/// A power of two, far beyond the number of threads that end services at the same moment.
const SHARDS: usize = 128;

impl MemoryStorage {
    /// An empty store.
    pub fn new() -> Self {
        let hash = HashIds::new();
        let shard = |_| RwLock::new(Shard { services: HashMap::with_hasher(hash), last_version: 0 });
        MemoryStorage { shards: std::array::from_fn(shard), hash }
    }

    /// Keeps a service, active or ended; `false`, and nothing changes, if there is one of its id. Its version is
    /// not kept: the store gives versions of its own.
    pub fn insert(&self, service: StoredService) -> bool {
        let mut shard = self.write(service.service_id);
        let version = shard.new_version();
        let Entry::Vacant(vacant) = shard.services.entry(service.service_id) else { return false };
        let StoredService { end, extensions: inserted, .. } = service;
        let recorded = (end.is_some() || !inserted.is_empty())
            .then(|| Recorded::Pieces(Arc::new(Pieces { end, inserted, completed: Vec::new() })));
        vacant.insert(Kept { version, started: service.started, recorded });
        true
    }

    /// Forgets a service; `false` if there is none of this id.
    pub fn remove(&self, id: ServiceId) -> bool {
        let removed = self.write(id).services.remove(&id);
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
            let Shard { services, last_version } = &mut *shard;
            for kept in services.values_mut() {
                let Some(recorded) = &mut kept.recorded else { continue };
                if recorded.keys().any(|key| key.eq_ignore_ascii_case(name)) {
                    let end = recorded.end().cloned();
                    let others = recorded.pieces(end, |key| !key.eq_ignore_ascii_case(name));
                    *recorded = Recorded::Pieces(Arc::new(others));
                    *last_version += 1;
                    kept.version = *last_version;
                    count += 1;
                }
            }
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
    /// use service_end::{Decision, EndRules, MemoryStorage, Schemas, ServiceEndEvent, StoredService, Timestamp, decide};
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
        let version = shard.new_version();
        let current = shard.services.get_mut(&id).filter(|kept| kept.version == completion.version());
        let Some(kept) = current else { return Some(Commit::Stale) };
        let recorded = match &kept.recorded {
            Some(earlier) => earlier.replaced_by(new),
            None => Recorded::Completion(new),
        };
        kept.version = version;
        let earlier = kept.recorded.replace(recorded);
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

    // A thread that panicked while it held a lock left the map whole: a change is made at one stroke, after all that
    // could fail. So a poisoned lock is as good as any.

    fn read(&self, id: ServiceId) -> RwLockReadGuard<'_, Shard> {
        self.shard(id).read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self, id: ServiceId) -> RwLockWriteGuard<'_, Shard> {
        self.shard(id).write().unwrap_or_else(PoisonError::into_inner)
    }

    fn shard(&self, id: ServiceId) -> &RwLock<Shard> {
        // The table in the shard looks at the lowest and the highest bits.
        let bits = self.hash.hash_one(id) >> 40;
        #[expect(clippy::indexing_slicing, reason = "below their number")]
        &self.shards[bits as usize % SHARDS]
    }
}

impl Storage for MemoryStorage {
    type Error = Infallible;

    fn load(&self, id: ServiceId, want: Want<'_>) -> Result<Option<StoredService>, Infallible> {
        let shard = self.read(id);
        let Some(kept) = shard.services.get(&id) else { return Ok(None) };
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
