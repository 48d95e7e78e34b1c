//! Finds records that are equal under the schema's `unique`.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;

use super::record::absent;
use super::table::{Cell, Cells, TableWriter};
use crate::schema::ExtensionSchema;
use crate::value::Value;

/// So many records are compared one by one: a hash table costs more than it saves. Beyond, one is filled.
const PAIRWISE: usize = 8;

/// The records of one extension seen so far. The extensions of a body use the same memory, one after the other: a
/// table costs what its own records cost, however large the one before was.
#[derive(Debug, Default)]
pub(crate) struct SeenRecords {
    records: Vec<Seen>,
    /// Open addressing, a power of two long, at most half full; empty until there are more than a few records.
    slots: Vec<Slot>,
    /// Whether the records of this extension stand in the slots.
    hashing: bool,
    /// How many records earlier extensions had: slots of a number up to this one are free.
    earlier: u32,
    /// By chance, so that nobody can choose records that collide; made when it is needed.
    secret: [u64; 2],
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
    /// The number of a record, counted from 1 through all extensions; 0 where there was none yet.
    record: u32,
}

impl SeenRecords {
    /// Begins with the next extension.
    pub(super) fn next_extension(mut self) -> Self {
        self.earlier +=
            u32::try_from(self.records.len()).unwrap_or_else(|_| unreachable!("the table is full before"));
        self.records.clear();
        self.hashing = false;
        self
    }

