//! 2.4: what an event changes about a service.

use std::time::Duration;

use service_end::{
    BusinessAttributes, CompleteService, EndPolicy, EndRules, MemoryStorage, Schemas, Service,
    ServiceEndEvent, StoredService, Timestamp, Validator,
    schema::BusinessField,
    service::{Decision, Refusal, decide},
};

use crate::stage::{
    ID, NOW, START, active, at, document, end, end_at, ended_by, ended_document, operation, schemas,
    store_with, stored, validator,
};
use crate::support::unreadable;

/// Each fixed field but the timestamp: a value, and another one.
const FIXED_FIELDS: [(&str, &str, &str); 13] = [
    ("session_id", r#""7f3a""#, r#""7F3A""#),
    ("interaction_id", r#""123ABC""#, r#""123ABC ""#),
    ("application_type", "1", "2"),
    ("application_type", r#""ivr""#, r#""IVR""#),
    ("application_id", "-9223372036854775808", "9223372036854775807"),
    ("resource_type", "2", r#""2""#),
    ("resource_type", r#""agent""#, "0"),
    ("resource_id", "5005", "5006"),
    ("media_type", "1", "-1"),
    ("media_type", r#""voice""#, r#""chat""#),
    ("disposition", "10", "11"),
    ("disposition", r#""10""#, "10"),
    ("disposition_desc", r#""SUCCESS""#, r#""""#),
];

#[test]
fn an_active_service_ends_with_all_that_the_event_says() {
    let operation = operation();
    let body = r#"{ "timestamp": "2009-05-12T12:05:12.145Z", "disposition": 10, "session_id": "s",
        "Satisfaction": [ { "rating": 2 }, { "place": "Paris", "rating": 8 } ], "feedback": { "rating": 7 } }"#;
    assert_eq!(end(&operation, body), "ended");
    let expected = ended_document(
        r#""session_id":"s","disposition":10"#,
        r#""Satisfaction":[{"rating":2,"place":"unknown"},{"rating":8,"place":"Paris"}],"Feedback":{"rating":7,"notes":"none"}"#,
    );
    assert_eq!(document(operation.storage()), expected);
}

#[test]
fn an_unknown_service_is_not_found() {
    let operation = CompleteService::new(validator(), MemoryStorage::new());
    assert_eq!(end(&operation, "{}"), "service_not_found");
    assert!(operation.storage().is_empty(), "nothing comes into being");
}

#[test]
fn an_end_replaces_the_extensions_it_names_and_keeps_the_others() {
    let before = [
        ("Feedback", r#"{"FeedbackType":"survey","notes":"n"}"#),
        ("Satisfaction", r#"[{"rating":1,"place":"Rome"},{"rating":2,"place":"Oslo"}]"#),
    ];
    let (feedback, satisfaction) = (before[0], before[1]);
    let kept = |(name, json): (&str, &str)| format!(r#""{name}":{json}"#);
    let cases = [
        ("{}", vec![kept(feedback), kept(satisfaction)]),
        (
            r#"{ "FEEDBACK": { "rating": 5 } }"#,
            vec![kept(satisfaction), kept(("Feedback", r#"{"rating":5,"notes":"none"}"#))],
        ),
        (r#"{ "Feedback": {} }"#, vec![kept(satisfaction), kept(("Feedback", r#"{"notes":"none"}"#))]),
        (r#"{ "Feedback": { "notes": null } }"#, vec![kept(satisfaction), kept(("Feedback", "{}"))]),
        (r#"{ "satisfaction": [] }"#, vec![kept(feedback)]),
        (
            r#"{ "Satisfaction": [ { "rating": 9, "place": "Rome" } ] }"#,
            vec![kept(feedback), kept(("Satisfaction", r#"[{"rating":9,"place":"Rome"}]"#))],
        ),
    ];
    for (body, extensions) in cases {
        let service =
            before.iter().fold(active(), |service, (name, json)| service.with_extension(name, *json));
        let operation = CompleteService::new(validator(), store_with(service));
        assert_eq!(end(&operation, body), "ended", "{body}");
        let found: serde_json::Value = serde_json::from_str(&document(operation.storage())).unwrap();
        let expected = ended_document("", &extensions.join(","));
        assert_eq!(found, serde_json::from_str::<serde_json::Value>(&expected).unwrap(), "{body}");
    }
}

#[test]
fn a_retry_of_the_same_event_changes_nothing() {
    let extensions = r#""Feedback": { "rating": 7 }, "Satisfaction": [ { "rating": 2 } ]"#;
    let mut bodies = vec![
        "{}".to_owned(),
        format!("{{ {extensions} }}"),
        r#"{ "timestamp": "2009-05-12T12:00:00.000Z" }"#.to_owned(),
    ];
    bodies.extend(
        FIXED_FIELDS.iter().map(|(field, value, _)| {
            format!(r#"{{ "{field}": {value}, "timestamp": "{NOW}", {extensions} }}"#)
        }),
    );
    for body in bodies {
        let operation = ended_by(&body);
        let before = stored(operation.storage());
        for retry in 0..3 {
            assert_eq!(end_at(&operation, &body, "2010-01-01T00:00:00Z"), "already so", "{retry}: {body}");
            assert_eq!(stored(operation.storage()), before, "the version included: {body}");
        }
    }
}

#[test]
fn another_value_in_any_fixed_field_is_another_end() {
    for (field, value, other) in FIXED_FIELDS {
        let operation = ended_by(&format!(r#"{{ "{field}": {value} }}"#));
        let before = stored(operation.storage());
        let one_more = if field == "resource_id" { "application_id" } else { "resource_id" };
        for again in [
            format!(r#"{{ "{field}": {other} }}"#),
            format!(r#"{{ "{field}": null }}"#),
            "{}".to_owned(),
            format!(r#"{{ "{field}": {value}, "{one_more}": 77 }}"#),
        ] {
            assert_eq!(end(&operation, &again), "service_already_ended", "{field}: {again}");
            assert_eq!(stored(operation.storage()), before, "{again}");
        }
    }
}

#[test]
fn a_timestamp_left_out_matches_any_and_one_given_only_its_own() {
    let ended = r#"{ "timestamp": "2009-05-12T12:00:00.123Z", "disposition": 10 }"#;
    let cases = [
        (r#"{ "disposition": 10 }"#, "already so"),
        (r#"{ "disposition": 10, "timestamp": null }"#, "already so"),
        (r#"{ "disposition": 10, "timestamp": "2009-05-12T14:00:00.123+02:00" }"#, "already so"),
        (r#"{ "disposition": 10, "timestamp": "2009-05-12t12:00:00.1239z" }"#, "already so"),
        (r#"{ "disposition": 10, "timestamp": "2009-05-12T12:00:00.124Z" }"#, "service_already_ended"),
        (r#"{ "disposition": 10, "timestamp": "2009-05-12T12:00:00Z" }"#, "service_already_ended"),
        // A timestamp that matches does not make up for another field.
        (r#"{ "disposition": 11, "timestamp": "2009-05-12T12:00:00.123Z" }"#, "service_already_ended"),
        (r#"{ "timestamp": "2009-05-12T12:00:00.123Z" }"#, "service_already_ended"),
    ];
    let operation = ended_by(ended);
    for (again, expected) in cases {
        assert_eq!(end(&operation, again), expected, "{again}");
    }
    // One that we assigned is recorded, and matched as any other.
    let operation = ended_by("{}");
    assert_eq!(end(&operation, &format!(r#"{{ "timestamp": "{NOW}" }}"#)), "already so");
    assert_eq!(end(&operation, r#"{ "timestamp": "2009-05-12T12:05:12.146Z" }"#), "service_already_ended");
}

#[test]
fn fixed_fields_are_compared_by_value_not_by_their_text() {
    let cases = [
        (r#"{ "resource_id": 7 }"#, r#"{ "resource_id": 7.0 }"#),
        (r#"{ "resource_id": 7e0 }"#, r#"{ "resource_id": 7 }"#),
        (r#"{ "resource_id": -0 }"#, r#"{ "resource_id": 0 }"#),
        (r#"{ "session_id": "caf\u00e9" }"#, r#"{ "session_id": "café" }"#),
        (r#"{ "session_id": null }"#, "{}"),
        (r#"{ "disposition": 10, "media_type": 1 }"#, r#"{ "media_type": 1, "disposition": 10 }"#),
    ];
    for (first, again) in cases {
        assert_eq!(end(&ended_by(first), again), "already so", "{first} then {again}");
    }
}

#[test]
fn a_business_name_and_its_id_are_the_same_end() {
    let known =
        BusinessAttributes::new().with(BusinessField::Disposition, [(10, "Resolved"), (11, "10")]).unwrap();
    for (first, again, expected) in [
        (r#""Resolved""#, "10", "already so"),
        ("10", r#""Resolved""#, "already so"),
        (r#""10""#, "11", "already so"),
        (r#""10""#, "10", "service_already_ended"),
    ] {
        let validator = validator().with_business_attributes(known.clone());
        let operation = CompleteService::new(validator, store_with(active()));
        assert_eq!(end(&operation, &format!(r#"{{ "disposition": {first} }}"#)), "ended");
        let again = format!(r#"{{ "disposition": {again} }}"#);
        assert_eq!(end(&operation, &again), expected, "{first} then {again}");
    }
}

#[test]
fn every_extension_named_must_equal_what_is_stored() {
    let (so, other) = ("already so", "service_already_ended");
    let one = r#"{ "Feedback": { "rating": 7 } }"#;
    let two = r#"{ "Satisfaction": [ { "rating": 1, "place": "a" }, { "rating": 2, "place": "b" } ] }"#;
    let null = r#"{ "Feedback": { "rating": 7, "notes": null } }"#;
    let cases = [
        // Effective values: a default counts as if it were sent, `null` is no value.
        (one, r#"{ "Feedback": { "rating": 7, "notes": "none" } }"#, so),
        (one, r#"{ "Feedback": { "rating": 7, "FeedbackType": null } }"#, so),
        (one, null, other),
        (null, one, other),
        (null, null, so),
        (null, r#"{ "Feedback": { "notes": null, "rating": 7.0 } }"#, so),
        // Names are the same in any case, and attributes in any order.
        (one, r#"{ "FEEDBACK": { "NOTES": "none", "Rating": 7 } }"#, so),
        // Any other value.
        (one, r#"{ "Feedback": { "rating": 8 } }"#, other),
        (one, r#"{ "Feedback": {} }"#, other),
        (one, r#"{ "Feedback": { "rating": 7, "FeedbackType": "" } }"#, other),
        // Records keep their order.
        (two, two, so),
        (
            two,
            r#"{ "Satisfaction": [ { "rating": 2, "place": "b" }, { "rating": 1, "place": "a" } ] }"#,
            other,
        ),
        (two, r#"{ "Satisfaction": [ { "rating": 1, "place": "a" } ] }"#, other),
        (two, r#"{ "Satisfaction": [] }"#, other),
        // Those not named do not matter, but all that are named do.
        (two, "{}", so),
        (one, r#"{ "Feedback": { "rating": 7 }, "Satisfaction": [] }"#, so),
        (one, r#"{ "Feedback": { "rating": 7 }, "Satisfaction": [ { "rating": 1 } ] }"#, other),
        // `[]` equals nothing stored, in both directions; an empty record is something.
        ("{}", r#"{ "Satisfaction": [] }"#, so),
        (r#"{ "Satisfaction": [] }"#, "{}", so),
        (r#"{ "Satisfaction": [] }"#, r#"{ "Satisfaction": [] }"#, so),
        ("{}", r#"{ "Satisfaction": [ { "rating": 1 } ] }"#, other),
        ("{}", r#"{ "Feedback": {} }"#, other),
        ("{}", r#"{ "Feedback": { "notes": null } }"#, other),
        (r#"{ "Feedback": { "notes": null } }"#, r#"{ "Feedback": { "notes": null } }"#, so),
    ];
    for (first, again, expected) in cases {
        assert_eq!(end(&ended_by(first), again), expected, "{first} then {again}");
    }
}

#[test]
fn an_extension_recorded_before_the_end_counts_in_a_retry_as_one_recorded_by_it() {
    let service = active().with_extension("Feedback", r#"{ "notes": "none", "rating": 7 }"#);
    let operation = CompleteService::new(validator(), store_with(service));
    assert_eq!(end(&operation, "{}"), "ended");
    assert_eq!(end(&operation, r#"{ "Feedback": { "rating": 7 } }"#), "already so");
    assert_eq!(end(&operation, r#"{ "Feedback": { "rating": 8 } }"#), "service_already_ended");
}

#[test]
fn a_default_is_no_part_of_what_was_stored_without_it() {
    let service = active().with_extension("Feedback", r#"{ "rating": 7 }"#);
    let operation = CompleteService::new(validator(), store_with(service));
    assert_eq!(end(&operation, "{}"), "ended");
    assert_eq!(end(&operation, r#"{ "Feedback": { "rating": 7 } }"#), "service_already_ended");
    assert_eq!(end(&operation, r#"{ "Feedback": { "rating": 7, "notes": null } }"#), "already so");
}

/// A service that was ended with all kinds of things, under the policy that a later end replaces the earlier one.
fn replacing() -> CompleteService<MemoryStorage> {
    ended_by(
        r#"{ "timestamp": "2009-05-12T12:00:00Z", "session_id": "s", "disposition": 10, "disposition_desc": "x",
             "Feedback": { "rating": 7 }, "Satisfaction": [ { "rating": 2 } ] }"#,
    )
    .with_end_rules(EndRules::new().with_policy(EndPolicy::ReplaceEarlier))
}

#[test]
fn a_later_end_replaces_all_fixed_fields_and_the_extensions_it_names() {
    let feedback = r#""Feedback":{"rating":7,"notes":"none"}"#;
    let satisfaction = r#""Satisfaction":[{"rating":2,"place":"unknown"}]"#;
    let cases = [
        (r#"{ "disposition": 11 }"#, r#""disposition":11"#, format!("{feedback},{satisfaction}")),
        (r#"{ "session_id": "s", "Satisfaction": [] }"#, r#""session_id":"s""#, feedback.to_owned()),
        (r#"{ "Feedback": { "notes": null } }"#, "", format!(r#"{satisfaction},"Feedback":{{}}"#)),
        (
            r#"{ "timestamp": "2009-05-12T12:05:12.145Z", "satisfaction": [ { "rating": 3, "place": "p" } ] }"#,
            "",
            format!(r#"{feedback},"Satisfaction":[{{"rating":3,"place":"p"}}]"#),
        ),
    ];
    for (body, completed, extensions) in cases {
        let operation = replacing();
        let before = stored(operation.storage());
        assert_eq!(end(&operation, body), "replaced", "{body}");
        assert_eq!(document(operation.storage()), ended_document(completed, &extensions), "{body}");
        assert_ne!(stored(operation.storage()).version, before.version, "{body}");
        assert_eq!(end(&operation, body), "already so", "the replacement is retried: {body}");
    }
}

#[test]
fn under_the_policy_that_replaces_an_equal_event_is_already_so() {
    let operation = replacing();
    let before = stored(operation.storage());
    for body in [
        r#"{ "session_id": "s", "disposition": 10, "disposition_desc": "x" }"#,
        r#"{ "session_id": "s", "disposition": 10, "disposition_desc": "x", "FEEDBACK": { "rating": 7 },
             "timestamp": "2009-05-12T14:00:00+02:00" }"#,
    ] {
        assert_eq!(end(&operation, body), "already so", "{body}");
        assert_eq!(stored(operation.storage()), before, "{body}");
    }
}

#[test]
fn under_the_policy_that_replaces_an_active_service_just_ends() {
    let operation = operation().with_end_rules(EndRules::new().with_policy(EndPolicy::ReplaceEarlier));
    assert_eq!(end(&operation, "{}"), "ended");
}

/// Decides on the active service of the stage, started at `start`.
fn decide_at(start: Timestamp, said: Timestamp, tolerance: Duration) -> Result<Decision, Refusal> {
    let event = ServiceEndEvent::builder().timestamp(said).build(&Validator::default()).unwrap();
    let rules = EndRules::new().with_clock_tolerance(tolerance);
    decide(ID, Some(&StoredService::new(ID, 1, start)), event, &rules, at(NOW))
}

#[test]
fn an_end_before_the_start_is_refused_if_earlier_by_more_than_the_tolerance() {
    let minute = Duration::from_secs(60);
    let cases = [
        // (tolerance, milliseconds of the end before the start, refused)
        (minute, 60_000, false),
        (minute, 60_001, true),
        (minute, 59_999, false),
        (minute, 0, false),
        (minute, -1, false),
        (Duration::ZERO, 0, false),
        (Duration::ZERO, 1, true),
        (Duration::from_millis(1), 1, false),
        (Duration::from_millis(1), 2, true),
        // Part of a millisecond more than a whole number of them changes nothing; a nanosecond less does.
        (Duration::from_nanos(1_999_999), 1, false),
        (Duration::from_nanos(1_999_999), 2, true),
        (Duration::from_nanos(999_999), 1, true),
        (Duration::MAX, 63_000_000_000_000, false),
    ];
    for (tolerance, earlier, refused) in cases {
        let start = at(START);
        let said =
            Timestamp::from_unix_millis((start.unix_millis() - earlier).max(Timestamp::MIN.unix_millis()));
        let decision = decide_at(start, said.unwrap(), tolerance);
        assert_eq!(decision.is_err(), refused, "{earlier} ms, {tolerance:?}: {decision:?}");
        if let Ok(Decision::Complete(completion)) = decision {
            assert_eq!(completion.end().timestamp(), said.unwrap(), "recorded as said");
        }
    }
    assert_eq!(EndRules::default().clock_tolerance, minute, "one minute by default");
}

#[test]
fn the_tolerance_holds_at_the_ends_of_the_calendar() {
    for tolerance in [Duration::ZERO, Duration::from_secs(60), Duration::MAX] {
        assert!(decide_at(Timestamp::MIN, Timestamp::MIN, tolerance).is_ok());
        assert!(decide_at(Timestamp::MAX, Timestamp::MAX, tolerance).is_ok());
        assert!(decide_at(Timestamp::MIN, Timestamp::MAX, tolerance).is_ok());
        let far_before = decide_at(Timestamp::MAX, Timestamp::MIN, tolerance);
        assert_eq!(far_before.is_ok(), tolerance == Duration::MAX);
    }
}

#[test]
fn an_end_before_the_start_is_the_only_violation() {
    let operation = operation();
    let before = stored(operation.storage());
    let early = r#"{ "timestamp": "2009-05-12T11:48:59.999Z", "Feedback": { "rating": 7 } }"#;
    assert_eq!(end(&operation, early), "invalid_event /timestamp ends_before_start");
    let early_and_wrong = r#"{ "timestamp": "2009-05-12T11:48:59.999Z", "Feedback": { "rating": "7" } }"#;
    assert_eq!(end(&operation, early_and_wrong), "invalid_event /Feedback/rating wrong_type");
    assert_eq!(stored(operation.storage()), before);
    let patient = operation.with_end_rules(EndRules::new().with_clock_tolerance(Duration::from_secs(61)));
    assert_eq!(end(&patient, early), "ended");
}

#[test]
fn a_timestamp_assigned_by_us_is_the_later_of_now_and_the_start_and_never_refused() {
    let cases = [
        (NOW, NOW),
        (START, START),
        ("2009-05-12T11:50:00.001Z", "2009-05-12T11:50:00.001Z"),
        ("2009-05-12T11:49:59.999Z", START),
        ("0001-01-01T00:00:00Z", START),
        ("9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z"),
    ];
    for (now, recorded) in cases {
        for body in ["{}", r#"{ "timestamp": null }"#] {
            let operation = operation().with_end_rules(EndRules::new().with_clock_tolerance(Duration::ZERO));
            assert_eq!(end_at(&operation, body, now), "ended", "{now}");
            assert_eq!(stored(operation.storage()).end.unwrap().timestamp(), at(recorded), "{now}");
        }
        let operation = replacing().with_end_rules(
            EndRules::new().with_policy(EndPolicy::ReplaceEarlier).with_clock_tolerance(Duration::ZERO),
        );
        assert_eq!(end_at(&operation, "{}", now), "replaced", "{now}");
        assert_eq!(stored(operation.storage()).end.unwrap().timestamp(), at(recorded), "{now}");
    }
}

#[test]
fn what_is_wrong_is_looked_for_in_this_order() {
    type Given = fn() -> CompleteService<MemoryStorage>;
    let early = r#"{ "timestamp": "2000-01-01T00:00:00Z" }"#;
    let ended: Given = || ended_by(r#"{ "disposition": 10 }"#);
    let empty: Given = || CompleteService::new(validator(), MemoryStorage::new());
    let (active, replacing): (Given, Given) = (operation, replacing);
    let cases = [
        // The body comes before all else, and its syntax before its content.
        (empty, r#"{ "disposition": true "#, "syntax"),
        (empty, r#"{ "disposition": true }"#, "invalid_event /disposition wrong_type"),
        (ended, r#"{ "disposition": true }"#, "invalid_event /disposition wrong_type"),
        // Its violations hide that it names another service.
        (empty, r#"{ "service_id": 1, "disposition": true }"#, "invalid_event /disposition wrong_type"),
        // Another service is told before the service is looked at.
        (empty, r#"{ "service_id": 1 }"#, "invalid_event /service_id service_id_mismatch"),
        (ended, r#"{ "service_id": 1 }"#, "invalid_event /service_id service_id_mismatch"),
        (
            active,
            r#"{ "service_id": 1, "timestamp": "2000-01-01T00:00:00Z" }"#,
            "invalid_event /service_id service_id_mismatch",
        ),
        // Then the service, then its earlier end, then its start.
        (empty, early, "service_not_found"),
        (ended, early, "service_already_ended"),
        (active, early, "invalid_event /timestamp ends_before_start"),
        (replacing, early, "invalid_event /timestamp ends_before_start"),
    ];
    for (given, body, expected) in cases {
        assert_eq!(end(&given(), body), expected, "{body}");
    }
}

#[test]
fn an_end_recorded_before_the_start_is_retried_safely() {
    // With today's tolerance it would be refused, but it is there: the comparison comes first.
    let early = r#"{ "timestamp": "2000-01-01T00:00:00Z" }"#;
    for policy in [EndPolicy::KeepFirst, EndPolicy::ReplaceEarlier] {
        let operation = operation().with_end_rules(EndRules::new().with_clock_tolerance(Duration::MAX));
        assert_eq!(end(&operation, early), "ended");
        let strict = operation
            .with_end_rules(EndRules::new().with_clock_tolerance(Duration::ZERO))
            .with_end_rules(EndRules::new().with_policy(policy));
        assert_eq!(end(&strict, early), "already so");
    }
}

#[test]
fn a_service_id_in_the_body_must_be_the_one_addressed() {
    let mismatch = "invalid_event /service_id service_id_mismatch";
    let cases = [
        ("36981723", "ended"),
        ("36981723.0", "ended"),
        ("3.6981723e7", "ended"),
        ("null", "ended"),
        ("36981724", mismatch),
        ("0", mismatch),
        ("-36981723", mismatch),
        ("9223372036854775807", mismatch),
        (r#""36981723""#, "invalid_event /service_id wrong_type"),
        ("36981723.5", "invalid_event /service_id wrong_type"),
        ("9223372036854775808", "invalid_event /service_id out_of_range"),
        ("[36981723]", "invalid_event /service_id wrong_type"),
    ];
    for (service_id, expected) in cases {
        let operation = operation();
        assert_eq!(
            end(&operation, &format!(r#"{{ "service_id": {service_id} }}"#)),
            expected,
            "{service_id}"
        );
        assert!(
            !document(operation.storage()).contains(r#""completed":{"service_id""#),
            "it is not recorded"
        );
    }
    let retried = ended_by(r#"{ "service_id": 36981723 }"#);
    assert_eq!(end(&retried, "{}"), "already so", "it is no part of the end");
}

/// What the schemas of the stage can't read under the name of an extension (S8).
const UNREADABLE: [(&str, &str); 12] = [
    ("Feedback", r#"[{"rating":7}]"#),
    ("Feedback", r#"{"rating":"7"}"#),
    ("Feedback", r#"{"rating":7,"gone":1}"#),
    ("Feedback", r#"{"rating":7"#),
    ("Feedback", r#"{"rating":7,"Rating":7}"#),
    ("Feedback", "null"),
    ("Feedback", ""),
    ("Satisfaction", r#"{"rating":7}"#),
    ("Satisfaction", r#"[{"place":"unknown"}]"#),
    ("Satisfaction", r#"[{"rating":1},{"rating":2}]"#),
    ("Satisfaction", r#"[{"rating":7},7]"#),
    ("Satisfaction", "[]]"),
];

#[test]
fn an_unreadable_extension_equals_nothing_and_hides_nothing_else() {
    for (name, json) in UNREADABLE {
        let sound = if name == "Feedback" {
            ("Satisfaction", r#"[{"rating":1,"place":"p"}]"#)
        } else {
            ("Feedback", r#"{"rating":7}"#)
        };
        let service = active().with_extension(name, json).with_extension(sound.0, sound.1);
        let operation = CompleteService::new(validator(), store_with(service));
        assert_eq!(end(&operation, "{}"), "ended", "{json}");

        let read = Service::read(&stored(operation.storage()), &schemas());
        assert_eq!(unreadable(&read), [name.to_lowercase()], "{json}");
        assert_eq!(read.extensions().len(), 1, "{json}");
        assert_eq!(
            serde_json::to_string(&read).unwrap(),
            ended_document("", &format!(r#""{}":{}"#, sound.0, sound.1))
        );
        assert_eq!(stored(operation.storage()).extension(&name.to_lowercase()), Some(json), "kept as it is");

        let nothing = if name == "Feedback" { r#"{"notes":null}"# } else { "[]" };
        for value in [nothing, json] {
            let again = format!(r#"{{ "{name}": {value} }}"#);
            assert!(!end(&operation, &again).contains("already so"), "{again} against {json}");
        }
        assert_eq!(end(&operation, "{}"), "already so", "not named, it does not matter");
    }
}

#[test]
fn an_unreadable_extension_can_be_replaced() {
    for (name, json) in UNREADABLE {
        let body = if name == "Feedback" {
            r#"{ "Feedback": { "rating": 1 } }"#
        } else {
            r#"{ "Satisfaction": [ { "rating": 1 } ] }"#
        };
        let active = CompleteService::new(validator(), store_with(active().with_extension(name, json)));
        assert_eq!(end(&active, body), "ended", "{json}");
        let read = Service::read(&stored(active.storage()), &schemas());
        assert!(read.unreadable().is_empty() && read.extension(name).is_some(), "{json}");
    }
    for (name, json) in UNREADABLE.iter().filter(|(name, _)| *name == "Satisfaction") {
        let service = active().with_extension(name, *json);
        let cleared = CompleteService::new(validator(), store_with(service));
        assert_eq!(end(&cleared, r#"{ "Satisfaction": [] }"#), "ended");
        assert_eq!(document(cleared.storage()), ended_document("", ""), "cleared: {json}");
        assert!(stored(cleared.storage()).extensions().len() == 0, "{json}");
    }
}

#[test]
fn an_extension_whose_schema_was_removed_is_unreadable_until_it_is_declared_again() {
    let operation = ended_by(r#"{ "Feedback": { "rating": 7 } }"#);
    let without = schemas().without("FEEDBACK").unwrap();
    let read = Service::read(&stored(operation.storage()), &without);
    assert_eq!((unreadable(&read), read.extensions().len()), (vec!["feedback"], 0));
    assert_eq!(
        document(operation.storage()),
        ended_document("", r#""Feedback":{"rating":7,"notes":"none"}"#)
    );
}

#[test]
fn an_extension_declared_anew_is_compared_as_todays_schema_reads_it() {
    let anew = Schemas::from_json(
        r#"[ { "name": "FEEDBACK", "type": "single-valued", "attributes": [
            { "name": "NOTES", "type": "string" }, { "name": "rating", "type": "long" } ] } ]"#,
    )
    .unwrap();
    let operation = ended_by(r#"{ "Feedback": { "rating": 7 } }"#);
    let service = stored(operation.storage());
    let operation = CompleteService::new(service_end::Validator::new(anew), store_with(service));
    assert_eq!(end(&operation, r#"{ "feedback": { "rating": 7, "notes": "none" } }"#), "already so");
    // There is no default any more.
    assert_eq!(end(&operation, r#"{ "feedback": { "rating": 7 } }"#), "service_already_ended");
}
