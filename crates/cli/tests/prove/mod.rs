//! `detente prove`: two provers, counterexamples that `check` confirms, and what is kept.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a run that gives no answer fails the test at that line"
)]

#[path = "../../../agreement/src/prove/oracle/recipes.rs"]
mod recipes;

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::harness::{Folder, Run, detente_at_root};
use recipes::{ACTIONS, CONSENTS, PRINCIPALS, RESOURCES, Recipe};

/// The solvers that `tests/peers/install.sh` installs: cvc5's library and z3's program.
fn solvers() -> Option<[String; 2]> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/peers/solvers");
    let libraries = std::fs::read_dir(root.join("cvc5.libs")).ok();
    let library = libraries.and_then(|mut entries| {
        entries.find_map(|entry| {
            let path = entry.ok()?.path();
            let name = path.file_name()?.to_str()?;
            name.starts_with("libcvc5parser-").then_some(path.clone())
        })
    });
    let z3 = Some(root.join("bin/z3")).filter(|path| path.is_file());
    let found = library.zip(z3);
    if found.is_none() && std::env::var_os("DETENTE_PEERS").is_some_and(|value| value == "required")
    {
        panic!("no solvers: run crates/cli/tests/peers/install.sh");
    }
    let text = |path: PathBuf| path.canonicalize().unwrap().display().to_string();
    found.map(|(library, z3)| [text(library), text(z3)])
}

fn concerns(run: &Run) -> Vec<Value> {
    run.json()["concerns"].as_array().unwrap().clone()
}

/// Whether a solver, too, answered.
fn named(concern: &Value, solver: &str) -> bool {
    let by = concern["proved_by"].as_array().unwrap();
    by.iter().any(|by| by.as_str().unwrap().starts_with(solver))
}

#[test]
fn the_plan_of_2016_is_proved_and_each_solver_confirms_what_it_decides_in_time() {
    let Some(solvers) = solvers() else { return };
    for (solver, name) in solvers.iter().zip(["cvc5 1.3.1", "z3 5.4.1"]) {
        let run = detente_at_root(&[
            "prove",
            "scenarios/syria-2016",
            "--solver",
            solver,
            "--time-limit",
            "2",
            "--json",
        ]);
        assert_eq!(run.exit, 0, "{run}");
        let mut twice = 0;
        for concern in concerns(&run) {
            assert_eq!(concern["result"], "proved", "{concern}");
            assert_eq!(concern["disagreement"], Value::Null);
            assert!(named(&concern, "built-in"), "{concern}");
            twice += usize::from(named(&concern, name));
        }
        // How many a solver decides in two seconds depends on the machine; some it always does.
        assert!(twice >= 3, "{run}");
    }
}

#[test]
fn every_concern_of_july_is_refuted_by_an_operation_that_check_lets_through() {
    let folder = Folder::new();
    let dossier = format!(
        "{}/../../scenarios/syria-2016-july",
        env!("CARGO_MANIFEST_DIR")
    );
    let mut args = vec![
        "prove".to_owned(),
        dossier,
        "--json".to_owned(),
        "--counterexamples".to_owned(),
        "cases".to_owned(),
        "--map".to_owned(),
    ];
    if let Some([cvc5, _]) = solvers() {
        args.extend(["--solver", cvc5.as_str(), "--time-limit", "2"].map(str::to_owned));
    }
    let run = folder.detente(&args);
    assert_eq!(run.exit, 1, "{run}");
    let concerns = concerns(&run);
    assert!(concerns.len() >= 8);
    for concern in concerns {
        assert_eq!(concern["result"], "refuted", "{concern}");
        let id = concern["id"].as_str().unwrap();
        let case = format!("cases/{id}");
        let checked = folder.detente(&["check", &case, "--json"]);
        let answer = checked.json();
        let verdict = answer["operations"]
            .as_array()
            .unwrap()
            .iter()
            .find(|operation| operation["operation"] == "counterexample")
            .map(|operation| operation["verdict"].clone());
        assert_eq!(verdict, Some("clear".into()), "{id}: {checked}");
        let map = std::fs::read_to_string(folder.path(&case).join("map.svg")).unwrap();
        assert!(map.starts_with("<svg") || map.starts_with("<?xml"), "{id}");
        assert_eq!(concern["disagreement"], Value::Null, "{concern}");
    }
}

