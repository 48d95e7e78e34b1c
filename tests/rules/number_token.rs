//! The object in which `serde_json` with its feature `arbitrary_precision` wraps a number has no meaning in a body.
//! Of other formats, see `wrapped_numbers`.

use service_end::{ReadError, Validator};

use crate::support::{check, read, syntax_error, validator};

const KEY: &str = "$serde_json::private::Number";

fn reader() -> Validator {
    validator(
        r#"[ { "name": "One", "type": "single-valued", "attributes": [
                { "name": "whole", "type": "integer" }, { "name": "text", "type": "string" },
                { "name": "float", "type": "double" }, { "name": "money", "type": "currency" } ] },
             { "name": "Many", "type": "multi-valued", "attributes": [ { "name": "whole", "type": "long" } ] } ]"#,
    )
}

/// Holds a table of bodies, in which `§` stands for the key, against what must be found in them.
fn check_tokens(cases: &[(&str, &[(&str, &str)])]) {
    for (body, expected) in cases {
        let named = expected.iter().map(|(pointer, code)| (pointer.replace('§', KEY), *code));
        let named: Vec<_> = named.collect();
        let expected: Vec<_> = named.iter().map(|(pointer, code)| (&**pointer, *code)).collect();
        check(&reader(), &[(&body.replace('§', KEY), &expected)]);
    }
}

