//! A simple store, a map behind a lock, into which any fault can be put.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, TryLockError};
use std::thread;
use std::time::Duration;

use serde_json::Value;
use service_end::{
    AsyncStorage, Completion, ExtensionSchema, FixedFields, ServiceId, Storage, StoredService, Timestamp,
    event::AnyExtension,
    service::End,
    storage::{Commit, Want},
};
use service_end_conformance::{AsyncFixture, Fixture, Options, OutboxUnderTest};

use super::flaw::Flaw;
use super::outbox::Waiting;

/// The most bytes of JSON that it takes for one service at once.
const LIMIT: usize = 1_000_000;

pub(super) struct Plain {
    flaw: Flaw,
    down: bool,
    shared: Arc<Mutex<Rows>>,
    cache: Mutex<HashMap<i64, Row>>,
    odd: AtomicBool,
}

#[derive(Clone, Default)]
pub(super) struct Rows {
    services: HashMap<i64, Row>,
    inserted: HashMap<i64, Row>,
    last_version: i64,
    /// By key; `None` once removed.
    schemas: HashMap<String, Option<ExtensionSchema>>,
    removed: Vec<String>,
    pub(super) waiting: Vec<Waiting>,
    last_place: u64,
}

#[derive(Clone)]
struct Row {
    id: i64,
    version: i64,
    started: Timestamp,
    end: Option<Value>,
    /// By key, or as that is spelt: the name and the JSON.
    extensions: BTreeMap<String, (String, String)>,
    /// The row before the last commit.
    earlier: Option<Box<Row>>,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Failure;

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the store can't answer")
    }
}

impl std::error::Error for Failure {}

impl Rows {
    fn next_version(&mut self, flaw: Flaw) -> i64 {
        self.last_version += 1;
        if flaw == Flaw::EightVersions { self.last_version % 8 } else { self.last_version }
    }

    /// Keeps the notice of a completion.
    fn keep(&mut self, completion: &Completion, flaw: Flaw) {
        let notice = Waiting::of(completion, self.last_place + 1, flaw);
        if flaw == Flaw::LosesWhatComesWhileHeld && self.waiting.iter().any(|other| other.holds_up(&notice)) {
            return;
        }
        self.last_place += 1;
        self.waiting.push(notice);
    }
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

impl Plain {
    pub(super) fn new(flaw: Flaw) -> Self {
        Self::over(flaw, Arc::default())
    }

    fn over(flaw: Flaw, shared: Arc<Mutex<Rows>>) -> Self {
        Plain { flaw, down: false, shared, cache: Mutex::default(), odd: AtomicBool::new(false) }
    }

    fn has(&self, flaw: Flaw) -> bool {
        self.flaw == flaw
    }

    pub(super) fn flaw(&self) -> Flaw {
        self.flaw
    }

    pub(super) fn rows(&self) -> MutexGuard<'_, Rows> {
        self.shared.lock().unwrap()
    }

    fn key(&self, id: ServiceId) -> i64 {
        if self.has(Flaw::IdsOf32Bits) { id.0 % (1 << 32) } else { id.0 }
    }

    fn row(&self, id: ServiceId) -> Option<Row> {
        let row = self.rows().services.get(&self.key(id)).cloned()?;
        if self.has(Flaw::ServesFromItsCache) || self.has(Flaw::CachesByHandle) {
            return Some(self.cache.lock().unwrap().entry(row.id).or_insert(row).clone());
        }
        let lags = self.has(Flaw::LagsBehind) && self.odd.fetch_xor(true, Ordering::Relaxed);
        if lags { row.earlier.clone().map(|earlier| *earlier).or(Some(row)) } else { Some(row) }
    }

    fn insert(&self, service: &StoredService) {
        let mut rows = self.rows();
        let kept = |name: &str, json: &str| (name.to_owned(), json.to_owned());
        let extensions = service
            .extensions()
            .map(|extension| (extension.key.to_owned(), kept(extension.name, extension.json)));
        let row = Row {
            id: self.key(service.service_id),
            version: rows.next_version(self.flaw),
            started: service.started,
            end: service.end.as_ref().map(|end| json(&end.to_json())),
            extensions: extensions.collect(),
            earlier: None,
        };
        rows.inserted.insert(row.id, row.clone());
        rows.services.insert(row.id, row);
    }

