//! Extensions without a schema: any JSON, which is kept to the letter.

use service_end::event::{OpenExtension, ServiceEndEvent};
use service_end::schema::OpenNames;
use service_end::service::Service;
use service_end::storage::{Commit, Want};
use service_end::validate::Validator;

use crate::bench::{Bench, commits, completion, end, holds, load, present};
use crate::fault::{Fault, ensure};
use crate::fixture::AsyncFixture;
use crate::known::Known;
use crate::sample::{counts, event, list, numbered, schemas, single};

/// JSON that is easily changed: numbers that no 64 bits hold or that can be written otherwise, members that are not sorted,
/// escapes that need not be.
const EXACT: [(&str, &str); 8] = [
    ("Case", r#"{"b":1.0,"a":1e2,"B":-0,"nested":{"z":[],"y":[{"x":null}]}}"#),
    ("bIG", "[123456789012345678901234567890,0.1e-5000,1.7976931348623157e308,9007199254740993]"),
    ("text", r#""\u00e9\/ \"é\" \ud83d\ude00 東京 \t""#),
    ("Truth", "true"),
    ("zero", "-0.0"),
    ("nothing", r#"{"nothing":null}"#),
    ("Words", r#"["null","[]","{}",""," "]"#),
    ("empty", "{}"),
];

/// The event of a number with open extensions.
fn saying(number: i64, extensions: &[(&str, &str)]) -> Result<ServiceEndEvent, Fault> {
    let event = extensions.iter().try_fold(numbered(number), |event, (name, json)| {
        OpenExtension::from_json(name, json).map(|open| event.open_extension(open))
    })?;
    Ok(event.build(&Validator::new(schemas(&[])?.with_open(OpenNames::every())))?)
}

pub(crate) async fn an_open_extension_comes_back_as_it_was_written<F: AsyncFixture>(
    bench: &mut Bench<F>,
) -> Result<(), Fault> {
    let storage = bench.fresh().await;
    let mut service = Known::active(1).with(counts(&single("Feedback")?, [1])?);
    bench.insert(&storage, &service).await;
    end(&storage, &mut service, saying(1, &EXACT)?).await?;
    let named = ["case", "words"];
    service.compare(Want::Named(&named), load(&storage, service.id, Want::Named(&named)).await?.as_ref())?;
    // In other words, under a name in another case, and taken away.
    end(&storage, &mut service, saying(2, &[("CASE", "[1.00]"), ("big", "[]"), ("Empty", "[[]]")])?).await?;
    // Beside one with a schema, of which each can take the place of the other.
    end(&storage, &mut service, event(3, [counts(&list("Ratings")?, [2, 1])?])?).await?;
    end(&storage, &mut service, saying(4, &[("Ratings", "[2.0,1.0]"), ("Feedback", "1E2")])?).await?;
    end(&storage, &mut service, event(5, [counts(&single("feedback")?, [3])?])?).await?;
    Ok(())
}

pub(crate) async fn an_open_extension_whose_name_is_registered_changes_nothing<F: AsyncFixture>(
    bench: &mut Bench<F>,
) -> Result<(), Fault> {
    let feedback = single("Feedback")?;
    let storage = bench.fresh().await;
    bench.register(&storage, &feedback).await?;
    for id in 1..=2 {
        let mut service = Known::active(id);
        bench.insert(&storage, &service).await;
        let read = present(&storage, service.id).await?;
        for json in [r#"{"count":1}"#, "[]", "1"] {
            let open = completion(&read, saying(1, &[("Other", "1"), ("FEEDBACK", json)])?)?;
            commits(&storage, &open, Commit::SchemaChanged).await?;
            holds(&storage, &service)
                .await
                .map_err(|fault| fault.when("after an open extension with a schema"))?;
        }
        let open = completion(&read, saying(2, &[("Feedback", r#"{"count":1.0}"#)])?)?;
        bench.unregister(&storage, &feedback).await;
        commits(&storage, &open, Commit::Committed)
            .await
            .map_err(|fault| fault.when("once the schema was removed"))?;
        service.apply(&open);
        holds(&storage, &service).await?;
        if id == 1 {
            bench.register(&storage, &feedback).await?;
        }
    }
    Ok(())
}

pub(crate) async fn a_schema_reads_what_was_open_before<F: AsyncFixture>(
    bench: &mut Bench<F>,
) -> Result<(), Fault> {
    let feedback = single("Feedback")?;
    let storage = bench.fresh().await;
    let mut service = Known::active(1);
    bench.insert(&storage, &service).await;
    end(&storage, &mut service, saying(1, &[("FeedBack", r#"{"label":"a","count":7.0}"#), ("Other", "1")])?)
        .await?;
    bench.register(&storage, &feedback).await?;
    holds(&storage, &service).await.map_err(|fault| fault.when("once the schema is registered"))?;
    let stored = load(&storage, service.id, Want::All).await?;
    let known = schemas(std::slice::from_ref(&feedback))?.with_open(OpenNames::every());
    let read = stored.map(|stored| Service::read(&stored, &known));
    let read = read.as_ref().and_then(|service| service.extension("Feedback")?.record()?.get("count"));
    ensure(read == Some(7_i64.into()), "the schema to read what was open", || format!("{read:?}"))?;
    end(&storage, &mut service, event(2, [counts(&feedback, [8])?])?).await?;
    Ok(())
}
