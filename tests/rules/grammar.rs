//! The grammar of JSON holds for every byte of a body, read or skipped, and comes before any violation.

use service_end::{Problem, ReadError};

use crate::support::{found, read, syntax_error};
use crate::syntax::{READ_KEYS, READ_VALUES, SKIPPED_KEYS, SKIPPED_VALUES, assert_at, reader};

/// Every template of a value, read or skipped.
fn values() -> impl Iterator<Item = &'static str> {
    READ_VALUES.iter().copied().chain(SKIPPED_VALUES.iter().map(|(template, ..)| *template))
}

/// Every template of a key, read or skipped.
fn keys() -> impl Iterator<Item = &'static str> {
    READ_KEYS.iter().chain(SKIPPED_KEYS).copied()
}

/// The body, and the offset at which something stands for the `§`.
fn put(template: &str, something: &str) -> (String, usize) {
    (template.replace('§', something), template.find('§').unwrap())
}

#[test]
fn a_raw_control_character_in_a_string_is_syntax_and_the_culprit() {
    for control in ('\0'..' ').map(String::from) {
        for template in values() {
            for before in ["", "é", "\u{7f}", "\\n", "\\u0000"] {
                let (body, offset) = put(template, &format!("\"{before}{control}\t\""));
                assert_at(&body, offset + 1 + before.len());
            }
        }
    }
}

#[test]
fn a_raw_control_character_in_a_key_is_syntax_and_the_culprit() {
    for control in ('\0'..' ').map(String::from) {
        for template in keys() {
            for before in ["", "é", "\\n"] {
                let (body, offset) = put(template, &format!("{before}{control}"));
                assert_at(&body, offset + before.len());
            }
        }
    }
}

