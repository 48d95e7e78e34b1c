//! The architecture: each room of the house stands on those below it and knows nothing of those above. Inside a room
//! no files form a circle, and each file has its shape.

mod circles;
mod code;
mod let_chains;
mod shape;

use std::path::{Path, PathBuf};

use crate::support::{files, root};
use code::{code, paths};

/// From the ground up.
const ROOMS: [&str; 9] =
    ["value", "violation", "schema", "event", "validate", "service", "storage", "complete", "problem"];

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

/// The Rust files in some folders of the crate, with their paths below its root.
fn sources(below: &[&str]) -> Vec<(PathBuf, String)> {
    let root = root();
    let mut files = files(below);
    files.retain(|path| path.extension().is_some_and(|extension| extension == "rs"));
    assert!(!files.is_empty());
    files
        .into_iter()
        .map(|path| (path.strip_prefix(&root).unwrap().to_owned(), std::fs::read_to_string(&path).unwrap()))
        .collect()
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
    let rooms = paths(&code, "crate").into_iter().filter_map(|parts| parts.into_iter().nth(1));
    let mut seen: Vec<_> = rooms
        .filter(|used| ROOMS.iter().position(|known| known == used).is_none_or(|used| used > floor))
        .map(|used| format!("crate::{used}"))
        .collect();
    // How many times `super` stays in the room: not at all from the file that is the room itself.
    let inside = path.components().count() - 2 - usize::from(path.ends_with("mod.rs"));
    let levels = |parts: &Vec<String>| parts.iter().take_while(|part| *part == "super").count();
    let climbs = paths(&code, "super").iter().any(|parts| levels(parts) > inside);
    seen.extend(climbs.then(|| "super".to_owned()));
    seen
}
