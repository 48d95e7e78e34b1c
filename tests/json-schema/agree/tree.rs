//! JSON as it is written: numbers keep their form, and a name can stand twice in an object.

use std::fmt;

use serde_json::Value;

#[derive(Clone, Debug)]
pub(crate) enum Tree {
    /// Anything that has no parts, as text.
    Leaf(String),
    Array(Vec<Tree>),
    Object(Vec<(String, Tree)>),
}

impl Tree {
    pub(crate) fn text(text: &str) -> Tree {
        Tree::Leaf(serde_json::to_string(text).unwrap())
    }

    /// The number that it is, as written.
    pub(crate) fn number(&self) -> Option<&str> {
        match self {
            Tree::Leaf(text) if text.starts_with(|first: char| first == '-' || first.is_ascii_digit()) => {
                Some(text)
            }
            _ => None,
        }
    }

    /// The leaf at a JSON pointer. No name here needs an escape.
    pub(crate) fn at(&self, pointer: &str) -> Option<&Tree> {
        pointer.split('/').skip(1).try_fold(self, |tree, part| match tree {
            Tree::Leaf(_) => None,
            Tree::Array(elements) => elements.get(part.parse::<usize>().ok()?),
            Tree::Object(members) => members.iter().find(|(name, _)| name == part).map(|(_, value)| value),
        })
    }

    /// The same with another leaf at a pointer.
    pub(crate) fn with(&self, pointer: &str, leaf: String) -> Tree {
        let mut tree = self.clone();
        let mut at = &mut tree;
        for part in pointer.split('/').skip(1) {
            at = match at {
                Tree::Array(elements) => &mut elements[part.parse::<usize>().unwrap()],
                Tree::Object(members) => &mut members.iter_mut().find(|(name, _)| name == part).unwrap().1,
                Tree::Leaf(_) => panic!("{pointer}"),
            };
        }
        *at = Tree::Leaf(leaf);
        tree
    }

    pub(crate) fn leaves<'t>(&'t self, found: &mut Vec<&'t Tree>) {
        match self {
            Tree::Leaf(_) => found.push(self),
            Tree::Array(elements) => elements.iter().for_each(|element| element.leaves(found)),
            Tree::Object(members) => members.iter().for_each(|(_, value)| value.leaves(found)),
        }
    }
}

impl From<Value> for Tree {
    fn from(value: Value) -> Self {
        match value {
            Value::Array(elements) => Tree::Array(elements.into_iter().map(Tree::from).collect()),
            Value::Object(members) => {
                Tree::Object(members.into_iter().map(|(name, value)| (name, value.into())).collect())
            }
            leaf => Tree::Leaf(leaf.to_string()),
        }
    }
}

impl fmt::Display for Tree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Tree::Leaf(text) => f.write_str(text),
            Tree::Array(elements) => {
                f.write_str("[")?;
                for (ordinal, element) in elements.iter().enumerate() {
                    f.write_str(if ordinal == 0 { "" } else { "," })?;
                    element.fmt(f)?;
                }
                f.write_str("]")
            }
            Tree::Object(members) => {
                f.write_str("{")?;
                for (ordinal, (name, value)) in members.iter().enumerate() {
                    f.write_str(if ordinal == 0 { "" } else { "," })?;
                    write!(f, "{}:{value}", serde_json::to_string(name).unwrap())?;
                }
                f.write_str("}")
            }
        }
    }
}
