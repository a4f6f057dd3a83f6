//! Tests of reading and writing documents, from bytes to records and back.

#[cfg(test)]
mod cap;
#[cfg(test)]
mod dossier;
#[cfg(test)]
mod gazetteer;
#[cfg(test)]
mod geojson;
#[cfg(test)]
mod mutation;
mod objects;
#[cfg(test)]
mod profile;
#[cfg(test)]
mod scenarios;
#[cfg(test)]
mod streams;
#[cfg(test)]
mod tracks;

use detente_records::Problems;

/// Returns each problem on a line of its own, with its way out.
fn shown(problems: &Problems) -> String {
    problems.to_string()
}
