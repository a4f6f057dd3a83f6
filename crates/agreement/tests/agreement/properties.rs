//! What holds of any articles and any operation.

use crate::dossier::*;
use crate::proofs::proof;
use detente_agreement::prove::Proof;
use detente_agreement::{OperationCase, Thing, Verdict};
use detente_records::Activity;
use detente_records::area::{AreaKind, AreaRecordKind};
use proptest::prelude::*;

/// Conditions that read consents only in the permitted direction for a forbid's `unless`.
const CONDITIONS: [&str; 8] = [
    "context.notified",
    "context.leadTime >= duration(\"24h\")",
    "context.consents.contains(Detente::Party::\"B\")",
    "context.consents.containsAll(context.participants)",
    "context.certain || context.consents.contains(Detente::Party::\"C\")",
    "principal in Detente::Party::\"A\"",
    "context.distanceM > 1000",
    "context.measures.contains(Detente::MeasureKind::\"corridor\")",
];
const ACTIONS: [&str; 4] = ["airOperation", "combat", "nonCombat", "medevac"];
const RESOURCES: [&str; 4] = [
    "resource",
    "resource is Detente::Area",
    "resource is Detente::Movement",
    "resource is Detente::Airspace",
];

fn clause(id: usize, permit: bool, action: usize, resource: usize, condition: usize) -> String {
    let (effect, keyword) = if permit {
        ("permit", "when")
    } else {
        ("forbid", "unless")
    };
    format!(
        "@id(\"c{id}\") @article(\"{id}\") @title(\"T\") @consequence(\"none\")\n{effect} (principal, action in Detente::Action::\"{}\", {}) {keyword} {{ {} }};\n",
        ACTIONS[action], RESOURCES[resource], CONDITIONS[condition],
    )
}

prop_compose! {
    fn any_clauses()(parts in prop::collection::vec((any::<bool>(), 0..4_usize, 0..4_usize, 0..8_usize), 1..7)) -> Vec<String> {
        parts.into_iter().enumerate().map(|(id, (permit, action, resource, condition))| clause(id, permit, action, resource, condition)).collect()
    }
}

prop_compose! {
    fn any_operation()(
        force in prop::sample::select(vec!["a-air", "b-air", "north-air-force"]),
        activity in prop::sample::select(Activity::ALL.to_vec()),
        consents in prop::sample::subsequence(vec!["A", "B", "C"], 0..=3),
        touched in prop::sample::subsequence(vec![0, 1, 2, 3], 0..=4),
        notified in any::<bool>(),
        certain in any::<bool>(),
    ) -> OperationCase {
        let mut case = operation(force, activity);
        case.consents = participants(&consents);
        if !notified {
            case.notified = None;
        }
        for which in touched {
            case = match which {
                0 => touching(case, "east", designated(Some(AreaKind::Possible), &["A", "B"])),
                1 => touching(case, "east", area(AreaRecordKind::Corridor, None, &[])),
                2 => touching(case, "convoy-1", convoy()),
                _ => touching(case, "unknown", designated(None, &[])),
            };
        }
        for touch in &mut case.touches {
            touch.certain = certain;
        }
        case
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, ..ProptestConfig::default() })]

    #[test]
    fn another_forbid_never_loosens(clauses in any_clauses(), case in any_operation(), action in 0..4_usize, resource in 0..4_usize, condition in 0..8_usize) {
        let before = rulebook(&clauses.concat()).judge(&case);
        let more = format!("{}{}", clauses.concat(), clause(99, false, action, resource, condition));
        let after = rulebook(&more).judge(&case);
        prop_assert!(after.verdict >= before.verdict, "{:?} then {:?}", before, after);
        if after.verdict == Verdict::ConsentRequired && before.verdict == Verdict::ConsentRequired {
            prop_assert!(after.consent_required.len() >= before.consent_required.len());
        }
    }

    #[test]
    fn a_missing_consent_never_loosens(clauses in any_clauses(), case in any_operation()) {
        let rulebook = rulebook(&clauses.concat());
        let full = rulebook.judge(&case).verdict;
        for left_out in &case.consents {
            let mut fewer = case.clone();
            fewer.consents.remove(left_out);
            prop_assert!(rulebook.judge(&fewer).verdict >= full);
        }
    }

    #[test]
    fn the_consents_asked_for_are_enough_and_none_is_idle(clauses in any_clauses(), case in any_operation()) {
        let rulebook = rulebook(&clauses.concat());
        let judgement = rulebook.judge(&case);
        if judgement.verdict == Verdict::ConsentRequired {
            let mut given = case.clone();
            given.consents.extend(judgement.consent_required.iter().cloned());
            prop_assert_eq!(rulebook.judge(&given).verdict, Verdict::Clear);
            for idle in &judgement.consent_required {
                let mut fewer = given.clone();
                fewer.consents.remove(idle);
                prop_assert_ne!(rulebook.judge(&fewer).verdict, Verdict::Clear);
            }
        }
    }

    #[test]
    fn the_order_of_articles_changes_no_answer(clauses in any_clauses(), case in any_operation(), by in 0..7_usize) {
        let mut turned = clauses.clone();
        turned.rotate_left(by % clauses.len());
        turned.reverse();
        let one = rulebook(&clauses.concat()).judge(&case);
        let other = rulebook(&turned.concat()).judge(&case);
        prop_assert_eq!(one.verdict, other.verdict);
        prop_assert_eq!(&one.consent_required, &other.consent_required);
        let clauses = |judgement: &detente_agreement::Judgement| judgement.findings.iter().map(|finding| (finding.kind, finding.clauses.clone())).collect::<Vec<_>>();
        prop_assert_eq!(clauses(&one), clauses(&other));
    }

    #[test]
    fn nothing_that_happens_is_proved_never_to_happen(clauses in any_clauses(), case in any_operation()) {
        let rulebook = rulebook(&clauses.concat());
        if rulebook.judge(&case).verdict == Verdict::Clear {
            let touched = case.touches.iter().map(|touch| match &touch.thing {
                Thing::Area(_) => "Area",
                _ => "Movement",
            });
            for about in touched.chain(["Airspace"]) {
                let never = never(&case, about);
                prop_assert_ne!(proof(&rulebook, &never), Proof::Proved, "{}", never);
            }
        }
    }
}

/// The property that nothing like `case` is ever allowed, as exact as its facts go.
fn never(case: &OperationCase, about: &str) -> String {
    let mut facts = vec![format!("context.notified == {}", case.notified.is_some())];
    for party in ["A", "B", "C"] {
        let consents =
            case.consents.iter().any(|id| id.as_str() == party) || case.party.as_str() == party;
        facts.push(format!(
            "context.consents.contains(Detente::Party::\"{party}\") == {consents}"
        ));
    }
    facts.push(match case.notified {
        Some(_) => "context.leadTime >= duration(\"48h\") && context.leadTime <= duration(\"49h\")"
            .to_owned(),
        None => "context.leadTime == duration(\"0s\")".to_owned(),
    });
    facts.push(
        "context.enters >= datetime(\"2030-06-10\") && context.leaves <= datetime(\"2030-06-11\")"
            .to_owned(),
    );
    format!(
        "forbid (principal == Detente::Force::\"{}\", action == Detente::Action::\"{}\", resource is Detente::{about}) when {{ {} }};",
        case.force,
        case.activity,
        facts.join(" && "),
    )
}
