//! What the cases work with: the fixture, and the two calls of a store, whose answers are checked.

use std::time::Duration;

use service_end::event::{FixedFields, ServiceEndEvent};
use service_end::schema::ExtensionSchema;
use service_end::service::{Completion, Decision, End, EndPolicy, EndRules, StoredService, decide};
use service_end::storage::{AsyncStorage, Commit, Want};
use service_end::value::{ServiceId, SessionId, Version};

use crate::fault::{Fault, ensure};
use crate::fixture::{AsyncFixture, Options};
use crate::generator::Generator;
use crate::known::Known;
use crate::outbox::OutboxUnderTest;
use crate::sample::STARTED;
use crate::together::Together;

/// A fixture of either kind, and how several callers are made.
#[derive(Debug)]
pub(crate) struct Bench<F> {
    fixture: F,
    pub(crate) options: Options,
    pub(crate) together: Together,
}

impl<F: AsyncFixture> Bench<F> {
    pub(crate) fn new(fixture: F, together: Together) -> Self {
        let options = fixture.options();
        Bench { fixture, options, together }
    }

    pub(crate) fn generator(&self) -> Generator {
        Generator::new(self.options.seed)
    }

    /// How many callers a race has, if there can be one.
    pub(crate) fn callers(&self) -> Result<usize, Fault> {
        if self.options.callers < 2 {
            return Err(Fault::skip("the fixture allows only one caller at a time"));
        }
        Ok(self.options.callers)
    }

    pub(crate) async fn fresh(&mut self) -> F::Storage {
        self.fixture.fresh().await
    }

    pub(crate) async fn insert(&mut self, storage: &F::Storage, service: &Known) {
        self.fixture.insert(storage, service.to_stored()).await;
    }

    pub(crate) async fn reopen(&mut self, storage: F::Storage) -> Result<F::Storage, Fault> {
        let reopened = self.fixture.reopen(storage).await;
        reopened.ok_or_else(|| Fault::skip("the fixture does not reopen the store: it is not durable"))
    }

    pub(crate) async fn another(&mut self, storage: &F::Storage) -> Result<F::Storage, Fault> {
        let another = self.fixture.another(storage).await;
        another.ok_or_else(|| Fault::skip("the fixture has no other way to the same services"))
    }

    pub(crate) async fn failing(&mut self) -> Result<F::Storage, Fault> {
        let failing = self.fixture.failing().await;
        failing.ok_or_else(|| Fault::skip("the fixture has no store that can't answer"))
    }

    pub(crate) fn outbox<'s>(&self, storage: &'s F::Storage) -> Result<OutboxUnderTest<'s>, Fault> {
        let outbox = self.fixture.outbox(storage);
        outbox.ok_or_else(|| Fault::skip("the fixture shows no outbox: the store keeps none"))
    }

    pub(crate) async fn register(
        &mut self,
        storage: &F::Storage,
        schema: &ExtensionSchema,
    ) -> Result<(), Fault> {
        let registered = self.fixture.register(storage, schema).await;
        if registered {
            Ok(())
        } else {
            Err(Fault::skip("the fixture registers no schemas: the store keeps none"))
        }
    }

    pub(crate) async fn unregister(&mut self, storage: &F::Storage, schema: &ExtensionSchema) {
        self.fixture.unregister(storage, schema.name()).await;
    }
}

/// Loads; a store that fails is at fault.
pub(crate) async fn load<S: AsyncStorage>(
    storage: &S,
    id: ServiceId,
    want: Want<'_>,
) -> Result<Option<StoredService>, Fault> {
    let loaded = storage.load(id, want).await;
    loaded.map_err(|error| Fault::error(&format!("an answer to loading service {id}"), &error))
}

/// Loads a service without extensions, which must be there.
pub(crate) async fn present<S: AsyncStorage>(storage: &S, id: ServiceId) -> Result<StoredService, Fault> {
    let loaded = load(storage, id, Want::Nothing).await?;
    loaded.ok_or_else(|| Fault::new(format!("service {id}"), "none"))
}

/// Commits; a store that fails is at fault.
pub(crate) async fn commit<S: AsyncStorage>(storage: &S, completion: &Completion) -> Result<Commit, Fault> {
    let answer = storage.commit(completion).await;
    answer.map_err(|error| {
        Fault::error(&format!("an answer to a commit on service {}", completion.service_id()), &error)
    })
}

/// Commits with an answer that is known beforehand.
pub(crate) async fn commits<S: AsyncStorage>(
    storage: &S,
    completion: &Completion,
    expected: Commit,
) -> Result<(), Fault> {
    let answer = commit(storage, completion).await?;
    ensure(answer == expected, format!("the answer {expected:?}"), || format!("{answer:?}"))
}

/// Demands that all of a service is there as it must be.
pub(crate) async fn holds<S: AsyncStorage>(storage: &S, service: &Known) -> Result<(), Fault> {
    let found = load(storage, service.id, Want::All).await?;
    service.compare(Want::All, found.as_ref())
}

/// Ends a service at the version that is read, which must succeed, and demands that it is then as it must be.
pub(crate) async fn end<S: AsyncStorage>(
    storage: &S,
    service: &mut Known,
    event: ServiceEndEvent,
) -> Result<Completion, Fault> {
    let read = present(storage, service.id).await?;
    let completion = completion(&read, event)?;
    commits(storage, &completion, Commit::Committed).await?;
    service.apply(&completion);
    holds(storage, service).await?;
    Ok(completion)
}

/// What an event changes about a service, whether it has ended or not, and even if it has ended just so.
pub(crate) fn completion(service: &StoredService, event: ServiceEndEvent) -> Result<Completion, Fault> {
    let mut earlier = StoredService::new(service.service_id, service.version, service.started);
    if service.end.is_some() {
        // Of a session that no event here has: the event is another one than the earlier.
        let fields = FixedFields { session_id: SessionId::new("earlier").ok(), ..FixedFields::default() };
        earlier.end = Some(End::new(STARTED, fields));
    }
    let rules = EndRules::new().with_policy(EndPolicy::ReplaceEarlier).with_clock_tolerance(Duration::MAX);
    match decide(earlier.service_id, Some(&earlier), event, &rules, STARTED) {
        Ok(Decision::Complete(completion)) => Ok(completion),
        other => Err(Fault::new("the suite's own event to change the service", format!("{other:?}"))),
    }
}

/// The same for a version and an id that are made up.
pub(crate) fn completion_at(
    id: impl Into<ServiceId>,
    version: impl Into<Version>,
    ended: bool,
    event: ServiceEndEvent,
) -> Result<Completion, Fault> {
    let mut service = StoredService::new(id, version, STARTED);
    if ended {
        service.end = Some(End::new(STARTED, FixedFields::default()));
    }
    completion(&service, event)
}
