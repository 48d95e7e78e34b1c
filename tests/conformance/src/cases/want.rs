//! Which extensions a read gives.

use service_end::storage::{AsyncStorage, Want};

use crate::bench::{Bench, end, load};
use crate::fault::Fault;
use crate::fixture::AsyncFixture;
use crate::known::Known;
use crate::sample::{counts, event, list, single};

/// A service with four extensions, active and then ended, read with each of these.
async fn read_with<F: AsyncFixture>(bench: &mut Bench<F>, wants: &[Want<'_>]) -> Result<(), Fault> {
    let (feedback, ratings) = (single("Feedback")?, list("Ratings")?);
    let storage = bench.fresh().await;
    let mut service = Known::active(1)
        .with(counts(&feedback, [1])?)
        .with(counts(&ratings, [1, 2])?)
        .with_text("removed", r#"{"a":1}"#)
        .with(counts(&single("Feedback_2")?, [2])?);
    bench.insert(&storage, &service).await;
    read_each(&storage, &service, wants).await?;
    end(&storage, &mut service, event(1, [counts(&ratings, [3])?])?).await?;
    read_each(&storage, &service, wants).await
}

async fn read_each<S: AsyncStorage>(storage: &S, service: &Known, wants: &[Want<'_>]) -> Result<(), Fault> {
    for want in wants {
        let found = load(storage, service.id, *want).await?;
        let when = format!("with {want:?}");
        service.compare(*want, found.as_ref()).map_err(|fault| fault.when(&when))?;
    }
    Ok(())
}

pub(crate) async fn only_what_is_wanted_is_loaded<F: AsyncFixture>(
    bench: &mut Bench<F>,
) -> Result<(), Fault> {
    let wants = [
        Want::Nothing,
        Want::Named(&[]),
        Want::Named(&["feedback"]),
        Want::Named(&["unknown"]),
        Want::Named(&["unknown", "ratings"]),
    ];
    read_with(bench, &wants).await
}

pub(crate) async fn all_that_is_wanted_is_loaded<F: AsyncFixture>(bench: &mut Bench<F>) -> Result<(), Fault> {
    let wants = [
        Want::All,
        Want::Named(&["feedback", "ratings"]),
        Want::Named(&["ratings", "feedback"]),
        Want::Named(&["ratings", "feedback_2", "removed", "feedback"]),
        // The same twice is the same once.
        Want::Named(&["ratings", "ratings"]),
    ];
    read_with(bench, &wants).await
}

pub(crate) async fn extensions_are_named_in_any_case<F: AsyncFixture>(
    bench: &mut Bench<F>,
) -> Result<(), Fault> {
    let wants = [
        Want::Named(&["Feedback"]),
        Want::Named(&["RATINGS", "Removed"]),
        Want::Named(&["feedback_2", "Feedback_2"]),
        Want::Named(&["UNKNOWN", "ratingS", "Ratings"]),
    ];
    read_with(bench, &wants).await
}
