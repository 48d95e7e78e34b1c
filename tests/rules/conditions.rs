//! What the answer says of an end that is refused: what differs, which version, whose service.

use service_end::service::{Decision, Refusal, decide};
use service_end::storage::{Commit, Want};
use service_end::{
    CompleteError, CompleteService, Completion, EndPolicy, EndRules, ServiceEndEvent, ServiceId, Storage,
    StoredService, Version,
};

use crate::stage::{ID, NOW, at, end, ended_by, operation, stored, told, validator};

fn differences(recorded: &str, body: &str) -> Vec<String> {
    let answer = ended_by(recorded).end(ID, body.as_bytes(), at(NOW));
    match answer {
        Err(CompleteError::Refused(Refusal::AlreadyEnded { differences, .. })) => differences,
        other => panic!("{body}: {other:?}"),
    }
}

#[test]
fn what_differs_is_named_fixed_fields_first_then_extensions_in_the_order_of_the_event() {
    let recorded =
        r#"{ "disposition": 10, "session_id": "s", "Feedback": { "rating": 7 }, "Satisfaction": [] }"#;
    for (body, expected) in [
        // A field that the event leaves out differs from one that is recorded.
        (r#"{ "session_id": "s" }"#, vec!["/disposition"]),
        (r"{}", vec!["/session_id", "/disposition"]),
        (r#"{ "disposition": 11, "session_id": "s" }"#, vec!["/disposition"]),
        (r#"{ "disposition": 10, "session_id": "s", "resource_id": 1 }"#, vec!["/resource_id"]),
        // A timestamp that is left out matches any; it comes last of the fixed fields.
        (
            r#"{ "timestamp": "2009-05-12T12:05:12.146Z", "session_id": "t", "disposition": 10 }"#,
            vec!["/session_id", "/timestamp"],
        ),
        // In the spelling of the schema.
        (
            r#"{ "SATISFACTION": [ { "rating": 1 } ], "disposition": 10, "session_id": "s", "feedback": {} }"#,
            vec!["/Satisfaction", "/Feedback"],
        ),
        (r#"{ "Feedback": { "rating": 7 }, "disposition": "10", "session_id": "s" }"#, vec!["/disposition"]),
        (
            r#"{ "Feedback": { "rating": 8 }, "Satisfaction": [], "session_id": "s" }"#,
            vec!["/disposition", "/Feedback"],
        ),
    ] {
        assert_eq!(differences(recorded, body), expected, "{body}");
    }
}

/// Ends the service of the stage if it is still at a version.
fn end_at_version<S: Storage>(operation: &CompleteService<S>, version: Version, body: &str) -> String {
    told(&operation.end(ServiceId(ID).at(version), body.as_bytes(), at(NOW)))
}

#[test]
fn an_event_at_another_version_is_refused_unless_it_changes_nothing() {
    let body = r#"{ "disposition": 10, "Feedback": { "rating": 7 } }"#;
    let other = r#"{ "disposition": 11 }"#;
    for policy in [EndPolicy::KeepFirst, EndPolicy::ReplaceEarlier] {
        let operation = operation().with_end_rules(EndRules::new().with_policy(policy));
        let started = stored(operation.storage()).version;
        let wrong = Version(started.0 + 1_000);

        assert_eq!(end_at_version(&operation, wrong, body), "version_mismatch");
        assert_eq!(stored(operation.storage()).version, started, "nothing has changed");
        assert_eq!(end_at_version(&operation, started, body), "ended");

        // The version that the caller has seen is gone, by the very end that it asks for once more.
        assert_eq!(end_at_version(&operation, started, body), "already so");
        assert_eq!(end_at_version(&operation, wrong, body), "already so");
        // Told before that the service has ended.
        assert_eq!(end_at_version(&operation, started, other), "version_mismatch");
        let ended = stored(operation.storage()).version;
        let at_the_right_one = end_at_version(&operation, ended, other);
        match policy {
            EndPolicy::ReplaceEarlier => assert_eq!(at_the_right_one, "replaced"),
            _ => assert_eq!(at_the_right_one, "service_already_ended"),
        }
    }
}

#[test]
fn a_body_with_violations_is_told_so_at_whatever_version() {
    let operation = operation();
    assert_eq!(
        end_at_version(&operation, Version(i64::MIN), r#"{ "resource_id": "x" }"#),
        "invalid_event /resource_id wrong_type"
    );
    let early = r#"{ "timestamp": "1999-01-01T00:00:00Z" }"#;
    assert_eq!(end_at_version(&operation, Version(i64::MIN), early), "version_mismatch");
    assert_eq!(end(&operation, early), "invalid_event /timestamp ends_before_start");
}

#[test]
fn a_refusal_names_the_version_that_the_service_is_at() {
    let service = StoredService::new(7, 3, at(NOW));
    let event = ServiceEndEvent::builder().build(&validator()).unwrap();
    let refused = decide(ServiceId(7).at(2), Some(&service), event, &EndRules::new(), at(NOW));
    let Err(Refusal::VersionMismatch { current, .. }) = refused else { panic!("{refused:?}") };
    assert_eq!(current, Version(3));
}

#[test]
fn a_service_that_was_not_asked_for_is_never_ended() {
    let strangers = StoredService::new(2, 1, at(NOW));
    for target in [ServiceId(1).into(), ServiceId(1).at(1)] {
        let event = ServiceEndEvent::builder().disposition(10).build(&validator()).unwrap();
        let refused = decide(target, Some(&strangers), event.clone(), &EndRules::new(), at(NOW));
        let Err(Refusal::WrongService { loaded, .. }) = refused else { panic!("{refused:?}") };
        assert_eq!(loaded, ServiceId(2));
        let own = decide(2, Some(&strangers), event, &EndRules::new(), at(NOW));
        assert!(matches!(own, Ok(Decision::Complete(_))), "{own:?}");
    }
}

/// A store that has one service, and gives it whatever is asked for.
struct WrongRow;

impl Storage for WrongRow {
    type Error = std::convert::Infallible;

    fn load(&self, _: ServiceId, _: Want<'_>) -> Result<Option<StoredService>, Self::Error> {
        Ok(Some(StoredService::new(2, 1, at(NOW))))
    }

    fn commit(&self, completion: &Completion) -> Result<Commit, Self::Error> {
        panic!("a stranger's service: {completion:?}")
    }
}

#[test]
fn a_store_that_answers_with_another_service_is_at_fault() {
    let operation = CompleteService::new(validator(), WrongRow);
    assert_eq!(end(&operation, "{}"), "storage_unavailable");
}
