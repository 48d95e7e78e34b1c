//! The JSON Schema that says the most of what our schemas say.

use serde_json::{Map, Value, json};
use service_end::{
    AttributeSchema, ExtensionSchema, Schemas,
    schema::{AttributeType, ExtensionType},
};

/// The schema of a body.
pub(super) fn of(schemas: &Schemas) -> Value {
    let long = json!({ "type": ["integer", "null"], "minimum": i64::MIN, "maximum": i64::MAX });
    let text = |limit: u32| json!({ "type": ["string", "null"], "maxLength": limit });
    let business = json!({ "type": ["integer", "string", "null"], "maxLength": 255 });
    let mut properties = Map::new();
    for (name, schema) in [
        ("session_id", text(32)),
        ("interaction_id", text(50)),
        ("application_type", business.clone()),
        ("application_id", long.clone()),
        ("resource_type", business.clone()),
        ("resource_id", long.clone()),
        ("media_type", business.clone()),
        ("disposition", business),
        ("disposition_desc", text(64)),
        ("timestamp", json!({ "type": ["string", "null"] })),
        ("service_id", long),
    ] {
        properties.insert(name.into(), schema);
    }
    for schema in schemas {
        properties.insert(schema.name().into(), extension(schema));
    }
    json!({ "type": "object", "properties": properties, "additionalProperties": false })
}

fn extension(schema: &ExtensionSchema) -> Value {
    let properties: Map<String, Value> =
        schema.attributes().map(|declared| (declared.name().to_owned(), attribute(declared))).collect();
    let required: Vec<_> = schema
        .attributes()
        .filter(|declared| declared.is_mandatory() && declared.default().is_none())
        .map(AttributeSchema::name)
        .collect();
    let record = json!({
        "type": "object", "properties": properties, "required": required, "additionalProperties": false
    });
    match schema.extension_type() {
        ExtensionType::SingleValued => record,
        ExtensionType::MultiValued => json!({ "type": "array", "maxItems": 10_000, "items": record }),
    }
}

fn attribute(declared: &AttributeSchema) -> Value {
    let mut types = match declared.attribute_type() {
        AttributeType::String | AttributeType::Date | AttributeType::DateTime => vec!["string"],
        AttributeType::Integer | AttributeType::Long => vec!["integer"],
        AttributeType::Double => vec!["number"],
        AttributeType::Boolean => vec!["boolean"],
        AttributeType::Currency => vec!["number", "string"],
    };
    if !declared.is_mandatory() {
        types.push("null");
    }
    let mut schema = json!({ "type": types });
    if let Some(limit) = declared.length() {
        schema["maxLength"] = limit.into();
    }
    match declared.attribute_type() {
        AttributeType::Integer => {
            schema["minimum"] = i32::MIN.into();
            schema["maximum"] = i32::MAX.into();
        }
        AttributeType::Long => {
            schema["minimum"] = i64::MIN.into();
            schema["maximum"] = i64::MAX.into();
        }
        _ => {}
    }
    schema
}
