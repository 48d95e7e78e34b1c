use std::fmt;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;
use service_end::{
    AsyncStorage, Completion, ExtensionSchema, MemoryStorage, Schemas, ServiceId, Storage as _,
    StoredService, Timestamp,
    storage::{Commit, Want},
};

use super::Store;

/// Everything in memory, for as long as the host runs.
#[derive(Debug, Default)]
pub struct Memory {
    services: MemoryStorage,
    /// Each commit looks at them at the moment of its change: once a schema is out of the set and its records are
    /// removed, none can come.
    schemas: ArcSwap<Schemas>,
    /// One change of the schemas at a time.
    change: Mutex<()>,
    last_id: AtomicI64,
}

/// An event was read with a schema that is no longer registered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SchemaChanged;

impl fmt::Display for SchemaChanged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the event was read with a schema that is no longer registered")
    }
}

impl std::error::Error for SchemaChanged {}

impl AsyncStorage for Memory {
    type Error = SchemaChanged;

    async fn load(&self, id: ServiceId, want: Want<'_>) -> Result<Option<StoredService>, SchemaChanged> {
        Ok(self.services.load(id, want).unwrap_or_else(|never| match never {}))
    }

    async fn commit(&self, completion: &Completion) -> Result<Commit, SchemaChanged> {
        let declared = || {
            let schemas = self.schemas.load();
            completion.extensions().iter().all(|extension| extension.is_declared_by(&schemas))
        };
        self.services.commit_if(completion, declared).ok_or(SchemaChanged)
    }
}

impl Store for Memory {
    async fn schemas(&self) -> Result<Schemas, SchemaChanged> {
        Ok(Schemas::clone(&self.schemas.load()))
    }

    async fn register(&self, schema: &ExtensionSchema) -> Result<bool, SchemaChanged> {
        let _one = self.change.lock().unwrap_or_else(PoisonError::into_inner);
        let more = self.schemas.load().with(schema.clone());
        Ok(more.map(|more| self.schemas.store(Arc::new(more))).is_ok())
    }

    async fn unregister(&self, name: &str) -> Result<bool, SchemaChanged> {
        let _one = self.change.lock().unwrap_or_else(PoisonError::into_inner);
        let Ok(fewer) = self.schemas.load().without(name) else { return Ok(false) };
        self.schemas.store(Arc::new(fewer));
        self.services.remove_extension(name);
        Ok(true)
    }

    async fn start(&self, started: Timestamp) -> Result<ServiceId, SchemaChanged> {
        let id = ServiceId(self.last_id.fetch_add(1, Ordering::Relaxed) + 1);
        self.services.insert(StoredService::new(id, 0, started));
        Ok(id)
    }

    fn is_schema_changed(_: &SchemaChanged) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use service_end::{
        AttributeSchema, EndRules, Validator,
        service::{Decision, decide},
    };

    use super::*;

    fn note(attribute: &str) -> ExtensionSchema {
        let attribute = AttributeSchema::string(attribute);
        ExtensionSchema::single_valued("Note").attribute(attribute).build().unwrap()
    }

    #[tokio::test]
    async fn a_commit_that_was_under_way_brings_no_record_back() {
        let memory = Memory::default();
        assert!(memory.register(&note("text")).await.unwrap());
        let id = memory.start(Timestamp::now()).await.unwrap();
        let validator = Validator::new(memory.schemas().await.unwrap());
        let event = validator.read(br#"{"Note":{"text":"hello"}}"#).unwrap();
        let service = memory.load(id, Want::Nothing).await.unwrap();
        let decided = decide(id, service.as_ref(), event, &EndRules::default(), Timestamp::now());
        let Ok(Decision::Complete(completion)) = decided else { panic!("{decided:?}") };

        assert!(memory.unregister("NOTE").await.unwrap());
        assert_eq!(memory.commit(&completion).await, Err(SchemaChanged), "the schema is gone");
        assert!(memory.register(&note("words")).await.unwrap());
        assert_eq!(memory.commit(&completion).await, Err(SchemaChanged), "it is another one");
        assert!(memory.load(id, Want::All).await.unwrap().unwrap().end.is_none(), "nothing has changed");

        // One that is equal takes it: a record made after the declaration, not one of before.
        assert!(memory.unregister("note").await.unwrap());
        assert!(memory.register(&note("text")).await.unwrap());
        assert_eq!(memory.commit(&completion).await, Ok(Commit::Committed));
        assert!(memory.unregister("note").await.unwrap());
        assert!(memory.load(id, Want::All).await.unwrap().unwrap().extensions.is_empty());
    }
}
