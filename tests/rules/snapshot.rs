//! Every code with its message, its place and its rendering, to be read from top to bottom.
//!
//! `UPDATE_SNAPSHOT=1 cargo test snapshot` writes the file anew.

use std::fmt::Write as _;

use service_end::{
    BusinessAttributes, CompleteService, MemoryStorage, Problem, Schemas, StoredService, Timestamp,
    Validator, Violation, Violations,
    schema::{BusinessField, DeclarationError, OpenNames},
    violation::{Code, Rendering},
};

use crate::support::root;

const SCHEMAS: &str = r#"[
    { "name": "Feedback", "type": "single-valued", "attributes": [
        { "name": "FeedbackType", "type": "string", "length": 10, "mandatory": true },
        { "name": "rating", "type": "integer" }, { "name": "notes", "type": "string" },
        { "name": "day", "type": "date" }, { "name": "called_at", "type": "datetime" },
        { "name": "refund", "type": "currency" }, { "name": "score", "type": "double" },
        { "name": "again", "type": "boolean" }, { "name": "call_id", "type": "long" } ] },
    { "name": "Satisfaction", "type": "multi-valued", "unique": ["place", "rating"], "attributes": [
        { "name": "rating", "type": "integer", "mandatory": true }, { "name": "place", "type": "string" } ] },
    { "name": "Calls", "type": "multi-valued", "attributes": [
        { "name": "at", "type": "datetime" }, { "name": "day", "type": "date" } ] },
    { "name": "Visits", "type": "multi-valued", "unique": ["place", "floor", "room"], "attributes": [
        { "name": "place", "type": "string", "default": "unknown" }, { "name": "floor", "type": "integer" },
        { "name": "room", "type": "integer" } ] },
    { "name": "Outcome", "type": "single-valued", "required": true, "attributes": [
        { "name": "reason", "type": "string", "values": ["solved", "duplicate", "withdrawn"] },
        { "name": "team", "type": "integer", "values": [1, 2, 3, 5, 8, 13] },
        { "name": "rating", "type": "integer", "minimum": 1, "maximum": 5 },
        { "name": "due", "type": "date", "minimum": "2009-01-01" },
        { "name": "paid", "type": "currency", "maximum": 12.5 } ] } ]"#;

