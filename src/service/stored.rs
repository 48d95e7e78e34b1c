use std::borrow::Cow;
use std::sync::OnceLock;

use indexmap::IndexMap;

use super::end::End;
use crate::event::{Extension, Loss, migrate};
use crate::schema::{ExtensionSchema, Schemas};
use crate::validate::{ReadError, read_extension};
use crate::value::{ServiceId, Timestamp, Version};
use crate::violation::{Collector, Known, Pointer, Violation, ViolationKind, Violations};

/// A service as a store gives it: plain data, for which it needs no schema.
///
/// ```
/// use service_end::{StoredService, Timestamp};
/// let started: Timestamp = "2009-05-12T11:50:00.000Z".parse().unwrap();
/// let service = StoredService::new(36_981_723, 1, started)
///     .with_extension("Feedback", r#"{"FeedbackType":"survey"}"#);
/// assert_eq!(service.extension("FEEDBACK"), Some(r#"{"FeedbackType":"survey"}"#));
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct StoredService {
    /// Its id.
    pub service_id: ServiceId,
    /// Which version of the service this is.
    pub version: Version,
    /// When it started.
    pub started: Timestamp,
    /// How it ended, if it did.
    pub end: Option<End>,
    /// By their keys.
    extensions: IndexMap<String, Stored>,
}

/// An extension as it comes from a store: as JSON, or from a store in memory as what it was read as.
#[derive(Clone, Debug)]
enum Stored {
    Json(String),
    Read {
        extension: Extension,
        /// Its JSON, once somebody asks for it.
        json: OnceLock<String>,
    },
}

impl Stored {
    fn read(&self, schema: &ExtensionSchema) -> Result<Extension, ReadError> {
        match self {
            Stored::Read { extension, .. } if extension.schema() == schema => Ok(extension.clone()),
            stored => read_extension(schema, stored.json()),
        }
    }

    fn json(&self) -> &str {
        match self {
            Stored::Json(json) => json,
            Stored::Read { extension, json } => json.get_or_init(|| extension.to_json()),
        }
    }
}

impl PartialEq for Stored {
    fn eq(&self, other: &Self) -> bool {
        self.json() == other.json()
    }
}

/// An extension as a store keeps it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoredExtension<'s> {
    /// Its name in lower case.
    pub key: &'s str,
    /// Its canonical JSON: an object, or an array of objects.
    pub json: &'s str,
}

impl StoredService {
    /// An active service without extensions.
    pub fn new(service_id: impl Into<ServiceId>, version: impl Into<Version>, started: Timestamp) -> Self {
        StoredService {
            service_id: service_id.into(),
            version: version.into(),
            started,
            end: None,
            extensions: IndexMap::new(),
        }
    }

    /// The service, ended.
    #[must_use]
    pub fn with_end(mut self, end: End) -> Self {
        self.end = Some(end);
        self
    }

    /// The service with an extension, as [`StoredService::insert_extension`] adds it.
    #[must_use]
    pub fn with_extension(mut self, name: &str, json: impl Into<String>) -> Self {
        self.insert_extension(name, json);
        self
    }

    /// Adds an extension, given its name in any case and its JSON. It takes the place of an earlier one of this name.
    pub fn insert_extension(&mut self, name: &str, json: impl Into<String>) {
        self.extensions.insert(key(name).into_owned(), Stored::Json(json.into()));
    }

    /// Adds an extension whose JSON may never be needed.
    pub(crate) fn insert_read(&mut self, extension: Extension) {
        let key = extension.key().to_owned();
        self.extensions.insert(key, Stored::Read { extension, json: OnceLock::new() });
    }

    /// Takes an extension out, given its name in any case; `false` if it was not there.
    pub fn remove_extension(&mut self, name: &str) -> bool {
        self.extensions.shift_remove(&*key(name)).is_some()
    }

    /// Keeps the extensions for which the condition on the key holds.
    pub fn retain_extensions(&mut self, mut keep: impl FnMut(&str) -> bool) {
        self.extensions.retain(|key, _| keep(key));
    }

    /// Its extensions: none, those asked for, or all.
    pub fn extensions(&self) -> impl ExactSizeIterator<Item = StoredExtension<'_>> {
        self.extensions.iter().map(|(key, stored)| StoredExtension { key, json: stored.json() })
    }

    /// The JSON of an extension, given its name in any case.
    pub fn extension(&self, name: &str) -> Option<&str> {
        self.extensions.get(&*key(name)).map(Stored::json)
    }

    /// Whether an extension is there, given its key.
    pub(super) fn has_extension(&self, key: &str) -> bool {
        self.extensions.contains_key(key)
    }

    /// The extension of a schema, as the schema reads it; `None` if it is not there or the schema can't read it.
    pub(super) fn read_extension(&self, schema: &ExtensionSchema) -> Option<Extension> {
        self.extensions.get(schema.key())?.read(schema).ok()
    }

    /// Every extension with its key, and what its schema reads it as.
    pub(super) fn read_all<'s>(
        &'s self,
        schemas: &'s Schemas,
    ) -> impl Iterator<Item = (&'s str, Result<Extension, ReadError>)> {
        self.extensions.iter().map(|(key, stored)| match schemas.get(key) {
            Some(schema) => (key.as_str(), stored.read(schema)),
            None => (key.as_str(), Err(ReadError::Invalid(unknown(key, schemas)))),
        })
    }

    /// The service with its extensions as newer versions of their schemas have them. Pure; nothing is dropped. See
    /// [`Extension::migrate`] for what is carried, and how. An extension that reads as it is stays as it is.
    ///
    /// ```
    /// use service_end::{AttributeSchema, ExtensionSchema, Schemas, StoredService, Timestamp};
    /// let note = ExtensionSchema::multi_valued("Note").attribute(AttributeSchema::string("text")).build()?;
    /// let service = StoredService::new(7, 1, Timestamp::MIN).with_extension("Note", r#"{"text":"hi"}"#);
    /// let migrated = service.migrate(&Schemas::new().with(note).unwrap())?;
    /// assert_eq!(migrated.extension("Note"), Some(r#"[{"text":"hi"}]"#));
    /// # Ok::<(), service_end::Violations>(())
    /// ```
    ///
    /// # Errors
    /// Everything that can't be carried, in all extensions, with pointers as into the body of an event. One without a
    /// schema is `unknown_extension`.
    pub fn migrate(&self, schemas: &Schemas) -> Result<StoredService, Violations> {
        let mut service = self.clone();
        let mut found = Collector::unlimited();
        for (key, stored) in &self.extensions {
            let Some(schema) = schemas.get(key) else {
                found.extend(unknown(key, schemas));
                continue;
            };
            match migrate(stored.json(), schema, Loss::Refused) {
                Ok(migrated) => {
                    let is_so =
                        stored.read(schema).is_ok_and(|read| read.to_json() == migrated.extension.to_json());
                    if !is_so {
                        service.insert_extension(key, migrated.extension.to_json());
                    }
                }
                Err(violations) => found.extend(violations),
            }
        }
        found.finish(service)
    }
}

/// No schema of this name is registered.
fn unknown(key: &str, schemas: &Schemas) -> Violations {
    let kind = ViolationKind::UnknownExtension { known: schemas.known().clone(), fields: Known::fixed(&[]) };
    Violations::one(Violation::new(Pointer::to(key), None, kind))
}

/// A name in lower case.
fn key(name: &str) -> Cow<'_, str> {
    if name.bytes().any(|byte| byte.is_ascii_uppercase()) {
        name.to_ascii_lowercase().into()
    } else {
        name.into()
    }
}
