//! A violation knows its place in the text: line, column and bytes.

use serde_json::json;
use service_end::violation::{HostCode, SyntaxError};
use service_end::{
    CompleteError, CompleteService, MemoryStorage, Problem, ReadError, Schemas, StoredService, Timestamp,
    Validator, Violation, Violations,
};

const SCHEMAS: &str = r#"[
    { "name": "Feedback", "type": "single-valued", "attributes": [
        { "name": "rating", "type": "integer", "mandatory": true }, { "name": "notes", "type": "string" } ] },
    { "name": "Satisfaction", "type": "multi-valued", "unique": ["place"], "attributes": [
        { "name": "rating", "type": "integer" }, { "name": "place", "type": "string" } ] } ]"#;

fn validator() -> Validator {
    Validator::new(Schemas::from_json(SCHEMAS).unwrap())
}

fn violations(body: &str) -> Violations {
    match validator().read(body.as_bytes()) {
        Err(ReadError::Invalid(violations)) => violations.locate(body.as_bytes()),
        other => panic!("{body}: {other:?}"),
    }
}

/// The pieces of the body that the violations point at.
fn pointed_at(body: &str) -> Vec<&str> {
    violations(body).iter().map(|violation| &body[violation.span().unwrap().bytes.clone()]).collect()
}

