use std::fmt;

/// Text of a body for people: characters that can't be seen, or that change how others are shown, are escaped.
pub(super) struct Printable<'t>(pub(super) &'t str);

impl fmt::Display for Printable<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
            return f.write_str(self.0);
        }
        // A name can be as long as a body: what can be seen is written as it stands, not character by character.
        for piece in self.0.split_inclusive(is_invisible) {
            let visible = piece.trim_end_matches(is_invisible);
            f.write_str(visible)?;
            let invisible = piece.strip_prefix(visible).into_iter().flat_map(str::chars);
            for character in invisible {
                write!(f, "{}", character.escape_default())?;
            }
        }
        Ok(())
    }
}

/// Whether a character controls what is shown without being seen itself: control characters, those that change the
/// direction of text, and those without a width.
pub(super) fn is_invisible(character: char) -> bool {
    // Most characters are told by one look.
    !matches!(character, ' '..='~') && (character.is_control() || is_without_width(character))
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
