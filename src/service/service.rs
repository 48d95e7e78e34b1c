use serde::ser::{Serialize, SerializeMap, Serializer};

use super::document::{COMPLETED, STARTED};
use super::end::{End, Started};
use super::stored::{ReadExtension as Stored, StoredService};
use crate::event::{AllExtensions, Extension, Extensions, OpenExtension};
use crate::schema::{FixedField, Schemas};
use crate::validate::ReadError;
use crate::value::{ServiceId, Timestamp};
use crate::violation::Violations;

/// A stored service read with today's schemas. Written by `serde` as the document of a service.
///
/// ```
/// use service_end::{Schemas, Service, StoredService, Timestamp};
/// let started: Timestamp = "2009-05-12T11:50:00Z".parse().unwrap();
/// let service = Service::read(&StoredService::new(7, 1, started).with_extension("Gone", "{}"), &Schemas::new());
/// assert_eq!(service.unreadable()[0].key(), "gone");
/// assert_eq!(service.unreadable()[0].violations().unwrap().as_slice()[0].code().as_str(), "unknown_extension");
/// assert_eq!(
///     serde_json::to_string(&service).unwrap(),
///     r#"{"service_id":7,"started":{"timestamp":"2009-05-12T11:50:00.000Z"}}"#,
/// );
/// ```
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::struct_field_names, reason = "`service_id` is the field's own term")]
pub struct Service {
    service_id: ServiceId,
    started: Timestamp,
    end: Option<End>,
    extensions: Extensions,
    unreadable: Vec<Unreadable>,
}

/// An extension that was loaded and that today's schemas can't read.
#[derive(Clone, Debug, PartialEq)]
pub struct Unreadable {
    key: String,
    error: ReadError,
}

impl Unreadable {
    /// Its name in lower case.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Why it can't be read: it is not JSON, or everything that is wrong with it. Pointers are as into the body of an
    /// event; one without a schema is `unknown_extension`.
    pub fn error(&self) -> &ReadError {
        &self.error
    }

    /// The violations, unless it is not JSON.
    pub fn violations(&self) -> Option<&Violations> {
        self.error.violations()
    }
}

impl Service {
    /// Reads the extensions of a service. One that today's schemas can't read (removed, declared anew, damaged)
    /// hides nothing else: it is told by [`Service::unreadable`]. One without a schema is read as an open extension where
    /// its name is open ([`Schemas::with_open`]); once a schema of its name is registered, that reads what it can.
    pub fn read(stored: &StoredService, schemas: &Schemas) -> Self {
        let mut extensions = Extensions::default();
        let mut unreadable = Vec::new();
        for (key, read) in stored.read_all(schemas) {
            match read {
                Ok(Stored::Declared(extension)) => extensions.push(extension),
                Ok(Stored::Open(open)) => extensions.push_open(open),
                Err(error) => {
                    let error = match error {
                        ReadError::Invalid(violations) => ReadError::Invalid(violations.without_places()),
                        other => other,
                    };
                    unreadable.push(Unreadable { key: key.to_owned(), error });
                }
            }
        }
        Service {
            service_id: stored.service_id,
            started: stored.started,
            end: stored.end.clone(),
            extensions,
            unreadable,
        }
    }

    /// Its id.
    pub fn service_id(&self) -> ServiceId {
        self.service_id
    }

    /// When it started.
    pub fn started(&self) -> Timestamp {
        self.started
    }

    /// How it ended, if it did.
    pub fn end(&self) -> Option<&End> {
        self.end.as_ref()
    }

    /// The extensions that were loaded and that their schemas can read.
    pub fn extensions(&self) -> &[Extension] {
        self.extensions.declared()
    }

    /// The extensions that were loaded under names that are open and have no schema.
    pub fn open_extensions(&self) -> &[OpenExtension] {
        self.extensions.open()
    }

    /// The extensions of both kinds, in the order loaded.
    pub fn all_extensions(&self) -> AllExtensions<'_> {
        self.extensions.all()
    }

    /// The extension of a name that has a schema, without regard to ASCII case.
    pub fn extension(&self, name: &str) -> Option<&Extension> {
        self.extensions.get(name)
    }

    /// The open extension of a name, without regard to ASCII case.
    pub fn open_extension(&self, name: &str) -> Option<&OpenExtension> {
        self.extensions.get_open(name)
    }

    /// The extensions that were loaded and can't be read, and why.
    pub fn unreadable(&self) -> &[Unreadable] {
        &self.unreadable
    }
}

impl Serialize for Service {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        write_service(serializer, self.service_id, self.started, self.end.as_ref(), self.all_extensions())
    }
}

/// Writes the document of a service. An extension without records is left out.
pub(super) fn write_service<S: Serializer>(
    serializer: S,
    service_id: ServiceId,
    started: Timestamp,
    end: Option<&End>,
    extensions: AllExtensions<'_>,
) -> Result<S::Ok, S::Error> {
    let mut json = serializer.serialize_map(None)?;
    json.serialize_entry(FixedField::ServiceId.name(), &service_id)?;
    json.serialize_entry(STARTED, &Started(started))?;
    if let Some(end) = end {
        json.serialize_entry(COMPLETED, end)?;
    }
    for extension in extensions.filter(|extension| !extension.is_empty()) {
        json.serialize_entry(extension.name(), &extension)?;
    }
    json.end()
}
