use rusqlite::limits::Limit;
use service_end::{
    AttributeSchema, CompleteError, CompleteService, ExtensionSchema, Schemas, Storage, Timestamp, Validator,
    Version, storage::Want,
};

use crate::SqliteStorage;

#[test]
fn what_the_engine_can_never_hold_is_an_answer_and_changes_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let storage = SqliteStorage::open(directory.path().join("services.db")).unwrap();
    // The engine's own limit is a thousand million bytes; lowered here, it answers the same.
    storage.writer.connection().set_limit(Limit::SQLITE_LIMIT_LENGTH, 1_000_000).unwrap();
    let note =
        ExtensionSchema::single_valued("Note").attribute(AttributeSchema::string("text")).build().unwrap();
    let operation = CompleteService::new(Validator::new(Schemas::new().with(note).unwrap()), &storage);
    let id = storage.start(Timestamp::now()).unwrap();
    let body =
        |length| format!(r#"{{"disposition":10,"Note":{{"text":"{}"}}}}"#, "x".repeat(length)).into_bytes();

    let refused = operation.end(id, &body(1_000_000), Timestamp::now());
    assert!(matches!(refused, Err(CompleteError::TooLargeForStorage)), "{refused:?}");
    let service = storage.load(id, Want::All).unwrap().unwrap();
    assert_eq!((service.version, service.end.as_ref(), service.extensions().len()), (Version(1), None, 0));

    assert!(operation.end(id, &body(999_000), Timestamp::now()).is_ok());
    assert_eq!(storage.load(id, Want::All).unwrap().unwrap().extensions().len(), 1);
}
