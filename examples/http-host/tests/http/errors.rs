use std::time::{Duration, Instant};

use crate::host::{Answer, Fixture, feedback};
use crate::raw::Connection;

/// Method, path, body; status and code.
type Case<'a> = (&'a str, String, &'a [u8], u16, &'a str);

pub(crate) async fn every_failure_is_a_problem_document(fixture: &Fixture) {
    let host = fixture.host();
    host.register(&feedback()).await;
    let active = host.start_service().await;
    let ended = host.start_service().await;
    assert_eq!(host.end(ended, r#"{"disposition":10}"#).await.status, 204);

    let end = |id: i64| format!("/services/{id}/end");
    let metadata = || "/metadata/services/extensions".to_owned();
    let mut cases: Vec<Case> = vec![
        ("GET", "/".into(), b"", 404, "not_found"),
        ("GET", "/nope".into(), b"", 404, "not_found"),
        ("POST", "/services/1/end/".into(), b"{}", 404, "not_found"),
        ("POST", "/services//end".into(), b"{}", 400, "invalid_service_id"),
        ("PUT", "/services/start".into(), b"", 405, "method_not_allowed"),
        ("DELETE", "/health".into(), b"", 405, "method_not_allowed"),
        ("GET", "/services/1/end".into(), b"", 405, "method_not_allowed"),
        ("POST", "/services/1".into(), b"", 405, "method_not_allowed"),
        ("PATCH", metadata(), b"", 405, "method_not_allowed"),
        ("GET", metadata() + "/Feedback", b"", 405, "method_not_allowed"),
        ("BREW", end(active), b"{}", 405, "method_not_allowed"),
        ("GET", "/services/4711471147114711".into(), b"", 404, "service_not_found"),
        ("POST", "/services/4711471147114711/end".into(), b"{}", 404, "service_not_found"),
        ("POST", "/services/-1/end".into(), b"{}", 404, "service_not_found"),
        ("POST", end(ended), b"{}", 409, "service_already_ended"),
        ("POST", end(active), b"", 400, "syntax"),
        ("POST", end(active), b"[]", 400, "syntax"),
        ("POST", end(active), b"{", 400, "syntax"),
        ("POST", end(active), b"{\"disposition\":10} x", 400, "syntax"),
        ("POST", end(active), b"{\"session_id\":\"\xff\"}", 400, "syntax"),
        ("POST", end(active), b"{\"disposition\":{}}", 400, "invalid_event"),
        ("POST", end(active), b"{\"Feedbak\":{}}", 400, "invalid_event"),
        ("POST", end(active), b"{\"Feedback\":{}}", 400, "invalid_event"),
        ("POST", end(active), b"{\"service_id\":4711471147114711}", 400, "invalid_event"),
        ("POST", end(active), b"{\"timestamp\":\"2009-05-12T11:00:00Z\"}", 400, "invalid_event"),
        ("POST", "/services/start".into(), b"x", 400, "syntax"),
        ("POST", "/services/start".into(), b"{\"timestamp\":\"then\"}", 400, "invalid_start"),
        ("POST", "/services/start".into(), b"{\"timestamp\":1,\"x\":2}", 400, "invalid_start"),
        ("POST", "/services/start".into(), b"{\"disposition\":1}", 400, "invalid_start"),
        ("POST", metadata(), b"", 400, "invalid_schema"),
        ("POST", metadata(), b"{", 400, "invalid_schema"),
        ("POST", metadata(), b"[]", 400, "invalid_schema"),
        ("POST", metadata(), b"\"\xff\"", 400, "invalid_schema"),
        (
            "POST",
            metadata(),
            b"{\"name\":\"1\",\"type\":\"single-valued\",\"attributes\":[]}",
            400,
            "invalid_schema",
        ),
        ("DELETE", metadata() + "/Unknown", b"", 404, "schema_not_found"),
        ("DELETE", metadata() + "/%FF", b"", 404, "schema_not_found"),
    ];
    for id in ["abc", "1.5", "+1", "01", "-0", "9223372036854775808", "%FF", "1%20", "0x10"] {
        cases.push(("POST", format!("/services/{id}/end"), b"{}", 400, "invalid_service_id"));
        cases.push(("GET", format!("/services/{id}"), b"", 400, "invalid_service_id"));
    }
    for (method, path, body, status, code) in cases {
        let answer = host.send(method, &path, body).await;
        assert_problem(&answer, status, code, &format!("{method} {path} {}", String::from_utf8_lossy(body)));
    }
    let taken = serde_json::json!({ "name": "FEEDBACK", "type": "multi-valued",
        "attributes": [ { "name": "rating", "type": "integer" } ] });
    assert_problem(&host.register(&taken).await, 409, "schema_exists", "the name in another case");

    for (path, allowed) in [
        ("/services/start".to_owned(), &["POST"][..]),
        (end(1), &["POST"]),
        ("/services/1".to_owned(), &["GET", "HEAD"]),
        (metadata(), &["GET", "HEAD", "POST"]),
        (metadata() + "/X", &["DELETE", "PUT"]),
    ] {
        let answer = host.send("PATCH", &path, "").await;
        let mut methods: Vec<&str> = answer.header("allow").split(',').map(str::trim).collect();
        methods.sort_unstable();
        assert_eq!(methods, allowed, "{path}");
    }

    // What is wrong is told with its place, and none of it has changed the service.
    let answer = host.end(active, "{\n  \"Feedback\": { \"ratng\": 7 }\n}").await.json();
    assert_eq!(answer["violations"][0]["code"], "unknown_attribute");
    assert_eq!(answer["violations"][0]["suggestion"], "rating");
    assert_eq!(
        (&answer["violations"][0]["line"], &answer["violations"][0]["column"]),
        (&2.into(), &17.into())
    );
    let answer = host.end(active, "{\n  \"disposition\" 10 }").await.json();
    assert_eq!((&answer["line"], &answer["column"]), (&2.into(), &17.into()));
    assert!(host.shown(&format!("/services/{active}")).await.get("completed").is_none());
    assert!(!host.log().contains("4711471147114711"), "the log names no service and no value");
}

pub(crate) fn assert_problem(answer: &Answer, status: u16, code: &str, of: &str) {
    assert_eq!((answer.status, &*answer.code()), (status, code), "{of}: {answer:?}");
    assert_eq!(answer.header("content-type"), "application/problem+json", "{of}");
    let problem = answer.json();
    assert_eq!(problem["type"], format!("urn:service-end:problem:{code}"), "{of}");
    assert_eq!(problem["status"], status, "{of}");
    assert!(problem["title"].is_string() && problem["detail"].is_string(), "{of}");
    let violations = problem["violations"].as_array().map(Vec::len);
    assert_eq!(violations.is_some(), violations.is_some_and(|count| count > 0), "{of}");
}

pub(crate) async fn bodies_over_the_limit_are_refused_without_being_waited_for(fixture: &Fixture) {
    let host = fixture.host_with(&["--max-body", "100000"]);
    let id = host.start_service().await;
    let path = format!("/services/{id}/end");
    let body = |length: usize| format!("{{\"disposition\":10{}}}", " ".repeat(length - 18));

    // As a client library sends it, to the end: the answer arrives all the same.
    for length in [100_001, 9_000_000] {
        assert_problem(&host.end(id, &body(length)).await, 413, "body_too_large", "too large");
    }

    // Nobody waits for a body that is announced as too large.
    let begun = Instant::now();
    let mut connection = Connection::open(host.address);
    connection.send(format!("POST {path} HTTP/1.1\r\nHost: test\r\nContent-Length: 100000000000\r\n\r\n{{"));
    let (status, head, _) = connection.answer().unwrap();
    assert_eq!(status, 413, "{head}");
    assert!(head.contains("content-type: application/problem+json"), "{head}");
    assert!(begun.elapsed() < Duration::from_secs(2));

    // In chunks, without end: neither the memory nor the patience of the host is.
    let mut connection = Connection::open(host.address);
    connection.send(format!("POST {path} HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n"));
    let chunk = format!("{:x}\r\n{}\r\n", 10_000, " ".repeat(10_000));
    for _ in 0..11 {
        connection.send(&chunk);
    }
    let (status, head, body_of_answer) = connection.answer().unwrap();
    assert_eq!(status, 413, "{head}");
    assert!(String::from_utf8_lossy(&body_of_answer).contains("body_too_large"));
    let begun = Instant::now();
    while connection.try_send(&chunk).is_ok() {
        assert!(begun.elapsed() < Duration::from_secs(10), "the connection is closed at last");
    }

    // In chunks and within the limit it is an ordinary body, and exactly the limit is within it.
    let mut connection = Connection::open(host.address);
    connection.send(format!("POST {path} HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n"));
    connection.send("3\r\n{\"d\r\n5\r\nispos\r\nc\r\nition\":10}  \r\n0\r\n\r\n");
    assert_eq!(connection.answer().unwrap().0, 204);
    assert_eq!(host.end(id, &body(100_000)).await.status, 204, "the same event again");
}

/// Everything at once and each at its place, as with an end, and without a word of one.
pub(crate) async fn a_wrong_start_is_told_as_such(fixture: &Fixture) {
    let host = fixture.host();
    let body = r#"{
  "disposition": 1, "timestamp": "then",
  "é/\"y": {}, "timestamp": "2009-05-12T11:50:00Z", "service_id": null }"#;
    let answer = host.send("POST", "/services/start", body).await;
    assert_problem(&answer, 400, "invalid_start", body);
    let document = answer.json();
    let expected = [
        ("/disposition", "unknown_field", 2, 3),
        ("/timestamp", "invalid_format", 2, 34),
        ("/é~1\"y", "unknown_field", 3, 3),
        ("/timestamp", "duplicate_key", 3, 16),
        ("/service_id", "unknown_field", 3, 53),
    ];
    let violations = document["violations"].as_array().unwrap();
    assert_eq!(violations.len(), expected.len(), "{violations:?}");
    for (violation, (pointer, code, line, column)) in violations.iter().zip(expected) {
        assert_eq!((&violation["pointer"], &violation["code"]), (&pointer.into(), &code.into()));
        assert_eq!((&violation["line"], &violation["column"]), (&line.into(), &column.into()), "{pointer}");
        if code == "unknown_field" {
            assert_eq!(violation["message"], r#"a start takes only "timestamp""#);
        }
    }
    assert_eq!(document["truncated"], false);
    assert!(!["event", "extension"].iter().any(|word| document.to_string().contains(word)), "{document}");

    let keys: Vec<String> = (0..1000).map(|ordinal| format!("\"k{ordinal}\":0")).collect();
    let document = host.send("POST", "/services/start", format!("{{{}}}", keys.join(","))).await.json();
    assert_eq!(document["violations"].as_array().unwrap().len(), 100);
    assert_eq!(
        (&document["violations"][99]["pointer"], &document["truncated"]),
        (&"/k99".into(), &true.into())
    );

    let syntax = host.send("POST", "/services/start", "{\n\"timestamp\" 1}").await;
    assert_problem(&syntax, 400, "syntax", "no colon");
    assert_eq!((&syntax.json()["line"], &syntax.json()["column"]), (&2.into(), &13.into()));
    for right in ["", "{}", r#"{"timestamp":null}"#] {
        assert_eq!(host.send("POST", "/services/start", right).await.status, 201, "{right}");
    }
}
