//! Proofs held against trying everything: random articles and properties, and a finite but varied
//! space of operations that the real evaluator judges one by one.

mod recipes;

use std::collections::BTreeSet;
use std::sync::LazyLock;

use cedar_policy::PolicySet;
use detente_records::area::{AreaKind, AreaRecordKind};
use detente_records::{
    Activity, Agreement, AreaId, CategoryName, ConcernId, ForceId, GroupId, OfficeName,
    OperationId, ParticipantId, Status,
};
use detente_spacetime::Instant;
use proptest::prelude::*;

use super::concerns::{Proof, Stance};
use super::{Prover, StandingKind};
use crate::case::{AreaFacts, AwarenessKey, OperationCase, Thing, Touch};
use crate::evaluation::Outcome;
use crate::facts::OperationFacts;
use crate::finding::Verdict;
use crate::rulebook::{Declared, Document, Rulebook};
use crate::rules;
use recipes::{ACTIONS, ANYWHERE, CONSENTS, PRINCIPALS, RESOURCES, Recipe};

const AGREEMENT: &str = include_str!("../../testdata/agreement.toml");

/// Random agreements tried; each is judged on every operation of the space.
const AGREEMENTS: u32 = 48;

pub(super) fn agreement() -> Agreement {
    let (agreement, problems) = Agreement::parse("agreement.toml", AGREEMENT.as_bytes());
    assert!(!problems.has_errors(), "{problems}");
    agreement.unwrap()
}

pub(super) fn rulebook(agreement: &Agreement, articles: &str) -> Result<Rulebook, String> {
    let document = Document {
        name: "articles.cedar",
        text: articles,
    };
    let declared = Declared {
        areas: BTreeSet::from([AreaId::parse("east").unwrap()]),
        categories: BTreeSet::from([CategoryName::parse("school").unwrap()]),
    };
    let (rulebook, problems) = Rulebook::load(agreement, document, None, &declared);
    rulebook.ok_or_else(|| problems.to_string())
}

// ---- articles ------------------------------------------------------------------------------------

fn recipe() -> impl Strategy<Value = Recipe> {
    (
        any::<bool>(),
        (0..PRINCIPALS.len(), 0..ACTIONS.len(), 0..RESOURCES.len()),
        prop::collection::vec((0..64_usize, 0..4_u8), 0..4),
        prop::option::of(0..CONSENTS.len()),
    )
        .prop_map(|(permit, scope, parts, consent)| Recipe {
            permit,
            scope,
            parts,
            consent,
        })
}

/// Articles of which one permits everything, as most agreements have it.
pub(super) fn articles() -> impl Strategy<Value = (String, String)> {
    (
        prop::collection::vec(recipe(), 1..6),
        any::<bool>(),
        recipe(),
    )
        .prop_map(|(recipes, permissive, property)| {
            let mut text: String = recipes
                .iter()
                .enumerate()
                .map(|(id, recipe)| recipe.clause(id))
                .collect();
            if permissive {
                text.push_str("@id(\"all\") @article(\"all\") @title(\"T\") @consequence(\"none\")\npermit (principal, action, resource);\n");
            }
            (text, property.property())
        })
}

// ---- operations ----------------------------------------------------------------------------------

fn at(text: &str) -> Instant {
    Instant::parse_rfc3339(text).unwrap()
}

fn area(
    id: &str,
    measure: AreaRecordKind,
    kind: Option<AreaKind>,
    consent_of: &[&str],
    group: bool,
    until: Option<&str>,
) -> Thing {
    Thing::Area(AreaFacts {
        id: AreaId::parse(id).unwrap(),
        measure,
        area_kind: kind,
        consent_of: participants(consent_of),
        groups: group
            .then(|| GroupId::parse("moderate").unwrap())
            .into_iter()
            .collect(),
        valid_from: at("2030-06-01T00:00:00Z"),
        valid_until: until.map(at),
        opens: true,
    })
}

fn participants(ids: &[&str]) -> BTreeSet<ParticipantId> {
    ids.iter()
        .map(|id| ParticipantId::parse(id).unwrap())
        .collect()
}

