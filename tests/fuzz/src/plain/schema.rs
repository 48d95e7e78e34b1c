//! Declarations that the crate has accepted, read a second time. What would be a mistake is not looked for.

use super::json::{Json, Seen};
use super::value::{Judged, Type, Value, judge};

/// A schema.
#[derive(Clone, Debug)]
pub struct Schema {
    pub name: String,
    pub many: bool,
    pub attributes: Vec<Attribute>,
    /// The ordinals of the attributes that are the key together.
    pub unique: Vec<usize>,
    pub required: bool,
}

/// An attribute.
#[derive(Clone, Debug)]
pub struct Attribute {
    pub name: String,
    pub attribute_type: Type,
    pub length: Option<usize>,
    pub mandatory: bool,
    pub minimum: Option<Value>,
    pub maximum: Option<Value>,
    pub values: Option<Vec<Value>>,
    pub default: Option<Value>,
}

/// The enumerations of business attributes: for a field, its ids with their names.
pub type Business = Vec<(String, Vec<(i64, String)>)>;

impl Schema {
    /// The schemas of a JSON array.
    pub fn read_all(json: &str) -> Vec<Schema> {
        Json::of(json).expect("JSON").elements().into_iter().map(Schema::read).collect()
    }

    fn read(json: Json<'_>) -> Schema {
        let attributes: Vec<_> =
            needed(json, "attributes").elements().into_iter().map(Attribute::read).collect();
        let column = |json| {
            attributes
                .iter()
                .position(|attribute: &Attribute| attribute.name.eq_ignore_ascii_case(&text(json)))
        };
        let unique = key(json, "unique").map(Json::elements).unwrap_or_default();
        Schema {
            name: text(needed(json, "name")),
            many: text(needed(json, "type")).eq_ignore_ascii_case("multi-valued"),
            unique: unique
                .into_iter()
                .map(|json| column(json).expect("its attributes are declared"))
                .collect(),
            required: key(json, "required").is_some_and(truth),
            attributes,
        }
    }
}

impl Attribute {
    fn read(json: Json<'_>) -> Attribute {
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

    /// A value that is there and not `null`.
    pub fn judge(&self, value: &Seen<'_>) -> Judged<Value> {
        let value = judge(self.attribute_type, value)?;
        let too_low = self.minimum.as_ref().is_some_and(|minimum| value.is_below(minimum));
        let too_high = self.maximum.as_ref().is_some_and(|maximum| maximum.is_below(&value));
        if too_low || too_high {
            return Err("out_of_range");
        }
        if let (Value::Text(text), Some(length)) = (&value, self.length) {
            if text.chars().count() > length {
                return Err("too_long");
            }
        }
        if self.values.as_ref().is_some_and(|values| !values.contains(&value)) {
            return Err("unknown_value");
        }
        Ok(value)
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
