//! The operation over a store: what the caller is told, and what becomes of stale commits and failing stores.

use std::collections::VecDeque;
use std::error::Error as _;
use std::io;
use std::sync::Mutex;

use service_end::storage::{AnyError, AnyStorage};
use service_end::{
    CompleteError, CompleteService, Completion, EndPolicy, EndRules, Extension, MemoryStorage, Outcome,
    Problem, Schemas, ServiceEndEvent, ServiceId, Storage, StoredService, Validator,
    event::BusinessValue,
    service::Refusal,
    storage::{Commit, Want},
};

use crate::stage::{
    ID, NOW, active, at, document, end, end_at, ended_by, ended_document, operation, schemas, store_with,
    stored, told, validator,
};

/// A store over memory that does at each commit what a script says, and remembers what was asked of it.
struct Scripted {
    memory: MemoryStorage,
    script: Mutex<VecDeque<Turn>>,
    asked: Mutex<Vec<String>>,
}

/// What happens at one commit. At the end of the script, memory commits.
enum Turn {
    /// The store says that the service has changed.
    Stale,
    /// Before the commit, someone else ends the service so.
    Another(&'static str),
    /// Before the commit, someone else removes the service.
    Removed,
    /// The store can never take it.
    TooLarge,
    /// The commit is made, but the answer is lost.
    Lost,
    /// The connection fails before anything happens.
    Away,
    /// The connection fails at the load that follows the next stale answer.
    StaleThenAway,
}

impl Scripted {
    fn new(script: impl IntoIterator<Item = Turn>) -> Self {
        Scripted {
            memory: store_with(active()),
            script: Mutex::new(script.into_iter().collect()),
            asked: Mutex::default(),
        }
    }

    fn note(&self, asked: impl Into<String>) {
        self.asked.lock().unwrap().push(asked.into());
    }

    /// What was asked of the store since the last time.
    fn asked(&self) -> String {
        std::mem::take(&mut *self.asked.lock().unwrap()).join(", ")
    }

    fn next_turn(&self) -> Option<Turn> {
        self.script.lock().unwrap().pop_front()
    }
}

fn away() -> io::Error {
    io::Error::new(io::ErrorKind::ConnectionReset, "the line to 10.0.0.7 is dead")
}

impl Storage for Scripted {
    type Error = io::Error;

    fn load(&self, id: ServiceId, want: Want<'_>) -> Result<Option<StoredService>, io::Error> {
        self.note(match want {
            Want::Nothing => "load".to_owned(),
            Want::Named(keys) => format!("load {}", keys.join(" ")),
            Want::All => "load all".to_owned(),
        });
        let gone = matches!(self.script.lock().unwrap().front(), Some(Turn::Away));
        if gone { Err(away()) } else { Ok(self.memory.load(id, want).unwrap()) }
    }

