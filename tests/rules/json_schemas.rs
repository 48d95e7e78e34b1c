//! 2.12: what is declared, as JSON Schema. That validators from outside agree with it is shown in `tests/json-schema`.

use serde_json::{Value, json};
use service_end::schema::JsonSchema;
use service_end::{BusinessAttributes, Schemas, Validator};

fn value(schema: &JsonSchema) -> Value {
    serde_json::from_str(&schema.to_string()).unwrap()
}

fn schemas(attributes: &str) -> Schemas {
    Schemas::from_json(format!(
        r#"[ {{ "name": "E", "type": "single-valued", "attributes": [{attributes}] }} ]"#
    ))
    .unwrap()
}

/// What is said of the one attribute of an extension, without the sentences for people.
fn of_attribute(declared: &str, stored: bool) -> Value {
    let schemas = schemas(declared);
    let schema = if stored { schemas.stored_json_schema() } else { schemas.body_json_schema() };
    let mut attribute = value(&schema)["properties"]["E"]["properties"]["a"].take();
    for sentence in ["title", "description", "$comment"] {
        attribute.as_object_mut().unwrap().remove(sentence);
    }
    attribute
}

#[test]
fn an_attribute_says_what_its_values_are() {
    let text = r"^[^\u0000]*$";
    for (declared, body, stored) in [
        (
            r#""type": "string", "length": 7, "default": "x""#,
            json!({ "type": ["string", "null"], "maxLength": 7, "pattern": text, "default": "x" }),
            json!({ "type": "string", "maxLength": 7, "pattern": text }),
        ),
        (
            r#""type": "string", "mandatory": true, "values": ["b", "a"]"#,
            json!({ "type": "string", "enum": ["b", "a"] }),
            json!({ "type": "string", "enum": ["b", "a"] }),
        ),
        (
            r#""type": "integer""#,
            json!({ "type": ["integer", "null"], "minimum": i32::MIN, "maximum": i32::MAX }),
            json!({ "type": "integer", "minimum": i32::MIN, "maximum": i32::MAX }),
        ),
        (
            r#""type": "long", "mandatory": true, "default": 1, "minimum": 1"#,
            json!({ "type": "integer", "minimum": 1, "maximum": i64::MAX, "default": 1 }),
            json!({ "type": "integer", "minimum": 1, "maximum": i64::MAX }),
        ),
        (
            r#""type": "long", "values": [3, 1]"#,
            json!({ "type": ["integer", "null"], "enum": [3, 1, null] }),
            json!({ "type": "integer", "enum": [3, 1] }),
        ),
        (
            r#""type": "double", "maximum": 0.5"#,
            json!({ "type": ["number", "null"], "maximum": 0.5 }),
            json!({ "type": "number", "maximum": 0.5 }),
        ),
        (r#""type": "boolean""#, json!({ "type": ["boolean", "null"] }), json!({ "type": "boolean" })),
    ] {
        let declared = format!(r#"{{ "name": "a", {declared} }}"#);
        assert_eq!(of_attribute(&declared, false), body, "{declared}");
        assert_eq!(of_attribute(&declared, true), stored, "{declared}");
    }
}

#[test]
fn days_times_and_amounts_say_their_formats() {
    let date = of_attribute(r#"{ "name": "a", "type": "date" }"#, false);
    assert_eq!(date["type"], json!(["string", "null"]));
    assert_eq!(
        (&date["anyOf"][0]["format"], &date["anyOf"][1]["format"]),
        (&json!("date"), &json!("date-time"))
    );
    let date = of_attribute(r#"{ "name": "a", "type": "date" }"#, true);
    assert_eq!((&date["type"], &date["format"]), (&json!("string"), &json!("date")));
    let moment = of_attribute(r#"{ "name": "a", "type": "datetime", "mandatory": true }"#, false);
    assert_eq!((&moment["type"], &moment["format"]), (&json!("string"), &json!("date-time")));
    for (stored, end) in [(false, ":[0-5][0-9]))$"), (true, r"\.[0-9]{3}Z$")] {
        let moment = of_attribute(r#"{ "name": "a", "type": "datetime" }"#, stored);
        assert!(moment["pattern"].as_str().unwrap().ends_with(end), "{moment}");
    }
    let amount =
        of_attribute(r#"{ "name": "a", "type": "currency", "minimum": 0, "maximum": "9.5" }"#, false);
    assert_eq!(amount["anyOf"][0], json!({ "type": "number", "minimum": 0, "maximum": 9.5 }));
    assert_eq!(
        (&amount["anyOf"][1]["type"], &amount["anyOf"][2]),
        (&json!("string"), &json!({ "type": "null" }))
    );
}

#[test]
fn a_record_demands_what_it_must_have() {
    let schemas = Schemas::from_json(
        r#"[ { "name": "Many", "type": "multi-valued", "required": true, "unique": ["due", "other"], "attributes": [
                { "name": "due", "type": "integer", "mandatory": true },
                { "name": "given", "type": "integer", "mandatory": true, "default": 1 },
                { "name": "other", "type": "integer" } ] } ]"#,
    )
    .unwrap();
    let many = |schema: JsonSchema| value(&schema)["properties"]["Many"].take();
    let body = many(Validator::new(schemas.clone()).with_max_records(5).body_json_schema());
    assert_eq!((&body["type"], &body["maxItems"]), (&json!("array"), &json!(5)));
    assert_eq!(body["items"]["required"], json!(["due"]), "a default stands in");
    assert_eq!(body["items"]["additionalProperties"], json!(false));
    let comment = body["$comment"].as_str().unwrap();
    assert!(comment.contains("due and other") && comment.contains("stored before"), "{comment}");

    let stored = many(schemas.stored_json_schema());
    assert_eq!(stored["items"]["required"], json!(["due", "given"]), "what is stored has its value");
    assert_eq!((&stored["minItems"], stored.get("maxItems")), (&json!(1), None));
}

#[test]
fn a_business_attribute_takes_what_the_host_declared() {
    let business = BusinessAttributes::from_json(
        r#"{ "disposition": [ { "id": 11, "name": "Escalated" }, { "id": 10, "name": "Resolved" } ] }"#,
    )
    .unwrap();
    let validator = Validator::default().with_business_attributes(business);
    let body = value(&validator.body_json_schema());
    let expected = json!([
        { "title": "Escalated", "enum": [11, "Escalated"] },
        { "title": "Resolved", "enum": [10, "Resolved"] },
        { "type": "null" },
    ]);
    assert_eq!(body["properties"]["disposition"]["anyOf"], expected);
    assert_eq!(body["properties"]["media_type"]["anyOf"][0]["type"], json!("integer"), "any id or name");
    assert_eq!(body["examples"], json!([{ "disposition": 11 }]));
    // What is stored is not checked against them.
    let stored = value(&validator.stored_json_schema());
    assert_eq!(
        stored["properties"]["completed"]["properties"]["disposition"]["anyOf"][0]["type"],
        json!("integer")
    );
}

#[test]
fn members_stand_in_the_order_declared_and_the_text_is_always_the_same() {
    let declared = |attributes| schemas(attributes).body_json_schema().to_string();
    let text = declared(r#"{ "name": "z", "type": "integer" }, { "name": "a", "type": "integer" }"#);
    assert_eq!(text, declared(r#"{ "name": "z", "type": "integer" }, { "name": "a", "type": "integer" }"#));
    let mut last = 0;
    for member in
        ["$schema", "title", "type", "session_id", "interaction_id", "timestamp", "service_id", "E", "z", "a"]
    {
        let at = text.find(&format!("\"{member}\": ")).unwrap_or_else(|| panic!("{member}: {text}"));
        assert!(at > last || member == "$schema", "{member}");
        // Further members are looked for behind this one.
        last = if member == "title" { 0 } else { at };
    }
    assert!(text.find("\"z\": ").unwrap() < text.find("\"a\": ").unwrap());
    let compact = serde_json::to_string(&Validator::default().stored_json_schema()).unwrap();
    assert!(
        compact
            .starts_with(r#"{"$schema":"https://json-schema.org/draft/2020-12/schema","title":"Service","#)
    );
    let order = ["\"service_id\":", "\"started\":", "\"completed\":", "\"session_id\":"]
        .map(|member| compact.find(member).unwrap());
    assert!(order.is_sorted(), "{order:?}");
    // Of an end, the moment is written first.
    let end = &compact[order[2]..];
    let order = ["\"timestamp\":", "\"session_id\":", "\"disposition_desc\":"]
        .map(|member| end.find(member).unwrap());
    assert!(order.is_sorted() && !end.contains("\"service_id\":{"), "{order:?}");
}

#[test]
fn nothing_but_what_is_declared_is_taken() {
    for schema in [Validator::default().body_json_schema(), Validator::default().stored_json_schema()] {
        assert_eq!(value(&schema)["additionalProperties"], json!(false));
    }
}

#[test]
fn sentences_for_people_say_what_is_due() {
    for (declared, expected) in [
        (r#""type": "string", "length": 1"#, "A text of at most 1 character."),
        (r#""type": "string", "default": "x""#, "A text. If it is left out, it is \"x\"."),
        (r#""type": "integer", "minimum": 1, "maximum": 5"#, "A whole number of 32 bits, from 1 to 5."),
        (r#""type": "long", "minimum": 1"#, "A whole number of 64 bits, at least 1."),
        (r#""type": "date", "maximum": "2020-01-01""#, "A day, like 2009-05-12, not after 2020-01-01."),
        (r#""type": "string", "values": ["a"]"#, "One of the values that are listed."),
        (r#""type": "long", "values": [1, 2], "minimum": 1"#, "One of the values that are listed."),
    ] {
        let schemas = schemas(&format!(r#"{{ "name": "a", {declared} }}"#));
        let schema = value(&schemas.body_json_schema());
        let attribute = &schema["properties"]["E"]["properties"]["a"];
        assert_eq!(
            (&attribute["title"], &attribute["description"]),
            (&json!("a"), &json!(expected)),
            "{declared}"
        );
    }
}

#[test]
fn an_amount_is_a_number_or_a_text_within_its_bounds() {
    let whole =
        |minimum: i64, maximum: i64| json!({ "type": "integer", "minimum": minimum, "maximum": maximum });
    for (bounds, numbers) in [
        (
            "",
            vec![
                whole(-922_337_203_685_477, 922_337_203_685_477),
                json!({ "type": "number", "exclusiveMinimum": -100_000_000_000_i64, "exclusiveMaximum": 100_000_000_000_i64 }),
            ],
        ),
        (
            // From 100,000,000,000 on a number is whole.
            r#", "minimum": "100000000000.5""#,
            vec![whole(100_000_000_001, 922_337_203_685_477)],
        ),
        (
            r#", "minimum": 100000000000, "maximum": 100000000002"#,
            vec![whole(100_000_000_000, 100_000_000_002)],
        ),
        (
            r#", "minimum": "-99999999999.9999", "maximum": 100000000000"#,
            vec![
                whole(-99_999_999_999, 100_000_000_000),
                json!({ "type": "number", "minimum": -99_999_999_999.999_9, "exclusiveMaximum": 100_000_000_000_i64 }),
            ],
        ),
        (
            r#", "minimum": -100000000000, "maximum": -100000000000"#,
            vec![whole(-100_000_000_000, -100_000_000_000)],
        ),
        (
            r#", "minimum": -100000000000, "maximum": 0"#,
            vec![
                whole(-100_000_000_000, 0),
                json!({ "type": "number", "exclusiveMinimum": -100_000_000_000_i64, "maximum": 0 }),
            ],
        ),
        (
            r#", "minimum": "-100000000000.5", "maximum": "-0.5""#,
            vec![
                whole(-100_000_000_000, -1),
                json!({ "type": "number", "exclusiveMinimum": -100_000_000_000_i64, "maximum": -0.5 }),
            ],
        ),
        (
            r#", "minimum": "0.0001", "maximum": "99999999999.9999""#,
            vec![json!({ "type": "number", "minimum": 0.0001, "maximum": 99_999_999_999.999_9 })],
        ),
    ] {
        let mut amount = of_attribute(&format!(r#"{{ "name": "a", "type": "currency"{bounds} }}"#), true);
        let mut choices = amount["anyOf"].as_array_mut().unwrap().split_off(0);
        assert_eq!(choices.pop().unwrap()["type"], "string", "{bounds}");
        assert_eq!(choices, numbers, "{bounds}");
    }
}

#[test]
fn what_json_schema_can_not_say_is_said_in_a_sentence() {
    for (attribute_type, sentence) in [
        ("date", Some("A timestamp with an offset must be at midnight in UTC, and within the bounds.")),
        (
            "datetime",
            Some(
                "With an offset, the moment in UTC must be in the years 0001 to 9999, and within the bounds.",
            ),
        ),
        (
            "currency",
            Some(
                "A number with a fraction or an exponent must be below 100000000000 in magnitude, and an amount of at most 4 decimals.",
            ),
        ),
        ("string", None),
        ("long", None),
    ] {
        let schemas = schemas(&format!(r#"{{ "name": "a", "type": "{attribute_type}" }}"#));
        let comment = |schema: &JsonSchema| {
            value(schema)["properties"]["E"]["properties"]["a"]["$comment"].as_str().map(str::to_owned)
        };
        assert_eq!(comment(&schemas.body_json_schema()).as_deref(), sentence, "{attribute_type}");
        assert_eq!(comment(&schemas.stored_json_schema()), None, "what is written has one form");
    }
}

#[test]
fn an_extension_says_how_many_records_it_takes_and_what_tells_them_apart() {
    let key = "No two records may have equal values for a, where no value equals no value, and a default stands for what is \
        left out.";
    let due = "Once the service has ended it must have a record of this, from the event or stored before.";
    for (declared, body, stored, comment) in [
        (r#""type": "single-valued""#, "One record.", "One record.", None),
        (r#""type": "single-valued", "unique": ["a"]"#, "One record.", "One record.", None),
        (
            r#""type": "multi-valued""#,
            "A list of records; an empty one takes away what was recorded.",
            "A list of records.",
            None,
        ),
        (
            r#""type": "multi-valued", "unique": ["a"]"#,
            "A list of records; an empty one takes away what was recorded.",
            "A list of records.",
            Some(key),
        ),
        (
            r#""type": "single-valued", "required": true"#,
            "One record. A service can't end without it.",
            "One record. A service can't end without it.",
            Some(due),
        ),
    ] {
        let schemas = Schemas::from_json(format!(
            r#"[ {{ "name": "E", "attributes": [ {{ "name": "a", "type": "long" }} ], {declared} }} ]"#
        ))
        .unwrap();
        for (schema, description) in
            [(schemas.body_json_schema(), body), (schemas.stored_json_schema(), stored)]
        {
            let extension = value(&schema)["properties"]["E"].take();
            assert_eq!(extension["description"], description, "{declared}");
            assert_eq!(extension["$comment"].as_str(), comment, "{declared}");
        }
    }
}

#[test]
fn each_fixed_field_has_a_title_and_a_description() {
    let fields = [
        ("session_id", "Session", "The id of the related session, at most 32 characters."),
        (
            "interaction_id",
            "Interaction",
            "The id of the interaction at the event's creation, at most 50 characters.",
        ),
        (
            "application_type",
            "Application type",
            "The type or class of the application that issues the event.",
        ),
        ("application_id", "Application", "The DB id of the application that issues the event."),
        ("resource_type", "Resource type", "The type or class of the resource that provides the service."),
        ("resource_id", "Resource", "The DB id of the resource that provides the service."),
        ("media_type", "Media type", "The media type, such as e-mail, voice or chat."),
        ("disposition", "Disposition", "The business disposition of the service."),
        (
            "disposition_desc",
            "Description of the disposition",
            "What the disposition means in this case, at most 64 characters.",
        ),
        ("timestamp", "Timestamp", "When the service ended, like 2009-05-12T12:05:12.145Z."),
        ("service_id", "Service", "The id of the service."),
    ];
    let (body, stored) =
        (value(&Validator::default().body_json_schema()), value(&Validator::default().stored_json_schema()));
    let completed = &stored["properties"]["completed"]["properties"];
    for (name, title, description) in fields {
        let outside = if name == "service_id" { &stored["properties"] } else { completed };
        for field in [&body["properties"][name], &outside[name]] {
            assert_eq!(
                (&field["title"], &field["description"]),
                (&json!(title), &json!(description)),
                "{name}"
            );
        }
    }
    assert_eq!(body["properties"].as_object().unwrap().len(), fields.len());
    assert_eq!(completed.as_object().unwrap().len(), fields.len() - 1, "the id stands outside");
}

#[test]
fn the_example_has_a_record_of_each_list_unless_none_is_taken() {
    let schemas = Schemas::from_json(
        r#"[ { "name": "Many", "type": "multi-valued", "attributes": [ { "name": "a", "type": "long" } ] } ]"#,
    )
    .unwrap();
    for (max, records) in [(None, json!([{ "a": 7 }])), (Some(1), json!([{ "a": 7 }])), (Some(0), json!([]))]
    {
        let validator = Validator::new(schemas.clone());
        let validator = match max {
            Some(max) => validator.with_max_records(max),
            None => validator,
        };
        assert_eq!(value(&validator.body_json_schema())["examples"][0]["Many"], records, "{max:?}");
    }
}

/// What a document says of names that are open.
fn of_names(open: &str, stored: bool) -> Value {
    let schemas = schemas(r#"{ "name": "a", "type": "long" }"#).with_open(open.parse().unwrap());
    value(&if stored { schemas.stored_json_schema() } else { schemas.body_json_schema() })
}

#[test]
fn names_that_are_open_take_any_json_but_null() {
    let types = json!(["array", "boolean", "number", "object", "string"]);
    for stored in [false, true] {
        let none = of_names("", stored);
        assert_eq!((&none["additionalProperties"], none.get("propertyNames")), (&json!(false), None));
        let listed = of_names("Case,e", stored);
        assert_eq!((&listed["additionalProperties"], listed.get("propertyNames")), (&json!(false), None));
        let case = if stored {
            &listed["patternProperties"]["^[Cc][Aa][Ss][Ee]$"]
        } else {
            &listed["properties"]["Case"]
        };
        assert_eq!(case["type"], types);
        assert_eq!(listed["properties"]["E"]["type"], "object");
        assert_eq!(listed["properties"].get("e"), None);
        let every = of_names("*", stored);
        assert_eq!(every["additionalProperties"]["type"], types);
        let no_empty_list = json!({ "type": "array", "maxItems": 0 });
        assert_eq!(every["additionalProperties"].get("not"), stored.then_some(&no_empty_list));
        let other = &every["propertyNames"]["anyOf"][1];
        assert_eq!(other["pattern"], "^[A-Za-z][A-Za-z0-9_]{0,25}$");
        let taken = other["not"]["pattern"].as_str().unwrap();
        assert!(taken.ends_with("|[Cc][Oo][Mm][Pp][Ll][Ee][Tt][Ee][Dd]|[Ee])$"), "{taken}");
        let known = every["propertyNames"]["anyOf"][0]["enum"].as_array().unwrap();
        assert!(known.contains(&json!("E")) && known.contains(&json!("service_id")));
    }
}
