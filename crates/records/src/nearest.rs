//! The known name nearest to one that is not known.

use std::collections::BTreeSet;

/// The longest name compared, in characters; comparing costs the product of both lengths.
const COMPARED_CHARACTERS_MAX: usize = 64;

/// The most known names compared; beyond it a suggestion is not worth the time.
const COMPARED_NAMES_MAX: usize = 2_000;

/// Returns the name in `known` that `name` is most likely meant to be, if one is close enough:
/// equal but for letter case and separators, or within a third of its length in edits
/// (insertions, deletions, substitutions, exchanges of neighbours).
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let plain = plain(name);
    if plain.is_empty() {
        return None;
    }
    let longest = plain.chars().count();
    if longest > COMPARED_CHARACTERS_MAX {
        return None;
    }
    let known: BTreeSet<&str> = known.into_iter().take(COMPARED_NAMES_MAX).collect();
    known
        .into_iter()
        .filter(|candidate| candidate.len() <= 4 * COMPARED_CHARACTERS_MAX)
        .map(|candidate| {
            (
                strsim::damerau_levenshtein(&plain, &self::plain(candidate)),
                candidate,
            )
        })
        .filter(|(edits, candidate)| {
            let length = longest.max(candidate.chars().count());
            *edits <= length / 3 || (length <= 2 && *edits == 0)
        })
        .min_by_key(|(edits, _)| *edits)
        .map(|(_, candidate)| candidate)
}

/// Returns the way out for an unknown name: the nearest known one, else all of them when few.
pub fn way_out<'a>(name: &str, known: impl IntoIterator<Item = &'a str> + Clone) -> Option<String> {
    if let Some(found) = nearest(name, known.clone()) {
        return Some(format!("did you mean `{found}`?"));
    }
    let mut all: Vec<&str> = known.into_iter().collect();
    all.sort_unstable();
    all.dedup();
    match all.len() {
        0 => None,
        1..=20 => Some(format!("known are {}", listed(&all))),
        count => Some(format!(
            "{count} names are known, none of them close to this one"
        )),
    }
}

/// Returns names as a list for people: "`a`, `b` and `c`".
pub fn listed(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [only] => format!("`{only}`"),
        [first @ .., last] => {
            let first: Vec<String> = first.iter().map(|name| format!("`{name}`")).collect();
            format!("{} and `{last}`", first.join(", "))
        }
    }
}

fn plain(name: &str) -> String {
    name.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_pen_finds_the_name_meant() {
        let known = ["syrian-air-force", "us-air-force", "RU", "radius_m"];
        assert_eq!(nearest("syrian_airforce", known), Some("syrian-air-force"));
        assert_eq!(nearest("radiusM", known), Some("radius_m"));
        assert_eq!(nearest("ru", known), Some("RU"));
        assert_eq!(nearest("hospital", known), None);
        assert_eq!(nearest("US", ["RU", "SY"]), None);
        assert_eq!(nearest("", known), None);
    }
}
