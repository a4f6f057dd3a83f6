//! Tracks from many sources: where something was reported to be, and by whom.
//!
//! A source may be cut off, garbled or hostile: what cannot be read is counted, the first of it is told with its place, and
//! reading goes on. Nothing is attributed: origin countries, operators and owners that some formats carry are not read.

mod ahead;
mod detect;
mod documents;
mod framing;
mod gpx;
pub mod hostile;
mod json_lines;
mod lines;
mod opensky;
mod readsb;
mod sbs;
mod stream;
mod xml;

use std::borrow::Cow;
use std::io::{self, BufRead};
use std::sync::Arc;

use detente_spacetime::{Altitude, Instant, Position};

pub use ahead::read_tracks_ahead;
pub use detect::detect;
pub use gpx::is_unnamed;
pub use stream::{LIVE_DOCUMENT_BYTES_MAX, TrackStream};

/// The longest line that is read, in bytes; a line of any of these formats has a few hundred.
pub const LINE_BYTES_MAX: usize = 64 << 10;
/// The largest JSON or XML document that is read whole, in bytes: a snapshot of all aircraft of the earth has some ten million,
/// and a file any number of snapshots.
pub const DOCUMENT_BYTES_MAX: u64 = 256 << 20;
/// The longest identity, in bytes: an address has six characters, a name of a recording some more.
pub const TRACK_BYTES_MAX: usize = 128;
/// Hexadecimal digits of an address: 24 bits.
const ADDRESS_DIGITS: usize = 6;
/// How many of the unreadable places are told one by one; the rest is counted.
pub const REFUSED_TOLD_MAX: usize = 20;

/// The format of a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TrackFormat {
    /// `aircraft.json` of readsb and dump1090: one or more snapshots.
    Readsb,
    /// Lines of the BaseStation socket, "SBS-1".
    Sbs,
    /// State vectors of the OpenSky Network's interface.
    OpenSky,
    /// One JSON object a line, as docs/reference/tracks.md has it.
    JsonLines,
    /// GPS Exchange Format 1.1.
    Gpx,
}

impl TrackFormat {
    /// Every format with its name.
    pub const ALL: [(&'static str, Self); 5] = [
        ("readsb", Self::Readsb),
        ("sbs", Self::Sbs),
        ("opensky", Self::OpenSky),
        ("jsonl", Self::JsonLines),
        ("gpx", Self::Gpx),
    ];
}

/// One report of a position.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// The identity it was reported under: an address, a name.
    pub track: Arc<str>,
    /// When, on the clock of the source.
    pub at: Instant,
    /// Where.
    pub position: Position,
    /// How high; none when the source does not say, or not from which reference.
    pub altitude: Option<Altitude>,
    /// Who reported it, where the format says.
    pub source: Option<Arc<str>>,
}

/// Why something was not read as a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The line, from 1.
    pub line: u64,
    /// What is wrong with it.
    pub reason: String,
}

/// What came of reading a source.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Reports handed over.
    pub reports: u64,
    /// Messages that are in order but tell no position, or no time.
    pub without_position: u64,
    /// Reports whose altitude was left out, because it is no altitude or names no reference.
    pub without_reference: u64,
    /// Lines or entries that could not be read.
    pub refused: u64,
    /// The first [`REFUSED_TOLD_MAX`] of them.
    pub first_refused: Vec<Refused>,
}

impl Tally {
    /// Adds what came of another source.
    pub fn add(&mut self, other: Self) {
        self.reports += other.reports;
        self.without_position += other.without_position;
        self.without_reference += other.without_reference;
        self.refused += other.refused;
        let room = REFUSED_TOLD_MAX.saturating_sub(self.first_refused.len());
        self.first_refused
            .extend(other.first_refused.into_iter().take(room));
    }

    fn refuse(&mut self, line: u64, reason: impl Into<String>) {
        self.refused += 1;
        if self.first_refused.len() < REFUSED_TOLD_MAX {
            self.first_refused.push(Refused {
                line,
                reason: reason.into(),
            });
        }
    }
}

/// What a message of a source turned out to be.
enum Message {
    Report(Report),
    /// In order, but without a position.
    Other,
}

