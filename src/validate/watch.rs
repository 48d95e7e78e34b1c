//! What is kept of a body while it is read, for the rules of the host.

use super::findings::{RuleFailed, run_rule};
use super::parts::{Content, Faulty};
use super::rule::Attached;
use crate::event::{ServiceEndEvent, Spelling, Spellings};
use crate::schema::FixedField;
use crate::violation::Collector;

/// Which parts have violations, and how the body spells names.
#[derive(Debug)]
pub(super) struct Watch<'v> {
    rules: &'v [Attached],
    max_violations: usize,
    faulty: Faulty,
    /// Of the extensions that were begun, in order: the ordinal of each schema, and how it is spelled.
    extensions: Vec<(usize, Spelling)>,
    /// How many violations were found before the part that is being read.
    found: usize,
}

impl<'v> Watch<'v> {
    pub(super) fn new(rules: &'v [Attached], max_violations: usize) -> Self {
        Watch { rules, max_violations, faulty: Faulty::default(), extensions: Vec::new(), found: 0 }
    }

    /// Something else was read: what is wrong with it concerns no part.
    pub(super) fn skip(&mut self, found: usize) {
        self.found = found;
    }

    /// A field was read; by now so many violations were found.
    pub(super) fn field(&mut self, field: FixedField, found: usize) {
        if found != self.found {
            self.faulty.fields.insert(field);
            self.found = found;
        }
    }

    /// An extension was read; by now so many violations were found.
    pub(super) fn extension(&mut self, ordinal: usize, spelling: Spelling, found: usize) {
        self.extensions.push((ordinal, spelling));
        self.repeated_extension(ordinal, found);
    }

    /// An extension is named once more.
    pub(super) fn repeated_extension(&mut self, ordinal: usize, found: usize) {
        if found != self.found {
            self.faulty.extensions.insert(ordinal);
            self.found = found;
        }
    }

    /// An open extension was read, or is named once more.
    pub(super) fn open_extension(&mut self, name: &str, found: usize) {
        if found != self.found {
            self.faulty.open.insert(name.to_ascii_lowercase());
            self.found = found;
        }
    }

    /// Runs the rules, once all is read.
    pub(super) fn finish(
        self,
        event: &mut ServiceEndEvent,
        collector: &mut Collector,
    ) -> Result<(), RuleFailed> {
        let Watch { rules, max_violations, faulty, extensions, .. } = self;
        let (ordinals, spellings): (Vec<usize>, Vec<Spelling>) = extensions.into_iter().unzip();
        let asked = event.asked().clone().with_spellings(Spellings::of(spellings), max_violations);
        event.set_asked(asked);
        run_rules(rules, &Content::new(event, faulty, ordinals.into_iter()), collector)
    }
}

/// Runs rules, one after the other.
pub(super) fn run_rules(
    rules: &[Attached],
    content: &Content<'_>,
    collector: &mut Collector,
) -> Result<(), RuleFailed> {
    rules.iter().try_for_each(|rule| {
        run_rule(rule.rule.name(), &rule.reads, content, collector, |parts, findings| {
            rule.check(parts, findings);
        })
    })
}
