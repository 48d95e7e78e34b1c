//! Random commands, on the store and on a model.

use std::fmt;

use service_end::event::{Extension, ServiceEndEvent};
use service_end::schema::{ExtensionSchema, Schemas};
use service_end::storage::{AsyncStorage, Immediate, MemoryStorage, Want};
use service_end::value::Version;

use crate::bench::{Bench, commit, completion_at, load};
use crate::fault::{Fault, ensure};
use crate::fixture::AsyncFixture;
use crate::generator::Generator;
use crate::known::Known;
use crate::sample::{counts, everything, list, numbered, records, schemas, single, with_extensions};

const SEQUENCES: usize = 25;
const COMMANDS: usize = 16;
/// How many runs may be spent on finding a shorter sequence that fails too.
const SHRINKING_RUNS: usize = 200;
/// The services of a run: two that there are, and one that there is not.
const SERVICES: i64 = 3;
/// A version that no store comes to, and that one with signed numbers can hold.
const NEVER_GIVEN: Version = Version(i64::MAX);
const KEYS: [&str; 4] = ["feedback", "ratings", "ratings_2", "everything"];

/// One command, on a service that is told by its number.
#[derive(Clone, Debug)]
enum Command {
    Load { service: i64, all: bool, keys: Vec<&'static str> },
    Commit { service: i64, versions_ago: usize, event: Box<ServiceEndEvent> },
}

impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Command::Load { service, all: true, .. } => write!(f, "load all of service {service}"),
            Command::Load { service, keys, .. } if keys.is_empty() => write!(f, "load service {service}"),
            Command::Load { service, keys, .. } => write!(f, "load {} of service {service}", keys.join(", ")),
            Command::Commit { service, versions_ago, event } => {
                let json = serde_json::to_string(&**event).unwrap_or_default();
                write!(f, "commit on service {service}, read {versions_ago} versions ago: {json}")
            }
        }
    }
}

/// What the commands are made of.
struct Vocabulary {
    feedback: ExtensionSchema,
    ratings: ExtensionSchema,
    others: ExtensionSchema,
    everything: ExtensionSchema,
    schemas: Schemas,
}

impl Vocabulary {
    fn new() -> Result<Self, Fault> {
        let all = [single("Feedback")?, list("Ratings")?, list("Ratings_2")?, everything()?];
        let schemas = schemas(&all)?;
        let [feedback, ratings, others, everything] = all;
        Ok(Vocabulary { feedback, ratings, others, everything, schemas })
    }

    fn command(&self, random: &mut Generator) -> Result<Command, Fault> {
        let service = if random.one_in(8) { SERVICES } else { i64::from(random.one_in(3)) + 1 };
        if random.one_in(3) {
            let keys = KEYS.into_iter().filter(|_| random.one_in(2)).collect();
            return Ok(Command::Load { service, all: random.one_in(3), keys });
        }
        let versions_ago = if random.one_in(4) { 1 + random.below(3) } else { 0 };
        Ok(Command::Commit { service, versions_ago, event: Box::new(self.event(random)?) })
    }

    fn event(&self, random: &mut Generator) -> Result<ServiceEndEvent, Fault> {
        let mut event = numbered(random.long() >> random.below(64));
        if random.one_in(2) {
            event = event.session_id(Self::text(random));
        }
        if random.one_in(3) {
            event = event.disposition(Self::text(random));
        }
        let mut extensions = Vec::new();
        for schema in [&self.feedback, &self.ratings, &self.others] {
            if random.one_in(2) {
                extensions.push(Self::extension(schema, random)?);
            }
        }
        if random.one_in(4) {
            let doubles: Vec<f64> = (0..random.below(4)).map(|_| random.double()).collect();
            extensions.push(records(&self.everything, doubles, |record, number| {
                record.set("number", number);
            })?);
        }
        with_extensions(event, extensions)
    }

    fn extension(schema: &ExtensionSchema, random: &mut Generator) -> Result<Extension, Fault> {
        let single = schema.name() == "Feedback";
        let number = if single { 1 } else { random.below(4) };
        let rows: Vec<_> =
            (0..number).map(|_| (random.one_in(2), random.long(), Self::text(random))).collect();
        records(schema, rows, |record, (counted, count, label)| {
            if counted {
                record.set("count", count);
            }
            record.set("label", label);
        })
    }

    fn text(random: &mut Generator) -> &'static str {
        let texts = ["", "a", "A", "é", "e\u{301}", " a ", "\"", "\\", "\u{1f600}", "10"];
        random.pick(&texts).copied().unwrap_or_default()
    }
}

/// The store and the model, side by side. Ids of different runs don't meet.
struct Pair<'s, S> {
    storage: &'s S,
    model: Immediate<MemoryStorage>,
    vocabulary: &'s Vocabulary,
    first_id: i64,
    /// The versions that each service was at, in the store and in the model.
    versions: Vec<(i64, Version, Version)>,
}