#[test]
fn a_violation_points_at_its_key_or_its_value() {
    for (body, expected) in [
        (r#"{ "resource_id" : "5005" }"#, vec![r#""5005""#]),
        (r#"{"nope":{"deep":[1,2]},"resource_id":1.5}"#, vec![r#""nope""#, "1.5"]),
        (r#"{"Feedback":{"rating":1,"other":2,"notes":[ 1 ]}}"#, vec![r#""other""#, "[ 1 ]"]),
        (r#"{"Satisfaction":[{}, 7 ,{"rating":"x","place":"b"}]}"#, vec!["7", r#""x""#]),
        (r#"{"Feedback":[ ]}"#, vec!["[ ]"]),
        ("{\"\\u0041\\\"b\":1}", vec!["\"\\u0041\\\"b\""]),
    ] {
        assert_eq!(pointed_at(body), expected, "{body}");
    }
}

#[test]
fn of_two_equal_keys_the_later_is_pointed_at() {
    let body = r#"{"Feedback":{"rating":1,"RATING":2},"feedback":{},"disposition":1,"disposition":2}"#;
    let spans: Vec<_> =
        violations(body).iter().map(|violation| violation.span().unwrap().bytes.start).collect();
    assert_eq!(spans, [24, 36, 66]);
    assert_eq!(pointed_at(body), [r#""RATING""#, r#""feedback""#, r#""disposition""#]);
}

#[test]
fn something_missing_points_at_its_enclosing_object_and_a_null_at_itself() {
    assert_eq!(pointed_at(r#"{"Feedback": {"notes":"x"} }"#), [r#"{"notes":"x"}"#]);
    assert_eq!(pointed_at(r#"{"Feedback": {"rating":null} }"#), ["null"]);
}

#[test]
fn a_repeated_record_is_pointed_at_as_a_whole() {
    let body = r#"{"Satisfaction":[{"place":"a"},{"place":"b"},{"place":"a"}]}"#;
    let violations = violations(body);
    assert_eq!(violations.as_slice()[0].span().unwrap().bytes, 45..58);
}

#[test]
fn line_and_column_count_from_one_in_characters() {
    let body = "{\n\t\"session_id\": \"😀é\", \"resource_id\": true,\r\n  \"Feedback\": {}\n}";
    let places: Vec<_> = violations(body)
        .iter()
        .map(|violation| (violation.span().unwrap().line, violation.span().unwrap().column))
        .collect();
    assert_eq!(places, [(2, 37), (3, 15)], "a tab, an emoji and an é are one character each");
}

#[test]
fn places_are_found_in_whatever_order_they_are_asked_for() {
    let body = r#"{"Satisfaction":[{"rating":"a"},{"rating":"b","place":"b"}],"Feedback":{"rating":"c"},"resource_id":"d"}"#;
    assert_eq!(pointed_at(body), [r#""a""#, r#""b""#, r#""c""#, r#""d""#]);
}

fn end(body: &str) -> CompleteError<std::convert::Infallible> {
    let storage = MemoryStorage::new();
    storage.insert(StoredService::new(7, 0, "2009-05-12T11:50:00Z".parse().unwrap()));
    CompleteService::new(validator(), &storage).end(7, body.as_bytes(), Timestamp::now()).unwrap_err()
}

#[test]
fn the_operation_locates_what_it_refuses_and_the_problem_tells_line_and_column() {
    for (body, line, column) in [
        ("{\n \"resource_id\": \"x\" }", 2, 17),
        ("{ \"disposition\": 1,\n  \"service_id\": 8 }", 2, 17),
        ("{ \"disposition\": 1,\n  \"timestamp\": \"2009-05-11T00:00:00Z\" }", 2, 16),
    ] {
        let problem = serde_json::to_value(Problem::from(&end(body))).unwrap();
        let violation = &problem["violations"][0];
        assert_eq!((&violation["line"], &violation["column"]), (&line.into(), &column.into()), "{body}");
    }
}

#[test]
fn a_rendering_hides_values_unless_asked_for_them() {
    let body = r#"{ "session_id": "secret-1", "resource_id": "secret-2", "Feedback": { "rating": 123456 , "x": false } }"#;
    let violations = violations(body);
    let hidden = violations.render(body.as_bytes()).to_string();
    for value in ["secret", "123456", "false"] {
        assert!(!hidden.contains(value), "{hidden}");
    }
    assert!(
        hidden.contains(r#"{ "session_id": "…", "resource_id": "…", "Feedback": { "rating": …"#),
        "{hidden}"
    );
    let shown = violations.render(body.as_bytes()).show_values().to_string();
    assert!(shown.contains("secret-2"), "{shown}");
}

#[test]
fn a_syntax_error_hides_values_even_where_strings_and_brackets_are_not_closed() {
    for body in [
        r#"{ "session_id": "secret-1", "disposition_desc": "secret-2 }"#,
        r#"{ "session_id": "secret-1" "disposition_desc": secret-2 }"#,
        "{ \"session_id\": \"secret-1\n secret-2\" }",
        "{ \"session_id\": secret-1 : 1 }",
        r#"{"session_id":"secret-1":1}"#,
        r#"{"Feedback":["secret-1":1]}"#,
        r#"{"Feedback":[1,"secret-1":1]}"#,
        r#"{"x":1}"secret-1":1"#,
    ] {
        let Err(ReadError::Syntax(error)) = validator().read(body.as_bytes()) else { panic!("{body}") };
        let rendering = error.render(body.as_bytes()).to_string();
        assert!(!rendering.contains("secret"), "{rendering}");
    }
}

#[test]
fn what_is_escaped_ends_no_string_that_is_hidden() {
    for value in [r#""\"Jane\"""#, r#""\\\"Jane""#, r#""\\", "notes": "Jane \" Jane""#, r#""\u0022 Jane \\""#]
    {
        let body = format!(r#"{{ "Feedback": {{ "rating": {value} }} }}"#);
        let text = violations(&body).render(body.as_bytes()).to_string();
        assert!(text.contains(r#""rating": "…""#) && !text.contains("Jane"), "{text}");
    }
}

#[test]
fn keys_before_a_syntax_error_are_shown() {
    let body = r#"{ "session_id": "secret-1", "Feedback": { "rating": 1, } }"#;
    let Err(ReadError::Syntax(error)) = validator().read(body.as_bytes()) else { panic!("{body}") };
    let rendering = error.render(body.as_bytes()).to_string();
    assert!(rendering.contains(r#"{ "session_id": "…", "Feedback": { "rating": …, } }"#), "{rendering}");
}

#[test]
fn a_pointer_from_elsewhere_is_followed_for_eighteen_names() {
    let depth = 20_000;
    let body = format!("{}1{}", r#"{"a":"#.repeat(depth), "}".repeat(depth));
    for (names, expected) in [(0, 0), (1, 1), (18, 18), (19, 18), (depth, 18)] {
        let found = Violation::of_host("/a".repeat(names), HostCode::new("odd").unwrap(), "odd");
        let violations = Violations::from_findings([found]).unwrap().locate(body.as_bytes());
        let span = violations.as_slice()[0].span().unwrap();
        assert_eq!(span.bytes.start, 5 * expected, "{names}");
    }
}

#[test]
fn an_element_is_named_by_a_plain_number() {
    let body = r#"{"Satisfaction":[{},{"rating":7}]}"#;
    for (element, found) in [
        ("1", "7"),
        ("01", "[{},{\"rating\":7}]"),
        ("+1", "[{},{\"rating\":7}]"),
        ("0", "{}"),
        ("00", "[{},{\"rating\":7}]"),
    ] {
        let pointer = format!("/Satisfaction/{element}/rating");
        let violation = Violation::of_host(&pointer, HostCode::new("odd").unwrap(), "odd");
        let violations = Violations::from_findings([violation]).unwrap().locate(body.as_bytes());
        let span = violations.as_slice()[0].span().unwrap();
        assert_eq!(&body[span.bytes.clone()], found, "{pointer}");
    }
}

#[test]
fn a_long_pointer_is_cut_where_people_read_it() {
    for (key, pointer, shown) in [
        ("x".repeat(127), format!("/{}", "x".repeat(127)), format!("/{}", "x".repeat(127))),
        ("x".repeat(128), format!("/{}", "x".repeat(128)), format!("/{}…", "x".repeat(127))),
        ("~".repeat(64), format!("/{}", "~0".repeat(64)), format!("/{}~…", "~0".repeat(63))),
        ("é".repeat(9_000), format!("/{}", "é".repeat(9_000)), format!("/{}…", "é".repeat(63))),
        (
            "\u{202e}".repeat(99),
            format!("/{}", "\u{202e}".repeat(99)),
            format!("/{}…", r"\u{202e}".repeat(15)),
        ),
        ("\u{7f}".repeat(99), format!("/{}", "\u{7f}".repeat(99)), format!("/{}…", r"\u{7f}".repeat(15))),
    ] {
        let body = format!("{{\"{key}\":1}}");
        let Err(ReadError::Invalid(violations)) = Validator::new(Schemas::new()).read(body.as_bytes()) else {
            panic!("{key}")
        };
        let rendering = violations.render(body.as_bytes()).to_string();
        assert!(rendering.contains(&format!("column 2: {shown}\n")), "{rendering:.400}");
        let violation = &violations.as_slice()[0];
        assert!(violation.to_string().starts_with(&format!("{shown}: unknown_")), "{violation:.400}");
        assert_eq!(violation.pointer(), pointer);
        assert_eq!(
            serde_json::to_value(violation).unwrap()["pointer"],
            pointer,
            "a program is told all of it"
        );
    }
}

#[test]
fn what_another_host_told_is_printed_without_its_control_characters() {
    let told = "evil\u{1b}[31m\nfake: line \u{202e}";
    let violations: Violations = serde_json::from_value(json!({ "violations": [
        { "pointer": told, "code": "wrong_type", "message": told, "suggestion": told }
    ] }))
    .unwrap();
    let violation = violations.iter().next().unwrap();
    let syntax: SyntaxError =
        serde_json::from_value(json!({ "message": told, "line": 1, "column": 1 })).unwrap();
    let body = br#"{"x":1}"#;
    for shown in [
        violation.to_string(),
        violations.to_string(),
        violations.render(body).to_string(),
        syntax.to_string(),
        syntax.render(body).to_string(),
    ] {
        assert!(shown.contains(r"evil\u{1b}[31m\nfake: line \u{202e}"), "{shown}");
        assert!(!shown.contains(['\u{1b}', '\u{202e}']), "{shown}");
    }
    assert_eq!(violation.message(), told);
}

#[test]
fn what_another_host_told_keeps_its_line_when_it_is_located() {
    let violations: Violations = serde_json::from_value(json!({ "violations": [
        { "pointer": "/x", "code": "wrong_type", "message": "m", "line": 3, "column": 7 }
    ] }))
    .unwrap();
    let located = violations.clone().locate(br#"{"x":1}"#);
    assert_eq!(located, violations);
}

#[test]
fn long_lines_are_cut_around_the_place() {
    let record = r#"{"rating":7,"place":"somewhere"},"#;
    for records in [3, 1000] {
        let mut body = String::from(r#"{"Satisfaction":["#);
        for number in 0..records {
            body += &record.replace("somewhere", &format!("place {number}"));
        }
        body += r#"{"rating":"wrong","place":"last"}],"session_id":"after"}"#;
        let violations = violations(&body);
        for rendering in
            [violations.render(body.as_bytes()), violations.render(body.as_bytes()).show_values()]
        {
            let text = rendering.to_string();
            let lines: Vec<_> = text.lines().collect();
            assert!(lines.iter().all(|line| line.chars().count() < 120), "{text}");
            assert!(lines[3].starts_with("1 | … "), "{text}");
            let at = lines[4].find('^').unwrap();
            let marked = lines[4].chars().filter(|character| *character == '^').count();
            let columns = lines[4].chars().position(|character| character == '^').unwrap();
            let shown: String = lines[3].chars().skip(columns).take(marked).collect();
            assert!(at > 0 && (shown == r#""wrong""# || shown == r#""…""#), "{text}");
        }
    }
}

#[test]
fn a_rendering_never_panics_on_a_body_that_is_not_the_one_read() {
    let found = violations(r#"{"Satisfaction":[{},{},{"rating":"x"}],"Feedback":{"rating":"y"}}"#);
    for body in
        ["", "{}", "[", "\u{e9}", r#"{"Satisfaction":3}"#, "{\"a\":1,\"b\":[1,2,3]}", "{\"a\":{\"b\":"]
    {
        let _ = found.render(body.as_bytes()).to_string();
        let _ = found.clone().locate(body.as_bytes());
    }
    let _ = found.render(b"{\"a\": \xff").to_string();
}

#[test]
fn the_margin_is_as_wide_as_the_number_of_the_line() {
    for (lines, margin) in [(0, " "), (7, " "), (8, "  "), (97, "  "), (98, "   ")] {
        let body = format!("{{{}\n\"nope\": 1 }}", "\n".repeat(lines));
        let rendering = violations(&body).render(body.as_bytes()).to_string();
        let line = lines + 2;
        let expected =
            format!("\n{margin}--> line {line}, column 1: /nope\n{margin} |\n{line} | \"nope\": …");
        assert!(rendering.contains(&expected), "{rendering}");
    }
}
