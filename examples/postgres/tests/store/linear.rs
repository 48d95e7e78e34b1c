//! What concurrent callers are told could have been told to one after the other, while the server is killed, and once
//! replaced by its standby.
//!
//! `LINEAR_OPERATIONS=100000 cargo test -p service-end-postgres linear -- --nocapture` asks for more.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use service_end_linear::answer::Answer;
use service_end_linear::call::{Call, What};
use service_end_linear::caller::Habits;
use service_end_linear::check::Tally;
use service_end_linear::readers::Readers;
use service_end_linear::run::Batch;
use service_end_linear::store::{Store, ask_async, started};
use service_end_postgres::{PostgresError, PostgresStorage};
use tokio::runtime::Runtime;
use tokio_postgres::NoTls;

use crate::server::Server;

/// Calls of several callers, each on a thread of its own, over one runtime.
struct Postgres<'r>(PostgresStorage, &'r Runtime);

impl Postgres<'_> {
    async fn done(&self, readers: &Readers, call: &Call) -> Result<bool, PostgresError> {
        let Postgres(storage, _) = self;
        match &call.what {
            What::Start { .. } => storage.insert(&started(call)).await,
            What::Register(edition) => storage.register(readers.edition(*edition)).await,
            What::Replace(edition) => Ok(storage.replace(readers.edition(*edition), true).await?.is_ok()),
            What::Unregister => storage.unregister(readers.kept()).await,
            other => panic!("that is the operation's: {other:?}"),
        }
    }
}

impl Store for Postgres<'_> {
    fn call(&self, readers: &Readers, call: &Call) -> Option<Answer> {
        let answer = self.1.block_on(async {
            match &call.what {
                What::Load(_) | What::End { .. } | What::Commit { .. } => {
                    ask_async(&self.0, readers, call).await
                }
                _ => self.done(readers, call).await.ok().map(Answer::Done),
            }
        });
        if answer.is_none() {
            // Until the server is there again.
            thread::sleep(Duration::from_millis(20));
        }
        answer
    }
}

fn operations() -> u64 {
    std::env::var("LINEAR_OPERATIONS").map_or(6_000, |number| number.parse().unwrap())
}

/// Two stores, as two hosts have them.
fn stores<'r>(url: &str, runtime: &'r Runtime) -> [Postgres<'r>; 2] {
    let open = || PostgresStorage::with(url.parse().unwrap(), NoTls, 4, Duration::from_secs(2)).unwrap();
    runtime.block_on(async { [Postgres(open(), runtime), Postgres(open(), runtime)] })
}

/// Batches of calls, until there were so many and something else is done.
fn checked(ways: &[Postgres<'_>], operations: u64, done: &AtomicBool) -> Tally {
    let ways: Vec<&dyn Store> = ways.iter().map(|way| way as &dyn Store).collect();
    let mut tally = Tally::default();
    let mut number = 1;
    while tally.operations < operations || !done.load(Ordering::Relaxed) {
        let readers = Readers::numbered(number);
        let habits = Habits::new();
        let seed = number.unsigned_abs();
        let mut batch = Batch::new(&readers, habits, number * habits.services, seed);
        batch.phase(&ways);
        tally.check(&batch).unwrap_or_else(|anomaly| panic!("{anomaly}"));
        number += 1;
    }
    tally
}

#[test]
fn a_server_that_is_killed_is_linearizable() {
    const KILLS: u32 = 6;
    let runtime = Runtime::new().unwrap();
    let mut server = runtime.block_on(async {
        let server = Server::start();
        server.storage().await;
        server
    });
    let ways = stores(&server.url(), &runtime);
    let done = AtomicBool::new(false);
    let operations = operations();
    let kills = u64::from(KILLS).max(operations / 2_000);
    let tally = thread::scope(|scope| {
        scope.spawn(|| {
            for kill in 1..=kills {
                thread::sleep(Duration::from_millis(600 + kill * 37 % 300));
                server.kill();
                server.restart();
            }
            done.store(true, Ordering::Relaxed);
        });
        checked(&ways, operations, &done)
    });
    println!("PostgreSQL, {kills} kills: {tally}");
    assert!(tally.unknown > 0, "{tally}");
}

#[test]
fn a_standby_that_takes_over_is_linearizable() {
    let runtime = Runtime::new().unwrap();
    let (mut primary, standby) = runtime.block_on(async {
        let mut primary = Server::start();
        primary.storage().await;
        let standby = Server::standby_of(&mut primary);
        let replicating = "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'";
        while primary.ask(replicating).await != ["1"] {}
        (primary, standby)
    });
    let url = format!(
        "postgresql://host@127.0.0.1:{},127.0.0.1:{}/postgres?target_session_attrs=read-write",
        primary.port(),
        standby.port()
    );
    let ways = stores(&url, &runtime);
    let done = AtomicBool::new(false);
    let tally = thread::scope(|scope| {
        scope.spawn(|| {
            thread::sleep(Duration::from_secs(1));
            primary.kill();
            assert_eq!(runtime.block_on(standby.ask("SELECT pg_promote()")), ["t"]);
            thread::sleep(Duration::from_secs(1));
            done.store(true, Ordering::Relaxed);
        });
        checked(&ways, operations() / 4, &done)
    });
    println!("PostgreSQL, a failover: {tally}");
    assert!(tally.unknown > 0, "{tally}");
}
