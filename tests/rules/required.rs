//! 2.4: a service can't end without a record of an extension whose schema is `required`.

use std::convert::Infallible;
use std::sync::Mutex;

use service_end::{
    CompleteService, Completion, EndPolicy, EndRules, Extension, MemoryStorage, Problem, Schemas,
    ServiceEndEvent, ServiceId, Storage, StoredService, Validator,
    service::{Decision, decide},
    storage::{Commit, Want},
};

use crate::stage::{ID, NOW, START, active, at, end, store_with, stored, told};

const SCHEMAS: &str = r#"[
  { "name": "Survey", "type": "multi-valued", "required": true,
    "attributes": [ { "name": "rating", "type": "integer" } ] },
  { "name": "Note", "type": "single-valued", "attributes": [ { "name": "text", "type": "string" } ] },
  { "name": "Owner", "type": "single-valued", "required": true,
    "attributes": [ { "name": "id", "type": "long", "mandatory": true } ] } ]"#;

fn validator() -> Validator {
    Validator::new(Schemas::from_json(SCHEMAS).unwrap())
}

/// A store over memory that remembers what was asked of it.
#[derive(Debug)]
struct Asked {
    memory: MemoryStorage,
    asked: Mutex<Vec<String>>,
}

impl Storage for Asked {
    type Error = Infallible;

    fn load(&self, id: ServiceId, want: Want<'_>) -> Result<Option<StoredService>, Infallible> {
        let asked = match want {
            Want::Nothing => "nothing".to_owned(),
            Want::Named(keys) => keys.join(" "),
            Want::All => "all".to_owned(),
        };
        self.asked.lock().unwrap().push(asked);
        self.memory.load(id, want)
    }

    fn commit(&self, completion: &Completion) -> Result<Commit, Infallible> {
        self.memory.commit(completion)
    }
}

fn operation(service: StoredService) -> CompleteService<Asked> {
    CompleteService::new(validator(), Asked { memory: store_with(service), asked: Mutex::default() })
}

fn asked(operation: &CompleteService<Asked>) -> Vec<String> {
    std::mem::take(&mut operation.storage().asked.lock().unwrap())
}

/// So many schemas, as JSON.
fn many(count: usize) -> String {
    let schemas: Vec<_> = (0..count)
        .map(|n| {
            format!(
                r#"{{ "name": "E{n}", "type": "multi-valued", "required": true,
                      "attributes": [ {{ "name": "a", "type": "long" }} ] }}"#
            )
        })
        .collect();
    format!("[{}]", schemas.join(","))
}

const SURVEY: &str = " /Survey missing_extension";
const OWNER: &str = " /Owner missing_extension";

