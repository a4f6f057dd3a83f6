//! `detente amend`: every amendment of the scenario tightens and nothing else, and what changes on
//! the ground and in the parameters is told.

mod ground;

use std::path::Path;

use serde_json::Value;

use crate::harness::{Folder, detente_at_root};

const JULY: &str = "scenarios/syria-2016-july";

#[test]
fn every_amendment_of_july_is_stricter_and_nothing_else() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .join(JULY);
    let mut seen = 0;
    for entry in std::fs::read_dir(root.join("amendments")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let file = format!("{JULY}/amendments/{name}");
        let run = detente_at_root(&["amend", JULY, &file, "--json"]);
        assert_eq!(run.exit, 0, "{run}");
        let answer = run.json();
        assert_eq!(answer["effect"], "stricter", "{run}");
        let requests = answer["requests"].as_array().unwrap();
        assert!(!requests.is_empty(), "{run}");
        for request in requests {
            assert_eq!(request["change"], "stricter", "{request}");
            assert_eq!(request["looser"], Value::Null);
            assert!(request["stricter"]["story"].as_str().is_some());
        }
        seen += 1;
    }
    assert!(seen >= 8);
}

#[test]
fn an_amendment_of_a_clause_that_is_not_there_is_pointed_at() {
    let folder = Folder::new();
    let starter = folder.detente(&["init", "dossier"]);
    assert_eq!(starter.exit, 0, "{starter}");
    folder.write(
        "amending.cedar",
        "// A slip of the pen.\n@id(\"art-x\")\n@amends(\"art-99\")\n@article(\"9\")\n@title(\"T\")\nforbid (principal, action, resource);\n",
    );
    let run = folder.detente(&["amend", "dossier", "amending.cedar"]);
    assert_eq!(run.exit, 3, "{run}");
    assert!(
        run.stderr.contains("art-99") && run.stderr.contains("amending.cedar:3"),
        "{run}"
    );
    let run = folder.detente(&["amend", "dossier", "amending.cedar", "--repeal", "art-98"]);
    assert!(run.exit == 3 && run.stderr.contains("art-98"), "{run}");
    let run = folder.detente(&["amend", "dossier", "dossier", "--repeal", "art-1"]);
    assert_eq!(run.exit, 2, "{run}");
}

#[test]
fn what_changes_on_the_ground_and_in_the_parameters_is_told_and_drawn() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios/syria-2016");
    let folder = Folder::new();
    let copy = |to: &str| {
        std::fs::create_dir_all(folder.path(to)).unwrap();
        for name in [
            "agreement.toml",
            "articles.cedar",
            "areas.geojson",
            "protected.geojson",
            "concerns.toml",
        ] {
            std::fs::copy(root.join(name), folder.path(to).join(name)).unwrap();
        }
    };
    copy("old");
    copy("new");
    let same = folder.detente(&["amend", "old", "new", "--json"]);
    assert_eq!(same.json()["effect"], "equivalent", "{same}");
    let edit = |name: &str, change: &dyn Fn(&mut Value)| {
        let path = folder.path("new").join(name);
        let mut value: Value =
            serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        change(&mut value);
        std::fs::write(&path, value.to_string()).unwrap();
    };
    let mut changed = String::new();
    let features = |value: &mut Value| value["features"].as_array_mut().unwrap().len();
    edit("protected.geojson", &|value| {
        value["features"].as_array_mut().unwrap().pop();
    });
    let _ = features;
    edit("areas.geojson", &|value| {
        let features = value["features"].as_array_mut().unwrap();
        for feature in features.iter_mut() {
            if let Some(radius) = feature["properties"]["radius_m"].as_f64() {
                feature["properties"]["radius_m"] = (radius * 1.5).into();
                return;
            }
        }
        features.remove(0);
    });
    let path = folder.path("new").join("agreement.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replace("strike = \"6h\"", "strike = \"3h\"")).unwrap();
    let run = folder.detente(&["amend", "old", "new", "--json", "--map", "map.svg"]);
    assert_eq!(run.exit, 1, "{run}");
    let answer = run.json();
    for ground in answer["ground"].as_array().unwrap() {
        changed.push_str(&format!(
            "{} {} {}\n",
            ground["what"], ground["changes"], ground["change"]
        ));
    }
    assert!(
        changed.contains("\"protected object\" [\"removed\"] \"looser\""),
        "{changed}"
    );
    assert!(
        changed.contains("\"area\" [\"grown\"] \"stricter\""),
        "{changed}"
    );
    let parameters = answer["parameters"].as_array().unwrap();
    assert_eq!(parameters.len(), 1, "{parameters:?}");
    assert_eq!(parameters[0]["change"], "looser");
    assert_eq!(answer["effect"], "different");
    let map = std::fs::read_to_string(folder.path("map.svg")).unwrap();
    assert!(map.contains("grown") && map.contains("removed"));
}

#[test]
fn a_fault_of_an_amending_clause_is_shown_and_a_byte_order_mark_is_none() {
    let folder = Folder::new();
    let starter = folder.detente(&["init", "dossier"]);
    assert_eq!(starter.exit, 0, "{starter}");
    let clause = "\u{feff}@id(\"movements\") @amends(\"movements\") @article(\"5\") @title(\"Combat missions stay away from humanitarian movements\") @consequence(\"none\")\n\
        forbid (principal, action in Detente::Action::\"combat\", resource is Detente::Movement) when { context.certain };\n";
    folder.write("sound.cedar", clause);
    let run = folder.detente(&["amend", "dossier", "sound.cedar"]);
    assert_eq!(run.exit, 1, "{run}");
    assert!(run.stdout.contains("unchanged are @title:"), "{run}");
    folder.write("faulty.cedar", &clause.replace("certain", "sertain"));
    let run = folder.detente(&["amend", "dossier", "faulty.cedar"]);
    assert_eq!(run.exit, 3, "{run}");
    assert!(
        run.stderr
            .contains("articles as amended by faulty.cedar:65:"),
        "{run}"
    );
    assert!(run.stderr.contains("when { context.sertain }"), "{run}");
    std::fs::write(folder.path("foreign.cedar"), b"\xff\xfe@\0").unwrap();
    let run = folder.detente(&["amend", "dossier", "foreign.cedar"]);
    assert_eq!(run.exit, 3, "{run}");
    assert!(run.stderr.contains("UTF-16"), "{run}");
}
