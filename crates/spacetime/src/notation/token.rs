//! The pieces of a position as it is written: numbers, marks, sides of the world, separators.

use super::NotationError;

/// A side of the world.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    North,
    South,
    East,
    West,
}

impl Side {
    pub(super) fn is_latitude(self) -> bool {
        matches!(self, Self::North | Self::South)
    }

    pub(super) fn is_negative(self) -> bool {
        matches!(self, Self::South | Self::West)
    }
}

/// A number as written, so that its digits can be counted.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Number {
    pub(super) value: f64,
    /// Digits before the decimal mark.
    pub(super) whole: String,
    /// Digits behind it.
    pub(super) decimals: u32,
    /// Whether a sign stands before it, and whether that is a minus.
    pub(super) sign: Option<bool>,
}

/// What follows a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    Degrees,
    Minutes,
    Seconds,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    Number(Number),
    Mark(Mark),
    Side(Side),
    /// A comma, semicolon or slash between two angles.
    Separator,
}

/// Words for the sides of the world, the longest of a language first.
///
/// Russian writes `с. ш.` for northern latitude and `в. д.` for eastern longitude; the full stops are gone by then.
const SIDES: [(&str, Side); 41] = [
    ("NORTH", Side::North),
    ("SOUTH", Side::South),
    ("EAST", Side::East),
    ("WEST", Side::West),
    ("N", Side::North),
    ("S", Side::South),
    ("E", Side::East),
    ("W", Side::West),
    ("СЕВЕРНОЙ ШИРОТЫ", Side::North),
    ("ЮЖНОЙ ШИРОТЫ", Side::South),
    ("ВОСТОЧНОЙ ДОЛГОТЫ", Side::East),
    ("ЗАПАДНОЙ ДОЛГОТЫ", Side::West),
    ("С Ш", Side::North),
    ("Ю Ш", Side::South),
    ("В Д", Side::East),
    ("З Д", Side::West),
    ("СШ", Side::North),
    ("ЮШ", Side::South),
    ("ВД", Side::East),
    ("ЗД", Side::West),
    ("С", Side::North),
    ("Ю", Side::South),
    ("В", Side::East),
    ("З", Side::West),
    // The Cyrillic letter that looks like E, typed where E is meant; it begins no Russian side of the world.
    ("Е", Side::East),
    ("شمالاً", Side::North),
    ("جنوباً", Side::South),
    ("شرقاً", Side::East),
    ("غرباً", Side::West),
    ("شمالا", Side::North),
    ("جنوبا", Side::South),
    ("شرقا", Side::East),
    ("غربا", Side::West),
    ("شمال", Side::North),
    ("جنوب", Side::South),
    ("شرق", Side::East),
    ("غرب", Side::West),
    // Single letters: the last of east and of west, since north and east begin alike.
    ("ش", Side::North),
    ("ج", Side::South),
    ("ق", Side::East),
    ("غ", Side::West),
];

/// Brings a text into one form: digits of one script, one decimal mark, plain marks, capitals, single spaces.
pub(super) fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for character in text.trim().chars() {
        match character {
            '\u{0660}'..='\u{0669}' => push_digit(&mut plain, character, 0x0660),
            '\u{06f0}'..='\u{06f9}' => push_digit(&mut plain, character, 0x06f0),
            '٫' => plain.push('.'),
            '،' | '，' => plain.push(','),
            '؛' => plain.push(';'),
            '−' | '–' | '‐' | '‑' => plain.push('-'),
            'º' | '˚' => plain.push('°'),
            '\'' | '’' | '‘' | 'ʹ' | '´' | '`' => plain.push('′'),
            '"' | '”' | '“' | 'ʺ' => plain.push('″'),
            // Marks that only turn the line around, as texts of two directions need them.
            '\u{200e}' | '\u{200f}' | '\u{061c}' | '\u{feff}' => {}
            space if space.is_whitespace() => {
                if !plain.ends_with(' ') {
                    plain.push(' ');
                }
            }
            other => plain.extend(other.to_uppercase()),
        }
    }
    // Two marks of minutes are one of seconds.
    plain.replace("′′", "″").trim().to_owned()
}

