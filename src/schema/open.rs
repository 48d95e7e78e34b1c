//! A set of schemas beside which some names are open.

use super::open_names::OpenNames;
use super::set::Schemas;

impl Schemas {
    /// The set with names under which an extension needs no schema, in place of those it had. The sets that are made of it
    /// have them too.
    ///
    /// ```
    /// use service_end::schema::OpenNames;
    /// use service_end::{Schemas, Validator};
    /// let schemas = Schemas::new().with_open(OpenNames::listed(["Case"])?);
    /// let event = Validator::new(schemas).read(br#"{ "Case": { "steps": [1, 2.50] } }"#).unwrap();
    /// assert_eq!(event.open_extension("case").unwrap().json(), r#"{"steps":[1,2.50]}"#);
    /// # Ok::<(), service_end::schema::OpenNameError>(())
    /// ```
    pub fn with_open(&self, names: OpenNames) -> Self {
        self.opened(names)
    }

    /// The names under which an extension needs no schema, unless it has one.
    pub fn open_names(&self) -> &OpenNames {
        self.open()
    }

    /// Whether an extension of this name is taken as it is: it has no schema and needs none.
    pub fn is_open(&self, name: &str) -> bool {
        self.open().includes(name) && self.get(name).is_none()
    }
}
