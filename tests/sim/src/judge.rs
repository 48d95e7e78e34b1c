//! What is true of every run: each end takes effect once, and no answer lies.
//!
//! What a body means is worked out here once more, over `serde_json::Value`, so that the crate is not judged by itself.

use serde_json::Value;
use service_end::service::{EndPolicy, Refusal};
use service_end::{CompleteError, Completion, Outcome, StoredService, Timestamp};

use crate::run::{Call, Run, Seen, Told, now};
use crate::scenario::Caller;
use crate::world::{CallId, SURVEY, Write, started, timestamp};

/// Judges a call whose answer, or whose effect, has just come.
///
/// # Errors
/// What is wrong, in words.
pub(crate) fn judge(run: &Run<'_>, by: CallId) -> Result<(), String> {
    let judged = Judged::new(run, by);
    let found = judged.effects().and_then(|()| judged.requests()).and_then(|()| judged.answer());
    found.map_err(|found| format!("call {} of caller {}: {found}", by.call, by.caller))
}

struct Judged<'r> {
    run: &'r Run<'r>,
    by: CallId,
    said: Caller,
    call: &'r Call,
    body: Value,
}

impl<'r> Judged<'r> {
    fn new(run: &'r Run<'r>, by: CallId) -> Self {
        let said = run.scenario.callers.get(by.caller).unwrap_or_else(|| unreachable!("{by:?}"));
        let call = run.callers.get(by.caller).and_then(|caller| caller.calls.get(by.call));
        let call = call.unwrap_or_else(|| unreachable!("{by:?}"));
        let body = serde_json::from_str(said.body).unwrap_or_else(|error| unreachable!("{error}"));
        Judged { run, by, said: *said, call, body }
    }

    /// What of the call, and of its caller, took effect.
    fn effects(&self) -> Result<(), String> {
        let mut ended_by = None;
        let mut of_this_call = 0;
        for (write, before) in self.run.world.writes.iter().zip(&self.run.world.states) {
            let Write::End(by, completion) = write else {
                ended_by = None;
                continue;
            };
            if before.end.is_some() {
                says(self.run.scenario.policy == EndPolicy::ReplaceEarlier, "an earlier end was replaced")?;
                says(ended_by != Some(by.caller), "one event took effect twice, with nothing in between")?;
            }
            ended_by = Some(by.caller);
            if *by == self.by {
                of_this_call += 1;
                self.fits(completion)?;
                let required = self.run.scenario.required;
                says(!required || self.has_what_is_required(before), "it ended without a survey")?;
            }
        }
        says(of_this_call <= 1, "one call took effect twice")
    }

    /// Whether a completion says what the body says.
    fn fits(&self, completion: &Completion) -> Result<(), String> {
        let time = self.time().unwrap_or_else(|| now(self.by).max(started()));
        let end = completion.end();
        says(end.timestamp() == time, "the recorded time is another")?;
        let end: Value = from_json(&end.to_json());
        says(end.get("disposition") == self.body.get("disposition"), "the recorded disposition is another")?;
        let survey = completion.extensions().iter().map(|extension| from_json(&extension.to_json())).next();
        says(survey.as_ref() == self.body.get(SURVEY), "the recorded survey is another")?;
        let demanded = self.said.version.is_none_or(|version| completion.version().0 == version);
        says(demanded, "it was decided at another version than demanded")
    }

    /// Whether a service can end with what the body says and what is stored.
    fn has_what_is_required(&self, state: &StoredService) -> bool {
        let has_records = |survey: &Value| survey.as_array().is_some_and(|records| !records.is_empty());
        match self.body.get(SURVEY) {
            Some(survey) => has_records(survey),
            None => state.extension(SURVEY).is_some(),
        }
    }

    /// How often the store was asked.
    fn requests(&self) -> Result<(), String> {
        let (mut loads, mut commits) = (0, 0);
        for seen in &self.call.seen {
            match seen {
                Seen::Loaded(_) | Seen::LoadLost => loads += 1,
                _ => (loads, commits) = (0, commits + 1),
            }
            says(loads <= 2, "more than two loads for one decision")?;
        }
        says(commits <= self.run.scenario.attempts, "more commits than allowed")
    }

