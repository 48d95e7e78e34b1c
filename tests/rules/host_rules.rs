//! 2.11: rules of the host's own about an event: when they run, what they see, where their findings stand.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use proptest::prelude::*;
use proptest::sample::subsequence;
use service_end::{
    CompleteService, Extension, Problem, ReadError, ServiceEndEvent, Validator, Value, Violation, Violations,
    problem::ProblemCode,
    schema::FixedField,
    validate::{Check, Findings, Parts, Rule, RuleError},
    violation::{Code, HostCode},
};

use crate::stage::{ID, NOW, active, at, end, store_with, stored};
use crate::support::{message_pack, read, read_message_pack, validator};

const SCHEMAS: &str = r#"[
  { "name": "Survey", "type": "multi-valued", "unique": ["place"], "attributes": [
      { "name": "rating", "type": "integer", "minimum": 1, "maximum": 5 },
      { "name": "place", "type": "string" }, { "name": "comment", "type": "string", "default": "" } ] },
  { "name": "Note", "type": "single-valued", "attributes": [
      { "name": "text", "type": "string", "mandatory": true } ] } ]"#;

fn code(code: &str) -> HostCode {
    HostCode::new(code).unwrap()
}

/// Resolved needs a survey.
fn needs_survey() -> Rule {
    let code = code("survey_missing");
    Rule::new(
        "resolved_needs_survey",
        ["disposition", "Survey"],
        move |parts: &Parts<'_>, findings: &mut Findings<'_>| {
            let resolved = parts.field(FixedField::Disposition) == Some(Value::Long(10));
            if resolved && parts.extension("survey").is_none_or(Extension::is_empty) {
                findings.at_extension("SURVEY", &code, "disposition 10 needs a survey");
            }
        },
    )
}

/// A low rating needs a comment.
fn needs_comment() -> Rule {
    let code = code("comment_missing");
    Rule::new(
        "low_rating_needs_comment",
        ["survey"],
        move |parts: &Parts<'_>, findings: &mut Findings<'_>| {
            let Some(survey) = parts.extension("Survey") else { return };
            for (ordinal, record) in survey.iter().enumerate() {
                let low = record.get("rating").and_then(Value::as_i64).is_some_and(|rating| rating <= 2);
                if low && record.get("comment").and_then(Value::as_str).is_none_or(str::is_empty) {
                    findings.at_attribute(
                        "Survey",
                        ordinal,
                        "Comment",
                        &code,
                        "a low rating needs a comment",
                    );
                }
            }
        },
    )
}

fn with(rules: impl IntoIterator<Item = Rule>) -> Validator {
    rules.into_iter().fold(validator(SCHEMAS), |validator, rule| validator.with_rule(rule).unwrap())
}

/// Pointer and code of all that is wrong, in order, through both doors.
fn found(validator: &Validator, body: &str) -> Vec<String> {
    match read(validator, body) {
        Ok(_) => Vec::new(),
        Err(ReadError::Invalid(violations)) => told(&violations),
        Err(other) => panic!("{body}: {other}"),
    }
}

fn told(violations: &Violations) -> Vec<String> {
    violations.iter().map(|violation| format!("{} {}", violation.pointer(), violation.code())).collect()
}

/// A rule of a name that finds something at each part that it reads, whatever that is.
fn everywhere(name: &str, reads: &[&str]) -> Rule {
    let (code, parts) = (code(name), reads.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>());
    Rule::new(name, reads.iter().copied(), move |_: &Parts<'_>, findings: &mut Findings<'_>| {
        for part in &parts {
            match part.parse() {
                Ok(field) => findings.at_field(field, &code, "found"),
                Err(_) => findings.at_extension(part, &code, "found"),
            }
        }
    })
}