#[test]
fn answers_are_kept_by_content_and_a_damaged_file_is_made_anew() {
    let folder = Folder::new();
    let starter = folder.detente(&["init", "dossier"]);
    assert_eq!(starter.exit, 0, "{starter}");
    let prove = |cache: &str| {
        folder.detente(&[
            "prove", "dossier", "--solver", "none", "--json", "--cache", cache,
        ])
    };
    let cached = |run: &Run| {
        concerns(run)
            .iter()
            .all(|concern| concern["cached"] == true)
    };
    let first = prove("kept");
    assert!(!cached(&first), "{first}");
    let files = |name: &str| -> Vec<PathBuf> {
        let entries = std::fs::read_dir(folder.path(name)).unwrap();
        entries.map(|entry| entry.unwrap().path()).collect()
    };
    assert!(!files("kept").is_empty());
    let second = prove("kept");
    assert!(cached(&second), "{second}");
    let results = |run: &Run| -> Vec<Value> {
        concerns(run)
            .iter()
            .map(|concern| concern["result"].clone())
            .collect()
    };
    assert_eq!(results(&first), results(&second));
    for file in files("kept") {
        let text = std::fs::read_to_string(&file).unwrap();
        std::fs::write(&file, text.replace("proved", "refuted")).unwrap();
    }
    let third = prove("kept");
    assert!(
        !cached(&third) && results(&third) == results(&first),
        "{third}"
    );
    // Another article, another answer.
    let path = folder.path("dossier").join("articles.cedar");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, format!("{text}\n@id(\"more\") @article(\"99\") @title(\"More\") @consequence(\"none\")\nforbid (principal, action, resource is Detente::Airspace) when {{ !context.certain && context.distanceM > 0 }};\n")).unwrap();
    assert!(!cached(&prove("kept")));
}

#[test]
fn what_is_no_solver_or_fails_is_said_and_proves_nothing() {
    let folder = Folder::new();
    let starter = folder.detente(&["init", "dossier"]);
    assert_eq!(starter.exit, 0, "{starter}");
    let prove = |solver: &str| {
        folder.detente(&[
            "prove",
            "dossier",
            "--no-cache",
            "--json",
            "--time-limit",
            "1",
            "--solver",
            solver,
        ])
    };
    let script = |name: &str, text: &str| {
        let path = folder.path(name);
        std::fs::write(&path, format!("#!/bin/sh\n{text}\n")).unwrap();
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        path.display().to_string()
    };
    let version = "case \"$*\" in *--version*) echo 'This is cvc5 version 9.9.9'; exit;; esac";
    for (name, text, says) in [
        ("missing", String::new(), "no such file"),
        ("silent", "exit 0".to_owned(), "does not say its version"),
        (
            "other",
            "echo 'yices 2.6'".to_owned(),
            "neither cvc5 nor z3",
        ),
        (
            "crash",
            format!("{version}\nexit 134"),
            "ended before it answered",
        ),
        (
            "liar",
            format!("{version}\nwhile read line; do echo sat; done"),
            "answers a simple question",
        ),
        (
            "babble",
            format!("{version}\nwhile read line; do echo hello; done"),
            "hello",
        ),
    ] {
        let path = if name == "missing" {
            folder.path(name).display().to_string()
        } else {
            script(name, &text)
        };
        let run = prove(&path);
        assert_eq!(run.exit, 2, "{name}: {run}");
        assert!(run.stderr.contains(says), "{name}: {run}");
        assert!(run.stdout.is_empty(), "{name}: {run}");
    }
}

#[test]
fn a_solver_that_fails_on_the_question_leaves_the_built_in_proof_alone() {
    let Some([_, z3]) = solvers() else { return };
    let folder = Folder::new();
    let starter = folder.detente(&["init", "dossier"]);
    assert_eq!(starter.exit, 0, "{starter}");
    // Answers the trial questions, then dies at anything longer.
    let path = folder.path("fragile");
    let text = format!(
        "#!/bin/sh\ncase \"$*\" in *--version*) exec '{z3}' --version;; esac\n\
         while IFS= read -r line; do case \"$line\" in *declare-datatype*) exit 9;; esac; printf '%s\\n' \"$line\"; done | '{z3}' -in -smt2\n"
    );
    std::fs::write(&path, text).unwrap();
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    let run = folder.detente(&[
        "prove",
        "dossier",
        "--no-cache",
        "--json",
        "--solver",
        &path.display().to_string(),
    ]);
    let asked: Vec<Value> = concerns(&run)
        .into_iter()
        .filter(|concern| concern["result"] != "unknown")
        .collect();
    assert!(!asked.is_empty(), "{run}");
    for concern in asked {
        assert!(
            named(&concern, "built-in") && !named(&concern, "z3"),
            "{concern}"
        );
        assert!(
            !concern["doubts"].as_array().unwrap().is_empty(),
            "{concern}"
        );
    }
}

#[test]
fn a_property_that_does_not_type_check_is_pointed_at() {
    let folder = Folder::new();
    folder.starter_with(
        "concerns.toml",
        "principal.party.participant",
        "principal.party.signatory",
    );
    let run = folder.detente(&["prove", "dossier", "--solver", "none"]);
    assert_eq!(run.exit, 3, "{run}");
    assert!(run.stderr.contains("[dossier/concerns.toml:20:4]"), "{run}");
}

/// A small generator of chance: the same in every run.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit
    }

    fn recipe(&mut self) -> Recipe {
        let parts = self.below(4);
        Recipe {
            permit: self.below(2) == 0,
            scope: (
                self.below(PRINCIPALS.len()),
                self.below(ACTIONS.len()),
                self.below(RESOURCES.len()),
            ),
            parts: (0..parts)
                .map(|_| (self.below(64), self.below(4) as u8))
                .collect(),
            consent: (self.below(2) == 0).then(|| self.below(CONSENTS.len())),
        }
    }
}

