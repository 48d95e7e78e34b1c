//! Two versions of a schema, or of a set: what the new one breaks, each no with a witness that proves it.

mod oracle;
mod space;

use serde_json::json;
use service_end::{
    ExtensionSchema, Schemas,
    schema::{Answer, Change, Comparison, Question},
};

use oracle::{compare_all, prove, try_all};

/// A schema of one attribute `v`, given the rest of its declaration, of many records with `v` as their key.
pub(crate) fn of_attribute(declaration: &str) -> ExtensionSchema {
    of(&format!(
        r#"{{"name":"E","type":"multi-valued","attributes":[{{"name":"v",{declaration}}}],"unique":["v"]}}"#
    ))
}

pub(crate) fn of(json: &str) -> ExtensionSchema {
    ExtensionSchema::from_json(json).unwrap_or_else(|error| panic!("{json}: {error}"))
}

fn set(json: &str) -> Schemas {
    Schemas::from_json(json).unwrap_or_else(|error| panic!("{json}: {error}"))
}

/// The questions that are answered no.
fn broken(comparison: &Comparison) -> String {
    let no = Question::ALL.iter().filter(|question| !comparison.answer(**question).is_safe());
    no.map(|question| question.as_str()).collect::<Vec<_>>().join(" ")
}

/// The changes, each with what it breaks by itself.
fn told(comparison: &Comparison) -> Vec<String> {
    let told = |change: &Change| {
        let breaks: Vec<_> = change.breaks().map(Question::as_str).collect();
        format!("{} {} [{}]", change.pointer(), change.code(), breaks.join(" "))
    };
    comparison.changes().iter().map(told).collect()
}

