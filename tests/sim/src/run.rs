//! One run: the callers, the store, and what can happen next.

use std::fmt;
use std::future::Future;
use std::hash::{Hash, Hasher};
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use service_end::storage::Commit;
use service_end::{CompleteError, CompleteService, EndRules, Outcome, Timestamp};

use crate::desk::{Desk, Lost, Request};
use crate::judge::judge;
use crate::outbox::{Outbox, Work};
use crate::scenario::Scenario;
use crate::world::{CallId, SERVICE, SURVEY, World, Write, timestamp};

/// What a call is told in the end.
pub type Answer = Result<Outcome, CompleteError<Lost>>;

/// One run of a scenario, up to some moment.
pub struct Run<'s> {
    pub(crate) scenario: &'s Scenario,
    pub(crate) world: World,
    pub(crate) callers: Vec<Calls>,
    losses: u8,
    has_written: bool,
    pub(crate) said_too_large: bool,
}

/// The calls of one caller: the last of them may be under way.
#[derive(Default)]
pub(crate) struct Calls {
    pub(crate) calls: Vec<Call>,
    under_way: Option<UnderWay>,
}

struct UnderWay {
    future: Pin<Box<dyn Future<Output = Answer>>>,
    desk: Desk,
}

/// One call.
pub(crate) struct Call {
    /// The state of the service when it began.
    pub(crate) from: usize,
    /// With which schemas it reads.
    pub(crate) schemas_changed: bool,
    /// How its requests were answered.
    pub(crate) seen: Vec<Seen>,
    /// What came of it.
    pub(crate) told: Option<Told>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Seen {
    /// The state that was loaded.
    Loaded(usize),
    Committed,
    Stale,
    TooLarge,
    SchemaChanged,
    LoadLost,
    CommitLost,
}

pub(crate) enum Told {
    Answer(Answer),
    /// The caller gave up.
    Nothing,
}

/// What can happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// A caller begins a call.
    Call(usize),
    /// A caller's request is answered as it should be.
    Answer(usize),
    /// The store says that the completion is too large.
    TooLarge(usize),
    /// The store tells of an error: a commit may be applied later all the same.
    Error(usize),
    /// A caller gives up before he has an answer: a commit may be applied later all the same.
    Silence(usize),
    /// A commit that was given up reaches the store.
    Arrive(usize),
    /// Somebody else writes.
    Write,
    /// The schemas change.
    ChangeSchemas,
    /// A worker takes a notice, or does something with the one that he has taken.
    Work(usize, Work),
}

impl<'s> Run<'s> {
    /// The beginning.
    pub fn new(scenario: &'s Scenario) -> Self {
        Run {
            scenario,
            world: World::new(scenario),
            callers: scenario.callers.iter().map(|_| Calls::default()).collect(),
            losses: scenario.losses,
            has_written: scenario.writer.is_none(),
            said_too_large: !scenario.too_large,
        }
    }

    /// What can happen next.
    pub fn actions(&self) -> Vec<Action> {
        let mut actions = Vec::new();
        for (number, caller) in self.callers.iter().enumerate() {
            let Some(UnderWay { desk, .. }) = &caller.under_way else {
                if caller.calls_again(self.scenario.retries) {
                    actions.push(Action::Call(number));
                }
                continue;
            };
            actions.push(Action::Answer(number));
            if let Some(Request::Commit(completion)) = desk.request() {
                if !self.said_too_large && self.world.would_commit(&completion) == Commit::Committed {
                    actions.push(Action::TooLarge(number));
                }
            }
            if self.losses > 0 {
                actions.extend([Action::Error(number), Action::Silence(number)]);
            }
        }
        actions.extend((0..self.world.under_way.len()).map(Action::Arrive));
        if !self.has_written {
            actions.push(Action::Write);
        }
        if self.scenario.schemas_change && !self.world.schemas_changed {
            actions.push(Action::ChangeSchemas);
        }
        let works = self.world.outbox.iter().flat_map(Outbox::works);
        actions.extend(works.map(|(worker, work)| Action::Work(worker, work)));
        actions
    }

