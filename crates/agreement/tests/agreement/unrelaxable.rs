//! Each rule of the product's own, against articles and consents that try to relax it.

use crate::dossier::*;
use detente_agreement::{OperationCase, Rulebook, Verdict};
use detente_records::Activity;
use detente_records::area::AreaKind;

/// Articles that permit everything to everyone.
const PERMIT_ALL: &str = r#"
@id("all") @article("1") @title("Everything may fly, whatever else is written") @consequence("none")
permit (principal, action, resource);
"#;

fn everyone_consents(mut case: OperationCase) -> OperationCase {
    case.consents = participants(&["A", "B", "C"]);
    case
}

/// The kind of the first finding of a prohibited operation.
fn refused(rulebook: &Rulebook, case: &OperationCase) -> &'static str {
    let judgement = rulebook.judge(case);
    assert_eq!(
        judgement.verdict,
        Verdict::Prohibited,
        "{:?}",
        judgement.findings
    );
    assert!(judgement.consent_required.is_empty());
    judgement.findings[0].kind.wire_name()
}

#[test]
fn a_conflict_with_a_protected_object_cannot_be_consented_to() {
    let case = everyone_consents(touching(
        operation("a-air", Activity::Strike),
        "city-hospital",
        hospital(true),
    ));
    assert_eq!(refused(&rulebook(PERMIT_ALL), &case), "protected_object");
}

#[test]
fn only_the_signed_stand_off_policy_exempts_an_activity() {
    let case = touching(
        operation("a-air", Activity::Medevac),
        "city-hospital",
        hospital(true),
    );
    assert_eq!(rulebook(PERMIT_ALL).judge(&case).verdict, Verdict::Clear);
    let without = AGREEMENT.replace("exempt_activities = [\"medevac\"]", "");
    let rulebook = load(&without, PERMIT_ALL).0.unwrap();
    assert_eq!(refused(&rulebook, &case), "protected_object");
}

#[test]
fn an_operation_without_awareness_is_not_evaluated() {
    let mut case = everyone_consents(operation("a-air", Activity::Transit));
    case.awareness = None;
    assert_eq!(refused(&rulebook(PERMIT_ALL), &case), "not_evaluated");
}

#[test]
fn an_unknown_force_or_party_is_refused() {
    let mut case = operation("ghosts", Activity::Transit);
    assert_eq!(refused(&rulebook(PERMIT_ALL), &case), "unknown");
    case = operation("a-air", Activity::Transit);
    case.party = detente_records::PartyId::parse("B").unwrap();
    assert_eq!(refused(&rulebook(PERMIT_ALL), &case), "unknown");
}

#[test]
fn nobody_flies_for_a_party_no_participant_answers_for() {
    let toml = AGREEMENT.replace("[[guarantors]]\nparticipant = \"B\"\nfor = \"N\"\n", "");
    let rulebook = load(&toml, PERMIT_ALL).0.unwrap();
    assert_eq!(
        refused(&rulebook, &operation("north-air-force", Activity::Transit)),
        "unknown"
    );
}

#[test]
fn nothing_is_permitted_outside_the_agreements_time() {
    let case = everyone_consents(operation("a-air", Activity::Transit));
    for (from, to) in [
        ("status = \"in_force\"", "status = \"suspended\""),
        ("status = \"in_force\"", "status = \"draft\""),
        ("status = \"in_force\"", "status = \"ended\""),
        (
            "day_d = 2030-01-01T00:00:00Z",
            "day_d = 2030-06-11T00:00:00Z",
        ),
        ("ends = 2031-01-01T00:00:00Z", "ends = 2030-06-10T11:59:59Z"),
    ] {
        let rulebook = load(&AGREEMENT.replace(from, to), PERMIT_ALL).0.unwrap();
        assert_eq!(refused(&rulebook, &case), "not_in_force", "{to}");
    }
    let mut open_ended = case;
    open_ended.ends = None;
    assert_eq!(refused(&rulebook(PERMIT_ALL), &open_ended), "not_in_force");
}

#[test]
fn a_party_that_withdrew_and_those_it_answered_for_are_permitted_nothing() {
    let toml = AGREEMENT.replace("id = \"B\"\n", "id = \"B\"\nwithdrawn = true\n");
    let rulebook = load(&toml, PERMIT_ALL).0.unwrap();
    for force in ["b-air", "north-air-force"] {
        assert_eq!(
            refused(&rulebook, &operation(force, Activity::Transit)),
            "not_in_force"
        );
    }
    assert_eq!(
        rulebook
            .judge(&operation("a-air", Activity::Transit))
            .verdict,
        Verdict::Clear
    );
}

#[test]
fn a_designated_area_of_unknown_kind_needs_everyone() {
    let case = touching(
        operation("a-air", Activity::Transit),
        "east",
        designated(None, &[]),
    );
    let judgement = rulebook(PERMIT_ALL).judge(&case);
    assert_eq!(judgement.verdict, Verdict::ConsentRequired);
    assert_eq!(judgement.consent_required, participants(&["B", "C"]));
    let agreed = everyone_consents(case.clone());
    assert_eq!(rulebook(PERMIT_ALL).judge(&agreed).verdict, Verdict::Clear);
    // An article about any one kind reaches it.
    for kind in ["concentrated", "significant", "possible"] {
        let articles = format!(
            "{PERMIT_ALL}\n@id(\"k\") @article(\"2\") @title(\"Not here\") @consequence(\"none\")\nforbid (principal, action, resource is Detente::Area) when {{ resource.kinds.contains(Detente::AreaKind::\"{kind}\") }};"
        );
        assert_eq!(
            rulebook(&articles).judge(&agreed).verdict,
            Verdict::Prohibited,
            "{kind}"
        );
    }
}

