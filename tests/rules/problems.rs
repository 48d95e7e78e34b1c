//! 2.8: every failure as a problem document.

use std::fmt;

use serde_json::{Value, json};
use service_end::{
    BusinessAttributes, CompleteError, CompleteService, Completion, EndRules, ExtensionSchema, FixedFields,
    MemoryStorage, Problem, ReadError, Schemas, ServiceEndEvent, ServiceId, Storage, StoredService,
    Timestamp, Violation, Violations,
    problem::ProblemCode,
    schema::{BusinessField, DeclarationError},
    service::{End, Target, decide},
    storage::{Commit, Want},
    violation::HostCode,
};

use crate::stage::{ID, NOW, active, at, ended_by, operation, schemas, store_with, validator};

fn document(problem: &Problem) -> Value {
    serde_json::from_str(&serde_json::to_string(problem).unwrap()).unwrap()
}

/// The problem document that a body gets.
fn refused<S: Storage>(operation: &CompleteService<S>, body: impl AsRef<[u8]>) -> Value {
    let error = operation.end(ID, body.as_ref(), at(NOW)).unwrap_err();
    document(&Problem::from(&error))
}

/// A problem document without violations and without a place.
fn plain(code: &str, status: u16, title: &str, detail: &str) -> Value {
    json!({ "type": format!("urn:service-end:problem:{code}"), "title": title, "status": status, "code": code, "detail": detail })
}

/// The same with more members.
fn with(mut document: Value, members: Value) -> Value {
    let (Value::Object(document_members), Value::Object(members)) = (&mut document, members) else {
        panic!("both are objects");
    };
    document_members.extend(members);
    document
}

fn syntax(detail: &str, line: u64, column: u64) -> Value {
    with(
        plain(
            "syntax",
            400,
            "The body is not a JSON object",
            &format!("{detail} at line {line}, column {column}"),
        ),
        json!({ "line": line, "column": column }),
    )
}

fn invalid_event(detail: &str, violations: &Value) -> Value {
    with(
        plain("invalid_event", 400, "The service end event is invalid", detail),
        json!({ "violations": violations, "truncated": false }),
    )
}

#[test]
fn the_members_stand_in_a_fixed_order() {
    let error = validator().read(br#"{ "session_id": 7 }"#).unwrap_err();
    let expected = r#"{"type":"urn:service-end:problem:invalid_event","title":"The service end event is invalid","status":400,"code":"invalid_event","detail":"the body has 1 violation","violations":[{"pointer":"/session_id","code":"wrong_type","message":"must be a string, but is a number","params":{"found":"number"},"expected":["string"]}],"truncated":false}"#;
    assert_eq!(serde_json::to_string(&Problem::from(&error)).unwrap(), expected);
    assert_eq!(Problem::MEDIA_TYPE, "application/problem+json");
}

#[test]
fn a_body_that_is_no_json_object_is_told_with_line_and_column() {
    let cases: [(&[u8], Value); 9] = [
        (b"", syntax("the text is empty", 1, 1)),
        (b"{ \"disposition\": 10,\n  \"media_type\" 1 }", syntax("expected `:`", 2, 16)),
        (b"{ \"disposition\": 10\n  \"media_type\": 1 }", syntax("expected `,` or `}`", 2, 3)),
        (b" [ 1 ]", syntax("the body must be a JSON object, but is an array", 1, 2)),
        (b"\n\n  null", syntax("the body must be a JSON object, but is null", 3, 3)),
        (b"\"Jane\"", syntax("the body must be a JSON object, but is a string", 1, 1)),
        (b"4711", syntax("the body must be a JSON object, but is a number", 1, 1)),
        (b"{} {}", syntax("trailing characters", 1, 4)),
        (b"{ \"session_id\": \"\xc3\" }", syntax("the text is not UTF-8", 1, 18)),
    ];
    for (body, expected) in cases {
        assert_eq!(refused(&operation(), body), expected, "{}", String::from_utf8_lossy(body));
    }
}

#[test]
fn an_invalid_event_is_told_with_all_its_violations() {
    let body = r#"{
  "timestamp": "yesterday",
  "session_id": "123456789012345678901234567890123",
  "resource_id": "5005",
  "Feedback": { "rating": 7.5, "note": "x" },
  "Satisfaction": [ { "rating": 2 }, { "rating": 3 }, { "place": "p" }, 7 ],
  "Complaints": []
}"#;
    let expected = invalid_event(
        "the body has 9 violations",
        &json!([
            { "pointer": "/timestamp", "code": "invalid_format",
              "message": "must be a timestamp like `2009-05-12T12:05:12.145Z`",
              "params": { "reason": "form" }, "line": 2, "column": 16 },
            { "pointer": "/session_id", "code": "too_long",
              "message": "must have at most 32 characters, but has 33", "params": { "limit": 32, "length": 33 },
              "line": 3, "column": 17 },
            { "pointer": "/resource_id", "code": "wrong_type", "message": "must be an integer, but is a string",
              "params": { "found": "string" }, "expected": ["integer"], "line": 4, "column": 18 },
            { "pointer": "/Feedback/rating", "code": "wrong_type", "message": "must be an integer, but has a fraction",
              "params": { "found": "number" }, "expected": ["integer"], "line": 5, "column": 27 },
            { "pointer": "/Feedback/note", "code": "unknown_attribute",
              "message": "extension `Feedback` has no attribute of this name", "params": { "extension": "Feedback" },
              "expected": ["FeedbackType", "rating", "notes"], "suggestion": "notes", "line": 5, "column": 32 },
            { "pointer": "/Satisfaction/1", "code": "duplicate_record",
              "message": "repeats the `place` of record 0, which must be unique; `place` has its default in this record",
              "params": { "attributes": ["place"], "first": 0, "by_default": ["place"] }, "line": 6, "column": 38 },
            { "pointer": "/Satisfaction/2/rating", "code": "missing_attribute",
              "message": "attribute `rating` is mandatory, but has no value", "params": { "attribute": "rating" },
              "line": 6, "column": 55 },
            { "pointer": "/Satisfaction/3", "code": "wrong_shape",
              "message": "must be one record, a JSON object, but is a number", "params": { "found": "number" }, "expected": ["object"],
              "line": 6, "column": 73 },
            { "pointer": "/Complaints", "code": "unknown_extension",
              "message": "neither a field of the event nor an extension with a registered schema",
              "expected": ["session_id", "interaction_id", "application_type", "application_id", "resource_type",
                           "resource_id", "media_type", "disposition", "disposition_desc", "timestamp", "service_id",
                           "Feedback", "Satisfaction"],
              "line": 7, "column": 3 },
        ]),
    );
    assert_eq!(refused(&operation(), body), expected);
}

