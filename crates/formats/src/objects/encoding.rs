//! How the characters of a sheet are encoded: told by the bytes, or by whoever gives it.
//!
//! UTF-8 and UTF-16 show themselves. The single-byte encodings of Arabic and Russian do not: the same bytes are sound in
//! each, and say different things. They are recognised well enough to be named, and read only when somebody names them.

use detente_records::{Place, Problems};
use encoding_rs::{Encoding as Known, UTF_16BE, UTF_16LE, WINDOWS_1251, WINDOWS_1256};

use super::OBJECTS_BYTES_MAX;

/// Of the letters above ASCII, the part in the lower half of the alphabet that Arabic has and Russian has not, in percent:
/// Russian has its capitals there.
const ARABIC_SHARE_MIN: usize = 35;

/// An encoding that is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// Unicode in bytes.
    Utf8,
    /// Unicode in pairs of bytes, as spreadsheets write it, in either order.
    Utf16,
    /// Cyrillic on Windows.
    Windows1251,
    /// Arabic on Windows.
    Windows1256,
}

impl Encoding {
    /// Every encoding.
    pub const ALL: [Self; 4] = [
        Self::Utf8,
        Self::Utf16,
        Self::Windows1251,
        Self::Windows1256,
    ];

    /// Its usual name.
    pub const fn wire_name(self) -> &'static str {
        match self {
            Self::Utf8 => "utf-8",
            Self::Utf16 => "utf-16",
            Self::Windows1251 => "windows-1251",
            Self::Windows1256 => "windows-1256",
        }
    }

    /// The encoding of this name.
    pub fn named(name: &str) -> Option<Self> {
        let name = name.to_ascii_lowercase();
        Self::ALL
            .into_iter()
            .find(|encoding| encoding.wire_name() == name)
    }
}

/// Reads bytes as text.
pub(super) fn decoded(
    bytes: &[u8],
    stated: Option<Encoding>,
    problems: &mut Problems,
) -> Option<(String, Encoding)> {
    if bytes.len() > OBJECTS_BYTES_MAX {
        let message = format!("{} bytes, more than {OBJECTS_BYTES_MAX}", bytes.len());
        problems
            .error("document_too_long", Place::default(), message)
            .help("split it into several files");
        return None;
    }
    let found = match (marked(bytes), stated) {
        (Some((known, rest)), _) => strictly(known, rest).map(|text| (text, Encoding::Utf16)),
        (None, Some(Encoding::Windows1251)) => {
            strictly(WINDOWS_1251, bytes).map(|text| (text, Encoding::Windows1251))
        }
        (None, Some(Encoding::Windows1256)) => {
            strictly(WINDOWS_1256, bytes).map(|text| (text, Encoding::Windows1256))
        }
        (None, Some(Encoding::Utf16)) => {
            strictly(UTF_16LE, bytes).map(|text| (text, Encoding::Utf16))
        }
        (None, None | Some(Encoding::Utf8)) => {
            let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
            let text = std::str::from_utf8(bytes).ok();
            text.map(|text| (text.to_owned(), Encoding::Utf8))
        }
    };
    let Some((text, encoding)) = found else {
        unreadable(bytes, stated, problems);
        return None;
    };
    if text.contains('\0') {
        problems
            .error(
                "invalid_encoding",
                Place::default(),
                "the file holds bytes that are no text",
            )
            .help("save the sheet as CSV in UTF-8; a workbook (xlsx, ods) is not read");
        return None;
    }
    Some((text, encoding))
}

/// The encoding that a mark at the beginning shows.
fn marked(bytes: &[u8]) -> Option<(&'static Known, &[u8])> {
    match bytes {
        [0xff, 0xfe, rest @ ..] => Some((UTF_16LE, rest)),
        [0xfe, 0xff, rest @ ..] => Some((UTF_16BE, rest)),
        _ => None,
    }
}

/// Decodes without replacing anything.
fn strictly(known: &'static Known, bytes: &[u8]) -> Option<String> {
    let text = known.decode_without_bom_handling_and_without_replacement(bytes);
    text.map(std::borrow::Cow::into_owned)
}

fn unreadable(bytes: &[u8], stated: Option<Encoding>, problems: &mut Problems) {
    let place = Place {
        line: Some(line_of_fault(bytes)),
        ..Place::default()
    };
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(&[0xd0, 0xcf, 0x11, 0xe0]) {
        problems
            .error(
                "invalid_encoding",
                place,
                "this is a workbook, not a table of text",
            )
            .help("save the sheet as CSV in UTF-8");
        return;
    }
    let message = match stated {
        Some(encoding) => format!("the file is not {}", encoding.wire_name()),
        None => match guessed(bytes) {
            Some(encoding) => format!(
                "the file is not UTF-8; it looks like {}",
                encoding.wire_name()
            ),
            None => "the file is not UTF-8, and its encoding cannot be told".to_owned(),
        },
    };
    problems.error("invalid_encoding", place, message).help(
        "save it as UTF-8, or name the encoding (windows-1251, windows-1256, utf-16) and read the names back",
    );
}

/// The line of the first byte that is not UTF-8.
fn line_of_fault(bytes: &[u8]) -> u32 {
    let sound = match std::str::from_utf8(bytes) {
        Ok(_) => bytes.len(),
        Err(error) => error.valid_up_to(),
    };
    let before = bytes.get(..sound).unwrap_or_default();
    let lines = before.iter().filter(|byte| **byte == b'\n').count();
    u32::try_from(lines + 1).unwrap_or(u32::MAX)
}

/// The encoding that bytes look like: Arabic on Windows has most of its letters where Russian has its capitals.
fn guessed(bytes: &[u8]) -> Option<Encoding> {
    let letters = bytes.iter().filter(|byte| **byte >= 0xc0).count();
    let upper = bytes
        .iter()
        .filter(|byte| (0xc0..0xe0).contains(*byte))
        .count();
    let high = bytes.iter().filter(|byte| **byte >= 0x80).count();
    // Hardly any letters of another alphabet: French or German, or no text at all.
    if letters < 4 || letters * 2 < high {
        return None;
    }
    Some(match upper * 100 >= letters * ARABIC_SHARE_MIN {
        true => Encoding::Windows1256,
        false => Encoding::Windows1251,
    })
}