    fn answer(&self) -> Result<(), String> {
        let Some(Told::Answer(answer)) = &self.call.told else { return Ok(()) };
        let own = self.own_effect();
        match answer {
            Ok(Outcome::Ended(told)) => {
                let Some((before, completion)) = own else { return lie("told of an end that is not there") };
                says(before.end.is_none(), "told of an end, but replaced one")?;
                says(told == completion, "told of another completion than was applied")
            }
            Ok(Outcome::Replaced(told)) => {
                let Some((before, completion)) = own else { return lie("told of an end that is not there") };
                says(before.end.is_some(), "told of a replacement, but there was no end before")?;
                says(told == completion, "told of another completion than was applied")
            }
            Err(CompleteError::Storage(_)) => {
                let lost = |seen: &Seen| matches!(seen, Seen::LoadLost | Seen::CommitLost);
                says(self.call.seen.last().is_some_and(lost), "told of a lost answer, but none was lost")
            }
            _ if own.is_some() => lie("told that this call changed nothing, but it did"),
            Ok(Outcome::AlreadySo(end)) => {
                let is_so = |state: &StoredService| {
                    state.end.as_ref() == Some(end)
                        && self.differences(state).is_some_and(|list| list.is_empty())
                };
                says(self.states().any(is_so), "told that it had ended just so, but it never had")
            }
            Err(CompleteError::Refused(Refusal::AlreadyEnded { differences, .. })) => {
                says(self.run.scenario.policy == EndPolicy::KeepFirst, "earlier ends are replaced here")?;
                let is_so = |state: &StoredService| self.differences(state).as_ref() == Some(differences);
                says(self.states().any(is_so), "told that it had ended in another way, but it never had")
            }
            Err(CompleteError::Refused(Refusal::VersionMismatch { current, .. })) => {
                says(
                    self.said.version.is_some_and(|version| version != current.0),
                    "no such version was demanded",
                )?;
                let is_so = |state: &StoredService| {
                    state.version == *current && self.differences(state).is_none_or(|list| !list.is_empty())
                };
                says(self.states().any(is_so), "told of a version that it never had, or of an end just so")
            }
            Err(CompleteError::Refused(Refusal::Invalid(violations))) => {
                let told: Vec<_> =
                    violations.iter().map(|found| (found.pointer(), found.code().as_str())).collect();
                says(told == [("/Survey", "missing_extension")], "told of something else that is missing")?;
                let lacks = |state: &StoredService| !self.has_what_is_required(state);
                says(self.run.scenario.required && self.states().any(lacks), "told that it lacks what it has")
            }
            Err(CompleteError::Contended { attempts, .. }) => {
                says(*attempts == self.run.scenario.attempts, "gave up before its time")?;
                let others = self.run.world.writes.len() - self.call.from;
                says(others >= *attempts as usize, "told of other writers, but there were none")
            }
            Err(CompleteError::SchemaChanged) => {
                let changed = self.run.world.schemas_changed && !self.call.schemas_changed;
                says(
                    changed && self.body.get(SURVEY).is_some(),
                    "told that the schemas had changed, but they had not",
                )
            }
            Err(CompleteError::TooLargeForStorage) => says(
                self.call.seen.last() == Some(&Seen::TooLarge),
                "told of a completion too large, but none was",
            ),
            Err(other) => lie(&format!("never to be told here: {other}")),
        }
    }

    /// What the call did to the service, and how the service was before.
    fn own_effect(&self) -> Option<(&StoredService, &Completion)> {
        let world = &self.run.world;
        let mut effects = world.states.iter().zip(&world.writes);
        effects.find_map(|(before, write)| match write {
            Write::End(by, completion) if *by == self.by => Some((before, completion)),
            _ => None,
        })
    }

    /// The states that the service had during the call.
    fn states(&self) -> impl Iterator<Item = &StoredService> {
        self.run.world.states.iter().skip(self.call.from)
    }

    /// What the body says otherwise than what is recorded; `None` if the service is active.
    fn differences(&self, state: &StoredService) -> Option<Vec<String>> {
        let end = state.end.as_ref()?;
        let recorded: Value = from_json(&end.to_json());
        let nothing = Value::Array(Vec::new());
        let survey = state.extension(SURVEY).map_or_else(|| nothing.clone(), from_json);
        let mut differences = Vec::new();
        if recorded.get("disposition") != self.body.get("disposition") {
            differences.push("/disposition".to_owned());
        }
        if self.time().is_some_and(|time| time != end.timestamp()) {
            differences.push("/timestamp".to_owned());
        }
        if self.body.get(SURVEY).is_some_and(|said| *said != survey) {
            differences.push(format!("/{SURVEY}"));
        }
        Some(differences)
    }

    /// The time that the body names.
    fn time(&self) -> Option<Timestamp> {
        self.body.get("timestamp").and_then(Value::as_str).map(timestamp)
    }
}

fn from_json(json: &str) -> Value {
    serde_json::from_str(json).unwrap_or_else(|error| unreachable!("the crate writes JSON: {error}"))
}

fn says(holds: bool, otherwise: &str) -> Result<(), String> {
    if holds { Ok(()) } else { lie(otherwise) }
}

fn lie(words: &str) -> Result<(), String> {
    Err(words.to_owned())
}
