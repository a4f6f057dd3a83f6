//! Editions: what each recipient reads, and that nothing else shows in it.

use std::collections::BTreeMap;

use detente_records::act::draft::Removable;
use detente_records::act::{Edition, ReportDraft};
use detente_sharing::{Denial, LeftOut, Marking, Objection, compose};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::sample::{desk, directory, draft, holder, marking, members, report, terms};

fn made(report: &Value, wanted: &Value) -> Result<Vec<Value>, Vec<Objection>> {
    let (directory, us, sources) = (directory(), holder("US"), BTreeMap::new());
    let composed = compose(
        &draft(report),
        &terms(wanted),
        &desk(&directory, &us, &sources),
    )?;
    let read = |payload: &[u8]| serde_json::from_slice::<Value>(payload).unwrap();
    Ok(composed
        .editions
        .iter()
        .map(|prepared| {
            assert_eq!(read(&prepared.payload), prepared.edition.to_json());
            prepared.edition.to_json()
        })
        .collect())
}

fn objections(report: &Value, wanted: &Value) -> Vec<&'static str> {
    let made = made(report, wanted);
    let objections = made.err().unwrap_or_default();
    for objection in &objections {
        assert!(!objection.to_string().is_empty() && !objection.help().is_empty());
    }
    objections.iter().map(Objection::code).collect()
}

#[test]
fn each_recipient_reads_what_its_terms_leave() {
    let wanted = json!([
        {"recipient": "RU", "place": "grid_10km", "time": "hour", "detail": "full", "without": ["grade"]},
        {"recipient": "UN"},
    ]);
    let made = made(&report(), &wanted).unwrap();
    let [ru, un] = made.as_slice() else {
        panic!("two editions");
    };
    assert_eq!(ru["portions"].as_array().unwrap().len(), 2);
    let first = &ru["portions"][0];
    assert_eq!(first["place"]["cell"]["south_deg"], json!(36.5));
    assert_eq!(first["place"].as_object().unwrap().len(), 1);
    assert_eq!(
        first["time"],
        json!({"from": "2016-09-15T08:00:00Z", "hours": 1})
    );
    assert_eq!(first["grade"], Value::Null);
    assert_eq!(first["source"], Value::Null);
    assert_eq!(
        first["text"],
        "Nine trucks of the fourth company stand near the silo."
    );
    // Nothing said about how exactly: the tearline, no place, no time.
    assert_eq!(un["portions"].as_array().unwrap().len(), 1);
    let only = &un["portions"][0];
    assert_eq!(only["text"], "Vehicles stand in the north.");
    assert_eq!(
        (&only["place"], &only["time"]),
        (&Value::Null, &Value::Null)
    );
}

#[test]
fn places_go_as_the_terms_say_or_not_at_all() {
    let place = |terms: &str| {
        let wanted = json!([{"recipient": "RU", "place": terms}]);
        made(&report(), &wanted).unwrap()[0]["portions"][0]["place"].clone()
    };
    assert_eq!(place("area"), json!({"area": "north"}));
    assert_eq!(place("settlement"), json!({"settlement": "Azaz"}));
    assert_eq!(place("withheld"), Value::Null);
    let mut nowhere = report();
    nowhere["portions"][0]["place"] = json!({"settlement": "Azaz"});
    let wanted = json!([{"recipient": "RU", "place": "grid_1km"}]);
    // What is not known as exactly as the terms allow is not told in another way.
    assert_eq!(
        made(&nowhere, &wanted).unwrap()[0]["portions"][0]["place"],
        Value::Null
    );
}

#[test]
fn what_is_left_out_is_said_to_the_releaser() {
    let (directory, us, sources) = (directory(), holder("US"), BTreeMap::new());
    let wanted = terms(&json!([{"recipient": "UN", "without": ["harm"]}]));
    let composed = compose(&draft(&report()), &wanted, &desk(&directory, &us, &sources)).unwrap();
    let left_out = &composed.editions[0].left_out;
    assert!(left_out.contains(&LeftOut::Portion(1, Denial::NotNamed)));
    assert!(left_out.contains(&LeftOut::Portion(2, Denial::Nobody)));
}

