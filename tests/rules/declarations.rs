//! Declarations that come from elsewhere than a well-meant file: from Rust, of business attributes, and hostile ones.

use service_end::{
    AttributeSchema, BusinessAttributes, ExtensionSchema, Schemas, Validator, Value,
    schema::{BusinessField, DeclarationError},
    violation::SyntaxError,
};

use crate::schema_mistakes::{mistakes_of, owned, sorted};
use crate::support::{found, valid};

#[test]
fn a_schema_made_in_rust_has_the_same_mistakes() {
    let empty = ExtensionSchema::multi_valued("Started").unique(["a"]).build().unwrap_err();
    assert_eq!(
        sorted(&empty),
        owned(&[
            ("/attributes", "no_attributes"),
            ("/name", "reserved_name"),
            ("/unique/0", "unknown_unique_attribute"),
        ])
    );
    let many = ExtensionSchema::single_valued(&"A".repeat(27))
        .attribute(AttributeSchema::string("a").length(0))
        .attribute(AttributeSchema::string("A").length(2).default("abc"))
        .attribute(AttributeSchema::integer("i-1").mandatory().default("seven"))
        .attribute(AttributeSchema::date("day").length(10))
        .attribute(AttributeSchema::long(&"l".repeat(65)))
        .attribute(AttributeSchema::double("d").default(f64::NAN))
        .attribute(AttributeSchema::integer("wide").default(i64::MAX))
        .attribute(AttributeSchema::string("nul").default("\0"))
        .unique(["a", "b"])
        .unique(["A"])
        .build()
        .unwrap_err();
    assert_eq!(
        sorted(&many),
        owned(&[
            ("/attributes/0/length", "invalid_length"),
            ("/attributes/1/default", "invalid_default"),
            ("/attributes/1/name", "duplicate_attribute"),
            ("/attributes/2/default", "invalid_default"),
            ("/attributes/2/name", "invalid_name"),
            ("/attributes/3/length", "length_not_applicable"),
            ("/attributes/4/name", "name_too_long"),
            ("/attributes/5/default", "invalid_default"),
            ("/attributes/6/default", "invalid_default"),
            ("/attributes/7/default", "invalid_default"),
            ("/name", "name_too_long"),
            ("/unique/1", "unknown_unique_attribute"),
            ("/unique/2", "duplicate_unique_attribute"),
        ])
    );
    let wide = (0..257)
        .fold(ExtensionSchema::multi_valued("1"), |schema, ordinal| {
            schema.attribute(AttributeSchema::boolean(&format!("a{ordinal}")))
        })
        .build()
        .unwrap_err();
    assert_eq!(sorted(&wide), owned(&[("/attributes", "too_many_attributes"), ("/name", "invalid_name")]));
}

const DISPOSITIONS: &str = r#"{ "disposition": [ { "id": 10, "name": "Resolved" }, { "name": "é", "id": -1.0 } ],
    "media_type": [] }"#;

#[test]
fn business_attributes_made_in_rust_equal_the_same_in_json() {
    let made = BusinessAttributes::new()
        .with(BusinessField::MediaType, [(1, "voice")])
        .and_then(|made| made.with(BusinessField::Disposition, [(10, "Resolved"), (-1, "é")]))
        // The later declaration of a field takes the place of the earlier one.
        .and_then(|made| made.with(BusinessField::MediaType, []))
        .unwrap();
    assert_eq!(BusinessAttributes::from_json(DISPOSITIONS), Ok(made));
    assert_eq!(BusinessAttributes::from_json("{}"), Ok(BusinessAttributes::new()));
}

#[test]
fn all_that_is_declared_of_business_attributes_can_be_listed() {
    let business = BusinessAttributes::from_json(DISPOSITIONS).unwrap();
    let listed: Vec<_> =
        business.iter().map(|(field, values)| (field, values.len(), values.collect::<Vec<_>>())).collect();
    assert_eq!(
        listed,
        [
            (BusinessField::MediaType, 0, vec![]),
            (BusinessField::Disposition, 2, vec![(10, "Resolved"), (-1, "é")])
        ]
    );
    assert_eq!(BusinessAttributes::new().iter().count(), 0);
}

#[test]
fn what_an_id_is_called_can_be_asked_for() {
    let business = BusinessAttributes::from_json(DISPOSITIONS).unwrap();
    for (field, id, expected) in [
        (BusinessField::Disposition, 10, Some("Resolved")),
        (BusinessField::Disposition, -1, Some("é")),
        (BusinessField::Disposition, 11, None),
        (BusinessField::MediaType, 10, None),
        (BusinessField::ResourceType, 10, None),
    ] {
        assert_eq!(business.name_of(field, id), expected, "{field} {id}");
    }
}

