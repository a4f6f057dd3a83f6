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
