//! Amendments in text and in effect.

use crate::dossier::*;
use detente_agreement::prove::Change;
use detente_agreement::{Amendment, amend};

fn amended(from: &str, to: &str) -> Amendment {
    assert!(ARTICLES.contains(from), "{from}");
    amend(&rulebook(ARTICLES), &rulebook(&ARTICLES.replace(from, to))).unwrap()
}

fn told(amendment: &Amendment) -> String {
    let mut lines = vec![amendment.effect.wire_name().to_owned()];
    for request in &amendment.requests {
        lines.push(format!(
            "{} about {}: {}",
            request.activity,
            request.about,
            request.change.wire_name()
        ));
    }
    lines.join("\n")
}

#[test]
fn the_same_articles_in_another_order_and_wording_are_equivalent() {
    let mut parts: Vec<&str> = ARTICLES.split_inclusive("\n};\n").collect();
    parts.reverse();
    let turned = amend(&rulebook(ARTICLES), &rulebook(&parts.concat())).unwrap();
    assert_eq!(turned.effect, Change::Equivalent);
    let said_twice = amended(
        "resource is Detente::Movement\n) unless { context.consents.containsAll(context.participants) }",
        "resource is Detente::Movement\n) when { !(context.consents.containsAll(context.participants)) }",
    );
    assert_eq!(said_twice.effect, Change::Equivalent);
    assert_eq!(said_twice.articles.len(), 1);
}

#[test]
fn longer_notice_is_stricter_and_nothing_else() {
    let amendment = amended("duration(\"6h\")", "duration(\"12h\")");
    insta::assert_snapshot!(told(&amendment), @r#"
    stricter
    strike about Airspace: stricter
    "#);
    let witness = amendment.requests[0].stricter.as_ref().unwrap();
    insta::assert_snapshot!(witness.story, @r#"a strike by north-air-force of N from 2030-01-02T00:00:00Z until 2030-01-02T01:00:00Z; notified 2030-01-01T12:00:00.001Z; without anyone's recorded consent: prohibited: a strike by north-air-force: forbidden by article 10 (Combat operations are notified six hours before they begin)"#);
    assert!(amendment.requests[0].looser.is_none());
}

#[test]
fn an_exemption_is_looser_where_it_applies() {
    let amendment = amended(
        ") when { context.distanceM < 3000 };",
        ") when { context.distanceM < 3000 && !(resource in Detente::ObjectCategory::\"school\") };",
    );
    insta::assert_snapshot!(told(&amendment), @r#"
    looser
    strike about ProtectedObject: looser
    "#);
    insta::assert_snapshot!(amendment.requests[0].looser.as_ref().unwrap().story, @r#"a strike by north-air-force of N from 2030-01-02T00:00:00Z until 2030-01-02T01:00:00Z; 2999 m from the school there, entered 2030-01-02T00:00:00Z; notified 2029-12-31T00:00:00Z; without anyone's recorded consent: clear, by article 1"#);
}

#[test]
fn an_exchange_is_different_both_ways() {
    let amendment = amended(
        ") when { context.distanceM < 3000 };",
        ") when { context.distanceM > 1000 && context.distanceM < 4000 };",
    );
    assert_eq!(amendment.effect, Change::Different);
    let request = &amendment.requests[0];
    let metres = |witness: &Option<Box<detente_agreement::prove::Counterexample>>| {
        witness.as_ref().unwrap().operation.touches[0].distance_m
    };
    assert!(metres(&request.looser) <= 1000.0);
    assert!((3000.0..4000.0).contains(&metres(&request.stricter)));
}

#[test]
fn articles_are_compared_line_by_line_with_their_languages() {
    let titled = ARTICLES.replace("@title(\"No one enters a prohibited area\")", "@title(\"No one enters a prohibited area\")\n@title_ru(\"Никто не входит в запретный район\")");
    let changed = titled.replace("@title(\"No one enters a prohibited area\")", "@title(\"Only aid enters a prohibited area\")")
        .replace(") when { resource.measure == Detente::MeasureKind::\"prohibited_area\" };", ") when { resource.measure == Detente::MeasureKind::\"prohibited_area\" } unless { action == Detente::Action::\"humanitarian\" };");
    let amendment = amend(&rulebook(&titled), &rulebook(&changed)).unwrap();
    assert_eq!(amendment.effect, Change::Looser);
    let [article] = amendment.articles.as_slice() else {
        panic!("{:?}", amendment.articles)
    };
    assert_eq!(article.article.as_str(), "6");
    assert_eq!(article.titles_unchanged, ["ru"]);
    assert!(!article.consequence_changed);
    insta::assert_debug_snapshot!(article.lines.iter().filter(|line| !matches!(line, detente_agreement::amend::LineChange::Kept(_))).collect::<Vec<_>>(), @r#"
    [
        Removed(
            "@title(\"No one enters a prohibited area\")",
        ),
        Added(
            "@title(\"Only aid enters a prohibited area\")",
        ),
        Removed(
            ") when { resource.measure == Detente::MeasureKind::\"prohibited_area\" };",
        ),
        Added(
            ") when { resource.measure == Detente::MeasureKind::\"prohibited_area\" } unless { action == Detente::Action::\"humanitarian\" };",
        ),
    ]
    "#);
}
