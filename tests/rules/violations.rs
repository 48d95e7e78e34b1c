//! 2.6: violations, all of them, in one go.

use serde_json::json;
use service_end::{
    ExtensionSchema, ReadError, Validator, Violations,
    schema::DeclarationError,
    violation::{Code, Known, Part, Place},
};

use crate::support::{check, found, valid, validator, violations};

fn three() -> Validator {
    validator(
        r#"[ { "name": "Feedback", "type": "single-valued", "attributes": [
                 { "name": "rating", "type": "integer", "mandatory": true },
                 { "name": "FeedbackType", "type": "string", "length": 3, "mandatory": true },
                 { "name": "day", "type": "date", "mandatory": true } ] },
             { "name": "Satisfaction", "type": "multi-valued", "unique": ["place"], "attributes": [
                 { "name": "rating", "type": "integer", "mandatory": true },
                 { "name": "place", "type": "string" },
                 { "name": "a_b", "type": "currency" } ] } ]"#,
    )
}

#[test]
fn they_come_in_the_order_in_which_they_are_established() {
    check(
        &three(),
        &[
            // At the closing brace missing attributes in schema order, with those given as null.
            (
                r#"{"Feedback":{"DAY":null,"rating":null}}"#,
                &[
                    ("/Feedback/rating", "missing_attribute"),
                    ("/Feedback/FeedbackType", "missing_attribute"),
                    ("/Feedback/DAY", "missing_attribute"),
                ],
            ),
            // First the duplicate, then what is missing.
            (
                r#"{"Satisfaction":[{"rating":1},{"a_b":"x"}]}"#,
                &[
                    ("/Satisfaction/1/a_b", "invalid_format"),
                    ("/Satisfaction/1", "duplicate_record"),
                    ("/Satisfaction/1/rating", "missing_attribute"),
                ],
            ),
            (
                r#"{"x":1,"resource_id":"y","Feedback":{"z":1,"rating":"r"},"timestamp":"t"}"#,
                &[
                    ("/x", "unknown_extension"),
                    ("/resource_id", "wrong_type"),
                    ("/Feedback/z", "unknown_attribute"),
                    ("/Feedback/rating", "wrong_type"),
                    ("/Feedback/FeedbackType", "missing_attribute"),
                    ("/Feedback/day", "missing_attribute"),
                    ("/timestamp", "invalid_format"),
                ],
            ),
        ],
    );
}

