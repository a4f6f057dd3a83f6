//! Input that cannot be used: exit 3, every problem with its place and a way out, and never a panic.

use crate::harness::{Folder, Run};

/// What is broken, in which file, how, and the code that must be reported.
struct Case {
    name: &'static str,
    file: &'static str,
    piece: &'static str,
    replacement: &'static str,
    code: &'static str,
}

const CASES: [Case; 15] = [
    Case {
        name: "malformed JSON",
        file: "areas.geojson",
        piece: "\"kind\": \"designated_area\",",
        replacement: "\"kind\": \"designated_area\"",
        code: "json_syntax",
    },
    Case {
        name: "not a number",
        file: "areas.geojson",
        piece: "8000",
        replacement: "NaN",
        code: "json_syntax",
    },
    Case {
        name: "wrong datum",
        file: "areas.geojson",
        piece: "\"MSL\"",
        replacement: "\"NAVD88\"",
        code: "unknown_altitude_reference",
    },
    Case {
        name: "another coordinate system",
        file: "areas.geojson",
        piece: "\"type\": \"FeatureCollection\",",
        replacement: "\"type\": \"FeatureCollection\", \"crs\": {\"type\": \"name\", \"properties\": {\"name\": \"EPSG:32637\"}},",
        code: "wrong_datum",
    },
    Case {
        name: "no reference",
        file: "areas.geojson",
        piece: ", \"reference\": \"MSL\"",
        replacement: "",
        code: "missing_reference",
    },
    Case {
        name: "unknown area kind",
        file: "areas.geojson",
        piece: "\"significant\"",
        replacement: "\"signifcant\"",
        code: "unknown_area_kind",
    },
    Case {
        name: "operation of an unknown force",
        file: "operations.geojson",
        piece: "\"north-air\"",
        replacement: "\"north-sea\"",
        code: "unknown_reference",
    },
    Case {
        name: "article naming an unknown party",
        file: "articles.cedar",
        piece: "  principal,",
        replacement: "  principal in Detente::Party::\"WEST\",",
        code: "unknown_reference",
    },
    Case {
        name: "agreement naming an unknown article",
        file: "agreement.toml",
        piece: "article = \"designated-areas\"",
        replacement: "article = \"designated-aeras\"",
        code: "unknown_article",
    },
    Case {
        name: "Cedar type error",
        file: "articles.cedar",
        piece: "context.agreement.inForce && principal.party.participant",
        replacement: "context.leadTime > 3",
        code: "article_invalid",
    },
    Case {
        name: "Cedar syntax error",
        file: "articles.cedar",
        piece: "permit (",
        replacement: "permitt (",
        code: "article_syntax",
    },
    Case {
        name: "malformed TOML",
        file: "agreement.toml",
        piece: "[[participants]]",
        replacement: "[[participants]",
        code: "toml_syntax",
    },
    Case {
        name: "excluded property",
        file: "operations.geojson",
        piece: "\"activity\": \"strike\",",
        replacement: "\"activity\": \"strike\", \"aimPoint\": [1, 2],",
        code: "r50_excluded",
    },
    Case {
        name: "end before start",
        file: "operations.geojson",
        piece: "\"end\": \"2030-06-10T09:00:00Z\"",
        replacement: "\"end\": \"2030-06-10T07:00:00Z\"",
        code: "empty_window",
    },
    Case {
        name: "unknown status",
        file: "agreement.toml",
        piece: "\"in_force\" ",
        replacement: "\"in force\" ",
        code: "unknown_status",
    },
];

#[test]
fn each_fault_is_reported_in_its_file_with_a_way_out() {
    for case in &CASES {
        let folder = Folder::new();
        folder.starter_with(case.file, case.piece, case.replacement);
        let run = folder.detente(&["check", "dossier"]);
        assert_refused(case.name, &run);
        assert!(
            run.stderr.contains(&format!("dossier/{}", case.file)),
            "{}: {run}",
            case.name
        );
        assert!(run.stderr.contains("help:"), "{}: {run}", case.name);
        assert!(run.stderr.contains(case.code), "{}: {run}", case.name);
        assert_eq!(run.stdout, "", "{}", case.name);
        insta::with_settings!({description => case.name}, {
            insta::assert_snapshot!(case.name.replace(' ', "_"), run.stderr);
        });
    }
}

