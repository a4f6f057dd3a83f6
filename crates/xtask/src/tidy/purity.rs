//! Nothing below `stores` does I/O, reads a clock or draws randomness: it is handed in.

use super::{Fault, Source};

/// Crates that decide and never act (docs/ARCHITECTURE.md, "Absences").
const PURE: [&str; 12] = [
    "persistent",
    "spacetime",
    "records",
    "ledger",
    "verifier",
    "agreement",
    "deconfliction",
    "monitoring",
    "sharing",
    "formats",
    "node",
    "simulation",
];

/// What a pure crate may not name, and why.
const BANNED: [(&str, &str); 12] = [
    ("std::fs", "files are opened by `stores`, `server` or `cli`"),
    ("std::net", "sockets belong to `server`"),
    ("std::process", "programs are started by `cli` or `xtask`"),
    ("std::env", "configuration is handed in"),
    ("std::thread", "the caller decides on threads"),
    ("SystemTime", "instants are handed in"),
    ("std::time::Instant", "instants are handed in"),
    ("rand::rng", "randomness is handed in"),
    ("thread_rng", "randomness is handed in"),
    ("OsRng", "randomness is handed in"),
    ("getrandom", "randomness is handed in"),
    ("tokio::", "the caller decides on the runtime"),
];

/// What none of these words mean although it contains one: the trait that Cedar's symbolic compiler writes through,
/// which brings no runtime.
const HARMLESS: &str = "tokio::io::AsyncWrite";

/// Checks the sources of the pure crates, leaving out what only tests compile.
pub(super) fn check(sources: &[Source]) -> Vec<Fault> {
    let mut faults = Vec::new();
    for source in sources.iter().filter(|source| is_pure(&source.path)) {
        for (number, line) in product_lines(&source.text) {
            for (word, reason) in BANNED {
                if line.replace(HARMLESS, "").contains(word) {
                    faults.push(Fault::new(
                        format!("{}:{number}", source.path),
                        format!("`{word}` in a room that decides: {reason}"),
                    ));
                }
            }
        }
    }
    faults
}

fn is_pure(path: &str) -> bool {
    PURE.iter()
        .any(|room| path.starts_with(&format!("crates/{room}/src/")))
        && path.ends_with(".rs")
        && !path.ends_with("/tests.rs")
        && !path.contains("/tests/")
}

/// The numbered lines before the file's test module, without comments.
fn product_lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines()
        .enumerate()
        .take_while(|(_, line)| line.trim() != "#[cfg(test)]")
        .map(|(index, line)| (index + 1, line.split("//").next().unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(path: &str, text: &str) -> Source {
        Source {
            path: path.into(),
            text: text.into(),
        }
    }

    #[test]
    fn a_room_that_decides_may_not_open_files_but_its_tests_may() {
        let faults = check(&[
            source("crates/ledger/src/note.rs", "use std::fs;\n"),
            source(
                "crates/ledger/src/tile.rs",
                "// std::fs is not used here\n#[cfg(test)]\nmod tests { use std::fs; }\n",
            ),
            source("crates/stores/src/files.rs", "use std::fs;\n"),
        ]);
        assert_eq!(faults.len(), 1);
        assert_eq!(faults[0].place, "crates/ledger/src/note.rs:1");
    }
}
