//! Exact places of objects that are shown by the cells that hold them.

use detente_ledger::seal::{SealSecretKey, SealSuite};
use detente_records::act::edition::CellSize;
use detente_records::act::{ExactPlace, Kind};
use detente_records::{HolderId, ProtectedObject, RecordId};
use detente_sharing::{
    Author, BUCKETS, ExpectedPlace, Opened, PLACE_BYTES, ReadFault, cells_around, edition_seed,
    exact_payload, open, read_exact, seal_edition,
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

/// The cells that hold a place, as everybody reads them.
fn shown(latitude_deg: f64, longitude_deg: f64, radius_m: f64) -> (Value, ProtectedObject) {
    let middle = Position::new(latitude_deg, longitude_deg).unwrap();
    let circle = Footprint::circle(middle, radius_m).unwrap().footprint;
    let ring = cells_around(circle.bounds(), 30.0, CellSize::Km5).unwrap();
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

proptest! {
    /// Whoever reads an object by its cells reads the same bytes wherever in them it stands: the cells, and of what is sealed
    /// for somebody else its recipient, its keys and its length.
    #[test]
    fn where_in_its_cells_an_object_stands_changes_nothing_that_others_read(
        row in 0_u32..80, column in 0_u32..170,
        one in (0.01_f64..0.04, 0.01_f64..0.09, 1.0_f64..400.0),
        other in (0.01_f64..0.04, 0.01_f64..0.09, 1.0_f64..400.0),
    ) {
        // Cells of five kilometres are three minutes high and, up to 60°, six minutes wide.
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

#[test]
fn an_object_at_a_border_of_cells_is_told_from_one_within_a_cell() {
    let ring = |latitude_deg: f64, longitude_deg: f64, size: CellSize| {
        let middle = Position::new(latitude_deg, longitude_deg).unwrap();
        let circle = Footprint::circle(middle, 60.0).unwrap().footprint;
        cells_around(circle.bounds(), 30.0, size).unwrap()
    };
    let is_one = |latitude_deg: f64, longitude_deg: f64, size: CellSize| {
        detente_sharing::is_one_cell(&ring(latitude_deg, longitude_deg, size), size)
    };
    let [_, _, [east, north], ..] = ring(36.525, 37.025, CellSize::Km5);
    assert!(is_one(36.525, 37.025, CellSize::Km5));
    assert!(is_one(-36.525, -37.025, CellSize::Km5));
    assert!(!is_one(north, 37.025, CellSize::Km5));
    assert!(!is_one(36.525, east, CellSize::Km5));
    // The way out: larger cells.
    assert!(is_one(north, 37.025, CellSize::Km100));
}
