//! `detente watch`.

#![expect(
    clippy::unwrap_used,
    reason = "a dossier or an answer that cannot be read fails the test at that line"
)]

mod live;
mod noted;
mod resume;
mod spread;
mod warned;

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::harness::{Folder, Run};

fn syria() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios/syria-2016")
}

fn watched(tracks: &Path, options: &[&str]) -> Run {
    let dossier = syria().display().to_string();
    let tracks = tracks.display().to_string();
    let mut args = vec!["watch", &dossier, "--tracks", &tracks];
    args.extend(options);
    Folder::new().detente(&args)
}

fn events(run: &Run) -> Vec<Value> {
    let lines = run.stdout.lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// Seconds since 1970 of an instant of 2016 in the form both files use.
fn seconds(instant: &Value) -> f64 {
    let text = instant.as_str().unwrap().trim_end_matches('Z');
    let (day, time) = text.split_once('T').unwrap();
    let number = |text: &str| text.parse::<f64>().unwrap();
    let day = number(day.strip_prefix("2016-09-").unwrap());
    let parts: Vec<f64> = time.split(':').map(number).collect();
    day * 86_400.0 + parts[0] * 3_600.0 + parts[1] * 60.0 + parts[2]
}

#[test]
fn the_tracks_of_2016_show_what_is_expected_and_nothing_else() {
    let folder = syria().join("tracks");
    let written = std::fs::read_to_string(folder.join("expected-events.json")).unwrap();
    let written: Value = serde_json::from_str(&written).unwrap();
    let tolerance_s = written["tolerance_s"].as_f64().unwrap();
    let run = watched(&folder, &["--json"]);
    assert_eq!(run.exit, 1, "{run}");
    let mut found = events(&run);
    for expected in written["events"].as_array().unwrap() {
        let place = found
            .iter()
            .position(|event| is(event, expected, tolerance_s));
        let place = place.unwrap_or_else(|| panic!("{expected} is not among\n{}", run.stdout));
        found.remove(place);
    }
    let rest: Vec<&Value> = found.iter().map(|event| &event["event"]).collect();
    assert_eq!(rest, ["gap"], "{found:?}");
}

/// Whether an event is the one expected, by everything that is said of it.
fn is(event: &Value, expected: &Value, tolerance_s: f64) -> bool {
    let alert = &event["alert"];
    let articles = alert["articles"].as_array();
    let articles = articles.is_some_and(|articles| articles.contains(&expected["article"]));
    event["track"] == expected["track"]
        && event["event"] == expected["event"]
        && event["with"] == expected["with"]
        && event["operation"] == expected["operation"]
        && event["until"] == expected["until"]
        && alert["kind"] == expected["alert"]
        && alert["guarantor"] == expected["guarantor"]
        && alert["clock"] == expected["clock"]
        && (articles || expected["article"].is_null())
        && (seconds(&event["at"]) - seconds(&expected["t"])).abs() <= tolerance_s
}

#[test]
fn what_was_observed_is_a_table_for_people() {
    let run = watched(&syria().join("tracks/positions.jsonl"), &["--quiet"]);
    insta::assert_snapshot!(run);
}

#[test]
fn an_event_on_the_wire() {
    let run = watched(
        &syria().join("tracks/positions.jsonl"),
        &["--json", "--quiet"],
    );
    let line = run
        .stdout
        .lines()
        .find(|line| line.contains("syaf-102"))
        .unwrap();
    let event: Value = serde_json::from_str(line).unwrap();
    insta::assert_json_snapshot!(event);
}

#[test]
fn nothing_observed_ends_with_0_and_what_cannot_be_read_is_told() {
    let folder = Folder::new();
    let tracks = folder.path("tracks.jsonl");
    let text =
        "{\"t\": \"2016-09-13T09:00:00Z\", \"id\": \"x\", \"lat\": 30, \"lon\": 30}\nbroken\n";
    std::fs::write(&tracks, text).unwrap();
    let run = watched(&tracks, &[]);
    assert_eq!(run.exit, 0, "{run}");
    assert!(
        run.stdout.contains("1 track, 1 fix, 0 events, 0 alerts"),
        "{run}"
    );
    assert!(run.stdout.contains("1 could not be read"), "{run}");
    assert!(run.stderr.contains("line 2:"), "{run}");
}

#[test]
fn a_file_that_holds_no_tracks_is_wrong_usage() {
    let run = watched(&syria().join("README.md"), &[]);
    assert_eq!(run.exit, 2, "{run}");
    assert!(run.stderr.contains("no format of tracks"), "{run}");
}

#[test]
fn a_packed_file_is_told_from_one_that_holds_no_tracks() {
    let folder = Folder::new();
    let packed = folder.path("trace_full_3c6444.json");
    std::fs::write(&packed, b"\x1f\x8b\x08\x00").unwrap();
    let run = watched(&packed, &[]);
    assert_eq!(run.exit, 2, "{run}");
    assert!(run.stderr.contains("gzip -dc"), "{run}");
    let run = watched(&folder.path(""), &[]);
    assert_eq!(run.exit, 0, "{run}");
    assert!(run.stderr.contains("1 files hold no tracks: "), "{run}");
    assert!(run.stderr.contains("trace_full_3c6444.json"), "{run}");
}

#[cfg(unix)]
#[test]
fn tracks_lie_in_files_of_any_name() {
    use std::os::unix::ffi::OsStringExt as _;

    let folder = Folder::new();
    let name = std::ffi::OsString::from_vec(b"t\xff.jsonl".to_vec());
    let line = r#"{"t": "2016-09-13T09:00:00Z", "id": "a", "lat": 10, "lon": 10}"#;
    std::fs::write(folder.path("").join(&name), line).unwrap();
    let run = std::process::Command::new(env!("CARGO_BIN_EXE_detente"))
        .arg("watch")
        .arg(syria())
        .arg("--tracks")
        .arg(&name)
        .current_dir(folder.path(""))
        .output()
        .unwrap();
    assert_eq!(run.status.code(), Some(0), "{run:?}");
    assert!(
        String::from_utf8_lossy(&run.stdout).contains("1 track, 1 fix"),
        "{run:?}"
    );
}

#[test]
fn tracks_without_a_name_in_two_files_are_two() {
    let folder = Folder::new();
    let mut args = vec!["watch".to_owned(), syria().display().to_string()];
    for (file, longitude) in [("one.gpx", 10), ("two.gpx", 11)] {
        let text = format!(
            "<gpx><trk><trkseg><trkpt lat='10' lon='{longitude}'><time>2016-09-13T09:00:00Z</time>\
             </trkpt></trkseg></trk></gpx>"
        );
        args.extend(["--tracks".to_owned(), folder.write(file, &text)]);
    }
    let run = folder.detente(&args);
    assert!(run.stdout.contains("2 tracks, 2 fixes"), "{run}");
}
