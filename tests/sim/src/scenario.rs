//! What is tried: who calls with which body, and what may happen meanwhile.

use service_end::service::EndPolicy;

/// A few callers and one service.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// What it is called on the command line.
    pub name: &'static str,
    /// Those who end the service.
    pub callers: Vec<Caller>,
    /// What happens to a later end.
    pub policy: EndPolicy,
    /// The survey that is stored in the beginning.
    pub stored: Option<&'static str>,
    /// How many answers can be lost, or never come, in all.
    pub losses: u8,
    /// How often a caller without an answer, or with one that says "again", sends the event again.
    pub retries: usize,
    /// How often an end is decided anew in one call.
    pub attempts: u32,
    /// Whether somebody else writes once: what he stores as the survey of the service.
    pub writer: Option<&'static str>,
    /// Whether the schemas change once.
    pub schemas_change: bool,
    /// Whether the service can't end without a survey.
    pub required: bool,
    /// Whether the store may say once that a completion is too large.
    pub too_large: bool,
    /// Those who take notices out of the store's outbox; without any, it keeps none.
    pub workers: &'static [Worker],
}

/// One who takes notices out, tells them and confirms them.
#[derive(Clone, Copy, Debug)]
pub struct Worker {
    /// Whether his lease never runs out. If not, it always has by the time that another one comes, and he can die.
    pub holds: bool,
    /// How often he takes notices.
    pub takes: u8,
}

const QUICK: Worker = Worker { holds: true, takes: 1 };
const SLOW: Worker = Worker { holds: false, takes: 1 };

/// One who ends the service.
#[derive(Clone, Copy, Debug)]
pub struct Caller {
    /// What he sends.
    pub body: &'static str,
    /// The version that the service must be at.
    pub version: Option<i64>,
}

const fn says(body: &'static str) -> Caller {
    Caller { body, version: None }
}

