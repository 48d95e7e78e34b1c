//! Callers, and what they ask at random.

use std::collections::HashMap;
use std::fmt::Write as _;

use fastrand::Rng;

use crate::answer::{Answer, Seen};
use crate::call::{Call, Edition, Reading, Wanted, What};
use crate::readers::Readers;
use crate::spec::{LARGE, OPEN};

/// What callers of a batch do.
#[derive(Clone, Copy, Debug)]
pub struct Habits {
    /// How many callers there are.
    pub callers: usize,
    /// How many services they share.
    pub services: i64,
    /// How many calls each makes in a phase.
    pub calls: usize,
    /// How often the schema may be registered, replaced or removed in a phase.
    pub schemas: usize,
    /// Whether a service is started once, and the schema changed by one caller, by whom it is registered only where it
    /// is not and removed only where it is; and it is never replaced. A fixture of the conformance kit needs that.
    pub careful: bool,
    /// Whether some bodies are beyond the limit of stores that have one.
    pub large: bool,
}

impl Habits {
    /// Three callers and four services: about a dozen calls for each service.
    pub const fn new() -> Self {
        Habits { callers: 3, services: 4, calls: 15, schemas: 4, careful: false, large: false }
    }
}

impl Default for Habits {
    fn default() -> Self {
        Habits::new()
    }
}

/// One who calls.
#[derive(Debug)]
pub(crate) struct Caller {
    number: usize,
    dice: Rng,
    /// The first service.
    first: i64,
    replaces: bool,
    /// The version of each service that he saw last.
    seen: HashMap<i64, i64>,
    /// The schema that he knows to be registered.
    registered: Option<Edition>,
    schemas: usize,
    begun: Vec<i64>,
    calls: i64,
}

/// 2009-05-12T11:50:00Z.
const STARTED: i64 = 1_242_129_000_000;
const HOUR: i64 = 3_600_000;

impl Caller {
    pub(crate) fn new(number: usize, habits: &Habits, first: i64, seed: u64) -> Self {
        let mut of_batch = Rng::with_seed(seed);
        let replaces = of_batch.bool();
        let dice = Rng::with_seed(seed ^ ((number as u64 + 1) << 48));
        let callers = i64::try_from(habits.callers).unwrap();
        let begun = (first..first + habits.services)
            .filter(|service| usize::try_from(service.rem_euclid(callers)) == Ok(number))
            .collect();
        Caller {
            number,
            dice,
            first,
            replaces,
            seen: HashMap::new(),
            registered: None,
            schemas: 0,
            begun,
            calls: 0,
        }
    }

    /// A phase begins.
    pub(crate) fn begin(&mut self, habits: &Habits) {
        self.schemas = match self.number {
            0 if habits.careful => habits.schemas,
            _ if habits.careful => 0,
            number => habits.schemas / habits.callers + usize::from(number < habits.schemas % habits.callers),
        };
    }

    /// What he asks next.
    pub(crate) fn next(&mut self, readers: &Readers, habits: &Habits) -> Call {
        self.calls += 1;
        let service = self.first + self.dice.i64(0..habits.services);
        let begins = if habits.careful { self.begun.contains(&service) } else { self.dice.u8(..3) == 0 };
        let what = if !self.seen.contains_key(&service) && begins {
            self.begun.retain(|begun| *begun != service);
            What::Start { started: STARTED }
        } else if self.schemas > 0 && self.dice.u8(..4) == 0 {
            self.schemas -= 1;
            self.schema(habits)
        } else {
            self.about(service, readers, habits)
        };
        Call { service, what }
    }

    /// What he learns from an answer.
    pub(crate) fn learn(&mut self, call: &Call, answer: Option<&Answer>) {
        let version = match answer {
            // After an end it is at another version than this one by now.
            Some(
                Answer::Loaded(Some(Seen { version, .. }))
                | Answer::Mismatch(version)
                | Answer::Ended { version, .. }
                | Answer::Replaced { version, .. },
            ) => *version,
            _ => return,
        };
        self.seen.insert(call.service, version);
    }

