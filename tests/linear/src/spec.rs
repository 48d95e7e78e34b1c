//! One caller after the other: what each is told, and what is stored then.
//!
//! What an event does is decided by [`decide`]. What a store adds to that stands here, a line or two for each clause of its
//! contract. Versions are the store's own: they are unknown until somebody sees them.

use service_end::event::AnyExtension;
use service_end::service::{Decision, decide};
use service_end::{Completion, EndPolicy, EndRules, ServiceId, StoredService, Timestamp, service::Target};
use stateright::semantics::SequentialSpec;

use crate::answer::{Answer, Seen};
use crate::call::{Call, Edition, Reading, Wanted, What};
use crate::readers::Readers;

/// A service and its schema.
#[derive(Clone, Debug)]
pub struct Spec<'h> {
    readers: &'h Readers,
    service: Option<StoredService>,
    version: Known,
    /// The versions that are known to have been.
    seen: Vec<i64>,
    schema: Registered,
}

/// What is known of the present version.
#[derive(Clone, Copy, Debug)]
enum Known {
    /// It is this one.
    Is(i64),
    /// It is one that was never seen.
    New,
    /// It is one that was never seen, or this one still.
    NewOr(i64),
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Registered {
    Never,
    Removed,
    As(Edition),
}

impl<'h> Spec<'h> {
    /// No service, and a schema that was never registered.
    pub fn new(readers: &'h Readers) -> Self {
        Spec { readers, service: None, version: Known::New, seen: Vec::new(), schema: Registered::Never }
    }

    /// Whether the version can be this one; it is, from now on.
    fn is_at(&mut self, version: i64) -> bool {
        if self.service.is_none() {
            return false;
        }
        let can_be = match self.version {
            Known::Is(known) => known == version,
            Known::New => !self.seen.contains(&version),
            Known::NewOr(known) => known == version || !self.seen.contains(&version),
        };
        if can_be && !matches!(self.version, Known::Is(_)) {
            self.version = Known::Is(version);
            self.seen.push(version);
        }
        can_be
    }

    /// Whether the version can be another one than this.
    fn is_not_at(&self, version: i64) -> bool {
        self.service.is_none() || !matches!(self.version, Known::Is(known) if known == version)
    }

    fn start(&mut self, id: i64, started: i64) -> bool {
        if self.service.is_some() {
            return false;
        }
        self.service = Some(StoredService::new(id, 0, time(started)));
        true
    }

    /// S6: exactly what is stored, of what is wanted.
    fn is_seen(&mut self, wanted: Wanted, seen: &Seen) -> bool {
        if !self.is_at(seen.version) {
            return false;
        }
        let Some(service) = &self.service else { return false };
        let expected = Seen::of(service);
        let extensions = if wanted == Wanted::Nothing { &[] } else { &*expected.extensions };
        (seen.started, &seen.end) == (expected.started, &expected.end)
            && seen.extensions.len() == extensions.len()
            && extensions.iter().zip(&seen.extensions).all(|(expected, seen)| is_same(expected, seen))
    }

    /// What the operation is told, and does.
    fn end(&mut self, call: &Call, told: Option<&Answer>) -> Answer {
        let What::End { body, reading, replaces, at, now } = &call.what else { unreachable!("{call:?}") };
        // What is told of the version is as good as having seen it.
        let version = match told {
            Some(
                Answer::Ended { version, .. } | Answer::Replaced { version, .. } | Answer::Mismatch(version),
            ) => Some(*version),
            Some(Answer::AlreadySo(_) | Answer::NotFound) => None,
            _ => *at,
        };
        if let Some(version) = version {
            if !self.is_at(version) {
                return Answer::Mismatch(version);
            }
        }
        let event = self.readers.read(body, *reading);
        let policy = if *replaces { EndPolicy::ReplaceEarlier } else { EndPolicy::KeepFirst };
        let id = ServiceId(call.service);
        let target = at.map_or_else(|| Target::from(id), |version| id.at(version));
        let decision = decide(
            target,
            self.at_its_version().as_ref(),
            event,
            &EndRules::new().with_policy(policy),
            time(*now),
        );
        match &decision {
            Ok(Decision::Complete(completion)) if !self.has_schemas_of(completion) => Answer::SchemaChanged,
            Ok(Decision::Complete(completion)) => {
                self.apply(completion);
                Answer::decided(&decision)
            }
            _ => Answer::decided(&decision),
        }
    }

    /// S1: if and only if it is at the version that the completion was decided on.
    fn commit(&mut self, call: &Call, told: Option<&Answer>) -> Answer {
        let completion = completion(self.readers, call);
        let version = completion.version().0;
        match told {
            Some(Answer::Stale) if self.is_not_at(version) => return Answer::Stale,
            // Of a completion that is stale and of an old schema, a store may tell the one or the other.
            Some(Answer::SchemaChanged) if !self.has_schemas_of(&completion) => return Answer::SchemaChanged,
            _ => {}
        }
        if !self.is_at(version) {
            return Answer::Stale;
        }
        if !self.has_schemas_of(&completion) {
            return Answer::SchemaChanged;
        }
        self.apply(&completion);
        Answer::Committed
    }

    /// S9: every extension was read with the schema that is registered, or with any if none ever was; and without one, if
    /// none is registered now.
    fn has_schemas_of(&self, completion: &Completion) -> bool {
        let is_current = |extension: AnyExtension<'_>| {
            if !extension.name().eq_ignore_ascii_case(self.readers.kept()) {
                return true;
            }
            match self.schema {
                Registered::Never => true,
                Registered::Removed => extension.schema().is_none(),
                Registered::As(edition) => extension.schema() == Some(self.readers.edition(edition)),
            }
        };
        completion.all_extensions().all(is_current)
    }

