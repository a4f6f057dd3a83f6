//! `detente deconflict`: two folders, and files that go from one to the other.

mod between;

use crate::harness::{Folder, Run};

/// A corridor between two places, in half an hour of one day.
fn plan(id: &str, line: [[f64; 2]; 2], lower_m: u32, upper_m: u32) -> String {
    let [[west, south], [east, north]] = line;
    format!(
        r#"{{"type": "Feature", "id": "{id}", "geometry": {{"type": "LineString", "coordinates": [[{west}, {south}], [{east}, {north}]]}},
  "properties": {{"half_width_m": 200, "lower": {{"value": {lower_m}, "unit": "m", "reference": "W84"}},
  "upper": {{"value": {upper_m}, "unit": "m", "reference": "W84"}},
  "start": "2016-09-12T16:00:00Z", "end": "2016-09-12T16:20:00Z"}}}}"#
    )
}

fn collection(features: &[String]) -> String {
    format!(
        r#"{{"type": "FeatureCollection", "features": [{}]}}"#,
        features.join(",\n")
    )
}

/// Two sides that have begun.
fn begun(ours: &[String], theirs: &[String]) -> Folder {
    let folder = Folder::new();
    folder.write("ours.geojson", &collection(ours));
    folder.write("theirs.geojson", &collection(theirs));
    folder.write("agreement.toml", "id = \"an agreement\"\n");
    for (side, options) in [("ours", vec![]), ("theirs", vec!["--answer"])] {
        let plans = format!("{side}.geojson");
        let mut args = vec![
            "deconflict",
            "begin",
            side,
            "--plans",
            &plans,
            "--agreement",
            "agreement.toml",
            "--json",
        ];
        args.extend(options);
        let run = folder.detente(&args);
        assert_eq!(run.exit, 0, "{run}");
    }
    folder
}

/// Carries what one side wants sent to the other, until nobody has anything to send; gives how each stands.
fn carried(folder: &Folder, consents: bool) -> (Run, Run) {
    let mut waiting = vec![
        ("ours", "theirs/said/00".to_owned()),
        ("theirs", "ours/said/00".to_owned()),
    ];
    let mut asked = Vec::new();
    while !waiting.is_empty() {
        let (to, file) = waiting.remove(0);
        let from = if to == "ours" { "theirs" } else { "ours" };
        let run = folder.detente(&["deconflict", "take", to, &file, "--json"]);
        let mut answers = vec![run.json()];
        if consents && answers[0]["state"] == "common" && !asked.contains(&to) {
            asked.push(to);
            answers.push(
                folder
                    .detente(&["deconflict", "consent", to, "--json"])
                    .json(),
            );
        }
        for answer in answers {
            for file in answer["send"].as_array().unwrap() {
                waiting.push((from, file.as_str().unwrap().to_owned()));
            }
        }
    }
    let show = |side| folder.detente(&["deconflict", "show", side]);
    (show("ours"), show("theirs"))
}

fn crossing() -> (Vec<String>, Vec<String>) {
    let ours = vec![
        plan("transit-1", [[36.0, 35.0], [36.2, 35.1]], 3_000, 3_200),
        plan("transit-2", [[38.0, 36.0], [38.0, 36.2]], 3_000, 3_200),
    ];
    let theirs = vec![plan("patrol", [[36.0, 35.1], [36.2, 35.0]], 3_100, 3_400)];
    (ours, theirs)
}

