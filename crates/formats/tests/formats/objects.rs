//! Sheets of protected objects: separators, encodings, notations, and what is wrong with each row.

use std::collections::BTreeMap;

use detente_formats::objects::{Encoding, ObjectSheet, SheetForm, read_objects};
use detente_records::Severity;

pub(crate) const SHEET: &str = "\
id,category,position,datum,accuracy_m,radius_m,name_ar,measured_how,consent_by,consent_at\n\
a,hospital,\"36.13910, 36.82500\",WGS84,30,60,مستشفى,handheld,Committee,2016-08-01\n\
b,clinic,37S CA 34684 07836,WGS84,30,60,,survey,Committee,2016-08-01T10:00:00Z\n";
pub(crate) const COLLECTION: &str = r#"{"type": "FeatureCollection", "features": [
  {"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [[[36.8, 36.1], [36.81, 36.1], [36.81, 36.11], [36.8, 36.1]]]},
   "properties": {"id": "g-1", "category": "school", "datum": "WGS84", "accuracy_m": 200, "measured_how": "imagery",
   "consent_by": "Committee", "consent_at": "2016-08-01", "position": "36.105, 36.808"}},
  {"type": "Feature", "geometry": {"type": "Point", "coordinates": [36.7, 36.2]},
   "properties": {"id": "g-2", "category": "clinic", "radius_m": 50, "consent_by": "Committee", "consent_at": "2016-08-01"}}
]}"#;

fn read(text: &str) -> ObjectSheet {
    read_objects("sheet", text.as_bytes(), None)
}

/// The codes of everything said about a row, errors first by their own mark.
fn codes(sheet: &ObjectSheet, row: usize) -> Vec<String> {
    let problems = sheet.rows[row].problems.iter();
    problems
        .map(|problem| {
            assert!(problem.help.is_some(), "{problem}");
            match problem.severity {
                Severity::Error => format!("!{}", problem.code),
                _ => problem.code.to_owned(),
            }
        })
        .collect()
}

/// A sheet of one row: the columns that every row needs, and these.
fn one(columns: &[(&str, &str)]) -> ObjectSheet {
    let mut fields = BTreeMap::from([
        ("id", "a"),
        ("category", "hospital"),
        ("position", "36.13910, 36.82500"),
        ("datum", "WGS84"),
        ("accuracy_m", "30"),
        ("radius_m", "60"),
        ("measured_how", "handheld"),
        ("consent_by", "Committee"),
        ("consent_at", "2016-08-01"),
    ]);
    fields.extend(columns.iter().copied());
    let names: Vec<&str> = fields.keys().copied().collect();
    let row: Vec<String> = fields
        .values()
        .map(|field| format!("\"{}\"", field.replace('"', "\"\"")))
        .collect();
    read(&format!("{}\n{}\n", names.join(","), row.join(",")))
}

#[test]
fn a_table_is_read_with_every_separator_and_its_mark() {
    let semicolons = "id;category;latitude;longitude;datum;accuracy_m;radius_m;measured_how;consent_by;consent_at\n\
        a;hospital;36,1391;36,8250;WGS84;٣٠;60,5;survey;Committee;2016-08-01\n";
    for text in [
        SHEET.to_owned(),
        format!("\u{feff}{}", SHEET.replace('\n', "\r\n")),
        semicolons.to_owned(),
        semicolons.replace(';', "\t"),
    ] {
        let sheet = read(&text);
        assert!(sheet.problems.is_empty(), "{}", sheet.problems);
        let row = &sheet.rows[0];
        let notice = row
            .notice
            .as_ref()
            .unwrap_or_else(|| panic!("{}", row.problems));
        assert!((notice.position.latitude_deg() - 36.1391).abs() < 1e-9);
        assert!((notice.position.longitude_deg() - 36.825).abs() < 1e-9);
        assert_eq!(notice.body["feature"]["properties"]["accuracy_m"], 30.0);
        assert_eq!(notice.body["consent"]["at"], "2016-08-01T00:00:00Z");
        assert_eq!((row.number, row.problems.len()), (2, 0), "{}", row.problems);
    }
    let sheet = read(SHEET);
    assert_eq!(sheet.form, SheetForm::Table(','));
    assert_eq!(
        sheet.rows[0].notice.as_ref().unwrap().body["feature"]["properties"]["name"]["ar"],
        "مستشفى"
    );
}