/// Everything an operation may touch here, each with a distance.
fn things() -> Vec<Vec<(Thing, f64)>> {
    use AreaRecordKind::{Corridor, DesignatedArea, ProhibitedArea};
    let object = |category: &str, standoff_m, keep_out_m, distance_m: f64| {
        #[expect(clippy::cast_precision_loss, reason = "a few hundred metres")]
        let conflict = distance_m <= keep_out_m as f64;
        let thing = Thing::ProtectedObject {
            category: CategoryName::parse(category).unwrap(),
            standoff_m,
            keep_out_m,
            conflict,
        };
        vec![(thing, distance_m)]
    };
    let movement = |name: &str| {
        let organisation = OfficeName::parse(name).unwrap();
        vec![(Thing::Movement { organisation }, 0.0)]
    };
    let meeting = |party: &str, force: &str, activity| {
        let thing = Thing::Operation {
            party: detente_records::PartyId::parse(party).unwrap(),
            force: ForceId::parse(force).unwrap(),
            activity,
        };
        vec![(thing, 0.0)]
    };
    let designated = |kind, consent_of: &[&str], group, until| {
        (
            area("west", DesignatedArea, kind, consent_of, group, until),
            0.0,
        )
    };
    let late = Some("2030-06-10T12:00:00Z");
    vec![
        vec![],
        vec![designated(
            Some(AreaKind::Concentrated),
            &["A", "B"],
            false,
            late,
        )],
        vec![designated(Some(AreaKind::Possible), &["A"], true, None)],
        vec![designated(None, &["A", "B", "C"], false, late)],
        vec![(
            area(
                "east",
                DesignatedArea,
                Some(AreaKind::Significant),
                &[],
                true,
                late,
            ),
            0.0,
        )],
        vec![(area("east", Corridor, None, &["C"], false, None), 0.0)],
        vec![(area("south", ProhibitedArea, None, &[], false, late), 0.0)],
        // Two areas that no article names, and one that one may.
        vec![
            designated(Some(AreaKind::Concentrated), &[], false, late),
            (area("south", Corridor, None, &[], true, None), 0.0),
        ],
        vec![
            (area("south", Corridor, None, &[], false, late), 0.0),
            (area("east", Corridor, None, &[], false, late), 0.0),
        ],
        object("school", 500, 600, 700.0),
        object("hospital", 500, 500, 2_500.4),
        object("hospital", 500, 600, 300.0),
        object("protected object", 1_000, 3_000, 3_100.0),
        movement("relief-agency"),
        movement("an aid organisation"),
        meeting("A", "a-air", Activity::Strike),
        meeting("B", "b-air", Activity::Transit),
        meeting("N", "north-helicopters", Activity::Strike),
    ]
}

/// Operations of every force with everything they may touch, and the ways the parties may stand.
pub(super) fn operations() -> Vec<OperationCase> {
    let mut cases = Vec::new();
    let mut turn = 0_usize;
    for (party, force) in [
        ("A", "a-air"),
        ("B", "b-air"),
        ("N", "north-air-force"),
        ("N", "north-helicopters"),
    ] {
        for activity in [Activity::Strike, Activity::Transit, Activity::Medevac] {
            for things in things() {
                // Not every combination of the rest: each turn takes the next of each.
                for _ in 0..3 {
                    turn += 1;
                    let notice = [
                        Some("2030-06-08T10:00:00Z"),
                        Some("2030-06-10T05:00:00Z"),
                        Some("2030-06-10T03:30:00Z"),
                        None,
                        Some("2030-06-10T10:00:00Z"),
                    ][turn % 5];
                    let consents: &[&str] = [
                        &[] as &[&str],
                        &["A", "B", "C"],
                        &["B"],
                        &["A", "C"],
                        &["A", "B"],
                        &["C"],
                        &["A"],
                    ][turn % 7];
                    let certain = !turn.is_multiple_of(3);
                    cases.push(OperationCase {
                        operation: OperationId::parse("op-1").unwrap(),
                        party: detente_records::PartyId::parse(party).unwrap(),
                        force: ForceId::parse(force).unwrap(),
                        activity,
                        starts: at("2030-06-10T10:00:00Z"),
                        ends: Some(at("2030-06-10T12:00:00Z")),
                        notified: notice.map(at),
                        consents: participants(consents),
                        awareness: Some(AwarenessKey([7; 32])),
                        nearest_protected_m: [None, Some(4_000.0), Some(700.0)][turn % 3],
                        touches: things
                            .iter()
                            .map(|(thing, distance_m)| Touch {
                                with: "it".to_owned(),
                                thing: thing.clone(),
                                enters: at(
                                    ["2030-06-10T10:00:00Z", "2030-06-10T10:30:00Z"][turn % 2]
                                ),
                                leaves: Some(at("2030-06-10T11:40:00Z")),
                                distance_m: *distance_m,
                                certain,
                            })
                            .collect(),
                    });
                }
            }
        }
    }
    cases
}

