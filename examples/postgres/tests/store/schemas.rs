//! The registered schemas: kept, removed with their records, and never the way back for old records.

use std::time::{Duration, Instant};

use service_end::{
    AsyncStorage as _, AttributeSchema, CompleteError, ExtensionSchema, Outcome, Schemas, ServiceId,
    StoredService, Version,
    schema::{OpenNames, ReplaceError},
    storage::Want,
};
use service_end_postgres::{PostgresError, PostgresStorage};

use crate::server::Server;
use crate::{now, operation, started};

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

async fn all(storage: &PostgresStorage, id: ServiceId) -> StoredService {
    storage.load(id, Want::All).await.unwrap().unwrap()
}

#[tokio::test]
async fn a_restart_keeps_services_and_schemas() {
    let mut server = Server::start();
    let storage = server.storage().await;
    assert!(storage.register(&satisfaction()).await.unwrap());
    assert!(storage.register(&feedback("rating")).await.unwrap());
    let schemas = storage.schemas().await.unwrap();
    let id = storage.start(started()).await.unwrap();
    assert!(operation(&storage, &schemas).end_async(id, BODY, now()).await.is_ok());
    let before = all(&storage, id).await;
    drop(storage);
    server.kill();
    server.restart();

    let storage = server.storage().await;
    let again = storage.schemas().await.unwrap();
    assert!(again.iter().eq([&satisfaction(), &feedback("rating")]), "in the order registered");
    assert_eq!(all(&storage, id).await, before);
    let retry = operation(&storage, &again).end_async(id, BODY, now()).await;
    assert!(matches!(retry, Ok(Outcome::AlreadySo(_))), "{retry:?}");
    assert!(storage.start(started()).await.unwrap() > id, "an id is never given twice");
}

#[tokio::test]
async fn a_name_is_taken_in_every_case() {
    let server = Server::start();
    let storage = server.storage().await;
    assert!(storage.register(&feedback("rating")).await.unwrap());
    let shouted =
        ExtensionSchema::single_valued("FEEDBACK").attribute(AttributeSchema::string("x")).build().unwrap();
    assert!(!storage.register(&shouted).await.unwrap());
    assert!(storage.schemas().await.unwrap().iter().eq([&feedback("rating")]));
    assert!(!storage.unregister("Satisfaction").await.unwrap());
    assert!(storage.unregister("fEEDBACK").await.unwrap());
    assert!(!storage.unregister("Feedback").await.unwrap());
    assert!(storage.schemas().await.unwrap().is_empty());
}

#[tokio::test]
async fn removing_a_schema_removes_its_records_and_no_others() {
    let server = Server::start();
    let storage = server.storage().await;
    storage.register(&satisfaction()).await.unwrap();
    storage.register(&feedback("rating")).await.unwrap();
    let id = storage.start(started()).await.unwrap();
    let schemas = storage.schemas().await.unwrap();
    assert!(operation(&storage, &schemas).end_async(id, BODY, now()).await.is_ok());
    assert!(storage.unregister("Feedback").await.unwrap());
    assert_eq!(server.ask("SELECT key FROM extensions").await, ["satisfaction"]);
    let service = all(&storage, id).await;
    assert_eq!(service.extension("feedback"), None);
    assert!(service.extension("satisfaction").is_some());

    assert!(storage.register(&feedback("rating")).await.unwrap(), "declared anew, to the letter");
    assert_eq!(all(&storage, id).await.extension("feedback"), None);
    let schemas = storage.schemas().await.unwrap();
    assert_eq!(schemas.iter().map(ExtensionSchema::name).collect::<Vec<_>>(), ["Satisfaction", "Feedback"]);
}

