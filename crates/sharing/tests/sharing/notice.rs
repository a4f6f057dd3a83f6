//! What is odd about a notice: its place against names, drawings and neighbours.

use detente_records::act::protected_object::ValidationCheck;
use detente_records::{LanguageTag, NamedPlace, PlaceId, PlaceName};
use detente_sharing::gazetteer::Gazetteer;
use detente_sharing::notice::{Notified, Oddity, Slip, Surroundings};
use detente_spacetime::geodesic::destination;
use detente_spacetime::{GeoBox, Position};
use proptest::prelude::*;

fn position(latitude: f64, longitude: f64) -> Position {
    Position::new(latitude, longitude).unwrap()
}

fn places() -> Gazetteer {
    let place = |id: &str, name: &str, latitude, longitude| NamedPlace {
        id: PlaceId::parse(id).unwrap(),
        names: vec![PlaceName {
            language: LanguageTag::parse("en").unwrap(),
            text: name.to_owned(),
        }],
        position: position(latitude, longitude),
        accuracy_m: 500.0,
        source: "the test".to_owned(),
    };
    Gazetteer::new([
        place("aleppo", "Aleppo", 36.2012, 37.1612),
        place("al-atarib", "al-Atarib", 36.1391, 36.825),
    ])
}

fn syria() -> GeoBox {
    GeoBox::at(position(34.0, 36.0)).union(&GeoBox::at(position(37.0, 42.0)))
}

fn object(id: &str, here: Position) -> Notified {
    Notified {
        id: id.to_owned(),
        category: "hospital".to_owned(),
        position: here,
    }
}

fn codes(here: Position, place: Option<&str>) -> Vec<&'static str> {
    let gazetteer = places();
    let mut around = Surroundings::new(&gazetteer, [syria()]);
    let oddities = around.oddities(&object("new", here), place);
    oddities.iter().map(Oddity::code).collect()
}

#[test]
fn a_place_is_held_against_its_name() {
    assert_eq!(
        codes(position(36.14, 36.83), Some("Atarib")),
        [] as [&str; 0]
    );
    assert_eq!(
        codes(position(36.14, 36.83), Some("حلب؟")),
        ["unknown_place"]
    );
    // Al-Atarib lies some 30 km from Aleppo.
    assert_eq!(
        codes(position(36.14, 36.83), Some("Aleppo")),
        ["far_from_named_place"]
    );
}

#[test]
fn exchanged_axes_and_wrong_hemispheres_are_slips_that_say_what_was_meant() {
    assert_eq!(
        codes(position(36.825, 36.1391), Some("Aleppo")),
        ["far_from_named_place"]
    );
    assert_eq!(
        codes(position(37.1612, 36.2012), Some("Aleppo")),
        ["axes_exchanged"]
    );
    assert_eq!(
        codes(position(-36.2012, 37.1612), Some("Aleppo")),
        ["wrong_hemisphere"]
    );
    assert_eq!(
        codes(position(36.2012, -37.1612), None),
        ["wrong_hemisphere"]
    );
    assert_eq!(codes(position(41.0, 35.0), None), ["axes_exchanged"]);
    assert_eq!(
        codes(position(55.75, 37.6), None),
        ["outside_the_agreement"]
    );
    let gazetteer = places();
    let mut around = Surroundings::new(&gazetteer, [syria()]);
    let found = around.oddities(&object("new", position(36.2, -37.2)), None);
    assert_eq!(
        found,
        [Oddity::Outside {
            slip: Some(Slip::Longitude)
        }]
    );
    assert!(found[0].is_slip() && found[0].check() == ValidationCheck::Datum);
    assert!(
        found[0].to_string().contains("east and west are exchanged"),
        "{}",
        found[0]
    );
}

#[test]
fn without_a_gazetteer_and_without_areas_nothing_is_odd_about_a_place() {
    let nothing = Gazetteer::default();
    let mut around = Surroundings::new(&nothing, []);
    let found = around.oddities(&object("new", position(-36.0, 12.0)), Some("Anywhere"));
    assert!(found.is_empty(), "{found:?}");
}

#[test]
fn the_same_thing_twice_is_noticed_and_so_is_a_neighbour() {
    let gazetteer = places();
    let mut around = Surroundings::new(&gazetteer, [syria()]);
    let here = position(36.2, 37.16);
    around.add(object("old", here));
    around.add(Notified {
        category: "school".to_owned(),
        ..object("school", destination(here, 90.0, 100.0))
    });
    around.add(object("far", destination(here, 90.0, 400.0)));
    let found = around.oddities(&object("new", destination(here, 90.0, 10.0)), None);
    let codes: Vec<&str> = found.iter().map(Oddity::code).collect();
    assert_eq!(codes, ["perhaps_duplicate", "near_neighbour"], "{found:?}");
    // An object is no neighbour of itself.
    assert!(
        around
            .oddities(&object("far", destination(here, 90.0, 400.0)), None)
            .is_empty()
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    /// Cells never hide a neighbour, wherever on Earth.
    #[test]
    fn every_neighbour_is_found(
        latitude in -90.0..=90.0_f64,
        longitude in -180.0..180.0_f64,
        azimuth in 0.0..360.0_f64,
        metres in 0.0..300.0_f64,
    ) {
        let nothing = Gazetteer::default();
        let mut around = Surroundings::new(&nothing, []);
        let here = position(latitude, longitude);
        around.add(object("old", destination(here, azimuth, metres)));
        let found = around.oddities(&object("new", here), None);
        prop_assert_eq!(!found.is_empty(), metres <= detente_sharing::notice::NEAR_M);
    }
}
