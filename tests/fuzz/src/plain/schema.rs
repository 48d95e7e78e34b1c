//! What a host declares.

use super::json::Seen;
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

impl Attribute {
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
