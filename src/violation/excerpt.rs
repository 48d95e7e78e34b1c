//! A line of a text as it is shown, with a place in it marked.

use std::ops::Range;

use super::place::part;
use super::printable::{escape, is_invisible};

/// The widest excerpt of a line, in characters.
pub(super) const WIDTH: usize = 80;
/// As many characters that can't be seen are added at once: they are an excerpt wide, about.
const RUN: usize = 10;

/// A line in the making, as it is shown, with the place marked in characters.
pub(super) struct Excerpt {
    text: String,
    /// How many characters it has.
    width: usize,
    place: Range<usize>,
    marked: Option<Range<usize>>,
}

impl Excerpt {
    pub(super) fn new(place: Range<usize>) -> Self {
        // What is far before the place can become some hundred bytes of escapes.
        Excerpt { text: String::with_capacity(8 * WIDTH), width: 0, place, marked: None }
    }

    pub(super) fn push_gap(&mut self) {
        self.push_str("… ", 2);
    }

    fn push_str(&mut self, text: &str, width: usize) {
        self.text.push_str(text);
        self.width += width;
    }

    /// Adds a value that is not to be seen.
    pub(super) fn push_hidden(&mut self, value: &Range<usize>, is_string: bool) {
        let start = self.width;
        if is_string {
            self.push_str("\"…\"", 3);
        } else {
            self.push_str("…", 1);
        }
        if value.start < self.place.end && self.place.start < value.end {
            self.mark(start..self.width);
        }
    }

    /// Adds a part of the body as it is.
    pub(super) fn push_whole(&mut self, body: &str, bytes: Range<usize>) {
        let mut at = bytes.start;
        let piece = part(body, bytes.clone());
        if bytes.end <= self.place.start && (bytes.len() > WIDTH || may_be_escaped(piece)) {
            // The rest would be cut off: a key of characters that can't be seen costs much to show.
            at += before_last_columns(piece);
        }
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

    /// Adds the beginning of a text, either what can be seen or some characters that can't, and tells how long it is.
    fn push_piece(&mut self, text: &str) -> usize {
        let (length, width) = visible(text);
        if length > 0 {
            self.push_str(part(text, 0..length), width);
            return length;
        }
        let invisible = text.chars().take_while(|character| is_invisible(*character));
        invisible.take(RUN).map(|character| self.push_invisible(character)).sum()
    }

    fn push_invisible(&mut self, character: char) -> usize {
        if character.is_ascii_whitespace() {
            // A tab is as wide as one character here.
            self.push_str(" ", 1);
        } else {
            let length = self.text.len();
            escape(character, &mut self.text);
            self.width += self.text.len() - length;
        }
        character.len_utf8()
    }

    /// Whether there is more than [`Excerpt::cut`] shows. What is marked may still grow, but then it is at the end.
    pub(super) fn is_full(&self) -> bool {
        self.marked.as_ref().is_some_and(|marked| self.width > shown_from(marked) + WIDTH)
    }

    fn mark(&mut self, range: Range<usize>) {
        let start = self.marked.as_ref().map_or(range.start, |marked| marked.start);
        self.marked = Some(start..range.end);
    }

    /// Adds the characters to show to a line, no wider than an excerpt and without blanks at its end, and tells which of
    /// them are marked.
    pub(super) fn cut(self, line: &mut String) -> Range<usize> {
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

/// How much can be seen at the beginning of a text, in bytes and in characters: no more than fits into an excerpt.
fn visible(text: &str) -> (usize, usize) {
    // Most of what is shown is ASCII, which needs no look at characters.
    let plain = text.bytes().take(WIDTH).take_while(|byte| matches!(byte, b' '..=b'~')).count();
    if plain == text.len() {
        return (plain, plain);
    }
    let others = part(text, plain..text.len()).chars().take(WIDTH - plain);
    let seen = others.take_while(|character| !is_invisible(*character));
    seen.fold((plain, plain), |(bytes, width), character| (bytes + character.len_utf8(), width + 1))
}

/// Where the end of a text begins that fills an excerpt by itself.
fn before_last_columns(text: &str) -> usize {
    let mut width = 0;
    let mut from_behind = text.char_indices().rev();
    let fills = from_behind.find(|(_, character)| {
        let is_escaped = is_invisible(*character) && !character.is_ascii_whitespace();
        width += if is_escaped { SHORTEST_ESCAPE } else { 1 };
        width >= WIDTH
    });
    fills.map_or(0, |(at, _)| at)
}

/// Whether it may have characters that can't be seen. The few that take two bytes are let pass, as letters with accents do.
fn may_be_escaped(text: &str) -> bool {
    text.bytes().any(|byte| matches!(byte, 0x7f | 0xe0..))
}

/// `\u{7f}`, in characters; the few of ASCII that are shorter don't stand in JSON as they are.
const SHORTEST_ESCAPE: usize = 6;

/// Which character an excerpt begins with, so that what is marked is in it.
fn shown_from(marked: &Range<usize>) -> usize {
    if marked.end <= WIDTH { 0 } else { marked.start.saturating_sub(WIDTH / 4) }
}
