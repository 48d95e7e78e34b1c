use std::error::Error;
use std::fmt;
use std::sync::Arc;

use serde::de::{Deserialize, Deserializer, IgnoredAny};
use serde::ser::{Serialize, SerializeMap, Serializer};

use super::members::Members;
use super::printable::Printable;

/// A text that can't be read at all: not JSON, not UTF-8, or not a JSON value of the kind due.
///
/// It names the place where reading stopped, but never quotes the text. As JSON it is an object of `message`, and of
/// `line` and `column` where there is a place.
#[derive(Clone)]
pub struct SyntaxError {
    message: Box<str>,
    position: Option<(usize, usize)>,
    foreign: Option<Arc<dyn Error + Send + Sync>>,
}

impl SyntaxError {
    /// What is wrong, without the place.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The line, from 1. `None` where another format than JSON text was read.
    pub fn line(&self) -> Option<usize> {
        self.position.map(|(line, _)| line)
    }

    /// The column in the line, from 1, in characters. At the end of the text: one past the last character.
    pub fn column(&self) -> Option<usize> {
        self.position.map(|(_, column)| column)
    }

    /// The error of the parser that a host brought, where that is what failed. **Its text may quote the body**, which
    /// holds personal data: so it is not among the sources, and nothing else shows it.
    pub fn foreign_error(&self) -> Option<&(dyn Error + Send + Sync + 'static)> {
        self.foreign.as_deref()
    }

    /// An error that somebody told.
    pub(crate) fn told(message: impl Into<Box<str>>, position: Option<(usize, usize)>) -> Self {
        SyntaxError { message: message.into(), position, foreign: None }
    }

    /// An error whose culprit stands at a byte offset of the text.
    pub(crate) fn at(text: &str, offset: usize, message: &str) -> Self {
        SyntaxError::told(message, Some(position(text, offset)))
    }

    /// An error in another format than text.
    pub(crate) fn without_place(message: &str) -> Self {
        SyntaxError::told(message, None)
    }

    /// Bytes as text, or that they are none, and from where.
    pub(crate) fn text_of(bytes: &[u8]) -> Result<&str, Self> {
        std::str::from_utf8(bytes).map_err(|_| {
            let valid = readable(bytes);
            SyntaxError::at(valid, valid.len(), "the text is not UTF-8")
        })
    }

    /// An error of `serde_json`, whose columns count bytes up to and including the culprit.
    pub(crate) fn of_json(text: &str, error: &serde_json::Error) -> Self {
        if text.starts_with('\u{feff}') {
            return SyntaxError::at(text, 0, "the text begins with a byte order mark");
        }
        if text.trim_ascii().is_empty() {
            return SyntaxError::at(text, text.len(), "the text is empty");
        }
        let full = error.to_string();
        let message = match full.rsplit_once(" at line ").map_or(&*full, |(message, _)| message) {
            "expected ident" => "expected `true`, `false` or `null`",
            // It says so of a trailing one too.
            "lone leading surrogate in hex escape" => "an unpaired surrogate in a `\\u` escape",
            message => message,
        };
        let line_start: usize =
            text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
        let offset = (line_start + error.column()).saturating_sub(1);
        let cut_number = message == "invalid number" && offset + 1 == text.len() && ends_inside_number(text);
        if error.is_eof() || cut_number {
            let message = if cut_number { "EOF while parsing a value" } else { message };
            let message = message.replace("EOF while parsing", "the text ends inside");
            return SyntaxError::at(text, text.len(), &message);
        }
        // In a string that is skipped, a control character is not counted yet when it is told.
        let before_control = message.starts_with("control character")
            && text.as_bytes().get(offset).is_some_and(|byte| *byte >= b' ');
        SyntaxError::at(text, if before_control { offset + 1 } else { offset }, message)
    }

    /// The error in a part of a text, with its place in the whole text.
    pub(crate) fn of_part(mut self, text: &str, part: &str) -> Self {
        let (first_line, first_column) = position(text, part.as_ptr() as usize - text.as_ptr() as usize);
        self.position = self.position.map(|(line, column)| match line {
            1 => (first_line, first_column + column - 1),
            later => (first_line + later - 1, column),
        });
        self
    }

    /// An error of another format's reader.
    pub(crate) fn of_format(error: impl Error + Send + Sync + 'static) -> Self {
        SyntaxError { foreign: Some(Arc::new(error)), ..SyntaxError::without_place("the body can't be read") }
    }
}

/// Bytes as text, as far as they are text.
pub(super) fn readable(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap_or_else(|_| match bytes.utf8_chunks().next() {
        Some(chunk) => chunk.valid(),
        None => unreachable!("no bytes at all are text"),
    })
}

/// Whether the text ends in a number that must go on. Where a number is skipped, `serde_json` tells this not as the
/// end of the text but as an invalid number.
fn ends_inside_number(text: &str) -> bool {
    let number = text.rsplit(|c: char| !matches!(c, '0'..='9' | '-' | '+' | '.' | 'e' | 'E')).next();
    number.is_some_and(|number| {
        !number.is_empty()
            && !number.ends_with(|c: char| c.is_ascii_digit())
            && serde_json::from_str::<IgnoredAny>(&format!("{number}0")).is_ok()
    })
}

/// Line and column, from 1 and in characters, of the character that contains a byte offset.
fn position(text: &str, offset: usize) -> (usize, usize) {
    let mut start = offset.min(text.len());
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    let Some(before) = text.get(..start) else { unreachable!("it is the boundary of a character") };
    let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
    let in_line = before.rsplit_once('\n').map_or(before, |(_, in_line)| in_line);
    (line, in_line.chars().count() + 1)
}

/// Equal by message and place; foreign errors can't be compared.
impl PartialEq for SyntaxError {
    fn eq(&self, other: &Self) -> bool {
        self.message == other.message && self.position == other.position
    }
}

impl fmt::Display for SyntaxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Somebody else may have written it.
        Printable(&self.message).fmt(f)?;
        match self.position {
            Some((line, column)) => write!(f, " at line {line}, column {column}"),
            None => Ok(()),
        }
    }
}

/// Without the foreign error, whose text may quote the body.
impl fmt::Debug for SyntaxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("SyntaxError");
        debug.field("message", &self.message).field("position", &self.position).finish_non_exhaustive()
    }
}

impl Error for SyntaxError {}

impl Serialize for SyntaxError {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut json = serializer.serialize_map(None)?;
        json.serialize_entry("message", &self.message)?;
        if let Some((line, column)) = self.position {
            json.serialize_entry("line", &line)?;
            json.serialize_entry("column", &column)?;
        }
        json.end()
    }
}

impl<'de> Deserialize<'de> for SyntaxError {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut members = Members::deserialize(deserializer)?;
        let position = members.position()?;
        Ok(SyntaxError::told(members.needed::<Box<str>, _>("message")?, position))
    }
}
