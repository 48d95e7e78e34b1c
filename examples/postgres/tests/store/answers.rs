//! Answers that are lost, late or repeated: nothing wrong is told, and the same event sent again is safe.

use std::time::Duration;

use service_end::{
    AsyncStorage as _, AttributeSchema, CompleteError, ExtensionSchema, Outcome, Schemas, ServiceId,
    StoredService,
    storage::{AsyncOutbox as _, Want},
};
use service_end_postgres::{PostgresError, PostgresStorage};
use service_end_proxy::{Answers, Proxy};
use tokio_postgres::NoTls;

use crate::server::Server;
use crate::{now, operation, started};

/// A store that reaches the server through a proxy by one connection, and gives up after a second.
fn through(server: &Server) -> (Proxy, PostgresStorage) {
    let proxy = Proxy::before(([127, 0, 0, 1], server.port()).into()).unwrap();
    let url = format!("postgresql://host@{}/postgres", proxy.address());
    let storage = PostgresStorage::with(url.parse().unwrap(), NoTls, 1, Duration::from_secs(1)).unwrap();
    (proxy, storage)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_end_whose_answer_is_lost_is_an_error_and_sent_again_it_is_already_so() {
    let server = Server::start();
    let plain = server.storage().await;
    let (proxy, storage) = through(&server);
    let operation = operation(&storage, &Schemas::new());
    for answers in [Answers::Lose, Answers::Cut, Answers::Delay(Duration::from_millis(1500)), Answers::Repeat]
    {
        // The connection is there, and the statements are prepared.
        let before = plain.start(started()).await.unwrap();
        assert!(operation.end_async(before, br#"{ "disposition": 1 }"#, now()).await.is_ok());
        let id = plain.start(started()).await.unwrap();
        let stored = storage.load(id, Want::All).await.unwrap().unwrap();
        let event = operation.validator().read(br#"{ "disposition": 1 }"#).unwrap();
        let decided = service_end::service::decide(id, Some(&stored), event, operation.end_rules(), now());
        let Ok(service_end::service::Decision::Complete(completion)) = decided else {
            panic!("an active service ends")
        };
        proxy.set(answers);
        let told = storage.commit(&completion).await;
        if answers == Answers::Repeat {
            assert!(told.is_ok(), "the first of two is an answer: {told:?}");
        } else {
            let unknown = matches!(told, Err(PostgresError::TimedOut | PostgresError::Database(_)));
            assert!(unknown, "{answers:?}: {told:?}");
        }
        proxy.set(Answers::Pass);
        proxy.cut();
        assert!(
            plain.load(id, Want::All).await.unwrap().unwrap().end.is_some(),
            "it was committed all the same"
        );
        let mut again = operation.end_async(id, br#"{ "disposition": 1 }"#, now()).await;
        if matches!(again, Err(CompleteError::Storage(PostgresError::Database(_)))) {
            // By the connection that was cut.
            again = operation.end_async(id, br#"{ "disposition": 1 }"#, now()).await;
        }
        assert!(matches!(again, Ok(Outcome::AlreadySo(_))), "{answers:?}: {again:?}");
    }
}

#[tokio::test]
async fn a_commit_that_no_standby_has_is_not_acknowledged() {
    let mut server = Server::start();
    let id = server.storage().await.start(started()).await.unwrap();
    server.restart_with(&["synchronous_standby_names=nobody"]);
    let url = format!("{}?options=-c%20synchronous_commit%3Dlocal", server.url());
    let storage = PostgresStorage::with(url.parse().unwrap(), NoTls, 4, Duration::from_secs(1)).unwrap();
    let told = operation(&storage, &Schemas::new()).end_async(id, b"{}", now()).await;
    assert!(matches!(told, Err(CompleteError::Storage(PostgresError::TimedOut))), "{told:?}");
}

/// Nothing but the time until the server writes its log by itself, which is made long here, would keep such a commit.
#[tokio::test]
async fn what_was_acknowledged_outlives_the_server_though_a_role_has_switched_that_off() {
    let mut server = Server::start();
    server.storage().await;
    server.restart_with(&["wal_writer_delay=10000ms"]);
    server.ask("ALTER ROLE host SET synchronous_commit = off").await;
    let url = format!("{}?options=-c%20synchronous_commit%3Doff", server.url());
    for url in [server.url(), url] {
        let storage = PostgresStorage::new(&url).unwrap();
        let id = storage.start(started()).await.unwrap();
        let told = operation(&storage, &Schemas::new()).end_async(id, b"{}", now()).await;
        assert!(matches!(told, Ok(Outcome::Ended(_))), "{told:?}");
        server.kill();
        server.restart();
        let service = server.storage().await.load(id, Want::All).await.unwrap();
        assert!(service.is_some_and(|service| service.end.is_some()), "it was acknowledged, and is lost");
    }
}

#[tokio::test]
async fn a_sequence_that_lags_far_behind_the_ids_of_the_host_is_moved_on() {
    let server = Server::start();
    let storage = server.storage().await;
    let sql = "INSERT INTO services (service_id, version, started) SELECT n, 1, 1000 FROM generate_series(1, 1000000) n";
    server.ask(sql).await;
    // Others start services, too.
    let mut starting = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let storage = storage.clone();
        starting.spawn(async move { storage.start(started()).await });
    }
    let mut ids = std::collections::BTreeSet::new();
    while let Some(id) = starting.join_next().await {
        ids.insert(id.unwrap().unwrap());
    }
    assert_eq!(ids.len(), 8);
    assert!(ids.iter().all(|id| id.0 > 1_000_000), "{ids:?}");
    assert!(storage.insert(&StoredService::new(i64::MAX, 0, started())).await.unwrap());
    assert!(storage.start(started()).await.unwrap() < ServiceId(i64::MAX));
}

/// The server may write no file beyond a size, as when the disk is full.
#[tokio::test]
async fn a_full_disk_is_an_error_and_the_store_is_usable_afterwards() {
    let server = Server::start();
    let storage = server.storage().await.with_outbox("/services".parse().unwrap());
    let note = ExtensionSchema::single_valued("Note").attribute(AttributeSchema::string("text"));
    let operation = operation(&storage, &Schemas::new().with(note.build().unwrap()).unwrap());
    // More than a segment of the server's log, whose loss would end it.
    server.limit_files("18000000");
    let mut ended = Vec::new();
    let (full, body) = loop {
        let id = storage.start(started()).await.unwrap();
        let body = format!(r#"{{ "disposition": 1, "Note": {{ "text": "{}" }} }}"#, noise(id.0));
        match operation.end_async(id, body.as_bytes(), now()).await {
            Ok(_) => ended.push(id),
            Err(CompleteError::Storage(PostgresError::Database(_))) => break (id, body),
            other => panic!("{other:?}"),
        }
        assert!(ended.len() < 100, "it is never full");
    };
    assert!(ended.len() > 3);
    let again = operation.end_async(full, body.as_bytes(), now()).await;
    assert!(matches!(again, Err(CompleteError::Storage(PostgresError::Database(_)))), "{again:?}");
    for id in &ended {
        assert!(storage.load(*id, Want::All).await.unwrap().unwrap().extension("note").is_some());
    }
    let service = storage.load(full, Want::All).await.unwrap().unwrap();
    assert!(service.end.is_none() && service.extensions().len() == 0);
    assert_eq!(storage.backlog().await.unwrap().waiting, ended.len() as u64);
    server.limit_files("unlimited");
    let again = operation.end_async(full, body.as_bytes(), now()).await;
    assert!(matches!(again, Ok(Outcome::Ended(_))), "{again:?}");
    assert_eq!(storage.backlog().await.unwrap().waiting, ended.len() as u64 + 1);
}

/// A million characters that can't be packed.
fn noise(seed: i64) -> String {
    let mut state = seed.unsigned_abs() + 1;
    let next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        char::from(b' ' + 3 + u8::try_from(state >> 58).unwrap())
    };
    std::iter::repeat_with(next)
        .map(|character| if character == '\\' { '~' } else { character })
        .take(1_000_000)
        .collect()
}
