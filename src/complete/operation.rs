use std::sync::Arc;

use super::error::CompleteError;
use super::machine::{Machine, Step};
use super::outcome::Outcome;
use crate::event::ServiceEndEvent;
use crate::service::{EndRules, StoredRule, StoredRules, Target};
use crate::storage::{AsyncStorage, Storage, Want};
use crate::validate::{RuleError, Validator};
use crate::value::Timestamp;

/// Complete Service, the operation: from the body of a request to the service ended in storage.
///
/// It is cheap to make, so a host that swaps schemas while requests run makes one for each request. The time is
/// an argument; [`Timestamp::now`] asks the system clock. An event without a timestamp ends the service then, or at its
/// start if that lies later.
///
/// # Retries
///
/// A caller who got no answer sends the same event again. If the service ended just so, the answer is
/// [`Outcome::AlreadySo`], and nothing changes. That promise has two limits:
///
/// - It holds as long as the validator does. If the schema of an extension or the values of a business attribute were
///   declared anew meanwhile, or a rule was added to it, the same body may mean something else, or nothing.
/// - Under [`EndPolicy::ReplaceEarlier`](crate::EndPolicy::ReplaceEarlier), a retry that arrives after somebody else's end
///   replaces that one. A caller who can't have this names the version that it has seen: `id.at(version)`.
///
/// ```
/// use service_end::{CompleteService, MemoryStorage, Outcome, Schemas, StoredService, Timestamp, Validator};
/// let storage = MemoryStorage::new();
/// let started: Timestamp = "2009-05-12T11:50:00Z".parse().unwrap();
/// storage.insert(StoredService::new(36_981_723, 0, started));
///
/// let operation = CompleteService::new(Validator::new(Schemas::new()), &storage);
/// let outcome = operation.end(36_981_723, br#"{ "disposition": 10 }"#, Timestamp::now()).unwrap();
/// assert!(matches!(outcome, Outcome::Ended(_)));
/// let retry = operation.end(36_981_723, br#"{ "disposition": 10 }"#, Timestamp::now()).unwrap();
/// assert!(matches!(retry, Outcome::AlreadySo(_)));
/// ```
#[derive(Clone, Debug)]
pub struct CompleteService<S> {
    validator: Validator,
    storage: S,
    rules: EndRules,
    host: Arc<StoredRules>,
    max_attempts: u32,
}

impl<S> CompleteService<S> {
    /// How often an end is decided and committed anew before [`CompleteError::Contended`], unless the host sets
    /// another limit.
    pub const DEFAULT_MAX_ATTEMPTS: u32 = 10;

    /// The operation over a store, with the default [`EndRules`].
    pub fn new(validator: Validator, storage: S) -> Self {
        CompleteService {
            validator,
            storage,
            rules: EndRules::new(),
            host: Arc::default(),
            max_attempts: Self::DEFAULT_MAX_ATTEMPTS,
        }
    }

    /// Sets how ends are decided: what happens to a later end, and how far clocks may differ.
    #[must_use]
    pub fn with_end_rules(mut self, rules: EndRules) -> Self {
        self.rules = rules;
        self
    }

    /// Sets how often an end is decided and committed anew when other writers were faster: at least once.
    #[must_use]
    pub fn with_max_attempts(mut self, attempts: u32) -> Self {
        self.max_attempts = attempts.max(1);
        self
    }

    /// Adds a rule of the host's own about the event and what is stored, which runs behind those before it. The stored
    /// extensions that it reads are loaded with what is loaded anyway. A rule about the event alone goes to the validator
    /// ([`Validator::with_rule`]).
    ///
    /// # Errors
    /// [`RuleError`] if its name is not that of a rule or is taken, or if it reads something that is no part of an event or has no
    /// registered schema.
    pub fn with_stored_rule(mut self, rule: StoredRule) -> Result<Self, RuleError> {
        Arc::make_mut(&mut self.host).add(rule, &self.validator)?;
        self.validator.keep_spelling();
        Ok(self)
    }

    /// The rules about the event and what is stored, in the order in which they run, after those of the
    /// [validator](Validator::rules).
    pub fn stored_rules(&self) -> impl ExactSizeIterator<Item = &StoredRule> {
        self.host.iter()
    }

    /// The validator.
    pub fn validator(&self) -> &Validator {
        &self.validator
    }

    /// The store.
    pub fn storage(&self) -> &S {
        &self.storage
    }

    /// How ends are decided.
    pub fn end_rules(&self) -> &EndRules {
        &self.rules
    }

    /// How often an end is decided and committed anew before [`CompleteError::Contended`].
    pub fn max_attempts(&self) -> u32 {
        self.max_attempts
    }

