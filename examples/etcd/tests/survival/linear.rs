//! What concurrent callers are told could have been told to one after the other, while leaders are killed.
//!
//! `LINEAR_OPERATIONS=100000 cargo test -p service-end-etcd --test survival linear -- --nocapture` asks for more.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use service_end_etcd::{EtcdError, EtcdStorage};
use service_end_linear::answer::Answer;
use service_end_linear::call::{Call, What};
use service_end_linear::caller::Habits;
use service_end_linear::check::Tally;
use service_end_linear::readers::Readers;
use service_end_linear::run::Batch;
use service_end_linear::store::{Store, ask_async, started};
use tokio::runtime::Runtime;
use tokio::time::timeout;

use crate::PATIENCE;
use crate::cluster::Cluster;

/// Calls of several callers, each on a thread of its own, over one runtime.
struct Etcd<'r>(EtcdStorage, &'r Runtime);

impl Etcd<'_> {
    async fn done(&self, readers: &Readers, call: &Call) -> Result<bool, EtcdError> {
        let Etcd(storage, _) = self;
        match &call.what {
            What::Start { .. } => storage.insert(&started(call)).await,
            What::Register(edition) => storage.register(readers.edition(*edition)).await,
            What::Replace(edition) => Ok(storage.replace(readers.edition(*edition), true).await?.is_ok()),
            What::Unregister => storage.unregister(readers.kept()).await,
            other => panic!("that is the operation's: {other:?}"),
        }
    }
}

impl Store for Etcd<'_> {
    fn call(&self, readers: &Readers, call: &Call) -> Option<Answer> {
        let answer = async {
            match &call.what {
                What::Load(_) | What::End { .. } | What::Commit { .. } => {
                    ask_async(&self.0, readers, call).await
                }
                _ => self.done(readers, call).await.ok().map(Answer::Done),
            }
        };
        // Callers lose patience before the store does, which has another node do what one did not answer.
        self.1.block_on(async { timeout(Duration::from_millis(400), answer).await }).ok().flatten()
    }
}

/// A batch on a prefix of its own, by a store on all nodes, and by two that each know one node only and learn nothing of
/// a call when that is killed.
fn checked(endpoints: &[String], runtime: &Runtime, number: i64, tally: &mut Tally) {
    let store = |endpoints: &[String]| {
        let endpoints: Vec<&str> = endpoints.iter().map(|endpoint| &**endpoint).collect();
        let store = EtcdStorage::connect(&endpoints, format!("linear-{number}/"));
        Etcd(runtime.block_on(store).unwrap(), runtime)
    };
    let ways = [store(endpoints), store(&endpoints[..1]), store(&endpoints[1..2])];
    let readers = Readers::numbered(number);
    let mut batch = Batch::new(&readers, Habits::new(), 1, number.unsigned_abs());
    batch.phase(&[&ways[0], &ways[1], &ways[2]]);
    tally.check(&batch).unwrap_or_else(|anomaly| panic!("{anomaly}"));
}

#[test]
fn nodes_that_are_killed_are_linearizable() {
    const KILLS: u64 = 4;
    let operations = std::env::var("LINEAR_OPERATIONS").map_or(3_000, |number| number.parse().unwrap());
    let kills = KILLS.max(operations / 2_000);
    let runtime = &Runtime::new().unwrap();
    let mut cluster = runtime.block_on(Cluster::start_in_memory());
    let endpoints: Vec<String> = cluster.endpoints().into_iter().map(str::to_owned).collect();
    let done = &AtomicBool::new(false);
    let tally = thread::scope(|scope| {
        let killer = scope.spawn(move || {
            for kill in 1..=kills {
                let begun = Instant::now();
                let leader = runtime.block_on(cluster.wait_for_leader(PATIENCE)).unwrap();
                cluster.kill(leader);
                thread::sleep(Duration::from_millis(1_500));
                cluster.run(leader);
                runtime.block_on(cluster.wait_for_leader(PATIENCE)).unwrap();
                println!("leader {kill} killed, and there again after {:?}", begun.elapsed());
                thread::sleep(Duration::from_millis(500));
            }
            done.store(true, Ordering::Relaxed);
            // It is there until the callers have finished.
            cluster
        });
        let mut tally = Tally::default();
        let mut number = 1;
        while tally.operations < operations || !done.load(Ordering::Relaxed) {
            checked(&endpoints, runtime, number, &mut tally);
            number += 1;
        }
        drop(killer.join().unwrap());
        tally
    });
    println!("etcd, {kills} leaders killed: {tally}");
    assert!(tally.unknown > 0, "{tally}");
}
