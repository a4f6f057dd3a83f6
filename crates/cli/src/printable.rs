//! Foreign text made safe for a terminal: no escape sequence, no reordering of what is read.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Returns `text` with every control and bidirectional control character written out as `\u{…}`.
///
/// Line feeds stay: messages may have several lines.
pub(crate) fn printable(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_unsafe) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        if is_unsafe(character) {
            // Writing to a String cannot fail.
            let _ = write!(safe, "\\u{{{:x}}}", u32::from(character));
        } else {
            safe.push(character);
        }
    }
    Cow::Owned(safe)
}

/// Returns `text` with the same characters replaced by stand-ins of the same length in bytes,
/// so that byte offsets into it stay valid.
pub(crate) fn printable_in_place(text: &str) -> String {
    text.chars()
        .map(|character| match character.len_utf8() {
            _ if !is_unsafe(character) => character,
            1 => '?',
            2 => '\u{b7}',
            3 => '\u{fffd}',
            _ => character,
        })
        .collect()
}

/// Whether a terminal, or the bidirectional algorithm, would act on the character instead of showing it.
fn is_unsafe(character: char) -> bool {
    (character.is_control() && character != '\n' && character != '\t')
        || matches!(
            character,
            '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escape_sequences_and_reordering_are_spelt_out() {
        assert_eq!(
            printable("a\u{1b}[31mb\u{202e}c\nd"),
            "a\\u{1b}[31mb\\u{202e}c\nd"
        );
        assert!(matches!(printable("حلب, Алеппо"), Cow::Borrowed(_)));
    }

    #[test]
    fn stand_ins_keep_every_offset() {
        let text = "a\u{1b}b\u{85}c\u{202e}d";
        let safe = printable_in_place(text);
        assert_eq!(safe.len(), text.len());
        assert_eq!(safe, "a?b\u{b7}c\u{fffd}d");
    }
}
