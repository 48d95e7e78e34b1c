//! The outbox of the simple store: a list behind the lock of its rows.

use std::thread;
use std::time::{Duration, Instant};

use service_end::{
    Completion,
    storage::{Backlog, Outbox, TakenNotice},
};

use super::flaw::Flaw;
use super::plain::{Failure, Plain};

/// A notice that waits.
#[derive(Clone)]
pub(super) struct Waiting {
    notice: TakenNotice,
    /// Among all that were ever kept.
    place: u64,
    since: Instant,
    due: Instant,
    is_held: bool,
}

impl Waiting {
    pub(super) fn of(completion: &Completion, place: u64, flaw: Flaw) -> Self {
        let json = if flaw == Flaw::TellsTheEndOnly {
            let mut json: serde_json::Value =
                serde_json::from_str(&completion.notice("/").to_json()).unwrap();
            let data = json["data"].as_object_mut().unwrap();
            data.retain(|key, _| ["service_id", "started", "completed"].contains(&&**key));
            json.to_string()
        } else {
            completion.notice("/").to_json()
        };
        let notice = TakenNotice::new(completion.service_id(), completion.version(), 0, 0, json);
        Waiting { notice, place, since: Instant::now(), due: Instant::now(), is_held: false }
    }

    /// Whether it is held, and a later one of its service has to wait for it.
    pub(super) fn holds_up(&self, later: &Waiting) -> bool {
        self.is_held && self.notice.service_id == later.notice.service_id
    }

    fn is(&self, taken: &TakenNotice) -> bool {
        self.notice.service_id == taken.service_id && self.notice.version == taken.version
    }

    /// Whether a worker holds it that has taken it so.
    fn is_held_as(&self, taken: &TakenNotice) -> bool {
        self.is_held && self.is(taken) && self.notice.lease_id == taken.lease_id
    }
}

/// Those that can be taken, by their places.
fn free(waiting: &[Waiting], flaw: Flaw) -> Vec<usize> {
    let now = Instant::now();
    let mut places: Vec<_> = (0..waiting.len())
        .filter(|place| {
            let this = &waiting[*place];
            let before = |other: &&Waiting| other.notice.service_id == this.notice.service_id;
            let version = |other: &Waiting| other.notice.version.to_string();
            let is_first = match flaw {
                Flaw::HandsOutAllOfAService => true,
                Flaw::LastComesFirst => !waiting[*place + 1..].iter().any(|other| before(&other)),
                Flaw::SortsVersionsAsText => {
                    !waiting.iter().filter(before).any(|o| version(o) < version(this))
                }
                _ => !waiting[..*place].iter().any(|other| before(&other)),
            };
            is_first && (this.due <= now || flaw == Flaw::IgnoresLeases)
        })
        .collect();
    match flaw {
        Flaw::SortsServices => places.sort_by_key(|place| waiting[*place].notice.service_id),
        Flaw::LatestServiceComesFirst => places.reverse(),
        Flaw::LaterNoticesWaitAnew => places.sort_by_key(|place| waiting[*place].since),
        _ => {}
    }
    places
}

impl Outbox for Plain {
    type Error = Failure;

    fn take(&self, limit: usize, lease: Duration) -> Result<Vec<TakenNotice>, Failure> {
        let flaw = self.flaw();
        let mut rows = self.rows();
        let places = free(&rows.waiting, flaw);
        if flaw == Flaw::ChecksThenHolds && !places.is_empty() {
            let candidates: Vec<_> =
                places.into_iter().take(limit).map(|place| rows.waiting[place].notice.clone()).collect();
            drop(rows);
            thread::sleep(Duration::from_millis(1));
            let mut rows = self.rows();
            for waiting in &mut rows.waiting {
                if candidates.iter().any(|taken| waiting.is(taken)) {
                    waiting.due = Instant::now() + lease;
                    waiting.is_held = true;
                }
            }
            return Ok(candidates);
        }
        let limit = match flaw {
            Flaw::TakesAll => usize::MAX,
            _ => limit,
        };
        let (mut taken, mut bytes) = (Vec::new(), 0);
        for place in places.into_iter().take(limit) {
            let waiting = &mut rows.waiting[place];
            bytes += waiting.notice.json.len();
            if bytes > TakenNotice::MAX_BYTES && !taken.is_empty() && flaw != Flaw::TakesAnySize {
                break;
            }
            waiting.due = Instant::now() + lease;
            waiting.notice.attempt += u32::from(flaw != Flaw::CountsWhatIsGivenBack);
            waiting.notice.lease_id += 1;
            waiting.is_held = true;
            if flaw == Flaw::CountsTheAgeFromTheLease {
                waiting.since = Instant::now();
            }
            taken.push(waiting.notice.clone());
        }
        if flaw == Flaw::ForgetsWhatIsTaken {
            rows.waiting.retain(|waiting| !taken.iter().any(|taken| waiting.is(taken)));
        }
        Ok(taken)
    }

