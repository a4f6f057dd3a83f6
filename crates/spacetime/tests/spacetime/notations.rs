//! Positions in several notations: as GeoTrans and PROJ write them, back from every notation, and strictly.

use std::io::BufRead;

use detente_spacetime::Position;
use detente_spacetime::geodesic::distance_m;
use detente_spacetime::notation::{Notation, NotationError, Stated, read, read_expecting, write};
use proptest::prelude::*;
use serde_json::Value;

/// Cases of `tests/oracle/notations.py`.
const CASES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/oracle/notations.jsonl");
/// How far our projections may be from PROJ's, metres.
const PROJECTION_M: f64 = 1e-5;
/// How far our middle of a square may be from GeoTrans's, metres.
const SQUARE_M: f64 = 1e-3;

fn position(latitude: f64, longitude: f64) -> Position {
    Position::new(latitude, longitude).expect("a position")
}

fn said(text: &str) -> Stated {
    read(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

#[test]
fn grids_are_written_and_read_as_geotrans_and_proj_do() {
    let file = std::fs::File::open(CASES).expect("the oracle's cases");
    let mut cases = 0;
    for line in std::io::BufReader::new(file).lines() {
        let case: Value = serde_json::from_str(&line.expect("a line")).expect("a case");
        let number = |name: &str| case[name].as_f64().expect("a number");
        let text = |name: &str| case[name].as_str().expect("a text");
        let here = position(number("latitude_deg"), number("longitude_deg"));
        let packed = |text: String| text.replace(' ', "");
        assert_eq!(
            packed(write(here, Notation::Mgrs, 0.1)),
            text("mgrs").trim_start_matches('0'),
            "{case}"
        );
        let utm = write(here, Notation::Utm, 0.001).replace(" south", "S");
        let parts: Vec<&str> = utm.split(' ').collect();
        let [grid, easting, northing] = parts.as_slice() else {
            panic!("{utm}");
        };
        assert_eq!(*grid, text("grid"), "{case}");
        for (ours, theirs) in [(easting, "easting_m"), (northing, "northing_m")] {
            let ours: f64 = ours.parse().expect("metres");
            assert!(
                (ours - number(theirs)).abs() < 0.000_5 + PROJECTION_M,
                "{case}: {ours}"
            );
        }
        let square = said(text("coarse"));
        let middle = &case["square_deg"];
        let theirs = position(
            middle[0].as_f64().expect("degrees"),
            middle[1].as_f64().expect("degrees"),
        );
        let apart_m = distance_m(square.position, theirs);
        assert!(apart_m < SQUARE_M, "{case}: {apart_m} m");
        // The square holds the point it was written for.
        assert!(
            distance_m(square.position, here) <= square.precision_m * 1.01,
            "{case}"
        );
        cases += 1;
    }
    assert!(cases >= 400, "only {cases} cases");
}

#[test]
fn one_place_is_read_from_every_notation_and_script() {
    let aleppo = position(36.201_24, 37.161_17);
    for text in [
        "36.20124, 37.16117",
        "36.20124 37.16117",
        "36,20124; 37,16117",
        "36,20124 37,16117",
        "37.16117E 36.20124N",
        "N36.20124 E37.16117",
        "36°12′04.5″N 37°09′40.2″E",
        "36°12'04.5\"N, 37°09'40.2\"E",
        "36 12 04.464 N, 37 9 40.212 E",
        "36 12,0744 N 37 9,6702 E",
        "361204.464N 0370940.212E",
        "3612.0744N 03709.6702E",
        "٣٦٫٢٠١٢٤، ٣٧٫١٦١١٧",
        "۳۶٫۲۰۱۲۴، ۳۷٫۱۶۱۱۷",
        "٣٦°١٢′٠٤٫٥″ ش ٣٧°٠٩′٤٠٫٢″ ق",
        "36.20124 شمالاً، 37.16117 شرقاً",
        "36.20124 С 37.16117 В",
        "36,20124° с. ш., 37,16117° в. д.",
        "36°12′04,5″ с.ш. 37°09′40,2″ в.д.",
        "37S CA 34684 07836",
        "37SCA3468407836",
        "37 S 334684 4007836",
        "37N 334684 4007836",
        "37 north 334684mE 4007836mN",
        "UTM 37 north 0334684 4007836",
    ] {
        let found = read_expecting(text, |there| distance_m(there, aleppo) < 100_000.0);
        let found = found.unwrap_or_else(|error| panic!("{text}: {error}"));
        let apart_m = distance_m(found.position, aleppo);
        assert!(
            apart_m < 10.0 + found.precision_m,
            "{text}: {} ({apart_m} m)",
            found.position
        );
    }
}

#[test]
fn what_is_no_position_is_refused_with_a_way_out() {
    use NotationError as Error;

    let refused = |text: &str| -> NotationError {
        match read(text) {
            Ok(found) => panic!("{text}: {}", found.position),
            Err(error) => {
                assert!(!error.help().is_empty() && !error.to_string().is_empty());
                error
            }
        }
    };
    assert_eq!(refused(" "), Error::Empty);
    assert!(matches!(refused("Aleppo"), Error::Character { .. }));
    assert!(matches!(refused(&"1".repeat(500)), Error::TooLong { .. }));
    assert!(matches!(
        refused("91, 0"),
        Error::OutOfRange {
            axis: "latitude",
            ..
        }
    ));
    assert!(matches!(
        refused("0, 181"),
        Error::OutOfRange {
            axis: "longitude",
            ..
        }
    ));
    assert!(matches!(
        refused("36 61 0 N, 37 0 0 E"),
        Error::Sixtieths {
            part: "minutes",
            ..
        }
    ));
    assert!(matches!(
        refused("36 0 60 N, 37 0 0 E"),
        Error::Sixtieths {
            part: "seconds",
            ..
        }
    ));
    assert_eq!(refused("1N 2N"), Error::SameAxis { axis: "latitude" });
    assert_eq!(refused("-36 N, 37 E"), Error::SignAndHemisphere);
    assert_eq!(refused("36 N, 37"), Error::OneHemisphere);
    assert_eq!(refused("36.5 12 N, 37 E"), Error::InnerDecimals);
    for text in [
        "36",
        "36.2.1, 37",
        "36, 37, 38",
        "36.2 37.1 5",
        "N36N E37",
        "36′ 37′",
        ".5, 1",
        "5., 1",
        "1e2, 3",
        "36 -12, 37",
    ] {
        refused(text);
    }
    assert!(matches!(refused("99S AA 12345 12345"), Error::Zone { .. }));
    assert!(matches!(refused("32X NF 12345 12345"), Error::Zone { .. }));
    assert!(matches!(
        refused("37S JA 12345 12345"),
        Error::Square { .. }
    ));
    assert!(matches!(
        refused("37T CA 34684 07836"),
        Error::OutsideZone { .. }
    ));
    assert!(matches!(refused("37S CA 34684 0746"), Error::Digits { .. }));
    assert!(matches!(refused("37S CA"), Error::Digits { .. }));
    assert!(matches!(
        refused("61 north 334684 4007836"),
        Error::Zone { .. }
    ));
    assert!(matches!(
        refused("37 north 950000 4007836"),
        Error::Metres {
            axis: "easting",
            ..
        }
    ));
    assert!(matches!(
        refused("37 north 334684 9900000"),
        Error::Metres {
            axis: "northing",
            ..
        }
    ));
    assert!(matches!(
        refused("37R 334684 4007836"),
        Error::OutsideZone { .. }
    ));
}

#[test]
fn a_letter_that_is_a_band_and_a_hemisphere_is_asked_about() {
    let Err(NotationError::Ambiguous { first, second }) = read("37S 334684 4007836") else {
        panic!("one reading");
    };
    assert!(first.position.latitude_deg() < -50.0 && second.position.latitude_deg() > 36.0);
    let syria = |there: Position| (32.0..38.0).contains(&there.latitude_deg());
    let found = read_expecting("37S 334684 4007836", syria).expect("one is expected");
    assert_eq!(found, second);
    // The same zone further south can only be meant one way.
    assert!(said("37S 334684 9007836").position.latitude_deg() < 0.0);
}

#[test]
fn the_digits_say_how_exactly_a_place_is_known() {
    let precision = |text: &str| said(text).precision_m;
    let close = |one: f64, other: f64| (one / other - 1.0).abs() < 0.02;
    assert!(close(
        precision("36.2, 37.1612"),
        precision("36.2000, 37.1612")
    ));
    assert!(
        close(precision("36, 37"), 143_200.0),
        "{}",
        precision("36, 37")
    );
    assert!(close(precision("36.20, 37.16"), 1_432.0));
    assert!(close(precision("36°12′N 37°09′E"), 2_386.0));
    assert!(close(precision("36°12′04″N 37°09′40″E"), 39.8));
    assert!(close(precision("37S CA 34684 07836"), 0.707));
    assert!(close(precision("37S CA 34 07"), 707.0));
    assert!(close(precision("37 north 334684 4007836"), 1.414));
    assert!(close(precision("37 north 334684.5 4007836"), 0.141));
}

#[test]
fn zones_keep_their_exceptions() {
    let zone = |latitude, longitude| {
        let text = write(position(latitude, longitude), Notation::Mgrs, 1.0);
        text.split(' ')
            .next()
            .map(str::to_owned)
            .unwrap_or_default()
    };
    // Bergen belongs to zone 32, Svalbard to zones 31, 33, 35 and 37, the poles to none.
    assert_eq!(zone(60.39, 5.32), "32V");
    assert_eq!(zone(60.39, 2.99), "31V");
    assert_eq!(zone(78.2, 15.6), "33X");
    assert_eq!(zone(78.2, 8.9), "31X");
    assert_eq!(zone(78.2, 33.0), "37X");
    assert_eq!(zone(71.9, 8.9), "32W");
    assert_eq!(zone(89.0, 10.0), "Z");
    assert_eq!(zone(90.0, 0.0), "Z");
    assert_eq!(zone(-90.0, 0.0), "B");
    assert_eq!(zone(-85.0, -10.0), "A");
    assert_eq!(zone(0.0, 180.0), "1N");
}

#[test]
fn a_read_back_says_another_notation_and_how_far_it_is() {
    let said = said("36.2012, 37.1612");
    let back = said.read_back(said.notation.other());
    assert_eq!(back.notation, Notation::Mgrs);
    assert!(back.text.starts_with("37S CA "), "{}", back.text);
    assert!(back.distance_m <= said.precision_m, "{back:?}");
    assert_eq!(distance_m(said.position, back.position), back.distance_m);
}

prop_compose! {
    /// Everywhere; as often near the poles as near the equator.
    fn anywhere()(latitude in -90.0..=90.0_f64, longitude in -180.0..180.0_f64) -> Position {
        position(latitude, longitude)
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn what_is_written_is_read_back_within_its_precision(
        here in anywhere(),
        fineness_m in 0.5..5_000.0_f64,
    ) {
        for notation in Notation::ALL {
            let text = write(here, notation, fineness_m);
            let found = match read_expecting(&text, |there| distance_m(there, here) < 50_000.0) {
                Ok(found) => found,
                Err(error) => return Err(TestCaseError::fail(format!("{text}: {error}"))),
            };
            prop_assert_eq!(found.notation, notation, "{}", text);
            let apart_m = distance_m(found.position, here);
            prop_assert!(apart_m <= found.precision_m * 1.01 + 1e-6, "{text}: {apart_m} m of {}", found.precision_m);
            prop_assert!(apart_m <= fineness_m.max(1.0) * 1.5, "{text}: {apart_m} m for {fineness_m}");
        }
    }

    #[test]
    fn a_read_back_is_within_both_precisions(here in anywhere(), fineness_m in 0.5..5_000.0_f64) {
        for notation in Notation::ALL {
            let text = write(here, notation, fineness_m);
            let said = read(&text).expect("written here");
            for other in Notation::ALL {
                let back = said.read_back(other);
                let again = read(&back.text).expect("written here");
                prop_assert!(back.distance_m <= said.precision_m + again.precision_m, "{text} as {}", back.text);
            }
        }
    }

    #[test]
    fn no_text_is_too_strange(text in "\\PC{0,40}") {
        let _ = read(&text);
    }

    #[test]
    fn texts_that_are_nearly_positions_are_read_or_refused(
        text in "[0-9NSEWСВ°′″\"'.,; -]{0,30}",
    ) {
        if let Ok(found) = read(&text) {
            prop_assert!(found.precision_m.is_finite() && found.precision_m > 0.0);
        }
    }
}
