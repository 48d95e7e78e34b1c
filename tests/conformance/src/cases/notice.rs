//! Notices: of what they are kept, and for how long.

use std::collections::BTreeMap;

use service_end::service::Completion;
use service_end::storage::{AsyncStorage, Commit, TakenNotice, Want};
use service_end::value::{ServiceId, Version};

use crate::bench::{Bench, commit, commits, completion, completion_at, load, present};
use crate::fault::{Fault, ensure};
use crate::fixture::AsyncFixture;
use crate::known::Known;
use crate::outbox::{LONG, OutboxUnderTest, SHORT};
use crate::sample::{counts, event, everything, list, records, single};
use crate::together::{Call, Together, give_up_after, pause};

/// Ends a service at the version that is read.
pub(super) async fn end_one<S: AsyncStorage>(storage: &S, id: i64, number: i64) -> Result<Completion, Fault> {
    let (feedback, ratings) = (single("Feedback")?, list("Ratings")?);
    let read = present(storage, ServiceId(id)).await?;
    let event = event(number, [counts(&feedback, [number])?, counts(&ratings, [number, id])?])?;
    let completion = completion(&read, event)?;
    commits(storage, &completion, Commit::Committed).await?;
    Ok(completion)
}

/// Puts services of these ids into the store, and ends each.
pub(super) async fn ended<F: AsyncFixture>(
    bench: &mut Bench<F>,
    storage: &F::Storage,
    ids: impl IntoIterator<Item = i64>,
) -> Result<BTreeMap<String, Completion>, Fault> {
    let mut completions = BTreeMap::new();
    for id in ids {
        bench.insert(storage, &Known::active(id)).await;
        let completion = end_one(storage, id, id).await?;
        completions.insert(completion.notice("/").id(), completion);
    }
    Ok(completions)
}

/// Demands that a notice tells of this completion, from whatever source and by whatever types.
pub(super) fn tells(taken: &TakenNotice, completion: &Completion) -> Result<(), Fault> {
    let parsed = |json: &str| serde_json::from_str::<serde_json::Value>(json).unwrap_or_default();
    let (mut known, mut found) = (parsed(&completion.notice("/").to_json()), parsed(&taken.json));
    for key in ["source", "type"] {
        let named = found.get(key).and_then(serde_json::Value::as_str).is_some_and(|name| !name.is_empty());
        ensure(named, format!("a notice with a `{key}`"), || format!("notice {} without one", taken.id()))?;
        for json in [&mut known, &mut found] {
            json.as_object_mut().map(|members| members.remove(key));
        }
    }
    if known == found {
        return Ok(());
    }
    Err(Fault::texts(&format!("notice {} to be", taken.id()), &known.to_string(), &found.to_string()))
}

/// Demands that these notices tell of these completions, each once.
pub(super) fn tell_all(taken: &[TakenNotice], ended: &BTreeMap<String, Completion>) -> Result<(), Fault> {
    let ids: Vec<String> = taken.iter().map(TakenNotice::id).collect();
    for notice in taken {
        let id = notice.id();
        let Some(completion) = ended.get(&id) else {
            return Err(Fault::new("notices of what has happened", format!("notice {id}")));
        };
        tells(notice, completion)?;
    }
    let (mut sorted, expected): (Vec<&String>, Vec<&String>) = (ids.iter().collect(), ended.keys().collect());
    sorted.sort_unstable();
    ensure(sorted == expected, format!("each of these notices once: {expected:?}"), || format!("{ids:?}"))
}

pub(crate) async fn every_end_leaves_its_notice<F: AsyncFixture>(bench: &mut Bench<F>) -> Result<(), Fault> {
    let storage = bench.fresh().await;
    let outbox = bench.outbox(&storage)?;
    outbox.waits(0).await?;
    ensure(outbox.take(10, LONG).await?.is_empty(), "an empty outbox", || "a notice".to_owned())?;
    let mut all = ended(bench, &storage, [1, -2, i64::MAX, i64::MIN]).await?;
    tell_all(&outbox.take(10, LONG).await?, &all)?;
    // One that replaces an end, and brings other extensions.
    let ended_before = Known::active(7);
    bench.insert(&storage, &ended_before).await;
    all.clear();
    for number in [1, 2] {
        let completion = end_one(&storage, 7, number).await?;
        all.insert(completion.notice("/").id(), completion);
        let taken = outbox.take(10, LONG).await?;
        tell_all(&taken, &all)?;
        outbox.confirms(&taken, 1).await?;
        all.clear();
    }
    Ok(())
}

pub(crate) async fn what_changes_nothing_is_not_told<F: AsyncFixture>(
    bench: &mut Bench<F>,
) -> Result<(), Fault> {
    let storage = bench.fresh().await;
    let outbox = bench.outbox(&storage)?;
    bench.insert(&storage, &Known::active(1)).await;
    let ratings = list("Ratings")?;
    let said = || event(1, [counts(&ratings, [1])?]);
    let Version(version) = present(&storage, ServiceId(1)).await?.version;
    for (id, version) in [(1, version.wrapping_add(1)), (1, version.wrapping_sub(1)), (2, version)] {
        let stale = completion_at(id, version, false, said()?)?;
        commits(&storage, &stale, Commit::Stale).await?;
    }
    if let Some(bytes) = bench.options.too_large {
        let whole = records(&everything()?, ["x".repeat(bytes)], |record, text| {
            record.set("text", &*text);
        })?;
        let large = completion_at(1, version, false, event(1, [whole])?)?;
        commits(&storage, &large, Commit::TooLarge).await?;
    }
    // Of another schema than the one registered, where the store keeps schemas.
    if bench.register(&storage, &single("Ratings")?).await.is_ok() {
        let old = completion_at(1, version, false, said()?)?;
        commits(&storage, &old, Commit::SchemaChanged).await?;
    }
    outbox.waits(0).await?;
    let taken = outbox.take(10, LONG).await?;
    ensure(taken.is_empty(), "no notice of what has changed nothing", || format!("{taken:?}"))
}

