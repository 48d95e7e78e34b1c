//! Content that parsers and stores disagree about: U+0000, repeated keys, cut characters.

use service_end::{BusinessAttributes, ReadError, Validator, schema::BusinessField};

use crate::support::{check, found, valid, validator};

fn reader() -> Validator {
    let business =
        BusinessAttributes::new().with(BusinessField::Disposition, [(10, "Resolved"), (11, "Escalated")]);
    validator(
        r#"[ { "name": "One", "type": "single-valued", "attributes": [
                { "name": "text", "type": "string", "length": 3 }, { "name": "free", "type": "string" },
                { "name": "whole", "type": "integer" }, { "name": "float", "type": "double" },
                { "name": "truth", "type": "boolean" }, { "name": "day", "type": "date" },
                { "name": "moment", "type": "datetime" }, { "name": "money", "type": "currency" } ] },
             { "name": "Many", "type": "multi-valued", "unique": ["text"], "attributes": [
                { "name": "text", "type": "string" }, { "name": "must", "type": "long", "mandatory": true } ] } ]"#,
    )
    .with_business_attributes(business.unwrap())
}

#[test]
fn u0000_is_refused_in_every_string() {
    let long = "x".repeat(300);
    for nul in [r"\u0000", r"a\u0000", r"\u0000a", r"a\u0000\u0000", &format!(r"{long}\u0000")] {
        for field in ["session_id", "interaction_id", "disposition_desc", "media_type", "disposition"] {
            let body = format!(r#"{{"{field}":"{nul}"}}"#);
            check(&reader(), &[(&body, &[(&format!("/{field}"), "forbidden_character")])]);
        }
        for attribute in ["text", "free"] {
            let body = format!(r#"{{"One":{{"{attribute}":"{nul}"}}}}"#);
            check(&reader(), &[(&body, &[(&format!("/One/{attribute}"), "forbidden_character")])]);
        }
        for (attribute, code) in [
            ("day", "invalid_format"),
            ("moment", "invalid_format"),
            ("money", "invalid_format"),
            ("whole", "wrong_type"),
            ("float", "wrong_type"),
            ("truth", "wrong_type"),
        ] {
            let body = format!(r#"{{"One":{{"{attribute}":"{nul}"}}}}"#);
            check(&reader(), &[(&body, &[(&format!("/One/{attribute}"), code)])]);
        }
        let body = format!(r#"{{"timestamp":"{nul}","resource_id":"{nul}","One":"{nul}","Many":["{nul}"]}}"#);
        let expected = [
            ("/timestamp", "invalid_format"),
            ("/resource_id", "wrong_type"),
            ("/One", "wrong_shape"),
            ("/Many/0", "wrong_shape"),
        ];
        check(&reader(), &[(&body, &expected)]);
    }
    for text in [r#"{"timestamp":"2009-05-12T12:05:12.145Z\u0000"}"#, r#"{"One":{"day":"2009-05-12\u0000"}}"#]
    {
        assert_eq!(found(&reader(), text)[0].1, "invalid_format", "{text}");
    }
}

#[test]
fn u0000_in_a_key_names_nothing() {
    check(
        &reader(),
        &[
            (r#"{"session_id\u0000":"x"}"#, &[("/session_id\0", "unknown_extension")]),
            (r#"{"\u0000":{}}"#, &[("/\0", "unknown_extension")]),
            (r#"{"One\u0000":{}}"#, &[("/One\0", "unknown_extension")]),
            (r#"{"One":{"text\u0000":""}}"#, &[("/One/text\0", "unknown_attribute")]),
            (r#"{"nope":"\u0000"}"#, &[("/nope", "unknown_extension")]),
        ],
    );
}

#[test]
fn the_first_of_two_equal_keys_counts_and_the_later_is_reported() {
    check(
        &reader(),
        &[
            (r#"{"resource_id":1,"resource_id":1}"#, &[("/resource_id", "duplicate_key")]),
            (r#"{"resource_id":null,"resource_id":"x"}"#, &[("/resource_id", "duplicate_key")]),
            (r#"{"service_id":1,"service_id":2}"#, &[("/service_id", "duplicate_key")]),
            (r#"{"resource_id":1,"resource\u005fid":2}"#, &[("/resource_id", "duplicate_key")]),
            (
                r#"{"resource_id":"x","resource_id":[],"resource_id":1}"#,
                &[
                    ("/resource_id", "wrong_type"),
                    ("/resource_id", "duplicate_key"),
                    ("/resource_id", "duplicate_key"),
                ],
            ),
            // Fixed names are case-sensitive.
            (r#"{"resource_id":1,"Resource_id":1}"#, &[("/Resource_id", "unknown_extension")]),
            (r#"{"One":{},"one":{"nope":1}}"#, &[("/one", "duplicate_key")]),
            (r#"{"oNE":7,"One":{"nope":1}}"#, &[("/oNE", "wrong_shape"), ("/One", "duplicate_key")]),
            (r#"{"Many":[],"MANY":7,"many":[]}"#, &[("/MANY", "duplicate_key"), ("/many", "duplicate_key")]),
            (r#"{"One":{"text":"a","TEXT":7}}"#, &[("/One/TEXT", "duplicate_key")]),
            (r#"{"One":{"text":null,"text":"far too long"}}"#, &[("/One/text", "duplicate_key")]),
            // An unknown name is reported each time as unknown.
            (r#"{"nope":1,"nope":1}"#, &[("/nope", "unknown_extension"), ("/nope", "unknown_extension")]),
            (
                r#"{"One":{"nope":1,"NOPE":1}}"#,
                &[("/One/nope", "unknown_attribute"), ("/One/NOPE", "unknown_attribute")],
            ),
            // A key with a duplicate takes no part in the comparison of records.
            (
                r#"{"Many":[{"text":"a","must":1},{"text":"a","text":"b","must":1},{"text":"a","must":1}]}"#,
                &[("/Many/1/text", "duplicate_key"), ("/Many/2", "duplicate_record")],
            ),
            // The first one has no value, so the mandatory attribute is missing: in the spelling of the body.
            (
                r#"{"Many":[{"MUST":null,"must":1}]}"#,
                &[("/Many/0/must", "duplicate_key"), ("/Many/0/MUST", "missing_attribute")],
            ),
            (r#"{"One":{"text":{"a":1,"a":2}}}"#, &[("/One/text", "wrong_type")]),
        ],
    );
}

#[test]
fn a_body_cut_at_any_byte_is_syntax() {
    let body = "{\"session_id\":\"é\\u00e9😀\",\"Ünbekannt\":[\"日\",{\"本\":-1.5e+7}],\"One\":{\"text\":\"ß\",\"truth\":false},\"Many\":[{\"text\":null,\"must\":12}]}\n";
    for cut in 0..body.len() - 1 {
        let error = reader().read(&body.as_bytes()[..cut]);
        let Err(ReadError::Syntax(error)) = error else { panic!("{cut}: {error:?}") };
        let characters = String::from_utf8_lossy(&body.as_bytes()[..cut]).chars().count();
        let half = !body.is_char_boundary(cut);
        assert_eq!((error.line(), error.column()), (Some(1), Some(characters + usize::from(!half))), "{cut}");
        assert!(!error.render(&body.as_bytes()[..cut]).to_string().is_empty());
    }
}

#[test]
fn names_that_only_look_alike_are_unknown() {
    for name in
        ["Οne", "One ", " One", "O\u{200b}ne", "ＯＮＥ", "Oné", "", "one\u{301}", "session-id", "sessionId"]
    {
        let body = format!(r#"{{"{name}":{{}}}}"#);
        assert_eq!(found(&reader(), &body)[0].1, "unknown_extension", "{body}");
    }
    // The Kelvin sign and the long s fold to ASCII letters elsewhere, but not here.
    for name in ["tru\u{17f}h", "mo\u{212a}ey", "te\u{3c7}t", "TEXT\u{0}"] {
        let body = serde_json::json!({ "One": { name: null } }).to_string();
        assert_eq!(found(&reader(), &body)[0].1, "unknown_attribute", "{body}");
    }
    let event = valid(&reader(), r#"{"oNe":{"tEXT":"abc","FREE":"","DAY":"2009-05-12"}}"#);
    assert_eq!(event.extensions()[0].name(), "One");
    let names: Vec<_> = event.extensions()[0].record().unwrap().iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["text", "free", "day"]);
}

#[test]
fn text_of_every_plane_is_kept_code_point_by_code_point() {
    for text in
        ["é", "e\u{301}", "\u{feff}", "\u{202e}", "\u{10ffff}", "👩‍👩‍👧", "\u{fffd}", "\u{1}\t\n", "\\\"/"]
    {
        let body = serde_json::json!({ "One": { "free": text } }).to_string();
        let event = valid(&reader(), &body);
        assert_eq!(event.extensions()[0].record().unwrap().get("free").unwrap().as_str(), Some(text));
        assert_eq!(valid(&reader(), &serde_json::to_string(&event).unwrap()), event);
    }
    let event = valid(&reader(), r#"{"One":{"free":"\ud83d\ude00\u0041"}}"#);
    assert_eq!(event.extensions()[0].record().unwrap().get("free").unwrap().as_str(), Some("😀A"));
}
