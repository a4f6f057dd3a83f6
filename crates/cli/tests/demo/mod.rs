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
    the_announcement_verifies_with_keys_alone(&folder);
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
    // Before anybody had adopted it the text bound nobody, whatever the record says since.
    let early = [
        "agreement",
        "kept",
        "--at",
        "2016-08-20T00:00:00Z",
        "--json",
    ];
    let early = folder.detente(&early).json();
    assert_eq!(early["at"], "2016-08-20T00:00:00Z");
    assert!(early["agreement"].is_null(), "{early}");
    assert_eq!(early["texts"].as_array().unwrap().len(), 1);
    assert_eq!(early["texts"][0]["binds"], false);
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

/// Positions tried in each file of an announcement; every byte of it counts.
const TAMPERED: usize = 24;

fn the_announcement_verifies_with_keys_alone(folder: &Folder) {
    let bare = Folder::new();
    for name in [
        "announcement.json",
        "announcement.html",
        "announcement.policy",
    ] {
        std::fs::copy(folder.path("kept").join(name), bare.path(name)).unwrap();
    }
    let verify = |file: &str| {
        bare.detente(&[
            "ledger",
            "verify",
            file,
            "--policy",
            "announcement.policy",
            "--json",
        ])
    };
    for file in ["announcement.json", "announcement.html"] {
        let run = verify(file);
        assert_eq!(run.exit, 0, "{run}");
        let answer = run.json();
        assert_eq!(answer["endorsed_by"], serde_json::json!(["RU", "US"]));
        assert_eq!(answer["adopted_by"], serde_json::json!(["RU", "US"]));
    }
    let keyless = bare.detente(&["ledger", "verify", "announcement.json"]);
    assert_eq!(keyless.exit, 2, "{keyless}");
    let file: serde_json::Value =
        serde_json::from_slice(&std::fs::read(bare.path("announcement.json")).unwrap()).unwrap();
    crate::schema::assert_valid("announcement.schema.json", &file);
    let statement = serde_json::from_str(file["statement"].as_str().unwrap()).unwrap();
    crate::schema::assert_valid("statement.schema.json", &statement);
    what_is_kept_is_nowhere(&bare);
    a_changed_byte_is_seen(&bare, &verify);
    let again = folder.detente(&["publish", "kept", "--out", "again"]);
    assert_eq!(again.exit, 0, "{again}");
    // The ledgers have grown since: newer checkpoints, the same statement.
    let statement = |path: &str| {
        let file: serde_json::Value =
            serde_json::from_slice(&std::fs::read(folder.path(path)).unwrap()).unwrap();
        file["statement"].as_str().unwrap().to_owned()
    };
    assert!(statement("again.json") == statement("kept/announcement.json"));
    std::fs::copy(folder.path("again.json"), bare.path("again.json")).unwrap();
    let run = verify("again.json");
    assert_eq!(run.exit, 0, "{run}");
    one_sides_account_is_unfavourable(&bare, &verify);
    let draft = folder.detente(&[
        "publish",
        "kept",
        "--out",
        "early",
        "--draft",
        "--at",
        "2016-09-20T00:00:00Z",
    ]);
    assert_eq!(draft.exit, 3, "nothing was published by then: {draft}");
    assert!(draft.stderr.contains("not published by"), "{draft}");
}

/// Objects and areas that a participant keeps between the parties.
fn what_is_kept_is_nowhere(bare: &Folder) {
    let scenario =
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios/syria-2016");
    for kept in ["protected.geojson", "areas.geojson"] {
        let features: serde_json::Value =
            serde_json::from_slice(&std::fs::read(scenario.join(kept)).unwrap()).unwrap();
        for feature in features["features"].as_array().unwrap() {
            let id = feature["id"]
                .as_str()
                .or(feature["properties"]["id"].as_str());
            let id = id.unwrap();
            for file in ["announcement.json", "announcement.html"] {
                let text = std::fs::read_to_string(bare.path(file)).unwrap();
                assert!(!text.contains(id), "{id} of {kept} is in {file}");
            }
        }
    }
}

/// The word of one participant taken out: what is left verifies, and is not what an announcement is for.
fn one_sides_account_is_unfavourable(bare: &Folder, verify: &dyn Fn(&str) -> crate::harness::Run) {
    let bytes = std::fs::read(bare.path("announcement.json")).unwrap();
    let whole = String::from_utf8(bytes).unwrap();
    let file: serde_json::Value = serde_json::from_str(&whole).unwrap();
    let second = &file["endorsements"][1];
    // As it is written, so that the order of its members stays.
    let start = whole.find("\"endorsements\"").unwrap();
    let entry = second["entry"].as_str().unwrap();
    let quoted = serde_json::to_string(entry).unwrap();
    let inside = start + whole[start..].find(&quoted).unwrap();
    let from = whole[..inside].rfind(",\n    {").unwrap();
    let to = inside + whole[inside..].find("\n    }").unwrap() + "\n    }".len();
    let one = format!("{}{}", &whole[..from], &whole[to..]);
    std::fs::write(bare.path("one.json"), one).unwrap();
    let run = verify("one.json");
    assert_eq!(run.exit, 1, "{run}");
    let answer = run.json();
    assert_eq!(answer["endorsed_by"].as_array().unwrap().len(), 1);
    assert_eq!(answer["not_endorsed_by"].as_array().unwrap().len(), 1);
}

fn a_changed_byte_is_seen(bare: &Folder, verify: &dyn Fn(&str) -> crate::harness::Run) {
    for file in ["announcement.json", "announcement.html"] {
        let sound = std::fs::read(bare.path(file)).unwrap();
        for step in 0..TAMPERED {
            let mut bytes = sound.clone();
            let place = (sound.len() - 1) * step / (TAMPERED - 1);
            bytes[place] ^= 1;
            let name = format!("tampered-{file}");
            std::fs::write(bare.path(&name), &bytes).unwrap();
            let run = verify(&name);
            assert_eq!(run.exit, 4, "byte {place} of {file}: {run}");
        }
    }
    // A figure, and a proof's last digit.
    let text = std::fs::read_to_string(bare.path("announcement.json")).unwrap();
    for (from, to) in [
        ("\\\"count\\\":1,", "\\\"count\\\":2,"),
        ("\"index\": ", "\"index\": 1"),
    ] {
        assert!(text.contains(from), "{from}");
        std::fs::write(bare.path("figure.json"), text.replacen(from, to, 1)).unwrap();
        let run = verify("figure.json");
        assert_eq!(run.exit, 4, "{run}");
    }
}
