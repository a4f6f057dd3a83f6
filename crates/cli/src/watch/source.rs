//! Files and folders as one row of fixes.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use detente_formats::tracks::{
    Report, TRACK_BYTES_MAX, Tally, TrackFormat, detect, is_unnamed, read_tracks_ahead,
};
use detente_ledger::hash::Hash;
use detente_monitoring::Fix;

use super::line::Place;
use super::order::listed;
use super::told::Lost;

use crate::failure::{Failure, FailureKind};
use crate::printable::printable;
use crate::printer::Printer;
use crate::progress::Progress;

/// How much of a source tells its format, in bytes.
const BEGINNING_BYTES: usize = 8 << 10;
/// How a file begins that gzip has packed (RFC 1952 section 2.3.1); readsb keeps its history so.
const GZIP: [u8; 2] = [0x1f, 0x8b];
/// Names of files without tracks, and of identities, that are told; the rest is counted.
const NAMES_TOLD_MAX: usize = 5;
/// Digits of the hash that stands for a file whose name cannot be an identity.
const FILE_HASH_DIGITS: usize = 32;

/// What came of all sources together.
#[derive(Debug, Default)]
pub(super) struct Reading {
    pub(super) tally: Tally,
    /// The name of the source of each told refusal.
    refused_in: Vec<String>,
    /// Files of a folder that are no tracks.
    passed_over: Vec<String>,
}

/// Reads every source in the order of its first fix and hands over each fix.
///
/// Where no file is in a format that is known, nothing was watched, and it fails.
pub(super) fn read_all(
    tracks: &[PathBuf],
    asked: Option<TrackFormat>,
    printer: &mut Printer,
    each: &mut dyn FnMut(Fix, &mut Printer),
) -> Result<Reading, Failure> {
    let mut reading = Reading::default();
    let files = listed(tracks, asked)?;
    let mut holds_tracks = false;
    let bytes: u64 = files.iter().map(|(_, length)| length).sum();
    let mut progress = printer.progress("watching");
    let mut before = 0;
    for (path, length) in files {
        let file = File::open(&path).map_err(|error| Failure::unreadable(&path, error))?;
        let mut watched = Watched {
            input: BufReader::with_capacity(1 << 20, file),
            progress: &mut progress,
            passed: before,
            of: bytes,
        };
        let known = reading.read(&path, &mut watched, asked, &mut |fix| each(fix, printer))?;
        holds_tracks |= known;
        if !known && tracks.contains(&path) {
            return Err(unknown(&path));
        }
        if !known {
            reading.passed_over.push(path.display().to_string());
        }
        before += length;
    }
    progress.finish();
    if !holds_tracks {
        return Err(reading.without_tracks(tracks));
    }
    Ok(reading)
}

/// Each source with a hash over how it begins, to tell whether it is the same again.
pub(super) fn beginnings(
    tracks: &[PathBuf],
    places: &[Place],
    asked: Option<TrackFormat>,
) -> Result<Vec<(String, String)>, Failure> {
    let mut found = Vec::new();
    for (path, _) in listed(tracks, asked)? {
        let unreadable = |error| Failure::unreadable(&path, error);
        let mut beginning = Vec::new();
        File::open(&path)
            .map_err(unreadable)?
            .take(BEGINNING_BYTES as u64)
            .read_to_end(&mut beginning)
            .map_err(unreadable)?;
        // A file that is written to goes on after its last whole line.
        let whole = beginning.iter().position(|byte| *byte == b'\n');
        let first = beginning.get(..whole.unwrap_or(beginning.len()));
        let hash = Hash::of(first.unwrap_or_default()).to_hex();
        found.push((path.display().to_string(), hash));
    }
    found.extend(places.iter().map(|place| (place.name(), String::new())));
    Ok(found)
}

/// Tells what could not be read.
pub(super) fn remark(reading: &Reading, printer: &mut Printer) {
    let tally = &reading.tally;
    for (refused, name) in tally.first_refused.iter().zip(&reading.refused_in) {
        let text = format!("{name}, line {}: {}", refused.line, refused.reason);
        warn(&text, printer);
    }
    let more = tally.refused - tally.first_refused.len() as u64;
    if more > 0 {
        warn(&format!("{more} more could not be read"), printer);
    }
    if tally.without_reference > 0 {
        let count = tally.without_reference;
        let text = format!("{count} heights name no reference and were not used");
        warn(&text, printer);
    }
    if !reading.passed_over.is_empty() {
        printer.note(&format!("{}\n", printable(&reading.passed_over_in_words())));
    }
}

/// Fails when sources said something and nothing of it could be read: that nothing was observed then means nothing.
pub(super) fn is_something_read(fixes: u64, lost: Lost) -> Result<(), Failure> {
    if fixes > 0 || lost.without_position > 0 || lost.refused == 0 {
        return Ok(());
    }
    let message = format!(
        "nothing could be read: {} lines or entries are wrong in their format, and none is right",
        lost.refused
    );
    Err(Failure::new(FailureKind::InvalidInput, message).hint(
        "name the right format with --format, or leave it away to have each source told by how it begins",
    ))
}

/// Tells of fixes of files that were left out because later ones of their tracks had been read.
pub(super) fn remark_late(count: u64, printer: &mut Printer) {
    if count > 0 {
        let text = format!(
            "{count} fixes of files came too late to be put in order and were left out: files are read one after another, \
             so sort those that overlap in time into one by the time of their fixes, or let fixes wait longer with \
             --stragglers"
        );
        warn(&text, printer);
    }
}

