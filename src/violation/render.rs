//! Violations for people: the line of the text with the place marked, as a good compiler shows it.

use std::fmt;
use std::iter::Peekable;
use std::ops::Range;
use std::slice;

use super::excerpt::{Excerpt, WIDTH};
use super::locate::{FAR, Found, locate};
use super::place::{Span, part};
use super::printable::{Beginning, Printable};
use super::syntax::{SyntaxError, readable};
use super::token::{FAR_BEHIND, Token, TokenKind, token};
use super::violations::Violations;

// With `str::repeat`, a rendering takes 5 % more.
const BLANKS: &str =
    "                                                                                                    ";
const CARETS: &str =
    "^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^";

/// Violations, or a syntax error, with the text they were found in. `Display` writes plain text.
///
/// Values are hidden unless [`Rendering::show_values`] is called: bodies hold personal data. Declarations do not, and
/// are easier to read with their values. Keys are shown, except inside a value that a violation is about because no
/// object is due there or its own key is not known. What was not looked into, since a limit was reached or since the text
/// is not JSON, is not told apart: its keys are shown, up to a syntax error. Characters that can't be seen or that turn
/// the direction of text are escaped. Of pointers and suggestions only the first 128 bytes are shown.
///
/// ```
/// # use service_end::{ReadError, Schemas, Validator};
/// let body = b"{\n  \"resource_id\": \"5005\"\n}";
/// let Err(ReadError::Invalid(violations)) = Validator::new(Schemas::new()).read(body) else { panic!() };
/// assert_eq!(violations.render(body).to_string(), "\
/// wrong_type: must be an integer, but is a string
///  --> line 2, column 18: /resource_id
///   |
/// 2 |   \"resource_id\": \"…\"
///   |                  ^^^
/// ");
/// ```
#[derive(Clone)]
#[must_use]
pub struct Rendering<'a> {
    subject: Subject<'a>,
    body: &'a str,
    values: bool,
}

#[derive(Clone, Debug)]
enum Subject<'a> {
    Violations(&'a Violations),
    Syntax(&'a SyntaxError),
}

/// The same text as `Display`: values are hidden unless [`Rendering::show_values`] was called.
impl fmt::Debug for Rendering<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Violations {
    /// The violations for people: each with the line of the text they were found in, and the place in it marked.
    pub fn render<'a>(&'a self, text: &'a [u8]) -> Rendering<'a> {
        Rendering { subject: Subject::Violations(self), body: readable(text), values: false }
    }
}

impl SyntaxError {
    /// The error for people: the line of the body, and the place in it marked.
    pub fn render<'a>(&'a self, body: &'a [u8]) -> Rendering<'a> {
        Rendering { subject: Subject::Syntax(self), body: readable(body), values: false }
    }
}

impl Rendering<'_> {
    /// Shows the values of the text in the lines that are shown.
    pub fn show_values(mut self) -> Self {
        self.values = true;
        self
    }

    /// Whether a string that looks like a key is none, or nobody's name. Behind a syntax error, and right before it,
    /// any string can be followed by a colon.
    fn is_hidden(&self, key: &Token, place: &Range<usize>, hidden: &mut Hidden<'_>) -> bool {
        match self.subject {
            Subject::Violations(_) => {
                while hidden.next_if(|range| range.end <= key.bytes.start).is_some() {}
                hidden.peek().is_some_and(|range| range.contains(&key.bytes.start))
            }
            Subject::Syntax(_) => {
                let before_error = self.body.get(key.bytes.end..place.start).unwrap_or_default();
                !before_error.trim_start().starts_with(':')
            }
        }
    }

    /// The line that a place is in, with the place marked.
    fn excerpt(&self, span: &Span, context: usize, hidden: &[Range<usize>]) -> String {
        let Span { line, bytes: place, .. } = span;
        let enough = (place.end.max(place.start + 1) + 2 * WIDTH).min(place.start + FAR_BEHIND);
        let (from, gap) = begin_of_excerpt(self.body, place.start, context);
        let rest = part(self.body, from..boundary(self.body, enough + FAR));
        let to = from + rest.find('\n').unwrap_or(rest.len());
        // A place without a length is the character there.
        let character = part(self.body, place.start..self.body.len()).chars().next();
        let end = place.end.max(place.start + character.map_or(1, char::len_utf8));
        let mut excerpt = Excerpt::new(place.start..end);
        if gap {
            excerpt.push_gap();
        }
        let mut hidden = after(hidden, from);
        // Most is shown as it is, and added piece by piece rather than token by token.
        let mut piece = from..from;
        while piece.end < to.min(enough) && !excerpt.is_full() {
            let token = token(self.body, piece.end, to, place);
            let is_value = match token.kind {
                TokenKind::Key => self.is_hidden(&token, place, &mut hidden),
                TokenKind::String | TokenKind::Scalar => true,
                TokenKind::Between => false,
            };
            let end = token.bytes.end;
            if is_value && !self.values {
                excerpt.push_whole(self.body, piece);
                excerpt.push_hidden(&token.bytes, token.kind != TokenKind::Scalar);
                piece = end..end;
            } else if end - piece.start < WIDTH {
                piece.end = end;
            } else {
                excerpt.push_whole(self.body, piece.start..end);
                piece = end..end;
            }
        }
        excerpt.push_whole(self.body, piece);
        let margin = run(BLANKS, digits(*line));
        let mut lines = String::with_capacity(6 * WIDTH);
        lines.extend([margin, " |\n", &line.to_string(), " | "]);
        let marked = excerpt.cut(&mut lines);
        let (before, marks) = (run(BLANKS, marked.start), run(CARETS, marked.len().max(1)));
        lines.extend(["\n", margin, " | ", before, marks, "\n"]);
        lines
    }
}

