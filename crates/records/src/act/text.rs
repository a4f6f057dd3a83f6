//! Texts, places, evidence and figures as several kinds of act state them.

use std::fmt;

use serde_json::Value as Json;

use super::member::{Content, Reading, parts, words};
use crate::document::Located;
use crate::finding::quoted;
use crate::local_text::LocalText;
use crate::names::{LanguageTag, MediaType, OfficeName};
use crate::place::{Path, Place};
use crate::table::text_of;
use detente_spacetime::{Instant, Position};

/// The longest text kept word for word, in bytes.
///
/// An entry has at most 65,535 bytes; a longer original is kept beside the ledger as a blob.
pub const VERBATIM_BYTES_MAX: usize = 32_768;

/// A text kept word for word, in whatever language and with whatever characters it came.
///
/// Nothing is refused but emptiness and length: it is evidence. Whoever shows it has to escape
/// what would not show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verbatim(String);

impl Verbatim {
    /// Returns the text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Content for Verbatim {
    fn read(value: &Located<'_>, path: &Path<'_>, reading: &mut Reading<'_>) -> Option<Self> {
        let text = text_of(value, path, &mut reading.problems)?;
        if (1..=VERBATIM_BYTES_MAX).contains(&text.len()) {
            return Some(Self(text.to_owned()));
        }
        let message = format!("a text of {} bytes", text.len());
        reading
            .problems
            .error("text_too_long", Place::new(path, 0..0), message)
            .help(format!(
                "give 1 to {VERBATIM_BYTES_MAX} bytes; a longer original belongs beside the ledger, \
                 named by its hash"
            ));
        None
    }

    fn written(&self) -> Option<Json> {
        Some(Json::from(self.as_str()))
    }
}

/// A SHA-256 hash, written in 64 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest([u8; 32]);

impl Digest {
    /// Takes the 32 bytes of a hash.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Reads 64 lower-case hexadecimal digits.
    pub fn parse(text: &str) -> Option<Self> {
        let digit = |byte: u8| match byte {
            b'0'..=b'9' => Some(byte - b'0'),
            b'a'..=b'f' => Some(byte - b'a' + 10),
            _ => None,
        };
        let (pairs, rest) = text.as_bytes().as_chunks::<2>();
        if pairs.len() != 32 || !rest.is_empty() {
            return None;
        }
        let mut bytes = [0; 32];
        for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
            *byte = digit(*high)? << 4 | digit(*low)?;
        }
        Some(Self(bytes))
    }

    /// Returns the bytes.
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0
            .iter()
            .try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{self}")
    }
}

impl Content for Digest {
    fn read(value: &Located<'_>, path: &Path<'_>, reading: &mut Reading<'_>) -> Option<Self> {
        let text = text_of(value, path, &mut reading.problems)?;
        let digest = Self::parse(text);
        if digest.is_none() {
            let message = format!("{} is not a SHA-256 hash", quoted(text));
            reading
                .problems
                .error("invalid_hash", Place::new(path, 0..0), message)
                .help("write 64 hexadecimal digits in lower case");
        }
        digest
    }

    fn written(&self) -> Option<Json> {
        Some(Json::from(self.to_string()))
    }
}

words! {
    /// How exactly a place is known.
    PlacePrecision: "precision of a place" {
        /// The very building or point.
        Exact = "exact",
        /// A part of a town.
        Neighbourhood = "neighbourhood",
        /// A town or village.
        Settlement = "settlement",
        /// A district or more.
        District = "district",
        /// Not known.
        Unknown = "unknown",
    }

    /// How exactly a time is known.
    TimePrecision: "precision of a time" {
        /// To the minute.
        Minute = "minute",
        /// To the hour.
        Hour = "hour",
        /// Morning, afternoon, night.
        PartOfDay = "part_of_day",
        /// To the day.
        Day = "day",
        /// Not known.
        Unknown = "unknown",
    }

    /// How reliable a source is: the letter of the Admiralty scale.
    SourceReliability: "reliability of a source" {
        /// Completely reliable.
        A = "A",
        /// Usually reliable.
        B = "B",
        /// Fairly reliable.
        C = "C",
        /// Not usually reliable.
        D = "D",
        /// Unreliable.
        E = "E",
        /// Cannot be judged.
        F = "F",
    }

    /// How credible an information is: the digit of the Admiralty scale, independent of the letter.
    Credibility: "credibility of an information" {
        /// Confirmed by others.
        Confirmed = "1",
        /// Probably true.
        Probable = "2",
        /// Possibly true.
        Possible = "3",
        /// Doubtful.
        Doubtful = "4",
        /// Improbable.
        Improbable = "5",
        /// Cannot be judged.
        Unjudged = "6",
    }
}

