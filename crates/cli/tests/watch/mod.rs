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

/// Who answers for the Syrian forces, in the agreement of 2016.
const GUARANTOR_OF_SY: &str = "[[guarantors]]\nparticipant = \"RU\"\nfor = \"SY\"\n";

/// The dossier of 2016 with one piece of its agreement replaced.
fn dossier_with(piece: &str, instead: &str) -> Folder {
    let folder = Folder::new();
    for name in [
        "areas.geojson",
        "articles.cedar",
        "movements.geojson",
        "operations.geojson",
        "protected.geojson",
    ] {
        std::fs::copy(syria().join(name), folder.path(name)).unwrap();
    }
    let agreement = std::fs::read_to_string(syria().join("agreement.toml")).unwrap();
    assert_eq!(agreement.matches(piece).count(), 1, "{piece}");
    folder.write("agreement.toml", &agreement.replace(piece, instead));
    folder
}

/// The kinds of the alerts of a run, each with what it is about.
fn alerts(run: &Run) -> Vec<(String, String, String)> {
    let events = events(run);
    let alarms = events.iter().filter(|event| event["alert"].is_object());
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    alarms
        .map(|event| {
            let alert = &event["alert"];
            (
                text(&event["event"]),
                text(&event["with"]),
                text(&alert["kind"]),
            )
        })
        .collect()
}

#[test]
fn a_flight_that_may_be_nowhere_alarms_where_it_is_seen_in_a_zone() {
    // Without a guarantor nothing of the party's is permitted anywhere, whatever the zone.
    let folder = dossier_with(GUARANTOR_OF_SY, "");
    folder.write(
        "tracks.jsonl",
        r#"{"t": "2016-09-13T09:00:00Z", "id": "sy-1", "lat": 35.6138, "lon": 36.5645, "alt_m": 3000, "reference": "MSL"}"#,
    );
    folder.write(
        "identities.json",
        r#"{"identities": [{"track": "sy-1", "force": "syrian-air-force", "stated_by": "post"}]}"#,
    );
    let run = folder.detente(&["watch", ".", "--tracks", "tracks.jsonl", "--json"]);
    let told = alerts(&run);
    let told: Vec<[&str; 3]> = told
        .iter()
        .map(|(event, with, kind)| [event.as_str(), with, kind])
        .collect();
    assert_eq!(
        told,
        [["inside", "da-kafr-nabl", "unmatched_flight"]],
        "{run}"
    );
}

#[test]
fn what_may_be_flown_is_asked_as_the_agreement_stands_and_for_as_long_as_it_lasts() {
    let line = |at: &str, track: &str| {
        format!("{{\"t\": \"{at}\", \"id\": \"{track}\", \"lat\": 64.8, \"lon\": -18.6}}\n")
    };
    let entry = |track: &str| serde_json::json!({"track": track, "force": "north-air", "stated_by": "post"});
    let told = |status: &str| {
        let folder = Folder::new();
        folder.starter_with("agreement.toml", "status = \"in_force\"", status);
        // The agreement ends on the first of September, the area until further notice.
        let tracks =
            line("2030-08-20T09:00:00Z", "before") + &line("2030-09-02T09:00:00Z", "after");
        folder.write("tracks.jsonl", &tracks);
        let identities = serde_json::json!({"identities": [entry("before"), entry("after")]});
        folder.write("identities.json", &identities.to_string());
        let run = folder.detente(&["watch", "dossier", "--tracks", "tracks.jsonl", "--json"]);
        let alarms = events(&run)
            .into_iter()
            .filter(|event| event["alert"]["kind"] == "unmatched_flight");
        let tracks: Vec<String> = alarms.map(|event| event["track"].to_string()).collect();
        tracks
    };
    assert_eq!(told("status = \"in_force\""), ["\"after\""]);
    let both = told("status = \"suspended\"");
    assert_eq!(both.len(), 2, "{both:?}");
}

#[test]
fn a_flight_of_an_operation_that_the_check_prohibits_as_a_whole_is_told_once() {
    // Notice was given twelve hours ahead.
    let folder = dossier_with(
        "strike = \"6h\"\n",
        "strike = \"6h\"\nreconnaissance = \"24h\"\n",
    );
    let checked = folder.detente(&["check", "."]);
    assert!(
        checked
            .stdout
            .contains("PROHIBITED  us-reconnaissance-hasakah"),
        "{checked}"
    );
    let tracks = syria().join("tracks").display().to_string();
    let run = folder.detente(&["watch", ".", "--tracks", &tracks, "--json"]);
    let told = alerts(&run)
        .into_iter()
        .filter(|(_, with, kind)| with == "us-reconnaissance-hasakah" && kind == "late_notice");
    // Two tracks fly it.
    assert_eq!(told.count(), 2, "{run}");
}

