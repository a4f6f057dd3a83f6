//! What holds for every kind of act, over one full sample of each in `testdata/acts.json`.

use proptest::prelude::*;
use serde_json::json;

use super::*;

type Body = Map<String, Json>;

fn samples() -> Map<String, Json> {
    serde_json::from_str(include_str!("../../testdata/acts.json")).unwrap()
}

fn sample(kind: Kind) -> Body {
    let samples = samples();
    samples[kind.wire_name()].as_object().unwrap().clone()
}

fn parse(kind: Kind, body: &Body) -> (Option<Act>, Problems) {
    let context = ActContext {
        document: "example.org/us#7".into(),
        agreement: None,
    };
    Act::parse(kind.wire_name(), body, &context)
}

/// Reads a body that is sound.
fn act(kind: Kind, body: &Body) -> Act {
    let (act, problems) = parse(kind, body);
    act.unwrap_or_else(|| panic!("{}: {problems}", kind.wire_name()))
}

/// Returns code and pointer of every error.
fn errors(kind: Kind, body: &Body) -> Vec<(&'static str, String)> {
    let (act, problems) = parse(kind, body);
    assert_eq!(act.is_some(), !problems.has_errors());
    let errors = problems
        .into_iter()
        .filter(|problem| problem.severity == crate::Severity::Error);
    errors
        .map(|problem| {
            assert!(problem.help.is_some(), "{problem}");
            (problem.code, problem.place.pointer.unwrap_or_default())
        })
        .collect()
}

#[test]
fn every_kind_has_a_sample_that_is_written_as_it_was_read() {
    assert_eq!(samples().len(), Kind::ALL.len());
    for kind in Kind::ALL.iter().copied() {
        let body = sample(kind);
        let act = act(kind, &body);
        assert_eq!(
            Json::Object(act.to_body()),
            Json::Object(body.clone()),
            "{}",
            kind.wire_name()
        );
        assert_eq!(act.kind(), kind);
        let members = kind.members().iter().map(|member| member.name);
        let members: Vec<&str> = ["subject", "role"].into_iter().chain(members).collect();
        assert_eq!(body.keys().map(String::as_str).collect::<Vec<_>>(), members);
        assert_eq!(act.subject().as_str(), body["subject"]);
        assert_eq!(act.role().wire_name(), body["role"]);
        assert_eq!(Kind::from_wire_name(kind.wire_name()), Some(kind));
    }
}

#[test]
fn a_member_is_needed_or_can_be_left_out_and_never_has_another_type() {
    for kind in Kind::ALL.iter().copied() {
        let body = sample(kind);
        for key in body.keys() {
            let pointer = format!("/{key}");
            let mut without = body.clone();
            without.shift_remove(key);
            match errors(kind, &without).as_slice() {
                [] => {
                    assert_eq!(act(kind, &without).to_body().get(key), None);
                    let described = kind.members().iter().find(|member| member.name == key);
                    assert!(!described.unwrap().is_required, "{key}");
                }
                [(code, place)] => {
                    assert_eq!((*code, place.as_str()), ("missing_property", ""));
                    let described = kind.members().iter().find(|member| member.name == key);
                    assert!(described.is_none_or(|member| member.is_required), "{key}");
                }
                more => panic!("{} without {key}: {more:?}", kind.wire_name()),
            }
            let mut other = body.clone();
            other.insert(key.clone(), json!([[false]]));
            let found = errors(kind, &other);
            assert!(!found.is_empty(), "{} with another {key}", kind.wire_name());
            assert!(
                found.iter().all(|(_, place)| place.starts_with(&pointer)),
                "{found:?}"
            );
        }
    }
}

#[test]
fn a_member_nobody_reads_is_an_error() {
    for kind in Kind::ALL.iter().copied() {
        let mut body = sample(kind);
        body.insert("remark".to_owned(), json!("hidden"));
        let found = errors(kind, &body);
        assert_eq!(
            found,
            [("unknown_member", "/remark".to_owned())],
            "{}",
            kind.wire_name()
        );
    }
}

#[test]
fn excluded_terms_are_refused_at_any_depth_of_every_kind() {
    /// Puts an excluded member into every object at and below `pointer`, one at a time.
    fn plant(root: &Json, pointer: &str, planted: &mut Vec<(Json, String)>) {
        match root.pointer(pointer).unwrap() {
            Json::Object(members) => {
                let mut with = root.clone();
                let spot = with.pointer_mut(pointer).unwrap().as_object_mut().unwrap();
                spot.insert("aimPoint".to_owned(), json!([36.2, 35.8]));
                planted.push((with, format!("{pointer}/aimPoint")));
                for key in members.keys() {
                    plant(root, &format!("{pointer}/{key}"), planted);
                }
            }
            Json::Array(items) => {
                for index in 0..items.len() {
                    plant(root, &format!("{pointer}/{index}"), planted);
                }
            }
            _ => {}
        }
    }
    for kind in Kind::ALL.iter().copied() {
        let mut planted = Vec::new();
        plant(&Json::Object(sample(kind)), "", &mut planted);
        assert!(!planted.is_empty());
        for (body, place) in planted {
            let found = errors(kind, body.as_object().unwrap());
            let excluded = (exclusion::EXCLUDED_CODE, place);
            let count = found.iter().filter(|found| **found == excluded).count();
            assert_eq!(count, 1, "{excluded:?}");
        }
    }
}

#[test]
fn no_member_and_no_kind_is_excluded_itself() {
    fn keys(value: &Json, check: &mut dyn FnMut(&str)) {
        match value {
            Json::Object(members) => members.iter().for_each(|(key, below)| {
                check(key);
                keys(below, check);
            }),
            Json::Array(items) => items.iter().for_each(|below| keys(below, check)),
            _ => {}
        }
    }
    keys(&Json::Object(samples()), &mut |key| {
        assert_eq!(exclusion::excluded_term(key), None, "{key}");
    });
}

