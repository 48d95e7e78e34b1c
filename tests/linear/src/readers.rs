//! The declarations of a plan: an extension that the store keeps a schema of, at times, and another one that it knows
//! nothing of.

use service_end::{AttributeSchema, ExtensionSchema, Schemas, ServiceEndEvent, Validator};

use crate::call::{Edition, Reading};

/// What callers of a plan read with.
#[derive(Debug)]
pub struct Readers {
    kept: String,
    other: String,
    editions: [ExtensionSchema; 2],
    validators: [Validator; 3],
}

impl Readers {
    /// Of the names of the extension that the store keeps a schema of, and of the other one.
    pub fn new(kept: impl Into<String>, other: impl Into<String>) -> Self {
        let (kept, other) = (kept.into(), other.into());
        let first = || {
            let rating = AttributeSchema::integer("rating");
            ExtensionSchema::multi_valued(&kept).attribute(rating)
        };
        let second = first().attribute(AttributeSchema::string("comment"));
        let editions = [first().build().unwrap(), second.build().unwrap()];
        let text = ExtensionSchema::multi_valued(&other)
            .attribute(AttributeSchema::long("token"))
            .attribute(AttributeSchema::string("text"));
        let schemas = Schemas::new().with(text.build().unwrap()).unwrap();
        let with = |edition: &ExtensionSchema| Validator::new(schemas.with(edition.clone()).unwrap());
        let open = Validator::new(schemas.clone().with_open(kept.parse().unwrap()));
        let validators = [with(&editions[0]), with(&editions[1]), open];
        Readers { kept, other, editions, validators }
    }

    /// A pair of names for each number.
    pub fn numbered(number: i64) -> Self {
        Readers::new(format!("Kept{number}"), format!("Other{number}"))
    }

    /// The name of the extension that the store keeps a schema of.
    pub fn kept(&self) -> &str {
        &self.kept
    }

    /// The name of the other one.
    pub fn other(&self) -> &str {
        &self.other
    }

    /// An edition of the schema.
    pub fn edition(&self, edition: Edition) -> &ExtensionSchema {
        &self.editions[usize::from(edition == Edition::Second)]
    }

    /// What a caller reads with.
    pub fn validator(&self, reading: Reading) -> &Validator {
        match reading {
            Reading::With(Edition::First) => &self.validators[0],
            Reading::With(Edition::Second) => &self.validators[1],
            Reading::Open => &self.validators[2],
        }
    }

    /// A body as a caller reads it.
    pub fn read(&self, body: &str, reading: Reading) -> ServiceEndEvent {
        self.validator(reading).read(body.as_bytes()).unwrap_or_else(|error| panic!("{body}: {error:?}"))
    }
}
