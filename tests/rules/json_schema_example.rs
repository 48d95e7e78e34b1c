//! The example program `json_schema`: what it prints, and its exit status, with real files.

use std::ffi::OsString;

use service_end::{BusinessAttributes, Schemas, Validator};

use crate::program::{Files, Run, finish, run_of, start_into, start_of};

const SCHEMAS: &str = r#"[ { "name": "Survey", "type": "multi-valued", "unique": ["question"], "attributes": [
    { "name": "question", "type": "integer", "mandatory": true } ] } ]"#;
const BUSINESS: &str = r#"{ "disposition": [ { "id": 10, "name": "Resolved" } ] }"#;

fn run(arguments: impl IntoIterator<Item = impl Into<OsString>>) -> Run {
    run_of("json_schema", arguments, b"")
}

fn validator() -> Validator {
    let business = BusinessAttributes::from_json(BUSINESS).unwrap();
    Validator::new(Schemas::from_json(SCHEMAS).unwrap()).with_business_attributes(business)
}

#[test]
fn it_prints_what_the_crate_exports() {
    let files = Files::new();
    let declared = || -> [OsString; 4] {
        let (schemas, business) = (files.file("schemas", SCHEMAS), files.file("business", BUSINESS));
        ["--schemas".into(), schemas, "--business".into(), business]
    };
    let body = run(declared());
    let expected = format!("{}\n", validator().body_json_schema());
    assert_eq!((&*body.out, body.status, &*body.err), (&*expected, 0, ""));

    let stored = run(declared().into_iter().chain(["--stored".into()]));
    let expected = format!("{}\n", validator().stored_json_schema());
    assert_eq!((&*stored.out, stored.status, &*stored.err), (&*expected, 0, ""));

    let bare = run([""; 0]);
    let expected = format!("{}\n", Validator::default().body_json_schema());
    assert_eq!((&*bare.out, bare.status, &*bare.err), (&*expected, 0, ""));
}

#[test]
fn wrong_usage_is_told_with_the_usage() {
    let cases: [&[&str]; 7] = [
        &["--bogus"],
        &["schemas.json"],
        &[""],
        &["--schemas"],
        &["--stored", "--business"],
        &["--schemas", "a", "--schemas", "b"],
        &["--stored=true"],
    ];
    for arguments in cases {
        let run = run(arguments.iter().copied());
        assert_eq!((run.status, &*run.out), (2, ""), "{arguments:?}: {run:?}");
        assert!(run.err.contains("usage: json_schema"), "{arguments:?}: {}", run.err);
    }
    let help = run(["--help"]);
    assert_eq!((help.status, &*help.err), (0, ""));
    assert!(help.out.contains("usage: json_schema") && help.out.contains("--stored"));
}

#[test]
fn mistakes_in_a_file_are_told_with_their_places() {
    let files = Files::new();
    let cases: [(&str, &[u8], &str); 6] = [
        ("--schemas", b"", "line 1, column 1"),
        ("--schemas", b"\xff", "UTF-8"),
        ("--schemas", b"[\n  { \"name\": \"E-1\" } ]", "line 2, column 13: /0/name: invalid_name"),
        ("--schemas", b"[ { \"name\": \"E\", \"x\": 1 } ]", "/0/x: unknown_key"),
        ("--business", b"[]", "must be an object"),
        ("--business", b"{ \"dispositions\": [] }", "/dispositions: unknown_key"),
    ];
    for (option, content, expected) in cases {
        let run = run([option.into(), files.file("file", content)]);
        assert_eq!((run.status, &*run.out), (2, ""), "{option}: {run:?}");
        assert!(run.err.contains(expected) && run.err.contains("file"), "{option} {expected}: {}", run.err);
    }
    for file in ["no such file", "/", ""] {
        let run = run(["--schemas", file]);
        assert_eq!((run.status, &*run.out), (2, ""), "{file}: {run:?}");
    }
}

#[test]
fn a_reader_that_goes_away_is_no_panic() {
    for arguments in [&[][..], &["--stored"], &["--help"], &["--bogus"]] {
        let mut child = start_of("json_schema", arguments.iter().copied());
        drop(child.stdin.take());
        drop(child.stdout.take());
        let (status, err) = finish(child);
        assert!([0, 2].contains(&status), "{arguments:?}: {status} {err}");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn an_example_whose_output_is_lost_says_so() {
    for example in ["json_schema", "compare_schemas", "complete_service"] {
        let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
        let (status, err) = finish(start_into(full.into(), example, ["--help"]));
        assert_eq!(status, 2, "{example}: {err}");
        assert!(err.contains("what is printed can't be written"), "{example}: {err}");
    }
}

#[test]
fn it_prints_which_names_are_open() {
    for open in ["Case,Notes", "*"] {
        let schemas = Schemas::new().with_open(open.parse().unwrap());
        let printed = run(["--open", open]);
        assert_eq!((printed.out, printed.status), (format!("{}\n", schemas.body_json_schema()), 0));
        let printed = run(["--stored", "--open", open]);
        assert_eq!((printed.out, printed.status), (format!("{}\n", schemas.stored_json_schema()), 0));
    }
    assert_eq!(run(["--open", "timestamp"]).status, 2);
}
