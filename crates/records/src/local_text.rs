//! Text in one or several languages.

use std::collections::BTreeMap;
use std::fmt;

use crate::characters::{is_direction_mark, is_direction_override, is_invisible, is_joiner};
use crate::document::{Located, Value};
use crate::finding::Problems;
use crate::names::LanguageTag;
use crate::place::{Path, Place};
use crate::table::{name_of, text_of, wrong_type};

/// The longest text for people, in bytes: a title or a name, not a treatise.
pub const LOCAL_TEXT_BYTES_MAX: usize = 8_192;

/// Text for people, in one language that is not named or by language tag.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LocalText {
    /// One text, language not stated.
    Plain(String),
    /// One text per language, at least one.
    ByLanguage(BTreeMap<LanguageTag, String>),
}

impl LocalText {
    /// Returns the text in the first of `wanted` there is, else in English, else in the first
    /// language by tag.
    pub fn in_language<'a>(&'a self, wanted: &[&str]) -> &'a str {
        match self {
            Self::Plain(text) => text,
            Self::ByLanguage(texts) => wanted
                .iter()
                .chain(&["en"])
                .find_map(|tag| texts.get(*tag))
                .or_else(|| texts.values().next())
                .map_or("", String::as_str),
        }
    }

    /// Reads text, or a table from language tag to text.
    ///
    /// Control characters and direction overrides are refused: they can make a name read as
    /// another. Other characters that show nothing are warned of.
    pub fn read(value: &Located<'_>, path: &Path<'_>, problems: &mut Problems) -> Option<Self> {
        match &value.value {
            Value::Text(_) => checked(value, path, problems).map(Self::Plain),
            Value::Table(members) => {
                let mut texts = BTreeMap::new();
                for member in members {
                    let path = path.key(&member.key);
                    let key = Located {
                        span: member.key_span.clone(),
                        value: Value::Text(member.key.clone()),
                    };
                    let tag: Option<LanguageTag> = language_of(&key, &path, problems);
                    let text = checked(&member.value, &path, problems);
                    if let (Some(tag), Some(text)) = (tag, text) {
                        texts.insert(tag, text);
                    }
                }
                if members.is_empty() {
                    problems
                        .error(
                            "empty_text",
                            Place::new(path, value.span.clone()),
                            "no language",
                        )
                        .help("write the text, or a table such as {en = \"…\", ar = \"…\"}");
                }
                if texts.is_empty() {
                    None
                } else {
                    Some(Self::ByLanguage(texts))
                }
            }
            other => {
                wrong_type(path, value, "text or a table by language", other, problems);
                None
            }
        }
    }
}

impl fmt::Display for LocalText {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.in_language(&[]))
    }
}

/// Reads a language tag: two or three letters, optionally followed by subtags (BCP 47).
pub fn language_of(
    value: &Located<'_>,
    path: &Path<'_>,
    problems: &mut Problems,
) -> Option<LanguageTag> {
    let tag: LanguageTag = name_of(value, path, problems)?;
    let mut parts = tag.as_str().split('-');
    let first = parts.next().unwrap_or_default();
    let letters = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric());
    let language = (2..=3).contains(&first.len()) && first.bytes().all(|b| b.is_ascii_lowercase());
    if language && parts.all(|part| part.len() <= 8 && letters(part)) {
        return Some(tag);
    }
    let message = format!(
        "{} is not a language tag",
        crate::finding::quoted(tag.as_str())
    );
    problems
        .error(
            "invalid_language",
            Place::new(path, value.span.clone()),
            message,
        )
        .help("write a BCP 47 tag such as en, ru, ar or zh-Hant");
    None
}

