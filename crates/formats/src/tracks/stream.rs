//! A source that goes on for ever: bytes in as they arrive, reports out as soon as they are whole.
//!
//! Nothing waits here and nothing ends: whoever reads the source hands over what came, in pieces of any size, and can ask at
//! any time what could not be read. Behind something that cannot be read, reading goes on with the next line, or with the next
//! document that begins one.

use super::{
    LINE_BYTES_MAX, Message, Report, Sink, Tally, TrackFormat, detect,
    framing::{Found, Frame, document, line_ends},
    gpx, json_lines, lines, opensky, readsb, sbs,
};

/// The largest JSON document of a source that goes on for ever, in bytes: all aircraft of the earth have some ten million.
pub const LIVE_DOCUMENT_BYTES_MAX: usize = 64 << 20;
/// So much of a source tells its format, in bytes, unless its first line does.
const BEGINNING_BYTES: usize = 8 << 10;

/// Reads a source piece by piece.
#[derive(Debug)]
pub struct TrackStream {
    format: Option<TrackFormat>,
    tally: Tally,
    /// What came of the line or document that is not whole yet.
    kept: Vec<u8>,
    /// How much of it was looked at.
    seen: usize,
    /// Lines that came before it.
    lines: u64,
    frame: Frame,
}

impl TrackStream {
    /// Begins; without a format, the source's first line or first few thousand bytes tell it.
    #[must_use]
    pub fn new(format: Option<TrackFormat>) -> Self {
        Self {
            format,
            tally: Tally::default(),
            kept: Vec::new(),
            seen: 0,
            lines: 0,
            frame: Frame::default(),
        }
    }

    /// What came of it so far.
    #[must_use]
    pub fn tally(&self) -> &Tally {
        &self.tally
    }

    /// The format, once it is known.
    #[must_use]
    pub fn format(&self) -> Option<TrackFormat> {
        self.format
    }

    /// Takes the next bytes and hands over every report they complete.
    ///
    /// # Cost
    ///
    /// Linear; memory for one line, or for one document.
    pub fn push(&mut self, bytes: &[u8], report: &mut dyn FnMut(Report)) {
        self.kept.extend_from_slice(bytes);
        self.read(false, report);
    }

    /// Takes the end of the source.
    pub fn finish(&mut self, report: &mut dyn FnMut(Report)) {
        self.read(true, report);
        self.kept.clear();
        self.seen = 0;
    }

    fn read(&mut self, is_end: bool, report: &mut dyn FnMut(Report)) {
        let mut taken = 0;
        while taken < self.kept.len() {
            let Some(format) = self.format.or_else(|| self.told(taken, is_end)) else {
                let Some(length) = self.unknown(taken) else {
                    break;
                };
                let bytes = self.kept.get(taken..taken + length).unwrap_or_default();
                taken = if bytes.iter().all(u8::is_ascii_whitespace) {
                    self.passed(taken, length)
                } else {
                    self.pass_over(taken, length, "in no format that is known")
                };
                continue;
            };
            self.format = Some(format);
            let rest = self.kept.get(taken..).unwrap_or_default();
            let found = match format {
                TrackFormat::Sbs | TrackFormat::JsonLines => {
                    line(rest, &mut self.seen, is_end, &mut self.frame)
                }
                TrackFormat::Readsb | TrackFormat::OpenSky => {
                    let most = LIVE_DOCUMENT_BYTES_MAX;
                    document(rest, &mut self.seen, is_end, &mut self.frame, most)
                }
                TrackFormat::Gpx => whole(rest, is_end),
            };
            match found {
                Found::Whole(length) => {
                    self.take(format, taken, length, report);
                    taken = self.passed(taken, length);
                }
                Found::Bad(length, reason) => taken = self.pass_over(taken, length, reason),
                Found::Blank(length) => taken = self.passed(taken, length),
                Found::More => break,
            }
        }
        self.kept.drain(..taken);
    }

