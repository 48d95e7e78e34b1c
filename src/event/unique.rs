//! Finds records that are equal under the schema's `unique`.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hash, Hasher};

use super::extension::effective;
use super::table::{Cells, TableWriter};
use crate::schema::ExtensionSchema;
use crate::value::Value;

/// So many records are compared one by one; beyond, a hash table is filled.
const PAIRWISE: usize = 8;

/// The records of one extension seen so far.
#[derive(Debug, Default)]
pub(super) struct SeenRecords {
    records: Vec<Seen>,
    /// Open addressing, a power of two long, at most half full; empty until there are more than a few records.
    slots: Vec<Option<Seen>>,
    used: usize,
    /// Keyed by chance, so that nobody can choose records that collide.
    hashing: RandomState,
}

#[derive(Clone, Copy, Debug)]
struct Seen {
    hash: u64,
    position: u32,
    ordinal: u32,
}

impl SeenRecords {
    /// The ordinal of an earlier record with the same key. Without one, the record is remembered.
    pub(super) fn earlier(
        &mut self,
        schema: &ExtensionSchema,
        writer: &TableWriter,
        position: u32,
        ordinal: u32,
    ) -> Option<u32> {
        let record = writer.record_at(position)?;
        let same_key = |other: &Seen| {
            writer.record_at(other.position).is_some_and(|other| same_key(schema, record, other))
        };
        if self.slots.is_empty() {
            if let Some(equal) = self.records.iter().find(|other| same_key(other)) {
                return Some(equal.ordinal);
            }
            self.records.push(Seen { hash: 0, position, ordinal });
            if self.records.len() > PAIRWISE {
                self.start_hashing(schema, writer);
            }
            return None;
        }
        let hash = self.hash(schema, record);
        let mut slot = self.first_slot(hash);
        while let Some(Some(other)) = self.slots.get(slot) {
            if other.hash == hash && same_key(other) {
                return Some(other.ordinal);
            }
            slot = self.next_slot(slot);
        }
        self.insert(Seen { hash, position, ordinal });
        None
    }

    /// Sets up the table for as many records as the words reserved for the body can hold.
    fn start_hashing(&mut self, schema: &ExtensionSchema, writer: &TableWriter) {
        let words = writer.position().map_or(usize::MAX, |words| words as usize);
        let likely = writer.words_reserved() / (words / self.records.len()).max(1);
        self.slots = vec![None; (2 * likely.max(2 * PAIRWISE)).next_power_of_two()];
        for seen in std::mem::take(&mut self.records) {
            if let Some(record) = writer.record_at(seen.position) {
                self.insert(Seen { hash: self.hash(schema, record), ..seen });
            }
        }
    }

    fn insert(&mut self, seen: Seen) {
        if 2 * (self.used + 1) > self.slots.len() {
            let larger = vec![None; 2 * self.slots.len()];
            for seen in std::mem::replace(&mut self.slots, larger).into_iter().flatten() {
                self.place(seen);
            }
        }
        self.used += 1;
        self.place(seen);
    }

    fn place(&mut self, seen: Seen) {
        let mut slot = self.first_slot(seen.hash);
        while self.slots.get(slot).is_some_and(Option::is_some) {
            slot = self.next_slot(slot);
        }
        if let Some(free) = self.slots.get_mut(slot) {
            *free = Some(seen);
        }
    }

    fn first_slot(&self, hash: u64) -> usize {
        #[expect(clippy::cast_possible_truncation, reason = "any bits of the hash will do")]
        let bits = hash as usize;
        bits & (self.slots.len() - 1)
    }

    fn next_slot(&self, slot: usize) -> usize {
        (slot + 1) & (self.slots.len() - 1)
    }

    fn hash(&self, schema: &ExtensionSchema, record: Cells<'_>) -> u64 {
        let mut hasher = self.hashing.build_hasher();
        for column in schema.unique_columns().0 {
            match effective(schema, record, *column) {
                None => hasher.write_u8(0),
                Some(Value::String(text)) => text.hash(&mut hasher),
                Some(Value::Integer(number)) => number.hash(&mut hasher),
                Some(Value::Long(number)) => number.hash(&mut hasher),
                // Never `-0.0` and never NaN: equal doubles have equal bits.
                Some(Value::Double(number)) => number.to_bits().hash(&mut hasher),
                Some(Value::Boolean(truth)) => truth.hash(&mut hasher),
                Some(Value::Date(date)) => date.hash(&mut hasher),
                Some(Value::DateTime(timestamp)) => timestamp.hash(&mut hasher),
                Some(Value::Currency(amount)) => amount.hash(&mut hasher),
            }
        }
        hasher.finish()
    }
}

fn same_key(schema: &ExtensionSchema, one: Cells<'_>, other: Cells<'_>) -> bool {
    let (columns, _) = schema.unique_columns();
    columns.iter().all(|column| effective(schema, one, *column) == effective(schema, other, *column))
}
