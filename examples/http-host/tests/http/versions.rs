//! `ETag` and `If-Match`.

use std::sync::Arc;

use tokio::task::JoinSet;

use crate::errors::assert_problem;
use crate::host::{Fixture, Host};

async fn tag(host: &Host, id: i64) -> String {
    let answer = host.send("GET", &format!("/services/{id}"), "").await;
    let tag = answer.header("etag").to_owned();
    assert!(tag.len() > 2 && tag.starts_with('"') && tag.ends_with('"'), "a strong tag: {tag}");
    tag
}

pub(crate) async fn an_end_can_ask_for_a_version(fixture: &Fixture) {
    let host = fixture.host();
    let event = r#"{"disposition":10}"#;
    let id = host.start_service().await;
    let first = tag(&host, id).await;
    assert_eq!(tag(&host, id).await, first, "nothing has changed");

    let (weak, number) = (format!("W/{first}"), first.trim_matches('"').to_owned());
    let zeros = format!("\"00{number}\"");
    for other in [r#""no-such""#, r#""""#, r#""a,b", "\""#, &*weak, &*zeros, r#""-4711", W/"x" ,"#] {
        let answer = host.end_at(id, &[other], event).await;
        assert_problem(&answer, 412, "version_mismatch", other);
    }
    let twice = format!("{first} {first}");
    for garbage in
        ["", " ", ",", &*number, "\"", "\"x", "w/\"x\"", "W/", "\"a b\"", "*, \"x\"", "**", &*twice]
    {
        let answer = host.end_at(id, &[garbage], event).await;
        assert_problem(&answer, 400, "invalid_if_match", garbage);
    }
    assert_problem(&host.end_at(id, &["*"], "{").await, 400, "syntax", "the body comes first");
    assert_problem(&host.end_at(4711, &["*"], event).await, 404, "service_not_found", "any version of none");
    assert_problem(&host.end_at(4711, &[&first], event).await, 404, "service_not_found", "a version of none");
    assert!(host.shown(&format!("/services/{id}")).await.get("completed").is_none());

    // One of several, and in a field of its own.
    let several = format!("W/{first} , ,\"x\",\t{first}");
    for lists in [&[&*several][..], &[r#""x""#, &*first], &["*"], &[&*first]] {
        let id = host.start_service().await;
        let own = tag(&host, id).await;
        let own: Vec<String> = lists.iter().map(|list| list.replace(&*first, &own)).collect();
        let own: Vec<&str> = own.iter().map(String::as_str).collect();
        assert_eq!(host.end_at(id, &own, event).await.status, 204, "{lists:?}");
    }

    assert_eq!(host.end_at(id, &[&first], event).await.status, 204);
    let second = tag(&host, id).await;
    assert_ne!(second, first, "it has ended");
    assert_eq!(host.end_at(id, &[&first], event).await.status, 204, "a retry, which changes nothing");
    let other = r#"{"disposition":11}"#;
    assert_problem(&host.end_at(id, &[&first], other).await, 412, "version_mismatch", "it has changed");
    for lists in [&second, "*"] {
        assert_problem(&host.end_at(id, &[lists], other).await, 409, "service_already_ended", lists);
    }
}

/// Where later ends replace earlier ones, a version keeps callers from replacing what they have not seen.
pub(crate) async fn of_sixteen_callers_at_one_version_one_wins(fixture: &Fixture) {
    let host = Arc::new(fixture.host_with(&["--policy", "replace-earlier"]));
    let id = host.start_service().await;
    for round in 0..5 {
        let version = tag(&host, id).await;
        let mut callers = JoinSet::new();
        for caller in 0..16 {
            let (host, version) = (Arc::clone(&host), version.clone());
            callers.spawn(async move {
                let event = format!(r#"{{"disposition":{}}}"#, round * 16 + caller);
                host.end_at(id, &[r#""x""#, &version], &event).await.status
            });
        }
        let mut answers = callers.join_all().await;
        answers.sort_unstable();
        assert_eq!((answers[0], answers[1], answers[15]), (204, 412, 412), "{answers:?}");
    }
}
