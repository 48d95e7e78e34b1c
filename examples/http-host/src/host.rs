//! The host's state: a store, and the schemas of the store at hand for every request.

use std::error::Error;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::Duration;

use arc_swap::{ArcSwap, Guard};
use futures_util::FutureExt as _;
use service_end::{
    CompleteError, CompleteService, EndPolicy, ExtensionSchema, Outcome, ReadError, Schemas, Service,
    ServiceId, Timestamp, Validator, problem::ProblemCode, storage::Want,
};
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};

use crate::answer::{Failure, problem};
use crate::body::BodyLimits;
use crate::store::Store;

/// What all requests share.
///
/// The schemas at hand are one immutable set, which is swapped as a whole: a request takes the set once and never
/// sees half of another. Where several hosts share a store, another one may have changed the schemas. So a request
/// is never refused by a set that is older than the request: before that, the host asks the store, and takes the
/// request up again if the schemas have changed. In the other direction the store takes care: it commits no record
/// of a schema that it does not have.
#[derive(Debug)]
pub struct Host<S> {
    store: Arc<S>,
    /// With the schemas at hand.
    operation: ArcSwap<CompleteService<Arc<S>>>,
    /// When the schemas at hand were asked for. Locked while they are: requests that wait share one answer.
    asked: Mutex<Option<Instant>>,
    /// How bodies are taken.
    pub bodies: BodyLimits,
    policy: EndPolicy,
    patience: Duration,
}

/// How often a request is taken up again because the schemas have changed meanwhile.
const MAX_ATTEMPTS: usize = 5;

impl<S: Store> Host<S> {
    /// A host that waits for its store for a limited time at each step.
    pub fn new(store: S, bodies: BodyLimits, policy: EndPolicy, patience: Duration) -> Self {
        let store = Arc::new(store);
        let operation = operation(&store, Schemas::new(), bodies, policy);
        let operation = ArcSwap::from_pointee(operation);
        Host { store, operation, asked: Mutex::new(None), bodies, policy, patience }
    }

    /// The schemas that were in the store at `since` or later.
    ///
    /// # Errors
    /// `storage_unavailable`.
    pub async fn schemas(&self, since: Instant) -> Result<Schemas, Failure> {
        self.refreshed(since).await.map(|operation| operation.validator().schemas().clone())
    }

    /// The operation with schemas that were in the store at `since` or later.
    async fn refreshed(&self, since: Instant) -> Result<Arc<CompleteService<Arc<S>>>, Failure> {
        let mut asked = self.asked.lock().await;
        if asked.is_none_or(|asked| asked < since) {
            let now = Instant::now();
            let schemas = self.ask(self.store.schemas()).await?;
            if schemas != *self.operation.load().validator().schemas() {
                self.operation.store(Arc::new(operation(&self.store, schemas, self.bodies, self.policy)));
            }
            *asked = Some(now);
        }
        Ok(self.operation.load_full())
    }

    /// Declares an extension; `schema_exists` if its name is taken.
    ///
    /// # Errors
    /// `schema_exists`, `storage_unavailable`.
    pub async fn register(&self, schema: &ExtensionSchema) -> Result<(), Failure> {
        if !self.ask(self.store.register(schema)).await? {
            let detail =
                format!("a schema named `{}` exists already, in this case or another", schema.name());
            return Err(problem(ProblemCode::SchemaExists, detail));
        }
        self.changed().await;
        Ok(())
    }

    /// Removes the schema of a name, and all records of the extension.
    ///
    /// # Errors
    /// `schema_not_found`, `storage_unavailable`.
    pub async fn unregister(&self, name: &str) -> Result<(), Failure> {
        // It takes as long as it takes to delete the records.
        if !ask(12 * self.patience, self.store.unregister(name)).await? {
            return Err(problem(ProblemCode::SchemaNotFound, "no schema of this name is registered"));
        }
        self.changed().await;
        Ok(())
    }

    /// If the store fails now, the requests that come will ask it again.
    async fn changed(&self) {
        let _ = self.refreshed(Instant::now()).await;
    }

    /// Starts a service.
    ///
    /// # Errors
    /// `storage_unavailable`.
    pub async fn start(&self, started: Timestamp) -> Result<ServiceId, Failure> {
        self.ask(self.store.start(started)).await
    }

