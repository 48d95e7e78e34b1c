//! A mistake in a declaration, or in the document of a service, knows its place in the text too.

use std::ops::Range;

use proptest::prelude::*;
use serde_json::Value;
use service_end::{
    AttributeSchema, BusinessAttributes, ExtensionSchema, Problem, ReadError, Schemas, StoredService,
    Violations,
    schema::{BusinessField, DeclarationError},
    violation::Code,
};

use crate::differential::cases;
use crate::mutations::{damaged, position};

/// The text without `«` and `»`, and the bytes that stand between them.
fn marked(text: &str) -> (String, Vec<Range<usize>>) {
    let (mut plain, mut open, mut marks) = (String::new(), Vec::new(), Vec::new());
    for character in text.chars() {
        match character {
            '«' => open.push(plain.len()),
            '»' => marks.push(open.pop().unwrap()..plain.len()),
            other => plain.push(other),
        }
    }
    (plain, marks)
}

fn mistakes<T>(made: Result<T, DeclarationError>) -> Violations {
    match made {
        Err(DeclarationError::Invalid(violations)) => violations,
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("a mistake is expected"),
    }
}

/// Holds that exactly what is marked is pointed at, by these codes.
fn check(violations: &Violations, text: &str, marks: &[Range<usize>], codes: &str) {
    let by_place = |mut places: Vec<Range<usize>>| {
        places.sort_by_key(|bytes| (bytes.start, bytes.end));
        places
    };
    let found = violations.iter().map(|violation| violation.span().unwrap().bytes.clone()).collect();
    assert_eq!(by_place(found), by_place(marks.to_vec()), "{violations}: {text}");
    let mut found: Vec<_> = violations.iter().map(|violation| violation.code().as_str()).collect();
    let mut codes: Vec<_> = codes.split(' ').collect();
    found.sort_unstable();
    codes.sort_unstable();
    assert_eq!(found, codes, "{text}");
    for violation in violations {
        let span = violation.span().unwrap();
        assert_eq!((span.line, span.column), position(text, span.bytes.start), "{text}");
    }
    assert_eq!(&violations.clone().locate(text.as_bytes()), violations, "found again: {text}");
}

/// Schemas with mistakes, each marked, and their codes.
const SCHEMAS: &[(&str, &str)] = &[
    ("«7»", "wrong_type"),
    (
        r#"{ "name": «"2nd"», "type": "single-valued", "attributes": [ { "name": «"a-b"», "type": "long" } ] }"#,
        "invalid_name invalid_name",
    ),
    (
        r#"{"name":«"Timestamp"»,"type":«"triple-valued"»,"attributes":«[ ]»}"#,
        "reserved_name unknown_type no_attributes",
    ),
    (
        r#"{ "name": «"ANameOfTwentySevenCharacter"», "type": "multi-valued",
             "attributes": [ { "name": "a", "type": "long" } ] }"#,
        "name_too_long",
    ),
    (
        "{ \"attributes\" : [\n  { \"name\" : «\"é😀\"», \"type\":«\"läng\"» } ],\r\n\t\"type\" : «\"x\"», \"name\":\"E\" }",
        "invalid_name unknown_type unknown_type",
    ),
    (
        r#"{ "name": «null», "type": «{ "a": [] }», "attributes": «"a"», "unique": «{}» }"#,
        "wrong_type wrong_type wrong_type wrong_type",
    ),
    // Something missing is told at the object that lacks it.
    (r#"«««{ "unique": [] }»»»"#, "missing_key missing_key missing_key"),
    (
        r#"{ "name": "E", "type": "multi-valued", "attributes": [ ««{}»», «{ "name": "a" }», «7», «[ 1 ]» ] }"#,
        "missing_key missing_key missing_key wrong_type wrong_type",
    ),
    // Of equal keys the later is told, and its value is not looked into.
    (
        r#"{ "name": "E", «"name"»: 7, "type": "multi-valued", «"type"» : 8, «"type"»:{"type":9}, «"n\u0061me"»: 1,
             "attributes": [ { "name": "a", "type": «"strin"», «"type"»: "string" } ], «"attributes"»: 7 }"#,
        "duplicate_key duplicate_key duplicate_key duplicate_key duplicate_key duplicate_key unknown_type",
    ),
    // A key without a meaning is told each time.
    (
        r#"{ «"x"»: 1, «"x"»: {"x":1}, «"Name"»: "E", "name": "E", «""»:0, «"\"\\,:"»: ":\"", "type": "multi-valued",
             "attributes": [ { "name": "a", «"lenght"»: 1, "type": "string", «"$serde_json::private::Number"»: "7" } ] }"#,
        "unknown_key unknown_key unknown_key unknown_key unknown_key unknown_key unknown_key",
    ),
    (
        r#"{ «"$serde_json::private::Number"»: [7], "name": «""», "type": "multi-valued",
             "attributes": [ { "name": "a", "type": "long", "default": «{ "$serde_json::private::Number": "7" }» } ] }"#,
        "unknown_key invalid_name invalid_default",
    ),
    (
        r#"{ "name": "E", "type": "multi-valued", "attributes": [
             { "name": "a", "type": "string", "length": «0» }, { "name": "b", "type": "date", "length": «10» },
             { "name": «"A"», "type": "string", "length": «[1]» }, { "name": "c", "mandatory": «"yes"», "type": "long" },
             { "default": «"seven"», "name": "d", "type": "integer" }, { "name": "e", "type": "long", "default": «[]» },
             { "name": "f", "type": "string", "length": 2, "default": «"abc"» } ] }"#,
        "invalid_length length_not_applicable duplicate_attribute invalid_length invalid_mandatory invalid_default \
         invalid_default invalid_default",
    ),
    // Before the attributes that it names.
    (
        r#"{ "unique": [ "a", «"x"», «"A"», «7», "b" ], "name": "E", "type": "multi-valued",
             "attributes": [ { "name": "a", "type": "long" }, { "name": "b", "type": «"lon"» } ] }"#,
        "unknown_unique_attribute duplicate_unique_attribute wrong_type unknown_type",
    ),
];

