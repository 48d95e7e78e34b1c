//! Runs the example programs with files of their own.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::support::{files, root};

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

/// An example, beside the test itself. `cargo test` has built it; `cargo test --test rules` has not, or not since its
/// sources have changed: then it is built here, once for all tests.
fn program(example: &'static str) -> PathBuf {
    static BUILT: Mutex<BTreeMap<&str, PathBuf>> = Mutex::new(BTreeMap::new());
    let mut built = BUILT.lock().unwrap();
    let path = built.entry(example).or_insert_with(|| {
        // These tests are compiled in another package too, which has examples of its own.
        let (package, name) = match env!("CARGO_PKG_NAME") {
            "service-end-tests" => ("service-end", example.to_owned()),
            other => (other, format!("{example}_other_features")),
        };
        let test = std::env::current_exe().unwrap();
        let profile = test.parent().and_then(Path::parent).unwrap();
        let program = profile.join("examples").join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
        if is_outdated(&program, example) {
            build(package, &name, profile);
        }
        assert!(program.exists(), "cargo has not put the example at {}", program.display());
        program
    });
    path.clone()
}

/// Whether a program is not there, or older than one of the files that it is made of.
fn is_outdated(program: &Path, example: &str) -> bool {
    let modified = |path: &Path| std::fs::metadata(path).and_then(|metadata| metadata.modified());
    let Ok(built) = modified(program) else { return true };
    let sources = files(&["src", &format!("examples/{example}.rs"), "Cargo.toml", "Cargo.lock"]);
    sources.iter().any(|source| modified(source).unwrap() > built)
}

/// Has cargo build the example in the profile, and for the target, that the test was built for.
fn build(package: &str, example: &str, profile: &Path) {
    let name = |path: &Path| path.file_name().unwrap().to_owned();
    let target_directory = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--quiet", "--package", package, "--example", example]);
    cargo.arg("--target-dir").arg(target_directory);
    cargo.arg("--profile").arg(if profile.ends_with("debug") { "dev".into() } else { name(profile) });
    let above = profile.parent().unwrap();
    if above != target_directory {
        cargo.arg("--target").arg(name(above));
    }
    let output = cargo.current_dir(root()).output().unwrap();
    assert!(output.status.success(), "{cargo:?}: {}", String::from_utf8_lossy(&output.stderr));
}

pub(crate) fn start(arguments: impl IntoIterator<Item = impl Into<OsString>>) -> Child {
    start_of("complete_service", arguments)
}

pub(crate) fn start_of(
    example: &'static str,
    arguments: impl IntoIterator<Item = impl Into<OsString>>,
) -> Child {
    start_into(Stdio::piped(), example, arguments)
}

/// The same, with a place for what it prints.
pub(crate) fn start_into(
    out: Stdio,
    example: &'static str,
    arguments: impl IntoIterator<Item = impl Into<OsString>>,
) -> Child {
    let mut command = Command::new(program(example));
    command.args(arguments.into_iter().map(Into::into));
    command.stdin(Stdio::piped()).stdout(out).stderr(Stdio::piped());
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
    run_of("complete_service", arguments, input)
}

/// Runs one of the programs with standard input.
pub(crate) fn run_of(
    example: &'static str,
    arguments: impl IntoIterator<Item = impl Into<OsString>>,
    input: &[u8],
) -> Run {
    let mut child = start_of(example, arguments);
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
