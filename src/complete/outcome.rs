use crate::service::{Completion, End};

/// How a service came to be ended as the event says.
///
/// Don't publish events from it: a call can commit and fail before it answers, and the retry then finds that the service
/// has already ended. What others must be told belongs in the commit itself.
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub enum Outcome {
    /// This call ended it.
    Ended(Completion),
    /// It had already ended exactly this way, and this call changed nothing: the fixed fields are those recorded, where a
    /// timestamp that is left out matches any, and each extension that the event names equals what is stored.
    AlreadySo(End),
    /// This call replaced an earlier end, as the host's policy allows.
    Replaced(Completion),
}

impl Outcome {
    /// What is recorded of the end.
    pub fn end(&self) -> &End {
        match self {
            Outcome::Ended(completion) | Outcome::Replaced(completion) => completion.end(),
            Outcome::AlreadySo(end) => end,
        }
    }
}