#[test]
fn encodings_are_read_or_named_and_never_guessed() {
    let utf16: Vec<u8> = "\u{feff}"
        .chars()
        .chain(SHEET.chars())
        .collect::<String>()
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let sheet = read_objects("sheet", &utf16, None);
    assert_eq!((sheet.encoding, sheet.rows.len()), (Encoding::Utf16, 2));
    // «Больница» and «مستشفى» in the encodings of Windows.
    let russian = b"id,category,position,consent_by,consent_at,name_ru\na,hospital,\"36.1, 36.8\",C,2016-08-01,\xc1\xee\xeb\xfc\xed\xe8\xf6\xe0\n";
    let arabic = b"id,category,position,consent_by,consent_at,name_ar\na,hospital,\"36.1, 36.8\",C,2016-08-01,\xe3\xd3\xca\xd4\xdd\xec \xc7\xe1\xd1\xcd\xe3\xc9\n";
    for (bytes, encoding, column, name) in [
        (&russian[..], Encoding::Windows1251, "ru", "Больница"),
        (&arabic[..], Encoding::Windows1256, "ar", "مستشفى الرحمة"),
    ] {
        let refused = read_objects("sheet", bytes, None);
        assert!(refused.rows.is_empty() && refused.problems.has_errors());
        let said = refused.problems.to_string();
        assert!(said.contains(encoding.wire_name()), "{said}");
        let sheet = read_objects("sheet", bytes, Some(encoding));
        let notice = sheet.rows[0].notice.as_ref().unwrap();
        assert_eq!(notice.body["feature"]["properties"]["name"][column], name);
    }
    for bytes in [
        &b"PK\x03\x04\xff\xfe"[..],
        b"id\xff\xff,category",
        b"\x00\x01\x02",
    ] {
        let sheet = read_objects("sheet", bytes, None);
        assert!(sheet.problems.has_errors() && sheet.rows.is_empty());
    }
}

#[test]
fn what_is_wrong_with_a_row_is_said_by_column_with_a_way_out() {
    for (columns, expected) in [
        (&[][..], &[][..]),
        (&[("position", "36.1391")], &["!invalid_position"]),
        (
            &[("position", "37S 334684 4007836")],
            &["!ambiguous_position"],
        ),
        (&[("datum", "Pulkovo 1942")], &["!other_datum"]),
        (&[("datum", "")], &["datum_assumed"]),
        (&[("datum", "EPSG:4326")], &[]),
        (&[("accuracy_m", "")], &["accuracy_assumed"]),
        (&[("position", "36.14, 36.82")], &["accuracy_widened"]),
        (&[("radius_m", "")], &["footprint_assumed"]),
        (
            &[("radius_m", "wide")],
            &["!invalid_number", "footprint_assumed"],
        ),
        (&[("consent_by", "")], &["!missing_property"]),
        (&[("consent_at", "August")], &["!invalid_instant"]),
        (&[("name", "Hospital \u{202e}1H")], &["!direction_override"]),
        (&[("measured_how", "")], &["measurement_unknown"]),
        (
            &[("latitude", "36.1391"), ("longitude", "36.9")],
            &["!two_positions"],
        ),
        (&[("latitude", "36.1391"), ("longitude", "36.825")], &[]),
        (
            &[
                ("radius_m", ""),
                (
                    "corners",
                    "36.1, 36.8 | 36.1, 36.85 | 36.15, 36.85 | 36.15, 36.8",
                ),
            ],
            &[],
        ),
        (
            &[
                ("radius_m", ""),
                ("corners", "36.1, 36.9 | 36.1, 36.95 | 36.15, 36.95"),
            ],
            &["!point_outside_footprint"],
        ),
        (
            &[("radius_m", ""), ("corners", "36.1, 36.9 | 36.1, 36.95")],
            &["!invalid_geometry"],
        ),
    ] {
        let sheet = one(columns);
        assert!(sheet.problems.is_empty(), "{}", sheet.problems);
        assert_eq!(
            codes(&sheet, 0),
            expected,
            "{columns:?}: {}",
            sheet.rows[0].problems
        );
        let is_refused = expected.iter().any(|code| code.starts_with('!'));
        assert_eq!(sheet.rows[0].notice.is_none(), is_refused);
    }
}

#[test]
fn an_accuracy_that_nobody_stated_is_no_finer_than_its_digits_and_its_measuring() {
    let accuracy = |measured: &str, position: &str| {
        let sheet = one(&[
            ("accuracy_m", ""),
            ("measured_how", measured),
            ("position", position),
        ]);
        let notice = sheet.rows[0].notice.as_ref().unwrap();
        notice.body["feature"]["properties"]["accuracy_m"]
            .as_f64()
            .unwrap()
    };
    assert_eq!(accuracy("survey", "36.13910, 36.82500"), 5.0);
    assert_eq!(accuracy("handheld", "36.13910, 36.82500"), 15.0);
    assert_eq!(accuracy("imagery", "36.13910, 36.82500"), 1_000.0);
    assert!(accuracy("survey", "36.14, 36.82") > 1_300.0);
}

