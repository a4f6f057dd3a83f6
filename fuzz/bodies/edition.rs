//! The body of the fuzz target for editions of reports, exact places and readings of them, also run by the tests of the crate.

use detente_records::act::{Edition, ExactPlace, PlaceReading, ReportDraft};
use serde_json::Value;

/// Reads any bytes as an edition and as a draft: what is accepted is written as it was read.
pub(crate) fn run(bytes: &[u8]) {
    let Ok(Value::Object(members)) = serde_json::from_slice(bytes) else {
        return;
    };
    if let (Some(edition), _) = Edition::parse("edition", &members) {
        let Value::Object(written) = edition.to_json() else {
            panic!("an edition is an object");
        };
        let (again, problems) = Edition::parse("edition", &written);
        assert_eq!(again, Some(edition), "{problems}");
        for portion in written["portions"].as_array().into_iter().flatten() {
            assert!(portion.get("source").is_none() && portion.get("at").is_none());
        }
    }
    if let (Some(place), _) = ExactPlace::parse("place", &members) {
        let Value::Object(written) = place.to_json() else {
            panic!("an exact place is an object");
        };
        let (again, problems) = ExactPlace::parse("place", &written);
        assert_eq!(again, Some(place), "{problems}");
    }
    if let (Some(reading), _) = PlaceReading::parse("reading", &members) {
        let Value::Object(written) = reading.to_json() else {
            panic!("a reading is an object");
        };
        let (again, problems) = PlaceReading::parse("reading", &written);
        assert_eq!(again, Some(reading), "{problems}");
    }
    if let (Some(draft), _) = ReportDraft::parse("draft", &members) {
        let Value::Object(written) = draft.to_json() else {
            panic!("a draft is an object");
        };
        let (again, problems) = ReportDraft::parse("draft", &written);
        assert_eq!(again, Some(draft), "{problems}");
    }
}
