//! What every kind of declaration is read with: mistakes are gathered with their places, members are found by key.

use serde::de::{Deserialize, Deserializer, Error};

use super::error::DeclarationError;
use super::node::Node;
use crate::violation::{At, Collector, Known, Violation, ViolationKind, Violations};

/// What a declaration declares, by the rules for one kind of it. `None` where a mistake keeps it from being made.
pub(super) type Rules<T> = fn(&mut Reader, &At<'_>, &Node) -> Option<T>;

/// Reads a text. What is wrong is looked for in it once more, so that its place can be told.
pub(super) fn json<T>(json: &[u8], rules: Rules<T>) -> Result<T, DeclarationError> {
    let node = Node::parse(json)?;
    judge(&node, rules).map_err(|violations| violations.locate(json).into())
}

/// Reads a declaration inside of whatever `serde` reads. Mistakes are told in the error's text.
pub(super) fn embedded<'de, T, D: Deserializer<'de>>(
    deserializer: D,
    rules: Rules<T>,
) -> Result<T, D::Error> {
    made(&Node::deserialize(deserializer)?, rules).map_err(D::Error::custom)
}

/// Judges what was made in Rust.
pub(super) fn made<T>(node: &Node, rules: Rules<T>) -> Result<T, Violations> {
    judge(node, rules).map_err(Violations::without_places)
}

fn judge<T>(node: &Node, rules: Rules<T>) -> Result<T, Violations> {
    let mut reader = Reader(Collector::unlimited());
    let made = rules(&mut reader, &At::Whole, node);
    match (reader.0.take_violations(), made) {
        (None, Some(made)) => Ok(made),
        (Some(violations), _) => Err(violations),
        (None, None) => unreachable!("what can't be made has a mistake"),
    }
}

/// Gathers mistakes. What can't be made because of one is `None`, and its mistake has been told.
pub(super) struct Reader(Collector);

impl Reader {
    /// A mistake in a value.
    pub(super) fn mistake(&mut self, at: &At<'_>, kind: ViolationKind) {
        self.0.push(|| Violation::in_document(at.pointer(), at.path(), kind));
    }

    /// A mistake in what is then not made.
    pub(super) fn refused<T>(&mut self, at: &At<'_>, kind: ViolationKind) -> Option<T> {
        self.mistake(at, kind);
        None
    }

    /// A mistake in the key of a member.
    fn mistake_in_key(&mut self, at: &At<'_>, kind: ViolationKind) {
        self.0.push(|| Violation::in_document(at.pointer(), at.path().key(), kind));
    }

    fn wrong_type<T>(&mut self, at: &At<'_>, expected: &'static [&'static str], node: &Node) -> Option<T> {
        let kind = ViolationKind::WrongType { expected: Known::fixed(expected), found: node.json_type() };
        self.refused(at, kind)
    }

    /// The members of an object, of equal keys the first. Unknown keys are told.
    pub(super) fn members<'a, 'n>(
        &mut self,
        at: &'a At<'a>,
        node: &'n Node,
        known: &'static [&'static str],
    ) -> Option<Members<'a, 'n>> {
        let Node::Object(all) = node else {
            return self.wrong_type(at, &["object"], node);
        };
        let mut members = Members { at, list: Vec::with_capacity(known.len()) };
        for (ordinal, (key, node)) in (0..).zip(all) {
            if !known.contains(&&**key) {
                let kind = ViolationKind::UnknownKey { known: Known::fixed(known) };
                self.mistake_in_key(&at.member(key, ordinal), kind);
            } else if members.find(key).is_some() {
                self.mistake_in_key(&at.member(key, ordinal), ViolationKind::DuplicateKey);
            } else {
                members.list.push((ordinal, key, node));
            }
        }
        Some(members)
    }

    /// The value of a key that must be there, and its place.
    pub(super) fn needed<'m, 'n>(
        &mut self,
        members: &'m Members<'_, 'n>,
        key: &'m str,
    ) -> Option<(At<'m>, &'n Node)> {
        let found = members.find(key);
        if found.is_none() {
            let Members { at, .. } = members;
            let kind = ViolationKind::MissingKey;
            self.0.push(|| Violation::in_document(at.pointer().name(key), at.path(), kind));
        }
        found
    }

    pub(super) fn array<'n>(&mut self, at: &At<'_>, node: &'n Node) -> Option<&'n [Node]> {
        let Node::Array(elements) = node else {
            return self.wrong_type(at, &["array"], node);
        };
        Some(elements)
    }

    /// The text of a string.
    pub(super) fn string<'n>(&mut self, at: &At<'_>, node: &'n Node) -> Option<&'n str> {
        let text = node.as_str();
        text.or_else(|| self.wrong_type(at, &["string"], node))
    }
}

/// The members of an object that have a meaning there.
pub(super) struct Members<'a, 'n> {
    at: &'a At<'a>,
    list: Vec<(u32, &'n str, &'n Node)>,
}

impl<'n> Members<'_, 'n> {
    /// Every key with its value and its place, in the order of the text.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&'n str, At<'_>, &'n Node)> {
        self.list.iter().map(|(ordinal, key, node)| (*key, self.at.member(key, *ordinal), *node))
    }

    /// The value of a key, and its place.
    pub(super) fn find<'m>(&'m self, key: &str) -> Option<(At<'m>, &'n Node)> {
        let (ordinal, key, node) = *self.list.iter().find(|(_, name, _)| *name == key)?;
        Some((self.at.member(key, ordinal), node))
    }
}