/// Agreements put together by chance, each with a handful of properties.
const AGREEMENTS: usize = 12;
const PROPERTIES: usize = 6;

#[test]
fn two_provers_never_contradict_each_other_on_articles_put_together_by_chance() {
    let Some(solvers) = solvers() else { return };
    let agreement = include_str!("../../../agreement/testdata/agreement.toml");
    let mut chance = Chance(2_016);
    let (mut agreed, mut decided) = (0, 0);
    for number in 0..AGREEMENTS {
        let folder = Folder::new();
        std::fs::create_dir_all(folder.path("dossier")).unwrap();
        let clauses = 1 + chance.below(4);
        let mut articles: String = (0..clauses).map(|id| chance.recipe().clause(id)).collect();
        articles.push_str("@id(\"all\") @article(\"all\") @title(\"T\") @consequence(\"none\")\npermit (principal, action, resource);\n");
        let mut concerns_text = String::new();
        for id in 0..PROPERTIES {
            concerns_text.push_str(&format!(
                "[[concerns]]\nid = \"c{id}\"\ntitle = \"T\"\nowner = \"O\"\nseverity = \"blocking\"\nproperty = '''\n{}\n'''\n",
                chance.recipe().property()
            ));
        }
        let area = r#"{"type":"FeatureCollection","features":[{"type":"Feature","geometry":{"type":"Point","coordinates":[30,30]},"properties":{"id":"east","kind":"corridor","radius_m":1000,"lower":{"reference":"SFC"},"upper":{"reference":"UNL"},"start":"2030-01-01T00:00:00Z","end":"UFN"}}]}"#;
        let object = r#"{"type":"FeatureCollection","features":[{"type":"Feature","geometry":{"type":"Point","coordinates":[31,30]},"properties":{"id":"s1","kind":"protected_object","category":"school","radius_m":10,"accuracy_m":10,"lower":{"reference":"SFC"},"upper":{"reference":"UNL"},"start":"2030-01-01T00:00:00Z","end":"UFN"}}]}"#;
        for (name, text) in [
            ("agreement.toml", agreement),
            ("articles.cedar", &articles),
            ("concerns.toml", &concerns_text),
            ("areas.geojson", area),
            ("protected.geojson", object),
        ] {
            std::fs::write(folder.path("dossier").join(name), text).unwrap();
        }
        let solver = &solvers[number % 2];
        let run = folder.detente(&[
            "prove",
            "dossier",
            "--no-cache",
            "--json",
            "--solver",
            solver,
        ]);
        // Articles or properties that Cedar calls impossible are refused.
        if run.exit == 3 {
            continue;
        }
        assert!(
            matches!(run.exit, 0 | 1),
            "{articles}\n{concerns_text}\n{run}"
        );
        for concern in concerns(&run) {
            assert_eq!(
                concern["disagreement"],
                Value::Null,
                "{articles}\n{concern}"
            );
            decided += usize::from(concern["result"] != "unknown");
            agreed += usize::from(concern["proved_by"].as_array().unwrap().len() == 2);
        }
    }
    assert!(
        decided > 10 && agreed * 2 > decided,
        "{agreed} of {decided}"
    );
}

#[test]
fn a_counterexample_about_a_named_area_is_a_dossier_that_check_takes() {
    let folder = Folder::new();
    folder.starter_with(
        "articles.cedar",
        "@id(\"movements\")",
        r#"@id("named")
@article("7")
@title("Only passage through the highland, and no combat near a camp or in it")
@consequence("none")
forbid (principal, action, resource == Detente::Area::"area-highland")
unless { action == Detente::Action::"transit" };

@id("named-too")
@article("7")
@title("The camp is closed to combat")
@consequence("none")
forbid (principal, action in Detente::Action::"combat", resource == Detente::Area::"closed-camp");

@id("movements")"#,
    );
    folder.write(
        "dossier/concerns.toml",
        r#"[[concerns]]
id = "closed"
title = "Nothing enters the highland"
owner = "An office"
severity = "blocking"
property = 'forbid (principal, action, resource == Detente::Area::"area-highland");'
"#,
    );
    let run = folder.detente(&[
        "prove",
        "dossier",
        "--solver",
        "none",
        "--no-cache",
        "--counterexamples",
        "cases",
    ]);
    assert_eq!(run.exit, 1, "{run}");
    let checked = folder.detente(&["check", "cases/closed", "--json"]);
    assert_eq!(checked.exit, 0, "{checked}");
    assert_eq!(checked.json()["operations"][0]["verdict"], "clear");
    let operations = folder.path("cases/closed/operations.geojson");
    let operations = std::fs::read_to_string(operations).unwrap();
    assert!(operations.contains("\"transit\""), "{operations}");
}
