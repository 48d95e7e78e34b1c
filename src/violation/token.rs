//! The tokens of a line of JSON text, for an excerpt of it.

use std::ops::Range;

use super::place::part;

/// How far behind the beginning of the place an excerpt can go on, in bytes. Many violations can stand in one long line,
/// or at one long value.
pub(super) const FAR_BEHIND: usize = 1024;
/// What is between may be any number of blanks, of which an excerpt shows a line at most.
const LONGEST_BETWEEN: usize = 80;

/// A piece of a line of JSON text: a string, another scalar, or anything between.
pub(super) struct Token {
    pub(super) bytes: Range<usize>,
    pub(super) kind: TokenKind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum TokenKind {
    Key,
    String,
    Scalar,
    Between,
}

/// Cuts a token off a line, at a place between two of them. Strings don't span lines, so this needs no knowledge of
/// other lines.
pub(super) fn token(body: &str, at: usize, to: usize, place: &Range<usize>) -> Token {
    let rest = part(body, at..to);
    let (end, kind) = match rest.bytes().next() {
        Some(b'"') => {
            // The string that is the place can be long, and its end is known.
            let is_place = at == place.start && !place.is_empty();
            let end = if is_place { place.end } else { at + string_length(rest) };
            let mut after = body.bytes().skip(end).take(FAR_BEHIND);
            let next = after.find(|byte| !byte.is_ascii_whitespace());
            (end, if next == Some(b':') { TokenKind::Key } else { TokenKind::String })
        }
        Some(byte) if is_between(byte) => {
            // What is between can be cut anywhere.
            let between = rest.bytes().take(LONGEST_BETWEEN).take_while(|byte| is_between(*byte));
            (at + between.count(), TokenKind::Between)
        }
        _ => {
            let length = rest.bytes().take_while(|byte| *byte != b'"' && !is_between(*byte)).count();
            (at + length, TokenKind::Scalar)
        }
    };
    Token { bytes: at..end, kind }
}

fn is_between(byte: u8) -> bool {
    matches!(byte, b'{' | b'}' | b'[' | b']' | b':' | b',' | b' ' | b'\t' | b'\n' | b'\r' | b'\x0c')
}

/// The length of the string that a text begins with, up to its end if it is not closed.
fn string_length(text: &str) -> usize {
    let mut at = 1;
    while let Some(next) = text.bytes().skip(at).position(|byte| matches!(byte, b'"' | b'\\')) {
        at += next + 1;
        if text.as_bytes().get(at - 1) == Some(&b'"') {
            return at;
        }
        // What is escaped ends nothing.
        at += 1;
    }
    text.len()
}
