use std::collections::hash_map::RandomState;
use std::convert::Infallible;
use std::hash::BuildHasher;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::Duration;

use super::kept::Kept;
use super::outbox;
use super::shard::{Registered, Shard};
use crate::schema::{ExtensionSchema, ReplaceError, SchemaExists, SchemaNotFound, Schemas};
use crate::service::{Completion, NoticeOrigin, StoredService};
use crate::storage::contract::{Commit, Storage, Want};
use crate::storage::outbox::{Backlog, Outbox, TakenNotice};
use crate::value::ServiceId;

/// Keeps services in memory: the embedded default, for tests and for hosts that need no durability.
///
/// Threads can share it. The services are spread over many locks, each of which is held for moments only.
///
/// ```
/// use service_end::{MemoryStorage, ServiceId, Storage, StoredService, Timestamp, storage::Want};
/// let storage = MemoryStorage::new();
/// let started: Timestamp = "2009-05-12T11:50:00Z".parse().unwrap();
/// assert!(storage.insert(StoredService::new(7, 0, started)));
/// let service = storage.load(ServiceId(7), Want::All).unwrap().unwrap();
/// assert_eq!(service.started, started);
/// ```
///
/// # Schemas
/// It can keep the host's schemas too. Once a name is registered, a commit answers [`Commit::SchemaChanged`] if an
/// extension of that name was read with another schema, or if its schema was removed. Names that were never registered
/// are taken as they come: a host may keep its schemas elsewhere, and register nothing here. Which names are open
/// ([`Schemas::with_open`]) is the host's to say, each time that it takes the schemas from here.
///
/// ```
/// use service_end::{AttributeSchema, CompleteError, CompleteService, ExtensionSchema, MemoryStorage};
/// use service_end::{StoredService, Timestamp, Validator};
/// let note = ExtensionSchema::single_valued("Note").attribute(AttributeSchema::string("text")).build()?;
/// let storage = MemoryStorage::new();
/// storage.insert(StoredService::new(7, 0, Timestamp::MIN));
/// storage.register(&note)?;
///
/// let operation = CompleteService::new(Validator::new(storage.schemas()), &storage);
/// storage.unregister("Note")?; // meanwhile
/// let told = operation.end(7, br#"{ "Note": { "text": "hi" } }"#, Timestamp::now());
/// assert_eq!(told, Err(CompleteError::SchemaChanged));
///
/// // With the schemas of now, the body has an unknown extension.
/// let operation = CompleteService::new(Validator::new(storage.schemas()), &storage);
/// let told = operation.end(7, br#"{ "Note": { "text": "hi" } }"#, Timestamp::now());
/// assert!(matches!(told, Err(CompleteError::Read(_))));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct MemoryStorage {
    shards: [RwLock<Shard>; SHARDS],
    /// Says in which shard a service is.
    spread: RandomState,
    /// Those registered now. Whoever asks for them while the shards learn of a new one waits until all of them have.
    schemas: RwLock<Schemas>,
    /// Held until every shard knows of a change: changes come one after the other.
    declared: Mutex<Arc<Registered>>,
    outbox: Option<outbox::Kept>,
}

/// Far more than there are threads that end services at the same moment.
const SHARDS: usize = 128;

impl MemoryStorage {
    /// An empty store.
    pub fn new() -> Self {
        MemoryStorage {
            shards: std::array::from_fn(|_| RwLock::default()),
            spread: RandomState::new(),
            schemas: RwLock::default(),
            declared: Mutex::default(),
            outbox: None,
        }
    }

    /// The same, and from now on it keeps the notice of each end until it was told: see [`Outbox`]. Without it, an outbox
    /// is empty, and an end costs nothing more.
    #[must_use]
    pub fn with_outbox(mut self, origin: NoticeOrigin) -> Self {
        match &mut self.outbox {
            Some(kept) => kept.set_origin(origin),
            none => *none = Some(outbox::Kept::new(origin)),
        }
        self
    }

    /// Keeps a service, active or ended; `false`, and nothing changes, if there is one of its id. Its version is
    /// not kept: the store gives versions of its own.
    pub fn insert(&self, service: StoredService) -> bool {
        let id = service.service_id;
        let kept = Kept::new(service);
        // What is turned away is freed after the lock, and so below.
        let turned_away = self.write(id).insert(id, kept);
        turned_away.is_ok()
    }

    /// Forgets a service; `false` if there is none of this id.
    pub fn remove(&self, id: ServiceId) -> bool {
        let removed = self.write(id).remove(id);
        removed.is_some()
    }

    /// Registers a schema. The first registration of a name hides nothing: what is stored under the name stays.
    ///
    /// # Errors
    /// [`SchemaExists`], and nothing changes, if its name is taken, without regard to ASCII case.
    pub fn register(&self, schema: &ExtensionSchema) -> Result<(), SchemaExists> {
        self.declare(schema, Schemas::with)
    }

    /// Registers a new version of a schema, if it is safe for callers and for what is stored
    /// ([`Schemas::replace`]). What is stored stays as it is. A commit that is under way with the earlier version is
    /// answered with [`Commit::SchemaChanged`].
    ///
    /// # Errors
    /// As [`Schemas::replace`]; then nothing changes.
    pub fn replace(&self, schema: &ExtensionSchema) -> Result<(), ReplaceError> {
        self.declare(schema, Schemas::replace)
    }

    /// Registers a new version of a schema, whatever it breaks. What is stored stays as it is, and may be unreadable.
    ///
    /// # Errors
    /// [`SchemaNotFound`] if no schema of this name is registered.
    pub fn replace_anyway(&self, schema: &ExtensionSchema) -> Result<(), SchemaNotFound> {
        self.declare(schema, Schemas::replace_anyway)
    }

