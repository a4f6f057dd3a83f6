//! Places by the names people write and mishear.

use detente_records::{LanguageTag, NamedPlace, PlaceId, PlaceName};
use detente_sharing::gazetteer::{Gazetteer, Likeness, skeleton, spelled};
use detente_spacetime::Position;
use proptest::prelude::*;

fn place(id: &str, latitude: f64, longitude: f64, names: &[(&str, &str)]) -> NamedPlace {
    let name = |(language, text): &(&str, &str)| PlaceName {
        language: LanguageTag::parse(language).unwrap(),
        text: (*text).to_owned(),
    };
    NamedPlace {
        id: PlaceId::parse(id).unwrap(),
        names: names.iter().map(name).collect(),
        position: Position::new(latitude, longitude).unwrap(),
        accuracy_m: 1_000.0,
        source: "a test".to_owned(),
    }
}

fn gazetteer() -> Gazetteer {
    Gazetteer::new([
        place(
            "harbnifsah",
            34.90,
            36.60,
            &[("en", "Harbnifsah"), ("ar", "حربنفسه")],
        ),
        place(
            "talbisah",
            34.8407,
            36.7309,
            &[("en", "Talbisah"), ("ar", "تلبيسة"), ("ru", "Тальбиса")],
        ),
        place(
            "rastan",
            34.9267,
            36.7324,
            &[("en", "al-Rastan"), ("ar", "الرستن")],
        ),
        place(
            "idlib",
            35.9306,
            36.6339,
            &[("en", "Idlib"), ("ar", "إدلب"), ("ru", "Идлиб")],
        ),
        place(
            "hama",
            35.1318,
            36.7578,
            &[("en", "Hama"), ("ar", "حماة"), ("ru", "Хама")],
        ),
        place(
            "homs",
            34.7268,
            36.7234,
            &[("en", "Homs"), ("ar", "حمص"), ("ru", "Хомс")],
        ),
        place(
            "kafr-zita",
            35.3743,
            36.6033,
            &[("en", "Kafr Zita"), ("ar", "كفر زيتا")],
        ),
        place(
            "kafr-nabl",
            35.6138,
            36.5645,
            &[("en", "Kafr Nabl"), ("ar", "كفرنبل")],
        ),
        place(
            "manbij",
            36.5282,
            37.9550,
            &[("en", "Manbij"), ("ar", "منبج"), ("ru", "Манбидж")],
        ),
    ])
}

fn first(name: &str) -> (String, Likeness) {
    let gazetteer = gazetteer();
    let found = gazetteer.resolve(name, None);
    let first = found.first().unwrap_or_else(|| panic!("{name}"));
    (first.place.id.to_string(), first.likeness)
}

#[test]
fn what_is_often_left_out_makes_no_difference() {
    for (name, id) in [
        ("IDLIB", "idlib"),
        ("ادلب", "idlib"),
        ("إِدْلِب", "idlib"),
        ("حماه", "hama"),
        ("حمــاة", "hama"),
        ("رستن", "rastan"),
        ("Ar-Rastan", "rastan"),
        ("Rastan", "rastan"),
        ("Ḥamā", "hama"),
        ("ХАМА", "hama"),
        ("KafrZita", "kafr-zita"),
        ("كفر نبل", "kafr-nabl"),
    ] {
        assert_eq!(first(name), (id.to_owned(), Likeness::Same), "{name}");
    }
}

#[test]
fn other_spellings_of_the_same_sounds_are_found() {
    for (name, id) in [
        ("Edleb", "idlib"),
        ("Hims", "homs"),
        ("Kafar Zeita", "kafr-zita"),
        ("Kafranbel", "kafr-nabl"),
        ("Membij", "manbij"),
        ("Хандарат", ""),
    ] {
        if id.is_empty() {
            assert!(gazetteer().resolve(name, None).is_empty(), "{name}");
            continue;
        }
        assert_eq!(first(name).0, id, "{name}");
    }
}

/// A caller said Harbnifsah; what was taken down was "Harb Bebsi".
#[test]
fn a_village_misheard_over_the_telephone_is_offered_with_its_read_back() {
    let gazetteer = gazetteer();
    let said_at = Position::new(34.9, 36.55).unwrap();
    let found = gazetteer.resolve("Harb Bebsi", Some(said_at));
    assert_eq!(found[0].place.id.as_str(), "harbnifsah");
    assert!(
        found[0].likeness > Likeness::Sounds,
        "never taken for certain"
    );
    assert_eq!(
        gazetteer.read_back(&found[0]),
        "Harbnifsah / حربنفسه, at 34.9000 north 36.6000 east (known to 1.0 km), 12.5 km west of \
         al-Rastan; 4.6 km from the position given"
    );
}

#[test]
fn of_equally_likely_places_the_nearest_comes_first_and_none_is_chosen() {
    let twins = Gazetteer::new([
        place("south", 33.0, 36.0, &[("en", "Kafr Hamra")]),
        place("north", 36.0, 36.0, &[("en", "Kafr Hamra")]),
    ]);
    let order = |near: Option<(f64, f64)>| {
        let near = near.map(|(latitude, longitude)| Position::new(latitude, longitude).unwrap());
        let found = twins.resolve("Kafr Hamra", near);
        found
            .iter()
            .map(|found| found.place.id.to_string())
            .collect::<Vec<_>>()
    };
    assert_eq!(order(Some((33.1, 36.0))), ["south", "north"]);
    assert_eq!(order(Some((35.9, 36.0))), ["north", "south"]);
    assert_eq!(order(None), ["north", "south"]);
}

#[test]
fn names_without_a_letter_find_nothing() {
    for name in ["", " ", "—", "\u{202e}", "١٢", "ء"] {
        assert!(gazetteer().resolve(name, None).is_empty(), "{name:?}");
    }
}

proptest! {
    /// Whatever somebody types: an answer, and never more than can be read back.
    #[test]
    fn any_text_is_compared(name in any::<String>()) {
        prop_assert!(gazetteer().resolve(&name, None).len() <= 9);
        prop_assert!(spelled(&name).chars().all(|letter| letter.is_ascii_alphanumeric()));
        prop_assert!(skeleton(&name).is_ascii());
    }

    /// One letter wrong in a long name still finds it.
    #[test]
    fn one_slip_is_forgiven(at in 0_usize..10, letter in "[a-z]") {
        let mut name: Vec<char> = "harbnifsah".chars().collect();
        name[at] = letter.chars().next().unwrap();
        let name: String = name.into_iter().collect();
        prop_assert_eq!(first(&name).0, "harbnifsah");
    }
}
