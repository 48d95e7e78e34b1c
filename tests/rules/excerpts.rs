//! What of a line is shown around a place, with values hidden.

use service_end::violation::{HostCode, Rendering};
use service_end::{ReadError, Validator, Violation, Violations};

use crate::support::validator;

fn reader() -> Validator {
    validator(
        r#"[ { "name": "Survey", "type": "multi-valued", "attributes": [
                { "name": "rating", "type": "integer" }, { "name": "place", "type": "string" } ] } ]"#,
    )
}

fn violations(body: &str) -> Violations {
    match reader().read(body.as_bytes()) {
        Err(ReadError::Invalid(violations)) => violations,
        other => panic!("{body}: {other:?}"),
    }
}

/// The line that is shown last, and below it the marks.
fn excerpt(rendering: &Rendering<'_>) -> [String; 2] {
    let rendering = rendering.to_string();
    let lines: Vec<_> = rendering.lines().collect();
    let last = lines.iter().rposition(|line| line.starts_with("1 | ")).unwrap();
    [last, last + 1].map(|line| lines[line][4..].to_owned())
}

/// The excerpt of the last thing that is wrong with a body.
fn of_last(body: &str) -> [String; 2] {
    excerpt(&violations(body).render(body.as_bytes()))
}

/// The excerpt of something that a host found elsewhere at `/resource_id`.
fn of_host(body: &str) -> [String; 2] {
    let found = Violation::of_host("/resource_id", HostCode::new("odd").unwrap(), "odd");
    excerpt(&violations(body).merge([found]).render(body.as_bytes()))
}

#[test]
fn a_line_is_shown_from_its_beginning_or_from_a_key_that_is_near() {
    let whole = [r#"{"session_id":"…","resource_id":"…"}"#, "                                ^^^"];
    let from_key = [r#"… "resource_id":"…"}"#, "                ^^^"];
    // So many bytes before the value that is meant, of which a hidden one takes most.
    for (before, expected) in [
        (79, whole),
        (80, whole),
        (81, [r#"… "session_id":"…","resource_id":"…"}"#, "                                 ^^^"]),
        (82, from_key),
        (1_000, from_key),
    ] {
        let hidden = before - r#"{"session_id":"","resource_id":"#.len();
        // Whatever the characters are that a cut would go through.
        for character in ["x", "é", "€", "😀"] {
            let (rest, count) = (hidden % character.len(), hidden / character.len());
            let text = format!("{}{}", "x".repeat(rest), character.repeat(count));
            let body = format!(r#"{{"session_id":"{text}","resource_id":"wrong"}}"#);
            assert_eq!(of_last(&body), expected, "{before} {character}");
            // By its pointer, no key before it is known.
            let of_host = of_host(&body);
            assert_eq!(of_host, if before == 81 { from_key } else { expected }, "{before} {character}");
        }
    }
}

#[test]
fn a_key_that_is_far_from_its_value_is_not_shown() {
    let blanks = " ".repeat(20);
    for (gap, expected) in [
        (66, [format!(r#"… {blanks}"…","media_type":…}}"#), format!("  {blanks}^^^")]),
        (67, [r#"… "…","media_type":…}"#.to_owned(), "  ^^^".to_owned()]),
    ] {
        let (head, gap) = ("x".repeat(20), " ".repeat(gap));
        let body = format!(r#"{{"session_id":"{head}","resource_id":{gap}"wrong","media_type":1}}"#);
        assert_eq!(of_last(&body), expected);
        assert_eq!(of_host(&body), expected);
    }
}

#[test]
fn what_follows_is_shown_up_to_eighty_characters() {
    let records = [r#"{"place":"somewhere else","rating":7}"#; 10].join(",");
    let body = format!(r#"{{"resource_id":"wrong","Survey":[{records}]}}"#);
    let [line, marks] = of_last(&body);
    let expected = r#"{"resource_id":"…","Survey":[{"place":"…","rating":…},{"place":"…","rating":…},{ …"#;
    assert_eq!((&*line, &*marks), (expected, "               ^^^"));
    assert_eq!(line.chars().count(), 82, "with the sign that there is more");
}

#[test]
fn a_syntax_error_marks_the_character_that_is_wrong() {
    for (body, hidden, shown) in [
        (r#"{"a":1 x"abc"}"#, [r#"{"a":… …"…"}"#, "       ^"], [r#"{"a":1 x"abc"}"#, "       ^"]),
        (r#"{"a": é }"#, [r#"{"a": … }"#, "      ^"], [r#"{"a": é }"#, "      ^"]),
        (r#"{"a": é, "": 1}"#, [r#"{"a": …, "…": …}"#, "      ^"], [r#"{"a": é, "": 1}"#, "      ^"]),
        (r#"{"a": 1é"#, [r#"{"a": …"#, "      ^"], [r#"{"a": 1é"#, "       ^"]),
    ] {
        let Err(ReadError::Syntax(error)) = reader().read(body.as_bytes()) else { panic!("{body}") };
        assert_eq!(excerpt(&error.render(body.as_bytes())), hidden, "{body}");
        assert_eq!(excerpt(&error.render(body.as_bytes()).show_values()), shown, "{body}");
    }
}

#[test]
fn a_line_in_which_nothing_is_shown_ends_with_its_margin() {
    let Err(ReadError::Syntax(error)) = reader().read(b"{\n") else { panic!("it is cut off") };
    let rendering = error.render(b"{\n").to_string();
    assert!(rendering.ends_with("\n  |\n2 |\n  | ^\n"), "{rendering}");
}

#[test]
fn what_is_escaped_in_a_string_does_not_end_it() {
    for value in [r#"a\"b:c"#, r#"\"a\""#, r#"\"\"\""#, r"\\", r#"\\\""#] {
        let body =
            format!(r#"{{"session_id":"{value}","disposition_desc":"{value}","resource_id":"{value}"}}"#);
        let expected = r#"{"session_id":"…","disposition_desc":"…","resource_id":"…"}"#;
        assert_eq!(of_last(&body), [expected.to_owned(), format!("{}^^^", " ".repeat(55))], "{body}");
    }
}

#[test]
fn characters_that_can_be_seen_are_shown_as_they_are() {
    let (seen, unseen) = ("©®€‰†♥ẞ😀한東é𝔸", "\u{200b}\u{2060}\u{ad}");
    let body = format!(r#"{{"{seen}":1,"{unseen}":1}}"#);
    let violations = violations(&body);
    for shown in [violations.to_string(), violations.render(body.as_bytes()).to_string()] {
        assert!(shown.contains(seen), "{shown}");
        assert!(shown.contains(r"\u{200b}\u{2060}\u{ad}"), "{shown}");
        assert!(!shown.contains(['\u{200b}', '\u{2060}', '\u{ad}']), "{shown}");
    }
}

#[test]
fn an_error_inside_of_a_character_is_told_at_that_character() {
    for (escape, column) in [("\\u00é", 20), ("\\u0€", 19), ("\\u😀", 18), ("\\uéé", 19)] {
        let body = format!(r#"{{"session_id":"{escape}"}}"#);
        let Err(ReadError::Syntax(error)) = reader().read(body.as_bytes()) else { panic!("{body}") };
        assert_eq!((error.line(), error.column()), (Some(1), Some(column)), "{body}");
    }
}
