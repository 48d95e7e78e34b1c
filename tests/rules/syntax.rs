//! A body that is not a JSON object is one syntax error with its line and column.

use std::sync::LazyLock;

use service_end::Validator;

use crate::support::{found, syntax_error, validator};

const SCHEMAS: &str = r#"[
    { "name": "One", "type": "single-valued", "attributes": [
        { "name": "text", "type": "string" }, { "name": "whole", "type": "integer" },
        { "name": "float", "type": "double" }, { "name": "money", "type": "currency" } ] },
    { "name": "Many", "type": "multi-valued", "attributes": [
        { "name": "text", "type": "string" }, { "name": "whole", "type": "long" } ] } ]"#;

pub(crate) fn reader() -> Validator {
    static READER: LazyLock<Validator> = LazyLock::new(|| validator(SCHEMAS));
    READER.clone()
}

/// Bodies with `§` where a value is read: whatever stands there turns into a typed value or a violation.
pub(crate) const READ_VALUES: &[&str] = &[
    r#"{"session_id":§}"#,
    r#"{"resource_id":§}"#,
    r#"{"timestamp":§}"#,
    r#"{"disposition":§}"#,
    r#"{"service_id":§}"#,
    r#"{"One":§}"#,
    r#"{"Many":§}"#,
    r#"{"Many":[{},§]}"#,
    r#"{"One":{"text":§}}"#,
    r#"{"One":{"whole":§}}"#,
    r#"{"One":{"float":§}}"#,
    r#"{"One":{"money":§}}"#,
    r#"{"Many":[{},{"TEXT":§}]}"#,
];

