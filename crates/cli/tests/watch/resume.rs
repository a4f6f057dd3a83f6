//! A watch that is killed goes on where it was.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Stdio};

use serde_json::Value;

use super::syria;
use crate::harness::{Folder, command};

/// Aircraft that fly in and out of eastern Aleppo, as lines.
fn tracks(aircraft: u32, fixes: u32) -> String {
    let mut text = String::new();
    for step in 0..fixes {
        for number in 0..aircraft {
            // There and back every hundred fixes, each aircraft at its own latitude.
            let along = f64::from((step * 3 + number * 7) % 100);
            let east = 37.05 + 0.004 * (50.0 - along).abs();
            let seconds = step * 5;
            let (hour, minute, second) = (9 + seconds / 3_600, seconds / 60 % 60, seconds % 60);
            let north = 36.18 + f64::from(number) * 0.001;
            writeln!(
                text,
                "{{\"t\": \"2016-09-13T{hour:02}:{minute:02}:{second:02}Z\", \"id\": \"a-{number}\", \"lat\": {north}, \
                 \"lon\": {east}, \"alt_m\": 2500, \"reference\": \"MSL\", \"source\": \"radar-west\"}}"
            )
            .unwrap();
        }
    }
    text
}

fn identities(folder: &Folder, aircraft: u32) {
    let entries: Vec<Value> = (0..aircraft)
        .map(|number| {
            serde_json::json!({
                "track": format!("a-{number}"), "force": "syrian-air-force", "stated_by": "radar-west"
            })
        })
        .collect();
    let clocks = serde_json::json!([{"source": "radar-west", "ahead_s": -2.5, "basis": "compared with GPS"}]);
    let document = serde_json::json!({"identities": entries, "clocks": clocks});
    folder.write("identities.json", &document.to_string());
}

fn start(folder: &Path, tracks: &str, kept: &str, events: &str) -> Child {
    let dossier = syria().display().to_string();
    let args = [
        "watch",
        &dossier,
        "--tracks",
        tracks,
        "--identities",
        "identities.json",
        "--json",
        "--quiet",
        "--resume",
        kept,
        "--events",
        events,
    ];
    command(folder)
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .unwrap()
}

fn ids(lines: &[String]) -> Vec<String> {
    let id = |line: &String| {
        let event: Value = serde_json::from_str(line).unwrap();
        event["id"].as_str().unwrap().to_owned()
    };
    lines.iter().map(id).collect()
}

/// What was printed up to the end.
fn rest(child: &mut Child) -> Vec<String> {
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    lines.map(Result::unwrap).collect()
}

#[test]
fn killed_in_the_middle_of_files_and_taken_up_again_it_tells_every_event_once() {
    let folder = Folder::new();
    identities(&folder, 20);
    folder.write("tracks.jsonl", &tracks(20, 3_000));
    let root = folder.path("");
    let mut whole = start(&root, "tracks.jsonl", "whole.kept", "whole.jsonl");
    let printed = rest(&mut whole);
    assert_eq!(whole.wait().unwrap().code(), Some(1));
    let expected = std::fs::read_to_string(folder.path("whole.jsonl")).unwrap();
    assert!(printed.len() > 1_000, "{} events", printed.len());
    assert_eq!(printed.join("\n") + "\n", expected);
    let mut told = Vec::new();
    for stop_after in [1, 40, 700, 20] {
        let mut child = start(&root, "tracks.jsonl", "kept", "events.jsonl");
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut lines = lines.map_while(Result::ok);
        told.extend(lines.by_ref().take(stop_after));
        child.kill().unwrap();
        child.wait().unwrap();
        // What it printed before it was killed may still lie in the pipe.
        told.extend(lines.filter(|line| line.ends_with('}')));
    }
    let mut last = start(&root, "tracks.jsonl", "kept", "events.jsonl");
    told.extend(rest(&mut last));
    assert_eq!(last.wait().unwrap().code(), Some(1));
    assert!(
        std::fs::read_to_string(folder.path("events.jsonl")).unwrap() == expected,
        "the file of events is that of the run that nobody stopped"
    );
    let (told, once) = (ids(&told), ids(&printed));
    let apart: BTreeSet<&String> = told.iter().collect();
    assert_eq!(apart, once.iter().collect(), "none lost, none invented");
    // A line whose printing the kill overtook may be printed again, under the same name.
    assert!(
        told.len() <= once.len() + 4,
        "{} of {}",
        told.len(),
        once.len()
    );
}

