//! Random commands, on an outbox and on a model of it.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use service_end::service::Completion;
use service_end::storage::{AsyncStorage, TakenNotice};
use service_end::value::ServiceId;

use crate::bench::Bench;
use crate::cases::notice::{end_one, tells};
use crate::cases::worker::nothing;
use crate::fault::{Fault, ensure};
use crate::fixture::AsyncFixture;
use crate::generator::Generator;
use crate::known::Known;
use crate::outbox::{LONG, OutboxUnderTest};

const SEQUENCES: i64 = 8;
const COMMANDS: usize = 30;
/// The services of a sequence, beside its first id. Those of different sequences don't meet.
const SERVICES: [i64; 5] = [0, 1, 2, 3, 4];
/// A number that no store comes to.
const NEVER_GIVEN: i64 = i64::MAX;

/// A command, as it is told where it has failed.
enum Command {
    End(i64),
    Take(usize),
    Confirm(Vec<TakenNotice>),
    GiveBack(Vec<TakenNotice>),
}

impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (what, these) = match self {
            Command::End(id) => return write!(f, "end service {id}"),
            Command::Take(limit) => return write!(f, "take {limit}"),
            Command::Confirm(these) => ("confirm", these),
            Command::GiveBack(these) => ("give back", these),
        };
        let ids: Vec<_> =
            these.iter().map(|taken| format!("{} of lease {}", taken.id(), taken.lease_id)).collect();
        write!(f, "{what} {ids:?}")
    }
}

/// What an outbox must do.
#[derive(Default)]
struct Model {
    /// What is not confirmed of each service, in the order of its ends.
    waiting: BTreeMap<ServiceId, VecDeque<Waiting>>,
    /// All that was ever handed out, the first time and again.
    handed_out: Vec<TakenNotice>,
}

struct Waiting {
    completion: Completion,
    /// Its text once it was taken.
    json: Option<Arc<str>>,
    attempts: u32,
    held: Option<TakenNotice>,
}

impl Model {
    fn count(&self) -> usize {
        self.waiting.values().map(VecDeque::len).sum()
    }

    fn firsts(&self) -> impl Iterator<Item = &Waiting> {
        self.waiting.values().filter_map(VecDeque::front)
    }

    fn free(&self) -> usize {
        self.firsts().filter(|first| first.held.is_none()).count()
    }

    fn end(&mut self, completion: Completion) {
        let waiting = Waiting { completion, json: None, attempts: 0, held: None };
        self.waiting.entry(waiting.completion.service_id()).or_default().push_back(waiting);
    }

    /// Holds a notice, which must be the first of its service, held by nobody, and as it was the time before.
    fn hold(&mut self, taken: TakenNotice) -> Result<(), Fault> {
        let first = self.waiting.get_mut(&taken.service_id).and_then(VecDeque::front_mut);
        let free = first.filter(|first| first.completion.version() == taken.version && first.held.is_none());
        let free =
            free.ok_or_else(|| Fault::new("the first notice of a service, if nobody holds it", taken.id()))?;
        free.attempts += 1;
        let (attempt, attempts) = (taken.attempt, free.attempts);
        ensure(attempt == attempts, format!("attempt {attempts} of {}", taken.id()), || attempt.to_string())?;
        let another =
            |earlier: &TakenNotice| earlier.id() != taken.id() || earlier.lease_id != taken.lease_id;
        let found = || format!("lease {} again", taken.lease_id);
        ensure(self.handed_out.iter().all(another), format!("a lease of its own for {}", taken.id()), found)?;
        match &free.json {
            None => tells(&taken, &free.completion)?,
            Some(json) => ensure(*json == taken.json, "the same text each time", || "another".to_owned())?,
        }
        free.json = Some(taken.json.clone());
        free.held = Some(taken.clone());
        self.handed_out.push(taken);
        Ok(())
    }

    /// The notices of a service, if the first one is held as the caller says.
    fn held(&mut self, taken: &TakenNotice) -> Option<&mut VecDeque<Waiting>> {
        let of_service = self.waiting.get_mut(&taken.service_id)?;
        let held = of_service.front()?.held.as_ref()?;
        let is_held = (held.version, held.lease_id) == (taken.version, taken.lease_id);
        is_held.then_some(of_service)
    }

    fn confirm(&mut self, taken: &TakenNotice) -> bool {
        self.held(taken).and_then(VecDeque::pop_front).is_some()
    }