/// Bodies with `§` where a value is skipped, and the one violation that each has.
pub(crate) const SKIPPED_VALUES: &[(&str, &str, &str)] = &[
    (r#"{"nope":§}"#, "/nope", "unknown_extension"),
    (r#"{"nope":[§]}"#, "/nope", "unknown_extension"),
    (r#"{"nope":{"a":§}}"#, "/nope", "unknown_extension"),
    (r#"{"nope":[{"a":[1,{"b":§}]}]}"#, "/nope", "unknown_extension"),
    (r#"{"resource_id":1,"resource_id":§}"#, "/resource_id", "duplicate_key"),
    (r#"{"One":{},"ONE":§}"#, "/ONE", "duplicate_key"),
    (r#"{"session_id":[§]}"#, "/session_id", "wrong_type"),
    (r#"{"session_id":{"a":§}}"#, "/session_id", "wrong_type"),
    (r#"{"session_id":{"a":{"b":1,"c":§}}}"#, "/session_id", "wrong_type"),
    (r#"{"One":[§]}"#, "/One", "wrong_shape"),
    (r#"{"One":[1,{"text":§}]}"#, "/One", "wrong_shape"),
    (r#"{"Many":{"text":§}}"#, "/Many", "wrong_shape"),
    (r#"{"Many":[{},[§]]}"#, "/Many/1", "wrong_shape"),
    (r#"{"One":{"text":[§]}}"#, "/One/text", "wrong_type"),
    (r#"{"One":{"text":{"a":§}}}"#, "/One/text", "wrong_type"),
    (r#"{"One":{"text":"","text":§}}"#, "/One/text", "duplicate_key"),
    (r#"{"One":{"nope":§}}"#, "/One/nope", "unknown_attribute"),
    (r#"{"Many":[{},{"nope":{"a":[§]}}]}"#, "/Many/1/nope", "unknown_attribute"),
];

/// Bodies with `§` inside a key that is read.
pub(crate) const READ_KEYS: &[&str] =
    &[r#"{"§":1}"#, r#"{"disposition":1,"x§":1}"#, r#"{"One":{"§":1}}"#, r#"{"Many":[{},{"x§y":{}}]}"#];

/// Bodies with `§` inside a key of an object that is skipped.
pub(crate) const SKIPPED_KEYS: &[&str] = &[
    r#"{"nope":{"§":1}}"#,
    r#"{"nope":{"a":1,"§":1}}"#,
    r#"{"nope":[{"a":{"b":{"x§y":1}}}]}"#,
    r#"{"session_id":{"§":1}}"#,
    r#"{"session_id":{"a":1,"x§":1}}"#,
    r#"{"session_id":{"a":{"x§":{"b":1}}}}"#,
    r#"{"session_id":[{"a":[{"§":1}]}]}"#,
    r#"{"One":[{"§":1}]}"#,
    r#"{"Many":{"§":1}}"#,
    r#"{"Many":{"a":{"b":{"§":1}}}}"#,
    r#"{"Many":[[{"§":1}]]}"#,
    r#"{"One":{"text":{"§":1}}}"#,
    r#"{"One":{"text":{"a":[{"§":1}]}}}"#,
    r#"{"One":{"nope":{"§":1}}}"#,
    r#"{"One":{},"one":{"§":1}}"#,
];

/// The error of a body, whose place must be at a byte offset.
pub(crate) fn assert_at(body: &str, offset: usize) {
    let error = syntax_error(&reader(), body);
    let before = &body[..offset];
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap().chars().count() + 1;
    assert_eq!((error.line(), error.column()), (Some(line), Some(column)), "{body:?}: {error}");
}

#[test]
fn line_and_column_count_from_one_in_characters() {
    for (body, line, column) in [
        ("x", 1, 1),
        (r#"{"a" 1}"#, 1, 6),
        (r#"{"é😀": x}"#, 1, 8),
        (r#"{"session_id":"日本", x}"#, 1, 21),
        ("{\t\t\"a\":\tx}", 1, 9),
        ("{\n\n :", 3, 2),
        ("{\r\n  \"a\" 1}", 2, 7),
        ("{\r\n\"a\":1,\r\n}", 3, 1),
        ("{\r\"a\" 1}", 1, 7),
        ("{\u{2028}\"a\":1}", 1, 2),
        ("\u{feff}{}", 1, 1),
        ("{\n\"é\": \"\u{301}\", \"ü\": \u{1f1e9}\u{1f1ea} }", 2, 16),
    ] {
        let error = syntax_error(&reader(), body);
        assert_eq!((error.line(), error.column()), (Some(line), Some(column)), "{body:?}: {error}");
    }
}

#[test]
fn the_place_is_the_culprit_character() {
    for (before, culprit) in [
        ("{", "é"),
        ("{", "1:2}"),
        ("{\"a\"", ",1}"),
        ("{\"a\":", "}"),
        ("{\"a\":", "é}"),
        ("{\"a\":1", "\"b\":2}"),
        ("{\"a\":1,", "}"),
        ("{\"a\":[1,", "]}"),
        ("{\"a\":[1", "}"),
        ("{\"a\":0", "1}"),
        ("{\"a\":1.", "}"),
        ("{\"a\":1e", "}"),
        ("{\"a\":-", "x}"),
        ("{\"a\":-", "-"),
        ("{\"a\":1.", "."),
        ("{\"a\":1.", "e"),
        ("{\"a\":1e+", "-"),
        ("{\"a\":1e5", "e"),
        ("{\"a\":5 ", "-"),
        ("{\"a\"", "-"),
        ("{\"a\":", "+1}"),
        ("{\"a\":", "NaN}"),
        ("{\"a\":", "'b'}"),
        ("{\"a\":nul", "}"),
        ("{\"a\":tru", "é}"),
        ("{\"a\":1}", "}"),
        ("{\"a\":1", "/* b */}"),
    ] {
        for name in ["a", "resource_id", "One", "Many", "session_id"] {
            let before = before.replace("\"a\"", &format!("\"{name}\""));
            assert_at(&format!("{before}{culprit}"), before.len());
            assert_at(&format!("\r\n \t{before}{culprit}"), before.len() + 4);
        }
    }
}

#[test]
fn at_the_end_of_the_text_the_place_is_one_past_the_last_character() {
    for whole in [
        r#"{"session_id":"é\u00e9","resource_id":-1.5e3,"One":{"text":null,"float":0.5},"Many":[{},{"whole":7}]}"#,
        "{\r\n \"nope\" : [ true , {\"ü\": [false,\"\\n\"] } ] }",
        "{\n\"resource_id\"\n:\n1\n}",
        r#"{"nope":[-1.5e+3,{"a":0.0E-05}],"session_id":{"b":-0.1},"One":{"text":[1e9]},"Many":1.5e-3}"#,
    ] {
        for (cut, _) in whole.char_indices() {
            assert_at(&whole[..cut], cut);
        }
    }
}

#[test]
fn an_empty_body_and_white_space_only_are_syntax() {
    for body in ["", " ", "\t", "\r\n", "\n", " \n \n "] {
        assert_at(body, body.len());
    }
}

#[test]
fn a_body_that_is_no_object_is_syntax_and_says_what_it_is() {
    for (body, what) in [
        ("null", "null"),
        ("true", "a boolean"),
        ("0", "a number"),
        ("-1.5e3", "a number"),
        ("123456789012345678901234567890", "a number"),
        ("\"{}\"", "a string"),
        ("[]", "an array"),
        ("[{\"session_id\":\"\"}]", "an array"),
        ("[\"\\ud800\", {\"\\udc00\": 1e400}]", "an array"),
    ] {
        for (prefix, suffix) in [("", ""), (" \t", " "), ("\r\n", "\n"), ("\n\n  ", "")] {
            let text = format!("{prefix}{body}{suffix}");
            assert_at(&text, prefix.len());
            let error = syntax_error(&reader(), &text);
            assert_eq!(error.message(), format!("the body must be a JSON object, but is {what}"));
        }
    }
}

#[test]
fn text_after_the_object_is_syntax() {
    for after in ["x", "{}", ",", "null", "}", "\0", "\u{feff}", "\u{a0}", "é", "\"", "//"] {
        for between in ["", " ", "\r\n\t"] {
            for body in ["{}", r#"{"resource_id":1}"#, r#"{"resource_id":"wrong"}"#, "[]"] {
                assert_at(&format!("{body}{between}{after}"), body.len() + between.len());
            }
        }
    }
    assert_eq!(found(&reader(), "\r\n\t {} \r\n\t"), []);
}

#[test]
fn a_body_is_utf8_throughout() {
    let bad: &[&[u8]] =
        &[b"\xff", b"\x80", b"\xc3", b"\xe2\x82", b"\xf0\x9f\x98", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf5\x80"];
    let places = [
        ("", "{}"),
        ("{}", ""),
        ("{} ", "\n"),
        ("{", "}"),
        ("{\n\"é", "\":1}"),
        ("{\"session_id\":\"é", "\"}"),
        ("{\"One\":{\"text\":\"", "\"}}"),
        ("{\"One\":{\"", "\":1}}"),
        ("{\"nope\":\"é", "\"}"),
        ("{\"nope\":[{\"", "\":1}]}"),
        ("{\"session_id\":{\"", "\":1}}"),
        ("{\"resource_id\":\"wrong\",\"Many\":[[\"", "\"]]}"),
    ];
    for (before, after) in places {
        for bad in bad {
            let body = [before.as_bytes(), bad, after.as_bytes()].concat();
            let error = syntax_error(&reader(), &body);
            assert_eq!(error.message(), "the text is not UTF-8");
            let column = before.rsplit('\n').next().unwrap().chars().count() + 1;
            let place = (Some(before.matches('\n').count() + 1), Some(column));
            assert_eq!((error.line(), error.column()), place, "{}", String::from_utf8_lossy(&body));
        }
    }
}

const UNPAIRED: &[&str] = &[
    r"\ud800",
    r"\udfff",
    r"\uDC00\uD800",
    r"\ud800x",
    r"\ud800\n",
    r"\ud83dA",
    r"\ud800\ud800",
    r"x\udbff",
];

#[test]
fn an_unpaired_surrogate_is_syntax_where_it_is_read() {
    for unpaired in UNPAIRED {
        for template in READ_VALUES {
            syntax_error(&reader(), template.replace('§', &format!("\"{unpaired}\"")));
        }
        for template in READ_KEYS {
            syntax_error(&reader(), template.replace('§', unpaired));
        }
    }
}

#[test]
fn an_unpaired_surrogate_is_let_through_where_it_is_skipped() {
    for unpaired in UNPAIRED {
        for (template, pointer, code) in SKIPPED_VALUES {
            let body = template.replace('§', &format!("\"{unpaired}\""));
            assert_eq!(found(&reader(), &body), [((*pointer).to_owned(), *code)], "{body}");
        }
        for template in SKIPPED_KEYS {
            let body = template.replace('§', unpaired);
            assert_eq!(found(&reader(), &body).len(), 1, "{body}");
        }
    }
}

#[test]
fn records_beyond_the_limit_are_checked_for_grammar_only() {
    let reader = reader().with_max_records(1);
    for record in [r#"{"text":"\ud800"}"#, "1e400", r#"{"\udc00":{}}"#, "[[]]"] {
        let body = format!(r#"{{"Many":[{{}},{record}]}}"#);
        assert_eq!(found(&reader, &body), [("/Many".to_owned(), "too_many_records")], "{body}");
    }
    for record in ["{\"text\":\"\t\"}", "{\"a\nb\":1}", "{\"text\":01}", "{\"text\"}"] {
        syntax_error(&reader, format!(r#"{{"Many":[{{}},{record}]}}"#));
    }
}

#[test]
fn a_number_that_no_float_holds_is_syntax_where_it_is_read() {
    let digits = "9".repeat(400);
    for number in ["1e400", "-1E+400", "1.8e308", "1e99999999999999999999", "12345e305", &digits] {
        for template in READ_VALUES {
            syntax_error(&reader(), template.replace('§', number));
        }
        for (template, pointer, code) in SKIPPED_VALUES {
            let body = template.replace('§', number);
            assert_eq!(found(&reader(), &body), [((*pointer).to_owned(), *code)], "{body}");
        }
        syntax_error(&reader(), number);
    }
    let before = r#"{"resource_id":1e40"#;
    assert_at(&format!("{before}0}}"), before.len());
    for number in ["1e-400", "0e400", "0.0e99999999999999999999", "1.7976931348623157e308"] {
        assert_eq!(found(&reader(), &format!(r#"{{"One":{{"float":{number}}}}}"#)), [], "{number}");
    }
}
