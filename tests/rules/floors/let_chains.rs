//! No condition chains `let`s: the oldest supported Rust does not know that yet.

use super::code::code;
use super::sources;

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
