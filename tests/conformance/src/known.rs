//! What a service must hold, and what of it is found.

use service_end::event::{AnyExtension, Extension, OpenExtension};
use service_end::schema::{ExtensionSchema, Schemas};
use service_end::service::{Completion, End, Service, StoredExtension, StoredService};
use service_end::storage::Want;
use service_end::value::{ServiceId, Timestamp};

use crate::fault::{Fault, ensure};
use crate::sample::STARTED;

/// What a service must hold.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    pub(crate) id: ServiceId,
    pub(crate) started: Timestamp,
    pub(crate) end: Option<End>,
    extensions: Vec<KnownExtension>,
}

/// What an extension must hold: values, a text that is kept to the letter, or one that no schema reads.
#[derive(Clone, Debug)]
enum KnownExtension {
    Values(Extension),
    Open(OpenExtension),
    Text { key: String, json: String },
}

/// What a store gives for an extension, read with its schema; `None` if it can't be read.
pub(crate) fn readable(schema: &ExtensionSchema, json: &str) -> Option<Extension> {
    let schemas = Schemas::new().with(schema.clone()).ok()?;
    let stored = StoredService::new(0, 0, STARTED).with_extension(schema.name(), json);
    Service::read(&stored, &schemas).extension(schema.name()).cloned()
}

impl KnownExtension {
    fn key(&self) -> &str {
        match self {
            KnownExtension::Values(extension) => extension.key(),
            KnownExtension::Open(open) => open.key(),
            KnownExtension::Text { key, .. } => key,
        }
    }

    /// As it is put into a store: open extensions under their name.
    fn name(&self) -> &str {
        if let KnownExtension::Open(open) = self { open.name() } else { self.key() }
    }

    fn to_json(&self) -> String {
        match self {
            KnownExtension::Values(extension) => extension.to_json(),
            KnownExtension::Open(open) => open.json().to_owned(),
            KnownExtension::Text { json, .. } => json.clone(),
        }
    }

    /// Values are compared through their schema, and JSON as JSON: a store may keep it in another notation.
    fn compare(&self, StoredExtension { name, json: found, .. }: StoredExtension<'_>) -> Result<(), Fault> {
        match self {
            KnownExtension::Open(open) => {
                let known = (open.name(), open.json());
                if known == (name, found) {
                    return Ok(());
                }
                let named = |(name, json): (&str, &str)| format!("`{name}` {json}");
                Err(Fault::texts("the open extension", &named(known), &named((name, found))))
            }
            KnownExtension::Values(extension) => {
                let what = format!("extension `{}` to be", extension.key());
                let read = readable(extension.schema(), found);
                let Some(read) = read else { return Err(Fault::texts(&what, &extension.to_json(), found)) };
                if read == *extension {
                    return Ok(());
                }
                Err(Fault::texts(&what, &extension.to_json(), &read.to_json()))
            }
            KnownExtension::Text { key, json: known } => {
                let json = |text| serde_json::from_str::<serde_json::Value>(text).ok();
                let same = json(known).is_some_and(|known| json(found) == Some(known));
                if same || known == found {
                    return Ok(());
                }
                Err(Fault::texts(&format!("extension `{key}` to be"), known, found))
            }
        }
    }
}

impl Known {
    /// An active service without extensions.
    pub(crate) fn active(id: impl Into<ServiceId>) -> Self {
        Known { id: id.into(), started: STARTED, end: None, extensions: Vec::new() }
    }

    /// A service as some store gives it.
    pub(crate) fn of(stored: &StoredService, schemas: &Schemas) -> Self {
        let known = |StoredExtension { key, json, .. }: StoredExtension<'_>| {
            let read = schemas.get(key).and_then(|schema| readable(schema, json));
            let text = || KnownExtension::Text { key: key.to_owned(), json: json.to_owned() };
            read.map_or_else(text, KnownExtension::Values)
        };
        Known {
            id: stored.service_id,
            started: stored.started,
            end: stored.end.clone(),
            extensions: stored.extensions().map(known).collect(),
        }
    }

    pub(crate) fn with(mut self, extension: Extension) -> Self {
        self.extensions.push(KnownExtension::Values(extension));
        self
    }

    /// With an extension that is told by its text.
    pub(crate) fn with_text(mut self, key: &str, json: &str) -> Self {
        self.extensions.push(KnownExtension::Text { key: key.to_owned(), json: json.to_owned() });
        self
    }

    /// As it is put into a store.
    pub(crate) fn to_stored(&self) -> StoredService {
        let mut stored = StoredService::new(self.id, 0, self.started);
        stored.end.clone_from(&self.end);
        for extension in &self.extensions {
            stored.insert_extension(extension.name(), extension.to_json());
        }
        stored
    }

    /// What a completion that is committed makes of it.
    pub(crate) fn apply(&mut self, completion: &Completion) {
        self.end = Some(completion.end().clone());
        for extension in completion.all_extensions() {
            self.extensions.retain(|kept| kept.key() != extension.key());
            if !extension.is_empty() {
                self.extensions.push(match extension {
                    AnyExtension::Declared(extension) => KnownExtension::Values(extension.clone()),
                    AnyExtension::Open(open) => KnownExtension::Open(open.clone()),
                });
            }
        }
    }

    /// Demands that a store gives it as it must be, and of its extensions exactly those wanted.
    pub(crate) fn compare(&self, want: Want<'_>, found: Option<&StoredService>) -> Result<(), Fault> {
        let id = self.id;
        let Some(found) = found else { return Err(Fault::new(format!("service {id}"), "none")) };
        ensure(found.service_id == id, format!("service {id}"), || format!("service {}", found.service_id))?;
        ensure(
            found.started == self.started,
            format!("the start of service {id} at {}", self.started),
            || format!("its start at {}", found.started),
        )?;
        if self.end != found.end {
            let json = |end: &Option<End>| end.as_ref().map_or_else(|| "none".to_owned(), End::to_json);
            let what = format!("the end of service {id} to be");
            return Err(Fault::texts(&what, &json(&self.end), &json(&found.end)));
        }
        let is_wanted = want.filter();
        let wanted: Vec<_> = self.extensions.iter().filter(|extension| is_wanted(extension.key())).collect();
        let keys = |mut keys: Vec<&str>| {
            keys.sort_unstable();
            if keys.is_empty() { "none".to_owned() } else { keys.join(", ") }
        };
        let expected = keys(wanted.iter().map(|extension| extension.key()).collect());
        let given = keys(found.extensions().map(|extension| extension.key).collect());
        ensure(expected == given, format!("of service {id} the extensions: {expected}"), || given.clone())?;
        wanted.into_iter().try_for_each(|extension| {
            // Its key is there, as was just seen.
            let mut found = found.extensions().filter(|found| found.key == extension.key());
            found.try_for_each(|found| extension.compare(found))
        })
    }
}
