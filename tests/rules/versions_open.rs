//! Sets of which some names need no schema, compared (2.9, 2.10).

use service_end::schema::Question;
use service_end::{Schemas, Service, StoredService, Timestamp, Validator};

const NOTE: &str =
    r#"{ "name": "Note", "type": "single-valued", "attributes": [ { "name": "text", "type": "string" } ] }"#;
const OWNER: &str = r#"{ "name": "Owner", "type": "single-valued", "required": true, "attributes": [
    { "name": "agent", "type": "long", "mandatory": true } ] }"#;

fn set(schemas: &[&str], open: &str) -> Schemas {
    let schemas = Schemas::from_json(format!("[{}]", schemas.join(","))).unwrap();
    schemas.with_open(open.parse().unwrap())
}

#[test]
fn sets_with_open_names_are_compared_with_witnesses() {
    for (old, new, bodies, records, rollback) in [
        (set(&[], ""), set(&[], "*"), true, true, false),
        (set(&[], "A"), set(&[], "a,B"), true, true, false),
        (set(&[], "A,B"), set(&[], "*"), true, true, false),
        (set(&[], "*"), set(&[], "*"), true, true, true),
        (set(&[NOTE], ""), set(&[], "*"), true, true, false),
        (set(&[NOTE], ""), set(&[], "note"), true, true, false),
        (set(&[], "Note"), set(&[NOTE], "Note"), false, false, true),
        (set(&[], "*"), set(&[NOTE], "*"), false, false, true),
        (set(&[NOTE], "Note"), set(&[NOTE], ""), true, true, true),
        (set(&[NOTE], "*"), set(&[NOTE], "Other0,Note"), false, false, true),
        (set(&[OWNER], "*"), set(&[OWNER], ""), false, false, true),
        (set(&[OWNER], ""), set(&[], "*"), true, true, false),
    ] {
        let comparison = old.compare(&new);
        for (question, expected) in
            [(Question::Bodies, bodies), (Question::Records, records), (Question::Rollback, rollback)]
        {
            let answer = comparison.answer(question);
            assert_eq!(answer.is_safe(), expected, "{question} of {old:?} and {new:?}");
            let Some(witness) = answer.witness() else { continue };
            let (accepts, refuses) = if question == Question::Rollback { (&new, &old) } else { (&old, &new) };
            if question == Question::Records {
                let document = format!(r#"{{"service_id":7,"started":{{"timestamp":"{}"}},"#, Timestamp::MIN);
                let stored = StoredService::from_json(witness.replacen('{', &document, 1), 0).unwrap();
                assert_eq!(Service::read(&stored, accepts).unreadable(), [], "{witness}");
                assert_eq!(Service::read(&stored, refuses).unreadable().len(), 1, "{witness}");
            } else {
                assert!(Validator::new(accepts.clone()).read(witness.as_bytes()).is_ok(), "{witness}");
                let answer = Validator::new(refuses.clone()).read(witness.as_bytes());
                // One that does without what is required is refused later.
                assert!(answer.is_err() || !witness.contains("Owner"), "{witness}");
            }
        }
    }
}

#[test]
fn names_that_are_opened_and_closed_are_told() {
    for (old, new, expected) in [
        (set(&[], ""), set(&[], "A"), "/A: extension_added: the name `A` is open"),
        (set(&[], "A"), set(&[], ""), "/A: extension_removed: the name `A` is open no more"),
        (set(&[], "A"), set(&[], "*"), "/*: extension_added: every name is open"),
        (set(&[], "*"), set(&[], "A"), "/*: extension_removed: every name is open no more"),
        (set(&[], "Note"), set(&[NOTE], "Note"), "/Note: extension_added: the extension `Note` is new"),
        (set(&[NOTE], "Note"), set(&[], "Note"), "/Note: extension_removed: the extension `Note` is gone"),
    ] {
        let comparison = old.compare(&new);
        let told: Vec<_> = comparison.changes().iter().map(ToString::to_string).collect();
        assert_eq!(told, [expected]);
        let broken = |question| comparison.changes()[0].breaks().any(|broken| broken == question);
        for question in Question::ALL {
            assert_eq!(broken(*question), !comparison.answer(*question).is_safe(), "{expected}: {question}");
        }
    }
}
