//! Finds places in a text by the names of pointers: of what was found elsewhere there is no other place.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use super::items::{Item, Wanted, items};
use super::place::{Pointer, part};

/// Where a pointer leads.
pub(super) struct Followed {
    pub(super) bytes: Range<usize>,
    /// Where the key of it begins.
    pub(super) key: usize,
}

/// A pointer that is being followed, and what is left of it.
struct Way {
    pointer: usize,
    names: std::vec::IntoIter<String>,
}

/// How many names of a pointer are followed. Each is looked for in all that the one before names, so a longer way would
/// cost more than the text does, and a host looks once for a document, once for a rendering and perhaps once before. What
/// an event is made of is hardly ever deeper.
const LONGEST_WAY: usize = 18;

/// Where each of some pointers leads: the value of its names, or the innermost one that lacks what it names. All are
/// followed together, so that each container is looked into once.
pub(super) fn follow(text: &str, whole: Range<usize>, pointers: &[&str]) -> Vec<Followed> {
    let ways = pointers.iter().enumerate().map(|(pointer, names)| {
        let names: Vec<_> = names.split('/').skip(1).take(LONGEST_WAY).map(Pointer::unescaped).collect();
        Way { pointer, names: names.into_iter() }
    });
    let start = Followed { key: whole.start, bytes: whole };
    let mut found = Vec::new();
    follow_from(text, &start, ways.collect(), &mut found);
    found.sort_unstable_by_key(|(pointer, _)| *pointer);
    found.into_iter().map(|(_, followed)| followed).collect()
}

fn follow_from(text: &str, here: &Followed, ways: Vec<Way>, found: &mut Vec<(usize, Followed)>) {
    let mut by_name: HashMap<String, Vec<Way>> = HashMap::new();
    let ends_here = |way: &Way| (way.pointer, Followed { bytes: here.bytes.clone(), key: here.key });
    for mut way in ways {
        match way.names.next() {
            Some(name) => by_name.entry(name).or_default().push(way),
            None => found.push(ends_here(&way)),
        }
    }
    if by_name.is_empty() {
        return;
    }
    let inside = Inside::of(text, &here.bytes, &by_name);
    for (name, ways) in by_name {
        match inside.find(&name) {
            Some(Item { key, value, .. }) => {
                let next = Followed { bytes: value.clone(), key: key.start };
                follow_from(text, &next, ways, found);
            }
            None => found.extend(ways.iter().map(ends_here)),
        }
    }
}

/// What is wanted of a container.
enum Inside {
    Array(Vec<Item>),
    Object {
        exact: HashMap<String, Item>,
        /// Names are the same in any case where the exact one is not there.
        folded: HashMap<String, Item>,
    },
}

impl Inside {
    fn of<T>(text: &str, container: &Range<usize>, wanted: &HashMap<String, T>) -> Self {
        if part(text, container.clone()).starts_with('[') {
            let mut ordinals: Vec<u32> = wanted.keys().filter_map(|name| ordinal(name)).collect();
            ordinals.sort_unstable();
            ordinals.dedup();
            return Inside::Array(items(text, container, Wanted::Ordinals(&ordinals)));
        }
        let names: HashSet<_> = wanted.keys().map(|name| name.to_ascii_lowercase()).collect();
        let (mut exact, mut folded) = (HashMap::new(), HashMap::new());
        for item in items(text, container, Wanted::Names(&names)) {
            if let Ok(name) = serde_json::from_str::<String>(part(text, item.key.clone())) {
                folded.entry(name.to_ascii_lowercase()).or_insert_with(|| item.clone());
                exact.entry(name).or_insert(item);
            }
        }
        Inside::Object { exact, folded }
    }

    fn find(&self, name: &str) -> Option<&Item> {
        match self {
            Inside::Array(items) => {
                let ordinal = ordinal(name)?;
                items.get(items.binary_search_by_key(&ordinal, |item| item.ordinal).ok()?)
            }
            Inside::Object { exact, folded } => {
                exact.get(name).or_else(|| folded.get(&name.to_ascii_lowercase()))
            }
        }
    }
}

/// The element of an array that a name means: a number without a sign and leading zeros.
fn ordinal(name: &str) -> Option<u32> {
    let is_plain = name == "0" || name.starts_with(|first: char| matches!(first, '1'..='9'));
    name.parse().ok().filter(|_| is_plain)
}
