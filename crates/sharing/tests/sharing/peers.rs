//! The private check's count beside the one that openmined-psi finds in the same sets.
//!
//! `crates/sharing/tests/peers/install.sh` installs it.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use detente_sharing::private_check::{Cell, Outcome, Terms};
use proptest::strategy::{Strategy as _, ValueTree as _};
use proptest::test_runner::TestRunner;

use crate::private_check::{any_volume, opened, plans, terms, told_by};

/// Pairs of sets compared: enough for empty, small and large intersections, and a second of the peer's time.
const PAIRS: usize = 10;

/// The peer's program, or `None` with a printed reason; where peers are required it must be there.
#[expect(clippy::print_stderr, reason = "a test that is left out says why")]
fn peer() -> Option<(PathBuf, PathBuf)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let python = root.join("../../target/peers/sharing/venv/bin/python");
    if python.exists() {
        return Some((python, root.join("tests/peers/intersections.py")));
    }
    let reason = "openmined-psi is not installed; run crates/sharing/tests/peers/install.sh";
    let required = std::env::var_os("DETENTE_PEERS").is_some_and(|value| value == "required");
    assert!(!required, "{reason}");
    eprintln!("skipped: {reason}");
    None
}

/// Cells as the peer takes them.
fn listed(cells: &[Cell]) -> String {
    let mut list = String::from("[");
    for (position, cell) in cells.iter().enumerate() {
        let comma = if position > 0 { "," } else { "" };
        let Cell {
            row,
            column,
            layer,
            slot,
        } = cell;
        write!(list, "{comma}\"{row}/{column}/{layer}/{slot}\"").unwrap();
    }
    list.push(']');
    list
}

#[test]
fn an_independent_intersection_counts_the_same() {
    let Some((python, program)) = peer() else {
        return;
    };
    let mut runner = TestRunner::deterministic();
    let worlds = proptest::collection::vec(any_volume(), 1..4);
    let mut asked = String::new();
    let mut counts = Vec::new();
    // The finer levels have no part in the count.
    let coarse = Terms {
        finest: 0,
        ..terms()
    };
    for pair in 0..PAIRS {
        let mut draw = || worlds.new_tree(&mut runner).unwrap().current();
        let (ours, mut theirs) = (draw(), draw());
        // Every other pair is sure to have something in common.
        if pair % 2 == 0 {
            theirs.extend(ours.iter().take(2).cloned());
        }
        let (initiator, responder) = opened(&coarse, plans(&ours), plans(&theirs));
        let (own, other) = (listed(initiator.cells()), listed(responder.cells()));
        writeln!(asked, "[{own},{other}]").unwrap();
        let told = told_by(initiator, responder);
        let count = told.learnt.iter().find_map(|learnt| match learnt {
            Outcome::Common { count } => Some(*count),
            _ => None,
        });
        counts.push(count.unwrap_or(0).to_string());
    }
    let mut child = Command::new(python)
        .arg(program)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(asked.as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(said.lines().collect::<Vec<_>>(), counts);
    assert!(counts.iter().filter(|count| *count != "0").count() >= PAIRS / 2);
}