#[test]
fn delete_and_other_control_characters_beyond_ascii_are_text() {
    for character in ["\u{7f}", "\u{80}", "\u{85}", "\u{2028}"] {
        assert_eq!(found(&reader(), &format!(r#"{{"session_id":"{character}"}}"#)), []);
    }
}

#[test]
fn every_value_is_checked_against_the_grammar() {
    for wrong in [
        "01",
        "-01",
        "1.",
        "1.e1",
        ".5",
        "+1",
        "-",
        "1e",
        "1e+",
        "0x1",
        "1_0",
        "--1",
        "NaN",
        "Infinity",
        "-Infinity",
        "nul",
        "nulll",
        "True",
        "truefalse",
        "undefined",
        "'a'",
        "a",
        "\"a",
        "\"\\x\"",
        "\"\\u12g4\"",
        "\"\\u{41}\"",
        "\"\\u 041\"",
        "\"\\'\"",
        "[1,]",
        "[,1]",
        "[,]",
        "[1 2]",
        "[1:2]",
        "[",
        "]",
        "[}",
        "{]",
        "{",
        "}",
        "{\"a\"}",
        "{\"a\",1}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{,}",
        "{a:1}",
        "{1:1}",
        "{null:1}",
        "{\"a\":1 \"b\":2}",
        "{\"a\"=1}",
        "{\"a\":1}}",
        "[[1]",
        "1 2",
        "1,",
        ",",
        "{\"a\":[{\"b\":01}]}",
        "{\"a\":{\"b\":{\"c\":tru}}}",
        "{\"text\":1.,\"whole\":1}",
        "// a\n1",
        "1\0",
        "\u{a0}1",
        "\u{b}1",
        "\u{c}1",
    ] {
        for template in values() {
            syntax_error(&reader(), put(template, wrong).0);
        }
    }
}

#[test]
fn every_key_is_checked_against_the_grammar() {
    for wrong in [r"\x", r"\u12g4", r"\", r"\u", "\" \"", r"\'"] {
        for template in keys() {
            syntax_error(&reader(), put(template, wrong).0);
        }
    }
}

#[test]
fn what_the_grammar_allows_is_skipped_in_silence() {
    for fine in [
        "null",
        "-0",
        "0.0",
        "1E+5",
        "1e-05",
        "-0e0",
        "12345678901234567890123456789",
        "\"\"",
        "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0000\"",
        "[ ]",
        "{ }",
        "[\r\n\t 1 ,\t2 ]",
        "{ \"\" : { \"\" : [ ] } }",
        "{\"a\":1,\"a\":2}",
        "\"\u{10ffff}\u{7f}\"",
        "{\"\\u0000\":\"\\u0000\"}",
    ] {
        for (template, pointer, code) in SKIPPED_VALUES {
            let (body, _) = put(template, fine);
            assert_eq!(found(&reader(), &body), [((*pointer).to_owned(), *code)], "{body}");
        }
    }
}

#[test]
fn a_syntax_error_anywhere_beats_violations() {
    let wrong = r#""resource_id":"wrong","nope":{},"One":{"nope":1,"whole":"x"},"Many":[7,{"nope":{"a":1}}]"#;
    assert_eq!(found(&reader(), &format!("{{{wrong}}}")).len(), 6);
    let many = format!("{{{wrong},\"more\":[],{}}}", vec!["\"nope\":1"; 500].join(","));
    for whole in [format!("{{{wrong}}}"), many] {
        for after in ["x", "}", "{}", "\"", "\u{feff}"] {
            assert_at(&format!("{whole}{after}"), whole.len());
        }
        let open = whole.strip_suffix('}').unwrap();
        assert_at(open, open.len());
        for last in
            [r#","nope""#, r#","nope":[1,]}"#, ",\"nope\":{\"a\tb\":1}}", ",\"session_id\":{\"\t\":1}}"]
        {
            syntax_error(&reader(), format!("{open}{last}"));
        }
        syntax_error(&reader(), format!(r#"{open},"session_id":"\ud800"}}"#));
        syntax_error(&reader(), format!(r#"{open},"application_id":1e400}}"#));
        syntax_error(&reader(), [open.as_bytes(), b",\"nope\":\"\xff\"}"].concat());
    }
}

#[test]
fn of_two_syntax_errors_the_first_is_told() {
    for (first, second) in [
        ("{\"nope\":{\"", "\u{1}\":1},\"session_id\":tru}"),
        ("{\"session_id\":[{\"a", "\u{1}\":1}] x"),
        ("{\"session_id\":{\"a\":1},\"nope\":", "tru\u{1}}"),
        ("{\"session_id\":{\"", "\n\":1},"),
        ("{\"Many\":{\"", "\t\":1}}x"),
        ("{\"One\":[{\"", "\0\":01}]"),
    ] {
        // In `tru` the culprit is the character in which it stops to be `true`.
        let culprit = first.len() + second.find("tru\u{1}").map_or(0, |at| at + 3);
        assert_at(&format!("{first}{second}"), culprit);
    }
}

#[test]
fn a_message_never_quotes_the_body() {
    let mut bodies = Vec::new();
    for wrong in [
        "SECRET",
        "\"SECRET",
        "\"SECRET\\x\"",
        "\"SECRET\t\"",
        "\"SECRET\\ud800\"",
        "77777e400",
        "[SECRET]",
        "\"a\" SECRET",
        "{\"SECRET\" 77777}",
        "{\"SECRET\":\"SECRET\\udc00\"",
        "77777.x",
        "{\"SECRET\n\":1}",
    ] {
        bodies.extend(values().map(|template| put(template, wrong).0));
        bodies.push(wrong.to_owned());
    }
    bodies.extend(["\"SECRET\"", "[\"SECRET\"]", "77777", "{} SECRET"].map(str::to_owned));
    for body in bodies {
        let Err(error) = reader().read(body.as_bytes()) else { panic!("{body}") };
        let problem = serde_json::to_string(&Problem::from(&error)).unwrap();
        for text in [error.to_string(), problem] {
            assert!(!text.contains("SECRET") && !text.contains("77777"), "{body}: {text}");
        }
    }
}

#[test]
fn a_syntax_error_is_the_problem_syntax_with_line_and_column() {
    let error = reader().read("{\n\"é\" 1}".as_bytes()).unwrap_err();
    assert!(matches!(error, ReadError::Syntax(_)));
    let problem = serde_json::to_value(Problem::from(&error)).unwrap();
    assert_eq!(problem["code"], "syntax");
    assert_eq!(problem["status"], 400);
    assert_eq!((&problem["line"], &problem["column"]), (&2.into(), &5.into()));
    assert!(problem.get("violations").is_none());
}

#[test]
fn white_space_between_tokens_changes_nothing() {
    let tight = r#"{"session_id":"a b","One":{"text":"é","float":1e2},"Many":[{"whole":1},{}]}"#;
    let event = read(&reader(), tight).unwrap();
    let mut loose = String::from(" \r\n");
    let mut inside = false;
    for character in tight.chars() {
        inside ^= character == '"';
        let between = !inside && matches!(character, '{' | '}' | '[' | ']' | ':' | ',');
        loose.extend(if between { vec![' ', '\t', character, '\r', '\n'] } else { vec![character] });
    }
    assert_eq!(read(&reader(), &loose).unwrap(), event);
}
