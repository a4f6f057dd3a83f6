//! How many letters have to be changed, added, left out or swapped with their neighbours.

/// Returns the optimal string alignment distance of two words, if it is at most `most`.
pub(super) fn distance(one: &str, other: &str, most: usize) -> Option<usize> {
    let one: Vec<char> = one.chars().collect();
    let other: Vec<char> = other.chars().collect();
    if one.len().abs_diff(other.len()) > most {
        return None;
    }
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=other.len()).collect();
    for (row, letter) in one.iter().enumerate() {
        let mut line = vec![row + 1];
        for (column, with) in other.iter().enumerate() {
            let at = |line: &[usize], place: usize| line.get(place).copied().unwrap_or(usize::MAX);
            let changed = at(&last, column) + usize::from(letter != with);
            let left_out = at(&last, column + 1) + 1;
            let added = at(&line, column) + 1;
            let mut least = changed.min(left_out).min(added);
            let swapped = row > 0
                && column > 0
                && one.get(row - 1) == Some(with)
                && other.get(column - 1) == Some(letter);
            if swapped {
                least = least.min(at(&before, column - 1) + 1);
            }
            line.push(least);
        }
        before = std::mem::replace(&mut last, line);
    }
    last.last().copied().filter(|edits| *edits <= most)
}

#[cfg(test)]
mod tests {
    use super::distance;

    #[test]
    fn edits_are_counted_up_to_the_limit() {
        for (one, other, most, edits) in [
            ("homs", "homs", 0, Some(0)),
            ("homs", "hims", 1, Some(1)),
            ("idlib", "idilb", 1, Some(1)),
            ("idlib", "adlb", 2, Some(2)),
            ("idlib", "adlb", 1, None),
            ("", "abc", 3, Some(3)),
            ("", "abc", 2, None),
        ] {
            assert_eq!(distance(one, other, most), edits, "{one} {other}");
            assert_eq!(distance(other, one, most), edits, "{other} {one}");
        }
    }
}
