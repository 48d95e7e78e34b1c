/// How much work a search for near names may cost, in units of about thirty instructions.
///
/// Without a bound, a body of 7 KB with names near to 256 declared ones cost a third of a second.
#[derive(Debug)]
pub(super) struct Budget(usize);

impl Budget {
    /// For all violations that are found in a text of some length. A long text can be one string, which is skipped at two
    /// or three instructions a byte, so each further byte adds less.
    pub(super) fn of_a_text(bytes: usize) -> Self {
        Budget(8_000 + 2 * bytes.min(7_000) + bytes.saturating_sub(7_000) / 4)
    }

    /// For the value of one business attribute, of which a text has at most four.
    pub(super) const fn of_a_value() -> Self {
        Budget(11_000)
    }

    fn spend(&mut self, work: usize) -> Option<()> {
        self.0 = self.0.saturating_sub(work);
        (self.0 > 0).then_some(())
    }
}

/// The most edits by which a name may differ from what was meant.
const MOST: usize = 3;
/// A name longer than this is not looked at: no declared one is longer than 255 characters, of 4 bytes at most.
pub(super) const LONGEST: usize = 4 * 255;

/// The known name nearest to one that is not known, if it is near enough to be a typo. None once the budget
/// is spent, since a nearer one may not have been looked at.
///
/// Nearness is the edit distance without regard to ASCII case, where swapping two neighbours is one edit. A name
/// may differ by one edit, from six characters on by two, from twelve on by three.
pub(super) fn nearest<'k>(
    name: &str,
    known: impl Iterator<Item = &'k str>,
    budget: &mut Budget,
) -> Option<&'k str> {
    if name.len() > LONGEST {
        return None;
    }
    budget.spend(1)?;
    let name: Vec<char> = folded(name).collect();
    let mut allowed = match name.len() {
        // One edit leaves nothing of a single character. Of a longer name, fewer edits are allowed than it has
        // characters.
        0 | 1 => return None,
        2..6 => 1,
        6..12 => 2,
        _ => MOST,
    };
    let (_, used) = characters(name.iter().copied());
    let mut candidate = Vec::new();
    let mut found = None;
    for text in known {
        budget.spend(2)?;
        // A name has at least as many bytes as characters, and exactly as many if it is ASCII, as most are.
        let most = name.len() + allowed;
        let is_longer = text.as_bytes().get(..=most).is_some_and(<[u8]>::is_ascii);
        if is_longer || text.len() + allowed < name.len() {
            continue;
        }
        let (length, characters) = characters(folded(text).take(most + 1));
        budget.spend(10 + length)?;
        // An edit takes away at most one character and adds at most one.
        if (used ^ characters).count_ones() as usize > 2 * allowed {
            continue;
        }
        candidate.clear();
        candidate.extend(folded(text).take(most + 1));
        let Some(distance) = distance(&name, &candidate, allowed, budget) else { continue };
        found = Some(text);
        // From here on, only a nearer one counts.
        match distance.checked_sub(1) {
            Some(nearer) => allowed = nearer,
            None => break,
        }
    }
    budget.spend(0)?;
    found
}

/// How many characters a name has, and which, as a set of 64 bits, of which some stand for several. Names that differ in too
/// many need no table of distances.
fn characters(name: impl Iterator<Item = char>) -> (usize, u64) {
    name.fold((0, 0), |(length, characters), character| {
        (length + 1, characters | 1 << (u32::from(character) % 64))
    })
}

fn folded(name: &str) -> impl Iterator<Item = char> {
    name.chars().map(|character| character.to_ascii_lowercase())
}

