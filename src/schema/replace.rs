//! A schema takes the place of its earlier version.

use super::compare::{Comparison, Question};
use super::extension::ExtensionSchema;
use super::set::{SchemaNotFound, Schemas};

/// A new version of a schema breaks bodies or records that the registered version allows.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the new version of schema `{name}` is not safe for {}", self.broken())]
pub struct IncompatibleSchema {
    name: Box<str>,
    comparison: Box<Comparison>,
}

impl IncompatibleSchema {
    /// The name, as the new version spells it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What the new version breaks, with its witnesses.
    pub fn comparison(&self) -> &Comparison {
        &self.comparison
    }

    fn broken(&self) -> String {
        let questions = [Question::Bodies, Question::Records];
        let broken = questions.iter().filter(|question| !self.comparison.answer(**question).is_safe());
        broken.map(|question| question.as_str()).collect::<Vec<_>>().join(" and ")
    }
}

/// Why a schema does not take the place of its earlier version.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReplaceError {
    /// No schema of this name is registered.
    #[error(transparent)]
    NotFound(#[from] SchemaNotFound),
    /// The new version is not safe.
    #[error(transparent)]
    Incompatible(#[from] IncompatibleSchema),
}

impl Schemas {
    /// The set with a new version of one of its schemas, in its place. It must be safe for `bodies` and `records`
    /// ([`Comparison::is_safe`]): callers go on, and what is stored reads.
    ///
    /// ```
    /// use service_end::{AttributeSchema, ExtensionSchema, Schemas, schema::ReplaceError};
    /// let note = |length| {
    ///     ExtensionSchema::single_valued("Note").attribute(AttributeSchema::string("text").length(length)).build()
    /// };
    /// let schemas = Schemas::new().with(note(64)?).unwrap();
    /// assert!(schemas.replace(note(80)?).is_ok());
    /// let Err(ReplaceError::Incompatible(error)) = schemas.replace(note(63)?) else { panic!("text is lost") };
    /// assert_eq!(error.to_string(), "the new version of schema `Note` is not safe for bodies and records");
    /// assert!(schemas.replace_anyway(note(63)?).is_ok());
    /// # Ok::<(), service_end::Violations>(())
    /// ```
    ///
    /// # Errors
    /// [`ReplaceError::NotFound`] if no schema of this name is registered, [`ReplaceError::Incompatible`] with the
    /// comparison if the new version is not safe.
    pub fn replace(&self, schema: ExtensionSchema) -> Result<Self, ReplaceError> {
        let old = self.get(schema.name()).ok_or(SchemaNotFound)?;
        let comparison = old.compare(&schema);
        if !comparison.is_safe() {
            let (name, comparison) = (schema.name().into(), Box::new(comparison));
            return Err(IncompatibleSchema { name, comparison }.into());
        }
        Ok(self.replace_anyway(schema)?)
    }

    /// The set with a new version of one of its schemas, in its place, whatever it breaks.
    ///
    /// # Errors
    /// [`SchemaNotFound`] if no schema of this name is registered.
    pub fn replace_anyway(&self, schema: ExtensionSchema) -> Result<Self, SchemaNotFound> {
        let (ordinal, _) = self.get_full(schema.name()).ok_or(SchemaNotFound)?;
        let (before, after) = (self.iter().take(ordinal).cloned(), self.iter().skip(ordinal + 1).cloned());
        Ok(self.others(before.chain([schema]).chain(after)))
    }
}
