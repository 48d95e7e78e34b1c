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
