use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, Serializer};

use super::error::DeclarationError;
use crate::value::{NUMBER_KEY, NumberText, Scalar, Value};
use crate::violation::{JsonType, SyntaxError};

/// JSON as it is written: members in order, equal keys kept.
///
/// A declaration is judged in this form, so that every mistake can be named. What a builder collects has it too, and so is
/// judged by the same rules. And documents are made in it, since the members of a `serde_json::Value` need not keep their
/// order.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Node {
    Null,
    Boolean(bool),
    Integer(i64),
    Float(f64),
    String(String),
    Array(Vec<Node>),
    Object(Vec<(String, Node)>),
}

/// An object, written as in JSON.
macro_rules! object {
    ($($key:literal: $value:expr),* $(,)?) => {
        $crate::schema::node::Node::Object(vec![$(($key.into(), $crate::schema::node::Node::from($value))),*])
    };
}

pub(crate) use object;

impl Node {
    pub(crate) fn parse(json: &[u8]) -> Result<Self, DeclarationError> {
        let node = SyntaxError::text_of(json)
            .and_then(|text| serde_json::from_str(text).map_err(|error| SyntaxError::of_json(text, &error)));
        node.map_err(DeclarationError::Syntax)
    }

    /// The same as what `serde` writes.
    pub(crate) fn of(json: &impl Serialize) -> Self {
        let text = serde_json::to_string(json);
        let node = text.and_then(|text| serde_json::from_str(&text));
        node.unwrap_or_else(|error| unreachable!("documents are JSON: {error}"))
    }

    /// The object with one member more.
    pub(crate) fn with(mut self, key: impl Into<String>, value: impl Into<Node>) -> Self {
        self.insert(key, value);
        self
    }

    /// The object with one member more, if there is a value for it.
    pub(crate) fn with_some(self, key: &str, value: Option<impl Into<Node>>) -> Self {
        match value {
            Some(value) => self.with(key, value),
            None => self,
        }
    }

    /// The object without a member.
    pub(crate) fn without(mut self, key: &str) -> Self {
        if let Node::Object(members) = &mut self {
            members.retain(|(name, _)| name != key);
        }
        self
    }

    /// The members of two objects.
    pub(crate) fn joined(self, other: Node) -> Self {
        let Node::Object(members) = other else { unreachable!("both are objects") };
        members.into_iter().fold(self, |all, (key, value)| all.with(key, value))
    }

    /// Adds a member to an object, or gives the one of this name another value.
    pub(crate) fn insert(&mut self, key: impl Into<String>, value: impl Into<Node>) {
        let key = key.into();
        if let Some(there) = self.get_mut(&key) {
            *there = value.into();
            return;
        }
        let Node::Object(members) = self else { unreachable!("only objects have members") };
        members.push((key, value.into()));
    }

    pub(crate) fn get_mut(&mut self, key: &str) -> Option<&mut Node> {
        let Node::Object(members) = self else { return None };
        members.iter_mut().find(|(name, _)| name == key).map(|(_, value)| value)
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

macro_rules! node_from {
    ($($from:ty => |$value:ident| $node:expr;)*) => {$(
        impl From<$from> for Node {
            fn from($value: $from) -> Self {
                $node
            }
        }
    )*};
}

node_from! {
    bool => |truth| Node::Boolean(truth);
    i64 => |number| Node::Integer(number);
    // No text and no list is longer.
    usize => |number| Node::Integer(i64::try_from(number).unwrap_or(i64::MAX));
    f64 => |number| Node::Float(number);
    &str => |text| Node::String(text.to_owned());
    String => |text| Node::String(text);
    Vec<Node> => |elements| Node::Array(elements);
}

impl<T: Into<Node>, const N: usize> From<[T; N]> for Node {
    fn from(elements: [T; N]) -> Self {
        Node::Array(elements.into_iter().map(Into::into).collect())
    }
}

impl Serialize for Node {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Node::Null => serializer.serialize_unit(),
            Node::Boolean(truth) => serializer.serialize_bool(*truth),
            Node::Integer(number) => serializer.serialize_i64(*number),
            Node::Float(number) => serializer.serialize_f64(*number),
            Node::String(text) => serializer.serialize_str(text),
            Node::Array(elements) => serializer.collect_seq(elements),
            Node::Object(members) => serializer.collect_map(members.iter().map(|(key, value)| (key, value))),
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
