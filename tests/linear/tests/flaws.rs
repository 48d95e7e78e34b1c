//! Every store of the conformance kit that breaks one of S1 to S4 is caught by what its callers are told.

use std::collections::BTreeSet;
use std::pin::pin;
use std::sync::{Mutex, MutexGuard};
use std::task::{Context, Poll, Waker};
use std::thread;

use service_end_conformance::{self as conformance, AsyncFixture, Clause, Fixture};
use service_end_linear::answer::Answer;
use service_end_linear::call::{Call, What};
use service_end_linear::caller::Habits;
use service_end_linear::check::Tally;
use service_end_linear::readers::Readers;
use service_end_linear::run::Batch;
use service_end_linear::store::{Store, ask, ask_async, started};

use crate::flaw::{CASES, Flaw};
use crate::plain::{InTurns, Plain, PlainFixture};

const BATCHES: u64 = 400;

const HABITS: Habits = Habits { careful: true, large: true, ..Habits::new() };

/// A store, and the fixture that can do what is not the operation's.
struct Way<'f, S>(S, &'f Mutex<PlainFixture>);

impl<S> Way<'_, S> {
    fn fixture(&self) -> MutexGuard<'_, PlainFixture> {
        self.1.lock().unwrap()
    }
}

impl Store for Way<'_, Plain> {
    fn call(&self, readers: &Readers, call: &Call) -> Option<Answer> {
        let storage = &self.0;
        match &call.what {
            What::Start { .. } => Fixture::insert(&mut *self.fixture(), storage, started(call)),
            What::Register(edition) => {
                assert!(Fixture::register(&mut *self.fixture(), storage, readers.edition(*edition)));
            }
            What::Unregister => Fixture::unregister(&mut *self.fixture(), storage, readers.kept()),
            _ => return ask(storage, readers, call),
        }
        Some(Answer::Done(true))
    }
}

/// Callers of the asynchronous store give up now and then.
impl Store for Way<'_, InTurns> {
    fn call(&self, readers: &Readers, call: &Call) -> Option<Answer> {
        let storage = &self.0;
        match &call.what {
            What::Start { .. } => now(AsyncFixture::insert(&mut *self.fixture(), storage, started(call))),
            What::Register(edition) => {
                let edition = readers.edition(*edition);
                assert!(now(AsyncFixture::register(&mut *self.fixture(), storage, edition)));
            }
            What::Unregister => {
                now(AsyncFixture::unregister(&mut *self.fixture(), storage, readers.kept()));
            }
            _ => return until_given_up(ask_async(storage, readers, call)).flatten(),
        }
        Some(Answer::Done(true))
    }
}

fn now<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("the fixture never waits"),
    }
}

/// Others come in between any two polls; one in eight futures is dropped after a few.
fn until_given_up<T>(future: impl Future<Output = T>) -> Option<T> {
    let polls = if fastrand::u8(..8) == 0 { fastrand::usize(1..6) } else { usize::MAX };
    let mut future = pin!(future);
    for _ in 0..polls {
        if let Poll::Ready(value) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return Some(value);
        }
        thread::yield_now();
    }
    None
}

/// What is wrong with the answers of a store with a flaw, in the first so many batches, and the number of that batch.
fn found(flaw: Flaw) -> Result<Tally, (u64, String)> {
    // One flaw is that of a store that can't keep these two at once.
    let readers = Readers::new("Ratings_2", "Everything");
    let mut tally = Tally::default();
    for seed in 0..BATCHES {
        let mut batch = Batch::new(&readers, HABITS, 1, seed);
        let fixture = Mutex::new(PlainFixture::new(flaw));
        let storage = Fixture::fresh(&mut *fixture.lock().unwrap());
        let other = Fixture::another(&mut *fixture.lock().unwrap(), &storage).unwrap();
        let (one, other) = (Way(storage, &fixture), Way(other, &fixture));
        batch.phase(&[&one, &other]);
        // And once more after it was closed and opened.
        let storage = Fixture::reopen(&mut *fixture.lock().unwrap(), one.0).unwrap();
        batch.phase(&[&Way(storage, &fixture)]);
        tally.check(&batch).map_err(|anomaly| (seed, anomaly))?;
        if tally.unknown + tally.failed_reads > 0 {
            return Err((seed, "nothing is wrong with the store, and it does not answer".to_owned()));
        }
    }
    Ok(tally)
}

fn found_in_turns(flaw: Flaw) -> Result<Tally, (u64, String)> {
    let readers = Readers::new("Ratings_2", "Everything");
    let mut tally = Tally::default();
    for seed in 0..BATCHES {
        let mut batch = Batch::new(&readers, Habits { large: false, ..HABITS }, 1, seed);
        let fixture = Mutex::new(PlainFixture::new(flaw));
        let storage = now(AsyncFixture::fresh(&mut *fixture.lock().unwrap()));
        batch.phase(&[&Way(storage, &fixture)]);
        tally.check(&batch).map_err(|anomaly| (seed, anomaly))?;
    }
    assert!(tally.unknown > 100, "{tally}");
    Ok(tally)
}

#[test]
fn a_store_without_a_flaw_is_linearizable() {
    println!("a plain store: {}", found(Flaw::Nothing).unwrap_or_else(|(_, anomaly)| panic!("{anomaly}")));
    let in_turns = found_in_turns(Flaw::Nothing).unwrap_or_else(|(_, anomaly)| panic!("{anomaly}"));
    println!("a plain store that callers give up: {in_turns}");
}

#[test]
fn every_flaw_against_s1_to_s4_is_caught() {
    let report = conformance::check(PlainFixture::new(Flaw::Nothing));
    let clauses = BTreeSet::from([Clause::S1, Clause::S2, Clause::S3, Clause::S4]);
    let mut missed = Vec::new();
    let mut caught = 0;
    for (case, flaws) in CASES {
        let concerned = report.case(case).unwrap().clauses().iter().any(|clause| clauses.contains(clause));
        for flaw in flaws.iter().filter(|_| concerned) {
            match found(*flaw) {
                Err((batch, anomaly)) => {
                    println!("{flaw:?}: batch {batch}: {}", anomaly.lines().next().unwrap());
                    caught += 1;
                }
                Ok(_) => missed.push(*flaw),
            }
        }
    }
    for flaw in [Flaw::HalfWhenDropped, Flaw::ChecksThenActs] {
        match found_in_turns(flaw) {
            Err((batch, anomaly)) => {
                println!("{flaw:?}, in turns: batch {batch}: {}", anomaly.lines().next().unwrap());
                caught += 1;
            }
            Ok(_) => missed.push(flaw),
        }
    }
    println!("{caught} flaws are caught");
    assert!(missed.is_empty(), "{missed:?}");
}
