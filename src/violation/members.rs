use std::num::NonZeroUsize;

use serde::de::{Deserialize, DeserializeOwned, Deserializer, Error};
use serde_json::{Map, Value as Json};

/// The members of a JSON object that is read back. A later version may write more than those that are taken.
pub(crate) struct Members(Map<String, Json>);

impl Members {
    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Map::deserialize(deserializer).map(Members)
    }

    pub(crate) fn take<T: DeserializeOwned, E: Error>(&mut self, name: &str) -> Result<Option<T>, E> {
        let found = self.0.remove(name).filter(|json| !json.is_null());
        found
            .map(|json| T::deserialize(json).map_err(|error| E::custom(format_args!("`{name}`: {error}"))))
            .transpose()
    }

    /// Those that nobody took.
    pub(crate) fn rest(self) -> Map<String, Json> {
        self.0
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
