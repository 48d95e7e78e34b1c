//! The operation: ties reading, deciding and committing together.

mod machine;

use std::time::Duration;

use self::machine::{Machine, Step};
use crate::event::ServiceEndEvent;
use crate::service::{Completion, End, EndPolicy, EndRules, Refusal};
use crate::storage::{AsyncStorage, Storage, Want};
use crate::validate::{ReadError, Validator};
use crate::value::{ServiceId, Timestamp};
use crate::violation::Violations;

/// Complete Service, the operation: from the body of a request to the service ended in storage.
///
/// It is cheap to make, so a host that swaps schemas while requests run makes one for each request. The time is
/// an argument; [`Timestamp::now`] is the system clock's. An event without a timestamp ends the service then, or at its
/// start if that lies later.
///
/// Sending the same event again is always safe: if the service ended just so, the answer is
/// [`Outcome::AlreadySo`], and nothing changes.
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
    max_attempts: u32,
}

/// How a service came to be ended as the event says. Hosts publish an event of their own unless it was so already.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// This call ended it.
    Ended(Completion),
    /// It had ended just so before, and this call changed nothing: the fixed fields are those recorded, where a
    /// timestamp that is left out matches any, and each extension that the event names equals what is stored.
    AlreadySo(End),
    /// This call replaced an earlier end, as the host's policy allows.
    Replaced(Completion),
}

impl Outcome {
    /// What is recorded of the end.
    pub fn end(&self) -> &End {
        match self {
            Outcome::Ended(completion) | Outcome::Replaced(completion) => completion.end(),
            Outcome::AlreadySo(end) => end,
        }
    }
}

/// Why a service is not ended by a call. [`Problem`](crate::Problem) turns it into a document for the caller.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CompleteError<E> {
    /// The body gives no event.
    #[error(transparent)]
    Read(ReadError),
    /// The service is unknown, has ended otherwise, or does not fit the event.
    #[error(transparent)]
    Refused(Refusal),
    /// Other writers kept changing the service. Nothing was changed by this call.
    #[error("other writers changed the service at each of {attempts} attempts")]
    Contended {
        /// How often it was tried.
        attempts: u32,
    },
    /// The store can never take the end with its extensions. Nothing was changed.
    #[error("the end with its extensions is too large for the store")]
    TooLargeForStorage,
    /// The store registers another schema for one of the extensions than the one that the event was read with, or has
    /// removed it. Nothing was changed: read the body again with the schemas that are registered now.
    #[error("the schema of an extension has changed in the store")]
    SchemaChanged,
    /// The store failed. Whether the service is ended may be unknown: sending the same event again is safe.
    #[error("the storage failed")]
    Storage(#[source] E),
}

impl<E> CompleteError<E> {
    /// The violations, if there are any.
    pub fn violations(&self) -> Option<&Violations> {
        match self {
            CompleteError::Read(ReadError::Invalid(violations))
            | CompleteError::Refused(Refusal::Invalid(violations)) => Some(violations),
            _ => None,
        }
    }

    /// Looks for each violation in the text of the body.
    #[cold]
    #[inline(never)]
    fn locate(self, body: &[u8]) -> Self {
        match self {
            CompleteError::Read(ReadError::Invalid(violations)) => {
                CompleteError::Read(ReadError::Invalid(violations.locate(body)))
            }
            CompleteError::Refused(Refusal::Invalid(violations)) => {
                CompleteError::Refused(Refusal::Invalid(violations.locate(body)))
            }
            other => other,
        }
    }
}

impl<E> From<Refusal> for CompleteError<E> {
    fn from(refusal: Refusal) -> Self {
        CompleteError::Refused(refusal)
    }
}

impl<S> CompleteService<S> {
    /// How often an end is decided and committed anew before [`CompleteError::Contended`], unless the host sets
    /// another limit.
    pub const DEFAULT_MAX_ATTEMPTS: u32 = 10;

    /// The operation over a store, with the default rules: the first end is kept, and an end may lie one minute
    /// before the recorded start.
    pub fn new(validator: Validator, storage: S) -> Self {
        CompleteService {
            validator,
            storage,
            rules: EndRules::default(),
            max_attempts: Self::DEFAULT_MAX_ATTEMPTS,
        }
    }

