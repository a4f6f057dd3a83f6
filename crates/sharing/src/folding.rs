//! One form for the ways in which the same words are written, so that no spelling hides a name from a check.

use detente_records::characters::plain_letter;

/// Letters and digits alone, in lower case: without marks, in one width, with digits of one script.
///
/// Composed and decomposed letters give the same; so do Arabic words with and without their vowel signs, and with
/// whichever seat a hamza has.
pub(crate) fn folded(text: &str) -> String {
    let letters = text.chars().flat_map(char::to_lowercase);
    let letters = letters.filter_map(letter).filter(|it| it.is_alphanumeric());
    letters.flat_map(char::to_lowercase).collect()
}

/// The text with ASCII digits for those of every script that positions are written in.
pub(crate) fn with_plain_digits(text: &str) -> String {
    text.chars().map(|it| digit(it).unwrap_or(it)).collect()
}

fn letter(letter: char) -> Option<char> {
    if is_mark(letter) {
        return None;
    }
    let seat = match letter {
        'أ' | 'إ' | 'آ' | 'ٱ' => 'ا',
        'ؤ' => 'و',
        'ئ' | 'ى' | 'ی' => 'ي',
        'ک' => 'ك',
        'ة' => 'ه',
        'й' => 'и',
        other => other,
    };
    // Before letters that look like others, so that a digit stays one.
    digit(seat).or_else(|| plain_letter(seat))
}

fn digit(letter: char) -> Option<char> {
    let (first, code) = match letter {
        '\u{0660}'..='\u{0669}' => (0x0660, u32::from(letter)),
        '\u{06f0}'..='\u{06f9}' => (0x06f0, u32::from(letter)),
        '\u{ff10}'..='\u{ff19}' => (0xff10, u32::from(letter)),
        _ => return None,
    };
    char::from_digit(code - first, 10)
}

/// Marks on letters: accents, Arabic vowel signs and Koranic signs, hamza above and below, the stretching stroke.
fn is_mark(letter: char) -> bool {
    matches!(
        letter,
        '\u{0300}'..='\u{036f}'
            | '\u{0483}'..='\u{0487}'
            | '\u{0610}'..='\u{061a}'
            | '\u{0640}'
            | '\u{064b}'..='\u{065f}'
            | '\u{0670}'
            | '\u{06d6}'..='\u{06ed}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_word_is_one_however_its_letters_are_put_together() {
        for (one, other) in [
            ("Andr\u{e9}", "ANDRE\u{301}"),
            ("Zephyr", "\u{ff3a}\u{ff45}\u{ff50}\u{ff48}\u{ff59}\u{ff52}"),
            ("أحمد", "اَحْمَد"),
            ("أحمد", "ا\u{654}حمـــد"),
            ("Георгий", "Георгии\u{306}"),
            ("7th", "٧th"),
        ] {
            assert_eq!(folded(one), folded(other), "{one} {other}");
        }
        assert_ne!(folded("Ahmad"), folded("Ahmed"));
    }
}
