//! Those who take notices out.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use service_end::storage::TakenNotice;
use service_end::value::{ServiceId, Version};

use crate::bench::Bench;
use crate::cases::notice::{end_one, ended, tell_all};
use crate::fault::{Fault, ensure};
use crate::fixture::AsyncFixture;
use crate::known::Known;
use crate::outbox::{LONG, SHORT};
use crate::together::{Call, pause};

pub(super) fn nothing(taken: &[TakenNotice], when: &str) -> Result<(), Fault> {
    ensure(taken.is_empty(), format!("nothing to take {when}"), || format!("{taken:?}"))
}

pub(super) fn version(taken: &TakenNotice) -> (ServiceId, Version) {
    (taken.service_id, taken.version)
}

pub(crate) async fn a_notice_is_held_by_one_worker_at_a_time<F: AsyncFixture>(
    bench: &mut Bench<F>,
) -> Result<(), Fault> {
    let workers = bench.callers()?;
    let storage = &bench.fresh().await;
    let outbox = &bench.outbox(storage)?;
    let all = ended(bench, storage, 1..=60).await?;
    let count = all.len();
    let mut calls: Vec<Call<'_, Result<Vec<TakenNotice>, Fault>>> = Vec::new();
    for worker in 0..workers {
        calls.push(Box::pin(async move {
            let mut held = Vec::new();
            let mut in_vain = 0;
            // Where many take at once, one may find nothing although there is something.
            while in_vain < 20 && held.len() <= count {
                let taken = outbox.take(1 + worker % 5, LONG).await?;
                in_vain = if taken.is_empty() { in_vain + 1 } else { 0 };
                held.extend(taken);
                pause().await;
            }
            Ok(held)
        }));
    }
    let held = bench.together.run(calls).await;
    let mut held: Vec<TakenNotice> = held.into_iter().collect::<Result<Vec<_>, Fault>>()?.concat();
    // Whatever a busy store has left, one that comes alone gets.
    while held.len() < count {
        let left = outbox.take(100, LONG).await?;
        if left.is_empty() {
            break;
        }
        held.extend(left);
    }
    tell_all(&held, &all).map_err(|fault| fault.when("of many workers"))
}

