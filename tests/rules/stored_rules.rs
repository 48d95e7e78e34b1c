//! 2.11: rules of the host's own about an event and what is stored.

use std::convert::Infallible;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;

use service_end::{
    CompleteService, Completion, EndPolicy, EndRules, Extension, Problem, Schemas, ServiceEndEvent,
    ServiceId, Storage, StoredService, Validator, Value,
    problem::ProblemCode,
    schema::FixedField,
    service::{StoredParts, StoredRule},
    storage::{Commit, Want},
    validate::{Findings, Parts, Rule},
    violation::HostCode,
};

use crate::stage::{ID, NOW, START, active, at, end, store_with, stored};

const SCHEMAS: &str = r#"[
  { "name": "Hold", "type": "single-valued", "attributes": [ { "name": "reason", "type": "string" } ] },
  { "name": "Survey", "type": "multi-valued", "attributes": [ { "name": "rating", "type": "integer" } ] },
  { "name": "Owner", "type": "single-valued", "required": true, "attributes": [ { "name": "id", "type": "long" } ] } ]"#;

fn validator() -> Validator {
    Validator::new(Schemas::from_json(SCHEMAS).unwrap())
}

fn code(code: &str) -> HostCode {
    HostCode::new(code).unwrap()
}

/// A hold must be lifted: the event must clear it, or name a survey.
fn on_hold() -> StoredRule {
    let code = code("on_hold");
    StoredRule::new(
        "nothing_on_hold_ends",
        ["Survey"],
        ["hold"],
        move |parts: &Parts<'_>, stored: &StoredParts<'_>, findings: &mut Findings<'_>| {
            if stored.extension("HOLD").is_some() || stored.is_unreadable("Hold") {
                match parts.extension("Survey").map(Extension::len) {
                    None | Some(0) => findings.at_extension("Survey", &code, "on hold"),
                    Some(_) => findings.at_attribute("Survey", 0, "rating", &code, "on hold all the same"),
                }
            }
        },
    )
}

/// A store over memory that remembers what was asked of it.
#[derive(Debug)]
struct Asked<S>(S, Mutex<Vec<String>>);

impl<S: Storage<Error = Infallible>> Storage for Asked<S> {
    type Error = Infallible;

    fn load(&self, id: ServiceId, want: Want<'_>) -> Result<Option<StoredService>, Infallible> {
        if let Want::Named(keys) = want {
            self.1.lock().unwrap().push(keys.join(" "));
        }
        self.0.load(id, want)
    }

    fn commit(&self, completion: &Completion) -> Result<Commit, Infallible> {
        self.0.commit(completion)
    }
}

fn operation(service: StoredService) -> CompleteService<Asked<service_end::MemoryStorage>> {
    let storage = Asked(store_with(service), Mutex::default());
    CompleteService::new(validator(), storage).with_stored_rule(on_hold()).unwrap()
}

#[test]
fn a_rule_shows_its_name_and_what_it_reads() {
    let expected = r#"StoredRule { name: "nothing_on_hold_ends", reads: ["Survey"], stored: ["hold"], .. }"#;
    assert_eq!(format!("{:?}", on_hold()), expected);
}

