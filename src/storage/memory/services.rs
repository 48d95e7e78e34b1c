use std::collections::hash_map::RandomState;
use std::fmt;
use std::hash::BuildHasher;
use std::{iter, mem};

use super::kept::Kept;
use crate::value::ServiceId;

/// Services by their ids: a table in which each stands at its home, or after it where that is taken. One look at a
/// service costs one miss of the processor's caches, and those of neighbouring ids share it: services that began
/// together mostly end together.
#[derive(Debug)]
pub(super) struct Services {
    /// As many as a power of two, and never all taken.
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

    /// `false`, and nothing changes, if there is one of its id.
    pub(super) fn insert(&mut self, kept: Kept) -> bool {
        if self.get(kept.id).is_some() {
            return false;
        }
        if self.len >= self.slots.len() / 8 * 5 {
            self.grow();
        }
        self.put(kept);
        self.len += 1;
        true
    }

    fn put(&mut self, kept: Kept) {
        if let Err(free) = self.find(kept.id) {
            if let Some(slot) = self.slots.get_mut(free) {
                *slot = Some(kept);
            }
        }
    }

    fn grow(&mut self) {
        let twice = (2 * self.slots.len()).max(8);
        let earlier = mem::replace(&mut self.slots, iter::repeat_with(|| None).take(twice).collect());
        for kept in earlier.into_iter().flatten() {
            self.put(kept);
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

    /// The place of a service, or the free one where it would stand.
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
        #[expect(clippy::cast_possible_truncation, reason = "as many bits as there are slots")]
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

/// Hashes ids by one multiplication with a secret factor: who does not know it can hardly choose ids that collide.
#[derive(Clone, Copy)]
pub(super) struct HashIds {
    factor: u64,
}

/// How many bits tell a service from its neighbours.
const NEAR: u32 = 3;

impl HashIds {
    pub(super) fn new() -> Self {
        HashIds { factor: RandomState::new().hash_one(()) | 1 }
    }

    /// Neighbours follow each other.
    pub(super) fn of(self, id: ServiceId) -> u64 {
        #[expect(clippy::cast_sign_loss, reason = "its bits")]
        let id = id.0 as u64;
        let product = u128::from(id >> NEAR) * u128::from(self.factor);
        #[expect(clippy::cast_possible_truncation, reason = "the halves")]
        let (low, high) = (product as u64, (product >> 64) as u64);
        (low ^ high) << NEAR | id & ((1 << NEAR) - 1)
    }
}

impl fmt::Debug for HashIds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HashIds")
    }
}
