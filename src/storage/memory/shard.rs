use std::collections::HashMap;
use std::sync::Arc;

use super::kept::{Kept, Recorded};
use crate::event::AnyExtension;
use crate::schema::ExtensionSchema;
use crate::service::Completion;
use crate::storage::contract::Commit;
use crate::value::{ServiceId, Version};

/// Every schema that was ever registered, by its key; `None` once it was removed.
pub(super) type Registered = HashMap<String, Option<ExtensionSchema>>;

/// Some of the services, with everything that a commit looks at. So a commit takes one lock, and threads share nothing
/// unless their services are in the same shard.
#[derive(Debug, Default)]
pub(super) struct Shard {
    services: HashMap<ServiceId, Kept>,
    last_version: i64,
    pub(super) registered: Arc<Registered>,
}

impl Shard {
    pub(super) fn len(&self) -> usize {
        self.services.len()
    }

    pub(super) fn get(&self, id: ServiceId) -> Option<&Kept> {
        self.services.get(&id)
    }

    /// # Errors
    /// The service comes back, and nothing changes, if there is one of its id.
    pub(super) fn insert(&mut self, id: ServiceId, mut kept: Kept) -> Result<(), Kept> {
        if self.services.contains_key(&id) {
            return Err(kept);
        }
        kept.version = new_version(&mut self.last_version);
        self.services.insert(id, kept);
        Ok(())
    }

    pub(super) fn remove(&mut self, id: ServiceId) -> Option<Kept> {
        self.services.remove(&id)
    }

    /// What was recorded before a committed completion is handed back, to be freed after the lock.
    pub(super) fn commit(&mut self, completion: &Completion) -> (Commit, Option<Recorded>) {
        let kept = self.services.get_mut(&completion.service_id());
        let Some(kept) = kept.filter(|kept| kept.version == completion.version()) else {
            return (Commit::Stale, None);
        };
        if !completion.all_extensions().all(|extension| is_current(extension, &self.registered)) {
            return (Commit::SchemaChanged, None);
        }
        let version = new_version(&mut self.last_version);
        (Commit::Committed, kept.complete(version, completion.clone()))
    }

    /// Forgets an extension in every service, and gives those that had it a new version. What was recorded before is
    /// handed back, to be freed after the lock.
    pub(super) fn forget(&mut self, key: &str) -> Vec<Recorded> {
        let Shard { services, last_version, .. } = self;
        services.values_mut().filter_map(|kept| kept.forget(key, || new_version(last_version))).collect()
    }
}

/// Whether an extension may be stored: its schema is the registered one, or its name was never registered; and an open one,
/// if no schema is registered now.
fn is_current(extension: AnyExtension<'_>, registered: &Registered) -> bool {
    match registered.get(extension.key()) {
        Some(schema) => schema.as_ref() == extension.schema(),
        None => true,
    }
}

fn new_version(last: &mut i64) -> Version {
    *last += 1;
    Version(*last)
}
