//! The body of the fuzz target for tracks, also run by the tests of the crate.

use detente_formats::tracks::{
    REFUSED_TOLD_MAX, TRACK_BYTES_MAX, TrackFormat, detect, read_tracks,
};

/// Reads any bytes as every format: nothing is fatal, and what is handed over is whole.
pub(crate) fn run(bytes: &[u8]) {
    let _ = detect(bytes);
    for (name, format) in TrackFormat::ALL {
        let mut reports = 0;
        let tally = read_tracks(format, &mut &bytes[..], &mut |report| {
            reports += 1;
            assert!(report.track.len() <= TRACK_BYTES_MAX);
            assert!(!report.track.chars().any(char::is_control));
        });
        let Ok(tally) = tally else {
            panic!("{name}: bytes in memory cannot fail to be read");
        };
        assert_eq!(tally.reports, reports);
        let told = tally.first_refused.len();
        assert!(told <= REFUSED_TOLD_MAX && told as u64 <= tally.refused);
    }
}
