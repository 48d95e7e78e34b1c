//! What waits: what comes first, how much of it, and how much there is.

use std::time::Duration;

use service_end::storage::{Commit, TakenNotice};
use service_end::value::ServiceId;

use crate::bench::{Bench, commits, completion, present};
use crate::cases::notice::{end_one, ended, tell_all};
use crate::cases::worker::{nothing, version};
use crate::fault::{Fault, ensure};
use crate::fixture::AsyncFixture;
use crate::known::Known;
use crate::outbox::{LONG, SHORT};
use crate::sample::{event, everything, records};

pub(crate) async fn notices_of_one_service_come_one_at_a_time_in_their_order<F: AsyncFixture>(
    bench: &mut Bench<F>,
) -> Result<(), Fault> {
    let storage = bench.fresh().await;
    let outbox = bench.outbox(&storage)?;
    bench.insert(&storage, &Known::active(7)).await;
    let mut expected = Vec::new();
    for number in 1..=12 {
        expected.push((ServiceId(7), end_one(&storage, 7, number).await?.version()));
    }
    ended(bench, &storage, [8]).await?;
    let first = outbox.take(100, LONG).await?;
    let (of_other, mut held): (Vec<_>, Vec<_>) =
        first.into_iter().partition(|taken| taken.service_id == ServiceId(8));
    ensure(of_other.len() == 1, "the notice of another service beside it", || "none".to_owned())?;
    outbox.confirms(&of_other, 1).await?;
    for (place, next) in expected.iter().enumerate() {
        let found: Vec<_> = held.iter().map(version).collect();
        ensure(found == [*next], format!("the notice at version {}, alone", next.1), || {
            format!("{found:?}")
        })?;
        nothing(&outbox.take(100, LONG).await?, "while the one before is held")?;
        if place == 3 {
            // Told in vain: it comes again, and not the next one.
            outbox.releases(&held, SHORT, 1).await?;
            held = outbox.take_in_time(100, LONG).await?;
            let found: Vec<_> = held.iter().map(version).collect();
            ensure(found == [*next], "the one that was given back", || format!("{found:?}"))?;
        }
        outbox.confirms(&held, 1).await?;
        held = outbox.take(100, LONG).await?;
    }
    nothing(&held, "once all are confirmed")?;
    outbox.waits(0).await
}

pub(crate) async fn those_that_have_waited_longest_come_first<F: AsyncFixture>(
    bench: &mut Bench<F>,
) -> Result<(), Fault> {
    // In no order of their ids. One ends twice, and others between and behind.
    const ENDED: [i64; 10] = [50, -3, 9, i64::MAX, 1, 50, 7, i64::MIN, 20, 3];
    let storage = bench.fresh().await;
    let outbox = bench.outbox(&storage)?;
    let mut expected = Vec::new();
    for (id, number) in ENDED.into_iter().zip(1..) {
        if expected.iter().all(|(earlier, _)| *earlier != ServiceId(id)) {
            bench.insert(&storage, &Known::active(id)).await;
        }
        expected.push((ServiceId(id), end_one(&storage, id, number).await?.version()));
        // Stores count in milliseconds, and no runtime is known here that could wait.
        std::thread::sleep(Duration::from_millis(3));
    }
    let mut found = Vec::new();
    for limit in [1, 1, 1, 2, 1, 3, 1] {
        let taken = outbox.take(limit, LONG).await?;
        found.extend(taken.iter().map(version));
        ensure(expected.starts_with(&found), format!("in the order of {ENDED:?}"), || {
            let ids: Vec<i64> = found.iter().map(|(ServiceId(id), _)| *id).collect();
            format!("{ids:?}")
        })?;
        outbox.confirms(&taken, limit).await?;
    }
    outbox.waits(0).await
}

