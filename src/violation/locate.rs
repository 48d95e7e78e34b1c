//! Finds the places of violations in the text of a body, in a second look that only failures take.

use std::collections::HashMap;
use std::fmt;
use std::ops::Range;

use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::place::{Part, Place};
use super::{Violation, ViolationKind};

/// A place in the text of a body.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Span {
    /// The line, from 1.
    pub line: usize,
    /// The column in the line, from 1, in characters.
    pub column: usize,
    /// The bytes: of the key, or of the value.
    pub bytes: Range<usize>,
    /// A byte a little before it, between two tokens.
    pub(super) context: usize,
}

/// The text with what was found out about it so far. Violations come mostly from front to back, so the last array
/// and the last record are kept.
struct Locator<'t> {
    text: &'t str,
    members: Vec<Member>,
    elements: Option<(u32, Vec<Range<usize>>)>,
    record: Option<(Range<usize>, Vec<Member>)>,
}

#[derive(Clone, Debug)]
struct Member {
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
        let members = members(text, 0..text.len());
        Locator { text, members, elements: None, record: None }
    }

    /// The bytes of a violation, and where something begins shortly before.
    fn find(&mut self, violation: &Violation) -> Option<(Range<usize>, usize)> {
        match (violation.place, &violation.kind) {
            (Some(place), _) => self.at(place),
            // Found wrong after the body was read.
            (None, ViolationKind::ServiceIdMismatch { .. } | ViolationKind::EndsBeforeStart { .. }) => {
                self.named(&violation.pointer)
            }
            _ => None,
        }
    }

    /// The bytes of a place, and where something begins shortly before.
    fn at(&mut self, place: Place) -> Option<(Range<usize>, usize)> {
        let member = nth(&self.members, place.member)?;
        let mut context =
            before(&self.members, place.member).map_or(member.key.start, |before| before.key.start);
        let mut bytes = member.part(place.part);
        if let Some(element) = place.element {
            let elements = self.elements_of(place.member)?;
            bytes = nth(elements, element)?;
            context = before(elements, element).map_or(bytes.start, |before| before.start);
        }
        if let Some(attribute) = place.attribute {
            let record = if place.element.is_some() { bytes } else { member.value };
            let members = self.members_of(&record)?;
            let member = nth(members, attribute)?;
            context = before(members, attribute).map_or(member.key.start, |before| before.key.start);
            bytes = member.part(place.part);
        }
        Some((bytes, context))
    }

    fn elements_of(&mut self, member: u32) -> Option<&[Range<usize>]> {
        if self.elements.as_ref().is_none_or(|(known, _)| *known != member) {
            let array = nth(&self.members, member)?.value;
            self.elements = Some((member, elements(self.text, array)));
        }
        self.elements.as_ref().map(|(_, elements)| &**elements)
    }

    fn members_of(&mut self, record: &Range<usize>) -> Option<&[Member]> {
        if self.record.as_ref().is_none_or(|(known, _)| known != record) {
            self.record = Some((record.clone(), members(self.text, record.clone())));
        }
        self.record.as_ref().map(|(_, members)| &**members)
    }

    /// The value of the first member of a name, for what was found wrong after the body was read.
    fn named(&self, pointer: &str) -> Option<(Range<usize>, usize)> {
        let name = pointer.strip_prefix('/')?;
        let of_name = |member: &&Member| {
            let key = self.text.get(member.key.clone()).unwrap_or_default();
            serde_json::from_str::<String>(key).is_ok_and(|key| key == name)
        };
        let member = self.members.iter().find(of_name)?;
        Some((member.value.clone(), member.key.start))
    }
}

/// Finds each violation in the text; lines are counted once, from front to back.
pub(super) fn locate(text: &str, violations: &[Violation]) -> Vec<Option<Span>> {
    let mut locator = Locator::new(text);
    let found: Vec<_> = violations.iter().map(|violation| locator.find(violation)).collect();
    let mut in_order: Vec<_> = found.iter().flatten().map(|(bytes, _)| bytes.start).collect();
    in_order.sort_unstable();
    in_order.dedup();
    let mut counted = FIRST_LINE;
    let mut positions = HashMap::with_capacity(in_order.len());
    for offset in in_order {
        counted = counted.to(text, offset);
        positions.insert(offset, counted);
    }
    let span = |(bytes, context): (Range<usize>, usize)| {
        let Counted { line, column, .. } = positions.get(&bytes.start).copied()?;
        Some(Span { line, column, bytes, context })
    };
    found.into_iter().map(|found| found.and_then(span)).collect()
}

impl Counted {
    fn to(mut self, text: &str, offset: usize) -> Self {
        for character in text.get(self.offset..offset).unwrap_or_default().chars() {
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

impl Member {
    fn part(&self, part: Part) -> Range<usize> {
        match part {
            Part::Key => self.key.clone(),
            Part::Value => self.value.clone(),
        }
    }
}

fn nth<T: Clone>(list: &[T], n: u32) -> Option<T> {
    list.get(n as usize).cloned()
}

fn before<T>(list: &[T], n: u32) -> Option<&T> {
    list.get(n.checked_sub(1)? as usize)
}

fn members(text: &str, object: Range<usize>) -> Vec<Member> {
    let json = text.get(object.clone()).unwrap_or_default();
    let collect = Collect { text, end: object.start, members: Vec::new(), elements: Vec::new() };
    let read = serde_json::Deserializer::from_str(json).deserialize_map(collect);
    read.map(|collected| collected.members).unwrap_or_default()
}

fn elements(text: &str, array: Range<usize>) -> Vec<Range<usize>> {
    let json = text.get(array.clone()).unwrap_or_default();
    let collect = Collect { text, end: array.start, members: Vec::new(), elements: Vec::new() };
    let read = serde_json::Deserializer::from_str(json).deserialize_seq(collect);
    read.map(|collected| collected.elements).unwrap_or_default()
}

struct Collect<'t> {
    text: &'t str,
    /// Where the value before ended.
    end: usize,
    members: Vec<Member>,
    elements: Vec<Range<usize>>,
}

impl Collect<'_> {
    /// Where a part of the text stands in the text.
    fn range(&self, part: &RawValue) -> Range<usize> {
        let start = part.get().as_ptr() as usize - self.text.as_ptr() as usize;
        start..start + part.get().len()
    }
}

impl<'de> Visitor<'de> for Collect<'_> {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object or an array")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<Self, A::Error> {
        while let Some((IgnoredAny, value)) = map.next_entry::<IgnoredAny, &RawValue>()? {
            let value = self.range(value);
            // Between two values there is white space, a comma, the key, a colon.
            let between = self.text.get(self.end..value.start).unwrap_or_default();
            let open = between.find('"').unwrap_or_default();
            let close = between.rfind('"').unwrap_or_default();
            let key = self.end + open..self.end + close + 1;
            self.end = value.end;
            self.members.push(Member { key, value });
        }
        Ok(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut seq: A) -> Result<Self, A::Error> {
        while let Some(element) = seq.next_element::<&RawValue>()? {
            let element = self.range(element);
            self.elements.push(element);
        }
        Ok(self)
    }
}
