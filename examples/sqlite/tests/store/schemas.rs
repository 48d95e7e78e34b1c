//! The registered schemas: kept, removed with their records, and never the way back for old records.

use service_end::{
    AttributeSchema, CompleteError, ExtensionSchema, Outcome, Schemas, ServiceId, Storage, StoredService,
    Version,
    schema::{AttributeSchemaBuilder, OpenNames, ReplaceError},
    storage::Want,
};

use crate::{fresh, now, open, operation, started};

fn feedback(attribute: &str) -> ExtensionSchema {
    ExtensionSchema::single_valued("Feedback").attribute(AttributeSchema::integer(attribute)).build().unwrap()
}

fn satisfaction() -> ExtensionSchema {
    ExtensionSchema::multi_valued("Satisfaction")
        .attribute(AttributeSchema::integer("rating").mandatory())
        .attribute(AttributeSchema::string("place").length(64).default("unknown"))
        .unique(["place"])
        .build()
        .unwrap()
}

const BODY: &[u8] =
    br#"{ "disposition": 10, "Feedback": { "rating": 7 }, "Satisfaction": [ { "rating": 2 } ] }"#;

#[test]
fn a_restart_keeps_services_and_schemas() {
    let (directory, storage) = fresh();
    assert!(storage.register(&satisfaction()).unwrap());
    assert!(storage.register(&feedback("rating")).unwrap());
    let schemas = storage.schemas().unwrap();
    let id = storage.start(started()).unwrap();
    assert!(operation(&storage, &schemas).end(id, BODY, now()).is_ok());
    let before = storage.load(id, Want::All).unwrap();
    drop(storage);

    let storage = open(&directory);
    let again = storage.schemas().unwrap();
    assert!(again.iter().eq([&satisfaction(), &feedback("rating")]), "in the order registered");
    assert_eq!(storage.load(id, Want::All).unwrap(), before);
    assert!(matches!(operation(&storage, &again).end(id, BODY, now()), Ok(Outcome::AlreadySo(_))));
    assert!(storage.start(started()).unwrap() > id, "an id is never given twice");
}

#[test]
fn a_name_is_taken_in_every_case() {
    let (_directory, storage) = fresh();
    assert!(storage.register(&feedback("rating")).unwrap());
    let shouted =
        ExtensionSchema::single_valued("FEEDBACK").attribute(AttributeSchema::string("x")).build().unwrap();
    assert!(!storage.register(&shouted).unwrap());
    assert!(storage.schemas().unwrap().iter().eq([&feedback("rating")]));
    assert!(!storage.unregister("Satisfaction").unwrap());
    assert!(storage.unregister("fEEDBACK").unwrap());
    assert!(!storage.unregister("Feedback").unwrap());
    assert!(storage.schemas().unwrap().is_empty());
}

