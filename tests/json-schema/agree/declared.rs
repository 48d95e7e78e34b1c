//! Random declarations: schemas with everything that they can say, business attributes, a limit of records.

use fastrand::Rng;
use serde_json::{Value, json};
use service_end::{
    AttributeSchema, BusinessAttributes, ExtensionSchema, Schemas, Validator, schema::AttributeType,
};

use crate::body::value;

pub(crate) struct Declared {
    pub(crate) schemas: Value,
    pub(crate) validator: Validator,
    /// For each attribute, a validator of an extension `E` with it alone: by its extension and its ordinal.
    pub(crate) alone: Vec<Vec<Validator>>,
}

impl Declared {
    pub(crate) fn random(random: &mut Rng) -> Declared {
        let schemas: Vec<Value> = (0..random.usize(0..4)).map(|ordinal| extension(random, ordinal)).collect();
        let schemas = Value::Array(schemas);
        let open = ["", "", "Open_0,Ext_0", "*"][random.usize(0..4)];
        let registered = Schemas::from_json(schemas.to_string()).unwrap().with_open(open.parse().unwrap());
        let alone = registered.iter().map(|schema| schema.attributes().map(alone).collect()).collect();
        let mut business = json!({});
        for field in ["application_type", "resource_type", "media_type", "disposition"] {
            if random.u8(0..3) == 0 {
                business[field] = json!([{ "id": 10, "name": "Resolved" }, { "id": -3, "name": "10" }, { "id": 0, "name": "日本" }]);
            }
        }
        if random.u8(0..9) == 0 {
            business["disposition"] = json!([]);
        }
        let business = BusinessAttributes::from_json(business.to_string()).unwrap();
        let validator = Validator::new(registered)
            .with_business_attributes(business)
            .with_max_records(random.usize(2..5))
            .with_max_violations(100_000);
        Declared { schemas, validator, alone }
    }
}

fn alone(attribute: &AttributeSchema) -> Validator {
    let alone = json!([{ "name": "E", "type": "single-valued", "attributes": [attribute] }]);
    Validator::new(Schemas::from_json(alone.to_string()).unwrap())
}

fn extension(random: &mut Rng, ordinal: usize) -> Value {
    let extension_type = if random.bool() { "single-valued" } else { "multi-valued" };
    let attributes: Vec<Value> = (0..random.usize(1..7)).map(|ordinal| attribute(random, ordinal)).collect();
    let mut schema =
        json!({ "name": format!("Ext_{ordinal}"), "type": extension_type, "attributes": attributes });
    if random.u8(0..3) == 0 {
        schema["unique"] = json!([attributes[random.usize(0..attributes.len())]["name"]]);
    }
    schema["required"] = json!(random.u8(0..5) == 0);
    schema
}

/// An attribute with keys that may not go together; then with others, until they do.
fn attribute(random: &mut Rng, ordinal: usize) -> Value {
    let attribute_type = AttributeType::ALL[random.usize(0..AttributeType::ALL.len())];
    loop {
        let mut attribute = json!({ "name": format!("Attr_{ordinal}"), "type": attribute_type });
        if attribute_type == AttributeType::String && random.bool() {
            attribute["length"] = json!(random.u8(1..9));
        }
        attribute["mandatory"] = json!(random.u8(0..3) == 0);
        let mut any =
            || -> Value { serde_json::from_str(&value(random, attribute_type)).unwrap_or_default() };
        let (minimum, maximum, default) = (any(), any(), any());
        let values = [any(), any(), any()];
        if random.u8(0..3) == 0 {
            attribute["minimum"] = minimum;
        }
        if random.u8(0..3) == 0 {
            attribute["maximum"] = maximum;
        }
        if random.u8(0..4) == 0 {
            attribute["values"] = values[..random.usize(1..4)].to_vec().into();
        }
        if random.u8(0..3) == 0 {
            attribute["default"] = default;
        }
        let schema = json!({ "name": "E", "type": "single-valued", "attributes": [attribute] });
        if ExtensionSchema::from_json(schema.to_string()).is_ok() {
            return attribute;
        }
    }
}
