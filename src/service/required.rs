//! The extensions without which no service can end.

use super::stored::StoredService;
use crate::event::{Extension, ServiceEndEvent};
use crate::schema::ExtensionSchema;
use crate::violation::{Collector, Pointer, Violation, ViolationKind};

/// The keys of the stored extensions that can make up for what the event does not name.
pub(crate) fn required_keys(event: &ServiceEndEvent) -> Vec<&str> {
    let required = event.required_extensions();
    required.into_iter().filter(|(_, named)| named.is_none()).map(|(schema, _)| schema.key()).collect()
}

/// Finds those of which there would be no record once the service has ended. Gives the names of those that the event
/// takes away.
pub(super) fn missing_extensions<'e>(
    event: &'e ServiceEndEvent,
    service: &StoredService,
    found: &mut Collector,
) -> Vec<&'e str> {
    let mut taken_away = Vec::new();
    for (schema, named) in event.required_extensions() {
        let is_there = named.map_or_else(|| has_records(service, schema), |extension| !extension.is_empty());
        if is_there {
            continue;
        }
        found.push(|| {
            let kind = ViolationKind::MissingExtension { extension: schema.shared_name() };
            Violation::new(Pointer::to_declared(schema.name()), None, kind)
        });
        taken_away.extend(named.map(Extension::name));
    }
    taken_away
}

/// What today's schema can't read may well be records.
fn has_records(service: &StoredService, schema: &ExtensionSchema) -> bool {
    service
        .read_extension(schema)
        .is_some_and(|stored| stored.map_or(true, |extension| !extension.is_empty()))
}