const TEN: Caller = says(r#"{"disposition":10}"#);
const ELEVEN: Caller = says(r#"{"disposition":11}"#);
const TEN_AT_NOON: Caller = says(r#"{"disposition":10,"timestamp":"2009-05-12T12:00:00.000Z"}"#);
const TEN_GOOD: Caller = says(r#"{"disposition":10,"Survey":[{"rating":5}]}"#);
const TEN_BAD: Caller = says(r#"{"disposition":10,"Survey":[{"rating":1}]}"#);
const TEN_CLEARS: Caller = says(r#"{"disposition":10,"Survey":[]}"#);

impl Caller {
    const fn at(self, version: i64) -> Self {
        Caller { version: Some(version), ..self }
    }
}

impl Scenario {
    fn new(name: &'static str, callers: &[Caller]) -> Self {
        Scenario {
            name,
            callers: callers.to_vec(),
            policy: EndPolicy::KeepFirst,
            stored: None,
            losses: 0,
            retries: 1,
            attempts: 2,
            writer: None,
            schemas_change: false,
            required: false,
            too_large: false,
            workers: &[],
        }
    }

    fn replacing(self) -> Self {
        Scenario { policy: EndPolicy::ReplaceEarlier, ..self }
    }

    fn losing(self, losses: u8) -> Self {
        Scenario { losses, ..self }
    }

    /// All of them, those with many states last: most faults are found in the first.
    pub fn all() -> Vec<Scenario> {
        vec![
            Scenario::new("two-alike", &[TEN, TEN]).losing(2),
            Scenario::new("two-alike-replacing", &[TEN, TEN]).losing(2).replacing(),
            Scenario::new("two-ends", &[TEN, ELEVEN]).losing(2),
            Scenario::new("two-ends-replacing", &[TEN, ELEVEN]).losing(2).replacing(),
            Scenario { workers: &[QUICK, SLOW], ..Scenario::new("notices", &[TEN, ELEVEN]).losing(1) },
            Scenario {
                workers: &[QUICK, SLOW],
                ..Scenario::new("notices-replacing", &[TEN, ELEVEN]).losing(1).replacing()
            },
            Scenario::new("with-and-without-time", &[TEN, TEN_AT_NOON]).losing(2),
            Scenario::new("three-ends", &[TEN, TEN, ELEVEN]).losing(1),
            Scenario::new("three-ends-replacing", &[TEN, TEN, ELEVEN]).losing(1).replacing(),
            Scenario {
                stored: Some(r#"[{"rating":5}]"#),
                ..Scenario::new("surveys", &[TEN_GOOD, TEN_BAD]).losing(2)
            },
            Scenario {
                stored: Some(r#"[{"rating":5}]"#),
                ..Scenario::new("surveys-replacing", &[TEN_GOOD, TEN_BAD, TEN]).losing(1).replacing()
            },
            Scenario::new("an-empty-survey", &[TEN_CLEARS, TEN]).losing(2),
            Scenario::new("at-a-version", &[TEN.at(1), ELEVEN.at(1)]).losing(2),
            Scenario::new("at-a-version-replacing", &[TEN.at(1), ELEVEN.at(2), TEN]).losing(1).replacing(),
            Scenario {
                writer: Some(r#"[{"rating":5}]"#),
                ..Scenario::new("another-writer", &[TEN_GOOD, TEN_BAD]).losing(1)
            },
            Scenario {
                schemas_change: true,
                stored: Some(r#"[{"rating":5}]"#),
                ..Scenario::new("schemas-change", &[TEN_GOOD, TEN_BAD]).losing(2)
            },
            Scenario { too_large: true, ..Scenario::new("too-large", &[TEN_GOOD, TEN]).losing(2) },
            Scenario {
                required: true,
                stored: Some(r#"[{"rating":5}]"#),
                writer: Some("[]"),
                ..Scenario::new("required", &[TEN_GOOD, TEN]).losing(2)
            },
            Scenario {
                required: true,
                writer: Some(r#"[{"rating":5}]"#),
                ..Scenario::new("required-replacing", &[TEN_CLEARS, TEN, TEN_BAD]).losing(1).replacing()
            },
            Scenario {
                required: true,
                schemas_change: true,
                writer: Some(r#"[{"rating":5}]"#),
                ..Scenario::new("required-and-schemas-change", &[TEN_GOOD, ELEVEN]).losing(1)
            },
            Scenario {
                workers: &[SLOW, SLOW],
                ..Scenario::new("notices-and-slow-workers", &[TEN_GOOD, TEN_CLEARS]).losing(1).replacing()
            },
            Scenario {
                workers: &[QUICK],
                writer: Some(r#"[{"rating":5}]"#),
                ..Scenario::new("notices-at-a-version", &[TEN.at(1), TEN_BAD.at(2)]).losing(1).replacing()
            },
            Scenario {
                workers: &[SLOW],
                schemas_change: true,
                too_large: true,
                ..Scenario::new("notices-and-schemas-change", &[TEN_GOOD, TEN]).losing(1)
            },
            Scenario {
                writer: Some(r#"[{"rating":5}]"#),
                attempts: 1,
                ..Scenario::new("another-writer-and-one-attempt", &[TEN.at(2), ELEVEN, TEN_GOOD]).losing(1)
            },
            Scenario {
                schemas_change: true,
                ..Scenario::new("schemas-change-replacing", &[TEN_GOOD, TEN_BAD, TEN]).losing(1).replacing()
            },
            Scenario {
                too_large: true,
                schemas_change: true,
                writer: Some(r#"[{"rating":1}]"#),
                ..Scenario::new("everything", &[TEN_GOOD, TEN]).losing(1)
            },
            Scenario {
                too_large: true,
                schemas_change: true,
                writer: Some(r#"[{"rating":1}]"#),
                ..Scenario::new("everything-replacing", &[TEN_GOOD, TEN_BAD]).losing(1).replacing()
            },
        ]
    }
}
