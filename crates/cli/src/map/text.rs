//! Foreign words made safe for SVG and HTML.

use std::fmt::Write as _;

/// Returns `text` as XML and HTML character data, also safe inside a quoted attribute.
///
/// Control characters that XML 1.0 (fifth edition, 2.2) refuses become U+FFFD; bidirectional
/// controls are spelt out, so a name cannot reorder the words around it.
pub(super) fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in crate::printable::printable(text).chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            '\u{fffe}' | '\u{ffff}' => safe.push('\u{fffd}'),
            '\n' | '\t' => {
                let _ = write!(safe, "&#{};", u32::from(character));
            }
            character => safe.push(character),
        }
    }
    safe
}

/// Returns `text` cut to at most `characters`, the cut shown by an ellipsis.
pub(super) fn shortened(text: &str, characters: usize) -> String {
    if text.chars().count() <= characters {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(characters.saturating_sub(1)).collect();
    short.push('…');
    short
}

/// Returns `text` cut so that it is about `most_px` wide at a font size.
pub(super) fn fitted(text: &str, size_px: f64, most_px: f64) -> String {
    let mut characters = text.chars().count();
    let mut short = text.to_owned();
    while width_px(&short, size_px) > most_px && characters > 1 {
        characters -= 1;
        short = shortened(text, characters);
    }
    short
}

/// Returns about how wide `text` is at a font size, in pixels.
///
/// The sheet carries no font, so this is an estimate for a sans-serif face, on the wide side.
pub(super) fn width_px(text: &str, size_px: f64) -> f64 {
    text.chars()
        .map(|character| match character {
            'i' | 'j' | 'l' | '.' | ',' | ':' | ';' | '\'' | '|' | ' ' | 'I' => 0.34,
            'm' | 'w' | 'M' | 'W' => 0.88,
            'A'..='Z' | '0'..='9' => 0.66,
            character if character.is_ascii() => 0.57,
            '\u{1100}'..='\u{11ff}' | '\u{2e80}'..='\u{ffff}' => 1.0,
            _ => 0.64,
        })
        .sum::<f64>()
        * size_px
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_names_stay_text() {
        assert_eq!(
            escaped("<script>alert('x')</script>&\"\u{0}\u{202e}"),
            "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;&quot;\\u{0}\\u{202e}"
        );
    }

    #[test]
    fn long_names_are_cut_by_characters() {
        assert_eq!(shortened("حلب", 3), "حلب");
        assert_eq!(shortened("al-Atarib bakery", 10), "al-Atarib…");
    }
}
