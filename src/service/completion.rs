use std::sync::Arc;

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::document::COMPLETED;
use super::end::End;
use super::stored::StoredService;
use crate::event::{AllExtensions, Asked, Extension, Extensions, OpenExtension, ServiceEndEvent};
use crate::schema::FixedField;
use crate::value::{ServiceId, Timestamp, Version};

/// The decision: exactly what storage has to change, if the service is still at the version it was decided on.
///
/// Owned, so that it can be handed to another thread, and cheap to clone.
#[derive(Clone, Debug, PartialEq)]
pub struct Completion(Arc<Decided>);

/// Shared, since it is handed on from hand to hand, and kept as it is by a store in memory.
#[derive(Clone, Debug, PartialEq)]
struct Decided {
    service_id: ServiceId,
    version: Version,
    started: Timestamp,
    end: End,
    extensions: Extensions,
    replaces: bool,
    /// The event as it was, to decide again on another version.
    said: Said,
}

/// What of the event the completion does not keep as it was.
#[derive(Clone, Debug, PartialEq)]
struct Said {
    service_id: Option<ServiceId>,
    timestamp: Option<Timestamp>,
    asked: Asked,
}

impl Completion {
    /// Of a service as it was decided on: it ends at this time, as the event says.
    pub(super) fn new(
        service: &StoredService,
        timestamp: Timestamp,
        event: ServiceEndEvent,
        replaces: bool,
    ) -> Self {
        let StoredService { service_id, version, started, .. } = *service;
        let said = Said {
            service_id: event.service_id(),
            timestamp: event.timestamp(),
            asked: event.asked().clone(),
        };
        let (fields, extensions) = event.into_parts();
        let end = End::of(timestamp, fields);
        Completion(Arc::new(Decided { service_id, version, started, end, extensions, replaces, said }))
    }

    /// The service to change.
    pub fn service_id(&self) -> ServiceId {
        self.0.service_id
    }

    /// The version that the service must still be at. Once this is committed, it is at another one: load it for that.
    pub fn version(&self) -> Version {
        self.0.version
    }

    /// When the service started, as it was read.
    pub fn started(&self) -> Timestamp {
        self.0.started
    }

    /// What is to be recorded of the end: all of it, in place of what may be recorded already.
    pub fn end(&self) -> &End {
        &self.0.end
    }

    /// The extensions to replace, each as a whole, under its key ([`AnyExtension::key`](crate::event::AnyExtension::key)); an
    /// empty one leaves nothing stored. Extensions not among them stay as they are.
    pub fn all_extensions(&self) -> AllExtensions<'_> {
        self.0.extensions.all()
    }

    /// Those of them that have a schema. **A store writes [all of them](Completion::all_extensions).**
    pub fn extensions(&self) -> &[Extension] {
        self.0.extensions.declared()
    }

    /// Those of them that are open.
    pub fn open_extensions(&self) -> &[OpenExtension] {
        self.0.extensions.open()
    }

    /// The extension of a name that has a schema, without regard to ASCII case.
    pub fn extension(&self, name: &str) -> Option<&Extension> {
        self.0.extensions.get(name)
    }

    /// The open extension of a name, without regard to ASCII case.
    pub fn open_extension(&self, name: &str) -> Option<&OpenExtension> {
        self.0.extensions.get_open(name)
    }

    /// Whether the service has ended before, and this end replaces the earlier one.
    pub fn replaces(&self) -> bool {
        self.0.replaces
    }

    /// The same, for those who keep it for long.
    pub(crate) fn without_spare_room(&self) -> Completion {
        if !self.extensions().iter().any(Extension::has_spare_room) {
            return self.clone();
        }
        let Decided { service_id, version, started, end, extensions, replaces, said } = &*self.0;
        Completion(Arc::new(Decided {
            service_id: *service_id,
            version: *version,
            started: *started,
            end: end.clone(),
            extensions: extensions.without_spare_room(),
            replaces: *replaces,
            said: said.clone(),
        }))
    }

    /// The event, to be decided on again.
    pub(crate) fn into_event(self) -> ServiceEndEvent {
        let Decided { end, extensions, said, .. } = Arc::unwrap_or_clone(self.0);
        let Said { service_id, timestamp, asked } = said;
        ServiceEndEvent::from_parts(service_id, timestamp, end.into_fields(), extensions, asked)
    }
}

/// What is recorded, in the form of the document of a service: its id, the end under `completed`, and each extension under
/// its name; one that leaves nothing stored is `[]`.
impl Serialize for Completion {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut json = serializer.serialize_map(None)?;
        json.serialize_entry(FixedField::ServiceId.name(), &self.service_id())?;
        json.serialize_entry(COMPLETED, self.end())?;
        for extension in self.all_extensions() {
            json.serialize_entry(extension.name(), &extension)?;
        }
        json.end()
    }
}