/// What is hidden in a text, from the front: values that are not looked into, in which keys may be anything.
fn hidden(found: &[Option<Found>]) -> Vec<Range<usize>> {
    let mut hidden: Vec<_> = found.iter().flatten().map(|found| found.hidden.clone()).collect();
    hidden.retain(|range| !range.is_empty());
    hidden.sort_unstable_by_key(|range| range.start);
    hidden
}

/// What is hidden of a line, from the front.
type Hidden<'h> = Peekable<slice::Iter<'h, Range<usize>>>;

/// Of some ranges, which stand in order and don't overlap, those that go beyond an offset.
fn after(ranges: &[Range<usize>], offset: usize) -> Hidden<'_> {
    let first = ranges.partition_point(|range| range.end <= offset);
    ranges.get(first..).unwrap_or_default().iter().peekable()
}

/// Where an excerpt begins: with the line, or at a token before the place if the line begins too far away. And whether
/// it leaves something out.
fn begin_of_excerpt(body: &str, place: usize, context: usize) -> (usize, bool) {
    let near = boundary(body, context.min(place.saturating_sub(FAR)).saturating_sub(1));
    let newline = body.get(near..place).and_then(|before| before.rfind('\n'));
    let line_start = newline.map(|at| near + at + 1).or((near == 0).then_some(0));
    match line_start {
        Some(line_start) if place - line_start <= FAR || context <= line_start => (line_start, false),
        _ => (context, true),
    }
}

/// The last boundary between two characters at or before an offset.
fn boundary(text: &str, offset: usize) -> usize {
    let mut at = offset.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

impl fmt::Display for Rendering<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.subject {
            Subject::Violations(violations) => {
                let found = locate(self.body, violations.as_slice());
                let hidden = hidden(&found);
                let (mut last, mut excerpt) = (None, String::new());
                for (ordinal, (violation, found)) in violations.iter().zip(found).enumerate() {
                    if ordinal > 0 {
                        writeln!(f)?;
                    }
                    let span = found.as_ref().map(|found| &found.span).or(violation.span());
                    let at = span.map(|span| (span.line, span.column));
                    header(f, violation.code(), &violation.message(), at, Some(violation.shown_pointer()))?;
                    if let Some(Found { span, context, .. }) = found {
                        // Many violations can be of one place: all that a record lacks, for one.
                        let place = Some((span.bytes.clone(), context));
                        if place != last {
                            excerpt = self.excerpt(&span, context, &hidden);
                            last = place;
                        }
                        f.write_str(&excerpt)?;
                    }
                    if let Some(suggestion) = violation.suggestion() {
                        writeln!(f, "  = did you mean `{}`?", Beginning(suggestion))?;
                    }
                }
                if violations.truncated() { writeln!(f, "\n… and more") } else { Ok(()) }
            }
            Subject::Syntax(error) => {
                let at = error.line().zip(error.column());
                header(f, "syntax", error.message(), at, None)?;
                let Some((line, column)) = at else { return Ok(()) };
                let line_start: usize = self.body.split_inclusive('\n').take(line - 1).map(str::len).sum();
                let rest = part(self.body, line_start..self.body.len());
                let offset = rest.char_indices().nth(column - 1).map_or(rest.len(), |(offset, _)| offset);
                let start = line_start + offset;
                f.write_str(&self.excerpt(&Span { line, column, bytes: start..start }, line_start, &[]))
            }
        }
    }
}

/// Writes what is wrong, and where.
fn header(
    f: &mut fmt::Formatter<'_>,
    code: impl fmt::Display,
    message: &str,
    at: Option<(usize, usize)>,
    pointer: Option<Beginning<'_>>,
) -> fmt::Result {
    writeln!(f, "{code}: {}", Printable(message))?;
    let margin = run(BLANKS, at.map_or(1, |(line, _)| digits(line)));
    match (at, pointer) {
        (Some((line, column)), Some(pointer)) => {
            writeln!(f, "{margin}--> line {line}, column {column}: {pointer}")
        }
        (Some((line, column)), None) => writeln!(f, "{margin}--> line {line}, column {column}"),
        (None, Some(pointer)) => writeln!(f, "{margin}--> {pointer}"),
        (None, None) => Ok(()),
    }
}

/// How many digits a number has.
fn digits(number: usize) -> usize {
    number.checked_ilog10().map_or(1, |log| log as usize + 1)
}

/// The beginning of a line of one character. No excerpt is wider.
fn run(of: &'static str, width: usize) -> &'static str {
    part(of, 0..width.min(of.len()))
}
