//! 2.3: extensions in a body, their records, defaults, keys.

use service_end::{Validator, Value, Violation};

use crate::support::{check, found, valid, validator, validator_of, violations};

fn two() -> Validator {
    validator(
        r#"[ { "name": "Feedback", "type": "single-valued", "attributes": [
                 { "name": "rating", "type": "integer", "mandatory": true },
                 { "name": "place", "type": "string", "default": "unknown" },
                 { "name": "notes", "type": "string" } ] },
             { "name": "Satisfaction", "type": "multi-valued", "attributes": [
                 { "name": "rating", "type": "integer" },
                 { "name": "place", "type": "string" } ] } ]"#,
    )
}

#[test]
fn an_extension_without_a_schema_is_refused_each_time() {
    check(
        &two(),
        &[
            (r#"{"Nope":{}}"#, &[("/Nope", "unknown_extension")]),
            (
                r#"{"Nope":1,"Nope":2,"nope":3}"#,
                &[
                    ("/Nope", "unknown_extension"),
                    ("/Nope", "unknown_extension"),
                    ("/nope", "unknown_extension"),
                ],
            ),
            (r#"{"a/b~c":{"deep":[[[]]]}}"#, &[("/a~1b~0c", "unknown_extension")]),
        ],
    );
}

#[test]
fn names_match_without_regard_to_ascii_case_and_come_out_in_the_schemas_spelling() {
    let event = valid(&two(), r#"{"FEEDBACK":{"RATING":1,"nOtEs":"x"},"satisfaction":[{"Place":"y"}]}"#);
    assert_eq!(
        serde_json::to_string(&event).unwrap(),
        r#"{"Feedback":{"rating":1,"place":"unknown","notes":"x"},"Satisfaction":[{"place":"y"}]}"#
    );
    // The Kelvin sign folds to k only outside ASCII.
    check(&two(), &[(r#"{"Feedbac\u212A":{}}"#, &[("/Feedbac\u{212a}", "unknown_extension")])]);
}

#[test]
fn a_single_valued_extension_takes_an_object_and_a_multi_valued_one_an_array_of_objects() {
    for value in ["null", "1", "1.5", r#""x""#, "true", "[]", r#"[{"rating":1}]"#] {
        assert_eq!(
            found(&two(), &format!(r#"{{"Feedback":{value}}}"#)),
            [("/Feedback".to_owned(), "wrong_shape")]
        );
    }
    for value in ["null", "1", "1.5", r#""x""#, "true", "{}", r#"{"rating":1}"#] {
        let body = format!(r#"{{"Satisfaction":{value}}}"#);
        assert_eq!(found(&two(), &body), [("/Satisfaction".to_owned(), "wrong_shape")]);
        if !value.starts_with('{') {
            let body = format!(r#"{{"Satisfaction":[{{}},{value},{{}}]}}"#);
            assert_eq!(found(&two(), &body), [("/Satisfaction/1".to_owned(), "wrong_shape")], "{body}");
        }
    }
    check(&two(), &[(r#"{"Satisfaction":[[{}]]}"#, &[("/Satisfaction/0", "wrong_shape")])]);
}

#[test]
fn an_empty_list_is_legal() {
    let event = valid(&two(), r#"{"Satisfaction":[]}"#);
    assert!(event.extension("Satisfaction").unwrap().is_empty());
    assert_eq!(event.extension("Satisfaction").unwrap().to_json(), "[]");
}

#[test]
fn an_attribute_that_the_schema_lacks_is_refused_and_not_looked_into() {
    check(
        &two(),
        &[
            (r#"{"Feedback":{"rating":1,"x":{"rating":"y"}}}"#, &[("/Feedback/x", "unknown_attribute")]),
            (
                r#"{"Satisfaction":[{},{"x":1,"x":2}]}"#,
                &[("/Satisfaction/1/x", "unknown_attribute"), ("/Satisfaction/1/x", "unknown_attribute")],
            ),
        ],
    );
}

#[test]
fn a_mandatory_attribute_must_have_a_value() {
    check(
        &two(),
        &[
            (r#"{"Feedback":{}}"#, &[("/Feedback/rating", "missing_attribute")]),
            (r#"{"FEEDBACK":{"notes":"x"}}"#, &[("/FEEDBACK/rating", "missing_attribute")]),
            (r#"{"Feedback":{"RATING":null}}"#, &[("/Feedback/RATING", "missing_attribute")]),
            // It is there, if wrong: one violation.
            (r#"{"Feedback":{"rating":"x"}}"#, &[("/Feedback/rating", "wrong_type")]),
        ],
    );
}

#[test]
fn a_default_is_used_when_the_attribute_is_absent_but_not_for_null() {
    let validator = two();
    let place = |body: &str| {
        let event = valid(&validator, body);
        let feedback = event.extension("Feedback").unwrap().clone();
        feedback.record().unwrap().get("place").map(|value| value.as_str().unwrap().to_owned())
    };
    assert_eq!(place(r#"{"Feedback":{"rating":1}}"#).as_deref(), Some("unknown"));
    assert_eq!(place(r#"{"Feedback":{"rating":1,"place":"Paris"}}"#).as_deref(), Some("Paris"));
    assert_eq!(place(r#"{"Feedback":{"rating":1,"place":null}}"#), None);
}

#[test]
fn a_default_satisfies_mandatory_but_null_does_not() {
    let validator = validator(
        r#"[ { "name": "E", "type": "single-valued",
               "attributes": [ { "name": "v", "type": "long", "mandatory": true, "default": 7 } ] } ]"#,
    );
    let event = valid(&validator, r#"{"E":{}}"#);
    assert_eq!(event.extension("E").unwrap().record().unwrap().get("v"), Some(Value::Long(7)));
    check(&validator, &[(r#"{"E":{"V":null}}"#, &[("/E/V", "missing_attribute")])]);
}

#[test]
fn a_known_name_given_twice_is_refused_and_the_first_counts() {
    check(
        &two(),
        &[
            (r#"{"Feedback":{"rating":1,"rating":2}}"#, &[("/Feedback/rating", "duplicate_key")]),
            (r#"{"Feedback":{"rating":1,"RATING":{}}}"#, &[("/Feedback/RATING", "duplicate_key")]),
            (
                r#"{"Feedback":{"rating":null,"Rating":2}}"#,
                &[("/Feedback/Rating", "duplicate_key"), ("/Feedback/rating", "missing_attribute")],
            ),
            (r#"{"Feedback":{"rating":1},"feedback":7}"#, &[("/feedback", "duplicate_key")]),
            (
                r#"{"Feedback":7,"feedback":{"rating":1}}"#,
                &[("/Feedback", "wrong_shape"), ("/feedback", "duplicate_key")],
            ),
        ],
    );
}

#[test]
fn records_keep_their_order_and_attributes_come_in_schema_order() {
    let event = valid(&two(), r#"{"Satisfaction":[{"place":"b","rating":2},{"rating":1},{},{"place":"a"}]}"#);
    assert_eq!(
        event.extension("Satisfaction").unwrap().to_json(),
        r#"[{"rating":2,"place":"b"},{"rating":1},{},{"place":"a"}]"#
    );
}

fn keyed() -> Validator {
    validator(
        r#"[ { "name": "R", "type": "multi-valued", "unique": ["b", "A"], "attributes": [
                 { "name": "a", "type": "double", "default": 0 },
                 { "name": "b", "type": "string", "mandatory": true },
                 { "name": "c", "type": "integer" } ] },
             { "name": "N", "type": "multi-valued", "unique": ["a"],
               "attributes": [ { "name": "a", "type": "date" }, { "name": "b", "type": "integer" } ] },
             { "name": "S", "type": "single-valued", "unique": ["a"],
               "attributes": [ { "name": "a", "type": "integer" } ] } ]"#,
    )
}

#[test]
fn a_later_equal_record_is_a_duplicate() {
    check(
        &keyed(),
        &[
            (r#"{"R":[{"a":1,"b":"x"},{"a":1,"b":"y"},{"a":2,"b":"x"}]}"#, &[]),
            (r#"{"R":[{"a":1,"b":"x","c":1},{"b":"x","a":1.0,"c":2}]}"#, &[("/R/1", "duplicate_record")]),
            // Effective values are compared: a default equals the same value.
            (r#"{"R":[{"b":"x"},{"b":"x","a":-0.0},{"b":"x","a":null}]}"#, &[("/R/1", "duplicate_record")]),
            (
                r#"{"R":[{"b":"x"},{"b":"x"},{"b":"x"}]}"#,
                &[("/R/1", "duplicate_record"), ("/R/2", "duplicate_record")],
            ),
            // Text is compared code point by code point.
            (r#"{"R":[{"b":"e\u0301"},{"b":"\u00e9"},{"b":"E\u0301"}]}"#, &[]),
            (r#"{"N":[{"a":"2009-05-12"},{"a":"2009-05-12T00:00:00Z"}]}"#, &[("/N/1", "duplicate_record")]),
        ],
    );
}

#[test]
fn a_missing_value_equals_a_missing_value() {
    check(
        &keyed(),
        &[
            (r#"{"N":[{},{"b":1}]}"#, &[("/N/1", "duplicate_record")]),
            (r#"{"N":[{"a":null},{}]}"#, &[("/N/1", "duplicate_record")]),
        ],
    );
}

#[test]
fn a_record_whose_key_has_violations_takes_no_part_in_the_comparison() {
    check(
        &keyed(),
        &[
            (
                r#"{"N":[{"a":"x"},{},{"a":"y"},{"a":1}]}"#,
                &[("/N/0/a", "invalid_format"), ("/N/2/a", "invalid_format"), ("/N/3/a", "wrong_type")],
            ),
            (r#"{"N":[{},{"a":"2009-05-12","A":null},{"a":"2009-05-12"}]}"#, &[("/N/1/A", "duplicate_key")]),
            (
                r#"{"R":[{"a":1},{"a":1},{"a":1,"b":null}]}"#,
                &[
                    ("/R/0/b", "missing_attribute"),
                    ("/R/1/b", "missing_attribute"),
                    ("/R/2/b", "missing_attribute"),
                ],
            ),
            // A violation outside the key does not matter, nor an element that is no record.
            (
                r#"{"N":[{"b":"x"},7,{"c":1}]}"#,
                &[
                    ("/N/0/b", "wrong_type"),
                    ("/N/1", "wrong_shape"),
                    ("/N/2/c", "unknown_attribute"),
                    ("/N/2", "duplicate_record"),
                ],
            ),
        ],
    );
}

#[test]
fn among_many_records_each_duplicate_is_found() {
    // Far more than are compared one by one, with duplicates of early and of late records.
    let record = |n: usize| format!(r#"{{"a":{n},"b":"place {}"}}"#, n % 7);
    let mut records: Vec<_> = (0..3000).map(record).collect();
    records.push(record(0));
    records.push(record(2999));
    records.push(record(1500));
    // Its default stands for the value, and `null` for none.
    records.push(r#"{"b":"place 0"}"#.into());
    let without = r#"{"a":null,"b":"place 0"}"#;
    records.extend([without.into(), without.into()]);
    let expected: Vec<_> =
        [3000, 3001, 3002, 3003, 3005].into_iter().map(|n| (format!("/R/{n}"), "duplicate_record")).collect();
    assert_eq!(found(&keyed(), &format!(r#"{{"R":[{}]}}"#, records.join(","))), expected);
}

#[test]
fn records_of_one_extension_are_not_compared_with_those_of_another() {
    let schema = |name: &str| {
        format!(
            r#"{{ "name": "{name}", "type": "multi-valued", "unique": ["a"], "attributes": [
                {{ "name": "a", "type": "integer" }} ] }}"#
        )
    };
    let validator = validator(&format!("[{},{},{}]", schema("A"), schema("B"), schema("C")));
    let records = |count: usize| (0..count).map(|n| format!(r#"{{"a":{n}}}"#)).collect::<Vec<_>>().join(",");
    // Few are compared one by one, many are not.
    for (a, b, c) in [(1, 1, 1), (3, 200, 3), (200, 3, 200), (200, 300, 200)] {
        let body = |more: &str| {
            format!(r#"{{"A":[{}],"B":[{}],"C":[{}{more}]}}"#, records(a), records(b), records(c))
        };
        assert_eq!(found(&validator, &body("")), [], "{a} {b} {c}");
        assert_eq!(found(&validator, &body(r#",{"a":-1}"#)), [], "{a} {b} {c}");
        let told = violations(&validator, &body(&format!(r#",{{"a":{}}}"#, c - 1)));
        assert_eq!((told.len(), told[0].pointer()), (1, &*format!("/C/{c}")), "{a} {b} {c}");
        assert_eq!(told[0].params()["first"].as_u64(), Some(c as u64 - 1), "{a} {b} {c}");
    }
}

#[test]
fn the_first_ten_duplicates_tell_which_attributes_they_do_not_give() {
    let validator = validator_of(
        r#"{ "name": "R", "type": "multi-valued", "unique": ["a"], "attributes": [
            { "name": "a", "type": "integer", "default": 1 } ] }"#,
    );
    let body = format!(r#"{{"R":[{}]}}"#, vec!["{}"; 13].join(","));
    let told = violations(&validator, &body);
    let explained = |violation: &Violation| violation.message().contains("`a` has its default");
    assert_eq!(told.iter().map(explained).collect::<Vec<_>>(), [[true; 10].as_slice(), &[false; 2]].concat());
}

#[test]
fn of_a_key_that_is_not_given_five_attributes_are_named_and_told_in_the_plural() {
    for (count, expected) in [
        (1, "`a0` has its default in this record"),
        (2, "`a0`, `a1` have their defaults in this record"),
        (5, "`a0`, `a1`, `a2`, `a3`, `a4` have their defaults in this record"),
        (6, "`a0`, `a1`, `a2`, `a3`, `a4` and 1 more have their defaults in this record"),
        (9, "`a0`, `a1`, `a2`, `a3`, `a4` and 4 more have their defaults in this record"),
    ] {
        let attributes: Vec<_> =
            (0..count).map(|n| format!(r#"{{ "name": "a{n}", "type": "integer", "default": 1 }}"#)).collect();
        let names: Vec<_> = (0..count).map(|n| format!(r#""a{n}""#)).collect();
        let (attributes, names) = (attributes.join(","), names.join(","));
        let validator = validator_of(&format!(
            r#"{{ "name": "R", "type": "multi-valued", "unique": [{names}], "attributes": [{attributes}] }}"#
        ));
        let told = violations(&validator, r#"{"R":[{},{}]}"#);
        assert!(told[0].message().ends_with(&format!("; {expected}")), "{}", told[0].message());
    }
}

#[test]
fn on_a_single_valued_extension_unique_always_holds() {
    assert_eq!(found(&keyed(), r#"{"S":{"a":1}}"#), []);
}

#[test]
fn too_many_records_are_told_once_and_those_beyond_are_not_looked_into() {
    let validator = keyed().with_max_records(2);
    check(
        &validator,
        &[
            (r#"{"R":[{"b":"x"},{"b":"y"}]}"#, &[]),
            (
                r#"{"R":[{"b":"x"},{},{},{"nope":1},7]}"#,
                &[("/R/1/b", "missing_attribute"), ("/R", "too_many_records")],
            ),
            (
                r#"{"r":[1,2,3],"N":[{},{},{}]}"#,
                &[
                    ("/r/0", "wrong_shape"),
                    ("/r/1", "wrong_shape"),
                    ("/r", "too_many_records"),
                    ("/N/1", "duplicate_record"),
                    ("/N", "too_many_records"),
                ],
            ),
        ],
    );
}