impl<S: AsyncStorage> Pair<'_, S> {
    async fn run(&mut self, command: &Command) -> Result<(), Fault> {
        match command {
            Command::Load { service, all: true, .. } => self.load(*service, Want::All).await,
            Command::Load { service, keys, .. } => self.load(*service, Want::Named(keys)).await,
            Command::Commit { service, versions_ago, event } => {
                let mut earlier = self.versions.iter().rev().filter(|(of, ..)| of == service);
                let (_, stored, modelled) =
                    earlier.nth(*versions_ago).copied().unwrap_or((*service, NEVER_GIVEN, NEVER_GIVEN));
                let id = self.first_id + service;
                let ended = load(&self.model, id.into(), Want::Nothing).await?;
                let ended = ended.is_some_and(|service| service.end.is_some());
                let answer =
                    commit(self.storage, &completion_at(id, stored, ended, ServiceEndEvent::clone(event))?)
                        .await?;
                let expected =
                    commit(&self.model, &completion_at(id, modelled, ended, ServiceEndEvent::clone(event))?)
                        .await?;
                ensure(answer == expected, format!("the answer {expected:?}"), || format!("{answer:?}"))?;
                self.load(*service, Want::All).await
            }
        }
    }

    /// Loads from both, demands the same, and notes the versions.
    async fn load(&mut self, service: i64, want: Want<'_>) -> Result<(), Fault> {
        let id = (self.first_id + service).into();
        let found = load(self.storage, id, want).await?;
        let Some(modelled) = load(&self.model, id, want).await? else {
            return ensure(found.is_none(), format!("none for service {service}"), || format!("{found:?}"));
        };
        let version = modelled.version;
        Known::of(&modelled, &self.vocabulary.schemas).compare(want, found.as_ref())?;
        let pair = (service, found.map_or(Version(0), |found| found.version), version);
        let latest = self.versions.iter().rev().find(|(of, ..)| *of == service);
        if latest != Some(&pair) {
            self.versions.push(pair);
        }
        Ok(())
    }
}

/// A run of commands on services of its own.
async fn run<F: AsyncFixture>(
    bench: &mut Bench<F>,
    storage: &F::Storage,
    vocabulary: &Vocabulary,
    first_id: i64,
    commands: &[Command],
) -> Result<(), Fault> {
    let model = Immediate(MemoryStorage::new());
    let mut pair = Pair { storage, model, vocabulary, first_id, versions: Vec::new() };
    let bare = Known::active(first_id + 1);
    let full = Known::active(first_id + 2)
        .with(counts(&vocabulary.feedback, [1])?)
        .with(counts(&vocabulary.ratings, [1, 2, 3])?)
        .with_text("removed", r#"{"a":[1]}"#);
    for service in [bare, full] {
        bench.insert(storage, &service).await;
        pair.model.0.insert(service.to_stored());
    }
    for service in 1..=SERVICES {
        pair.load(service, Want::All).await?;
    }
    for command in commands {
        pair.run(command).await?;
    }
    Ok(())
}

pub(crate) async fn random_commands_do_as_the_model_does<F: AsyncFixture>(
    bench: &mut Bench<F>,
) -> Result<(), Fault> {
    let vocabulary = Vocabulary::new()?;
    let mut random = bench.generator();
    let storage = bench.fresh().await;
    let mut first_id = 1_000;
    for _ in 0..SEQUENCES {
        let commands =
            (0..COMMANDS).map(|_| vocabulary.command(&mut random)).collect::<Result<Vec<_>, Fault>>()?;
        first_id += 10;
        if let Err(fault) = run(bench, &storage, &vocabulary, first_id, &commands).await {
            return Err(shrink(bench, &storage, &vocabulary, first_id, commands, fault).await);
        }
    }
    Ok(())
}

/// Leaves out one command after the other, as long as what is left fails too.
async fn shrink<F: AsyncFixture>(
    bench: &mut Bench<F>,
    storage: &F::Storage,
    vocabulary: &Vocabulary,
    mut first_id: i64,
    mut commands: Vec<Command>,
    mut fault: Fault,
) -> Fault {
    let mut runs = 0;
    let mut at = 0;
    while at < commands.len() && runs < SHRINKING_RUNS {
        let mut shorter = commands.clone();
        shorter.remove(at);
        first_id += 10;
        runs += 1;
        match run(bench, storage, vocabulary, first_id, &shorter).await {
            Err(still) => {
                (commands, fault) = (shorter, still);
                // An earlier one may be dispensable now.
                at = 0;
            }
            Ok(()) => at += 1,
        }
    }
    fault.after("these commands, as few as were found to fail", &commands)
}
