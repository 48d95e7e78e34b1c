//! Several callers at once.

use service_end::complete::{CompleteError, CompleteService, Outcome};
use service_end::event::ServiceEndEvent;
use service_end::schema::ExtensionSchema;
use service_end::service::Refusal;
use service_end::storage::{AsyncStorage, Commit, Want};
use service_end::validate::Validator;
use service_end::value::ServiceId;

use crate::bench::{Bench, commit, completion, holds, load, present};
use crate::fault::{Fault, ensure};
use crate::fixture::AsyncFixture;
use crate::known::Known;
use crate::sample::{ENDED, counts, event, list, schemas, single};
use crate::together::{Call, pause};

/// How often each race is held.
const ROUNDS: i64 = 20;

/// The numbers of so many callers.
fn numbers(callers: usize) -> impl Iterator<Item = i64> {
    (1..).take(callers)
}

/// The event of a caller's number, which is in all that it says.
fn said_by(
    number: i64,
    feedback: &ExtensionSchema,
    ratings: &ExtensionSchema,
) -> Result<ServiceEndEvent, Fault> {
    event(number, [counts(feedback, [number])?, counts(ratings, [number, number])?])
}

pub(crate) async fn of_many_commits_at_one_version_one_wins<F: AsyncFixture>(
    bench: &mut Bench<F>,
) -> Result<(), Fault> {
    let callers = bench.callers()?;
    let (feedback, ratings) = (single("Feedback")?, list("Ratings")?);
    let storage = bench.fresh().await;
    for id in 1..=ROUNDS {
        let mut service = Known::active(id).with(counts(&ratings, [0])?);
        bench.insert(&storage, &service).await;
        // Twice: while it is active, and when it has ended.
        for _ in 0..2 {
            let read = present(&storage, service.id).await?;
            let completions = numbers(callers)
                .map(|number| completion(&read, said_by(number, &feedback, &ratings)?))
                .collect::<Result<Vec<_>, Fault>>()?;
            let call = |completion| -> Call<'_, _> { Box::pin(commit(&storage, completion)) };
            let answers = bench.together.run(completions.iter().map(call).collect()).await;
            let mut winners = Vec::new();
            for (answer, completion) in answers.into_iter().zip(&completions) {
                match answer.map_err(|fault| fault.when("in a race"))? {
                    Commit::Committed => winners.push(completion),
                    Commit::Stale => {}
                    other => return Err(Fault::new("a commit or a stale one", format!("{other:?}"))),
                }
            }
            let expected = format!("of {callers} commits at one version exactly one committed");
            ensure(winners.len() == 1, expected, || format!("{} of them", winners.len()))?;
            for winner in winners {
                service.apply(winner);
            }
            holds(&storage, &service).await.map_err(|fault| fault.when("after a race"))?;
        }
    }
    Ok(())
}

/// Lets every caller end one service with an event of its own, and counts how often each answer came.
async fn ends<F: AsyncFixture>(
    bench: &mut Bench<F>,
    said: impl Fn(i64, &ExtensionSchema, &ExtensionSchema) -> Result<ServiceEndEvent, Fault>,
    judge: impl Fn(&Answers) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let callers = bench.callers()?;
    let (feedback, ratings) = (single("Feedback")?, list("Ratings")?);
    let validator = Validator::new(schemas(&[feedback.clone(), ratings.clone()])?);
    let storage = bench.fresh().await;
    let operation = &CompleteService::new(validator, &storage);
    for id in 1..=ROUNDS {
        let mut service = Known::active(id);
        bench.insert(&storage, &service).await;
        let mut calls: Vec<Call<'_, _>> = Vec::new();
        for number in numbers(callers) {
            let event = said(number, &feedback, &ratings)?;
            calls.push(Box::pin(operation.end_with_async(id, event, ENDED)));
        }
        let mut answers = Answers::default();
        for answer in bench.together.run(calls).await {
            match answer {
                Ok(Outcome::Ended(completion)) => {
                    service.apply(&completion);
                    answers.ended += 1;
                }
                Ok(Outcome::AlreadySo(_)) => answers.already_so += 1,
                Err(CompleteError::Refused(Refusal::AlreadyEnded { .. })) => answers.refused += 1,
                Ok(Outcome::Replaced(_)) => {
                    return Err(Fault::new("the first end to be kept", "it was replaced"));
                }
                Err(error) => return Err(Fault::error("an answer in a race", &error)),
            }
        }
        judge(&answers)?;
        holds(&storage, &service).await.map_err(|fault| fault.when("after a race"))?;
    }
    Ok(())
}

