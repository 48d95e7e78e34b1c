//! Stores that also keep the host's schemas.

use service_end::event::ServiceEndEvent;
use service_end::schema::{AttributeSchema, ExtensionSchema};
use service_end::service::Completion;
use service_end::storage::{AsyncStorage, Commit};

use crate::bench::{Bench, commit, commits, completion, end, holds, present};
use crate::fault::{Fault, ensure};
use crate::fixture::AsyncFixture;
use crate::known::Known;
use crate::sample::{counts, event, list, nothing, single};

/// Schemas that take the name of `single("Feedback")`, and differ from it.
fn others() -> Result<Vec<ExtensionSchema>, Fault> {
    let one_more = ExtensionSchema::single_valued("Feedback")
        .attribute(AttributeSchema::long("count"))
        .attribute(AttributeSchema::string("label"))
        .attribute(AttributeSchema::string("note"))
        .attribute(AttributeSchema::string("more"))
        .build()?;
    let another_type =
        ExtensionSchema::single_valued("Feedback").attribute(AttributeSchema::integer("count")).build()?;
    let another_default = ExtensionSchema::single_valued("Feedback")
        .attribute(AttributeSchema::long("count").default(1))
        .attribute(AttributeSchema::string("label"))
        .attribute(AttributeSchema::string("note"))
        .build()?;
    let in_capitals =
        ExtensionSchema::single_valued("FEEDBACK").attribute(AttributeSchema::long("count")).build()?;
    Ok(vec![one_more, another_type, another_default, in_capitals, list("Feedback")?])
}

/// Commits what must be turned away because of its schema, twice, and demands that nothing has changed.
async fn changed<S: AsyncStorage>(
    storage: &S,
    service: &Known,
    completion: &Completion,
) -> Result<(), Fault> {
    for _ in 0..2 {
        commits(storage, completion, Commit::SchemaChanged).await?;
        holds(storage, service).await.map_err(|fault| fault.when("after a completion of another schema"))?;
    }
    Ok(())
}

/// An event that names an extension of each schema, and is told by its number.
fn saying(number: i64, schemas: &[&ExtensionSchema]) -> Result<ServiceEndEvent, Fault> {
    let extensions = schemas.iter().map(|schema| counts(schema, [number])).collect::<Result<Vec<_>, _>>()?;
    event(number, extensions)
}

/// An active service with some records, and one that has ended; none of them has records of `Feedback`.
async fn services<F: AsyncFixture>(
    bench: &mut Bench<F>,
    storage: &F::Storage,
    ratings: &ExtensionSchema,
) -> Result<[Known; 2], Fault> {
    let active = Known::active(1).with(counts(ratings, [1, 2])?);
    let mut ended = Known::active(2).with(counts(ratings, [3])?);
    bench.insert(storage, &active).await;
    bench.insert(storage, &ended).await;
    end(storage, &mut ended, event(1, [])?).await?;
    Ok([active, ended])
}

pub(crate) async fn a_store_without_schemas_never_says_they_changed<F: AsyncFixture>(
    bench: &mut Bench<F>,
) -> Result<(), Fault> {
    let storage = bench.fresh().await;
    let mut service = Known::active(1);
    bench.insert(&storage, &service).await;
    let declared = [vec![single("Feedback")?], others()?, vec![single("Feedback")?]];
    for (schema, number) in declared.iter().flatten().zip(1..) {
        end(&storage, &mut service, saying(number, &[schema])?).await?;
    }
    Ok(())
}

pub(crate) async fn another_schema_than_the_registered_one_changes_nothing<F: AsyncFixture>(
    bench: &mut Bench<F>,
) -> Result<(), Fault> {
    let (feedback, ratings) = (single("Feedback")?, list("Ratings")?);
    let storage = bench.fresh().await;
    bench.register(&storage, &ratings).await?;
    bench.register(&storage, &feedback).await?;
    for mut service in services(bench, &storage, &ratings).await? {
        let read = present(&storage, service.id).await?;
        for other in others()? {
            // What is named before it and after it does not change either.
            for named in [[&ratings, &other], [&other, &ratings]] {
                changed(&storage, &service, &completion(&read, saying(7, &named)?)?).await?;
            }
        }
        let empty = event(8, [nothing(&list("Feedback")?)?, nothing(&ratings)?])?;
        changed(&storage, &service, &completion(&read, empty)?).await?;
        // The version is the same still.
        let current = completion(&read, saying(9, &[&feedback, &ratings])?)?;
        commits(&storage, &current, Commit::Committed).await?;
        service.apply(&current);
        holds(&storage, &service).await?;
    }
    Ok(())
}