    /// Sets what happens to a later end of a service that has ended.
    #[must_use]
    pub fn with_policy(mut self, policy: EndPolicy) -> Self {
        self.rules.policy = policy;
        self
    }

    /// Sets how much earlier than the recorded start an end may be, for clocks that differ.
    #[must_use]
    pub fn with_clock_tolerance(mut self, tolerance: Duration) -> Self {
        self.rules.clock_tolerance = tolerance;
        self
    }

    /// Sets how often an end is decided and committed anew when other writers were faster: at least once.
    #[must_use]
    pub fn with_max_attempts(mut self, attempts: u32) -> Self {
        self.max_attempts = attempts.max(1);
        self
    }

    /// The validator.
    pub fn validator(&self) -> &Validator {
        &self.validator
    }

    /// The store.
    pub fn storage(&self) -> &S {
        &self.storage
    }

    fn read<E>(&self, body: &[u8]) -> Result<ServiceEndEvent, CompleteError<E>> {
        self.validator.read(body).map_err(|error| CompleteError::Read(error).locate(body))
    }

    fn admit<E>(&self, event: ServiceEndEvent) -> Result<ServiceEndEvent, CompleteError<E>> {
        let admitted = self.validator.admit(event);
        admitted.map_err(|violations| CompleteError::Read(ReadError::Invalid(violations)))
    }

    fn machine(&self, id: ServiceId, now: Timestamp) -> Machine {
        Machine::new(id, self.rules, now, self.max_attempts)
    }
}

impl<S: Storage> CompleteService<S> {
    /// Ends a service with the body of a request.
    ///
    /// # Errors
    /// [`CompleteError`], in this order: the body; the service it names; the service; the store. Unless it is
    /// [`CompleteError::Storage`], nothing was changed.
    pub fn end(
        &self,
        id: impl Into<ServiceId>,
        body: &[u8],
        now: Timestamp,
    ) -> Result<Outcome, CompleteError<S::Error>> {
        let event = self.read(body)?;
        self.drive(id.into(), event, now).map_err(|error| error.locate(body))
    }

    /// Ends a service with an event made in Rust, or read before. It is held against the validator's declarations
    /// once more, as they may have changed.
    ///
    /// # Errors
    /// As [`CompleteService::end`].
    pub fn end_with(
        &self,
        id: impl Into<ServiceId>,
        event: ServiceEndEvent,
        now: Timestamp,
    ) -> Result<Outcome, CompleteError<S::Error>> {
        let event = self.admit(event)?;
        self.drive(id.into(), event, now)
    }

    fn drive(
        &self,
        id: ServiceId,
        event: ServiceEndEvent,
        now: Timestamp,
    ) -> Result<Outcome, CompleteError<S::Error>> {
        let mut machine = self.machine(id, now);
        let mut step = machine.begin(event);
        loop {
            step = match step {
                Step::Load(loading) => {
                    let service = self.storage.load(id, Want::of(&loading.keys()));
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
    /// thread that polls.
    ///
    /// If the future is dropped before it is done, the service is ended or not, but never by half; sending the same
    /// event again is safe.
    ///
    /// # Errors
    /// As [`CompleteService::end`].
    pub async fn end_async(
        &self,
        id: impl Into<ServiceId>,
        body: &[u8],
        now: Timestamp,
    ) -> Result<Outcome, CompleteError<S::Error>> {
        let event = self.read(body)?;
        self.drive_async(id.into(), event, now).await.map_err(|error| error.locate(body))
    }

    /// Ends a service with an event, over an asynchronous store.
    ///
    /// # Errors
    /// As [`CompleteService::end_with`].
    pub async fn end_with_async(
        &self,
        id: impl Into<ServiceId>,
        event: ServiceEndEvent,
        now: Timestamp,
    ) -> Result<Outcome, CompleteError<S::Error>> {
        let event = self.admit(event)?;
        self.drive_async(id.into(), event, now).await
    }

    async fn drive_async(
        &self,
        id: ServiceId,
        event: ServiceEndEvent,
        now: Timestamp,
    ) -> Result<Outcome, CompleteError<S::Error>> {
        let mut machine = self.machine(id, now);
        let mut step = machine.begin(event);
        loop {
            step = match step {
                Step::Load(loading) => {
                    let service = self.storage.load(id, Want::of(&loading.keys())).await;
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
