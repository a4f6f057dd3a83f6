//! Texts that articles compare: spelt out, or by their form.

/// A form as `like` has it: characters, and `None` for any run of them.
pub(super) type Pattern = Vec<Option<char>>;

/// Whether `text` has the form of `pattern`.
///
/// Each run is tried as short as it can be, and lengthened only at the last wildcard passed: the
/// usual matching in time proportional to the product of the lengths.
pub(super) fn matches(pattern: &[Option<char>], text: &str) -> bool {
    let text: Vec<char> = text.chars().collect();
    let (mut at, mut read) = (0, 0);
    let mut last: Option<(usize, usize)> = None;
    while let Some(next) = text.get(read) {
        match pattern.get(at) {
            Some(Some(wanted)) if wanted == next => (at, read) = (at + 1, read + 1),
            Some(None) => {
                last = Some((at, read));
                at += 1;
            }
            _ => match last {
                Some((wildcard, from)) => {
                    last = Some((wildcard, from + 1));
                    (at, read) = (wildcard + 1, from + 1);
                }
                None => return false,
            },
        }
    }
    pattern
        .get(at..)
        .unwrap_or_default()
        .iter()
        .all(Option::is_none)
}

/// A text of the form of `pattern`, with `filler` for each wildcard.
pub(super) fn instance(pattern: &[Option<char>], filler: &str) -> String {
    let mut text = String::new();
    for part in pattern {
        match part {
            Some(character) => text.push(*character),
            None => text.push_str(filler),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn pattern(text: &str) -> Pattern {
        text.chars()
            .map(|character| (character != '*').then_some(character))
            .collect()
    }

    /// The same by its definition.
    fn defined(pattern: &[Option<char>], text: &[char]) -> bool {
        match pattern.split_first() {
            None => text.is_empty(),
            Some((Some(wanted), rest)) => text.first() == Some(wanted) && defined(rest, &text[1..]),
            Some((None, rest)) => (0..=text.len()).any(|skipped| defined(rest, &text[skipped..])),
        }
    }

    proptest! {
        #[test]
        fn forms_are_those_of_the_definition(form in "[ab*]{0,7}", text in "[ab]{0,7}") {
            let form = pattern(&form);
            let characters: Vec<char> = text.chars().collect();
            prop_assert_eq!(matches(&form, &text), defined(&form, &characters));
        }

        #[test]
        fn an_instance_has_the_form(form in "[ab*]{0,7}", filler in "[ab]{0,3}") {
            let form = pattern(&form);
            prop_assert!(matches(&form, &instance(&form, &filler)));
        }
    }
}
