//! What one question costs, from its bytes to the last line of the answer: instructions and memory, and the bound on
//! both. The bound is a promise of the crate: no answer costs more than its question.

use std::hint::black_box;
use std::time::Instant;

use serde::de::IgnoredAny;
use service_end::schema::OpenNames;
use service_end::storage::{Storage as _, Want};
use service_end::{
    BusinessAttributes, CompleteError, CompleteService, EndPolicy, EndRules, MemoryStorage, Outcome, Problem,
    Schemas, ServiceEndEvent, StoredService, Timestamp, Validator,
};

use crate::heap::{Counting, measure};

/// The most instructions of an answer, in times of those that `IgnoredAny` takes on the same bytes, and on what is
/// stored before.
pub const TIMES_IGNORED: f64 = 60.0;
/// `IgnoredAny` takes about so many instructions for a byte. They stand for it where a body is not JSON: it stops at
/// the error, while a body is looked at to its end, which must be UTF-8, and to which lines and columns may be counted.
pub const INSTRUCTIONS_PER_BYTE: f64 = 12.0;
/// So many instructions are given to every question, however short.
pub const ALLOWANCE: f64 = 2_000_000.0;
/// The most instructions of a retry, in times of the first end.
pub const TIMES_FIRST: f64 = 3.0;
/// The most bytes that are held at once, in times of the body.
pub const TIMES_BODY: usize = 8;
/// So many bytes are given to every question, however short.
pub const MEMORY_ALLOWANCE: usize = 1 << 20;

const ID: i64 = 7;

/// A body, and what a host must have declared and stored for it to be a costly one.
#[derive(Clone, Debug)]
pub struct Question {
    /// The JSON text.
    pub body: Vec<u8>,
    /// Reads it, by the schemas and with the limits of a host.
    pub validator: Validator,
    /// What is stored before.
    pub stored: StoredService,
}

impl Question {
    /// A body for an active service, and schemas as JSON.
    pub fn new(schemas: &str, body: impl Into<Vec<u8>>) -> Self {
        let schemas = Schemas::from_json(schemas).expect("schemas");
        let stored = StoredService::new(ID, 0, Timestamp::MIN);
        Question { body: body.into(), validator: Validator::new(schemas), stored }
    }

    /// Whether the whole body is JSON.
    pub fn is_json(&self) -> bool {
        serde_json::from_slice::<IgnoredAny>(&self.body).is_ok()
    }

    /// The same with enumerations, as JSON.
    #[must_use]
    pub fn business(mut self, attributes: &str) -> Self {
        let attributes = BusinessAttributes::from_json(attributes).expect("business attributes");
        self.validator = self.validator.with_business_attributes(attributes);
        self
    }

    /// The same with another limit on violations.
    #[must_use]
    pub fn max_violations(mut self, violations: usize) -> Self {
        self.validator = self.validator.with_max_violations(violations);
        self
    }

    /// The same with all names open.
    #[must_use]
    pub fn open(mut self) -> Self {
        let schemas = self.validator.schemas().with_open(OpenNames::every());
        self.validator = Validator::new(schemas);
        self
    }

    /// The same with something stored.
    #[must_use]
    pub fn stored(mut self, change: impl FnOnce(StoredService) -> StoredService) -> Self {
        self.stored = change(self.stored);
        self
    }
}

/// What is counted apart, in the order in which it comes. Each is a function of its own in a profile.
pub const PARTS: [&str; 6] = [
    "counted_ignored",
    "counted_read",
    "counted_end",
    "counted_retry",
    "counted_document",
    "counted_rendering",
];

/// The instructions of each of the [`PARTS`].
#[derive(Clone, Copy, Debug, Default)]
pub struct Instructions(pub [f64; 6]);

impl Instructions {
    /// What was counted of a question.
    pub fn of(question: &Question, mut counted: [f64; 6]) -> Self {
        if !question.is_json() {
            counted[0] = counted[0].max(INSTRUCTIONS_PER_BYTE * question.body.len() as f64);
        }
        Instructions(counted)
    }

