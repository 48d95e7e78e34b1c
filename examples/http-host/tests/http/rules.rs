use std::fs;

use serde_json::json;

use crate::errors::assert_problem;
use crate::host::Fixture;

/// Disposition 10 needs a survey; a rating of at most 2 needs a comment.
const RULES: &str = include_str!("../../rules.json");

pub(crate) async fn rules_from_a_file_are_told_beside_violations(fixture: &Fixture) {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("rules.json");
    fs::write(&file, RULES).unwrap();
    let host = fixture.host_with(&["--rules", file.to_str().unwrap()]);
    let id = host.start_service().await;

    // The extension is not declared: the rules wait for it.
    assert_problem(
        &host.end(id, r#"{"disposition":10,"x":1}"#).await,
        400,
        "invalid_event",
        "an unknown name",
    );
    let survey = json!({ "name": "Survey", "type": "multi-valued", "attributes": [
        { "name": "rating", "type": "integer", "minimum": 1, "maximum": 5 },
        { "name": "comment", "type": "string" } ] });
    assert_eq!(host.register(&survey).await.status, 201);

    for (body, expected) in [
        (r#"{"disposition":10}"#, json!([["/Survey", "survey_missing", 1, 1]])),
        (
            "{\"disposition\":10,\n\"survey\":[],\"resource_id\":\"x\"}",
            json!([["/resource_id", "wrong_type", 2, 27], ["/survey", "survey_missing", 2, 10]]),
        ),
        (
            "{\"survey\":[{\"rating\":3},\n{\"Rating\":2},{\"rating\":1,\n\"COMMENT\":\"\"}]}",
            json!([
                ["/survey/1/comment", "comment_missing", 2, 1],
                ["/survey/2/COMMENT", "comment_missing", 3, 11]
            ]),
        ),
        // No rule looks at what has a violation.
        (
            r#"{"disposition":10,"Survey":[{"rating":9}]}"#,
            json!([["/Survey/0/rating", "out_of_range", 1, 39]]),
        ),
    ] {
        let answer = host.end(id, body).await;
        assert_problem(&answer, 400, "invalid_event", body);
        let document = answer.json();
        let told: Vec<_> = document["violations"]
            .as_array()
            .unwrap()
            .iter()
            .map(|told| json!([told["pointer"], told["code"], told["line"], told["column"]]))
            .collect();
        assert_eq!(json!(told), expected, "{body}");
    }
    let good = r#"{"disposition":10,"Survey":[{"rating":2,"comment":"too loud"},{"rating":3}]}"#;
    assert_eq!(host.end(id, good).await.status, 204);

    // A retry is a retry, also for a host that has no rules.
    assert_eq!(host.end(id, good).await.status, 204);
}

#[test]
fn a_file_with_a_mistake_keeps_the_host_from_starting() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("rules.json");
    for (rules, expected) in [
        ("[", "EOF"),
        (
            r#"[{"name":"a","code":"wrong_type","message":"m","when":{"field":{"name":"disposition","is":1}},"needs":"E"}]"#,
            "belongs to the crate",
        ),
        (
            r#"[{"name":"a","code":"c","message":"m","when":{"field":{"name":"dispositoin","is":1}},"needs":"E"}]"#,
            "must be one of `session_id`, ",
        ),
        (
            r#"[{"name":"A b","code":"c","message":"m","when":{"field":{"name":"disposition","is":1}},"needs":"E"}]"#,
            "the name of a rule",
        ),
        (r#"[{"name":"a","code":"c","message":"m","when":{"other":{}},"needs":"E"}]"#, "unknown variant"),
        (
            r#"[{"name":"a","code":"c","message":"m","when":{"field":{"name":"disposition","is":1}},"needs":"E","x":1}]"#,
            "unknown field",
        ),
    ] {
        fs::write(&file, rules).unwrap();
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_http-host"))
            .args(["--listen", "127.0.0.1:0", "--rules", file.to_str().unwrap()])
            .output()
            .unwrap();
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && told.contains(expected), "{rules}: {told}");
    }
}
