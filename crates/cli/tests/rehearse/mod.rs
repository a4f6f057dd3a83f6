//! `detente rehearse`: the scenario in worlds that go wrong, and expectations that do not come true.

use crate::harness::{Folder, detente_at_root};

const SCENARIO: &str = "scenarios/syria-2016";

/// Copies the scenario, with one piece of its timeline replaced.
fn scenario_with(folder: &Folder, piece: &str, replacement: &str) {
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/../../scenarios/syria-2016");
    std::fs::create_dir(folder.path("scenario")).unwrap();
    for entry in std::fs::read_dir(source).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_file() {
            std::fs::copy(
                entry.path(),
                folder.path("scenario").join(entry.file_name()),
            )
            .unwrap();
        }
    }
    let path = folder.path("scenario").join("timeline.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains(piece), "the timeline holds no {piece}");
    std::fs::write(&path, text.replacen(piece, replacement, 1)).unwrap();
}

#[test]
fn the_scenario_survives_worlds_that_go_wrong() {
    let run = detente_at_root(&[
        "rehearse", SCENARIO, "--seed", "1", "--worlds", "3", "--json",
    ]);
    assert_eq!(run.exit, 0, "{run}");
    let answer = run.json();
    assert_eq!(answer["holds"], true);
    let worlds = answer["worlds"].as_array().unwrap();
    assert_eq!(worlds.len(), 3);
    for world in worlds {
        assert_eq!(world["told"], answer["acts"], "{world}");
        assert_eq!(world["as_expected"], answer["acts"], "{world}");
    }
    // A world in which nothing goes wrong would show nothing.
    let troubled = worlds
        .iter()
        .filter(|world| world["trouble"].as_array().unwrap().len() > 5);
    assert!(troubled.count() >= 2, "{run}");
}

#[test]
fn the_same_seed_tells_the_same() {
    let args = [
        "rehearse",
        "scenarios/wildfire-airspace",
        "--seed",
        "5",
        "--json",
    ];
    assert_eq!(detente_at_root(&args).stdout, detente_at_root(&args).stdout);
}

#[test]
fn operations_without_a_timeline_are_proposed_by_chance() {
    let run = detente_at_root(&["rehearse", "scenarios/wildfire-airspace", "--seed", "3"]);
    assert_eq!(run.exit, 0, "{run}");
}

#[test]
fn an_outcome_that_the_timeline_does_not_expect_is_told_with_the_seed() {
    let folder = Folder::new();
    scenario_with(
        &folder,
        "state = \"technical_review\"",
        "state = \"adopted\"",
    );
    let run = folder.detente(&["rehearse", "scenario", "--seed", "2"]);
    assert_eq!(run.exit, 1, "{run}");
    assert!(
        run.stdout.contains("acts come to what is expected"),
        "{run}"
    );
    assert!(
        run.stdout
            .contains("again: detente rehearse scenario --seed 2"),
        "{run}"
    );
}

#[test]
fn what_must_be_refused_and_is_not_is_told() {
    let folder = Folder::new();
    scenario_with(
        &folder,
        "state = \"technical_review\"",
        "refused = \"no_such_rule\"",
    );
    let run = folder.detente(&["rehearse", "scenario", "--seed", "2"]);
    assert_eq!(run.exit, 1, "{run}");
    assert!(
        run.stdout.contains("what must be refused is refused"),
        "{run}"
    );
}

#[test]
fn a_timeline_that_names_nothing_is_invalid_input() {
    let folder = Folder::new();
    scenario_with(&folder, "holder = \"UN\"", "holder = \"XX\"");
    let run = folder.detente(&["rehearse", "scenario", "--seed", "2"]);
    assert_eq!(run.exit, 3, "{run}");
    let nowhere = folder.detente(&["rehearse", "nowhere"]);
    assert_eq!(nowhere.exit, 2, "{nowhere}");
}
