//! What a store is to callers.

use std::{hint, thread};

use service_end::storage::{Commit, Want};
use service_end::{
    AsyncStorage, CompleteService, Completion, EndPolicy, EndRules, ServiceId, Storage, StoredService,
    service::Target,
};

use crate::answer::Answer;
use crate::call::{Call, Wanted, What};
use crate::readers::Readers;
use crate::spec::{completion, time};

/// One way to a store, which several callers may share.
pub trait Store: Sync {
    /// Does what a call asks; no answer if the outcome is unknown.
    fn call(&self, readers: &Readers, call: &Call) -> Option<Answer>;
}

/// The service that a call starts.
pub fn started(call: &Call) -> StoredService {
    let What::Start { started } = call.what else { panic!("{call:?}") };
    StoredService::new(call.service, 0, time(started))
}

/// Does what is asked of the operation, or of the two functions of a store. Callers take their time before and
/// after each of these, at random, so that they meet in the middle of an operation.
pub fn ask<S: Storage>(storage: &S, readers: &Readers, call: &Call) -> Option<Answer> {
    let storage = &Dawdling(storage);
    match &call.what {
        What::Load(wanted) => with_want(*wanted, readers, |want| {
            let loaded = storage.load(ServiceId(call.service), want).ok()?;
            Some(Answer::loaded(loaded.as_ref()))
        }),
        What::End { body, .. } => {
            let (operation, target, now) = operation(storage, readers, call);
            Answer::ended(&operation.end(target, body.as_bytes(), now))
        }
        What::Commit { .. } => {
            let commit = storage.commit(&completion(readers, call)).ok()?;
            Some(Answer::committed(commit))
        }
        other => panic!("that is not the operation's: {other:?}"),
    }
}

/// The same of an asynchronous store.
pub async fn ask_async<S: AsyncStorage>(storage: &S, readers: &Readers, call: &Call) -> Option<Answer> {
    match &call.what {
        What::Load(wanted) => {
            let (kept, other) = (readers.kept().to_ascii_lowercase(), readers.other().to_ascii_lowercase());
            let named = [&*kept, &*other];
            let loaded = storage.load(ServiceId(call.service), want(*wanted, &named)).await.ok()?;
            Some(Answer::loaded(loaded.as_ref()))
        }
        What::End { body, .. } => {
            let (operation, target, now) = operation(storage, readers, call);
            Answer::ended(&operation.end_async(target, body.as_bytes(), now).await)
        }
        What::Commit { .. } => {
            let commit = storage.commit(&completion(readers, call)).await.ok()?;
            Some(Answer::committed(commit))
        }
        other => panic!("that is not the operation's: {other:?}"),
    }
}

fn operation<'s, S>(
    storage: &'s S,
    readers: &Readers,
    call: &Call,
) -> (CompleteService<&'s S>, Target, service_end::Timestamp) {
    let What::End { reading, replaces, at, now, .. } = &call.what else { panic!("{call:?}") };
    let policy = if *replaces { EndPolicy::ReplaceEarlier } else { EndPolicy::KeepFirst };
    let operation = CompleteService::new(readers.validator(*reading).clone(), storage)
        .with_end_rules(EndRules::new().with_policy(policy))
        .with_max_attempts(100);
    let id = ServiceId(call.service);
    (operation, at.map_or_else(|| id.into(), |version| id.at(version)), time(*now))
}

fn with_want<T>(wanted: Wanted, readers: &Readers, load: impl FnOnce(Want<'_>) -> T) -> T {
    let (kept, other) = (readers.kept().to_ascii_lowercase(), readers.other().to_ascii_lowercase());
    load(want(wanted, &[&*kept, &*other]))
}

fn want<'k>(wanted: Wanted, named: &'k [&'k str]) -> Want<'k> {
    match wanted {
        Wanted::Nothing => Want::Nothing,
        Wanted::Named => Want::Named(named),
        Wanted::All => Want::All,
    }
}

/// A store whose callers take their time, or let others go first, at random.
struct Dawdling<'s, S>(&'s S);

fn dawdle() {
    if fastrand::u8(..8) == 0 {
        thread::yield_now();
    } else {
        (0..fastrand::u8(..)).for_each(|_| hint::spin_loop());
    }
}

impl<S: Storage> Storage for Dawdling<'_, S> {
    type Error = S::Error;

    fn load(&self, id: ServiceId, want: Want<'_>) -> Result<Option<StoredService>, S::Error> {
        dawdle();
        let loaded = self.0.load(id, want);
        dawdle();
        loaded
    }

    fn commit(&self, completion: &Completion) -> Result<Commit, S::Error> {
        dawdle();
        let commit = self.0.commit(completion);
        dawdle();
        commit
    }
}
