//! What callers are told.

use serde::{Deserialize, Serialize};
use service_end::service::{Decision, Refusal};
use service_end::storage::Commit;
use service_end::{CompleteError, Completion, Outcome, StoredService};

/// What a call is told. Where there is none, the outcome is unknown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Answer {
    /// Whether the service, the schema or its new edition was taken, or the schema removed.
    Done(bool),
    /// The service, if there is one.
    Loaded(Option<Seen>),
    /// This call ended it, decided on this version.
    Ended {
        /// The version.
        version: i64,
        /// What is recorded, as JSON.
        end: String,
    },
    /// This call replaced an earlier end.
    Replaced {
        /// The version.
        version: i64,
        /// What is recorded, as JSON.
        end: String,
    },
    /// It had ended so already.
    AlreadySo(String),
    /// It had ended in another way.
    AlreadyEnded(Vec<String>),
    /// It is at this version, which is not the one demanded.
    Mismatch(i64),
    /// There is no such service.
    NotFound,
    /// The event does not fit the service: the pointers and codes of its violations.
    Invalid(Vec<(String, String)>),
    /// The completion was applied.
    Committed,
    /// It was not, since the service is at another version.
    Stale,
    /// The schema is another one.
    SchemaChanged,
    /// The store can never take it.
    TooLarge,
    /// Other writers kept winning.
    Contended,
}

/// A service as it was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// Its version.
    pub version: i64,
    /// When it started.
    pub started: i64,
    /// How it ended, as JSON.
    pub end: Option<String>,
    /// The names and texts of its extensions, in the order of their keys.
    pub extensions: Vec<(String, String)>,
}

impl Seen {
    /// What of a stored service can be told apart.
    pub fn of(service: &StoredService) -> Self {
        let texts = service.extensions();
        let mut extensions: Vec<_> =
            texts.map(|extension| (extension.name.to_owned(), extension.json.to_owned())).collect();
        extensions.sort_by_key(|(name, _)| name.to_ascii_lowercase());
        Seen {
            version: service.version.0,
            started: service.started.unix_millis(),
            end: service.end.as_ref().map(service_end::service::End::to_json),
            extensions,
        }
    }
}

impl Answer {
    /// The answer of a load.
    pub fn loaded(service: Option<&StoredService>) -> Self {
        Answer::Loaded(service.map(Seen::of))
    }

    /// The answer of a commit.
    pub fn committed(commit: Commit) -> Self {
        match commit {
            Commit::Committed => Answer::Committed,
            Commit::Stale => Answer::Stale,
            Commit::TooLarge => Answer::TooLarge,
            Commit::SchemaChanged => Answer::SchemaChanged,
            other => unreachable!("no model has this answer: {other:?}"),
        }
    }

    /// The answer of the operation; none if the store failed.
    pub fn ended<E>(answer: &Result<Outcome, CompleteError<E>>) -> Option<Self> {
        Some(match answer {
            Ok(Outcome::Ended(completion) | Outcome::Replaced(completion)) => Answer::completed(completion),
            Ok(Outcome::AlreadySo(end)) => Answer::AlreadySo(end.to_json()),
            Err(CompleteError::Refused(refusal)) => Answer::refused(refusal),
            Err(CompleteError::TooLargeForStorage) => Answer::TooLarge,
            Err(CompleteError::SchemaChanged) => Answer::SchemaChanged,
            Err(CompleteError::Contended { .. }) => Answer::Contended,
            Err(CompleteError::Storage(_)) => return None,
            Err(other) => panic!("the bodies of plans are valid: {other}"),
        })
    }

    /// What a decision leads to, where the store takes it.
    pub fn decided(decision: &Result<Decision, Refusal>) -> Self {
        match decision {
            Ok(Decision::Complete(completion)) => Answer::completed(completion),
            Ok(Decision::AlreadySo(end)) => Answer::AlreadySo(end.to_json()),
            Err(refusal) => Answer::refused(refusal),
        }
    }

    fn completed(completion: &Completion) -> Self {
        let (version, end) = (completion.version().0, completion.end().to_json());
        if completion.replaces() { Answer::Replaced { version, end } } else { Answer::Ended { version, end } }
    }

    fn refused(refusal: &Refusal) -> Self {
        match refusal {
            Refusal::NotFound => Answer::NotFound,
            Refusal::VersionMismatch { current, .. } => Answer::Mismatch(current.0),
            Refusal::AlreadyEnded { differences, .. } => Answer::AlreadyEnded(differences.clone()),
            Refusal::Invalid(violations) => {
                let found = violations.iter();
                Answer::Invalid(
                    found.map(|found| (found.pointer().to_owned(), found.code().to_string())).collect(),
                )
            }
            other => panic!("no plan leads to {other:?}"),
        }
    }
}