#[test]
fn a_mistake_in_a_schema_points_at_its_key_its_value_or_its_object() {
    for (text, codes) in SCHEMAS {
        for around in ["#", " \r\n#\n\t"] {
            let (json, marks) = marked(&around.replace('#', text));
            check(&mistakes(ExtensionSchema::from_json(&json)), &json, &marks, codes);
        }
        let first = r#"{"name":"First","type":"single-valued","attributes":[{"name":"a","type":"long"}]}"#;
        let (json, marks) = marked(&format!("[{first},\n{text} ]"));
        check(&mistakes(Schemas::from_json(&json)), &json, &marks, codes);
    }
}

#[test]
fn a_mistake_in_a_set_of_schemas_points_at_the_later_name() {
    let attributes = r#""type":"multi-valued","attributes":[{"name":"a","type":"long"}]"#;
    for (text, codes) in [
        (" «{ \"name\": [] }» ".to_owned(), "wrong_type"),
        (
            format!(
                r#"[{{"name":"E",{attributes}}},{{{attributes},"name":«"e"»,«"name"»:"F"}},«null»,«[[]]»]"#
            ),
            "schema_exists duplicate_key wrong_type wrong_type",
        ),
        (
            format!(
                r#"[{{"name":"E",{attributes}}},{{"name":«"E"»,"type":"multi-valued","attributes":«[]»}}]"#
            ),
            "schema_exists no_attributes",
        ),
    ] {
        let (json, marks) = marked(&text);
        check(&mistakes(Schemas::from_json(&json)), &json, &marks, codes);
    }
    let many = vec![r#"{"name":"a","type":"long"}"#; 257].join(",");
    let json = format!(r#"[ {{ "name": "E", "type": "multi-valued", "attributes": [{many}] }} ]"#);
    let violations = mistakes(Schemas::from_json(&json));
    let too_many = violations.iter().find(|violation| violation.code() == Code::TooManyAttributes).unwrap();
    assert_eq!(json[too_many.span().unwrap().bytes.clone()], format!("[{many}]"));
}

#[test]
fn a_mistake_in_business_attributes_points_at_its_place() {
    for (text, codes) in [
        ("\n «[ {} ]»", "wrong_type"),
        (
            r#"{ «"dispositions"»: [], "media_type": «{}», "disposition": [], «"disposition"»: 7, «"x"»:1 }"#,
            "unknown_key wrong_type duplicate_key unknown_key",
        ),
        (
            r#"{ "disposition": [ «7», ««{}»», «{ "id": 1 }», { "id": «"1"», "name": «1» }, { "id": 2, "name": "a", «"id"»: 3 } ] }"#,
            "wrong_type missing_key missing_key missing_key wrong_type wrong_type duplicate_key",
        ),
        (
            r#"{ "media_type": [ { "id": 1, "name": "é" }, { "name": "b", "id": «1» }, { "name": «"é"», "id": 3 } ],
                 "application_type": [ { "id": «9223372036854775808», "name": «"\u0000"», «"x"»: 1 } ] }"#,
            "business_value_exists business_value_exists out_of_range forbidden_character unknown_key",
        ),
    ] {
        let (json, marks) = marked(text);
        check(&mistakes(BusinessAttributes::from_json(&json)), &json, &marks, codes);
    }
    let text = format!(r#"{{ "media_type": [ {{ "id": 1, "name": «"{}"» }} ] }}"#, "é".repeat(256));
    let (json, marks) = marked(&text);
    check(&mistakes(BusinessAttributes::from_json(&json)), &json, &marks, "too_long");
}

#[test]
fn a_violation_in_the_document_of_a_service_points_at_its_place() {
    for (text, codes) in [
        ("\n««{}»» ", "missing_key missing_key"),
        (
            r#"{ "service_id": «"1"», "started": «[ 1 ]», "completed": «null» }"#,
            "wrong_type wrong_type wrong_type",
        ),
        (
            r#"{ "started": «{}», "service_id": «1.5», "completed": «{ "disposition": 1 }» }"#,
            "missing_key wrong_type missing_key",
        ),
        (
            r#"{ "service_id": 1, "Feedback": {"a":1}, «"feedback"»: 2, «"Started"»: 3, "started": { "timestamp": «"then"», «"x"»: {} },
                 "completed": { "timestamp": "2009-05-12T12:05:12.145Z", «"timestamp"»: 1,
                                "session_id": «7», «"Feedback"»: {} }, «"disposition"»: 10, «"service_id"»: 2 }"#,
            "duplicate_key unknown_key invalid_format unknown_key duplicate_key wrong_type unknown_key \
             unknown_key duplicate_key",
        ),
    ] {
        let (json, marks) = marked(text);
        match StoredService::from_json(&json, 1) {
            Err(ReadError::Invalid(violations)) => check(&violations, &json, &marks, codes),
            other => panic!("{json}: {other:?}"),
        }
    }
}

#[test]
fn what_is_made_in_rust_has_no_place_in_any_text() {
    let schema = ExtensionSchema::multi_valued("Started").attribute(AttributeSchema::long("a-b")).build();
    let business = BusinessAttributes::new().with(BusinessField::Disposition, [(1, "a"), (1, "b")]);
    let text = r#"{ "name": "Started", "type": "multi-valued", "attributes": [ { "name": "a-b", "type": "long" } ] }"#;
    for violations in [schema.unwrap_err(), business.unwrap_err()] {
        for violation in &violations.clone().locate(text.as_bytes()) {
            assert_eq!((violation.span(), violation.place()), (None, None), "{violation}");
        }
        assert!(!violations.render(text.as_bytes()).to_string().contains("line"));
    }
}

#[test]
fn a_problem_tells_line_and_column_and_shows_the_line() {
    let json = "[ {\n  \"name\": \"E\", \"type\": \"multi-valued\",\n  \"atributes\": [],\n  \"attributes\": [ { \"name\": \"Jäne\", \"type\": \"strin\" } ] } ]";
    let problem = Problem::from(&Schemas::from_json(json).unwrap_err());
    let document = serde_json::to_value(&problem).unwrap();
    let places: Vec<_> = document["violations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|violation| {
            (violation["code"].as_str().unwrap(), violation["line"].clone(), violation["column"].clone())
        })
        .collect();
    assert_eq!(
        places,
        [
            ("unknown_key", 3.into(), 3.into()),
            ("invalid_name", 4.into(), 29.into()),
            ("unknown_type", 4.into(), 45.into())
        ]
    );
    // As in a body: a key is shown, a value only if asked for.
    let rendering = problem.render(json.as_bytes()).unwrap();
    let hidden = rendering.to_string();
    assert!(
        hidden.contains("3 |   \"atributes\": [],\n  |   ^^^^^^^^^^^\n  = did you mean `attributes`?\n"),
        "{hidden}"
    );
    assert!(!hidden.contains("Jäne"), "{hidden}");
    let shown = rendering.show_values().to_string();
    let expected = "4 |   \"attributes\": [ { \"name\": \"Jäne\", \"type\": \"strin\" } ] } ]\n  |                             ^^^^^^\n";
    assert!(shown.contains(expected), "{shown}");

    let whole = mistakes(Schemas::from_json("\n 7 ")).render(b"\n 7 ").to_string();
    let expected = "wrong_type: must be an array, but is a number\n --> line 2, column 2: (whole text)\n  |\n2 |  …\n  |  ^\n";
    assert_eq!(whole, expected);
}