#[tokio::test]
async fn an_event_read_with_a_schema_that_is_gone_writes_nothing() {
    let server = Server::start();
    let storage = server.storage().await;
    storage.register(&satisfaction()).await.unwrap();
    storage.register(&feedback("rating")).await.unwrap();
    let old = storage.schemas().await.unwrap();
    let id = storage.start(started()).await.unwrap();
    let refused = || async {
        let refused = operation(&storage, &old).end_async(id, BODY, now()).await;
        assert!(matches!(refused, Err(CompleteError::SchemaChanged)), "{refused:?}");
        let service = all(&storage, id).await;
        assert_eq!(
            (service.version, service.end.as_ref(), service.extensions().len()),
            (Version(1), None, 0)
        );
    };

    storage.unregister("Feedback").await.unwrap();
    refused().await;
    storage.register(&feedback("stars")).await.unwrap();
    refused().await;
    let body = br#"{ "disposition": 10, "Feedback": { "stars": 5 } }"#;
    let schemas = storage.schemas().await.unwrap();
    assert!(operation(&storage, &schemas).end_async(id, body, now()).await.is_ok());
    assert_eq!(all(&storage, id).await.extension("feedback"), Some(r#"{"stars":5}"#));
}

/// Has a commit wait for the service's row, which somebody else holds, while something is done to its schema. Tells
/// what the commit answers, and what is stored then.
async fn commit_that_waits_while<W: Future<Output = ()>>(
    meanwhile: impl FnOnce(PostgresStorage) -> W,
) -> (Result<(), CompleteError<PostgresError>>, StoredService) {
    let server = Server::start();
    let storage = server.storage().await;
    storage.register(&feedback("rating")).await.unwrap();
    let schemas = storage.schemas().await.unwrap();
    let id = storage.start(started()).await.unwrap();

    let (mut client, connection) =
        tokio_postgres::connect(&server.url(), tokio_postgres::NoTls).await.unwrap();
    let connection = tokio::spawn(connection);
    let holding = client.transaction().await.unwrap();
    holding.execute("SELECT FROM services WHERE service_id = $1 FOR UPDATE", &[&id.0]).await.unwrap();
    let ending = tokio::spawn({
        let (storage, schemas) = (storage.clone(), schemas.clone());
        let body = br#"{ "disposition": 10, "Feedback": { "rating": 7 } }"#;
        async move { operation(&storage, &schemas).end_async(id, body, now()).await.map(|_| ()) }
    });
    let waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'";
    while server.ask(waiting).await != ["1"] {}
    meanwhile(storage.clone()).await;
    holding.rollback().await.unwrap();
    let answer = ending.await.unwrap();
    drop(client);
    connection.await.unwrap().unwrap();
    (answer, all(&storage, id).await)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_that_waits_while_its_schema_is_removed_changes_nothing() {
    let (answer, service) = commit_that_waits_while(async |storage| {
        assert!(storage.unregister("Feedback").await.unwrap());
    })
    .await;
    assert!(matches!(answer, Err(CompleteError::SchemaChanged)), "{answer:?}");
    assert_eq!((service.version, service.end.as_ref(), service.extensions().len()), (Version(1), None, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_that_waits_while_its_schema_is_declared_anew_changes_nothing_if_it_is_another() {
    let (answer, service) = commit_that_waits_while(async |storage| {
        assert!(storage.unregister("Feedback").await.unwrap());
        assert!(storage.register(&feedback("stars")).await.unwrap());
    })
    .await;
    assert!(matches!(answer, Err(CompleteError::SchemaChanged)), "{answer:?}");
    assert_eq!((service.version, service.end.as_ref(), service.extensions().len()), (Version(1), None, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_that_waits_while_its_schema_is_declared_anew_is_seen_if_it_is_equal() {
    let (answer, service) = commit_that_waits_while(async |storage| {
        assert!(storage.unregister("Feedback").await.unwrap());
        assert!(storage.register(&feedback("rating")).await.unwrap());
    })
    .await;
    assert!(answer.is_ok(), "{answer:?}");
    assert_eq!(service.extension("feedback"), Some(r#"{"rating":7}"#));
}

/// A name of no schema yet is taken as it comes: until it is registered, and not after.
#[tokio::test(flavor = "multi_thread")]
async fn a_commit_that_waits_while_a_name_is_registered_for_the_first_time_changes_nothing() {
    let server = Server::start();
    let storage = server.storage().await;
    let id = storage.start(started()).await.unwrap();
    let own = Schemas::new().with(feedback("rating")).unwrap();
    let (mut client, connection) =
        tokio_postgres::connect(&server.url(), tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    let holding = client.transaction().await.unwrap();
    holding.execute("SELECT FROM services WHERE service_id = $1 FOR UPDATE", &[&id.0]).await.unwrap();
    let ending = tokio::spawn({
        let storage = storage.clone();
        let body = br#"{ "Feedback": { "rating": 7 } }"#;
        async move { operation(&storage, &own).end_async(id, body, now()).await.map(|_| ()) }
    });
    let waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'";
    while server.ask(waiting).await != ["1"] {}
    assert!(storage.register(&feedback("stars")).await.unwrap());
    holding.rollback().await.unwrap();
    let answer = ending.await.unwrap();
    assert!(matches!(answer, Err(CompleteError::SchemaChanged)), "{answer:?}");
    assert_eq!(all(&storage, id).await.end, None);
}

/// Callers never stop naming the extension. Its removal is done all the same, and soon.
#[tokio::test(flavor = "multi_thread")]
async fn a_schema_is_removed_beside_commits_that_never_pause() {
    let server = Server::start();
    let storage = server.storage().await;
    storage.register(&feedback("rating")).await.unwrap();
    let schemas = storage.schemas().await.unwrap();
    let ending: Vec<_> = (0..12)
        .map(|_| {
            let (storage, schemas) = (storage.clone(), schemas.clone());
            tokio::spawn(async move {
                let mut ended = 0;
                loop {
                    let id = storage.start(started()).await.unwrap();
                    let body = br#"{ "Feedback": { "rating": 7 } }"#;
                    match operation(&storage, &schemas).end_async(id, body, now()).await {
                        Ok(_) => ended += 1,
                        Err(CompleteError::SchemaChanged) => return ended,
                        Err(error) => panic!("{error:?}"),
                    }
                }
            })
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(500)).await;
    let begun = Instant::now();
    assert!(storage.unregister("Feedback").await.unwrap());
    let took = begun.elapsed();
    let mut ended = 0;
    for caller in ending {
        ended += caller.await.unwrap();
    }
    assert!(ended > 12, "so few ends that nothing is shown: {ended}");
    assert!(took < Duration::from_secs(4), "it took {took:?}");
    assert_eq!(server.ask("SELECT count(*) FROM extensions").await, ["0"]);
}

#[tokio::test]
async fn a_host_that_keeps_its_schemas_elsewhere_can_use_the_store_and_register_them_later() {
    let server = Server::start();
    let storage = server.storage().await;
    let own = Schemas::new().with(feedback("rating")).unwrap().with(satisfaction()).unwrap();
    let id = storage.start(started()).await.unwrap();
    assert!(operation(&storage, &own).end_async(id, BODY, now()).await.is_ok());
    assert!(storage.register(&feedback("rating")).await.unwrap());
    let service = storage.load(id, Want::Named(&["feedback", "nothing"])).await.unwrap().unwrap();
    assert_eq!(service.extension("feedback"), Some(r#"{"rating":7}"#));
    assert_eq!(service.extensions().len(), 1);
}

#[tokio::test]
async fn a_newer_version_keeps_the_records_which_are_then_carried_to_it() {
    let server = Server::start();
    let storage = server.storage().await;
    let long = ExtensionSchema::single_valued("Feedback")
        .attribute(AttributeSchema::long("rating"))
        .build()
        .unwrap();
    assert!(matches!(storage.replace(&long, true).await, Ok(Err(ReplaceError::NotFound(_)))));
    storage.register(&feedback("rating")).await.unwrap();
    let earlier = storage.schemas().await.unwrap();
    let body = br#"{ "Feedback": { "rating": 7 } }"#;
    let mut ids = Vec::new();
    for _ in 0..5 {
        let id = storage.start(started()).await.unwrap();
        assert!(operation(&storage, &earlier).end_async(id, body, now()).await.is_ok());
        ids.push(id);
    }
    let text = ExtensionSchema::single_valued("Feedback")
        .attribute(AttributeSchema::string("rating"))
        .build()
        .unwrap();
    assert!(matches!(storage.replace(&text, false).await, Ok(Err(ReplaceError::Incompatible(_)))));
    assert_eq!(storage.replace(&long, false).await.unwrap(), Ok(()));
    let late = storage.start(started()).await.unwrap();
    let changed = operation(&storage, &earlier).end_async(late, body, now()).await;
    assert!(matches!(changed, Err(CompleteError::SchemaChanged)), "{changed:?}");
    assert_eq!(all(&storage, ids[0]).await.extension("feedback"), Some(r#"{"rating":7}"#));

    let many = ExtensionSchema::multi_valued("Feedback").attribute(AttributeSchema::long("rating")).build();
    assert_eq!(storage.replace(&many.unwrap(), true).await.unwrap(), Ok(()));
    // One that the schema can't read.
    let gone = StoredService::new(100, 0, started()).with_extension("Feedback", r#"{"gone":1}"#);
    storage.insert(&gone).await.unwrap();
    let before = all(&storage, ids[0]).await;
    for (dry_run, expected) in [(true, 5), (false, 5), (false, 0)] {
        let (mut after, mut changed, mut failed) = (None, 0, Vec::new());
        loop {
            let batch = storage.migrate(after, 2, dry_run).await.unwrap();
            changed += batch.changed;
            failed.extend(batch.failed.iter().map(|(id, _)| id.0));
            let Some(last) = batch.last else { break };
            after = Some(last);
        }
        assert_eq!((changed, &*failed), (expected, &[100][..]));
        assert_eq!(all(&storage, ids[0]).await == before, dry_run, "a dry run changes nothing");
    }
    let after = all(&storage, ids[0]).await;
    assert_eq!(after.extension("feedback"), Some(r#"[{"rating":7}]"#));
    assert!(after.version > before.version && after.end == before.end);
}

#[tokio::test]
async fn an_extension_without_a_schema_stays_as_it_is_and_the_others_are_carried() {
    let server = Server::start();
    let storage = server.storage().await;
    let gone = ExtensionSchema::single_valued("Gone").attribute(AttributeSchema::integer("rating"));
    storage.register(&gone.build().unwrap()).await.unwrap();
    storage.register(&feedback("rating")).await.unwrap();
    let schemas = storage.schemas().await.unwrap().with_open(OpenNames::every());
    let id = storage.start(started()).await.unwrap();
    let body = br#"{ "Case": {"a": [1.0]}, "Feedback": { "rating": 7 }, "Gone": { "rating": 1 } }"#;
    assert!(operation(&storage, &schemas).end_async(id, body, now()).await.is_ok());
    let only_open = storage.start(started()).await.unwrap();
    assert!(operation(&storage, &schemas).end_async(only_open, br#"{ "Case": 1 }"#, now()).await.is_ok());
    let many = ExtensionSchema::multi_valued("Feedback").attribute(AttributeSchema::integer("rating"));
    assert_eq!(storage.replace(&many.build().unwrap(), true).await.unwrap(), Ok(()));
    // What is left of a schema that was removed, as if the process had been killed before the records were deleted.
    server.ask("UPDATE schemas SET declared = NULL, generation = generation + 1 WHERE key = 'gone'").await;
    let rows = "SELECT concat_ws(' ', service_id, name, generation, records) FROM extensions
                WHERE key <> 'feedback' ORDER BY service_id, key";
    let (before, other) = (server.ask(rows).await, all(&storage, only_open).await);
    let batch = storage.migrate(None, 10, false).await.unwrap();
    assert!(batch.failed.is_empty(), "{:?}", batch.failed);
    assert_eq!((batch.services, batch.changed, batch.overtaken), (2, 1, 0));
    let service = all(&storage, id).await;
    let mut kept: Vec<_> = service.extensions().map(|kept| (kept.name, kept.json)).collect();
    kept.sort_unstable();
    assert_eq!(kept, [("Case", r#"{"a":[1.0]}"#), ("Feedback", r#"[{"rating":7}]"#)]);
    assert_eq!(all(&storage, only_open).await, other);
    assert_eq!(server.ask(rows).await, before);
}