    fn confirm(&self, taken: &[TakenNotice]) -> Result<usize, Failure> {
        let flaw = self.flaw();
        let mut rows = self.rows();
        let before = rows.waiting.len();
        let counted_one_by_one =
            taken.iter().filter(|taken| rows.waiting.iter().any(|w| w.is_held_as(taken))).count();
        rows.waiting.retain(|waiting| {
            let is_confirmed = taken.iter().any(|taken| match flaw {
                Flaw::LosesTheNext => waiting.notice.service_id == taken.service_id,
                Flaw::LetsAnyoneConfirm | Flaw::ChecksThenHolds => waiting.is(taken),
                Flaw::ConfirmsWhatWasGivenBack => {
                    waiting.is(taken) && waiting.notice.lease_id == taken.lease_id
                }
                _ => waiting.is_held_as(taken),
            });
            !is_confirmed
        });
        if flaw == Flaw::CountsAttemptsOfAService {
            for taken in taken {
                let of_service = rows.waiting.iter_mut().map(|waiting| &mut waiting.notice);
                let of_service = of_service.filter(|notice| notice.service_id == taken.service_id);
                of_service.for_each(|notice| notice.attempt = taken.attempt);
            }
        }
        for waiting in &mut rows.waiting {
            match flaw {
                Flaw::FreesWhatIsConfirmedTooLate if taken.iter().any(|taken| waiting.is(taken)) => {
                    waiting.due = Instant::now();
                }
                Flaw::LaterNoticesWaitAnew
                    if taken.iter().any(|taken| taken.service_id == waiting.notice.service_id) =>
                {
                    waiting.since = Instant::now();
                }
                _ => {}
            }
        }
        let gone = before - rows.waiting.len();
        Ok(if flaw == Flaw::CountsTheSameTwice { counted_one_by_one } else { gone })
    }

    fn release(&self, taken: &[TakenNotice], pause: Duration) -> Result<usize, Failure> {
        let flaw = self.flaw();
        let pause = if flaw == Flaw::KnowsNoPause { Duration::ZERO } else { pause };
        let mut released = 0;
        for waiting in &mut self.rows().waiting {
            let is_given_back = taken.iter().any(|taken| match flaw {
                Flaw::MovesWhatWasGivenBack => waiting.is(taken) && waiting.notice.lease_id == taken.lease_id,
                _ => waiting.is_held_as(taken),
            });
            if is_given_back {
                waiting.is_held = false;
                if flaw != Flaw::KeepsWhatIsGivenBack {
                    waiting.due = Instant::now() + pause;
                }
                match flaw {
                    Flaw::CountsNoAttempts => waiting.notice.attempt = 0,
                    Flaw::CountsWhatIsGivenBack => waiting.notice.attempt += 1,
                    _ => {}
                }
                released += 1;
            }
        }
        Ok(released)
    }

    fn backlog(&self) -> Result<Backlog, Failure> {
        let rows = self.rows();
        let now = Instant::now();
        let counts = |waiting: &&Waiting| self.flaw() != Flaw::CountsWhatIsFree || waiting.due <= now;
        let counted: Vec<_> = rows.waiting.iter().filter(counts).collect();
        let oldest = counted.iter().map(|waiting| waiting.since.elapsed()).max();
        let count = match (counted.first(), counted.last()) {
            (Some(first), Some(last)) if self.flaw() == Flaw::CountsFromFirstToLast => {
                last.place + 1 - first.place
            }
            _ => counted.len() as u64,
        };
        Ok(Backlog::new(count, oldest))
    }
}
