use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::errors::assert_problem;
use crate::host::{Fixture, feedback};

pub(crate) async fn mistakes_are_told_with_their_line_and_column(fixture: &Fixture) {
    let host = fixture.host();
    let schema = r#"{ "name": "Visit", "type": "multi-valued",
  "attributes": [ { "name": "at", "type": "date" },
    { "name": "AT", "typ": "date" } ] }"#;
    let answer = host.send("POST", "/metadata/services/extensions", schema).await;
    assert_problem(&answer, 400, "invalid_schema", "three mistakes");
    let expected = [("unknown_key", 21), ("duplicate_attribute", 15), ("missing_key", 5)];
    let violations = answer.json()["violations"].as_array().unwrap().clone();
    assert_eq!(violations.len(), expected.len(), "{violations:?}");
    for (violation, (code, column)) in violations.iter().zip(expected) {
        assert_eq!(violation["code"], code);
        assert_eq!((&violation["line"], &violation["column"]), (&3.into(), &column.into()), "{code}");
    }
}

pub(crate) async fn records_go_with_their_schema_and_never_come_back(fixture: &Fixture) {
    let host = fixture.host();
    host.register(&feedback()).await;
    let id = host.start_service().await;
    let event = r#"{"disposition":10,"feedback":{"FeedbackType":"survey","rating":7}}"#;
    assert_eq!(host.end(id, event).await.status, 204);

    let gone = host.send("DELETE", "/metadata/services/extensions/FEEDBACK", "").await;
    assert_eq!((gone.status, gone.body.len()), (204, 0));
    assert_problem(
        &host.send("DELETE", "/metadata/services/extensions/Feedback", "").await,
        404,
        "schema_not_found",
        "it is gone",
    );
    assert_eq!(host.shown("/metadata/services/extensions").await, json!([]));
    assert_problem(&host.end(id, event).await, 400, "invalid_event", "no such extension");
    let shown = || async { host.shown(&format!("/services/{id}?extensions=*")).await };
    assert!(shown().await.get("Feedback").is_none());

    assert_eq!(host.register(&feedback()).await.status, 201);
    assert!(shown().await.get("Feedback").is_none(), "declared anew, it starts empty");
    assert_eq!(shown().await["completed"]["disposition"], 10, "the rest is as it was");
    let cleared = r#"{"disposition":10}"#;
    assert_eq!(host.end(id, cleared).await.status, 204, "it equals what is stored now");
    assert_problem(
        &host.end(id, event).await,
        409,
        "service_already_ended",
        "it has no record of this any more",
    );
}

