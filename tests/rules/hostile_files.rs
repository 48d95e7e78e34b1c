//! Bad input: anything at all in the files of the example program gets a clear answer, without a panic and in
//! bounded time.

use serde_json::json;

use crate::program::run_files;
use crate::stage::START;

/// Brackets, and only those that open.
fn deep(close: bool) -> Vec<u8> {
    let closing = if close { "]".repeat(100_000) } else { String::new() };
    ("[".repeat(100_000) + &closing).into_bytes()
}

fn long_string() -> Vec<u8> {
    [&b"\""[..], &vec![b'x'; 50_000_000], b"\""].concat()
}

fn within(before: &str, content: &[u8], after: &str) -> Vec<u8> {
    [before.as_bytes(), content, after.as_bytes()].concat()
}

/// The code of the problem that a body gets, or its success, under the schemas of the original example.
fn body_gets(body: &[u8]) -> String {
    let run = run_files(&[("--body", body)]);
    let document = run.json();
    let expected = i32::from(document["status"] != json!(204));
    assert_eq!((run.status, &*run.err), (expected, ""));
    document.get("code").unwrap_or(&document["status"]).to_string().replace('"', "")
}

#[test]
fn hostile_bodies() {
    let records =
        |record: &str, count: usize| format!(r#"{{"Satisfaction":[{}]}}"#, vec![record; count].join(","));
    let places: Vec<_> = (0..10_001).map(|place| format!(r#"{{"rating":1,"place":"{place}"}}"#)).collect();
    let set = |count: usize| format!(r#"{{"Satisfaction":[{}]}}"#, places[..count].join(",")).into_bytes();
    let cases: Vec<(&str, Vec<u8>, &str)> = vec![
        ("brackets that never close", deep(false), "syntax"),
        ("brackets at the top", deep(true), "syntax"),
        ("brackets in an unknown extension", within(r#"{"x":"#, &deep(true), "}"), "invalid_event"),
        ("brackets in a field", within(r#"{"session_id":"#, &deep(true), "}"), "invalid_event"),
        ("brackets in an attribute", within(r#"{"Feedback":{"notes":"#, &deep(true), "}}"), "invalid_event"),
        ("brackets in a set", within(r#"{"Satisfaction":"#, &deep(true), "}"), "invalid_event"),
        ("objects that never close", br#"{"x":"#.repeat(100_000), "syntax"),
        ("a string of 50 MB", long_string(), "body_too_large"),
        ("a field of 50 MB", within(r#"{"session_id":"#, &long_string(), "}"), "body_too_large"),
        ("a field of 8 MB", within(r#"{"session_id":""#, &vec![b'x'; 8_000_000], r#""}"#), "invalid_event"),
        ("a key of 8 MB", within(r#"{""#, &vec![b'x'; 8_000_000], r#"":1}"#), "invalid_event"),
        ("8 MB of white space", vec![b' '; 8 << 20], "syntax"),
        ("half a character", b"{\"session_id\":\"\xe2\x82".to_vec(), "syntax"),
        ("half a character in a key", b"{\"\xf0\x9f\x98\":1}".to_vec(), "syntax"),
        ("a surrogate as UTF-8", b"{\"session_id\":\"\xed\xa0\x80\"}".to_vec(), "syntax"),
        ("an overlong form", b"{\"session_id\":\"\xc0\x80\"}".to_vec(), "syntax"),
        ("a byte order mark", b"\xef\xbb\xbf{}".to_vec(), "syntax"),
        ("U+0000", br#"{"session_id":"\u0000"}"#.to_vec(), "invalid_event"),
        ("U+0000, bare", b"{\"session_id\":\"\0\"}".to_vec(), "syntax"),
        ("U+0000 as a key", br#"{"\u0000":1}"#.to_vec(), "invalid_event"),
        ("a lone surrogate", br#"{"session_id":"\ud800"}"#.to_vec(), "syntax"),
        ("a lone surrogate as a key", br#"{"\udfff":1}"#.to_vec(), "syntax"),
        ("a number that no float holds", br#"{"resource_id":1e400}"#.to_vec(), "syntax"),
        ("10,000 digits", within(r#"{"resource_id":"#, &vec![b'9'; 10_000], "}"), "syntax"),
        // The float nearest to it is 1.
        ("10,000 decimals", within(r#"{"resource_id":0."#, &vec![b'9'; 10_000], "}"), "204"),
        ("duplicate keys", br#"{"session_id":"a","session_id":"b"}"#.to_vec(), "invalid_event"),
        (
            "100,000 duplicate keys",
            within("{", br#""session_id":"a","#.repeat(100_000).as_slice(), r#""x":1}"#),
            "invalid_event",
        ),
        ("an empty file", Vec::new(), "syntax"),
        ("10,000 records", set(10_000), "204"),
        ("10,001 records", set(10_001), "invalid_event"),
        ("10,001 empty records", records("{}", 10_001).into(), "invalid_event"),
        ("a million records that are none", records("1", 1_000_000).into(), "invalid_event"),
    ];
    for (what, body, expected) in cases {
        assert_eq!(body_gets(&body), expected, "{what}");
    }
}

#[test]
fn too_many_records_are_told_once_at_the_array() {
    let body = format!(r#"{{"Satisfaction":[{}]}}"#, vec!["1"; 10_001].join(","));
    let problem = run_files(&[("--body", body.as_bytes())]).json();
    assert_eq!(problem["truncated"], json!(true));
    let empty = r#"[{"name":"Wide","type":"multi-valued","attributes":[{"name":"a","type":"string"}]}]"#;
    let body = format!(r#"{{"Wide":[{}]}}"#, vec!["{}"; 12_345].join(","));
    let problem = run_files(&[("--schemas", empty.as_bytes()), ("--body", body.as_bytes())]).json();
    let expected = json!([ { "pointer": "/Wide", "code": "too_many_records",
        "message": "must have at most 10000 records", "params": { "limit": 10_000 }, "line": 1, "column": 9 } ]);
    assert_eq!(problem["violations"], expected);
}

/// A schema of 256 attributes, each with these keys.
fn wide_schema(keys: &str) -> String {
    let attributes: Vec<_> =
        (0..256).map(|ordinal| format!(r#"{{"name":"a{ordinal}","type":"string"{keys}}}"#)).collect();
    format!(r#"[{{"name":"Wide","type":"multi-valued","attributes":[{}]}}]"#, attributes.join(","))
}

#[test]
fn ten_thousand_empty_records_of_a_schema_of_256_attributes() {
    let count = 10_000;
    let body = format!(r#"{{"Wide":[{}]}}"#, vec!["{}"; count].join(","));
    let run = run_files(&[("--schemas", wide_schema("").as_bytes()), ("--body", body.as_bytes())]);
    assert_eq!(run.status, 0);
    assert!(run.out.ends_with(&format!(r#""Wide":[{}]}}}}{}"#, vec!["{}"; count].join(","), "\n")));

    let mandatory = wide_schema(r#","mandatory":true"#);
    let run = run_files(&[("--schemas", mandatory.as_bytes()), ("--body", body.as_bytes())]);
    assert_eq!((run.status, &run.json()["truncated"]), (1, &json!(true)));
    assert_eq!(run.json()["violations"].as_array().map(Vec::len), Some(100));
}

#[test]
fn ten_thousand_empty_records_with_256_defaults_keep_them_once() {
    let body = format!(r#"{{"Wide":[{}]}}"#, vec!["{}"; 10_000].join(","));
    let text = "x".repeat(1000);
    let schemas = service_end::Schemas::from_json(wide_schema(&format!(r#","default":"{text}""#))).unwrap();
    let validator = service_end::Validator::new(schemas).with_max_event_bytes(usize::MAX);
    let event = validator.read(body.as_bytes()).unwrap();
    // 2.5 GB, if each record had its own.
    assert_eq!(event.extensions()[0].records().last().unwrap().get("a255"), Some((&*text).into()));
}

#[test]
fn hostile_schemas() {
    let many: Vec<_> = (0..20_000)
        .map(|ordinal| format!(r#"{{"name":"A{ordinal}","type":"multi-valued","attributes":[{{"name":"a","type":"string"}}]}}"#))
        .collect();
    let unknown_names: Vec<_> = (0..1_000).map(|ordinal| format!(r#""x{ordinal}""#)).collect();
    let unique = format!(r#"],"unique":[{}]}}]"#, unknown_names.join(","));
    let wide = wide_schema("");
    let wide_unique = wide.strip_suffix("]}]").unwrap().to_owned() + &unique;
    let cases: Vec<(&str, Vec<u8>, i32)> = vec![
        ("brackets that never close", deep(false), 1),
        ("brackets", deep(true), 1),
        ("brackets as an attribute", within(r#"[{"name":"A","type":"single-valued","attributes":"#, &deep(true), "}]"), 1),
        ("a string of 50 MB", long_string(), 1),
        ("a name of 5 MB", within(r#"[{"name":""#, &vec![b'x'; 5_000_000], r#""}]"#), 1),
        ("half a character", b"[{\"name\":\"\xe2\x82".to_vec(), 1),
        ("U+0000", br#"[{"name":"\u0000","type":"single-valued","attributes":[{"name":"a","type":"string"}]}]"#.to_vec(), 1),
        ("a lone surrogate", br#"[{"name":"\ud800"}]"#.to_vec(), 1),
        ("a number that no float holds", br#"[{"name":1e400}]"#.to_vec(), 1),
        ("an empty file", Vec::new(), 1),
        ("no schema", b"[]".to_vec(), 0),
        ("20,000 schemas", format!("[{}]", many.join(",")).into(), 0),
        ("10,000 schemas twice", format!("[{0},{0}]", many[..10_000].join(",")).into(), 1),
        ("50,000 mistakes", format!("[{}]", vec!["1"; 50_000].join(",")).into(), 1),
        ("1,000 unknown unique names", wide_unique.into(), 1),
        ("257 attributes", wide_schema("").replace(r#"{"name":"a0""#, r#"{"name":"b","type":"string"},{"name":"a0""#).into(), 1),
        ("a default beyond all", br#"[{"name":"A","type":"single-valued","attributes":[{"name":"a","type":"double","default":1e309}]}]"#.to_vec(), 1),
        ("a length beyond all", br#"[{"name":"A","type":"single-valued","attributes":[{"name":"a","type":"string","length":"99999999999999999999"}]}]"#.to_vec(), 1),
    ];
    for (what, schemas, status) in cases {
        let run = run_files(&[("--schemas", &schemas), ("--body", b"{}")]);
        assert_eq!((run.status, &*run.err), (status, ""), "{what}");
        let code = run.json().get("code").cloned();
        assert_eq!(code, (status == 1).then(|| json!("invalid_schema")), "{what}");
    }
}

#[test]
fn hostile_business_files() {
    let many: Vec<_> = (0..50_000).map(|id| format!(r#"{{"id":{id},"name":"n{id}"}}"#)).collect();
    let cases: Vec<(&str, Vec<u8>, i32)> = vec![
        ("brackets that never close", deep(false), 2),
        ("brackets", deep(true), 2),
        ("brackets as an enumeration", within(r#"{"disposition":"#, &deep(true), "}"), 2),
        ("a string of 50 MB", long_string(), 2),
        ("a name of 50 MB", within(r#"{"disposition":[{"id":1,"name":"#, &long_string(), "}]}"), 2),
        ("half a character", b"{\"\xe2\x82".to_vec(), 2),
        ("a lone surrogate", br#"{"disposition":[{"id":1,"name":"\ud800"}]}"#.to_vec(), 2),
        ("a number that no float holds", br#"{"disposition":[{"id":1e400,"name":"a"}]}"#.to_vec(), 2),
        ("an empty file", Vec::new(), 2),
        ("no enumeration", b"{}".to_vec(), 0),
        ("50,000 values", format!(r#"{{"disposition":[{}]}}"#, many.join(",")).into(), 0),
        (
            "50,000 values twice",
            format!(r#"{{"disposition":[{},{}]}}"#, many.join(","), many.join(",")).into(),
            2,
        ),
    ];
    for (what, business, status) in cases {
        let run = run_files(&[("--business", &business), ("--body", b"{}")]);
        assert_eq!(run.status, status, "{what}: {}", run.err);
        assert_eq!((run.out.is_empty(), run.err.is_empty()), (status == 2, status == 0), "{what}");
    }
    // Of 50,000 names that were possible, not all are listed.
    let business = format!(r#"{{"disposition":[{}]}}"#, many.join(","));
    let run = run_files(&[("--business", business.as_bytes()), ("--body", br#"{"disposition":"x"}"#)]);
    let expected = &run.json()["violations"][0]["expected"];
    assert_eq!((expected.as_array().map(Vec::len), &expected[20]), (Some(21), &json!("and 49980 more")));
}

#[test]
fn hostile_services() {
    let service = |members: &[u8]| {
        within(&format!(r#"{{"service_id":1,"started":{{"timestamp":"{START}"}},"#), members, "}")
    };
    let many: Vec<_> = (0..50_000).map(|ordinal| format!(r#""x{ordinal}":1"#)).collect();
    let records = vec![r#"{"rating":1}"#; 10_001].join(",");
    let cases: Vec<(&str, Vec<u8>, i32)> = vec![
        ("brackets that never close", deep(false), 2),
        ("brackets", deep(true), 2),
        ("brackets as an id", within(r#"{"service_id":"#, &deep(true), "}"), 2),
        ("brackets as an end", service(&within(r#""completed":"#, &deep(true), "")), 2),
        ("brackets as an extension", service(&within(r#""Feedback":"#, &deep(true), "")), 0),
        ("a string of 50 MB", long_string(), 2),
        ("an extension of 50 MB", service(&within(r#""Feedback":"#, &long_string(), "")), 0),
        ("half a character", b"{\"service_id\":1,\"\xe2\x82".to_vec(), 2),
        (
            "U+0000 in a field",
            service(format!(r#""completed":{{"timestamp":"{START}","session_id":"\u0000"}}"#).as_bytes()),
            2,
        ),
        ("U+0000 in an extension", service(br#""Feedback":{"notes":"\u0000"}"#), 0),
        (
            "a lone surrogate in a field",
            service(format!(r#""completed":{{"timestamp":"{START}","session_id":"\ud800"}}"#).as_bytes()),
            2,
        ),
        (
            "a number that no float holds",
            format!(r#"{{"service_id":1e400,"started":{{"timestamp":"{START}"}}}}"#).into(),
            2,
        ),
        ("duplicate keys", service(br#""Feedback":{},"FEEDBACK":{}"#), 2),
        ("an empty file", Vec::new(), 2),
        ("50,000 extensions", service(many.join(",").as_bytes()), 0),
        ("50,000 extensions twice", service([&*many.join(","), &*many.join(",")].join(",").as_bytes()), 2),
        ("10,001 records", service(format!(r#""Satisfaction":[{records}]"#).as_bytes()), 0),
    ];
    for (what, service, status) in cases {
        let run = run_files(&[("--service", &service), ("--body", b"{}")]);
        assert_eq!(run.status, status, "{what}: {}", run.err.chars().take(500).collect::<String>());
        assert_eq!((run.out.is_empty(), run.err.is_empty()), (status == 2, status == 0), "{what}");
    }
}
