//! Pictures of an invented scene: what must be on them, and what must never get out of a name.

use super::projection::LonLat;
use super::*;

fn circle(center: LonLat, radius_km: f64) -> Patch {
    let plane = projection::Projection::around(center);
    let ring = (0..72)
        .map(|step| {
            let (sine, cosine) = (f64::from(step) * 5.0).to_radians().sin_cos();
            plane.inverse([radius_km * sine, radius_km * cosine])
        })
        .collect();
    Patch { rings: vec![ring] }
}

fn quad(west: f64, south: f64, east: f64, north: f64) -> Patch {
    Patch {
        rings: vec![vec![
            [west, south],
            [east, south],
            [east, north],
            [west, north],
        ]],
    }
}

fn operation(name: &str, verdict: VerdictStyle, patch: Patch) -> OperationShape {
    OperationShape {
        name: name.to_owned(),
        verdict,
        patches: vec![patch],
        summary: "Blue party, strike".to_owned(),
        note: format!("{name}: {}", verdict.words()),
    }
}

/// One of everything, around 36 N 37 E.
fn scene() -> Scene {
    let area = |name: &str, style, patch| AreaShape {
        name: name.to_owned(),
        style,
        patch,
        note: name.to_owned(),
    };
    Scene {
        title: "Invented agreement".to_owned(),
        subtitle: "4 operations: 1 prohibited, 1 consent required, 2 clear".to_owned(),
        areas: vec![
            area(
                "North area",
                AreaStyle::Concentrated,
                quad(36.3, 35.9, 36.9, 36.3),
            ),
            area(
                "South area",
                AreaStyle::Significant,
                quad(36.4, 35.2, 36.9, 35.7),
            ),
            area(
                "East area",
                AreaStyle::Possible,
                quad(37.0, 35.5, 37.6, 36.0),
            ),
            area(
                "Pull-back strip",
                AreaStyle::DemilitarisedZone,
                quad(37.05, 36.2, 37.2, 36.27),
            ),
            area(
                "Range",
                AreaStyle::RestrictedOperationsZone,
                circle([36.0, 35.6], 9.0),
            ),
            area(
                "Old town",
                AreaStyle::NoFireArea,
                circle([37.35, 36.35], 5.0),
            ),
            area(
                "Depot",
                AreaStyle::ProhibitedArea,
                circle([36.2, 35.25], 4.0),
            ),
            area(
                "Green route",
                AreaStyle::Corridor,
                quad(35.9, 35.95, 36.25, 36.02),
            ),
        ],
        protected: vec![ProtectedShape {
            name: "Field hospital 4".to_owned(),
            patch: circle([36.62, 35.94], 0.1),
            keep_out: circle([36.62, 35.94], 3.0),
            note: "Field hospital 4".to_owned(),
        }],
        movements: vec![MovementShape {
            name: "Convoy 12".to_owned(),
            patch: quad(36.65, 36.12, 36.97, 36.16),
            note: "Convoy 12".to_owned(),
        }],
        operations: vec![
            operation(
                "S-101",
                VerdictStyle::Prohibited,
                circle([36.66, 35.96], 4.0),
            ),
            operation(
                "R-202",
                VerdictStyle::ConsentRequired,
                quad(36.5, 35.3, 36.8, 35.5),
            ),
            operation("T-303", VerdictStyle::Clear, quad(35.6, 35.4, 36.1, 35.5)),
            operation("M-404", VerdictStyle::Clear, circle([37.5, 35.3], 6.0)),
        ],
        conflicts: vec![ConflictShape {
            patch: circle([36.64, 35.95], 1.8),
            note: "S-101 and Field hospital 4".to_owned(),
        }],
        operations_left_out: 0,
        findings: vec![FindingRow {
            operation: "S-101".to_owned(),
            verdict: VerdictStyle::Prohibited,
            finding: "protected object".to_owned(),
            articles: "7".to_owned(),
            message: "enters the stand-off of Field hospital 4".to_owned(),
        }],
        ..Scene::default()
    }
}

#[test]
fn the_sheet_shows_every_kind_of_thing_and_says_what_it_is() {
    let svg = svg(&scene());
    for words in [
        "Invented agreement",
        "S-101",
        "R-202",
        "T-303",
        "M-404",
        "Field hospital 4",
        "Convoy 12",
    ] {
        assert!(svg.contains(words), "{words}");
    }
    for style in AreaStyle::ALL {
        assert_eq!(
            svg.contains(style.words()),
            style != AreaStyle::Designated,
            "{style:?}"
        );
    }
    for furniture in [
        "Natural Earth",
        " km</text>",
        " NM</text>",
        ">N</text>",
        "36°30′E",
        "SYRIA",
    ] {
        assert!(svg.contains(furniture), "{furniture}");
    }
    assert!(svg.len() < 600_000, "{}", svg.len());
}

#[test]
fn the_page_is_complete_in_itself_and_runs_nothing() {
    let page = page(&scene());
    assert!(page.contains("enters the stand-off of Field hospital 4"));
    assert!(page.contains("default-src 'none'"));
    assert!(
        !page.contains("<script")
            && !page.contains("http-equiv=\"refresh\"")
            && !page.contains("<img")
    );
}

#[test]
fn a_hostile_name_stays_text() {
    let mut scene = scene();
    let hostile = "</text><script>alert(1)</script>\u{202e}\" onload=\"x";
    scene.title = hostile.to_owned();
    scene.areas[0].name = hostile.to_owned();
    scene.areas[0].note = hostile.to_owned();
    scene.operations[0].name = hostile.to_owned();
    scene.findings[0].message = hostile.to_owned();
    let page = page(&scene);
    assert!(!page.contains("<script") && !page.contains("\" onload") && !page.contains('\u{202e}'));
}

#[test]
fn odd_content_is_drawn_without_a_panic_and_without_not_a_number() {
    let shapes = [
        Patch::default(),
        Patch {
            rings: vec![Vec::new()],
        },
        Patch {
            rings: vec![vec![[37.0, 36.0]]],
        },
        Patch {
            rings: vec![vec![[0.0, 90.0]; 3]],
        },
        quad(179.0, -20.0, -179.0, -16.0),
        quad(-180.0, -89.0, 180.0, -80.0),
        quad(-179.0, -80.0, 179.0, 80.0),
    ];
    for patch in shapes {
        let scene = Scene {
            operations: vec![operation("O", VerdictStyle::Clear, patch.clone())],
            ..Scene::default()
        };
        let svg = svg(&scene);
        assert!(!svg.contains("NaN") && !svg.contains("inf"), "{patch:?}");
    }
}

#[test]
fn a_crowd_with_outliers_is_drawn_large_with_the_whole_in_a_corner() {
    let mut crowded = scene();
    crowded.operations.push(operation(
        "N-505",
        VerdictStyle::Clear,
        circle([36.4, 36.0], 3.0),
    ));
    let together = svg(&crowded);
    assert!(
        !together.contains("id=\"inset\""),
        "everything fits one view"
    );
    crowded.operations.push(operation(
        "far-away",
        VerdictStyle::Prohibited,
        circle([44.0, 33.0], 5.0),
    ));
    let apart = svg(&crowded);
    assert!(apart.contains("id=\"inset\"") && apart.contains(">far-away</text>"));
}
