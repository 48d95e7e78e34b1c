use std::collections::HashSet;
use std::sync::Arc;

use service_end::{
    AsyncStorage, CompleteError, EndPolicy, EndRules, Outcome, Service, ServiceId, StoredService, Timestamp,
    service::Refusal, storage::Want,
};
use service_end_etcd::Sharded;

use crate::cluster::Cluster;
use crate::{SERVICE, cluster, note, operation, ratings, schemas, started};

#[tokio::test]
async fn a_service_starts_ends_and_is_read_by_another_store() {
    let cluster = cluster().await;
    let storage = cluster.store_at("whole/").await;
    let id = storage.start(started()).await.unwrap();
    let operation = operation([note(), ratings()], &storage);
    let body = r#"{ "timestamp": "2009-05-12T12:05:12.145Z", "disposition": 10, "session_id": "é\u0001😀",
        "Note": { "text": "line\nfeed" }, "Ratings": [ { "rating": 9007199254740993 }, {} ] }"#;
    let outcome = operation.end_async(id, body.as_bytes(), Timestamp::now()).await.unwrap();
    assert!(matches!(outcome, Outcome::Ended(_)));
    let again = operation.end_async(id, body.as_bytes(), Timestamp::now()).await.unwrap();
    assert!(matches!(again, Outcome::AlreadySo(_)));

    let other = cluster.store_at("whole/").await;
    let stored = other.load(id, Want::All).await.unwrap().unwrap();
    let service = Service::read(&stored, &schemas([note(), ratings()]));
    let expected = format!(
        r#"{{"service_id":{id},"started":{{"timestamp":"2009-05-12T11:50:00.000Z"}},"completed":{{"timestamp":"2009-05-12T12:05:12.145Z","session_id":"é\u0001😀","disposition":10}},"Note":{{"text":"line\nfeed"}},"Ratings":[{{"rating":9007199254740993}},{{}}]}}"#
    );
    let document: serde_json::Value = serde_json::to_value(&service).unwrap();
    assert_eq!(document, serde_json::from_str::<serde_json::Value>(&expected).unwrap());
}