    fn register(&self, schema: &ExtensionSchema) {
        let mut rows = self.rows();
        let first = rows.schemas.insert(schema.key().to_owned(), Some(schema.clone())).is_none();
        if first && self.has(Flaw::HidesWhatWasBefore) || self.has(Flaw::HidesWhatWasOpen) {
            rows.services.values_mut().for_each(|row| drop(row.extensions.remove(schema.key())));
        }
    }

    fn unregister(&self, name: &str) {
        let mut rows = self.rows();
        let key = name.to_ascii_lowercase();
        rows.services.values_mut().for_each(|row| drop(row.extensions.remove(&key)));
        rows.removed.push(key.clone());
        if self.has(Flaw::ForgetsWhatIsRemoved) {
            rows.schemas.remove(&key);
        } else {
            rows.schemas.insert(key, None);
        }
    }

    /// Whether an extension was read with another schema than the registered one.
    fn is_old(&self, rows: &Rows, extension: AnyExtension<'_>) -> bool {
        let removed = rows.removed.iter().any(|key| key == extension.key());
        match rows.schemas.get(extension.key()) {
            _ if self.has(Flaw::IgnoresSchemas) => false,
            _ if self.has(Flaw::RefusesNamesOnceRemoved) && removed => true,
            _ if self.has(Flaw::ChecksNoEmptyLists) && extension.is_empty() => false,
            _ if self.has(Flaw::TakesAllThatIsOpen) && extension.schema().is_none() => false,
            Some(registered) => registered.as_ref() != extension.schema(),
            None => self.has(Flaw::TakesRegisteredOnly) && !rows.schemas.is_empty(),
        }
    }

    fn schema_changed(&self, rows: &mut Rows, completion: &Completion) -> bool {
        if self.has(Flaw::KeepsWhatItSees) {
            for extension in completion.all_extensions() {
                rows.schemas.entry(extension.key().to_owned()).or_insert(extension.schema().cloned());
            }
        }
        let mut extensions = completion.all_extensions();
        let checked = if self.has(Flaw::ChecksOneSchema) { 1 } else { extensions.len() };
        (self.has(Flaw::RefusesAllOnceRemoved) && !rows.removed.is_empty())
            || extensions.by_ref().take(checked).any(|extension| self.is_old(rows, extension))
    }

    fn reopened(self) -> Self {
        let mut rows = self.rows().clone();
        if self.has(Flaw::KeepsNothingForLong) {
            rows.services.clone_from(&rows.inserted);
        }
        if self.has(Flaw::CountsVersionsAnew) {
            rows.last_version = 0;
        }
        if self.has(Flaw::KeepsNoticesInMemory) {
            rows.waiting.clear();
        }
        Self::over(self.flaw, Arc::new(Mutex::new(rows)))
    }

