//! The body of the fuzz target for editions of reports, also run by the tests of the crate.

use detente_records::act::{Edition, ReportDraft};
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
    if let (Some(draft), _) = ReportDraft::parse("draft", &members) {
        let Value::Object(written) = draft.to_json() else {
            panic!("a draft is an object");
        };
        let (again, problems) = ReportDraft::parse("draft", &written);
        assert_eq!(again, Some(draft), "{problems}");
    }
}
