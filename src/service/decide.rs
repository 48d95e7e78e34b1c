use super::completion::Completion;
use super::end::End;
use super::refusal::Refusal;
use super::required::missing_extensions;
use super::rules::{EndPolicy, EndRules};
use super::stored::StoredService;
use super::stored_rule::StoredRules;
use super::target::Target;
use crate::event::{AnyExtension, ServiceEndEvent};
use crate::schema::FixedField;
use crate::value::{ServiceId, Timestamp};
use crate::violation::{Collector, Pointer, Violation, ViolationKind, Violations};

/// What comes of an event that is not refused.
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub enum Decision {
    /// This is to be committed.
    Complete(Completion),
    /// The service has already ended in exactly this way: nothing changes.
    AlreadySo(End),
}

/// Decides what an event changes about a service. Pure: the same arguments give the same answer.
///
/// Of a service that has ended, the stored extensions that the event names must be there to be compared; and of any
/// service, those without which no service can end, unless the event names them. An event without a timestamp ends the
/// service now, or at its start if that lies later (chosen).
///
/// ```
/// use service_end::service::{Decision, decide};
/// use service_end::{EndRules, Schemas, ServiceEndEvent, StoredService, Timestamp, Validator};
/// let started: Timestamp = "2009-05-12T11:50:00Z".parse().unwrap();
/// let now: Timestamp = "2009-05-12T12:05:12Z".parse().unwrap();
/// let service = StoredService::new(7, 1, started);
/// let event = ServiceEndEvent::builder().disposition(10).build(&Validator::new(Schemas::new())).unwrap();
/// let Ok(Decision::Complete(completion)) = decide(7, Some(&service), event, &EndRules::new(), now) else {
///     panic!("an active service ends");
/// };
/// assert_eq!(completion.end().timestamp(), now);
/// ```
///
/// Rules of the host's own ([`StoredRule`](super::StoredRule)) are run by [`CompleteService`](crate::CompleteService).
///
/// # Errors
/// [`Refusal`], in this order: the event names another service; not found; not the service asked for; at another
/// version; already ended in another way; before the start, or without an extension that is required.
pub fn decide(
    target: impl Into<Target>,
    service: Option<&StoredService>,
    event: ServiceEndEvent,
    rules: &EndRules,
    now: Timestamp,
) -> Result<Decision, Refusal> {
    decide_by(target.into(), service, event, rules, &StoredRules::default(), now)
}

/// The same, with rules of the host's own.
pub(crate) fn decide_by(
    target: Target,
    service: Option<&StoredService>,
    event: ServiceEndEvent,
    rules: &EndRules,
    host: &StoredRules,
    now: Timestamp,
) -> Result<Decision, Refusal> {
    addresses(target.service_id, &event)?;
    let service = service.ok_or(Refusal::NotFound)?;
    if service.service_id != target.service_id {
        return Err(Refusal::WrongService { loaded: service.service_id });
    }
    // There can be as many as extensions: they are told only where they are asked for.
    let mut differences = service.end.as_ref().map(|end| differences(&event, end, service).peekable());
    let is_so = differences.as_mut().is_some_and(|differences| differences.peek().is_none());
    if let (Some(end), true) = (&service.end, is_so) {
        return Ok(Decision::AlreadySo(end.clone()));
    }
    if target.version.is_some_and(|version| version != service.version) {
        return Err(Refusal::VersionMismatch { current: service.version });
    }
    let replaces = differences.is_some();
    if let (Some(differences), EndPolicy::KeepFirst) = (differences, rules.policy) {
        // With room for all: growing would hold up to three times as much.
        let mut all = Vec::with_capacity(event.all_extensions().len() + FixedField::ALL.len());
        all.extend(differences);
        return Err(Refusal::AlreadyEnded { differences: all });
    }
    let mut found = event.asked().collector();
    let timestamp = match event.timestamp() {
        Some(timestamp) => {
            not_before_start(timestamp, service.started, rules, &mut found);
            timestamp
        }
        None => now.max(service.started),
    };
    let too_early = found.found() > 0;
    let mut faulty = missing_extensions(&event, service, &mut found);
    faulty.extend(too_early.then_some(FixedField::Timestamp.name()));
    host.run(&event, &faulty, service, &mut found).map_err(Refusal::Rule)?;
    found.finish(()).map_err(Refusal::Invalid)?;
    Ok(Decision::Complete(Completion::new(service, timestamp, event, replaces)))
}

/// Refuses an event that names another service than the one addressed. No service is looked at for that.
pub(crate) fn addresses(id: ServiceId, event: &ServiceEndEvent) -> Result<(), Refusal> {
    if event.service_id().is_none_or(|named| named == id) {
        return Ok(());
    }
    let kind = ViolationKind::ServiceIdMismatch { addressed: id };
    let pointer = Pointer::to(FixedField::ServiceId.name());
    Err(Refusal::Invalid(Violations::one(pointer, kind)))
}

/// Whether the stored extensions that the event names can make a difference to the decision.
pub(crate) fn needs_extensions(event: &ServiceEndEvent, service: &StoredService, rules: &EndRules) -> bool {
    let Some(end) = &service.end else { return false };
    // An end that is replaced anyway is compared only to tell a retry.
    let compared = rules.policy == EndPolicy::KeepFirst || field_differences(event, end).next().is_none();
    compared && event.all_extensions().len() > 0
}

/// What the event says otherwise than what is recorded, as pointers: the fixed fields, then the extensions in the order
/// of the event.
fn differences<'e>(
    event: &'e ServiceEndEvent,
    end: &'e End,
    service: &'e StoredService,
) -> impl Iterator<Item = String> + 'e {
    let others = event.all_extensions().filter(|extension| !is_stored(*extension, service));
    let pointer = |name: &str| format!("/{name}");
    let fields = field_differences(event, end).map(move |field| pointer(field.name()));
    fields.chain(others.map(move |extension| pointer(extension.name())))
}

/// The fixed fields that differ. A timestamp that is left out matches any.
fn field_differences<'e>(event: &'e ServiceEndEvent, end: &'e End) -> impl Iterator<Item = FixedField> + 'e {
    let same_time = event.timestamp().is_none_or(|timestamp| timestamp == end.timestamp());
    event.fields().differences(end.fields()).chain((!same_time).then_some(FixedField::Timestamp))
}

/// Whether an extension equals what is stored. What today's schema can't read equals nothing.
fn is_stored(extension: AnyExtension<'_>, service: &StoredService) -> bool {
    let is_equal = match extension {
        AnyExtension::Declared(declared) => service
            .read_extension(declared.schema())
            .map(|stored| stored.is_ok_and(|stored| stored == *declared)),
        AnyExtension::Open(open) => {
            service.read_open(open.key()).map(|stored| stored.is_ok_and(|stored| stored == *open))
        }
    };
    is_equal.unwrap_or_else(|| extension.is_empty())
}

fn not_before_start(timestamp: Timestamp, start: Timestamp, rules: &EndRules, found: &mut Collector) {
    let tolerance = rules.clock_tolerance;
    if timestamp < start.saturating_sub(tolerance) {
        let pointer = Pointer::to(FixedField::Timestamp.name());
        let kind = ViolationKind::EndsBeforeStart { start, tolerance };
        found.push(|| Violation::new(pointer, None, kind));
    }
}
