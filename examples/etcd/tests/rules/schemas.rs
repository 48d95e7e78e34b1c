use std::sync::Arc;

use etcd_client::{Client, GetOptions};
use service_end::{
    AsyncStorage, AttributeSchema, Completion, EndPolicy, EndRules, ExtensionSchema, Schemas, ServiceId,
    StoredService, Timestamp, Validator,
    schema::OpenNames,
    service::{Decision, decide},
    storage::{Commit, Want},
};
use service_end_etcd::EtcdStorage;

use crate::cluster::Cluster;
use crate::{SERVICE, cluster, note, operation, ratings, schemas, started};

/// Another schema of the same name, in another case.
fn other_note() -> ExtensionSchema {
    ExtensionSchema::single_valued("NOTE")
        .attribute(AttributeSchema::string("text").length(5))
        .build()
        .unwrap()
}

/// What one body changes about the service as it is now.
async fn decided(storage: &EtcdStorage, schema: ExtensionSchema, body: &str) -> Completion {
    let stored = storage.load(SERVICE, Want::All).await.unwrap();
    let event = Validator::new(schemas([schema])).read(body.as_bytes()).unwrap();
    let rules = EndRules::new().with_policy(EndPolicy::ReplaceEarlier);
    match decide(SERVICE, stored.as_ref(), event, &rules, Timestamp::now()) {
        Ok(Decision::Complete(completion)) => completion,
        other => panic!("{other:?}"),
    }
}

async fn stored_note(storage: &EtcdStorage) -> Option<String> {
    let stored = storage.load(SERVICE, Want::Named(&["note"])).await.unwrap().unwrap();
    stored.extension("note").map(str::to_owned)
}

