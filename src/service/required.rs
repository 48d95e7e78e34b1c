//! The extensions without which no service can end.

use super::stored::StoredService;
use crate::event::{Extension, ServiceEndEvent};
use crate::schema::ExtensionSchema;
use crate::violation::{Collector, Pointer, Violation, ViolationKind};

/// More keys than these are not told to a store one by one: a service holds few of the extensions that can make up.
const FEW: usize = 100;

/// The keys of the stored extensions that can make up for what the event does not name; `None` where they are many.
pub(crate) fn required_keys(event: &ServiceEndEvent) -> Option<Vec<&str>> {
    let unnamed = event.required_extensions().filter(|(_, named)| named.is_none());
    let keys: Vec<_> = unnamed.map(|(schema, _)| schema.key()).take(FEW + 1).collect();
    (keys.len() <= FEW).then_some(keys)
}

/// Finds those of which there would be no record once the service has ended. Gives the names of those that the event
/// takes away.
pub(super) fn missing_extensions<'e>(
    event: &'e ServiceEndEvent,
    service: &StoredService,
    found: &mut Collector,
) -> Vec<&'e str> {
    let mut missing = event.required_extensions().filter(|(schema, named)| {
        !named.map_or_else(|| has_records(service, schema), |extension| !extension.is_empty())
    });
    // Of thousands, those beyond the limit are not looked for.
    while let Some((schema, _)) = missing.next().filter(|_| !found.is_over()) {
        found.push(|| {
            let kind = ViolationKind::MissingExtension { extension: schema.shared_name() };
            Violation::new(Pointer::to_declared(schema.name()), None, kind)
        });
    }
    let named = event.extensions().iter();
    let taken_away = named.filter(|extension| extension.is_empty() && extension.schema().is_required());
    taken_away.map(Extension::name).collect()
}

/// What today's schema can't read may well be records.
fn has_records(service: &StoredService, schema: &ExtensionSchema) -> bool {
    service
        .read_extension(schema)
        .is_some_and(|stored| stored.map_or(true, |extension| !extension.is_empty()))
}