#[test]
fn as_a_value_it_is_an_object() {
    check_tokens(&[
        (r#"{"resource_id":{"§":"5"}}"#, &[("/resource_id", "wrong_type")]),
        (r#"{"session_id":{"§":"5"}}"#, &[("/session_id", "wrong_type")]),
        (r#"{"disposition":{"§":"5"}}"#, &[("/disposition", "wrong_type")]),
        (r#"{"service_id":{"§":"5"}}"#, &[("/service_id", "wrong_type")]),
        (r#"{"timestamp":{"§":"5"}}"#, &[("/timestamp", "wrong_type")]),
        (r#"{"One":{"whole":{"§":"5"}}}"#, &[("/One/whole", "wrong_type")]),
        (r#"{"One":{"float":{"§":"5"}}}"#, &[("/One/float", "wrong_type")]),
        (r#"{"One":{"money":{"§":"5"}}}"#, &[("/One/money", "wrong_type")]),
        (r#"{"Many":[{"whole":{"§":"5","a":1}}]}"#, &[("/Many/0/whole", "wrong_type")]),
        (r#"{"Many":{"§":"5"}}"#, &[("/Many", "wrong_shape")]),
        (r#"{"nope":{"§":"5"}}"#, &[("/nope", "unknown_extension")]),
    ]);
}

#[test]
fn as_a_record_it_has_an_unknown_attribute() {
    check_tokens(&[
        (r#"{"One":{"§":"5"}}"#, &[("/One/§", "unknown_attribute")]),
        (r#"{"One":{"whole":1,"§":"5"}}"#, &[("/One/§", "unknown_attribute")]),
        (
            r#"{"One":{"§":"5","§":"6","whole":"x"}}"#,
            &[("/One/§", "unknown_attribute"), ("/One/§", "unknown_attribute"), ("/One/whole", "wrong_type")],
        ),
        (
            r#"{"Many":[{"§":"5"},{"§":{}}]}"#,
            &[("/Many/0/§", "unknown_attribute"), ("/Many/1/§", "unknown_attribute")],
        ),
    ]);
}

#[test]
fn as_the_body_it_has_an_unknown_extension() {
    check_tokens(&[
        (r#"{"§":"5"}"#, &[("/§", "unknown_extension")]),
        (r#"{"resource_id":1,"§":"5"}"#, &[("/§", "unknown_extension")]),
        (
            r#"{"§":"5","resource_id":"x","§":"6"}"#,
            &[("/§", "unknown_extension"), ("/resource_id", "wrong_type"), ("/§", "unknown_extension")],
        ),
    ]);
}

/// What stands under the key is skipped, so it is checked for grammar only.
const SKIPPED: &[&str] = &[
    "5",
    "-1",
    "1.5",
    "true",
    "null",
    r#""x""#,
    r#""""#,
    r#""1e400""#,
    "[]",
    "[1,[2]]",
    "{}",
    r#"{"a":1}"#,
    r#"{"§":"5"}"#,
    "1e400",
    r#""\ud800""#,
    r#"{"\ud800":["\udc00"]}"#,
    "18446744073709551616",
];

#[test]
fn whatever_stands_under_it_is_skipped() {
    for value in SKIPPED {
        for (template, pointer, code) in [
            (r#"{"§":#}"#, "/§", "unknown_extension"),
            (r#"{"§":#,"resource_id":1}"#, "/§", "unknown_extension"),
            (r#"{"One":{"§":#}}"#, "/One/§", "unknown_attribute"),
            (r#"{"Many":[{"§":#,"whole":1}]}"#, "/Many/0/§", "unknown_attribute"),
            (r#"{"session_id":{"§":#}}"#, "/session_id", "wrong_type"),
            (r#"{"One":{"text":{"§":#}}}"#, "/One/text", "wrong_type"),
            (r#"{"Many":{"§":#}}"#, "/Many", "wrong_shape"),
        ] {
            check_tokens(&[(&template.replace('#', value), &[(pointer, code)])]);
        }
    }
}

#[test]
fn under_it_the_grammar_holds() {
    for value in ["", "01", "\"\t\"", "{\"a\nb\":1}", "[1,]", "nul", "\"5"] {
        for template in
            [r#"{"§":#}"#, r#"{"One":{"§":#}}"#, r#"{"session_id":{"§":#}}"#, r#"{"Many":{"§":#}}"#]
        {
            syntax_error(&reader(), template.replace('#', value).replace('§', KEY));
        }
    }
}

#[test]
fn in_another_spelling_it_is_the_same_key_and_an_object_all_the_same() {
    let escaped = KEY.replace('$', "\\u0024");
    let body = format!(r#"{{"{escaped}":"5","resource_id":{{"{escaped}":"\u0035"}}}}"#);
    let pointer = format!("/{KEY}");
    check(&reader(), &[(&body, &[(&pointer, "unknown_extension"), ("/resource_id", "wrong_type")])]);
}

#[test]
fn it_is_an_object_when_it_comes_as_a_serde_json_value_too() {
    // With `arbitrary_precision` on, `serde_json` itself takes the text for the number, before we see it.
    let mut token = serde_json::Map::new();
    token.insert(KEY.to_owned(), "5".into());
    let token = serde_json::Value::Object(token);
    for (body, code) in [
        (serde_json::json!({ "resource_id": token }), "wrong_type"),
        (serde_json::json!({ "One": token }), "unknown_attribute"),
        (serde_json::json!({ "Many": [token] }), "unknown_attribute"),
        (token.clone(), "unknown_extension"),
    ] {
        for read in [reader().read_from(&body), reader().read_from(body.clone())] {
            let Err(ReadError::Invalid(violations)) = read else { panic!("{body}: {read:?}") };
            assert_eq!(violations.as_slice()[0].code().as_str(), code, "{body}");
        }
    }
}

#[test]
fn numbers_of_a_serde_json_value_are_numbers() {
    let text = r#"{"resource_id":-7,"disposition":7.0,"One":{"whole":7e0,"float":0.1,"money":12.5}}"#;
    let expected = read(&reader(), text).unwrap();
    let body: serde_json::Value = serde_json::from_str(text).unwrap();
    assert_eq!(reader().read_from(&body).unwrap(), expected);
    assert_eq!(reader().read_from(body).unwrap(), expected);
    let number = serde_json::json!(5);
    assert!(matches!(reader().read_from(&number), Err(ReadError::Syntax(_))));
}
