//! The example program that compares two files of schemas: what it prints, and its exit status.

use std::ffi::OsString;

use serde_json::json;

use crate::program::{Files, Run, run_of};

const OLD: &str = r#"[ { "name": "Feedback", "type": "single-valued",
  "attributes": [ { "name": "rating", "type": "integer" }, { "name": "notes", "type": "string", "length": 9 } ] } ]"#;

fn compare(old: &str, new: &str, rest: &[&str]) -> Run {
    let files = Files::new();
    let arguments = [files.file("old", old), files.file("new", new)];
    run_of("compare_schemas", arguments.into_iter().chain(rest.iter().map(OsString::from)), b"")
}

#[test]
fn the_exit_status_says_whether_bodies_and_records_are_safe() {
    let cases = [
        (OLD.to_owned(), 0),
        (OLD.replace("integer", "long"), 0),
        (OLD.replace('9', "8"), 1),
        // Safe for bodies alone.
        (OLD.replace(r#""integer""#, r#""integer", "mandatory": true, "default": 1"#), 1),
        ("[]".to_owned(), 1),
    ];
    for (new, status) in cases {
        for rest in [&[][..], &["--json"]] {
            let run = compare(OLD, &new, rest);
            assert_eq!((run.status, &*run.err), (status, ""), "{new}: {run:?}");
        }
    }
    let run = run_of("compare_schemas", ["--help"], b"");
    assert_eq!((run.status, &*run.err), (0, ""));
    assert!(run.out.starts_with("usage: compare_schemas OLD NEW [--json]"), "{}", run.out);
}

#[test]
fn json_is_exactly_one_document() {
    let run = compare(OLD, &OLD.replace("integer", "long").replace('9', "2"), &["--json"]);
    let expected = json!({
        "bodies": { "safe": false, "witness": r#"{"Feedback":{"notes":"aaa"}}"# },
        "records": { "safe": false, "witness": r#"{"Feedback":{"notes":"aaa"}}"# },
        "rollback": { "safe": false, "witness": r#"{"Feedback":{"rating":-9223372036854775808}}"# },
        "changes": [
            { "pointer": "/Feedback/attributes/0/type", "code": "type_changed",
              "message": "attribute `rating` has type `long` instead of `integer`", "breaks": ["rollback"] },
            { "pointer": "/Feedback/attributes/1/length", "code": "length_changed",
              "message": "attribute `notes` has a length of 2 instead of a length of 9",
              "breaks": ["bodies", "records"] }
        ]
    });
    assert_eq!(run.json(), expected);
    let start = r#"{"bodies":{"safe":false,"witness":"{\"Feedback\":{\"notes\":\"aaa\"}}"},"records":{"#;
    assert!(run.out.starts_with(start), "members keep their order: {}", run.out);
    let long = |length: &str| OLD.replace('9', length);
    let run = compare(&long("3000000"), &long("2000000"), &["--json"]);
    assert!(run.out.starts_with(r#"{"bodies":{"safe":false,"unproven":true},"#), "{}", run.out);
}

#[test]
fn text_tells_the_same_for_people() {
    let run = compare(OLD, &OLD.replace('9', "2"), &[]);
    let expected = "bodies    NOT safe: accepted before, and no more
          {\"Feedback\":{\"notes\":\"aaa\"}}
records   NOT safe: stored before, and not read as before
          {\"Feedback\":{\"notes\":\"aaa\"}}
rollback  safe: every body that is accepted was accepted before

1 change:
  /Feedback/attributes/1/length: attribute `notes` has a length of 2 instead of a length of 9 (breaks bodies, records)
";
    assert_eq!(run.out, expected);
    assert!(compare(OLD, OLD, &[]).out.ends_with("\nNothing has changed.\n"));
}

#[test]
fn wrong_usage_and_wrong_files_are_told_on_standard_error() {
    let usage: [&[&str]; 5] = [&[], &["a"], &["a", "b", "c"], &["a", "b", "--bogus"], &["-", "b", "a"]];
    for arguments in usage {
        let run = run_of("compare_schemas", arguments.iter().copied(), b"");
        assert_eq!((run.status, &*run.out), (2, ""), "{arguments:?}: {run:?}");
        assert!(run.err.contains("usage: compare_schemas"), "{arguments:?}: {}", run.err);
    }
    let cases = [
        ("", "line 1, column 1"),
        ("{}", "wrong_type"),
        (
            "[\n{\"name\": \"E\", \"type\": \"multi-valued\", \"attributes\": []} ]",
            "line 2, column 53: /0/attributes: no_attributes",
        ),
    ];
    for (content, expected) in cases {
        for (old, new, file) in [(content, OLD, "old"), (OLD, content, "new")] {
            let run = compare(old, new, &["--json"]);
            assert_eq!((run.status, &*run.out), (2, ""), "{content}: {run:?}");
            assert!(run.err.contains(expected) && run.err.contains(&format!("{file}: ")), "{}", run.err);
        }
    }
    let run = run_of("compare_schemas", ["no such file", "neither"], b"");
    assert_eq!((run.status, &*run.out), (2, ""));
    assert!(run.err.contains("no such file: "), "{}", run.err);
}
