//! What is told of two versions of a schema: each difference in a sentence, and each no with a short witness.

use service_end::schema::{Change, Question};

use crate::versions::{compare, of, of_attribute};

/// The sentences, each with what the change breaks by itself.
fn sentences(changes: &[Change]) -> Vec<String> {
    let told = |change: &Change| {
        let breaks: Vec<_> = change.breaks().map(Question::as_str).collect();
        let sentence = format!("{}: {}: {}", change.pointer(), change.code(), change.message());
        assert_eq!(change.to_string(), sentence);
        format!("{sentence} [{}]", breaks.join(" "))
    };
    changes.iter().map(told).collect()
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn each_difference_of_an_attribute_is_told_with_what_it_breaks_by_itself() {
    let cases: &[(&str, &str, &[&str])] = &[
        (
            r#""type":"long""#,
            r#""type":"long","default":1"#,
            &["/attributes/0/default: default_changed: attribute `v` has a default now [bodies rollback]"],
        ),
        (
            r#""type":"long","default":1"#,
            r#""type":"long""#,
            &[
                "/attributes/0/default: default_changed: attribute `v` has no default any more [bodies rollback]",
            ],
        ),
        (
            r#""type":"boolean","default":true"#,
            r#""type":"boolean","default":false"#,
            &["/attributes/0/default: default_changed: attribute `v` has another default [bodies rollback]"],
        ),
        (
            r#""type":"long","mandatory":true"#,
            r#""type":"long","default":1"#,
            &[
                "/attributes/0/mandatory: became_optional: attribute `v` has become optional [rollback]",
                "/attributes/0/default: default_changed: attribute `v` has a default now [rollback]",
            ],
        ),
        (
            r#""type":"integer","minimum":1,"maximum":5"#,
            r#""type":"integer","minimum":2"#,
            &[
                "/attributes/0/minimum: range_changed: attribute `v` has another minimum [bodies records]",
                "/attributes/0/maximum: range_changed: attribute `v` has no maximum any more [rollback]",
            ],
        ),
        (
            r#""type":"integer","minimum":2"#,
            r#""type":"integer","maximum":5"#,
            &[
                "/attributes/0/minimum: range_changed: attribute `v` has no minimum any more [rollback]",
                "/attributes/0/maximum: range_changed: attribute `v` has a maximum now [bodies records]",
            ],
        ),
        (
            r#""type":"integer","maximum":5"#,
            r#""type":"integer","maximum":4"#,
            &["/attributes/0/maximum: range_changed: attribute `v` has another maximum [bodies records]"],
        ),
        (
            r#""type":"long","values":[1]"#,
            r#""type":"long""#,
            &[
                "/attributes/0/values: values_changed: attribute `v` does not list its values any more [rollback]",
            ],
        ),
        (
            r#""type":"long""#,
            r#""type":"long","values":[1]"#,
            &["/attributes/0/values: values_changed: attribute `v` lists its values now [bodies records]"],
        ),
        (
            r#""type":"long","values":[1,2]"#,
            r#""type":"long","values":[1,3]"#,
            &[
                "/attributes/0/values: values_changed: attribute `v` lists other values [bodies records rollback]",
            ],
        ),
        (
            r#""type":"long","values":[1,2]"#,
            r#""type":"long","values":[2,1]"#,
            &["/attributes/0/values: order_changed: the values of attribute `v` stand in another order []"],
        ),
        (
            r#""type":"string""#,
            r#""type":"string","length":1"#,
            &[
                "/attributes/0/length: length_changed: attribute `v` has a length of 1 instead of no length [bodies records]",
            ],
        ),
        (
            r#""type":"string","length":1"#,
            r#""type":"string","length":2"#,
            &[
                "/attributes/0/length: length_changed: attribute `v` has a length of 2 instead of a length of 1 [rollback]",
            ],
        ),
        (
            r#""type":"string","length":2"#,
            r#""type":"string""#,
            &[
                "/attributes/0/length: length_changed: attribute `v` has no length instead of a length of 2 [rollback]",
            ],
        ),
        (
            r#""type":"integer","minimum":-2,"maximum":255,"default":2"#,
            r#""type":"currency","minimum":-2,"default":2"#,
            &[
                "/attributes/0/type: type_changed: attribute `v` has type `currency` instead of `integer` [rollback]",
                "/attributes/0/maximum: range_changed: attribute `v` has no maximum any more [rollback]",
            ],
        ),
        (
            r#""type":"integer","minimum":3"#,
            r#""type":"long""#,
            &[
                "/attributes/0/type: type_changed: attribute `v` has type `long` instead of `integer` [rollback]",
                "/attributes/0/minimum: range_changed: attribute `v` has no minimum any more [rollback]",
            ],
        ),
        (
            r#""type":"date""#,
            r#""type":"string","mandatory":true"#,
            &[
                "/attributes/0/type: type_changed: attribute `v` has type `string` instead of `date` [rollback]",
                "/attributes/0/mandatory: became_mandatory: attribute `v` has become mandatory [bodies records]",
            ],
        ),
        (
            r#""type":"date","default":"1970-01-01""#,
            r#""type":"string""#,
            &[
                "/attributes/0/type: type_changed: attribute `v` has type `string` instead of `date` [rollback]",
                "/attributes/0/default: default_changed: attribute `v` has no default any more []",
            ],
        ),
        (
            r#""type":"date""#,
            r#""type":"string","default":"""#,
            &[
                "/attributes/0/type: type_changed: attribute `v` has type `string` instead of `date` [rollback]",
                "/attributes/0/default: default_changed: attribute `v` has a default now []",
            ],
        ),
        (
            r#""type":"string""#,
            r#""type":"date","maximum":"2019-12-31""#,
            &[
                "/attributes/0/type: type_changed: attribute `v` has type `date` instead of `string` [bodies records]",
                "/attributes/0/maximum: range_changed: attribute `v` has a maximum now []",
            ],
        ),
        (
            r#""type":"double","maximum":3,"default":3"#,
            r#""type":"integer""#,
            &[
                "/attributes/0/type: type_changed: attribute `v` has type `integer` instead of `double` [bodies records]",
                "/attributes/0/default: default_changed: attribute `v` has no default any more [bodies rollback]",
                "/attributes/0/maximum: range_changed: attribute `v` has no maximum any more [rollback]",
            ],
        ),
    ];
    for (old, new, expected) in cases {
        let comparison = compare(&of_attribute(old), &of_attribute(new));
        assert_eq!(sentences(comparison.changes()), *expected, "{old} -> {new}");
    }
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn a_no_is_proven_by_a_short_witness() {
    // What bodies, the store and, the other way around, bodies say of the extension; nothing where all is well.
    let cases = [
        (
            r#""type":"long","minimum":-2,"maximum":2"#,
            r#""type":"double""#,
            ["", "", r#"[{"v":-1.7976931348623157e+308}]"#],
        ),
        (r#""type":"integer""#, r#""type":"double""#, ["", "", r#"[{"v":-1.7976931348623157e+308}]"#]),
        (r#""type":"double","minimum":0.5"#, r#""type":"double""#, ["", "", r#"[{"v":0.0}]"#]),
        (
            r#""type":"long","minimum":9223372036854775807"#,
            r#""type":"double""#,
            ["", r#"[{"v":9223372036854775807}]"#, r#"[{"v":0.0}]"#],
        ),
        (
            r#""type":"date""#,
            r#""type":"string","default":"2020-01-01T02:00:00+02:00""#,
            [r#"[{},{"v":"2020-01-01T02:00:00+02:00"}]"#, "", r#"[{"v":""}]"#],
        ),
        (
            r#""type":"date""#,
            r#""type":"datetime","maximum":"2020-01-02T00:00:00Z""#,
            [r#"[{"v":"1970-01-01"}]"#, r#"[{"v":"1970-01-01"}]"#, r#"[{"v":"0001-01-01T00:00:00.001Z"}]"#],
        ),
        (
            r#""type":"long","maximum":-2"#,
            r#""type":"double""#,
            [
                r#"[{"v":-9223372036854775808},{"v":-9223372036854775807}]"#,
                r#"[{"v":-9223372036854775807}]"#,
                r#"[{"v":0.0}]"#,
            ],
        ),
        (
            r#""type":"double","minimum":-1"#,
            r#""type":"long","minimum":18014398509481985"#,
            [r#"[{"v":0.0}]"#, r#"[{"v":0.0}]"#, r#"[{"v":18014398509481985},{"v":18014398509481986}]"#],
        ),
        // Its ends are whole numbers and amounts, but not all between them.
        (
            r#""type":"double","minimum":0,"maximum":1"#,
            r#""type":"long","minimum":0,"maximum":1"#,
            [r#"[{"v":0.5}]"#, r#"[{"v":0.5}]"#, ""],
        ),
        (
            r#""type":"double","minimum":0.25,"maximum":0.5"#,
            r#""type":"currency","minimum":0.25,"maximum":0.5"#,
            [r#"[{"v":0.25000000000000006}]"#, r#"[{"v":0.25000000000000006}]"#, r#"[{"v":"0.25"}]"#],
        ),
        (
            r#""type":"long","minimum":922337203685477"#,
            r#""type":"double""#,
            [
                r#"[{"v":9223372036854775807},{"v":9223372036854775803}]"#,
                r#"[{"v":9223372036854775807}]"#,
                r#"[{"v":0.0}]"#,
            ],
        ),
        (
            r#""type":"currency","minimum":"100000000000.5""#,
            r#""type":"string""#,
            [r#"[{"v":100000000001}]"#, r#"[{"v":100000000001}]"#, r#"[{"v":""}]"#],
        ),
        (
            r#""type":"currency","maximum":"-100000000000.5""#,
            r#""type":"string""#,
            [r#"[{"v":-922337203685477}]"#, r#"[{"v":-922337203685477}]"#, r#"[{"v":""}]"#],
        ),
        (
            r#""type":"date""#,
            r#""type":"string","length":10"#,
            [r#"[{"v":"1970-01-01T00:00:00Z"}]"#, "", r#"[{"v":""}]"#],
        ),
        (
            r#""type":"datetime""#,
            r#""type":"string","length":25"#,
            [r#"[{"v":"0001-01-01T00:00:00.00000000000000000000000000000Z"}]"#, "", r#"[{"v":""}]"#],
        ),
        (
            r#""type":"currency","minimum":"922337203685477.5807""#,
            r#""type":"string","length":31"#,
            [r#"[{"v":"00000000000000000000000000000000922337203685477.5807"}]"#, "", r#"[{"v":""}]"#],
        ),
        (
            r#""type":"date""#,
            r#""type":"string","length":25"#,
            [r#"[{"v":"0001-01-01T00:00:00.00000000000000000000000000000Z"}]"#, "", r#"[{"v":""}]"#],
        ),
        (
            r#""type":"date","minimum":"2020-01-01","maximum":"2020-01-01""#,
            r#""type":"string","values":["2020-01-01","2020-01-01T00:00:00Z"]"#,
            [
                r#"[{"v":"2020-01-01T00:00:00.0000Z"}]"#,
                "",
                r#"[{"v":"2020-01-01"},{"v":"2020-01-01T00:00:00Z"}]"#,
            ],
        ),
        (
            r#""type":"datetime","minimum":"2020-01-01T00:00:00Z","maximum":"2020-01-01T00:00:00Z""#,
            r#""type":"string","values":["2020-01-01T00:00:00.000Z"]"#,
            [r#"[{"v":"2020-01-01T00:00:00.0000Z"}]"#, "", ""],
        ),
        (
            r#""type":"datetime","minimum":"2020-01-01T00:00:00Z","maximum":"2020-01-01T00:00:00Z""#,
            r#""type":"string","values":["2020-01-01T00:00:00.000Z","2020-01-01T00:00:00.0000Z"]"#,
            [
                r#"[{"v":"2020-01-01T00:00:00.00000Z"}]"#,
                "",
                r#"[{"v":"2020-01-01T00:00:00.000Z"},{"v":"2020-01-01T00:00:00.0000Z"}]"#,
            ],
        ),
        (
            r#""type":"currency","minimum":"922337203685477.5807""#,
            r#""type":"string","values":["922337203685477.5807","0922337203685477.5807"]"#,
            [
                r#"[{"v":"00922337203685477.5807"}]"#,
                "",
                r#"[{"v":"922337203685477.5807"},{"v":"0922337203685477.5807"}]"#,
            ],
        ),
        (
            r#""type":"currency","maximum":"-922337203685477.5808""#,
            r#""type":"string","length":31"#,
            [r#"[{"v":"-00000000000000000000000000000000922337203685477.5808"}]"#, "", r#"[{"v":""}]"#],
        ),
        (
            r#""type":"string","length":1"#,
            r#""type":"string","values":["a","b"]"#,
            [r#"[{"v":""}]"#, r#"[{"v":""}]"#, ""],
        ),
        (
            r#""type":"string","length":1"#,
            r#""type":"string","values":["","a","b"]"#,
            [r#"[{"v":"c"}]"#, r#"[{"v":"c"}]"#, ""],
        ),
    ];
    for (old, new, [bodies, records, rollback]) in cases {
        let comparison = compare(&of_attribute(old), &of_attribute(new));
        let body = |json: &str| (!json.is_empty()).then(|| format!(r#"{{"E":{json}}}"#));
        let told = format!("{old} -> {new}");
        assert_eq!(comparison.bodies().witness(), body(bodies).as_deref(), "{told}");
        assert_eq!(comparison.records().witness(), Some(records).filter(|json| !json.is_empty()), "{told}");
        assert_eq!(comparison.rollback().witness(), body(rollback).as_deref(), "{told}");
    }
}

#[test]
fn two_records_that_a_key_must_tell_apart_are_short() {
    for (attribute, witness) in [
        (r#""type":"long","minimum":-5,"maximum":5,"mandatory":true"#, r#"[{"v":0},{"v":1}]"#),
        (r#""type":"currency","mandatory":true"#, r#"[{"v":0},{"v":1}]"#),
        (r#""type":"currency","minimum":0.5,"mandatory":true"#, r#"[{"v":1},{"v":0.5}]"#),
    ] {
        let schema = |key: &str| {
            of(&format!(
                r#"{{"name":"E","type":"multi-valued","attributes":[{{"name":"v",{attribute}}},{{"name":"w","type":"boolean"}}],"unique":[{key}]}}"#
            ))
        };
        let comparison = compare(&schema(r#""v","w""#), &schema(r#""w""#));
        assert_eq!(comparison.records().witness(), Some(witness), "{attribute}");
    }
}

#[test]
fn each_difference_of_a_schema_is_told_in_a_sentence() {
    const A: &str = r#"{"name":"a","type":"boolean"}"#;
    const B: &str = r#"{"name":"b","type":"long"}"#;
    let single =
        r#"{"name":"E","type":"single-valued","attributes":[{"name":"a","type":"boolean"}],"unique":["a"]}"#;
    let many = |attributes: &str, rest: &str| {
        format!(r#"{{"name":"E","type":"multi-valued","attributes":[{attributes}]{rest}}}"#)
    };
    let both = format!("{A},{B}");
    let (key_a, key_both) = (many(&both, r#","unique":["a"]"#), many(&both, r#","unique":["a","b"]"#));
    let cases: &[(String, String, &[&str])] = &[
        (
            many(A, ""),
            many(A, "").replace('E', "e").replace(r#""a""#, r#""A""#),
            &[
                "/name: name_respelled: the extension is spelled `e` instead of `E` []",
                "/attributes/0/name: name_respelled: the attribute is spelled `A` instead of `a` []",
            ],
        ),
        (
            many(A, ""),
            many(&format!("{B},{A}"), ""),
            &["/attributes/0: attribute_added: attribute `b` is new, and optional [rollback]"],
        ),
        (
            many(A, ""),
            many(&format!("{},{A}", B.replace('}', r#","mandatory":true}"#)), ""),
            &[
                "/attributes/0: attribute_added: attribute `b` is new, and mandatory [bodies records rollback]",
            ],
        ),
        (
            many(A, ""),
            many(&format!("{A},{}", B.replace('}', r#","mandatory":true,"default":1}"#)), ""),
            &[
                "/attributes/1: attribute_added: attribute `b` is new, and mandatory, with a default [records rollback]",
            ],
        ),
        (
            many(&both, ""),
            many(B, ""),
            &["/attributes/0: attribute_removed: attribute `a` is gone [bodies records]"],
        ),
        (
            many(&both, ""),
            many(&format!("{B},{A}"), ""),
            &["/attributes: order_changed: the attributes stand in another order []"],
        ),
        (
            many(&both, ""),
            key_a.clone(),
            &["/unique: unique_changed: the records have a key now [bodies records]"],
        ),
        (
            key_a.clone(),
            many(&both, ""),
            &["/unique: unique_changed: the records have no key any more [rollback]"],
        ),
        (
            key_a.clone(),
            key_both.clone(),
            &["/unique: unique_changed: the key of the records has other attributes [rollback]"],
        ),
        (
            key_both.clone(),
            many(&both, r#","unique":["b","a"]"#),
            &["/unique: order_changed: the attributes of the key stand in another order []"],
        ),
        (
            many(A, ""),
            many(A, r#","required":true"#),
            &["/required: required_changed: a service can't end without the extension any more [bodies]"],
        ),
        (
            many(A, r#","required":true"#),
            many(A, ""),
            &["/required: required_changed: a service can end without the extension now [rollback]"],
        ),
        (
            many(A, ""),
            single.replace(r#","unique":["a"]"#, ""),
            &[
                "/type: extension_type_changed: the extension is single-valued instead of multi-valued [bodies records rollback]",
            ],
        ),
        // In one record a key tells nothing apart.
        (
            single.to_owned(),
            single.replace("an\"", "an\",\"default\":true"),
            &["/attributes/0/default: default_changed: attribute `a` has a default now []"],
        ),
    ];
    for (old, new, expected) in cases {
        let comparison = compare(&of(old), &of(new));
        assert_eq!(sentences(comparison.changes()), *expected, "{old} -> {new}");
    }
}