pub(crate) async fn no_more_is_taken_than_asked_for<F: AsyncFixture>(
    bench: &mut Bench<F>,
) -> Result<(), Fault> {
    let storage = bench.fresh().await;
    let outbox = bench.outbox(&storage)?;
    let all = ended(bench, &storage, 1..=10).await?;
    let mut held = Vec::new();
    for limit in [0, 1, 3, 100] {
        held.extend(outbox.take(limit, LONG).await?);
    }
    tell_all(&held, &all)?;
    outbox.confirms(&held, 10).await?;
    // Long ones: of eight million bytes together some have to wait.
    let bytes = bench.options.too_large.map_or(3_000_000, |bytes| (bytes / 8).clamp(100_000, 3_000_000));
    let count = TakenNotice::MAX_BYTES / bytes + 2;
    let whole = records(&everything()?, ["x".repeat(bytes)], |record, text| {
        record.set("text", &*text);
    })?;
    let mut expected = 0;
    for id in (100..).take(count) {
        bench.insert(&storage, &Known::active(id)).await;
        let read = present(&storage, ServiceId(id)).await?;
        let completion = completion(&read, event(id, [whole.clone()])?)?;
        commits(&storage, &completion, Commit::Committed).await?;
        expected += 1;
    }
    let mut found = 0;
    while found < expected {
        let taken = outbox.take_in_time(100, LONG).await?;
        ensure(!taken.is_empty(), "the others in a later call", || format!("{found} of {expected}"))?;
        let untouched = taken.iter().all(|taken| taken.attempt == 1);
        ensure(untouched, "that what was left is as it was", || format!("{taken:?}"))?;
        found += taken.len();
        outbox.confirms(&taken, taken.len()).await?;
    }
    outbox.waits(0).await
}

pub(crate) async fn the_backlog_counts_what_is_not_confirmed<F: AsyncFixture>(
    bench: &mut Bench<F>,
) -> Result<(), Fault> {
    let storage = bench.fresh().await;
    let outbox = bench.outbox(&storage)?;
    ended(bench, &storage, 1..=3).await?;
    end_one(&storage, 3, 2).await?;
    outbox.waits(4).await?;
    let age = outbox.age().await?;
    let held = outbox.take(2, LONG).await?;
    outbox.waits(4).await.map_err(|fault| fault.when("while some are held"))?;
    let later = outbox.age().await?;
    ensure(later >= age, format!("at least the age of before, {age:?}"), || format!("{later:?}"))?;
    outbox.confirms(&held, 2).await?;
    outbox.waits(2).await?;
    for left in [1, 0] {
        let held = outbox.take(1, LONG).await?;
        outbox.confirms(&held, 1).await?;
        outbox.waits(left).await?;
    }
    Ok(())
}

pub(crate) async fn the_backlog_is_right_after_every_step<F: AsyncFixture>(
    bench: &mut Bench<F>,
) -> Result<(), Fault> {
    let storage = bench.fresh().await;
    let outbox = bench.outbox(&storage)?;
    let mut held = Vec::new();
    // The later of two is confirmed, and further ones come before and after.
    for (first, waiting) in [(1, 0), (4, 2), (7, 4)] {
        ended(bench, &storage, [first, first + 1]).await?;
        outbox.waits(waiting + 2).await?;
        held.extend(outbox.take_in_time(2, LONG).await?);
        outbox.waits(waiting + 2).await.map_err(|fault| fault.when("when two more are held"))?;
        ended(bench, &storage, [first + 2]).await?;
        outbox.waits(waiting + 3).await.map_err(|fault| fault.when("when one more has come"))?;
        let later = held.pop();
        outbox.confirms(later.as_slice(), 1).await?;
        outbox.waits(waiting + 2).await.map_err(|fault| fault.when("when the later one is confirmed"))?;
        outbox.confirms(later.as_slice(), 0).await?;
        outbox.waits(waiting + 2).await.map_err(|fault| fault.when("when it is confirmed again"))?;
    }
    // Six wait. A second notice of one that is held, and of one that is not.
    for id in [1, 9] {
        end_one(&storage, id, id).await?;
    }
    outbox.waits(8).await?;
    outbox.releases(held.pop().as_slice(), Duration::ZERO, 1).await?;
    outbox.waits(8).await.map_err(|fault| fault.when("when one is given back"))?;
    let mut waiting = 8;
    while waiting > 0 {
        held.extend(outbox.take(10, LONG).await?);
        if held.is_empty() {
            held = outbox.take_in_time(10, LONG).await?;
        }
        outbox.waits(waiting).await?;
        // The last first, and in the end the first.
        let last = held.pop();
        ensure(last.is_some(), format!("something to take of {waiting} notices"), || "nothing".to_owned())?;
        waiting -= 1;
        outbox.confirms(last.as_slice(), 1).await?;
        outbox.waits(waiting).await.map_err(|fault| fault.when("when the last one is confirmed"))?;
    }
    ended(bench, &storage, [10]).await?;
    outbox.waits(1).await
}
