//! A small agreement and operations under it, for the other tests.

use std::collections::BTreeSet;

use detente_agreement::{
    AreaFacts, AwarenessKey, Declared, Document, OperationCase, Rulebook, Thing, Touch,
};
use detente_records::area::{AreaKind, AreaRecordKind};
use detente_records::{
    Activity, Agreement, AreaId, CategoryName, ForceId, OfficeName, OperationId, ParticipantId,
    PartyId, Problems,
};
use detente_spacetime::Instant;

pub(crate) const ARTICLES: &str = include_str!("../../testdata/articles.cedar");
pub(crate) const AGREEMENT: &str = include_str!("../../testdata/agreement.toml");

pub(crate) fn agreement(toml: &str) -> Agreement {
    let (agreement, problems) = Agreement::parse("agreement.toml", toml.as_bytes());
    assert!(!problems.has_errors(), "{problems}");
    agreement.unwrap()
}

pub(crate) fn declared() -> Declared {
    Declared {
        areas: BTreeSet::from([AreaId::parse("east").unwrap()]),
        categories: BTreeSet::from([CategoryName::parse("school").unwrap()]),
    }
}

pub(crate) fn load(toml: &str, articles: &str) -> (Option<Rulebook>, Problems) {
    let document = Document {
        name: "articles.cedar",
        text: articles,
    };
    Rulebook::load(&agreement(toml), document, None, &declared())
}

/// A rulebook from the test agreement and these articles, which must have no errors.
pub(crate) fn rulebook(articles: &str) -> Rulebook {
    let (rulebook, problems) = load(AGREEMENT, articles);
    rulebook.unwrap_or_else(|| panic!("{problems}"))
}

pub(crate) fn at(text: &str) -> Instant {
    Instant::parse_rfc3339(text).unwrap()
}

pub(crate) fn participants(names: &[&str]) -> BTreeSet<ParticipantId> {
    names
        .iter()
        .map(|name| ParticipantId::parse(name).unwrap())
        .collect()
}

/// An operation of `force` on 10 June 2030 from 10:00 to 12:00, notified two days before.
pub(crate) fn operation(force: &str, activity: Activity) -> OperationCase {
    let party = match force {
        "a-air" => "A",
        "b-air" => "B",
        _ => "N",
    };
    OperationCase {
        operation: OperationId::parse("op-1").unwrap(),
        party: PartyId::parse(party).unwrap(),
        force: ForceId::parse(force).unwrap(),
        activity,
        starts: at("2030-06-10T10:00:00Z"),
        ends: Some(at("2030-06-10T12:00:00Z")),
        notified: Some(at("2030-06-08T10:00:00Z")),
        consents: BTreeSet::new(),
        awareness: Some(AwarenessKey([7; 32])),
        nearest_protected_m: None,
        touches: Vec::new(),
    }
}

pub(crate) fn touching(mut case: OperationCase, with: &str, thing: Thing) -> OperationCase {
    case.touches.push(Touch {
        with: with.to_owned(),
        thing,
        enters: at("2030-06-10T10:30:00Z"),
        leaves: Some(at("2030-06-10T11:00:00Z")),
        distance_m: 0.0,
        certain: true,
    });
    case
}

pub(crate) fn designated(kind: Option<AreaKind>, consent_of: &[&str]) -> Thing {
    area(AreaRecordKind::DesignatedArea, kind, consent_of)
}

pub(crate) fn area(
    measure: AreaRecordKind,
    area_kind: Option<AreaKind>,
    consent_of: &[&str],
) -> Thing {
    Thing::Area(AreaFacts {
        id: AreaId::parse("east").unwrap(),
        measure,
        area_kind,
        consent_of: participants(consent_of),
        groups: BTreeSet::new(),
        valid_from: at("2030-01-01T00:00:00Z"),
        valid_until: None,
        opens: true,
    })
}

pub(crate) fn hospital(conflict: bool) -> Thing {
    Thing::ProtectedObject {
        category: CategoryName::parse("hospital").unwrap(),
        standoff_m: 500,
        keep_out_m: 550,
        conflict,
    }
}

pub(crate) fn convoy() -> Thing {
    Thing::Movement {
        organisation: OfficeName::parse("relief-agency").unwrap(),
    }
}

pub(crate) fn other_operation(party: &str, force: &str, activity: Activity) -> Thing {
    Thing::Operation {
        party: PartyId::parse(party).unwrap(),
        force: ForceId::parse(force).unwrap(),
        activity,
    }
}

/// The judgement in a few lines: verdict, missing consents, findings.
pub(crate) fn told(rulebook: &Rulebook, case: &OperationCase) -> String {
    let judgement = rulebook.judge(case);
    let mut lines = vec![judgement.verdict.to_string()];
    if !judgement.consent_required.is_empty() {
        let names: Vec<&str> = judgement
            .consent_required
            .iter()
            .map(ParticipantId::as_str)
            .collect();
        lines.push(format!("of {}", names.join(", ")));
    }
    if !judgement.permitted_by.is_empty() {
        let numbers: Vec<&str> = judgement
            .permitted_by
            .iter()
            .map(|id| id.as_str())
            .collect();
        lines.push(format!("by {}", numbers.join(", ")));
    }
    for finding in &judgement.findings {
        let numbers: Vec<&str> = finding.articles.iter().map(|id| id.as_str()).collect();
        lines.push(format!(
            "{} {} [{}]: {}",
            finding.effect.wire_name(),
            finding.kind.wire_name(),
            numbers.join(", "),
            finding.message
        ));
    }
    lines.join("\n")
}