parts! {
    /// Something too large for an entry, kept beside the ledger and named by its hash.
    pub Blob {
        /// SHA-256 of its bytes.
        sha256: Digest,
        /// How many bytes it has.
        bytes: u32,
        /// What form it has.
        media_type: MediaType,
    }

    /// An item of evidence: the original is kept, its hash and its keepers are on record.
    pub Evidence {
        /// What it is.
        title: LocalText,
        /// The original.
        original: Blob,
        /// Who has kept it, from the first keeper to the present one.
        custody: Vec<Custody>,
        /// By how many seconds the recording device's clock was ahead of UTC, if that is known.
        clock_ahead_s: Option<f64>,
        /// How that is known.
        clock_basis: Option<LocalText>,
    }

    /// One keeper of an item of evidence.
    pub Custody {
        /// Who kept it.
        keeper: OfficeName,
        /// From when.
        since: Instant,
    }

    /// A grade: letter and digit, each judged on its own.
    pub Grade {
        /// The source's reliability.
        reliability: SourceReliability,
        /// The information's credibility.
        credibility: Credibility,
    }

    /// Casualties as one source states them; figures of several sources are never averaged.
    pub Harm {
        /// Civilians killed.
        killed: Option<Estimate>,
        /// Civilians injured.
        injured: Option<Estimate>,
        /// Words of the source about the figures.
        note: Option<LocalText>,
    }

    /// A place as somebody stated it.
    pub StatedPlace {
        /// Its name as written or said, with whatever variant of spelling.
        name: Option<LocalText>,
        /// Where it is taken to be.
        position: Option<StatedPosition>,
        /// How exactly it is known.
        precision: PlacePrecision,
    }
}

/// A position as somebody stated it: the words, and the coordinates they were taken for.
///
/// WGS84; degrees.
#[derive(Clone, Debug, PartialEq)]
pub struct StatedPosition {
    said: Option<String>,
    position: Position,
}

impl StatedPosition {
    /// Returns the coordinates as they were said or written, if that differs from the degrees.
    pub fn said(&self) -> Option<&str> {
        self.said.as_deref()
    }

    /// Returns where that is.
    pub fn position(&self) -> Position {
        self.position
    }
}

impl Content for StatedPosition {
    fn read(value: &Located<'_>, path: &Path<'_>, reading: &mut Reading<'_>) -> Option<Self> {
        let read = wire::Coordinates::read(value, path, reading)?;
        match Position::new(read.latitude_deg, read.longitude_deg) {
            Ok(position) => Some(Self {
                said: read.said.map(|said| said.0),
                position,
            }),
            Err(error) => {
                reading
                    .problems
                    .error(
                        "invalid_position",
                        Place::new(path, 0..0),
                        error.to_string(),
                    )
                    .help("give degrees: latitude from -90 to 90, longitude from -180 to 180");
                None
            }
        }
    }

    fn written(&self) -> Option<Json> {
        wire::Coordinates {
            said: self.said.clone().map(Verbatim),
            latitude_deg: self.position.latitude_deg(),
            longitude_deg: self.position.longitude_deg(),
        }
        .written()
    }
}

/// A count that is not known exactly: at least, most likely, at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Estimate {
    low: u32,
    best: Option<u32>,
    high: Option<u32>,
}

impl Estimate {
    /// Takes an estimate whose figures do not contradict each other.
    pub fn new(low: u32, best: Option<u32>, high: Option<u32>) -> Option<Self> {
        let ordered = best.is_none_or(|best| low <= best)
            && high.is_none_or(|high| best.unwrap_or(low) <= high);
        ordered.then_some(Self { low, best, high })
    }

    /// Returns the least the source states.
    pub fn low(self) -> u32 {
        self.low
    }

    /// Returns what the source holds most likely, if it says so.
    pub fn best(self) -> Option<u32> {
        self.best
    }

    /// Returns the most the source states; none when it says "at least".
    pub fn high(self) -> Option<u32> {
        self.high
    }
}

impl Content for Estimate {
    fn read(value: &Located<'_>, path: &Path<'_>, reading: &mut Reading<'_>) -> Option<Self> {
        let figures = wire::Figures::read(value, path, reading)?;
        let estimate = Self::new(figures.low, figures.best, figures.high);
        if estimate.is_none() {
            reading
                .problems
                .error(
                    "empty_range",
                    Place::new(path, 0..0),
                    "`low`, `best` and `high` are not in this order",
                )
                .help("low ≤ best ≤ high; leave out what the source does not state");
        }
        estimate
    }

    fn written(&self) -> Option<Json> {
        wire::Figures {
            low: self.low,
            best: self.best,
            high: self.high,
        }
        .written()
    }
}

parts! {
    /// What one source says of an event, kept verbatim in its own language.
    pub Account {
        /// Who says it.
        source: OfficeName,
        /// What it says, word for word.
        text: Verbatim,
        /// In which language.
        language: LanguageTag,
        /// How it came in: a call, a letter, a publication.
        channel: Option<LocalText>,
        /// Where it says that it happened.
        place: StatedPlace,
        /// When it says that it happened.
        at: Option<Instant>,
        /// How exactly it says when.
        time_precision: TimePrecision,
        /// The casualties it states.
        harm: Option<Harm>,
        /// The recipient's own grade of it.
        grade: Option<Grade>,
        /// What it shows for it.
        evidence: Vec<Evidence>,
    }
}

/// What is written for a value whose fields are private.
mod wire {
    use super::Verbatim;
    use crate::act::member::parts;

    parts! {
        /// A [`super::StatedPosition`].
        pub(super) Coordinates {
            /// As said.
            said: Option<Verbatim>,
            /// Degrees north.
            latitude_deg: f64,
            /// Degrees east.
            longitude_deg: f64,
        }

        /// An [`super::Estimate`].
        pub(super) Figures {
            /// At least.
            low: u32,
            /// Most likely.
            best: Option<u32>,
            /// At most.
            high: Option<u32>,
        }
    }
}