pub(crate) async fn a_removed_schema_changes_nothing<F: AsyncFixture>(
    bench: &mut Bench<F>,
) -> Result<(), Fault> {
    let (feedback, ratings) = (single("Feedback")?, list("Ratings")?);
    let storage = bench.fresh().await;
    bench.register(&storage, &ratings).await?;
    bench.register(&storage, &feedback).await?;
    let services = services(bench, &storage, &ratings).await?;
    let mut reads = Vec::new();
    for service in &services {
        reads.push(present(&storage, service.id).await?);
    }
    bench.unregister(&storage, &feedback).await;
    for (mut service, read) in services.into_iter().zip(reads) {
        changed(&storage, &service, &completion(&read, saying(7, &[&ratings, &feedback])?)?).await?;
        let current = completion(&read, saying(8, &[&ratings])?)?;
        commits(&storage, &current, Commit::Committed).await?;
        service.apply(&current);
        holds(&storage, &service).await?;
    }
    Ok(())
}

pub(crate) async fn a_schema_declared_anew_is_the_same_if_it_is_equal<F: AsyncFixture>(
    bench: &mut Bench<F>,
) -> Result<(), Fault> {
    let (feedback, other) = (single("Feedback")?, list("Feedback")?);
    let storage = bench.fresh().await;
    bench.register(&storage, &feedback).await?;
    for id in 1..=3 {
        let mut service = Known::active(id);
        bench.insert(&storage, &service).await;
        let early = completion(&present(&storage, service.id).await?, saying(id, &[&feedback])?)?;
        bench.unregister(&storage, &feedback).await;
        bench.register(&storage, &other).await?;
        changed(&storage, &service, &early).await?;
        bench.unregister(&storage, &other).await;
        // Made a second time, so that only its content is the same.
        bench.register(&storage, &single("Feedback")?).await?;
        commits(&storage, &early, Commit::Committed).await?;
        service.apply(&early);
        holds(&storage, &service).await.map_err(|fault| fault.when("once the schema was declared anew"))?;
    }
    Ok(())
}

pub(crate) async fn what_is_not_registered_is_taken<F: AsyncFixture>(
    bench: &mut Bench<F>,
) -> Result<(), Fault> {
    let (feedback, ratings) = (single("Feedback")?, list("Ratings")?);
    let storage = bench.fresh().await;
    bench.register(&storage, &ratings).await?;
    let mut service = Known::active(1);
    bench.insert(&storage, &service).await;
    end(&storage, &mut service, saying(1, &[&feedback, &ratings])?).await?;
    // A host that kept its schemas elsewhere registers one now. Its records stay.
    bench.register(&storage, &feedback).await?;
    holds(&storage, &service).await.map_err(|fault| fault.when("once the schema is registered"))?;
    end(&storage, &mut service, saying(2, &[&feedback])?).await?;
    Ok(())
}

pub(crate) async fn a_completion_without_extensions_is_taken<F: AsyncFixture>(
    bench: &mut Bench<F>,
) -> Result<(), Fault> {
    let feedback = single("Feedback")?;
    let storage = bench.fresh().await;
    bench.register(&storage, &feedback).await?;
    for id in 1..=3 {
        let mut service = Known::active(id);
        bench.insert(&storage, &service).await;
        let bare = completion(&present(&storage, service.id).await?, event(id, [])?)?;
        bench.unregister(&storage, &feedback).await;
        if id == 2 {
            bench.register(&storage, &list("Feedback")?).await?;
        }
        commits(&storage, &bare, Commit::Committed)
            .await
            .map_err(|fault| fault.when("for a completion that names no extension"))?;
        service.apply(&bare);
        holds(&storage, &service).await?;
        if id == 2 {
            bench.unregister(&storage, &feedback).await;
        }
        bench.register(&storage, &feedback).await?;
    }
    Ok(())
}

pub(crate) async fn a_stale_completion_of_an_old_schema_changes_nothing<F: AsyncFixture>(
    bench: &mut Bench<F>,
) -> Result<(), Fault> {
    let (feedback, ratings) = (single("Feedback")?, list("Ratings")?);
    let storage = bench.fresh().await;
    bench.register(&storage, &ratings).await?;
    bench.register(&storage, &feedback).await?;
    for mut service in services(bench, &storage, &ratings).await? {
        let late = completion(&present(&storage, service.id).await?, saying(7, &[&ratings, &feedback])?)?;
        end(&storage, &mut service, saying(8, &[&ratings])?).await?;
        for registered in [false, true] {
            bench.unregister(&storage, &feedback).await;
            if registered {
                bench.register(&storage, &list("Feedback")?).await?;
            }
            let answer = commit(&storage, &late).await?;
            let told = matches!(answer, Commit::Stale | Commit::SchemaChanged);
            ensure(told, "the answer Stale or SchemaChanged", || format!("{answer:?}"))?;
            holds(&storage, &service).await.map_err(|fault| fault.when("after a stale completion"))?;
            if registered {
                bench.unregister(&storage, &feedback).await;
            }
            bench.register(&storage, &feedback).await?;
        }
    }
    Ok(())
}
