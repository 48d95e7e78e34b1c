//! The program that carries a whole store to newer schemas is killed half-way, again and again, and started again: in the
//! end it has done what a run that nobody disturbs does.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use service_end::{AttributeSchema, ExtensionSchema};

use crate::server::Server;

const KILLS: usize = 20;

/// The example program, built if it is not.
fn program() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let profile = test.parent().and_then(Path::parent).unwrap();
    let mut build = Command::new(env!("CARGO"));
    build.args(["build", "--quiet", "-p", env!("CARGO_PKG_NAME"), "--example", "migrate_postgres"]);
    build.arg("--target-dir").arg(profile.parent().unwrap());
    if profile.ends_with("release") {
        build.arg("--release");
    }
    assert!(build.status().unwrap().success());
    profile.join("examples").join("migrate_postgres")
}

/// Services of an earlier version. Some can't be carried, and some need not be.
const EARLIER: &str = r#"
    TRUNCATE services, extensions;
    INSERT INTO services (service_id, version, started) SELECT id, id % 5, 0 FROM generate_series(1, 500) id;
    INSERT INTO extensions (service_id, key, generation, records)
    SELECT id, 'feedback', 0, CASE id % 50
        WHEN 0 THEN '{"gone":1}'
        WHEN 1 THEN format('[{"rating":%s,"channel":"mail"}]', id)
        ELSE format('{"rating":%s}', id) END
    FROM generate_series(1, 500) id"#;

/// What is stored of each service: its version, and its extension.
const STORED: &str = "
    SELECT concat_ws(' ', service_id, version, started, completed, key, generation, records)
    FROM services JOIN extensions USING (service_id) ORDER BY service_id";

#[tokio::test]
async fn a_migration_that_is_killed_and_started_again_does_what_an_undisturbed_one_does() {
    let program = program();
    let server = Server::start();
    let storage = server.storage().await;
    let rating = AttributeSchema::integer("rating");
    let old = ExtensionSchema::single_valued("Feedback").attribute(rating).build().unwrap();
    assert!(storage.register(&old).await.unwrap());
    let new = ExtensionSchema::multi_valued("Feedback")
        .attribute(AttributeSchema::currency("rating"))
        .attribute(AttributeSchema::string("channel").mandatory().default("phone"));
    assert!(storage.replace(&new.build().unwrap(), true).await.unwrap().is_ok());
    let migrate = || {
        let mut migrate = Command::new(&program);
        migrate.arg(server.url()).args(["--write", "--batch", "40"]);
        migrate.stdout(Stdio::null()).stderr(Stdio::null());
        migrate
    };
    server.ask(EARLIER).await;
    let before = server.ask(STORED).await;
    let begun = Instant::now();
    assert_eq!(migrate().status().unwrap().code(), Some(1), "some can't be carried");
    let length = begun.elapsed();
    let after = server.ask(STORED).await;
    assert_eq!(before.iter().zip(&after).filter(|(before, after)| before != after).count(), 480);

    let (mut kills, mut half_way) = (0, 0);
    while kills < KILLS {
        server.ask(EARLIER).await;
        loop {
            let mut running = migrate().spawn().unwrap();
            let random = RandomState::new().build_hasher().finish();
            std::thread::sleep(Duration::from_nanos(random % u64::try_from(length.as_nanos()).unwrap()));
            let is_done = running.try_wait().unwrap().is_some();
            running.kill().unwrap();
            running.wait().unwrap();
            let now = server.ask(STORED).await;
            assert!(now.len() == before.len(), "nothing is lost");
            for (now, (before, after)) in now.iter().zip(before.iter().zip(&after)) {
                assert!(now == before || now == after, "{now}");
            }
            if is_done {
                break;
            }
            kills += 1;
            half_way += usize::from(now != before && now != after);
        }
        assert!(server.ask(STORED).await == after, "it is the same in the end");
    }
    println!("{kills} kills, {half_way} of them half-way");
    assert!(half_way > 3, "so few that nothing is proven: {half_way}");
}

#[test]
fn the_program_tells_how_it_is_used_and_why_it_failed() {
    let program = program();
    let help = Command::new(&program).arg("--help").output().unwrap();
    assert!(help.status.success() && help.stdout.starts_with(b"usage: ") && help.stderr.is_empty());
    let nobody = "postgresql://host:secret@127.0.0.1:1/postgres";
    let failed = Command::new(&program).arg(nobody).output().unwrap();
    assert_eq!(failed.status.code(), Some(2));
    let said = String::from_utf8(failed.stderr).unwrap();
    assert!(said.contains("there is no connection to the database: "), "{said}");
    assert!(said.contains("Connection refused") && !said.contains("secret"), "{said}");
}
