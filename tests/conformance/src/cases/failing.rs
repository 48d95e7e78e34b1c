//! Calls that are given up, that can't succeed, or that can't be answered.

use service_end::complete::{CompleteError, CompleteService, Outcome};
use service_end::storage::{AsyncStorage, Commit, Want};
use service_end::validate::Validator;
use service_end::value::ServiceId;

use crate::bench::{Bench, commits, completion, completion_at, end, holds, load, present};
use crate::fault::{Fault, ensure};
use crate::fixture::AsyncFixture;
use crate::known::Known;
use crate::sample::{ENDED, counts, event, everything, list, records, schemas, single};
use crate::together::{Together, give_up_after, pause};

/// How often a commit is polled before it is dropped: at first once, at last so often.
const POLLS: usize = 12;

pub(crate) async fn a_dropped_commit_has_happened_or_not<F: AsyncFixture>(
    bench: &mut Bench<F>,
) -> Result<(), Fault> {
    if bench.together == Together::Threads {
        return Err(Fault::skip("the call of a sync store can't be dropped"));
    }
    let (feedback, ratings) = (single("Feedback")?, list("Ratings")?);
    let validator = Validator::new(schemas(&[feedback.clone(), ratings.clone()])?);
    let storage = bench.fresh().await;
    for (polls, number) in (1..=POLLS).zip(1..) {
        let before = Known::active(number).with(counts(&ratings, [1, 2])?);
        bench.insert(&storage, &before).await;
        let read = present(&storage, before.id).await?;
        let event = event(number, [counts(&feedback, [number])?, counts(&ratings, [number])?])?;
        let completion = completion(&read, event.clone())?;
        let mut after = before.clone();
        after.apply(&completion);
        let answer = give_up_after(polls, storage.commit(&completion)).await;
        if let Some(Err(error)) = answer {
            return Err(Fault::error("an answer to a commit", &error));
        }
        for _ in 0..3 {
            let found = load(&storage, before.id, Want::All).await?;
            if found.as_ref().is_some_and(|found| found.end.is_none()) {
                before
                    .compare(Want::All, found.as_ref())
                    .map_err(|fault| fault.when("after a dropped commit"))?;
            } else {
                after
                    .compare(Want::All, found.as_ref())
                    .map_err(|fault| fault.when("after a dropped commit"))?;
            }
            pause().await;
        }
        // The caller sends the same event again.
        let operation = CompleteService::new(validator.clone(), &storage);
        match operation.end_with_async(before.id, event, ENDED).await {
            Ok(Outcome::Ended(_) | Outcome::AlreadySo(_)) => holds(&storage, &after).await?,
            Ok(other) => return Err(Fault::new("the same event to end the service", format!("{other:?}"))),
            Err(error) => return Err(Fault::error("the same event to end the service", &error)),
        }
    }
    Ok(())
}

pub(crate) async fn what_is_too_large_changes_nothing<F: AsyncFixture>(
    bench: &mut Bench<F>,
) -> Result<(), Fault> {
    let Some(bytes) = bench.options.too_large else {
        return Err(Fault::skip("the fixture knows no size that is too large for the store"));
    };
    let (feedback, everything) = (single("Feedback")?, everything()?);
    let text = "x".repeat(bytes);
    let whole = records(&everything, [&text], |record, text| {
        record.set("text", &**text);
    })?;
    let storage = bench.fresh().await;
    let mut service = Known::active(1).with(counts(&feedback, [1])?);
    bench.insert(&storage, &service).await;
    for number in 1..=2 {
        let read = present(&storage, service.id).await?;
        let event_of = || event(number + 10, [counts(&feedback, [2])?, whole.clone()]);
        let large = completion(&read, event_of()?)?;
        commits(&storage, &large, Commit::TooLarge).await?;
        let when = |fault: Fault| fault.when("after a completion that is too large");
        holds(&storage, &service).await.map_err(when)?;
        if service.end.is_none() {
            let validator = Validator::new(schemas(&[feedback.clone(), everything.clone()])?);
            let operation = CompleteService::new(validator, &storage);
            let answer = operation.end_with_async(service.id, event_of()?, ENDED).await;
            let told = matches!(answer, Err(CompleteError::TooLargeForStorage));
            ensure(told, "the operation to say that it is too large", || "another answer".to_owned())?;
        }
        // What is not too large can be committed as before.
        end(&storage, &mut service, event(number, [counts(&feedback, [number])?])?).await.map_err(when)?;
    }
    Ok(())
}

pub(crate) async fn a_store_that_can_not_answer_says_so<F: AsyncFixture>(
    bench: &mut Bench<F>,
) -> Result<(), Fault> {
    let storage = bench.failing().await?;
    for id in [ServiceId(1), ServiceId(2)] {
        for want in [Want::Nothing, Want::Named(&["feedback"]), Want::All] {
            match storage.load(id, want).await {
                Err(error) => {
                    ensure(!error.to_string().is_empty(), "an error that says something", String::new)?;
                }
                Ok(answer) => {
                    return Err(Fault::new("an error where no answer is to be had", format!("{answer:?}")));
                }
            }
        }
        for ended in [false, true] {
            let completion = completion_at(id, 1, ended, event(1, [counts(&list("Ratings")?, [1])?])?)?;
            if let Ok(answer) = storage.commit(&completion).await {
                let found = format!("the answer {answer:?}");
                return Err(Fault::new("an error where no answer is to be had", found));
            }
        }
    }
    Ok(())
}
