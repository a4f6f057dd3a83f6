//! Schemathesis against a real node: whatever the published document allows is asked, and more, and
//! every answer is what the document says.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::world::World;

/// Requests of each kind for one operation: bounded, so that a test run is.
const EXAMPLES_MAX: &str = "12";
/// The same requests in every run.
const SEED: &str = "2016";

/// The program, or `None` with a printed reason; where peers are required it must be there.
pub(crate) fn peer(path: &str) -> Option<PathBuf> {
    let program = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../target/peers/server")
        .join(path);
    if program.exists() {
        return Some(program);
    }
    let reason = format!("{path} is not installed; run crates/server/tests/peers/install.sh");
    let required = std::env::var_os("DETENTE_PEERS").is_some_and(|value| value == "required");
    assert!(!required, "{reason}");
    eprintln!("skipped: {reason}");
    None
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_is_what_the_published_document_says() {
    let Some(program) = peer("venv/bin/schemathesis") else {
        return;
    };
    let world = World::open(2).await;
    let us = &world.nodes[0];
    let document = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/openapi.json");
    let mut command = Command::new(program);
    command
        .arg("run")
        .arg(document)
        .args(["--url", &format!("http://{}", us.house.api)])
        .args([
            "--header",
            &format!("Authorization: Bearer {}", us.tokens["all"]),
        ])
        .args(["--max-examples", EXAMPLES_MAX, "--seed", SEED])
        .args([
            "--generation-database",
            "none",
            "--no-color",
            "--continue-on-failure",
        ])
        .args(["--phases", "examples,coverage,fuzzing"])
        // A stream does not end; live.rs reads it.
        .args(["--exclude-operation-id", "follow_events"])
        // What an act must say depends on its kind; docs/reference/acts.md and its tests say it.
        .args(["--exclude-checks", "positive_data_acceptance"])
        .env("PYTHONWARNINGS", "ignore")
        .current_dir(env!("CARGO_TARGET_TMPDIR"));
    let output = tokio::task::spawn_blocking(move || command.output());
    let output = output.await.unwrap().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "{said}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    // It must have asked something for that to mean anything.
    assert!(said.contains("passed"), "{said}");
    world.close().await;
}