/// The edit distance (optimal string alignment), if it is not more than allowed: of the table of distances, only the
/// cells this near to the diagonal are made, a row at a time.
#[expect(clippy::indexing_slicing, reason = "a cell is one of the band, and `j` ends where the text does")]
fn distance(one: &[char], other: &[char], allowed: usize, budget: &mut Budget) -> Option<usize> {
    const BAND: usize = 2 * MOST + 1;
    const FAR: usize = usize::MAX / 2;
    if one.len().abs_diff(other.len()) > allowed {
        return None;
    }
    let (one, other) = without_equal_ends(one, other);
    // Cell `k` of row `i` is in column `i + k - allowed`, so the cell above it is the next one of the row before.
    let width = 2 * allowed + 1;
    let (mut before_last, mut last) = ([FAR; BAND + 1], [FAR; BAND + 1]);
    for (column, cell) in last[allowed..width].iter_mut().enumerate() {
        *cell = column;
    }
    for i in 1..=one.len() {
        budget.spend(3 * width)?;
        let mut row = [FAR; BAND + 1];
        let mut left = FAR;
        let mut lowest = FAR;
        // From column 0 to the last one.
        for k in allowed.saturating_sub(i)..width.min((other.len() + allowed + 1).saturating_sub(i)) {
            let j = i + k - allowed;
            let mut cost = last[k + 1].min(left) + 1;
            if j > 0 {
                cost = cost.min(last[k] + usize::from(one[i - 1] != other[j - 1]));
                if i > 1 && j > 1 && one[i - 1] == other[j - 2] && one[i - 2] == other[j - 1] {
                    cost = cost.min(before_last[k] + 1);
                }
            }
            row[k] = cost;
            left = cost;
            lowest = lowest.min(cost);
        }
        if lowest > allowed {
            return None;
        }
        before_last = std::mem::replace(&mut last, row);
    }
    let end = (other.len() + allowed).checked_sub(one.len())?;
    last.get(end).copied().filter(|distance| *distance <= allowed)
}

/// Two texts without what they begin and end with alike.
fn without_equal_ends<'a>(one: &'a [char], other: &'a [char]) -> (&'a [char], &'a [char]) {
    let (mut one, mut other) = (one, other);
    while let (Some((a, rest)), Some((b, other_rest))) = (one.split_first(), other.split_first()) {
        if a != b {
            break;
        }
        (one, other) = (rest, other_rest);
    }
    while let (Some((a, rest)), Some((b, other_rest))) = (one.split_last(), other.split_last()) {
        if a != b {
            break;
        }
        (one, other) = (rest, other_rest);
    }
    (one, other)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The whole table, as it is defined.
    fn plain_distance(one: &[char], other: &[char]) -> usize {
        let mut table = vec![vec![0; other.len() + 1]; one.len() + 1];
        for i in 0..=one.len() {
            for j in 0..=other.len() {
                table[i][j] = if i == 0 || j == 0 {
                    i + j
                } else {
                    let replaced = table[i - 1][j - 1] + usize::from(one[i - 1] != other[j - 1]);
                    let best = replaced.min(table[i - 1][j] + 1).min(table[i][j - 1] + 1);
                    let swap = i > 1 && j > 1 && one[i - 1] == other[j - 2] && one[i - 2] == other[j - 1];
                    if swap { best.min(table[i - 2][j - 2] + 1) } else { best }
                };
            }
        }
        table[one.len()][other.len()]
    }

    fn texts(longest: usize) -> Vec<Vec<char>> {
        let mut texts = vec![Vec::new()];
        let mut from = 0;
        for _ in 0..longest {
            let to = texts.len();
            for at in from..to {
                for letter in ['a', 'b', 'c'] {
                    let mut longer = texts[at].clone();
                    longer.push(letter);
                    texts.push(longer);
                }
            }
            from = to;
        }
        texts
    }

    #[test]
    fn the_band_gives_the_distances_of_the_whole_table() {
        let texts = texts(5);
        for one in &texts {
            for other in &texts {
                let plain = plain_distance(one, other);
                let [used, others] = [one, other].map(|name| characters(name.iter().copied()).1);
                assert!((used ^ others).count_ones() as usize <= 2 * plain);
                for allowed in 0..=MOST {
                    let banded = distance(one, other, allowed, &mut Budget(usize::MAX));
                    assert_eq!(banded, (plain <= allowed).then_some(plain), "{one:?} {other:?} {allowed}");
                }
            }
        }
    }

    #[test]
    fn none_is_made_once_the_budget_is_spent() {
        let known = ["rating"; 10];
        assert_eq!(nearest("ratnig", known.into_iter(), &mut Budget(1_000)), Some("rating"));
        assert_eq!(nearest("ratnig", known.into_iter(), &mut Budget(30)), None);
    }
}