    /// Does it.
    ///
    /// # Errors
    /// What is wrong with what came of it.
    pub fn take(&mut self, action: Action) -> Result<(), String> {
        self.act(action)?;
        let World { outbox: Some(outbox), wrong, .. } = &self.world else { return Ok(()) };
        wrong.clone().map_or(Ok(()), Err)?;
        outbox.judge(self.world.service())
    }

    fn act(&mut self, action: Action) -> Result<(), String> {
        match action {
            Action::Work(worker, work) => {
                let outbox = self.world.outbox.as_mut();
                outbox.unwrap_or_else(|| unreachable!("{worker} works at an outbox")).work(worker, work)
            }
            Action::Call(caller) => self.call(caller),
            Action::Answer(caller) => self.answer(caller),
            Action::TooLarge(caller) => {
                self.said_too_large = true;
                self.tell(caller, Seen::TooLarge, |desk| desk.committed(Commit::TooLarge))
            }
            Action::Error(caller) => {
                let seen = self.lose(caller);
                self.tell(caller, seen, Desk::lose)
            }
            Action::Silence(caller) => {
                let seen = self.lose(caller);
                let calls = self.caller(caller);
                calls.under_way = None;
                let call = calls.last();
                call.seen.push(seen);
                call.told = Some(Told::Nothing);
                Ok(())
            }
            Action::Arrive(index) => {
                let (by, completion) = self.world.under_way.remove(index);
                // Nobody hears the answer.
                let _: Commit = self.world.commit(by, completion);
                judge(self, by)
            }
            Action::Write => {
                self.has_written = true;
                self.world.store(self.scenario.writer.unwrap_or_else(|| unreachable!("somebody writes")));
                Ok(())
            }
            Action::ChangeSchemas => {
                self.world.change_schemas();
                Ok(())
            }
        }
    }

    fn call(&mut self, caller: usize) -> Result<(), String> {
        let said = self.scenario.callers.get(caller).unwrap_or_else(|| unreachable!("{caller}"));
        let (from, schemas_changed) = (self.world.writes.len(), self.world.schemas_changed);
        let number = self.caller(caller).calls.len();
        let desk = Desk::default();
        let operation = CompleteService::new(self.world.validator().clone(), desk.clone())
            .with_end_rules(EndRules::new().with_policy(self.scenario.policy))
            .with_max_attempts(self.scenario.attempts);
        let target = match said.version {
            Some(version) => SERVICE.at(version),
            None => SERVICE.into(),
        };
        let (body, now) = (said.body, now(CallId { caller, call: number }));
        let future = async move { operation.end_async(target, body.as_bytes(), now).await };
        let calls = self.caller(caller);
        calls.calls.push(Call { from, schemas_changed, seen: Vec::new(), told: None });
        calls.under_way = Some(UnderWay { future: Box::pin(future), desk });
        self.poll(caller)
    }

    /// Answers a request as the contract says.
    fn answer(&mut self, caller: usize) -> Result<(), String> {
        let by = CallId { caller, call: self.caller(caller).calls.len() - 1 };
        match self.request(caller) {
            Request::Load(keys) => {
                let service = self.world.load(&keys);
                let seen = Seen::Loaded(self.world.writes.len());
                self.tell(caller, seen, |desk| desk.loaded(Some(service)))
            }
            Request::Commit(completion) => {
                let commit = self.world.commit(by, completion);
                let seen = match commit {
                    Commit::Committed => Seen::Committed,
                    Commit::Stale => Seen::Stale,
                    Commit::SchemaChanged => Seen::SchemaChanged,
                    Commit::TooLarge => Seen::TooLarge,
                    other => unreachable!("no world has this answer: {other:?}"),
                };
                self.tell(caller, seen, |desk| desk.committed(commit))
            }
        }
    }

    /// An answer will not come; a commit stays under way.
    fn lose(&mut self, caller: usize) -> Seen {
        self.losses -= 1;
        let by = CallId { caller, call: self.caller(caller).calls.len() - 1 };
        match self.request(caller) {
            Request::Load(_) => Seen::LoadLost,
            Request::Commit(completion) => {
                self.world.under_way.push((by, completion));
                Seen::CommitLost
            }
        }
    }