/// Mistakes by the thousand, at each depth there is. Each looked for from the front, they would take many minutes.
#[test]
fn very_many_mistakes_in_one_line_are_located_and_rendered() {
    let count = 3_000;
    let list = |element: &str| vec![element; count].join(",");
    let schema = |attributes: &str, unique: &str| {
        format!(r#"{{"name":"E","unique":[{unique}],"type":"multi-valued","attributes":[{attributes}]}}"#)
    };
    let keys = |key: &str| format!("{{{}}}", list(&format!(r#""{key}":1"#)));
    let attribute = r#"{"name":"a","type":"long","x":[{"a":7}],"default":"x"}"#;
    let texts = [
        (format!("[{}]", list("7")), count),
        (format!("[{}]", list(r#"{"name":"E","typ":1}"#)), 4 * count - 1),
        (format!("[{}]", keys("x")), count + 3),
        (format!("[{}]", schema(&list(attribute), &list("\"b\""))), 4 * count),
        (format!("[{}]", schema(&keys("name"), "")), count + 1),
    ];
    for (json, expected) in texts {
        let violations = mistakes(Schemas::from_json(&json));
        assert_eq!(violations.as_slice().len(), expected);
        assert!(violations.iter().all(|violation| violation.span().is_some()));
        let rendering = violations.render(json.as_bytes()).to_string();
        assert_eq!(rendering.matches("-->").count(), expected);
    }
    let values = list(r#"{"id":1,"name":"a","x":2}"#);
    let json = format!(r#"{{"disposition":[{values}],"media_type":[{values}]}}"#);
    let violations = mistakes(BusinessAttributes::from_json(&json));
    assert!(violations.iter().all(|violation| violation.span().is_some()));
}

/// Brackets as deep as a declaration is read.
#[test]
fn deep_nesting_is_located_as_well() {
    for (open, close) in [("[", "]"), (r#"{"a":"#, "}")] {
        let deep = format!("{}7{}", open.repeat(100), close.repeat(100));
        for (text, code) in [
            (
                format!(
                    r#"{{ "name": «{deep}», "type": "multi-valued", "attributes": [ {{ "name": "a", "type": "long" }} ] }}"#
                ),
                "wrong_type",
            ),
            (
                format!(
                    r#"{{ «"x"»: {deep}, "name": "E", "type": "multi-valued", "attributes": [ {{ "name": "a", "type": "long" }} ] }}"#
                ),
                "unknown_key",
            ),
            (
                format!(
                    r#"{{ "name": "E", "type": "multi-valued", "attributes": [ {{ "name": "a", "type": "long", "default": «{deep}» }} ] }}"#
                ),
                "invalid_default",
            ),
        ] {
            let (json, marks) = marked(&text);
            check(&mistakes(ExtensionSchema::from_json(&json)), &json, &marks, code);
            // In a text that is another, or no JSON, nothing is found, and nothing panics.
            let violations = mistakes(ExtensionSchema::from_json(&json));
            for other in
                [&*"[".repeat(100_000), "", "7", "[[[[[]]]]]", r#"{"a":{"a":{"a":[]}}}"#, "{\"name\":\"é"]
            {
                let _ = violations.clone().locate(other.as_bytes()).render(other.as_bytes()).to_string();
            }
        }
    }
}

const SEEDS: &[&str] = &[
    r#"[ { "name": "Feedback", "type": "single-valued", "attributes": [
        { "name": "FeedbackType", "type": "string", "length": 8, "mandatory": true },
        { "name": "rating", "type": "integer", "default": 7 }, { "name": "notes", "type": "string", "default": null } ] },
     { "name": "Satisfaction", "type": "multi-valued", "unique": ["place", "rating"], "attributes": [
        { "name": "rating", "type": "INTEGER", "mandatory": "false" }, { "name": "place", "type": "string", "length": "10" } ] } ]"#,
    "[{\"type\":\"multi-valued\",\"name\":\"E\",\r\n\"attributes\":[{\"name\":\"日本\",\"type\":\"da\\u0074e\"},{\"name\":\"a\",\"type\":\"long\",\"x\":{}}]}]",
];

proptest! {
    #![proptest_config(cases(400))]

    /// The place and the pointer of a mistake, found in two ways, are of one thing.
    #[test]
    fn what_is_pointed_at_is_what_the_pointer_names(json in damaged(SEEDS), other in damaged(SEEDS)) {
        let Err(DeclarationError::Invalid(violations)) = Schemas::from_json(&json) else { return Ok(()) };
        let json = String::from_utf8(json).unwrap();
        let _ = violations.clone().locate(&other).render(&other).to_string();
        prop_assert!(!violations.render(json.as_bytes()).to_string().is_empty());
        // Where a key is given twice, a pointer can't tell which is meant.
        let ambiguous = violations.iter().any(|violation| violation.code() == Code::DuplicateKey);
        let whole: Value = serde_json::from_str(&json).unwrap();
        for violation in &violations {
            let span = violation.span().expect("a place in the text");
            prop_assert_eq!((span.line, span.column), position(&json, span.bytes.start));
            let part: Value = serde_json::from_str(&json[span.bytes.clone()]).unwrap();
            let name = violation.pointer().rsplit('/').next().unwrap().replace("~1", "/").replace("~0", "~");
            match violation.code() {
                Code::UnknownKey | Code::DuplicateKey => prop_assert_eq!(part, name),
                Code::MissingKey => prop_assert!(part.is_object() && part.get(name).is_none()),
                _ if ambiguous => {}
                _ => prop_assert_eq!(Some(&part), whole.pointer(violation.pointer())),
            }
        }
    }
}
