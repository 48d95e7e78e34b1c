//! The registered schemas: kept, removed with their records, and never the way back for old records.

use service_end::{
    AsyncStorage as _, AttributeSchema, CompleteError, ExtensionSchema, Outcome, Schemas, ServiceId,
    StoredService, storage::Want,
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
    operation(&storage, &schemas).end_async(id, BODY, now()).await.unwrap();
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
    operation(&storage, &schemas).end_async(id, BODY, now()).await.unwrap();
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
        let Err(CompleteError::Storage(PostgresError::SchemaChanged(key))) = refused else {
            panic!("{refused:?}")
        };
        assert_eq!(key, "feedback");
        let service = all(&storage, id).await;
        assert_eq!((service.version, service.end, service.extensions.len()), (1, None, 0));
    };

    storage.unregister("Feedback").await.unwrap();
    refused().await;
    storage.register(&feedback("stars")).await.unwrap();
    refused().await;
    let body = br#"{ "disposition": 10, "Feedback": { "stars": 5 } }"#;
    let schemas = storage.schemas().await.unwrap();
    operation(&storage, &schemas).end_async(id, body, now()).await.unwrap();
    assert_eq!(all(&storage, id).await.extension("feedback"), Some(r#"{"stars": 5}"#));
}

/// The commit has begun before the removal and ends after the schema was declared anew, to the letter.
#[tokio::test(flavor = "multi_thread")]
async fn a_commit_that_outlives_its_schema_brings_nothing_back() {
    let server = Server::start();
    let storage = server.storage().await;
    storage.register(&feedback("rating")).await.unwrap();
    let schemas = storage.schemas().await.unwrap();
    let id = storage.start(started()).await.unwrap();

    // Somebody else holds the service's row: the commit waits, having seen the schema.
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
    assert!(storage.unregister("Feedback").await.unwrap());
    assert!(storage.register(&feedback("rating")).await.unwrap());
    holding.rollback().await.unwrap();
    ending.await.unwrap().expect("it counts as having happened before the removal");
    drop(client);
    connection.await.unwrap().unwrap();

    let service = all(&storage, id).await;
    assert!(service.end.is_some());
    assert_eq!(service.extension("feedback"), None);
}

#[tokio::test]
async fn a_host_that_keeps_its_schemas_elsewhere_can_use_the_store_and_register_them_later() {
    let server = Server::start();
    let storage = server.storage().await;
    let own = Schemas::new().with(feedback("rating")).unwrap().with(satisfaction()).unwrap();
    let id = storage.start(started()).await.unwrap();
    operation(&storage, &own).end_async(id, BODY, now()).await.unwrap();
    assert!(storage.register(&feedback("rating")).await.unwrap());
    let service = storage.load(id, Want::Named(&["feedback", "nothing"])).await.unwrap().unwrap();
    assert_eq!(service.extension("feedback"), Some(r#"{"rating": 7}"#));
    assert_eq!(service.extensions.len(), 1);
}