#[test]
fn replacing_a_schema_keeps_its_records_and_turns_away_what_was_read_with_the_earlier_version() {
    let (_directory, storage) = fresh();
    let newer = |attribute: AttributeSchemaBuilder| {
        ExtensionSchema::single_valued("Feedback").attribute(attribute).build().unwrap()
    };
    let long = newer(AttributeSchema::long("rating"));
    assert!(matches!(storage.replace(&long, true), Ok(Err(ReplaceError::NotFound(_)))));
    storage.register(&feedback("rating")).unwrap();
    storage.register(&satisfaction()).unwrap();
    let earlier = storage.schemas().unwrap();
    let [id, late] = [(); 2].map(|()| storage.start(started()).unwrap());
    assert!(operation(&storage, &earlier).end(id, BODY, now()).is_ok());

    assert!(matches!(
        storage.replace(&newer(AttributeSchema::string("rating")), false),
        Ok(Err(ReplaceError::Incompatible(_)))
    ));
    assert_eq!(storage.replace(&long, false).unwrap(), Ok(()));
    assert!(storage.schemas().unwrap().iter().eq([&long, &satisfaction()]), "in its place");
    let changed = operation(&storage, &earlier).end(late, BODY, now());
    assert!(matches!(changed, Err(CompleteError::SchemaChanged)), "{changed:?}");
    assert!(operation(&storage, &storage.schemas().unwrap()).end(late, BODY, now()).is_ok());
    let service = storage.load(id, Want::All).unwrap().unwrap();
    assert_eq!(service.extension("feedback"), Some(r#"{"rating":7}"#));
    assert_eq!(storage.replace(&feedback("stars"), true).unwrap(), Ok(()));
}

#[test]
fn removing_a_schema_removes_its_records_and_no_others() {
    let (_directory, storage) = fresh();
    storage.register(&satisfaction()).unwrap();
    storage.register(&feedback("rating")).unwrap();
    let id = storage.start(started()).unwrap();
    assert!(operation(&storage, &storage.schemas().unwrap()).end(id, BODY, now()).is_ok());
    assert!(storage.unregister("Feedback").unwrap());
    let service = storage.load(id, Want::All).unwrap().unwrap();
    assert_eq!(service.extension("feedback"), None);
    assert_eq!(service.extension("satisfaction"), Some(r#"[{"rating":2,"place":"unknown"}]"#));

    assert!(storage.register(&feedback("rating")).unwrap(), "declared anew, to the letter");
    assert_eq!(storage.load(id, Want::All).unwrap().unwrap().extension("feedback"), None);
    assert_eq!(
        storage.schemas().unwrap().iter().map(ExtensionSchema::name).collect::<Vec<_>>(),
        ["Satisfaction", "Feedback"]
    );
}

#[test]
fn an_event_read_with_a_schema_that_is_gone_writes_nothing() {
    let (_directory, storage) = fresh();
    storage.register(&satisfaction()).unwrap();
    storage.register(&feedback("rating")).unwrap();
    let old = storage.schemas().unwrap();
    let id = storage.start(started()).unwrap();
    let refused = || {
        let refused = operation(&storage, &old).end(id, BODY, now());
        assert!(matches!(refused, Err(CompleteError::SchemaChanged)), "{refused:?}");
        let service = storage.load(id, Want::All).unwrap().unwrap();
        assert_eq!(
            (service.version, service.end.as_ref(), service.extensions().len()),
            (Version(1), None, 0)
        );
    };

    storage.unregister("Feedback").unwrap();
    refused();
    storage.register(&feedback("stars")).unwrap();
    refused();
    let body = br#"{ "disposition": 10, "Feedback": { "stars": 5 } }"#;
    assert!(operation(&storage, &storage.schemas().unwrap()).end(id, body, now()).is_ok());
    let service = storage.load(id, Want::All).unwrap().unwrap();
    assert_eq!(service.extension("feedback"), Some(r#"{"stars":5}"#));
}

#[test]
fn a_host_that_keeps_its_schemas_elsewhere_can_use_the_store_and_register_them_later() {
    let (_directory, storage) = fresh();
    let own = Schemas::new().with(feedback("rating")).unwrap().with(satisfaction()).unwrap();
    let id = storage.start(started()).unwrap();
    assert!(operation(&storage, &own).end(id, BODY, now()).is_ok());
    assert!(storage.register(&feedback("rating")).unwrap());
    let service = storage.load(id, Want::Named(&["feedback", "nothing"])).unwrap().unwrap();
    assert_eq!(service.extension("feedback"), Some(r#"{"rating":7}"#));
    assert_eq!(service.extensions().len(), 1);
}

#[test]
fn a_service_is_inserted_once() {
    let (_directory, storage) = fresh();
    let service = StoredService::new(i64::MIN, 99, started()).with_extension("Gone", "no {json}");
    assert!(storage.insert(&service).unwrap());
    assert!(!storage.insert(&StoredService::new(i64::MIN, 99, now()).with_extension("More", "{}")).unwrap());
    let stored = storage.load(service.service_id, Want::All).unwrap().unwrap();
    assert_eq!(stored.started, started());
    assert!(stored.extensions().eq(service.extensions()), "even what nobody can read");
    assert_eq!(storage.load(0.into(), Want::All).unwrap(), None);
}

#[test]
fn a_whole_store_is_carried_in_batches_and_a_second_time_nothing_is_left_to_do() {
    let (_directory, storage) = fresh();
    storage.register(&feedback("rating")).unwrap();
    let schemas = storage.schemas().unwrap();
    let ids: Vec<_> = (0..5).map(|_| storage.start(started()).unwrap()).collect();
    for id in &ids {
        let body = br#"{ "Feedback": { "rating": 7 } }"#;
        assert!(operation(&storage, &schemas).end(*id, body, now()).is_ok());
    }
    let many = ExtensionSchema::multi_valued("Feedback")
        .attribute(AttributeSchema::long("rating"))
        .attribute(AttributeSchema::string("channel").mandatory().default("phone"))
        .build()
        .unwrap();
    assert_eq!(storage.replace(&many, true).unwrap(), Ok(()));
    // One that the schema can't read.
    let gone = StoredService::new(100, 0, started()).with_extension("Feedback", r#"{"gone":1}"#);
    storage.insert(&gone).unwrap();

    let all = |dry_run: bool| {
        let (mut after, mut changed, mut failed) = (None, 0, Vec::new());
        loop {
            let batch = storage.migrate(after, 2, dry_run).unwrap();
            changed += batch.changed;
            failed.extend(batch.failed.iter().map(|(id, _)| id.0));
            let Some(last) = batch.last else { return (changed, failed) };
            after = Some(last);
        }
    };
    let before = storage.load(ids[0], Want::All).unwrap().unwrap();
    assert_eq!(all(true), (5, vec![100]));
    assert_eq!(storage.load(ids[0], Want::All).unwrap().unwrap(), before, "a dry run changes nothing");
    assert_eq!(all(false), (5, vec![100]));
    let service = storage.load(ids[0], Want::All).unwrap().unwrap();
    assert_eq!(service.extension("feedback"), Some(r#"[{"rating":7,"channel":"phone"}]"#));
    assert!(service.version > before.version && service.end == before.end);
    assert_eq!(all(false), (0, vec![100]));
    assert_eq!(storage.load(ids[0], Want::All).unwrap().unwrap(), service);
}

#[test]
fn an_extension_without_a_schema_stays_as_it_is_and_the_others_are_carried() {
    let (directory, storage) = fresh();
    let gone = ExtensionSchema::single_valued("Gone").attribute(AttributeSchema::integer("rating"));
    storage.register(&gone.build().unwrap()).unwrap();
    storage.register(&feedback("rating")).unwrap();
    let schemas = storage.schemas().unwrap().with_open(OpenNames::every());
    let id = storage.start(started()).unwrap();
    let body = br#"{ "Case": {"a": [1.0]}, "Feedback": { "rating": 7 }, "Gone": { "rating": 1 } }"#;
    assert!(operation(&storage, &schemas).end(id, body, now()).is_ok());
    let only_open = storage.start(started()).unwrap();
    assert!(operation(&storage, &schemas).end(only_open, br#"{ "Case": 1 }"#, now()).is_ok());
    let many = ExtensionSchema::multi_valued("Feedback").attribute(AttributeSchema::integer("rating"));
    assert_eq!(storage.replace(&many.build().unwrap(), true).unwrap(), Ok(()));
    // What is left of a schema that was removed, as if the process had been killed before the records were deleted.
    let connection = rusqlite::Connection::open(directory.path().join("services.db")).unwrap();
    connection
        .execute("UPDATE schemas SET declared = NULL, generation = generation + 1 WHERE key = 'gone'", ())
        .unwrap();
    let rows = || -> Vec<String> {
        let sql = "SELECT concat_ws(' ', service_id, name, generation, records) FROM extensions
                   WHERE key <> 'feedback' ORDER BY service_id, key";
        let mut statement = connection.prepare(sql).unwrap();
        statement.query_map((), |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    };
    let (before, other) = (rows(), storage.load(only_open, Want::All).unwrap());
    let batch = storage.migrate(None, 10, false).unwrap();
    assert!(batch.failed.is_empty(), "{:?}", batch.failed);
    assert_eq!((batch.services, batch.changed), (2, 1));
    let service = storage.load(id, Want::All).unwrap().unwrap();
    let mut kept: Vec<_> = service.extensions().map(|kept| (kept.name, kept.json)).collect();
    kept.sort_unstable();
    assert_eq!(kept, [("Case", r#"{"a":[1.0]}"#), ("Feedback", r#"[{"rating":7}]"#)]);
    assert_eq!(storage.load(only_open, Want::All).unwrap(), other);
    assert_eq!(rows(), before);
}

#[test]
fn a_file_of_before_has_its_columns_added_and_keeps_what_is_stored() {
    let directory = tempfile::tempdir().unwrap();
    let old = rusqlite::Connection::open(directory.path().join("services.db")).unwrap();
    old.execute_batch(
        r#"CREATE TABLE services (service_id INTEGER PRIMARY KEY AUTOINCREMENT, version INTEGER NOT NULL,
               started INTEGER NOT NULL, completed TEXT) STRICT;
           CREATE TABLE extensions (service_id INTEGER NOT NULL REFERENCES services ON DELETE CASCADE,
               key TEXT NOT NULL, records TEXT NOT NULL, PRIMARY KEY (service_id, key)) STRICT;
           CREATE TABLE schemas (key TEXT PRIMARY KEY, position INTEGER NOT NULL, declared TEXT) STRICT;
           INSERT INTO services VALUES (7, 3, 0, NULL);
           INSERT INTO extensions VALUES (7, 'feedback', '{"rating":7}');"#,
    )
    .unwrap();
    drop(old);
    let every = Schemas::new().with_open(OpenNames::every());
    let storage = open(&directory);
    let service = storage.load(ServiceId(7), Want::All).unwrap().unwrap();
    let kept: Vec<_> = service.extensions().map(|kept| (kept.name, kept.json)).collect();
    assert_eq!(kept, [("feedback", r#"{"rating":7}"#)], "how it was spelled was not kept");
    let answer = operation(&storage, &every).end(7, br#"{"FeedBack":[1.0]}"#, now());
    assert!(matches!(answer, Ok(Outcome::Ended(_))));
    drop(storage);
    let storage = open(&directory);
    let service = storage.load(ServiceId(7), Want::All).unwrap().unwrap();
    let kept: Vec<_> = service.extensions().map(|kept| (kept.name, kept.json)).collect();
    assert_eq!(kept, [("FeedBack", "[1.0]")]);
}
