//! Finds the places of violations in the text they were found in, in a second look that only failures take.

use std::collections::HashMap;
use std::ops::Range;

use super::code::Code;
use super::follow::{Followed, follow};
use super::items::{Item, Wanted, items};
use super::place::{Part, Path, Span, part};
use super::violation::Violation;
use super::violations::Violations;

/// How far before a place its context and its excerpt can begin, in bytes. An excerpt is as wide.
pub(super) const FAR: usize = 80;

/// A span, and what helps to show it.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) span: Span,
    /// A byte a little before it, or its first one: between two tokens.
    pub(super) context: usize,
    /// The bytes whose keys are nobody's names: what stands where no object is due, or under an unknown key.
    pub(super) hidden: Range<usize>,
}

impl Violations {
    /// Looks for each violation in the text it was found in, so that it has a [`Violation::span`]. What is missing
    /// points at the object that lacks it.
    ///
    /// [`CompleteService::end`](crate::CompleteService::end) does this by itself, as do the functions that read
    /// declarations and whole stored services from JSON; what is valid never pays for it.
    #[must_use]
    pub fn locate(mut self, text: &[u8]) -> Self {
        if let Ok(text) = std::str::from_utf8(text) {
            let found = locate(text, self.as_slice());
            for (violation, found) in self.as_mut_slice().iter_mut().zip(found) {
                // One that another host told knows its line already, and is not found anew.
                if let Some(found) = found {
                    violation.set_span(found.span);
                }
            }
        }
        self
    }
}

/// The text with what was found out about it so far.
struct Locator<'t> {
    text: &'t str,
    violations: &'t [Violation],
    /// For each depth the container that was looked into last. Violations come container by container, so none is
    /// looked into again and again.
    looked_into: Vec<Container>,
    /// What stands at the top level under names that were found wrong after the body was read, in lower case.
    named: Option<HashMap<String, Item>>,
    /// Where the violations stand that are looked for by their pointers.
    followed: Option<HashMap<usize, Followed>>,
}

/// An object or an array in the text.
struct Container {
    bytes: Range<usize>,
    /// What of it is wanted, in order.
    items: Vec<Item>,
    /// The first violation for which it was not looked into.
    until: usize,
}

/// A place in bytes, before its line is counted.
struct Place {
    bytes: Range<usize>,
    context: usize,
    hidden: Range<usize>,
}

/// Where the lines are counted up to.
#[derive(Clone, Copy)]
struct Counted {
    offset: usize,
    line: usize,
    column: usize,
}

const FIRST_LINE: Counted = Counted { offset: 0, line: 1, column: 1 };

