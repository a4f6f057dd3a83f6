//! The body of the fuzz target for gazetteers, also run by the tests of the crate.

use detente_formats::read_gazetteer;

/// Reads any bytes as a gazetteer: every problem has a way out, every place a name and a source.
pub(crate) fn run(bytes: &[u8]) {
    let (places, problems) = read_gazetteer("gazetteer", bytes);
    for problem in &problems {
        assert!(problem.help.is_some(), "{problem}");
    }
    for place in &places {
        assert!(!place.names.is_empty() && !place.source.is_empty());
        assert!(place.accuracy_m >= 0.0);
        assert!(
            !place
                .names
                .iter()
                .any(|name| name.text.chars().any(char::is_control))
        );
    }
}
