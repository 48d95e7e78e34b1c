use std::collections::hash_map::RandomState;
use std::fmt;
use std::hash::BuildHasher;
use std::{iter, mem};

use super::kept::Kept;
use crate::value::ServiceId;

/// Services by their ids: a table in which each stands at its home, or after it where that is taken. A look at a
/// service costs about one miss of the processor's caches, and those of neighbouring ids share it: services that
/// began together mostly end together.
///
/// It never shrinks: a store that was large will be so again.
#[derive(Debug)]
pub(super) struct Services {
    /// None, or as many as a power of two; some are always free, so that every search ends.
    slots: Box<[Option<Kept>]>,
    len: usize,
    hash: HashIds,
}

impl Services {
    pub(super) fn new(hash: HashIds) -> Self {
        Services { slots: Box::default(), len: 0, hash }
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn get(&self, id: ServiceId) -> Option<&Kept> {
        let place = self.find(id).ok()?;
        self.slots.get(place)?.as_ref()
    }

    pub(super) fn get_mut(&mut self, id: ServiceId) -> Option<&mut Kept> {
        let place = self.find(id).ok()?;
        self.slots.get_mut(place)?.as_mut()
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Kept> {
        self.slots.iter_mut().flatten()
    }

    /// # Errors
    /// The service comes back, and nothing changes, if there is one of its id.
    pub(super) fn insert(&mut self, kept: Kept) -> Result<(), Kept> {
        let mut place = self.find(kept.id);
        if place.is_err() && self.is_full() {
            self.grow();
            place = self.find(kept.id);
        }
        let Err(place) = place else { return Err(kept) };
        let Some(slot) = self.slots.get_mut(place) else { return Err(kept) };
        *slot = Some(kept);
        self.len += 1;
        Ok(())
    }

    /// Beyond five of eight slots, searches become long.
    fn is_full(&self) -> bool {
        self.len >= self.slots.len() / 8 * 5
    }

    fn grow(&mut self) {
        let twice = (2 * self.slots.len()).max(8);
        let earlier = mem::replace(&mut self.slots, iter::repeat_with(|| None).take(twice).collect());
        for kept in earlier.into_iter().flatten() {
            let (Ok(place) | Err(place)) = self.find(kept.id);
            if let Some(slot) = self.slots.get_mut(place) {
                *slot = Some(kept);
            }
        }
    }

    pub(super) fn remove(&mut self, id: ServiceId) -> Option<Kept> {
        let mut free = self.find(id).ok()?;
        let removed = self.slots.get_mut(free)?.take();
        self.len -= 1;
        // Who stands after its home comes nearer.
        let mut next = self.after(free);
        while let Some(Some(kept)) = self.slots.get(next) {
            let home = self.home(kept.id);
            if self.distance(home, next) >= self.distance(free, next) {
                self.slots.swap(free, next);
                free = next;
            }
            next = self.after(next);
        }
        removed
    }

    /// The place of a service, or the free one where it would stand, which in a table without slots lies outside.
    fn find(&self, id: ServiceId) -> Result<usize, usize> {
        let mut place = self.home(id);
        while let Some(Some(kept)) = self.slots.get(place) {
            if kept.id == id {
                return Ok(place);
            }
            place = self.after(place);
        }
        Err(place)
    }

    fn home(&self, id: ServiceId) -> usize {
        #[expect(clippy::cast_possible_truncation, reason = "more than there are slots")]
        let hash = self.hash.of(id) as usize;
        hash & self.mask()
    }

    fn after(&self, place: usize) -> usize {
        (place + 1) & self.mask()
    }

    fn distance(&self, from: usize, to: usize) -> usize {
        to.wrapping_sub(from) & self.mask()
    }

    fn mask(&self) -> usize {
        self.slots.len().wrapping_sub(1)
    }
}

/// Hashes ids with a secret factor: who does not know it can hardly choose ids that stand in one another's way.
#[derive(Clone, Copy)]
pub(super) struct HashIds {
    factor: u64,
}

/// How many bits tell a service from its neighbours. With more of them, whole groups stand in one another's way.
const NEAR: u32 = 2;

impl HashIds {
    pub(super) fn new() -> Self {
        HashIds { factor: RandomState::new().hash_one(()) | 1 }
    }

    /// Neighbours follow each other.
    pub(super) fn of(self, id: ServiceId) -> u64 {
        // One multiplication would leave ids in steps in steps, some of which fall on few places.
        const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;
        #[expect(clippy::cast_sign_loss, reason = "its bits")]
        let id = id.0 as u64;
        let group = fold(fold(id >> NEAR, self.factor), GOLDEN);
        group << NEAR | id & ((1 << NEAR) - 1)
    }
}

/// The halves of a product, one upon the other.
fn fold(number: u64, factor: u64) -> u64 {
    let product = u128::from(number) * u128::from(factor);
    #[expect(clippy::cast_possible_truncation, reason = "the halves")]
    let (low, high) = (product as u64, (product >> 64) as u64);
    low ^ high
}

impl fmt::Debug for HashIds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HashIds")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::{Timestamp, Version};

    /// What the ids are, and the n-th of them.
    type Ids = (&'static str, fn(u64) -> u64);

    /// Ids as hosts assign them, and some that are unkind to one multiplication.
    const IDS: [Ids; 7] = [
        ("in sequence", |n| n),
        ("every 8th", |n| n << 3),
        ("at steps of 2^22", |n| n << 22),
        ("at steps of 2^42", |n| n << 42),
        ("upper half like the lower", |n| n << 32 | n),
        ("below zero", u64::wrapping_neg),
        ("bits reversed", u64::reverse_bits),
    ];

    #[test]
    fn services_stand_near_their_homes_whatever_the_ids_and_the_secret() {
        const SERVICES: usize = 4_000;
        for (ids, nth) in IDS {
            for secret in 1..=100 {
                let hash = HashIds { factor: fold(secret, 0xD6E8_FEB8_6659_FD93) | 1 };
                let mut services = Services::new(hash);
                let all = (0..).map(|n| ServiceId(i64::from_ne_bytes(nth(n).to_ne_bytes())));
                // Those of one shard of eight.
                for id in all.filter(|id| (hash.of(*id) >> 40) % 8 == 0).take(SERVICES) {
                    let kept = Kept { id, version: Version(1), started: Timestamp::MIN, recorded: None };
                    assert!(services.insert(kept).is_ok());
                }
                let places = services.slots.iter().enumerate();
                let distance = |(place, kept): (usize, &Option<Kept>)| {
                    Some(services.distance(services.home(kept.as_ref()?.id), place))
                };
                let mean = places.filter_map(distance).sum::<usize>() / services.len();
                assert!(mean <= 4, "{ids}: {mean} slots from home, secret {secret}");
            }
        }
    }

    #[test]
    fn a_slot_is_small() {
        assert!(size_of::<Option<Kept>>() <= 40);
    }
}
