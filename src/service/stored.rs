use std::borrow::Borrow;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::OnceLock;

use indexmap::IndexSet;

use super::end::End;
use crate::event::{Extension, Loss, OpenExtension, migrate};
use crate::schema::{ExtensionSchema, Schemas};
use crate::validate::{ReadError, read_extension, read_open};
use crate::value::{ServiceId, Timestamp, Version, in_lower_case};
use crate::violation::{Collector, Known, Pointer, ViolationKind, Violations};

/// A service as a store gives it: plain data, for which it needs no schema.
///
/// ```
/// use service_end::{StoredService, Timestamp};
/// let started: Timestamp = "2009-05-12T11:50:00.000Z".parse().unwrap();
/// let service = StoredService::new(36_981_723, 1, started)
///     .with_extension("Feedback", r#"{"FeedbackType":"survey"}"#);
/// assert_eq!(service.extension("FEEDBACK"), Some(r#"{"FeedbackType":"survey"}"#));
/// ```
#[derive(Clone, Debug)]
#[must_use]
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
    extensions: IndexSet<Stored>,
}

/// Whether they say the same, with the extensions in any order.
impl PartialEq for StoredService {
    fn eq(&self, other: &Self) -> bool {
        let StoredService { service_id, version, started, end, extensions } = self;
        let said = |stored: &Stored| other.extensions.get(stored.key()).map(Stored::json);
        (service_id, version, started, end) == (&other.service_id, &other.version, &other.started, &other.end)
            && extensions.len() == other.extensions.len()
            && extensions.iter().all(|stored| said(stored) == Some(stored.json()))
    }
}

/// An extension as it comes from a store: as JSON, or from a store in memory as what it was read as.
#[derive(Clone)]
enum Stored {
    Json {
        key: Box<str>,
        /// Where it is not the key.
        name: Option<Box<str>>,
        json: Box<str>,
    },
    Read {
        extension: Extension,
        /// Its JSON, once somebody asks for it.
        json: OnceLock<Box<str>>,
    },
    Open(OpenExtension),
}

/// Its name in lower case, without what callers have sent.
impl fmt::Debug for Stored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.key().fmt(f)
    }
}

impl Stored {
    fn read(&self, schema: &ExtensionSchema) -> Result<Extension, ReadError> {
        match self {
            Stored::Read { extension, .. } if extension.schema() == schema => Ok(extension.clone()),
            stored => read_extension(schema, stored.json()),
        }
    }

    fn read_open(&self) -> Result<OpenExtension, ReadError> {
        match self {
            Stored::Open(open) => Ok(open.clone()),
            stored => read_open(stored.name(), stored.json()),
        }
    }

    fn key(&self) -> &str {
        match self {
            Stored::Json { key, .. } => key,
            Stored::Read { extension, .. } => extension.schema().key(),
            Stored::Open(open) => open.key(),
        }
    }

    fn name(&self) -> &str {
        match self {
            Stored::Json { key, name, .. } => name.as_deref().unwrap_or(key),
            Stored::Read { extension, .. } => extension.name(),
            Stored::Open(open) => open.name(),
        }
    }

    fn json(&self) -> &str {
        match self {
            Stored::Json { json, .. } => json,
            Stored::Read { extension, json } => json.get_or_init(|| extension.to_json().into()),
            Stored::Open(open) => open.json(),
        }
    }
}

/// What was read of a stored extension.
pub(super) enum ReadExtension {
    Declared(Extension),
    Open(OpenExtension),
}

/// In a set, it stands for its key.
impl Borrow<str> for Stored {
    fn borrow(&self) -> &str {
        self.key()
    }
}

impl Hash for Stored {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key().hash(state);
    }
}