pub(crate) async fn many_workers_tell_everything_once_and_in_order<F: AsyncFixture>(
    bench: &mut Bench<F>,
) -> Result<(), Fault> {
    const SERVICES: i64 = 12;
    const ENDS: i64 = 4;
    let callers = bench.callers()?;
    let storage = &bench.fresh().await;
    let outbox = &bench.outbox(storage)?;
    for id in 1..=SERVICES {
        bench.insert(storage, &Known::active(id)).await;
    }
    let left = &AtomicI64::new(SERVICES * ENDS);
    let (ended, told) = (&Mutex::new(Vec::new()), &Mutex::new(Vec::new()));
    let enders = i64::try_from(callers / 2).unwrap_or(1);
    let mut calls: Vec<Call<'_, Result<(), Fault>>> = Vec::new();
    for ender in 0..enders {
        calls.push(Box::pin(async move {
            for number in 1..=ENDS {
                for id in (1..=SERVICES).filter(|id| id % enders == ender) {
                    let version = end_one(storage, id, number).await?.version();
                    lock(ended).push((ServiceId(id), version));
                    pause().await;
                }
            }
            Ok(())
        }));
    }
    for _ in enders..i64::try_from(callers).unwrap_or(2) {
        calls.push(Box::pin(async move {
            let mut tries = 0;
            while left.load(Ordering::Acquire) > 0 && tries < 50_000 {
                let taken = outbox.take(3, LONG).await?;
                lock(told).extend(taken.iter().map(version));
                pause().await;
                outbox.confirms(&taken, taken.len()).await?;
                left.fetch_sub(i64::try_from(taken.len()).unwrap_or(0), Ordering::AcqRel);
                tries += 1;
                pause().await;
            }
            Ok(())
        }));
    }
    bench.together.run(calls).await.into_iter().collect::<Result<(), Fault>>()?;
    let by_service = |all: &[(ServiceId, Version)]| {
        let mut versions: BTreeMap<ServiceId, Vec<Version>> = BTreeMap::new();
        for (id, version) in all {
            versions.entry(*id).or_default().push(*version);
        }
        versions
    };
    let (ended, told) = (by_service(&lock(ended)), by_service(&lock(told)));
    for (id, versions) in &ended {
        let found = told.get(id).cloned().unwrap_or_default();
        ensure(
            found == *versions,
            format!("of service {id} each notice once, in order: {versions:?}"),
            || format!("{found:?}"),
        )?;
    }
    outbox.waits(0).await
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

pub(crate) async fn what_is_given_back_can_be_taken_after_its_pause<F: AsyncFixture>(
    bench: &mut Bench<F>,
) -> Result<(), Fault> {
    let storage = bench.fresh().await;
    let outbox = bench.outbox(&storage)?;
    let all = ended(bench, &storage, 1..=2).await?;
    for _ in 0..3 {
        let mut taken = outbox.take_in_time(10, LONG).await?;
        while taken.len() < 2 {
            let more = outbox.take_in_time(10, LONG).await?;
            if more.is_empty() {
                break;
            }
            taken.extend(more);
        }
        tell_all(&taken, &all)?;
        outbox.releases(&taken, SHORT, 2).await?;
        outbox.waits(2).await?;
    }
    let paused = outbox.take_in_time(1, LONG).await?;
    outbox.releases(&paused, LONG, 1).await?;
    let other = outbox.take_in_time(10, LONG).await?;
    let is_other = |taken: &TakenNotice| paused.iter().all(|paused| paused.id() != taken.id());
    let one = other.len() == 1 && other.iter().all(is_other);
    ensure(one, "the other one while one pauses", || format!("{other:?}"))?;
    nothing(&outbox.take(10, LONG).await?, "during the pause")
}

pub(crate) async fn what_is_given_back_is_held_no_longer<F: AsyncFixture>(
    bench: &mut Bench<F>,
) -> Result<(), Fault> {
    const NONE: Duration = Duration::ZERO;
    let storage = bench.fresh().await;
    let outbox = bench.outbox(&storage)?;
    let mut waiting = 0;
    // At once and much later; and then the worker wants it the other way round.
    for (id, pause, other) in [(1, LONG, NONE), (2, NONE, LONG)] {
        let all = ended(bench, &storage, [id]).await?;
        let before = outbox.take_in_time(10, LONG).await?;
        tell_all(&before, &all)?;
        waiting += 1;
        outbox.releases(&before, pause, 1).await?;
        let given_back = |fault: Fault| fault.when("of what was given back");
        outbox.confirms(&before, 0).await.map_err(given_back)?;
        outbox.releases(&before, other, 0).await.map_err(given_back)?;
        outbox.waits(waiting).await.map_err(given_back)?;
        if pause == LONG {
            nothing(&outbox.take(10, LONG).await?, "during the pause that was asked for first")?;
            continue;
        }
        let again = outbox.take_in_time(10, LONG).await?;
        tell_all(&again, &all).map_err(|fault| fault.when("after the pause that was asked for first"))?;
        // Nor is it held by who gave it back when another worker has it.
        outbox.confirms(&before, 0).await.map_err(given_back)?;
        outbox.releases(&before, NONE, 0).await.map_err(given_back)?;
        nothing(&outbox.take(10, LONG).await?, "while another worker holds it")?;
        outbox.confirms(&again, 1).await?;
        outbox.waits(waiting - 1).await?;
    }
    Ok(())
}

/// Demands that exactly one notice was taken, the first time or again.
fn is_attempt(taken: &[TakenNotice], expected: u32, when: &str) -> Result<(), Fault> {
    let attempts: Vec<_> = taken.iter().map(|taken| taken.attempt).collect();
    ensure(attempts == [expected], format!("one notice, and attempt {expected} {when}"), || {
        format!("{attempts:?}")
    })
}

pub(crate) async fn each_time_that_a_notice_is_taken_counts_as_an_attempt<F: AsyncFixture>(
    bench: &mut Bench<F>,
) -> Result<(), Fault> {
    let storage = bench.fresh().await;
    let outbox = bench.outbox(&storage)?;
    bench.insert(&storage, &Known::active(1)).await;
    for number in 1..=2 {
        end_one(&storage, 1, number).await?;
    }
    is_attempt(&outbox.take(10, SHORT).await?, 1, "the first time")?;
    is_attempt(&outbox.take_in_time(10, SHORT).await?, 2, "once its lease has run out")?;
    let taken = outbox.take_in_time(10, LONG).await?;
    is_attempt(&taken, 3, "once its lease has run out")?;
    outbox.releases(&taken, SHORT, 1).await?;
    let taken = outbox.take_in_time(10, LONG).await?;
    is_attempt(&taken, 4, "once it was given back")?;
    outbox.confirms(&taken, 1).await?;
    let next = outbox.take_in_time(10, LONG).await?;
    is_attempt(&next, 1, "of the next notice of the service")
}

pub(crate) async fn a_worker_that_comes_too_late_changes_nothing<F: AsyncFixture>(
    bench: &mut Bench<F>,
) -> Result<(), Fault> {
    let storage = bench.fresh().await;
    let outbox = bench.outbox(&storage)?;
    let mut all = ended(bench, &storage, [1]).await?;
    let late = outbox.take(10, SHORT).await?;
    let now = outbox.take_in_time(10, LONG).await?;
    tell_all(&now, &all)?;
    outbox.confirms(&late, 0).await.map_err(|fault| fault.when("when another has it"))?;
    outbox.releases(&late, SHORT, 0).await.map_err(|fault| fault.when("when another has it"))?;
    outbox.waits(1).await?;
    outbox.confirms(&now, 1).await?;
    // The next notice of the service is none of the late one's.
    let next = end_one(&storage, 1, 2).await?;
    all.clear();
    all.insert(next.notice("/").id(), next);
    for confirmed in [&late, &now] {
        outbox.confirms(confirmed, 0).await?;
    }
    let taken = outbox.take(10, LONG).await?;
    tell_all(&taken, &all)?;
    outbox.confirms(&late, 0).await?;
    outbox.waits(1).await?;
    outbox.confirms(&taken, 1).await
}
