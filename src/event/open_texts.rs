//! The names and the JSON of the open extensions of one event, in one text: a body can have a million of them.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;

/// Fewer bytes than these are not worth giving back.
const LITTLE: usize = 256;

#[derive(Debug, Default)]
pub(super) struct OpenTexts {
    /// Of each its name, its name in lower case where that is another, and its JSON.
    text: String,
    entries: Vec<Entry>,
}

/// Where its parts begin.
#[derive(Clone, Copy, Debug)]
struct Entry {
    name: u32,
    /// The same place, if the name is in lower case.
    key: u32,
    json: u32,
    /// How long the table of the other extensions was.
    words: u32,
}

impl OpenTexts {
    /// One alone.
    pub(super) fn of(name: &str, json: &str) -> Self {
        let text = String::with_capacity(2 * name.len() + json.len());
        let mut texts = OpenTexts { text, entries: Vec::with_capacity(1) };
        texts.begin(name, 0);
        texts.text.push_str(json);
        texts
    }

    /// Some of them alone; nothing, if the others take little.
    pub(super) fn without_spare_room(&self, ordinals: impl Iterator<Item = u32> + Clone) -> Option<Self> {
        let bytes = |ordinal| (self.end_of(ordinal) - self.entry(ordinal).name) as usize + size_of::<Entry>();
        let needed: usize = ordinals.clone().map(bytes).sum();
        if self.text.len() + size_of_val(self.entries.as_slice()) <= needed + needed / 4 + LITTLE {
            return None;
        }
        let entries = Vec::with_capacity(ordinals.clone().count());
        let text = String::with_capacity(needed - entries.capacity() * size_of::<Entry>());
        let mut kept = OpenTexts { text, entries };
        for ordinal in ordinals {
            kept.begin(self.name(ordinal), 0);
            kept.text.push_str(self.json(ordinal));
        }
        Some(kept)
    }

    fn shrunk(self) -> Self {
        let OpenTexts { mut text, mut entries } = self;
        text.shrink_to_fit();
        entries.shrink_to_fit();
        OpenTexts { text, entries }
    }

    fn begin(&mut self, name: &str, words: u32) {
        let begin = self.end();
        self.text.push_str(name);
        let mut key = begin;
        if name.bytes().any(|byte| byte.is_ascii_uppercase()) {
            key = self.end();
            self.text.extend(name.chars().map(|letter| letter.to_ascii_lowercase()));
        }
        self.entries.push(Entry { name: begin, key, json: self.end(), words });
    }

    /// Where the text ends. It never grows beyond the 32 bits: reading stops at the most bytes of an event.
    fn end(&self) -> u32 {
        u32::try_from(self.text.len()).unwrap_or(u32::MAX)
    }

    pub(super) fn len(&self) -> u32 {
        u32::try_from(self.entries.len()).unwrap_or_else(|_| unreachable!("each takes a byte of the text"))
    }

    #[expect(clippy::indexing_slicing, reason = "an ordinal below the length")]
    fn entry(&self, ordinal: u32) -> Entry {
        self.entries[ordinal as usize]
    }

    fn part(&self, begin: u32, end: u32) -> &str {
        let part = self.text.get(begin as usize..end as usize);
        part.unwrap_or_else(|| unreachable!("parts follow one another"))
    }

    pub(super) fn name(&self, ordinal: u32) -> &str {
        let Entry { name, key, json, .. } = self.entry(ordinal);
        self.part(name, if key == name { json } else { key })
    }

    pub(super) fn key(&self, ordinal: u32) -> &str {
        let Entry { key, json, .. } = self.entry(ordinal);
        self.part(key, json)
    }

    pub(super) fn json(&self, ordinal: u32) -> &str {
        self.part(self.entry(ordinal).json, self.end_of(ordinal))
    }

    fn end_of(&self, ordinal: u32) -> u32 {
        self.entries.get(ordinal as usize + 1).map_or_else(|| self.end(), |next| next.name)
    }

    pub(super) fn words(&self, ordinal: u32) -> u32 {
        self.entry(ordinal).words
    }
}

/// Takes the open extensions of an event, one after the other.
#[derive(Debug, Default)]
pub(crate) struct OpenWriter {
    texts: OpenTexts,
    /// The ordinals of the names by hash, counted from 1: open addressing, a power of two long, at most half full.
    slots: Vec<u32>,
    /// How many bytes of the text repeat names in lower case.
    folded: usize,
    /// By chance, so that nobody can choose names that collide.
    hasher: Option<RandomState>,
}

impl OpenWriter {
    /// Begins the next one, given how long the table of the other extensions is; `false` if its name was there, in
    /// whatever case.
    pub(crate) fn begin(&mut self, name: &str, words: usize) -> bool {
        if 2 * self.texts.entries.len() >= self.slots.len() {
            self.grow();
        }
        let slot = self.slot(&name.to_ascii_lowercase());
        let words = u32::try_from(words).unwrap_or_else(|_| unreachable!("that table has a limit"));
        match self.slots.get_mut(slot) {
            Some(free @ 0) => {
                let before = self.texts.text.len();
                self.texts.begin(name, words);
                self.folded += self.texts.text.len() - before - name.len();
                *free = self.texts.len();
                true
            }
            _ => false,
        }
    }

    /// The slot of a name: where it is, or a free one. With an `IndexMap` in place of the slots, 700,000 names take 93 % of
    /// the bound on memory, not 79 %.
    fn slot(&mut self, key: &str) -> usize {
        let mask = self.slots.len() - 1;
        let hash = self.hasher.get_or_insert_with(RandomState::new).hash_one(key);
        #[expect(clippy::cast_possible_truncation, reason = "any bits will do")]
        let mut slot = hash as usize & mask;
        while let Some(ordinal) = self.slots.get(slot).and_then(|number| number.checked_sub(1)) {
            if self.texts.key(ordinal) == key {
                break;
            }
            slot = (slot + 1) & mask;
        }
        slot
    }

    fn grow(&mut self) {
        let length = (2 * self.slots.len()).max(16);
        // The old ones are let go first.
        self.slots = Vec::new();
        self.slots = vec![0; length];
        for ordinal in 0..self.texts.len() {
            let key = self.texts.key(ordinal).to_owned();
            let slot = self.slot(&key);
            if let Some(free) = self.slots.get_mut(slot) {
                *free = ordinal + 1;
            }
        }
    }

    /// The name of the one begun last.
    pub(crate) fn last_name(&self) -> &str {
        match self.texts.len().checked_sub(1) {
            Some(last) => self.texts.name(last),
            None => unreachable!("one was begun"),
        }
    }

    /// How long they are as members of a JSON object, each with a comma.
    pub(crate) fn json_bytes(&self) -> usize {
        self.texts.text.len() - self.folded + r#""":,"#.len() * self.texts.entries.len()
    }

    /// The text of the one begun last, to which its JSON is to be added.
    pub(crate) fn json(&mut self) -> &mut String {
        &mut self.texts.text
    }

    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        self.texts.entries.is_empty()
    }

    pub(super) fn finish(&mut self) -> OpenTexts {
        // Before the texts are copied into less room.
        self.slots = Vec::new();
        std::mem::take(&mut self.texts).shrunk()
    }
}