/// What is stored, a body, and what lacks; nothing where the service ends.
type Case<'c> = (&'c [(&'c str, &'c str)], &'c str, Option<&'c [&'c str]>);

#[test]
fn each_that_lacks_is_missing_in_the_order_of_the_schemas() {
    let both = &[("survey", r#"[{"rating":1}]"#), ("OWNER", r#"{"id":1}"#)];
    let cases: &[Case] = &[
        (&[], "{}", Some(&[SURVEY, OWNER])),
        (&[], r#"{ "owner": { "id": 1 } }"#, Some(&[SURVEY])),
        (&[], r#"{ "OWNER": { "id": 1 }, "sURVEY": [ {} ] }"#, None),
        (&[], r#"{ "Owner": { "id": 1 }, "Survey": [] }"#, Some(&[SURVEY])),
        (both, "{}", None),
        (both, r#"{ "Survey": [ { "rating": 2 } ] }"#, None),
        // What is stored is taken away.
        (both, r#"{ "survey": [] }"#, Some(&[SURVEY])),
        // What can't be read may well be records.
        (&[("Survey", r#"[{"gone":1}]"#), ("Owner", "damaged")], "{}", None),
        (&[("Survey", "[]"), ("Owner", r#"{"id":1}"#)], "{}", Some(&[SURVEY])),
        (&[("Note", r#"{"text":"n"}"#), ("Owner", r#"{"id":1}"#)], r#"{ "Note": {} }"#, Some(&[SURVEY])),
    ];
    for (extensions, body, lacking) in cases {
        let service =
            extensions.iter().fold(active(), |service, (name, json)| service.with_extension(name, *json));
        let operation = operation(service);
        let before = stored(&operation.storage().memory);
        match lacking {
            None => assert_eq!(end(&operation, body), "ended", "{extensions:?} {body}"),
            Some(lacking) => {
                let expected = format!("invalid_event{}", lacking.concat());
                assert_eq!(end(&operation, body), expected, "{extensions:?} {body}");
                assert_eq!(stored(&operation.storage().memory), before, "nothing has changed");
            }
        }
    }
}

#[test]
fn they_come_after_the_start_in_one_list() {
    let told = end(&operation(active()), r#"{ "timestamp": "2009-05-11T00:00:00Z" }"#);
    assert_eq!(told, format!("invalid_event /timestamp ends_before_start{SURVEY}{OWNER}"));
}

#[test]
fn they_are_looked_at_neither_before_other_violations_nor_for_an_unknown_service() {
    let operation = operation(active());
    assert_eq!(end(&operation, r#"{ "resource_id": "x" }"#), "invalid_event /resource_id wrong_type");
    assert_eq!(end(&operation, r#"{ "service_id": 1 }"#), "invalid_event /service_id service_id_mismatch");
    assert_eq!(told(&operation.end(1, b"{}", at(NOW))), "service_not_found");
}

#[test]
fn a_retry_stays_a_retry() {
    let before = CompleteService::new(Validator::default(), store_with(active()));
    assert_eq!(end(&before, r#"{ "disposition": 10 }"#), "ended");
    let today = operation(stored(before.storage()));
    assert_eq!(end(&today, r#"{ "disposition": 10 }"#), "already so");
    assert_eq!(end(&today, r#"{ "disposition": 11 }"#), "service_already_ended");
    let stale = today.end(ServiceId(ID).at(77), br#"{ "disposition": 11 }"#, at(NOW));
    assert_eq!(told(&stale), "version_mismatch");
    let replacing = today.with_end_rules(EndRules::new().with_policy(EndPolicy::ReplaceEarlier));
    assert_eq!(end(&replacing, r#"{ "disposition": 10 }"#), "already so");
    assert_eq!(end(&replacing, r#"{ "disposition": 11 }"#), format!("invalid_event{SURVEY}{OWNER}"));
    let complete = r#"{ "disposition": 11, "Survey": [ {} ], "Owner": { "id": 1 } }"#;
    assert_eq!(end(&replacing, complete), "replaced");
}

#[test]
fn they_are_loaded_with_what_is_loaded_anyway() {
    let complete = r#"{ "Survey": [ {} ], "Owner": { "id": 1 } }"#;
    let operation = operation(active());
    for (body, loads) in [
        ("{}", &["survey owner"][..]),
        (r#"{ "Owner": { "id": 1 }, "Note": {} }"#, &["survey"]),
        (r#"{ "Survey": [] }"#, &["owner"]),
        (complete, &["nothing"]),
        // It has ended now: what the event names is compared.
        (complete, &["nothing", "survey owner"]),
        ("{}", &["survey owner"]),
        (r#"{ "Note": {} }"#, &["survey owner", "survey owner note"]),
    ] {
        end(&operation, body);
        assert_eq!(asked(&operation), loads, "{body}");
    }
}

#[test]
fn of_more_than_a_hundred_all_that_is_stored_is_loaded() {
    for (count, loads) in [(100, "named"), (101, "all")] {
        let schemas = Schemas::from_json(many(count)).unwrap();
        let storage = Asked {
            memory: store_with(active().with_extension("E7", r#"[{"a":1}]"#)),
            asked: Mutex::default(),
        };
        let operation = CompleteService::new(Validator::new(schemas), storage);
        let error = operation.end(ID, b"{}", at(NOW)).unwrap_err();
        assert_eq!(error.violations().unwrap().len(), count.min(101) - 1);
        let asked = asked(&operation).concat();
        assert_eq!(if asked == "all" { "all" } else { "named" }, loads, "{asked}");
    }
}

#[test]
fn an_event_made_in_rust_follows_the_same_rule() {
    let validator = validator();
    let operation = operation(active());
    let owner = Extension::builder(validator.schemas().get("Owner").unwrap())
        .record(|record| {
            record.set("id", 1);
        })
        .build()
        .unwrap();
    let event = ServiceEndEvent::builder().extension(owner).build(&validator).unwrap();
    assert_eq!(told(&operation.end_with(ID, event.clone(), at(NOW))), format!("invalid_event{SURVEY}"));
    let refusal = decide(ID, Some(&active()), event, &EndRules::new(), at(NOW)).unwrap_err();
    assert_eq!(Problem::from(&refusal).code(), "invalid_event");

    // Another validator's event is judged by today's schemas.
    let event = ServiceEndEvent::builder().build(&Validator::default()).unwrap();
    let decision = decide(ID, Some(&active()), event.clone(), &EndRules::new(), at(NOW));
    assert!(matches!(decision, Ok(Decision::Complete(_))));
    assert_eq!(told(&operation.end_with(ID, event, at(NOW))), format!("invalid_event{SURVEY}{OWNER}"));
}

#[test]
fn events_that_say_the_same_are_equal_whatever_is_required() {
    assert_eq!(validator().read(b"{}").unwrap(), Validator::default().read(b"{}").unwrap());
}

#[test]
fn a_service_that_changes_meanwhile_is_decided_on_anew() {
    /// Before the first commit, someone else takes the survey away.
    #[derive(Debug)]
    struct Racing(MemoryStorage, Mutex<bool>);
    impl Storage for Racing {
        type Error = Infallible;
        fn load(&self, id: ServiceId, want: Want<'_>) -> Result<Option<StoredService>, Infallible> {
            self.0.load(id, want)
        }
        fn commit(&self, completion: &Completion) -> Result<Commit, Infallible> {
            if std::mem::take(&mut *self.1.lock().unwrap()) {
                self.0.remove(completion.service_id());
                self.0.insert(StoredService::new(ID, 9, at(START)));
            }
            self.0.commit(completion)
        }
    }
    let service = active().with_extension("Survey", "[{}]");
    let operation = CompleteService::new(validator(), Racing(store_with(service), Mutex::new(true)));
    assert_eq!(end(&operation, r#"{ "Owner": { "id": 1 } }"#), format!("invalid_event{SURVEY}"));
}

#[test]
fn the_limit_on_violations_holds_for_them() {
    let schemas = Schemas::from_json(many(150)).unwrap();
    let (long, short) = (" ".repeat(20_000) + "{}", "{}");
    for (limit, body, kept, truncated) in [
        (100, &*long, 100, true),
        (150, &*long, 150, false),
        (151, &*long, 150, false),
        (1, &*long, 1, true),
        (100, short, 100, true),
        // An answer to two bytes is not to be longer.
        (150, short, 100, true),
        (usize::MAX, short, 100, true),
    ] {
        let validator = Validator::new(schemas.clone()).with_max_violations(limit);
        let error = CompleteService::new(validator, store_with(active()))
            .end(ID, body.as_bytes(), at(NOW))
            .unwrap_err();
        let violations = error.violations().unwrap();
        assert_eq!((violations.len(), violations.truncated()), (kept, truncated), "{limit}");
    }
}

#[test]
fn what_is_missing_points_at_the_object_that_lacks_it_or_at_what_takes_it_away() {
    let body = "{\n  \"owner\": { \"id\": 1 },\n  \"SURVEY\": [ ]\n}";
    let error = operation(active()).end(ID, body.as_bytes(), at(NOW)).unwrap_err();
    let violation = &error.violations().unwrap().as_slice()[0];
    let span = violation.span().unwrap();
    assert_eq!((span.line, span.column, &body[span.bytes.clone()]), (3, 13, "[ ]"));
    assert_eq!(violation.message(), "extension `Survey` is required, but has no record");
    assert_eq!(violation.params()["extension"], "Survey");

    let error = operation(active()).end(ID, b" {}", at(NOW)).unwrap_err();
    let span = error.violations().unwrap().as_slice()[0].span().unwrap();
    assert_eq!((span.line, span.column, span.bytes.clone()), (1, 2, 1..3));
}
