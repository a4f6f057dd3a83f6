//! `detente place`: names as they are written, misheard and mistyped, in the scenario's gazetteer.

use std::path::Path;

use serde_json::Value;

use crate::harness::Folder;

fn candidates(name: &str, more: &[&str]) -> (i32, Vec<Value>) {
    let scenario = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios/syria-2016");
    let scenario = scenario.to_string_lossy().into_owned();
    let mut args = vec!["place", name, "--in", &scenario, "--json"];
    args.extend(more);
    let run = Folder::new().detente(&args);
    let found = run.json()["candidates"].as_array().cloned();
    (run.exit, found.unwrap_or_default())
}

/// "Harb Bebsi" place error: what the volunteer took down stands beside what the caller may have
/// said, and how far that is from where he said it was.
#[test]
fn harb_bebsi_is_offered_as_harbnifsah_with_its_distance() {
    let (exit, found) = candidates("Harb Bebsi", &["--at", "34.9,36.55"]);
    assert_eq!((exit, &found[0]["id"]), (0, &Value::from("harbnifsah")));
    let read_back = found[0]["read_back"].as_str().unwrap();
    assert!(read_back.contains("حربنفسه") && read_back.contains("km from the position given"));
    assert_ne!(found[0]["likeness"], "the same name");
    assert_eq!(found[0]["source"], "from memory; check before use");
}

#[test]
fn one_place_is_found_in_every_script() {
    for (name, id) in [
        ("حلب", "aleppo"),
        ("Халеб", "aleppo"),
        ("Halab", "aleppo"),
        ("معره النعمان", "maarrat-al-numan"),
        ("Maarat an-Numan", "maarrat-al-numan"),
        ("Мааррат ан Нуман", "maarrat-al-numan"),
        ("اعزاز", "azaz"),
        ("دير الزُّور", "deir-ez-zor"),
        ("Deir al-Zour", "deir-ez-zor"),
        ("Дейр-эз-Зор", "deir-ez-zor"),
    ] {
        let (exit, found) = candidates(name, &[]);
        assert_eq!(exit, 0, "{name}");
        assert_eq!(found[0]["id"], id, "{name}");
    }
}

#[test]
fn what_sounds_like_nothing_finds_nothing_and_bad_input_says_so() {
    assert_eq!(candidates("Xylophone", &[]), (1, Vec::new()));
    let folder = Folder::new();
    let file = folder.write("places.csv", "id,names\nx,en:X\n");
    let run = folder.detente(&["place", "X", "--in", &file]);
    assert_eq!(run.exit, 3, "{run}");
    assert!(run.stderr.contains("latitude_deg"), "{run}");
    let run = folder.detente(&["place", "X", "--in", &file, "--at", "north"]);
    assert_eq!(run.exit, 2, "{run}");
}
