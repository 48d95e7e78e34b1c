//! Newer versions of a registered schema: what is stored stays, and what was decided under an earlier one is told so.

use std::sync::Arc;

use service_end::{
    AsyncStorage, AttributeSchema, CompleteError, ExtensionSchema, ServiceId, StoredService, Timestamp,
    schema::{ExtensionSchemaBuilder, ReplaceError},
    storage::Want,
};
use service_end_etcd::EtcdStorage;

use crate::{SERVICE, cluster, note, operation, ratings, schemas, started};

/// A note with so many attributes beside its text, which any version can be replaced by if it has more.
fn wider(attributes: usize) -> ExtensionSchema {
    let text = ExtensionSchema::single_valued("Note").attribute(AttributeSchema::string("text"));
    let more = (0..attributes).map(|n| AttributeSchema::long(&format!("n{n}")));
    more.fold(text, ExtensionSchemaBuilder::attribute).build().unwrap()
}

async fn stored_note(storage: &EtcdStorage, id: ServiceId) -> Option<String> {
    let stored = storage.load(id, Want::All).await.unwrap().unwrap();
    stored.extension("note").map(str::to_owned)
}

#[tokio::test]
async fn a_newer_version_keeps_the_records_and_its_place() {
    let cluster = cluster().await;
    let storage = cluster.store_at("versions/").await;
    assert!(matches!(storage.replace(&note(), true).await, Ok(Err(ReplaceError::NotFound(_)))));
    assert!(storage.register(&note()).await.unwrap());
    assert!(storage.register(&ratings()).await.unwrap());
    for id in 1..=3 {
        storage.insert(&StoredService::new(id, 0, started())).await.unwrap();
    }
    let body = br#"{ "Note": { "text": "kept" } }"#;
    assert!(operation([note()], &storage).end_async(1, body, Timestamp::now()).await.is_ok());

    let longer = ExtensionSchema::single_valued("Note").attribute(AttributeSchema::string("text").length(2));
    let refused = storage.replace(&longer.build().unwrap(), false).await;
    assert!(matches!(refused, Ok(Err(ReplaceError::Incompatible(_)))), "{refused:?}");
    assert_eq!(storage.schemas().await.unwrap(), schemas([note(), ratings()]), "nothing has changed");

    assert_eq!(storage.replace(&wider(1), false).await.unwrap(), Ok(()));
    let again = cluster.store_at("versions/").await.schemas().await.unwrap();
    assert!(again.iter().eq([&wider(1), &ratings()]), "in the order registered");
    assert_eq!(stored_note(&storage, ServiceId(1)).await.as_deref(), Some(r#"{"text":"kept"}"#));
    assert_eq!(storage.sweep().await.unwrap(), 0, "no record is hidden");

    let changed = operation([note()], &storage).end_async(2, body, Timestamp::now()).await;
    assert!(matches!(changed, Err(CompleteError::SchemaChanged)), "{changed:?}");
    assert!(operation([wider(1)], &storage).end_async(2, body, Timestamp::now()).await.is_ok());

    // What was removed stays hidden, however often the name is declared and replaced after that.
    assert!(storage.unregister("NOTE").await.unwrap());
    assert!(matches!(storage.replace(&note(), true).await, Ok(Err(ReplaceError::NotFound(_)))));
    assert!(storage.register(&note()).await.unwrap());
    assert!(operation([note()], &storage).end_async(3, body, Timestamp::now()).await.is_ok());
    assert_eq!(storage.replace(&wider(2), false).await.unwrap(), Ok(()));
    for (id, expected) in [(1, None), (2, None), (3, Some(r#"{"text":"kept"}"#))] {
        assert_eq!(stored_note(&storage, ServiceId(id)).await.as_deref(), expected, "service {id}");
    }
    let order = storage.schemas().await.unwrap();
    assert!(order.iter().eq([&ratings(), &wider(2)]), "declared anew, it is the last");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_that_replace_a_schema_each_is_compared_with_the_version_before() {
    let cluster = cluster().await;
    let storage = Arc::new(cluster.store().await);
    assert!(storage.register(&wider(0)).await.unwrap());
    // Wider versions are safe, and narrower ones are not: whoever comes later with a narrower one is refused.
    let replacing: Vec<_> = (0..16)
        .map(|n| {
            let storage = Arc::clone(&storage);
            tokio::spawn(async move { (n, storage.replace(&wider(n), false).await.unwrap()) })
        })
        .collect();
    for one in replacing {
        let (n, replaced) = one.await.unwrap();
        assert!(n < 15 || replaced.is_ok(), "the widest is safe for all others");
    }
    assert_eq!(storage.schemas().await.unwrap(), schemas([wider(15)]));
    assert_eq!(storage.replace(&wider(0), true).await.unwrap(), Ok(()));
    assert_eq!(storage.schemas().await.unwrap(), schemas([wider(0)]));
}

#[tokio::test(flavor = "multi_thread")]
async fn while_versions_follow_each_other_every_end_is_kept() {
    let cluster = cluster().await;
    let storage = Arc::new(cluster.store().await);
    assert!(storage.register(&wider(0)).await.unwrap());
    storage.insert(&StoredService::new(SERVICE, 0, started())).await.unwrap();
    let writers: Vec<_> = (0..4)
        .map(|writer| {
            let storage = Arc::clone(&storage);
            tokio::spawn(async move {
                let (mut ended, mut refused) = (0, 0);
                for n in 0..40 {
                    let id = 1000 * (writer + 1) + n;
                    storage.insert(&StoredService::new(id, 0, started())).await.unwrap();
                    // What was read with a version that is gone by now is read again.
                    loop {
                        let operation = operation(
                            [storage.schemas().await.unwrap().get("Note").unwrap().clone()],
                            &*storage,
                        );
                        let body = format!(r#"{{ "Note": {{ "text": "{id}" }} }}"#);
                        match operation.end_async(id, body.as_bytes(), Timestamp::now()).await {
                            Ok(_) => break,
                            Err(CompleteError::SchemaChanged) => refused += 1,
                            Err(error) => panic!("{error:?}"),
                        }
                    }
                    ended += 1;
                }
                (ended, refused)
            })
        })
        .collect();
    for n in 1..=30 {
        assert_eq!(storage.replace(&wider(n), false).await.unwrap(), Ok(()));
        assert_eq!(storage.schemas().await.unwrap(), schemas([wider(n)]));
    }
    let (mut ended, mut refused) = (0, 0);
    for writer in writers {
        let (more_ended, more_refused) = writer.await.unwrap();
        ended += more_ended;
        refused += more_refused;
    }
    println!("{ended} ended, {refused} told that the schema has changed");
    assert_eq!(ended, 160);
    for id in (0..4).flat_map(|writer| (0..40).map(move |n| 1000 * (writer + 1) + n)) {
        let expected = format!(r#"{{"text":"{id}"}}"#);
        assert_eq!(stored_note(&storage, ServiceId(id)).await, Some(expected));
    }
}
