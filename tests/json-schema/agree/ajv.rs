//! The validator of JavaScript, in a process of its own.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

pub(crate) struct Ajv {
    child: Child,
    lines: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Ajv {
    pub(crate) fn start() -> Ajv {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
        assert!(
            folder.join("node_modules").exists(),
            "run `npm install --no-package-lock` in {}",
            folder.display()
        );
        let mut command = Command::new("node");
        command.arg("ajv.js").current_dir(folder).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let (lines, answers) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        Ajv { child, lines, answers }
    }

    /// Which of the texts the schema accepts.
    pub(crate) fn judge(&mut self, schema: &Value, bodies: impl Iterator<Item = String>) -> Vec<bool> {
        let question = json!({ "schema": schema, "bodies": bodies.collect::<Vec<_>>() });
        writeln!(self.lines, "{question}").unwrap();
        let mut answer = String::new();
        self.answers.read_line(&mut answer).unwrap();
        let answer: Value = serde_json::from_str(&answer).unwrap();
        let Some(valid) = answer["valid"].as_array() else { panic!("{answer}: {schema}") };
        valid.iter().map(|valid| valid.as_bool().unwrap()).collect()
    }
}

impl Drop for Ajv {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