    /// The format, by what came so far.
    fn told(&self, taken: usize, is_end: bool) -> Option<TrackFormat> {
        let rest = self.kept.get(taken..).unwrap_or_default();
        let enough = is_end || rest.len() >= BEGINNING_BYTES || rest.contains(&b'\n');
        let beginning = rest.get(..BEGINNING_BYTES).unwrap_or(rest);
        enough.then(|| detect(beginning)).flatten()
    }

    /// How much of the beginning to pass over, because it is in no format.
    fn unknown(&self, taken: usize) -> Option<usize> {
        let rest = self.kept.get(taken..).unwrap_or_default();
        match rest.iter().position(|byte| *byte == b'\n') {
            Some(end) if rest.len() >= BEGINNING_BYTES || !rest.starts_with(b"{") => Some(end + 1),
            None if rest.len() > LINE_BYTES_MAX => Some(rest.len()),
            Some(_) | None => None,
        }
    }

    fn pass_over(&mut self, taken: usize, length: usize, reason: &str) -> usize {
        self.tally.refuse(self.lines + 1, reason);
        self.passed(taken, length)
    }

    fn passed(&mut self, taken: usize, length: usize) -> usize {
        let rest = self.kept.get(taken..taken + length).unwrap_or_default();
        self.lines += line_ends(rest);
        self.seen = 0;
        taken + length
    }

    fn take(
        &mut self,
        format: TrackFormat,
        taken: usize,
        length: usize,
        report: &mut dyn FnMut(Report),
    ) {
        let bytes = self.kept.get(taken..taken + length).unwrap_or_default();
        let mut sink = Sink {
            tally: &mut self.tally,
            report,
        };
        let number = self.lines + 1;
        match format {
            TrackFormat::Sbs => one(bytes, number, &mut sink, sbs::message),
            TrackFormat::JsonLines => one(bytes, number, &mut sink, json_lines::message),
            TrackFormat::Readsb => readsb::snapshot(bytes, number, &mut sink),
            TrackFormat::OpenSky => opensky::answer(bytes, number, &mut sink),
            TrackFormat::Gpx => {
                let mut input = bytes;
                // Bytes in memory can always be read.
                let _ = gpx::read(&mut input, &mut sink);
            }
        }
    }
}

/// Reads one line, which may end with its end.
fn one(
    bytes: &[u8],
    number: u64,
    sink: &mut Sink<'_>,
    message: fn(&str, &mut Tally) -> Result<Message, String>,
) {
    match std::str::from_utf8(bytes).map(lines::trimmed) {
        Ok("") => {}
        Ok(line) => {
            let read = message(line, sink.tally);
            sink.take(number, read);
        }
        Err(_) => sink.take(number, Err("not UTF-8".to_owned())),
    }
}

/// Finds the end of the line that `rest` begins with.
fn line(rest: &[u8], seen: &mut usize, is_end: bool, frame: &mut Frame) -> Found {
    let fresh = rest.get(*seen..).unwrap_or_default();
    let end = fresh.iter().position(|byte| *byte == b'\n');
    let length = end.map_or(rest.len(), |end| *seen + end + 1);
    if frame.skipping {
        frame.skipping = end.is_none();
        return Found::Blank(length);
    }
    if length > LINE_BYTES_MAX {
        frame.skipping = end.is_none();
        return Found::Bad(length, "a line of more than 64 KiB");
    }
    if end.is_some() || is_end {
        return Found::Whole(length);
    }
    *seen = rest.len();
    Found::More
}

/// A document that can only be read whole.
fn whole(rest: &[u8], is_end: bool) -> Found {
    if rest.len() > LIVE_DOCUMENT_BYTES_MAX {
        return Found::Bad(rest.len(), "a document of more than 64 MiB");
    }
    if is_end {
        Found::Whole(rest.len())
    } else {
        Found::More
    }
}
