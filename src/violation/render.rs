//! Violations for people: the line of the text with the place marked, as a good compiler shows it.

use std::fmt;
use std::ops::Range;

use super::locate::{FAR, Found, locate};
use super::place::{Span, part};
use super::printable::{Printable, escape, is_invisible};
use super::syntax::SyntaxError;
use super::violations::Violations;

/// The widest excerpt of a line, in characters.
const WIDTH: usize = 80;
/// How far behind the beginning of the place an excerpt can go on, in bytes. Many violations can stand in one long line,
/// or at one long value.
const FAR_BEHIND: usize = 1024;

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
/// the direction of text are escaped.
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
#[derive(Clone, Debug)]
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
    fn is_hidden(&self, key: &Token, place: &Range<usize>, hidden: &[Range<usize>]) -> bool {
        match self.subject {
            Subject::Violations(_) => is_inside(hidden, key.bytes.start),
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
        let mut at = from;
        while at < to.min(enough) && !excerpt.is_full() {
            let mut token = token(self.body, at, to, place);
            at = token.bytes.end;
            if token.kind == TokenKind::Key && self.is_hidden(&token, place, hidden) {
                token.kind = TokenKind::String;
            }
            excerpt.push(self.body, &token, self.values);
        }
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

/// Whether an offset lies in one of some ranges, which stand in order and don't overlap.
fn is_inside(ranges: &[Range<usize>], offset: usize) -> bool {
    let after = ranges.partition_point(|range| range.start <= offset);
    after.checked_sub(1).and_then(|before| ranges.get(before)).is_some_and(|range| range.contains(&offset))
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

/// The nearest boundary between two characters that is not behind an offset.
fn boundary(body: &str, offset: usize) -> usize {
    let mut at = offset.min(body.len());
    while !body.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// The part of the body that is text.
fn readable(body: &[u8]) -> &str {
    match std::str::from_utf8(body) {
        Ok(text) => text,
        Err(error) => {
            let valid = body.get(..error.valid_up_to()).and_then(|valid| std::str::from_utf8(valid).ok());
            valid.unwrap_or_else(|| unreachable!("the bytes before the error are UTF-8"))
        }
    }
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
                        writeln!(f, "  = did you mean `{}`?", Printable(suggestion))?;
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
    pointer: Option<Printable<'_>>,
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

/// A piece of a line of JSON text: a string, another scalar, or anything between.
struct Token {
    bytes: Range<usize>,
    kind: TokenKind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum TokenKind {
    Key,
    String,
    Scalar,
    Between,
}

/// Cuts a token off a line, at a place between two of them. Strings don't span lines, so this needs no knowledge of
/// other lines.
fn token(body: &str, at: usize, to: usize, place: &Range<usize>) -> Token {
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
            let between = rest.bytes().take(WIDTH).take_while(|byte| is_between(*byte));
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
    matches!(byte, b'{' | b'}' | b'[' | b']' | b':' | b',') || byte.is_ascii_whitespace()
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

/// A line in the making, as it is shown, with the place marked in characters.
struct Excerpt {
    text: String,
    /// How many characters it has.
    width: usize,
    place: Range<usize>,
    marked: Option<Range<usize>>,
}

impl Excerpt {
    fn new(place: Range<usize>) -> Self {
        Excerpt { text: String::with_capacity(3 * WIDTH), width: 0, place, marked: None }
    }

    fn push_gap(&mut self) {
        self.push_str("… ", 2);
    }

    fn push_str(&mut self, text: &str, width: usize) {
        self.text.push_str(text);
        self.width += width;
    }

    fn push(&mut self, body: &str, token: &Token, values: bool) {
        if values || matches!(token.kind, TokenKind::Key | TokenKind::Between) {
            return self.push_whole(body, token.bytes.clone());
        }
        let start = self.width;
        match token.kind {
            TokenKind::String => self.push_str("\"…\"", 3),
            _ => self.push_str("…", 1),
        }
        if token.bytes.start < self.place.end && self.place.start < token.bytes.end {
            self.mark(start..self.width);
        }
    }

    fn push_whole(&mut self, body: &str, bytes: Range<usize>) {
        let mut at = bytes.start;
        while at < bytes.end && !self.is_full() {
            // A piece is marked as a whole or not at all.
            let border = match at {
                at if at < self.place.start => self.place.start,
                at if at < self.place.end => self.place.end,
                _ => bytes.end,
            };
            let before = self.width;
            let length = self.push_piece(part(body, at..border.min(bytes.end)));
            if self.place.contains(&at) {
                self.mark(before..self.width);
            }
            at += length;
        }
    }

    /// Adds the beginning of a text, either what can be seen or one character that can't, and tells how long it is.
    fn push_piece(&mut self, text: &str) -> usize {
        let (length, width) = visible(text);
        if length > 0 {
            self.push_str(part(text, 0..length), width);
            return length;
        }
        let Some(invisible) = text.chars().next() else { return 0 };
        if invisible.is_control() {
            // A tab is as wide as one character here.
            self.push_str(" ", 1);
        } else {
            let length = self.text.len();
            escape(invisible, &mut self.text);
            self.width += self.text.len() - length;
        }
        invisible.len_utf8()
    }

    /// Whether there is more than [`Excerpt::cut`] shows. What is marked may still grow, but then it is at the end.
    fn is_full(&self) -> bool {
        self.marked.as_ref().is_some_and(|marked| self.width > shown_from(marked) + WIDTH)
    }

    fn mark(&mut self, range: Range<usize>) {
        let start = self.marked.as_ref().map_or(range.start, |marked| marked.start);
        self.marked = Some(start..range.end);
    }

    /// Adds the characters to show to a line, no wider than an excerpt, and tells which of them are marked.
    fn cut(self, line: &mut String) -> Range<usize> {
        let end = self.width;
        // A place that is not in the line is behind its end.
        let marked = self.marked.clone().unwrap_or(end..end);
        let from = shown_from(&marked);
        let to = end.min(from + WIDTH);
        let gap = if from > 0 { "… " } else { "" };
        line.push_str(gap);
        line.push_str(part(&self.text, self.offset(from)..self.offset(to)));
        line.push_str(if to < end { " …" } else { "" });
        line.truncate(line.trim_end().len());
        let shift = gap.chars().count();
        marked.start - from + shift..marked.end.min(to.max(marked.start)) - from + shift
    }

    /// Where its n-th character begins.
    fn offset(&self, n: usize) -> usize {
        if self.width == self.text.len() || n == 0 {
            return n;
        }
        let mut rest = self.text.chars();
        rest.nth(n - 1);
        self.text.len() - rest.as_str().len()
    }
}

/// How much of the beginning of a text can be seen: bytes, and characters, at most as many as an excerpt has.
fn visible(text: &str) -> (usize, usize) {
    // Most of what is shown is ASCII, which needs no look at characters.
    let plain = text.bytes().take(WIDTH).take_while(|byte| matches!(byte, b' '..=b'~')).count();
    let others = part(text, plain..text.len()).chars().take(WIDTH - plain);
    let seen = others.take_while(|character| !is_invisible(*character));
    seen.fold((plain, plain), |(bytes, width), character| (bytes + character.len_utf8(), width + 1))
}

/// Which character an excerpt begins with, so that what is marked is in it.
fn shown_from(marked: &Range<usize>) -> usize {
    if marked.end <= WIDTH { 0 } else { marked.start.saturating_sub(WIDTH / 4) }
}