#[test]
fn killed_while_it_listens_and_taken_up_again_it_tells_every_event_once() {
    let folder = Folder::new();
    identities(&folder, 5);
    let text = tracks(5, 600);
    folder.write("tracks.jsonl", &text);
    let root = folder.path("");
    let mut whole = start(&root, "tracks.jsonl", "whole.kept", "whole.jsonl");
    rest(&mut whole);
    whole.wait().unwrap();
    let expected = std::fs::read_to_string(folder.path("whole.jsonl")).unwrap();
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let mut child = start(&root, "-", "kept", "events.jsonl");
    let mut input = child.stdin.take().unwrap();
    for line in &lines[..lines.len() / 2] {
        input.write_all(line.as_bytes()).unwrap();
    }
    input.flush().unwrap();
    let mut printed = BufReader::new(child.stdout.take().unwrap()).lines();
    for _ in 0..30 {
        printed.next().unwrap().unwrap();
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let mut again = start(&root, "-", "kept", "events.jsonl");
    let mut input = again.stdin.take().unwrap();
    let feeding = std::thread::spawn(move || input.write_all(text.as_bytes()));
    rest(&mut again);
    feeding.join().unwrap().unwrap();
    assert_eq!(again.wait().unwrap().code(), Some(1));
    assert!(std::fs::read_to_string(folder.path("events.jsonl")).unwrap() == expected);
}

#[test]
fn a_checkpoint_of_something_else_is_refused_with_what_differs() {
    let folder = Folder::new();
    identities(&folder, 2);
    folder.write("tracks.jsonl", &tracks(2, 50));
    folder.write("other.jsonl", &tracks(1, 50).replace("a-0", "b-0"));
    let root = folder.path("");
    let mut first = start(&root, "tracks.jsonl", "kept", "events.jsonl");
    rest(&mut first);
    first.wait().unwrap();
    let dossier = syria().display().to_string();
    let run = |more: &[&str]| {
        let mut args = vec![
            "watch",
            &dossier,
            "--resume",
            "kept",
            "--identities",
            "identities.json",
        ];
        args.extend(more);
        folder.detente(&args)
    };
    let other_tracks = run(&["--tracks", "other.jsonl"]);
    assert_eq!(other_tracks.exit, 3, "{other_tracks}");
    assert!(
        other_tracks.stderr.contains("over other tracks"),
        "{other_tracks}"
    );
    let other_settings = run(&["--tracks", "tracks.jsonl", "--stragglers", "0"]);
    assert!(
        other_settings.stderr.contains("over other settings"),
        "{other_settings}"
    );
    folder.write("kept", "{}");
    let broken = run(&["--tracks", "tracks.jsonl"]);
    assert_eq!(broken.exit, 3, "{broken}");
    assert!(
        broken.stderr.contains("no checkpoint of a watch"),
        "{broken}"
    );
}

#[test]
fn an_alert_leaves_its_raw_fixes_under_their_hash_with_the_clock_of_the_source() {
    let folder = Folder::new();
    identities(&folder, 1);
    folder.write("tracks.jsonl", &tracks(1, 60));
    let dossier = syria().display().to_string();
    let args = [
        "watch",
        &dossier,
        "--tracks",
        "tracks.jsonl",
        "--identities",
        "identities.json",
        "--json",
        "--quiet",
        "--evidence",
        "evidence",
    ];
    let run = folder.detente(&args);
    let event: Value = run
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .find(|event: &Value| event["alert"]["kind"] == "unmatched_flight")
        .unwrap();
    let item = &event["evidence_item"];
    assert_eq!(item["clock_ahead_s"], -2.5);
    assert_eq!(item["clock_basis"], "compared with GPS");
    let sha256 = item["sha256"].as_str().unwrap();
    let fixes = folder.path(&format!("evidence/{sha256}.jsonl"));
    let bytes = std::fs::read(&fixes).unwrap();
    assert_eq!(detente_ledger::hash::Hash::of(&bytes).to_hex(), sha256);
    assert_eq!(bytes.len() as u64, item["bytes"].as_u64().unwrap());
    let id = event["id"].as_str().unwrap();
    let kept = std::fs::read_to_string(folder.path(&format!("evidence/{id}.json"))).unwrap();
    let kept: Value = serde_json::from_str(&kept).unwrap();
    assert_eq!(kept["evidence"]["original"]["sha256"], sha256);
    // Whoever doubts the event hands its evidence to the watch again.
    let path = fixes.display().to_string();
    let args = [
        "watch",
        &dossier,
        "--tracks",
        &path,
        "--identities",
        "identities.json",
        "--json",
        "--quiet",
    ];
    let again = folder.detente(&args);
    let repeated = again.stdout.lines().any(|line| {
        let found: Value = serde_json::from_str(line).unwrap();
        found["event"] == event["event"]
            && found["with"] == event["with"]
            && found["at"] == event["at"]
    });
    assert!(repeated, "{again}");
}
