//! The tokens of a line of JSON text, for an excerpt of it.

use std::ops::Range;

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
    let bytes = body.as_bytes();
    let rest = bytes.get(at..to).unwrap_or_default();
    let (length, kind) = match rest.first() {
        Some(b'"') => {
            // The string that is the place can be long, and its end is known.
            let is_place = at == place.start && !place.is_empty();
            let length = if is_place { place.len() } else { string_length(rest) };
            let mut after = bytes.get(at + length..).unwrap_or_default().iter().take(FAR_BEHIND);
            let next = after.find(|byte| !byte.is_ascii_whitespace());
            (length, if next == Some(&b':') { TokenKind::Key } else { TokenKind::String })
        }
        Some(byte) if is_between(*byte) => {
            // What is between can be cut anywhere.
            let between = rest.iter().take(LONGEST_BETWEEN).take_while(|byte| is_between(**byte));
            (between.count(), TokenKind::Between)
        }
        _ => {
            let scalar = rest.iter().take_while(|byte| **byte != b'"' && !is_between(**byte));
            (scalar.count(), TokenKind::Scalar)
        }
    };
    Token { bytes: at..at + length, kind }
}

fn is_between(byte: u8) -> bool {
    matches!(byte, b'{' | b'}' | b'[' | b']' | b':' | b',' | b' ' | b'\t' | b'\n' | b'\r' | b'\x0c')
}

/// The length of the string that a text begins with, up to its end if it is not closed.
fn string_length(text: &[u8]) -> usize {
    let mut rest = text.iter().skip(1);
    while let Some(byte) = rest.find(|byte| matches!(byte, b'"' | b'\\')) {
        if *byte == b'"' {
            return text.len() - rest.len();
        }
        // What is escaped ends nothing.
        rest.next();
    }
    text.len()
}
