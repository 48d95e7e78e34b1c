//! The store in memory.

use service_end::MemoryStorage;
use service_end_linear::answer::Answer;
use service_end_linear::call::{Call, What};
use service_end_linear::caller::Habits;
use service_end_linear::check::Tally;
use service_end_linear::readers::Readers;
use service_end_linear::run::Batch;
use service_end_linear::store::{Store, ask, started};

struct Memory(MemoryStorage);

impl Store for Memory {
    fn call(&self, readers: &Readers, call: &Call) -> Option<Answer> {
        let Memory(storage) = self;
        Some(Answer::Done(match &call.what {
            What::Start { .. } => storage.insert(started(call)),
            What::Register(edition) => storage.register(readers.edition(*edition)).is_ok(),
            What::Replace(edition) => storage.replace_anyway(readers.edition(*edition)).is_ok(),
            What::Unregister => storage.unregister(readers.kept()).is_ok(),
            _ => return ask(storage, readers, call),
        }))
    }
}

#[test]
fn the_store_in_memory_is_linearizable() {
    let operations = std::env::var("LINEAR_OPERATIONS").map_or(1_000_000, |number| number.parse().unwrap());
    let readers = Readers::numbered(1);
    let mut tally = Tally::default();
    let mut seed = 0;
    while tally.operations < operations {
        let mut batch = Batch::new(&readers, Habits::new(), 1, seed);
        let store = Memory(MemoryStorage::new());
        batch.phase(&[&store]);
        tally.check(&batch).unwrap_or_else(|anomaly| panic!("{anomaly}"));
        seed += 1;
    }
    println!("memory: {tally}");
    assert_eq!(tally.unknown + tally.failed_reads, 0);
}