#[test]
fn what_the_terms_ask_for_and_the_draft_has_not_is_said_to_the_releaser() {
    let (directory, us, sources) = (directory(), holder("US"), BTreeMap::new());
    for (place, member) in [
        ("area", "area"),
        ("settlement", "settlement"),
        ("grid_5km", "position"),
    ] {
        let mut report = report();
        let portion = report["portions"][0].as_object_mut().unwrap();
        portion.remove("tearline");
        portion["place"].as_object_mut().unwrap().remove(member);
        let wanted = terms(&json!([{"recipient": "RU", "place": place}]));
        let composed = compose(&draft(&report), &wanted, &desk(&directory, &us, &sources));
        let left_out = &composed.unwrap().editions[0].left_out;
        assert!(
            left_out.contains(&LeftOut::Lacking(0, Removable::Place)),
            "{place}"
        );
        assert!(left_out.contains(&LeftOut::Lacking(0, Removable::Text)));
    }
}

#[test]
fn missing_empty_and_unknown_reach_nobody() {
    let to_ru = json!([{"recipient": "RU"}]);
    let with = |change: &dyn Fn(&mut Value)| {
        let mut report = report();
        change(&mut report);
        objections(&report, &to_ru)
    };
    let without_marking = |report: &mut Value| {
        report.as_object_mut().unwrap().remove("marking");
    };
    assert!(with(&without_marking).contains(&"marked_for_nobody"));
    assert!(
        with(&|report| report["marking"]["releasable_to"] = json!([]))
            .contains(&"marked_for_nobody")
    );
    assert!(
        with(&|report| report["marking"]["classifications"] = json!([]))
            .contains(&"marked_for_nobody")
    );
    let nobody = with(&|report| report["marking"]["releasable_to"] = json!(["ATLANTIS"]));
    assert!(nobody.contains(&"marked_for_nobody"));
    assert_eq!(objections(&report(), &json!([])), ["no_recipients"]);
    assert_eq!(
        objections(&report(), &json!([{"recipient": "ATLANTIS"}])),
        ["unknown_recipient"]
    );
    assert_eq!(
        objections(&report(), &json!([{"recipient": "OSCE"}])),
        ["not_for_recipient"]
    );
    assert_eq!(
        objections(&report(), &json!([{"recipient": "US"}])),
        ["own_node"]
    );
    let bare = with(&|report| {
        for portion in report["portions"].as_array_mut().unwrap() {
            portion.as_object_mut().unwrap().remove("marking");
        }
    });
    assert_eq!(bare, ["nothing_for_recipient"]);
    let over = with(&|report| report["marking"]["expires"] = json!("2016-09-15T12:00:00Z"));
    assert_eq!(over, ["not_for_recipient"]);
}

#[test]
fn everything_that_speaks_against_it_is_said_at_once() {
    let wanted = json!([{"recipient": "OSCE"}, {"recipient": "US"}, {"recipient": "US"}, {"recipient": "X"}]);
    assert_eq!(
        objections(&report(), &wanted),
        [
            "named_twice",
            "not_for_recipient",
            "own_node",
            "own_node",
            "unknown_recipient"
        ]
        .into_iter()
        .fold(Vec::new(), |mut kept: Vec<&str>, code| {
            if kept.last() != Some(&code) {
                kept.push(code);
            }
            kept
        })
    );
}