impl Locator<'_> {
    /// Finds the n-th violation.
    fn find(&mut self, n: usize) -> Option<Place> {
        let violation = self.violations.get(n)?;
        match (violation.whereabouts(), violation.code()) {
            (Some(whereabouts), code) => {
                let path = Path::from(whereabouts);
                let mut place = self.at(path, n)?;
                let is_object_of_names =
                    path.part() == Part::Value && !matches!(code, Code::WrongType | Code::WrongShape);
                if is_object_of_names {
                    place.hidden = 0..0;
                }
                Some(place)
            }
            // Found wrong after the body was read.
            (None, Code::ServiceIdMismatch | Code::EndsBeforeStart) => self.named(violation.pointer()),
            (None, Code::MissingExtension) => {
                let bytes = whole(self.text);
                let whole = Place { context: bytes.start, bytes, hidden: 0..0 };
                self.named(violation.pointer()).or(Some(whole))
            }
            (None, _) => self.followed(n),
        }
    }

    /// Where the pointer of the n-th violation leads, if it is to be followed.
    fn followed(&mut self, n: usize) -> Option<Place> {
        let (text, violations) = (self.text, self.violations);
        let followed = self.followed.get_or_insert_with(|| {
            let all = violations.iter().enumerate().filter(|(_, violation)| violation.is_by_pointer());
            let (ordinals, pointers): (Vec<_>, Vec<_>) =
                all.map(|(ordinal, violation)| (ordinal, violation.pointer())).unzip();
            ordinals.into_iter().zip(follow(text, whole(text), &pointers)).collect()
        });
        let Followed { bytes, key } = followed.remove(&n)?;
        let context = if bytes.start - key <= FAR { key } else { bytes.start };
        Some(Place { bytes, context, hidden: 0..0 })
    }

    /// A place, and the value at it as what is to be hidden.
    fn at(&mut self, path: Path, n: usize) -> Option<Place> {
        let mut bytes = whole(self.text);
        let mut before = bytes.start;
        let mut key = bytes.clone();
        for (depth, ordinal) in path.ordinals().enumerate() {
            let items = self.items(depth, bytes, path, n);
            let item = items.get(items.binary_search_by_key(&ordinal, |item| item.ordinal).ok()?)?;
            before = item.before;
            key = item.key.clone();
            bytes = item.value.clone();
        }
        let hidden = bytes.clone();
        let starts = [before, key.start];
        let bytes = if path.part() == Part::Key { key } else { bytes };
        let context = starts.into_iter().find(|start| bytes.start - start <= FAR).unwrap_or(bytes.start);
        Some(Place { bytes, context, hidden })
    }

    /// What of a container the n-th violation and those after it ask for; nothing, if it is none.
    fn items(&mut self, depth: usize, bytes: Range<usize>, path: Path, n: usize) -> &[Item] {
        let known = |known: &Container| known.bytes == bytes && n < known.until;
        if !self.looked_into.get(depth).is_some_and(known) {
            let after = self.violations.iter().skip(n);
            let paths = after.map_while(|violation| violation.whereabouts().map(Path::from));
            let (mut ordinals, mut until) = (Vec::new(), n);
            for beside in paths.take_while(|other| other.is_beside(&path, depth)) {
                ordinals.extend(beside.ordinals().nth(depth));
                until += 1;
            }
            ordinals.sort_unstable();
            ordinals.dedup();
            let items = items(self.text, &bytes, Wanted::Ordinals(&ordinals));
            self.looked_into.truncate(depth);
            self.looked_into.push(Container { bytes, items, until });
        }
        let Some(container) = self.looked_into.get(depth) else {
            unreachable!("depths are looked into one after the other")
        };
        &container.items
    }

    /// The value of the first member of a name at the top level, in any case. A body that was read has each known name
    /// once.
    fn named(&mut self, pointer: &str) -> Option<Place> {
        let named = self.named.get_or_insert_with(|| {
            let late = self.violations.iter().filter(|violation| violation.whereabouts().is_none());
            let names = late.filter_map(|violation| name_of(violation.pointer())).collect();
            let mut by_name = HashMap::new();
            for item in items(self.text, &whole(self.text), Wanted::Names(&names)) {
                if let Ok(name) = serde_json::from_str::<String>(part(self.text, item.key.clone())) {
                    by_name.entry(name.to_ascii_lowercase()).or_insert(item);
                }
            }
            by_name
        });
        let Item { key, value, .. } = named.get(&name_of(pointer)?)?;
        Some(Place { bytes: value.clone(), context: key.start, hidden: 0..0 })
    }
}

/// The text without white space around it.
fn whole(text: &str) -> Range<usize> {
    let trimmed = text.trim_ascii_start();
    let start = text.len() - trimmed.len();
    start..start + trimmed.trim_ascii_end().len()
}

/// The name that a pointer to the top level tells, in lower case.
fn name_of(pointer: &str) -> Option<String> {
    pointer.strip_prefix('/').map(str::to_ascii_lowercase)
}

/// Finds each violation in the text; lines are counted once, from front to back.
pub(super) fn locate(text: &str, violations: &[Violation]) -> Vec<Option<Found>> {
    let mut locator = Locator { text, violations, looked_into: Vec::new(), named: None, followed: None };
    let found = |Place { bytes, context, hidden }: Place| {
        let span = Span { line: 0, column: 0, bytes };
        Found { span, context, hidden }
    };
    let mut all: Vec<_> = (0..violations.len()).map(|n| locator.find(n).map(found)).collect();
    let mut spans: Vec<_> = all.iter_mut().flatten().map(|found| &mut found.span).collect();
    spans.sort_unstable_by_key(|span| span.bytes.start);
    let mut counted = FIRST_LINE;
    for span in spans {
        counted = counted.to(text, span.bytes.start);
        (span.line, span.column) = (counted.line, counted.column);
    }
    all
}

impl Counted {
    fn to(mut self, text: &str, offset: usize) -> Self {
        let between = part(text, self.offset..offset);
        let last_line = between.rfind('\n').map_or(between, |end| {
            self.line += between.bytes().filter(|byte| *byte == b'\n').count();
            self.column = 1;
            part(between, end + 1..between.len())
        });
        self.column += last_line.chars().count();
        self.offset = offset;
        self
    }
}
