//! The checker from outside, and what it was given.

use std::collections::BTreeMap;
use std::fmt;
use std::time::{Duration, Instant};

use stateright::semantics::{ConsistencyTester as _, LinearizabilityTester};

use crate::answer::Answer;
use crate::run::{Batch, Event};
use crate::spec::Spec;

/// What was checked.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// How many calls.
    pub operations: u64,
    /// How many histories.
    pub histories: u64,
    /// How many calls of a history overlap another one of it.
    pub overlapping: u64,
    /// How many calls there are in all histories. Those about a schema are in the history of each of its services.
    pub in_histories: u64,
    /// How many calls that could change something have an unknown outcome.
    pub unknown: u64,
    /// How many reads failed, which tells nothing.
    pub failed_reads: u64,
    /// How often each answer was given.
    pub answers: BTreeMap<&'static str, u64>,
    /// How long the checker took at most for one history.
    pub longest: Duration,
}

impl Tally {
    /// Checks the history of each service of a batch.
    ///
    /// # Errors
    /// The first history for which there is no order.
    pub fn check(&mut self, batch: &Batch<'_>) -> Result<(), String> {
        let events = batch.events();
        for event in events {
            self.operations += 1;
            match &event.answer {
                Some(answer) => *self.answers.entry(kind(answer)).or_default() += 1,
                None if event.call.writes() => self.unknown += 1,
                None => self.failed_reads += 1,
            }
        }
        let of_schema = |event: &&Event| event.call.is_about_the_schema();
        let mut services: Vec<i64> =
            events.iter().filter(|event| !of_schema(event)).map(|event| event.call.service).collect();
        services.sort_unstable();
        services.dedup();
        for service in services {
            let history: Vec<&Event> = events
                .iter()
                .filter(|event| of_schema(event) || event.call.service == service)
                .filter(|event| event.answer.is_some() || event.call.writes())
                .collect();
            self.histories += 1;
            self.in_histories += history.len() as u64;
            self.overlapping += overlapping(&history);
            let begun = Instant::now();
            let is_linearizable = is_linearizable(batch, &history);
            self.longest = self.longest.max(begun.elapsed());
            if !is_linearizable {
                return Err(shown(service, &history));
            }
        }
        Ok(())
    }
}

/// Whether there is an order.
fn is_linearizable(batch: &Batch<'_>, history: &[&Event]) -> bool {
    let mut tester = LinearizabilityTester::new(Spec::new(batch.readers()));
    // One after whose call nobody knows what came of it goes on as somebody else.
    let mut given_up: BTreeMap<usize, usize> = BTreeMap::new();
    let mut moments: Vec<(u64, bool, &Event)> = Vec::new();
    for event in history {
        moments.push((event.asked, true, event));
        moments.push((event.answered, false, event));
    }
    moments.sort_unstable_by_key(|(moment, ..)| *moment);
    for (_, asks, event) in moments {
        let lives = given_up.entry(event.caller).or_default();
        let caller = (event.caller, *lives);
        match (&event.answer, asks) {
            (_, true) => {
                tester.on_invoke(caller, &event.call).unwrap();
            }
            (Some(answer), false) => {
                tester.on_return(caller, answer).unwrap();
            }
            (None, false) => *lives += 1,
        }
    }
    tester.is_consistent()
}

fn overlapping(history: &[&Event]) -> u64 {
    let meets = |one: &Event, other: &Event| one.asked < other.answered && other.asked < one.answered;
    let is_alone = |event: &Event| history.iter().filter(|other| meets(event, other)).count() == 1;
    history.iter().filter(|event| !is_alone(event)).count() as u64
}

fn shown(service: i64, history: &[&Event]) -> String {
    let mut history = history.to_vec();
    history.sort_unstable_by_key(|event| event.asked);
    let mut lines = vec![format!("there is no order for service {service}:")];
    for Event { caller, call, asked, answered, answer } in history {
        let what = shortened(format!("{:?}", call.what));
        let told =
            answer.as_ref().map_or_else(|| "unknown".to_owned(), |told| shortened(format!("{told:?}")));
        lines.push(format!("{asked:>6} to {answered:>6}, caller {caller}: {what}\n    {told}"));
    }
    lines.join("\n")
}

fn shortened(text: String) -> String {
    if text.len() > 2_000 { text.chars().take(2_000).chain(['…']).collect() } else { text }
}

fn kind(answer: &Answer) -> &'static str {
    match answer {
        Answer::Done(true) => "done",
        Answer::Done(false) => "not done",
        Answer::Loaded(Some(_)) => "loaded",
        Answer::Loaded(None) => "loaded nothing",
        Answer::Ended { .. } => "ended",
        Answer::Replaced { .. } => "replaced",
        Answer::AlreadySo(_) => "already so",
        Answer::AlreadyEnded(_) => "already ended",
        Answer::Mismatch(_) => "version mismatch",
        Answer::NotFound => "not found",
        Answer::Invalid(_) => "invalid",
        Answer::Committed => "committed",
        Answer::Stale => "stale",
        Answer::SchemaChanged => "schema changed",
        Answer::TooLarge => "too large",
        Answer::Contended => "contended",
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Tally { operations, histories, overlapping, in_histories, unknown, failed_reads, .. } = self;
        write!(
            f,
            "{operations} operations in {histories} histories, each decided, in at most {:?}; {} % overlap another \
             one; {unknown} of unknown outcome, {failed_reads} reads without an answer;",
            self.longest,
            overlapping * 100 / in_histories.max(&1)
        )?;
        for (kind, times) in &self.answers {
            write!(f, " {kind} {times}")?;
        }
        Ok(())
    }
}
