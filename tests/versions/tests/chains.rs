//! Chains of ten random versions.
#![allow(clippy::panic, clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use fastrand::Rng;
use service_end::{
    CompleteService, Extension, ExtensionSchema, MemoryStorage, Schemas, Service, StoredService, Timestamp,
    Validator, storage::Immediate,
};
use service_end_versions::declared::{changed, first, safely_changed};
use service_end_versions::said::Sayings;
use service_end_versions::under_load::{Host, Load};

const CHAINS: u64 = 2_000;
const VERSIONS: usize = 10;

fn set(schema: &ExtensionSchema) -> Schemas {
    Schemas::new().with(schema.clone()).unwrap()
}

fn extensions(schema: &ExtensionSchema, random: &mut Rng, count: usize) -> Vec<Extension> {
    let sayings = Sayings::of(schema);
    (0..count).filter_map(|_| sayings.read(&sayings.body(random))).collect()
}

#[test]
fn migrating_step_by_step_is_migrating_at_once_where_each_step_is_safe_for_records() {
    let (mut carried, mut longest) = (0, 0);
    for seed in 0..CHAINS {
        let mut random = Rng::with_seed(seed);
        let mut schema = first(&mut random, "Feedback", 4);
        // As they were said, and as they have come so far.
        let mut chains: Vec<(Extension, Extension)> = Vec::new();
        let mut steps = 0;
        for _ in 0..VERSIONS {
            chains.extend(extensions(&schema, &mut random, 4).into_iter().map(|said| (said.clone(), said)));
            let mut new = changed(&mut random, &schema);
            for _ in 0..20 {
                if schema.compare(&new).records().is_safe() {
                    break;
                }
                new = changed(&mut random, &schema);
            }
            if schema.compare(&new).records().is_safe() {
                steps += 1;
            } else {
                // Here a chain ends, and others begin.
                chains.clear();
                steps = 0;
            }
            longest = longest.max(steps);
            for (said, so_far) in &mut chains {
                let told =
                    |error| panic!("seed {seed}: {} to {}: {error:?}", so_far.to_json(), new.to_json());
                let step = so_far.migrate(&new).unwrap_or_else(told);
                assert_eq!(said.migrate(&new).as_ref(), Ok(&step), "seed {seed}: {}", said.to_json());
                *so_far = step;
                carried += 1;
            }
            schema = new;
        }
    }
    println!("{carried} times carried a step, {longest} steps in a row");
    assert!(carried > 50_000 && longest == VERSIONS, "{carried} {longest}");
}

#[test]
fn after_safe_replacements_every_old_body_is_accepted_and_every_record_reads() {
    let (mut bodies, mut records) = (0, 0);
    for seed in 0..CHAINS {
        let mut random = Rng::with_seed(seed);
        let mut schemas = vec![first(&mut random, "Feedback", 4)];
        for version in 0..VERSIONS {
            schemas.push(safely_changed(&mut random, &schemas[version]));
        }
        let last = set(schemas.last().unwrap());
        let storage = MemoryStorage::new();
        let operation = CompleteService::new(Validator::new(last.clone()), &storage);
        for schema in &schemas {
            let sayings = Sayings::of(schema);
            for _ in 0..5 {
                let body = sayings.body(&mut random);
                bodies += 1;
                storage.insert(StoredService::new(bodies, 0, Timestamp::MIN));
                let ended = operation.end(bodies, body.as_bytes(), Timestamp::MAX);
                assert!(ended.is_ok(), "seed {seed}: {body}: {ended:?}");
                let Some(said) = sayings.read(&body) else { continue };
                let stored =
                    StoredService::new(0, 0, Timestamp::MIN).with_extension("Feedback", said.to_json());
                let service = Service::read(&stored, &last);
                let carried = said.migrate(&schemas[VERSIONS]);
                assert_eq!(service.extension("Feedback"), carried.as_ref().ok(), "seed {seed}: {stored:?}");
                assert!(carried.is_ok(), "seed {seed}: {stored:?}");
                records += 1;
            }
        }
    }
    println!("{bodies} bodies, {records} extensions");
    assert!(records > 50_000, "{records}");
}

/// A store in memory, asked at once.
struct Memory(Immediate<MemoryStorage>);

impl Host for Memory {
    type Storage = Immediate<MemoryStorage>;

    fn storage(&self) -> &Self::Storage {
        &self.0
    }

    async fn schemas(&self) -> Schemas {
        self.0.0.schemas()
    }

    async fn register(&self, schema: &ExtensionSchema) {
        self.0.0.register(schema).unwrap();
    }

    async fn replace(&self, schema: &ExtensionSchema) -> bool {
        self.0.0.replace(schema).is_ok()
    }

    async fn insert(&self, service: StoredService) {
        assert!(self.0.0.insert(service));
    }
}

#[test]
fn while_versions_follow_each_other_no_caller_notices_and_nothing_is_lost() {
    let mut again = 0;
    for seed in 0..150 {
        let (memory, load) = (Memory(Immediate(MemoryStorage::new())), Load::new(seed, 4, 100));
        load.run_on_threads(&memory);
        again += load.decided_again();
    }
    println!("60,000 services ended, {again} decided again");
    // How often it comes to that, the machine decides: some hundreds of times.
    assert!(again > 100, "{again}");
}