#[test]
fn pointers_are_in_the_names_of_the_body() {
    check(
        &three(),
        &[
            (
                r#"{"SATISFACTION":[{"RATING":"x","~/":1}]}"#,
                &[("/SATISFACTION/0/RATING", "wrong_type"), ("/SATISFACTION/0/~0~1", "unknown_attribute")],
            ),
            (r#"{"satis\u0066action":[{"r\u0061ting":"x"}]}"#, &[("/satisfaction/0/rating", "wrong_type")]),
            (r#"{"satisfaction":[{}]}"#, &[("/satisfaction/0/rating", "missing_attribute")]),
            (r#"{"é\"\\":1}"#, &[("/é\"\\", "unknown_extension")]),
        ],
    );
}

#[test]
fn one_value_has_at_most_one_violation() {
    check(
        &three(),
        &[
            (
                r#"{"Feedback":{"rating":1,"FeedbackType":"abcd\u0000","day":"2009-05-12"}}"#,
                &[("/Feedback/FeedbackType", "forbidden_character")],
            ),
            (
                r#"{"Feedback":{"rating":4294967296.5,"FeedbackType":["abcd"],"day":"x\u0000"}}"#,
                &[
                    ("/Feedback/rating", "wrong_type"),
                    ("/Feedback/FeedbackType", "wrong_type"),
                    ("/Feedback/day", "invalid_format"),
                ],
            ),
        ],
    );
}

#[test]
fn a_place_counts_members_and_elements() {
    fn place(
        member: u32,
        element: Option<u32>,
        attribute: Option<u32>,
        part: Part,
    ) -> (u32, Option<u32>, Option<u32>, Part) {
        (member, element, attribute, part)
    }
    let body = r#"{"disposition":1,"disposition":2,"resource_id":"x","nope":1,
        "Satisfaction":[{"rating":1,"rating":2},5,{"x":1,"rating":"y"},{"rating":null,"place":"p"},{"rating":2}],
        "Feedback":{"day":1,"rating":1,"DAY":2}}"#;
    let expected = [
        ("/disposition", place(1, None, None, Part::Key)),
        ("/resource_id", place(2, None, None, Part::Value)),
        ("/nope", place(3, None, None, Part::Key)),
        ("/Satisfaction/0/rating", place(4, Some(0), Some(1), Part::Key)),
        ("/Satisfaction/1", place(4, Some(1), None, Part::Value)),
        ("/Satisfaction/2/x", place(4, Some(2), Some(0), Part::Key)),
        ("/Satisfaction/2/rating", place(4, Some(2), Some(1), Part::Value)),
        ("/Satisfaction/2", place(4, Some(2), None, Part::Value)),
        ("/Satisfaction/3/rating", place(4, Some(3), Some(0), Part::Value)),
        ("/Satisfaction/4", place(4, Some(4), None, Part::Value)),
        ("/Feedback/day", place(5, None, Some(0), Part::Value)),
        ("/Feedback/DAY", place(5, None, Some(2), Part::Key)),
        ("/Feedback/FeedbackType", place(5, None, None, Part::Value)),
    ];
    let violations = violations(&three(), body);
    let places: Vec<_> = violations
        .iter()
        .map(|violation| {
            let Place { member, element, attribute, part, .. } = violation.place().unwrap();
            (violation.pointer(), (member, element, attribute, part))
        })
        .collect();
    assert_eq!(places, expected);
}

fn refused(validator: &Validator, body: &str) -> Violations {
    match validator.read(body.as_bytes()) {
        Err(ReadError::Invalid(violations)) => violations,
        other => panic!("{other:?}"),
    }
}

#[test]
fn at_most_the_limit_is_kept_and_truncated_tells_that_there_were_more() {
    let body = |wrong: usize| format!(r#"{{"Satisfaction":[{}]}}"#, vec!["7"; wrong].join(","));
    for (limit, wrong, kept, truncated) in [
        (None, 100, 100, false),
        (None, 101, 100, true),
        (Some(3), 3, 3, false),
        (Some(3), 4, 3, true),
        (Some(1), 2, 1, true),
        (Some(0), 2, 1, true),
    ] {
        let validator = limit.map_or(three(), |limit| three().with_max_violations(limit));
        let violations = refused(&validator, &body(wrong));
        assert_eq!(
            (violations.as_slice().len(), violations.truncated()),
            (kept, truncated),
            "{limit:?} {wrong}"
        );
    }
}

#[test]
fn a_list_of_what_is_expected_reads_back_from_any_format() {
    let read = |values: &[&str]| serde_json::from_value::<Known>(serde_json::json!(values)).unwrap();
    let short: Vec<_> = (0..21).map(|n| format!("v{n}")).collect();
    let short: Vec<_> = short.iter().map(String::as_str).collect();
    let (long, almost) = ("x".repeat(256), "x".repeat(255));
    let with = |values: &[&'static str], last| [values, &[last]].concat();
    let with_short = |last| [&short[..20], &[last]].concat();
    // Only behind twenty values, or behind 256 bytes of them, a count is a count.
    for (values, listed, more) in [
        (vec![], 0, 0),
        (with(&[], "and 3 more"), 1, 0),
        (with(&["a"], "and 3 more"), 2, 0),
        (vec![&almost, "and 3 more"], 2, 0),
        (vec![&long, "and 3 more"], 1, 3),
        (short[..20].to_vec(), 20, 0),
        (with_short("and 1 more"), 20, 1),
        (with_short("and 30 more"), 20, 30),
        (with_short("and 0 more"), 20, 1),
        (with_short("and some more"), 20, 1),
    ] {
        let known = read(&values);
        assert_eq!((known.len(), known.more()), (listed, more), "{values:?}");
        let packed = rmp_serde::to_vec(&known).unwrap();
        assert_eq!(rmp_serde::from_slice::<Known>(&packed).unwrap(), known, "{values:?}");
        assert_eq!(serde_json::from_str::<Known>(&serde_json::to_string(&known).unwrap()).unwrap(), known);
    }
}

#[test]
fn of_more_than_a_hundred_as_many_are_kept_as_the_length_of_the_body_allows_for() {
    let body = |wrong: &str| format!(r#"{{"Satisfaction":[{}]}}"#, vec![wrong; 1_000].join(","));
    let kept = |limit: usize, wrong: &str| {
        let violations = refused(&three().with_max_violations(limit), &body(wrong));
        (violations.len(), violations.truncated())
    };
    assert_eq!(kept(100, "7"), (100, true));
    let (short, truncated) = kept(usize::MAX, "7");
    assert!((100..150).contains(&short) && truncated, "{short}");
    let long = format!("\"{:x<100}\"", "");
    assert_eq!(kept(usize::MAX, &long), (1_000, false));
    assert_eq!(kept(1_000, &long), (1_000, false));
    assert_eq!(kept(999, &long), (999, true));
    // The first are the same, however many are kept.
    let all = refused(&three().with_max_violations(usize::MAX), &body("7"));
    let hundred = refused(&three(), &body("7"));
    assert_eq!(all.as_slice()[..100], *hundred.as_slice());
}

#[test]
fn reading_goes_on_after_the_limit() {
    let validator = three().with_max_violations(1);
    assert!(
        matches!(validator.read(br#"{"x":1,"y":2,"#), Err(ReadError::Syntax(_))),
        "a syntax error beats violations"
    );
}

#[test]
fn expected_lists_at_most_twenty_known_values_then_how_many_more() {
    let attributes: Vec<_> = (0..23).map(|n| format!(r#"{{"name":"a{n}","type":"string"}}"#)).collect();
    let many = format!(r#"[{{"name":"E","type":"single-valued","attributes":[{}]}}]"#, attributes.join(","));
    let violations = violations(&validator(&many), r#"{"E":{"x":1}}"#);
    let expected = violations[0].expected().unwrap();
    assert_eq!((expected.len(), expected.more()), (20, 3));
    let json = serde_json::to_value(&violations[0]).unwrap();
    assert_eq!(json["expected"].as_array().unwrap().len(), 21);
    assert_eq!(json["expected"][0], "a0");
    assert_eq!(json["expected"][20], "and 3 more");
}

#[test]
fn an_unknown_name_at_the_top_may_have_been_a_field_or_an_extension() {
    let violations = violations(&three(), r#"{"sessionid":"x"}"#);
    let expected = violations[0].expected().unwrap();
    assert_eq!(expected.iter().next(), Some("session_id"));
    assert_eq!(expected.iter().skip(11).collect::<Vec<_>>(), ["Feedback", "Satisfaction"]);
    assert_eq!(violations[0].suggestion(), Some("session_id"));
}

#[test]
fn params_tell_the_numbers_and_names_of_a_message_and_no_value_of_the_body() {
    for (body, expected) in [
        (r#"{"session_id":"SECRET-SECRET-SECRET-SECRET-SECRET"}"#, json!({ "limit": 32, "length": 34 })),
        (r#"{"resource_id":9223372036854775808}"#, json!({ "minimum": i64::MIN, "maximum": i64::MAX })),
        (r#"{"resource_id":1e18}"#, json!({ "minimum": -((1_i64 << 53) - 1), "maximum": (1_i64 << 53) - 1 })),
        (r#"{"Satisfaction":[{"rating":1e99}]}"#, json!({ "minimum": i32::MIN, "maximum": i32::MAX })),
        (
            r#"{"Satisfaction":[{"rating":1,"a_b":1e99}]}"#,
            json!({ "minimum": "-922337203685477.5808", "maximum": "922337203685477.5807" }),
        ),
        (r#"{"resource_id":"SECRET"}"#, json!({ "found": "string" })),
        (r#"{"Feedback":[]}"#, json!({ "found": "array" })),
        (r#"{"Satisfaction":[{}]}"#, json!({ "attribute": "rating" })),
        (
            r#"{"Satisfaction":[{"rating":1},{"rating":2}]}"#,
            json!({ "attributes": ["place"], "first": 0, "without_value": ["place"] }),
        ),
        (r#"{"timestamp":"SECRET"}"#, json!({ "reason": "form" })),
    ] {
        let violations = violations(&three(), body);
        assert_eq!(serde_json::Value::Object(violations[0].params()), expected, "{body}");
    }
}

#[test]
fn a_parameter_is_told_once_where_a_declared_value_does_not_fit_for_a_reason_with_parameters() {
    for (attribute_type, key, value, params) in [
        ("datetime", "default", "\"yesterday\"", json!({ "code": "invalid_format", "reason": "form" })),
        ("date", "default", "\"2009-13-01\"", json!({ "code": "invalid_format", "reason": "no_such_day" })),
        ("currency", "default", "\"1,5\"", json!({ "code": "invalid_format", "reason": "form" })),
        ("date", "minimum", "\"2009-13-01\"", json!({ "code": "invalid_format", "reason": "no_such_day" })),
        ("currency", "maximum", "\"1,5\"", json!({ "code": "invalid_format", "reason": "form" })),
        ("string", "default", "7", json!({ "code": "wrong_type", "found": "number" })),
        ("string", "values", "[7]", json!({ "code": "wrong_type", "found": "number" })),
    ] {
        let schema = format!(
            r#"{{ "name": "E", "type": "single-valued",
                  "attributes": [ {{ "name": "v", "type": "{attribute_type}", "{key}": {value} }} ] }}"#
        );
        let Err(DeclarationError::Invalid(mistakes)) = ExtensionSchema::from_json(schema) else { panic!() };
        assert_eq!(
            serde_json::Value::Object(mistakes.as_slice()[0].params()),
            params,
            "{attribute_type} {key}"
        );
        // A name that is there twice is lost where the JSON is read into a map.
        let written = serde_json::to_string(&mistakes).unwrap();
        let map: serde_json::Value = serde_json::from_str(&written).unwrap();
        assert_eq!(map.to_string().len(), written.len(), "{written}");
    }
}

#[test]
fn a_list_of_more_than_twenty_reads_back_with_its_count() {
    let values: Vec<_> = (0..20).map(|n| format!("a{n}")).collect();
    for (last, more) in [(None, 0), (Some("and 3 more"), 3), (Some("and more"), 1), (Some("and x more"), 1)] {
        let written: Vec<_> = values.iter().map(String::as_str).chain(last).collect();
        let known: Known = serde_json::from_value(json!(written)).unwrap();
        assert_eq!((known.len(), known.more()), (20, more), "{last:?}");
    }
    let few: Known = serde_json::from_value(json!(["a", "and 3 more"])).unwrap();
    assert_eq!(few.iter().collect::<Vec<_>>(), ["a", "and 3 more"]);
    assert_eq!(serde_json::to_value(&few).unwrap(), json!(["a", "and 3 more"]));
}

#[test]
fn of_long_names_fewer_are_listed() {
    let attributes: Vec<_> =
        (0..30).map(|n| format!(r#"{{"name":"{:a<60}{n:04}","type":"integer"}}"#, "")).collect();
    let schemas =
        format!(r#"[{{"name":"E","type":"single-valued","attributes":[{}]}}]"#, attributes.join(","));
    let expected = violations(&validator(&schemas), r#"{"E":{"x":1}}"#)[0].expected().unwrap();
    assert_eq!((expected.len(), expected.iter().len(), expected.more()), (4, 4, 26));
    let json = serde_json::to_value(&expected).unwrap();
    assert_eq!(json[4], "and 26 more");
    let read: Known = serde_json::from_value(json).unwrap();
    assert_eq!((read.len(), read.more()), (4, 26));
}

#[test]
fn what_is_not_the_json_of_violations_does_not_read_back() {
    for json in [
        json!({}),
        json!({ "violations": [] }),
        json!({ "violations": [{ "pointer": "/a", "code": "wrong_type" }] }),
        json!({ "violations": [{ "pointer": "/a", "code": "Wrong Type", "message": "m" }] }),
        json!({ "violations": [{ "pointer": 7, "code": "wrong_type", "message": "m" }] }),
    ] {
        assert!(serde_json::from_value::<Violations>(json.clone()).is_err(), "{json}");
    }
    let least =
        json!({ "violations": [{ "pointer": "", "code": "of_a_later_version", "message": "m", "new": 1 }] });
    let read: Violations = serde_json::from_value(least).unwrap();
    assert!(matches!(read.as_slice()[0].code(), Code::Host(code) if code.as_str() == "of_a_later_version"));
}

#[test]
fn a_violation_as_json_has_pointer_code_message_and_what_was_expected() {
    let violations = violations(&three(), r#"{"Feedback":{"rating":"secret"},"Satisfaction":[{"place":5}]}"#);
    assert_eq!(
        serde_json::to_string(&violations[0]).unwrap(),
        concat!(
            r#"{"pointer":"/Feedback/rating","code":"wrong_type","#,
            r#""message":"must be an integer, but is a string","params":{"found":"string"},"expected":["integer"]}"#
        )
    );
    assert_eq!(
        serde_json::to_string(&violations[1]).unwrap(),
        concat!(
            r#"{"pointer":"/Feedback/FeedbackType","code":"missing_attribute","#,
            r#""message":"attribute `FeedbackType` is mandatory, but has no value","#,
            r#""params":{"attribute":"FeedbackType"}}"#
        )
    );
}

#[test]
fn no_message_repeats_a_value_of_the_body() {
    let body = r#"{"timestamp":"SECRET1","resource_id":"SECRET2","session_id":"SECRET3-SECRET3-SECRET3-SECRET3-SECRET3",
        "disposition":99887766.5,"Feedback":{"rating":99887766554433,"FeedbackType":"SECRET4","day":"SECRET5"},
        "Satisfaction":[{"rating":1,"place":"SECRET6"},{"rating":2,"place":"SECRET6"},"SECRET7"]}"#;
    for violation in violations(&three(), body) {
        let told = format!("{} {:?} {}", violation, violation, serde_json::to_string(&violation).unwrap());
        assert!(!told.contains("SECRET") && !told.contains("99887766"), "{told}");
    }
}

#[test]
fn a_message_is_a_lower_case_sentence_without_a_full_stop_or_a_name_of_rust() {
    let bodies = [
        r#"{"timestamp":"x","resource_id":"x","session_id":5,"nope":1,"disposition":{},"disposition":1}"#,
        r#"{"Feedback":{"rating":1e300,"FeedbackType":"long","day":true,"other":1},"Satisfaction":{}}"#,
        r#"{"Satisfaction":[{"a_b":"x","place":"a\u0000"},{},{},[]]}"#,
        r#"{"Feedback":null}"#,
    ];
    for body in bodies {
        for violation in violations(&three(), body) {
            let message = violation.message();
            assert!(!message.starts_with(char::is_uppercase) && !message.ends_with('.'), "{message}");
            for name in ["i32", "i64", "f64", "String", "Option", "Value", "::"] {
                assert!(!message.contains(name), "{message}");
            }
        }
    }
}

#[test]
fn every_code_is_written_in_snake_case_and_is_its_own() {
    let mut codes: Vec<_> = Code::ALL.iter().map(Code::as_str).collect();
    assert!(codes.iter().all(|code| code.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')));
    codes.sort_unstable();
    codes.dedup();
    assert_eq!(codes.len(), Code::ALL.len());
}

#[test]
fn a_valid_body_has_none() {
    let body =
        r#"{"Feedback":{"rating":1,"FeedbackType":"abc","day":"2009-05-12"},"Satisfaction":[{"rating":1}]}"#;
    assert_eq!(found(&three(), body), []);
    assert_eq!(valid(&three(), body).extensions().len(), 2);
}

#[test]
fn lists_of_what_is_known_are_equal_if_they_say_the_same() {
    let names = |count: usize, last: &str| {
        let mut names: Vec<_> = (1..count).map(|n| format!("n{n}")).collect();
        names.push(last.to_owned());
        serde_json::from_value::<Known>(json!(names)).unwrap()
    };
    for (one, two, equal) in [
        (names(3, "a"), names(3, "a"), true),
        (names(3, "a"), names(3, "b"), false),
        (names(3, "a"), names(4, "a"), false),
        (names(21, "and 5 more"), names(21, "and 5 more"), true),
        (names(21, "and 5 more"), names(21, "and 6 more"), false),
        (names(21, "and 5 more"), names(20, "n20"), false),
    ] {
        assert_eq!(one == two, equal, "{one} and {two}");
    }
}
