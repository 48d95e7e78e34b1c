//! The notices: the outbox of the store in memory, beside what it should hold.
//!
//! The store in memory is real. Whatever the simulated store is told, it is told too, and it must say the same and hold the
//! same. Time does not pass here: a lease runs out at once, or never.

use std::collections::VecDeque;
use std::time::Duration;

use serde_json::{Value, json};
use service_end::storage::{Commit, Outbox as _, TakenNotice, Want};
use service_end::{Completion, ExtensionSchema, MemoryStorage, Schemas, Storage as _, StoredService};

use crate::scenario::Worker;
use crate::world::{SERVICE, SURVEY};

const SOURCE: &str = "/services";

/// The outbox, and the workers that take from it.
#[derive(Debug)]
pub struct Outbox {
    memory: MemoryStorage,
    /// The notices of the ends that were applied and are not confirmed, in their order.
    waiting: VecDeque<Waiting>,
    workers: Vec<Shift>,
}

#[derive(Debug)]
struct Waiting {
    json: Value,
    /// How often it was taken.
    attempt: u32,
    /// By whom it is held; one whose lease has run out holds it until somebody else takes it.
    by: Option<usize>,
    /// Whether nobody else can take it.
    is_held: bool,
}

#[derive(Debug)]
struct Shift {
    worker: Worker,
    takes: u8,
    taken: Option<TakenNotice>,
}

/// What a worker does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    /// Takes a notice, if there is one that can be taken.
    Take,
    /// Confirms that it was told.
    Confirm,
    /// Gives it back, since it could not be told.
    GiveBack,
    /// Dies with it.
    Die,
}

impl Outbox {
    /// An outbox with nothing in it, of a store with this service.
    pub(crate) fn new(service: &StoredService, schemas: &Schemas, workers: &[Worker]) -> Self {
        let Ok(source) = SOURCE.parse() else { unreachable!("it is a URI") };
        let memory = MemoryStorage::new().with_outbox(source);
        let Ok(()) = memory.register(survey(schemas)) else { unreachable!("nothing is registered yet") };
        memory.insert(service.clone());
        let workers =
            workers.iter().map(|worker| Shift { worker: *worker, takes: worker.takes, taken: None });
        Outbox { memory, waiting: VecDeque::new(), workers: workers.collect() }
    }

    /// A completion reaches the store, which should say this of it.
    pub(crate) fn commit(&mut self, completion: &Completion, answer: Commit) -> Result<(), String> {
        let Ok(told) = self.memory.commit(completion);
        if told != answer {
            return Err(format!("the store in memory says {told:?} instead of {answer:?}"));
        }
        if answer == Commit::Committed {
            let json = notice(completion);
            self.waiting.push_back(Waiting { json, attempt: 0, by: None, is_held: false });
        }
        Ok(())
    }

    /// Somebody else writes.
    pub(crate) fn write(&mut self, service: &StoredService) {
        self.memory.remove(SERVICE);
        self.memory.insert(service.clone());
    }

    /// The schemas change.
    pub(crate) fn change(&mut self, schemas: &Schemas) {
        let replaced = self.memory.replace_anyway(survey(schemas));
        replaced.unwrap_or_else(|error| unreachable!("it was registered: {error}"));
    }

    /// What each worker can do next.
    pub(crate) fn works(&self) -> impl Iterator<Item = (usize, Work)> {
        self.workers.iter().enumerate().flat_map(|(number, shift)| {
            let works: &[Work] = match &shift.taken {
                None if shift.takes == 0 => &[],
                None => &[Work::Take],
                // A notice that is held for ever by one who is dead is never told.
                Some(_) if shift.worker.holds => &[Work::Confirm, Work::GiveBack],
                Some(_) => &[Work::Confirm, Work::GiveBack, Work::Die],
            };
            works.iter().map(move |work| (number, *work))
        })
    }

    pub(crate) fn work(&mut self, number: usize, work: Work) -> Result<(), String> {
        match work {
            Work::Take => self.take(number),
            Work::Confirm => {
                let held = self.put_down(number);
                let Ok(confirmed) = self.memory.confirm(&held.taken);
                if held.is_first {
                    self.waiting.pop_front();
                }
                says(
                    confirmed == usize::from(held.is_first),
                    "a confirmation counts that is not the holder's, or not",
                )
            }
            Work::GiveBack => {
                let held = self.put_down(number);
                let Ok(released) = self.memory.release(&held.taken, Duration::ZERO);
                if let Some(first) = self.waiting.front_mut().filter(|_| held.is_first) {
                    first.is_held = false;
                }
                says(
                    released == usize::from(held.is_first),
                    "a notice is given back by another than its holder, or not",
                )
            }
            Work::Die => {
                self.put_down(number);
                Ok(())
            }
        }
    }

