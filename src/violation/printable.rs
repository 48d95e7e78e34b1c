use std::fmt;

use super::place::part;

/// Text of a body for people: characters that can't be seen, or that change how others are shown, are escaped.
pub(super) struct Printable<'t>(pub(super) &'t str);

impl fmt::Display for Printable<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if is_plain(self.0.as_bytes()) {
            return f.write_str(self.0);
        }
        write_escaped(f, self.0, usize::MAX)
    }
}

/// Whether all is ASCII that can be seen, as most is.
fn is_plain(text: &[u8]) -> bool {
    text.iter().all(|byte| matches!(byte, b' '..=b'~'))
}

/// The beginning of a text of a body for people: a key can be as long as the body. A pointer to a declared name is shown
/// whole: it has 113 bytes at most.
pub(super) struct Beginning<'t>(pub(super) &'t str);

/// In bytes, as they are shown.
const LONGEST_BEGINNING: usize = 128;

impl fmt::Display for Beginning<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let end = self.0.len().min(LONGEST_BEGINNING);
        if self.0.as_bytes().get(..end).is_some_and(is_plain) {
            let gap = if end < self.0.len() { "…" } else { "" };
            return write!(f, "{}{gap}", part(self.0, 0..end));
        }
        write_escaped(f, self.0, LONGEST_BEGINNING)
    }
}

/// Writes a text with escapes, up to so many bytes as they are shown. In pieces, not character by character: what another
/// host told can be long.
fn write_escaped(f: &mut fmt::Formatter<'_>, text: &str, most: usize) -> fmt::Result {
    let (mut shown, mut from, mut escaped) = (0, 0, String::with_capacity(LONGEST_BEGINNING));
    let mut end = text.len();
    for (at, character) in text.char_indices() {
        let is_invisible = is_invisible(character);
        shown += if is_invisible { ESCAPE_BYTES } else { character.len_utf8() };
        if shown > most {
            end = at;
            break;
        }
        if is_invisible {
            if from < at {
                f.write_str(&escaped)?;
                escaped.clear();
                f.write_str(part(text, from..at))?;
            }
            escape(character, &mut escaped);
            from = at + character.len_utf8();
        }
    }
    f.write_str(&escaped)?;
    f.write_str(part(text, from..end))?;
    f.write_str(if end < text.len() { "…" } else { "" })
}

/// What an escape takes, about.
const ESCAPE_BYTES: usize = 8;

/// How many bytes a text counts for in an answer: what JSON or a rendering escapes costs about as much
/// as eight others.
pub(super) fn told_bytes(text: &str) -> usize {
    let is_escaped = |byte: u8| matches!(byte, ..b' ' | b'"' | b'\\' | 0x7f);
    // Most names have none, which is seen many bytes at a time: with the count alone, reading 1,000 violations takes 8 %
    // more.
    if !text.bytes().fold(false, |any, byte| any | is_escaped(byte)) {
        return text.len();
    }
    text.len() + 7 * text.bytes().filter(|byte| is_escaped(*byte)).count()
}

/// As `char::escape_default` does. With that, names of characters that can't be seen, beside many schemas, cost more than
/// the bound allows.
pub(super) fn escape(character: char, out: &mut String) {
    let code = u32::from(character);
    if matches!(character, '\t' | '\n' | '\r') {
        return out.extend(character.escape_default());
    }
    out.push_str("\\u{");
    let digits = code.checked_ilog2().unwrap_or(0) / 4 + 1;
    for digit in (0..digits).rev() {
        #[expect(clippy::indexing_slicing, reason = "there are 16")]
        out.push(char::from(b"0123456789abcdef"[(code >> (4 * digit) & 0xf) as usize]));
    }
    out.push('}');
}

/// Whether a character controls what is shown without being seen itself: control characters, those that change the
/// direction of text, and those without a width.
pub(super) fn is_invisible(character: char) -> bool {
    // Most characters are told by one look: those of ASCII, of Latin with its accents, and of most that are wide.
    !matches!(character, ' '..='~' | '\u{ae}'..='\u{34e}' | '\u{3165}'..='\u{fdff}')
        && (character.is_control() || is_without_width(character))
}

fn is_without_width(character: char) -> bool {
    matches!(
        character,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}'
    )
}
