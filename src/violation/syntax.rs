use std::error::Error;
use std::fmt;
use std::sync::Arc;

use serde::de::IgnoredAny;

use super::Rendering;

/// A text that can't be read at all: no JSON, no UTF-8, or not a JSON value of the kind due.
///
/// It names the place where reading stopped, but never quotes the text.
#[derive(Clone, Debug)]
pub struct SyntaxError {
    message: Box<str>,
    position: Option<(usize, usize)>,
    source: Option<Arc<dyn Error + Send + Sync>>,
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

    /// The error for people: the line of the body, and the place in it marked.
    pub fn render<'a>(&'a self, body: &'a [u8]) -> Rendering<'a> {
        Rendering::of_syntax(self, body)
    }

    /// An error whose culprit stands at a byte offset of the text.
    pub(crate) fn at(text: &str, offset: usize, message: &str) -> Self {
        SyntaxError { message: message.into(), position: Some(position(text, offset)), source: None }
    }

    /// An error in another format than text.
    pub(crate) fn without_place(message: &str) -> Self {
        SyntaxError { message: message.into(), position: None, source: None }
    }

    /// A text that is UTF-8 only up to some byte.
    #[cold]
    pub(crate) fn not_utf8(bytes: &[u8], error: std::str::Utf8Error) -> Self {
        let valid = bytes.get(..error.valid_up_to()).unwrap_or_default();
        let valid = std::str::from_utf8(valid).unwrap_or_default();
        SyntaxError::at(valid, valid.len(), "the text is not UTF-8")
    }

    /// An error of `serde_json`, whose columns count bytes up to and including the culprit.
    #[cold]
    pub(crate) fn of_json(text: &str, error: &serde_json::Error) -> Self {
        if text.starts_with('\u{feff}') {
            return SyntaxError::at(text, 0, "the text begins with a byte order mark");
        }
        if text.trim_ascii().is_empty() {
            return SyntaxError::at(text, text.len(), "the text is empty");
        }
        let full = error.to_string();
        let message = full.rsplit_once(" at line ").map_or(&*full, |(message, _)| message);
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

    /// An error of another format's reader. Its text may quote the body, so it is kept only as the source.
    pub(crate) fn of_format(error: impl Error + Send + Sync + 'static) -> Self {
        SyntaxError {
            message: "the body can't be read".into(),
            position: None,
            source: Some(Arc::new(error)),
        }
    }
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
    let before = text.get(..start).unwrap_or_default();
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
    let column = before.get(line_start..).unwrap_or_default().chars().count() + 1;
    (line, column)
}

/// Equal by message and place; sources can't be compared.
impl PartialEq for SyntaxError {
    fn eq(&self, other: &Self) -> bool {
        self.message == other.message && self.position == other.position
    }
}

impl fmt::Display for SyntaxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        match self.position {
            Some((line, column)) => write!(f, " at line {line}, column {column}"),
            None => Ok(()),
        }
    }
}

impl Error for SyntaxError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as &(dyn Error + 'static))
    }
}