    /// Ends a service with the body of a request.
    ///
    /// # Errors
    /// The problem of whatever the crate answers, `storage_unavailable` also where the store does not answer in time.
    pub async fn end(&self, id: ServiceId, body: &[u8]) -> Result<Outcome, Failure> {
        let mut operation = self.operation.load();
        let mut attempts = 1;
        loop {
            let answer = {
                let answer = pin!(operation.end_async(id, body, Timestamp::now()));
                within(self.patience, answer).await
            };
            let error = match answer {
                Some(Ok(outcome)) => return Ok(outcome),
                Some(Err(error)) => error,
                None => return Err(out_of_time()),
            };
            let turned_away = match &error {
                CompleteError::Read(ReadError::Invalid(_)) => Some(false),
                CompleteError::Storage(error) if S::is_schema_changed(error) => Some(true),
                _ => None,
            };
            if let Some(turned_away) = turned_away.filter(|_| attempts < MAX_ATTEMPTS) {
                let fresh = self.refreshed(Instant::now()).await?;
                if turned_away || fresh.validator().schemas() != operation.validator().schemas() {
                    operation = Guard::from_inner(fresh);
                    attempts += 1;
                    continue;
                }
            }
            let failure = Failure::from(&error);
            return Err(match &error {
                CompleteError::Storage(error) => failure.because(chain(error)),
                _ => failure,
            });
        }
    }

    /// A service, with those of its extensions that are wanted.
    ///
    /// # Errors
    /// `service_not_found`, `storage_unavailable`.
    pub async fn service(&self, id: ServiceId, want: Want<'_>) -> Result<Service, Failure> {
        let mut operation = self.operation.load();
        let mut attempts = 1;
        loop {
            // The schemas are taken before the service: what is read now is then never shown by the schema of a
            // later declaration.
            let stored = self.ask(self.store.load(id, want)).await?;
            let stored =
                stored.ok_or_else(|| problem(ProblemCode::ServiceNotFound, "there is no such service"))?;
            let service = Service::read(stored, operation.validator().schemas());
            if !service.unreadable().is_empty() && attempts < MAX_ATTEMPTS {
                let fresh = self.refreshed(Instant::now()).await?;
                if fresh.validator().schemas() != operation.validator().schemas() {
                    operation = Guard::from_inner(fresh);
                    attempts += 1;
                    continue;
                }
            }
            return Ok(service);
        }
    }

    /// Waits for the store, but not for long.
    async fn ask<T>(&self, answer: impl Future<Output = Result<T, S::Error>>) -> Result<T, Failure> {
        ask(self.patience, answer).await
    }
}

fn operation<S>(
    store: &Arc<S>,
    schemas: Schemas,
    bodies: BodyLimits,
    policy: EndPolicy,
) -> CompleteService<Arc<S>> {
    let validator = Validator::new(schemas).with_max_body_bytes(bodies.bytes);
    CompleteService::new(validator, Arc::clone(store)).with_policy(policy)
}

async fn ask<T, E: Error>(
    patience: Duration,
    answer: impl Future<Output = Result<T, E>>,
) -> Result<T, Failure> {
    match within(patience, pin!(answer)).await {
        Some(Ok(answer)) => Ok(answer),
        Some(Err(error)) => {
            let detail = "the storage failed, and whether anything has changed may be unknown";
            Err(problem(ProblemCode::StorageUnavailable, detail).because(chain(&error)))
        }
        None => Err(out_of_time()),
    }
}

/// What comes of a future in time. One that is ready at once, as with a store in memory, needs no clock.
async fn within<F: Future>(patience: Duration, mut future: Pin<&mut F>) -> Option<F::Output> {
    match future.as_mut().now_or_never() {
        Some(ready) => Some(ready),
        None => timeout(patience, future).await.ok(),
    }
}

fn out_of_time() -> Failure {
    let detail = "the storage did not answer in time, and whether anything has changed may be unknown";
    problem(ProblemCode::StorageUnavailable, detail).because("no answer in time".to_owned())
}

/// An error with its sources, for those who run the host.
pub fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text = format!("{text}: {error}");
        source = error.source();
    }
    text
}
