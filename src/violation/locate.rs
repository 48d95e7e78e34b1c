//! Finds the places of violations in the text they were found in, in a second look that only failures take.

use std::collections::HashMap;
use std::fmt;
use std::ops::Range;

use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::code::Code;
use super::place::{Part, Path, Span, part};
use super::violation::Violation;
use super::violations::Violations;

/// How far before a place its context and its excerpt can begin, in bytes. Two excerpts are as wide.
pub(super) const FAR: usize = 160;

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
    /// For each depth the container that was looked into last, and what it holds. Violations come container by
    /// container, so none is looked into again and again.
    looked_into: Vec<(Range<usize>, Vec<Item>)>,
}

/// A place in bytes, before its line is counted.
struct Place {
    bytes: Range<usize>,
    context: usize,
    hidden: Range<usize>,
}

/// A member of an object, or an element of an array, whose key is the element itself.
#[derive(Clone, Debug)]
struct Item {
    key: Range<usize>,
    value: Range<usize>,
}

/// Where the lines are counted up to.
#[derive(Clone, Copy)]
struct Counted {
    offset: usize,
    line: usize,
    column: usize,
}

const FIRST_LINE: Counted = Counted { offset: 0, line: 1, column: 1 };

impl<'t> Locator<'t> {
    fn new(text: &'t str) -> Self {
        Locator { text, looked_into: Vec::new() }
    }

    fn find(&mut self, violation: &Violation) -> Option<Place> {
        match (violation.whereabouts(), violation.code()) {
            (Some(whereabouts), code) => {
                let path = Path::from(whereabouts);
                let mut place = self.at(path)?;
                let is_object_of_names =
                    path.part() == Part::Value && !matches!(code, Code::WrongType | Code::WrongShape);
                if is_object_of_names {
                    place.hidden = 0..0;
                }
                Some(place)
            }
            // Found wrong after the body was read.
            (None, Code::ServiceIdMismatch | Code::EndsBeforeStart) => {
                self.named(violation.pointer(), |key, name| key == name)
            }
            (None, Code::MissingExtension) => {
                let named = self.named(violation.pointer(), str::eq_ignore_ascii_case);
                named.or_else(|| self.at(Path::WHOLE).map(|place| Place { hidden: 0..0, ..place }))
            }
            _ => None,
        }
    }

    /// A place, and the value at it as what is to be hidden.
    fn at(&mut self, path: Path) -> Option<Place> {
        let mut bytes = self.whole();
        let mut before_it = bytes.start;
        let mut key = bytes.clone();
        for (depth, ordinal) in path.ordinals().enumerate() {
            let items = self.items(depth, &bytes);
            let item = items.get(ordinal as usize)?;
            before_it = before(items, ordinal).unwrap_or(item).key.start;
            key = item.key.clone();
            bytes = item.value.clone();
        }
        let hidden = bytes.clone();
        let starts = [before_it, key.start];
        let bytes = if path.part() == Part::Key { key } else { bytes };
        let context = starts.into_iter().find(|start| bytes.start - start <= FAR).unwrap_or(bytes.start);
        Some(Place { bytes, context, hidden })
    }

    /// The text without white space around it.
    fn whole(&self) -> Range<usize> {
        let trimmed = self.text.trim_ascii_start();
        let start = self.text.len() - trimmed.len();
        start..start + trimmed.trim_ascii_end().len()
    }

    /// What a container holds; nothing, if it is none.
    fn items(&mut self, depth: usize, container: &Range<usize>) -> &[Item] {
        let known = self.looked_into.get(depth).is_some_and(|(known, _)| known == container);
        if !known {
            self.looked_into.truncate(depth);
            self.looked_into.push((container.clone(), items(self.text, container)));
        }
        let Some((_, items)) = self.looked_into.get(depth) else {
            unreachable!("depths are looked into one after the other")
        };
        items
    }

    /// The value of the first member of a name, for what was found wrong after the body was read.
    fn named(&mut self, pointer: &str, same: impl Fn(&str, &str) -> bool) -> Option<Place> {
        let name = pointer.strip_prefix('/')?;
        let (text, whole) = (self.text, self.whole());
        let of_name = |item: &&Item| {
            let key = part(text, item.key.clone());
            serde_json::from_str::<String>(key).is_ok_and(|key| same(&key, name))
        };
        let item = self.items(0, &whole).iter().find(of_name)?;
        Some(Place { bytes: item.value.clone(), context: item.key.start, hidden: 0..0 })
    }
}

/// Finds each violation in the text; lines are counted once, from front to back.
pub(super) fn locate(text: &str, violations: &[Violation]) -> Vec<Option<Found>> {
    let mut locator = Locator::new(text);
    let places: Vec<_> = violations.iter().map(|violation| locator.find(violation)).collect();
    let mut in_order: Vec<_> = places.iter().flatten().map(|place| place.bytes.start).collect();
    in_order.sort_unstable();
    in_order.dedup();
    let mut counted = FIRST_LINE;
    let mut positions = HashMap::with_capacity(in_order.len());
    for offset in in_order {
        counted = counted.to(text, offset);
        positions.insert(offset, counted);
    }
    let found = |Place { bytes, context, hidden }: Place| {
        let Some(Counted { line, column, .. }) = positions.get(&bytes.start).copied() else {
            unreachable!("each start was counted")
        };
        Found { span: Span { line, column, bytes }, context, hidden }
    };
    places.into_iter().map(|place| place.map(found)).collect()
}

impl Counted {
    fn to(mut self, text: &str, offset: usize) -> Self {
        for character in part(text, self.offset..offset).chars() {
            if character == '\n' {
                self.line += 1;
                self.column = 1;
            } else {
                self.column += 1;
            }
        }
        self.offset = offset;
        self
    }
}

fn before(items: &[Item], ordinal: u32) -> Option<&Item> {
    items.get(ordinal.checked_sub(1)? as usize)
}

fn items(text: &str, container: &Range<usize>) -> Vec<Item> {
    let json = part(text, container.clone());
    let collect = Collect { text, end: container.start, items: Vec::new() };
    // The host may give another text than the one read, which holds nothing.
    serde_json::Deserializer::from_str(json).deserialize_any(collect).unwrap_or_default()
}

struct Collect<'t> {
    text: &'t str,
    /// Where the value before ended.
    end: usize,
    items: Vec<Item>,
}

impl Collect<'_> {
    /// Where a part of the text stands in the text.
    fn range(&self, part: &RawValue) -> Range<usize> {
        let start = part.get().as_ptr() as usize - self.text.as_ptr() as usize;
        start..start + part.get().len()
    }
}

impl<'de> Visitor<'de> for Collect<'_> {
    type Value = Vec<Item>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object or an array")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<Vec<Item>, A::Error> {
        while let Some((IgnoredAny, value)) = map.next_entry::<IgnoredAny, &RawValue>()? {
            let value = self.range(value);
            // Between two values there is white space, a comma, the key, a colon.
            let between = part(self.text, self.end..value.start);
            let (Some(open), Some(close)) = (between.find('"'), between.rfind('"')) else {
                unreachable!("a key stands in quotes")
            };
            let key = self.end + open..self.end + close + 1;
            self.end = value.end;
            self.items.push(Item { key, value });
        }
        Ok(self.items)
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut seq: A) -> Result<Vec<Item>, A::Error> {
        while let Some(element) = seq.next_element::<&RawValue>()? {
            let value = self.range(element);
            self.items.push(Item { key: value.clone(), value });
        }
        Ok(self.items)
    }
}
