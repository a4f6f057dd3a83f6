//! The body of the fuzz target for tracks, also run by the tests of the crate.

use detente_formats::tracks::{
    REFUSED_TOLD_MAX, Report, TRACK_BYTES_MAX, Tally, TrackFormat, TrackStream, detect, hostile,
    read_tracks,
};

/// Pieces of these sizes come from a source that goes on for ever.
const PIECES: [usize; 4] = [1, 7, 64, usize::MAX];

/// Reads any bytes as every format: nothing is fatal, and what is handed over is whole.
pub(crate) fn run(bytes: &[u8]) {
    let _ = detect(bytes);
    let [quickly, generally] = hostile::snapshots_both_ways(bytes);
    // As they print: two numbers that are equal may differ in their sign.
    assert_eq!(format!("{quickly:?}"), format!("{generally:?}"));
    for (name, format) in TrackFormat::ALL {
        let mut reports = Vec::new();
        let tally = read_tracks(format, &mut &bytes[..], &mut |report| {
            assert!(report.track.len() <= TRACK_BYTES_MAX);
            assert!(!report.track.chars().any(char::is_control));
            reports.push(report);
        });
        let Ok(tally) = tally else {
            panic!("{name}: bytes in memory cannot fail to be read");
        };
        assert_eq!(tally.reports, reports.len() as u64);
        let told = tally.first_refused.len();
        assert!(told <= REFUSED_TOLD_MAX && told as u64 <= tally.refused);
        let whole = streamed(Some(format), bytes, usize::MAX);
        for piece in PIECES {
            assert!(
                streamed(Some(format), bytes, piece) == whole,
                "{name}, pieces of {piece}"
            );
        }
        if matches!(format, TrackFormat::Sbs | TrackFormat::JsonLines) {
            let (streamed, streamed_tally) = whole;
            assert!(streamed == reports, "{name}: line by line, or all lines");
            assert_eq!(streamed_tally.refused, tally.refused);
            assert_eq!(streamed_tally.without_position, tally.without_position);
        }
    }
    for piece in PIECES {
        let (reports, tally) = streamed(None, bytes, piece);
        assert_eq!(tally.reports, reports.len() as u64);
    }
}

/// What a source says that hands over its bytes in pieces.
fn streamed(format: Option<TrackFormat>, bytes: &[u8], piece: usize) -> (Vec<Report>, Tally) {
    let mut stream = TrackStream::new(format);
    let mut reports = Vec::new();
    for piece in bytes.chunks(piece) {
        stream.push(piece, &mut |report| reports.push(report));
    }
    stream.finish(&mut |report| reports.push(report));
    let tally = stream.tally().clone();
    (reports, tally)
}
