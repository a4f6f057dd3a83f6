//! The five ways in which Cedar silently lets something through, each shut.
//!
//! The closed store and the schema are also tested where they are built, in `store.rs`.

use crate::dossier::*;
use detente_agreement::Verdict;
use detente_records::Activity;
use detente_records::area::{AreaKind, AreaRecordKind};

const PERMIT_ALL: &str = r#"
@id("all") @article("1") @title("Everything may fly") @consequence("none")
permit (principal, action, resource);
"#;

fn with(article: &str) -> String {
    format!("{PERMIT_ALL}\n{article}")
}

#[test]
fn a_forbid_that_errs_is_a_refusal_and_names_its_article() {
    // The sum overflows; Cedar alone would skip the forbid and allow.
    let articles = with(
        r#"@id("far") @article("7") @title("Stay far away") @consequence("none")
        forbid (principal, action, resource)
        when { context.nearestProtectedM + 9223372036854775807 < 0 };"#,
    );
    let judgement = rulebook(&articles).judge(&operation("a-air", Activity::Transit));
    assert_eq!(judgement.verdict, Verdict::Prohibited);
    let finding = &judgement.findings[0];
    assert_eq!(finding.kind.wire_name(), "indeterminate");
    assert_eq!(
        finding
            .articles
            .iter()
            .map(|id| id.as_str())
            .collect::<Vec<_>>(),
        ["7"]
    );
}

#[test]
fn a_thing_that_refers_to_something_undeclared_is_a_refusal() {
    let case = touching(
        operation("a-air", Activity::Transit),
        "east",
        area(AreaRecordKind::Corridor, None, &["Z"]),
    );
    let judgement = rulebook(PERMIT_ALL).judge(&case);
    assert_eq!(judgement.verdict, Verdict::Prohibited);
    assert!(
        judgement.findings[0]
            .message
            .contains("Detente::Party::\"Z\" is not declared")
    );
}

#[test]
fn a_forbid_on_an_action_group_reaches_every_activity_in_it() {
    let articles = with(
        r#"@id("no-combat") @article("2") @title("No combat") @consequence("none")
        forbid (principal, action in Detente::Action::"combat", resource);"#,
    );
    let rulebook = rulebook(&articles);
    let strike = rulebook.judge(&operation("a-air", Activity::Strike));
    let transit = rulebook.judge(&operation("a-air", Activity::Transit));
    assert_eq!(
        (strike.verdict, transit.verdict),
        (Verdict::Prohibited, Verdict::Clear)
    );
}

#[test]
fn a_forbid_on_a_force_reaches_the_forces_within_it() {
    let articles = with(
        r#"@id("grounded") @article("3") @title("Grounded") @consequence("none")
        forbid (principal in Detente::Force::"north-air-force", action, resource);"#,
    );
    let judgement = rulebook(&articles).judge(&operation("north-helicopters", Activity::Medevac));
    assert_eq!(judgement.verdict, Verdict::Prohibited);
}

#[test]
fn an_exception_works_through_unless_and_cites_its_own_article() {
    let medevac = touching(
        operation("north-air-force", Activity::Medevac),
        "east",
        designated(Some(AreaKind::Significant), &[]),
    );
    insta::assert_snapshot!(told(&rulebook(ARTICLES), &medevac), @r#"
    clear
    by 1, 4
    "#);
    let shut = ARTICLES.replace(
        "} unless {\n  action == Detente::Action::\"medevac\" && context.notified && context.leadTime >= duration(\"24h\")\n};",
        "};",
    );
    assert_ne!(shut, ARTICLES);
    let (_, problems) = load(AGREEMENT, &shut);
    assert!(
        problems
            .iter()
            .any(|problem| problem.code == "exception_without_unless"),
        "{problems}"
    );
}

#[test]
fn an_article_that_names_an_area_is_told_to_speak_of_areas_as_data() {
    let articles = with(
        r#"@id("east") @article("8") @title("Not the east") @consequence("none")
        forbid (principal, action, resource is Detente::Area in Detente::Area::"east");"#,
    );
    let (rulebook, problems) = load(AGREEMENT, &articles);
    assert!(rulebook.is_some());
    assert!(
        problems
            .iter()
            .any(|problem| problem.code == "area_in_article")
    );
}
