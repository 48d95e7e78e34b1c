//! 2.12: the operation as an OpenAPI document.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use service_end::problem::{OpenApi, ProblemCode};
use service_end::{Problem, Schemas, Validator};

fn document(openapi: &OpenApi) -> Value {
    serde_json::from_str(&openapi.to_string()).unwrap()
}

fn validator() -> Validator {
    Validator::new(
        Schemas::from_json(
            r#"[ { "name": "Feedback", "type": "single-valued", "attributes": [
                { "name": "rating", "type": "integer", "mandatory": true } ] } ]"#,
        )
        .unwrap(),
    )
}

#[test]
fn every_problem_has_an_example_of_its_code() {
    for code in ProblemCode::ALL {
        let problem = Problem::example(*code);
        assert_eq!((problem.known_code(), problem.status()), (Some(*code), code.status()));
        let json = serde_json::to_string(&problem).unwrap();
        let again: Problem = serde_json::from_str(&json).unwrap();
        assert_eq!(serde_json::to_string(&again).unwrap(), json);
    }
    let [limit, length] = [0, 1].map(|more| (Validator::DEFAULT_MAX_BODY_BYTES + more).to_string());
    let too_large = Problem::example(ProblemCode::BodyTooLarge);
    assert!(too_large.detail().contains(&limit) && too_large.detail().contains(&length), "{too_large:?}");
}

#[test]
fn the_operation_tells_every_problem_of_it_with_its_example() {
    let document = document(&OpenApi::new(&validator()));
    let end = &document["paths"][OpenApi::PATH]["post"];
    let mut told = BTreeSet::new();
    for (status, response) in end["responses"].as_object().unwrap() {
        if status != "204" {
            for (code, example) in response["content"][Problem::MEDIA_TYPE]["examples"].as_object().unwrap() {
                assert_eq!(example["value"]["code"], json!(code));
                assert_eq!(example["value"]["status"].to_string(), *status);
                told.insert(code.clone());
            }
        }
    }
    // These are about schemas, which the operation does not change.
    let others = ["invalid_schema", "schema_exists", "schema_not_found", "incompatible_schema"];
    let codes = ProblemCode::ALL.iter().map(|code| code.as_str()).filter(|code| !others.contains(code));
    assert_eq!(told, codes.map(str::to_owned).collect());
    assert_eq!(document["openapi"], json!("3.1.0"));
}

#[test]
fn the_body_and_the_service_are_those_of_the_schemas() {
    let document = document(&OpenApi::new(&validator()));
    let schemas = &document["components"]["schemas"];
    let mut body: Value = serde_json::to_value(validator().body_json_schema()).unwrap();
    let members = body.as_object_mut().unwrap();
    members.remove("$schema");
    let example = members.remove("examples").unwrap()[0].take();
    assert_eq!(schemas[OpenApi::BODY], body);
    assert!(schemas[OpenApi::SERVICE]["properties"]["Feedback"].is_object());
    let problem = &schemas[OpenApi::PROBLEM]["properties"];
    for member in ["line", "column", "violations", "truncated", "differences", "changes"] {
        assert!(problem[member].is_object(), "{member}");
    }
    let content = &document["paths"][OpenApi::PATH]["post"]["requestBody"]["content"]["application/json"];
    assert_eq!(content["schema"]["$ref"], json!("#/components/schemas/ServiceEndEvent"));
    assert_eq!(content["example"], example);
    assert!(validator().read(example.to_string().as_bytes()).is_ok(), "{example}");
}

#[test]
fn a_host_adds_what_is_its_own() {
    let slow = || Problem::of_host("slow", 408, "Too slow", "the body came too slowly");
    let openapi = OpenApi::new(&validator())
        .with_info("Ours", "7")
        .with_parameter(&json!({ "name": "If-Match", "in": "header", "schema": { "type": "string" } }))
        .with_problems([slow()])
        .with_schema("Mine", &json!({ "type": "string" }))
        .with_path("/mine", &json!({ "get": { "responses": OpenApi::responses([slow()]) } }));
    let document = document(&openapi);
    assert_eq!(document["info"], json!({ "title": "Ours", "version": "7" }));
    let end = &document["paths"][OpenApi::PATH]["post"];
    assert_eq!(end["parameters"][1]["name"], json!("If-Match"));
    let expected = serde_json::to_value(slow()).unwrap();
    for responses in [&end["responses"], &document["paths"]["/mine"]["get"]["responses"]] {
        assert_eq!(responses["408"]["content"][Problem::MEDIA_TYPE]["examples"]["slow"]["value"], expected);
    }
    assert_eq!(document["components"]["schemas"]["Mine"], json!({ "type": "string" }));
}

#[test]
fn the_text_is_always_the_same() {
    let text = || serde_json::to_string(&OpenApi::new(&validator())).unwrap();
    assert_eq!(text(), text());
    assert!(
        text().starts_with(r#"{"openapi":"3.1.0","info":{"title":"Complete Service","version":"#),
        "{}",
        text()
    );
}