#[test]
fn an_event_that_does_not_fit_the_service_is_invalid_too() {
    let mismatch = json!([ { "pointer": "/service_id", "code": "service_id_mismatch",
        "message": "must be 36981723, the service addressed, or be left out",
        "params": { "addressed": 36_981_723 }, "line": 1, "column": 17 } ]);
    let body = r#"{ "service_id": 4711, "timestamp": "2009-05-12T11:48:59.999Z" }"#;
    assert_eq!(refused(&operation(), body), invalid_event("the body has 1 violation", &mismatch));

    let early = json!([ { "pointer": "/timestamp", "code": "ends_before_start",
        "message": "must not be before the start of the service, 2009-05-12T11:50:00.000Z, by more than 60s",
        "params": { "start": "2009-05-12T11:50:00.000Z", "tolerance_ms": 60_000 }, "line": 1, "column": 16 } ]);
    let body = r#"{ "timestamp":  "2009-05-12T11:48:59.999Z" }"#.replace("  ", " ");
    assert_eq!(refused(&operation(), body), invalid_event("the body has 1 violation", &early));
}

#[test]
fn violations_beyond_the_limit_are_told_by_truncated() {
    let body = |count: usize| {
        let members: Vec<_> = (0..count).map(|ordinal| format!(r#""x{ordinal}": 1"#)).collect();
        format!("{{ {} }}", members.join(","))
    };
    for (count, kept, truncated) in [(99, 99, false), (100, 100, false), (101, 100, true), (5000, 100, true)]
    {
        let problem = refused(&operation(), body(count));
        assert_eq!(problem["violations"].as_array().unwrap().len(), kept, "{count}");
        assert_eq!(problem["truncated"], json!(truncated), "{count}");
        let more = if truncated { "more than " } else { "" };
        assert_eq!(problem["detail"], json!(format!("the body has {more}{kept} violations")), "{count}");
    }
}

#[test]
fn the_service_is_unknown_or_has_ended() {
    let nowhere = CompleteService::new(validator(), MemoryStorage::new());
    let expected = plain("service_not_found", 404, "There is no such service", "there is no such service");
    assert_eq!(refused(&nowhere, "{}"), expected);

    let expected = plain(
        "service_already_ended",
        409,
        "The service has already ended",
        "the service has already ended, in another way",
    );
    let expected = with(expected, json!({ "differences": ["/disposition"] }));
    assert_eq!(refused(&ended_by("{}"), r#"{ "disposition": 10 }"#), expected);

    let expected = plain(
        "version_mismatch",
        412,
        "The service is at another version",
        "the service is at version 1, not at the one that the caller demands",
    );
    let error = operation().end(ServiceId(ID).at(4711), b"{}", at(NOW)).unwrap_err();
    assert_eq!(document(&Problem::from(&error)), expected);
}

#[test]
fn a_body_over_the_limit_is_too_large() {
    let title = "The body is too large";
    let limited = CompleteService::new(validator().with_max_body_bytes(10), store_with(active()));
    let expected = plain("body_too_large", 413, title, "the body has 11 bytes, but at most 10 are allowed");
    assert_eq!(refused(&limited, "{         }"), expected);
    assert_eq!(refused(&limited, [0xff; 11]), expected, "it is not looked at");
    assert!(limited.end(ID, b"{        }", at(NOW)).is_ok());

    let mut body = vec![b' '; (8 << 20) - 2];
    body.extend(b"{}");
    assert!(operation().end(ID, &body, at(NOW)).is_ok(), "8 MiB by default");
    body.push(b' ');
    let expected =
        plain("body_too_large", 413, title, "the body has 8388609 bytes, but at most 8388608 are allowed");
    assert_eq!(refused(&operation(), body), expected);
}

/// A store that answers each commit so.
struct Answering(Result<Commit, Secret>);

#[derive(Clone, Debug)]
struct Secret;

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("password hunter2 refused by 10.0.0.7")
    }
}

impl std::error::Error for Secret {}

impl Storage for Answering {
    type Error = Secret;

    fn load(&self, id: ServiceId, _: Want<'_>) -> Result<Option<StoredService>, Secret> {
        Ok(Some(StoredService::new(id, 1, at(NOW))))
    }

    fn commit(&self, _: &Completion) -> Result<Commit, Secret> {
        self.0.clone()
    }
}

#[test]
fn the_failures_of_a_store() {
    let cases = [
        (
            Ok(Commit::TooLarge),
            plain(
                "too_large_for_storage",
                413,
                "The end of the service is too large to be stored",
                "the end with its extensions is too large for the store",
            ),
        ),
        (
            Ok(Commit::Stale),
            plain(
                "contended",
                503,
                "Others are changing the service",
                "other writers changed the service at each of 10 attempts",
            ),
        ),
        (
            Ok(Commit::SchemaChanged),
            plain(
                "schema_changed",
                503,
                "The schema of an extension has changed",
                "the schema of an extension has changed in the store",
            ),
        ),
        (
            Err(Secret),
            plain(
                "storage_unavailable",
                503,
                "The storage is unavailable",
                "the storage failed, and whether the service has ended may be unknown; it is safe to send the same event again",
            ),
        ),
    ];
    for (answer, expected) in cases {
        let operation = CompleteService::new(validator(), Answering(answer));
        assert_eq!(refused(&operation, "{}"), expected, "the store's own error is not told");
    }
}

fn of_declaration(error: &DeclarationError) -> Value {
    document(&Problem::from(error))
}

#[test]
fn the_failures_of_schemas() {
    let title = "The extension schema is invalid";
    let mistake = Schemas::from_json(r#"[ { "name": "A", "type": "multi-valued", "attributes": [] }, 7 ]"#);
    let expected = with(
        plain("invalid_schema", 400, title, "the schema has 2 violations"),
        json!({ "truncated": false, "violations": [
            { "pointer": "/0/attributes", "code": "no_attributes",
              "message": "must declare at least one attribute", "line": 1, "column": 56 },
            { "pointer": "/1", "code": "wrong_type", "message": "must be an object, but is a number",
              "params": { "found": "number" }, "expected": ["object"], "line": 1, "column": 62 } ] }),
    );
    assert_eq!(of_declaration(&mistake.unwrap_err()), expected);

    let no_json = ExtensionSchema::from_json("{\n  \"name\" }").unwrap_err();
    let expected = with(
        plain("invalid_schema", 400, title, "expected `:` at line 2, column 10"),
        json!({ "line": 2, "column": 10 }),
    );
    assert_eq!(of_declaration(&no_json), expected);

    let built = ExtensionSchema::single_valued("started").build().unwrap_err();
    assert_eq!(document(&Problem::invalid_schema(&built))["code"], json!("invalid_schema"));

    let again = schemas().get("feedback").unwrap().clone();
    let expected = plain(
        "schema_exists",
        409,
        "The extension schema already exists",
        "a schema named `Feedback` exists already",
    );
    assert_eq!(document(&Problem::from(&schemas().with(again).unwrap_err())), expected);

    let expected = plain(
        "schema_not_found",
        404,
        "There is no such extension schema",
        "no schema of this name is registered",
    );
    assert_eq!(document(&Problem::from(&schemas().without("Gone").unwrap_err())), expected);
}

#[test]
fn each_code_has_its_status_and_a_title_of_its_own() {
    let codes = [
        (ProblemCode::Syntax, "syntax", 400),
        (ProblemCode::InvalidEvent, "invalid_event", 400),
        (ProblemCode::InvalidSchema, "invalid_schema", 400),
        (ProblemCode::ServiceNotFound, "service_not_found", 404),
        (ProblemCode::SchemaNotFound, "schema_not_found", 404),
        (ProblemCode::ServiceAlreadyEnded, "service_already_ended", 409),
        (ProblemCode::SchemaExists, "schema_exists", 409),
        (ProblemCode::IncompatibleSchema, "incompatible_schema", 409),
        (ProblemCode::VersionMismatch, "version_mismatch", 412),
        (ProblemCode::BodyTooLarge, "body_too_large", 413),
        (ProblemCode::EventTooLarge, "event_too_large", 413),
        (ProblemCode::TooLargeForStorage, "too_large_for_storage", 413),
        (ProblemCode::RuleFailed, "rule_failed", 500),
        (ProblemCode::Contended, "contended", 503),
        (ProblemCode::SchemaChanged, "schema_changed", 503),
        (ProblemCode::StorageUnavailable, "storage_unavailable", 503),
    ];
    assert_eq!(codes.map(|(code, ..)| code), ProblemCode::ALL);
    let mut titles: Vec<_> = codes.iter().map(|(code, ..)| code.title()).collect();
    for (code, text, status) in codes {
        let problem = Problem::new(code, "so it is");
        assert_eq!(
            (problem.known_code(), problem.status(), problem.detail()),
            (Some(code), status, "so it is")
        );
        assert_eq!(problem.title(), code.title());
        assert_eq!(document(&problem), plain(text, status, code.title(), "so it is"));
        assert_eq!((code.as_str(), code.to_string()), (text, text.to_owned()));
    }
    titles.sort_unstable();
    titles.dedup();
    assert_eq!(titles.len(), codes.len());
}

#[test]
fn a_failure_of_one_stage_gives_the_same_document_as_that_of_the_operation() {
    let read: ReadError = validator().read(b"{").unwrap_err();
    let complete: CompleteError<Secret> = CompleteError::Read(read.clone());
    assert_eq!(Problem::from(&read), Problem::from(&complete));
    let started = StoredService::new(1, 1, Timestamp::MIN);
    let ended = started.clone().with_end(End::new(Timestamp::MIN, FixedFields::default()));
    let refused = |target: Target, service| {
        let event = ServiceEndEvent::builder().disposition(10).build(&validator()).unwrap();
        decide(target, service, event, &EndRules::new(), Timestamp::MIN).unwrap_err()
    };
    for (refusal, code) in [
        (refused(1.into(), None), ProblemCode::ServiceNotFound),
        (refused(1.into(), Some(&ended)), ProblemCode::ServiceAlreadyEnded),
        (refused(ServiceId(1).at(2), Some(&started)), ProblemCode::VersionMismatch),
        (refused(2.into(), Some(&started)), ProblemCode::StorageUnavailable),
    ] {
        assert_eq!(Problem::from(&refusal).known_code(), Some(code));
        let complete: CompleteError<Secret> = refusal.clone().into();
        assert_eq!(Problem::from(&refusal), Problem::from(&complete));
    }
}

/// Values that may stand in a body, none of which occurs in any text of the crate.
const PERSONAL: [&str; 4] = ["Jane Roe", "+49 171 4711", "4711", "47.11"];

#[test]
fn no_value_of_the_body_comes_into_a_document() {
    let mut bodies: Vec<Vec<u8>> = Vec::new();
    let fields = [
        "session_id",
        "interaction_id",
        "application_type",
        "application_id",
        "resource_type",
        "resource_id",
        "media_type",
        "disposition",
        "disposition_desc",
        "timestamp",
        "service_id",
        "Feedback",
        "Satisfaction",
        "Gone",
    ];
    let values = [
        r#""Jane Roe""#.to_owned(),
        format!(r#""{}""#, "Jane Roe ".repeat(40)),
        r#""Jane Roe\u0000""#.to_owned(),
        r#""\ud800Jane Roe""#.to_owned(),
        "\"Jane Roe".to_owned(),
        "4711".to_owned(),
        "-4711".to_owned(),
        "47.11".to_owned(),
        "4711e400".to_owned(),
        "4711.".to_owned(),
        "04711".to_owned(),
        "4711471147114711471147".to_owned(),
        r#"[ "Jane Roe", 4711 ]"#.to_owned(),
        r#"{ "rating": "Jane Roe", "FeedbackType": 4711, "notes": [ "Jane Roe" ] }"#.to_owned(),
        r#"[ { "rating": "Jane Roe" }, { "rating": 4711, "place": "Jane Roe" }, { "rating": 47.11, "place": "Jane Roe" }, { "rating": 1, "place": "Jane Roe" } ]"#.to_owned(),
        r#"{ "FeedbackType": "+49 171 4711 +49 171 4711 +49 171 4711 +49 171 4711" }"#.to_owned(),
    ];
    for field in fields {
        for value in &values {
            bodies.push(format!(r#"{{ "{field}": {value} }}"#).into());
            bodies.push(format!(r#"{{ "{field}": null, "{field}": {value} }}"#).into());
        }
    }
    bodies.extend(values.iter().map(|value| value.clone().into_bytes()));
    bodies.push(b"{ \"session_id\": \"Jane Roe\xff\" }".to_vec());
    bodies.push(br#"{ "session_id": "Jane Roe" "x" }"#.to_vec());
    bodies.push(br#"{ "timestamp": "2009-05-12T11:48:59.471Z", "session_id": "Jane Roe" }"#.to_vec());

    let known = BusinessAttributes::new().with(BusinessField::Disposition, [(10, "Resolved")]).unwrap();
    let validator = validator().with_business_attributes(known);
    let mut count = 0;
    for body in bodies {
        let operation = CompleteService::new(validator.clone(), store_with(active()));
        let Err(error) = operation.end(ID, &body, at(NOW)) else { continue };
        let shown = String::from_utf8_lossy(&body).into_owned();
        let problem = serde_json::to_string(&Problem::from(&error)).unwrap();
        for text in [problem, error.to_string()] {
            assert!(!PERSONAL.iter().any(|personal| text.contains(personal)), "{shown}: {text}");
        }
        count += 1;
    }
    assert!(count > 300, "{count}");
}

#[test]
fn nor_a_value_of_another_format() {
    let body =
        json!({ "session_id": 4711, "Feedback": { "rating": "Jane Roe" }, "Satisfaction": "Jane Roe" });
    let error = validator().read_from(body).unwrap_err();
    let text = serde_json::to_string(&Problem::from(&error)).unwrap() + &error.to_string();
    assert!(!PERSONAL.iter().any(|personal| text.contains(personal)), "{text}");
    // The parser's own message quotes what it stumbled over.
    let mut parser = serde_json::Deserializer::from_str(r#"{ "session_id": "x", 4711: 1 }"#);
    let error = validator().read_from(&mut parser).unwrap_err();
    let problem = document(&Problem::from(&error));
    assert_eq!(problem, plain("syntax", 400, "The body is not a JSON object", "the body can't be read"));
}

#[test]
fn a_client_reads_back_the_document_that_a_host_wrote() {
    let read = validator().read(br#"{ "disposition" 10 }"#).unwrap_err();
    let body = br#"{ "session_id": 7, "Feedbak": {}, "Feedback": { "rating": 7.5 } }"#;
    let invalid = Problem::from(operation().end(ID, body, at(NOW)).unwrap_err());
    let ended = Problem::from(ended_by("{}").end(ID, br#"{ "disposition": 10 }"#, at(NOW)).unwrap_err());
    let own = Problem::of_host("quota_exceeded", 429, "Too many ends", "come back tomorrow")
        .with_type_base("https://example.com/problems/")
        .with_member("instance", "/services/7/end")
        .unwrap()
        .with_member("trace", json!({ "id": [1, 2] }))
        .unwrap();
    for problem in [Problem::from(&read), invalid.clone(), ended.clone(), own.clone()] {
        let written = serde_json::to_string(&problem).unwrap();
        let back: Problem = serde_json::from_str(&written).unwrap();
        assert_eq!(serde_json::to_string(&back).unwrap(), written);
        assert_eq!((back.code(), back.known_code()), (problem.code(), problem.known_code()));
        assert_eq!(
            (back.status(), back.title(), back.detail()),
            (problem.status(), problem.title(), problem.detail())
        );
        assert_eq!((back.line(), back.column()), (problem.line(), problem.column()));
        assert_eq!((back.differences(), back.members()), (problem.differences(), problem.members()));
    }
    let back: Problem = serde_json::from_value(document(&invalid)).unwrap();
    let told: Vec<_> =
        back.violations().unwrap().iter().map(|found| (found.pointer(), found.code().as_str())).collect();
    assert_eq!(
        told,
        [
            ("/session_id", "wrong_type"),
            ("/Feedbak", "unknown_extension"),
            ("/Feedback/rating", "wrong_type")
        ]
    );
    assert_eq!(ended.differences().unwrap(), ["/disposition"]);
    assert_eq!(own.known_code(), None);
    assert_eq!(own.type_uri(), "https://example.com/problems/quota_exceeded");
}

#[test]
fn what_is_not_a_problem_document_is_refused() {
    let whole = document(&Problem::new(ProblemCode::Contended, "so it is"));
    for (member, value) in [
        ("type", Value::Null),
        ("type", json!("urn:service-end:problem:other")),
        ("title", json!(7)),
        ("status", json!("503")),
        ("code", Value::Null),
        ("detail", Value::Null),
        ("violations", json!([{ "pointer": "/a" }])),
        ("violations", json!({})),
        ("differences", json!("/a")),
    ] {
        let wrong = with(whole.clone(), json!({ member: value }));
        assert!(serde_json::from_value::<Problem>(wrong).is_err(), "{member}");
    }
}

#[test]
fn no_member_of_the_document_itself_can_be_added() {
    for name in [
        "type",
        "title",
        "status",
        "code",
        "detail",
        "line",
        "column",
        "violations",
        "truncated",
        "differences",
        "changes",
    ] {
        let problem = Problem::new(ProblemCode::Contended, "so it is");
        let error = problem.with_member(name, 1).unwrap_err();
        assert_eq!(error.name(), name);
        assert_eq!(error.to_string(), format!("a problem document has a member `{name}` of its own"));
    }
}

#[test]
fn a_problem_of_the_host_tells_violations_as_the_crate_does() {
    let body = b"{ \"reason\":\n  \"\" }";
    let found = |pointer: &str| {
        let code = HostCode::new("reason_missing").unwrap();
        Violation::of_host(pointer, code, "a transfer needs a reason")
    };
    let problem = Problem::of_host("invalid_transfer", 422, "The transfer is invalid", "it has 2 violations");
    let with = |pointers: &[&str]| {
        let found = pointers.iter().copied().map(found);
        problem.clone().with_violations(Violations::from_findings(found).unwrap())
    };
    let told = |pointer, line, column| {
        json!({ "pointer": pointer, "code": "reason_missing", "message": "a transfer needs a reason",
            "line": line, "column": column })
    };
    let located = with(&["/reason"]).locate(body);
    let document = document(&located);
    assert_eq!(document["violations"], json!([told("/reason", 2, 3)]));
    assert_eq!((&document["truncated"], &document["code"]), (&json!(false), &json!("invalid_transfer")));
    assert!(located.render(body).unwrap().to_string().contains("a transfer needs a reason"));
    let again: Problem = serde_json::from_value(document.clone()).unwrap();
    assert_eq!(serde_json::to_value(&again).unwrap(), document);
    // What is given last counts, and what was left out is told.
    let found = Violations::from_findings(["/a", "/b"].map(found)).unwrap().at_most(1);
    let replaced = located.with_violations(found);
    let violations = replaced.violations().unwrap();
    assert_eq!((violations.as_slice()[0].pointer(), violations.truncated()), ("/a", true));
}

#[test]
fn the_members_that_were_added_can_be_asked_for() {
    let problem = Problem::new(ProblemCode::Contended, "so it is");
    assert!(problem.members().is_empty());
    let problem = problem.with_member("instance", "/7").and_then(|problem| problem.with_member("trace", 9));
    assert_eq!(Value::from(problem.unwrap().members().clone()), json!({ "instance": "/7", "trace": 9 }));
}
