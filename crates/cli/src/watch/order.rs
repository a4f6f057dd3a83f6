//! In which order files of tracks are read: by their first fix, and where that tells nothing by name.

use std::cmp::Ordering;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use detente_formats::tracks::{TrackFormat, TrackStream, detect};
use detente_spacetime::Instant;

use crate::failure::Failure;

/// How much of a file is looked at for its first fix, in bytes.
const LOOK_BYTES: u64 = 64 << 10;
/// How deep folders in folders are searched: by year, month, day and receiver.
const FOLDERS_DEEP_MAX: usize = 8;
/// A time of a snapshot beyond this is in milliseconds: in seconds it would be after the year 5000.
const SECONDS_MAX: f64 = 1e11;

/// The files of every source with their lengths, in the order in which they are to be read.
///
/// Tracks go on from file to file, so that what is earlier is read first; files that begin together stay in the order in
/// which they are named, and each folder's in that of their names. A file of which the beginning does not say when it
/// begins comes last.
pub(super) fn listed(
    tracks: &[PathBuf],
    asked: Option<TrackFormat>,
) -> Result<Vec<(PathBuf, u64)>, Failure> {
    let mut found = Vec::new();
    for path in tracks {
        let kind = fs::metadata(path).map_err(|error| Failure::unreadable(path, error))?;
        if kind.is_dir() {
            found.extend(files(path, FOLDERS_DEEP_MAX)?);
        } else {
            found.push((path.clone(), kind.len()));
        }
    }
    if found.len() < 2 {
        return Ok(found);
    }
    let mut dated = Vec::with_capacity(found.len());
    for (path, length) in found {
        let first = first_fix(&path, length, asked);
        let first = first.map_err(|error| Failure::unreadable(&path, error))?;
        dated.push((first, path, length));
    }
    dated.sort_by_key(|(first, ..)| first.map_or((true, i64::MAX), |at| (false, at.micros())));
    let undated = dated.into_iter().map(|(_, path, length)| (path, length));
    Ok(undated.collect())
}

/// The files under a folder with their lengths, by name.
fn files(folder: &Path, deep: usize) -> Result<Vec<(PathBuf, u64)>, Failure> {
    let unreadable = |error| Failure::unreadable(folder, error);
    let mut entries = fs::read_dir(folder)
        .and_then(Iterator::collect::<io::Result<Vec<_>>>)
        .map_err(unreadable)?;
    entries.sort_by(|one, other| by_name(&one.file_name(), &other.file_name()));
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

/// Orders names as people do: numbers in them by their value.
fn by_name(one: &OsStr, other: &OsStr) -> Ordering {
    let parts = |name: &OsStr| parts(&name.to_string_lossy());
    parts(one).cmp(&parts(other)).then_with(|| one.cmp(other))
}

/// A name in pieces: numbers without their leading zeros, the longer the greater, before any text.
fn parts(name: &str) -> Vec<Result<(usize, String), String>> {
    let mut parts = Vec::new();
    let mut rest = name;
    while let Some(first) = rest.chars().next() {
        let is_number = first.is_ascii_digit();
        let other = |c: char| c.is_ascii_digit() != is_number;
        let (part, behind) = rest.split_at(rest.find(other).unwrap_or(rest.len()));
        parts.push(if is_number {
            let digits = part.trim_start_matches('0');
            Ok((digits.len(), digits.to_owned()))
        } else {
            Err(part.to_owned())
        });
        rest = behind;
    }
    parts
}

/// When the first fix of a file is, as far as its beginning says.
fn first_fix(path: &Path, length: u64, asked: Option<TrackFormat>) -> io::Result<Option<Instant>> {
    let mut beginning = Vec::new();
    File::open(path)?
        .take(LOOK_BYTES)
        .read_to_end(&mut beginning)?;
    Ok(told(&beginning, length <= LOOK_BYTES, asked))
}

fn told(beginning: &[u8], is_whole: bool, asked: Option<TrackFormat>) -> Option<Instant> {
    let format = asked.or_else(|| detect(beginning))?;
    let mut stream = TrackStream::new(Some(format));
    let mut first = None;
    let mut take = |at| first = first.or(Some(at));
    stream.push(beginning, &mut |report| take(report.at));
    if is_whole {
        stream.finish(&mut |report| take(report.at));
    }
    first.or_else(|| {
        // A document that is longer than the look is not whole, but most say their time where they begin.
        let text = String::from_utf8_lossy(beginning);
        match format {
            TrackFormat::Readsb => seconds(&text, "\"now\""),
            TrackFormat::OpenSky => seconds(&text, "\"time\""),
            TrackFormat::Gpx => {
                let (_, behind) = text.split_once("<trkpt")?;
                let (_, behind) = behind.split_once("<time>")?;
                Instant::parse_rfc3339(behind.split('<').next()?.trim()).ok()
            }
            TrackFormat::Sbs | TrackFormat::JsonLines => None,
        }
    })
}

/// The time behind a key of JSON, in seconds or milliseconds since 1970.
fn seconds(text: &str, key: &str) -> Option<Instant> {
    let (_, behind) = text.split_once(key)?;
    let number = behind.trim_start().strip_prefix(':')?.trim_start();
    let end = number.find(|c: char| !c.is_ascii_digit() && c != '.');
    let number: f64 = number.get(..end.unwrap_or(number.len()))?.parse().ok()?;
    let factor = if number > SECONDS_MAX { 1e3 } else { 1e6 };
    let micros = number * factor;
    (micros.is_finite() && micros < 1e18).then(|| Instant::from_micros(micros as i64))?
}

#[cfg(test)]
mod tests {
    use super::{by_name, seconds, told};
    use detente_spacetime::Instant;
    use std::ffi::OsStr;

    fn at(text: &str) -> Option<Instant> {
        Instant::parse_rfc3339(text).ok()
    }

    #[test]
    fn numbers_in_names_sort_as_numbers() {
        let mut names = [
            "10.json", "b", "9.json", "a-2", "009.json", "a-10", "0.json",
        ];
        names.sort_by(|one, other| by_name(OsStr::new(one), OsStr::new(other)));
        assert_eq!(
            names,
            [
                "0.json", "009.json", "9.json", "10.json", "a-2", "a-10", "b"
            ]
        );
    }

    #[test]
    fn the_beginning_of_a_file_tells_its_first_fix() {
        let line = br#"{"t": "2016-09-13T09:00:00Z", "id": "x", "lat": 30, "lon": 30}
{"t": "2016-09-13T08:00:00Z", "id": "#;
        assert_eq!(told(line, false, None), at("2016-09-13T09:00:00Z"));
        let snapshot = br#"{"now": 1474182000.5, "messages": 9, "aircraft": [{"hex": "a00001", "#;
        assert_eq!(told(snapshot, false, None), at("2016-09-18T07:00:00.5Z"));
        let gpx = b"<gpx><metadata><time>2020-01-01T00:00:00Z</time></metadata><trk><trkseg>\
                    <trkpt lat='1' lon='2'><time>2016-09-13T09:00:00Z</time></trkpt>";
        assert_eq!(told(gpx, false, None), at("2016-09-13T09:00:00Z"));
        assert_eq!(told(b"no tracks", true, None), None);
        assert_eq!(
            seconds(r#"{"now":1474182000500}"#, "\"now\""),
            at("2016-09-18T07:00:00.5Z")
        );
    }
}