#[test]
fn everything_wrong_is_said_at_once() {
    let mut body = sample(Kind::OperationProposed);
    body.insert("version".to_owned(), json!(1.5));
    body.insert("expires".to_owned(), json!("tomorrow"));
    body.insert("process_clas".to_owned(), json!("deliberate"));
    body.shift_remove("process_class");
    let properties = body["features"][1]["properties"].as_object_mut().unwrap();
    properties.insert("operation".to_owned(), json!("op-18"));
    properties.insert("consents".to_owned(), json!(["RU"]));
    properties.insert("weapon".to_owned(), json!("none"));
    let (act, problems) = parse(Kind::OperationProposed, &body);
    assert_eq!(act, None);
    insta::assert_snapshot!(problems, @r"
    example.org/us#7: error[r50_excluded]: `weapon` is excluded by R50 (it stands for `weapon`) (at /features/1/properties/weapon)
      help: Detente checks operations against restraints and never holds target, weapon or effect data: remove it here and keep it out of every file shared with the other side
    example.org/us#7: error[stated_by_acts]: `consents` is not stated in a proposal (at /features/1/properties/consents)
      help: remove it: each participant records its own consent
    example.org/us#7: error[other_subject]: the operation is `op-18`, the act is about `op-17` (at /features/1)
      help: give both the same id
    example.org/us#7: error[out_of_range]: 1.5 is not a count (at /version)
      help: give a whole number from 0 to 4294967295
    example.org/us#7: error[invalid_instant]: `tomorrow` is not an instant: not an RFC 3339 instant such as 2016-09-12T16:00:00Z (at /expires)
      help: write an instant like 2016-09-12T16:00:00Z
    example.org/us#7: error[missing_property]: `process_class` is missing
      help: add `process_class`
    example.org/us#7: error[unknown_member]: `process_clas` is not a member of this act (at /process_clas)
      help: did you mean `process_class`?
    ");
}

#[test]
fn an_act_of_another_kind_is_refused_with_the_nearest() {
    let context = ActContext {
        document: "body".into(),
        agreement: None,
    };
    let message = |kind: &str| Act::parse(kind, &Map::new(), &context).1.to_string();
    insta::assert_snapshot!(message("operation_propose"), @r"
    body: error[unknown_kind]: `operation_propose` is not a known kind of act
      help: did you mean `operation_proposed`?
    ");
    insta::assert_snapshot!(message("target_nominated"), @r"
    body: error[r50_excluded]: `target_nominated` is excluded by R50 (it stands for `target`)
      help: Detente checks operations against restraints and never holds target, weapon or effect data: remove it here and keep it out of every file shared with the other side
    ");
}

#[test]
fn figures_that_contradict_each_other_are_refused() {
    let mut body = sample(Kind::IncidentReported);
    body["account"]["harm"]["killed"] = json!({"low": 5, "best": 4});
    let found = errors(Kind::IncidentReported, &body);
    assert_eq!(found, [("empty_range", "/account/harm/killed".to_owned())]);
    assert_eq!(Estimate::new(3, None, Some(2)), None);
    assert_eq!(
        Estimate::new(3, Some(3), Some(3)).and_then(Estimate::high),
        Some(3)
    );
}

#[test]
fn a_suspension_names_exactly_one_thing() {
    let mut body = sample(Kind::SuspensionNotified);
    for (scope, code) in [
        (json!("all"), None),
        (json!({"article": "art-3"}), None),
        (json!({"area": "da-1"}), None),
        (json!({}), Some("invalid_scope")),
        (
            json!({"area": "da-1", "article": "art-3"}),
            Some("invalid_scope"),
        ),
        (json!("everything"), Some("wrong_type")),
    ] {
        body.insert("scope".to_owned(), scope);
        let found = errors(Kind::SuspensionNotified, &body);
        assert_eq!(found.first().map(|(code, _)| *code), code);
        if code.is_none() {
            assert_eq!(act(Kind::SuspensionNotified, &body).to_body(), body);
        }
    }
}

#[test]
fn hostile_bodies_are_refused_and_nothing_else_happens() {
    let deep = (0..200).fold(json!(1), |below, _| json!([below]));
    for (value, code) in [
        (deep, "nesting_too_deep"),
        (json!(u64::MAX), "number_out_of_range"),
        (json!("x".repeat(70_000)), "text_too_long"),
        (json!("U\u{202e}S"), "invalid_name"),
        (json!(" "), "invalid_name"),
    ] {
        let mut body = sample(Kind::Heartbeat);
        body.insert("subject".to_owned(), value);
        let found = errors(Kind::Heartbeat, &body);
        let (first, place) = found.first().unwrap();
        assert_eq!(*first, code);
        assert!(place.starts_with("/subject"), "{place}");
    }
}

proptest! {
    /// Whatever optional members are there, what is written is read back as the same act.
    #[test]
    fn what_is_written_is_read_back(
        kind in 0..Kind::ALL.len(),
        left_out in proptest::collection::vec(any::<bool>(), 16),
    ) {
        let kind = Kind::ALL[kind];
        let full = sample(kind);
        let mut body = full.clone();
        for (key, leave_out) in full.keys().zip(left_out) {
            if leave_out {
                let before = body.clone();
                body.shift_remove(key);
                if parse(kind, &body).0.is_none() {
                    body = before;
                }
            }
        }
        let first = act(kind, &body);
        let second = act(kind, &first.to_body());
        prop_assert_eq!(&first, &second);
        prop_assert_eq!(first.to_body(), body);
    }
}
