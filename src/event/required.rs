//! What the decision asks of an event beside what the event says.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use super::extension::Extension;
use crate::schema::{ExtensionSchema, Schemas};
use crate::violation::Collector;

/// The extensions without which no service can end, as they were declared when the event was checked. Events that say
/// the same are equal, whatever was declared.
#[derive(Clone, Default)]
pub(crate) struct Required(Option<Declared>);

#[derive(Clone)]
struct Declared {
    schemas: Arc<[ExtensionSchema]>,
    /// How many violations are kept.
    max_violations: usize,
}

impl Required {
    /// Of a set of schemas; they are not even counted where none is required.
    pub(crate) fn of(schemas: &Schemas, max_violations: usize) -> Self {
        let schemas = schemas.required();
        Required((!schemas.is_empty()).then(|| Declared { schemas: Arc::clone(schemas), max_violations }))
    }

    /// The schemas of these extensions, each with the one among the extensions of the event.
    pub(super) fn among<'e>(
        &'e self,
        extensions: &'e [Extension],
    ) -> Vec<(&'e ExtensionSchema, Option<&'e Extension>)> {
        if self.0.is_none() {
            return Vec::new();
        }
        let named: HashMap<_, _> = extensions.iter().map(|each| (each.key(), each)).collect();
        self.schemas().map(|schema| (schema, named.get(schema.key()).copied())).collect()
    }

    fn schemas(&self) -> impl Iterator<Item = &ExtensionSchema> {
        self.0.iter().flat_map(|declared| &*declared.schemas)
    }

    /// For what is found wrong with the event.
    pub(crate) fn collector(&self) -> Collector {
        self.0
            .as_ref()
            .map_or_else(Collector::unlimited, |declared| Collector::new(declared.max_violations, 0))
    }
}

impl PartialEq for Required {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl fmt::Debug for Required {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.schemas().map(ExtensionSchema::name)).finish()
    }
}
