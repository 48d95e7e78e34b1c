//! The operation as a pure machine: it says what to do next, and is told what came of it. Drivers do the rest.

use std::collections::HashSet;

use super::error::CompleteError;
use super::outcome::Outcome;
use crate::event::ServiceEndEvent;
use crate::service::{
    Completion, Decision, EndRules, StoredRules, StoredService, Target, addresses, decide_by,
    needs_extensions, required_keys,
};
use crate::storage::Commit;
use crate::value::Timestamp;

/// One end of one service.
#[derive(Debug)]
pub(super) struct Machine<'c> {
    target: Target,
    rules: EndRules,
    host: &'c StoredRules,
    now: Timestamp,
    max_attempts: u32,
    attempts: u32,
}

/// What is to be done next.
#[derive(Debug)]
pub(super) enum Step<E> {
    /// Load the service and go on with [`Machine::loaded`].
    Load(Loading),
    /// Commit and go on with [`Machine::committed`].
    Commit(Completion),
    /// Answer.
    Done(Result<Outcome, CompleteError<E>>),
}

/// An event that waits for the service.
#[derive(Debug)]
pub(super) struct Loading {
    event: ServiceEndEvent,
    with_extensions: bool,
}

impl Loading {
    /// The keys of the extensions to load, each once: what can be missing, what rules read, what is to be compared. `None`
    /// for all of them.
    pub(super) fn keys<'k>(&'k self, host: &'k StoredRules) -> Option<Vec<&'k str>> {
        let mut keys = required_keys(&self.event)?;
        // None of them is named by the event.
        if self.with_extensions {
            keys.extend(self.event.all_extensions().map(|extension| extension.key()));
        }
        let more: Vec<_> = host.keys().collect();
        if !more.is_empty() {
            let known: HashSet<_> = keys.iter().copied().collect();
            keys.extend(more.into_iter().filter(|key| !known.contains(key)));
        }
        Some(keys)
    }
}

impl<'c> Machine<'c> {
    pub(super) fn new(
        target: Target,
        rules: EndRules,
        host: &'c StoredRules,
        now: Timestamp,
        max_attempts: u32,
    ) -> Self {
        Machine { target, rules, host, now, max_attempts, attempts: 0 }
    }

    pub(super) fn begin<E>(&self, event: ServiceEndEvent) -> Step<E> {
        if let Err(refusal) = addresses(self.target.service_id, &event) {
            return Step::Done(Err(refusal.into()));
        }
        Step::Load(Loading { event, with_extensions: false })
    }

    pub(super) fn loaded<E>(&self, loading: Loading, service: Option<&StoredService>) -> Step<E> {
        let Loading { event, with_extensions } = loading;
        if !with_extensions && service.is_some_and(|service| needs_extensions(&event, service, &self.rules)) {
            return Step::Load(Loading { event, with_extensions: true });
        }
        match decide_by(self.target, service, event, &self.rules, self.host, self.now) {
            Ok(Decision::Complete(completion)) => Step::Commit(completion),
            Ok(Decision::AlreadySo(end)) => Step::Done(Ok(Outcome::AlreadySo(end))),
            Err(refusal) => Step::Done(Err(refusal.into())),
        }
    }

    pub(super) fn committed<E>(&mut self, completion: Completion, commit: Commit) -> Step<E> {
        self.attempts += 1;
        match commit {
            Commit::Committed if completion.replaces() => Step::Done(Ok(Outcome::Replaced(completion))),
            Commit::Committed => Step::Done(Ok(Outcome::Ended(completion))),
            Commit::TooLarge => Step::Done(Err(CompleteError::TooLargeForStorage)),
            Commit::SchemaChanged => Step::Done(Err(CompleteError::SchemaChanged)),
            Commit::Stale if self.attempts >= self.max_attempts => {
                Step::Done(Err(CompleteError::Contended { attempts: self.attempts }))
            }
            Commit::Stale => Step::Load(Loading { event: completion.into_event(), with_extensions: false }),
        }
    }
}