#[test]
fn every_problem_of_every_file_is_reported_at_once() {
    let folder = Folder::new();
    folder.starter_with("areas.geojson", "\"significant\"", "\"some\"");
    let operations = folder.path("dossier").join("operations.geojson");
    let text = std::fs::read_to_string(&operations).unwrap();
    std::fs::write(
        &operations,
        text.replace("\"half_width_m\": 3000", "\"half_width_m\": -3"),
    )
    .unwrap();
    let articles = folder.path("dossier").join("articles.cedar");
    let text = std::fs::read_to_string(&articles).unwrap();
    std::fs::write(
        &articles,
        text.replacen("@title(\"Forces", "@titel(\"Forces", 1),
    )
    .unwrap();
    let run = folder.detente(&["check", "dossier", "--json"]);
    assert_refused("several", &run);
    let answer: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    let problems = answer["problems"].as_array().unwrap();
    for file in ["areas.geojson", "operations.geojson", "articles.cedar"] {
        let here = problems
            .iter()
            .filter(|problem| problem["document"].as_str().unwrap().ends_with(file));
        for problem in here.clone() {
            assert!(
                problem["line"].as_u64().is_some() || problem["pointer"].is_string(),
                "{problem}"
            );
        }
        assert!(here.count() > 0, "{file}: {run}");
    }
}

#[test]
fn a_ring_of_ten_megabytes_is_refused_with_its_limit() {
    let folder = Folder::new();
    let mut ring = String::new();
    for step in 0..450_000 {
        ring.push_str(&format!(
            "[{:.7},64.7500000],",
            -18.9 + f64::from(step) * 1e-6
        ));
    }
    assert!(ring.len() > 10 << 20);
    folder.starter_with("areas.geojson", "[-18.9, 64.7],", &ring);
    assert_refused("10 MB ring", &folder.detente(&["check", "dossier"]));
}

#[test]
fn deep_nesting_is_refused_in_every_kind_of_file() {
    let deep =
        |open: &str, close: &str| format!("{}{}", open.repeat(100_000), close.repeat(100_000));
    for (file, piece, replacement) in [
        ("areas.geojson", "\"Highland area\"", deep("[", "]")),
        (
            "agreement.toml",
            "title = \"Starter agreement\"",
            format!("title = {}", deep("[", "]")),
        ),
        (
            "articles.cedar",
            "context.agreement.inForce",
            deep("(", ")"),
        ),
        ("concerns.toml", "\"blocking\"", deep("[", "]")),
    ] {
        let folder = Folder::new();
        folder.starter_with(file, piece, &replacement);
        assert_refused(file, &folder.detente(&["check", "dossier"]));
    }
}

#[test]
fn bytes_that_are_no_text_are_refused() {
    for file in [
        "agreement.toml",
        "articles.cedar",
        "areas.geojson",
        "operations.geojson",
        "concerns.toml",
    ] {
        let folder = Folder::new();
        folder.starter_with(file, "", "");
        let path = folder.path("dossier").join(file);
        let mut bytes = std::fs::read(&path).unwrap();
        bytes.splice(40..40, [0xff, 0xfe, 0x1b, b'[', b'2', b'J']);
        std::fs::write(&path, bytes).unwrap();
        let run = folder.detente(&["check", "dossier"]);
        assert_refused(file, &run);
        assert!(
            !run.stderr.contains('\u{1b}'),
            "{file}: an escape sequence reached the terminal"
        );
    }
}

#[test]
fn a_dossier_without_its_agreement_is_refused() {
    let folder = Folder::new();
    folder.starter_with("agreement.toml", "", "");
    std::fs::remove_file(folder.path("dossier").join("agreement.toml")).unwrap();
    assert_refused("no agreement", &folder.detente(&["check", "dossier"]));
}

#[test]
fn a_folder_that_is_not_there_is_wrong_usage() {
    let run = Folder::new().detente(&["check", "nowhere"]);
    assert_eq!(run.exit, 2);
    insta::assert_snapshot!("no_such_folder", run);
}

fn assert_refused(name: &str, run: &Run) {
    assert_eq!(run.exit, 3, "{name}: {run}");
    assert!(
        !run.stderr.contains("panicked") && !run.stderr.contains("RUST_BACKTRACE"),
        "{name}: {run}"
    );
}

#[test]
fn of_articles_that_cannot_be_read_nothing_else_is_said() {
    let folder = Folder::new();
    let starter = folder.detente(&["init", "dossier"]);
    assert_eq!(starter.exit, 0, "{starter}");
    let articles = folder.path("dossier").join("articles.cedar");
    std::fs::write(&articles, b"\xff\xfe@\0i\0d\0").unwrap();
    let run = folder.detente(&["check", "dossier"]);
    assert_eq!(run.exit, 3, "{run}");
    assert!(run.stderr.contains("UTF-16"), "{run}");
    assert!(run.stderr.contains("1 error"), "{run}");
    std::fs::remove_file(&articles).unwrap();
    let run = folder.detente(&["check", "dossier"]);
    assert_eq!(run.exit, 3, "{run}");
    assert!(run.stderr.contains("1 error"), "{run}");
}