    /// What a completion leaves, of its extensions those of this range.
    fn apply(&self, rows: &mut Rows, completion: &Completion, extensions: std::ops::Range<usize>) {
        let version = rows.next_version(self.flaw);
        let old = completion.all_extensions().filter(|extension| self.is_old(rows, *extension));
        let old: HashSet<&str> = old.map(|extension| extension.key()).collect();
        if self.has(Flaw::OneVersionForAll) {
            rows.services.values_mut().for_each(|row| row.version = version);
        }
        let started = completion.end().timestamp();
        let id = self.key(completion.service_id());
        let row = rows.services.entry(id).or_insert_with(|| Row {
            id,
            version,
            started,
            end: None,
            extensions: BTreeMap::new(),
            earlier: None,
        });
        row.earlier = Some(Box::new(Row { earlier: None, ..row.clone() }));
        row.version = version;
        let mut end = json(&completion.end().to_json());
        self.flaw.spoil_end(&mut end, row.end.as_ref());
        self.flaw.spoil(&mut end);
        row.end = Some(end);
        if self.has(Flaw::ReplacesAll) && completion.all_extensions().len() > 0 {
            row.extensions.clear();
        }
        for extension in completion.all_extensions().take(extensions.end).skip(extensions.start) {
            let key = if self.has(Flaw::KeysAsSpelt) { extension.name() } else { extension.key() };
            if extension.is_empty() && !self.has(Flaw::KeepsEmptyLists) {
                if !self.has(Flaw::ForgetsToClear) {
                    row.extensions.remove(key);
                }
                continue;
            }
            if old.contains(extension.key()) {
                continue;
            }
            let name = if self.has(Flaw::ForgetsNames) { key } else { extension.name() }.to_owned();
            if let AnyExtension::Open(open) = extension {
                let text = open.json().to_owned();
                let text = if self.has(Flaw::WritesOpenAnew) { json(&text).to_string() } else { text };
                if !self.has(Flaw::WritesDeclaredOnly) {
                    row.extensions.insert(key.to_owned(), (name, text));
                }
                continue;
            }
            let mut new = json(&extension.to_json());
            self.flaw.spoil(&mut new);
            let earlier = row.extensions.get(key).map(|(_, earlier)| json_or_null(earlier));
            if self.flaw.drops(key, completion, earlier.as_ref(), &new) {
                continue;
            }
            if self.has(Flaw::Merges) {
                merge(&mut new, earlier);
            }
            row.extensions.insert(key.to_owned(), (name, new.to_string()));
        }
        if !self.has(Flaw::ServesFromItsCache) {
            self.cache.lock().unwrap().remove(&id);
        }
    }
}

fn json_or_null(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_default()
}

fn merge(new: &mut Value, earlier: Option<Value>) {
    match (new, earlier) {
        (Value::Object(new), Some(Value::Object(earlier))) => {
            for (name, value) in earlier {
                new.entry(name).or_insert(value);
            }
        }
        (Value::Array(new), Some(Value::Array(earlier))) => new.extend(earlier.into_iter().skip(new.len())),
        _ => {}
    }
}

impl Storage for Plain {
    type Error = Failure;

    fn load(&self, id: ServiceId, want: Want<'_>) -> Result<Option<StoredService>, Failure> {
        if self.down {
            return if self.has(Flaw::KnowsNothingWhenDown) { Ok(None) } else { Err(Failure) };
        }
        let Some(mut row) = self.row(id) else {
            return if self.has(Flaw::FailsOnUnknown) { Err(Failure) } else { Ok(None) };
        };
        if self.has(Flaw::ReadsInTwoSteps) {
            thread::sleep(Duration::from_millis(2));
            row.extensions = self.row(id).ok_or(Failure)?.extensions;
        }
        let mut service = StoredService::new(id, row.version, row.started);
        service.end = row.end.as_ref().map(|end| End::from_json(&end.to_string()).unwrap());
        if self.has(Flaw::EndsWhatIsActive) && service.end.is_none() {
            service.end = Some(End::new(row.started, FixedFields::default()));
        }
        let want = match want {
            Want::Named(keys) if self.has(Flaw::LoadsOneOnly) => Want::Named(&keys[..keys.len().min(1)]),
            Want::Named(_) | Want::Nothing if self.has(Flaw::LoadsEverything) => Want::All,
            want => want,
        };
        let spelt = |key: &str| match want {
            Want::Named(keys) if self.has(Flaw::FindsKeysAsSpelt) => keys.contains(&key),
            _ => want.includes(key),
        };
        for (key, (name, text)) in row.extensions {
            let hidden = self.has(Flaw::HidesWhatIsNotFlat) && text.contains("[1,{");
            if spelt(&key) && !hidden {
                if self.has(Flaw::FailsOnDamaged) {
                    serde_json::from_str::<Value>(&text).map_err(|_| Failure)?;
                }
                service.insert_extension(&name, text);
            }
        }
        Ok(Some(service))
    }

