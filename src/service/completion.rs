use std::sync::Arc;

use super::stored::End;
use crate::event::{Extension, ServiceEndEvent};
use crate::value::{ServiceId, Timestamp};

/// The decision: exactly what storage has to change, if the service is still at the version it was decided on.
///
/// Owned, so that it can be handed to another thread.
#[derive(Clone, Debug, PartialEq)]
pub struct Completion {
    service_id: ServiceId,
    version: u64,
    /// Shared, since it is large, handed on from hand to hand, and kept as it is by a store in memory.
    end: Arc<End>,
    extensions: Vec<Extension>,
    replaces: bool,
    /// The event as it was, to decide again on another version.
    said: Said,
}

/// What of the event the completion does not keep as it was.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Said {
    service_id: Option<ServiceId>,
    timestamp: Option<Timestamp>,
}

impl Completion {
    pub(super) fn new(
        service_id: ServiceId,
        version: u64,
        timestamp: Timestamp,
        event: ServiceEndEvent,
        replaces: bool,
    ) -> Self {
        let said = Said { service_id: event.service_id(), timestamp: event.timestamp() };
        let (fields, extensions) = event.into_parts();
        let end = Arc::new(End { timestamp, fields });
        Completion { service_id, version, end, extensions, replaces, said }
    }

    /// The service to change.
    pub fn service_id(&self) -> ServiceId {
        self.service_id
    }

    /// The version that the service must still be at.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// What is to be recorded of the end: all of it, in place of what may be recorded already.
    pub fn end(&self) -> &End {
        &self.end
    }

    pub(crate) fn shared_end(&self) -> Arc<End> {
        Arc::clone(&self.end)
    }

    /// The extensions to replace, each as a whole, under [`Extension::key`]; an empty one leaves nothing stored.
    /// Extensions not among them stay as they are.
    pub fn extensions(&self) -> &[Extension] {
        &self.extensions
    }

    /// Whether the service has ended before, and this end replaces the earlier one.
    pub fn replaces(&self) -> bool {
        self.replaces
    }

    /// The event, to be decided on again.
    pub(crate) fn into_event(self) -> ServiceEndEvent {
        ServiceEndEvent::from_parts(
            self.said.service_id,
            self.said.timestamp,
            Arc::unwrap_or_clone(self.end).fields,
            self.extensions,
        )
    }
}
