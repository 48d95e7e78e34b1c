//! The architecture: each room of the house stands on those below it and knows nothing of those above.

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::root;

/// From the ground up.
const ROOMS: [&str; 9] =
    ["value", "violation", "schema", "event", "validate", "service", "storage", "complete", "problem"];

/// The longest file that is read in one sitting.
const MAX_LINES: usize = 600;

#[test]
fn a_room_uses_only_the_rooms_below() {
    for (path, text) in sources(&["src"]) {
        if path != Path::new("src/lib.rs") {
            assert_eq!(upward(&path, &text), [] as [String; 0], "{}", path.display());
        }
    }
}

#[test]
fn every_room_is_there_and_there_is_no_other() {
    let mut rooms: Vec<_> = sources(&["src"]).iter().map(|(path, _)| room(path)).collect();
    rooms.retain(|room| room != "lib");
    rooms.sort();
    rooms.dedup();
    let mut expected = ROOMS;
    expected.sort_unstable();
    assert_eq!(rooms, expected);
}

#[test]
fn a_look_upward_is_seen() {
    for (path, text, seen) in [
        ("src/value/date.rs", "use crate::schema::Schemas;", &["crate::schema"][..]),
        (
            "src/schema/set.rs",
            "use crate::{value::Name, event::Extension, violation::{Known, Code}};",
            &["crate::event"],
        ),
        ("src/event/mod.rs", "fn f() { crate::validate::read(); }", &["crate::validate"]),
        ("src/problem.rs", "use super::complete::CompleteError;", &["super"]),
        ("src/event/mod.rs", "pub(in super::validate) fn f() {}", &["super"]),
        ("src/event/table.rs", "use super::super::problem::Problem;", &["super"]),
        ("src/service/mod.rs", "use crate::Storage;", &["crate::Storage"]),
        (
            "src/service/mod.rs",
            "pub(in crate::complete) use\n    crate::\n    storage::Want;",
            &["crate::complete", "crate::storage"],
        ),
        ("src/attic.rs", "", &["attic"]),
        // What is no look upward.
        ("src/schema/set.rs", "use super::node::Node;\nuse crate::value::{Caseless, Name};", &[]),
        ("src/schema/deep/set.rs", "use super::super::node::Node;", &[]),
        ("src/schema/set.rs", "use crate::schema::Schemas;\npub(crate) fn f() {}", &[]),
        (
            "src/value/mod.rs",
            "/// [`Record`](crate::event::Record)\n// crate::event\n/* crate::event */",
            &[],
        ),
        ("src/value/mod.rs", r##"const A: &str = "crate::event"; const B: &str = r#"crate::"event"#;"##, &[]),
        ("src/value/mod.rs", "use other_crate::event::Event;", &[]),
    ] {
        assert_eq!(upward(Path::new(path), text), *seen, "{path}: {text}");
    }
}

#[test]
fn a_file_is_read_in_one_sitting() {
    for (path, text) in sources(&["src", "tests", "examples", "benches"]) {
        let lines = text.lines().count();
        assert!(lines <= MAX_LINES, "{} has {lines} lines", path.display());
    }
}

#[test]
fn no_condition_chains_lets_which_the_oldest_supported_rust_does_not_know() {
    for (path, text) in sources(&["src", "tests/rules", "tests/conformance", "examples/complete_service.rs"])
    {
        assert_eq!(let_chain(&text), None, "{}", path.display());
    }
}

#[test]
fn a_chain_of_lets_is_seen() {
    for text in [
        "if let Some(a) = b && c { }",
        "if let Some(a) = b\n    && let Some(c) = d\n{ }",
        "if a && let Some(b) = c { }",
        "while let Point { x, .. } = p && x > 0 { }",
        "else if let Some(a) = f(b || c)[0] && d { }",
    ] {
        assert!(let_chain(text).is_some(), "{text}");
    }
    for text in [
        "if let Some(a) = b { c && d }",
        "if let Some(a) = f(b && c) { }",
        "if let Point { x: true, .. } = p { }",
        "if a && b { let c = d; }",
        "let a = b && c;",
        "let Some(a) = b else { return c && d };",
        "// if let Some(a) = b && c",
        "f(\"if let Some(a) = b && c {\");",
        "fn f<'a>(a: &'a str) -> char { '\"' }",
    ] {
        assert_eq!(let_chain(text), None, "{text}");
    }
}

/// The Rust files in some folders of the crate, with their paths below its root.
fn sources(below: &[&str]) -> Vec<(PathBuf, String)> {
    let root = root();
    let mut open: Vec<PathBuf> = below.iter().map(|name| root.join(name)).collect();
    let mut files = Vec::new();
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            files.push((path.strip_prefix(&root).unwrap().to_owned(), text));
        }
    }
    assert!(!files.is_empty());
    files
}

