//! Inside a room, files stand in an order too: types low, what reads or builds them above. So no files form a circle
//! of imports.
//!
//! Each file of the library is a node. A path into a module is an import of the file that holds what it leads to, as
//! far as the path itself tells: `super::table::Table` is in `table.rs`, `super::Table` comes through the `mod.rs`
//! above. Since a `mod.rs` imports the children that it re-exports, a child that imports through it stands in a circle.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::code::{code, paths, without_tests};
use super::sources;

#[test]
fn no_files_form_a_circle_of_imports() {
    let files = sources(&["src"]);
    let imports = imports(&files);
    let circles = circles(&imports);
    let told: Vec<String> = circles
        .iter()
        .map(|(file, next)| {
            let next: Vec<_> = next.iter().map(|import| import.to_str().unwrap()).collect();
            format!("{} imports {}", file.display(), next.join(", "))
        })
        .collect();
    assert!(told.is_empty(), "files that form a circle of imports:\n{}", told.join("\n"));
}

#[test]
fn a_circle_is_seen() {
    let file = |path: &str, text: &str| (PathBuf::from(path), text.to_owned());
    for (case, files, expected) in [
        (
            "two files that import each other",
            vec![
                file("src/a/mod.rs", ""),
                file("src/a/x.rs", "use super::y::Y;"),
                file("src/a/y.rs", "fn f() { super::x::f() }"),
            ],
            "src/a/x.rs src/a/y.rs",
        ),
        (
            "three files in a ring, and one that only imports from it",
            vec![
                file("src/a/mod.rs", ""),
                file("src/a/x.rs", "use super::{y::Y, other::Z};"),
                file("src/a/y.rs", "use crate::a::{z};"),
                file("src/a/z.rs", "use super::super::a::x::X;"),
                file("src/a/above.rs", "use super::x::X;"),
            ],
            "src/a/x.rs src/a/y.rs src/a/z.rs",
        ),
        (
            "a child that imports through the `mod.rs` that re-exports it",
            vec![
                file("src/a/mod.rs", "mod x; mod y; pub use x::X; pub use self::y::Y;"),
                file("src/a/x.rs", "use super::Y;"),
                file("src/a/y.rs", ""),
            ],
            "src/a/mod.rs src/a/x.rs",
        ),
        (
            "a child that imports through the `mod.rs` that re-exports what imports the child",
            vec![
                file("src/a/mod.rs", "mod x; mod y; pub use y::Y;"),
                file("src/a/x.rs", "use super::*;"),
                file("src/a/y.rs", "use super::x::X;"),
            ],
            "src/a/mod.rs src/a/x.rs src/a/y.rs",
        ),
        (
            "a room inside of a room, and a room that is one file",
            vec![
                file("src/a/mod.rs", "mod b; pub use b::B;"),
                file("src/a/b/mod.rs", "pub use c::C;"),
                file("src/a/b/c.rs", "use super::super::D;"),
                file("src/e.rs", "use crate::f::F;"),
                file("src/f.rs", "use super::e::E;"),
            ],
            "src/a/b/c.rs src/a/b/mod.rs src/a/mod.rs src/e.rs src/f.rs",
        ),
        (
            "what is no circle",
            vec![
                file("src/lib.rs", "pub mod a; pub use a::X;"),
                file("src/a/mod.rs", "mod x; mod y; mod z; pub use x::X; pub use y::Y; pub use z::Z;"),
                file(
                    "src/a/x.rs",
                    "// use super::y::Y;\npub(in crate::a) struct X; fn f(&self) { self.g() }",
                ),
                file("src/a/y.rs", "use super::x::X; #[cfg(test)] mod tests { use super::*; }"),
                file("src/a/z.rs", "use super::x; use crate::a::y::Y; use std::b::a::X; fn f() { x::f() }"),
                file("src/b.rs", "use crate::a::X; use self::x::X;"),
            ],
            "",
        ),
    ] {
        let imports = imports(&files);
        let circles = circles(&imports);
        let files: Vec<_> = circles.keys().map(|file| file.to_str().unwrap()).collect();
        assert_eq!(files.join(" "), expected, "{case}");
    }
}

/// The files that each file of the library imports. What imports through `lib.rs` looks upward, which is another rule.
fn imports(files: &[(PathBuf, String)]) -> BTreeMap<&Path, BTreeSet<&Path>> {
    let files = files.iter().filter(|(path, _)| path != Path::new("src/lib.rs"));
    let modules: BTreeMap<_, _> = files.clone().map(|(path, _)| (module(path), &**path)).collect();
    files
        .map(|(path, text)| {
            let module = module(path);
            let code = without_visibilities(&without_tests(&code(text)));
            let children =
                modules.keys().filter(|other| other.split_last().is_some_and(|(_, above)| above == module));
            let heads = children.filter_map(|child| child.last()).map(String::as_str);
            let imports = heads
                .chain(["crate", "self", "super"])
                .flat_map(|head| paths(&code, head))
                .filter_map(|parts| target(&modules, &module, &parts))
                .filter(|import| import != path);
            (&**path, imports.collect())
        })
        .collect()
}

/// The module that a file is: `src/a/b.rs` and `src/a/b/mod.rs` are `a::b`.
fn module(path: &Path) -> Vec<String> {
    let path = path.strip_prefix("src").unwrap().with_extension("");
    let path = if path.ends_with("mod") { path.parent().unwrap() } else { &path };
    path.iter().map(|part| part.to_str().unwrap().to_owned()).collect()
}

/// The file that a path in a module leads to.
fn target<'f>(
    modules: &BTreeMap<Vec<String>, &'f Path>,
    module: &[String],
    parts: &[String],
) -> Option<&'f Path> {
    let mut reached = module.to_vec();
    for part in parts {
        match part.as_str() {
            "crate" => reached.clear(),
            "self" => {}
            "super" => drop(reached.pop()),
            _ => {
                reached.push(part.clone());
                if !modules.contains_key(&reached) {
                    reached.pop();
                    break;
                }
            }
        }
    }
    modules.get(&reached).copied()
}

/// The code without `in …` of its visibilities, which are no imports.
fn without_visibilities(code: &str) -> String {
    let mut pieces = code.split("pub(in ");
    let first = pieces.next().unwrap_or_default().to_owned();
    pieces.fold(first, |before, piece| before + piece.split_once(')').map_or("", |(_, rest)| rest))
}

/// The files that stand in a circle, with those of their imports that lead back to them.
fn circles<'f>(imports: &BTreeMap<&'f Path, BTreeSet<&'f Path>>) -> BTreeMap<&'f Path, Vec<&'f Path>> {
    let leads_to = |from: &'f Path, file: &Path| {
        let mut open = vec![from];
        let mut seen = BTreeSet::from([from]);
        while let Some(next) = open.pop() {
            open.extend(imports[next].iter().filter(|import| seen.insert(**import)));
        }
        seen.contains(file)
    };
    imports
        .iter()
        .map(|(file, imports)| {
            (*file, imports.iter().copied().filter(|import| leads_to(import, file)).collect())
        })
        .filter(|(_, next): &(_, Vec<_>)| !next.is_empty())
        .collect()
}