fn push_digit(plain: &mut String, character: char, zero: u32) {
    plain.extend(char::from_digit(u32::from(character) - zero, 10));
}

/// Splits a plain text into tokens.
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, NotationError> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        let next = rest.get(character.len_utf8()..).unwrap_or_default();
        let token = match character {
            ' ' => None,
            ',' | ';' | '/' => Some(Token::Separator),
            '°' => Some(Token::Mark(Mark::Degrees)),
            '′' => Some(Token::Mark(Mark::Minutes)),
            '″' => Some(Token::Mark(Mark::Seconds)),
            '0'..='9' | '.' | '+' | '-' => {
                let (number, after) = number(rest)?;
                tokens.push(Token::Number(number));
                rest = after;
                continue;
            }
            _ => {
                let (side, after) = side(rest).ok_or(NotationError::Character { character })?;
                tokens.push(Token::Side(side));
                rest = after;
                continue;
            }
        };
        tokens.extend(token);
        rest = next;
    }
    Ok(tokens)
}

/// Takes a side of the world off the beginning.
pub(super) fn side(text: &str) -> Option<(Side, &str)> {
    let spelled = text.replace('.', " ");
    for (word, side) in SIDES {
        let Some(after) = strip_word(text, &spelled, word) else {
            continue;
        };
        // A longer word is not this one: `SEVEN` is no south.
        if !after.chars().next().is_some_and(char::is_alphabetic) {
            return Some((side, after));
        }
    }
    None
}

/// Takes a word off the beginning of a text; full stops of abbreviations count as spaces, and a last one goes along.
fn strip_word<'a>(text: &'a str, spelled: &str, word: &str) -> Option<&'a str> {
    let mut taken = 0;
    let mut letters = spelled.chars().peekable();
    for letter in word.chars() {
        if letter == ' ' {
            // Any number of stops and spaces between the two words of an abbreviation.
            let mut spaces = 0;
            while letters.next_if_eq(&' ').is_some() {
                spaces += 1;
            }
            if spaces == 0 {
                return None;
            }
            taken += spaces;
            continue;
        }
        if letters.next()? != letter {
            return None;
        }
        taken += letter.len_utf8();
    }
    let after = text.get(taken..)?;
    let is_abbreviation = word.chars().count() <= 3 && !word.is_ascii();
    let stopped = after.strip_prefix('.').filter(|_| is_abbreviation);
    Some(stopped.unwrap_or(after))
}

/// Takes a number off the beginning; at most one decimal mark, with a digit on either side of it.
fn number(text: &str) -> Result<(Number, &str), NotationError> {
    let sign = match text.chars().next() {
        Some('-') => Some(true),
        Some('+') => Some(false),
        _ => None,
    };
    let unsigned = match sign {
        Some(_) => text.get(1..).unwrap_or_default(),
        None => text,
    };
    let end = unsigned
        .find(|character: char| !character.is_ascii_digit() && character != '.')
        .unwrap_or(unsigned.len());
    let (written, after) = unsigned.split_at(end);
    let (whole, fraction) = written.split_once('.').unwrap_or((written, ""));
    let is_sound = !whole.is_empty()
        && !fraction.contains('.')
        && (!written.contains('.') || !fraction.is_empty());
    let value = match is_sound {
        true => written.parse().ok().filter(|value: &f64| value.is_finite()),
        false => None,
    };
    let value = value.ok_or(NotationError::Unreadable)?;
    let number = Number {
        value,
        whole: whole.to_owned(),
        decimals: u32::try_from(fraction.len()).unwrap_or(u32::MAX),
        sign,
    };
    Ok((number, after))
}
