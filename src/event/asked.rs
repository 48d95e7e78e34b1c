//! What the decision asks of an event beside what the event says.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use super::extension::Extension;
use super::spelling::Spellings;
use crate::schema::{ExtensionSchema, Schemas};
use crate::violation::Collector;

/// What the validator that checked an event hands on to the decision: the extensions without which no service can end, as
/// they were declared then, how many violations are kept, how long the body was, and how it spells names. Events that say
/// the same are equal, whatever is asked.
#[derive(Clone, Default)]
pub(crate) struct Asked {
    /// Where the event was read from a text.
    body_bytes: Option<u32>,
    /// Boxed, and mostly nothing: an event is handed on from hand to hand.
    questions: Option<Box<Questions>>,
}

#[derive(Clone)]
struct Questions {
    /// Those without which no service can end.
    required: Option<Arc<[ExtensionSchema]>>,
    max_violations: usize,
    spellings: Spellings,
}

impl Asked {
    /// By some schemas. Nothing, if none is required.
    pub(crate) fn of(schemas: &Schemas, max_violations: usize, body_bytes: Option<usize>) -> Self {
        let required = schemas.required();
        let questions = (!required.is_empty()).then(|| {
            let (required, spellings) = (Some(Arc::clone(required)), Spellings::default());
            Box::new(Questions { required, max_violations, spellings })
        });
        // A body is never longer.
        let body_bytes = body_bytes.and_then(|bytes| u32::try_from(bytes).ok());
        Asked { body_bytes, questions }
    }

    /// Where rules may run later.
    pub(crate) fn with_spellings(self, spellings: Spellings, max_violations: usize) -> Self {
        let required = self.questions.and_then(|questions| questions.required);
        let questions = Some(Box::new(Questions { required, max_violations, spellings }));
        Asked { body_bytes: self.body_bytes, questions }
    }

    /// How long the body was that the event was read from.
    pub(crate) fn body_bytes(&self) -> Option<usize> {
        self.body_bytes.map(|bytes| bytes as usize)
    }

    pub(crate) fn spellings(&self) -> Option<&Spellings> {
        self.questions.as_ref().map(|questions| &questions.spellings)
    }

    /// For what is found wrong with the event: without questions, that is one violation at most.
    pub(crate) fn collector(&self) -> Collector {
        let limit = self.questions.as_ref().map_or(1, |questions| questions.max_violations);
        Collector::of_event(limit, self.body_bytes())
    }

    /// The schemas of these extensions, each with the one among the extensions of the event.
    /// There can be far more than the event has extensions: who asks stops when it has enough.
    pub(super) fn among<'e>(
        &'e self,
        extensions: &'e [Extension],
    ) -> impl Iterator<Item = (&'e ExtensionSchema, Option<&'e Extension>)> {
        let asked = if self.schemas().next().is_some() { extensions } else { &[] };
        let named: HashMap<_, _> = asked.iter().map(|each| (each.key(), each)).collect();
        self.schemas().map(move |schema| (schema, named.get(schema.key()).copied()))
    }

    fn schemas(&self) -> impl Iterator<Item = &ExtensionSchema> {
        self.questions.iter().flat_map(|questions| &questions.required).flat_map(|required| &**required)
    }
}

impl PartialEq for Asked {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl fmt::Debug for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.schemas().map(ExtensionSchema::name)).finish()
    }
}
