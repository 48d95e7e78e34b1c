use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use service_end::{
    AsyncStorage, CompleteError, EndPolicy, EndRules, Outcome, StoredService, Timestamp, storage::Want,
};
use service_end_etcd::EtcdStorage;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::cluster::Cluster;
use crate::{SERVICE, cluster, note, operation, started};

#[tokio::test]
async fn a_dead_cluster_is_an_error_in_seconds_and_a_living_one_is_found_again() {
    let mut cluster = Cluster::start_with(1, &[]).await;
    let storage = cluster.store().await;
    let id = storage.start(started()).await.unwrap();
    let operation = operation([], &storage);

    cluster.kill(0);
    let begun = Instant::now();
    let error = operation.end_async(id, b"{}", Timestamp::now()).await.unwrap_err();
    assert!(matches!(error, CompleteError::Storage(_)), "{error:?}");
    assert!(begun.elapsed() < Duration::from_secs(8), "it took {:?}", begun.elapsed());

    cluster.run(0);
    cluster.wait_for_leader(Duration::from_secs(20)).await.unwrap();
    cluster.signal(0, "STOP");
    let begun = Instant::now();
    let error = operation.end_async(id, b"{}", Timestamp::now()).await.unwrap_err();
    assert!(matches!(error, CompleteError::Storage(_)), "{error:?}");
    assert!(begun.elapsed() < Duration::from_secs(8), "it took {:?}", begun.elapsed());

    cluster.signal(0, "CONT");
    assert!(operation.end_async(id, b"{}", Timestamp::now()).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_whose_answer_is_lost_is_found_to_have_come_through() {
    let cluster = cluster().await;
    let deaf = Deaf::before(cluster.endpoints()[0]).await;
    let storage = EtcdStorage::connect(&[&deaf.endpoint, cluster.endpoints()[1]], "deaf/").await.unwrap();
    let plain = cluster.store_at("deaf/").await;
    plain.insert(&StoredService::new(SERVICE, 0, started())).await.unwrap();
    let stored = storage.load(SERVICE, Want::All).await.unwrap().unwrap();

    // The service is looked at through the first node, then its answers are lost.
    let operation = operation([note()], &storage);
    let now = Timestamp::now();
    let lost = async {
        tokio::time::sleep(Duration::from_millis(500)).await;
        plain.load(SERVICE, Want::All).await.unwrap().unwrap()
    };
    deaf.lost.store(true, Ordering::SeqCst);
    let event = operation.validator().read(br#"{ "disposition": 1, "Note": { "text": "a" } }"#).unwrap();
    let decided = service_end::service::decide(
        stored.service_id,
        Some(&stored),
        event,
        &service_end::EndRules::default(),
        now,
    );
    let Ok(service_end::service::Decision::Complete(completion)) = decided else {
        panic!("an active service ends")
    };
    let (commit, meanwhile) = tokio::join!(storage.commit(&completion), lost);
    assert!(meanwhile.end.is_some(), "the first attempt came through");
    assert_eq!(commit.unwrap(), service_end::storage::Commit::Committed);
    let after = plain.load(SERVICE, Want::All).await.unwrap().unwrap();
    assert_eq!(after, meanwhile, "the second attempt changed nothing");

    // It is kept to the node that answers.
    let begun = Instant::now();
    let again = operation.end_async(SERVICE, br#"{ "disposition": 1 }"#, now).await.unwrap();
    assert!(matches!(again, Outcome::AlreadySo(_)));
    assert!(begun.elapsed() < Duration::from_secs(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_that_may_have_been_overwritten_is_an_error() {
    let cluster = cluster().await;
    let deaf = Deaf::before(cluster.endpoints()[0]).await;
    let storage =
        EtcdStorage::connect(&[&deaf.endpoint, cluster.endpoints()[1]], "overwritten/").await.unwrap();
    let plain = cluster.store_at("overwritten/").await;
    plain.insert(&StoredService::new(SERVICE, 0, started())).await.unwrap();
    let stored = storage.load(SERVICE, Want::All).await.unwrap().unwrap();
    let rules = EndRules::new().with_policy(EndPolicy::ReplaceEarlier);
    let event = operation([], ()).validator().read(br#"{ "disposition": 1 }"#).unwrap();
    let decided =
        service_end::service::decide(stored.service_id, Some(&stored), event, &rules, Timestamp::now());
    let Ok(service_end::service::Decision::Complete(completion)) = decided else {
        panic!("an active service ends")
    };

    deaf.lost.store(true, Ordering::SeqCst);
    let overwrite = async {
        tokio::time::sleep(Duration::from_millis(500)).await;
        let operation =
            operation([], &plain).with_end_rules(EndRules::new().with_policy(EndPolicy::ReplaceEarlier));
        operation.end_async(SERVICE, br#"{ "disposition": 2 }"#, Timestamp::now()).await.unwrap()
    };
    let (commit, overwritten) = tokio::join!(storage.commit(&completion), overwrite);
    assert!(matches!(overwritten, Outcome::Replaced(_)));
    assert!(commit.is_err(), "neither stale nor committed is known: {commit:?}");
}

/// Stands before a node, passes on all that it is told, and loses the answers when asked to.
struct Deaf {
    endpoint: String,
    lost: Arc<AtomicBool>,
}

impl Deaf {
    async fn before(endpoint: &str) -> Self {
        let to = endpoint.trim_start_matches("http://").to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let lost = Arc::new(AtomicBool::new(false));
        let deaf = Deaf { endpoint, lost: Arc::clone(&lost) };
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = TcpStream::connect(&to).await.unwrap();
                let (mut from_client, mut to_client) = client.into_split();
                let (mut from_server, mut to_server) = server.into_split();
                let lost = Arc::clone(&lost);
                tokio::spawn(async move { tokio::io::copy(&mut from_client, &mut to_server).await });
                tokio::spawn(async move {
                    let mut buffer = [0; 4096];
                    while let Ok(read @ 1..) = from_server.read(&mut buffer).await {
                        if !lost.load(Ordering::SeqCst) && to_client.write_all(&buffer[..read]).await.is_err()
                        {
                            break;
                        }
                    }
                });
            }
        });
        deaf
    }
}