const BODIES: &[(&str, &str)] = &[
    (
        "unknown names, and what was probably meant",
        r#"{
  "sessionid": "7f3a",
  "Complaints": [ { "text": "too loud" } ],
  "Feedback": { "FeedbackType": "survey", "note": "warm welcome" }
}"#,
    ),
    (
        "values of the wrong type",
        r#"{
  "resource_id": "5005",
  "media_type": true,
  "timestamp": 1242129912145,
  "Feedback": { "FeedbackType": 7, "rating": 7.5, "again": 1, "score": "9", "day": [], "refund": {} }
}"#,
    ),
    (
        "objects and arrays in the wrong place",
        r#"{
  "Feedback": [ { "FeedbackType": "survey" } ],
  "Satisfaction": { "rating": 2 }
}"#,
    ),
    ("something else among the records", r#"{ "Satisfaction": [ null, { "rating": 1 } ] }"#),
    (
        "too long, too large, not to be read",
        r#"{
  "session_id": "0123456789-0123456789-0123456789-",
  "timestamp": "12.05.2009 12:05",
  "application_id": 1e20,
  "Feedback": { "FeedbackType": "a long type", "rating": 2147483648, "day": "2009-02-30", "refund": "12,50",
                "call_id": 9223372036854775808, "called_at": "2009-05-12T12:05:60Z" }
}"#,
    ),
    (
        "numbers in a form that is not exact",
        r#"{
  "resource_id": 1e18,
  "Feedback": { "FeedbackType": "x", "call_id": 1e18, "rating": 1e18, "refund": 250000000000.5 }
}"#,
    ),
    (
        "what is wrong with a timestamp",
        r#"{
  "timestamp": "2009-05-12T06:19:04.000+0000",
  "Calls": [
    { "at": "2009-05-12 06:19:04.000Z" },
    { "at": "2009-05-12T06:19:04.000" },
    { "at": "2009-05-12T06:19:60Z" },
    { "at": "2009-05-12T06:19:04+02" }
  ]
}"#,
    ),
    (
        "what else is wrong with a timestamp",
        r#"{
  "timestamp": "0000-12-31T23:59:59Z",
  "Calls": [
    { "at": "2009-05-12" },
    { "at": "2009-02-29T06:19:04Z" },
    { "at": "2009-05-12T06:19Z" },
    { "at": 1242109144 }
  ]
}"#,
    ),
    (
        "what is wrong with a date",
        r#"{
  "Calls": [
    { "day": "2009-05-12T00:00:00+02:00" },
    { "day": "2009-02-29" },
    { "day": "0000-12-31" },
    { "day": 20090512 }
  ]
}"#,
    ),
    ("beyond what money can be", r#"{ "Feedback": { "FeedbackType": "x", "refund": 922337203685478 } }"#),
    ("a character that can't be stored", r#"{ "disposition_desc": "a\u0000b" }"#),
    ("business attributes", r#"{ "disposition": "resolved", "media_type": 99 }"#),
    (
        "given twice",
        r#"{ "disposition": 10, "disposition": 10, "Feedback": { "FeedbackType": "x", "feedbacktype": "y" } }"#,
    ),
    (
        "missing, and repeated",
        r#"{
  "Feedback": {},
  "Satisfaction": [
    { "rating": 2, "place": "Paris" },
    { "rating": 2, "place": "Paris" },
    { "rating": null }
  ]
}"#,
    ),
    (
        "repeated in what is not given",
        r#"{
  "Visits": [
    { "room": 1 },
    { "room": 1 },
    { "place": "unknown", "floor": null, "room": 1 }
  ]
}"#,
    ),
    ("the id of a business attribute as a text", r#"{ "disposition": "10", "media_type": "3" }"#),
    (
        "characters that can't be seen or that turn the direction",
        "{ \"a\u{202e}b\u{200b}\": 1, \"Feedback\": { \"FeedbackType\": \"x\", \"ra\u{2066}ting\": 1, \"rating\": \"7\" } }",
    ),
    (
        "keys inside of hidden values",
        r#"{ "resource_id": { "Jane": 1 }, "Jane Doe": [ { "Jane": 1 } ], "disposition": 10, "disposition": { "Jane": 1 },
  "Feedback": { "FeedbackType": { "Jane": [ { "Jane": 1 } ] }, "rating": "7" }, "Calls": { "Jane": 1 }
}"#,
    ),
    (
        "too many records",
        r#"{ "Satisfaction": [ {"rating":1}, {"rating":2}, {"rating":3}, {"rating":4}, {"rating":5} ] }"#,
    ),
    ("another service", r#"{ "service_id": 8 }"#),
    ("before the start", r#"{ "timestamp": "2009-05-12T11:48:59.999Z" }"#),
    (
        "values that are not listed or not in range",
        r#"{
  "Outcome": { "reason": "dublicate", "team": 4, "rating": 0, "due": "2008-12-31", "paid": "12.51" }
}"#,
    ),
    ("without an extension that is required", r#"{ "disposition": 10 }"#),
    ("no JSON", "{\n  \"disposition\": 10\n  \"media_type\": 1\n}"),
    ("cut off", "{\n  \"disposition\": 10,\n  \"session_id\": \"7f"),
    ("half of a surrogate pair", r#"{ "session_id": "\udc00" }"#),
    ("half of a word", r#"{ "Feedback": tru }"#),
    ("no object", "  [ 1, 2 ]"),
];

/// Where every name is open.
const OPEN_BODIES: &[(&str, &str)] = &[
    (
        "names that are open",
        r#"{ "Jane Doe": 1, "Timestamp": 2, "ANameOfTwentySevenCharacter": 3, "Case": 4, "CASE": 5 }"#,
    ),
    (
        "open extensions",
        r#"{
  "Nothing": null,
  "Long": [ "0123456789", "0123456789", "0123456789", "0123456789", "0123456789" ],
  "Deep": { "a": [ [ 1, [ 2 ] ] ] },
  "Case": { "id": 17, "names": [ "x\u0000" ], "id": { "Jane": 18 } }
}"#,
    ),
];

const DECLARATIONS: &[(&str, &str)] = &[
    ("no list", r#"{ "name": "Feedback" }"#),
    (
        "names",
        r#"[
  { "name": "2nd", "type": "single-valued", "attributes": [ { "name": "a-b", "type": "string" } ] },
  { "name": "Timestamp", "type": "single-valued", "attributes": [ { "name": "a", "type": "string" } ] },
  { "name": "ANameOfTwentySevenCharacter", "type": "multi-valued", "attributes": [ { "name": "a", "type": "string" } ] },
  { "name": "Feedback", "type": "multi-valued", "attributes": [ { "name": "a", "type": "string" } ] },
  { "name": "FEEDBACK", "type": "multi-valued", "attributes": [ { "name": "a", "type": "string" } ] } ]"#,
    ),
    ("no JSON", "[\n  { \"name\": \"Feedback\" \"type\": \"single-valued\" } ]"),
    ("keys", r#"[ { "name": 7, "name": "A", "typ": "multi-valued", "attributes": [ {} ] } ]"#),
    (
        "attributes",
        r#"[
  { "name": "None", "type": "multi-valued", "attributes": [] },
  { "name": "Some", "type": "triple-valued", "attributes": [
      { "name": "a", "type": "strin" }, { "name": "A", "type": "string" },
      { "name": "b", "type": "string", "length": 0 }, { "name": "c", "type": "date", "length": 10 },
      { "name": "d", "type": "integer", "mandatory": "yes", "default": "seven" } ],
    "unique": [ "x", "b", "B" ] } ]"#,
    ),
    (
        "values and bounds",
        r#"[
  { "name": "Some", "type": "multi-valued", "required": "yes", "attributes": [
      { "name": "a", "type": "date", "values": ["2009-05-12"], "minimum": 7 },
      { "name": "b", "type": "string", "values": [], "maximum": "z" },
      { "name": "c", "type": "string", "values": ["x", "y", "x", 7] },
      { "name": "d", "type": "integer", "minimum": 5, "maximum": 1 },
      { "name": "e", "type": "string", "values": ["solved", "withdrawn"], "default": "slved" },
      { "name": "f", "type": "integer", "minimum": 1, "default": 0 } ] } ]"#,
    ),
];

const BUSINESS: &str = r#"{
  "disposition": [ { "id": 1, "name": "Resolved" }, { "id": 1, "name": "Escalated" } ],
  "media_type": [ { "id": 2, "name": "voice" }, { "name": "voice", "id": 3 } ]
}"#;

fn of_body(body: &str, open: &OpenNames) -> Problem {
    let storage = MemoryStorage::new();
    storage.insert(StoredService::new(7, 0, "2009-05-12T11:50:00Z".parse().unwrap()));
    let business = BusinessAttributes::new()
        .with(BusinessField::Disposition, [(10, "Resolved"), (11, "Escalated")])
        .and_then(|business| business.with(BusinessField::MediaType, [(1, "voice"), (2, "e-mail")]))
        .unwrap();
    let validator = Validator::new(Schemas::from_json(SCHEMAS).unwrap().with_open(open.clone()))
        .with_business_attributes(business)
        .with_max_records(4)
        .with_max_open_bytes(50)
        .with_max_open_levels(3);
    let error =
        CompleteService::new(validator, &storage).end(7, body.as_bytes(), Timestamp::now()).unwrap_err();
    Problem::from(&error)
}

fn of_schemas(json: &str) -> Problem {
    Problem::from(&Schemas::from_json(json).unwrap_err())
}

fn show(text: &mut String, title: &str, problem: &Problem, rendering: &Rendering<'_>) {
    let (status, code, detail) = (problem.status(), problem.code(), problem.detail());
    writeln!(text, "# {title}\n\n{status} {code}: {detail}\n\n{rendering}").unwrap();
}

/// What was written reads back with the same JSON.
fn reads_back(violations: &Violations) {
    let json = serde_json::to_value(violations).unwrap();
    let back: Violations = serde_json::from_str(&json.to_string()).unwrap();
    assert_eq!(serde_json::to_value(&back).unwrap(), json);
    assert_eq!((back.to_string(), back.len()), (violations.to_string(), violations.len()));
    for (back, violation) in back.into_iter().zip(violations) {
        assert_eq!((back.code(), back.message()), (violation.code(), violation.message()));
        assert_eq!((back.params(), back.expected()), (violation.params(), violation.expected()));
        assert_eq!(back.suggestion(), violation.suggestion());
        let position = |violation: &Violation| violation.span().map(|span| (span.line, span.column));
        assert_eq!(position(&back), position(violation));
    }
}

#[test]
fn snapshot() {
    let mut text = String::new();
    let mut codes = Vec::new();
    let many = format!(
        r#"[ {{ "name": "Many", "type": "multi-valued", "attributes": [ {} ] }} ]"#,
        (0..257).map(|n| format!(r#"{{"name":"a{n}","type":"long"}}"#)).collect::<Vec<_>>().join(",")
    );
    let none = BODIES.iter().map(|case| (case, OpenNames::none()));
    for ((title, body), open) in none.chain(OPEN_BODIES.iter().map(|case| (case, OpenNames::every()))) {
        let problem = of_body(body, &open);
        let rendering = problem.render(body.as_bytes()).unwrap();
        assert!(!title.contains("hidden") || !rendering.to_string().contains("Jane\""), "{rendering}");
        show(&mut text, title, &problem, &rendering);
        problem.violations().into_iter().for_each(reads_back);
        codes.extend(problem.violations().into_iter().flatten().map(|violation| violation.code().clone()));
    }
    // Declarations hold no personal data.
    for (title, json) in DECLARATIONS.iter().copied().chain([("too many attributes", &*many)]) {
        let problem = of_schemas(json);
        let rendering = problem.render(json.as_bytes()).unwrap().show_values();
        show(&mut text, &format!("schemas: {title}"), &problem, &rendering);
        problem.violations().into_iter().for_each(reads_back);
        codes.extend(problem.violations().into_iter().flatten().map(|violation| violation.code().clone()));
    }
    let Err(DeclarationError::Invalid(business)) = BusinessAttributes::from_json(BUSINESS) else { panic!() };
    codes.extend(business.iter().map(|violation| violation.code().clone()));
    let rendering = business.render(BUSINESS.as_bytes()).show_values();
    writeln!(text, "# business attributes\n\n{business}\n\n{rendering}").unwrap();

    for code in Code::ALL {
        assert!(codes.contains(code), "{code} is not shown");
    }
    let file = root().join("tests/rules/snapshot.txt");
    if std::env::var_os("UPDATE_SNAPSHOT").is_some() {
        std::fs::write(&file, &text).unwrap();
    }
    assert_eq!(text, include_str!("snapshot.txt"), "UPDATE_SNAPSHOT=1 writes {} anew", file.display());
}
