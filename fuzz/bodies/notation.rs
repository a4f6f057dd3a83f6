//! The body of the fuzz target for positions in any notation, also run by the tests of a crate.

use detente_spacetime::geodesic::distance_m;
use detente_spacetime::notation::{Notation, read};

/// Reads any text as a position: a refusal has a way out, and what is read can be said again.
pub(crate) fn run(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    match read(&text) {
        Ok(said) => {
            assert!(said.precision_m.is_finite() && said.precision_m > 0.0);
            for notation in Notation::ALL {
                let back = said.read_back(notation);
                // Nothing is written finer than a metre's square in MGRS, nor coarser than it was said.
                assert!(
                    back.distance_m <= said.precision_m + 1.5,
                    "{text}: {back:?}"
                );
                assert!(distance_m(said.position, back.position) == back.distance_m);
            }
        }
        Err(error) => assert!(!error.help().is_empty() && !error.to_string().is_empty()),
    }
}
