//! The body of the fuzz target for the GeoJSON profile, also run by the tests of the crate.

use detente_formats::geojson::{self, Records};
use detente_records::{Gathering, Problems, Record, Severity};

/// Reads any bytes as a dossier's file and as bare volumes; what was read without an error must
/// survive being written and read again.
pub(crate) fn run(bytes: &[u8]) {
    let (first, problems) = read(bytes);
    check_places(&problems, bytes.len());
    let (_, plain) = geojson::read_volumes("fuzz.geojson", &mut &bytes[..]);
    check_places(&plain, bytes.len());
    if problems.has_errors() {
        return;
    }
    let written = write(first);
    let (second, problems) = read(written.as_bytes());
    assert!(!problems.has_errors(), "{written}\n{problems}");
    assert_eq!(write(second), written);
}

fn read(bytes: &[u8]) -> (Vec<Record>, Problems) {
    let mut records = Vec::new();
    let problems =
        geojson::read_records("fuzz.geojson", &mut &bytes[..], None, &mut |record, _| {
            records.push(record);
        });
    (records, problems)
}

/// Writes the records; operations whose volumes contradict each other are left out.
fn write(records: Vec<Record>) -> String {
    let mut areas = Vec::new();
    let mut protected = Vec::new();
    let mut movements = Vec::new();
    let mut gathering = Gathering::default();
    let mut problems = Problems::new("fuzz.geojson");
    for record in records {
        match record {
            Record::Operation(part) => gathering.add(part, &mut problems),
            Record::Area(area) => areas.push(area),
            Record::ProtectedObject(object) => protected.push(object),
            Record::HumanitarianMovement(movement) => movements.push(movement),
        }
    }
    let operations = gathering.finish();
    geojson::write_records(&Records {
        areas: &areas,
        protected: &protected,
        movements: &movements,
        operations: &operations,
    })
}

/// Every problem must stand inside the document, say where, and what to do if it is an error.
fn check_places(problems: &Problems, length: usize) {
    for problem in problems {
        let span = problem.place.span.as_ref();
        assert!(
            span.is_some_and(|span| span.start <= span.end && span.end <= length),
            "{problem}"
        );
        assert!(problem.place.line.is_some(), "{problem}");
        assert!(
            problem.help.is_some() || problem.severity != Severity::Error,
            "{problem}"
        );
    }
}
