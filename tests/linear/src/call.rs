//! What callers ask of a store and of the operation over it.

use serde::{Deserialize, Serialize};

/// One call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Call {
    /// The service. Calls about the schema are about all services of a plan.
    pub service: i64,
    /// What is asked.
    pub what: What,
}

/// What is asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum What {
    /// To keep a new service, which started then (milliseconds since 1970).
    Start {
        /// When.
        started: i64,
    },
    /// To read the service.
    Load(Wanted),
    /// To end the service, by the operation.
    End {
        /// With this body.
        body: String,
        /// Read with these declarations.
        reading: Reading,
        /// Whether earlier ends are replaced.
        replaces: bool,
        /// The version that the service must be at.
        at: Option<i64>,
        /// The time, in milliseconds since 1970.
        now: i64,
    },
    /// To commit a completion that was decided on this version, be it one that the service never had.
    Commit {
        /// With this body.
        body: String,
        /// Read with these declarations.
        reading: Reading,
        /// The version.
        version: i64,
        /// The time, in milliseconds since 1970.
        now: i64,
    },
    /// To register the schema.
    Register(Edition),
    /// To replace it by another edition, whatever that breaks.
    Replace(Edition),
    /// To remove it, with all records of the extension.
    Unregister,
}

/// Which extensions are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Wanted {
    /// None.
    Nothing,
    /// Both, by their names.
    Named,
    /// All.
    All,
}

/// How a caller reads the extension that the store keeps a schema of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reading {
    /// With the schema, in this edition.
    With(Edition),
    /// Without a schema.
    Open,
}

/// There are two editions of the schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Edition {
    /// The first one.
    First,
    /// The one with one attribute more.
    Second,
}

impl Call {
    /// Whether it is about the schema.
    pub fn is_about_the_schema(&self) -> bool {
        matches!(self.what, What::Register(_) | What::Replace(_) | What::Unregister)
    }

    /// Whether it can change something. One that can't, and that was not answered, tells nothing.
    pub fn writes(&self) -> bool {
        !matches!(self.what, What::Load(_))
    }
}