    fn give_back(&mut self, taken: &TakenNotice) -> bool {
        self.held(taken).and_then(VecDeque::front_mut).and_then(|first| first.held.take()).is_some()
    }

    /// Some that are held, some that were, some twice, and some that never were.
    fn some(&self, random: &mut Generator) -> Vec<TakenNotice> {
        let held: Vec<&TakenNotice> = self.firsts().filter_map(|first| first.held.as_ref()).collect();
        let latest: Vec<&TakenNotice> = self.handed_out.iter().rev().take(8).collect();
        let mut some = Vec::new();
        for _ in 0..=random.below(3) {
            let these = if random.one_in(2) { &latest } else { &held };
            let Some(mut one) = random.pick(these).copied().cloned() else { continue };
            match random.below(8) {
                0 => one.service_id = ServiceId(-one.service_id.0),
                1 => one.lease_id = NEVER_GIVEN,
                2 => some.push(one.clone()),
                _ => {}
            }
            some.push(one);
        }
        some
    }

    /// The next command of a sequence: at first any, in the end what tells all that waits, and then none.
    fn command(&self, random: &mut Generator, first_id: i64, done: usize) -> Option<Command> {
        let held = || self.firsts().filter_map(|first| first.held.clone()).collect();
        Some(match random.below(9) {
            _ if done >= COMMANDS && self.count() == 0 => return None,
            _ if done >= COMMANDS && self.free() > 0 => Command::Take(100),
            _ if done >= COMMANDS => Command::Confirm(held()),
            0..3 => Command::End(first_id + random.pick(&SERVICES).copied().unwrap_or(0)),
            3..5 => Command::Take(random.pick(&[0, 1, 1, 2, 100]).copied().unwrap_or(0)),
            5..7 => Command::GiveBack(self.some(random)),
            _ => Command::Confirm(self.some(random)),
        })
    }
}

/// An outbox and its model, side by side.
struct Pair<'s, S> {
    storage: &'s S,
    outbox: OutboxUnderTest<'s>,
    model: Model,
    ends: i64,
}

impl<S: AsyncStorage> Pair<'_, S> {
    async fn run(&mut self, command: &Command) -> Result<(), Fault> {
        match command {
            Command::End(id) => {
                self.ends += 1;
                self.model.end(end_one(self.storage, *id, self.ends).await?);
            }
            Command::Take(limit) => self.take(*limit).await?,
            Command::Confirm(these) => {
                let held = these.iter().filter(|taken| self.model.confirm(taken)).count();
                self.outbox.confirms(these, held).await?;
            }
            Command::GiveBack(these) => {
                let held = these.iter().filter(|taken| self.model.give_back(taken)).count();
                self.outbox.releases(these, Duration::ZERO, held).await?;
            }
        }
        self.outbox.waits(self.model.count() as u64).await
    }

    /// Takes as many as there are to take.
    async fn take(&mut self, limit: usize) -> Result<(), Fault> {
        let expected = self.model.free().min(limit);
        let mut taken = self.outbox.take(limit, LONG).await?;
        while taken.len() < expected {
            // A store may round times up.
            let more = self.outbox.take_in_time(expected - taken.len(), LONG).await?;
            ensure(!more.is_empty(), format!("{expected} notices"), || taken.len().to_string())?;
            taken.extend(more);
        }
        taken.into_iter().try_for_each(|taken| self.model.hold(taken))
    }
}

pub(crate) async fn random_commands_on_the_outbox_do_as_its_model_does<F: AsyncFixture>(
    bench: &mut Bench<F>,
) -> Result<(), Fault> {
    let mut random = bench.generator();
    let storage = &bench.fresh().await;
    let mut pair = Pair { storage, outbox: bench.outbox(storage)?, model: Model::default(), ends: 0 };
    for sequence in 1..=SEQUENCES {
        let first_id = sequence * 10;
        for service in SERVICES {
            bench.insert(storage, &Known::active(first_id + service)).await;
        }
        let mut done = Vec::new();
        while let Some(command) = pair.model.command(&mut random, first_id, done.len()) {
            let did = pair.run(&command).await;
            done.push(command);
            did.map_err(|fault| fault.after("these commands", &done))?;
        }
    }
    let left = pair.outbox.take(100, LONG).await?;
    nothing(&left, "once all are confirmed")
}