    fn schema(&mut self, habits: &Habits) -> What {
        let edition = if self.dice.bool() { Edition::First } else { Edition::Second };
        let registers = if habits.careful { self.registered.is_none() } else { self.dice.u8(..5) < 2 };
        self.registered = registers.then_some(edition);
        if registers {
            What::Register(edition)
        } else if habits.careful || self.dice.bool() {
            What::Unregister
        } else {
            What::Replace(edition)
        }
    }

    fn about(&mut self, service: i64, readers: &Readers, habits: &Habits) -> What {
        let reading = match self.dice.u8(..8) {
            0 => Reading::Open,
            1 | 2 => Reading::With(Edition::Second),
            _ => Reading::With(Edition::First),
        };
        let now = STARTED + HOUR + 1_000 * self.calls + i64::try_from(self.number).unwrap();
        let seen = self.seen.get(&service).copied();
        match self.dice.u8(..16) {
            0 => What::Load(Wanted::Nothing),
            1 | 2 => What::Load(Wanted::Named),
            3..=5 => What::Load(Wanted::All),
            6..=8 => {
                // That of no service, or one that the service never had, now and then.
                let version = match (seen, self.dice.u8(..8)) {
                    (Some(seen), 0) => seen + 1,
                    (Some(seen), _) => seen,
                    (None, _) => self.dice.i64(0..3),
                };
                What::Commit { body: self.body(reading, readers, habits), reading, version, now }
            }
            _ => {
                let at = seen.filter(|_| self.dice.u8(..3) == 0);
                let replaces = self.replaces;
                What::End { body: self.body(reading, readers, habits), reading, replaces, at, now }
            }
        }
    }

    /// One of few that say the same, and of many in all.
    fn body(&mut self, reading: Reading, readers: &Readers, habits: &Habits) -> String {
        let token = self.dice.u8(1..4);
        let mut members = Vec::new();
        if self.dice.bool() {
            members.push(format!(r#""resource_id":{token}"#));
        }
        if self.dice.u8(..3) == 0 {
            members.push(format!(r#""session_id":"of {token}""#));
        }
        match self.dice.u8(..24) {
            0..4 => members.push(format!(r#""timestamp":"2009-05-12T12:0{token}:00.000Z""#)),
            // Before the start.
            4 => members.push(r#""timestamp":"2009-05-12T09:00:00.000Z""#.to_owned()),
            _ => {}
        }
        let kept = (self.dice.u8(..5) < 3).then(|| self.kept(reading, readers, token));
        let other = self.dice.bool().then(|| self.other(readers, habits, token));
        let extensions = if self.dice.bool() { [kept, other] } else { [other, kept] };
        members.extend(extensions.into_iter().flatten());
        format!("{{{}}}", members.join(","))
    }

    fn kept(&mut self, reading: Reading, readers: &Readers, token: u8) -> String {
        let name = readers.kept();
        match (reading, self.dice.u8(..6)) {
            (_, 0) => format!(r#""{name}":[]"#),
            (Reading::Open, 1) => format!(r#""{}":{OPEN}:1.0e1,"b":{token},"a":[]}}"#, name.to_uppercase()),
            (Reading::Open, 2) => format!(r#""{name}":{OPEN}:{token}}}"#),
            (Reading::With(Edition::Second), 1 | 2) => {
                format!(r#""{name}":[{{"rating":{token},"comment":"of {token}"}}]"#)
            }
            (_, 3) => format!(r#""{name}":[{{"rating":{token}}},{{"rating":9}},{{"rating":{token}}}]"#),
            _ => format!(r#""{name}":[{{"rating":{token}}}]"#),
        }
    }

    fn other(&mut self, readers: &Readers, habits: &Habits, token: u8) -> String {
        let name = readers.other();
        let mut text = format!(r#""{name}":"#);
        match self.dice.u8(..12) {
            0 | 1 => text.push_str("[]"),
            2 if habits.large => {
                write!(text, r#"[{{"token":{token},"text":"{}"}}]"#, "x".repeat(LARGE)).unwrap();
            }
            2..=4 => write!(text, r#"[{{"token":{token}}},{{"text":"of {token}"}}]"#).unwrap(),
            _ => write!(text, r#"[{{"token":{token}}}]"#).unwrap(),
        }
        text
    }
}
