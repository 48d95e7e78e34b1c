use super::printable::told_bytes;
use super::suggest::Budget;
use super::violation::Violation;
use super::violations::Violations;

/// Gathers violations while a text is read, and keeps no more than the limit.
#[derive(Debug)]
pub(crate) struct Collector {
    list: Vec<Violation>,
    limit: usize,
    truncated: bool,
    /// How many more bytes of an answer may be kept, beyond the first violations.
    room: usize,
    /// How many were found, those that were not kept too. Of many that are not even made, one is counted.
    found: usize,
    /// What the search for near names may still cost.
    budget: Budget,
}

/// What was found up to some place.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark {
    kept: usize,
    limit: usize,
    truncated: bool,
    room: usize,
    found: usize,
}

/// So many violations are kept of any body, if the host wants as many and their pointers are not long: a hundred duplicate
/// keys can stand below one name that is as long as the body.
const ALWAYS: usize = 100;
/// In bytes: more than a pointer to what is declared has.
const LONG_POINTER: usize = 128;
/// In bytes: as long a body is assumed to be where that is not known. A host that wants many violations is to have them.
pub(crate) const ASSUMED_LENGTH: usize = 64 << 10;
/// But such a body may be short, and names near to others are looked for as in a short one.
const SHORT_TEXT: usize = 1024;
/// What a violation takes of an answer, without its names.
const FORM_BYTES: usize = 576;

fn answer_bytes(violation: &Violation) -> usize {
    FORM_BYTES + violation.names_bytes()
}

impl Collector {
    /// For a text of some length.
    pub(crate) fn new(limit: usize, bytes: usize) -> Self {
        Collector {
            list: Vec::new(),
            limit: limit.max(1),
            truncated: false,
            found: 0,
            room: usize::MAX,
            budget: Budget::of_a_text(bytes),
        }
    }

    /// For a body of some length, whose answer must not cost more than its question. A short one can have many
    /// violations: beyond the first, each byte of the body gives room for nine bytes of the answer, since that is what
    /// 60 times the work of skipping it makes. Of a long body, the memory sets the limit.
    pub(crate) fn of_body(limit: usize, bytes: usize) -> Self {
        let room = bytes.saturating_mul(9).min((512 << 10) + bytes.saturating_mul(2));
        Collector { room, ..Collector::new(limit, bytes) }
    }

    /// For what is read in a format whose length is not known.
    pub(crate) fn of_format(limit: usize) -> Self {
        Collector { budget: Budget::of_a_text(SHORT_TEXT), ..Collector::of_body(limit, ASSUMED_LENGTH) }
    }

    /// For what has no text, but perhaps was read from a body of some length.
    pub(crate) fn of_event(limit: usize, body_bytes: Option<usize>) -> Self {
        body_bytes.map_or_else(|| Collector::new(limit, 0), |bytes| Collector::of_body(limit, bytes))
    }

    pub(crate) fn unlimited() -> Self {
        Collector::new(usize::MAX, 0)
    }

    /// Keeps a violation; it is made only if there is room for it.
    pub(crate) fn push(&mut self, make: impl FnOnce() -> Violation) {
        self.push_of(None, make);
    }

    /// The same, of a value that may be a text. It is not kept, only what was probably meant by it.
    pub(crate) fn push_of(&mut self, text: Option<&str>, make: impl FnOnce() -> Violation) {
        self.found += 1;
        if self.is_over() {
            return;
        }
        let mut violation = make();
        if self.takes_room(&violation) {
            violation.suggest(text, &mut self.budget);
            self.list.push(violation);
        }
    }

    /// Whether there is room for one more violation, which it then takes. Behind one that has none, no other is kept.
    fn takes_room(&mut self, violation: &Violation) -> bool {
        let takes = match self.list.len() {
            0 => 0,
            1..ALWAYS => 2 * told_bytes(violation.pointer()).saturating_sub(LONG_POINTER),
            // Those before it count from here on.
            ALWAYS => self.list.iter().chain([violation]).map(answer_bytes).sum(),
            _ => answer_bytes(violation),
        };
        let Some(room) = self.room.checked_sub(takes) else {
            self.limit = self.list.len();
            self.truncated = true;
            return false;
        };
        self.room = room;
        true
    }

    /// Whether one more is too many, which is then noted: there is no need to look which one it is.
    pub(crate) fn is_over(&mut self) -> bool {
        let over = self.list.len() >= self.limit;
        self.truncated |= over;
        self.found += usize::from(over);
        over
    }

    pub(crate) fn extend(&mut self, violations: Violations) {
        let (list, truncated) = violations.into_parts();
        for violation in list {
            if self.is_over() || !self.takes_room(&violation) {
                break;
            }
            self.list.push(violation);
        }
        self.truncated |= truncated;
    }

    /// For what is found apart, to be added later: no more than there is room for, but at least one.
    pub(crate) fn rest(&self) -> Self {
        let limit = self.limit.saturating_sub(self.list.len());
        Collector { room: self.room, ..Collector::new(limit, 0) }
    }

    /// What was found by now, to go back to.
    pub(crate) fn mark(&self) -> Mark {
        let Collector { list, limit, truncated, room, found, .. } = self;
        Mark { kept: list.len(), limit: *limit, truncated: *truncated, room: *room, found: *found }
    }

    /// Forgets what was found since.
    pub(crate) fn forget_since(&mut self, mark: Mark) {
        self.list.truncate(mark.kept);
        (self.limit, self.truncated, self.room, self.found) =
            (mark.limit, mark.truncated, mark.room, mark.found);
    }

    /// How many were found so far; it grows with each, whether that is kept or not.
    pub(crate) fn found(&self) -> usize {
        self.found
    }

    /// Whether something was wrong at a place.
    pub(crate) fn has(&self, pointer: &str) -> bool {
        self.list.iter().any(|violation| violation.pointer() == pointer)
    }

    /// The value, if nothing was wrong.
    pub(crate) fn finish<T>(mut self, value: T) -> Result<T, Violations> {
        match self.take_violations() {
            Some(violations) => Err(violations),
            None => Ok(value),
        }
    }

    /// Takes out what was found, if anything was.
    pub(crate) fn take_violations(&mut self) -> Option<Violations> {
        Violations::of(std::mem::take(&mut self.list), self.truncated)
    }
}
