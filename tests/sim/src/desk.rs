//! Where the operation asks the store, and waits for an answer.

use std::fmt;
use std::future::{Future, poll_fn};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;

use service_end::storage::{Commit, Want};
use service_end::{AsyncStorage, Completion, ServiceId, StoredService};

/// What the operation asks of the store.
#[derive(Clone, Debug)]
pub enum Request {
    /// The service, with the extensions of these keys.
    Load(Vec<String>),
    /// To apply a completion.
    Commit(Completion),
}

#[derive(Debug)]
enum Answer {
    Loaded(Option<StoredService>),
    Committed(Commit),
    Lost,
}

/// The store's answer did not arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lost;

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the answer was lost")
    }
}

impl std::error::Error for Lost {}

/// The store, as one call sees it: its requests stay here until they are answered.
#[derive(Clone, Debug, Default)]
pub struct Desk(Arc<Mutex<Slot>>);

#[derive(Debug, Default)]
struct Slot {
    request: Option<Request>,
    answer: Option<Answer>,
}

impl Desk {
    /// What is asked and not yet answered.
    pub fn request(&self) -> Option<Request> {
        self.slot().request.clone()
    }

    /// Answers a load.
    pub fn loaded(&self, service: Option<StoredService>) {
        self.answer(Answer::Loaded(service));
    }

    /// Answers a commit.
    pub fn committed(&self, commit: Commit) {
        self.answer(Answer::Committed(commit));
    }

    /// Loses the answer.
    pub fn lose(&self) {
        self.answer(Answer::Lost);
    }

    fn answer(&self, answer: Answer) {
        let mut slot = self.slot();
        slot.request = None;
        slot.answer = Some(answer);
    }

    fn ask(&self, request: Request) -> impl Future<Output = Answer> + Send {
        self.slot().request = Some(request);
        let desk = self.clone();
        poll_fn(move |_| match desk.slot().answer.take() {
            Some(answer) => Poll::Ready(answer),
            None => Poll::Pending,
        })
    }

    fn slot(&self) -> MutexGuard<'_, Slot> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl AsyncStorage for Desk {
    type Error = Lost;

    async fn load(&self, _id: ServiceId, want: Want<'_>) -> Result<Option<StoredService>, Lost> {
        let keys = match want {
            Want::Named(keys) => keys.iter().map(|key| (*key).to_owned()).collect(),
            Want::Nothing => Vec::new(),
            Want::All => unreachable!("the operation never asks for all"),
        };
        match self.ask(Request::Load(keys)).await {
            Answer::Loaded(service) => Ok(service),
            Answer::Lost => Err(Lost),
            Answer::Committed(commit) => unreachable!("a load is not answered by {commit:?}"),
        }
    }

    async fn commit(&self, completion: &Completion) -> Result<Commit, Lost> {
        match self.ask(Request::Commit(completion.clone())).await {
            Answer::Committed(commit) => Ok(commit),
            Answer::Lost => Err(Lost),
            Answer::Loaded(service) => unreachable!("a commit is not answered by {service:?}"),
        }
    }
}