/// The agreement as it is, and as it may come to stand.
pub(super) fn standings() -> Vec<Agreement> {
    let now = agreement();
    let mut suspended = now.clone();
    suspended.status = Status::Suspended;
    let mut out_of_line = now.clone();
    for (id, party) in &mut out_of_line.bound_parties {
        party.suspended = id.as_str() == "N";
    }
    for (id, participant) in &mut out_of_line.participants {
        participant.withdrawn = id.as_str() == "C";
        participant.suspended = id.as_str() == "A";
    }
    vec![now, suspended, out_of_line]
}

/// Whether `property` matches the requests of `case`, as the evaluator answers them: any of them for what must never be
/// allowed, every one for what must always be, because one request it does not speak of may stop the whole operation.
fn matched(
    rulebook: &Rulebook,
    property: &PolicySet,
    stance: Stance,
    case: &OperationCase,
) -> bool {
    let roster = rulebook.evaluator.stores.roster();
    let answerable = rules::admit(case, roster).unwrap();
    let facts = OperationFacts::new(case, answerable, roster, &rulebook.evaluator.vocabulary);
    let held = rules::consents_held(case, roster);
    let asked = case
        .touches
        .iter()
        .filter(|touch| rules::concerns_articles(case, touch))
        .map(Some)
        .chain([None]);
    let mut matches = asked.map(|touch| {
        let outcome = rulebook.evaluator.put(property, &facts, touch, &held);
        matches!(outcome, Outcome::Permitted(_) | Outcome::Forbidden(_))
    });
    match stance {
        Stance::Never => matches.any(|found| found),
        Stance::Always => matches.all(|found| found),
    }
}

/// An operation of the space that contradicts `proof` of `property`, if there is one.
pub(super) fn contradiction(
    books: &[Rulebook],
    free: &[Rulebook],
    property: &super::concerns::Property,
    proof: &Proof,
) -> Option<OperationCase> {
    if *proof != Proof::Proved {
        return None;
    }
    let only = PolicySet::from_policies([property.clause.policy.clone()]).unwrap();
    for (book, free) in books.iter().zip(free) {
        for case in OPERATIONS.iter() {
            let clear = book.judge(case).verdict == Verdict::Clear;
            let breaks = match property.stance {
                Stance::Never => clear,
                Stance::Always => {
                    !clear && case.touches.len() <= 1 && free.judge(case).verdict == Verdict::Clear
                }
            };
            if breaks && matched(book, &only, property.stance, case) {
                return Some(case.clone());
            }
        }
    }
    None
}

pub(super) static OPERATIONS: LazyLock<Vec<OperationCase>> = LazyLock::new(operations);

