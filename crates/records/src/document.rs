//! A document as a tree of values that know where they stand; the same for JSON and TOML.

use std::borrow::Cow;
use std::ops::Range;

use serde_json::{Number, Value as Json};

use crate::finding::Problems;
use crate::place::{Path, Place};

/// The deepest nesting of tables and lists read.
///
/// The profile needs nine levels; the rest is room for foreign members. A reader may recurse, so
/// the limit is also what keeps the stack bounded.
pub const NESTING_MAX: usize = 64;

/// The longest text value, in bytes: a page of prose, not a file in disguise.
pub const TEXT_BYTES_MAX: usize = 65_536;

/// The longest key, in bytes; keys are repeated in pointers and messages.
pub const KEY_BYTES_MAX: usize = 256;

/// The most members of one table: an agreement has dozens, a feature a few tens.
pub const MEMBERS_MAX: usize = 4_096;

/// A value and the bytes of the document it fills.
#[derive(Clone, Debug, PartialEq)]
pub struct Located<'t> {
    /// Bytes of the document, from its start.
    pub span: Range<usize>,
    /// The value.
    pub value: Value<'t>,
}

/// What can stand in a document.
#[derive(Clone, Debug, PartialEq)]
pub enum Value<'t> {
    /// JSON `null`, read as absent.
    Null,
    /// True or false.
    Boolean(bool),
    /// A finite number.
    Number(f64),
    /// Text.
    Text(Cow<'t, str>),
    /// A TOML date or time, as written in RFC 3339; JSON has none.
    Moment(String),
    /// A list.
    List(Vec<Located<'t>>),
    /// A table (JSON object), in the order written, each key once.
    Table(Vec<Member<'t>>),
    /// Something whose problem has been reported already.
    Invalid,
}

impl Value<'_> {
    /// Returns the kind of value, for messages.
    pub fn described(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Boolean(_) => "true or false",
            Self::Number(_) => "a number",
            Self::Text(_) => "text",
            Self::Moment(_) => "a date or time",
            Self::List(_) => "a list",
            Self::Table(_) => "an object",
            Self::Invalid => "something unreadable",
        }
    }
}

impl Value<'_> {
    /// Returns the value as JSON; whole numbers are written without a fraction, dates as text.
    pub fn to_json(&self) -> Json {
        match self {
            Self::Null | Self::Invalid => Json::Null,
            Self::Boolean(boolean) => Json::from(*boolean),
            Self::Number(float) => json_number(*float),
            Self::Text(text) => Json::from(text.as_ref()),
            Self::Moment(text) => Json::from(text.as_str()),
            Self::List(items) => items.iter().map(|item| item.value.to_json()).collect(),
            Self::Table(members) => {
                let member =
                    |member: &Member<'_>| (member.key.to_string(), member.value.value.to_json());
                Json::Object(members.iter().map(member).collect())
            }
        }
    }
}

/// The largest whole number that a double tells from its neighbours.
pub(crate) const WHOLE_MAX: f64 = 9_007_199_254_740_992.0;

/// Returns a number as JSON; a whole one without a fraction.
pub(crate) fn json_number(float: f64) -> Json {
    if float.fract() == 0.0 && float.abs() <= WHOLE_MAX {
        Json::from(float as i64)
    } else {
        Number::from_f64(float).map_or(Json::Null, Json::Number)
    }
}

/// One entry of a table.
#[derive(Clone, Debug, PartialEq)]
pub struct Member<'t> {
    /// The key.
    pub key: Cow<'t, str>,
    /// Bytes of the key in the document.
    pub key_span: Range<usize>,
    /// The value.
    pub value: Located<'t>,
}

/// Returns the bytes of a document as text, without a byte order mark.
///
/// `offset` is where `bytes` begin in the document, `path` what they are. Anything but UTF-8 is
/// reported, with the first byte that is not; a UTF-8 byte order mark is noted and dropped.
pub fn utf8<'t>(
    bytes: &'t [u8],
    offset: usize,
    path: &Path<'_>,
    problems: &mut Problems,
) -> Option<(&'t str, usize)> {
    let (bytes, offset) = match bytes {
        [0xef, 0xbb, 0xbf, rest @ ..] if offset == 0 => {
            problems
                .note(
                    "byte_order_mark",
                    Place::new(path, 0..3),
                    "the byte order mark is ignored",
                )
                .help("save the file as UTF-8 without a byte order mark");
            (rest, 3)
        }
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] if offset == 0 => {
            problems
                .error(
                    "not_utf8",
                    Place::new(path, 0..2),
                    "the file is UTF-16, not UTF-8",
                )
                .help("save the file as UTF-8");
            return None;
        }
        other => (other, offset),
    };
    match std::str::from_utf8(bytes) {
        Ok(text) => Some((text, offset)),
        Err(error) => {
            let at = offset + error.valid_up_to();
            let length = error.error_len().unwrap_or(1);
            problems
                .error(
                    "not_utf8",
                    Place::new(path, at..at + length),
                    "these bytes are not UTF-8",
                )
                .help("save the file as UTF-8");
            None
        }
    }
}
