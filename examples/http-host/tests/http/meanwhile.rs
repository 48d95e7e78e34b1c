//! What happens in the store between two steps of one end.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use clap::Parser as _;
use http_host::host::Host;
use http_host::options::Options;
use http_host::store::Store;
use http_host::store::memory::{Memory, open};
use service_end::schema::ReplaceError;
use service_end::storage::{Commit, Want};
use service_end::{
    AsyncStorage, CompleteService, Completion, ExtensionSchema, Outcome, Schemas, ServiceId, StoredService,
    Timestamp, Validator,
};

const BODY: &[u8] = br#"{"disposition":10,"Survey":{}}"#;

fn schema(default: i32) -> ExtensionSchema {
    let attributes = format!(r#"[{{ "name": "rating", "type": "integer", "default": {default} }}]"#);
    let schema = format!(r#"{{ "name": "Survey", "type": "single-valued", "attributes": {attributes} }}"#);
    ExtensionSchema::from_json(schema).unwrap()
}

/// A store in which another host replaces the schema before the first commit, and ends the service after it.
struct Shared {
    memory: Memory,
    was_asked: AtomicBool,
}

impl AsyncStorage for Shared {
    type Error = <Memory as AsyncStorage>::Error;

    async fn load(&self, id: ServiceId, want: Want<'_>) -> Result<Option<StoredService>, Self::Error> {
        self.memory.load(id, want).await
    }

    async fn commit(&self, completion: &Completion) -> Result<Commit, Self::Error> {
        if self.was_asked.swap(true, Ordering::Relaxed) {
            return self.memory.commit(completion).await;
        }
        self.memory.0.replace_anyway(&schema(2)).unwrap();
        let answer = self.memory.commit(completion).await;
        assert_eq!(answer, Ok(Commit::SchemaChanged));
        let other = CompleteService::new(Validator::new(self.memory.0.schemas()), &self.memory.0);
        let ended = other.end(completion.service_id(), BODY, Timestamp::now());
        assert!(matches!(ended, Ok(Outcome::Ended(_))), "{ended:?}");
        answer
    }
}

impl Store for Shared {
    async fn schemas(&self) -> Result<Schemas, Self::Error> {
        self.memory.schemas().await
    }

    async fn register(&self, schema: &ExtensionSchema) -> Result<bool, Self::Error> {
        self.memory.register(schema).await
    }

    async fn replace(
        &self,
        schema: &ExtensionSchema,
        force: bool,
    ) -> Result<Result<(), ReplaceError>, Self::Error> {
        self.memory.replace(schema, force).await
    }

    async fn unregister(&self, name: &str) -> Result<bool, Self::Error> {
        self.memory.unregister(name).await
    }

    async fn start(&self, started: Timestamp) -> Result<ServiceId, Self::Error> {
        self.memory.start(started).await
    }
}

#[tokio::test]
async fn a_body_that_another_host_has_ended_the_service_with_is_so_already_whatever_it_was_read_as_before() {
    let store = Shared { memory: open(None), was_asked: AtomicBool::new(false) };
    let id = store.start(Timestamp::now()).await.unwrap();
    let host = Host::new(store, Arc::new(Options::parse_from(["http-host"])));
    assert!(host.store().await.unwrap().register(&schema(1)).await.unwrap());
    host.schemas_changed().await;
    let outcome = host.end(id, None, BODY).await;
    assert!(matches!(outcome, Ok(Outcome::AlreadySo(_))), "{outcome:?}");
}
