//! What speaks against releasing a report; and the words that must not slip out through its text.

use std::fmt;

use detente_records::act::draft::{DraftPortion, ReportDraft};
use detente_records::act::edition::Edition;
use detente_records::{HolderId, LocalText, RecordId};
use detente_spacetime::notation::{self, NotationError, Stated};

use crate::folding::{folded, with_plain_digits};
use crate::marking::Denial;

/// Words of a source with fewer letters are not looked for in texts: they occur everywhere.
pub const SOURCE_WORD_LETTERS_MIN: usize = 4;
/// Decimals from which a number in a text can be a coordinate: 1.1 km, the finest cell.
const COORDINATE_DECIMALS_MIN: usize = 2;
/// How near a number in a text may come to a coordinate that cannot be sent, in degrees.
const COORDINATE_TOLERANCE_DEG: f64 = 0.01;
/// Words that a position is written in, at most: degrees, minutes, seconds and side of the world, each apart, twice.
const POSITION_WORDS_MAX: usize = 8;
/// How coarsely a position may be stated before it says no more than a cell of the grid.
const POSITION_PRECISION_M_MAX: f64 = 1_500.0;

/// Something that speaks against a release; said to whoever releases, and to nobody else.
#[derive(Clone, Debug, PartialEq)]
pub enum Objection {
    /// The report as a whole is marked for nobody.
    MarkedForNobody,
    /// No recipient is named.
    NoRecipients,
    /// A recipient is named twice.
    NamedTwice(HolderId),
    /// Nobody keeps a ledger under this name.
    UnknownRecipient(HolderId),
    /// A node does not release to itself.
    OwnNode,
    /// The marking of the whole does not admit a recipient.
    NotForRecipient(HolderId, Denial),
    /// No portion is left for a recipient.
    NothingForRecipient(HolderId),
    /// A portion is marked higher than the report as a whole, which everybody reads.
    BannerTooOpen,
    /// A report this one was made from is not held here, or not released to this node.
    UnknownSource(RecordId),
    /// A text names a source or a method.
    NamesSource {
        /// The portion whose source it is, by its index.
        portion: usize,
        /// Who would read it.
        recipient: HolderId,
    },
    /// A text states a position.
    StatesPosition {
        /// The portion whose position it is, by its index.
        portion: usize,
        /// Who would read it.
        recipient: HolderId,
    },
    /// More than can be sealed.
    TooLong(HolderId),
}

impl Objection {
    /// Returns the code of the objection.
    pub fn code(&self) -> &'static str {
        match self {
            Self::MarkedForNobody => "marked_for_nobody",
            Self::NoRecipients => "no_recipients",
            Self::NamedTwice(_) => "named_twice",
            Self::UnknownRecipient(_) => "unknown_recipient",
            Self::OwnNode => "own_node",
            Self::NotForRecipient(..) => "not_for_recipient",
            Self::NothingForRecipient(_) => "nothing_for_recipient",
            Self::BannerTooOpen => "marking_too_open",
            Self::UnknownSource(_) => "unknown_source",
            Self::NamesSource { .. } => "names_source",
            Self::StatesPosition { .. } => "states_position",
            Self::TooLong(_) => "too_long",
        }
    }

    /// Returns the way out.
    pub fn help(&self) -> &'static str {
        match self {
            Self::MarkedForNobody => {
                "give the report a `marking` with `classifications` and `releasable_to`; missing means nobody"
            }
            Self::NoRecipients => "name at least one recipient",
            Self::NamedTwice(_) => "state the terms of each recipient once",
            Self::UnknownRecipient(_) => "name a participant or an observer of the agreement",
            Self::OwnNode => "leave it out; the draft stays here",
            Self::NotForRecipient(..) => {
                "add the recipient to `marking.releasable_to`, or do not send it there"
            }
            Self::NothingForRecipient(_) => {
                "mark a portion for this recipient, and see that its terms leave something of it"
            }
            Self::BannerTooOpen => "raise the marking of the report to that of its portions",
            Self::UnknownSource(_) => "name reports that were released to this node, by their ids",
            Self::NamesSource { .. } => {
                "take the words of the source out of title, text and tearline; they cannot be sent"
            }
            Self::StatesPosition { .. } => {
                "take the coordinates out of title, text and tearline; a cell of the grid can be sent"
            }
            Self::TooLong(_) => "shorten the report, or make several of it",
        }
    }
}

