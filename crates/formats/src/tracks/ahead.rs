//! Sources of lines and of JSON documents, read by several threads ahead of whoever takes the reports.
//!
//! One thread reads the source and cuts it into lines and documents, and whoever calls does nothing but take the reports, so that
//! of two threads both are busy. With more threads the pieces go to the others in turn and come back in the same turn: the reports
//! are handed over in the order of the source, whatever the threads do, and never more than a few pieces are held.

use std::{
    io::{self, BufRead, Read},
    sync::mpsc::{Receiver, SyncSender, sync_channel},
    thread,
};

use super::{
    LINE_BYTES_MAX, Message, Report, Sink, Tally, TrackFormat,
    documents::{self, Documents, Next},
    framing::line_ends,
    json_lines, lines, read_tracks, sbs,
};

/// Bytes of a piece: some thousand lines, so that handing it over costs nothing beside reading it.
const PIECE_BYTES: usize = 256 << 10;
/// Pieces that wait for a thread, beside the one it works on: a document may be large.
const WAITING: usize = 1;
/// Pieces of which the reports wait to be taken.
const READ: usize = 2;
/// Most threads: more only wait for whoever takes the reports.
const READERS_MAX: usize = 16;

/// How a line is read.
type Read1 = fn(&str, &mut Tally) -> Result<Message, String>;

/// How a source is read in pieces.
#[derive(Clone, Copy)]
enum Manner {
    Lines(Read1),
    Documents(TrackFormat),
}

/// What a thread is given to read.
enum Given {
    Lines(Vec<u8>),
    Document(Next),
}

