use std::fmt::Write;
use std::time::Duration;

use service_end::{
    AsyncStorage, AttributeSchema, CompleteError, ExtensionSchema, Outcome, ServiceId, StoredService,
    Timestamp,
    storage::{AsyncOutbox, Want},
};
use service_end_etcd::EtcdStorage;

use crate::cluster::Cluster;
use crate::{SERVICE, cluster, note, operation, started};

fn body(bytes: usize) -> String {
    format!(r#"{{ "disposition": 1, "Note": {{ "text": "{}" }} }}"#, "x".repeat(bytes))
}

async fn stored(storage: &EtcdStorage) -> StoredService {
    storage.load(SERVICE, Want::All).await.unwrap().unwrap()
}

#[tokio::test]
async fn a_completion_over_the_request_size_is_too_large_and_changes_nothing() {
    let cluster = cluster().await;
    let storage = cluster.store().await;
    let active = StoredService::new(SERVICE, 0, started()).with_extension("Note", r#"{"text":"before"}"#);
    storage.insert(&active).await.unwrap();
    let before = stored(&storage).await;
    let operation = operation([note()], &storage);
    for bytes in [1_600_000, 2_200_000, 8_000_000] {
        let error = operation.end_async(SERVICE, body(bytes).as_bytes(), Timestamp::now()).await.unwrap_err();
        assert!(matches!(error, CompleteError::TooLargeForStorage), "{bytes} bytes: {error:?}");
        assert_eq!(stored(&storage).await, before);
    }
    let outcome = operation.end_async(SERVICE, body(1_500_000).as_bytes(), Timestamp::now()).await.unwrap();
    assert!(matches!(outcome, Outcome::Ended(_)));
    assert_eq!(stored(&storage).await.extension("note").unwrap().len(), r#"{"text":""}"#.len() + 1_500_000);
}

#[tokio::test]
async fn a_completion_of_too_many_extensions_is_too_large_and_changes_nothing() {
    let schemas = (0..128).map(|n| {
        let schema = ExtensionSchema::multi_valued(&format!("E{n}")).attribute(AttributeSchema::long("n"));
        schema.build().unwrap()
    });
    let schemas: Vec<_> = schemas.collect();
    let body = |extensions| {
        let mut body = r#"{ "disposition": 1"#.to_owned();
        (0..extensions).for_each(|n| write!(body, r#", "E{n}": [ {{ "n": {n} }} ]"#).unwrap());
        body + " }"
    };
    let cluster = cluster().await;
    let with_outbox = cluster.store_at("outbox/").await.with_outbox("/services".parse().unwrap());
    for (storage, most) in [(cluster.store().await, 127), (with_outbox, 124)] {
        storage.insert(&StoredService::new(SERVICE, 0, started())).await.unwrap();
        let before = stored(&storage).await;
        let operation = operation(schemas.clone(), &storage);
        let end = async |extensions| {
            operation.end_async(SERVICE, body(extensions).as_bytes(), Timestamp::now()).await
        };
        let error = end(most + 1).await.unwrap_err();
        assert!(matches!(error, CompleteError::TooLargeForStorage), "{error:?}");
        assert_eq!(stored(&storage).await, before);
        assert!(end(most).await.is_ok());
        assert_eq!(stored(&storage).await.extensions().len(), most);
        let again = end(most).await.unwrap();
        assert!(matches!(again, Outcome::AlreadySo(_)), "many extensions are read at once");
    }
}

#[tokio::test]
async fn a_full_database_is_an_error_and_changes_nothing() {
    // A person can make room, so this is no completion that the store can never take.
    let cluster = Cluster::start_with(1, &["--quota-backend-bytes", "4000000"]).await;
    let storage = cluster.store().await;
    storage.insert(&StoredService::new(SERVICE, 0, started())).await.unwrap();
    let before = stored(&storage).await;
    // Large ones until one finds no room, and then small ones until etcd has raised its alarm.
    let mut full = 0;
    for id in 1.. {
        let text = "x".repeat(if full == 0 { 1_400_000 } else { 1000 });
        match storage.insert(&StoredService::new(id, 0, started()).with_extension("Note", text)).await {
            Ok(_) => assert!(id < 1000, "it is never full"),
            Err(error) if format!("{error:?}").contains("database space exceeded") => full += 1,
            Err(error) => println!("{error:?}"),
        }
        if full > 2 {
            break;
        }
    }
    let operation = operation([note()], &storage);
    let error = operation.end_async(SERVICE, body(1000).as_bytes(), Timestamp::now()).await.unwrap_err();
    assert!(matches!(error, CompleteError::Storage(_)), "{error:?}");
    assert_eq!(stored(&storage).await, before);
}

/// With an outbox, an end is in the request twice: as what is stored, and as what is told.
#[tokio::test]
async fn an_end_whose_notice_does_not_fit_is_too_large_and_others_go_on() {
    let cluster = cluster().await;
    let storage = cluster.store().await.with_outbox("/services".parse().unwrap());
    let other = ServiceId(1);
    for id in [SERVICE, other] {
        storage.insert(&StoredService::new(id, 0, started())).await.unwrap();
    }
    let operation = operation([note()], &storage);
    let end = async |id, bytes| operation.end_async(id, body(bytes).as_bytes(), Timestamp::now()).await;
    assert!(matches!(end(SERVICE, 800_000).await, Err(CompleteError::TooLargeForStorage)));
    assert_eq!(storage.backlog().await.unwrap().waiting, 0);
    assert!(end(other, 1_000).await.is_ok() && end(SERVICE, 700_000).await.is_ok());
    let taken = storage.take(10, Duration::from_secs(60)).await.unwrap();
    let ids: Vec<_> = taken.iter().map(|taken| taken.service_id).collect();
    assert_eq!(ids, [other, SERVICE]);
    assert!(taken[1].json.len() > 700_000);
}
