//! Reads beside writes.

use std::sync::atomic::{AtomicBool, Ordering};

use service_end::schema::ExtensionSchema;
use service_end::service::StoredService;
use service_end::storage::{AsyncStorage, Commit, Want};
use service_end::value::{ServiceId, Value, Version};

use crate::bench::{Bench, commits, completion, load, present};
use crate::fault::{Fault, ensure};
use crate::fixture::AsyncFixture;
use crate::known::{Known, readable};
use crate::sample::{counts, event, list, single};
use crate::together::{Call, pause};

/// How often the service is written while it is read.
const WRITES: i64 = 60;

/// What the writer writes: one number in the end and in two extensions.
struct Written {
    feedback: ExtensionSchema,
    ratings: ExtensionSchema,
}

impl Written {
    fn new() -> Result<Self, Fault> {
        Ok(Written { feedback: single("Feedback")?, ratings: list("Ratings")? })
    }

    /// The numbers that a read found: of the end, and of each extension.
    fn found(&self, service: &StoredService) -> Vec<(&str, Option<i64>)> {
        let mut found = vec![("the end", service.end.as_ref().and_then(|end| end.fields().resource_id))];
        for schema in [&self.feedback, &self.ratings] {
            let Some(json) = service.extension(schema.key()) else { continue };
            let read = readable(schema, json);
            let count = read.and_then(|read| read.record()?.get("count").and_then(Value::as_i64));
            found.push((schema.key(), count));
        }
        found
    }
}

async fn write<S: AsyncStorage>(storage: &S, id: ServiceId, written: &Written) -> Result<(), Fault> {
    for number in 1..=WRITES {
        let read = present(storage, id).await?;
        // The list grows and shrinks, so that half of it would be noticed.
        let again = usize::try_from(number % 5 + 1).unwrap_or(1);
        let ratings = counts(&written.ratings, std::iter::repeat_n(number, again))?;
        let event = event(number, [counts(&written.feedback, [number])?, ratings])?;
        commits(storage, &completion(&read, event)?, Commit::Committed).await?;
        pause().await;
    }
    Ok(())
}

/// One writer writes while all others read, each in every way and with an eye of its own.
async fn beside<F: AsyncFixture, E: FnMut(&StoredService, &Written) -> Result<(), Fault> + Send>(
    bench: &mut Bench<F>,
    eye: impl Fn() -> E,
) -> Result<(), Fault> {
    let readers = bench.callers()? - 1;
    let written = &Written::new()?;
    let storage = &bench.fresh().await;
    let service = Known::active(1).with(counts(&written.feedback, [0])?).with(counts(&written.ratings, [0])?);
    bench.insert(storage, &service).await;
    let id = service.id;
    let done = &AtomicBool::new(false);
    let mut calls: Vec<Call<'_, Result<(), Fault>>> = Vec::new();
    for _ in 0..readers {
        let mut look = eye();
        calls.push(Box::pin(async move {
            let keys: [&[&str]; 2] = [&["feedback", "ratings"], &["ratings"]];
            let wants = [Want::All, Want::Named(keys[0]), Want::Nothing, Want::Named(keys[1])];
            for want in wants.into_iter().cycle() {
                let found = load(storage, id, want).await?;
                let found = found.ok_or_else(|| Fault::new("the service", "none"))?;
                look(&found, written)?;
                if done.load(Ordering::Acquire) {
                    break;
                }
                pause().await;
            }
            Ok(())
        }));
    }
    calls.push(Box::pin(async move {
        let wrote = write(storage, id, written).await;
        done.store(true, Ordering::Release);
        wrote
    }));
    bench.together.run(calls).await.into_iter().collect()
}

pub(crate) async fn a_read_beside_writes_is_one_version<F: AsyncFixture>(
    bench: &mut Bench<F>,
) -> Result<(), Fault> {
    beside(bench, || {
        let mut seen: Option<(Version, i64)> = None;
        move |service: &StoredService, written: &Written| {
            let found = written.found(service);
            let number = found.first().and_then(|(_, number)| *number).unwrap_or(0);
            let same = found.iter().all(|(_, other)| other.unwrap_or(0) == number);
            ensure(same, "the end and all extensions of one version", || told(service.version, &found))?;
            // One version has one content.
            if let Some((version, earlier)) = seen {
                let expected = format!("of version {version} the number {earlier}, as read before");
                ensure(version != service.version || earlier == number, expected, || format!("{number}"))?;
            }
            seen = Some((service.version, number));
            Ok(())
        }
    })
    .await
}

fn told(version: Version, found: &[(&str, Option<i64>)]) -> String {
    let of = |(name, number): &(&str, Option<i64>)| match number {
        Some(number) => format!("{name} of write {number}"),
        None => format!("{name} of before"),
    };
    format!("at version {version} {}", found.iter().map(of).collect::<Vec<_>>().join(", "))
}

pub(crate) async fn a_reader_never_goes_back<F: AsyncFixture>(bench: &mut Bench<F>) -> Result<(), Fault> {
    beside(bench, || {
        let mut latest = 0;
        move |service: &StoredService, written: &Written| {
            let found = written.found(service);
            let oldest = found.iter().map(|(_, number)| number.unwrap_or(0)).min().unwrap_or(0);
            ensure(oldest >= latest, format!("after write {latest} was read, none before it"), || {
                told(service.version, &found)
            })?;
            latest = found.iter().filter_map(|(_, number)| *number).max().unwrap_or(latest);
            Ok(())
        }
    })
    .await
}