/// Tells of identities that are listed and were never seen: a name that is written otherwise is another.
pub(super) fn remark_unseen(unseen: &[&str], printer: &mut Printer) {
    if !unseen.is_empty() {
        let text = format!(
            "of the tracks that the file of identities lists, {} never occurred: {}",
            unseen.len(),
            some_of(unseen)
        );
        warn(&text, printer);
    }
}

/// The first few names, and whether there are more.
fn some_of<T: AsRef<str>>(names: &[T]) -> String {
    let some: Vec<&str> = names
        .iter()
        .take(NAMES_TOLD_MAX)
        .map(AsRef::as_ref)
        .collect();
    let more = if names.len() > some.len() {
        ", …"
    } else {
        ""
    };
    format!("{}{more}", some.join(", "))
}

fn warn(text: &str, printer: &mut Printer) {
    printer.note(&format!("warning: {}\n", printable(text)));
}

impl Reading {
    /// Adds what came of other sources.
    pub(super) fn add(&mut self, other: Self) {
        self.tally.add(other.tally);
        self.refused_in.extend(other.refused_in);
        self.passed_over.extend(other.passed_over);
    }

    fn passed_over_in_words(&self) -> String {
        let names = &self.passed_over;
        format!("{} files hold no tracks: {}", names.len(), some_of(names))
    }

    /// No file is in a format that is known.
    fn without_tracks(&self, tracks: &[PathBuf]) -> Failure {
        let sources: Vec<String> = tracks
            .iter()
            .map(|path| format!("`{}`", path.display()))
            .collect();
        let mut message = format!("no tracks in {}", some_of(&sources));
        if !self.passed_over.is_empty() {
            message.push_str(&format!(": {}", self.passed_over_in_words()));
        }
        let packed = self
            .passed_over
            .iter()
            .any(|path| is_packed(Path::new(path)));
        Failure::new(FailureKind::Usage, message).hint(way_out(packed))
    }

    /// How much could not be made fixes of.
    pub(super) fn lost(&self) -> Lost {
        Lost {
            refused: self.tally.refused,
            without_position: self.tally.without_position,
            without_reference: self.tally.without_reference,
        }
    }

    /// Reads one source; false when its format is not known.
    fn read(
        &mut self,
        path: &Path,
        input: &mut (dyn BufRead + Send),
        asked: Option<TrackFormat>,
        each: &mut dyn FnMut(Fix),
    ) -> Result<bool, Failure> {
        let unreadable = |error| Failure::unreadable(path, error);
        let mut beginning = Vec::new();
        if asked.is_none() {
            let limit = BEGINNING_BYTES as u64;
            (&mut *input)
                .take(limit)
                .read_to_end(&mut beginning)
                .map_err(unreadable)?;
        }
        let Some(format) = asked.or_else(|| detect(&beginning)) else {
            return Ok(false);
        };
        let mut whole = beginning.as_slice().chain(input);
        let readers = readers();
        let name = path.display().to_string();
        let mut named = |report: Report| {
            let mut fix = fix(report);
            // The number of a track says which it is in its file and nothing of other files.
            if format == TrackFormat::Gpx && is_unnamed(&fix.track) {
                fix.track = Arc::from(numbered(&name, &fix.track));
            }
            each(fix);
        };
        let tally = read_tracks_ahead(format, &mut whole, readers, &mut named);
        self.tally.add(tally.map_err(unreadable)?);
        self.refused_in.resize(self.tally.first_refused.len(), name);
        Ok(true)
    }
}

/// Threads that read ahead: all but the one that watches.
fn readers() -> usize {
    std::thread::available_parallelism().map_or(0, |threads| threads.get() - 1)
}

/// The identity of a track without a name: its file and its number there.
fn numbered(file: &str, track: &str) -> String {
    let told = format!("{file} {track}");
    if told.len() <= TRACK_BYTES_MAX && printable(&told) == told {
        return told;
    }
    // What cannot be shown must not make two files one.
    let hash = Hash::of(file.as_bytes()).to_hex();
    format!("{} {track}", hash.get(..FILE_HASH_DIGITS).unwrap_or(&hash))
}

fn fix(report: Report) -> Fix {
    Fix {
        track: report.track,
        at: report.at,
        position: report.position,
        altitude: report.altitude,
        source: report.source,
    }
}

fn unknown(path: &Path) -> Failure {
    let message = format!(
        "`{}` is in no format of tracks that is known",
        path.display()
    );
    Failure::new(FailureKind::Usage, message).hint(way_out(is_packed(path)))
}

fn is_packed(path: &Path) -> bool {
    let mut beginning = [0; GZIP.len()];
    let read = File::open(path).and_then(|mut file| file.read_exact(&mut beginning));
    read.is_ok() && beginning == GZIP
}

/// What to do with a file that is in no format that is known.
fn way_out(is_packed: bool) -> &'static str {
    match is_packed {
        true => {
            "it is packed by gzip: unpack it, or read it with `gzip -dc FILE | detente watch DOSSIER --tracks -`"
        }
        false => "name the format with --format; docs/reference/tracks.md lists them",
    }
}

/// A file that says how much of it was read.
struct Watched<'a> {
    input: BufReader<File>,
    progress: &'a mut Progress,
    passed: u64,
    of: u64,
}

impl io::Read for Watched<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.input.read(into)?;
        self.advance(read);
        Ok(read)
    }
}

impl BufRead for Watched<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.input.fill_buf()
    }

    fn consume(&mut self, count: usize) {
        self.input.consume(count);
        self.advance(count);
    }
}

impl Watched<'_> {
    fn advance(&mut self, count: usize) {
        self.passed += count as u64;
        self.progress.at(self.passed, Some(self.of));
    }
}
