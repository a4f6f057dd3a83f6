//! Files and folders as one row of fixes.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use detente_formats::tracks::{
    Report, TRACK_BYTES_MAX, Tally, TrackFormat, detect, is_unnamed, read_tracks_ahead,
};
use detente_ledger::hash::Hash;
use detente_monitoring::Fix;

use super::line::Place;
use super::told::Lost;

use crate::failure::{Failure, FailureKind};
use crate::printable::printable;
use crate::printer::Printer;
use crate::progress::Progress;

/// How much of a source tells its format, in bytes.
const BEGINNING_BYTES: usize = 8 << 10;
/// How a file begins that gzip has packed (RFC 1952 section 2.3.1); readsb keeps its history so.
const GZIP: [u8; 2] = [0x1f, 0x8b];
/// Names of files without tracks that are told; the rest is counted.
const PASSED_OVER_TOLD_MAX: usize = 5;
/// Digits of the hash that stands for a file whose name cannot be an identity.
const FILE_HASH_DIGITS: usize = 32;
/// How deep folders in folders are searched: by year, month, day and receiver.
const FOLDERS_DEEP_MAX: usize = 8;

/// What came of all sources together.
#[derive(Debug, Default)]
pub(super) struct Reading {
    pub(super) tally: Tally,
    /// The name of the source of each told refusal.
    refused_in: Vec<String>,
    /// Files of a folder that are no tracks.
    passed_over: Vec<String>,
}

/// Reads every source in the order of its name and hands over each fix.
pub(super) fn read_all(
    tracks: &[PathBuf],
    asked: Option<TrackFormat>,
    printer: &mut Printer,
    each: &mut dyn FnMut(Fix, &mut Printer),
) -> Result<Reading, Failure> {
    let mut reading = Reading::default();
    let files = listed(tracks)?;
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
        if !known && tracks.contains(&path) {
            return Err(unknown(&path));
        }
        if !known {
            reading.passed_over.push(path.display().to_string());
        }
        before += length;
    }
    progress.finish();
    Ok(reading)
}

/// The files of every source, in the order they are named and each folder's by name.
fn listed(tracks: &[PathBuf]) -> Result<Vec<(PathBuf, u64)>, Failure> {
    let mut found = Vec::new();
    for path in tracks {
        let kind = fs::metadata(path).map_err(|error| Failure::unreadable(path, error))?;
        if kind.is_dir() {
            found.extend(files(path, FOLDERS_DEEP_MAX)?);
        } else {
            found.push((path.clone(), kind.len()));
        }
    }
    Ok(found)
}

/// Each source with a hash over how it begins, to tell whether it is the same again.
pub(super) fn beginnings(
    tracks: &[PathBuf],
    places: &[Place],
) -> Result<Vec<(String, String)>, Failure> {
    let mut found = Vec::new();
    for (path, _) in listed(tracks)? {
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
    let (count, names) = (reading.passed_over.len(), &reading.passed_over);
    if count > 0 {
        let some = names.get(..PASSED_OVER_TOLD_MAX).unwrap_or(names);
        let more = if count > some.len() { ", …" } else { "" };
        let text = format!("{count} files hold no tracks: {}{more}", some.join(", "));
        printer.note(&format!("{}\n", printable(&text)));
    }
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

/// The files under a folder with their lengths, by name.
fn files(folder: &Path, deep: usize) -> Result<Vec<(PathBuf, u64)>, Failure> {
    let unreadable = |error| Failure::unreadable(folder, error);
    let mut entries = fs::read_dir(folder)
        .and_then(Iterator::collect::<io::Result<Vec<_>>>)
        .map_err(unreadable)?;
    entries.sort_by_key(fs::DirEntry::path);
    let mut found = Vec::new();
    for entry in entries {
        let path = entry.path();
        let kind = fs::metadata(&path).map_err(|error| Failure::unreadable(&path, error))?;
        if !kind.is_dir() {
            found.push((path, kind.len()));
        } else if deep > 0 {
            found.extend(files(&path, deep - 1)?);
        }
    }
    Ok(found)
}

fn unknown(path: &Path) -> Failure {
    let message = format!(
        "`{}` is in no format of tracks that is known",
        path.display()
    );
    let mut beginning = [0; GZIP.len()];
    let read = File::open(path).and_then(|mut file| file.read_exact(&mut beginning));
    Failure::new(FailureKind::Usage, message).hint(match read.is_ok() && beginning == GZIP {
        true => "it is packed by gzip: unpack it, or read it with `gzip -dc FILE | detente watch DOSSIER --tracks -`",
        false => "name the format with --format; docs/reference/tracks.md lists them",
    })
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
