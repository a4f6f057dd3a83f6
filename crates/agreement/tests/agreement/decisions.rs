//! Verdicts, the articles that decide them, and the words people read.

use crate::dossier::*;
use detente_agreement::Verdict;
use detente_records::Activity;
use detente_records::area::{AreaKind, AreaRecordKind};

#[test]
fn an_operation_that_touches_nothing_is_clear_by_the_article_that_permits_it() {
    insta::assert_snapshot!(told(&rulebook(ARTICLES), &operation("a-air", Activity::Transit)), @r#"
    clear
    by 1
    "#);
}

#[test]
fn the_bound_force_may_not_enter_a_designated_area() {
    let case = touching(
        operation("north-air-force", Activity::Reconnaissance),
        "east",
        designated(Some(AreaKind::Possible), &["A", "B"]),
    );
    insta::assert_snapshot!(told(&rulebook(ARTICLES), &case), @r#"
    prohibited
    forbid designated_area [3]: reconnaissance by north-air-force inside the designated area east (possible presence), from 2030-06-10T10:30:00Z until 2030-06-10T11:00:00Z: forbidden by article 3 (The bound air force flies no operation in a designated area)
    "#);
    let mut late = touching(
        operation("north-helicopters", Activity::Medevac),
        "east",
        designated(Some(AreaKind::Possible), &[]),
    );
    late.notified = Some(at("2030-06-10T00:00:00Z"));
    insta::assert_snapshot!(told(&rulebook(ARTICLES), &late), @r#"
    prohibited
    forbid designated_area [3]: a medical evacuation by north-helicopters inside the designated area east (possible presence), from 2030-06-10T10:30:00Z until 2030-06-10T11:00:00Z: forbidden by article 3 (The bound air force flies no operation in a designated area)
    "#);
}

#[test]
fn a_strike_needs_the_consents_it_lacks_and_no_others() {
    let mut case = touching(
        operation("a-air", Activity::Strike),
        "east",
        designated(Some(AreaKind::Concentrated), &["A", "B"]),
    );
    insta::assert_snapshot!(told(&rulebook(ARTICLES), &case), @r#"
    consent required
    of B
    consent designated_area [5]: a strike by a-air inside the designated area east (concentrated presence), from 2030-06-10T10:30:00Z until 2030-06-10T11:00:00Z, needs the consent of B: article 5 (A strike in a designated area needs the consent of everyone named for it)
    "#);
    case.consents = participants(&["B"]);
    assert_eq!(rulebook(ARTICLES).judge(&case).verdict, Verdict::Clear);
}

#[test]
fn the_smallest_set_of_consents_is_asked_for() {
    let articles = format!(
        "{}\n{}",
        r#"@id("all") @article("1") @title("Everything may fly") @consequence("none") permit (principal, action, resource);"#,
        r#"@id("two") @article("2") @title("A and B together, or C") @consequence("none")
        forbid (principal, action, resource is Detente::Movement)
        unless { context.consents.contains(Detente::Party::"C") || context.consents.containsAll([Detente::Party::"A", Detente::Party::"B"]) };"#,
    );
    let case = touching(
        operation("north-air-force", Activity::Transit),
        "convoy-1",
        convoy(),
    );
    let judgement = rulebook(&articles).judge(&case);
    assert_eq!(judgement.consent_required, participants(&["C"]));
    let own = touching(operation("a-air", Activity::Transit), "convoy-1", convoy());
    // A has consented by proposing: B and C are equally few, and B comes first.
    assert_eq!(
        rulebook(&articles).judge(&own).consent_required,
        participants(&["B"])
    );
}

#[test]
fn a_guarantor_does_not_consent_by_guaranteeing() {
    let case = touching(
        operation("north-air-force", Activity::Airdrop),
        "convoy-1",
        convoy(),
    );
    let judgement = rulebook(ARTICLES).judge(&case);
    assert_eq!(judgement.consent_required, participants(&["A", "B", "C"]));
}

#[test]
fn several_things_touched_are_all_told_the_worst_first() {
    let mut case = operation("a-air", Activity::Strike);
    case.notified = Some(at("2030-06-10T08:00:00Z"));
    let case = touching(case, "convoy-1", convoy());
    let case = touching(
        case,
        "east",
        area(AreaRecordKind::ProhibitedArea, None, &[]),
    );
    let case = touching(
        case,
        "op-9",
        other_operation("B", "b-air", Activity::Transit),
    );
    let case = touching(
        case,
        "op-8",
        other_operation("A", "a-air", Activity::Transit),
    );
    let mut case = touching(case, "city-hospital", hospital(false));
    case.touches[4].distance_m = 2_999.9;
    insta::assert_snapshot!(told(&rulebook(ARTICLES), &case), @r#"
    prohibited
    forbid protected_object [7]: a strike by a-air 2999 m from the hospital city-hospital, from 2030-06-10T10:30:00Z until 2030-06-10T11:00:00Z: forbidden by article 7 (Combat operations stay three kilometres away from a protected object)
    forbid prohibited_area [6]: a strike by a-air inside the prohibited area east, from 2030-06-10T10:30:00Z until 2030-06-10T11:00:00Z: forbidden by article 6 (No one enters a prohibited area)
    forbid article [10]: a strike by a-air: forbidden by article 10 (Combat operations are notified six hours before they begin)
    consent humanitarian_movement [8]: a strike by a-air meeting the humanitarian movement convoy-1 of relief-agency, from 2030-06-10T10:30:00Z until 2030-06-10T11:00:00Z, needs the consent of B and C: article 8 (A humanitarian movement is met only with everyone's consent)
    consent operation [9]: a strike by a-air meeting transit op-9 of B, from 2030-06-10T10:30:00Z until 2030-06-10T11:00:00Z, needs the consent of B and C: article 9 (Operations of two parties meet only with everyone's consent)
    warn operation []: meets A's own operation op-8, from 2030-06-10T10:30:00Z until 2030-06-10T11:00:00Z
    "#);
}

#[test]
fn what_no_article_permits_is_prohibited() {
    let articles = ARTICLES.replace(
        "permit (\n  principal,\n  action in Detente::Action::\"airOperation\",",
        "permit (\n  principal,\n  action in Detente::Action::\"combat\",",
    );
    insta::assert_snapshot!(told(&rulebook(&articles), &operation("a-air", Activity::Transit)), @r#"
    prohibited
    forbid not_permitted []: transit by a-air: no article permits it
    "#);
}

#[test]
fn facts_behind_a_finding_are_those_its_articles_read() {
    let case = touching(
        operation("a-air", Activity::Strike),
        "east",
        designated(Some(AreaKind::Concentrated), &["A", "B"]),
    );
    let judgement = rulebook(ARTICLES).judge(&case);
    let facts: Vec<String> = judgement.findings[0]
        .facts
        .iter()
        .map(|fact| format!("{} = {}", fact.name, fact.value))
        .collect();
    insta::assert_snapshot!(facts.join("\n"), @r#"
    context.consents = A
    resource.consentOf = A and B
    resource.measure = designated_area
    "#);
}
