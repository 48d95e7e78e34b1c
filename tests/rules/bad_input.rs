//! Hostile bodies: deep, large, many. Each gets its answer, and costs no more than reading it.

use std::fmt::Write;

use service_end::{ReadError, ServiceEndEvent, Validator, Violations};

use crate::support::{found, syntax_error, validator, validator_of, validator_of_attribute};
use crate::syntax::{READ_VALUES, SKIPPED_VALUES, reader};

const DEPTH: usize = 100_000;

/// Reads a body as JSON only: as another format it would be a second copy of something large.
fn read(validator: &Validator, body: &str) -> Result<ServiceEndEvent, ReadError> {
    validator.read(body.as_bytes())
}

fn refused(validator: &Validator, body: &str) -> Violations {
    match read(validator, body) {
        Err(ReadError::Invalid(violations)) => violations,
        other => panic!("{other:?}"),
    }
}

/// The first violation, and how many there are.
fn first(violations: &Violations) -> (&str, &str, usize) {
    let first = &violations.as_slice()[0];
    (first.pointer(), first.code().as_str(), violations.as_slice().len())
}

#[test]
fn nesting_of_any_depth_is_skipped_in_every_position() {
    let arrays = ["[".repeat(DEPTH), "]".repeat(DEPTH)].concat();
    let objects = [r#"{"a":"#.repeat(DEPTH), "0".to_owned(), "}".repeat(DEPTH)].concat();
    for template in READ_VALUES.iter().chain(SKIPPED_VALUES.iter().map(|(template, ..)| template)) {
        assert_eq!(refused(&reader(), &template.replace('§', &objects)).as_slice().len(), 1, "{template}");
        let body = template.replace('§', &arrays);
        let violations = refused(&reader(), &body).locate(body.as_bytes());
        assert_eq!(violations.as_slice().len(), 1, "{template}");
        assert!(violations.as_slice()[0].span().is_some(), "{template}");
    }
    for body in [format!(r#"{{"One":{{"text":{arrays}}}}}"#), format!(r#"{{"One":{{"text":{objects}}}}}"#)] {
        assert!(refused(&reader(), &body).render(body.as_bytes()).to_string().len() < 2000);
    }
    assert_eq!(first(&refused(&reader(), &objects)), ("/a", "unknown_extension", 1));
    assert_eq!(syntax_error(&reader(), &arrays).message(), "the body must be a JSON object, but is an array");
}

#[test]
fn unbalanced_nesting_of_any_depth_is_syntax_in_every_position() {
    let one_too_many = ["[".repeat(DEPTH + 1), "]".repeat(DEPTH)].concat();
    for template in READ_VALUES.iter().chain(SKIPPED_VALUES.iter().map(|(template, ..)| template)) {
        let before = template.split('§').next().unwrap();
        let body = before.to_owned() + &"[".repeat(DEPTH);
        assert_eq!(syntax_error(&reader(), &body).column(), Some(body.len() + 1), "{template}");
        syntax_error(&reader(), template.replace('§', &one_too_many));
    }
    for open in ["[".repeat(DEPTH), r#"{"a":"#.repeat(DEPTH), r#"[{"a":"#.repeat(DEPTH), one_too_many] {
        syntax_error(&reader(), format!(r#"{{"One":{{"text":{open}}}}}"#));
        syntax_error(&reader(), format!(r#"{{"nope":{open}"#));
        syntax_error(&reader(), &open);
    }
    for close in ["]", "}", "]}"] {
        syntax_error(&reader(), close.repeat(DEPTH));
        syntax_error(&reader(), format!(r#"{{"nope":{}"#, close.repeat(DEPTH)));
    }
}

#[test]
fn a_body_over_the_limit_is_too_large_whatever_it_holds() {
    let limit = Validator::DEFAULT_MAX_BODY_BYTES;
    assert_eq!(limit, 8 << 20);
    let length = 50_000_000;
    for body in [format!(r#"{{"session_id":"{}"}}"#, "x".repeat(length)), "[".repeat(length)] {
        let length = body.len();
        assert_eq!(read(&reader(), &body), Err(ReadError::BodyTooLarge { limit, length }));
    }
}

/// As they are by default, as they were set, and as far as they can be set.
#[test]
fn every_limit_can_be_asked_for() {
    type Limit = fn(&Validator) -> usize;
    type Set = fn(Validator, usize) -> Validator;
    let limits: [(Limit, Set, usize, usize, usize); 6] = [
        (Validator::max_body_bytes, Validator::with_max_body_bytes, 8 << 20, 0, u32::MAX as usize),
        (Validator::max_event_bytes, Validator::with_max_event_bytes, 32 << 20, 0, u32::MAX as usize),
        (Validator::max_records, Validator::with_max_records, 10_000, 0, usize::MAX),
        (Validator::max_open_bytes, Validator::with_max_open_bytes, 64 << 10, 0, u32::MAX as usize),
        (Validator::max_open_levels, Validator::with_max_open_levels, 32, 0, 100),
        (Validator::max_violations, Validator::with_max_violations, 100, 1, usize::MAX),
    ];
    for (limit, set, default, least, most) in limits {
        let with = |limit| set(Validator::default(), limit);
        assert_eq!(limit(&Validator::default()), default);
        assert_eq!([0, 7, usize::MAX].map(|value| limit(&with(value))), [least, 7, most]);
    }
}

#[test]
fn the_limit_of_bytes_is_exact_and_comes_first() {
    let body = r#"{"session_id":"é"}"#;
    let length = body.len();
    for limit in [0, 1, length - 1] {
        let reader = reader().with_max_body_bytes(limit);
        assert_eq!(read(&reader, body), Err(ReadError::BodyTooLarge { limit, length }));
    }
    for limit in [length, length + 1, usize::MAX] {
        assert!(read(&reader().with_max_body_bytes(limit), body).is_ok());
    }
    let reader = reader().with_max_body_bytes(2);
    assert!(read(&reader, "{}").is_ok());
    for body in [&b"{} "[..], b"[[[", b"\xff\xff\xff", b"{\"resource_id\":\"\"}"] {
        assert!(matches!(reader.read(body), Err(ReadError::BodyTooLarge { limit: 2, .. })));
    }
    syntax_error(&reader, "");
    let full = format!("{{}}{}", " ".repeat(Validator::DEFAULT_MAX_BODY_BYTES - 2));
    assert!(read(&self::reader(), &full).is_ok());
    assert!(matches!(read(&self::reader(), &(full + " ")), Err(ReadError::BodyTooLarge { .. })));
}

#[test]
fn a_string_of_ten_megabytes_is_checked_against_its_length() {
    let long = "é".repeat(5_000_000);
    let reader = reader().with_max_body_bytes(100 << 20).with_max_event_bytes(100 << 20);
    for (template, pointer, code) in [
        (r#"{"session_id":"§"}"#, "/session_id", "too_long"),
        (r#"{"disposition":"§"}"#, "/disposition", "too_long"),
        (r#"{"timestamp":"§"}"#, "/timestamp", "invalid_format"),
        (r#"{"One":{"money":"§"}}"#, "/One/money", "invalid_format"),
        (r#"{"nope":"§"}"#, "/nope", "unknown_extension"),
    ] {
        assert_eq!(first(&refused(&reader, &template.replace('§', &long))), (pointer, code, 1));
    }
    let event = read(&reader, &format!(r#"{{"One":{{"text":"{long}"}}}}"#)).unwrap();
    assert_eq!(event.extensions()[0].record().unwrap().get("text").unwrap().as_str(), Some(&*long));
    let bounded = validator_of_attribute(r#""type": "string", "length": 4999999"#);
    let body = format!(r#"{{"E":{{"v":"{long}"}}}}"#);
    let violations = refused(&bounded.with_max_body_bytes(100 << 20), &body);
    assert_eq!(first(&violations), ("/E/v", "too_long", 1));
    assert!(violations.to_string().contains("but has 5000000"), "{violations}");
}

#[test]
fn a_key_of_a_megabyte_is_unknown_and_nothing_worse() {
    for (unit, in_pointer) in
        [("x", "x"), ("é", "é"), ("/", "~1"), ("~", "~0"), (r"\u0041", "A"), (r"\n", "\n")]
    {
        let key = unit.repeat(1_000_000);
        let name = in_pointer.repeat(1_000_000);
        for (template, pointer, code) in [
            (r#"{"§":1}"#, "/§", "unknown_extension"),
            (r#"{"One":{"§":1}}"#, "/One/§", "unknown_attribute"),
            (r#"{"Many":[{},{"§":1}]}"#, "/Many/1/§", "unknown_attribute"),
        ] {
            let body = template.replace('§', &key);
            let violations = refused(&reader(), &body).locate(body.as_bytes());
            let pointer = pointer.replace('§', &name);
            assert!(first(&violations) == (&*pointer, code, 1), "{unit} {template}");
            assert_eq!(violations.as_slice()[0].suggestion(), None);
            assert!(violations.as_slice()[0].span().is_some());
        }
    }
}

/// `{"name0":1,"name1":1,…}`
fn members(name: &str, count: usize) -> String {
    let mut json = String::from("{");
    for n in 0..count {
        let comma = if n > 0 { "," } else { "" };
        write!(json, r#"{comma}"{name}{n}":1"#).unwrap();
    }
    json + "}"
}

#[test]
fn a_hundred_thousand_unknown_members_are_counted_and_a_hundred_kept() {
    for (body, last) in [
        (members("nope", DEPTH), "/nope99"),
        (format!(r#"{{"One":{}}}"#, members("nope", DEPTH)), "/One/nope99"),
        (format!(r#"{{"Many":[{{}},{}]}}"#, members("nope", DEPTH)), "/Many/1/nope99"),
        (
            format!(r#"{{"resource_id":1,{}"resource_id":1}}"#, r#""resource_id":2,"#.repeat(DEPTH)),
            "/resource_id",
        ),
        (format!(r#"{{"One":{{"whole":1{}}}}}"#, r#","WHOLE":2"#.repeat(DEPTH)), "/One/WHOLE"),
        (format!(r#"{{"One":{{}}{}}}"#, r#","ONE":{"whole":[]}"#.repeat(DEPTH)), "/ONE"),
    ] {
        let violations = refused(&reader(), &body).locate(body.as_bytes());
        assert_eq!(violations.as_slice().len(), 100);
        assert!(violations.truncated());
        let at_end = violations.as_slice().last().unwrap();
        assert_eq!(at_end.pointer(), last);
        assert!(at_end.span().is_some());
    }
}

#[test]
fn the_limit_of_records_is_exact_and_told_once() {
    let many = |count: usize| format!(r#"{{"Many":[{}]}}"#, vec!["{}"; count].join(","));
    assert_eq!(read(&reader(), &many(10_000)).unwrap().extensions()[0].len(), 10_000);
    let too_many = ("/Many", "too_many_records", 1);
    for count in [10_001, 10_002, 30_000] {
        assert_eq!(first(&refused(&reader(), &many(count))), too_many);
    }
    for limit in [0, 1, 2, 100] {
        let reader = reader().with_max_records(limit);
        assert_eq!(read(&reader, &many(limit)).unwrap().extensions()[0].len(), limit);
        assert_eq!(first(&refused(&reader, &many(limit + 1))), too_many);
    }
    assert!(read(&reader().with_max_records(usize::MAX), &many(10_001)).is_ok());
    // A single-valued extension has one record, whatever the limit.
    assert!(read(&reader().with_max_records(0), r#"{"One":{}}"#).is_ok());
}

#[test]
fn elements_that_are_no_records_count_as_records() {
    let reader = reader().with_max_records(2);
    let pointers =
        |body: &str| found(&reader, body).into_iter().map(|(pointer, _)| pointer).collect::<Vec<_>>();
    assert_eq!(pointers(r#"{"Many":[1,{},[]]}"#), ["/Many/0", "/Many"]);
    assert_eq!(pointers(r#"{"Many":[{"nope":1},{},{"nope":1},7,8]}"#), ["/Many/0/nope", "/Many"]);
    assert_eq!(pointers(r#"{"Many":[{},{},1],"nope":1}"#), ["/Many", "/nope"]);
}

fn wide_schema(rest: &str) -> String {
    let attributes: Vec<_> =
        (0..256).map(|n| format!(r#"{{ "name": "a{n}", "type": "string"{rest} }}"#)).collect();
    format!(r#"{{ "name": "Wide", "type": "multi-valued", "attributes": [{}] }}"#, attributes.join(","))
}

#[test]
fn ten_thousand_empty_records_of_a_wide_schema_are_read_in_their_own_size() {
    let body = format!(r#"{{"Wide":[{}]}}"#, vec!["{}"; 10_000].join(","));
    for rest in ["", r#", "default": "x""#] {
        let event = read(&validator_of(&wide_schema(rest)), &body).unwrap();
        let wide = &event.extensions()[0];
        assert_eq!(wide.records().len(), 10_000);
        assert_eq!(wide.records().last().unwrap().get("a255").is_some(), !rest.is_empty());
        assert_eq!(event.clone(), event);
    }
    for (rest, missing) in [(r#", "mandatory": true"#, "/Wide/0/a99"), ("", "/Wide/99/must")] {
        let must = r#"[ { "name": "must", "type": "string", "mandatory": true } ]"#;
        let schema = if rest.is_empty() {
            format!(r#"{{ "name": "Wide", "type": "multi-valued", "attributes": {must} }}"#)
        } else {
            wide_schema(rest)
        };
        let violations = refused(&validator_of(&schema), &body);
        assert_eq!(violations.as_slice().last().unwrap().pointer(), missing);
        assert_eq!(first(&violations).2, 100);
        assert!(violations.truncated());
    }
}

#[test]
fn the_limit_of_violations_is_exact_and_at_least_one() {
    let body = members("nope", 7);
    let all = refused(&reader(), &body);
    assert_eq!((all.as_slice().len(), all.truncated()), (7, false));
    for (limit, kept) in [(0, 1), (1, 1), (6, 6), (7, 7), (8, 7), (usize::MAX, 7)] {
        let some = refused(&reader().with_max_violations(limit), &body);
        assert_eq!(some.as_slice(), &all.as_slice()[..kept]);
        assert_eq!(some.truncated(), kept < 7, "{limit}");
    }
    assert!(!refused(&reader(), &members("nope", 100)).truncated());
    assert!(refused(&reader(), &members("nope", 101)).truncated());
}

#[test]
fn a_thousand_extensions_are_told_apart() {
    let schemas: Vec<_> = (0..1000)
        .map(|n| {
            format!(
                r#"{{"name":"e{n}","type":"single-valued","attributes":[{{"name":"v","type":"integer"}}]}}"#
            )
        })
        .collect();
    let reader = validator(&format!("[{}]", schemas.join(",")));
    let body: Vec<_> = (0..1000).rev().map(|n| format!(r#""E{n}":{{"v":{n}}}"#)).collect();
    let event = read(&reader, &format!("{{{}}}", body.join(","))).unwrap();
    assert_eq!(event.extensions().len(), 1000);
    assert_eq!(event.extension("e999").unwrap().record().unwrap().get("v").unwrap().as_i64(), Some(999));
    let twice = format!(r#"{{{},"e255":{{}},"e256":{{}},"e999":{{}}}}"#, body.join(","));
    let duplicates = [("/e255", "duplicate_key"), ("/e256", "duplicate_key"), ("/e999", "duplicate_key")];
    assert_eq!(found(&reader, &twice), duplicates.map(|(pointer, code)| (pointer.to_owned(), code)));
}
