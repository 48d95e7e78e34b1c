//! From an attribute as written to what it declares, or every mistake in it.

use std::cmp::Ordering;

use indexmap::IndexMap;

use super::attribute::{AttributeSchema, long};
use super::attribute_type::AttributeType;
use super::narrowing::{List, MAX_VALUES, OwnedValue, compare};
use super::node::Node;
use super::reader::{Members, Reader};
use crate::value::Value;
use crate::violation::{At, ViolationKind};

/// The longest name of an attribute (chosen).
const MAX_ATTRIBUTE_NAME: usize = 64;

const KNOWN: &[&str] = &["name", "type", "length", "mandatory", "default", "values", "minimum", "maximum"];

impl Reader {
    /// Reads an attribute, and adds its name to those of the schema.
    pub(super) fn attribute<'n>(
        &mut self,
        at: &At<'_>,
        node: &'n Node,
        names: &mut IndexMap<String, &'n str>,
    ) -> Option<AttributeSchema> {
        let members = self.members(at, node, KNOWN)?;
        let name = self.needed(&members, "name").and_then(|(at, node)| {
            let name = self.name(&at, node, MAX_ATTRIBUTE_NAME)?;
            if names.insert(name.to_ascii_lowercase(), name).is_some() {
                return self.refused(&at, ViolationKind::DuplicateAttribute);
            }
            Some(name)
        });
        let attribute_type = self.needed(&members, "type").and_then(|(at, node)| {
            let text = self.string(&at, node)?;
            self.one_of::<AttributeType>(&at, text)
        });
        let length = members.find("length").map(|(at, node)| self.length(&at, node, attribute_type));
        let mandatory = members
            .find("mandatory")
            .map_or(Some(false), |(at, node)| self.truth(&at, node, ViolationKind::InvalidMandatory));
        let mut attribute = attribute_type.map(|attribute_type| {
            let (name, mandatory) = (name.unwrap_or_default(), mandatory.unwrap_or_default());
            AttributeSchema::new(name, attribute_type, length.flatten(), mandatory)
        });
        // What follows is judged by what came before, as far as that is without a mistake.
        let narrowed = [
            self.bounds(&members, attribute.as_mut()),
            self.values(&members, attribute.as_mut()),
            self.default(&members, attribute.as_mut()),
        ];
        // Nothing that was there may be left out of what is made.
        let complete = name.is_some() && mandatory.is_some() && length != Some(None);
        attribute.filter(|_| complete && !narrowed.contains(&None))
    }

    fn length(&mut self, at: &At<'_>, node: &Node, attribute_type: Option<AttributeType>) -> Option<usize> {
        if attribute_type.is_some_and(|t| t != AttributeType::String) {
            return self.refused(at, ViolationKind::LengthNotApplicable);
        }
        let characters = match node {
            Node::String(text) if text.bytes().all(|byte| byte.is_ascii_digit()) => text.parse().ok(),
            Node::Integer(_) | Node::Float(_) => node.scalar().ok().and_then(|scalar| long(scalar).ok()),
            _ => None,
        };
        let length =
            characters.and_then(|characters| usize::try_from(characters).ok()).filter(|length| *length >= 1);
        length.or_else(|| self.refused(at, ViolationKind::InvalidLength))
    }

    /// Reads a truth, which may be written as a text.
    pub(super) fn truth(&mut self, at: &At<'_>, node: &Node, otherwise: ViolationKind) -> Option<bool> {
        let truth = match node {
            Node::Boolean(truth) => Some(*truth),
            Node::String(text) => text.parse().ok(),
            _ => None,
        };
        truth.or_else(|| self.refused(at, otherwise))
    }

    /// Reads both bounds. `None` if there is a mistake in them.
    fn bounds(&mut self, members: &Members<'_, '_>, attribute: Option<&mut AttributeSchema>) -> Option<()> {
        // Without a type nothing can be said of a value.
        let Some(attribute) = attribute else { return Some(()) };
        let bounds = ["minimum", "maximum"].map(|key| {
            let (at, node) = members.find(key)?;
            Some(self.bound(&at, node, attribute))
        });
        let [minimum, maximum] = bounds.map(Option::flatten);
        if let (Some(minimum), Some(maximum)) = (minimum, maximum) {
            if compare(minimum, maximum) == Ordering::Greater {
                let (at, _) = members.find("minimum")?;
                return self.refused(&at, ViolationKind::ReversedBounds { maximum });
            }
        }
        if minimum.is_some() || maximum.is_some() {
            attribute.narrow(|narrowing| (narrowing.minimum, narrowing.maximum) = (minimum, maximum));
        }
        (!bounds.contains(&Some(None))).then_some(())
    }

    fn bound(&mut self, at: &At<'_>, node: &Node, attribute: &AttributeSchema) -> Option<Value<'static>> {
        if matches!(attribute.attribute_type(), AttributeType::String | AttributeType::Boolean) {
            return self.refused(at, ViolationKind::RangeNotApplicable);
        }
        let bound = accept(attribute, node).map(OwnedValue::from);
        bound.map_err(|reason| self.mistake(at, ViolationKind::InvalidBound { reason })).ok()?.scalar()
    }

    /// Reads the list of values. `None` if there is a mistake in it.
    fn values(&mut self, members: &Members<'_, '_>, attribute: Option<&mut AttributeSchema>) -> Option<()> {
        let Some((at, node)) = members.find("values") else { return Some(()) };
        let list = attribute.as_ref().map(|attribute| List::of(attribute.attribute_type()));
        if let Some(None) = list {
            return self.refused(&at, ViolationKind::ValuesNotApplicable);
        }
        let elements = match node {
            Node::Array(elements) if (1..=MAX_VALUES).contains(&elements.len()) => elements,
            _ => {
                return self.refused(&at, ViolationKind::InvalidValueList { limit: MAX_VALUES });
            }
        };
        let (mut list, attribute) = (list.flatten()?, attribute?);
        let mut ordinals = Vec::with_capacity(elements.len());
        for (ordinal, element) in (0_u32..).zip(elements) {
            let mistake = match accept(attribute, element).map(|value| list.insert(value)) {
                Ok(Ok(())) => {
                    ordinals.push(ordinal);
                    continue;
                }
                Ok(Err(earlier)) => match ordinals.get(earlier) {
                    Some(first) => ViolationKind::RepeatedValue { first: *first as usize },
                    None => unreachable!("each that was added has its ordinal"),
                },
                Err(reason) => ViolationKind::InvalidValue { reason },
            };
            self.mistake(&at.element(ordinal), mistake);
        }
        if ordinals.len() < elements.len() {
            return None;
        }
        attribute.narrow(|narrowing| narrowing.values = Some(list.into()));
        Some(())
    }

    /// Reads the default. `None` if there is a mistake in it.
    fn default(&mut self, members: &Members<'_, '_>, attribute: Option<&mut AttributeSchema>) -> Option<()> {
        let (Some((at, node)), Some(attribute)) = (members.find("default"), attribute) else {
            return Some(());
        };
        if matches!(node, Node::Null) {
            return Some(());
        }
        let default = accept(attribute, node).map(OwnedValue::from);
        let default = default.map_err(|reason| self.mistake(&at, ViolationKind::InvalidDefault { reason }));
        attribute.set_default(default.ok()?);
        Some(())
    }
}

/// The value of an attribute that a part of its declaration stands for.
fn accept<'n>(attribute: &AttributeSchema, node: &'n Node) -> Result<Value<'n>, Box<ViolationKind>> {
    let judged = match node.scalar() {
        Ok(scalar) => attribute.accept(scalar),
        Err(container) => Err(attribute.attribute_type().wrong_type(container)),
    };
    judged.map_err(Box::new)
}