    fn take(&mut self, number: usize) -> Result<(), String> {
        let shift = self.workers.get_mut(number).unwrap_or_else(|| unreachable!("{number}"));
        shift.takes -= 1;
        let lease = if shift.worker.holds { Duration::from_secs(3600) } else { Duration::ZERO };
        let Ok(mut taken) = self.memory.take(2, lease);
        let Some(first) = self.waiting.front_mut().filter(|first| !first.is_held) else {
            return says(taken.is_empty(), "a notice is handed out that is held, or that is none");
        };
        let Some(notice) = taken.pop() else { return says(false, "a notice that waits is not handed out") };
        says(taken.is_empty(), "two notices of one service are handed out at a time")?;
        (first.attempt, first.by, first.is_held) = (first.attempt + 1, Some(number), shift.worker.holds);
        let json: Value = serde_json::from_str(&notice.json).map_err(|error| error.to_string())?;
        says(json == first.json, "a notice tells something else than happened, or out of order")?;
        says(json.get("id") == Some(&notice.id().into()), "a notice has two ids")?;
        says(notice.attempt == first.attempt, "the attempts are not counted")?;
        shift.taken = Some(notice);
        Ok(())
    }

    fn put_down(&mut self, number: usize) -> Held {
        let shift = self.workers.get_mut(number).unwrap_or_else(|| unreachable!("{number}"));
        let taken = shift.taken.take().unwrap_or_else(|| unreachable!("worker {number} holds a notice"));
        let first = self.waiting.front();
        // A notice is known by its id, and a handing-out by how many there were before.
        let is_first = first.is_some_and(|first| {
            first.json.get("id") == Some(&taken.id().into())
                && first.by == Some(number)
                && first.attempt == taken.attempt
        });
        Held { taken: [taken], is_first }
    }

    /// Whether the store in memory holds what the other one holds, and a notice of each end that is not confirmed.
    pub(crate) fn judge(&self, service: &StoredService) -> Result<(), String> {
        let Ok(held) = self.memory.load(SERVICE, Want::All);
        says(held.as_ref() == Some(service), "the store in memory holds another service")?;
        let Ok(backlog) = self.memory.backlog();
        says(backlog.waiting == self.waiting.len() as u64, "a notice is lost, or of nothing that happened")
    }

    /// Everything that what comes next depends on.
    pub(crate) fn state(&self) -> impl Iterator<Item = (u64, Option<usize>, bool)> {
        let waiting =
            self.waiting.iter().map(|waiting| (waiting.attempt.into(), waiting.by, waiting.is_held));
        let workers = self.workers.iter().map(|shift| {
            let taken = shift
                .taken
                .as_ref()
                .map(|taken| taken.version.0.unsigned_abs() * 16 + u64::from(taken.attempt));
            (taken.map_or(0, |taken| taken + 1), Some(shift.takes.into()), shift.worker.holds)
        });
        waiting.chain([(u64::MAX, None, false)]).chain(workers)
    }
}

/// What a worker had, and whether it was still its own.
struct Held {
    taken: [TakenNotice; 1],
    is_first: bool,
}

/// The notice of an end, put together once more.
fn notice(completion: &Completion) -> Value {
    let from_json =
        |json: &str| serde_json::from_str::<Value>(json).unwrap_or_else(|error| unreachable!("{error}"));
    let end = from_json(&completion.end().to_json());
    let version = completion.version().0;
    let mut data = json!({
        "service_id": SERVICE.0,
        "started": { "timestamp": completion.started().to_string() },
        "completed": &end,
    });
    for extension in completion.extensions().iter().filter(|extension| !extension.is_empty()) {
        let members = data.as_object_mut().unwrap_or_else(|| unreachable!("it is an object"));
        members.insert(SURVEY.to_owned(), from_json(&extension.to_json()));
    }
    json!({
        "specversion": "1.0",
        "id": format!("{}-{version}", SERVICE.0),
        "source": SOURCE,
        "type": if completion.replaces() { "service-end.replaced" } else { "service-end.ended" },
        "subject": SERVICE.0.to_string(),
        "time": end.get("timestamp"),
        "datacontenttype": "application/json",
        "data": data,
    })
}

fn survey(schemas: &Schemas) -> &ExtensionSchema {
    schemas.get(SURVEY).unwrap_or_else(|| unreachable!("it is there at all times"))
}

fn says(holds: bool, otherwise: &str) -> Result<(), String> {
    if holds { Ok(()) } else { Err(otherwise.to_owned()) }
}
