use crate::service::Refusal;
use crate::validate::ReadError;
use crate::violation::Violations;

/// Why a service is not ended by a call. [`Problem`](crate::Problem) turns it into a document for the caller.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CompleteError<E> {
    /// The body gives no event.
    #[error(transparent)]
    Read(ReadError),
    /// The service is unknown, has ended in another way, is at another version, or does not fit the event.
    #[error(transparent)]
    Refused(Refusal),
    /// Other writers kept changing the service. Nothing was changed by this call.
    #[error("other writers changed the service at each of {attempts} attempts")]
    #[non_exhaustive]
    Contended {
        /// How often it was tried.
        attempts: u32,
    },
    /// The store can never take the end with its extensions. Nothing was changed.
    #[error("the end with its extensions is too large for the store")]
    TooLargeForStorage,
    /// The store keeps another schema for one of the extensions than the one that the event was read with, or has
    /// removed it. Nothing was changed. Read the body again with the schemas that the store keeps now.
    #[error("the schema of an extension has changed in the store")]
    SchemaChanged,
    /// The store failed. Whether the service is ended may be unknown. It is safe to send the same event again.
    #[error("the storage failed")]
    Storage(#[source] E),
}

impl<E> CompleteError<E> {
    /// The violations, if there are any.
    pub fn violations(&self) -> Option<&Violations> {
        match self {
            CompleteError::Read(error) => error.violations(),
            CompleteError::Refused(Refusal::Invalid(violations)) => Some(violations),
            _ => None,
        }
    }

    /// Looks for each violation in the text of the body, as [`Violations::locate`] does.
    #[must_use]
    pub fn locate(self, body: &[u8]) -> Self {
        match self {
            CompleteError::Read(error) => CompleteError::Read(error.locate(body)),
            CompleteError::Refused(Refusal::Invalid(violations)) => {
                CompleteError::Refused(Refusal::Invalid(violations.locate(body)))
            }
            other => other,
        }
    }
}

impl<E> From<Refusal> for CompleteError<E> {
    fn from(refusal: Refusal) -> Self {
        CompleteError::Refused(refusal)
    }
}

impl<E> From<ReadError> for CompleteError<E> {
    fn from(error: ReadError) -> Self {
        CompleteError::Read(error)
    }
}
