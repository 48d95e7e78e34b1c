//! `fits` agrees with trying, and nothing is lost on the way into a type and out of it.

use std::collections::BTreeMap;

use crate::dice::Dice;
use crate::kinds::{Found, KINDS, Kind, MIXED};
use crate::schemas::{records, schema};

const PAIRS: u64 = 100_000;

#[test]
fn a_type_fits_a_schema_if_and_only_if_it_reads_every_record() {
    let kinds: Vec<&Kind> = KINDS.iter().copied().flatten().chain(MIXED).collect();
    let mut tally: BTreeMap<Found, u64> = BTreeMap::new();
    let pairs = std::env::var("PAIRS").ok().map_or(PAIRS, |pairs| pairs.parse().unwrap());
    for seed in 0..pairs {
        let mut dice = Dice::new(seed);
        let kind = dice.pick(&kinds);
        let schema = schema(kind.types, &mut dice);
        let records = records(&schema, &mut dice);
        assert!(!records.is_empty());
        let found = (kind.check)(&schema, &records, &mut dice);
        *tally.entry(found).or_default() += 1;
    }
    println!("{} structs: {tally:?}", kinds.len());
    assert!(kinds.iter().all(|kind| !kind.name.is_empty()));
    // Each answer is given, and those that are sure are given often.
    for (found, share) in [(Found::Fits, 10), (Found::Unproven, 10_000), (Found::DoesNotFit, 10)] {
        assert!(tally.get(&found).is_some_and(|count| count * share >= pairs), "{tally:?}");
    }
}