#[test]
fn a_column_that_would_name_a_target_refuses_the_sheet() {
    let sheet = read("id,category,position,consent_by,consent_at,aim point\n");
    assert!(sheet.problems.has_errors());
    assert!(
        sheet.problems.to_string().contains("R50"),
        "{}",
        sheet.problems
    );
}

#[test]
fn an_id_comes_twice_only_when_both_rows_say_the_same() {
    let row = SHEET.lines().nth(1).unwrap();
    let other = row.replace("60,", "61,");
    let sheet = read(&format!("{SHEET}{row}\n{other}\n"));
    assert_eq!(codes(&sheet, 2), ["repeated_row"]);
    assert_eq!(codes(&sheet, 3), ["!duplicate_id"]);
}

#[test]
fn refused_rows_come_back_as_they_were_with_the_reason() {
    let text = SHEET.replace("2016-08-01T10:00:00Z", "\"soon; \"\"perhaps\"\"\"");
    let sheet = read(&text);
    assert!(sheet.rows[1].notice.is_none());
    let mended = sheet.mended(&BTreeMap::from([(1, "neither, nor".to_owned())]));
    insta::assert_snapshot!(mended);
    // What was mended is read again, and the column with the reason is left alone.
    let again = read(&mended.replace("\"soon; \"\"perhaps\"\"\"", "2016-08-01"));
    assert!(again.problems.is_empty(), "{}", again.problems);
    assert!(again.rows[0].notice.is_some(), "{}", again.rows[0].problems);
    let twice = again.mended(&BTreeMap::from([(0, "once more".to_owned())]));
    assert_eq!(twice.matches("refused_because").count(), 1);
    let collection = read(COLLECTION);
    let mended = collection.mended(&BTreeMap::from([(1, "why".to_owned())]));
    let again = read(&mended);
    assert_eq!((again.rows.len(), again.rows[0].id.as_str()), (1, "g-2"));
    assert!(again.rows[0].notice.is_some(), "{}", again.rows[0].problems);
}

#[test]
fn features_are_rows_too() {
    let sheet = read(COLLECTION);
    assert_eq!(sheet.form, SheetForm::Collection);
    let first = sheet.rows[0].notice.as_ref().unwrap();
    assert_eq!(
        first.body["feature"]["properties"]["kind"],
        "protected_object"
    );
    assert!(
        first.body["feature"]["properties"]
            .get("consent_by")
            .is_none()
    );
    assert_eq!(codes(&sheet, 0), [] as [&str; 0]);
    assert_eq!(
        codes(&sheet, 1),
        ["datum_assumed", "measurement_unknown", "accuracy_assumed"]
    );
}

#[test]
fn the_example_sheet_is_sound() {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../scenarios/syria-2016/sheets/protected-objects.csv"
    );
    let sheet = read_objects("sheet", &std::fs::read(path).unwrap(), None);
    assert!(
        sheet.problems.is_empty() && sheet.rows.len() >= 4,
        "{}",
        sheet.problems
    );
    for row in &sheet.rows {
        assert!(
            row.problems.is_empty() && row.notice.is_some(),
            "{}",
            row.problems
        );
    }
}

#[test]
fn a_figure_with_two_readings_is_refused_with_both() {
    for (figure, readings) in [
        ("1,500", ["1.500 m", "1500 m"]),
        ("1,000", ["1.000 m", "1000 m"]),
        ("١,٥٠٠", ["١.٥٠٠ m", "١٥٠٠ m"]),
    ] {
        let sheet = one(&[("radius_m", figure)]);
        assert!(
            codes(&sheet, 0).contains(&"!ambiguous_number".to_owned()),
            "{figure}"
        );
        let problems = sheet.rows[0].problems.iter();
        let said: Vec<String> = problems.map(|problem| problem.message.clone()).collect();
        assert!(
            readings
                .iter()
                .all(|it| said.iter().any(|said| said.contains(it))),
            "{said:?}"
        );
    }
    for plain in ["60,5", "0,500", "60", "1500"] {
        let sheet = one(&[("radius_m", plain)]);
        assert!(
            !codes(&sheet, 0).contains(&"!ambiguous_number".to_owned()),
            "{plain}"
        );
    }
}

#[test]
fn a_sheet_is_read_with_any_line_ends_and_one_without_rows_is_refused() {
    let old = read(&SHEET.replace('\n', "\r"));
    assert_eq!(old.rows.len(), 2);
    assert_eq!(old.rows[1].id, "b");
    let header = SHEET.lines().next().unwrap();
    let empty = read(&format!("{header}\n"));
    assert!(empty.problems.has_errors());
    assert!(
        empty
            .problems
            .iter()
            .any(|problem| problem.code == "no_rows")
    );
}
