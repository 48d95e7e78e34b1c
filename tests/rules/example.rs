//! The example program: what it prints, and its exit status, with real files.

use serde_json::json;
use service_end::{Problem, Schemas};

use crate::program::{Files, finish, run, run_files, run_with, start};
use crate::stage::{ID, NOW, START};

const SCHEMAS: &str = r#"[
  { "name": "Survey", "type": "multi-valued", "unique": ["question"], "attributes": [
    { "name": "question", "type": "integer", "mandatory": true },
    { "name": "answer", "type": "string", "length": "10", "default": "none" },
    { "name": "price", "type": "currency" } ] } ]"#;
const BUSINESS: &str = r#"{ "disposition": [ { "id": 10, "name": "Resolved" } ] }"#;
const SERVICE: &str = r#"{ "service_id": 7, "started": { "timestamp": "2009-05-12T13:50:00+02:00" } }"#;

/// The seven of the example, active or ended, with the Survey extension.
fn service(completed: &str, survey: &str) -> String {
    format!(r#"{{"service_id":7,"started":{{"timestamp":"{START}"}}{completed}{survey}}}"#)
}

fn ended(survey: &str) -> String {
    service(&format!(r#","completed":{{"timestamp":"{NOW}","disposition":10}}"#), survey)
}

#[test]
fn without_arguments_it_shows_the_original_example_and_what_bodies_with_mistakes_get() {
    let run = run([""; 0]);
    assert_eq!((run.status, &*run.err), (0, ""));
    let (ended, rest) = run.out.split_once("As it is printed there").expect("the second part");
    let (syntax, rest) = rest.split_once("several mistakes").expect("the third part");
    let (mistakes, rules) = rest.split_once("Schemas also").expect("the fourth part");

    assert!(ended.contains("204 No Content"), "{ended}");
    let document = ended.find('{').map(|start| ended.split_at(start).1).unwrap();
    let document: serde_json::Value = serde_json::from_str(document).unwrap();
    let expected = json!({
        "service_id": ID,
        "started": { "timestamp": START },
        "completed": {
            "timestamp": NOW, "interaction_id": "123ABCAADFJ1259ACF", "media_type": 1, "resource_id": 5005,
            "resource_type": 2, "disposition": 10, "disposition_desc": "SUCCESS"
        },
        "Feedback": {
            "FeedbackType": "survey", "rating": 7, "notes": "warm welcome at frontdesk, thanks for the nice trip"
        },
        "Satisfaction": [
            { "rating": 2, "pertinence": 8, "usefull": true, "place": "Terranova mexico resort" },
            { "rating": 8, "pertinence": 4, "usefull": false, "place": "Fancy resort Paris" }
        ]
    });
    assert_eq!(document, expected);

    assert!(syntax.contains("400") && syntax.contains("line 9, column 3"), "{syntax}");
    for expected in [
        "400",
        "/timestamp",
        "invalid_format",
        "/resource_id",
        "wrong_type",
        "/Feedback/rating",
        "/Feedback/note",
        "unknown_attribute",
        "/Feedback/FeedbackType",
        "missing_attribute",
        "/Satisfaction/1",
        "duplicate_record",
        "/Satisfaction/2/rating",
        "/Complaints",
        "unknown_extension",
    ] {
        assert!(mistakes.contains(expected), "{expected}: {mistakes}");
    }
    for expected in [
        "unknown_value",
        "did you mean `mail`?",
        "out_of_range: must be at least 1",
        "--> line 2, column 18: /resource_id",
        "comment_missing: a rating of at most 2 needs a comment",
        "--> line 3, column 32: /survey/1/comment",
        "missing_extension: extension `Owner` is required",
        "on_hold: this service is on hold",
        "--> line 1, column 1: (whole text)",
    ] {
        assert!(rules.contains(expected), "{expected}: {rules}");
    }
}

#[test]
fn what_is_left_out_is_taken_from_the_original_example() {
    let run = run(["--json"]);
    assert_eq!((run.status, &*run.err), (0, ""));
    assert_eq!(run.json()["service"]["completed"]["disposition_desc"], json!("SUCCESS"));
    assert_eq!(run.json()["service"]["Satisfaction"][1]["place"], json!("Fancy resort Paris"));
}

#[test]
fn json_is_exactly_one_document_with_its_members_in_the_order_of_section_3() {
    let body = format!(
        r#"{{ "survey": [ {{ "price": "1.50", "QUESTION": 2 }}, {{ "question": 1, "answer": null }} ],
              "disposition": "Resolved", "timestamp": "{NOW}" }}"#
    );
    let run = run_files(&[
        ("--schemas", SCHEMAS.as_bytes()),
        ("--business", BUSINESS.as_bytes()),
        ("--service", SERVICE.as_bytes()),
        ("--body", body.as_bytes()),
    ]);
    let survey = r#","Survey":[{"question":2,"answer":"none","price":1.5},{"question":1}]"#;
    assert_eq!(run.out, format!("{{\"status\":204,\"service\":{}}}\n", ended(survey)));
    assert_eq!((run.status, &*run.err), (0, ""));
}

#[test]
fn a_refusal_prints_the_problem_document_of_the_crate() {
    let body = br#"{ "resource_id": "x", "Gone": {}, "Survey": [ { "question": 1 }, { "question": 1.0 } ] }"#;
    let validator = service_end::Validator::new(Schemas::from_json(SCHEMAS).unwrap());
    let storage = service_end::MemoryStorage::new();
    let operation = service_end::CompleteService::new(validator, storage);
    let error = operation.end(7, body, service_end::Timestamp::now()).unwrap_err();
    let expected = serde_json::to_string(&Problem::from(&error)).unwrap();

    let run =
        run_files(&[("--schemas", SCHEMAS.as_bytes()), ("--service", SERVICE.as_bytes()), ("--body", body)]);
    assert_eq!((&*run.out, run.status, &*run.err), (&*format!("{expected}\n"), 1, ""));
}

#[test]
fn the_exit_status_is_0_on_success_and_1_when_refused() {
    let (active, survey) = (service("", ""), r#","Survey":[{"question":1,"answer":"none"}]"#);
    let (ended_bare, ended_survey) = (ended(""), ended(survey));
    let unreadable = service("", r#","Survey":7,"Gone":{}"#);
    let cases = [
        (&active, "{}", 0, "204"),
        (&active, r#"{ "service_id": 7 }"#, 0, "204"),
        (&active, r#"{ "service_id": 8 }"#, 1, "invalid_event"),
        (&active, r#"{ "timestamp": "2009-05-12T11:49:00Z" }"#, 0, "204"),
        (&active, r#"{ "timestamp": "2009-05-12T11:48:59.999Z" }"#, 1, "invalid_event"),
        (&active, r#"{ "Survey": [ {} ] }"#, 1, "invalid_event"),
        (&active, "{", 1, "syntax"),
        (&active, "", 1, "syntax"),
        (&active, "[]", 1, "syntax"),
        (&ended_bare, r#"{ "disposition": 10 }"#, 0, "204"),
        (&ended_bare, r#"{ "disposition": "Resolved", "Survey": [] }"#, 0, "204"),
        (&ended_bare, "{}", 1, "service_already_ended"),
        (&ended_survey, r#"{ "disposition": 10, "Survey": [ { "question": 1 } ] }"#, 0, "204"),
        (&ended_survey, r#"{ "disposition": 10, "Survey": [] }"#, 1, "service_already_ended"),
        (&unreadable, r#"{ "Survey": [] }"#, 0, "204"),
    ];
    for (service, body, status, code) in cases {
        let run = run_files(&[
            ("--schemas", SCHEMAS.as_bytes()),
            ("--business", BUSINESS.as_bytes()),
            ("--service", service.as_bytes()),
            ("--body", body.as_bytes()),
        ]);
        assert_eq!((run.status, &*run.err), (status, ""), "{service} {body}: {run:?}");
        let document = run.json();
        let told = document
            .get("code")
            .map_or_else(|| document["status"].to_string(), |code| code.as_str().unwrap().to_owned());
        assert_eq!(told, code, "{service} {body}");
    }
}

#[test]
fn a_service_that_had_ended_just_so_is_shown_as_it_is() {
    let survey = r#","Survey":[{"question":1,"answer":"none"}]"#;
    let run = run_files(&[
        ("--schemas", SCHEMAS.as_bytes()),
        ("--service", ended(survey).as_bytes()),
        ("--body", br#"{ "disposition": 10 }"#),
    ]);
    assert_eq!(run.out, format!("{{\"status\":204,\"service\":{}}}\n", ended(survey)));
}

#[test]
fn a_body_is_read_from_standard_input_too() {
    for (body, status) in [(&b"{}"[..], 0), (b"{ \"disposition\": true }", 1), (b"", 1), (b"\xff", 1)] {
        let run = run_with(["--body", "-", "--json"], body);
        assert_eq!(run.status, status, "{run:?}");
        assert_eq!(run.json()["status"], json!(if status == 0 { 204 } else { 400 }));
    }
    let big = [&b"{\"x\":\""[..], &vec![b'x'; 20_000_000], b"\"}"].concat();
    assert_eq!(run_with(["--json", "--body", "-"], &big).json()["code"], json!("body_too_large"));
}

#[test]
fn text_tells_the_same_for_people() {
    let files = Files::new();
    let body = files.file("body", br#"{ "disposition": 10 }"#);
    let refused = files.file("refused", "{\n  \"session_id\": \"é\", \"resource_id\": \"Jane\" }");
    let ended = files.file("service", ended(r#","Gone":{}"#));
    let option = |option: &str| option.into();

    let run_text = |arguments: [std::ffi::OsString; 4]| run(arguments);
    let told = run_text([option("--service"), ended.clone(), option("--body"), body.clone()]);
    assert_eq!((told.status, &*told.err), (0, ""));
    assert!(told.out.starts_with("204 No Content\n"), "{}", told.out);
    assert!(told.out.contains("nothing has changed") && told.out.contains("`gone`"), "{}", told.out);

    let told = run_text([option("--service"), ended, option("--body"), refused.clone()]);
    assert_eq!((told.status, &*told.err), (1, ""));
    assert!(told.out.starts_with("400 "), "{}", told.out);
    assert!(told.out.contains("/resource_id") && told.out.contains("line 2, column 37"), "{}", told.out);
}

#[test]
fn text_shows_the_line_of_the_schemas_that_is_at_fault() {
    let files = Files::new();
    let body = files.file("body", b"{}");
    for (schemas, expected) in [
        (
            "[\n  { \"name\": \"E-1\", \"type\": \"multi-valued\", \"attributes\": [] } ]",
            " --> line 2, column 13: /0/name\n  |\n\
             2 |   { \"name\": \"E-1\", \"type\": \"multi-valued\", \"attributes\": [] } ]\n  \
               |             ^^^^^\n",
        ),
        (
            "[\n  { \"name\" \"E\" } ]",
            " --> line 2, column 12\n  |\n2 |   { \"name\" \"E\" } ]\n  |            ^\n",
        ),
    ] {
        let file = files.file("schemas", schemas);
        let told = run(["--schemas".into(), file, "--body".into(), body.clone()]);
        assert_eq!((told.status, &*told.err), (1, ""), "{schemas}");
        assert!(told.out.starts_with("400 ") && told.out.contains(expected), "{}", told.out);
    }
}

#[test]
fn a_bad_schema_file_is_an_invalid_schema_and_refused() {
    let cases: [(&[u8], Option<&str>); 9] = [
        (b"", None),
        (b"[", None),
        (b"\xff", None),
        (b"[\n{\"name\": 1e400}]", None),
        (b"{}", Some("/ wrong_type")),
        (br#"[ { "name": "Started", "type": "single", "attributes": [], "x": 1 } ]"#, Some("reserved_name unknown_type no_attributes unknown_key")),
        (br#"[ { "name": "A", "type": "single-valued", "attributes": [ { "name": "a", "type": "string" } ] },
               { "name": "a", "type": "single-valued", "attributes": [ { "name": "a", "type": "string" } ] } ]"#, Some("schema_exists")),
        (br#"[ { "name": "A", "name": "B", "type": "single-valued", "attributes": [ { "name": "a", "type": "string" } ] } ]"#, Some("duplicate_key")),
        (br#"[ { "name": "A\u0000", "type": "single-valued", "attributes": [ { "name": "a", "type": "string", "default": "\u0000" } ] } ]"#, Some("invalid_name invalid_default")),
    ];
    for (schemas, codes) in cases {
        let shown = String::from_utf8_lossy(schemas);
        // The schemas are looked at before the body.
        for body in [&b"{}"[..], b"not JSON"] {
            let run = run_files(&[("--schemas", schemas), ("--body", body)]);
            assert_eq!((run.status, &*run.err), (1, ""), "{shown}: {run:?}");
            let problem = run.json();
            assert_eq!(
                (&problem["code"], &problem["status"]),
                (&json!("invalid_schema"), &json!(400)),
                "{shown}"
            );
            match codes {
                None => assert!(problem["line"].is_u64() && problem["column"].is_u64(), "{shown}: {problem}"),
                Some(codes) => {
                    let violations = problem["violations"].as_array().unwrap();
                    for code in codes.split(' ').filter(|code| *code != "/") {
                        assert!(
                            violations.iter().any(|violation| violation["code"] == json!(code)),
                            "{code}: {problem}"
                        );
                    }
                }
            }
        }
    }
}

#[test]
fn unreadable_or_malformed_service_and_business_files_are_told_on_standard_error() {
    let cases: [(&str, &[u8], &str); 14] = [
        ("--service", b"", "line 1, column 1"),
        ("--service", b"{", "line 1, column 2"),
        ("--service", b"[ \"Jane\" ]", "object"),
        ("--service", b"\"Jane\"", "object"),
        (
            "--service",
            b"{ \"service_id\": 1, \"service_id\": 2 }",
            "line 1, column 20: /service_id: duplicate_key",
        ),
        (
            "--service",
            b"{ \"service_id\": 1,\n\"started\": {} }",
            "line 2, column 12: /started/timestamp: missing_key",
        ),
        ("--service", b"{ \"session_id\": \"\xc3", "UTF-8"),
        ("--business", b"", "line 1, column 1"),
        ("--business", b"[]", "must be an object"),
        ("--business", b"{\n \"disposition\": 10 }", "line 2, column 17: /disposition: wrong_type"),
        ("--business", b"{ \"dispositions\": [] }", "/dispositions: unknown_key"),
        ("--business", b"{ \"disposition\": [ { \"id\": 1 } ] }", "/disposition/0/name: missing_key"),
        ("--business", b"{ \"disposition\": [], \"disposition\": [] }", "/disposition: duplicate_key"),
        (
            "--business",
            br#"{ "media_type": [ { "id": 1, "name": "a" }, { "id": 1, "name": "\u0000" } ] }"#,
            "/media_type/1/name: forbidden_character",
        ),
    ];
    for (option, content, expected) in cases {
        let run = run_files(&[(option, content)]);
        let shown = String::from_utf8_lossy(content);
        assert_eq!((run.status, &*run.out), (2, ""), "{option} {shown}: {run:?}");
        assert!(run.err.contains(expected), "{option} {shown}: {}", run.err);
        assert!(run.err.contains(&option.replace("--", "")), "it names the file: {}", run.err);
        assert!(!run.err.contains("Jane"), "{}", run.err);
        assert!(!run.err.contains("the body"), "it is no body: {}", run.err);
    }
    for option in ["--service", "--business"] {
        for file in ["no such file", "/", "", "-"] {
            let run = run([option, file, "--json"]);
            assert_eq!((run.status, &*run.out), (2, ""), "{option} {file}: {run:?}");
            assert!(!run.err.is_empty());
        }
    }
    for option in ["--schemas", "--body"] {
        let run = run([option, "no such file", "--json"]);
        assert!(run.status != 0 && !run.err.is_empty(), "{option}: {run:?}");
    }
}

#[test]
fn wrong_usage_is_told_with_the_usage() {
    let cases: [&[&str]; 10] = [
        &["--bogus"],
        &["body.json"],
        &[""],
        &["--body"],
        &["--json", "--service"],
        &["--body", "-", "--body", "-"],
        &["--schemas", "a", "--schemas", "b"],
        &["--json=true"],
        &["-"],
        &["--BODY", "-"],
    ];
    for arguments in cases {
        let run = run(arguments.iter().copied());
        assert_eq!((run.status, &*run.out), (2, ""), "{arguments:?}: {run:?}");
        assert!(run.err.contains("usage: complete_service"), "{arguments:?}: {}", run.err);
    }
    let help = run(["--help"]);
    assert_eq!((help.status, &*help.err), (0, ""));
    assert!(help.out.contains("usage: complete_service") && help.out.contains("--business FILE"));
}

#[test]
fn a_reader_that_goes_away_is_no_panic() {
    for arguments in [&[][..], &["--json"], &["--help"], &["--bogus"], &["--body", "-"]] {
        let mut child = start(arguments.iter().copied());
        drop(child.stdin.take());
        drop(child.stdout.take());
        let (status, err) = finish(child);
        assert!([0, 1, 2].contains(&status), "{arguments:?}: {status} {err}");
    }
}

#[cfg(unix)]
#[test]
fn an_argument_that_is_no_unicode_is_no_panic() {
    use std::ffi::OsString;
    use std::os::unix::ffi::OsStringExt;
    let odd = || OsString::from_vec(b"\xff.json".to_vec());
    assert_eq!(run([odd()]).status, 2);
    assert_eq!(run([OsString::from("--service"), odd()]).status, 2);
}

#[test]
fn names_that_are_open_take_any_json_and_give_it_back() {
    let files = crate::program::Files::new();
    let run = |open: &str, stored: &str, body: &str| {
        let service = files.file("service", service("", stored));
        let body = files.file("body", body);
        let schemas = files.file("schemas", SCHEMAS);
        run([
            "--schemas".into(),
            schemas,
            "--service".into(),
            service,
            "--body".into(),
            body,
            "--open".into(),
            open.into(),
            "--json".into(),
        ])
    };
    let body = format!(
        r#"{{ "timestamp": "{NOW}", "disposition": 10, "Case": {{ "b": 1e2, "a": [ 1.0 ] }}, "survey": [ {{ "question": 1 }} ] }}"#
    );
    let survey = r#""Survey":[{"question":1,"answer":"none"}]"#;
    for open in ["case,Notes", "*"] {
        let told = run(open, r#","nOTES":"\u00e9""#, &body);
        let extensions = format!(r#","nOTES":"\u00e9","Case":{{"b":1e2,"a":[1.0]}},{survey}"#);
        assert_eq!(told.out, format!("{{\"status\":204,\"service\":{}}}\n", ended(&extensions)));
    }
    let refused = run("Notes", "", &body);
    assert_eq!((refused.status, refused.json()["violations"][0]["pointer"].as_str()), (1, Some("/Case")));
    for (open, told) in [
        (
            "Notes,started",
            "complete_service: --open: `started` can't be the name of an extension: it must be a letter, then letters, digits or `_`, at most 26, and not reserved\n",
        ),
        (
            "a b",
            "complete_service: --open: `a b` can't be the name of an extension: it must be a letter, then letters, digits or `_`, at most 26, and not reserved\n",
        ),
    ] {
        let refused = run(open, "", "{}");
        assert_eq!((refused.status, &*refused.err), (2, told));
    }
}
