//! What of a Rust file is code, and the paths in it.

/// The paths in code that begin with a word, written out: `super::{a::B, c as d}` is `super::a::B` and `super::c`.
pub(super) fn paths(code: &str, word: &str) -> Vec<Vec<String>> {
    let is_part = |character: char| character.is_alphanumeric() || character == '_';
    let mut paths = Vec::new();
    for (at, _) in code.match_indices(word) {
        let (before, after) = (&code[..at], &code[at + word.len()..]);
        // Not the end of a longer word, nor a later part of a path.
        if !before.ends_with(is_part) && !before.trim_end().ends_with("::") {
            if let Some(rest) = path_separator(after) {
                write_out(rest, &[word.to_owned()], &mut paths);
            }
        }
    }
    paths
}

/// All paths of one that may have groups.
pub(super) fn written_out(path: &str) -> Vec<Vec<String>> {
    let mut paths = Vec::new();
    write_out(path.trim_start(), &[], &mut paths);
    paths
}

/// Adds the paths that begin with some parts and go on like the code, and gives the code behind them.
fn write_out<'c>(code: &'c str, parts: &[String], paths: &mut Vec<Vec<String>>) -> &'c str {
    if let Some(mut group) = code.strip_prefix('{') {
        loop {
            group = group.trim_start_matches(|character: char| character.is_whitespace() || character == ',');
            match group.chars().next() {
                None => return group,
                Some('}') => return &group[1..],
                Some(_) => {}
            }
            let behind = write_out(group, parts, paths);
            // Skips what a part is renamed to.
            group = &behind[behind.find([',', '}']).unwrap_or(behind.len())..];
        }
    }
    let end =
        code.find(|character: char| !character.is_alphanumeric() && character != '_').unwrap_or(code.len());
    let (part, rest) = code.split_at(end);
    // There is no name after a path to all of a module, nor before generic arguments.
    let parts = if part.is_empty() { parts.to_vec() } else { [parts, &[part.to_owned()]].concat() };
    match path_separator(rest) {
        Some(rest) if !part.is_empty() => write_out(rest, &parts, paths),
        _ => {
            paths.push(parts);
            rest
        }
    }
}

fn path_separator(code: &str) -> Option<&str> {
    code.trim_start().strip_prefix("::").map(str::trim_start)
}

/// The text without its comments and what stands in quotes.
pub(super) fn code(text: &str) -> String {
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

/// The code without its modules of tests.
pub(super) fn without_tests(code: &str) -> String {
    const TESTS: &str = "#[cfg(test)]";
    let Some((before, rest)) = code.split_once(TESTS) else { return code.to_owned() };
    let start = rest.find(['{', ';']).filter(|start| rest[*start..].starts_with('{'));
    let Some(start) = start.filter(|start| rest[..*start].trim_start().starts_with("mod ")) else {
        return format!("{before}{}", without_tests(rest));
    };
    let mut depth = 0;
    let end = rest[start..].find(|character| {
        depth += i32::from(character == '{') - i32::from(character == '}');
        depth == 0
    });
    format!("{before}{}", without_tests(&rest[end.map_or(rest.len(), |end| start + end + 1)..]))
}

#[test]
fn paths_are_written_out() {
    for (text, word, expected) in [
        ("use super::table::Table;", "super", "super::table::Table"),
        (
            "use super::{a::{B, C as D}, e as f,\n g::*};",
            "super",
            "super::a::B super::a::C super::e super::g",
        ),
        ("fn f() { crate ::\n a::f::<u8>(crate::b::C) }", "crate", "crate::a::f crate::b::C"),
        ("use super::super::a;", "super", "super::super::a"),
        ("use other_crate::a; use x::crate::b; self.crate_a::b", "crate", ""),
        ("pub(in crate::a) fn f() -> super::B", "crate", "crate::a"),
        ("self.a = self::b(self)", "self", "self::b"),
    ] {
        let paths: Vec<String> = paths(text, word).iter().map(|parts| parts.join("::")).collect();
        assert_eq!(paths.join(" "), expected, "{text}");
    }
}

#[test]
fn code_is_without_comments_quotes_and_tests() {
    for (text, expected) in [
        ("a // b\n/* c */ d", "a d"),
        (r##"f("a\"b", r#"c"d"#, 'e', '\'', x::<'g>())"##, "f( , , , , x::<'g>())"),
        ("a #[cfg(test)] mod tests { mod b { c } d } e", "a e"),
        ("a #[cfg(test)] mod tests; b { c }", "a mod tests; b { c }"),
        ("#[cfg(test)]\nmod a { }\n#[cfg(test)]\nmod b { }", ""),
    ] {
        let code = without_tests(&code(text));
        assert_eq!(code.split_whitespace().collect::<Vec<_>>().join(" "), expected, "{text}");
    }
}
