//! A real server for a test: a cluster of its own, on a free port of the loopback, that can be killed.

use std::fs::{self, File};
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use service_end_postgres::PostgresStorage;
use tempfile::TempDir;
use tokio_postgres::NoTls;

/// Where Debian's package `postgresql` puts each version.
const INSTALLED: &str = "/usr/lib/postgresql";

pub(crate) struct Server {
    directory: TempDir,
    port: u16,
    options: Vec<String>,
    running: Option<Child>,
}

impl Server {
    /// A fresh server.
    pub(crate) fn start() -> Self {
        let server = Server::in_fresh_directory();
        let mut initdb = server.command("initdb");
        initdb.args(["--no-sync", "--auth=trust", "--username=host", "--encoding=UTF8", "--locale=C"]);
        run(initdb.arg("--pgdata").arg(server.data()));
        server.with_options(&[])
    }

    /// A standby of a server, which waits for it to take part in each commit from then on.
    pub(crate) fn standby_of(primary: &mut Server) -> Self {
        let standby = Server::in_fresh_directory();
        let port = primary.port.to_string();
        let mut copy = standby.command("pg_basebackup");
        copy.args(["--host=127.0.0.1", "--username=host", "--wal-method=stream", "--checkpoint=fast"]);
        run(copy.args(["--write-recovery-conf", "--port", &port, "--pgdata"]).arg(standby.data()));
        let standby = standby.with_options(&[]);
        primary.kill();
        primary.options = vec!["synchronous_standby_names=*".to_owned(), "synchronous_commit=on".to_owned()];
        primary.restart();
        standby
    }