#[test]
fn declarations_are_read_as_parts_of_what_a_host_reads() {
    let schemas =
        r#"[ { "name": "E", "type": "single-valued", "attributes": [ { "name": "a", "type": "date" } ] } ]"#;
    let read: Schemas = serde_json::from_str(schemas).unwrap();
    assert_eq!(read, Schemas::from_json(schemas).unwrap());
    let read: BusinessAttributes = serde_json::from_str(DISPOSITIONS).unwrap();
    assert_eq!(read, BusinessAttributes::from_json(DISPOSITIONS).unwrap());
    assert!(serde_json::from_str::<Schemas>("{}").is_err());
    assert!(serde_json::from_str::<BusinessAttributes>(r#"{ "nope": [] }"#).is_err());
}

#[test]
fn a_declared_field_takes_its_ids_and_its_names_to_the_letter() {
    let business = BusinessAttributes::from_json(DISPOSITIONS).unwrap();
    let validator = Validator::new(Schemas::new()).with_business_attributes(business);
    for (body, expected) in [
        (r#"{ "disposition": 10 }"#, None),
        (r#"{ "disposition": "Resolved" }"#, None),
        (r#"{ "disposition": "é", "resource_type": "anything", "application_type": 7 }"#, None),
        (r#"{ "disposition": 11 }"#, Some("/disposition")),
        (r#"{ "disposition": "resolved" }"#, Some("/disposition")),
        (r#"{ "disposition": "10" }"#, Some("/disposition")),
        (r#"{ "media_type": 1 }"#, Some("/media_type")),
        (r#"{ "media_type": null }"#, None),
    ] {
        let expected: Vec<_> =
            expected.map(|at: &str| (at.to_owned(), "unknown_business_value")).into_iter().collect();
        assert_eq!(found(&validator, body), expected, "{body}");
    }
    assert_eq!(
        valid(&validator, r#"{ "disposition": "é" }"#),
        valid(&validator, r#"{ "disposition": -1 }"#),
        "a name is recorded as its id"
    );
}

#[test]
fn every_mistake_in_business_attributes_is_told_at_once() {
    let long = "é".repeat(256);
    let just = "é".repeat(255);
    for (json, expected) in [
        ("null", &[("", "wrong_type")][..]),
        ("[]", &[("", "wrong_type")]),
        (
            r#"{ "dispositions": [], "Disposition": 7 }"#,
            &[("/Disposition", "unknown_key"), ("/dispositions", "unknown_key")],
        ),
        (r#"{ "session_id": [] }"#, &[("/session_id", "unknown_key")]),
        (
            r#"{ "disposition": null, "media_type": {} }"#,
            &[("/disposition", "wrong_type"), ("/media_type", "wrong_type")],
        ),
        (r#"{ "disposition": [], "disposition": 7 }"#, &[("/disposition", "duplicate_key")]),
        (
            r#"{ "disposition": [ 7, {}, { "id": "1", "name": 1 }, { "id": 1.5, "name": null } ] }"#,
            &[
                ("/disposition/0", "wrong_type"),
                ("/disposition/1/id", "missing_key"),
                ("/disposition/1/name", "missing_key"),
                ("/disposition/2/id", "wrong_type"),
                ("/disposition/2/name", "wrong_type"),
                ("/disposition/3/id", "wrong_type"),
                ("/disposition/3/name", "wrong_type"),
            ],
        ),
        (
            r#"{ "resource_type": [ { "id": 9223372036854775808, "name": "a\u0000" }, { "id": 1, "name": "a", "x": 1 } ] }"#,
            &[
                ("/resource_type/0/id", "out_of_range"),
                ("/resource_type/0/name", "forbidden_character"),
                ("/resource_type/1/x", "unknown_key"),
            ],
        ),
        (
            r#"{ "application_type": [ { "id": 1, "name": "a" }, { "id": 1, "name": "b" }, { "id": 3, "name": "a" },
                                       { "id": 4, "name": "A" } ],
                 "media_type": [ { "id": 1, "name": "a" } ] }"#,
            &[
                ("/application_type/1/id", "business_value_exists"),
                ("/application_type/2/name", "business_value_exists"),
            ],
        ),
        (
            &format!(
                r#"{{ "disposition": [ {{ "id": 1, "name": "{long}" }}, {{ "id": 2, "name": "{just}" }} ] }}"#
            ),
            &[("/disposition/0/name", "too_long")],
        ),
    ] {
        assert_eq!(mistakes_of(BusinessAttributes::from_json(json).map(drop)), owned(expected), "{json}");
    }
}

#[test]
fn business_attributes_made_in_rust_have_the_same_mistakes() {
    let long = "x".repeat(256);
    let values = [(1, "a"), (1, "b"), (2, "a"), (3, &*long), (4, "\0")];
    let violations = BusinessAttributes::new().with(BusinessField::MediaType, values).unwrap_err();
    assert_eq!(
        sorted(&violations),
        owned(&[
            ("/media_type/1/id", "business_value_exists"),
            ("/media_type/2/name", "business_value_exists"),
            ("/media_type/3/name", "too_long"),
            ("/media_type/4/name", "forbidden_character"),
        ])
    );
}

/// The syntax error of a text, which every kind of declaration must give alike.
fn syntax(json: &[u8]) -> SyntaxError {
    let made = [
        Schemas::from_json(json).map(drop),
        ExtensionSchema::from_json(json).map(drop),
        BusinessAttributes::from_json(json).map(drop),
    ];
    let [first, second, third] = made.map(|made| match made {
        Err(DeclarationError::Syntax(error)) => error,
        other => panic!("{}: {other:?}", String::from_utf8_lossy(json)),
    });
    assert!(first == second && second == third);
    first
}

#[test]
fn a_declaration_that_is_no_json_is_one_syntax_error_with_line_and_column() {
    for (json, line, column) in [
        (&b""[..], 1, 1),
        (b" \n ", 2, 2),
        (b"[", 1, 2),
        (b"{\"name\":\n \"E", 2, 4),
        (b"nonsense", 1, 2),
        (b"[] []", 1, 4),
        (b"[\n7,\n]", 3, 1),
        ("[\"é\",\n \"ééé\" x]".as_bytes(), 2, 8),
        (b"[\"\xc3", 1, 3),
        (b"[\n\"ab\xe2\x82\"]", 2, 4),
        (b"\xff", 1, 1),
        ("\u{feff}[]".as_bytes(), 1, 1),
        (b"[01]", 1, 3),
        (b"[NaN]", 1, 2),
        (b"[\"a\nb\"]", 1, 4),
    ] {
        let error = syntax(json);
        let place = (error.line(), error.column());
        assert_eq!(place, (Some(line), Some(column)), "{}: {error}", String::from_utf8_lossy(json));
        assert!(!error.message().is_empty());
    }
}

#[test]
fn what_no_value_can_hold_is_a_syntax_error() {
    for json in [
        r#"[ "\ud800" ]"#,
        r#"[ "\udc00" ]"#,
        r#"{ "\ud800x": 1 }"#,
        "[ 1e400 ]",
        "[ -1e400 ]",
        r#"{ "id": 1e400 }"#,
    ] {
        let error = syntax(json.as_bytes());
        assert_eq!(error.line(), Some(1), "{json}: {error}");
        assert!(
            error.column().is_some_and(|column| (3..=json.len() + 1).contains(&column)),
            "{json}: {error}"
        );
    }
    let huge = format!("[ {} ]", "9".repeat(100_000));
    assert_eq!(syntax(huge.as_bytes()).line(), Some(1));
}

#[test]
fn nesting_without_end_is_a_syntax_error() {
    for (open, close) in [("[", "]"), (r#"{"a":"#, "}"), (r#"[{"attributes":"#, "}]")] {
        for json in [open.repeat(100_000), format!("{}7{}", open.repeat(100_000), close.repeat(100_000))] {
            let error = syntax(json.as_bytes());
            assert_eq!(error.line(), Some(1));
            assert!(error.column().is_some_and(|column| column < 3_000), "{error}");
        }
    }
}

#[test]
fn a_huge_declaration_has_a_clear_answer() {
    let many = format!("[{}]", vec!["7"; 100_000].join(","));
    let mistakes = mistakes_of(Schemas::from_json(&many).map(drop));
    assert_eq!(mistakes.len(), 100_000);
    assert!(mistakes.iter().all(|(_, code)| *code == "wrong_type"));
    let wide =
        format!(r#"{{ "name": "E", "type": "multi-valued", "attributes": {many}, "unique": {many} }}"#);
    assert_eq!(mistakes_of(ExtensionSchema::from_json(wide).map(drop)).len(), 200_001);
    let values: Vec<_> = (0..100_000).map(|id| format!(r#"{{ "id": {id}, "name": "n{id}" }}"#)).collect();
    let business =
        BusinessAttributes::from_json(format!(r#"{{ "disposition": [{}] }}"#, values.join(","))).unwrap();
    let validator = Validator::new(Schemas::new()).with_business_attributes(business);
    assert_eq!(found(&validator, r#"{ "disposition": "n99999" }"#), []);
}

#[test]
fn a_set_of_many_schemas_is_read_as_a_whole() {
    let schemas: Vec<_> = (0..2_000)
        .map(|ordinal| {
            format!(
                r#"{{ "name": "E{ordinal}", "type": "single-valued",
                     "attributes": [ {{ "name": "v", "type": "long", "default": {ordinal} }} ] }}"#
            )
        })
        .collect();
    let schemas = Schemas::from_json(format!("[{}]", schemas.join(","))).unwrap();
    assert_eq!(schemas.len(), 2_000);
    let last = schemas.get("e1999").and_then(|schema| schema.attribute("V")?.default());
    assert_eq!(last, Some(Value::Long(1999)));
}