    fn commit(&self, completion: &Completion) -> Result<Commit, Failure> {
        if self.down {
            return if self.has(Flaw::IsStaleWhenDown) { Ok(Commit::Stale) } else { Err(Failure) };
        }
        if self.has(Flaw::TellsWhateverComes) {
            self.rows().keep(completion, self.flaw);
        }
        let mut rows = match self.shared.try_lock() {
            Ok(rows) => rows,
            Err(TryLockError::WouldBlock) if self.has(Flaw::FailsWhenBusy) => return Err(Failure),
            Err(_) => self.rows(),
        };
        // Time for the others to be in the middle of something.
        if self.has(Flaw::FailsWhenBusy) || self.has(Flaw::ReadsInTwoSteps) {
            thread::sleep(Duration::from_millis(1));
        }
        let all = completion.all_extensions().len();
        if completion.all_extensions().any(|extension| extension.to_json().len() > LIMIT) {
            if self.has(Flaw::HalfOfWhatIsTooLarge) {
                self.apply(&mut rows, completion, 0..0);
            }
            return if self.has(Flaw::FailsWhenTooLarge) { Err(Failure) } else { Ok(Commit::TooLarge) };
        }
        let current = rows.services.get(&self.key(completion.service_id())).map(|row| row.version);
        let stale = match current {
            Some(version) => version != completion.version().0 && !self.has(Flaw::IgnoresTheVersion),
            None => !self.has(Flaw::Upserts),
        };
        let changed = self.schema_changed(&mut rows, completion);
        if stale {
            if changed && self.has(Flaw::EndsWhatIsStaleAndOld) {
                self.apply(&mut rows, completion, 0..0);
            }
            return Ok(Commit::Stale);
        }
        if changed && !self.has(Flaw::DropsWhatIsOfAnotherSchema) {
            if self.has(Flaw::EndsAllTheSame) {
                self.apply(&mut rows, completion, 0..0);
            }
            return Ok(Commit::SchemaChanged);
        }
        if self.has(Flaw::ChecksThenActs) {
            drop(rows);
            thread::sleep(Duration::from_millis(1));
            rows = self.rows();
        }
        if self.has(Flaw::TellsBeforeTheCommit) {
            rows.keep(completion, self.flaw);
            drop(rows);
            thread::sleep(Duration::from_millis(1));
            rows = self.rows();
        }
        let applied = if self.has(Flaw::HalfACommit) { all.min(1) } else { all };
        self.apply(&mut rows, completion, 0..applied);
        let tells = [Flaw::TellsWhateverComes, Flaw::TellsBeforeTheCommit, Flaw::TellsNothing];
        if !tells.contains(&self.flaw) {
            rows.keep(completion, self.flaw);
        }
        Ok(Commit::Committed)
    }
}

pub(super) struct PlainFixture(pub(super) Flaw, pub(super) Options);

impl PlainFixture {
    pub(super) fn new(flaw: Flaw) -> Self {
        PlainFixture(flaw, Options::new().too_large(LIMIT + 1))
    }
}

impl Fixture for PlainFixture {
    type Storage = Plain;

    fn fresh(&mut self) -> Plain {
        Plain::new(self.0)
    }

    fn insert(&mut self, storage: &Plain, service: StoredService) {
        storage.insert(&service);
    }

    fn reopen(&mut self, storage: Plain) -> Option<Plain> {
        Some(storage.reopened())
    }

    fn another(&mut self, storage: &Plain) -> Option<Plain> {
        Some(Plain::over(self.0, Arc::clone(&storage.shared)))
    }

    fn failing(&mut self) -> Option<Plain> {
        Some(Plain { down: true, ..Plain::new(self.0) })
    }

    fn register(&mut self, storage: &Plain, schema: &ExtensionSchema) -> bool {
        storage.register(schema);
        true
    }

    fn unregister(&mut self, storage: &Plain, name: &str) {
        storage.unregister(name);
    }