fn checked(value: &Located<'_>, path: &Path<'_>, problems: &mut Problems) -> Option<String> {
    let text = text_of(value, path, problems)?;
    let place = || Place::new(path, value.span.clone());
    let name = crate::finding::quoted(text);
    if text.trim().is_empty() {
        problems
            .error("empty_text", place(), "the text is empty")
            .help("write it or leave it out");
        return None;
    }
    if text.len() > LOCAL_TEXT_BYTES_MAX {
        let message = format!(
            "a text of {} bytes, more than {LOCAL_TEXT_BYTES_MAX}",
            text.len()
        );
        problems
            .error("text_too_long", place(), message)
            .help("shorten it");
        return None;
    }
    let forbidden = |c: &char| is_direction_override(*c) || (c.is_control() && *c != '\n');
    if let Some(bad) = text.chars().find(forbidden) {
        let message = format!("{name} holds the character U+{:04X}", u32::from(bad));
        problems
            .error("hidden_character", place(), message)
            .help("control characters and direction overrides can make a text read as another");
        return None;
    }
    let unseen = |c: &char| is_invisible(*c) && !is_joiner(*c) && !is_direction_mark(*c);
    if let Some(hidden) = text.chars().find(unseen) {
        let message = format!(
            "{name} holds U+{:04X}, which shows nothing",
            u32::from(hidden)
        );
        problems
            .warning("hidden_character", place(), message)
            .help("remove it");
    } else if text.is_ascii() {
        // Nothing hidden can be in ASCII once controls are excluded.
    } else if let Some(mark) = text.chars().find(|c| is_direction_mark(*c)) {
        let rtl = text
            .chars()
            .any(|c| matches!(c, '\u{0590}'..='\u{08ff}' | '\u{fb1d}'..='\u{fefc}'));
        if !rtl {
            let message = format!("{name} holds U+{:04X}, a direction mark", u32::from(mark));
            problems
                .warning("hidden_character", place(), message)
                .help("remove it: the text holds no right-to-left letters");
        }
    }
    Some(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (Option<LocalText>, Vec<&'static str>) {
        let mut problems = Problems::new("t");
        let value = Located {
            span: 0..1,
            value: Value::Text(text.into()),
        };
        let read = LocalText::read(&value, &Path::Root, &mut problems);
        (read, problems.iter().map(|problem| problem.code).collect())
    }

    #[test]
    fn honest_text_of_any_script_is_accepted() {
        for text in [
            "Idlib",
            "Идлиб",
            "إدلب",
            "می\u{200c}خواهم",
            "line\nline",
            "إدلب\u{200f}",
        ] {
            assert_eq!(
                read(text),
                (Some(LocalText::Plain(text.to_owned())), vec![]),
                "{text}"
            );
        }
    }

    #[test]
    fn text_that_can_read_as_another_is_refused() {
        for text in ["a\u{202e}b", "a\u{2066}b", "a\u{0}b", "a\tb", "a\u{85}b"] {
            assert_eq!(read(text), (None, vec!["hidden_character"]), "{text:?}");
        }
        for text in ["a\u{200b}b", "a\u{feff}b", "Idlib\u{200f}"] {
            assert_eq!(read(text).1, ["hidden_character"], "{text:?}");
            assert!(read(text).0.is_some(), "{text:?}");
        }
        assert_eq!(read(" \n"), (None, vec!["empty_text"]));
        assert_eq!(
            read(&"x".repeat(LOCAL_TEXT_BYTES_MAX + 1)),
            (None, vec!["text_too_long"])
        );
    }

    #[test]
    fn the_wanted_language_comes_first_then_english_then_any() {
        let tag = |text| LanguageTag::parse(text).unwrap();
        let both = [(tag("ru"), "да".to_owned()), (tag("en"), "yes".to_owned())];
        let text = LocalText::ByLanguage(BTreeMap::from(both));
        assert_eq!(text.in_language(&["ru"]), "да");
        assert_eq!(text.in_language(&["ar"]), "yes");
        let arabic = LocalText::ByLanguage(BTreeMap::from([(tag("ar"), "نعم".to_owned())]));
        assert_eq!(arabic.to_string(), "نعم");
    }
}
