//! The host's state: a store, and the store's schemas at hand for every request.

use std::sync::Arc;

use arc_swap::ArcSwap;
use service_end::{
    CompleteError, CompleteService, EndRules, Outcome, ReadError, Schemas, Service, ServiceEndEvent,
    ServiceId, Timestamp, Validator, Version,
    service::Refusal,
    storage::{AsyncOutbox, Backlog, Want},
};
use tokio::sync::{Mutex, OnceCell};
use tokio::time::{Instant, timeout};

use crate::answer::{Failure, unavailable};
use crate::count::Count;
use crate::options::Options;
use crate::store::Store;

/// What all requests share.
///
/// The schemas at hand are one immutable set, which is swapped as a whole. Another host may have changed those in the
/// store. So before an end is refused, the host asks the store, and judges it again if the schemas have changed. In
/// the other direction the store takes care: it commits no record of a schema that it does not have. What was read with
/// the schemas of before is then carried to those of now.
#[derive(Debug)]
pub struct Host<S> {
    store: Arc<S>,
    prepared: OnceCell<()>,
    /// With the schemas at hand.
    operation: ArcSwap<Operation<S>>,
    /// When the schemas at hand were asked for. Locked while they are: requests that wait share one answer.
    asked: Mutex<Option<Instant>>,
    options: Arc<Options>,
    counted: Arc<Count>,
}

type Operation<S> = CompleteService<Arc<S>>;

/// How often an end is taken up because the schemas have changed meanwhile.
const MAX_ATTEMPTS: usize = 5;

impl<S: Store> Host<S> {
    /// A host that has not asked its store for anything yet.
    pub fn new(store: S, options: Arc<Options>) -> Self {
        let store = Arc::new(store);
        let schemas = Schemas::new().with_open(options.open.clone());
        let operation = ArcSwap::from_pointee(operation(&store, schemas, &options));
        Host {
            store,
            prepared: OnceCell::new(),
            operation,
            asked: Mutex::new(None),
            options,
            counted: Arc::default(),
        }
    }

    /// The store, once what it needs has been made.
    pub async fn store(&self) -> Result<&S, Failure> {
        self.prepared().await.map_err(unavailable)
    }

    /// The same, with the store's own error.
    pub async fn prepared(&self) -> Result<&S, S::Error> {
        self.prepared.get_or_try_init(|| self.store.prepare()).await?;
        Ok(&self.store)
    }

    /// Takes the schemas of the store. If it fails now, the requests that come will ask it again.
    pub async fn schemas_changed(&self) {
        let _ = self.refreshed().await;
    }

    /// What waits in the outbox; `None` if the store does not tell it.
    pub async fn backlog(self: &Arc<Self>) -> Option<Backlog>
    where
        S: AsyncOutbox,
    {
        let host = Arc::clone(self);
        let count = || async move {
            let counted = async { AsyncOutbox::backlog(host.store().await.ok()?).await.ok() };
            timeout(host.options.store_timeout, counted).await.ok().flatten()
        };
        Arc::clone(&self.counted).ask(count).await
    }

    /// Ends a service with the body of a request, if it is at one of the versions that the caller names.
    pub async fn end(&self, id: ServiceId, at: Option<&[Version]>, body: &[u8]) -> Result<Outcome, Failure> {
        self.store().await?;
        let mut operation = self.operation.load_full();
        // No store gives this version: it stands for tags that can't match.
        let mut target = at.map_or(id.into(), |at| id.at(at.first().copied().unwrap_or(Version(i64::MIN))));
        let mut attempts = 1;
        // What was read with schemas that the store does not have any more.
        let mut earlier: Option<ServiceEndEvent> = None;
        loop {
            let now = Timestamp::now();
            let ended = match &earlier {
                None => operation.end_async(target, body, now).await,
                Some(event) => {
                    let ended = operation.end_with_async(target, event.clone(), now).await;
                    ended.map_err(|error| error.locate(body))
                }
            };
            let error = match ended {
                Ok(outcome) => return Ok(outcome),
                Err(error) => error,
            };
            attempts += 1;
            match &error {
                CompleteError::Storage(cause) => return Err(unavailable(cause)),
                _ if attempts > MAX_ATTEMPTS => return Err(error.into()),
                CompleteError::Refused(Refusal::VersionMismatch { current, .. })
                    if at.is_some_and(|at| at.contains(current)) =>
                {
                    target = id.at(*current);
                }
                CompleteError::SchemaChanged => {
                    earlier = earlier.or_else(|| operation.validator().read(body).ok());
                    operation = self.refreshed().await?;
                }
                CompleteError::Refused(Refusal::NotFound) => return Err(error.into()),
                // What was read with the schemas of before is not what the body says now: it is judged as it stands.
                CompleteError::Read(_) | CompleteError::Refused(_) if earlier.is_some() => earlier = None,
                CompleteError::Read(ReadError::Invalid(_) | ReadError::EventTooLarge { .. })
                | CompleteError::Refused(_) => {
                    let fresh = self.refreshed().await?;
                    if Arc::ptr_eq(&fresh, &operation) {
                        return Err(error.into());
                    }
                    operation = fresh;
                }
                _ => return Err(error.into()),
            }
        }
    }

    /// A service, with those of its extensions that are wanted, and its version.
    pub async fn service(&self, id: ServiceId, want: Want<'_>) -> Result<(Service, Version), Failure> {
        let mut operation = self.operation.load_full();
        loop {
            // The schemas are taken before the service: what is read now is then never shown by the schema of a
            // later declaration.
            let stored = self.store().await?.load(id, want).await.map_err(unavailable)?;
            let stored = stored.ok_or(Refusal::NotFound)?;
            let service = Service::read(&stored, operation.validator().schemas());
            // What is open may have a schema by now.
            if service.unreadable().is_empty() && service.open_extensions().is_empty() {
                return Ok((service, stored.version));
            }
            let fresh = self.refreshed().await?;
            if Arc::ptr_eq(&fresh, &operation) {
                return Ok((service, stored.version));
            }
            operation = fresh;
        }
    }

    /// What reads bodies, with the schemas that are in the store now.
    pub async fn validator(&self) -> Result<Validator, Failure> {
        Ok(self.refreshed().await?.validator().clone())
    }

    /// The operation with the schemas that are in the store now.
    async fn refreshed(&self) -> Result<Arc<Operation<S>>, Failure> {
        let since = Instant::now();
        let mut asked = self.asked.lock().await;
        if asked.is_none_or(|asked| asked < since) {
            let now = Instant::now();
            let schemas = self.store().await?.schemas().await.map_err(unavailable)?;
            let schemas = schemas.with_open(self.options.open.clone());
            // In order too: what is missing is told in the order of the schemas.
            if !schemas.iter().eq(self.operation.load().validator().schemas()) {
                self.operation.store(Arc::new(operation(&self.store, schemas, &self.options)));
            }
            *asked = Some(now);
        }
        Ok(self.operation.load_full())
    }
}

fn operation<S>(store: &Arc<S>, schemas: Schemas, options: &Options) -> Operation<S> {
    let validator = Validator::new(schemas).with_max_body_bytes(options.max_body);
    let validator = match &options.rules {
        Some(rules) => rules.attached(validator),
        None => validator,
    };
    CompleteService::new(validator, Arc::clone(store))
        .with_end_rules(EndRules::default().with_policy(options.policy))
}
