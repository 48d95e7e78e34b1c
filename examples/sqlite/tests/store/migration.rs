//! The program that carries a whole store to newer schemas is killed half-way, again and again, and started again: in the
//! end it has done what a run that nobody disturbs does.

use std::collections::BTreeMap;
use std::fs;
use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use service_end::{AttributeSchema, ExtensionSchema};
use service_end_sqlite::SqliteStorage;

const SERVICES: i64 = 4_000;
const KILLS: usize = 40;

/// What is stored of each service: its version, and its extensions with their generations.
type Stored = BTreeMap<i64, Vec<String>>;

/// The example program, built if it is not.
fn program() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let profile = test.parent().and_then(Path::parent).unwrap();
    let mut build = Command::new(env!("CARGO"));
    build.args(["build", "--quiet", "-p", env!("CARGO_PKG_NAME"), "--example", "migrate_sqlite"]);
    build.arg("--target-dir").arg(profile.parent().unwrap());
    if profile.ends_with("release") {
        build.arg("--release");
    }
    assert!(build.status().unwrap().success());
    profile.join("examples").join("migrate_sqlite")
}

/// A file whose services are of an earlier version. Some can't be carried, and some need not be.
fn earlier(file: &Path) {
    let storage = SqliteStorage::open(file).unwrap();
    let rating = AttributeSchema::integer("rating");
    let old = ExtensionSchema::single_valued("Feedback").attribute(rating).build().unwrap();
    assert!(storage.register(&old).unwrap());
    let new = ExtensionSchema::multi_valued("Feedback")
        .attribute(AttributeSchema::currency("rating"))
        .attribute(AttributeSchema::string("channel").mandatory().default("phone"));
    assert!(storage.replace(&new.build().unwrap(), true).unwrap().is_ok());
    drop(storage);
    let mut connection = rusqlite::Connection::open(file).unwrap();
    let transaction = connection.transaction().unwrap();
    for id in 1..=SERVICES {
        let sql = "INSERT INTO services (service_id, version, started) VALUES (?, ?, 0)";
        transaction.execute(sql, [id, id % 5]).unwrap();
        let records = match id % 50 {
            0 => r#"{"gone":1}"#.to_owned(),
            1 => format!(r#"[{{"rating":{id},"channel":"mail"}}]"#),
            _ => format!(r#"{{"rating":{id}}}"#),
        };
        let sql = "INSERT INTO extensions (service_id, key, records) VALUES (?, 'feedback', ?)";
        transaction.execute(sql, (id, records)).unwrap();
    }
    transaction.commit().unwrap();
}

fn stored(file: &Path) -> Stored {
    let connection = rusqlite::Connection::open(file).unwrap();
    let sound: String = connection.query_row("PRAGMA integrity_check", (), |row| row.get(0)).unwrap();
    assert_eq!(sound, "ok");
    let sql = "SELECT service_id, concat_ws(' ', version, started, completed, key, generation, records)
               FROM services JOIN extensions USING (service_id) ORDER BY service_id, key";
    let mut statement = connection.prepare(sql).unwrap();
    let mut stored = Stored::new();
    let rows = statement.query_map((), |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    for (id, said) in rows.map(Result::unwrap) {
        stored.entry(id).or_default().push(said);
    }
    stored
}

#[test]
fn a_migration_that_is_killed_and_started_again_does_what_an_undisturbed_one_does() {
    let program = program();
    let directory = tempfile::tempdir().unwrap();
    let first = directory.path().join("first.db");
    earlier(&first);
    let before = stored(&first);
    let undisturbed = directory.path().join("undisturbed.db");
    fs::copy(&first, &undisturbed).unwrap();
    let migrate = |file: &Path, more: &[&str]| {
        let mut migrate = Command::new(&program);
        migrate.arg(file).args(["--write", "--batch", "40"]).args(more);
        migrate.stdout(Stdio::null()).stderr(Stdio::piped());
        migrate
    };
    let begun = Instant::now();
    assert_eq!(migrate(&undisturbed, &[]).output().unwrap().status.code(), Some(1), "some can't be carried");
    let length = begun.elapsed();
    let after = stored(&undisturbed);
    assert_eq!(before.iter().filter(|(id, said)| after[id] != **said).count(), 3_840);

    let (mut kills, mut half_way) = (0, 0);
    while kills < KILLS {
        let file = directory.path().join(format!("{kills}.db"));
        fs::copy(&first, &file).unwrap();
        let mut last: Option<String> = None;
        loop {
            // Half of the runs begin anew, and half go on behind the last batch that was told.
            let random = RandomState::new().build_hasher().finish();
            let more: Vec<&str> = match &last {
                Some(last) if random % 2 == 0 => vec!["--after", last],
                _ => Vec::new(),
            };
            let mut running = migrate(&file, &more).spawn().unwrap();
            std::thread::sleep(Duration::from_nanos(random / 2 % u64::try_from(length.as_nanos()).unwrap()));
            let is_done = running.try_wait().unwrap().is_some();
            running.kill().unwrap();
            running.wait().unwrap();
            let mut told = String::new();
            running.stderr.take().unwrap().read_to_string(&mut told).unwrap();
            let mut lasts =
                told.lines().filter_map(|line| line.strip_prefix("up to service ")?.split_once(':'));
            last = lasts.next_back().map(|(id, _)| id.to_owned()).or(last);
            let now = stored(&file);
            assert!(now.len() == before.len(), "nothing is lost");
            for (id, said) in &now {
                assert!(*said == before[id] || *said == after[id], "service {id}: {said:?}");
            }
            if is_done {
                break;
            }
            kills += 1;
            half_way += usize::from(now != before && now != after);
        }
        assert!(stored(&file) == after, "it is the same in the end");
    }
    println!("{kills} kills, {half_way} of them half-way");
    assert!(half_way > 5, "so few that nothing is proven: {half_way}");
}

#[test]
fn the_program_tells_how_it_is_used_and_why_it_failed_with_what_file() {
    let program = program();
    let help = Command::new(&program).arg("--help").output().unwrap();
    assert!(help.status.success() && help.stdout.starts_with(b"usage: ") && help.stderr.is_empty());
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("letter.txt");
    fs::write(&file, "Dear Sir or Madam, this is no database at all.").unwrap();
    let failed = Command::new(&program).arg(&file).output().unwrap();
    assert_eq!(failed.status.code(), Some(2));
    let said = String::from_utf8(failed.stderr).unwrap();
    assert!(said.contains("letter.txt: the database failed: file is not a database"), "{said}");
}
