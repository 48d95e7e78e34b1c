//! Runs the example program `complete_service` with files of its own.

use std::ffi::OsString;
use std::io::{Read, Write};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// Far more than any run may take.
const DEADLINE: Duration = Duration::from_secs(30);

/// What came of a run.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) status: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Run {
    /// The one JSON document that was printed.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

/// A directory of files that are gone at the end of the test.
pub(crate) struct Files(PathBuf);

impl Files {
    pub(crate) fn new() -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let directory = std::env::temp_dir().join(format!("complete_service-{}-{count}", std::process::id()));
        std::fs::create_dir_all(&directory).unwrap();
        Files(directory)
    }

    /// The path of a file with this content.
    pub(crate) fn file(&self, name: &str, content: impl AsRef<[u8]>) -> OsString {
        let path = self.0.join(name);
        std::fs::write(&path, content).unwrap();
        path.into()
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

/// The example as `cargo test` builds it, beside the test itself.
fn program() -> PathBuf {
    // These tests are compiled in another package too, where the example has another name.
    let name = match env!("CARGO_PKG_NAME") {
        "service-end" => "complete_service",
        _ => "complete_service_other_features",
    };
    let test = std::env::current_exe().unwrap();
    let profile = test.parent().and_then(|deps| deps.parent()).unwrap();
    let program = profile.join("examples").join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    assert!(program.exists(), "{} is there after `cargo build --examples`", program.display());
    program
}

pub(crate) fn start(arguments: impl IntoIterator<Item = impl Into<OsString>>) -> Child {
    let mut command = Command::new(program());
    command.args(arguments.into_iter().map(Into::into));
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().unwrap()
}

/// Waits for the end, which must come before the deadline, by an exit of the program's own and without a panic.
pub(crate) fn finish(mut child: Child) -> (i32, String) {
    let err = read_all(child.stderr.take());
    let begun = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        if begun.elapsed() > DEADLINE {
            child.kill().unwrap();
            panic!("not done after {DEADLINE:?}");
        }
        thread::sleep(Duration::from_millis(1));
    };
    let err = String::from_utf8(err.join().unwrap()).unwrap();
    assert!(!err.contains("panicked"), "{err}");
    (status.code().unwrap_or_else(|| panic!("ended by {status}: {err}")), err)
}

fn read_all(from: Option<impl Read + Send + 'static>) -> thread::JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut from) = from {
            from.read_to_end(&mut bytes).unwrap();
        }
        bytes
    })
}

/// Runs the program with standard input.
pub(crate) fn run_with(arguments: impl IntoIterator<Item = impl Into<OsString>>, input: &[u8]) -> Run {
    let mut child = start(arguments);
    let (mut stdin, input) = (child.stdin.take().unwrap(), input.to_vec());
    // The program may end without having read it.
    let writer = thread::spawn(move || stdin.write_all(&input).is_ok());
    let out = read_all(child.stdout.take());
    let (status, err) = finish(child);
    writer.join().unwrap();
    Run { status, out: String::from_utf8(out.join().unwrap()).unwrap(), err }
}

pub(crate) fn run(arguments: impl IntoIterator<Item = impl Into<OsString>>) -> Run {
    run_with(arguments, b"")
}

/// Runs the program with these options, each a name and the content of its file, and with `--json`.
pub(crate) fn run_files(options: &[(&str, &[u8])]) -> Run {
    let files = Files::new();
    let mut arguments: Vec<OsString> = Vec::new();
    for (option, content) in options {
        arguments.push(option.into());
        arguments.push(files.file(option.trim_start_matches('-'), content));
    }
    arguments.push("--json".into());
    run(arguments)
}