#[test]
fn the_consent_of_strangers_and_of_those_who_left_does_not_count() {
    let toml = AGREEMENT.replace("id = \"C\"\n", "id = \"C\"\nwithdrawn = true\n");
    let articles = format!(
        "{PERMIT_ALL}\n@id(\"c\") @article(\"2\") @title(\"C must agree\") @consequence(\"none\")\nforbid (principal, action, resource) unless {{ context.consents.contains(Detente::Party::\"C\") }};"
    );
    let rulebook = load(&toml, &articles).0.unwrap();
    let mut case = operation("a-air", Activity::Transit);
    case.consents = participants(&["B", "C", "Q"]);
    insta::assert_snapshot!(told(&rulebook, &case), @r#"
    prohibited
    forbid article [2]: transit by a-air: forbidden by article 2 (C must agree)
    warn consent []: the consent of C does not count: not a participant, or withdrawn
    warn consent []: the consent of Q does not count: not a participant, or withdrawn
    "#);
}

#[test]
fn minimum_notice_is_the_agreements_not_the_articles() {
    let toml = format!("{AGREEMENT}\n[parameters.lead_times]\nstrike = \"72h\"\n");
    let rulebook = load(&toml, PERMIT_ALL).0.unwrap();
    assert_eq!(
        refused(
            &rulebook,
            &everyone_consents(operation("a-air", Activity::Strike))
        ),
        "notice"
    );
    assert_eq!(
        rulebook
            .judge(&operation("a-air", Activity::Transit))
            .verdict,
        Verdict::Clear
    );
}

#[test]
fn a_disputed_permit_permits_nothing() {
    let articles = r#"
    @id("all") @article("1") @title("Everything may fly") @consequence("none") @disputed("A reads it as daylight only")
    permit (principal, action, resource);"#;
    insta::assert_snapshot!(told(&rulebook(articles), &operation("a-air", Activity::Transit)), @r#"
    prohibited
    forbid not_permitted [1]: transit by a-air: permitted only by article 1 (Everything may fly), whose reading is in dispute or whose preconditions do not hold; until then the stricter reading counts
    "#);
}

#[test]
fn a_disputed_exception_closes_what_its_rule_left_open() {
    // Article 1 would still permit the flight through the `unless` of article 3.
    let toml = format!(
        "{AGREEMENT}\n[[disputes]]\narticle = \"4\"\n[[disputes.readings]]\nparticipant = \"A\"\ntext = \"wounded only\"\n"
    );
    let rulebook = load(&toml, ARTICLES).0.unwrap();
    let case = touching(
        operation("north-air-force", Activity::Medevac),
        "east",
        designated(Some(AreaKind::Possible), &[]),
    );
    assert_eq!(
        crate::dossier::rulebook(ARTICLES).judge(&case).verdict,
        Verdict::Clear
    );
    assert_eq!(rulebook.judge(&case).verdict, Verdict::Prohibited);
}

#[test]
fn every_reading_of_a_disputed_forbid_binds() {
    let articles = format!(
        r#"{PERMIT_ALL}
    @id("a-reads") @article("2") @title("No combat") @consequence("none") @disputed("two readings")
    forbid (principal, action in Detente::Action::"combat", resource);
    @id("b-reads") @article("2") @title("No airdrop") @consequence("none") @disputed("two readings")
    forbid (principal, action == Detente::Action::"airdrop", resource);"#
    );
    let rulebook = rulebook(&articles);
    for activity in [Activity::Strike, Activity::Airdrop] {
        assert_eq!(
            rulebook.judge(&operation("a-air", activity)).verdict,
            Verdict::Prohibited
        );
    }
}

#[test]
fn after_a_suspension_articles_can_still_permit_aid_and_rescue_and_nothing_else() {
    let suspended = AGREEMENT.replace("status = \"in_force\"", "status = \"suspended\"");
    let withdrawn = AGREEMENT.replace("id = \"A\"\n", "id = \"A\"\nwithdrawn = true\n");
    for toml in [suspended, withdrawn] {
        let rulebook = load(&toml, PERMIT_ALL).0.unwrap();
        for activity in Activity::ALL {
            let relief = matches!(
                activity,
                Activity::Medevac | Activity::SearchAndRescue | Activity::Humanitarian
            );
            let verdict = rulebook.judge(&operation("a-air", activity)).verdict;
            assert_eq!(verdict == Verdict::Clear, relief, "{activity}");
        }
    }
}

#[test]
fn who_withdraws_leaves_a_consent_missing_not_one_less_to_ask() {
    let toml = AGREEMENT.replace("id = \"C\"\n", "id = \"C\"\nwithdrawn = true\n");
    let (whole, left) = (rulebook(ARTICLES), load(&toml, ARTICLES).0.unwrap());
    let met = everyone_consents(touching(
        operation("a-air", Activity::Airdrop),
        "convoy-1",
        convoy(),
    ));
    assert_eq!(whole.judge(&met).verdict, Verdict::Clear);
    assert_eq!(refused(&left, &met), "humanitarian_movement");
    let unstated = everyone_consents(touching(
        operation("a-air", Activity::Transit),
        "east",
        designated(None, &[]),
    ));
    assert_eq!(whole.judge(&unstated).verdict, Verdict::Clear);
    assert_eq!(refused(&left, &unstated), "designated_area");
}
