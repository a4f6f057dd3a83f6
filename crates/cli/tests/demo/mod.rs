//! `detente demo`: the whole scenario, with every outcome as it must be and every ledger sound.

use crate::harness::Folder;
use std::process::Command;

#[test]
fn the_scenario_goes_as_told_and_every_ledger_holds() {
    let folder = Folder::new();
    let output = Command::new(env!("CARGO_BIN_EXE_detente"))
        .args(["demo", "--exit", "--keep", "kept"])
        .current_dir(folder.path(""))
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{text}\n{output:?}");
    assert!(!text.contains("NOT AS EXPECTED"), "{text}");
    assert!(text.contains("who provably knew what"), "{text}");
    for holder in ["us", "ru", "un"] {
        let ledger = folder.path("kept").join(holder).join("ledger");
        assert!(ledger.join("checkpoint").is_file());
        assert!(ledger.join("tile").is_dir());
    }
}
