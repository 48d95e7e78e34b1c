//! The program, started and ended.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _};
use std::net::SocketAddr;
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tempfile::TempDir;

/// A storage to start hosts on. It is gone when this is dropped.
pub(crate) struct Fixture {
    pub(crate) storage: String,
    /// Whether several hosts can share it.
    pub(crate) shared: bool,
    /// What keeps it there.
    _held: Box<dyn Send + Sync>,
}

impl Fixture {
    #[cfg(feature = "memory")]
    pub(crate) fn memory() -> Self {
        Fixture { storage: "memory".to_owned(), shared: false, _held: Box::new(()) }
    }

    #[cfg(feature = "sqlite")]
    pub(crate) fn sqlite() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let storage = format!("sqlite:{}", directory.path().join("services.db").display());
        Fixture { storage, shared: true, _held: Box::new(directory) }
    }

    #[cfg(feature = "postgres")]
    pub(crate) fn postgres() -> Self {
        let server = crate::postgres_server::Server::start();
        let storage = format!("postgres:{}", server.url());
        Fixture { storage, shared: true, _held: Box::new(server) }
    }

    #[cfg(feature = "etcd")]
    pub(crate) async fn etcd() -> Self {
        let cluster = crate::etcd_cluster::Cluster::start_in_memory().await;
        let storage = format!("etcd:{}", cluster.endpoints().join(","));
        Fixture { storage, shared: true, _held: Box::new(cluster) }
    }

    pub(crate) fn host(&self) -> Host {
        self.host_with(&[])
    }

    pub(crate) fn host_with(&self, options: &[&str]) -> Host {
        Host::start(&self.storage, options)
    }
}

pub(crate) struct Host {
    child: Child,
    stdout: BufReader<ChildStdout>,
    directory: TempDir,
    pub(crate) address: SocketAddr,
    client: reqwest::Client,
}

/// An answer, taken to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    async fn of(answer: reqwest::Response) -> reqwest::Result<Self> {
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        Ok(Answer { status, headers, body: answer.bytes().await?.to_vec() })
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    pub(crate) fn code(&self) -> String {
        self.json()["code"].as_str().unwrap().to_owned()
    }
}

impl Host {
    pub(crate) fn start(storage: &str, options: &[&str]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let log = File::create(directory.path().join("log")).unwrap();
        Host::start_with(storage, options, log.into(), directory)
    }

    /// Its standard error is a pipe that nobody reads.
    #[cfg(feature = "memory")]
    pub(crate) fn start_unread() -> Self {
        Host::start_with("memory", &[], Stdio::piped(), tempfile::tempdir().unwrap())
    }

    /// The host of 40 lines.
    pub(crate) fn start_minimal() -> Self {
        let mut program = Command::new(env!("CARGO_BIN_EXE_minimal"));
        program.arg("127.0.0.1:0");
        Host::start_program(program, Stdio::inherit(), tempfile::tempdir().unwrap())
    }

    fn start_with(storage: &str, options: &[&str], stderr: Stdio, directory: TempDir) -> Self {
        let mut program = Command::new(env!("CARGO_BIN_EXE_http-host"));
        program.args(["--listen", "127.0.0.1:0", "--storage", storage]).args(options);
        Host::start_program(program, stderr, directory)
    }

    fn start_program(mut program: Command, stderr: Stdio, directory: TempDir) -> Self {
        let mut child = program.stdout(Stdio::piped()).stderr(stderr).spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        let address = line.strip_prefix("listening on http://").and_then(|line| line.trim_end().parse().ok());
        let Some(address) = address else {
            panic!("`{line}`: {}", std::fs::read_to_string(directory.path().join("log")).unwrap());
        };
        let client = reqwest::Client::builder().timeout(Duration::from_secs(30)).build().unwrap();
        Host { child, stdout, directory, address, client }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub(crate) async fn send(&self, method: &str, path: &str, body: impl Into<Vec<u8>>) -> Answer {
        self.try_send(method, path, body).await.unwrap_or_else(|error| panic!("{method} {path}: {error:?}"))
    }

    pub(crate) async fn try_send(
        &self,
        method: &str,
        path: &str,
        body: impl Into<Vec<u8>>,
    ) -> reqwest::Result<Answer> {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let answer = self.client.request(method, self.url(path)).body(body.into()).send().await?;
        Answer::of(answer).await
    }

    /// Starts a service and gives its id.
    pub(crate) async fn start_service(&self) -> i64 {
        let answer = self.send("POST", "/services/start", r#"{"timestamp":"2009-05-12T11:50:00Z"}"#).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
        answer.json()["service_id"].as_i64().unwrap()
    }

    pub(crate) async fn end(&self, id: i64, body: &str) -> Answer {
        self.send("POST", &format!("/services/{id}/end"), body).await
    }

    /// An end with `If-Match`, in a field for each of the lists.
    pub(crate) async fn end_at(&self, id: i64, lists: &[&str], body: &str) -> Answer {
        let mut request = self.client.post(self.url(&format!("/services/{id}/end"))).body(body.to_owned());
        for list in lists {
            request = request.header("If-Match", *list);
        }
        Answer::of(request.send().await.unwrap()).await.unwrap()
    }

    pub(crate) async fn register(&self, schema: &Value) -> Answer {
        self.send("POST", "/metadata/services/extensions", schema.to_string()).await
    }

    pub(crate) async fn shown(&self, path: &str) -> Value {
        let answer = self.send("GET", path, "").await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()
    }

    pub(crate) fn process_id(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.directory.path().join("log")).unwrap_or_default()
    }

    /// The log once it has so many lines: they are written a little after the answers that they tell of.
    pub(crate) fn log_of(&self, lines: usize) -> String {
        let deadline = Instant::now() + Duration::from_secs(10);
        loop {
            let log = self.log();
            if log.lines().count() >= lines || Instant::now() > deadline {
                return log;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    pub(crate) fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args([&format!("-{name}"), &pid]).status().unwrap().success());
    }

    /// Waits for the end of the program, and gives what it printed after its first line.
    pub(crate) fn ended(&mut self, within: Duration) -> (ExitStatus, String) {
        let deadline = Instant::now() + within;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                let mut more = String::new();
                self.stdout.read_to_string(&mut more).unwrap();
                return (status, more);
            }
            assert!(Instant::now() < deadline, "still running: {}", self.log());
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The schemas of the original's example.
pub(crate) fn feedback() -> Value {
    json!({ "name": "Feedback", "type": "single-valued", "attributes": [
        { "name": "FeedbackType", "type": "string", "length": 32, "mandatory": true },
        { "name": "rating", "type": "integer" },
        { "name": "notes", "type": "string", "length": 255 } ] })
}

pub(crate) fn satisfaction() -> Value {
    json!({ "name": "Satisfaction", "type": "multi-valued", "attributes": [
        { "name": "rating", "type": "integer", "mandatory": true },
        { "name": "pertinence", "type": "integer" },
        { "name": "usefull", "type": "boolean" },
        { "name": "place", "type": "string", "length": 64, "default": "unknown" } ],
      "unique": ["place"] })
}