#[test]
fn plans_that_cross_are_named_to_both_after_both_consent() {
    let (ours, theirs) = crossing();
    let folder = begun(&ours, &theirs);
    let (ours, theirs) = carried(&folder, true);
    assert_eq!((ours.exit, theirs.exit), (1, 1));
    insta::assert_snapshot!(ours.stdout, @r"
    CLOSE  plans come close, or nearly
      16310 common cells of level 3, about 153 m wide
      ours    transit-1
      pair    transit-1 overlaps a leg of theirs, 2016-09-12T16:00:00Z to 2016-09-12T16:20:00Z, 3100 to 3200 m
    ");
    insta::assert_snapshot!(theirs.stdout, @r"
    CLOSE  plans come close, or nearly
      16310 common cells of level 3, about 153 m wide
      ours    patrol
      pair    patrol overlaps a leg of theirs, 2016-09-12T16:00:00Z to 2016-09-12T16:20:00Z, 3100 to 3200 m
    ");
}

#[test]
fn without_consent_only_a_number_is_known() {
    let (ours, theirs) = crossing();
    let folder = begun(&ours, &theirs);
    let (ours, theirs) = carried(&folder, false);
    assert_eq!((ours.exit, theirs.exit), (1, 1));
    insta::assert_snapshot!(ours.stdout, @r"
    COMMON  plans may come close; which ones is learnt if both sides consent
      9 common cells of level 0, about 9784 m wide
    ");
    assert_eq!(ours.stdout, theirs.stdout);
}

#[test]
fn plans_far_apart_are_told_so() {
    let (ours, _) = crossing();
    let folder = begun(&ours[1..], &ours[..1]);
    let (ours, theirs) = carried(&folder, true);
    assert_eq!((ours.exit, theirs.exit), (0, 0));
    insta::assert_snapshot!(ours.stdout, @"APART  no plans come closer than the separation agreed");
}

#[test]
fn a_disclosed_side_is_audited_and_one_that_left_plans_out_fails() {
    let (ours, theirs) = crossing();
    let folder = begun(&ours, &theirs);
    carried(&folder, true);
    for (folder_of, other) in [("ours", "theirs"), ("theirs", "ours")] {
        let run = folder.detente(&["deconflict", "audit", folder_of, "--disclosed", other]);
        assert_eq!(run.exit, 0, "{run}");
    }
    // The plans it had when it began were others than those it shows, in words or in numbers as well.
    folder.write("theirs/plans.geojson", &collection(&ours));
    let run = folder.detente(&["deconflict", "audit", "ours", "--disclosed", "theirs"]);
    assert_eq!(run.exit, 4, "{run}");
    insta::assert_snapshot!(run.stdout, @"FAILS  the legs it disclosed are not those of the plans it disclosed");
    std::fs::copy(
        folder.path("ours/legs.json"),
        folder.path("theirs/legs.json"),
    )
    .unwrap();
    let run = folder.detente(&["deconflict", "audit", "ours", "--disclosed", "theirs"]);
    assert_eq!(run.exit, 4, "{run}");
    insta::assert_snapshot!(run.stdout, @"FAILS  the plans it committed to are not those it disclosed: some were left out, added or changed");
}

#[test]
fn what_comes_out_of_turn_or_is_no_message_changes_nothing() {
    let (ours, theirs) = crossing();
    let folder = begun(&ours, &theirs);
    let before = std::fs::read(folder.path("ours/session.json")).unwrap();
    folder.write("noise", "not a message");
    for file in ["noise", "ours.geojson"] {
        let run = folder.detente(&["deconflict", "take", "ours", file]);
        assert_eq!(run.exit, 4, "{run}");
    }
    assert_eq!(
        std::fs::read(folder.path("ours/session.json")).unwrap(),
        before
    );
    let early = folder.detente(&["deconflict", "consent", "ours"]);
    assert_eq!(early.exit, 2, "{early}");
}

#[test]
fn a_plan_without_an_end_is_refused_at_its_place_and_nothing_is_written() {
    let folder = Folder::new();
    let endless = plan("endless", [[36.0, 35.0], [36.2, 35.1]], 3_000, 3_200)
        .replace("2016-09-12T16:20:00Z", "UFN");
    folder.write("plans.geojson", &collection(&[endless]));
    folder.write("agreement.toml", "id = \"an agreement\"\n");
    let run = folder.detente(&[
        "deconflict",
        "begin",
        "session",
        "--plans",
        "plans.geojson",
        "--agreement",
        "agreement.toml",
    ]);
    assert_eq!(run.exit, 3, "{run}");
    assert!(
        run.stderr.contains("endless: a window without an end"),
        "{run}"
    );
    assert!(!folder.path("session").exists());
}
