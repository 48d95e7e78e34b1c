/// The known name nearest to one that is not known, if it is near enough to be a slip of the pen.
///
/// Nearness is the edit distance without regard to ASCII case, where swapping two neighbours is one edit. A name
/// may differ by one edit, from six characters on by two, from twelve on by three.
pub(super) fn nearest<'k>(name: &str, known: impl Iterator<Item = &'k str>) -> Option<&'k str> {
    // A name far longer than any that is known is not looked at character by character.
    if name.len() > 4 * 255 {
        return None;
    }
    let name = folded(name);
    let allowed = match name.len() {
        0 => return None,
        1..6 => 1,
        6..12 => 2,
        _ => 3,
    };
    let near = known.filter_map(|candidate| {
        // Bytes are at least as many as characters, and at most four times as many.
        if candidate.len() + allowed < name.len() || candidate.len() > 4 * (name.len() + allowed) {
            return None;
        }
        let distance = distance(&name, &folded(candidate), allowed)?;
        // Nothing is left of a name of which every character is another.
        (distance < name.len()).then_some((distance, candidate))
    });
    near.min_by_key(|(distance, _)| *distance).map(|(_, candidate)| candidate)
}

fn folded(name: &str) -> Vec<char> {
    name.chars().map(|character| character.to_ascii_lowercase()).collect()
}

/// The edit distance (optimal string alignment), if it is not more than allowed.
fn distance(one: &[char], other: &[char], allowed: usize) -> Option<usize> {
    if one.len().abs_diff(other.len()) > allowed {
        return None;
    }
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.iter().enumerate() {
        let mut row = Vec::with_capacity(last.len());
        row.push(i + 1);
        let mut left = i + 1;
        for (j, (b, above)) in other.iter().zip(last.windows(2)).enumerate() {
            let &[diagonal, above] = above else { continue };
            let mut cost = (diagonal + usize::from(a != b)).min(above + 1).min(left + 1);
            let swapped = i > 0 && j > 0 && other.get(j - 1) == Some(a) && one.get(i - 1) == Some(b);
            if let (true, Some(earlier)) = (swapped, before_last.get(j.wrapping_sub(1))) {
                cost = cost.min(earlier + 1);
            }
            row.push(cost);
            left = cost;
        }
        if row.iter().all(|cost| *cost > allowed) {
            return None;
        }
        before_last = std::mem::replace(&mut last, row);
    }
    last.last().copied().filter(|distance| *distance <= allowed)
}