#[test]
fn sources_methods_and_positions_cannot_slip_out_through_a_text() {
    let to_ru = json!([{"recipient": "RU", "detail": "full"}]);
    let with = |text: &str| {
        let mut report = report();
        report["portions"][0]["text"] = json!(text);
        objections(&report, &to_ru)
    };
    assert_eq!(with("As OBSERVER-zephyr says."), ["names_source"]);
    assert_eq!(
        with("Seen from the minaret, nine trucks."),
        ["names_source"]
    );
    assert_eq!(with("At 36.587 N 37.0463 E."), ["states_position"]);
    assert_eq!(with("On the road, 36.5 km long."), Vec::<&str>::new());
    for position in [
        "Грузовики: 36,5866 37,0463.",
        "At 36,587 N and farther on 37,0463 E.",
        "عند ٣٦٫٥٨٦٦ ٣٧٫٠٤٦٣",
        "Silo (36°35′11.8″N 037°02′46.7″E), nine trucks.",
        "36° 35′ 11.8″ N 037° 02′ 46.7″ E",
        "near 37S CA 25221 50790, in the yard",
        "37SCA2522150790",
        "37N 325221 4050791",
    ] {
        assert_eq!(with(position), ["states_position"], "{position}");
    }
    for elsewhere in ["37S CA 85221 50790", "Nine trucks, 36,50 and 12,75 m long."] {
        assert_eq!(with(elsewhere), Vec::<&str>::new(), "{elsewhere}");
    }
    for (name, text) in [
        ("André Zéphyr", "as Andre\u{301} Ze\u{301}phyr says"),
        (
            "Observer Zephyr",
            "observer \u{ff3a}\u{ff45}\u{ff50}\u{ff48}\u{ff59}\u{ff52} saw",
        ),
        ("أحمد الحلبي", "قال أَحْمَد الحَلَبِيّ"),
    ] {
        let mut report = report();
        report["portions"][0]["source"] = json!({"name": name});
        report["portions"][0]["text"] = json!(text);
        assert_eq!(objections(&report, &to_ru), ["names_source"], "{name}");
    }
    let mut title = report();
    title["title"] = json!("What observer Zephyr saw");
    assert_eq!(objections(&title, &to_ru), ["names_source"]);
    // The source of a portion that stays at home is kept as well.
    let mut other = report();
    other["portions"][2]["source"] = json!({"name": "Fourth company"});
    assert_eq!(objections(&other, &to_ru), ["names_source"]);
}

#[test]
fn the_outgoing_form_has_no_place_for_a_source() {
    let made = made(&report(), &json!([{"recipient": "RU"}])).unwrap();
    for (pointer, member, value) in [
        ("/portions/0", "source", json!({"name": "Z"})),
        ("/portions/0", "method", json!("listening")),
        (
            "/portions/0",
            "position",
            json!({"latitude_deg": 1, "longitude_deg": 1}),
        ),
        ("/portions/0", "at", json!("2016-09-15T08:47:13Z")),
        ("", "remark", json!("anything")),
    ] {
        let mut forged = made[0].clone();
        forged.pointer_mut(pointer).unwrap()[member] = value;
        let (edition, problems) = Edition::parse("edition", &members(&forged));
        assert!(edition.is_none(), "{member}");
        assert!(
            problems
                .iter()
                .any(|problem| problem.code == "unknown_member"),
            "{problems}"
        );
    }
    let (draft, problems) =
        ReportDraft::parse("draft", &members(&json!({"report": "r", "target": "x"})));
    assert!(
        draft.is_none()
            && problems
                .iter()
                .any(|problem| problem.code == "r50_excluded")
    );
}

#[test]
fn a_portion_marked_above_the_report_is_an_objection() {
    let mut report = report();
    report["portions"][0]["marking"]["classifications"][0]["level"] = json!("secret");
    assert_eq!(
        objections(&report, &json!([{"recipient": "RU"}])),
        ["marking_too_open"]
    );
    // The same above a portion nobody gets is nobody's business.
    let mut report = self::report();
    report["portions"][1]["marking"]["classifications"][0]["level"] = json!("secret");
    assert!(made(&report, &json!([{"recipient": "UN"}])).is_ok());
}