impl fmt::Display for Objection {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MarkedForNobody => formatter.write_str("the report is marked for nobody"),
            Self::NoRecipients => formatter.write_str("no recipient is named"),
            Self::NamedTwice(who) => write!(formatter, "{who} is named twice"),
            Self::UnknownRecipient(who) => write!(formatter, "nobody keeps a ledger as {who}"),
            Self::OwnNode => formatter.write_str("the report would be released to its own node"),
            Self::NotForRecipient(who, denial) => {
                write!(formatter, "the report may not go to {who}: {denial}")
            }
            Self::NothingForRecipient(who) => {
                write!(formatter, "nothing of the report is left for {who}")
            }
            Self::BannerTooOpen => {
                formatter.write_str("a portion is marked higher than the report")
            }
            Self::UnknownSource(report) => {
                write!(
                    formatter,
                    "the report {report} was not released to this node"
                )
            }
            Self::NamesSource { portion, recipient } => write!(
                formatter,
                "what {recipient} would read names the source of portion {portion}"
            ),
            Self::StatesPosition { portion, recipient } => write!(
                formatter,
                "what {recipient} would read states the position of portion {portion}"
            ),
            Self::TooLong(who) => write!(formatter, "what {who} would read is too long"),
        }
    }
}

/// Something that a text gives away, by the portion it belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slip {
    /// It names the source or the method.
    Source(usize),
    /// It states the position.
    Position(usize),
}

impl fmt::Display for Slip {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Source(portion) => write!(formatter, "names the source of portion {portion}"),
            Self::Position(portion) => {
                write!(formatter, "states the position of portion {portion}")
            }
        }
    }
}

/// Returns what the texts of an edition would give away although no field of it could.
pub(crate) fn leaks(draft: &ReportDraft, edition: &Edition) -> Vec<Objection> {
    let mut texts: Vec<&LocalText> = edition.title.iter().collect();
    for portion in edition.portions.as_slice() {
        texts.extend(&portion.text);
        texts.extend(portion.harm.as_ref().and_then(|harm| harm.note.as_ref()));
    }
    let recipient = || edition.recipient.clone();
    let objection = |slip| match slip {
        Slip::Source(portion) => Objection::NamesSource {
            portion,
            recipient: recipient(),
        },
        Slip::Position(portion) => Objection::StatesPosition {
            portion,
            recipient: recipient(),
        },
    };
    slips(draft, &texts).into_iter().map(objection).collect()
}

/// Returns what texts that go with a report would give away of what its draft keeps at home.
pub fn slips(draft: &ReportDraft, texts: &[&LocalText]) -> Vec<Slip> {
    let texts: Vec<&str> = texts.iter().flat_map(|text| every(text)).collect();
    let words: Vec<String> = texts.iter().map(|text| folded(text)).collect();
    let numbers: Vec<f64> = texts.iter().flat_map(|text| coordinates(text)).collect();
    let positions: Vec<Stated> = texts.iter().flat_map(|text| positions(text)).collect();
    let said = Said {
        words,
        numbers,
        positions,
    };
    let mut found = Vec::new();
    for (portion, draft) in draft.portions.iter().enumerate() {
        let mut secrets = secrets(draft).into_iter();
        if secrets.any(|secret| said.names(&secret)) {
            found.push(Slip::Source(portion));
        }
        if states_position(draft, &said) {
            found.push(Slip::Position(portion));
        }
    }
    found
}

