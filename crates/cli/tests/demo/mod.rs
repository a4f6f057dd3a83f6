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
    the_folder_tells_the_agreements_life(&folder);
    the_folder_tells_a_day(&folder);
    for holder in ["us", "ru", "un"] {
        let ledger = folder.path("kept").join(holder).join("ledger");
        assert!(ledger.join("checkpoint").is_file());
        assert!(ledger.join("tile").is_dir());
    }
}

fn the_folder_tells_the_agreements_life(folder: &Folder) {
    let run = folder.detente(&["agreement", "kept", "--json"]);
    crate::schema::assert_follows("agreement.schema.json", &run);
    let life = run.json();
    assert_eq!(life["status"], "in_force");
    let text = &life["texts"][0];
    assert_eq!(text["signatures"].as_array().unwrap().len(), 4);
    assert!(
        text["preconditions"]
            .as_array()
            .unwrap()
            .iter()
            .all(|one| one["holding"] == "holds")
    );
    let concerns = life["concerns"]["Foreign ministry"].as_array().unwrap();
    let overridden = concerns
        .iter()
        .find(|one| one["state"] == "overridden")
        .unwrap();
    assert_eq!(overridden["overridden_by"]["name"], "A. Example (invented)");
    let channels = life["channels"].as_array().unwrap();
    assert!(
        channels
            .iter()
            .any(|one| one["comparison"] == "closed_and_used"),
        "{channels:?}"
    );
    let before = folder.detente(&["agreement", "kept", "--at", "2016-09-22T13:00:00Z"]);
    assert!(
        before.stdout.contains("channels (declared | observed)"),
        "{}",
        before.stdout
    );
}

fn the_folder_tells_a_day(folder: &Folder) {
    let args = [
        "daily",
        "kept",
        "--for",
        "2016-09-18",
        "--json",
        "--html",
        "day.html",
        "--svg",
        "day.svg",
    ];
    let run = folder.detente(&args);
    crate::schema::assert_follows("daily.schema.json", &run);
    let report = run.json();
    let of = |measure: &str, holder: &str| {
        let counts = report["day"]["counts"].as_array().unwrap().iter();
        let mut found = counts.filter(|one| one["measure"] == measure && one["holder"] == holder);
        found.next().map_or(0, |one| one["count"].as_u64().unwrap())
    };
    assert_eq!(of("findings_confirm", "US"), 1);
    assert_eq!(of("findings_deny", "RU"), 1);
    assert_eq!(of("findings_no_access", "UN"), 1);
    let violations = report["day"]["violations"].as_array().unwrap();
    assert_eq!(violations[0]["agreement_of_findings"], "divergent");
    let again = folder.detente(&args);
    assert_eq!(
        run.stdout, again.stdout,
        "the same entries, the same figures"
    );
    let page = std::fs::read_to_string(folder.path("day.html")).unwrap();
    assert!(page.contains("dir=\"rtl\"") && !page.contains("http-equiv=\"refresh\""));
    for outside in ["src=\"http", "href=\"http", "url(", "@import", "<script"] {
        assert!(!page.contains(outside), "{outside}");
    }
    assert!(
        std::fs::read_to_string(folder.path("day.svg"))
            .unwrap()
            .starts_with("<svg")
    );
    let wrong = folder.detente(&["daily", "kept", "--for", "17.9.2016"]);
    assert_eq!(wrong.exit, 2, "{}", wrong.stderr);
    let wrong = folder.detente(&["daily", "kept", "--cut-off", "25:00"]);
    assert_eq!(wrong.exit, 2, "{}", wrong.stderr);
    let wrong = folder.detente(&["daily", "nowhere"]);
    assert_eq!(wrong.exit, 2, "{}", wrong.stderr);
}
