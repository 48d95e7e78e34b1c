use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::error::DeclarationError;
use crate::value::{NUMBER_KEY, NumberText, Scalar, Value};
use crate::violation::{JsonType, SyntaxError};

/// A declaration as it was written: members in order, equal keys kept, so that every mistake can be named.
///
/// What a builder collects has the same form, and so is judged by the same rules.
#[derive(Clone, Debug)]
pub(crate) enum Node {
    Null,
    Boolean(bool),
    Integer(i64),
    Float(f64),
    String(String),
    Array(Vec<Node>),
    Object(Vec<(String, Node)>),
}

impl Node {
    pub(crate) fn parse(json: &[u8]) -> Result<Self, DeclarationError> {
        let text = std::str::from_utf8(json).map_err(|error| SyntaxError::not_utf8(json, error));
        let node = text
            .and_then(|text| serde_json::from_str(text).map_err(|error| SyntaxError::of_json(text, &error)));
        node.map_err(DeclarationError::Syntax)
    }

    pub(super) fn object<const N: usize>(members: [(&str, Node); N]) -> Self {
        Node::Object(members.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
    }

    pub(super) fn as_str(&self) -> Option<&str> {
        if let Node::String(text) = self { Some(text) } else { None }
    }

    pub(crate) fn scalar(&self) -> Result<Scalar<'_>, JsonType> {
        match self {
            Node::Null => Ok(Scalar::Null),
            Node::Boolean(truth) => Ok(Scalar::Boolean(*truth)),
            Node::Integer(number) => Ok(Scalar::Integer(*number)),
            Node::Float(number) => Ok(Scalar::Float(*number)),
            Node::String(text) => Ok(Scalar::text(text)),
            Node::Array(_) => Err(JsonType::Array),
            Node::Object(_) => Err(JsonType::Object),
        }
    }

    pub(crate) fn json_type(&self) -> JsonType {
        self.scalar().map_or_else(|container| container, JsonType::from)
    }
}

impl From<Scalar<'_>> for Node {
    fn from(scalar: Scalar<'_>) -> Self {
        match scalar {
            Scalar::Null => Node::Null,
            Scalar::Boolean(truth) => Node::Boolean(truth),
            Scalar::Integer(number) => Node::Integer(number),
            Scalar::Float(number) => Node::Float(number),
            Scalar::String(text) | Scalar::TextWithNul(text) => Node::String(text.to_owned()),
        }
    }
}

impl From<Value<'_>> for Node {
    fn from(value: Value<'_>) -> Self {
        match value {
            Value::String(text) => Node::String(text.to_owned()),
            Value::Integer(number) => Node::Integer(number.into()),
            Value::Long(number) => Node::Integer(number),
            Value::Double(number) => Node::Float(number),
            Value::Boolean(truth) => Node::Boolean(truth),
            Value::Date(date) => Node::String(date.to_string()),
            Value::DateTime(timestamp) => Node::String(timestamp.to_string()),
            Value::Currency(amount) => Node::String(amount.to_string()),
        }
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NodeVisitor)
    }
}

struct NodeVisitor;

impl<'de> Visitor<'de> for NodeVisitor {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }

    fn visit_bool<E: Error>(self, truth: bool) -> Result<Node, E> {
        Ok(Node::Boolean(truth))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Node, E> {
        Ok(Node::Integer(number))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Node, E> {
        Ok(Scalar::from(number).into())
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Node, E> {
        Ok(Node::Float(number))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Node, E> {
        Ok(Node::String(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Node, A::Error> {
        let mut elements = Vec::new();
        while let Some(element) = seq.next_element()? {
            elements.push(element);
        }
        Ok(Node::Array(elements))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node, A::Error> {
        let mut members = Vec::new();
        while let Some(key) = map.next_key::<String>()? {
            if members.is_empty() && key == NUMBER_KEY {
                match map.next_value_seed(NumberText)? {
                    Some(number) => return Ok(number.into()),
                    // No schema has a use for such a key: any value stands for the one that was there.
                    None => members.push((key, Node::Null)),
                }
                continue;
            }
            members.push((key, map.next_value()?));
        }
        Ok(Node::Object(members))
    }
}
