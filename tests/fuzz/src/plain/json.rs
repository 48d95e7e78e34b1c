//! JSON text, looked into one level at a time: a value that nobody looks into is checked for grammar only.

use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

/// What can't be read at all: no JSON, or a number or a text that can't be held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Syntax;

/// A value as it is written.
#[derive(Clone, Copy, Debug)]
pub struct Json<'t>(&'t str);

/// A value that was looked at.
#[derive(Clone, Debug)]
pub enum Seen<'t> {
    Null,
    Truth(bool),
    /// As it is written.
    Number(&'t str),
    Text(String),
    List(Json<'t>),
    Object(Json<'t>),
}

impl<'t> Json<'t> {
    /// A whole text, if it is JSON.
    pub fn of(text: &'t str) -> Result<Self, Syntax> {
        serde_json::from_str::<IgnoredAny>(text).map_err(|_| Syntax)?;
        Ok(Json(text.trim_matches([' ', '\t', '\r', '\n'])))
    }

    /// Looks at the value: at a list or an object from outside only.
    pub fn see(self) -> Result<Seen<'t>, Syntax> {
        Ok(match self.0.as_bytes()[0] {
            b'n' => Seen::Null,
            b't' => Seen::Truth(true),
            b'f' => Seen::Truth(false),
            b'[' => Seen::List(self),
            b'{' => Seen::Object(self),
            b'"' => Seen::Text(serde_json::from_str(self.0).map_err(|_| Syntax)?),
            _ if self.0.parse().is_ok_and(f64::is_finite) => Seen::Number(self.0),
            _ => return Err(Syntax),
        })
    }

    /// The members of an object, in order, equal names included.
    pub fn members(self) -> Result<Vec<(String, Json<'t>)>, Syntax> {
        serde_json::from_str::<Members<'t>>(self.0).map(|members| members.0).map_err(|_| Syntax)
    }

    /// The elements of a list.
    pub fn elements(self) -> Vec<Json<'t>> {
        let raw: Vec<&RawValue> = serde_json::from_str(self.0).expect("its grammar was checked");
        raw.into_iter().map(|raw| Json(raw.get())).collect()
    }

    /// The text as it is written.
    pub fn text(self) -> &'t str {
        self.0
    }
}

struct Members<'t>(Vec<(String, Json<'t>)>);

impl<'t> Deserialize<'t> for Members<'t> {
    fn deserialize<D: Deserializer<'t>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;
        impl<'t> Visitor<'t> for Collect {
            type Value = Members<'t>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'t>>(self, mut map: A) -> Result<Members<'t>, A::Error> {
                let mut members = Vec::new();
                while let Some((name, raw)) = map.next_entry::<String, &RawValue>()? {
                    members.push((name, Json(raw.get())));
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Collect)
    }
}