#[test]
fn findings_follow_the_violations_in_the_order_of_the_rules() {
    let validator = with([needs_comment(), needs_survey(), everywhere("noted", &["Note"])]);
    for (body, expected) in [
        ("{}", &["/Note noted"][..]),
        (r#"{ "disposition": 10 }"#, &["/Survey survey_missing", "/Note noted"]),
        (r#"{ "disposition": 10, "survey": [] }"#, &["/survey survey_missing", "/Note noted"]),
        (r#"{ "disposition": 10, "Survey": [ { "rating": 3 } ] }"#, &["/Note noted"]),
        (
            r#"{ "Survey": [ { "rating": 3 }, { "rating": 1, "place": "x" }, { "rating": 2, "comment": "y", "place": "z" } ],
                 "resource_id": "x", "gone": 1 }"#,
            &[
                "/resource_id wrong_type",
                "/gone unknown_extension",
                "/Survey/1/comment comment_missing",
                "/Note noted",
            ],
        ),
        // Each of these parts has a violation, so the rules that read it don't run.
        (
            r#"{ "disposition": [], "Note": {} }"#,
            &["/disposition wrong_type", "/Note/text missing_attribute"],
        ),
        (
            r#"{ "disposition": 10, "Survey": [ { "rating": 1 }, { "rating": 6, "place": "x" } ] }"#,
            &["/Survey/1/rating out_of_range", "/Note noted"],
        ),
        (r#"{ "disposition": 10, "Survey": {} }"#, &["/Survey wrong_shape", "/Note noted"]),
        (
            r#"{ "disposition": 10, "Survey": [ { "rating": 1 }, { "rating": 1 } ] }"#,
            &["/Survey/1 duplicate_record", "/Note noted"],
        ),
        (
            r#"{ "disposition": 10, "Note": { "text": "a" }, "note": {} }"#,
            &["/note duplicate_key", "/Survey survey_missing"],
        ),
        (r#"{ "disposition": 10, "disposition": 10 }"#, &["/disposition duplicate_key", "/Note noted"]),
        // `null` is no value.
        (r#"{ "disposition": null }"#, &["/Note noted"]),
    ] {
        assert_eq!(found(&validator, body), expected, "{body}");
    }
}

#[test]
fn a_rule_sees_what_it_declared_and_nothing_else() {
    let seen = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&seen);
    let rule = Rule::new(
        "looks",
        ["timestamp", "service_id", "Note"],
        move |parts: &Parts<'_>, _: &mut Findings<'_>| {
            assert_eq!(parts.field(FixedField::Timestamp), Some(Value::DateTime(at(NOW))));
            assert_eq!(parts.field(FixedField::ServiceId), Some(Value::Long(7)));
            assert_eq!(parts.field(FixedField::SessionId), None, "not declared");
            assert!(parts.extension("Survey").is_none(), "not declared");
            assert!(parts.extension("gone").is_none());
            let note = parts.extension("NOTE").unwrap();
            assert_eq!(note.record().unwrap().get("text"), Some(Value::String("hi")));
            count.fetch_add(1, Ordering::Relaxed);
        },
    );
    let body = format!(
        r#"{{ "service_id": 7, "timestamp": "{NOW}", "session_id": "s", "Survey": [{{}}], "Note": {{ "text": "hi" }} }}"#
    );
    assert!(with([rule]).read(body.as_bytes()).is_ok());
    assert_eq!(seen.load(Ordering::Relaxed), 1);
}

#[test]
fn a_rule_that_reads_what_is_no_part_of_an_event_is_refused() {
    let rule = |name: &str, reads: &[&str]| {
        Rule::new(name, reads.iter().copied(), |_: &Parts<'_>, _: &mut Findings<'_>| {})
    };
    let unknown = |part| {
        format!("rule `a` reads {part}, which is neither a fixed field nor a registered or open extension")
    };
    let name = "the name of a rule must be a letter from `a` to `z`, then such letters, digits or `_`, at most 64 in all";
    for (rule, expected) in [
        (rule("a", &["Survey", "Gone"]), unknown(r#""Gone""#)),
        (rule("a", &["Disposition"]), unknown(r#""Disposition""#)),
        (rule("a", &[""]), unknown(r#""""#)),
        (rule("", &[]), format!(r#"{name}, but is """#)),
        (rule("A", &[]), format!(r#"{name}, but is "A""#)),
        (rule("a\n", &[]), format!(r#"{name}, but is "a\n""#)),
        (rule("noted", &[]), "there is a rule `noted` already".to_owned()),
    ] {
        let name = rule.name().to_owned();
        let error: RuleError = with([everywhere("noted", &["Note"])]).with_rule(rule).unwrap_err();
        assert_eq!((error.to_string(), error.rule()), (expected, &*name));
    }
    let names: Vec<_> =
        with([needs_survey(), needs_comment()]).rules().map(|rule| rule.name().to_owned()).collect();
    assert_eq!(names, ["resolved_needs_survey", "low_rating_needs_comment"]);
}

#[test]
fn a_finding_stands_where_the_body_has_it_in_its_spelling() {
    let code = code("found");
    let rule = Rule::new(
        "points",
        ["disposition", "session_id", "Survey", "Note"],
        move |_: &Parts<'_>, findings: &mut Findings<'_>| {
            findings.at_field(FixedField::Disposition, &code, "one");
            findings.at_field(FixedField::SessionId, &code, "two");
            findings.at_extension("Survey", &code, "three");
            findings.at_record("Survey", 1, &code, "four");
            findings.at_attribute("Survey", 0, "rating", &code, "five");
            findings.at_attribute("Survey", 1, "rating", &code, "six");
            findings.at_attribute("Survey", 1, "comment", &code, "seven");
            findings.at_attribute("Note", 0, "text", &code, "eight");
            findings.at_record("Note", 0, &code, "nine");
            findings.at_event(&code, "ten");
        },
    );
    let body = concat!(
        "{ \"disposition\":\n  10,\n  \"sURVEY\": [ { \"RATING\": 1, \"PLACE\": \"a\" },\n    { \"place\": \"b\", \"Rating\": 2 } ],\n",
        "  \"note\": { \"text\": \"hi\" } }",
    );
    let validator = with([rule]);
    let Err(error) = read(&validator, body) else { panic!("refused") };
    let places: Vec<_> = error
        .locate(body.as_bytes())
        .violations()
        .unwrap()
        .iter()
        .map(|violation| {
            let span = violation.span().unwrap();
            let text: String = body[span.bytes.clone()].split_whitespace().collect();
            (violation.pointer().to_owned(), span.line, text)
        })
        .collect();
    let whole: String = body.split_whitespace().collect();
    let survey = r#"[{"RATING":1,"PLACE":"a"},{"place":"b","Rating":2}]"#;
    let expected = [
        ("/disposition", 2, "10"),
        ("/session_id", 1, &whole),
        ("/sURVEY", 3, survey),
        ("/sURVEY/1", 4, r#"{"place":"b","Rating":2}"#),
        ("/sURVEY/0/RATING", 3, "1"),
        ("/sURVEY/1/Rating", 4, "2"),
        // What is missing points at the object that lacks it.
        ("/sURVEY/1/comment", 4, r#"{"place":"b","Rating":2}"#),
        ("/note/text", 5, r#""hi""#),
        ("/note", 5, r#"{"text":"hi"}"#),
        ("", 1, &whole),
    ];
    let expected = expected.map(|(pointer, line, text)| (pointer.to_owned(), line, text.to_owned()));
    assert_eq!(places, expected);
}

#[test]
fn a_finding_outside_of_what_is_read_is_an_error_that_names_the_rule() {
    type Point = fn(&mut Findings<'_>, &HostCode);
    let cases: [(Point, &str); 8] = [
        (
            |findings, code| findings.at_record("Survey", 1, code, "x"),
            "extension `Survey` has no record 1, counted from 0",
        ),
        (
            |findings, code| findings.at_record("Survey", 99, code, "x"),
            "extension `Survey` has no record 99, counted from 0",
        ),
        (
            |findings, code| findings.at_attribute("Survey", 3, "rating", code, "x"),
            "extension `Survey` has no record 3, counted from 0",
        ),
        (
            |findings, code| findings.at_attribute("Survey", 0, "gone", code, "x"),
            r#"extension `Survey` has no attribute "gone""#,
        ),
        (
            |findings, code| findings.at_record("Note", 0, code, "x"),
            "extension `Note` has no record 0, counted from 0",
        ),
        (
            |findings, code| findings.at_extension("Gone", code, "x"),
            r#"it does not declare an extension "Gone" of the event"#,
        ),
        (
            |findings, code| findings.at_record("disposition", 0, code, "x"),
            r#"it does not declare an extension "disposition" of the event"#,
        ),
        (
            |findings, code| findings.at_field(FixedField::MediaType, code, "x"),
            "it does not declare field `media_type`",
        ),
    ];
    for (point, expected) in cases {
        let code = code("found");
        let rule = Rule::new(
            "points",
            ["Survey", "Note", "disposition"],
            move |_: &Parts<'_>, findings: &mut Findings<'_>| {
                point(findings, &code);
            },
        );
        let error = with([rule]).read(br#"{ "Survey": [ {} ], "resource_id": "x" }"#).unwrap_err();
        let ReadError::Rule(failed) = &error else { panic!("{error:?}") };
        assert_eq!(failed.rule(), "points");
        assert_eq!(
            error.to_string(),
            format!("rule `points` made a finding outside of what it reads: {expected}")
        );
        let problem = Problem::from(&error);
        assert_eq!((problem.known_code(), problem.status()), (Some(ProblemCode::RuleFailed), 500));
    }
}

#[test]
fn a_message_is_told_as_it_is_and_shown_without_what_cannot_be_seen() {
    let code = code("found");
    let rule = Rule::new("tells", ["disposition"], move |_: &Parts<'_>, findings: &mut Findings<'_>| {
        findings.at_field(FixedField::Disposition, &code, "a\nb\u{202e}c\u{0}");
    });
    let body = br#"{ "disposition": 10 }"#;
    let error = with([rule]).read(body).unwrap_err();
    let violation = &error.violations().unwrap().as_slice()[0];
    assert_eq!(violation.message(), "a\nb\u{202e}c\u{0}");
    assert_eq!(violation.to_string(), r"/disposition: found: a\nb\u{202e}c\u{0}");
    let json = serde_json::to_string(violation).unwrap();
    assert_eq!(serde_json::from_str::<Violation>(&json).unwrap().message(), violation.message());
    let rendering = error.violations().unwrap().render(body).to_string();
    assert!(
        rendering.starts_with("found: a\\nb\\u{202e}c\\u{0}\n --> line 1, column 18: /disposition\n"),
        "{rendering}"
    );
}

#[test]
fn findings_stand_in_documents_and_renderings_beside_violations() {
    let body = b"{ \"disposition\": 10,\n  \"resource_id\": \"x\" }";
    let operation = CompleteService::new(with([needs_survey()]), store_with(active()));
    let error = operation.end(ID, body, at(NOW)).unwrap_err();
    let problem = Problem::from(&error);
    let json: serde_json::Value = serde_json::to_value(&problem).unwrap();
    assert_eq!(json["detail"], "the body has 2 violations");
    assert_eq!(
        json["violations"][1],
        serde_json::json!({ "pointer": "/Survey", "code": "survey_missing", "message": "disposition 10 needs a survey",
                            "line": 1, "column": 1 }),
    );
    let rendering = problem.render(body).unwrap().to_string();
    assert!(
        rendering.contains("survey_missing: disposition 10 needs a survey\n --> line 1, column 1: /Survey\n"),
        "{rendering}"
    );
    assert!(matches!(error.violations().unwrap().as_slice()[1].code(), Code::Host(_)));
}

#[test]
fn the_limit_holds_for_violations_and_findings_together() {
    let body = r#"{ "resource_id": "x", "application_id": "y", "Survey": [ { "rating": 1 }, { "rating": 2, "place": "z" } ] }"#;
    let all = found(&with([needs_comment()]), body);
    assert_eq!(all.len(), 4);
    for limit in 1..6 {
        let validator = with([needs_comment()]).with_max_violations(limit);
        let Err(ReadError::Invalid(violations)) = read(&validator, body) else { panic!("refused") };
        assert_eq!(told(&violations), all[..limit.min(4)], "{limit}");
        assert_eq!(violations.truncated(), limit < 4, "{limit}");
    }
}

#[test]
fn a_part_with_violations_beyond_the_limit_is_one_with_violations() {
    let runs = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&runs);
    let rule = Rule::new("counted", ["Note"], move |_: &Parts<'_>, _: &mut Findings<'_>| {
        counted.fetch_add(1, Ordering::Relaxed);
    });
    let validator = with([rule]).with_max_violations(1);
    for (note, expected) in [
        (r#"{ "text": "x" }"#, 1),
        (r#"{ "text": 1 }"#, 0),
        (r#"{ "text": "x", "gone": 1 }"#, 0),
        ("{}", 0),
        ("[]", 0),
    ] {
        let body = format!(r#"{{ "resource_id": "x", "gone": 1, "Note": {note} }}"#);
        assert_eq!(validator.read(body.as_bytes()).unwrap_err().violations().unwrap().len(), 1);
        assert_eq!(runs.swap(0, Ordering::Relaxed), expected, "{body}");
    }
}

#[test]
fn events_made_in_rust_and_admitted_ones_run_the_rules_too() {
    let validator = with([needs_survey(), needs_comment(), everywhere("described", &["disposition_desc"])]);
    let survey = Extension::builder(validator.schemas().get("Survey").unwrap())
        .record(|record| {
            record.set("rating", 1);
        })
        .build()
        .unwrap();
    let made = ServiceEndEvent::builder().disposition(10).extension(survey.clone());
    let error = made.build(&validator).unwrap_err();
    assert_eq!(
        told(error.violations().unwrap()),
        ["/Survey/0/comment comment_missing", "/disposition_desc described"]
    );

    // A part with a violation keeps the rules that read it from running.
    let made = ServiceEndEvent::builder()
        .disposition(10)
        .disposition_desc(&"x".repeat(65))
        .extension(survey.clone())
        .extension(survey);
    let error = made.build(&validator).unwrap_err();
    assert_eq!(told(error.violations().unwrap()), ["/disposition_desc too_long", "/Survey duplicate_key"]);

    let body = r#"{ "sURVEY": [ { "Rating": 2 } ], "disposition": 10 }"#;
    let event = read(&self::validator(SCHEMAS), body).unwrap();
    let admitted = self::validator(SCHEMAS).with_rule(needs_comment()).unwrap();
    let error = admitted.admit(event).unwrap_err().locate(body.as_bytes());
    let violation = &error.violations().unwrap().as_slice()[0];
    assert_eq!(violation.pointer(), "/Survey/0/comment");
    assert_eq!(
        &body[violation.span().unwrap().bytes.clone()],
        r#"{ "Rating": 2 }"#,
        "names are the same in any case"
    );
}

#[test]
fn a_rule_that_panics_changes_nothing_and_poisons_nothing() {
    struct Panics;
    impl Check for Panics {
        fn check(&self, parts: &Parts<'_>, _: &mut Findings<'_>) {
            assert_ne!(parts.field(FixedField::Disposition), Some(Value::Long(13)), "a bug of the host");
        }
    }
    let validator = with([Rule::new("panics", ["disposition"], Panics)]);
    let operation = CompleteService::new(validator, store_with(active()));
    let before = stored(operation.storage());
    let bad = AssertUnwindSafe(|| operation.end(ID, br#"{ "disposition": 13, "Survey": [ {} ] }"#, at(NOW)));
    assert!(catch_unwind(bad).is_err());
    assert_eq!(stored(operation.storage()), before);
    assert_eq!(end(&operation, r#"{ "disposition": 10 }"#), "ended");
}

#[test]
fn what_was_found_elsewhere_is_merged_and_located() {
    let body = "{ \"resource_id\": \"x\",\n  \"survey\": [ { \"rating\": 3 } ],\n  \"a/b~\": 1 }";
    let error = validator(SCHEMAS).read(body.as_bytes()).unwrap_err();
    let elsewhere: Violations = serde_json::from_str(
        r#"{ "violations": [ { "pointer": "/Survey/0/Rating", "code": "rated_twice", "message": "rated already", "line": 9, "column": 9 },
                             { "pointer": "/a~1b~0", "code": "odd", "message": "odd" } ], "truncated": false }"#,
    )
    .unwrap();
    let mine = Violation::of_host("/survey/7/rating", code("gone"), "no such record");
    let own = error.violations().unwrap().clone();
    let all = own.clone().merge(elsewhere).merge([mine]).locate(body.as_bytes());
    let places: Vec<_> = all
        .iter()
        .map(|violation| {
            let span = violation.span().unwrap();
            (violation.code().to_string(), span.line, &body[span.bytes.clone()])
        })
        .collect();
    let expected = [
        ("wrong_type", 1, "\"x\""),
        ("unknown_extension", 3, "\"a/b~\""),
        ("rated_twice", 2, "3"),
        ("odd", 3, "1"),
        ("gone", 2, "[ { \"rating\": 3 } ]"),
    ];
    assert_eq!(places, expected.map(|(code, line, text)| (code.to_owned(), line, text)));
    let some = all.clone().at_most(2);
    assert_eq!((some.len(), some.truncated()), (2, true));
    assert_eq!(all.clone().at_most(5), all);
    assert_eq!(Violations::from_findings([]), None);
    assert_eq!(Violations::from_findings(own.clone()), Some(own));
}

#[test]
fn a_thousand_rules_cost_what_they_themselves_cost() {
    let body = format!(
        r#"{{ "Survey": [{}] }}"#,
        (0..10_000)
            .map(|n| format!(r#"{{"Rating":{},"place":"{n}"}}"#, n % 5 + 1))
            .collect::<Vec<_>>()
            .join(",")
    );
    let calls = Arc::new(AtomicUsize::new(0));
    let records = Arc::new(AtomicUsize::new(0));
    let rules = (0..1_000).map(|n| {
        let (calls, records) = (Arc::clone(&calls), Arc::clone(&records));
        Rule::new(
            &format!("rule_{n}"),
            ["Survey", "disposition"],
            move |parts: &Parts<'_>, _: &mut Findings<'_>| {
                calls.fetch_add(1, Ordering::Relaxed);
                // Only one of them looks at the records.
                if n == 500 {
                    records.fetch_add(parts.extension("Survey").unwrap().iter().count(), Ordering::Relaxed);
                }
            },
        )
    });
    assert!(with(rules).read(body.as_bytes()).is_ok());
    assert_eq!(calls.load(Ordering::Relaxed), 1_000, "each is called once for the body, not for each record");
    assert_eq!(records.load(Ordering::Relaxed), 10_000);
}

/// Members of a body: a part's name, and a value that is good or bad.
const MEMBERS: &[(&str, &str, bool)] = &[
    ("disposition", "10", true),
    ("disposition", "[]", false),
    ("session_id", "\"s\"", true),
    ("session_id", "7", false),
    ("resource_id", "5", true),
    ("resource_id", "\"x\"", false),
    ("Survey", r#"[{"rating":1},{"RATING":5,"place":"x"}]"#, true),
    ("survey", r#"[{"rating":9},{"place":null}]"#, false),
    ("Survey", "[]", true),
    ("Note", r#"{"text":"hi"}"#, true),
    ("NOTE", r#"{"text":7,"gone":1}"#, false),
    ("Note", "[]", false),
    ("gone", "{}", false),
    ("timestamp", r#""2009-05-12T12:05:12.145Z""#, true),
];

const READS: &[&[&str]] = &[
    &["disposition"],
    &["session_id", "Survey"],
    &["Note"],
    &["resource_id", "disposition", "Note", "Survey"],
    &["timestamp"],
    &[],
    &["Survey"],
];

fn part(name: &str) -> String {
    name.to_ascii_lowercase()
}

proptest! {
    #[test]
    fn a_rule_runs_on_parts_without_violations_and_on_no_others_in_whatever_order_they_stand(
        chosen in subsequence((0..MEMBERS.len()).collect::<Vec<_>>(), 0..=MEMBERS.len()).prop_shuffle(),
        limit in 1_usize..40,
    ) {
        // Of each part one member: with two, the order says which one counts.
        let mut members: Vec<(&str, &str, bool)> = Vec::new();
        for member in chosen.iter().map(|ordinal| MEMBERS[*ordinal]) {
            if members.iter().all(|(name, ..)| part(name) != part(member.0)) {
                members.push(member);
            }
        }
        let rules = || READS.iter().enumerate().map(|(ordinal, reads)| everywhere(&format!("rule_{ordinal}"), reads));
        let body = |members: &[(&str, &str, bool)]| {
            let members: Vec<_> = members.iter().map(|(name, value, _)| format!("\"{name}\":{value}")).collect();
            format!("{{{}}}", members.join(","))
        };
        let all = found(&with(rules()), &body(&members));
        let is_bad = |read: &str| members.iter().any(|(name, _, good)| !good && part(name) == part(read));
        for (ordinal, reads) in READS.iter().enumerate() {
            let runs = !reads.iter().any(|read| is_bad(read));
            let code = format!(" rule_{ordinal}");
            let told = all.iter().filter(|told| told.ends_with(&code)).count();
            prop_assert_eq!(told, if runs { reads.len() } else { 0 }, "{} {:?}", body(&members), reads);
        }
        // The findings come last, in the order of the rules, whatever the order of the members.
        let mut sorted = members.clone();
        sorted.sort_unstable();
        let other = found(&with(rules()), &body(&sorted));
        let is_finding = |told: &&String| told.contains(" rule_");
        prop_assert!(all.iter().filter(is_finding).eq(other.iter().filter(is_finding)));
        let (mut one, mut two) = (all.clone(), other);
        one.sort_unstable();
        two.sort_unstable();
        prop_assert_eq!(one, two);
        // The limit cuts the list, and changes nothing else.
        if !all.is_empty() {
            let limited = with(rules()).with_max_violations(limit);
            let Err(ReadError::Invalid(violations)) = limited.read(body(&members).as_bytes()) else { panic!("refused") };
            prop_assert_eq!(told(&violations), all[..limit.min(all.len())].to_vec());
            prop_assert_eq!(violations.truncated(), all.len() > limit);
        }
    }
}

#[test]
fn no_rule_sees_what_another_door_would_not_show() {
    let body = r#"{ "SURVEY": [ { "Rating": 1, "COMMENT": "" } ] }"#;
    let validator = with([needs_comment()]);
    assert_eq!(found(&validator, body), ["/SURVEY/0/COMMENT comment_missing"]);
    if let Some(packed) = message_pack(body) {
        assert_eq!(read_message_pack(&validator, &packed), validator.read(body.as_bytes()));
    }
}

#[test]
fn a_rule_shows_its_name_and_what_it_reads() {
    let rule =
        Rule::new("low_needs_comment", ["Survey", "disposition"], |_: &Parts<'_>, _: &mut Findings<'_>| {});
    let expected = r#"Rule { name: "low_needs_comment", reads: ["Survey", "disposition"], .. }"#;
    assert_eq!(format!("{rule:?}"), expected);
}
