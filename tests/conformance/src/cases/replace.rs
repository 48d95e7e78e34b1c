//! What a commit replaces, and what it leaves alone.

use service_end::event::{BusinessValue, FixedFields, RecordBuilder, ServiceEndEvent};
use service_end::schema::ExtensionSchema;
use service_end::storage::Want;
use service_end::value::{BusinessName, DispositionDesc, InteractionId, SessionId};

use crate::bench::{Bench, end, load};
use crate::fault::{Fault, ensure};
use crate::fixture::AsyncFixture;
use crate::known::Known;
use crate::sample::{ENDED, built, counts, event, list, moment, nothing, records, single};

pub(crate) async fn the_end_and_every_extension_are_one_commit<F: AsyncFixture>(
    bench: &mut Bench<F>,
) -> Result<(), Fault> {
    let mut all = Vec::new();
    for number in 0..6 {
        all.push(single(&format!("Single_{number}"))?);
        all.push(list(&format!("List_{number}"))?);
    }
    let storage = bench.fresh().await;
    let mut service = Known::active(1);
    bench.insert(&storage, &service).await;
    // All at first, then some changed, some cleared, and some left alone.
    let first = all.iter().map(|schema| counts(schema, [1])).collect::<Result<Vec<_>, _>>()?;
    end(&storage, &mut service, event(1, first)?).await?;
    let mut second = Vec::new();
    for (schema, number) in all.iter().zip(0..) {
        match number % 4 {
            0 => second.push(counts(schema, [2])?),
            1 => second.push(nothing(schema)?),
            3 => second.push(counts(schema, [3, 4])?),
            _ => {}
        }
    }
    end(&storage, &mut service, event(2, second)?).await?;
    end(&storage, &mut service, event(3, [])?).await?;
    Ok(())
}

fn every_field(text: &str, number: i64) -> FixedFields {
    FixedFields {
        session_id: SessionId::new(format!("session {text}")).ok(),
        interaction_id: InteractionId::new(format!("interaction {text}")).ok(),
        application_type: Some(BusinessValue::Id(number + 1)),
        application_id: Some(number + 2),
        resource_type: BusinessName::new(format!("resource {text}")).map(BusinessValue::Name).ok(),
        resource_id: Some(number + 3),
        media_type: Some(BusinessValue::Id(number + 4)),
        disposition: BusinessName::new(format!("disposition {text}")).map(BusinessValue::Name).ok(),
        disposition_desc: DispositionDesc::new(format!("description {text}")).ok(),
    }
}

/// The fields one by one, each alone.
fn each_alone() -> Vec<FixedFields> {
    let every = every_field("alone", 70);
    let none = FixedFields::default;
    vec![
        FixedFields { session_id: every.session_id, ..none() },
        FixedFields { interaction_id: every.interaction_id, ..none() },
        FixedFields { application_type: every.application_type, ..none() },
        FixedFields { application_id: every.application_id, ..none() },
        FixedFields { resource_type: every.resource_type, ..none() },
        FixedFields { resource_id: every.resource_id, ..none() },
        FixedFields { media_type: every.media_type, ..none() },
        FixedFields { disposition: every.disposition, ..none() },
        FixedFields { disposition_desc: every.disposition_desc, ..none() },
    ]
}

fn saying(fields: FixedFields) -> Result<ServiceEndEvent, Fault> {
    built(ServiceEndEvent::builder().timestamp(ENDED).fields(fields))
}

pub(crate) async fn every_fixed_field_is_kept<F: AsyncFixture>(bench: &mut Bench<F>) -> Result<(), Fault> {
    let storage = bench.fresh().await;
    for (fields, id) in each_alone().into_iter().chain([every_field("all", 10)]).zip(1..) {
        let mut service = Known::active(id);
        bench.insert(&storage, &service).await;
        end(&storage, &mut service, saying(fields)?).await?;
    }
    Ok(())
}

pub(crate) async fn a_later_end_replaces_every_fixed_field<F: AsyncFixture>(
    bench: &mut Bench<F>,
) -> Result<(), Fault> {
    let storage = bench.fresh().await;
    let mut service = Known::active(1);
    bench.insert(&storage, &service).await;
    end(&storage, &mut service, saying(every_field("first", 10))?).await?;
    end(&storage, &mut service, saying(every_field("second", 20))?).await?;
    for fields in each_alone() {
        end(&storage, &mut service, saying(fields)?).await?;
    }
    end(&storage, &mut service, saying(FixedFields::default())?).await?;
    let earlier = built(ServiceEndEvent::builder().timestamp(moment(1_242_129_500_000)))?;
    end(&storage, &mut service, earlier).await?;
    Ok(())
}