#[test]
fn what_contradicts_itself_in_the_identities_is_told_with_both_places() {
    let folder = Folder::new();
    let line = r#"{"t": "2016-09-13T09:00:00Z", "id": "x", "lat": 30, "lon": 30}"#;
    std::fs::write(folder.path("tracks.jsonl"), line).unwrap();
    let written = r#"{"identities": [
        {"track": "4CA1FA", "force": "syrian-air-force", "stated_by": "a"},
        {"track": "x", "force": "us-air", "stated_by": "a", "colour": "red"},
        {"track": "4ca1fa", "civil": true, "stated_by": "b"},
        {"track": "y", "force": "us-air"},
        {"track": "x", "force": "us-air", "stated_by": "b"}]}"#;
    std::fs::write(folder.path("identities.json"), written).unwrap();
    let run = watched(&folder.path("tracks.jsonl"), &[]);
    assert_eq!(run.exit, 3, "{run}");
    let said = run.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
    for piece in [
        "track `4ca1fa` is of force `syrian-air-force` (/identities/0) and civil (/identities/2)",
        "unknown member `colour` (/identities/1/colour)",
        "track `y`: no `stated_by`",
    ] {
        assert!(said.contains(piece), "{piece} is not in {run}");
    }
    assert!(!said.contains("track `x`"), "{run}");
}

#[test]
fn addresses_are_the_same_in_capitals_and_those_that_never_occur_are_told() {
    let folder = Folder::new();
    let line = "MSG,3,1,1,4CA1FA,1,2016/09/13,09:00:00,2016/09/13,09:00:00,,10000,,,36.17,37.18,,,0,0,0,0\n";
    std::fs::write(folder.path("tracks.sbs"), line).unwrap();
    let written = r#"{"identities": [
        {"track": "4CA1FA", "force": "syrian-air-force", "stated_by": "a"},
        {"track": "other", "civil": true, "stated_by": "a"}]}"#;
    std::fs::write(folder.path("identities.json"), written).unwrap();
    let run = watched(&folder.path("tracks.sbs"), &["--json"]);
    assert!(run.stderr.contains("1 never occurred: other"), "{run}");
}

#[test]
fn a_source_of_which_nothing_can_be_read_is_invalid() {
    let folder = Folder::new();
    let line = r#"{"t": "2016-09-13T09:00:00Z", "id": "x", "lat": 30, "lon": 30}"#;
    std::fs::write(folder.path("tracks.jsonl"), line).unwrap();
    for format in ["gpx", "sbs", "readsb", "opensky"] {
        let run = watched(&folder.path("tracks.jsonl"), &["--format", format]);
        assert_eq!(run.exit, 3, "{format}: {run}");
        assert!(run.stderr.contains("nothing could be read"), "{run}");
    }
    let empty = Folder::new();
    let run = watched(&empty.path(""), &[]);
    assert_eq!(run.exit, 2, "{run}");
    assert!(run.stderr.contains("no tracks in "), "{run}");
}

#[test]
fn files_are_read_in_the_order_of_their_first_fix() {
    let line = |minute: u32| {
        format!(
            "{{\"t\": \"2016-09-13T09:{minute:02}:00Z\", \"id\": \"x\", \"lat\": 30, \"lon\": 30}}\n"
        )
    };
    let folder = Folder::new();
    std::fs::write(folder.path("a.jsonl"), line(30) + &line(31)).unwrap();
    std::fs::write(folder.path("b.jsonl"), line(0) + &line(1)).unwrap();
    let run = watched(&folder.path(""), &[]);
    assert!(run.stdout.contains("1 track, 4 fixes"), "{run}");
    assert!(!run.stdout.contains("came too late"), "{run}");
    // Files that overlap cannot be put in order by reading one after another.
    std::fs::write(folder.path("c.jsonl"), line(10) + &line(40) + &line(41)).unwrap();
    let run = watched(&folder.path(""), &[]);
    assert!(run.stdout.contains("2 came too late"), "{run}");
    assert!(run.stderr.contains("--stragglers"), "{run}");
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
    assert_eq!(run.exit, 2, "{run}");
    assert!(run.stderr.contains("1 files hold no tracks: "), "{run}");
    assert!(run.stderr.contains("trace_full_3c6444.json"), "{run}");
    assert!(run.stderr.contains("gzip -dc"), "{run}");
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
