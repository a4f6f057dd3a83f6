//! What must hold for any bytes inside the readers of tracks: for the fuzz target and the tests.

use super::{
    Report, Sink, Tally,
    documents::{Documents, Next},
    readsb,
};

/// Reads a row of snapshots as it is always done, and then by the general reader of JSON alone; both must give the same.
#[must_use]
pub fn snapshots_both_ways(mut bytes: &[u8]) -> [(Vec<Report>, Tally); 2] {
    let mut read = [
        (Vec::new(), Tally::default()),
        (Vec::new(), Tally::default()),
    ];
    let mut documents = Documents::default();
    // Bytes in memory can always be read.
    while let Ok(Some(next)) = documents.next(&mut bytes) {
        let readers = [readsb::snapshot, readsb::snapshot_of_any_form];
        for ((reports, tally), reader) in read.iter_mut().zip(readers) {
            let mut sink = Sink {
                tally,
                report: &mut |report| reports.push(report),
            };
            match &next {
                Next::Document(bytes, line) => reader(bytes, *line, &mut sink),
                Next::Refused(line, reason) => sink.take(*line, Err((*reason).to_owned())),
            }
        }
    }
    read
}