#[test]
fn what_is_derived_is_as_strict_as_its_strictest_source() {
    let (directory, us) = (directory(), holder("US"));
    let source = |names: &[&str]| {
        let stated = json!({"report": "x", "marking": marking("secret", names)});
        Marking::stated(draft(&stated).marking.as_ref(), &directory)
    };
    let sources = BTreeMap::from([
        (
            detente_records::RecordId::parse("s-1").unwrap(),
            source(&["US", "RU"]),
        ),
        (
            detente_records::RecordId::parse("s-2").unwrap(),
            source(&["US", "UN"]),
        ),
    ]);
    let desk = desk(&directory, &us, &sources);
    let mut derived = report();
    derived["marking"] = marking("open", &["RU", "UN"]);
    derived["derived_from"] = json!(["s-1"]);
    let composed = compose(
        &draft(&derived),
        &terms(&json!([{"recipient": "RU"}])),
        &desk,
    )
    .unwrap();
    assert_eq!(composed.marking.releasable_to.as_slice(), [holder("RU")]);
    let levels: Vec<&str> = composed
        .marking
        .classifications
        .as_slice()
        .iter()
        .map(|found| found.level.wire_name())
        .collect();
    assert_eq!(levels, ["secret"]);
    let refused = compose(
        &draft(&derived),
        &terms(&json!([{"recipient": "UN"}])),
        &desk,
    );
    assert!(matches!(
        refused.unwrap_err().as_slice(),
        [Objection::NotForRecipient(_, Denial::NotNamed)]
    ));
    // A single portion can be made from less than the whole.
    let mut portion = report();
    portion["marking"] = marking("secret", &["RU", "UN"]);
    portion["portions"][0]["derived_from"] = json!(["s-2"]);
    let composed = compose(
        &draft(&portion),
        &terms(&json!([{"recipient": "RU"}])),
        &desk,
    )
    .unwrap();
    assert_eq!(composed.editions[0].edition.portions.as_slice().len(), 1);
    assert_eq!(
        composed.editions[0].left_out[0],
        LeftOut::Portion(0, Denial::NotNamed)
    );
    let mut unknown = report();
    unknown["derived_from"] = json!(["s-3"]);
    let refused = compose(
        &draft(&unknown),
        &terms(&json!([{"recipient": "RU"}])),
        &desk,
    );
    assert!(
        refused
            .unwrap_err()
            .iter()
            .any(|objection| objection.code() == "unknown_source")
    );
}

/// A portion that one recipient does not get, whatever it holds.
fn hidden() -> impl Strategy<Value = Value> {
    let text = "[a-z ]{0,40}";
    let lists = proptest::sample::subsequence(vec!["RU", "OSCE"], 0..=2);
    (text, text, lists, any::<bool>(), -89.0_f64..89.0, 0_u32..1000).prop_map(
        |(text, tearline, names, is_marked, latitude, killed)| {
            let mut portion = json!({
                "text": format!("x{text}"), "tearline": format!("x{tearline}"),
                "place": {"settlement": "Z", "position": {"latitude_deg": latitude, "longitude_deg": 3.5}},
                "harm": {"killed": {"low": killed}},
                "source": {"name": format!("zzzz{text}")},
            });
            if is_marked {
                portion["marking"] = marking("confidential", &names);
            }
            portion
        },
    )
}

proptest! {
    /// Whatever stays at home, the recipient reads the same bytes, and everybody the same marking.
    #[test]
    fn what_is_not_released_changes_no_byte(
        some in proptest::collection::vec(hidden(), 0..5),
        others in proptest::collection::vec(hidden(), 0..5),
        place in proptest::sample::select(vec!["withheld", "area", "grid_100km", "grid_1km", "settlement"]),
    ) {
        let (directory, us, sources) = (directory(), holder("US"), BTreeMap::new());
        let composed = |hidden: &[Value]| {
            let mut report = report();
            let portions = report["portions"].as_array_mut().unwrap();
            portions.truncate(1);
            // In front of what is released and behind it.
            let half = hidden.len() / 2;
            for portion in &hidden[..half] {
                portions.insert(0, portion.clone());
            }
            portions.extend(hidden[half..].iter().cloned());
            let wanted = json!([{"recipient": "UN", "place": place, "time": "day", "detail": "full"}]);
            compose(&draft(&report), &terms(&wanted), &desk(&directory, &us, &sources)).unwrap()
        };
        let (one, other) = (composed(&some), composed(&others));
        prop_assert_eq!(&one.marking, &other.marking);
        prop_assert_eq!(&one.editions[0].payload, &other.editions[0].payload);
    }
}