    fn read<E>(&self, body: &[u8]) -> Result<ServiceEndEvent, CompleteError<E>> {
        self.validator.read(body).map_err(|error| CompleteError::Read(error.locate(body)))
    }

    fn admit<E>(&self, event: ServiceEndEvent) -> Result<ServiceEndEvent, CompleteError<E>> {
        self.validator.admit(event).map_err(CompleteError::Read)
    }

    fn machine(&self, target: Target, now: Timestamp) -> Machine<'_> {
        Machine::new(target, self.rules, &self.host, now, self.max_attempts)
    }
}

impl<S: Storage> CompleteService<S> {
    /// Ends a service with the body of a request.
    ///
    /// The target is an id, or an id at a version: `ServiceId(7).at(version)`.
    ///
    /// # Errors
    /// [`CompleteError`], in this order: the body; the service it names; the service; the store. Unless it is
    /// [`CompleteError::Storage`], nothing was changed.
    pub fn end(
        &self,
        target: impl Into<Target>,
        body: &[u8],
        now: Timestamp,
    ) -> Result<Outcome, CompleteError<S::Error>> {
        let event = self.read(body)?;
        self.drive(target.into(), event, now).map_err(|error| error.locate(body))
    }

    /// Ends a service with an event made in Rust, or read before. It is checked against the validator's declarations
    /// once more, as they may have changed.
    ///
    /// A host that has the text of the body finds the places in it with [`CompleteError::locate`].
    ///
    /// # Errors
    /// As [`CompleteService::end`].
    pub fn end_with(
        &self,
        target: impl Into<Target>,
        event: ServiceEndEvent,
        now: Timestamp,
    ) -> Result<Outcome, CompleteError<S::Error>> {
        let event = self.admit(event)?;
        self.drive(target.into(), event, now)
    }

    fn drive(
        &self,
        target: Target,
        event: ServiceEndEvent,
        now: Timestamp,
    ) -> Result<Outcome, CompleteError<S::Error>> {
        let mut machine = self.machine(target, now);
        let mut step = machine.begin(event);
        loop {
            step = match step {
                Step::Load(loading) => {
                    let service =
                        self.storage.load(target.service_id, Want::of(loading.keys(&self.host).as_deref()));
                    machine.loaded(loading, service.map_err(CompleteError::Storage)?.as_ref())
                }
                Step::Commit(completion) => {
                    let commit = self.storage.commit(&completion).map_err(CompleteError::Storage)?;
                    machine.committed(completion, commit)
                }
                Step::Done(answer) => return answer,
            };
        }
    }
}

impl<S: AsyncStorage> CompleteService<S> {
    /// Ends a service with the body of a request, over an asynchronous store. The body is read and decided on the
    /// thread that polls. A [`Storage`](crate::Storage) becomes an asynchronous one by
    /// [`Immediate`](crate::storage::Immediate) if it never waits, else by [`OffThread`](crate::storage::OffThread).
    ///
    /// If the future is dropped before it is done, the service is ended or not, but never by half; it is safe to send the
    /// same event again.
    ///
    /// # Errors
    /// As [`CompleteService::end`].
    pub async fn end_async(
        &self,
        target: impl Into<Target>,
        body: &[u8],
        now: Timestamp,
    ) -> Result<Outcome, CompleteError<S::Error>> {
        let target = target.into();
        let event = self.read(body)?;
        self.drive_async(target, event, now).await.map_err(|error| error.locate(body))
    }

    /// Ends a service with an event, over an asynchronous store.
    ///
    /// # Errors
    /// As [`CompleteService::end_with`].
    pub async fn end_with_async(
        &self,
        target: impl Into<Target>,
        event: ServiceEndEvent,
        now: Timestamp,
    ) -> Result<Outcome, CompleteError<S::Error>> {
        let target = target.into();
        let event = self.admit(event)?;
        self.drive_async(target, event, now).await
    }

    async fn drive_async(
        &self,
        target: Target,
        event: ServiceEndEvent,
        now: Timestamp,
    ) -> Result<Outcome, CompleteError<S::Error>> {
        let mut machine = self.machine(target, now);
        let mut step = machine.begin(event);
        loop {
            step = match step {
                Step::Load(loading) => {
                    let service = self
                        .storage
                        .load(target.service_id, Want::of(loading.keys(&self.host).as_deref()))
                        .await;
                    machine.loaded(loading, service.map_err(CompleteError::Storage)?.as_ref())
                }
                Step::Commit(completion) => {
                    let commit = self.storage.commit(&completion).await.map_err(CompleteError::Storage)?;
                    machine.committed(completion, commit)
                }
                Step::Done(answer) => return answer,
            };
        }
    }
}