    /// All that the crate does.
    pub fn answer(&self) -> f64 {
        self.0[1..].iter().sum()
    }

    /// In times of the bound: more than 1 is too much.
    pub fn of_the_bound(&self) -> f64 {
        self.answer() / (TIMES_IGNORED * self.0[0] + ALLOWANCE)
    }

    /// In times of `IgnoredAny` on the body and what is stored before.
    pub fn times_ignored(&self) -> f64 {
        self.answer() / self.0[0]
    }

    /// The retry in times of the first end, where there was one.
    pub fn retry_times_first(&self) -> Option<f64> {
        let [_, read, end, retry, ..] = self.0;
        (end > 0.0 && retry > 0.0).then(|| retry / (read + end))
    }
}

type Operation<'s> = CompleteService<&'s MemoryStorage>;
type Error = CompleteError<std::convert::Infallible>;

/// The bytes held at most.
#[derive(Clone, Copy, Debug)]
pub struct Memory {
    /// From the first byte of the body to the end of the answer.
    pub answer: usize,
    /// The same of a retry.
    pub retry: usize,
    /// The bytes of the body, and of what is stored before.
    question: usize,
    /// The same of the retry: by then more is stored.
    again: usize,
}

impl Memory {
    /// In times of the bound: more than 1 is too much.
    pub fn of_the_bound(&self) -> f64 {
        let of_bound =
            |held: usize, bytes: usize| held as f64 / (TIMES_BODY * bytes + MEMORY_ALLOWANCE) as f64;
        of_bound(self.answer, self.question).max(of_bound(self.retry, self.again))
    }
}

/// Asks a question, and once more if the service is ended by it. Gives the seconds that each of the [`PARTS`] took.
pub fn ask(question: &Question) -> [f64; 6] {
    let Question { body, validator, stored } = question;
    let storage = MemoryStorage::new();
    assert!(storage.insert(stored.clone()));
    let operation = CompleteService::new(validator.clone(), &storage);
    let mut clock = Clock::default();
    clock.part(0, || black_box(counted_ignored(black_box(body))));
    if let Some(document) = document(stored) {
        clock.part(0, || black_box(counted_ignored(black_box(document.as_bytes()))));
    }
    if first(&operation, body, &mut clock).is_ok() {
        retry(&operation, body, &mut clock);
    }
    clock.0
}

#[derive(Debug, Default)]
struct Clock([f64; 6]);

impl Clock {
    fn part<T>(&mut self, part: usize, run: impl FnOnce() -> T) -> T {
        // The allocator puts off work on what was freed, here by making the question, until a large block is asked for.
        drop(black_box(Vec::<u8>::with_capacity(4096)));
        let start = Instant::now();
        let result = run();
        self.0[part] += start.elapsed().as_secs_f64();
        result
    }
}

/// Measures the memory of a question.
pub fn memory(heap: &Counting, question: &Question) -> Memory {
    let Question { body, validator, stored } = question;
    let storage = MemoryStorage::new();
    assert!(storage.insert(stored.clone()));
    let operation = CompleteService::new(validator.clone(), &storage);
    let mut ended = false;
    let mut clock = Clock::default();
    let peak = |ask: &mut dyn FnMut()| {
        measure(heap, |alive| {
            ask();
            alive();
        })
        .peak
    };
    let answer = peak(&mut || ended = first(&operation, body, &mut clock).is_ok());
    let retry = if ended { peak(&mut || retry(&operation, body, &mut clock)) } else { 0 };
    let ends = storage.load(ID.into(), Want::All).expect("memory does not fail").expect("it is there");
    let bytes = |stored: &StoredService| body.len() + document(stored).map_or(0, |document| document.len());
    Memory { answer, retry, question: bytes(stored), again: bytes(&ends) }
}