#[tokio::test]
async fn what_is_not_wanted_is_not_read_and_what_is_not_named_stays() {
    let cluster = cluster().await;
    let storage = cluster.store().await;
    let ended = StoredService::new(SERVICE, 0, started())
        .with_extension("Note", r#"{"text":"a"}"#)
        .with_extension("Ratings", r#"[{"rating":1}]"#);
    assert!(storage.insert(&ended).await.unwrap());
    let keys =
        |service: StoredService| service.extensions().map(|kept| kept.key.to_owned()).collect::<Vec<_>>();
    let load = async |want| keys(storage.load(SERVICE, want).await.unwrap().unwrap());
    assert!(load(Want::Nothing).await.is_empty());
    assert_eq!(load(Want::Named(&["ratings", "gone"])).await, ["ratings"]);
    assert_eq!(load(Want::All).await, ["note", "ratings"]);
    assert_eq!(storage.load(ServiceId(-1), Want::All).await.unwrap(), None);

    let operation = operation([note(), ratings()], &storage);
    assert!(operation.end_async(SERVICE, br#"{ "Ratings": [] }"#, Timestamp::now()).await.is_ok());
    assert_eq!(load(Want::All).await, ["note"]);
}

#[tokio::test]
async fn an_id_is_taken_once() {
    let cluster = cluster().await;
    let storage = cluster.store().await;
    let service = StoredService::new(SERVICE, 0, started());
    assert!(storage.insert(&service).await.unwrap());
    let later = StoredService::new(SERVICE, 0, Timestamp::now()).with_extension("Note", "{}");
    assert!(!storage.insert(&later).await.unwrap());
    let stored = storage.load(SERVICE, Want::All).await.unwrap().unwrap();
    assert_eq!((stored.started, stored.extensions().len()), (started(), 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn ids_differ_whoever_starts() {
    let cluster = cluster().await;
    let mut starters = Vec::new();
    for _ in 0..8 {
        let storage = cluster.store_at("ids/").await;
        starters.push(tokio::spawn(async move {
            let mut ids = Vec::new();
            for _ in 0..20 {
                ids.push(storage.start(started()).await.unwrap());
            }
            ids
        }));
    }
    let mut ids = HashSet::new();
    for starter in starters {
        ids.extend(starter.await.unwrap());
    }
    assert_eq!(ids.len(), 160);
}

/// The host has given the ids that come next. They are passed over in a few steps, not one by one.
#[tokio::test(flavor = "multi_thread")]
async fn ids_that_lag_far_behind_those_of_the_host_are_moved_on() {
    const GIVEN: i64 = 500;
    let cluster = Cluster::start_in_memory().await;
    let storage = cluster.store_at("lag/").await;
    // Each insertion takes a revision, too.
    let next = storage.new_id().await.unwrap().0 + GIVEN + 1;
    for id in next..next + GIVEN {
        assert!(storage.insert(&StoredService::new(id, 0, started())).await.unwrap());
    }
    let given = |id: ServiceId| (next..next + GIVEN).contains(&id.0);
    let mut ids = HashSet::new();
    let mut client = etcd_client::Client::connect(cluster.endpoints(), None).await.unwrap();
    let before = client.get("lag/ids", None).await.unwrap().header().unwrap().revision();
    for _ in 0..20 {
        let id = storage.start(started()).await.unwrap();
        assert!(!given(id) && ids.insert(id), "{id} is taken");
    }
    let writes = client.get("lag/ids", None).await.unwrap().header().unwrap().revision() - before;
    assert!(writes < 100, "it took {writes} writes");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_callers_one_wins() {
    let cluster = cluster().await;
    let storage = Arc::new(cluster.store().await);
    for _ in 0..10 {
        let id = storage.start(started()).await.unwrap();
        let mut callers = Vec::new();
        for caller in 0..8 {
            let operation = operation([], Arc::clone(&storage));
            let body = format!(r#"{{ "disposition": {caller} }}"#);
            callers.push(tokio::spawn(async move {
                operation.end_async(id, body.as_bytes(), Timestamp::now()).await
            }));
        }
        let mut won = 0;
        for caller in callers {
            match caller.await.unwrap() {
                Ok(Outcome::Ended(_)) => won += 1,
                Err(CompleteError::Refused(Refusal::AlreadyEnded { .. })) => {}
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(won, 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_callers_replace_one_end_and_none_is_lost() {
    let cluster = cluster().await;
    let storage = Arc::new(cluster.store().await);
    storage.insert(&StoredService::new(SERVICE, 0, started())).await.unwrap();
    let mut callers = Vec::new();
    for caller in 0..8 {
        let operation = operation([note(), ratings()], Arc::clone(&storage))
            .with_end_rules(EndRules::new().with_policy(EndPolicy::ReplaceEarlier))
            .with_max_attempts(100);
        let body = format!(
            r#"{{ "disposition": {caller}, "Note": {{ "text": "{caller}" }}, "Ratings": [ {{ "rating": {caller} }} ] }}"#
        );
        callers.push(tokio::spawn(async move {
            operation.end_async(SERVICE, body.as_bytes(), Timestamp::now()).await.unwrap()
        }));
    }
    let mut ended = 0;
    for caller in callers {
        ended += usize::from(matches!(caller.await.unwrap(), Outcome::Ended(_)));
    }
    assert_eq!(ended, 1, "the others replaced");
    let stored = storage.load(SERVICE, Want::All).await.unwrap().unwrap();
    let last = stored.extension("ratings").unwrap().replace(r#"[{"rating":"#, "").replace("}]", "");
    assert_eq!(stored.extension("note").unwrap(), format!(r#"{{"text":"{last}"}}"#));
}

#[tokio::test]
async fn services_spread_over_stores_and_each_is_found() {
    let cluster = cluster().await;
    let sharded = Sharded::new(cluster.store().await, [cluster.store().await, cluster.store().await]);
    let first = sharded.stores().next().unwrap();
    for _ in 0..30 {
        let id = first.new_id().await.unwrap();
        assert!(sharded.store(id).insert(&StoredService::new(id, 0, started())).await.unwrap());
        assert!(operation([], &sharded).end_async(id, b"{}", Timestamp::now()).await.is_ok());
        let mut holding = 0;
        for store in sharded.stores() {
            let stored = store.load(id, Want::All).await.unwrap();
            holding += usize::from(stored.is_some_and(|service| service.end.is_some()));
        }
        assert_eq!(holding, 1);
    }
    let mut kept = HashSet::new();
    for id in 0..30 {
        kept.insert(std::ptr::from_ref(sharded.store(ServiceId(id))));
    }
    assert_eq!(kept.len(), 3, "ids in sequence use all of them");
}
