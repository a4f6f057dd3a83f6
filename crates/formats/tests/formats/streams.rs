//! Sources that go on for ever: garbage, broken documents, and formats told by how they begin.

use detente_formats::tracks::{TrackFormat, TrackStream};

use crate::tracks::{JSON_LINES, READSB, SBS};

/// The tracks told, in order, and how much could not be read.
fn told(format: Option<TrackFormat>, pieces: &[&str]) -> (Vec<String>, u64) {
    let mut stream = TrackStream::new(format);
    let mut tracks = Vec::new();
    for piece in pieces {
        stream.push(piece.as_bytes(), &mut |report| {
            tracks.push(report.track.to_string())
        });
    }
    (tracks, stream.tally().refused)
}

#[test]
fn a_report_is_handed_over_as_soon_as_its_line_is_whole() {
    let mut stream = TrackStream::new(None);
    let mut count = 0;
    let line = JSON_LINES.lines().next().expect("a line");
    let (begin, end) = line.split_at(40);
    stream.push(begin.as_bytes(), &mut |_| count += 1);
    stream.push(end.as_bytes(), &mut |_| count += 1);
    stream.push(b"\n", &mut |_| count += 1);
    assert_eq!(count, 1);
    assert_eq!(stream.format(), Some(TrackFormat::JsonLines));
}

#[test]
fn a_snapshot_is_handed_over_before_the_next_begins() {
    let (first, _) = READSB.split_once("]}\n").expect("two snapshots");
    let (tracks, _) = told(None, &[first, "]}"]);
    assert_eq!(tracks, ["~a00001", "~a00002", "~a00003"]);
}

#[test]
fn a_line_of_the_json_port_tells_of_one_aircraft() {
    let line = "{\"now\": 1474182010.5, \"hex\": \"~a00001\", \"lat\": 36.5, \"lon\": 40.72}\n";
    assert_eq!(told(None, &[line, line]).0, ["~a00001", "~a00001"]);
}

#[test]
fn garbage_before_and_between_is_counted_and_passed_over() {
    let (tracks, refused) = told(None, &["\u{0}\u{1}what is this\n", SBS]);
    assert_eq!(tracks, ["a00001", "a00002"]);
    assert_eq!(refused, 4);
}

#[test]
fn behind_a_document_that_breaks_off_the_next_one_is_read() {
    let snapshot = "{\"now\": 1474182020, \"aircraft\": [\n{\"hex\": \"~a00001\", \"lat\": 36.5, \"lon\": 40.7}\n]}\n";
    let broken = [
        "{\"now\": 1474182020, \"aircraft\": [\n{\"hex\": \"~a0\n",
        "{\"now\": 1474182020, \"aircraft\": [\n{\"hex\": \"~b0\", \"lat\": 1\n",
        "{\"now\": 1474182020, \"aircraft\": [}]\n",
        "]]}}\n",
    ];
    for broken in broken {
        let (tracks, refused) = told(
            Some(TrackFormat::Readsb),
            &[snapshot, broken, snapshot, snapshot],
        );
        assert_eq!(tracks.len(), 3, "{broken}");
        assert!(refused >= 1, "{broken}");
    }
}

#[test]
fn a_line_without_end_costs_no_more_than_is_read_of_a_line() {
    let mut stream = TrackStream::new(Some(TrackFormat::Sbs));
    let mut tracks = 0;
    for _ in 0..100 {
        stream.push(&[b'x'; 10_000], &mut |_| tracks += 1);
    }
    stream.push(b"\n", &mut |_| tracks += 1);
    stream.push(SBS.as_bytes(), &mut |_| tracks += 1);
    assert_eq!(tracks, 2);
    assert_eq!(stream.tally().refused, 4);
}
