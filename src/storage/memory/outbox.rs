use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::service::{Completion, NoticeOrigin};
use crate::storage::outbox::{Backlog, TakenNotice};
use crate::value::ServiceId;

/// The notices that wait. Their texts are made when they are taken: until then a notice is a completion, which the store
/// keeps anyway.
#[derive(Debug)]
pub(super) struct Kept {
    origin: NoticeOrigin,
    /// All times are counted from here.
    begun: Instant,
    waiting: Mutex<Waiting>,
}

#[derive(Debug, Default)]
struct Waiting {
    /// In the order of their commits.
    services: HashMap<ServiceId, VecDeque<Entry>>,
    /// When the first notice of each service can be taken.
    due: BTreeMap<Due, ServiceId>,
    /// When each was committed, in that order.
    since: BTreeMap<u64, Duration>,
    last_place: u64,
}

/// When it can be taken, and its place among all.
type Due = (Duration, u64);

#[derive(Debug)]
struct Entry {
    completion: Completion,
    place: u64,
    since: Duration,
    due: Duration,
    attempt: u32,
    /// How often it was taken or given back.
    lease_id: i64,
}

/// A notice as it is taken.
struct Held {
    completion: Completion,
    attempt: u32,
    lease_id: i64,
    /// When it could be taken.
    was_due: Duration,
}

impl Kept {
    pub(super) fn new(origin: NoticeOrigin) -> Self {
        Kept { origin, begun: Instant::now(), waiting: Mutex::default() }
    }

    /// What waits already is told as coming from there, too.
    pub(super) fn set_origin(&mut self, origin: NoticeOrigin) {
        self.origin = origin;
    }

    /// Keeps the notice of a completion, while its service is locked.
    pub(super) fn keep(&self, completion: Completion) {
        let since = self.begun.elapsed();
        let mut waiting = self.waiting();
        waiting.last_place += 1;
        let place = waiting.last_place;
        waiting.since.insert(place, since);
        let service_id = completion.service_id();
        let of_service = waiting.services.entry(service_id).or_default();
        of_service.push_back(Entry { completion, place, since, due: since, attempt: 0, lease_id: 0 });
        if of_service.len() == 1 {
            waiting.due.insert((since, place), service_id);
        }
    }

    pub(super) fn take(&self, limit: usize, lease: Duration) -> Vec<TakenNotice> {
        let (mut taken, mut bytes) = (Vec::new(), 0);
        let begun = self.begun.elapsed();
        // However short it is, nothing is handed out twice in one call.
        let lease = lease.max(Duration::from_nanos(1));
        while taken.len() < limit {
            let until = self.begun.elapsed().saturating_add(lease);
            let Some(held) = self.waiting().hold(begun, until) else { break };
            // The text takes time, and nobody has to wait for it.
            let Held { completion, attempt, lease_id, was_due } = held;
            let json = self.origin.notice(&completion).to_json();
            bytes += json.len();
            let (service_id, version) = (completion.service_id(), completion.version());
            let notice = TakenNotice::new(service_id, version, lease_id, attempt, json);
            if bytes > TakenNotice::MAX_BYTES && !taken.is_empty() {
                self.waiting().put_back(&notice, was_due);
                break;
            }
            taken.push(notice);
        }
        taken
    }

    pub(super) fn confirm(&self, taken: &[TakenNotice]) -> usize {
        let mut waiting = self.waiting();
        taken.iter().filter(|taken| waiting.confirm(taken).is_some()).count()
    }

    pub(super) fn release(&self, taken: &[TakenNotice], pause: Duration) -> usize {
        let mut waiting = self.waiting();
        let due = self.begun.elapsed().saturating_add(pause);
        taken.iter().filter(|taken| waiting.release(taken, due).is_some()).count()
    }

    pub(super) fn backlog(&self) -> Backlog {
        let waiting = self.waiting();
        let oldest = waiting.since.first_key_value();
        let oldest = oldest.map(|(_, since)| self.begun.elapsed().saturating_sub(*since));
        Backlog::new(waiting.since.len() as u64, oldest)
    }

    /// Nothing panics while it holds this lock.
    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiting {
    /// The first notice that can be taken now.
    fn hold(&mut self, now: Duration, until: Duration) -> Option<Held> {
        let ((was_due, place), service_id) = self.due.first_key_value().map(|(due, id)| (*due, *id))?;
        if was_due > now {
            return None;
        }
        self.due.remove(&(was_due, place));
        self.due.insert((until, place), service_id);
        let Some(first) = self.services.get_mut(&service_id).and_then(VecDeque::front_mut) else {
            unreachable!("a service that is due has a notice")
        };
        first.due = until;
        first.attempt += 1;
        first.lease_id += 1;
        let Entry { attempt, lease_id, .. } = *first;
        Some(Held { completion: first.completion.clone(), attempt, lease_id, was_due })
    }

    /// The first notice of a service, if it is held as the caller says.
    fn held(&mut self, taken: &TakenNotice) -> Option<&mut Entry> {
        let first = self.services.get_mut(&taken.service_id)?.front_mut()?;
        let is_held = first.completion.version() == taken.version
            && first.attempt > 0
            && first.lease_id == taken.lease_id;
        is_held.then_some(first)
    }

    fn release(&mut self, taken: &TakenNotice, due: Duration) -> Option<()> {
        let held = self.held(taken)?;
        held.lease_id += 1;
        let (earlier, place) = (std::mem::replace(&mut held.due, due), held.place);
        self.due.remove(&(earlier, place));
        self.due.insert((due, place), taken.service_id);
        Some(())
    }

    /// As if it had not been taken.
    fn put_back(&mut self, taken: &TakenNotice, was_due: Duration) {
        if self.release(taken, was_due).is_some() {
            if let Some(first) = self.services.get_mut(&taken.service_id).and_then(VecDeque::front_mut) {
                first.attempt -= 1;
            }
        }
    }

    fn confirm(&mut self, taken: &TakenNotice) -> Option<()> {
        let held = self.held(taken)?;
        let (due, place) = (held.due, held.place);
        self.due.remove(&(due, place));
        self.since.remove(&place);
        let of_service = self.services.get_mut(&taken.service_id)?;
        of_service.pop_front();
        match of_service.front() {
            Some(next) => drop(self.due.insert((next.since, next.place), taken.service_id)),
            None => drop(self.services.remove(&taken.service_id)),
        }
        Some(())
    }
}