/// A record of the attributes that are named, each of which gets the number.
fn having(names: &'static [&'static str]) -> impl Fn(&mut RecordBuilder<'_>, i64) {
    move |record, number| {
        for name in names {
            if *name == "count" {
                record.set(name, number);
            } else {
                record.set(name, &*format!("{name} {number}"));
            }
        }
    }
}

pub(crate) async fn an_extension_is_replaced_whole<F: AsyncFixture>(
    bench: &mut Bench<F>,
) -> Result<(), Fault> {
    let (feedback, ratings) = (single("Feedback")?, list("Ratings")?);
    let whole = || having(&["count", "label", "note"]);
    let storage = bench.fresh().await;
    let mut service =
        Known::active(1).with(records(&feedback, [1], whole())?).with(records(&ratings, [1, 2, 3], whole())?);
    bench.insert(&storage, &service).await;
    let steps: [(&'static [&'static str], &[i64]); 6] = [
        (&["count", "label", "note"], &[4, 5, 6, 7]),
        // Fewer attributes, fewer records, then others.
        (&["label"], &[8, 9]),
        (&["count"], &[10]),
        (&["note"], &[11, 12, 13]),
        (&[], &[14, 15]),
        (&["count", "note"], &[16]),
    ];
    for ((names, numbers), number) in steps.into_iter().zip(1..) {
        let one = records(&feedback, numbers.iter().copied().take(1), having(names))?;
        let many = records(&ratings, numbers.iter().copied(), having(names))?;
        end(&storage, &mut service, event(number, [one, many])?).await?;
    }
    Ok(())
}

pub(crate) async fn other_extensions_stay_as_they_are<F: AsyncFixture>(
    bench: &mut Bench<F>,
) -> Result<(), Fault> {
    let (feedback, ratings) = (single("Feedback")?, list("Ratings")?);
    // Names that begin like the ones that change, or end like them.
    let (second, shorter) = (single("Feedback_2")?, list("Rating")?);
    let storage = bench.fresh().await;
    let mut service = Known::active(1)
        .with(counts(&feedback, [1])?)
        .with(counts(&ratings, [1, 2])?)
        .with(counts(&second, [3])?)
        .with(counts(&shorter, [4, 5])?)
        .with_text("removed", r#"{"schema":"long gone"}"#);
    bench.insert(&storage, &service).await;
    end(&storage, &mut service, event(1, [counts(&feedback, [6])?])?).await?;
    end(&storage, &mut service, event(2, [nothing(&ratings)?])?).await?;
    end(&storage, &mut service, event(3, [])?).await?;
    end(&storage, &mut service, event(4, [counts(&ratings, [7])?])?).await?;
    end(&storage, &mut service, event(5, [counts(&second, [8])?, nothing(&shorter)?])?).await?;
    Ok(())
}

pub(crate) async fn an_empty_list_leaves_nothing_stored<F: AsyncFixture>(
    bench: &mut Bench<F>,
) -> Result<(), Fault> {
    let (ratings, never) = (list("Ratings")?, list("Never")?);
    let storage = bench.fresh().await;
    let mut service = Known::active(1).with(counts(&ratings, [1, 2])?);
    bench.insert(&storage, &service).await;
    for number in 1..=3 {
        end(&storage, &mut service, event(number, [nothing(&ratings)?, nothing(&never)?])?).await?;
        let named = Want::Named(&["ratings", "never"]);
        let found = load(&storage, service.id, named).await?;
        service.compare(named, found.as_ref())?;
        // What was cleared can be set anew, and cleared once more.
        end(&storage, &mut service, event(number + 10, [counts(&ratings, [number])?])?).await?;
    }
    Ok(())
}

pub(crate) async fn extensions_are_keyed_in_lower_case<F: AsyncFixture>(
    bench: &mut Bench<F>,
) -> Result<(), Fault> {
    // The longest name there can be, in three spellings.
    let spelt = |name: &str| -> Result<ExtensionSchema, Fault> { list(name) };
    let spellings = [
        spelt("AbcDefghijklmnopqrstuv_X12")?,
        spelt("ABCDEFGHIJKLMNOPQRSTUV_X12")?,
        spelt("abcdefghijklmnopqrstuv_x12")?,
    ];
    let storage = bench.fresh().await;
    let mut service = Known::active(1);
    bench.insert(&storage, &service).await;
    for (schema, number) in spellings.iter().zip(1..) {
        end(&storage, &mut service, event(number, [counts(schema, [number])?])?).await?;
        let named = Want::Named(&["abcdefghijklmnopqrstuv_x12"]);
        let found = load(&storage, service.id, named).await?;
        service.compare(named, found.as_ref())?;
        let found = found.map_or(0, |service| service.extensions().len());
        ensure(found == 1, "the one extension, whatever the spelling", || format!("{found} of them"))?;
    }
    Ok(())
}
