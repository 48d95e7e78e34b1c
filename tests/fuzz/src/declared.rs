//! Declarations that the crate has accepted, read a second time. What would be a mistake is not looked for.

use crate::plain::{Attribute, Business, Json, Schema, Seen, Type, Value, judge};

/// The schemas of a JSON array.
pub fn read_schemas(json: &str) -> Vec<Schema> {
    Json::of(json).expect("JSON").elements().into_iter().map(schema).collect()
}

fn schema(json: Json<'_>) -> Schema {
    let attributes: Vec<_> = needed(json, "attributes").elements().into_iter().map(attribute).collect();
    let column = |json| {
        attributes.iter().position(|attribute: &Attribute| attribute.name.eq_ignore_ascii_case(&text(json)))
    };
    let unique = key(json, "unique").map(Json::elements).unwrap_or_default();
    Schema {
        name: text(needed(json, "name")),
        many: text(needed(json, "type")).eq_ignore_ascii_case("multi-valued"),
        unique: unique.into_iter().map(|json| column(json).expect("its attributes are declared")).collect(),
        required: key(json, "required").is_some_and(truth),
        attributes,
    }
}

fn attribute(json: Json<'_>) -> Attribute {
    let attribute_type = match &*text(needed(json, "type")).to_ascii_lowercase() {
        "string" => Type::String,
        "integer" => Type::Integer,
        "long" => Type::Long,
        "double" => Type::Double,
        "boolean" => Type::Boolean,
        "date" => Type::Date,
        "datetime" => Type::DateTime,
        "currency" => Type::Currency,
        other => panic!("no type: {other}"),
    };
    let value =
        |json: Json<'_>| judge(attribute_type, &json.see().expect("readable")).expect("it fits its type");
    let default = key(json, "default").filter(|json| json.text() != "null");
    Attribute {
        name: text(needed(json, "name")),
        attribute_type,
        length: key(json, "length")
            .map(|json| json.text().trim_matches('"').parse::<f64>().expect("a number") as usize),
        mandatory: key(json, "mandatory").is_some_and(truth),
        minimum: key(json, "minimum").map(value),
        maximum: key(json, "maximum").map(value),
        values: key(json, "values").map(|json| json.elements().into_iter().map(value).collect()),
        default: default.map(value),
    }
}

/// The enumerations of a JSON object.
pub fn read_business(json: &str) -> Business {
    let value = |json| {
        let id = needed(json, "id").see().expect("readable");
        let Ok(Value::Whole(id)) = judge(Type::Long, &id) else { panic!("an id is a long") };
        (id, text(needed(json, "name")))
    };
    let members = Json::of(json).expect("JSON").members().expect("readable");
    members
        .into_iter()
        .map(|(field, values)| (field, values.elements().into_iter().map(value).collect()))
        .collect()
}

fn key<'t>(json: Json<'t>, name: &str) -> Option<Json<'t>> {
    json.members().expect("an object").into_iter().find(|(key, _)| key == name).map(|(_, value)| value)
}

fn needed<'t>(json: Json<'t>, name: &str) -> Json<'t> {
    key(json, name).unwrap_or_else(|| panic!("without {name}"))
}

fn text(json: Json<'_>) -> String {
    let Ok(Seen::Text(text)) = json.see() else { panic!("no text: {json:?}") };
    text
}

fn truth(json: Json<'_>) -> bool {
    json.text() == "true" || json.text() == "\"true\""
}
