use std::num::NonZeroUsize;

use serde::de::{Deserialize, DeserializeOwned, Deserializer, Error};
use serde_json::{Map, Value as Json};

/// The members of a JSON object that is read back. A later version may write more than those that are taken.
/// Those that nobody takes keep their order, if maps of `serde_json` do.
pub(crate) struct Members {
    members: Map<String, Json>,
    taken: Vec<&'static str>,
}

impl Members {
    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Map::deserialize(deserializer).map(|members| Members { members, taken: Vec::new() })
    }

    pub(crate) fn take<T: DeserializeOwned, E: Error>(&mut self, name: &'static str) -> Result<Option<T>, E> {
        self.taken.push(name);
        let found = self.members.get_mut(name).map(Json::take).filter(|json| !json.is_null());
        found
            .map(|json| T::deserialize(json).map_err(|error| E::custom(format_args!("`{name}`: {error}"))))
            .transpose()
    }

    /// Those that nobody took.
    pub(crate) fn rest(self) -> Map<String, Json> {
        let Members { members, taken } = self;
        members.into_iter().filter(|(name, _)| !taken.contains(&name.as_str())).collect()
    }

    /// Line and column, which count from 1.
    pub(crate) fn position<E: Error>(&mut self) -> Result<Option<(usize, usize)>, E> {
        let (line, column) = (self.take::<NonZeroUsize, E>("line")?, self.take::<NonZeroUsize, E>("column")?);
        Ok(line.zip(column).map(|(line, column)| (line.get(), column.get())))
    }

    pub(crate) fn needed<T: DeserializeOwned, E: Error>(&mut self, name: &'static str) -> Result<T, E> {
        self.take(name)?.ok_or_else(|| E::missing_field(name))
    }
}
