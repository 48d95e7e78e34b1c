//! Names that need no schema.

use serde_json::json;

use crate::errors::assert_problem;
use crate::host::Fixture;

pub(crate) async fn names_that_are_open_take_any_json(fixture: &Fixture) {
    let host = fixture.host_with(&["--open", "*"]);
    let id = host.start_service().await;
    let body = r#"{ "Case": { "b": 1e2, "a": [ 1.0, 12345678901234567890123 ] }, "nOTES": "\u00e9\/" }"#;
    assert_eq!(host.end(id, body).await.status, 204);
    assert_eq!(
        host.end(id, &body.replace("1e2", "100").replace("Case", "CASE")).await.status,
        204,
        "a retry"
    );
    let path = format!("/services/{id}?extensions=*");
    let shown = || async { String::from_utf8(host.send("GET", &path, "").await.body).unwrap() };
    let text = shown().await;
    for kept in [r#""Case":{"b":1e2,"a":[1.0,12345678901234567890123]}"#, r#""nOTES":"\u00e9\/""#] {
        assert!(text.contains(kept), "{text}");
    }
    let named =
        String::from_utf8(host.send("GET", &format!("/services/{id}?extensions=notes"), "").await.body)
            .unwrap();
    assert!(named.contains("nOTES") && !named.contains("Case"), "{named}");

    let other = host.start_service().await;
    for (body, pointer, code) in [
        (r#"{"Case":null}"#, "/Case", "wrong_type"),
        (r#"{"2nd":1}"#, "/2nd", "invalid_name"),
        (r#"{"Case":{"a":1,"a":2}}"#, "/Case/a", "duplicate_key"),
        (&format!(r#"{{"Case":{}{}}}"#, "[".repeat(33), "]".repeat(33)), "/Case", "too_deep"),
        (&format!(r#"{{"Case":"{}"}}"#, "x".repeat(65_535)), "/Case", "too_long"),
    ] {
        let answer = host.end(other, body).await;
        assert_problem(&answer, 400, "invalid_event", code);
        let violation = &answer.json()["violations"][0];
        assert_eq!((&violation["pointer"], &violation["code"]), (&json!(pointer), &json!(code)));
    }
    assert_problem(&host.end(other, r#"{"Case":1E400}"#).await, 400, "syntax", "no 64-bit float holds it");

    // A schema that comes later takes over what it can read.
    let case =
        json!({ "name": "nOtes", "type": "single-valued", "attributes": [{ "name": "a", "type": "long" }] });
    assert_eq!(host.register(&case).await.status, 201);
    assert!(!shown().await.to_lowercase().contains("notes"), "it is no record");
    assert_problem(&host.end(other, r#"{"notes":"text"}"#).await, 400, "invalid_event", "it has a schema");
    assert_eq!(host.end(other, r#"{"notes":{"a":7},"Case":[]}"#).await.status, 204);
    let document = host.shown("/openapi.json").await;
    let body = &document["components"]["schemas"]["ServiceEndEvent"];
    assert_eq!(
        body["additionalProperties"]["type"],
        json!(["array", "boolean", "number", "object", "string"])
    );
}

pub(crate) async fn of_names_that_are_listed_only_those_are_open(fixture: &Fixture) {
    let host = fixture.host_with(&["--open", "Case,Notes"]);
    let id = host.start_service().await;
    assert_problem(&host.end(id, r#"{"Case":1,"Other":1}"#).await, 400, "invalid_event", "an unknown name");
    assert_eq!(host.end(id, r#"{"case":1,"NOTES":[]}"#).await.status, 204);
    let shown = host.shown(&format!("/services/{id}?extensions=Case,Notes")).await;
    assert_eq!((&shown["case"], shown.get("NOTES")), (&json!(1), None));
}

pub(crate) async fn what_another_host_declares_is_open_no_more(fixture: &Fixture) {
    if !fixture.shared {
        return;
    }
    let [one, other] = [(); 2].map(|()| fixture.host_with(&["--open", "*"]));
    let id = one.start_service().await;
    // Both know that there is no schema.
    for host in [&one, &other] {
        let id = host.start_service().await;
        assert_eq!(host.end(id, r#"{"Case":{"id":"x"}}"#).await.status, 204);
        assert_eq!(host.shown(&format!("/services/{id}?extensions=*")).await["Case"], json!({ "id": "x" }));
    }
    let case =
        json!({ "name": "CASE", "type": "single-valued", "attributes": [{ "name": "id", "type": "long" }] });
    assert_eq!(other.register(&case).await.status, 201);
    assert_problem(&one.end(id, r#"{"Case":{"id":"x"}}"#).await, 400, "invalid_event", "read by the schema");
    assert_eq!(one.end(id, r#"{"Case":{"id":7.0}}"#).await.status, 204);
    for host in [&one, &other] {
        assert_eq!(host.shown(&format!("/services/{id}?extensions=*")).await["CASE"], json!({ "id": 7 }));
    }
}
