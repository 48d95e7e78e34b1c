//! What a container in a text holds, as far as it is wanted.

use std::collections::HashSet;
use std::fmt;
use std::ops::Range;

use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::place::part;

/// A member of an object, or an element of an array, whose key is the element itself.
#[derive(Clone, Debug)]
pub(super) struct Item {
    pub(super) ordinal: u32,
    /// Where the key of the one before begins, of the first its own.
    pub(super) before: usize,
    pub(super) key: Range<usize>,
    pub(super) value: Range<usize>,
}

/// What is looked for in a container. It can hold a million elements for each one that is wanted.
#[derive(Clone, Copy)]
pub(super) enum Wanted<'w> {
    /// In order.
    Ordinals(&'w [u32]),
    /// The members of some names, in lower case.
    Names(&'w HashSet<String>),
}

pub(super) fn items(text: &str, container: &Range<usize>, wanted: Wanted<'_>) -> Vec<Item> {
    let mut items = Vec::new();
    let collect = Collect { text, container, wanted, items: &mut items };
    let json = part(text, container.clone());
    // It stops where nothing more is wanted. And the host may give another text than the one read, which holds nothing.
    let _stopped = serde_json::Deserializer::from_str(json).deserialize_any(collect);
    items
}

struct Collect<'t, 'i> {
    text: &'t str,
    container: &'t Range<usize>,
    wanted: Wanted<'t>,
    items: &'i mut Vec<Item>,
}

impl Collect<'_, '_> {
    /// Where a part of the text stands in the text.
    fn range(&self, part: &RawValue) -> Range<usize> {
        let start = part.get().as_ptr() as usize - self.text.as_ptr() as usize;
        start..start + part.get().len()
    }

    /// Whether the one after this, or one later, is wanted.
    fn goes_on(&self) -> bool {
        match self.wanted {
            Wanted::Ordinals(ordinals) => !ordinals.is_empty(),
            Wanted::Names(_) => true,
        }
    }

    fn take(&mut self, item: Item) {
        let is_wanted = match &mut self.wanted {
            Wanted::Ordinals(ordinals) => match ordinals.split_first() {
                Some((first, rest)) if *first == item.ordinal => {
                    *ordinals = rest;
                    true
                }
                _ => false,
            },
            Wanted::Names(names) => {
                let key = part(self.text, item.key.clone());
                let name = serde_json::from_str::<String>(key);
                name.is_ok_and(|name| names.contains(&name.to_ascii_lowercase()))
            }
        };
        if is_wanted {
            self.items.push(item);
        }
    }
}

impl<'de> Visitor<'de> for Collect<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object or an array")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        let (mut end, mut before) = (self.container.start, None);
        for ordinal in 0.. {
            if !self.goes_on() {
                break;
            }
            let Some((IgnoredAny, value)) = map.next_entry::<IgnoredAny, &RawValue>()? else { break };
            let value = self.range(value);
            // Between two values there is white space, a comma, the key, a colon.
            let between = part(self.text, end..value.start);
            let (Some(open), Some(close)) = (between.find('"'), between.rfind('"')) else {
                unreachable!("a key stands in quotes")
            };
            let key = end + open..end + close + 1;
            end = value.end;
            let before = before.replace(key.start).unwrap_or(key.start);
            self.take(Item { ordinal, before, key, value });
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut seq: A) -> Result<(), A::Error> {
        let mut before = None;
        for ordinal in 0.. {
            if !self.goes_on() {
                break;
            }
            let Some(element) = seq.next_element::<&RawValue>()? else { break };
            let value = self.range(element);
            let before = before.replace(value.start).unwrap_or(value.start);
            self.take(Item { ordinal, before, key: value.clone(), value });
        }
        Ok(())
    }
}