    fn tell(&mut self, caller: usize, seen: Seen, tell: impl FnOnce(&Desk)) -> Result<(), String> {
        let calls = self.caller(caller);
        calls.last().seen.push(seen);
        tell(&calls.under_way.as_ref().unwrap_or_else(|| unreachable!("{caller} waits")).desk);
        self.poll(caller)
    }

    fn poll(&mut self, caller: usize) -> Result<(), String> {
        let calls = self.caller(caller);
        let under_way = calls.under_way.as_mut().unwrap_or_else(|| unreachable!("{caller} waits"));
        match under_way.future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Pending => Ok(()),
            Poll::Ready(answer) => {
                calls.under_way = None;
                calls.last().told = Some(Told::Answer(answer));
                let call = calls.calls.len() - 1;
                judge(self, CallId { caller, call })
            }
        }
    }

    fn request(&mut self, caller: usize) -> Request {
        let under_way = self.caller(caller).under_way.as_ref();
        let request = under_way.and_then(|under_way| under_way.desk.request());
        request.unwrap_or_else(|| unreachable!("{caller} waits for the store"))
    }

    fn caller(&mut self, caller: usize) -> &mut Calls {
        self.callers.get_mut(caller).unwrap_or_else(|| unreachable!("caller {caller}"))
    }

    /// How the service is now, in a line.
    pub fn shown(&self) -> String {
        let service = self.world.service();
        let end =
            service.end.as_ref().map_or_else(|| "active".to_owned(), service_end::service::End::to_json);
        let survey = service.extension(SURVEY).unwrap_or("none");
        let under_way = self.world.under_way.len();
        format!("version {}, {end}, survey {survey}, {under_way} commits under way", service.version.0)
    }

    /// Everything that what comes next, and its judgement, depend on.
    pub fn hash_into(&self, hasher: &mut impl Hasher) {
        let World { writes, under_way, schemas_changed, outbox, .. } = &self.world;
        for write in writes {
            match write {
                Write::End(by, completion) => (by, completion.version()).hash(hasher),
                Write::Other => u8::MAX.hash(hasher),
            }
        }
        writes.len().hash(hasher);
        for (by, completion) in under_way {
            (by, completion.version()).hash(hasher);
        }
        (under_way.len(), schemas_changed, self.losses, self.has_written, self.said_too_large).hash(hasher);
        outbox.iter().flat_map(Outbox::state).for_each(|state| state.hash(hasher));
        for Calls { calls, under_way } in &self.callers {
            (calls.len(), under_way.is_some()).hash(hasher);
            for Call { from, schemas_changed, seen, told } in calls {
                (from, schemas_changed, seen).hash(hasher);
                told.as_ref().map(mem::discriminant).hash(hasher);
            }
        }
    }
}

impl Calls {
    /// Whether he sends his event, or sends it again, since he does not know what became of it.
    fn calls_again(&self, retries: usize) -> bool {
        let again = match self.calls.last().map(|call| &call.told) {
            None => return true,
            Some(None) => unreachable!("the last call is not under way"),
            Some(Some(Told::Nothing)) => true,
            Some(Some(Told::Answer(answer))) => matches!(
                answer,
                Err(CompleteError::Storage(_)
                    | CompleteError::SchemaChanged
                    | CompleteError::Contended { .. })
            ),
        };
        again && self.calls.len() <= retries
    }

    fn last(&mut self) -> &mut Call {
        self.calls.last_mut().unwrap_or_else(|| unreachable!("a call is under way"))
    }
}

/// The time of a call: another for each.
pub(crate) fn now(CallId { caller, call }: CallId) -> Timestamp {
    timestamp(&format!("2009-05-12T12:0{caller}:0{call}.000Z"))
}

impl fmt::Debug for Run<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Run")
            .field("scenario", &self.scenario.name)
            .field("world", &self.world)
            .finish_non_exhaustive()
    }
}
