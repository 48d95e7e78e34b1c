//! Records, in order.

use service_end::storage::Commit;

use crate::bench::{Bench, commit, completion, end, holds, present};
use crate::fault::Fault;
use crate::fixture::AsyncFixture;
use crate::known::Known;
use crate::sample::{counts, event, everything, list, records};

pub(crate) async fn records_keep_their_order<F: AsyncFixture>(bench: &mut Bench<F>) -> Result<(), Fault> {
    let ratings = list("Ratings")?;
    let storage = bench.fresh().await;
    let mut service = Known::active(1);
    bench.insert(&storage, &service).await;
    // Sorted neither as numbers nor as texts, forwards nor backwards; more than nine, so that 10 comes before 9.
    let orders: [&[i64]; 3] = [
        &[3, 1, 2],
        &[12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1],
        &[5, 50, 7, -3, 100, 0, 1, 20, 19, 18, 2, 10, 9],
    ];
    for (order, number) in orders.into_iter().zip(1..) {
        end(&storage, &mut service, event(number, [counts(&ratings, order.iter().copied())?])?).await?;
    }
    Ok(())
}

pub(crate) async fn equal_records_are_all_kept<F: AsyncFixture>(bench: &mut Bench<F>) -> Result<(), Fault> {
    let ratings = list("Ratings")?;
    let storage = bench.fresh().await;
    let mut service = Known::active(1);
    bench.insert(&storage, &service).await;
    end(&storage, &mut service, event(1, [counts(&ratings, [1, 1, 2, 1, 2, 2])?])?).await?;
    let empty = records(&ratings, 0..3, |_, _| {})?;
    end(&storage, &mut service, event(2, [empty])?).await?;
    Ok(())
}

pub(crate) async fn ten_thousand_records_are_kept<F: AsyncFixture>(
    bench: &mut Bench<F>,
) -> Result<(), Fault> {
    let ratings = list("Ratings")?;
    let mut service = Known::active(1);
    let storage = bench.fresh().await;
    bench.insert(&storage, &service).await;
    // Each is there once, in an order that has nothing to do with the numbers.
    let many = counts(&ratings, (0..10_000).map(|n| n * 7_919 % 10_000))?;
    let read = present(&storage, service.id).await?;
    let completion = completion(&read, event(1, [many])?)?;
    match commit(&storage, &completion).await? {
        Commit::Committed => service.apply(&completion),
        Commit::TooLarge => return Err(Fault::skip("the store answers that it can never take so much")),
        other => return Err(Fault::new("the answer Committed", format!("{other:?}"))),
    }
    holds(&storage, &service).await?;
    end(&storage, &mut service, event(2, [counts(&ratings, [1])?])?).await?;
    Ok(())
}

pub(crate) async fn an_attribute_without_a_value_stays_so<F: AsyncFixture>(
    bench: &mut Bench<F>,
) -> Result<(), Fault> {
    let attributes = ["text", "small", "large", "number", "truth", "day", "moment", "amount"];
    let storage = bench.fresh().await;
    let mut service = Known::active(1);
    bench.insert(&storage, &service).await;
    // Each alone, with the value that is most easily taken for none; then none at all.
    let alone =
        records(&everything()?, attributes.iter().zip(0..).chain([(&"", 8)]), |record, (name, column)| {
            match column {
                0 => record.set(name, ""),
                1 | 2 => record.set(name, 0),
                3 => record.set(name, 0.0),
                4 => record.set(name, false),
                5 => record.set(name, "0001-01-01"),
                6 => record.set(name, "1970-01-01T00:00:00Z"),
                7 => record.set(name, "0"),
                _ => record,
            };
        })?;
    end(&storage, &mut service, event(1, [alone])?).await?;
    Ok(())
}
