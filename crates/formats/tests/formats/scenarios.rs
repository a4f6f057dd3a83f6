//! The dossiers that come with the product are read without an error.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::path::{Path, PathBuf};

use detente_formats::{
    DossierPart, DossierSource, Expected, Timeline, TimelineSources, read_dossier,
};
use detente_records::workflow::{Guard, Machine, Per, To};
use detente_records::{Act, ActContext, Agreement};
use serde_json::Value as Json;

#[test]
fn every_scenario_is_a_sound_dossier() {
    let scenarios = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../scenarios"));
    let mut read = 0;
    for folder in std::fs::read_dir(scenarios).unwrap() {
        let folder = folder.unwrap().path();
        let mut files: Vec<(DossierPart, File)> = DossierPart::ALL
            .into_iter()
            .filter_map(|(name, part)| Some((part, File::open(folder.join(name)).ok()?)))
            .collect();
        let sources = files.iter_mut().map(|(part, content)| DossierSource {
            part: *part,
            name: part.file_name().to_owned(),
            content,
        });
        let (dossier, problems) = read_dossier(sources.collect());
        assert!(!problems.has_errors(), "{}\n{problems}", folder.display());
        // A text that is still being negotiated has no operations.
        let operations = dossier.unwrap().operations.len();
        let has_file = folder.join(DossierPart::Operations.file_name()).exists();
        assert_eq!(operations > 0, has_file, "{}", folder.display());
        read += usize::from(has_file);
    }
    assert!(read >= 2, "only {read} scenarios with operations found");
}

/// Returns the features of a GeoJSON file.
fn features(path: &Path) -> Vec<Json> {
    let collection: Json = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    collection["features"].as_array().unwrap().clone()
}

/// Returns the states a matter can be in without any act since it was in `state`.
fn by_itself(machine: &Machine, state: &'static str) -> BTreeSet<&'static str> {
    let mut states = BTreeSet::from([state]);
    for _ in machine.states {
        for clock in machine.clocks {
            if states.contains(clock.state) {
                states.insert(clock.to);
            }
        }
        for found in machine.consequences {
            if found.from.iter().any(|from| states.contains(from)) {
                states.insert(found.to);
            }
        }
    }
    states
}

#[test]
fn every_act_of_the_timeline_is_sound_and_its_workflow_knows_the_way() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios/syria-2016");
    let bytes = std::fs::read(folder.join("timeline.toml")).unwrap();
    let (timeline, problems) = Timeline::parse("timeline.toml", &bytes);
    assert!(problems.is_empty(), "{problems}");
    let timeline = timeline.unwrap();
    let agreement = std::fs::read(folder.join("agreement.toml")).unwrap();
    let agreement = Agreement::parse("agreement.toml", &agreement).0.unwrap();
    let files = timeline.dossier.iter().chain(&timeline.later);
    let drawn = files.filter(|name| name.ends_with(".geojson"));
    let sources = TimelineSources {
        features: drawn
            .map(|name| (name.clone(), features(&folder.join(name))))
            .collect(),
        dossier: Some(serde_json::json!({
            "sha256": "0".repeat(64), "bytes": 1, "media_type": "application/octet-stream"
        })),
    };
    // The areas of the dossier stand from the beginning.
    let areas = sources.features.get("areas.geojson").unwrap().iter();
    let ids = areas.map(|area| area["properties"]["id"].as_str().unwrap().to_owned());
    let standing = ids.map(|id| (("area", id, String::new()), "standing"));
    let mut stands: BTreeMap<(&str, String, String), &'static str> = standing.collect();
    for line in &timeline.acts {
        let body = line.body(&sources).unwrap();
        let context = ActContext {
            document: "timeline.toml".into(),
            agreement: Some(&agreement),
        };
        let (act, problems) = Act::parse(&line.kind, &body, &context);
        let act = act.unwrap_or_else(|| panic!("{} {}\n{problems}", line.at, line.kind));
        let Some(machine) = act.kind().machine() else {
            assert_eq!(
                line.expected,
                Expected::Accepted { state: None },
                "{}",
                line.at
            );
            continue;
        };
        let whose = match machine.per {
            Per::Subject => String::new(),
            Per::SubjectAndHolder => line.holder.to_string(),
        };
        let key = (machine.name, act.subject().to_string(), whose);
        let now = by_itself(
            machine,
            stands.get(&key).copied().unwrap_or(machine.initial()),
        );
        match &line.expected {
            Expected::Accepted { state } => {
                let found = machine.transitions.iter().find_map(|transition| {
                    let from = transition.from.iter().find(|from| now.contains(*from))?;
                    let to = match transition.to {
                        To::Same => from,
                        To::State(to) => to,
                    };
                    let fits = transition.act == act.kind()
                        && state.as_deref().is_none_or(|state| state == to);
                    let author = transition.by.iter().any(|actor| actor.role == act.role());
                    (fits && author).then_some(to)
                });
                let to = found.unwrap_or_else(|| panic!("{} {} from {now:?}", line.at, line.kind));
                stands.insert(key, to);
            }
            Expected::Refused { rule } => {
                let codes = ["no_transition", "not_your_role", "not_your_side"];
                let guard = Guard::ALL.iter().any(|guard| guard.wire_name() == rule);
                assert!(
                    guard || codes.contains(&rule.as_str()),
                    "{} {rule}",
                    line.at
                );
            }
        }
    }
}
