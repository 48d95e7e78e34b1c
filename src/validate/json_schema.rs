//! What the validator takes, as JSON Schema.

use super::validator::Validator;
use crate::schema::JsonSchema;

impl Validator {
    /// A body that this validator takes, as a JSON Schema: with the registered schemas, the business attributes and the most
    /// records.
    ///
    /// ```
    /// use service_end::{BusinessAttributes, Schemas, Validator, schema::BusinessField};
    /// let known = BusinessAttributes::new().with(BusinessField::Disposition, [(10, "Resolved")]).unwrap();
    /// let validator = Validator::new(Schemas::new()).with_business_attributes(known);
    /// let schema = serde_json::to_value(validator.body_json_schema()).unwrap();
    /// assert_eq!(schema["properties"]["disposition"]["anyOf"][0]["enum"][1], "Resolved");
    /// ```
    pub fn body_json_schema(&self) -> JsonSchema {
        JsonSchema::of_bodies(&self.schemas, &self.business, Some(self.limits.records))
    }

    /// The document of a stored service with the registered schemas, as it is written, as a JSON Schema.
    pub fn stored_json_schema(&self) -> JsonSchema {
        self.schemas.stored_json_schema()
    }
}
