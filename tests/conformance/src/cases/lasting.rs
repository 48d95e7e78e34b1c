//! What was committed stays so.

use std::collections::BTreeSet;

use service_end::storage::{AsyncStorage, Commit, Want};
use service_end::value::Version;

use crate::bench::{Bench, commits, completion, completion_at, end, holds, load, present};
use crate::fault::{Fault, ensure};
use crate::fixture::AsyncFixture;
use crate::known::Known;
use crate::sample::{counts, event, list, nothing, single};

/// Every way to read it.
const WANTS: [Want<'static>; 4] =
    [Want::Nothing, Want::Named(&["feedback"]), Want::Named(&["ratings", "feedback"]), Want::All];

/// Demands that each way to read a service gives what it must hold, at one version.
async fn seen<S: AsyncStorage>(storage: &S, service: &Known) -> Result<Version, Fault> {
    let mut versions = BTreeSet::new();
    for want in WANTS {
        let found = load(storage, service.id, want).await?;
        service.compare(want, found.as_ref())?;
        versions.extend(found.map(|found| found.version));
    }
    let mut all = versions.iter();
    match (all.next(), all.next()) {
        (Some(version), None) => Ok(*version),
        _ => Err(Fault::new("one version, however it is read", format!("versions {versions:?}"))),
    }
}

pub(crate) async fn a_commit_is_seen_by_every_later_read<F: AsyncFixture>(
    bench: &mut Bench<F>,
) -> Result<(), Fault> {
    let (feedback, ratings) = (single("Feedback")?, list("Ratings")?);
    let storage = bench.fresh().await;
    let mut service = Known::active(1).with(counts(&ratings, [1, 2])?);
    bench.insert(&storage, &service).await;
    let mut before = seen(&storage, &service).await?;
    for number in 1..=5 {
        let extensions = [counts(&feedback, [number])?, counts(&ratings, 0..number % 3)?];
        let at_hand = completion_at(service.id, before, service.end.is_some(), event(number, extensions)?)?;
        commits(&storage, &at_hand, Commit::Committed).await?;
        service.apply(&at_hand);
        let after = seen(&storage, &service).await?;
        ensure(after != before, format!("after a commit another version than {before}"), || {
            "the same".to_owned()
        })?;
        before = after;
    }
    Ok(())
}

pub(crate) async fn a_commit_is_seen_through_another_handle<F: AsyncFixture>(
    bench: &mut Bench<F>,
) -> Result<(), Fault> {
    let feedback = single("Feedback")?;
    let one = bench.fresh().await;
    let other = bench.another(&one).await?;
    let mut service = Known::active(1);
    bench.insert(&one, &service).await;
    for number in 1..=5 {
        // They take turns: what one commits the other sees, and what the other read before is stale.
        let (writer, reader) = if number % 2 == 0 { (&one, &other) } else { (&other, &one) };
        seen(reader, &service).await?;
        let read = present(reader, service.id).await?;
        end(writer, &mut service, event(number, [counts(&feedback, [number])?])?).await?;
        let when = |fault: Fault| fault.when("after a commit through another handle");
        seen(reader, &service).await.map_err(when)?;
        let late = completion(&read, event(99, [])?)?;
        commits(reader, &late, Commit::Stale).await.map_err(when)?;
    }
    holds(&one, &service).await
}

pub(crate) async fn what_was_committed_is_there_after_reopening<F: AsyncFixture>(
    bench: &mut Bench<F>,
) -> Result<(), Fault> {
    let (feedback, ratings) = (single("Feedback")?, list("Ratings")?);
    let mut storage = bench.fresh().await;
    let mut ended = Known::active(1).with(counts(&ratings, [1, 2])?).with_text("removed", r#"{"a":1}"#);
    let active = Known::active(2).with(counts(&feedback, [3])?);
    let mut cleared = Known::active(3).with(counts(&ratings, [4])?);
    for service in [&ended, &active, &cleared] {
        bench.insert(&storage, service).await;
    }
    for number in 1..=2 {
        end(&storage, &mut ended, event(number, [counts(&feedback, [number])?])?).await?;
        end(&storage, &mut cleared, event(number, [nothing(&ratings)?])?).await?;
        storage = bench.reopen(storage).await?;
        for service in [&ended, &active, &cleared] {
            holds(&storage, service).await.map_err(|fault| fault.when("after reopening"))?;
        }
    }
    Ok(())
}

pub(crate) async fn a_version_never_comes_back_after_reopening<F: AsyncFixture>(
    bench: &mut Bench<F>,
) -> Result<(), Fault> {
    let mut storage = bench.fresh().await;
    let service = Known::active(1);
    bench.insert(&storage, &service).await;
    let mut passed = BTreeSet::new();
    for number in 0..12 {
        if number % 3 == 2 {
            storage = bench.reopen(storage).await?;
            for version in &passed {
                let late = completion_at(service.id, *version, true, event(99, [])?)?;
                commits(&storage, &late, Commit::Stale).await.map_err(|fault| {
                    fault.when(&format!("after reopening, at version {version}, which has passed"))
                })?;
            }
        }
        let read = present(&storage, service.id).await?;
        ensure(passed.insert(read.version), "a version not seen before", || {
            format!("version {} once more", read.version)
        })?;
        commits(&storage, &completion(&read, event(number, [])?)?, Commit::Committed).await?;
    }
    Ok(())
}