/// A fresh store that holds one service with a note, under a registered schema.
async fn with_note(cluster: &Cluster) -> EtcdStorage {
    let storage = cluster.store().await;
    assert!(storage.register(&note()).await.unwrap());
    storage.insert(&StoredService::new(SERVICE, 0, started())).await.unwrap();
    let completion = decided(&storage, note(), r#"{ "Note": { "text": "old" } }"#).await;
    assert_eq!(storage.commit(&completion).await.unwrap(), Commit::Committed);
    assert!(stored_note(&storage).await.is_some());
    storage
}

#[tokio::test]
async fn schemas_outlive_the_store_and_keep_their_order() {
    let cluster = cluster().await;
    let storage = cluster.store_at("registered/").await;
    assert_eq!(storage.schemas().await.unwrap(), Schemas::new());
    assert!(storage.register(&ratings()).await.unwrap());
    assert!(storage.register(&note()).await.unwrap());
    assert!(!storage.register(&other_note()).await.unwrap(), "the name is taken in any case");
    let again = cluster.store_at("registered/").await.schemas().await.unwrap();
    assert_eq!(again, schemas([ratings(), note()]));
    assert_eq!(again.iter().map(ExtensionSchema::name).collect::<Vec<_>>(), ["Ratings", "Note"]);

    assert!(storage.unregister("RATINGS").await.unwrap());
    assert!(!storage.unregister("ratings").await.unwrap());
    assert!(!storage.unregister("never").await.unwrap());
    assert!(storage.register(&ratings()).await.unwrap());
    let again = cluster.store_at("registered/").await.schemas().await.unwrap();
    assert_eq!(again.iter().map(ExtensionSchema::name).collect::<Vec<_>>(), ["Note", "Ratings"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_that_register_a_name_one_does() {
    let cluster = cluster().await;
    let storage = Arc::new(cluster.store().await);
    for round in 0..5 {
        let registering: Vec<_> = (0..8)
            .map(|n| {
                let storage = Arc::clone(&storage);
                let schema = if n % 2 == 0 { note() } else { other_note() };
                tokio::spawn(async move { storage.register(&schema).await.unwrap() })
            })
            .collect();
        let mut registered = 0;
        for one in registering {
            registered += usize::from(one.await.unwrap());
        }
        assert_eq!(registered, 1, "round {round}");
        let removing: Vec<_> = (0..4)
            .map(|_| {
                let storage = Arc::clone(&storage);
                tokio::spawn(async move { storage.unregister("Note").await.unwrap() })
            })
            .collect();
        let mut removed = 0;
        for one in removing {
            removed += usize::from(one.await.unwrap());
        }
        assert_eq!(removed, 1, "round {round}");
    }
}

#[tokio::test]
async fn removing_a_schema_removes_its_records_and_no_others() {
    let cluster = cluster().await;
    let storage = with_note(&cluster).await;
    assert!(storage.register(&ratings()).await.unwrap());
    let completion = decided(&storage, ratings(), r#"{ "Ratings": [ { "rating": 1 } ] }"#).await;
    assert_eq!(storage.commit(&completion).await.unwrap(), Commit::Committed);

    assert!(storage.unregister("note").await.unwrap());
    let stored = storage.load(SERVICE, Want::All).await.unwrap().unwrap();
    assert_eq!(stored.extensions().map(|kept| kept.key).collect::<Vec<_>>(), ["ratings"]);
    assert_eq!(storage.sweep().await.unwrap(), 0, "nothing is left to delete");

    assert!(storage.register(&note()).await.unwrap());
    assert_eq!(stored_note(&storage).await, None);
}

#[tokio::test]
async fn a_commit_decided_under_a_removed_schema_changes_nothing() {
    let cluster = cluster().await;
    let storage = with_note(&cluster).await;
    let late = decided(&storage, note(), r#"{ "Note": { "text": "late" }, "disposition": 1 }"#).await;
    let before = storage.load(SERVICE, Want::Nothing).await.unwrap();
    assert!(storage.unregister("Note").await.unwrap());
    assert_eq!(storage.commit(&late).await.unwrap(), Commit::SchemaChanged);
    assert_eq!(storage.load(SERVICE, Want::Nothing).await.unwrap(), before);

    assert!(storage.register(&other_note()).await.unwrap());
    assert_eq!(storage.commit(&late).await.unwrap(), Commit::SchemaChanged);
    assert_eq!(storage.load(SERVICE, Want::Nothing).await.unwrap(), before);
    assert_eq!(stored_note(&storage).await, None);

    let today = decided(&storage, other_note(), r#"{ "Note": { "text": "new" } }"#).await;
    assert_eq!(storage.commit(&today).await.unwrap(), Commit::Committed);
    assert_eq!(stored_note(&storage).await.as_deref(), Some(r#"{"text":"new"}"#));
}

#[tokio::test]
async fn a_commit_decided_under_an_equal_schema_is_new_data() {
    let cluster = cluster().await;
    let storage = with_note(&cluster).await;
    let late = decided(&storage, note(), r#"{ "Note": { "text": "late" } }"#).await;
    assert!(storage.unregister("Note").await.unwrap());
    assert!(storage.register(&note()).await.unwrap());
    assert_eq!(stored_note(&storage).await, None, "the old record stays gone");
    assert_eq!(storage.commit(&late).await.unwrap(), Commit::Committed);
    assert_eq!(stored_note(&storage).await.as_deref(), Some(r#"{"text":"late"}"#));
}

#[tokio::test]
async fn a_store_that_saw_an_older_schema_goes_on_with_the_new_one() {
    let cluster = cluster().await;
    let (mine, other) = (cluster.store_at("cached/").await, cluster.store_at("cached/").await);
    mine.insert(&StoredService::new(SERVICE, 0, started())).await.unwrap();
    assert!(mine.register(&note()).await.unwrap());
    assert_eq!(mine.schemas().await.unwrap().len(), 1);
    assert!(other.unregister("note").await.unwrap());
    assert!(other.register(&other_note()).await.unwrap());
    let today = decided(&mine, other_note(), r#"{ "Note": { "text": "new" } }"#).await;
    assert_eq!(mine.commit(&today).await.unwrap(), Commit::Committed);
    let old = decided(&mine, note(), r#"{ "Note": { "text": "old" } }"#).await;
    assert_eq!(mine.commit(&old).await.unwrap(), Commit::SchemaChanged);
    assert_eq!(stored_note(&other).await.as_deref(), Some(r#"{"text":"new"}"#));
}

#[tokio::test]
async fn the_first_declaration_keeps_what_was_stored_without_one() {
    let cluster = cluster().await;
    let storage = cluster.store().await;
    storage.insert(&StoredService::new(SERVICE, 0, started())).await.unwrap();
    let completion = decided(&storage, note(), r#"{ "Note": { "text": "kept" } }"#).await;
    assert_eq!(storage.commit(&completion).await.unwrap(), Commit::Committed);
    assert!(storage.register(&note()).await.unwrap());
    assert!(stored_note(&storage).await.is_some());
    assert_eq!(storage.sweep().await.unwrap(), 0);
}

#[tokio::test]
async fn a_declaration_keeps_what_was_open_since_the_removal() {
    let cluster = cluster().await;
    let storage = with_note(&cluster).await;
    assert!(storage.unregister("note").await.unwrap());
    let stored = storage.load(SERVICE, Want::All).await.unwrap();
    let validator = Validator::new(Schemas::new().with_open(OpenNames::every()));
    let event = validator.read(br#"{ "nOTE": {"text":"open"} }"#).unwrap();
    let rules = EndRules::new().with_policy(EndPolicy::ReplaceEarlier);
    let Ok(Decision::Complete(open)) = decide(SERVICE, stored.as_ref(), event, &rules, Timestamp::now())
    else {
        panic!()
    };
    assert_eq!(storage.commit(&open).await.unwrap(), Commit::Committed);
    assert!(storage.register(&note()).await.unwrap());
    assert_eq!(stored_note(&storage).await.as_deref(), Some(r#"{"text":"open"}"#));
    assert_eq!(storage.sweep().await.unwrap(), 0);
    assert!(storage.unregister("note").await.unwrap());
    assert_eq!(stored_note(&storage).await, None);
}

#[tokio::test]
async fn a_removal_that_is_cut_short_revives_nothing_and_is_finished_later() {
    const SERVICES: i64 = 1500;
    let cluster = cluster().await;
    let storage = cluster.store_at("cut/").await;
    assert!(storage.register(&note()).await.unwrap());
    for id in 0..SERVICES {
        let service = StoredService::new(id, 0, started()).with_extension("Note", r#"{"text":"old"}"#);
        assert!(storage.insert(&service).await.unwrap());
    }
    let watching = cluster.store_at("cut/").await;
    let removed = async {
        while !watching.schemas().await.unwrap().is_empty() {
            tokio::task::yield_now().await;
        }
    };
    // The remover goes away as soon as others see that the schema is gone.
    let cut = tokio::select! {
        biased;
        () = removed => true,
        _ = storage.unregister("Note") => false,
    };
    assert!(cut);
    let left = records(&cluster, "cut/", "note").await;
    assert!(left > 0, "it was cut short");
    let visible = async || {
        let mut visible = 0;
        for id in 0..SERVICES {
            let stored = watching.load(ServiceId(id), Want::All).await.unwrap().unwrap();
            visible += stored.extensions().len();
        }
        visible
    };
    assert_eq!(visible().await, 0, "while {left} records are left");
    assert!(watching.register(&note()).await.unwrap());
    assert_eq!(visible().await, 0, "declared anew");

    let operation = operation([note()], &watching);
    assert!(operation.end_async(7, br#"{ "Note": { "text": "new" } }"#, Timestamp::now()).await.is_ok());
    assert_eq!(visible().await, 1);
    assert!(watching.sweep().await.unwrap() >= left - 1);
    assert_eq!(records(&cluster, "cut/", "note").await, 1);
    assert_eq!(visible().await, 1);
}

/// How many records of an extension are there, seen or not.
async fn records(cluster: &Cluster, prefix: &str, key: &str) -> usize {
    let mut client = Client::connect(cluster.endpoints(), None).await.unwrap();
    let all = GetOptions::new().with_prefix().with_keys_only();
    let keys = client.get(format!("{prefix}services/"), Some(all)).await.unwrap();
    keys.kvs().iter().filter(|kv| kv.key_str().unwrap().ends_with(&format!("/extensions/{key}"))).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn while_schemas_come_and_go_no_record_is_of_another_declaration() {
    // Each declaration allows one text only, so a record of another one would show.
    let declared = |n: usize| {
        let text = AttributeSchema::string("text").length(100 + n);
        ExtensionSchema::single_valued("Note").attribute(text).build().unwrap()
    };
    let cluster = cluster().await;
    let storage = Arc::new(cluster.store().await);
    storage.insert(&StoredService::new(SERVICE, 0, started())).await.unwrap();
    assert!(storage.register(&declared(9)).await.unwrap());
    assert!(storage.unregister("Note").await.unwrap());
    let mut writers = Vec::new();
    for n in 0..4 {
        let storage = Arc::clone(&storage);
        writers.push(tokio::spawn(async move {
            let (mut committed, mut refused) = (0, 0);
            for disposition in 0..60 {
                // Each writer keeps to one declaration, whatever is registered.
                let body =
                    format!(r#"{{ "disposition": 1{n}{disposition:02}, "Note": {{ "text": "{n}" }} }}"#);
                let completion = decided(&storage, declared(n), &body).await;
                match storage.commit(&completion).await {
                    Ok(Commit::Committed) => committed += 1,
                    Ok(Commit::Stale) => {}
                    Ok(Commit::SchemaChanged) => refused += 1,
                    other => panic!("{other:?}"),
                }
            }
            (committed, refused)
        }));
    }
    for round in 0..24 {
        let n = round % 4;
        assert!(storage.register(&declared(n)).await.unwrap());
        for _ in 0..5 {
            if let Some(json) = stored_note(&storage).await {
                assert_eq!(json, format!(r#"{{"text":"{n}"}}"#), "round {round}");
            }
        }
        assert!(storage.unregister("Note").await.unwrap());
        assert_eq!(stored_note(&storage).await, None);
    }
    let (mut committed, mut refused) = (0, 0);
    for writer in writers {
        let (more_committed, more_refused) = writer.await.unwrap();
        committed += more_committed;
        refused += more_refused;
    }
    println!("{committed} committed, {refused} refused as of another declaration");
    assert!(committed > 0 && refused > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sweep_deletes_nothing_that_was_written_meanwhile() {
    let cluster = cluster().await;
    let storage = Arc::new(cluster.store().await);
    assert!(storage.register(&note()).await.unwrap());
    // Scattered over the keys, and all of them, so that some meet the sweep between its look and its deletion.
    let mut commits = Vec::new();
    for id in (0..800).map(|n| 100 + n * 37 % 800) {
        let service = StoredService::new(id, 0, started()).with_extension("Note", r#"{"text":"old"}"#);
        assert!(storage.insert(&service).await.unwrap());
        let stored = storage.load(ServiceId(id), Want::Nothing).await.unwrap();
        let event = Validator::new(schemas([note()])).read(br#"{ "Note": { "text": "new" } }"#).unwrap();
        let decided = decide(ServiceId(id), stored.as_ref(), event, &EndRules::default(), Timestamp::now());
        let Ok(Decision::Complete(completion)) = decided else { panic!("an active service ends") };
        commits.push(completion);
    }
    let removing = Arc::clone(&storage);
    let removing = tokio::spawn(async move { removing.unregister("Note").await.unwrap() });
    while !storage.schemas().await.unwrap().is_empty() {}
    assert!(storage.register(&note()).await.unwrap());
    let committing: Vec<_> = commits
        .chunks(25)
        .map(|commits| {
            let (commits, storage) = (commits.to_vec(), Arc::clone(&storage));
            tokio::spawn(async move {
                for completion in commits {
                    assert_eq!(storage.commit(&completion).await.unwrap(), Commit::Committed);
                }
            })
        })
        .collect();
    for commits in committing {
        commits.await.unwrap();
    }
    assert!(removing.await.unwrap());
    for id in 100..900 {
        let stored = storage.load(ServiceId(id), Want::All).await.unwrap().unwrap();
        assert_eq!(stored.extension("note"), Some(r#"{"text":"new"}"#), "service {id}");
    }
}
