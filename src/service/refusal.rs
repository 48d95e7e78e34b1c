use crate::validate::RuleFailed;
use crate::value::{ServiceId, Version};
use crate::violation::Violations;

/// Why a valid event does not end a service.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// There is no such service.
    #[error("there is no such service")]
    NotFound,
    /// The store answered with another service than the one asked for. That is a fault of the store.
    #[error("the store answered with service {loaded}, which is not the one asked for")]
    #[non_exhaustive]
    WrongService {
        /// The service that the store answered with.
        loaded: ServiceId,
    },
    /// The service is not at the version that the caller demands.
    #[error("the service is at version {current}, not at the one that the caller demands")]
    #[non_exhaustive]
    VersionMismatch {
        /// The version that the service is at.
        current: Version,
    },
    /// It has ended in another way, which is kept.
    #[error("the service has already ended, in another way")]
    #[non_exhaustive]
    AlreadyEnded {
        /// Where the event differs from what is recorded, as pointers into the body: fixed fields first, then extensions
        /// in the order of the event, in the spelling of their schemas.
        differences: Vec<String>,
    },
    /// A rule of the host has a mistake of its own; the event may have none.
    #[error(transparent)]
    Rule(RuleFailed),
    /// The event does not fit the service: it names another one, ends it before its start, or leaves it without an
    /// extension that is required.
    #[error("the event does not fit the service: {0}")]
    Invalid(Violations),
}