/// What a store holds of a service that was ended twice: of the first end one extension of each kind remains, beside which
/// it said little, or 1 MB. Gives the bytes of both.
pub fn remaining(heap: &Counting) -> [usize; 2] {
    let schema = |name| {
        format!(r#"{{"name":"{name}","type":"single-valued","attributes":[{{"name":"a","type":"string"}}]}}"#)
    };
    let schemas = Schemas::from_json(format!("[{},{}]", schema("Stays"), schema("Goes"))).expect("schemas");
    let validator = Validator::new(schemas.with_open(OpenNames::every())).with_max_open_bytes(1 << 20);
    let going = |text: &str| format!(r#""Goes":{{"a":"{text}"}},"GoesToo":"{text}""#);
    let first = |text: &str| format!(r#"{{"Stays":{{"a":"x"}},"StaysToo":"x",{}}}"#, going(text));
    [first(""), first(&"x".repeat(500_000))].map(|first| {
        measure(heap, |alive| {
            let storage = MemoryStorage::new();
            assert!(storage.insert(StoredService::new(ID, 0, Timestamp::MIN)));
            let rules = EndRules::new().with_policy(EndPolicy::ReplaceEarlier);
            let operation = CompleteService::new(validator.clone(), &storage).with_end_rules(rules);
            for body in [&first, &format!("{{{}}}", going(""))] {
                drop(operation.end(ID, body.as_bytes(), now()).expect("it is ended"));
            }
            drop(operation);
            alive();
        })
        .retained
    })
}

/// What is stored before, as text, if it is more than a service without anything.
fn document(stored: &StoredService) -> Option<String> {
    (stored.extensions().len() > 0).then(|| stored.to_json())
}

/// The first end, answered.
fn first(operation: &Operation<'_>, body: &[u8], clock: &mut Clock) -> Result<(), ()> {
    let read = clock.part(1, || counted_read(operation, body));
    let ended = read.and_then(|event| clock.part(2, || counted_end(operation, event, body)));
    answer(ended, body, clock)
}

fn retry(operation: &Operation<'_>, body: &[u8], clock: &mut Clock) {
    let again = clock.part(3, || counted_retry(operation, body));
    let _refused = answer(again, body, clock);
}

/// What a host makes of a failure: a document for the caller, and a rendering for people.
fn answer(ended: Result<Outcome, Error>, body: &[u8], clock: &mut Clock) -> Result<(), ()> {
    let error = ended.map(|outcome| drop(black_box(outcome)));
    let Err(error) = error else { return Ok(()) };
    let (problem, document) = clock.part(4, || counted_document(error, body));
    drop(black_box(document));
    drop(black_box(clock.part(5, || counted_rendering(&problem, body))));
    Err(())
}

#[inline(never)]
fn counted_ignored(body: &[u8]) -> bool {
    serde_json::from_slice::<IgnoredAny>(body).is_ok()
}

#[inline(never)]
fn counted_read(operation: &Operation<'_>, body: &[u8]) -> Result<ServiceEndEvent, Error> {
    Ok(operation.validator().read(body)?)
}

#[inline(never)]
fn counted_end(operation: &Operation<'_>, event: ServiceEndEvent, body: &[u8]) -> Result<Outcome, Error> {
    operation.end_with(ID, event, now()).map_err(|error| error.locate(body))
}

#[inline(never)]
fn counted_retry(operation: &Operation<'_>, body: &[u8]) -> Result<Outcome, Error> {
    operation.end(ID, body, now())
}

#[inline(never)]
fn counted_document(error: Error, body: &[u8]) -> (Problem, String) {
    let problem = Problem::from(error.locate(body));
    let document = serde_json::to_string(&problem).expect("a problem is JSON");
    (problem, document)
}

#[inline(never)]
fn counted_rendering(problem: &Problem, body: &[u8]) -> Option<String> {
    problem.render(body).map(|rendering| rendering.to_string())
}

fn now() -> Timestamp {
    Timestamp::from_unix_millis(1_242_129_912_145).expect("in 2009")
}