    fn in_fresh_directory() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let server = Server { directory, port: free_port(), options: Vec::new(), running: None };
        if let Some((user, group)) = unprivileged() {
            chown(server.directory.path(), Some(user), Some(group)).unwrap();
        }
        server
    }

    fn with_options(mut self, options: &[&str]) -> Self {
        self.options = options.iter().map(|option| (*option).to_owned()).collect();
        self.restart();
        self
    }

    /// Kills the server and starts it with further settings.
    pub(crate) fn restart_with(&mut self, options: &[&str]) {
        self.kill();
        self.options = options.iter().map(|option| (*option).to_owned()).collect();
        self.restart();
    }

    /// Starts the server again, on the data that is there, and waits until it answers.
    pub(crate) fn restart(&mut self) {
        assert!(self.running.is_none(), "it runs already");
        let mut postgres = self.command("postgres");
        postgres.arg("-D").arg(self.data()).args(["-p", &self.port.to_string()]);
        let sockets = format!("unix_socket_directories={}", self.directory.path().display());
        let fixed =
            ["listen_addresses=127.0.0.1", &sockets, "fsync=on", "max_connections=60", "shared_buffers=32MB"];
        for option in fixed.into_iter().chain(self.options.iter().map(String::as_str)) {
            postgres.args(["-c", option]);
        }
        let log = File::options().create(true).append(true).open(self.log()).unwrap();
        self.running = Some(postgres.stdout(Stdio::null()).stderr(log).spawn().unwrap());
        let begun = Instant::now();
        let mut is_ready = self.command("pg_isready");
        is_ready.args([
            "--quiet",
            "--username=host",
            "--dbname=postgres",
            "--host=127.0.0.1",
            "--port",
            &self.port.to_string(),
        ]);
        while !is_ready.status().unwrap().success() {
            let log = || fs::read_to_string(self.log()).unwrap_or_default();
            assert!(begun.elapsed() < Duration::from_secs(60), "the server does not start:\n{}", log());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Kills the server and all its processes, and waits until they are gone.
    pub(crate) fn kill(&mut self) {
        let Some(mut postmaster) = self.running.take() else { return };
        let processes = processes(postmaster.id());
        signal("KILL", &processes);
        postmaster.wait().unwrap();
        while processes.iter().any(|process| is_alive(*process)) {
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Stops some of its processes. The system still takes connections for the first one.
    pub(crate) fn freeze(processes: &[u32]) {
        signal("STOP", processes);
    }

    pub(crate) fn thaw(&self) {
        signal("CONT", &self.processes());
    }

    /// Lets it write no file beyond so many bytes.
    pub(crate) fn limit_files(&self, bytes: &str) {
        for process in self.processes() {
            let mut limit = Command::new("prlimit");
            // Nobody but its own user may.
            if let Some((user, group)) = unprivileged() {
                limit.uid(user).gid(group);
            }
            // One that has ended meanwhile has no limit.
            limit.arg(format!("--fsize={bytes}:")).args(["--pid", &process.to_string()]);
            limit.stderr(Stdio::null()).status().unwrap();
        }
    }

    /// Its first process, then those that serve connections and itself.
    pub(crate) fn processes(&self) -> Vec<u32> {
        processes(self.running.as_ref().unwrap().id())
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn url(&self) -> String {
        format!("postgresql://host@127.0.0.1:{}/postgres", self.port)
    }

    /// A store on this server, with its tables.
    pub(crate) async fn storage(&self) -> PostgresStorage {
        let storage = PostgresStorage::new(&self.url()).unwrap();
        storage.create_tables().await.unwrap();
        storage
    }

    /// What a statement, sent past the store, gives: its first column as text.
    pub(crate) async fn ask(&self, sql: &str) -> Vec<String> {
        let (client, connection) = tokio_postgres::connect(&self.url(), NoTls).await.unwrap();
        let connection = tokio::spawn(connection);
        let messages = client.simple_query(sql).await.unwrap();
        drop(client);
        connection.await.unwrap().unwrap();
        let rows = messages.iter().filter_map(|message| match message {
            tokio_postgres::SimpleQueryMessage::Row(row) => Some(row.get(0).unwrap_or("NULL").to_owned()),
            _ => None,
        });
        rows.collect()
    }

    fn data(&self) -> PathBuf {
        self.directory.path().join("data")
    }

    /// What the server has logged.
    pub(crate) fn log_text(&self) -> String {
        fs::read_to_string(self.log()).unwrap_or_default()
    }

    fn log(&self) -> PathBuf {
        self.directory.path().join("log")
    }

    /// One of the server's programs, as a user that the server accepts.
    fn command(&self, program: &str) -> Command {
        let versions = fs::read_dir(INSTALLED).into_iter().flatten().map(|version| version.unwrap().path());
        let programs =
            versions.map(|version| version.join("bin")).filter(|bin| bin.join("postgres").exists());
        let Some(newest) = programs.max_by_key(|bin| version(bin.parent().unwrap())) else {
            panic!("there is no PostgreSQL in {INSTALLED}: install Debian's package `postgresql`")
        };
        let mut command = Command::new(newest.join(program));
        command.current_dir(self.directory.path()).env("LC_ALL", "C").stdin(Stdio::null());
        if let Some((user, group)) = unprivileged() {
            command.uid(user).gid(group);
        }
        command
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

fn version(path: &Path) -> u32 {
    path.file_name().and_then(|name| name.to_str()?.parse().ok()).unwrap_or(0)
}

fn run(command: &mut Command) {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// The user `postgres` and its group, if we are root, whom the server refuses.
fn unprivileged() -> Option<(u32, u32)> {
    if fs::metadata("/proc/self").unwrap().uid() != 0 {
        return None;
    }
    let users = fs::read_to_string("/etc/passwd").unwrap();
    let user = users.lines().find(|line| line.starts_with("postgres:")).expect("the user `postgres`");
    let mut numbers = user.split(':').skip(2).map(|number| number.parse().unwrap());
    Some((numbers.next().unwrap(), numbers.next().unwrap()))
}

/// A server's first process and its children.
fn processes(postmaster: u32) -> Vec<u32> {
    let numbers =
        fs::read_dir("/proc").unwrap().filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    let children = numbers.filter(|process| stat(*process).is_some_and(|(_, parent)| parent == postmaster));
    std::iter::once(postmaster).chain(children).collect()
}

fn is_alive(process: u32) -> bool {
    stat(process).is_some_and(|(state, _)| state != "Z")
}

/// The state and the parent of a process.
fn stat(process: u32) -> Option<(String, u32)> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    let mut words = stat.rsplit_once(')')?.1.split_whitespace();
    Some((words.next()?.to_owned(), words.next()?.parse().ok()?))
}

/// Sends a signal to processes that may have ended meanwhile.
fn signal(name: &str, processes: &[u32]) {
    let numbers = processes.iter().map(u32::to_string);
    Command::new("kill").arg("-s").arg(name).args(numbers).stderr(Stdio::null()).status().unwrap();
}
