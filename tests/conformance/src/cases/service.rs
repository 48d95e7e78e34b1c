//! Services and their ids.

use service_end::event::{FixedFields, ServiceEndEvent};
use service_end::service::End;
use service_end::storage::Want;
use service_end::value::ServiceId;

use crate::bench::{Bench, end, holds, load, present};
use crate::fault::{Fault, ensure};
use crate::fixture::AsyncFixture;
use crate::known::Known;
use crate::sample::{ENDED, STARTED, counts, event, list, single};

/// Ids at the limits, and some that are easily taken for one another: as text, as a prefix, without their sign.
const IDS: [i64; 14] =
    [0, 1, -1, 10, 11, 100, -10, 255, 256, 4_294_967_297, i64::MAX, i64::MAX - 1, i64::MIN, i64::MIN + 1];

pub(crate) async fn an_unknown_service_is_none<F: AsyncFixture>(bench: &mut Bench<F>) -> Result<(), Fault> {
    let storage = bench.fresh().await;
    for empty in [true, false] {
        for id in IDS {
            for want in [Want::Nothing, Want::Named(&["feedback"]), Want::Named(&[]), Want::All] {
                let loaded = load(&storage, ServiceId(id), want).await?;
                ensure(loaded.is_none(), format!("none for service {id}, which is unknown"), || {
                    format!("{loaded:?}")
                })?;
            }
        }
        if empty {
            bench.insert(&storage, &Known::active(2)).await;
        }
    }
    Ok(())
}

pub(crate) async fn a_service_is_read_as_it_was_put_in<F: AsyncFixture>(
    bench: &mut Bench<F>,
) -> Result<(), Fault> {
    let fields =
        FixedFields { resource_id: Some(5005), disposition: Some(10.into()), ..FixedFields::default() };
    let mut ended = Known::active(3).with(counts(&single("Feedback")?, [1])?);
    ended.end = Some(End::new(ENDED, fields));
    let mut ended_at_its_start = Known::active(4);
    ended_at_its_start.end = Some(End::new(STARTED, FixedFields::default()));
    let active = Known::active(2)
        .with(counts(&single("Feedback")?, [1])?)
        .with(counts(&list("Satisfaction")?, [3, 1, 2])?);
    let services = [Known::active(1), active, ended, ended_at_its_start];
    let storage = bench.fresh().await;
    for service in &services {
        bench.insert(&storage, service).await;
    }
    for service in &services {
        holds(&storage, service).await?;
    }
    Ok(())
}

pub(crate) async fn any_64_bit_integer_is_a_service_id<F: AsyncFixture>(
    bench: &mut Bench<F>,
) -> Result<(), Fault> {
    let feedback = single("Feedback")?;
    let storage = bench.fresh().await;
    let mut services = Vec::new();
    for (id, number) in IDS.into_iter().zip(0..) {
        let service = Known::active(id).with(counts(&feedback, [number])?);
        bench.insert(&storage, &service).await;
        services.push(service);
    }
    for (service, number) in services.iter_mut().zip(100..) {
        holds(&storage, service).await?;
        end(&storage, service, event(number, [counts(&feedback, [number])?])?).await?;
    }
    for service in &services {
        holds(&storage, service).await?;
    }
    Ok(())
}

pub(crate) async fn services_do_not_affect_one_another<F: AsyncFixture>(
    bench: &mut Bench<F>,
) -> Result<(), Fault> {
    // Names of which one begins like the other, as ids do.
    let (note, notes) = (list("Note")?, list("Note_2")?);
    let storage = bench.fresh().await;
    let mut others = Vec::new();
    for id in [1, 12, -1, -12, 2, 121] {
        let other = Known::active(id).with(counts(&note, [id])?).with(counts(&notes, [id, id])?);
        bench.insert(&storage, &other).await;
        let version = present(&storage, other.id).await?.version;
        others.push((other, version));
    }
    let mut changed = Known::active(11).with(counts(&note, [7])?).with(counts(&notes, [8])?);
    bench.insert(&storage, &changed).await;
    let events: [ServiceEndEvent; 3] = [
        event(1, [counts(&note, [1, 2, 3])?])?,
        event(2, [counts(&note, [])?])?,
        event(3, [counts(&note, [4])?, counts(&notes, [])?])?,
    ];
    for event in events {
        end(&storage, &mut changed, event).await?;
        for (other, version) in &others {
            let when = |fault: Fault| fault.when("after a commit on service 11");
            holds(&storage, other).await.map_err(when)?;
            let now = present(&storage, other.id).await?.version;
            let expected = format!("service {} still at version {version}", other.id);
            ensure(now == *version, expected, || format!("version {now}")).map_err(when)?;
        }
    }
    Ok(())
}