/// Reads a source to its end and hands over every report in the order of the source.
///
/// # Errors
///
/// Only when `input` cannot be read; what it holds is never an error.
///
/// # Cost
///
/// Linear; memory for one line, or for one document of JSON or XML.
pub fn read_tracks(
    format: TrackFormat,
    input: &mut dyn BufRead,
    report: &mut dyn FnMut(Report),
) -> io::Result<Tally> {
    let mut tally = Tally::default();
    let mut sink = Sink {
        tally: &mut tally,
        report,
    };
    match format {
        TrackFormat::Sbs => lines::each(input, &mut sink, sbs::message)?,
        TrackFormat::JsonLines => lines::each(input, &mut sink, json_lines::message)?,
        TrackFormat::Readsb | TrackFormat::OpenSky => documents::each(format, input, &mut sink)?,
        TrackFormat::Gpx => gpx::read(input, &mut sink)?,
    }
    Ok(tally)
}

/// Where what was read goes.
struct Sink<'a> {
    tally: &'a mut Tally,
    report: &'a mut dyn FnMut(Report),
}

impl Sink<'_> {
    fn take(&mut self, line: u64, message: Result<Message, String>) {
        match message {
            Ok(Message::Report(report)) => {
                self.tally.reports += 1;
                (self.report)(report);
            }
            Ok(Message::Other) => self.tally.without_position += 1,
            Err(reason) => self.tally.refuse(line, reason),
        }
    }

    /// Keeps an altitude, or counts that it told nothing.
    fn altitude(&mut self, altitude: Option<Altitude>, told: bool) -> Option<Altitude> {
        if told && altitude.is_none() {
            self.tally.without_reference += 1;
        }
        altitude
    }
}

/// An identity as tracks go by it: an ICAO address, with or without the `~` of one that is not ICAO's, is written in small
/// letters, since programs write it either way; anything else is left as it is.
#[must_use]
pub fn canonical_identity(text: &str) -> Cow<'_, str> {
    let digits = text.strip_prefix('~').unwrap_or(text).as_bytes();
    let is_address = digits.len() == ADDRESS_DIGITS && digits.iter().all(u8::is_ascii_hexdigit);
    if is_address && digits.iter().any(u8::is_ascii_uppercase) {
        Cow::Owned(text.to_ascii_lowercase())
    } else {
        Cow::Borrowed(text)
    }
}

/// The identity of a track.
fn identity(text: &str) -> Result<Arc<str>, String> {
    name(&canonical_identity(text.trim()))
}

/// A name fit to print: bounded, without control characters.
fn name(text: &str) -> Result<Arc<str>, String> {
    let is_plain = |byte: &u8| byte.is_ascii_graphic();
    if (1..=TRACK_BYTES_MAX).contains(&text.len()) && text.as_bytes().iter().all(is_plain) {
        return Ok(Arc::from(text));
    }
    let text = text.trim();
    let printable = |c: char| !c.is_control() && !detente_records::characters::is_invisible(c);
    if text.is_empty() {
        Err("no identity".to_owned())
    } else if text.len() > TRACK_BYTES_MAX {
        Err(format!("an identity of more than {TRACK_BYTES_MAX} bytes"))
    } else if text.chars().all(printable) {
        Ok(Arc::from(text))
    } else {
        Err("an identity with characters that do not show".to_owned())
    }
}

fn position(latitude_deg: f64, longitude_deg: f64) -> Result<Position, String> {
    Position::new(latitude_deg, longitude_deg).map_err(|error| error.to_string())
}

/// The instant a text tells, to the microsecond begun: RFC 3339 allows any number of digits, and many programs write nine.
fn written_instant(text: &str) -> Result<Instant, String> {
    const DIGITS_MAX: usize = 6;
    let read = Instant::parse_rfc3339(text).or_else(|error| {
        // Few are written so: only what is not read as it is has to be looked at again.
        let cut = text.split_once('.').and_then(|(before, after)| {
            let digits = after.bytes().take_while(u8::is_ascii_digit).count();
            let kept = after.get(..DIGITS_MAX).filter(|_| digits > DIGITS_MAX)?;
            Some(format!("{before}.{kept}{}", after.get(digits..)?))
        });
        cut.map_or(Err(error), |cut| Instant::parse_rfc3339(&cut))
    });
    read.map_err(|error| error.to_string())
}

/// The instant so many seconds after 1970, to the nearest microsecond.
fn instant(seconds: f64) -> Result<Instant, String> {
    let micros = (seconds * 1e6).round();
    let fits = micros.is_finite() && micros.abs() < 1e18;
    fits.then(|| Instant::from_micros(micros as i64))
        .flatten()
        .ok_or_else(|| "a time beyond the years 1 to 9999".to_owned())
}
