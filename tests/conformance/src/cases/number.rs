//! Numbers, amounts, days and moments, at their limits and between.

use service_end::event::{BusinessValue, FixedFields, ServiceEndEvent};
use service_end::value::{BusinessName, Currency, Date, Timestamp, Value};

use crate::bench::{Bench, end};
use crate::fault::Fault;
use crate::fixture::AsyncFixture;
use crate::known::Known;
use crate::sample::{ENDED, built, event, everything, moment, records};

/// Commits a list with one record for each value, and demands it back.
async fn keeps<F: AsyncFixture>(
    bench: &mut Bench<F>,
    attribute: &str,
    values: impl IntoIterator<Item = Value<'_>>,
) -> Result<(), Fault> {
    let kept = records(&everything()?, values, |record, value| {
        record.set(attribute, value);
    })?;
    let storage = bench.fresh().await;
    let mut service = Known::active(1);
    bench.insert(&storage, &service).await;
    end(&storage, &mut service, event(1, [kept])?).await?;
    Ok(())
}

pub(crate) async fn every_type_is_kept_at_its_limits<F: AsyncFixture>(
    bench: &mut Bench<F>,
) -> Result<(), Fault> {
    let limits: [(&str, [Value<'_>; 2]); 7] = [
        ("small", [i32::MIN.into(), i32::MAX.into()]),
        ("large", [i64::MIN.into(), i64::MAX.into()]),
        ("number", [f64::MIN.into(), f64::MAX.into()]),
        ("truth", [false.into(), true.into()]),
        ("day", [Date::MIN.into(), Date::MAX.into()]),
        ("moment", [Timestamp::MIN.into(), Timestamp::MAX.into()]),
        ("amount", [Currency::MIN.into(), Currency::MAX.into()]),
    ];
    let whole_numbers = [
        ("large", Value::Long((1 << 53) + 1)),
        ("large", Value::Long(-(1 << 53) - 1)),
        ("large", Value::Long(0)),
        ("large", Value::Long(i64::MAX - 1)),
        ("number", Value::Double(0.0)),
    ];
    let each = limits.into_iter().flat_map(|(name, values)| values.map(|value| (name, value)));
    let kept = records(&everything()?, each.chain(whole_numbers), |record, (name, value)| {
        record.set(name, value);
    })?;
    let all_at_once = records(&everything()?, [0, 1], |record, end| {
        for (name, values) in limits {
            if let Some(value) = values.get(end) {
                record.set(name, *value);
            }
        }
    })?;
    let storage = bench.fresh().await;
    let mut service = Known::active(1);
    bench.insert(&storage, &service).await;
    end(&storage, &mut service, event(1, [kept])?).await?;
    end(&storage, &mut service, event(2, [all_at_once])?).await?;
    for id in [i64::MIN, i64::MAX, (1 << 53) + 1, 0, -1] {
        let fields = FixedFields {
            application_id: Some(id),
            resource_id: Some(id),
            application_type: Some(BusinessValue::Id(id)),
            resource_type: Some(BusinessValue::Id(id)),
            media_type: Some(BusinessValue::Id(id)),
            disposition: Some(BusinessValue::Id(id)),
            ..FixedFields::default()
        };
        let event = built(ServiceEndEvent::builder().timestamp(ENDED).fields(fields))?;
        end(&storage, &mut service, event).await?;
    }
    Ok(())
}

pub(crate) async fn doubles_are_kept_by_every_bit<F: AsyncFixture>(
    bench: &mut Bench<F>,
) -> Result<(), Fault> {
    let chosen = [
        0.1,
        0.1 + 0.2,
        1.0 / 3.0,
        -2.5,
        5e-324,
        f64::MIN_POSITIVE,
        f64::EPSILON,
        1.0 + f64::EPSILON,
        9_007_199_254_740_993.0,
        1e21,
        1e22,
        123_456_789.123_456_79,
        -1e-7,
        1.797_693_134_862_315_5e308,
    ];
    let mut generator = bench.generator();
    let random = (0..500).map(|_| generator.double());
    let values: Vec<f64> = chosen.into_iter().chain(random).collect();
    keeps(bench, "number", values.into_iter().map(Value::Double)).await
}

pub(crate) async fn amounts_are_kept_to_the_ten_thousandth<F: AsyncFixture>(
    bench: &mut Bench<F>,
) -> Result<(), Fault> {
    // At 100,000,000,000 the notation changes from a number to a text.
    let turn = 100_000_000_000 * 10_000;
    let chosen =
        [1, -1, 1_000, 19_999, -123_456, turn - 1, turn, turn + 1, -turn - 1, i64::MAX - 1, i64::MIN + 1];
    let mut generator = bench.generator();
    let random = (0..300).map(|n| generator.long() >> (n % 60));
    let amounts: Vec<i64> = chosen.into_iter().chain(random).collect();
    let amounts = amounts.into_iter().map(Currency::from_ten_thousandths);
    keeps(bench, "amount", amounts.map(Value::Currency)).await
}

pub(crate) async fn moments_are_kept_to_the_millisecond<F: AsyncFixture>(
    bench: &mut Bench<F>,
) -> Result<(), Fault> {
    let chosen = [
        Timestamp::MIN,
        moment(Timestamp::MIN.unix_millis() + 1),
        // Before 1582, and before 1900, some calendars and time zones are others.
        moment(-12_219_292_800_001),
        moment(-2_208_988_800_001),
        moment(-1),
        moment(0),
        moment(1),
        // A leap day, and the second before a leap second.
        moment(1_709_164_800_999),
        moment(1_483_228_799_999),
        // Beyond what 32 bits of seconds hold.
        moment(2_147_483_648_001),
        moment(Timestamp::MAX.unix_millis() - 1),
        Timestamp::MAX,
    ];
    let storage = bench.fresh().await;
    for (timestamp, id) in chosen.into_iter().zip(1..) {
        let mut service = Known::active(id);
        service.started = timestamp;
        bench.insert(&storage, &service).await;
        let event = built(ServiceEndEvent::builder().timestamp(timestamp))?;
        end(&storage, &mut service, event).await?;
    }
    drop(storage);
    keeps(bench, "moment", chosen.map(Value::DateTime)).await
}

pub(crate) async fn an_id_is_not_a_name_of_the_same_digits<F: AsyncFixture>(
    bench: &mut Bench<F>,
) -> Result<(), Fault> {
    let storage = bench.fresh().await;
    let mut service = Known::active(1);
    bench.insert(&storage, &service).await;
    let name = |text| BusinessName::new(text).ok().map(BusinessValue::Name);
    for value in
        [Some(10.into()), name("10"), name("010"), name("null"), name("true"), name("\"10\""), name("")]
    {
        let fields = FixedFields {
            application_type: value.clone(),
            resource_type: value.clone(),
            media_type: value.clone(),
            disposition: value,
            ..FixedFields::default()
        };
        let event = built(ServiceEndEvent::builder().timestamp(ENDED).fields(fields))?;
        end(&storage, &mut service, event).await?;
    }
    Ok(())
}