    /// S2 and S3: the end and every extension that is named; the others stay.
    fn apply(&mut self, completion: &Completion) {
        let Some(service) = &mut self.service else { unreachable!("it was decided on a service") };
        service.end = Some(completion.end().clone());
        for extension in completion.all_extensions() {
            service.remove_extension(extension.key());
            if !extension.is_empty() {
                service.insert_extension(extension.name(), extension.to_json());
            }
        }
        self.version = Known::New;
    }

    fn at_its_version(&self) -> Option<StoredService> {
        let mut service = self.service.clone()?;
        if let Known::Is(version) = self.version {
            service.version = version.into();
        }
        Some(service)
    }

    fn register(&mut self, edition: Edition) -> bool {
        let is_free = !matches!(self.schema, Registered::As(_));
        if is_free {
            self.schema = Registered::As(edition);
        }
        is_free
    }

    fn replace(&mut self, edition: Edition) -> bool {
        let is_there = matches!(self.schema, Registered::As(_));
        if is_there {
            self.schema = Registered::As(edition);
        }
        is_there
    }

    /// All records are gone with the schema, and the service may be at a new version.
    fn unregister(&mut self) -> bool {
        let is_there = matches!(self.schema, Registered::As(_));
        if is_there {
            self.schema = Registered::Removed;
            if let Some(service) = &mut self.service {
                if service.remove_extension(self.readers.kept()) {
                    self.version = match self.version {
                        Known::Is(version) => Known::NewOr(version),
                        other => other,
                    };
                }
            }
        }
        is_there
    }

    /// Does what a call asks. What it was told, if anything, says which version it saw.
    fn step(&mut self, call: &Call, told: Option<&Answer>) -> Answer {
        match &call.what {
            What::Start { started } => Answer::Done(self.start(call.service, *started)),
            What::Load(_) => Answer::loaded(self.at_its_version().as_ref()),
            What::End { .. } => self.end(call, told),
            What::Commit { .. } => self.commit(call, told),
            What::Register(edition) => Answer::Done(self.register(*edition)),
            What::Replace(edition) => Answer::Done(self.replace(*edition)),
            What::Unregister => Answer::Done(self.unregister()),
        }
    }
}

impl<'h> SequentialSpec for Spec<'h> {
    type Op = &'h Call;
    type Ret = &'h Answer;

    /// Of a call whose outcome is unknown: that it took effect, or was refused.
    fn invoke(&mut self, call: &&'h Call) -> &'h Answer {
        self.step(call, None);
        &UNKNOWN
    }

    fn is_valid_step(&mut self, call: &&'h Call, answer: &&'h Answer) -> bool {
        match (&call.what, answer) {
            (What::Load(_), Answer::Loaded(None)) => self.service.is_none(),
            (What::Load(wanted), Answer::Loaded(Some(seen))) => self.is_seen(*wanted, seen),
            // Nothing has changed. Why is not for this checker to say, which knows of no limit and counts no attempts.
            (What::End { .. } | What::Commit { .. }, Answer::TooLarge) => is_large(call),
            (What::End { .. }, Answer::Contended) => true,
            // As of a commit: the store may tell it of an end that would be refused by now.
            (What::End { body, reading, .. }, Answer::SchemaChanged) => {
                let completion = complete(self.readers, call.service, 0, body, *reading, 0);
                !self.has_schemas_of(&completion)
            }
            _ => self.step(call, Some(answer)) == **answer,
        }
    }
}

/// JSON that was written with a schema is equal by value; without one to the letter, with the name.
fn is_same((name, json): &(String, String), (seen_name, seen_json): &(String, String)) -> bool {
    let value = |json| serde_json::from_str::<serde_json::Value>(json).ok();
    let by_value = || !json.starts_with(OPEN) && value(json) == value(seen_json);
    (name == seen_name && json == seen_json) || (name.eq_ignore_ascii_case(seen_name) && by_value())
}

/// Never compared: the checker keeps the answers that it makes up apart from those that were given.
static UNKNOWN: Answer = Answer::Contended;

/// How the JSON of the extension begins where it is written without a schema.
pub(crate) const OPEN: &str = "{\"open\"";

/// Stores that know a limit take no body that is longer.
pub(crate) const LARGE: usize = 1_000_000;

fn is_large(call: &Call) -> bool {
    matches!(&call.what, What::End { body, .. } | What::Commit { body, .. } if body.len() > LARGE)
}

/// The completion of a call that commits one.
pub(crate) fn completion(readers: &Readers, call: &Call) -> Completion {
    let What::Commit { body, reading, version, now } = &call.what else { unreachable!("{call:?}") };
    complete(readers, call.service, *version, body, *reading, *now)
}

/// What ends a service of this id, were it active at this version.
fn complete(readers: &Readers, id: i64, version: i64, body: &str, reading: Reading, now: i64) -> Completion {
    let event = readers.read(body, reading);
    let service = StoredService::new(id, version, Timestamp::MIN);
    match decide(id, Some(&service), event, &EndRules::new(), time(now)) {
        Ok(Decision::Complete(completion)) => completion,
        other => panic!("an active service ends: {other:?}"),
    }
}

pub(crate) fn time(millis: i64) -> Timestamp {
    Timestamp::from_unix_millis(millis).unwrap()
}