/// Compares two schemas, and proves what the comparison says.
pub(crate) fn compare(old: &ExtensionSchema, new: &ExtensionSchema) -> Comparison {
    let comparison = old.compare(new);
    let alone = |schema: &ExtensionSchema| Schemas::new().with(schema.clone()).unwrap();
    prove(&comparison, &alone(old), &alone(new), |json| format!(r#"{{"{}":{json}}}"#, old.name()));
    comparison
}

fn compare_sets(old: &Schemas, new: &Schemas) -> Comparison {
    let comparison = old.compare(new);
    prove(&comparison, old, new, str::to_owned);
    comparison
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn a_change_of_an_attribute_breaks_what_it_breaks() {
    let cases = [
        // Nothing.
        (r#""type":"string""#, r#""type":"STRING""#, "", ""),
        (r#""type":"string","length":"10""#, r#""type":"string","length":10"#, "", ""),
        // Lengths, values and ranges.
        (
            r#""type":"string","length":10"#,
            r#""type":"string","length":9"#,
            "length_changed",
            "bodies records",
        ),
        (r#""type":"string","length":10"#, r#""type":"string""#, "length_changed", "rollback"),
        (
            r#""type":"string","values":["a"]"#,
            r#""type":"string","values":["a"],"length":1"#,
            "length_changed",
            "",
        ),
        (
            r#""type":"string","values":["a","b"]"#,
            r#""type":"string","values":["b","a"]"#,
            "order_changed",
            "",
        ),
        (
            r#""type":"string","values":["a","b"]"#,
            r#""type":"string","values":["b"]"#,
            "values_changed",
            "bodies records",
        ),
        (
            r#""type":"string","values":["a","b"]"#,
            r#""type":"string","values":["a","c"]"#,
            "values_changed",
            "bodies records rollback",
        ),
        (r#""type":"string""#, r#""type":"string","values":["b"]"#, "values_changed", "bodies records"),
        (
            r#""type":"long","values":[1,2]"#,
            r#""type":"long","minimum":1,"maximum":2"#,
            "values_changed range_changed range_changed",
            "",
        ),
        (r#""type":"integer","minimum":1"#, r#""type":"integer","minimum":0"#, "range_changed", "rollback"),
        (
            r#""type":"date","maximum":"2020-01-02""#,
            r#""type":"date","maximum":"2020-01-01""#,
            "range_changed",
            "bodies records",
        ),
        (r#""type":"integer","minimum":-2147483648"#, r#""type":"integer""#, "range_changed", ""),
        // Values, mandatory or not, and defaults.
        (r#""type":"long""#, r#""type":"long","mandatory":true"#, "became_mandatory", "bodies records"),
        (r#""type":"long","mandatory":true"#, r#""type":"long""#, "became_optional", "rollback"),
        (
            r#""type":"long","mandatory":true"#,
            r#""type":"long","mandatory":true,"default":1"#,
            "default_changed",
            "rollback",
        ),
        (
            r#""type":"long","mandatory":true,"default":1"#,
            r#""type":"long","mandatory":true"#,
            "default_changed",
            "bodies",
        ),
        // What is left out has another value now, but one that the old version takes of no record.
        (
            r#""type":"long","mandatory":true,"default":1"#,
            r#""type":"long""#,
            "became_optional default_changed",
            "rollback",
        ),
        (
            r#""type":"long","maximum":5"#,
            r#""type":"long","default":9"#,
            "default_changed range_changed",
            "rollback",
        ),
        // Two records with a key that they had not, or had otherwise.
        (r#""type":"long""#, r#""type":"long","default":1"#, "default_changed", "bodies rollback"),
        (
            r#""type":"boolean","default":true"#,
            r#""type":"boolean","default":false"#,
            "default_changed",
            "bodies rollback",
        ),
        // Types.
        (r#""type":"integer""#, r#""type":"long""#, "type_changed", "rollback"),
        (r#""type":"long""#, r#""type":"integer""#, "type_changed", "bodies records"),
        (r#""type":"integer""#, r#""type":"double""#, "type_changed", "rollback"),
        (r#""type":"long""#, r#""type":"double""#, "type_changed", "bodies records rollback"),
        (r#""type":"integer""#, r#""type":"currency""#, "type_changed", "rollback"),
        // 100000000000.0 is a whole number, and no amount.
        (
            r#""type":"long","minimum":0,"maximum":100000000000"#,
            r#""type":"currency""#,
            "type_changed range_changed range_changed",
            "bodies rollback",
        ),
        (r#""type":"long""#, r#""type":"currency""#, "type_changed", "bodies records rollback"),
        (r#""type":"currency""#, r#""type":"double""#, "type_changed", "bodies records rollback"),
        (r#""type":"double""#, r#""type":"currency""#, "type_changed", "bodies records rollback"),
        (r#""type":"date""#, r#""type":"string""#, "type_changed", "rollback"),
        (
            r#""type":"date""#,
            r#""type":"string","length":10"#,
            "type_changed length_changed",
            "bodies rollback",
        ),
        (r#""type":"datetime""#, r#""type":"string""#, "type_changed", "rollback"),
        (r#""type":"date""#, r#""type":"datetime""#, "type_changed", "bodies records rollback"),
        (r#""type":"datetime""#, r#""type":"date""#, "type_changed", "bodies records rollback"),
        (r#""type":"string""#, r#""type":"date""#, "type_changed", "bodies records"),
        (r#""type":"boolean""#, r#""type":"string""#, "type_changed", "bodies records rollback"),
        (r#""type":"integer""#, r#""type":"string""#, "type_changed", "bodies records rollback"),
        // Two texts that are two keys, and one day.
        (
            r#""type":"string","values":["2020-01-01","2020-01-01T00:00:00Z"]"#,
            r#""type":"date""#,
            "type_changed values_changed",
            "bodies records rollback",
        ),
        (
            r#""type":"string","values":["2020-01-01"]"#,
            r#""type":"date""#,
            "type_changed values_changed",
            "rollback",
        ),
        // Two numbers that are nearest to one float.
        (
            r#""type":"long","minimum":9007199254740992,"maximum":9007199254740993"#,
            r#""type":"double""#,
            "type_changed range_changed range_changed",
            "bodies records rollback",
        ),
    ];
    for (old, new, codes, expected) in cases {
        let comparison = compare(&of_attribute(old), &of_attribute(new));
        let found: Vec<_> = comparison.changes().iter().map(|change| change.code().as_str()).collect();
        assert_eq!(
            (&*found.join(" "), &*broken(&comparison)),
            (codes, expected),
            "{old} -> {new}: {comparison:?}"
        );
        assert_eq!(comparison.is_safe(), !expected.contains("bodies") && !expected.contains("records"));
    }
}

#[test]
fn a_change_of_a_schema_breaks_what_it_breaks() {
    const A: &str = r#"{"name":"a","type":"boolean"}"#;
    let schema = |extension_type: &str, attributes: &str, rest: &str| {
        of(&format!(r#"{{"name":"E","type":"{extension_type}-valued","attributes":[{attributes}]{rest}}}"#))
    };
    let many = |attributes: &str, rest: &str| schema("multi", attributes, rest);
    let with_b = |b: &str| format!(r#"{A},{{"name":"b","type":"long"{b}}}"#);
    let (one, two) = (many(A, ""), many(&with_b(""), ""));
    let key = r#","unique":["a"]"#;
    let cases = [
        (one.clone(), two.clone(), "/attributes/1 attribute_added [rollback]", "rollback"),
        (two.clone(), one.clone(), "/attributes/1 attribute_removed [bodies records]", "bodies records"),
        (
            one.clone(),
            many(&with_b(r#","mandatory":true"#), ""),
            "/attributes/1 attribute_added [bodies records rollback]",
            "bodies records rollback",
        ),
        (
            one.clone(),
            many(&with_b(r#","mandatory":true,"default":1"#), ""),
            "/attributes/1 attribute_added [records rollback]",
            "records rollback",
        ),
        (
            one.clone(),
            schema("single", A, ""),
            "/type extension_type_changed [bodies records rollback]",
            "bodies records rollback",
        ),
        (one.clone(), many(A, r#","required":"true""#), "/required required_changed [bodies]", "bodies"),
        (many(A, r#","required":true"#), one.clone(), "/required required_changed [rollback]", "rollback"),
        (
            one.clone(),
            many(r#"{"name":"A","type":"boolean"}"#, ""),
            "/attributes/0/name name_respelled []",
            "",
        ),
        (
            two.clone(),
            many(&format!(r#"{{"name":"b","type":"long"}},{A}"#), ""),
            "/attributes order_changed []",
            "",
        ),
        (one.clone(), many(A, key), "/unique unique_changed [bodies records]", "bodies records"),
        (many(A, key), one.clone(), "/unique unique_changed [rollback]", "rollback"),
        (
            many(&with_b(""), r#","unique":["a","b"]"#),
            many(&with_b(""), r#","unique":["B","a"]"#),
            "/unique order_changed []",
            "",
        ),
        (
            many(&with_b(""), r#","unique":["a","b"]"#),
            many(&with_b(""), key),
            "/unique unique_changed [bodies records]",
            "bodies records",
        ),
        // All records have one value of it anyway.
        (
            many(&with_b(r#","values":[7],"mandatory":true"#), r#","unique":["a","b"]"#),
            many(&with_b(r#","values":[7],"mandatory":true"#), key),
            "/unique unique_changed []",
            "",
        ),
        (schema("single", A, ""), schema("single", A, key), "/unique unique_changed []", ""),
    ];
    for (old, new, changes, expected) in cases {
        let comparison = compare(&old, &new);
        assert_eq!(
            (&*told(&comparison).join(", "), &*broken(&comparison)),
            (changes, expected),
            "{comparison:?}"
        );
    }
}

#[test]
fn sets_are_compared_by_the_names_of_their_schemas() {
    const NOTE: &str =
        r#"{"name":"Note","type":"single-valued","attributes":[{"name":"text","type":"string","length":5}]}"#;
    const LIST: &str = r#"{"name":"List","type":"multi-valued","attributes":[{"name":"n","type":"integer","mandatory":true}],"required":true}"#;
    let (empty, note, list) = (set("[]"), set(&format!("[{NOTE}]")), set(&format!("[{LIST}]")));
    let both = set(&format!("[{NOTE},{LIST}]"));
    let other = set(&format!("[{LIST},{}]", NOTE.replace("Note", "NOTE").replace('5', "4")));
    let cases = [
        (&empty, &empty, "", "", ""),
        (&both, &set(&format!("[{LIST},{NOTE}]")), "", "", ""),
        (&empty, &note, "/Note extension_added [rollback]", "rollback", ""),
        (&note, &empty, "/Note extension_removed [bodies records]", "bodies records", r#"{"Note":{}}"#),
        (&empty, &list, "/List extension_added [bodies rollback]", "bodies rollback", "{}"),
        (
            &list,
            &empty,
            "/List extension_removed [bodies records rollback]",
            "bodies records rollback",
            r#"{"List":[{"n":0}]}"#,
        ),
        (
            &both,
            &other,
            "/NOTE/name name_respelled [], /NOTE/attributes/0/length length_changed [bodies records]",
            "bodies records",
            r#"{"List":[{"n":0}],"Note":{"text":"aaaaa"}}"#,
        ),
    ];
    for (old, new, changes, expected, witness) in cases {
        let comparison = compare_sets(old, new);
        assert_eq!(
            (&*told(&comparison).join(", "), &*broken(&comparison)),
            (changes, expected),
            "{comparison:?}"
        );
        assert_eq!(comparison.bodies().witness().unwrap_or_default(), witness);
    }
    let comparison = both.compare(&other);
    assert_eq!(comparison.records().witness(), Some(r#"{"Note":{"text":"aaaaa"}}"#));
    // Schemas of two names, too.
    let comparison = both.get("note").unwrap().compare(both.get("list").unwrap());
    assert_eq!(
        told(&comparison),
        ["/List extension_added [bodies rollback]", "/Note extension_removed [bodies records]"]
    );
}

#[test]
fn a_length_beyond_a_million_is_no_without_a_witness() {
    let length = |length: usize| of_attribute(&format!(r#""type":"string","length":{length}"#));
    let comparison = compare(&length(2_000_000), &length(1_048_576));
    assert_eq!((comparison.bodies(), comparison.records()), (&Answer::Unproven, &Answer::Unproven));
    for limit in [1_048_576, 1 << 40] {
        let comparison = compare(&of_attribute(r#""type":"date""#), &length(limit));
        assert_eq!(
            (comparison.bodies(), comparison.records()),
            (&Answer::Unproven, &Answer::Safe),
            "{limit}"
        );
    }
    let comparison = compare(&length(100_001), &length(100_000));
    assert!(comparison.bodies().witness().is_some() && comparison.records().witness().is_some());
}

#[test]
fn a_witness_is_short_and_names_what_must_be_there() {
    let attributes = |last: &str| {
        let many: Vec<_> = (0..255).map(|n| format!(r#"{{"name":"a{n}","type":"datetime"}}"#)).collect();
        of(&format!(r#"{{"name":"E","type":"single-valued","attributes":[{},{last}]}}"#, many.join(",")))
    };
    let (old, new) = (
        r#"{"name":"z","type":"long","mandatory":true}"#,
        r#"{"name":"z","type":"integer","mandatory":true}"#,
    );
    let comparison = compare(&attributes(old), &attributes(new));
    assert_eq!(comparison.records().witness(), Some(r#"{"z":-9223372036854775808}"#));
}

#[test]
fn a_comparison_is_written_as_json_and_its_changes_read_back() {
    let comparison =
        of_attribute(r#""type":"integer""#).compare(&of_attribute(r#""type":"boolean","mandatory":true"#));
    let json = serde_json::to_value(&comparison).unwrap();
    let expected = json!({
        "bodies": { "safe": false, "witness": r#"{"E":[{}]}"# },
        "records": { "safe": false, "witness": "[{}]" },
        "rollback": { "safe": false, "witness": r#"{"E":[{"v":true}]}"# },
        "changes": [
            { "pointer": "/attributes/0/type", "code": "type_changed",
              "message": "attribute `v` has type `boolean` instead of `integer`",
              "breaks": ["bodies", "records", "rollback"] },
            { "pointer": "/attributes/0/mandatory", "code": "became_mandatory",
              "message": "attribute `v` has become mandatory", "breaks": ["bodies", "records"] }
        ]
    });
    assert_eq!(json, expected);
    let changes: Vec<Change> = serde_json::from_value(json["changes"].clone()).unwrap();
    assert_eq!(changes, comparison.changes());
    assert_eq!(serde_json::to_string(&Answer::Unproven).unwrap(), r#"{"safe":false,"unproven":true}"#);
}

#[test]
fn no_answer_is_wrong_in_a_bounded_space() {
    // A part of it: the member `service-end-versions` tries all of it.
    for (space, part) in [(space::of_one_attribute(), 41), (space::of_two_attributes(), 31)] {
        let all = try_all(&space, space.schemas.iter().step_by(part).cloned());
        let tally = compare_all(&all);
        assert!(tally.pairs > 300 && tally.safe > 30 && tally.unproven == 0, "{tally:?}");
        assert!(tally.longest_witness <= 300, "{tally:?}");
    }
}
