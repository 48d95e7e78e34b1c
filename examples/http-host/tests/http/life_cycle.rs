use serde_json::{Value, json};

use crate::host::{Fixture, feedback, satisfaction};

/// The original's example, with the comma that its documentation lacks.
const BODY: &str = r#"{
  "timestamp": "2009-05-12T12:05:12.145Z",
  "interaction_id": "123ABCAADFJ1259ACF",
  "media_type": 1,
  "resource_id": 5005,
  "resource_type": 2,
  "disposition": 10,
  "disposition_desc": "SUCCESS",
  "Feedback": { "FeedbackType":"survey", "rating":7, "notes":"warm welcome" },
  "Satisfaction": [
    { "rating":2, "pertinence":8, "usefull":true, "place":"Terranova mexico resort" },
    { "rating":8, "pertinence":4, "usefull":false, "place":"Fancy resort Paris" }
  ]
}"#;

pub(crate) async fn a_service_is_started_ended_and_shown(fixture: &Fixture) {
    let host = fixture.host();
    assert_eq!(host.send("GET", "/health", "").await.status, 200);

    for schema in [feedback(), satisfaction()] {
        let answer = host.register(&schema).await;
        let name = schema["name"].as_str().unwrap();
        assert_eq!((answer.status, answer.json()), (201, json!({ "name": name })));
        assert_eq!(answer.header("location"), format!("/metadata/services/extensions/{name}"));
    }
    let listed = host.shown("/metadata/services/extensions").await;
    let names: Vec<_> = listed.as_array().unwrap().iter().map(|schema| &schema["name"]).collect();
    assert_eq!(names, ["Feedback", "Satisfaction"]);
    assert_eq!(listed[1]["unique"], json!(["place"]));

    let answer = host.send("POST", "/services/start", r#"{"timestamp":"2009-05-12T11:50:00Z"}"#).await;
    let id = answer.json()["service_id"].as_i64().unwrap();
    assert_eq!((answer.status, answer.header("location")), (201, &*format!("/services/{id}")));
    let path = format!("/services/{id}");
    let active = json!({ "service_id": id, "started": { "timestamp": "2009-05-12T11:50:00.000Z" } });
    assert_eq!(host.shown(&path).await, active);

    // A retry is answered like the first time, with the empty answer that the original has.
    for _ in 0..2 {
        let answer = host.end(id, BODY).await;
        assert_eq!((answer.status, &*answer.body, answer.header("content-type")), (204, &b""[..], ""));
    }
    let mut ended = active;
    ended["completed"] = json!({
        "timestamp": "2009-05-12T12:05:12.145Z", "interaction_id": "123ABCAADFJ1259ACF", "media_type": 1,
        "resource_id": 5005, "resource_type": 2, "disposition": 10, "disposition_desc": "SUCCESS",
    });
    assert_eq!(host.shown(&path).await, ended);
    let another = host.end(id, r#"{"disposition":11}"#).await;
    assert_eq!((another.status, another.code()), (409, "service_already_ended".to_owned()));

    let other = host.start_service().await;
    assert_ne!(other, id, "ids are never given twice");
    let now = host.send("POST", "/services/start", "").await;
    assert_eq!(now.status, 201, "the body is optional");
    let now = host.shown(now.header("location")).await;
    assert!(now["started"]["timestamp"].as_str().unwrap() > "2026", "{now}");
}

pub(crate) async fn extensions_are_shown_when_asked_for(fixture: &Fixture) {
    let host = fixture.host();
    host.register(&feedback()).await;
    host.register(&satisfaction()).await;
    let id = host.start_service().await;
    assert_eq!(host.end(id, BODY).await.status, 204);
    let cases: &[(&str, &[&str])] = &[
        ("", &[]),
        ("?extensions=", &[]),
        ("?other=Feedback", &[]),
        ("?extensions=Feedback", &["Feedback"]),
        ("?extensions=SATISFACTION", &["Satisfaction"]),
        ("?extensions=feedback,satisfaction", &["Feedback", "Satisfaction"]),
        ("?extensions=feedback%2C%20Satisfaction", &["Feedback", "Satisfaction"]),
        ("?extensions=Feedback&extensions=Satisfaction", &["Feedback", "Satisfaction"]),
        ("?extensions=*", &["Feedback", "Satisfaction"]),
        ("?extensions=%2A", &["Feedback", "Satisfaction"]),
        ("?extensions=Unknown,Feedback", &["Feedback"]),
        ("?extensions=%FF", &[]),
    ];
    for (query, names) in cases {
        let shown = host.shown(&format!("/services/{id}{query}")).await;
        let Value::Object(shown) = shown else { panic!("{query}") };
        let fixed = ["service_id", "started", "completed"];
        let mut extensions: Vec<&String> = shown.keys().filter(|key| !fixed.contains(&&***key)).collect();
        extensions.sort();
        assert_eq!(extensions, *names, "{query}");
    }
    let shown = host.shown(&format!("/services/{id}?extensions=*")).await;
    let sent: Value = serde_json::from_str(BODY).unwrap();
    assert_eq!(shown["Feedback"], sent["Feedback"]);
    assert_eq!(shown["Satisfaction"], sent["Satisfaction"]);
}
