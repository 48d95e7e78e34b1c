//! The shape of files: what stands in a `mod.rs`, how many names stand at the root, how long a file may be.

use super::code::{code, written_out};
use super::sources;
use crate::support::root;

/// The longest file that is read in one sitting.
const MAX_LINES: usize = 600;

/// Names that the crate re-exports at its root. All others are named by their room.
const MAX_NAMES_AT_THE_ROOT: usize = 30;

#[test]
fn a_file_is_read_in_one_sitting() {
    for (path, text) in sources(&["src", "tests", "examples", "benches"]) {
        let lines = text.lines().count();
        assert!(lines <= MAX_LINES, "{} has {lines} lines", path.display());
    }
}

#[test]
fn a_mod_file_holds_documentation_and_re_exports() {
    let mut files = sources(&["src"]);
    files.retain(|(path, _)| path.ends_with("mod.rs"));
    let told: Vec<_> = files.iter().filter_map(|(path, text)| Some((path, item(text)?))).collect();
    assert!(told.is_empty(), "items go into a file that is named after them: {told:#?}");
}

#[test]
fn an_item_in_a_mod_file_is_seen() {
    for (text, expected) in [
        ("//! Room.\n\n#![allow(a)]\n\nmod a;\npub mod b;\n#[cfg(test)]\nmod tests;\n", None),
        (
            "mod a; use a::A;\npub use self::{\n    b::B,\n    c::{D as E, *},\n};\npub(in crate::d) use a::F;",
            None,
        ),
        ("/// Documentation.\n#[doc = include_str!(\"a.md\")]\npub mod b;\n/* fn */ // struct", None),
        ("mod a;\n\npub struct B;\n", Some("pub struct B;")),
        ("use a::A;\n#[derive(Debug)]\npub(crate) enum B { C }", Some("pub(crate) enum B { C }")),
        ("mod a { fn b() {} }", Some("mod a { fn b() {} }")),
        ("fn used() {}", Some("fn used() {}")),
        ("#[cfg(test)] mod tests { fn a() {} }", Some("mod tests { fn a() {} }")),
        ("macro_rules! a { () => { mod b; } }", Some("macro_rules! a { () => { mod b; } }")),
    ] {
        assert_eq!(item(text).as_deref(), expected, "{text}");
    }
}

#[test]
fn few_names_stand_at_the_root() {
    let names = re_exported(&std::fs::read_to_string(root().join("src/lib.rs")).unwrap());
    assert!(!names.is_empty());
    assert!(!names.contains(&"*".to_owned()), "a glob hides how many names there are");
    assert!(names.len() <= MAX_NAMES_AT_THE_ROOT, "{} names at the root: {names:?}", names.len());
}

#[test]
fn a_name_at_the_root_is_seen() {
    let text = "mod a; use a::A; pub(crate) use a::B; pub use a::C;\npub use self::{b::{D, E}, c::F as G};\n\
                pub use b::*; // pub use b::H;";
    assert_eq!(re_exported(text), ["C", "D", "E", "F", "*"]);
}

/// The first line of the first item that is neither a `mod` with a file of its own nor a `use`.
fn item(text: &str) -> Option<String> {
    let code = code(text);
    let mut rest = code.trim_start();
    while !rest.is_empty() {
        let (first, behind) = if rest.starts_with('#') {
            rest.split_at(rest.find(']').map_or(rest.len(), |end| end + 1))
        } else {
            rest.split_at(rest.find(';').map_or(rest.len(), |end| end + 1))
        };
        let declared = without_visibility(first);
        let is_module = declared.starts_with("mod ") && !declared.contains('{');
        if !first.starts_with('#') && !is_module && !declared.starts_with("use ") {
            return rest.lines().next().map(|line| line.trim_end().to_owned());
        }
        rest = behind.trim_start();
    }
    None
}

fn without_visibility(item: &str) -> &str {
    let Some(rest) = item.strip_prefix("pub") else { return item };
    let in_parentheses = rest.starts_with('(');
    rest.split_once(')').filter(|_| in_parentheses).map_or(rest, |(_, rest)| rest).trim_start()
}

/// The names that a file re-exports for all, and `*` if it does so with a glob.
fn re_exported(text: &str) -> Vec<String> {
    let code = code(text);
    let mut names = Vec::new();
    for (at, start) in code.match_indices("pub use ") {
        let path = code[at + start.len()..].split(';').next().unwrap();
        let paths = written_out(path).into_iter().filter_map(|mut parts| parts.pop());
        names.extend(if path.contains('*') { vec!["*".to_owned()] } else { paths.collect() });
    }
    names
}
