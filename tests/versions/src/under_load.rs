//! A schema gets newer versions while hosts end services: none of their callers notices, and nothing that is stored is lost.

use std::ops::Range;
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::{Duration, Instant};

use fastrand::Rng;
use service_end::{
    AsyncStorage, CompleteError, CompleteService, Extension, ExtensionSchema, Outcome, Schemas, Service,
    ServiceId, StoredService, Timestamp, Validator, storage::Want,
};

use crate::declared::{first, safely_changed};
use crate::said::Sayings;

/// The name of the extension that all is about.
const NAME: &str = "Feedback";
/// How often its schema is replaced.
const VERSIONS: usize = 10;

/// A store that keeps schemas, as a host has it.
pub trait Host: Sync {
    type Storage: AsyncStorage + Sync;

    fn storage(&self) -> &Self::Storage;
    fn schemas(&self) -> impl Future<Output = Schemas> + Send;
    fn register(&self, schema: &ExtensionSchema) -> impl Future<Output = ()> + Send;
    /// Replaces a schema if that is safe.
    fn replace(&self, schema: &ExtensionSchema) -> impl Future<Output = bool> + Send;
    fn insert(&self, service: StoredService) -> impl Future<Output = ()> + Send;
}

/// One chain of versions, and the services that are ended under them.
#[derive(Debug)]
pub struct Load {
    seed: u64,
    callers: usize,
    services: usize,
    ended: AtomicUsize,
    replaced: AtomicUsize,
    again: AtomicUsize,
}

/// A service that was ended, and what its caller said.
#[derive(Debug)]
pub struct Ended {
    id: ServiceId,
    said: Option<Extension>,
}

impl Load {
    /// So many callers, who end so many services each.
    pub fn new(seed: u64, callers: usize, services: usize) -> Self {
        let [ended, replaced, again] = [0; 3].map(AtomicUsize::new);
        Load { seed, callers, services, ended, replaced, again }
    }

    /// How often an end was decided again, because its schema had been replaced.
    pub fn decided_again(&self) -> usize {
        self.again.load(Ordering::Relaxed)
    }

    /// All of it, on threads, over a store that never waits.
    pub fn run_on_threads(&self, host: &impl Host) {
        at_once(self.register(host));
        thread::scope(|scope| {
            let end_services = |caller| scope.spawn(move || at_once(self.end_services(host, caller)));
            let callers: Vec<_> = (0..self.callers).map(end_services).collect();
            at_once(self.replace(host));
            let ended: Vec<_> = callers.into_iter().flat_map(|caller| caller.join().unwrap()).collect();
            at_once(self.check(host, &ended));
        });
    }

    pub async fn register(&self, host: &impl Host) {
        host.register(&first(&mut Rng::with_seed(self.seed), NAME, 4)).await;
    }

    /// Replaces the schema, again and again, while services are ended.
    pub async fn replace(&self, host: &impl Host) {
        let mut random = Rng::with_seed(self.seed.wrapping_add(1));
        for version in 1..=VERSIONS {
            let old = host.schemas().await.get(NAME).unwrap().clone();
            let new = safely_changed(&mut random, &old);
            wait_until(host, || self.ended.load(Ordering::Relaxed) >= self.due(version)).await;
            assert!(host.replace(&new).await, "{} -> {}", old.to_json(), new.to_json());
            assert_eq!(host.schemas().await.get(NAME), Some(&new));
            self.replaced.store(version, Ordering::Relaxed);
        }
    }

    /// How many services are ended when a version comes.
    fn due(&self, version: usize) -> usize {
        self.callers * self.services * version / (VERSIONS + 1)
    }

    /// Ends services, as one host does: with the schemas at hand, until the store says that they have changed. Its callers
    /// say what they could say under any version so far.
    pub async fn end_services(&self, host: &impl Host, caller: usize) -> Vec<Ended> {
        let mut random = Rng::with_seed(self.seed.wrapping_mul(1_000).wrapping_add(caller as u64));
        let mut operation = at_hand(host).await;
        let mut versions = vec![sayings(&operation)];
        let mut all = Vec::new();
        for id in self.ids(caller) {
            // No caller is so fast that it misses a version.
            let is_in_time = || {
                let version = self.replaced.load(Ordering::Relaxed) + 2;
                version > VERSIONS || self.ended.load(Ordering::Relaxed) < self.due(version)
            };
            wait_until(host, is_in_time).await;
            host.insert(StoredService::new(id, 0, Timestamp::MIN)).await;
            let body = versions[random.usize(0..versions.len())].body(&mut random);
            let told = |error: &dyn std::fmt::Debug| format!("seed {}: {error:?}: {body}", self.seed);
            let event = operation.validator().read(body.as_bytes());
            let event = event.unwrap_or_else(|error| panic!("{}", told(&error)));
            loop {
                match operation.end_with_async(id, event.clone(), Timestamp::MAX).await {
                    Ok(Outcome::Ended(_)) => break,
                    Err(CompleteError::SchemaChanged) => {
                        self.again.fetch_add(1, Ordering::Relaxed);
                        operation = at_hand(host).await;
                        versions.push(sayings(&operation));
                    }
                    other => panic!("{}", told(&other)),
                }
            }
            let said = event.extension(NAME).filter(|extension| !extension.is_empty()).cloned();
            all.push(Ended { id: ServiceId(id), said });
            self.ended.fetch_add(1, Ordering::Relaxed);
        }
        all
    }

    fn ids(&self, caller: usize) -> Range<i64> {
        let id = |caller: usize| i64::try_from(caller * self.services).unwrap() + 1;
        id(caller)..id(caller + 1)
    }

    /// Everything reads, as what was said is when it is carried to the last version at once.
    pub async fn check(&self, host: &impl Host, ended: &[Ended]) {
        assert_eq!(ended.len(), self.callers * self.services);
        let schemas = host.schemas().await;
        for Ended { id, said } in ended {
            let stored = host.storage().load(*id, Want::All).await.unwrap().unwrap();
            let service = Service::read(&stored, &schemas);
            let told = || format!("seed {}, service {id}: {said:?}\n{stored:?}", self.seed);
            assert!(service.unreadable().is_empty(), "{}", told());
            let expected = said.as_ref().map(|said| said.migrate(schemas.get(NAME).unwrap()).unwrap());
            assert_eq!(service.extension(NAME), expected.as_ref(), "{}", told());
            assert_eq!(stored.migrate(&schemas).as_ref(), Ok(&stored), "{}", told());
        }
    }
}

async fn wait_until(host: &impl Host, is_so: impl Fn() -> bool + Send) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < Duration::from_secs(120), "the others do not go on");
        drop(host.schemas().await);
        thread::yield_now();
    }
}

async fn at_hand<H: Host>(host: &H) -> CompleteService<&H::Storage> {
    CompleteService::new(Validator::new(host.schemas().await), host.storage())
}

fn sayings<S>(operation: &CompleteService<S>) -> Sayings {
    Sayings::of(operation.validator().schemas().get(NAME).unwrap())
}

fn at_once<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(done) => done,
        Poll::Pending => panic!("it waits"),
    }
}