impl PartialEq for Stored {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for Stored {}

/// An extension as a store keeps it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoredExtension<'s> {
    /// Its name in lower case.
    pub key: &'s str,
    /// Its name as it was spelled: under this an open extension comes out again.
    pub name: &'s str,
    /// Its canonical JSON: an object, or an array of objects; of an open extension any JSON, to be kept to the letter.
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
            extensions: IndexSet::new(),
        }
    }

    /// The service, ended.
    pub fn with_end(mut self, end: End) -> Self {
        self.end = Some(end);
        self
    }

    /// The service with an extension, as [`StoredService::insert_extension`] adds it.
    pub fn with_extension(mut self, name: &str, json: impl Into<String>) -> Self {
        self.insert_extension(name, json);
        self
    }

    /// Adds an extension, given its name in any case and its JSON. It takes the place of an earlier one of this name. An
    /// extension that is read as an open one has the name as it is spelled here.
    pub fn insert_extension(&mut self, name: &str, json: impl Into<String>) {
        let key = in_lower_case(name);
        let name = (key != name).then(|| name.into());
        self.extensions.replace(Stored::Json { key: key.into(), name, json: json.into().into() });
    }

    /// Makes room for so many extensions more.
    pub(crate) fn reserve(&mut self, extensions: usize) {
        self.extensions.reserve_exact(extensions);
    }

    /// Adds an extension whose JSON may never be needed.
    pub(crate) fn insert_read(&mut self, extension: Extension) {
        self.extensions.replace(Stored::Read { extension, json: OnceLock::new() });
    }

    /// Adds an open extension.
    pub(crate) fn insert_open(&mut self, open: OpenExtension) {
        self.extensions.replace(Stored::Open(open));
    }

    /// Takes an extension out, given its name in any case; `false` if it was not there.
    pub fn remove_extension(&mut self, name: &str) -> bool {
        self.extensions.shift_remove(&*in_lower_case(name))
    }

    /// Keeps the extensions for which the condition on the key holds.
    pub fn retain_extensions(&mut self, mut keep: impl FnMut(&str) -> bool) {
        self.extensions.retain(|stored| keep(stored.key()));
    }

    /// Its extensions: none, those asked for, or all.
    pub fn extensions(&self) -> impl ExactSizeIterator<Item = StoredExtension<'_>> {
        self.extensions.iter().map(|stored| StoredExtension {
            key: stored.key(),
            name: stored.name(),
            json: stored.json(),
        })
    }

    /// The JSON of an extension, given its name in any case.
    pub fn extension(&self, name: &str) -> Option<&str> {
        self.extensions.get(&*in_lower_case(name)).map(Stored::json)
    }

    /// The extension of a schema, as the schema reads it; `None` if it is not there.
    pub(super) fn read_extension(&self, schema: &ExtensionSchema) -> Option<Result<Extension, ReadError>> {
        Some(self.extensions.get(schema.key())?.read(schema))
    }

    /// The open extension of a key; `None` if it is not there.
    pub(super) fn read_open(&self, key: &str) -> Option<Result<OpenExtension, ReadError>> {
        Some(self.extensions.get(key)?.read_open())
    }

    /// Every extension with its key, and what it is read as.
    pub(super) fn read_all<'s>(
        &'s self,
        schemas: &'s Schemas,
    ) -> impl Iterator<Item = (&'s str, Result<ReadExtension, ReadError>)> {
        self.extensions.iter().map(|stored| {
            let key = stored.key();
            let read = match schemas.get(key) {
                Some(schema) => stored.read(schema).map(ReadExtension::Declared),
                None if schemas.is_open(key) => stored.read_open().map(ReadExtension::Open),
                None => Err(ReadError::Invalid(unknown(key, schemas))),
            };
            (key, read)
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
    /// schema is `unknown_extension`, unless its name is open: it stays as it is.
    pub fn migrate(&self, schemas: &Schemas) -> Result<StoredService, Violations> {
        let mut service = self.clone();
        let mut found = Collector::unlimited();
        for stored in &self.extensions {
            let key = stored.key();
            let Some(schema) = schemas.get(key) else {
                if !schemas.is_open(key) {
                    found.extend(unknown(key, schemas));
                }
                continue;
            };
            match migrate(stored.json(), schema, Loss::Refused) {
                Ok(migrated) => {
                    let is_so =
                        stored.read(schema).is_ok_and(|read| read.to_json() == migrated.extension.to_json());
                    if !is_so {
                        service.insert_extension(schema.name(), migrated.extension.to_json());
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
    Violations::one(Pointer::to(key), kind)
}
