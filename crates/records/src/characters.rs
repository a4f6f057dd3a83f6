//! Characters that do not show themselves: controls, direction overrides, invisible marks.
//!
//! Source: Unicode Standard Annex #9 (bidirectional controls), Technical Report #36 (security
//! considerations), general categories Cc and Cf.

/// Says whether `character` changes the direction of the text around it in a way that can make a
/// line read differently from what it holds (embeddings, overrides, isolates).
pub fn is_direction_override(character: char) -> bool {
    matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Says whether `character` is a direction mark, which honest right-to-left text may need.
pub fn is_direction_mark(character: char) -> bool {
    matches!(character, '\u{061c}' | '\u{200e}' | '\u{200f}')
}

/// Says whether `character` joins or separates letters; honest in Persian, Arabic, Indic text.
pub fn is_joiner(character: char) -> bool {
    matches!(character, '\u{200c}' | '\u{200d}')
}

/// Says whether `character` takes no space and shows nothing, or breaks a line.
pub fn is_invisible(character: char) -> bool {
    is_direction_override(character)
        || is_direction_mark(character)
        || is_joiner(character)
        || matches!(character,
            '\u{00ad}' | '\u{034f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}' | '\u{2028}' | '\u{2029}'
            | '\u{2060}'..='\u{2065}' | '\u{206a}'..='\u{206f}' | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
            | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}')
}

/// Returns what a reader sees of `text` at a glance: its letters and digits, without case,
/// separators, accents, or the script of letters that look Latin.
pub fn skeleton(text: &str) -> String {
    let seen = text
        .chars()
        .filter_map(plain_letter)
        .filter(|c| c.is_alphanumeric());
    seen.flat_map(char::to_lowercase).collect()
}

/// Returns the plain Latin letter a character looks like, itself when there is none, and nothing
/// for marks that only decorate or hide.
pub fn plain_letter(character: char) -> Option<char> {
    if character.is_ascii() {
        return Some(character);
    }
    if is_invisible(character) || matches!(character, '\u{0300}'..='\u{036f}') {
        return None;
    }
    if let full_width @ '\u{ff01}'..='\u{ff5e}' = character {
        return char::from_u32(u32::from(full_width) - 0xfee0);
    }
    let looks_like = [
        ("а", 'a'),
        ("в", 'b'),
        ("е", 'e'),
        ("ё", 'e'),
        ("ѕ", 's'),
        ("і", 'i'),
        ("ї", 'i'),
        ("ј", 'j'),
        ("к", 'k'),
        ("м", 'm'),
        ("н", 'h'),
        ("о", 'o'),
        ("р", 'p'),
        ("с", 'c'),
        ("т", 't'),
        ("у", 'y'),
        ("х", 'x'),
        ("ԁ", 'd'),
        ("ԛ", 'q'),
        ("ԝ", 'w'),
        ("ѡ", 'w'),
        ("г", 'r'),
        ("ո", 'n'),
        ("α", 'a'),
        ("β", 'b'),
        ("γ", 'y'),
        ("ε", 'e'),
        ("η", 'n'),
        ("ι", 'i'),
        ("κ", 'k'),
        ("μ", 'm'),
        ("ν", 'v'),
        ("ο", 'o'),
        ("π", 'n'),
        ("ρ", 'p'),
        ("τ", 't'),
        ("υ", 'u'),
        ("χ", 'x'),
        ("ω", 'w'),
        ("ı", 'i'),
        ("ɡ", 'g'),
        ("ɑ", 'a'),
        ("à", 'a'),
        ("á", 'a'),
        ("â", 'a'),
        ("ã", 'a'),
        ("ä", 'a'),
        ("å", 'a'),
        ("ā", 'a'),
        ("è", 'e'),
        ("é", 'e'),
        ("ê", 'e'),
        ("ë", 'e'),
        ("ē", 'e'),
        ("ì", 'i'),
        ("í", 'i'),
        ("î", 'i'),
        ("ï", 'i'),
        ("ī", 'i'),
        ("ò", 'o'),
        ("ó", 'o'),
        ("ô", 'o'),
        ("õ", 'o'),
        ("ö", 'o'),
        ("ø", 'o'),
        ("ō", 'o'),
        ("ù", 'u'),
        ("ú", 'u'),
        ("û", 'u'),
        ("ü", 'u'),
        ("ū", 'u'),
        ("ñ", 'n'),
        ("ç", 'c'),
        ("ý", 'y'),
        ("ƅ", 'b'),
        ("ț", 't'),
        ("ţ", 't'),
    ];
    let mut lower = character.to_lowercase();
    let (Some(small), None) = (lower.next(), lower.next()) else {
        return Some(character);
    };
    let found = looks_like
        .iter()
        .find(|(strange, _)| strange.starts_with(small));
    Some(match found {
        Some((_, latin)) if small != character => latin.to_ascii_uppercase(),
        Some((_, latin)) => *latin,
        None => character,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_alike_has_one_skeleton() {
        for text in ["US-1", "us_1", "ＵＳ１", "U\u{200b}S1", "ÜS1", "υs1"] {
            assert_eq!(skeleton(text), "us1", "{text}");
        }
        assert_ne!(skeleton("US"), skeleton("RU"));
    }
}
