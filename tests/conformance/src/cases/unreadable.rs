//! Stored extensions that today's schemas can't read.

use service_end::service::{Service, Unreadable};
use service_end::storage::{AsyncStorage, Want};

use crate::bench::{Bench, end, holds, load};
use crate::fault::{Fault, ensure};
use crate::fixture::AsyncFixture;
use crate::known::Known;
use crate::sample::{counts, event, list, schemas, single};

/// JSON that no schema of the suite reads: `removed` has none, and `ratings` is a list of numbers today.
fn with_unreadable() -> Result<Known, Fault> {
    Ok(Known::active(1)
        .with(counts(&single("Feedback")?, [1])?)
        .with_text("removed", r#"[{"a":[1,{"b":null}],"c":"d"},{}]"#)
        .with_text("ratings", r#"{"count":"it was text once"}"#)
        .with(counts(&list("Others")?, [2, 3])?))
}

/// Reads all of it, and demands that what can be read is.
async fn hides_nothing<S: AsyncStorage>(
    storage: &S,
    service: &Known,
    unreadable: &[&str],
) -> Result<(), Fault> {
    holds(storage, service).await?;
    let today = schemas(&[single("Feedback")?, list("Ratings")?, list("Others")?])?;
    let Some(stored) = load(storage, service.id, Want::All).await? else { return Ok(()) };
    let read = Service::read(&stored, &today);
    let mut told: Vec<_> = read.unreadable().iter().map(Unreadable::key).collect();
    told.sort_unstable();
    ensure(told == unreadable, format!("as unreadable {unreadable:?}"), || format!("{told:?}"))?;
    for key in unreadable {
        let named = [*key];
        let found = load(storage, service.id, Want::Named(&named)).await?;
        service.compare(Want::Named(&named), found.as_ref())?;
    }
    Ok(())
}

pub(crate) async fn what_no_schema_reads_is_handed_back<F: AsyncFixture>(
    bench: &mut Bench<F>,
) -> Result<(), Fault> {
    let mut service = with_unreadable()?;
    let storage = bench.fresh().await;
    bench.insert(&storage, &service).await;
    hides_nothing(&storage, &service, &["ratings", "removed"]).await?;
    end(&storage, &mut service, event(1, [counts(&single("Feedback")?, [4])?])?).await?;
    hides_nothing(&storage, &service, &["ratings", "removed"]).await
}

pub(crate) async fn damaged_text_is_handed_back<F: AsyncFixture>(bench: &mut Bench<F>) -> Result<(), Fault> {
    if !bench.options.any_text {
        return Err(Fault::skip("the store keeps extensions in columns that hold JSON only"));
    }
    let feedback = single("Feedback")?;
    let mut service = Known::active(1)
        .with(counts(&feedback, [1])?)
        .with_text("damaged", r#"[{"count":1},{"cou"#)
        .with_text("empty", "")
        .with_text("ratings", "no JSON, \u{1f600}\n");
    let storage = bench.fresh().await;
    bench.insert(&storage, &service).await;
    let unreadable = ["damaged", "empty", "ratings"];
    hides_nothing(&storage, &service, &unreadable).await?;
    end(&storage, &mut service, event(1, [counts(&feedback, [2])?])?).await?;
    hides_nothing(&storage, &service, &unreadable).await?;
    end(&storage, &mut service, event(2, [counts(&list("Ratings")?, [5, 6])?])?).await?;
    hides_nothing(&storage, &service, &["damaged", "empty"]).await
}

pub(crate) async fn an_unreadable_extension_can_be_replaced<F: AsyncFixture>(
    bench: &mut Bench<F>,
) -> Result<(), Fault> {
    let mut service = with_unreadable()?;
    let storage = bench.fresh().await;
    bench.insert(&storage, &service).await;
    end(&storage, &mut service, event(1, [counts(&list("Ratings")?, [5, 6])?])?).await?;
    hides_nothing(&storage, &service, &["removed"]).await?;
    // Declared anew, and cleared.
    end(&storage, &mut service, event(2, [counts(&list("Removed")?, [])?])?).await?;
    hides_nothing(&storage, &service, &[]).await
}
