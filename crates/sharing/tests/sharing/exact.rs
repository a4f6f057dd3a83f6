//! Exact places of objects that are shown by an area of the grid.

use detente_ledger::seal::{SealSecretKey, SealSuite};
use detente_records::act::edition::CellSize;
use detente_records::act::{ExactPlace, Kind};
use detente_records::{HolderId, ProtectedObject, RecordId};
use detente_sharing::{
    Author, BUCKETS, ExpectedPlace, Opened, PLACE_BYTES, ReadFault, area_around, edition_seed,
    exact_payload, lies_in, open, read_exact, seal_edition,
};
use detente_spacetime::{Footprint, Position};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::sample::holder;

const RELEASED: Author<'static> = Author {
    origin: "us.example/ledger",
    agreement: "plan",
    kind: Kind::ObjectReleased,
};

fn feature(geometry: &Value, more: &Value) -> Value {
    let mut properties = json!({
        "kind": "protected_object", "id": "h-1", "category": "clinic", "start": "2016-08-01T00:00:00Z", "end": "UFN",
    });
    let members = properties.as_object_mut().unwrap();
    members.extend(more.as_object().unwrap().clone());
    json!({"type": "Feature", "geometry": geometry, "properties": properties})
}

fn document(feature: &Value, recipient: &str) -> Value {
    json!({
        "form": "detente/exact-place/1", "object": "h-1", "version": 1, "originator": "US",
        "recipient": recipient, "feature": feature, "function": "A clinic of two floors.",
    })
}

fn place(feature: &Value) -> ExactPlace {
    let document = document(feature, "US");
    let (place, problems) = ExactPlace::parse("place", document.as_object().unwrap());
    place.unwrap_or_else(|| panic!("{problems}"))
}

fn standing(latitude_deg: f64, longitude_deg: f64, radius_m: f64) -> Value {
    feature(
        &json!({"type": "Point", "coordinates": [longitude_deg, latitude_deg]}),
        &json!({"radius_m": radius_m, "accuracy_m": 30}),
    )
}

/// The area that a place is shown by, as everybody reads it.
fn shown(latitude_deg: f64, longitude_deg: f64, radius_m: f64) -> (Value, ProtectedObject) {
    let middle = Position::new(latitude_deg, longitude_deg).unwrap();
    let circle = Footprint::circle(middle, radius_m).unwrap().footprint;
    let ring = area_around(circle.bounds(), 30.0, CellSize::Km5).unwrap();
    let drawn = feature(
        &json!({"type": "Polygon", "coordinates": [ring]}),
        &json!({"edges": "parallel", "accuracy_m": 0}),
    );
    let object = place(&drawn).feature.record().clone();
    (drawn, object)
}

fn secret(name: &str) -> SealSecretKey {
    let mut seed = [3; 32];
    seed[..name.len()].copy_from_slice(name.as_bytes());
    SealSecretKey::from_seed(SealSuite::X25519, &seed)
}

fn sent(place: &ExactPlace, to: &str) -> (Value, Vec<u8>) {
    let recipient = holder(to);
    let payload = exact_payload(place, &recipient).unwrap();
    let seed = edition_seed(&[7; 32], &RELEASED, &recipient, &payload);
    let (own, key) = (secret("US"), secret(to));
    let keys = (&recipient, key.public());
    let (sealed, blob) = seal_edition(&RELEASED, &seed, &payload, keys, own.public()).unwrap();
    let opened = open(&RELEASED, &sealed, &blob, &key).unwrap();
    assert_eq!(opened.payload, payload);
    let said = json!({
        "recipient": sealed.recipient.as_str(), "bytes": sealed.blob.bytes,
        "keys": sealed.keys.as_slice().iter().map(|key| key.as_str()).collect::<Vec<_>>(),
    });
    (said, blob)
}

struct Names {
    object: RecordId,
    us: HolderId,
    ru: HolderId,
    un: HolderId,
}

fn names() -> Names {
    Names {
        object: RecordId::parse("h-1").unwrap(),
        us: holder("US"),
        ru: holder("RU"),
        un: holder("UN"),
    }
}

#[test]
fn an_exact_place_is_read_by_whom_it_was_written_for_and_only_inside_its_area() {
    let names = names();
    let place = place(&standing(36.139_12, 36.825_34, 60.0));
    let (_, area) = shown(36.139_12, 36.825_34, 60.0);
    let (_, elsewhere) = shown(36.539_12, 36.825_34, 60.0);
    let opened = Opened {
        payload: exact_payload(&place, &names.ru).unwrap(),
        salt: detente_records::act::Digest::new([0; 32]),
    };
    let expected = ExpectedPlace {
        object: &names.object,
        version: 1,
        originator: &names.us,
        recipient: &names.ru,
        shown: Some(&area),
    };
    let read = read_exact(&opened, &expected).unwrap();
    assert_eq!(read.feature.source(), place.feature.source());
    let other = RecordId::parse("h-2").unwrap();
    for (expected, fault) in [
        (
            ExpectedPlace {
                object: &other,
                ..expected
            },
            ReadFault::Other("object"),
        ),
        (
            ExpectedPlace {
                version: 2,
                ..expected
            },
            ReadFault::Other("version"),
        ),
        (
            ExpectedPlace {
                originator: &names.un,
                ..expected
            },
            ReadFault::Other("originator"),
        ),
        (
            ExpectedPlace {
                recipient: &names.un,
                ..expected
            },
            ReadFault::Other("recipient"),
        ),
        (
            ExpectedPlace {
                shown: Some(&elsewhere),
                ..expected
            },
            ReadFault::OutsideItsArea,
        ),
    ] {
        assert_eq!(read_exact(&opened, &expected), Err(fault));
    }
    let noise = Opened {
        payload: b"no place".to_vec(),
        ..opened
    };
    assert!(matches!(
        read_exact(&noise, &expected),
        Err(ReadFault::Form(_))
    ));
}

