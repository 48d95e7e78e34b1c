use std::time::Duration;

use super::completion::Completion;
use super::stored::{End, StoredService};
use crate::event::{Extension, ServiceEndEvent};
use crate::validate::read_extension;
use crate::value::{ServiceId, Timestamp};
use crate::violation::{Pointer, Violation, ViolationKind, Violations};

/// What happens to a later end of a service that has ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum EndPolicy {
    /// It is refused, unless it would change nothing.
    #[default]
    KeepFirst,
    /// It replaces the earlier end: all fixed fields and the extensions that it names.
    ReplaceEarlier,
}

/// How a host wants ends to be decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EndRules {
    /// What happens to a later end.
    pub policy: EndPolicy,
    /// How much earlier than the recorded start an end may be, for clocks that differ: one minute by default
    /// (chosen).
    pub clock_tolerance: Duration,
}

impl Default for EndRules {
    fn default() -> Self {
        EndRules { policy: EndPolicy::KeepFirst, clock_tolerance: Duration::from_secs(60) }
    }
}

/// What comes of an event that is not refused.
#[derive(Clone, Debug, PartialEq)]
pub enum Decision {
    /// This is to be committed.
    Complete(Completion),
    /// The service has ended just so: nothing changes.
    AlreadySo(End),
}

/// Why a valid event does not end a service.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// There is no such service.
    #[error("there is no such service")]
    NotFound,
    /// It has ended in another way, which is kept.
    #[error("the service has ended already, in another way")]
    AlreadyEnded,
    /// The event does not fit the service: it names another one, or ends it before its start.
    #[error("the event does not fit the service: {0}")]
    Invalid(#[source] Violations),
}

/// Decides what an event changes about a service. Pure: the same arguments give the same answer.
///
/// Of a service that has ended, the stored extensions that the event names must be there to be compared. An event
/// without a timestamp ends the service now, or at its start if that lies later (chosen).
///
/// ```
/// use service_end::{EndRules, ServiceEndEvent, StoredService, Timestamp, service::{Decision, decide}};
/// let started: Timestamp = "2009-05-12T11:50:00Z".parse().unwrap();
/// let now: Timestamp = "2009-05-12T12:05:12Z".parse().unwrap();
/// let service = StoredService::new(7, 1, started);
/// let event = ServiceEndEvent::builder().disposition(10).build().unwrap();
/// let Ok(Decision::Complete(completion)) = decide(service.service_id, Some(&service), event, &EndRules::default(), now) else {
///     panic!("an active service ends");
/// };
/// assert_eq!(completion.end().timestamp, now);
/// ```
///
/// # Errors
/// [`Refusal`], in this order: another service is named; not found; already ended in another way; before the start.
pub fn decide(
    id: ServiceId,
    service: Option<&StoredService>,
    event: ServiceEndEvent,
    rules: &EndRules,
    now: Timestamp,
) -> Result<Decision, Refusal> {
    addresses(id, &event)?;
    let service = service.ok_or(Refusal::NotFound)?;
    if let Some(end) = &service.end {
        if changes_nothing(&event, end, service) {
            return Ok(Decision::AlreadySo(end.clone()));
        }
        if rules.policy == EndPolicy::KeepFirst {
            return Err(Refusal::AlreadyEnded);
        }
    }
    let timestamp = match event.timestamp() {
        Some(timestamp) => not_before_start(timestamp, service.started, rules.clock_tolerance)?,
        None => now.max(service.started),
    };
    let replaces = service.end.is_some();
    Ok(Decision::Complete(Completion::new(service.service_id, service.version, timestamp, event, replaces)))
}

/// Refuses an event that names another service than the one addressed. No service is looked at for that.
pub(crate) fn addresses(id: ServiceId, event: &ServiceEndEvent) -> Result<(), Refusal> {
    if event.service_id().is_none_or(|named| named == id) {
        return Ok(());
    }
    Err(misfit("service_id", ViolationKind::ServiceIdMismatch { addressed: id }))
}

#[cold]
#[inline(never)]
fn misfit(field: &str, kind: ViolationKind) -> Refusal {
    Refusal::Invalid(Violations::one(Violation::new(Pointer::to(field), None, kind)))
}

/// Whether the fixed fields are those recorded, where a timestamp left out matches any.
pub(crate) fn same_fields(event: &ServiceEndEvent, end: &End) -> bool {
    event.timestamp().is_none_or(|timestamp| timestamp == end.timestamp) && event.fields() == &*end.fields
}

#[cold]
#[inline(never)]
fn changes_nothing(event: &ServiceEndEvent, end: &End, service: &StoredService) -> bool {
    same_fields(event, end) && event.extensions().iter().all(|extension| is_stored(extension, service))
}

/// Whether an extension equals what is stored. What today's schema can't read equals nothing.
fn is_stored(extension: &Extension, service: &StoredService) -> bool {
    match service.extension(extension.key()) {
        None => extension.is_empty(),
        Some(json) => read_extension(extension.schema(), json).is_some_and(|stored| stored == *extension),
    }
}

fn not_before_start(
    timestamp: Timestamp,
    start: Timestamp,
    tolerance: Duration,
) -> Result<Timestamp, Refusal> {
    if timestamp >= start.saturating_sub(tolerance) {
        return Ok(timestamp);
    }
    Err(misfit("timestamp", ViolationKind::EndsBeforeStart { start, tolerance }))
}