    /// The ordinal of an earlier record with the same key. Without one, the record is remembered.
    pub(super) fn earlier(
        &mut self,
        schema: &ExtensionSchema,
        writer: &TableWriter,
        position: u32,
        ordinal: u32,
    ) -> Option<u32> {
        let record = writer.record_at(position);
        let same_key = |other: &Seen| same_key(schema, record, writer.record_at(other.position));
        let seen = Seen { position, ordinal };
        if !self.hashing {
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
        while let Some(slot) = self.taken(at) {
            if slot.hash == hash {
                #[expect(clippy::indexing_slicing, reason = "a slot that is taken has a record's number")]
                let other = &self.records[(slot.record - self.earlier) as usize - 1];
                if same_key(other) {
                    return Some(other.ordinal);
                }
            }
            at = self.next_slot(at);
        }
        self.records.push(seen);
        self.insert(hash);
        None
    }

    /// The number of a record of this extension in the slots.
    fn number(&self, ordinal: usize) -> u32 {
        // Each record takes a word of the table at least.
        let own = u32::try_from(ordinal + 1).ok();
        own.and_then(|own| self.earlier.checked_add(own))
            .unwrap_or_else(|| unreachable!("the table is full before"))
    }

    /// Sets up the slots, the first time for as many records as the words reserved for the body can hold, so that they
    /// need not grow.
    fn start_hashing(&mut self, schema: &ExtensionSchema, writer: &TableWriter) {
        self.hashing = true;
        if self.slots.is_empty() {
            let likely = writer.words_reserved() / (writer.words_of_extension() / self.records.len());
            self.slots = vec![Slot::default(); (2 * likely.max(2 * PAIRWISE)).next_power_of_two()];
            self.records.reserve(likely);
            let state = RandomState::new();
            self.secret = [0, 1].map(|n: u64| state.hash_one(n) | 1);
        }
        for ordinal in 0..self.records.len() {
            #[expect(clippy::indexing_slicing, reason = "an ordinal of the records")]
            let position = self.records[ordinal].position;
            let hash = self.hash(schema, writer.record_at(position));
            self.place(Slot { hash, record: self.number(ordinal) });
        }
    }

    /// Enters the record added last.
    fn insert(&mut self, hash: u32) {
        if 2 * self.records.len() > self.slots.len() {
            let larger = vec![Slot::default(); 2 * self.slots.len()];
            for slot in std::mem::replace(&mut self.slots, larger) {
                if slot.record > self.earlier {
                    self.place(slot);
                }
            }
        }
        self.place(Slot { hash, record: self.number(self.records.len() - 1) });
    }

    #[expect(clippy::indexing_slicing, reason = "slots are counted modulo their number")]
    fn place(&mut self, slot: Slot) {
        let mut at = self.first_slot(slot.hash);
        while self.taken(at).is_some() {
            at = self.next_slot(at);
        }
        self.slots[at] = slot;
    }

    /// The slot, unless it is free.
    #[expect(clippy::indexing_slicing, reason = "slots are counted modulo their number")]
    fn taken(&self, at: usize) -> Option<Slot> {
        let slot = self.slots[at];
        (slot.record > self.earlier).then_some(slot)
    }

    fn first_slot(&self, hash: u32) -> usize {
        hash as usize & (self.slots.len() - 1)
    }

    fn next_slot(&self, slot: usize) -> usize {
        (slot + 1) & (self.slots.len() - 1)
    }

    /// Multiplies with a secret, eight bytes at a time, straight from the cells: `SipHash` over a copy of the key costs
    /// 7 to 10 % of all instructions more where all records are hashed.
    fn hash(&self, schema: &ExtensionSchema, record: Cells<'_>) -> u32 {
        let [secret, last] = self.secret;
        let mut hash = last;
        for (column, cell) in key_cells(schema, record) {
            // A secret for each column, since a record says only some.
            let secret = secret.wrapping_add(2 * u64::from(column));
            let mut mix = |word: u64| hash = folded_product(hash ^ word, secret);
            match cell {
                // What has no value is told from a value by comparing.
                Cell::NoValue => mix(u64::MAX),
                Cell::Value(Value::String(text)) => {
                    let bytes = text.as_bytes();
                    mix(bytes.len() as u64);
                    for eight in bytes.chunks_exact(8).filter_map(<[u8]>::first_chunk) {
                        mix(u64::from_le_bytes(*eight));
                    }
                    // The rest, with some bytes once more.
                    match bytes.last_chunk() {
                        Some(last) => mix(u64::from_le_bytes(*last)),
                        None => mix(bytes.iter().fold(0, |all, byte| all << 8 | u64::from(*byte))),
                    }
                }
                Cell::Value(Value::Integer(number)) => {
                    mix(u64::from(u32::from_ne_bytes(number.to_ne_bytes())));
                }
                Cell::Value(Value::Long(number)) => mix(u64::from_ne_bytes(number.to_ne_bytes())),
                // Never `-0.0` and never NaN: equal doubles have equal bits.
                Cell::Value(Value::Double(number)) => mix(number.to_bits()),
                Cell::Value(Value::Boolean(truth)) => mix(truth.into()),
                Cell::Value(Value::Date(date)) => {
                    mix(u64::from(u32::from_ne_bytes(date.unix_days().to_ne_bytes())));
                }
                Cell::Value(Value::DateTime(time)) => {
                    mix(u64::from_ne_bytes(time.unix_millis().to_ne_bytes()));
                }
                Cell::Value(Value::Currency(amount)) => {
                    mix(u64::from_ne_bytes(amount.ten_thousandths().to_ne_bytes()));
                }
            }
        }
        #[expect(clippy::cast_possible_truncation, reason = "any bits of the hash will do")]
        {
            folded_product(hash, last) as u32
        }
    }
}

/// Both halves of the product, so that all bits depend on all bits.
fn folded_product(one: u64, other: u64) -> u64 {
    let product = u128::from(one) * u128::from(other);
    #[expect(clippy::cast_possible_truncation, reason = "the halves")]
    {
        product as u64 ^ (product >> 64) as u64
    }
}

fn same_key(schema: &ExtensionSchema, one: Cells<'_>, other: Cells<'_>) -> bool {
    key_cells(schema, one).eq(key_cells(schema, other))
}

/// What a record says of its key, in schema order. What it would have anyway is left out: it needs no hashing and no
/// comparing, however many attributes the key has, and however long their defaults are.
fn key_cells<'t>(schema: &ExtensionSchema, record: Cells<'t>) -> impl Iterator<Item = (u8, Cell<'t>)> {
    let (key, key_set) = schema.key_columns();
    // Of the record and the key, what is shorter: 10,000 `{}` with a key of 256 cost fifty times as much otherwise.
    let by_cell = record.len() < key.len();
    (0..record.len().min(key.len())).filter_map(move |n| {
        let (column, cell) = if by_cell {
            let column = record.column(n).filter(|column| key_set.contains(*column))?;
            (column, record.cell(n, schema)?)
        } else {
            let column = *key.get(n)?;
            (column, record.find(column, schema)?)
        };
        let value = if let Cell::Value(value) = cell { Some(value) } else { None };
        (value != absent(schema.at(column), record)).then_some((column, cell))
    })
}
