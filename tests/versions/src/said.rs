//! What can be said of an extension: bodies that a schema takes, and what is stored of them.

use fastrand::Rng;
use serde_json::json;
use service_end::{
    AttributeSchema, Extension, ExtensionSchema, Schemas, Validator,
    schema::{AttributeType, ExtensionType},
};

use crate::declared::values;

/// Bodies that a schema takes, made of what each of its attributes takes.
#[derive(Debug)]
pub struct Sayings {
    validator: Validator,
    schema: ExtensionSchema,
    /// For each attribute, what may stand for it: a JSON value, or nothing where it is left out.
    members: Vec<(String, Vec<Option<&'static str>>)>,
}

impl Sayings {
    pub fn of(schema: &ExtensionSchema) -> Self {
        let members = schema.attributes().map(|attribute| (attribute.name().to_owned(), taken(attribute)));
        let validator = Validator::new(Schemas::new().with(schema.clone()).unwrap());
        Sayings { validator, schema: schema.clone(), members: members.collect() }
    }

    pub fn validator(&self) -> &Validator {
        &self.validator
    }

    /// A body that is accepted.
    pub fn body(&self, random: &mut Rng) -> String {
        let name = self.schema.name();
        for _ in 0..20 {
            let body = match self.schema.extension_type() {
                _ if !self.schema.is_required() && random.u8(0..20) == 0 => "{}".to_owned(),
                ExtensionType::SingleValued => format!(r#"{{"{name}":{}}}"#, self.record(random)),
                ExtensionType::MultiValued => {
                    let least = usize::from(self.schema.is_required());
                    let records: Vec<_> = (0..random.usize(least..4)).map(|_| self.record(random)).collect();
                    format!(r#"{{"{name}":[{}]}}"#, records.join(","))
                }
            };
            // Records can be equal in their key.
            if self.validator.read(body.as_bytes()).is_ok() {
                return body;
            }
        }
        let record = self.record(random);
        match self.schema.extension_type() {
            ExtensionType::SingleValued => format!(r#"{{"{name}":{record}}}"#),
            ExtensionType::MultiValued => format!(r#"{{"{name}":[{record}]}}"#),
        }
    }

    /// The extension that a body names, if it names it with a record.
    pub fn read(&self, body: &str) -> Option<Extension> {
        let event = self.validator.read(body.as_bytes()).unwrap_or_else(|error| panic!("{error:?}: {body}"));
        event.extension(self.schema.name()).filter(|extension| !extension.is_empty()).cloned()
    }

    fn record(&self, random: &mut Rng) -> String {
        let mut members = Vec::new();
        for (name, taken) in &self.members {
            if let Some(value) = taken[random.usize(0..taken.len())] {
                members.push(format!("\"{name}\":{value}"));
            }
        }
        format!("{{{}}}", members.join(","))
    }
}

/// All that an attribute takes, of the values of all types.
fn taken(attribute: &AttributeSchema) -> Vec<Option<&'static str>> {
    let alone = json!([{ "name": "E", "type": "single-valued", "attributes": [attribute] }]);
    let validator = Validator::new(Schemas::from_json(alone.to_string()).unwrap());
    let others = ["null", "7.0", "-0", "\"1.50\"", "\"2020-01-01T02:00:00+02:00\"", "5000000000"];
    let given = AttributeType::ALL.iter().flat_map(|attribute_type| values(*attribute_type)).chain(&others);
    let mut taken: Vec<_> = given.map(|value| Some(*value)).chain([None]).collect();
    taken.retain(|value| {
        let member = value.map_or(String::new(), |value| format!("\"{}\":{value}", attribute.name()));
        validator.read(format!(r#"{{"E":{{{member}}}}}"#).as_bytes()).is_ok()
    });
    assert!(!taken.is_empty(), "nothing to say of {attribute:?}");
    taken
}
