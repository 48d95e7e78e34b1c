use std::{mem, slice};

use super::extension::Extension;

/// The extensions of an event, in the order named. Most events have one or two, which need no list.
#[derive(Clone, Debug, Default)]
pub(crate) enum Extensions {
    #[default]
    None,
    One(Extension),
    Two([Extension; 2]),
    Many(Vec<Extension>),
}

impl Extensions {
    pub(crate) fn as_slice(&self) -> &[Extension] {
        match self {
            Extensions::None => &[],
            Extensions::One(extension) => slice::from_ref(extension),
            Extensions::Two(extensions) => extensions,
            Extensions::Many(extensions) => extensions,
        }
    }

    /// Whether it holds on to much more memory than it needs.
    pub(crate) fn has_spare_room(&self) -> bool {
        matches!(self, Extensions::Many(extensions) if extensions.capacity() > 2 * extensions.len() + 8)
    }

    /// Adds one. A list is made for as many as are expected.
    pub(crate) fn push(&mut self, extension: Extension, expected: usize) {
        *self = match mem::take(self) {
            Extensions::None => Extensions::One(extension),
            Extensions::One(first) => Extensions::Two([first, extension]),
            Extensions::Two(earlier) => Extensions::Many(list(earlier, extension, expected)),
            Extensions::Many(mut extensions) => {
                extensions.push(extension);
                Extensions::Many(extensions)
            }
        };
    }
}

impl FromIterator<Extension> for Extensions {
    fn from_iter<I: IntoIterator<Item = Extension>>(extensions: I) -> Self {
        let mut all = Extensions::None;
        for extension in extensions {
            all.push(extension, 0);
        }
        all
    }
}

impl PartialEq for Extensions {
    fn eq(&self, other: &Self) -> bool {
        self.as_slice() == other.as_slice()
    }
}

#[inline(never)]
fn list(earlier: [Extension; 2], extension: Extension, expected: usize) -> Vec<Extension> {
    let mut extensions = Vec::with_capacity(expected.max(earlier.len() + 1));
    extensions.extend(earlier);
    extensions.push(extension);
    extensions
}