/// A rulebook whose articles permit everything, under each standing: what the product's own rules
/// let through.
pub(super) fn free() -> Vec<Rulebook> {
    let all = "@id(\"all\") @article(\"1\") @title(\"T\") permit (principal, action, resource);";
    standings()
        .iter()
        .map(|standing| rulebook(standing, all).unwrap())
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: AGREEMENTS, ..ProptestConfig::default() })]

    #[test]
    fn nothing_proved_is_contradicted_by_an_operation((articles, property) in articles()) {
        let free = free();
        // Articles that Cedar calls impossible are refused before anything is proved.
        let books: Result<Vec<Rulebook>, String> =
            standings().iter().map(|standing| rulebook(standing, &articles)).collect();
        let Ok(books) = books else { return Ok(()) };
        let prover = Prover::new(&books[0]).unwrap();
        let (read, _) = prover.property(&ConcernId::parse("c").unwrap(), &property);
        let Some(read) = read else { return Ok(()) };
        let proof = prover.prove(&read);
        let found = contradiction(&books, &free, &read, &proof);
        prop_assert!(found.is_none(), "{articles}\n{property}\n{found:#?}");
        if let Proof::Refuted(case) = &proof {
            let clear = case.judgement.verdict == Verdict::Clear;
            prop_assert_eq!(clear, read.stance == Stance::Never);
        }
    }

    #[test]
    fn a_clause_that_never_applies_or_has_no_effect_is_missed_by_no_operation((articles, _) in articles()) {
        let Ok(book) = rulebook(&agreement(), &articles) else { return Ok(()) };
        let findings = Prover::new(&book).unwrap().standing(&mut |_, _| {});
        for finding in findings {
            if !matches!(finding.kind, StandingKind::NeverApplies | StandingKind::NoEffect) {
                continue;
            }
            let id = format!("@id(\"c{}\")", finding.articles[0]);
            let kept: Vec<&str> = articles.split_inclusive(";\n").filter(|text| !text.contains(&id) && !text.contains(&format!("@id(\"{}\")", finding.articles[0]))).collect();
            let Ok(less) = rulebook(&agreement(), &kept.concat()) else { continue };
            for case in OPERATIONS.iter().step_by(2) {
                prop_assert_eq!(book.judge(case).verdict, less.judge(case).verdict, "{}\n{:#?}\n{:#?}", articles, finding, case);
            }
        }
    }
}

#[test]
fn the_space_and_the_conditions_are_worth_trying() {
    let free = free();
    let clear = OPERATIONS
        .iter()
        .filter(|case| free[0].judge(case).verdict == Verdict::Clear)
        .count();
    assert!(
        clear * 2 > OPERATIONS.len(),
        "{clear} of {}",
        OPERATIONS.len()
    );
    let mut valid = 0;
    let all = RESOURCES.iter().flat_map(|(scope, own)| {
        own.iter()
            .chain(&ANYWHERE)
            .map(move |condition| (scope, condition))
    });
    for (scope, condition) in all.clone() {
        let text = format!(
            "@id(\"x\") @article(\"1\") @title(\"T\") permit (principal, action, {scope}) when {{ {condition} }};"
        );
        valid += usize::from(rulebook(&agreement(), &text).is_ok());
    }
    assert!(valid * 10 > all.count() * 9, "{valid}");
}

#[cfg(feature = "symbolic")]
mod widened {
    use super::*;
    use crate::prove::symbolic::{SymbolicProver, checks};

    proptest! {
        #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

        #[test]
        fn what_is_put_to_the_solver_says_what_the_articles_say((articles, property) in articles()) {
            let Ok(book) = rulebook(&agreement(), &articles) else { return Ok(()) };
            let prover = Prover::new(&book).unwrap();
            let (read, _) = prover.property(&ConcernId::parse("c").unwrap(), &property);
            let Some(read) = read else { return Ok(()) };
            let symbolic = SymbolicProver::new(&prover).unwrap();
            for case in OPERATIONS.iter().step_by(7) {
                if let Err(difference) = checks::compare(&symbolic, &read, case) {
                    prop_assert!(false, "{articles}\n{property}\n{difference}\n{case:#?}");
                }
            }
        }
    }

    #[test]
    fn what_is_assumed_holds_of_every_operation_that_reaches_the_articles() {
        let free = free();
        for book in &free {
            let prover = Prover::new(book).unwrap();
            let symbolic = SymbolicProver::new(&prover).unwrap();
            for case in OPERATIONS.iter() {
                if book.judge(case).verdict == Verdict::Clear {
                    checks::assumptions_hold(&symbolic, case).unwrap();
                }
            }
        }
    }
}