#[test]
fn a_rule_sees_the_stored_extensions_that_it_asks_for() {
    let owned = || active().with_extension("Owner", r#"{"id":1}"#);
    for (service, body, expected) in [
        (owned(), "{}", "ended"),
        (owned().with_extension("Hold", r#"{"reason":"fraud"}"#), "{}", "invalid_event /Survey on_hold"),
        (owned().with_extension("Hold", "damaged"), "{}", "invalid_event /Survey on_hold"),
        (owned().with_extension("hold", "{}"), r#"{ "SURVEY": [] }"#, "invalid_event /SURVEY on_hold"),
        (
            owned().with_extension("hold", "{}"),
            r#"{ "SURVEY": [ { "RATING": 1 } ] }"#,
            "invalid_event /SURVEY/0/RATING on_hold",
        ),
        // They come last, after the start and after what is required.
        (
            active().with_extension("hold", "{}"),
            r#"{ "timestamp": "2009-05-01T00:00:00Z" }"#,
            "invalid_event /timestamp ends_before_start /Owner missing_extension /Survey on_hold",
        ),
    ] {
        let operation = operation(service);
        let before = stored(&operation.storage().0);
        assert_eq!(end(&operation, body), expected, "{body}");
        if expected != "ended" {
            assert_eq!(stored(&operation.storage().0), before);
        }
    }
}

#[test]
fn of_an_event_made_in_rust_as_many_findings_are_told_as_of_a_body() {
    let code = code("closed");
    let rule = StoredRule::new(
        "closed",
        ["Survey", "Owner", "disposition"],
        [] as [&str; 0],
        move |_: &Parts<'_>, _: &StoredParts<'_>, findings: &mut Findings<'_>| {
            findings.at_extension("Survey", &code, "closed");
            findings.at_extension("Owner", &code, "closed");
            findings.at_field(FixedField::Disposition, &code, "closed");
        },
    );
    // Whether something is required or not.
    for schemas in
        [Schemas::from_json(SCHEMAS).unwrap(), Schemas::from_json(SCHEMAS.replace("true", "false")).unwrap()]
    {
        for (limit, expected) in [(100, 3), (2, 2), (1, 1)] {
            let validator = Validator::new(schemas.clone()).with_max_violations(limit);
            let service = active().with_extension("Owner", r#"{"id":1}"#);
            let operation =
                CompleteService::new(validator, store_with(service)).with_stored_rule(rule.clone()).unwrap();
            let event = ServiceEndEvent::builder().build(&Validator::new(schemas.clone())).unwrap();
            for answer in [operation.end(ID, b"{}", at(NOW)), operation.end_with(ID, event, at(NOW))] {
                let Err(error) = answer else { panic!("it is refused") };
                let violations = error.violations().unwrap();
                assert_eq!((violations.len(), violations.truncated()), (expected, expected < 3), "{limit}");
            }
        }
    }
}

#[test]
fn a_rule_does_not_run_on_a_part_in_which_something_was_found_before() {
    let found = code("found");
    let rule = |name: &str, reads: &'static str| {
        let code = found.clone();
        StoredRule::new(
            name,
            [reads],
            [""; 0],
            move |_: &Parts<'_>, _: &StoredParts<'_>, findings: &mut Findings<'_>| match reads.parse() {
                Ok(field) => findings.at_field(field, &code, "found"),
                Err(_) => findings.at_extension(reads, &code, "found"),
            },
        )
    };
    // A limit does not change which rules run, only how much of it is told.
    for (limit, body, expected) in [
        (9, "{}", "/Owner missing_extension /timestamp found /Owner found"),
        (
            9,
            r#"{ "timestamp": "2009-05-01T00:00:00Z" }"#,
            "/timestamp ends_before_start /Owner missing_extension /Owner found",
        ),
        (1, r#"{ "timestamp": "2009-05-01T00:00:00Z" }"#, "/timestamp ends_before_start"),
    ] {
        let operation = CompleteService::new(validator().with_max_violations(limit), store_with(active()))
            .with_stored_rule(rule("one", "timestamp"))
            .and_then(|operation| operation.with_stored_rule(rule("two", "Owner")))
            .unwrap();
        assert_eq!(end(&operation, body), format!("invalid_event {expected}"), "{body}");
    }
}

#[test]
fn a_finding_is_located_in_the_body() {
    let operation = operation(active().with_extension("Owner", "{}").with_extension("Hold", "{}"));
    let body = "{\n  \"SURVEY\": [\n    { \"RATING\": 1 } ] }";
    let error = operation.end(ID, body.as_bytes(), at(NOW)).unwrap_err();
    let span = error.violations().unwrap().as_slice()[0].span().unwrap().clone();
    assert_eq!((span.line, span.column, &body[span.bytes]), (3, 17, "1"));
    let event = operation.validator().read(body.as_bytes()).unwrap();
    let error = operation.end_with(ID, event, at(NOW)).unwrap_err();
    assert_eq!(error.violations().unwrap().as_slice()[0].pointer(), "/SURVEY/0/RATING");
}

#[test]
fn a_retry_is_none_of_their_business_and_an_earlier_end_is_seen() {
    let once = code("ended_twice");
    let rule = StoredRule::new(
        "ends_once",
        ["disposition"],
        [""; 0],
        move |parts: &Parts<'_>, stored: &StoredParts<'_>, findings: &mut Findings<'_>| {
            assert_eq!(stored.started(), at(START));
            let Some(end) = stored.end() else { return };
            assert_eq!((end.timestamp(), end.fields().disposition.clone()), (at(NOW), Some(10.into())));
            if parts.field(FixedField::Disposition) != Some(Value::Long(11)) {
                findings.at_field(FixedField::Disposition, &once, "only 11 replaces an end");
            }
        },
    );
    let operation = CompleteService::new(Validator::default(), store_with(active()))
        .with_end_rules(EndRules::new().with_policy(EndPolicy::ReplaceEarlier))
        .with_stored_rule(rule)
        .unwrap();
    for (body, expected) in [
        (r#"{ "disposition": 10 }"#, "ended"),
        (r#"{ "disposition": 10 }"#, "already so"),
        (r#"{ "disposition": 12 }"#, "invalid_event /disposition ended_twice"),
        ("{}", "invalid_event /disposition ended_twice"),
        (r#"{ "disposition": 11 }"#, "replaced"),
    ] {
        assert_eq!(end(&operation, body), expected, "{body}");
    }
}

#[test]
fn what_they_read_is_loaded_with_what_is_loaded_anyway() {
    let operation = operation(active());
    for (body, loads) in [
        (r#"{ "Hold": {} }"#, &["owner hold"][..]),
        (r#"{ "Owner": { "id": 1 }, "Hold": {} }"#, &["hold"]),
        (r#"{ "Owner": { "id": 1 }, "Hold": {} }"#, &["hold", "owner hold"]),
        (r#"{ "Survey": [] }"#, &["owner hold", "owner survey hold"]),
    ] {
        end(&operation, body);
        let asked = std::mem::take(&mut *operation.storage().1.lock().unwrap());
        assert_eq!(asked, loads, "{body}");
    }
}

#[test]
fn a_rule_that_cannot_be_attached_is_refused() {
    let nothing = |_: &Parts<'_>, _: &StoredParts<'_>, _: &mut Findings<'_>| {};
    let event_rule = Rule::new("taken", ["Hold"], |_: &Parts<'_>, _: &mut Findings<'_>| {});
    for (rule, expected) in [
        (
            StoredRule::new("a", ["gone"], ["Hold"], nothing),
            r#"rule `a` reads "gone", which is neither a fixed field nor a registered or open extension"#,
        ),
        (
            StoredRule::new("a", ["Hold"], ["gone"], nothing),
            r#"rule `a` reads "gone" of what is stored, which is neither a registered nor an open extension"#,
        ),
        (
            StoredRule::new("a", ["Hold"], ["disposition"], nothing),
            r#"rule `a` reads "disposition" of what is stored, which is neither a registered nor an open extension"#,
        ),
        (StoredRule::new("taken", ["Hold"], ["Hold"], nothing), "there is a rule `taken` already"),
        (
            StoredRule::new("nothing_on_hold_ends", ["Hold"], ["Hold"], nothing),
            "there is a rule `nothing_on_hold_ends` already",
        ),
        (
            StoredRule::new("", ["Hold"], ["Hold"], nothing),
            r#"the name of a rule must be a letter from `a` to `z`, then such letters, digits or `_`, at most 64 in all, but is """#,
        ),
    ] {
        let validator = validator().with_rule(event_rule.clone()).unwrap();
        let operation =
            CompleteService::new(validator, store_with(active())).with_stored_rule(on_hold()).unwrap();
        assert!(
            operation
                .stored_rules()
                .all(|rule| rule.reads().eq(["Survey"]) && rule.reads_stored().eq(["hold"]))
        );
        assert_eq!(
            operation.stored_rules().map(StoredRule::name).collect::<Vec<_>>(),
            ["nothing_on_hold_ends"]
        );
        assert_eq!(operation.with_stored_rule(rule).unwrap_err().to_string(), expected);
    }
}

#[test]
fn a_rule_that_panics_or_points_nowhere_leaves_the_store_untouched() {
    let found = code("found");
    let rule = StoredRule::new(
        "fails",
        ["disposition"],
        ["Owner"],
        move |parts: &Parts<'_>, _: &StoredParts<'_>, findings: &mut Findings<'_>| match parts
            .field(FixedField::Disposition)
        {
            Some(Value::Long(13)) => panic!("a bug of the host"),
            Some(Value::Long(14)) => findings.at_record("Owner", 0, &found, "not read"),
            _ => {}
        },
    );
    let service = active().with_extension("Owner", r#"{"id":1}"#);
    let operation = CompleteService::new(validator(), store_with(service)).with_stored_rule(rule).unwrap();
    let before = stored(operation.storage());
    let bad = AssertUnwindSafe(|| operation.end(ID, br#"{ "disposition": 13 }"#, at(NOW)));
    assert!(catch_unwind(bad).is_err());
    let error = operation.end(ID, br#"{ "disposition": 14 }"#, at(NOW)).unwrap_err();
    assert_eq!(Problem::from(&error).known_code(), Some(ProblemCode::RuleFailed));
    assert_eq!(
        error.to_string(),
        "rule `fails` made a finding outside of what it reads: \
         it does not declare an extension \"Owner\" of the event",
    );
    assert_eq!(stored(operation.storage()), before);
    assert_eq!(end(&operation, r#"{ "disposition": 10 }"#), "ended");
}
