//! Commits at another version than the service is at.

use std::collections::BTreeSet;

use service_end::storage::{AsyncStorage, Commit, Want};
use service_end::value::{ServiceId, Version};

use crate::bench::{Bench, commits, completion, completion_at, end, holds, load, present};
use crate::fault::{Fault, ensure};
use crate::fixture::AsyncFixture;
use crate::known::Known;
use crate::sample::{counts, event, list, nothing, single};

pub(crate) async fn a_commit_on_an_unknown_service_is_stale<F: AsyncFixture>(
    bench: &mut Bench<F>,
) -> Result<(), Fault> {
    let feedback = single("Feedback")?;
    let storage = bench.fresh().await;
    bench.insert(&storage, &Known::active(2)).await;
    let unknown = ServiceId(1);
    for version in [0, 1, i64::MAX, i64::MIN] {
        for ended in [false, true] {
            for extensions in [vec![], vec![counts(&feedback, [1])?]] {
                let completion = completion_at(unknown, version, ended, event(1, extensions)?)?;
                commits(&storage, &completion, Commit::Stale).await?;
                let loaded = load(&storage, unknown, Want::All).await?;
                ensure(loaded.is_none(), "the unknown service still unknown after a stale commit", || {
                    format!("{loaded:?}")
                })?;
            }
        }
    }
    // Nothing may be left that appears when there is such a service.
    let service = Known::active(unknown);
    bench.insert(&storage, &service).await;
    holds(&storage, &service).await
}

pub(crate) async fn a_commit_at_another_version_is_stale<F: AsyncFixture>(
    bench: &mut Bench<F>,
) -> Result<(), Fault> {
    let (feedback, ratings) = (single("Feedback")?, list("Ratings")?);
    let storage = bench.fresh().await;
    let mut service = Known::active(1).with(counts(&feedback, [1])?).with(counts(&ratings, [1, 2])?);
    bench.insert(&storage, &service).await;
    let mut passed = BTreeSet::new();
    for number in 1..=4 {
        let read = present(&storage, service.id).await?;
        let next = Version(read.version.0.wrapping_add(1));
        let previous = Version(read.version.0.wrapping_sub(1));
        let beyond = Version(read.version.0 ^ (1 << 62));
        let others = passed.iter().copied().chain([
            next,
            previous,
            beyond,
            Version(0),
            Version(i64::MAX),
            Version(-1),
        ]);
        for version in others.filter(|version| *version != read.version) {
            let extensions = [counts(&feedback, [99])?, nothing(&ratings)?];
            let late = completion_at(service.id, version, service.end.is_some(), event(99, extensions)?)?;
            let when = format!("at version {} a commit for version {version}", read.version);
            commits(&storage, &late, Commit::Stale).await.map_err(|fault| fault.when(&when))?;
            changed_nothing(&storage, &service, read.version).await?;
        }
        passed.insert(read.version);
        end(&storage, &mut service, event(number, [counts(&feedback, [number])?])?).await?;
    }
    Ok(())
}

async fn changed_nothing<S: AsyncStorage>(
    storage: &S,
    service: &Known,
    version: Version,
) -> Result<(), Fault> {
    holds(storage, service).await.map_err(|fault| fault.when("after a stale commit"))?;
    let now = present(storage, service.id).await?.version;
    ensure(now == version, format!("after a stale commit, still version {version}"), || {
        format!("version {now}")
    })
}

pub(crate) async fn a_version_never_comes_back<F: AsyncFixture>(bench: &mut Bench<F>) -> Result<(), Fault> {
    let feedback = single("Feedback")?;
    let storage = bench.fresh().await;
    let service = Known::active(1);
    bench.insert(&storage, &service).await;
    let mut versions = BTreeSet::new();
    for number in 0..100 {
        let read = present(&storage, service.id).await?;
        ensure(
            versions.insert(read.version),
            format!("after {number} commits, a version not seen before"),
            || format!("version {} once more", read.version),
        )?;
        // What is committed does come back, every other time: a version is no digest of it.
        let again = number % 2;
        let completion = completion(&read, event(again, [counts(&feedback, [again])?])?)?;
        commits(&storage, &completion, Commit::Committed).await?;
    }
    let mut generator = bench.generator();
    let versions: Vec<Version> = versions.into_iter().collect();
    for version in (0..10).filter_map(|_| generator.pick(&versions).copied()) {
        let late = completion_at(service.id, version, true, event(99, [])?)?;
        commits(&storage, &late, Commit::Stale)
            .await
            .map_err(|fault| fault.when("at a version long passed"))?;
    }
    Ok(())
}
