//! Extensions without a schema (2.10): which are taken from a body, how they are kept, and what is told of the others.

use service_end::event::{AnyExtension, OpenExtension};
use service_end::schema::{OpenNameError, OpenNames};
use service_end::violation::Part;
use service_end::{AttributeSchema, ExtensionSchema, ReadError, Schemas, ServiceEndEvent, Validator};

use crate::support::{arbitrary_precision, check, found, read, summary, syntax_error, valid};

const FEEDBACK: &str = r#"[ { "name": "Feedback", "type": "single-valued", "attributes": [
    { "name": "rating", "type": "integer", "mandatory": true } ] } ]"#;

fn open(names: &str) -> Validator {
    Validator::new(Schemas::from_json(FEEDBACK).unwrap().with_open(names.parse().unwrap()))
}

fn every() -> Validator {
    open("*")
}

/// The JSON of the open extension of an event.
fn json<'e>(event: &'e ServiceEndEvent, name: &str) -> &'e str {
    event.open_extension(name).unwrap().json()
}

#[test]
fn by_default_no_name_is_open() {
    assert!(Schemas::new().open_names().is_none());
    check(&Validator::default(), &[(r#"{"Case":1}"#, &[("/Case", "unknown_extension")])]);
    assert!(valid(&Validator::default(), "{}").open_extensions().is_empty());
}

#[test]
fn names_that_are_listed_are_open_in_any_case() {
    let validator = open("Case, Notes");
    for body in [r#"{"Case":1}"#, r#"{"CASE":1}"#, r#"{"case":1,"notes":"a"}"#] {
        valid(&validator, body);
    }
    check(
        &validator,
        &[
            (r#"{"Cases":1}"#, &[("/Cases", "unknown_extension")]),
            (r#"{"Notes":1,"Other":{}}"#, &[("/Other", "unknown_extension")]),
            (r#"{"started":1}"#, &[("/started", "unknown_extension")]),
            (r#"{"2nd":1}"#, &[("/2nd", "unknown_extension")]),
        ],
    );
}

#[test]
fn a_name_that_is_listed_is_known_and_can_be_meant() {
    let Err(ReadError::Invalid(violations)) = open("Case,feedback").read(br#"{"Casee":1}"#) else { panic!() };
    let violation = &violations.as_slice()[0];
    assert_eq!(violation.suggestion(), Some("Case"));
    let known: Vec<_> = violation.expected().unwrap().iter().skip(11).map(str::to_owned).collect();
    assert_eq!(known, ["Feedback", "Case"]);
}

#[test]
fn any_json_but_null_is_taken() {
    for value in ["1", "-0", "true", "\"\"", "[]", "{}", "[null]", r#"{"a":{"b":[null,1.5,"x"]}}"#] {
        let event = valid(&every(), &format!(r#"{{"Case":{value}}}"#));
        assert_eq!(json(&event, "case"), value);
    }
    check(&every(), &[(r#"{"Case":null}"#, &[("/Case", "wrong_type")])]);
    let Err(ReadError::Invalid(violations)) = every().read(br#"{"Case":null}"#) else { panic!() };
    assert_eq!(
        violations.as_slice()[0].message(),
        "must be an array, a boolean, a number, an object or a string, but is null",
    );
}

#[test]
fn a_name_with_a_schema_is_read_by_it() {
    for names in ["*", "Feedback"] {
        check(
            &open(names),
            &[
                (r#"{"Feedback":{"rating":7}}"#, &[]),
                (r#"{"feedback":{"rating":"x"}}"#, &[("/feedback/rating", "wrong_type")]),
                (r#"{"FEEDBACK":[]}"#, &[("/FEEDBACK", "wrong_shape")]),
            ],
        );
    }
}

#[test]
fn it_is_kept_as_it_is_written_without_white_space() {
    for (written, kept) in [
        ("1e2", "1e2"),
        ("1.0", "1.0"),
        ("-0", "-0"),
        ("-0.0E+00", "-0.0E+00"),
        ("0.1e-5000", "0.1e-5000"),
        ("123456789012345678901234567890", "123456789012345678901234567890"),
        ("0.10000000000000000000000000000000001", "0.10000000000000000000000000000000001"),
        (r#""\u00e9\/ \"é\" \ud83d\ude00""#, r#""\u00e9\/ \"é\" \ud83d\ude00""#),
        ("{ \"b\" : 1 ,\n\t\"a b\" : [ 1 , 2.50 ] }", r#"{"b":1,"a b":[1,2.50]}"#),
        (r#"{"$serde_json::private::Number":"5"}"#, r#"{"$serde_json::private::Number":"5"}"#),
        (r#"{"$serde_json::private::RawValue":"[5]"}"#, r#"{"$serde_json::private::RawValue":"[5]"}"#),
    ] {
        let body = format!("{{ \"Case\" : {written} , \"disposition\" : 10 }}");
        // Through the door of text alone: a format has no spelling.
        let event = every().read(body.as_bytes()).unwrap();
        assert_eq!(json(&event, "Case"), kept);
        let document = serde_json::to_string(&event).unwrap();
        assert_eq!(document, format!(r#"{{"disposition":10,"Case":{kept}}}"#));
        assert_eq!(every().read(document.as_bytes()).unwrap(), event);
    }
}

#[test]
fn of_another_format_it_is_what_the_format_says() {
    for (value, kept) in [
        ("[1.50,1e2,\"\\u00e9\\/\",null,true]", r#"[1.5,100.0,"é/",null,true]"#),
        (r#"{"b":1,"a":{}}"#, r#"{"b":1,"a":{}}"#),
        ("18446744073709551615", "18446744073709551615"),
        (r#"{"$serde_json::private::Number":{"a":1}}"#, r#"{"$serde_json::private::Number":{"a":1}}"#),
    ] {
        let mut json = serde_json::Deserializer::from_str(value);
        let mut packed = vec![0x81, 0xa4, b'C', b'a', b's', b'e'];
        serde_transcode::transcode(&mut json, &mut rmp_serde::Serializer::new(&mut packed)).unwrap();
        if arbitrary_precision() && value.contains(|digit: char| digit.is_ascii_digit()) {
            continue;
        }
        let event = every().read_from(&mut rmp_serde::Deserializer::from_read_ref(&packed)).unwrap();
        assert_eq!(event.open_extensions()[0].json(), kept);
    }
    let value: serde_json::Value =
        serde_json::from_str(r#"{"Case":{"a":[1.5,-7,"x"]},"disposition":10}"#).unwrap();
    assert_eq!(json(&every().read_from(&value).unwrap(), "Case"), r#"{"a":[1.5,-7,"x"]}"#);
}

#[test]
fn a_name_follows_the_rule_of_schema_names() {
    check(
        &every(),
        &[
            (r#"{"2nd":1}"#, &[("/2nd", "invalid_name")]),
            (r#"{"":1}"#, &[("/", "invalid_name")]),
            (r#"{"a-b":{"a":1,"a":2}}"#, &[("/a-b", "invalid_name")]),
            (r#"{"é":1,"é":1}"#, &[("/é", "invalid_name"), ("/é", "invalid_name")]),
            (r#"{"abcdefghijklmnopqrstuvwxyz":1}"#, &[]),
            (r#"{"abcdefghijklmnopqrstuvwxyzA":1}"#, &[("/abcdefghijklmnopqrstuvwxyzA", "invalid_name")]),
            (r#"{"Timestamp":1}"#, &[("/Timestamp", "invalid_name")]),
            (r#"{"started":{}}"#, &[("/started", "invalid_name")]),
            (r#"{"COMPLETED":{}}"#, &[("/COMPLETED", "invalid_name")]),
            (r#"{"Service_Id":1}"#, &[("/Service_Id", "invalid_name")]),
            (r#"{"$serde_json::private::Number":"5"}"#, &[("/$serde_json::private::Number", "invalid_name")]),
        ],
    );
}

#[test]
fn a_name_given_twice_counts_once() {
    check(
        &every(),
        &[
            (r#"{"Case":1,"CASE":null}"#, &[("/CASE", "duplicate_key")]),
            (r#"{"Case":null,"case":{"a":1,"a":1}}"#, &[("/Case", "wrong_type"), ("/case", "duplicate_key")]),
        ],
    );
}

#[test]
fn keys_inside_are_not_repeated() {
    check(
        &every(),
        &[
            (r#"{"Case":{"a":1,"a":2}}"#, &[("/Case/a", "duplicate_key")]),
            (r#"{"Case":{"a":1,"A":2}}"#, &[]),
            (r#"{"Case":{"a":1,"\u0061":2}}"#, &[("/Case/a", "duplicate_key")]),
            (
                r#"{"Case":[0,{"b/c":{"d":[{"e":1,"f":2,"e":{"g":1,"g":1}}]}}]}"#,
                &[("/Case/1/b~1c/d/0/e", "duplicate_key")],
            ),
        ],
    );
}

#[test]
fn no_text_inside_has_u_0000() {
    check(
        &every(),
        &[
            (r#"{"Case":"\u0000"}"#, &[("/Case", "forbidden_character")]),
            (r#"{"Case":[{"a":"x\u0000"}]}"#, &[("/Case/0/a", "forbidden_character")]),
            (r#"{"Case":{"\u0000":1}}"#, &[("/Case/\0", "forbidden_character")]),
        ],
    );
}

#[test]
fn what_no_reader_of_json_takes_is_syntax() {
    for (body, message, line, column) in [
        ("{\"Case\":\n [1E400]}", "number out of range", 2, 7),
        ("{\n\n\"Case\":[\n\n1E400]}", "number out of range", 5, 5),
        (r#"{"Case":"\udc00"}"#, "an unpaired surrogate in a `\\u` escape", 1, 15),
        (r#"{"Case":{"\udc00":1}}"#, "an unpaired surrogate in a `\\u` escape", 1, 16),
        (r#"{"Case":{"a":01}}"#, "invalid number", 1, 15),
        (r#"{"Case":[1,]}"#, "expected value", 1, 12),
        ("{\"Case\":\"\u{1}\"}", "control character (\\u0000-\\u001F) found while parsing a string", 1, 10),
        (r#"{"Case":"#, "the text ends inside a value", 1, 9),
    ] {
        let error = syntax_error(&every(), body);
        if !arbitrary_precision() {
            assert_eq!(
                (error.message(), error.line(), error.column()),
                (message, Some(line), Some(column)),
                "{body}"
            );
        }
    }
    // A syntax error anywhere beats violations.
    syntax_error(&every(), r#"{"Case":null,"Other":[1E400]}"#);
}

#[test]
fn it_has_at_most_32_levels() {
    let nested = |levels: usize| format!("{}7{}", "[".repeat(levels), "]".repeat(levels));
    let body = |value: &str| format!(r#"{{"Case":{value}}}"#);
    valid(&every(), &body(&nested(32)));
    assert_eq!(found(&every(), &body(&nested(33))), [("/Case".to_owned(), "too_deep")]);
    let objects = |levels: usize| format!("{}7{}", r#"{"a":"#.repeat(levels), "}".repeat(levels));
    valid(&every(), &body(&objects(32)));
    assert_eq!(found(&every(), &body(&objects(33))), [("/Case".to_owned(), "too_deep")]);
    // Told once, beside what is found elsewhere in it; no deeper value is looked into.
    let deep = format!(r#"{{"a":{0},"b":{0},"b":1,"c":{1}}}"#, nested(40), objects(40).replace('7', "null"));
    let told = [("/Case".to_owned(), "too_deep"), ("/Case/b".to_owned(), "duplicate_key")];
    assert_eq!(found(&every(), &body(&deep)), told);
    // Whatever its keys are.
    for inside in ["null", r#""\u0000""#, r#"{"b":1,"b":2}"#, "[[]]"] {
        let object = format!(r#"{{"$serde_json::private::Number":{inside}}}"#);
        let flat = every().with_max_open_levels(0);
        assert_eq!(found(&flat, &body(&object)), [("/Case".to_owned(), "too_deep")], "{inside}");
        let deep = nested(32).replace('7', &object);
        assert_eq!(found(&every(), &body(&deep)), [("/Case".to_owned(), "too_deep")], "{inside}");
    }
    // However deep.
    assert_eq!(
        found(&every().with_max_open_bytes(usize::MAX), &body(&nested(100_000))),
        [("/Case".to_owned(), "too_deep")],
    );
    for (levels, expected) in [(0, 0), (1, 1), (100, 100), (1_000, 100)] {
        let validator = every().with_max_open_levels(levels);
        valid(&validator, &body(&nested(expected)));
        assert_eq!(found(&validator, &body(&nested(expected + 1))), [("/Case".to_owned(), "too_deep")]);
    }
}

fn violations(read: &Result<ServiceEndEvent, ReadError>) -> &service_end::Violations {
    match read {
        Err(ReadError::Invalid(violations)) => violations,
        other => panic!("{other:?}"),
    }
}

#[test]
fn it_has_at_most_64_kib() {
    let text = |bytes: usize| format!("\"{}\"", "x".repeat(bytes - 2));
    let body = |value: &str| format!(r#"{{ "Case" : [ {value} ] }}"#);
    valid(&every(), &body(&text((64 << 10) - 2)));
    let too_long = body(&text((64 << 10) - 1));
    assert_eq!(found(&every(), &too_long), [("/Case".to_owned(), "too_long")]);
    let read = every().read(too_long.as_bytes());
    let violation = &violations(&read).as_slice()[0];
    assert_eq!(violation.message(), "must have at most 65536 bytes of JSON, but has 65537");
    assert_eq!(
        (violation.params()["limit"].as_u64(), violation.params()["length"].as_u64()),
        (Some(65_536), Some(65_537))
    );
    // What is too long is not looked into, whatever the door.
    let validator = every().with_max_open_bytes(8);
    check(
        &validator,
        &[
            (r#"{"Case":[1,2,3,4]}"#, &[("/Case", "too_long")]),
            (r#"{"Case":{"a":"\u0000","b":1}}"#, &[("/Case", "too_long")]),
            (r#"{"Case":[1,2,  3]}"#, &[]),
            (r#"{"Case":"123456","Other":"1234567"}"#, &[("/Other", "too_long")]),
        ],
    );
}

#[test]
fn the_places_of_violations_are_found() {
    let body = "{\n  \"Case\": { \"a\": [ 1,\n    { \"b\": 1, \"b\": \"\\u0000\" } ] },\n  \"case\": 1,\n  \"Other\": null\n}";
    let read = every().read(body.as_bytes()).map_err(|error| error.locate(body.as_bytes()));
    let places: Vec<_> = violations(&read)
        .iter()
        .map(|violation| (violation.pointer(), violation.span().map(|span| (span.line, span.column))))
        .collect();
    assert_eq!(places, [("/Case/a/1/b", Some((3, 15))), ("/case", Some((4, 3))), ("/Other", Some((5, 12)))],);
    // Of a whole extension, that is the place of its member.
    let members = violations(&read).iter().map(|each| each.place().map(|place| (place.member, place.part)));
    assert_eq!(members.collect::<Vec<_>>(), [None, Some((1, Part::Key)), Some((2, Part::Value))]);
}

#[test]
fn the_order_of_both_kinds_is_that_of_the_body() {
    let event = valid(&every(), r#"{"B":1,"Feedback":{"rating":1},"A":[],"disposition":1,"C":{}}"#);
    let names: Vec<_> = event.all_extensions().map(|extension| extension.name()).collect();
    assert_eq!(names, ["B", "Feedback", "A", "C"]);
    // However many of both kinds there are.
    let declared = ["D0", "D1", "D2"].map(|name| {
        ExtensionSchema::multi_valued(name).attribute(AttributeSchema::integer("n")).build().unwrap()
    });
    let schemas = declared.into_iter().fold(Schemas::new(), |schemas, schema| schemas.with(schema).unwrap());
    let both = Validator::new(schemas.with_open(OpenNames::every()));
    for named in [
        ["A", "D0", "B", "D1", "C", "D2"],
        ["D2", "D1", "A", "B", "D0", "C"],
        ["D0", "D1", "D2", "A", "B", "C"],
        ["A", "B", "C", "D2", "D0", "D1"],
        ["D1", "A", "D0", "D2", "C", "B"],
    ] {
        let body = format!("{{{}}}", named.map(|name| format!(r#""{name}":[{{"n":1}}]"#)).join(","));
        let event = valid(&both, &body);
        assert!(event.all_extensions().map(|extension| extension.name()).eq(named), "{body}");
        assert_eq!(serde_json::to_string(&event).unwrap(), body);
        let made =
            event.all_extensions().fold(ServiceEndEvent::builder(), |made, extension| match extension {
                AnyExtension::Declared(extension) => made.extension(extension.clone()),
                AnyExtension::Open(open) => made.open_extension(open.clone()),
            });
        assert_eq!(serde_json::to_string(&made.build(&both).unwrap()).unwrap(), body, "made in Rust");
    }
    assert_eq!(event.all_extensions().len(), 4);
    assert!(matches!(event.all_extensions().nth(1), Some(AnyExtension::Declared(_))));
    assert_eq!(
        serde_json::to_string(&event).unwrap(),
        r#"{"disposition":1,"B":1,"Feedback":{"rating":1},"A":[],"C":{}}"#,
    );
}

#[test]
fn events_are_equal_if_they_say_the_same() {
    for (one, other, equal) in [
        (r#"{"A":1,"B":2}"#, r#"{"b":2.0,"a":1e0}"#, true),
        (r#"{"A":{"x":1,"y":[1,2]}}"#, r#"{"A":{"y":[1,2],"x":1}}"#, true),
        (
            r#"{"A":{"n":null,"t":true,"f":false,"s":"","a":[],"o":{}}}"#,
            r#"{"A":{"o":{},"a":[],"s":"","f":false,"t":true,"n":null}}"#,
            true,
        ),
        (r#"{"A":[true]}"#, r#"{"A":[false]}"#, false),
        (r#"{"A":[null]}"#, r#"{"A":[false]}"#, false),
        (r#"{"A":[null]}"#, r#"{"A":[0]}"#, false),
        (r#"{"A":1}"#, r#"{"A":1,"B":1}"#, false),
        (r#"{"A":"1"}"#, r#"{"A":1}"#, false),
        (r#"{"A":[1,2]}"#, r#"{"A":[2,1]}"#, false),
        (r#"{"A":70}"#, r#"{"A":700}"#, false),
    ] {
        let event = |body: &str| every().read(body.as_bytes()).unwrap();
        assert_eq!(event(one) == event(other), equal, "{one} and {other}");
    }
}

#[test]
fn thousands_are_kept_and_found() {
    let members = (0..10_000).map(|n| format!(r#""N{n}":{n}"#)).collect::<Vec<_>>().join(",");
    let event = valid(&every(), &format!("{{{members}}}"));
    assert_eq!(event.open_extensions().len(), 10_000);
    assert!(event.open_extensions().iter().zip(0..).all(|(open, n)| {
        let n: usize = n;
        open.name() == format!("N{n}") && open.key() == format!("n{n}") && open.json() == n.to_string()
    }));
    assert_eq!(
        found(&every(), &format!(r#"{{{members},"n7777":1}}"#)),
        [("/n7777".to_owned(), "duplicate_key")]
    );
}

#[test]
fn its_json_counts_for_the_size_of_the_event() {
    let body = r#"{"Case":[1,2,3],"B":1}"#;
    for (limit, fits) in [(22, true), (21, false)] {
        let validator = every().with_max_event_bytes(limit);
        let answer = read(&validator, body);
        assert_eq!(answer.is_ok(), fits, "{limit}");
        assert!(fits || answer == Err(ReadError::EventTooLarge { limit }));
    }
    // So many that no room left for the fixed fields can hide them, and so long.
    let many: Vec<_> = (0..5_000).map(|n| format!(r#""n{n}":1"#)).collect();
    for body in [format!("{{{}}}", many.join(",")), format!(r#"{{"Case":"{}"}}"#, "x".repeat(20_000))] {
        let (length, limit) = (body.len(), body.len() - 1);
        assert!(read(&every().with_max_event_bytes(length), &body).is_ok());
        let answer = read(&every().with_max_event_bytes(limit), &body);
        assert_eq!(answer, Err(ReadError::EventTooLarge { limit }));
    }
}

#[test]
fn it_is_made_in_rust_by_the_same_rules() {
    for (name, json, expected) in [
        ("Case", "null", "/Case wrong_type"),
        ("Case", r#"{"a":1,"a":1}"#, "/Case/a duplicate_key"),
        ("Case", r#"["\u0000"]"#, "/Case/0 forbidden_character"),
        ("2nd", "1", "/2nd invalid_name"),
        ("timestamp", "1", "/timestamp invalid_name"),
    ] {
        let read = OpenExtension::from_json(name, json);
        let Err(ReadError::Invalid(violations)) = read else { panic!("{name}: {json}") };
        let violation = &violations.as_slice()[0];
        assert_eq!(format!("{} {}", violation.pointer(), violation.code()), expected);
        assert_eq!((violation.place(), violation.span()), (None, None));
    }
    for json in ["", "[", "1 2", "[1E400]", r#""\ud800""#] {
        assert!(matches!(OpenExtension::from_json("Case", json), Err(ReadError::Syntax(_))), "{json}");
    }
    let case = OpenExtension::new("Case", &(1, "a", [true])).unwrap();
    assert_eq!((case.name(), case.key(), case.json()), ("Case", "case", r#"[1,"a",[true]]"#));
    assert_eq!(case.to::<(u8, String, [bool; 1])>().unwrap(), (1, "a".to_owned(), [true]));
    let mismatch = case.to::<(u8, u8)>().unwrap_err();
    assert_eq!(
        mismatch.to_string(),
        "extension `Case`: expected a value that the type takes, found one that it refuses"
    );
    assert!(mismatch.foreign_message().unwrap().contains("expected u8"));
}

#[test]
fn a_validator_admits_what_it_would_read() {
    let build = |validator: &Validator, opens: &[(&str, &str)]| {
        let mut event = ServiceEndEvent::builder();
        for (name, json) in opens {
            event = event.open_extension(OpenExtension::from_json(name, json).unwrap());
        }
        event.build(validator)
    };
    let found = |validator: &Validator, opens: &[(&str, &str)]| match build(validator, opens) {
        Ok(event) => serde_json::to_string(&event).unwrap(),
        Err(ReadError::Invalid(violations)) => format!("{:?}", summary(violations.as_slice())),
        Err(other) => panic!("{other}"),
    };
    for (names, opens, expected) in [
        ("*", &[("Case", "[1.50]"), ("B", "1")][..], r#"{"Case":[1.50],"B":1}"#),
        ("B", &[("Case", "1"), ("B", "1")], r#"[("/Case", "unknown_extension")]"#),
        ("*", &[("Case", "1"), ("CASE", "1")], r#"[("/CASE", "duplicate_key")]"#),
        // What has a schema by now is read by it.
        ("*", &[("FEEDBACK", r#"{"RATING":7.0}"#)], r#"{"Feedback":{"rating":7}}"#),
        (
            "",
            &[("feedback", "{}"), ("B", "1")],
            r#"[("/Feedback/rating", "missing_attribute"), ("/B", "unknown_extension")]"#,
        ),
    ] {
        assert_eq!(found(&open(names), opens), expected);
    }
    let small = every().with_max_open_bytes(3).with_max_open_levels(1);
    assert_eq!(
        found(&small, &[("A", "[1]"), ("B", "[12]"), ("C", "[[]]")]),
        r#"[("/B", "too_long"), ("/C", "too_long")]"#
    );
    let flat = every().with_max_open_levels(1);
    assert_eq!(found(&flat, &[("A", "[1]"), ("B", "[{}]")]), r#"[("/B", "too_deep")]"#);
    // And what has a schema no more stays, where its name is open.
    let event = every().read(br#"{"feedback":{"Rating":7},"B":1}"#).unwrap();
    let bare = Validator::new(Schemas::new().with_open(OpenNames::every()));
    let admitted = bare.admit(event.clone()).unwrap();
    assert_eq!(serde_json::to_string(&admitted).unwrap(), r#"{"Feedback":{"rating":7},"B":1}"#);
    assert_eq!(admitted.open_extensions().len(), 2);
    assert_eq!(every().admit(admitted).unwrap(), event);
}

#[test]
fn names_are_said_beside_the_schemas_and_stay_with_them() {
    let schemas = Schemas::from_json(FEEDBACK).unwrap();
    let feedback = schemas.get("Feedback").unwrap().clone();
    let opened = schemas.with_open(OpenNames::listed(["Case"]).unwrap());
    assert_ne!(opened, schemas);
    assert!(opened.is_open("CASE") && !opened.is_open("Feedback") && !opened.is_open("Other"));
    for changed in [
        opened.without("Feedback").unwrap(),
        opened.replace(feedback.clone()).unwrap(),
        opened.without("Feedback").unwrap().with(feedback).unwrap(),
    ] {
        assert!(changed.is_open("Case"));
    }
    assert_eq!(opened.with_open(OpenNames::none()), schemas);
    assert_eq!(serde_json::to_string(&opened).unwrap(), serde_json::to_string(&schemas).unwrap());
    for (text, expected) in [("*", "*"), ("", ""), ("a, B,A", "a,B")] {
        let names: OpenNames = text.parse().unwrap();
        assert_eq!(
            (names.to_string(), format!("{names:>5}")),
            (expected.to_owned(), format!("{expected:>5}"))
        );
    }
    for name in ["1a", "timestamp", "Started", "a b", "abcdefghijklmnopqrstuvwxyz0"] {
        let told = OpenNames::listed(["fine", name]).map_err(|error| error.name().to_owned());
        assert_eq!(told, Err(name.to_owned()));
        let told: Result<OpenNames, OpenNameError> = format!("fine,{name}").parse();
        assert!(told.is_err());
    }
}
