//! The command line itself: version, wrong usage, a reader that goes away.

use std::process::Stdio;

use crate::harness::{Folder, command};

#[test]
fn the_version_is_that_of_the_workspace() {
    let run = Folder::new().detente(&["--version"]);
    assert_eq!(run.exit, 0);
    assert_eq!(
        run.stdout,
        concat!("detente ", env!("CARGO_PKG_VERSION"), "\n")
    );
}

#[test]
fn wrong_usage_ends_with_2_and_says_what_was_expected() {
    let run = Folder::new().detente(&["completions", "cobol"]);
    insta::assert_snapshot!(run);
}

#[test]
fn no_verb_is_wrong_usage_and_shows_the_help() {
    let run = Folder::new().detente::<&str>(&[]);
    assert_eq!(run.exit, 2);
    assert!(run.stderr.contains("Usage: detente"), "{run}");
}

#[test]
fn a_reader_that_goes_away_ends_the_run_quietly() {
    let folder = Folder::new();
    let mut child = command(&folder.path("."))
        .args(["completions", "zsh"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}
