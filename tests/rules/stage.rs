//! The stage on which services are ended: two schemas, a store with one active service, and a clock that stands
//! still.

use std::error::Error;
use std::fmt::Write as _;

use service_end::{
    CompleteError, CompleteService, Completion, EndPolicy, EndRules, MemoryStorage, Outcome, Problem,
    Schemas, Service, ServiceId, Storage, StoredService, Timestamp, Validator,
    service::{Decision, decide},
    storage::Want,
};

pub(crate) const ID: i64 = 36_981_723;
pub(crate) const START: &str = "2009-05-12T11:50:00.000Z";
pub(crate) const NOW: &str = "2009-05-12T12:05:12.145Z";

const SCHEMAS: &str = r#"[
  { "name": "Feedback", "type": "single-valued",
    "attributes": [
      { "name": "FeedbackType", "type": "string", "length": 32 },
      { "name": "rating", "type": "integer" },
      { "name": "notes", "type": "string", "default": "none" } ] },
  { "name": "Satisfaction", "type": "multi-valued",
    "attributes": [
      { "name": "rating", "type": "integer", "mandatory": true },
      { "name": "place", "type": "string", "default": "unknown" },
      { "name": "usefull", "type": "boolean" } ],
    "unique": ["place"] }
]"#;

pub(crate) fn schemas() -> Schemas {
    Schemas::from_json(SCHEMAS).unwrap()
}

pub(crate) fn validator() -> Validator {
    Validator::new(schemas())
}

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// The service of the stage, active.
pub(crate) fn active() -> StoredService {
    StoredService::new(ID, 0, at(START))
}

/// A store that keeps this service alone.
pub(crate) fn store_with(service: StoredService) -> MemoryStorage {
    let storage = MemoryStorage::new();
    assert!(storage.insert(service));
    storage
}

/// The operation over a store with the active service.
pub(crate) fn operation() -> CompleteService<MemoryStorage> {
    CompleteService::new(validator(), store_with(active()))
}

/// The operation over a store whose service was ended by a body.
pub(crate) fn ended_by(body: &str) -> CompleteService<MemoryStorage> {
    let operation = operation();
    assert_eq!(end(&operation, body), "ended", "{body}");
    operation
}

/// Ends the service of the stage, now, and tells what the caller is told.
pub(crate) fn end<S: Storage>(operation: &CompleteService<S>, body: &str) -> String {
    end_at(operation, body, NOW)
}

pub(crate) fn end_at<S: Storage>(operation: &CompleteService<S>, body: &str, now: &str) -> String {
    told(&operation.end(ID, body.as_bytes(), at(now)))
}

/// What the caller is told: `ended`, `already so`, `replaced`, or the code of the problem with its violations.
pub(crate) fn told<E: Error>(answer: &Result<Outcome, CompleteError<E>>) -> String {
    match answer {
        Ok(Outcome::Ended(_)) => "ended".to_owned(),
        Ok(Outcome::AlreadySo(_)) => "already so".to_owned(),
        Ok(Outcome::Replaced(_)) => "replaced".to_owned(),
        Err(error) => {
            let problem = Problem::from(error);
            let mut told = problem.code().to_string();
            for violation in problem.violations().into_iter().flatten() {
                write!(told, " {} {}", violation.pointer(), violation.code()).unwrap();
            }
            told
        }
    }
}

/// All that is stored of the service of the stage.
pub(crate) fn stored(storage: &impl Storage) -> StoredService {
    storage.load(ServiceId(ID), Want::All).unwrap().expect("the service is there")
}

/// The document of the service of the stage, as text.
pub(crate) fn document(storage: &impl Storage) -> String {
    serde_json::to_string(&Service::read(&stored(storage), &schemas())).unwrap()
}

/// The document of the service of the stage, ended now, with what is said here of its end and its extensions.
pub(crate) fn ended_document(completed: &str, extensions: &str) -> String {
    let comma = |text: &str| if text.is_empty() { String::new() } else { format!(",{text}") };
    format!(
        r#"{{"service_id":{ID},"started":{{"timestamp":"{START}"}},"completed":{{"timestamp":"{NOW}"{}}}{}}}"#,
        comma(completed),
        comma(extensions),
    )
}

/// The service, ended.
pub(crate) fn completed(service: StoredService) -> StoredService {
    let operation = CompleteService::new(validator(), store_with(service));
    assert_eq!(end(&operation, r#"{ "disposition": 10 }"#), "ended");
    stored(operation.storage())
}

/// What a body changes about the service as it is stored now. An earlier end is replaced.
pub(crate) fn completion(storage: &impl Storage, body: &str) -> Completion {
    let event = validator().read(body.as_bytes()).unwrap();
    let rules = EndRules::new().with_policy(EndPolicy::ReplaceEarlier);
    match decide(ServiceId(ID), Some(&stored(storage)), event, &rules, at(NOW)) {
        Ok(Decision::Complete(completion)) => completion,
        other => panic!("something is to be changed: {other:?}"),
    }
}