/// The height of a cell of five kilometres in degrees; up to 60° it is twice as wide.
const CELL_DEG: f64 = 0.05;

proptest! {
    /// Whoever reads an object coarsely reads the same bytes wherever in its cell it stands, at a border too: the area, and of
    /// what is sealed for somebody else its recipient, its keys and its length.
    #[test]
    fn where_in_its_cell_an_object_stands_changes_nothing_that_others_read(
        row in 0_u32..80, column in 0_u32..170,
        one in (0.0..CELL_DEG, 0.0..2.0 * CELL_DEG, 1.0_f64..400.0),
        other in (0.0..CELL_DEG, 0.0..2.0 * CELL_DEG, 1.0_f64..400.0),
    ) {
        let (south, west) = (f64::from(row) * 0.5, f64::from(column));
        let read = |(north, east, radius_m): (f64, f64, f64)| {
            let (latitude_deg, longitude_deg) = (south + north, west + east);
            let (drawn, _) = shown(latitude_deg, longitude_deg, radius_m);
            let (said, blob) = sent(&place(&standing(latitude_deg, longitude_deg, radius_m)), "RU");
            (drawn, said, blob.len(), format!("{latitude_deg}"), blob)
        };
        let (one, other) = (read(one), read(other));
        prop_assert_eq!(&one.0, &other.0);
        prop_assert_eq!(&one.1, &other.1);
        prop_assert_eq!(one.2, other.2);
        prop_assert!(one.2 >= PLACE_BYTES && one.2 < BUCKETS[0]);
        let digits = one.3.as_bytes();
        prop_assert!(!one.4.windows(digits.len()).any(|part| part == digits) || digits.len() < 6);
    }
}

proptest! {
    /// The area holds its object wherever on Earth it lies and however large it is, also at a border of cells, across the
    /// antimeridian, and where the cells change their width.
    #[test]
    fn the_area_of_an_object_holds_it(
        latitude_deg in prop_oneof![-87.9_f64..87.9, Just(60.0), Just(-75.0), Just(0.0), (-800_i32..800).prop_map(|row| f64::from(row) / 10.0)],
        longitude_deg in prop_oneof![-180.0_f64..180.0, Just(180.0), Just(0.0), 179.98_f64..180.0],
        radius_m in prop_oneof![1.0_f64..500.0, 500.0_f64..20_000.0],
        accuracy_m in 0.0_f64..300.0,
        size in prop::sample::select(vec![CellSize::Km100, CellSize::Km50, CellSize::Km10, CellSize::Km5, CellSize::Km1]),
    ) {
        let middle = Position::new(latitude_deg, longitude_deg).unwrap();
        let circle = Footprint::circle(middle, radius_m).unwrap().footprint;
        let ring = area_around(circle.bounds(), accuracy_m, size);
        prop_assume!(latitude_deg.abs() < 85.0 || ring.is_some());
        let properties = json!({"edges": "parallel", "accuracy_m": 0});
        let shown = place(&feature(&json!({"type": "Polygon", "coordinates": [ring.unwrap()]}), &properties));
        let point = json!({"type": "Point", "coordinates": [longitude_deg, latitude_deg]});
        let exact = place(&feature(&point, &json!({"radius_m": radius_m, "accuracy_m": accuracy_m})));
        prop_assert!(lies_in(exact.feature.record(), shown.feature.record()));
    }
}

#[test]
fn an_object_at_a_border_shows_what_one_in_the_middle_of_its_cell_shows() {
    let ring = |latitude_deg: f64, longitude_deg: f64, radius_m: f64| {
        let middle = Position::new(latitude_deg, longitude_deg).unwrap();
        let circle = Footprint::circle(middle, radius_m).unwrap().footprint;
        area_around(circle.bounds(), 30.0, CellSize::Km5)
    };
    let within = ring(36.525, 37.05, 60.0);
    for (latitude_deg, longitude_deg) in [(36.5, 37.0), (36.5, 37.099_99), (36.549_99, 37.0)] {
        assert_eq!(ring(latitude_deg, longitude_deg, 60.0), within);
    }
    let [west, south] = within.unwrap()[0];
    assert!((west - 36.9875).abs() < 1e-9 && (south - 36.493_75).abs() < 1e-9);
    // A large one has a wider rim, which no place in the cell changes.
    let large = ring(36.525, 37.05, 900.0);
    assert_eq!(ring(36.5, 37.0, 900.0), large);
    assert_eq!(large.unwrap()[0], [36.975, 36.4875]);
    // Around a pole a cell is a row.
    assert_eq!(ring(88.5, 10.0, 60.0), None);
    assert_eq!(ring(-90.0, 10.0, 60.0), None);
}