    fn outbox<'s>(&self, storage: &'s Plain) -> Option<OutboxUnderTest<'s>> {
        Some(OutboxUnderTest::new(storage))
    }

    fn options(&self) -> Options {
        self.1
    }
}

/// The same store, asynchronous: callers take turns before and after each call.
pub(super) struct InTurns(Plain);

async fn turn() {
    let mut polled = false;
    std::future::poll_fn(|context| {
        if std::mem::replace(&mut polled, true) {
            return std::task::Poll::Ready(());
        }
        context.waker().wake_by_ref();
        std::task::Poll::Pending
    })
    .await;
}

impl AsyncStorage for InTurns {
    type Error = Failure;

    async fn load(&self, id: ServiceId, want: Want<'_>) -> Result<Option<StoredService>, Failure> {
        turn().await;
        let loaded = self.0.load(id, want);
        turn().await;
        if self.0.has(Flaw::ReadsInTwoSteps) {
            let (Ok(Some(mut first)), Ok(Some(later))) = (loaded, self.0.load(id, want)) else {
                return Err(Failure);
            };
            first.retain_extensions(|_| false);
            for extension in later.extensions() {
                first.insert_extension(extension.name, extension.json);
            }
            return Ok(Some(first));
        }
        loaded
    }

    async fn commit(&self, completion: &Completion) -> Result<Commit, Failure> {
        turn().await;
        if self.0.has(Flaw::TellsBeforeHand) || self.0.has(Flaw::TellsInASecondStep) {
            let read = self.0.load(completion.service_id(), Want::Nothing)?;
            if read.is_none_or(|read| read.version != completion.version()) {
                return Ok(Commit::Stale);
            }
            let all = completion.extensions().len();
            if self.0.has(Flaw::TellsBeforeHand) {
                self.0.rows().keep(completion, self.0.flaw);
                turn().await;
                self.0.apply(&mut self.0.rows(), completion, 0..all);
            } else {
                self.0.apply(&mut self.0.rows(), completion, 0..all);
                turn().await;
                self.0.rows().keep(completion, self.0.flaw);
            }
            return Ok(Commit::Committed);
        }
        if self.0.has(Flaw::HalfWhenDropped) || self.0.has(Flaw::ChecksThenActs) {
            let read = self.0.load(completion.service_id(), Want::Nothing)?;
            if read.is_none_or(|read| read.version != completion.version()) {
                return Ok(Commit::Stale);
            }
            if self.0.has(Flaw::HalfWhenDropped) {
                self.0.apply(&mut self.0.rows(), completion, 0..0);
            }
            turn().await;
            self.0.apply(&mut self.0.rows(), completion, 0..completion.all_extensions().len());
            self.0.rows().keep(completion, self.0.flaw);
            return Ok(Commit::Committed);
        }
        let answer = self.0.commit(completion);
        turn().await;
        answer
    }
}

impl AsyncFixture for PlainFixture {
    type Storage = InTurns;

    async fn fresh(&mut self) -> InTurns {
        InTurns(Plain::new(self.0))
    }

    async fn insert(&mut self, storage: &InTurns, service: StoredService) {
        storage.0.insert(&service);
    }

    async fn reopen(&mut self, storage: InTurns) -> Option<InTurns> {
        Some(InTurns(storage.0.reopened()))
    }

    async fn another(&mut self, storage: &InTurns) -> Option<InTurns> {
        Fixture::another(self, &storage.0).map(InTurns)
    }

    async fn failing(&mut self) -> Option<InTurns> {
        Fixture::failing(self).map(InTurns)
    }

    async fn register(&mut self, storage: &InTurns, schema: &ExtensionSchema) -> bool {
        storage.0.register(schema);
        true
    }

    async fn unregister(&mut self, storage: &InTurns, name: &str) {
        storage.0.unregister(name);
    }

    fn outbox<'s>(&self, storage: &'s InTurns) -> Option<OutboxUnderTest<'s>> {
        Some(OutboxUnderTest::new(&storage.0))
    }

    fn options(&self) -> Options {
        self.1
    }
}