/// What texts say, made ready to be looked through.
struct Said {
    words: Vec<String>,
    numbers: Vec<f64>,
    positions: Vec<Stated>,
}

impl Said {
    fn names(&self, folded: &str) -> bool {
        self.words.iter().any(|words| words.contains(folded))
    }
}

/// The words of a portion's source, folded.
fn secrets(portion: &DraftPortion) -> Vec<String> {
    let Some(source) = &portion.source else {
        return Vec::new();
    };
    let fields = [&source.name, &source.method, &source.remark];
    let texts = fields.into_iter().flatten().flat_map(every);
    texts
        .map(folded)
        .filter(|words| words.chars().count() >= SOURCE_WORD_LETTERS_MIN)
        .collect()
}

fn states_position(portion: &DraftPortion, said: &Said) -> bool {
    let position = portion
        .place
        .as_ref()
        .and_then(|place| place.position.as_ref());
    let Some(position) = position else {
        return false;
    };
    let words = position.said().map(folded).unwrap_or_default();
    let is_said = words.len() >= SOURCE_WORD_LETTERS_MIN && said.names(&words);
    let near = |wanted: f64| {
        let mut numbers = said.numbers.iter();
        numbers.any(|number| (number.abs() - wanted.abs()).abs() < COORDINATE_TOLERANCE_DEG)
    };
    let position = position.position();
    let is_read = said.positions.iter().any(|stated| {
        let off = |one: f64, other: f64| (one - other).abs() < COORDINATE_TOLERANCE_DEG;
        off(stated.position.latitude_deg(), position.latitude_deg())
            && off(stated.position.longitude_deg(), position.longitude_deg())
    });
    is_said || is_read || (near(position.latitude_deg()) && near(position.longitude_deg()))
}

fn every(text: &LocalText) -> Vec<&str> {
    match text {
        LocalText::Plain(text) => vec![text],
        LocalText::ByLanguage(texts) => texts.values().map(String::as_str).collect(),
    }
}

/// Positions in a text, in whatever notation they can be read: of what can be read in two ways, both.
fn positions(text: &str) -> Vec<Stated> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let mut found = Vec::new();
    for start in 0..words.len() {
        for end in (start + 1)..=words.len().min(start + POSITION_WORDS_MAX) {
            let window = words.get(start..end).unwrap_or_default().join(" ");
            let window = window.trim_matches(|letter: char| {
                matches!(
                    letter,
                    '.' | ','
                        | ';'
                        | ':'
                        | '('
                        | ')'
                        | '['
                        | ']'
                        | '!'
                        | '?'
                        | '«'
                        | '»'
                        | '،'
                        | '؛'
                        | '؟'
                )
            });
            match notation::read(window) {
                Ok(stated) => found.push(stated),
                Err(NotationError::Ambiguous { first, second }) => found.extend([first, second]),
                Err(_) => {}
            }
        }
    }
    found.retain(|stated| stated.precision_m <= POSITION_PRECISION_M_MAX);
    found
}

/// Numbers in a text that are precise enough to be coordinates, with either decimal mark.
fn coordinates(text: &str) -> Vec<f64> {
    let text = with_plain_digits(text).replace('\u{066b}', ".");
    let commas = text.replace([',', '،'], ".");
    let mut numbers = with_points(&text);
    numbers.extend(with_points(&commas));
    numbers
}

fn with_points(text: &str) -> Vec<f64> {
    let parts = text.split(|letter: char| !letter.is_ascii_digit() && letter != '.');
    let precise = parts.filter(|part| {
        let decimals = part
            .split_once('.')
            .map_or(0, |(_, decimals)| decimals.len());
        decimals >= COORDINATE_DECIMALS_MIN
    });
    let numbers = precise.filter_map(|part| part.trim_end_matches('.').parse().ok());
    numbers.collect()
}
