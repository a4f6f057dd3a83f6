//! The body of the fuzz target for agreement.toml and concerns.toml, also run by the tests of the
//! crate.

use detente_records::{Agreement, Problems, Severity, concern};

/// Reads any bytes as an agreement and as concerns; nothing may panic, and every problem must
/// stand inside the document, and every error say what to do.
pub(crate) fn run(bytes: &[u8]) {
    let (agreement, problems) = Agreement::parse("fuzz.toml", bytes);
    check_places(&problems, bytes.len());
    assert!(agreement.is_some() || problems.has_errors());
    let (concerns, problems) = concern::parse("fuzz.toml", bytes, agreement.as_ref());
    check_places(&problems, bytes.len());
    let properties = concerns
        .iter()
        .filter_map(|concern| concern.property.as_ref());
    for place in properties.filter_map(|property| property.place.as_ref()) {
        let whole = place.provenance();
        assert!(
            whole.start.offset + whole.length <= bytes.len(),
            "{whole:?}"
        );
    }
}

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