/// Ends run while a schema comes and goes, with other attributes each time. Each end is judged by one whole
/// declaration, and no record outlives the declaration it was made under.
pub(crate) async fn no_request_sees_half_a_set(fixture: &Fixture) {
    let host = Arc::new(fixture.host());
    let stop = Arc::new(AtomicBool::new(false));
    let path = "/metadata/services/extensions";
    // Two extensions that are only ever registered in this order and removed in the other: whoever sees `Second`
    // declared has `First` too.
    let declared = |name: &str, round: usize| {
        json!({ "name": name, "type": "single-valued", "attributes": [
            { "name": format!("in_{}", round % 2), "type": "integer", "mandatory": true } ] })
    };
    let mut callers = JoinSet::new();
    for caller in 0..4_usize {
        let (host, stop) = (Arc::clone(&host), Arc::clone(&stop));
        callers.spawn(async move {
            let mut ended = Vec::new();
            while !stop.load(Ordering::Relaxed) {
                let id = host.start_service().await;
                let attribute = format!("in_{}", caller % 2);
                let event = json!({ "disposition": 10, "First": { &*attribute: caller }, "Second": { &*attribute: caller } });
                let answer = host.end(id, &event.to_string()).await;
                if answer.status == 204 {
                    ended.push(id);
                    continue;
                }
                assert_problem(&answer, 400, "invalid_event", "between two declarations");
                let codes: Vec<(String, String)> = answer.json()["violations"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|violation| {
                        let text = |key: &str| violation[key].as_str().unwrap().to_owned();
                        (text("pointer"), text("code"))
                    })
                    .collect();
                let unknown = |name: &str| codes.contains(&(format!("/{name}"), "unknown_extension".to_owned()));
                assert!(!unknown("First") || unknown("Second"), "half a set: {codes:?}");
            }
            ended
        });
    }
    for round in 0..20 {
        for name in ["First", "Second"] {
            assert_eq!(host.register(&declared(name, round)).await.status, 201);
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
        for name in ["Second", "First"] {
            assert_eq!(host.send("DELETE", &format!("{path}/{name}"), "").await.status, 204);
        }
    }
    stop.store(true, Ordering::Relaxed);
    let ended: Vec<i64> = callers.join_all().await.concat();
    assert!(!ended.is_empty(), "some were in time");
    // The same declarations once more: nothing of before shows.
    for round in 0..2 {
        host.register(&declared("First", round)).await;
        host.register(&declared("Second", round)).await;
        for id in &ended {
            let shown: Value = host.shown(&format!("/services/{id}?extensions=*")).await;
            assert_eq!(shown["completed"]["disposition"], 10);
            assert!(shown.get("First").is_none() && shown.get("Second").is_none(), "revived: {shown}");
        }
        host.send("DELETE", &format!("{path}/First"), "").await;
        host.send("DELETE", &format!("{path}/Second"), "").await;
    }
}

pub(crate) async fn what_another_host_declares_is_known_here(fixture: &Fixture) {
    if !fixture.shared {
        return;
    }
    let (here, there) = (fixture.host(), fixture.host());
    let event = r#"{"disposition":10,"Feedback":{"FeedbackType":"survey"}}"#;
    for _ in 0..3 {
        let id = here.start_service().await;
        assert_problem(&here.end(id, event).await, 400, "invalid_event", "not declared");
        assert_eq!(there.register(&feedback()).await.status, 201);
        assert_eq!(here.end(id, event).await.status, 204, "declared by another host");
        let shown = there.shown(&format!("/services/{id}?extensions=*")).await;
        assert_eq!(shown["Feedback"]["FeedbackType"], "survey");
        assert_eq!(there.send("DELETE", "/metadata/services/extensions/feedback", "").await.status, 204);
        let next = here.start_service().await;
        assert_problem(&here.end(next, event).await, 400, "invalid_event", "removed by another host");
        assert_eq!(here.shown("/metadata/services/extensions").await, json!([]));
    }
    // A host that starts finds what was there before.
    there.register(&feedback()).await;
    let later = fixture.host();
    let id = later.start_service().await;
    assert_eq!(later.end(id, event).await.status, 204);
}

/// Here every schema is known as it was before another host changed it.
pub(crate) async fn nothing_is_refused_by_the_schemas_of_before(fixture: &Fixture) {
    if !fixture.shared {
        return;
    }
    let (here, there) = (fixture.host(), fixture.host());
    let schema = |name: &str, default: i64| {
        json!({ "name": name, "type": "single-valued", "required": true,
                "attributes": [ { "name": "n", "type": "integer", "default": default } ] })
    };
    for name in ["First", "Second"] {
        assert_eq!(there.register(&schema(name, 1)).await.status, 201);
    }
    let id = here.start_service().await;
    assert_problem(&here.end(id, r#"{"First":null}"#).await, 400, "invalid_event", "both are known here");
    let missing = async || {
        let answer = here.end(id, "{}").await;
        assert_problem(&answer, 400, "invalid_event", "without what is required");
        let violations = answer.json()["violations"].as_array().unwrap().clone();
        violations.iter().map(|violation| violation["pointer"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(missing().await, ["/First", "/Second"]);
    let first = "/metadata/services/extensions/First";
    assert_eq!(there.send("DELETE", first, "").await.status, 204);
    assert_eq!(there.register(&schema("First", 1)).await.status, 201);
    assert_eq!(missing().await, ["/Second", "/First"], "in the order of now");

    // The same event is sent here after it has ended the service there.
    let event = r#"{"First":{},"Second":{}}"#;
    assert_eq!(
        there.send("PUT", &format!("{first}?force=true"), schema("First", 2).to_string()).await.status,
        200
    );
    assert_eq!(there.end(id, event).await.status, 204);
    assert_eq!(here.end(id, event).await.status, 204, "a retry");

    let id = here.start_service().await;
    assert_eq!(there.send("DELETE", first, "").await.status, 204);
    assert_eq!(here.end(id, r#"{"Second":{}}"#).await.status, 204, "it is required no more");
}

pub(crate) async fn a_schema_is_replaced_by_a_version_that_is_safe(fixture: &Fixture) {
    let host = fixture.host();
    let path = "/metadata/services/extensions/visit";
    let visit = |attribute: &str| json!({ "name": "Visit", "type": "single-valued", "attributes": [ { "name": "n", "type": attribute } ] });
    let put = async |path: &str, schema: &Value| host.send("PUT", path, schema.to_string()).await;
    assert_problem(&put(path, &visit("integer")).await, 404, "schema_not_found", "there is none");
    assert_eq!(host.register(&visit("integer")).await.status, 201);
    let id = host.start_service().await;
    assert_eq!(host.end(id, r#"{"Visit":{"n":7}}"#).await.status, 204);

    assert_problem(&put(path, &json!({})).await, 400, "invalid_schema", "no schema");
    let other = "/metadata/services/extensions/Other";
    assert_problem(&put(other, &visit("long")).await, 400, "invalid_schema", "of another name");
    let answer = put(path, &visit("string")).await;
    assert_problem(&answer, 409, "incompatible_schema", "numbers are no texts");
    let expected = json!([ { "pointer": "/attributes/0/type", "code": "type_changed",
        "message": "attribute `n` has type `string` instead of `integer`",
        "breaks": ["bodies", "records", "rollback"] } ]);
    assert_eq!(answer.json()["changes"], expected);

    let answer = put(path, &visit("long")).await;
    assert_eq!((answer.status, answer.json()), (200, json!({ "name": "Visit" })));
    assert_eq!(host.shown("/metadata/services/extensions").await, json!([visit("long")]));
    let shown = host.shown(&format!("/services/{id}?extensions=*")).await;
    assert_eq!(shown["Visit"], json!({ "n": 7 }), "what is stored stays");
    let id = host.start_service().await;
    assert_eq!(host.end(id, r#"{"Visit":{"n":3000000000}}"#).await.status, 204);

    let forced = put(&format!("{path}?force=true"), &visit("string")).await;
    assert_eq!(forced.status, 200);
    let shown = host.shown(&format!("/services/{id}?extensions=*")).await;
    assert!(shown.get("Visit").is_none(), "kept, and unreadable");
    assert_eq!(put(&format!("{path}?force=true"), &visit("long")).await.status, 200);
    let shown = host.shown(&format!("/services/{id}?extensions=*")).await;
    assert_eq!(shown["Visit"], json!({ "n": 3_000_000_000_i64 }));
}

/// What is read with one version and committed under the next is carried there.
pub(crate) async fn while_a_schema_is_replaced_no_caller_notices(fixture: &Fixture) {
    let host = Arc::new(fixture.host());
    let visit = |attributes: usize| {
        let more = (0..attributes).map(|n| json!({ "name": format!("n{n}"), "type": "long" }));
        let of_n = if attributes % 2 == 0 { "integer" } else { "long" };
        let mut attributes = vec![json!({ "name": "n", "type": of_n, "mandatory": true })];
        attributes.extend(more);
        json!({ "name": "Visit", "type": "multi-valued", "attributes": attributes })
    };
    host.register(&visit(0)).await;
    let stop = Arc::new(AtomicBool::new(false));
    let mut callers = JoinSet::new();
    for caller in 0..4_usize {
        let (host, stop) = (Arc::clone(&host), Arc::clone(&stop));
        callers.spawn(async move {
            let mut ended = Vec::new();
            while !stop.load(Ordering::Relaxed) {
                let id = host.start_service().await;
                let event = format!(r#"{{"Visit":[{{"n":{caller}}}]}}"#);
                let answer = host.end(id, &event).await;
                assert_eq!(answer.status, 204, "{answer:?}");
                ended.push((id, caller));
            }
            ended
        });
    }
    for attributes in 1..=15 {
        tokio::time::sleep(Duration::from_millis(20)).await;
        let path = "/metadata/services/extensions/Visit?force=true";
        assert_eq!(host.send("PUT", path, visit(attributes).to_string()).await.status, 200);
    }
    stop.store(true, Ordering::Relaxed);
    let ended = callers.join_all().await.concat();
    assert!(!ended.is_empty(), "some were ended");
    for (id, caller) in ended {
        let shown = host.shown(&format!("/services/{id}?extensions=*")).await;
        assert_eq!(shown["Visit"], json!([{ "n": caller }]));
    }
}