#[derive(Debug, Default)]
struct Answers {
    ended: usize,
    already_so: usize,
    refused: usize,
}

impl Answers {
    fn told(&self) -> String {
        format!("{} ended it, {} found it so, {} were refused", self.ended, self.already_so, self.refused)
    }
}

pub(crate) async fn of_many_callers_one_ends_a_service<F: AsyncFixture>(
    bench: &mut Bench<F>,
) -> Result<(), Fault> {
    ends(bench, said_by, |answers| {
        let holds = answers.ended == 1 && answers.already_so == 0;
        ensure(holds, "one caller to end the service and all others refused", || answers.told())
    })
    .await
}

pub(crate) async fn callers_with_the_same_event_all_succeed<F: AsyncFixture>(
    bench: &mut Bench<F>,
) -> Result<(), Fault> {
    let same = |_, feedback: &_, ratings: &_| said_by(7, feedback, ratings);
    ends(bench, same, |answers| {
        let holds = answers.ended == 1 && answers.refused == 0;
        ensure(holds, "one caller to end the service and all others to find it so", || answers.told())
    })
    .await
}

/// How many updates each caller makes, and how often it tries before a store is taken to be stuck.
const UPDATES: i64 = 4;
const ATTEMPTS: usize = 10_000;

pub(crate) async fn no_update_is_lost<F: AsyncFixture>(bench: &mut Bench<F>) -> Result<(), Fault> {
    let callers = bench.callers()?;
    let ratings = list("Ratings")?;
    let storage = bench.fresh().await;
    let service = Known::active(1);
    bench.insert(&storage, &service).await;
    let call = |_| -> Call<'_, _> { Box::pin(count_up(&storage, service.id, &ratings)) };
    for counted in bench.together.run(numbers(callers).map(call).collect()).await {
        counted.map_err(|fault| fault.when("with many writers"))?;
    }
    let total = UPDATES * numbers(callers).last().unwrap_or(0);
    let mut service = service;
    let all =
        completion(&present(&storage, service.id).await?, event(total, [counts(&ratings, 0..total)?])?)?;
    service.apply(&all);
    holds(&storage, &service)
        .await
        .map_err(|fault| fault.when(&format!("after {total} updates, each adding one")))
}

/// Reads a service, adds one to the count in its end and a record to its list, and commits it, several times.
async fn count_up<S: AsyncStorage>(
    storage: &S,
    id: ServiceId,
    ratings: &ExtensionSchema,
) -> Result<(), Fault> {
    let mut left = UPDATES;
    for _ in 0..ATTEMPTS {
        let Some(read) = load(storage, id, Want::Nothing).await? else {
            return Err(Fault::new(format!("service {id}"), "none"));
        };
        let count = read.end.as_ref().and_then(|end| end.fields().resource_id).unwrap_or(0) + 1;
        pause().await;
        let next = completion(&read, event(count, [counts(ratings, 0..count)?])?)?;
        match commit(storage, &next).await? {
            Commit::Committed => left -= 1,
            Commit::Stale => pause().await,
            other => return Err(Fault::new("a commit or a stale one", format!("{other:?}"))),
        }
        if left == 0 {
            return Ok(());
        }
    }
    Err(Fault::new("a commit to succeed at last", format!("{ATTEMPTS} stale ones")))
}
