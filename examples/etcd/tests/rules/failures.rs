use std::time::{Duration, Instant};

use etcd_client::Client;
use service_end::{
    AsyncStorage, CompleteError, CompleteService, Completion, EndPolicy, EndRules, Outcome, StoredService,
    Timestamp,
    service::{Decision, decide},
    storage::Want,
};
use service_end_etcd::{EtcdError, EtcdStorage};
use service_end_proxy::{Answers, Proxy};

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
    let deaf = proxy(cluster.endpoints()[0]);
    let storage = EtcdStorage::connect(&[&endpoint(&deaf), cluster.endpoints()[1]], "deaf/").await.unwrap();
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
    deaf.set(Answers::Lose);
    let completion = decided(&operation, &stored, r#"{ "disposition": 1, "Note": { "text": "a" } }"#);
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
    let deaf = proxy(cluster.endpoints()[0]);
    let storage =
        EtcdStorage::connect(&[&endpoint(&deaf), cluster.endpoints()[1]], "overwritten/").await.unwrap();
    let plain = cluster.store_at("overwritten/").await;
    plain.insert(&StoredService::new(SERVICE, 0, started())).await.unwrap();
    let stored = storage.load(SERVICE, Want::All).await.unwrap().unwrap();
    let completion = decided(&operation([], &storage), &stored, r#"{ "disposition": 1 }"#);

    deaf.set(Answers::Lose);
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

/// A node that is asked next may have another limit. What it says holds for its own attempt only.
#[tokio::test(flavor = "multi_thread")]
async fn a_commit_that_may_have_come_through_is_never_too_large() {
    let mut cluster = Cluster::start_in_memory().await;
    cluster.run_with(1, &["--max-request-bytes", "10000"]);
    cluster.wait_for_leader(Duration::from_secs(20)).await.unwrap();
    for (answers, id) in [(Answers::Cut, 1), (Answers::Lose, 2), (Answers::Delay(Duration::from_secs(3)), 3)]
    {
        let deaf = proxy(cluster.endpoints()[0]);
        let storage =
            EtcdStorage::connect(&[&endpoint(&deaf), cluster.endpoints()[1]], "size/").await.unwrap();
        let plain = EtcdStorage::connect(&[cluster.endpoints()[0]], "size/").await.unwrap();
        assert!(storage.insert(&StoredService::new(id, 0, started())).await.unwrap());
        let stored = storage.load(id.into(), Want::All).await.unwrap().unwrap();
        // Little enough that HTTP/2 needs no answer before all of it is sent.
        let body = format!(r#"{{ "disposition": 1, "Note": {{ "text": "{}" }} }}"#, "x".repeat(30_000));
        let completion = decided(&operation([note()], &storage), &stored, &body);
        deaf.set(answers);
        let told = storage.commit(&completion).await;
        assert!(told.is_err(), "{answers:?}: whether it is stored was unknown, and {told:?} told");
        let again = operation([note()], &plain).end_async(id, body.as_bytes(), Timestamp::now()).await;
        // A connection that is cut may be so before the node has all of the request.
        let is_cut = answers == Answers::Cut;
        assert!(matches!(again, Ok(Outcome::AlreadySo(_))) || is_cut && again.is_ok(), "{answers:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_that_come_twice_are_not_taken_for_others() {
    let cluster = cluster().await;
    let twice = proxy(cluster.endpoints()[0]);
    let storage = EtcdStorage::connect(&[&endpoint(&twice), cluster.endpoints()[1]], "twice/").await.unwrap();
    let plain = cluster.store_at("twice/").await;
    twice.set(Answers::Repeat);
    for id in 1..20 {
        assert!(plain.insert(&StoredService::new(id, 0, started())).await.unwrap());
        let body = format!(r#"{{ "resource_id": {id} }}"#);
        let told = operation([], &storage).end_async(id, body.as_bytes(), Timestamp::now()).await;
        let stored = plain.load(id.into(), Want::All).await.unwrap().unwrap();
        let ended = stored.end.as_ref().and_then(|end| end.fields().resource_id);
        match told {
            Ok(_) => assert_eq!(ended, Some(id)),
            Err(CompleteError::Storage(_)) => assert!(ended.is_none_or(|ended| ended == id)),
            Err(other) => panic!("{other:?}"),
        }
    }
}

/// What this store never writes is told with its key. Nothing is taken for absent because of it, and nothing deleted.
#[tokio::test]
async fn what_is_damaged_is_told_and_stays() {
    let cluster = cluster().await;
    let mut client = Client::connect(cluster.endpoints(), None).await.unwrap();
    let service = StoredService::new(SERVICE, 0, started()).with_extension("Note", r#"{"text":"old"}"#);
    for (damaged, value, is_of_schemas) in [
        ("services/36981723/started", &b"yesterday"[..], false),
        ("services/36981723/started", b"\xff", false),
        ("services/36981723/state", b"{}", false),
        ("services/36981723/state", b"mark\n{", false),
        ("services/36981723/state", b"\xff", false),
        ("registrations/note", b"soon", false),
        ("registrations/note", b"\xff", false),
        ("schemas/note", b"mark\n{}", true),
        ("schemas/note", b"\xff", true),
    ] {
        let prefix = format!("damaged/{}/{}/", damaged, value.escape_ascii());
        let storage = cluster.store_at(&prefix).await;
        assert!(storage.register(&note()).await.unwrap());
        assert!(storage.insert(&service).await.unwrap());
        client.put(format!("{prefix}{damaged}"), value, None).await.unwrap();
        let error = if is_of_schemas {
            storage.schemas().await.unwrap_err()
        } else {
            storage.load(SERVICE, Want::All).await.unwrap_err()
        };
        assert_eq!(error.to_string(), format!("`{prefix}{damaged}` holds what this store never writes"));
        let swept = storage.sweep().await;
        assert!(matches!(swept, Ok(0) | Err(EtcdError::Damaged(_))), "{damaged}: {swept:?}");
        let key = format!("{prefix}services/{SERVICE}/extensions/note");
        assert_eq!(client.get(key, None).await.unwrap().count(), 1, "{damaged}");
    }
}

/// What an event changes about a service, which it must.
fn decided<S>(operation: &CompleteService<S>, stored: &StoredService, body: &str) -> Completion {
    let event = operation.validator().read(body.as_bytes()).unwrap();
    let rules = EndRules::new().with_policy(EndPolicy::ReplaceEarlier);
    match decide(stored.service_id, Some(stored), event, &rules, Timestamp::now()) {
        Ok(Decision::Complete(completion)) => completion,
        other => panic!("{other:?}"),
    }
}

fn proxy(endpoint: &str) -> Proxy {
    Proxy::before(endpoint.trim_start_matches("http://").parse().unwrap()).unwrap()
}

fn endpoint(proxy: &Proxy) -> String {
    format!("http://{}", proxy.address())
}