    fn declare<E>(
        &self,
        schema: &ExtensionSchema,
        change: impl FnOnce(&Schemas, ExtensionSchema) -> Result<Schemas, E>,
    ) -> Result<(), E> {
        let mut declared = self.declared();
        let changed = change(&self.schemas(), schema.clone())?;
        Arc::make_mut(&mut *declared).insert(schema.key().to_owned(), Some(schema.clone()));
        // With the earlier version of a schema, nothing can be committed from now on.
        let mut schemas = write(&self.schemas);
        for shard in &self.shards {
            write(shard).registered = Arc::clone(&declared);
        }
        *schemas = changed;
        Ok(())
    }

    /// Removes a schema, and all records of its extension. The name is remembered, so a commit that is under way can't
    /// bring records back.
    ///
    /// Services are visited one after the other, which takes time if there are many. Meanwhile others are read and
    /// ended. A service that had records of the extension is at a new version then.
    ///
    /// ```
    /// use service_end::{AttributeSchema, ExtensionSchema, MemoryStorage, ServiceId, Storage, StoredService, Timestamp};
    /// use service_end::storage::Want;
    /// let note = ExtensionSchema::single_valued("Note").attribute(AttributeSchema::string("text")).build()?;
    /// let storage = MemoryStorage::new();
    /// storage.insert(StoredService::new(7, 0, Timestamp::MIN).with_extension("Note", r#"{"text":"hi"}"#));
    /// storage.register(&note)?;
    /// storage.unregister("NOTE")?;
    /// let service = storage.load(ServiceId(7), Want::All).unwrap().unwrap();
    /// assert_eq!(service.extension("note"), None);
    /// assert!(storage.unregister("Note").is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`SchemaNotFound`], and nothing changes, if none of this name is registered.
    pub fn unregister(&self, name: &str) -> Result<(), SchemaNotFound> {
        let mut declared = self.declared();
        let schemas = self.schemas().without(name)?;
        // Nobody reads with it from now on.
        *write(&self.schemas) = schemas;
        let key = name.to_ascii_lowercase();
        Arc::make_mut(&mut *declared).insert(key.clone(), None);
        for shard in &self.shards {
            let mut shard = write(shard);
            shard.registered = Arc::clone(&declared);
            let forgotten = shard.forget(&key);
            drop(shard);
            drop(forgotten);
        }
        Ok(())
    }

    /// The schemas that are registered, in the order registered.
    pub fn schemas(&self) -> Schemas {
        read(&self.schemas).clone()
    }

    /// How many services there are.
    pub fn len(&self) -> usize {
        self.shards.iter().map(|shard| read(shard).len()).sum()
    }

    /// Whether there is no service.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn declared(&self) -> MutexGuard<'_, Arc<Registered>> {
        self.declared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn read(&self, id: ServiceId) -> RwLockReadGuard<'_, Shard> {
        read(self.shard(id))
    }

    fn write(&self, id: ServiceId) -> RwLockWriteGuard<'_, Shard> {
        write(self.shard(id))
    }

    fn shard(&self, id: ServiceId) -> &RwLock<Shard> {
        #[expect(clippy::cast_possible_truncation, reason = "any bits will do")]
        let hash = self.spread.hash_one(id) as usize;
        #[expect(clippy::indexing_slicing, reason = "below their number")]
        &self.shards[hash % SHARDS]
    }
}

// Nothing panics while it holds a lock. So a poisoned lock is as good as any.

fn read<T>(lock: &RwLock<T>) -> RwLockReadGuard<'_, T> {
    lock.read().unwrap_or_else(PoisonError::into_inner)
}

fn write<T>(lock: &RwLock<T>) -> RwLockWriteGuard<'_, T> {
    lock.write().unwrap_or_else(PoisonError::into_inner)
}

impl Storage for MemoryStorage {
    type Error = Infallible;

    fn load(&self, id: ServiceId, want: Want<'_>) -> Result<Option<StoredService>, Infallible> {
        let shard = self.read(id);
        let Some(kept) = shard.get(id) else { return Ok(None) };
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
        let completion = completion.without_spare_room();
        let mut shard = self.write(completion.service_id());
        let (answer, earlier) = shard.commit(&completion);
        if let (Commit::Committed, Some(outbox)) = (answer, &self.outbox) {
            outbox.keep(completion);
        }
        drop(shard);
        // Nobody waits while memory is freed.
        drop(earlier);
        Ok(answer)
    }
}

impl Outbox for MemoryStorage {
    type Error = Infallible;

    fn take(&self, limit: usize, lease: Duration) -> Result<Vec<TakenNotice>, Infallible> {
        Ok(self.outbox.as_ref().map(|outbox| outbox.take(limit, lease)).unwrap_or_default())
    }

    fn confirm(&self, taken: &[TakenNotice]) -> Result<usize, Infallible> {
        Ok(self.outbox.as_ref().map_or(0, |outbox| outbox.confirm(taken)))
    }

    fn release(&self, taken: &[TakenNotice], pause: Duration) -> Result<usize, Infallible> {
        Ok(self.outbox.as_ref().map_or(0, |outbox| outbox.release(taken, pause)))
    }

    fn backlog(&self) -> Result<Backlog, Infallible> {
        Ok(self.outbox.as_ref().map(outbox::Kept::backlog).unwrap_or_default())
    }
}

impl Default for MemoryStorage {
    fn default() -> Self {
        Self::new()
    }
}