    fn commit(&self, completion: &Completion) -> Result<Commit, io::Error> {
        self.note("commit");
        match self.next_turn() {
            Some(Turn::Stale) => return Ok(Commit::Stale),
            Some(Turn::StaleThenAway) => {
                self.script.lock().unwrap().push_front(Turn::Away);
                return Ok(Commit::Stale);
            }
            Some(Turn::TooLarge) => return Ok(Commit::TooLarge),
            Some(Turn::Away) => return Err(away()),
            Some(Turn::Lost) => {
                assert_eq!(self.memory.commit(completion).unwrap(), Commit::Committed);
                return Err(away());
            }
            Some(Turn::Removed) => assert!(self.memory.remove(ServiceId(ID))),
            Some(Turn::Another(body)) => {
                let other = CompleteService::new(validator(), &self.memory)
                    .with_end_rules(EndRules::new().with_policy(EndPolicy::ReplaceEarlier));
                assert!(["ended", "replaced"].contains(&&*end(&other, body)), "{body}");
            }
            None => {}
        }
        Ok(self.memory.commit(completion).unwrap())
    }
}

fn scripted(script: impl IntoIterator<Item = Turn>) -> CompleteService<Scripted> {
    CompleteService::new(validator(), Scripted::new(script))
}

const BODY: &str = r#"{ "disposition": 10, "Feedback": { "rating": 7, "notes": null }, "Satisfaction": [ { "rating": 1 } ] }"#;

/// The document of the service, ended with [`BODY`].
fn ended_with_body() -> String {
    ended_document(
        r#""disposition":10"#,
        r#""Feedback":{"rating":7},"Satisfaction":[{"rating":1,"place":"unknown"}]"#,
    )
}

#[test]
fn the_caller_learns_whether_this_call_ended_the_service() {
    let operation = operation();
    let first = operation.end(ID, BODY.as_bytes(), at(NOW)).unwrap();
    let Outcome::Ended(completion) = &first else { panic!("{first:?}") };
    assert_eq!((completion.service_id(), completion.replaces()), (ServiceId(ID), false));
    assert_eq!(completion.extensions().len(), 2);

    let again = operation.end(ID, BODY.as_bytes(), at("2010-01-01T00:00:00Z")).unwrap();
    let Outcome::AlreadySo(end) = &again else { panic!("{again:?}") };
    assert_eq!(Some(end), stored(operation.storage()).end.as_ref());

    let replacing = operation.with_end_rules(EndRules::new().with_policy(EndPolicy::ReplaceEarlier));
    let later = replacing.end(ID, br#"{ "disposition": 11 }"#, at(NOW)).unwrap();
    let Outcome::Replaced(completion) = &later else { panic!("{later:?}") };
    assert_eq!((completion.replaces(), completion.extensions().len()), (true, 0));

    let recorded =
        |outcome: &Outcome| (outcome.end().timestamp(), outcome.end().fields().disposition.clone());
    for (outcome, disposition) in [(first, 10), (again, 10), (later, 11)] {
        assert_eq!(recorded(&outcome), (at(NOW), Some(BusinessValue::Id(disposition))));
    }
}

#[test]
fn an_operation_tells_its_rules_and_a_completion_its_extensions_in_any_case() {
    let rules = EndRules::new().with_policy(EndPolicy::ReplaceEarlier);
    let validator = Validator::new(schemas().with_open("Case".parse().unwrap()));
    let operation = CompleteService::new(validator, store_with(active())).with_end_rules(rules);
    assert_eq!(operation.end_rules(), &rules);
    let body = br#"{ "Feedback": { "rating": 7 }, "cAse": 1 }"#;
    let Ok(Outcome::Ended(completion)) = operation.end(ID, body, at(NOW)) else { panic!("it ends") };
    assert_eq!(completion.extension("FEEDBACK").map(Extension::name), Some("Feedback"));
    assert_eq!(completion.open_extension("CASE").map(|open| (open.name(), open.json())), Some(("cAse", "1")));
    assert!(completion.extension("Case").is_none() && completion.open_extension("Feedback").is_none());
}

#[test]
fn nothing_is_asked_of_the_store_for_a_body_that_is_refused_by_itself() {
    let operation = scripted([]);
    for body in ["", "[]", r#"{ "disposition": true }"#, r#"{ "service_id": 1 }"#] {
        assert!(operation.end(ID, body.as_bytes(), at(NOW)).is_err());
        assert_eq!(operation.storage().asked(), "", "{body}");
    }
}

#[test]
fn no_extension_is_loaded_but_those_that_an_event_for_an_ended_service_names() {
    let operation = scripted([]);
    let cases = [
        (BODY, "ended", "load, commit"),
        (BODY, "already so", "load, load feedback satisfaction"),
        (r#"{ "disposition": 10 }"#, "already so", "load"),
        (r#"{ "disposition": 10, "SATISFACTION": [] }"#, "service_already_ended", "load, load satisfaction"),
        // All that differs is told.
        (r#"{ "disposition": 11, "Feedback": {} }"#, "service_already_ended", "load, load feedback"),
    ];
    for (body, expected, asked) in cases {
        assert_eq!(end(&operation, body), expected, "{body}");
        assert_eq!(operation.storage().asked(), asked, "{body}");
    }
    // An end that is replaced is compared only where it may be a retry.
    let replacing = operation.with_end_rules(EndRules::new().with_policy(EndPolicy::ReplaceEarlier));
    let other = r#"{ "disposition": 11, "Feedback": {} }"#;
    for (expected, asked) in [("replaced", "load, commit"), ("already so", "load, load feedback")] {
        assert_eq!(end(&replacing, other), expected);
        assert_eq!(replacing.storage().asked(), asked);
    }
}

#[test]
fn a_stale_commit_is_decided_and_made_anew_with_the_same_event() {
    for stale in [1, 3, 9] {
        let operation = scripted((0..stale).map(|_| Turn::Stale));
        assert_eq!(end(&operation, BODY), "ended", "{stale}");
        assert_eq!(operation.storage().asked(), vec!["load, commit"; stale + 1].join(", "));
        assert_eq!(document(&operation.storage().memory), ended_with_body(), "nothing is lost on the way");
    }
}

#[test]
fn who_loses_against_another_end_is_told_so() {
    let same = "already so";
    let cases = [
        (BODY, same),
        (
            r#"{ "disposition": 10, "Satisfaction": [ { "rating": 1 } ], "Feedback": { "rating": 7, "notes": null } }"#,
            same,
        ),
        (r#"{ "disposition": 11 }"#, "service_already_ended"),
        (r#"{ "disposition": 10 }"#, "service_already_ended"),
        (r#"{ "disposition": 10, "Feedback": { "rating": 7 } }"#, "service_already_ended"),
    ];
    for (another, expected) in cases {
        let operation = scripted([Turn::Another(another)]);
        assert_eq!(end(&operation, BODY), expected, "{another}");
        let other = ended_by(another);
        let kept: serde_json::Value = serde_json::from_str(&document(&operation.storage().memory)).unwrap();
        let expected: serde_json::Value = serde_json::from_str(&document(other.storage())).unwrap();
        assert_eq!(kept, expected, "the other end is kept: {another}");
    }
    let replacing = scripted([Turn::Another(r#"{ "disposition": 11, "session_id": "s" }"#)])
        .with_end_rules(EndRules::new().with_policy(EndPolicy::ReplaceEarlier));
    assert_eq!(end(&replacing, BODY), "replaced");
    assert_eq!(document(&replacing.storage().memory), ended_with_body());
    assert_eq!(end(&scripted([Turn::Stale, Turn::Removed]), BODY), "service_not_found");
}

#[test]
fn a_timestamp_left_out_stays_left_out_when_it_is_decided_anew() {
    let earlier = r#"{ "timestamp": "2009-05-12T12:00:00Z", "disposition": 10 }"#;
    let left_out = scripted([Turn::Another(earlier)]);
    assert_eq!(end(&left_out, r#"{ "disposition": 10 }"#), "already so");
    let given = scripted([Turn::Another(earlier)]);
    assert_eq!(
        end(&given, &format!(r#"{{ "disposition": 10, "timestamp": "{NOW}" }}"#)),
        "service_already_ended"
    );
}

#[test]
fn when_other_writers_keep_winning_the_operation_gives_up() {
    for (limit, attempts) in [(0, 1), (1, 1), (2, 2), (25, 25)] {
        let operation = scripted((0..100).map(|_| Turn::Stale)).with_max_attempts(limit);
        let answer = operation.end(ID, BODY.as_bytes(), at(NOW));
        assert!(
            matches!(answer, Err(CompleteError::Contended { attempts: told, .. }) if told == attempts),
            "{answer:?}"
        );
        assert_eq!(operation.storage().asked().matches("commit").count(), attempts as usize);
        assert!(stored(&operation.storage().memory).end.is_none());
    }
    let operation = scripted((0..100).map(|_| Turn::Stale));
    assert_eq!(end(&operation, BODY), "contended");
    let attempts = operation.storage().asked().matches("commit").count();
    assert_eq!(attempts, CompleteService::<Scripted>::DEFAULT_MAX_ATTEMPTS as usize, "by default");
    assert_eq!(attempts, operation.max_attempts() as usize);
    // The same at once by other ends, each replacing the one before.
    let ends = [r#"{ "disposition": 1 }"#, r#"{ "disposition": 2 }"#]
        .into_iter()
        .cycle()
        .take(10)
        .map(Turn::Another);
    let operation = scripted(ends).with_end_rules(EndRules::new().with_policy(EndPolicy::ReplaceEarlier));
    assert_eq!(end(&operation, BODY), "contended");
}

#[test]
fn s7_a_completion_that_the_store_can_never_take_is_an_answer_of_its_own() {
    for script in [vec![Turn::TooLarge], vec![Turn::Stale, Turn::TooLarge]] {
        let commits = script.len();
        let operation = scripted(script);
        assert_eq!(end(&operation, BODY), "too_large_for_storage");
        assert_eq!(operation.storage().asked().matches("commit").count(), commits, "it is not tried again");
        assert!(stored(&operation.storage().memory).end.is_none());
    }
}

#[test]
fn s7_an_error_of_the_store_keeps_its_source_and_stands_for_no_answer() {
    for script in [vec![Turn::Away], vec![Turn::Lost], vec![Turn::StaleThenAway]] {
        let operation = scripted(script);
        let error = operation.end(ID, BODY.as_bytes(), at(NOW)).unwrap_err();
        let source = error.source().and_then(|source| source.downcast_ref::<io::Error>()).unwrap();
        assert_eq!(source.kind(), io::ErrorKind::ConnectionReset);
        assert_eq!(told::<io::Error>(&Err(error)), "storage_unavailable");
    }
}

#[test]
fn s7_an_error_keeps_its_source_behind_a_trait_object() {
    let operation = CompleteService::new(validator(), AnyStorage::new(Scripted::new([Turn::Away])));
    let error = operation.end(ID, BODY.as_bytes(), at(NOW)).unwrap_err();
    let source = error.source().and_then(|source| source.downcast_ref::<AnyError>()).unwrap();
    assert!(source.get().is::<io::Error>());
    assert_eq!(source.to_string(), away().to_string());
    assert_eq!(format!("{source:?}"), format!("{:?}", source.get()));
    // What is behind the store's own error is behind this one.
    let operation = CompleteService::new(validator(), AnyStorage::new(Deep));
    let error = operation.end(ID, BODY.as_bytes(), at(NOW)).unwrap_err();
    let source = error.source().and_then(|source| source.downcast_ref::<AnyError>()).unwrap();
    assert_eq!(source.source().map(ToString::to_string), Some("the cause".to_owned()));
}

/// A store whose error has a source.
struct Deep;

#[derive(Debug)]
struct DeepError(io::Error);

impl std::fmt::Display for DeepError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the store failed")
    }
}

impl std::error::Error for DeepError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0)
    }
}

impl Storage for Deep {
    type Error = DeepError;

    fn load(&self, _: ServiceId, _: Want<'_>) -> Result<Option<StoredService>, DeepError> {
        Err(DeepError(io::Error::other("the cause")))
    }

    fn commit(&self, _: &Completion) -> Result<Commit, DeepError> {
        Err(DeepError(io::Error::other("the cause")))
    }
}

#[test]
fn what_is_wanted_is_told_in_any_case() {
    for (want, note, other) in [
        (Want::Nothing, false, false),
        (Want::Named(&[]), false, false),
        (Want::Named(&["note"]), true, false),
        (Want::Named(&["Else", "NOTE"]), true, false),
        (Want::All, true, true),
    ] {
        let is_wanted = want.filter();
        for key in ["note", "NOTE", "nOtE"] {
            assert_eq!((is_wanted(key), want.includes(key)), (note, note), "{want:?} {key}");
        }
        assert_eq!((is_wanted("other"), want.includes("other")), (other, other), "{want:?}");
    }
}

#[test]
fn a_failed_commit_is_not_tried_again_and_sending_the_same_event_again_is_safe() {
    for (turn, then) in [(Turn::Lost, "already so"), (Turn::StaleThenAway, "ended")] {
        let operation = scripted([turn]);
        assert_eq!(end(&operation, BODY), "storage_unavailable");
        assert_eq!(operation.storage().asked().matches("commit").count(), 1);
        operation.storage().script.lock().unwrap().clear();
        assert_eq!(end_at(&operation, BODY, NOW), then);
        assert_eq!(end_at(&operation, BODY, "2010-01-01T00:00:00Z"), "already so");
        assert_eq!(document(&operation.storage().memory), ended_with_body());
    }
    let away = scripted([Turn::Away]);
    assert_eq!(end(&away, BODY), "storage_unavailable");
    assert_eq!(away.storage().asked(), "load", "nor is a failed load");
}

#[test]
fn an_event_ends_a_service_as_its_body_does() {
    let event = validator().read(BODY.as_bytes()).unwrap();
    let operation = operation();
    assert_eq!(told(&operation.end_with(ID, event.clone(), at(NOW))), "ended");
    assert_eq!(document(operation.storage()), ended_with_body());
    assert_eq!(told(&operation.end_with(ID, event.clone(), at(NOW))), "already so");
    assert_eq!(end(&operation, BODY), "already so");

    let feedback = Extension::builder(schemas().get("Feedback").unwrap());
    let feedback = feedback
        .record(|record| {
            record.set_null("notes").set("rating", 7);
        })
        .build()
        .unwrap();
    let satisfaction = Extension::builder(schemas().get("Satisfaction").unwrap());
    let satisfaction = satisfaction
        .record(|record| {
            record.set("rating", 1);
        })
        .build()
        .unwrap();
    let made = ServiceEndEvent::builder()
        .extension(satisfaction)
        .disposition(10)
        .extension(feedback)
        .build(&validator());
    assert_eq!(told(&operation.end_with(ID, made.unwrap(), at(NOW))), "already so");
}

#[test]
fn an_event_is_checked_against_the_declarations_of_the_operation() {
    let event = validator().read(BODY.as_bytes()).unwrap();
    let anew = Schemas::from_json(
        r#"[ { "name": "Feedback", "type": "single-valued", "attributes": [ { "name": "rating", "type": "date" } ] } ]"#,
    );
    let operation = CompleteService::new(Validator::new(anew.unwrap()), store_with(active()));
    let answer = operation.end_with(ID, event, at(NOW));
    assert_eq!(told(&answer), "invalid_event /Feedback/rating wrong_type /Satisfaction unknown_extension");
    assert!(stored(operation.storage()).end.is_none());
}

#[test]
fn an_event_that_names_another_service_is_refused_as_its_body_is() {
    let event = ServiceEndEvent::builder().service_id(1).build(&validator()).unwrap();
    let operation = operation();
    let answer = operation.end_with(ID, event.clone(), at(NOW));
    assert_eq!(told(&answer), "invalid_event /service_id service_id_mismatch");
    let mut problem = serde_json::to_value(Problem::from(&answer.unwrap_err())).unwrap();
    let of_body = operation.end(ID, br#"{"service_id":1}"#, at(NOW)).unwrap_err();
    let mut of_body = serde_json::to_value(Problem::from(&of_body)).unwrap();
    for document in [&mut problem, &mut of_body] {
        // Only a body has lines.
        let violation = document["violations"][0].as_object_mut().unwrap();
        violation.remove("line");
        violation.remove("column");
    }
    assert_eq!(problem, of_body);
    let other = StoredService::new(1, 0, at(NOW));
    assert!(operation.storage().insert(other));
    assert_eq!(told(&operation.end_with(1, event, at(NOW))), "ended");
}

#[test]
fn services_are_ended_each_for_itself() {
    let operation = operation();
    for id in [i64::MIN, -1, 0, 1, i64::MAX] {
        assert!(operation.storage().insert(StoredService::new(id, 0, at(NOW))));
        let body = format!(r#"{{ "service_id": {id}, "application_id": {id} }}"#);
        assert_eq!(told(&operation.end(id, body.as_bytes(), at(NOW))), "ended", "{id}");
    }
    assert!(stored(operation.storage()).end.is_none());
    let unknown: Result<Outcome, _> = operation.end(2, b"{}", at(NOW));
    assert_eq!(unknown, Err(CompleteError::Refused(Refusal::NotFound)));
}