/// Reads a source to its end as [`read_tracks`] does, with `readers` threads that read ahead, but for one
/// format that is one document.
///
/// The input is read in pieces of [`PIECE_BYTES`] or by documents: this is for files, not for what comes as it happens.
///
/// # Errors
///
/// Only when `input` cannot be read, after what was read before is handed over; what it holds is never an error.
pub fn read_tracks_ahead(
    format: TrackFormat,
    input: &mut (dyn BufRead + Send),
    readers: usize,
    report: &mut dyn FnMut(Report),
) -> io::Result<Tally> {
    let manner = match format {
        TrackFormat::Sbs => Manner::Lines(sbs::message),
        TrackFormat::JsonLines => Manner::Lines(json_lines::message),
        TrackFormat::Readsb | TrackFormat::OpenSky => Manner::Documents(format),
        TrackFormat::Gpx => return read_tracks(format, input, report),
    };
    if readers == 0 {
        return read_tracks(format, input, report);
    }
    thread::scope(|scope| {
        let mut source = Source {
            input,
            documents: Documents::default(),
            manner,
        };
        let (reading, takes) = if readers == 1 {
            let (done, take) = sync_channel(READ);
            let reading = scope.spawn(move || {
                while let Some(given) = source.next()? {
                    if done.send(read(given, manner)).is_err() {
                        break;
                    }
                }
                Ok(())
            });
            (reading, vec![take])
        } else {
            let threads = (1..readers.min(READERS_MAX)).map(|_| {
                let (give, pieces) = sync_channel(WAITING);
                let (done, take) = sync_channel(READ);
                scope.spawn(move || work(&pieces, &done, manner));
                (give, take)
            });
            let (gives, takes): (Vec<_>, Vec<_>) = threads.unzip();
            let reading = scope.spawn(move || {
                for give in gives.iter().cycle() {
                    let Some(given) = source.next()? else {
                        break;
                    };
                    if give.send(given).is_err() {
                        break;
                    }
                }
                Ok(())
            });
            (reading, takes)
        };
        let tally = in_turn(&takes, report);
        drop(takes);
        match reading.join() {
            Ok(ended) => ended.map(|()| tally),
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}

/// What is read, and how it is cut into pieces.
struct Source<'a> {
    input: &'a mut (dyn BufRead + Send),
    documents: Documents,
    manner: Manner,
}

impl Source<'_> {
    /// The next piece; none at the end.
    fn next(&mut self) -> io::Result<Option<Given>> {
        match self.manner {
            Manner::Lines(_) => {
                let bytes = piece(self.input)?;
                Ok((!bytes.is_empty()).then_some(Given::Lines(bytes)))
            }
            Manner::Documents(_) => Ok(self.documents.next(self.input)?.map(Given::Document)),
        }
    }
}

/// What came of a piece, and by how many lines it moves those behind it: a document knows its own.
struct Piece {
    reports: Vec<Report>,
    tally: Tally,
    lines: u64,
}

/// Reads the pieces that a thread is given.
fn work(pieces: &Receiver<Given>, done: &SyncSender<Piece>, manner: Manner) {
    while let Ok(given) = pieces.recv() {
        if done.send(read(given, manner)).is_err() {
            return;
        }
    }
}

/// Reads a piece.
fn read(given: Given, manner: Manner) -> Piece {
    let mut reports = Vec::new();
    let mut tally = Tally::default();
    let mut sink = Sink {
        tally: &mut tally,
        report: &mut |report| reports.push(report),
    };
    let lines = match (given, manner) {
        (Given::Lines(bytes), Manner::Lines(message)) => {
            // Memory can always be read.
            let _ = lines::each(&mut bytes.as_slice(), &mut sink, message);
            line_ends(&bytes) + u64::from(bytes.last().is_some_and(|last| *last != b'\n'))
        }
        (Given::Document(next), Manner::Documents(format)) => {
            documents::take(format, next, &mut sink);
            0
        }
        (Given::Lines(_), Manner::Documents(_)) | (Given::Document(_), Manner::Lines(_)) => 0,
    };
    Piece {
        reports,
        tally,
        lines,
    }
}

/// Takes what came of the pieces in the turn in which they were given out; the first that does not come was never given.
fn in_turn(threads: &[Receiver<Piece>], report: &mut dyn FnMut(Report)) -> Tally {
    let mut tally = Tally::default();
    let mut lines = 0;
    for thread in threads.iter().cycle() {
        let Ok(mut piece) = thread.recv() else {
            break;
        };
        piece.reports.into_iter().for_each(&mut *report);
        for refused in &mut piece.tally.first_refused {
            refused.line += lines;
        }
        lines += piece.lines;
        tally.add(piece.tally);
    }
    tally
}

/// The next lines, whole ones but for the end of the source; none at its end.
///
/// Of a line that is too long only as much is kept as shows that it is.
fn piece(input: &mut dyn BufRead) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(PIECE_BYTES + LINE_BYTES_MAX);
    (&mut *input)
        .take(PIECE_BYTES as u64)
        .read_to_end(&mut bytes)?;
    if bytes.last().is_none_or(|last| *last == b'\n') {
        return Ok(bytes);
    }
    let begins = bytes
        .iter()
        .rposition(|byte| *byte == b'\n')
        .map_or(0, |end| end + 1);
    let most = begins + LINE_BYTES_MAX + 1;
    if bytes.len() < most {
        (&mut *input)
            .take((most - bytes.len()) as u64)
            .read_until(b'\n', &mut bytes)?;
    } else {
        bytes.truncate(most);
    }
    let cut_off = bytes.len() == most && bytes.last() != Some(&b'\n');
    if cut_off {
        lines::skip(input)?;
        bytes.push(b'\n');
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lines that are reports, garbage, blank, broken and far too long, some thousand of them.
    fn source(seed: u64, length: usize) -> Vec<u8> {
        let mut state = seed;
        let mut next = |most: u64| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % most
        };
        let mut bytes = Vec::new();
        while bytes.len() < length {
            match next(40) {
                0 => bytes.extend(vec![b'x'; LINE_BYTES_MAX - 2 + next(5) as usize]),
                1 => bytes.extend(vec![b'y'; LINE_BYTES_MAX + next(300_000) as usize]),
                2 => bytes.extend(b"   "),
                3 => bytes.extend([0xff, 0xfe, b'{']),
                4 => bytes.extend(b"{\"t\":\"2016-09-12T16:00:00Z\",\"id\":\"a\"}"),
                number => bytes.extend(
                    format!(
                        "{{\"t\":\"2016-09-12T16:{:02}:{:02}Z\",\"id\":\"t{number}\",\"lat\":36.{},\"lon\":37.5,\"alt_m\":900}}",
                        next(61), next(60), next(99_999),
                    )
                    .bytes(),
                ),
            }
            bytes.extend(if next(7) == 0 {
                &b"\r\n"[..]
            } else {
                &b"\n"[..]
            });
        }
        // The last line may have no end.
        let cut = next(60) as usize;
        bytes.truncate(bytes.len().saturating_sub(cut));
        bytes
    }

    #[test]
    fn reading_ahead_gives_what_reading_in_order_gives() {
        for seed in 0..12 {
            let source = source(seed, [0, 10, 3_000, 3_000_000][seed as usize % 4]);
            let mut in_order = Vec::new();
            let tally = read_tracks(
                TrackFormat::JsonLines,
                &mut source.as_slice(),
                &mut |report| in_order.push(report),
            );
            for readers in [0, 1, 2, 5] {
                let mut ahead = Vec::new();
                let also = read_tracks_ahead(
                    TrackFormat::JsonLines,
                    &mut source.as_slice(),
                    readers,
                    &mut |report| {
                        ahead.push(report);
                    },
                );
                assert_eq!(
                    also.unwrap(),
                    *tally.as_ref().unwrap(),
                    "seed {seed}, {readers} readers"
                );
                assert_eq!(ahead, in_order, "seed {seed}, {readers} readers");
            }
        }
    }

    #[test]
    fn snapshots_are_read_one_by_one_and_behind_a_broken_one_the_next() {
        let (mut source, mut sound) = (String::new(), 0);
        for number in 0..200 {
            let whole = format!(
                "{{\"now\": 1474182010.5, \"aircraft\": [\n{{\"hex\": \"a{number}\", \"lat\": 36.5, \"lon\": 40.72}},\n\
                 {{\"hex\": 7, \"lat\": [1, {{}}], \"lon\": null}}\n]}}\n"
            );
            match number % 17 {
                // In the middle of a name, behind a value, and something else.
                3 => source.push_str(&format!("{}\n", whole.split_at(58).0)),
                5 => source.push_str(&format!("{}\n", whole.split_at(72).0)),
                7 => source.push_str("what is this\n"),
                _ => {
                    source.push_str(&whole);
                    sound += 1;
                }
            }
        }
        let mut in_order = Vec::new();
        let tally = read_tracks(TrackFormat::Readsb, &mut source.as_bytes(), &mut |report| {
            in_order.push(report);
        })
        .unwrap();
        assert_eq!(in_order.len(), sound);
        // One for each that is broken, and one aircraft without an address in each that is not.
        assert_eq!(tally.refused, 200);
        for readers in [1, 3] {
            let mut ahead = Vec::new();
            let also = read_tracks_ahead(
                TrackFormat::Readsb,
                &mut source.as_bytes(),
                readers,
                &mut |report| ahead.push(report),
            );
            assert_eq!(also.unwrap(), tally, "{readers} readers");
            assert_eq!(ahead, in_order, "{readers} readers");
        }
    }

    #[test]
    fn a_source_that_breaks_is_told() {
        struct Broken;
        impl Read for Broken {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::Error::other("broken"))
            }
        }
        let mut input = io::BufReader::new(b"{}\n".chain(Broken));
        let read = read_tracks_ahead(TrackFormat::JsonLines, &mut input, 2, &mut |_| ());
        assert_eq!(read.unwrap_err().to_string(), "broken");
    }
}
