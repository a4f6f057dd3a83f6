//! `detente position`: coordinates as they are said, and said again.

use crate::harness::Folder;

#[test]
fn a_position_is_said_again_in_every_notation() {
    let run = Folder::new().detente(&["position", "36,20124° с. ш., 37,16117° в. д."]);
    insta::assert_snapshot!(run);
}

#[test]
fn a_location_passed_nine_kilometres_wrong_is_not_the_same_place() {
    let folder = Folder::new();
    let args = ["position", "35.2544 N 40.1408 E", "--against"];
    let wrong = [&args[..], &["37S FV 03837 11290", "--json"]].concat();
    let run = folder.detente(&wrong);
    assert_eq!(run.exit, 1, "{run}");
    let against = run.json()["against"].clone();
    assert_eq!(against["agrees"], false, "{against}");
    assert!(
        against["distance_m"].as_f64().unwrap() > 8_000.0,
        "{against}"
    );
    let right = [&args[..], &["35°15′15.8″N 040°08′26.9″E"]].concat();
    let run = folder.detente(&right);
    assert_eq!(run.exit, 0, "{run}");
    assert!(run.stdout.contains("the same place"), "{run}");
}

#[test]
fn what_can_be_read_in_two_ways_is_refused_with_both() {
    let run = Folder::new().detente(&["position", "37S 334684 4007836"]);
    assert_eq!(run.exit, 2, "{run}");
    insta::assert_snapshot!(run);
}
