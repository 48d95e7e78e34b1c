use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::schema::error::ParseNameError;
use crate::value::named;
use crate::violation::Known;

named! {
    /// What is asked of two versions of a schema.
    pub enum Question {
        /// Does the new version accept every body that the old one accepts?
        Bodies = "bodies",
        /// Does the new version read everything that was stored under the old one, with equal values?
        Records = "records",
        /// Does the old version accept every body that the new one accepts?
        Rollback = "rollback",
    }

    /// All three.
    ALL;

    /// Its name.
    fn as_str;

    "a question" compared with eq,
    or else ParseNameError = ParseNameError(Known::fixed(Self::NAMES));
}

/// The answer to a [`Question`].
///
/// As JSON it is `{"safe":true}`, `{"safe":false,"witness":"…"}` or `{"safe":false,"unproven":true}`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Answer {
    /// Yes.
    Safe,
    /// No.
    #[non_exhaustive]
    Unsafe {
        /// A text that proves it: the body of an event, or what is stored.
        witness: String,
    },
    /// No, without a proof. See [`Comparison`](super::Comparison) for the one case in which this is said.
    Unproven,
}

impl Answer {
    /// Whether the answer is yes.
    pub fn is_safe(&self) -> bool {
        *self == Answer::Safe
    }

    /// The text that proves a no.
    pub fn witness(&self) -> Option<&str> {
        if let Answer::Unsafe { witness } = self { Some(witness) } else { None }
    }
}

impl Serialize for Answer {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut json = serializer.serialize_map(None)?;
        json.serialize_entry("safe", &self.is_safe())?;
        match self {
            Answer::Safe => {}
            Answer::Unsafe { witness } => json.serialize_entry("witness", witness)?,
            Answer::Unproven => json.serialize_entry("unproven", &true)?,
        }
        json.end()
    }
}