pub(crate) async fn a_notice_is_not_there_before_its_end<F: AsyncFixture>(
    bench: &mut Bench<F>,
) -> Result<(), Fault> {
    const ENDS: i64 = 40;
    let callers = bench.callers()?;
    let storage = &bench.fresh().await;
    let outbox = &bench.outbox(storage)?;
    for id in 1..=ENDS {
        bench.insert(storage, &Known::active(id)).await;
    }
    let enders = i64::try_from(callers - 1).unwrap_or(1);
    let mut calls: Vec<Call<'_, Result<(), Fault>>> = Vec::new();
    for ender in 0..enders {
        calls.push(Box::pin(async move {
            for id in (1..=ENDS).filter(|id| id % enders == ender) {
                end_one(storage, id, id).await?;
                pause().await;
            }
            Ok(())
        }));
    }
    calls.push(Box::pin(async move {
        let mut told = 0;
        let mut tries = 0;
        while told < ENDS && tries < 100_000 {
            for taken in outbox.take(10, LONG).await? {
                let service = present(storage, taken.service_id).await?;
                let found = || format!("notice {} of a service that is as before", taken.id());
                ensure(service.version != taken.version, "no notice before its end", found)?;
                told += 1;
            }
            tries += 1;
            pause().await;
        }
        ensure(told == ENDS, format!("{ENDS} notices"), || told.to_string())
    }));
    bench.together.run(calls).await.into_iter().collect()
}

pub(crate) async fn a_notice_stays_until_it_is_confirmed<F: AsyncFixture>(
    bench: &mut Bench<F>,
) -> Result<(), Fault> {
    let storage = bench.fresh().await;
    let outbox = bench.outbox(&storage)?;
    let all = ended(bench, &storage, [1]).await?;
    let first = outbox.take(10, SHORT).await?;
    tell_all(&first, &all)?;
    // The worker dies here. Another one has it when the lease has run out, and dies too.
    for _ in 0..2 {
        let again = outbox.take_in_time(10, SHORT).await?;
        tell_all(&again, &all).map_err(|fault| fault.when("when a worker has died"))?;
        let same = again.iter().zip(&first).all(|(again, first)| again.json == first.json);
        ensure(same, "the same text each time", || "another".to_owned())?;
    }
    outbox.waits(1).await?;
    outbox.confirms(&outbox.take_in_time(10, LONG).await?, 1).await?;
    outbox.waits(0).await?;
    let taken = outbox.take(10, SHORT).await?;
    ensure(taken.is_empty(), "nothing once it is confirmed", || format!("{taken:?}"))
}

pub(crate) async fn notices_are_there_after_reopening<F: AsyncFixture>(
    bench: &mut Bench<F>,
) -> Result<(), Fault> {
    let storage = bench.fresh().await;
    let mut all = ended(bench, &storage, 1..=4).await?;
    {
        let outbox = bench.outbox(&storage)?;
        let confirmed = outbox.take(1, LONG).await?;
        outbox.confirms(&confirmed, 1).await?;
        all.retain(|id, _| confirmed.iter().all(|confirmed| confirmed.id() != *id));
        // Held by a worker that dies with the host.
        drop(outbox.take(1, SHORT).await?);
    }
    let storage = bench.reopen(storage).await?;
    let outbox = bench.outbox(&storage)?;
    let mut found = Vec::new();
    while found.len() < all.len() {
        let taken = outbox.take_in_time(10, LONG).await?;
        if taken.is_empty() {
            break;
        }
        found.extend(taken);
    }
    tell_all(&found, &all).map_err(|fault| fault.when("after reopening"))?;
    outbox.waits(3).await
}

pub(crate) async fn a_dropped_commit_is_told_if_it_has_happened<F: AsyncFixture>(
    bench: &mut Bench<F>,
) -> Result<(), Fault> {
    if bench.together == Together::Threads {
        return Err(Fault::skip("the call of a sync store can't be dropped"));
    }
    let storage = bench.fresh().await;
    let outbox = bench.outbox(&storage)?;
    for (polls, id) in (1..=12).zip(1..) {
        bench.insert(&storage, &Known::active(id)).await;
        let read = present(&storage, ServiceId(id)).await?;
        let completion = completion(&read, event(id, [counts(&single("Feedback")?, [id])?])?)?;
        if let Some(Err(error)) = give_up_after(polls, storage.commit(&completion)).await {
            return Err(Fault::error("an answer to a commit", &error));
        }
        // What is still under way comes to its end. Then the same again, which is stale if it has happened.
        let again = commit(&storage, &completion).await?;
        let happened = matches!(again, Commit::Committed | Commit::Stale);
        ensure(happened, "a commit or a stale one", || format!("{again:?}"))?;
        let found = load(&storage, ServiceId(id), Want::Nothing).await?;
        ensure(found.is_some_and(|found| found.end.is_some()), "an end by now", || "none".to_owned())?;
        told_once(&outbox, completion).await?;
    }
    Ok(())
}

/// Demands that exactly this is told.
async fn told_once(outbox: &OutboxUnderTest<'_>, completion: Completion) -> Result<(), Fault> {
    let taken = outbox.take(10, LONG).await?;
    tell_all(&taken, &BTreeMap::from([(completion.notice("/").id(), completion)]))
        .map_err(|fault| fault.when("after a dropped commit"))?;
    outbox.confirms(&taken, 1).await
}
