//! Finds records that are equal under the schema's `unique`.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};

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
    slots: Vec<Slot>,
    /// Keyed by chance, so that nobody can choose records that collide; made when it is needed.
    hashing: Option<RandomState>,
    /// The bytes that are hashed of a record.
    key: Vec<u8>,
}

#[derive(Clone, Copy, Debug)]
struct Seen {
    position: u32,
    ordinal: u32,
}

/// Small, since the table is reached into at random.
#[derive(Clone, Copy, Debug, Default)]
struct Slot {
    hash: u32,
    /// One more than the index of the record; 0 while the slot is free.
    record: u32,
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
        let seen = Seen { position, ordinal };
        if self.slots.is_empty() {
            if let Some(equal) = self.records.iter().find(|other| same_key(other)) {
                return Some(equal.ordinal);
            }
            if self.records.capacity() == 0 {
                self.records = Vec::with_capacity(PAIRWISE + 1);
            }
            self.records.push(seen);
            if self.records.len() > PAIRWISE {
                self.start_hashing(schema, writer);
            }
            return None;
        }
        let hash = self.hash(schema, record);
        let mut at = self.first_slot(hash);
        while let Some(slot) = self.slots.get(at).filter(|slot| slot.record > 0) {
            if slot.hash == hash {
                if let Some(equal) =
                    self.records.get(slot.record as usize - 1).filter(|other| same_key(other))
                {
                    return Some(equal.ordinal);
                }
            }
            at = self.next_slot(at);
        }
        self.records.push(seen);
        self.insert(hash);
        None
    }

    /// Sets up the table for as many records as the words reserved for the body can hold.
    #[cold]
    #[inline(never)]
    fn start_hashing(&mut self, schema: &ExtensionSchema, writer: &TableWriter) {
        let words = writer.position().map_or(usize::MAX, |words| words as usize);
        let likely = writer.words_reserved() / (words / self.records.len()).max(1);
        self.slots = vec![Slot::default(); (2 * likely.max(2 * PAIRWISE)).next_power_of_two()];
        self.key = Vec::with_capacity(128);
        let first = std::mem::replace(&mut self.records, Vec::with_capacity(likely));
        for seen in first {
            self.records.push(seen);
            if let Some(record) = writer.record_at(seen.position) {
                let hash = self.hash(schema, record);
                self.insert(hash);
            }
        }
    }

    /// Enters the record added last.
    fn insert(&mut self, hash: u32) {
        if 2 * self.records.len() > self.slots.len() {
            let larger = vec![Slot::default(); 2 * self.slots.len()];
            for slot in std::mem::replace(&mut self.slots, larger) {
                if slot.record > 0 {
                    self.place(slot);
                }
            }
        }
        let record = u32::try_from(self.records.len()).unwrap_or(0);
        self.place(Slot { hash, record });
    }

    fn place(&mut self, slot: Slot) {
        let mut at = self.first_slot(slot.hash);
        while self.slots.get(at).is_some_and(|there| there.record > 0) {
            at = self.next_slot(at);
        }
        if let Some(free) = self.slots.get_mut(at) {
            *free = slot;
        }
    }

    fn first_slot(&self, hash: u32) -> usize {
        hash as usize & (self.slots.len() - 1)
    }

    fn next_slot(&self, slot: usize) -> usize {
        (slot + 1) & (self.slots.len() - 1)
    }

    fn hash(&mut self, schema: &ExtensionSchema, record: Cells<'_>) -> u32 {
        /// Bytes that no UTF-8 text has.
        const END: u8 = 0xff;
        const NO_VALUE: u8 = 0xfe;
        let key = &mut self.key;
        key.clear();
        for column in schema.unique_columns().0 {
            match effective(schema, record, *column) {
                None => key.push(NO_VALUE),
                Some(Value::String(text)) => key.extend_from_slice(text.as_bytes()),
                Some(Value::Integer(number)) => key.extend_from_slice(&number.to_le_bytes()),
                Some(Value::Long(number)) => key.extend_from_slice(&number.to_le_bytes()),
                // Never `-0.0` and never NaN: equal doubles have equal bits.
                Some(Value::Double(number)) => key.extend_from_slice(&number.to_bits().to_le_bytes()),
                Some(Value::Boolean(truth)) => key.push(truth.into()),
                Some(Value::Date(date)) => key.extend_from_slice(&date.unix_days().to_le_bytes()),
                Some(Value::DateTime(time)) => key.extend_from_slice(&time.unix_millis().to_le_bytes()),
                Some(Value::Currency(amount)) => {
                    key.extend_from_slice(&amount.ten_thousandths().to_le_bytes());
                }
            }
            key.push(END);
        }
        let mut hasher = self.hashing.get_or_insert_with(RandomState::new).build_hasher();
        hasher.write(key);
        let hash = hasher.finish();
        #[expect(clippy::cast_possible_truncation, reason = "any bits of the hash will do")]
        {
            hash as u32
        }
    }
}

fn same_key(schema: &ExtensionSchema, one: Cells<'_>, other: Cells<'_>) -> bool {
    let (columns, _) = schema.unique_columns();
    columns.iter().all(|column| effective(schema, one, *column) == effective(schema, other, *column))
}