/// The room of a file: `src/<room>.rs` or `src/<room>/…`.
fn room(path: &Path) -> String {
    let inside = path.strip_prefix("src").unwrap();
    let first = inside.iter().next().unwrap();
    Path::new(first).file_stem().unwrap().to_str().unwrap().to_owned()
}

/// What a file uses that does not stand below its room.
fn upward(path: &Path, text: &str) -> Vec<String> {
    let room = room(path);
    let Some(floor) = ROOMS.iter().position(|known| *known == room) else { return vec![room] };
    let code = code(text);
    let mut seen = Vec::new();
    for rest in after(&code, "crate") {
        seen.extend(
            heads(rest)
                .into_iter()
                .filter(|used| ROOMS.iter().position(|known| known == used).is_none_or(|used| used > floor))
                .map(|used| format!("crate::{used}")),
        );
    }
    // How many times `super` stays in the room: not at all from the file that is the room itself.
    let inside = path.components().count() - 2 - usize::from(path.ends_with("mod.rs"));
    let climbs = after(&code, "super").any(|rest| {
        let mut rest = rest;
        let mut levels = 1;
        while let Some(next) = rest.strip_prefix("super").and_then(path_separator) {
            rest = next;
            levels += 1;
        }
        levels > inside
    });
    seen.extend(climbs.then(|| "super".to_owned()));
    seen
}

/// What follows each `word::` in code.
fn after<'c>(code: &'c str, word: &'c str) -> impl Iterator<Item = &'c str> {
    code.match_indices(word).filter_map(move |(at, _)| {
        let whole = !code[..at].ends_with(|before: char| before.is_alphanumeric() || before == '_');
        path_separator(&code[at + word.len()..]).filter(|_| whole)
    })
}

fn path_separator(code: &str) -> Option<&str> {
    code.trim_start().strip_prefix("::").map(str::trim_start)
}

/// The first parts of the paths that follow: one, or those of a group in braces.
fn heads(rest: &str) -> Vec<String> {
    let head = |path: &str| path.trim().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    let Some(group) = rest.strip_prefix('{') else { return vec![head(rest)] };
    let mut depth = 1;
    let mut heads = Vec::new();
    let mut start = 0;
    for (at, character) in group.char_indices() {
        depth = match character {
            '{' => depth + 1,
            '}' => depth - 1,
            _ => depth,
        };
        if depth == 0 || (depth == 1 && character == ',') {
            heads.push(head(&group[start..at]));
            start = at + 1;
        }
        if depth == 0 {
            break;
        }
    }
    heads.retain(|head: &String| !head.is_empty());
    heads
}

/// The first condition that chains a `let` with something else.
fn let_chain(text: &str) -> Option<String> {
    let code = code(text).split_whitespace().collect::<Vec<_>>().join(" ");
    let shown = |at: usize| code[at..].chars().take(60).collect();
    if let Some(at) = code.find("&& let ") {
        return Some(shown(at));
    }
    let mut starts = code.match_indices("if let ").chain(code.match_indices("while let "));
    starts.find(|(at, start)| chains(&code[at + start.len()..])).map(|(at, _)| shown(at))
}

/// Whether `&&` follows, outside of parentheses, between the `=` of a `let` and the block.
fn chains(pattern: &str) -> bool {
    let mut depth = 0;
    let mut in_value = false;
    let mut previous = ' ';
    for character in pattern.chars() {
        match character {
            '{' if in_value && depth == 0 => return false,
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth -= 1,
            ' ' if previous == '=' && depth == 0 => in_value = true,
            '&' if previous == '&' && in_value && depth == 0 => return true,
            _ => {}
        }
        previous = character;
    }
    false
}

/// The text without its comments and what stands in quotes.
fn code(text: &str) -> String {
    let mut code = String::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let hashes = rest.bytes().skip(1).take_while(|byte| *byte == b'#').count();
        let skipped = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else if first == 'r' && rest[1 + hashes..].starts_with('"') {
            let start = 2 + hashes;
            let end = format!("\"{}", "#".repeat(hashes));
            rest[start..].find(&end).map_or(rest.len(), |at| start + at + end.len())
        } else if first == '"' {
            quoted(rest, '"')
        } else if rest.starts_with("'\\") || (first == '\'' && rest.chars().nth(2) == Some('\'')) {
            quoted(rest, '\'')
        } else {
            code.push(first);
            rest = &rest[first.len_utf8()..];
            continue;
        };
        code.push(' ');
        rest = &rest[skipped..];
    }
    code
}

/// How long a quoted text is, with its quotes.
fn quoted(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, character) in text.char_indices().skip(1) {
        if character == quote && !escaped {
            return at + 1;
        }
        escaped = character == '\\' && !escaped;
    }
    text.len()
}
