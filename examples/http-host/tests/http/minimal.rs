//! The host of 40 lines.

use crate::errors::assert_problem;
use crate::host::Host;

#[tokio::test]
async fn the_host_of_40_lines_ends_services_and_tells_what_is_wrong() {
    let host = Host::start_minimal();
    let wrong = host.end(1, "{\n  \"Feedback\": { \"ratng\": 7 } }").await;
    assert_problem(&wrong, 400, "invalid_event", "two violations");
    let violations = &wrong.json()["violations"];
    assert_eq!((&violations[0]["line"], &violations[0]["column"]), (&2.into(), &17.into()));
    let event = r#"{ "disposition": 10, "Feedback": { "rating": 7 } }"#;
    assert_problem(&host.end(2, event).await, 404, "service_not_found", "there is only one");
    for _ in 0..2 {
        assert_eq!(host.end(1, event).await.status, 204);
    }
    assert_problem(&host.end(1, "{}").await, 409, "service_already_ended", "another event");
    for path in ["/services/+1/end", "/services/01/end", "/services/x/end"] {
        assert_eq!(host.send("POST", path, event).await.status, 404, "{path}");
    }
}

#[test]
fn it_has_40_lines() {
    let source = include_str!("../../examples/minimal.rs");
    let code = source.lines().filter(|line| !line.trim().is_empty() && !line.trim_start().starts_with("//"));
    assert!(code.count() <= 40);
}
