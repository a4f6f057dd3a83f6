//! The agreement's life: staged preconditions counted from the record, channels, publication, signatures.

use detente_node::life;
use detente_node::life::wire::AgreementLife;
use detente_node::picture::{Account, Holding};
use detente_records::PreconditionId;
use detente_records::act::agreement::Publicity;
use detente_spacetime::Instant;
use serde_json::{Value, json};

use crate::world::{World, at, dossier, holder, id};

const SHA256: &str = "0707070707070707070707070707070707070707070707070707070707070707";

/// A text in force since the 14th whose article 1 opens after 24 quiet hours, from D+12h on, due by D+3d.
fn staged() -> World {
    let mut world = World::untabled();
    let text = dossier(
        "groups = [{",
        "preconditions = [{ id = \"calm\", text = \"A quiet day\", article = \"1\", quiet = \"24h\", after = \"12h\", due = \"3d\", opens = [\"1\"] }]\ngroups = [{",
    );
    let body = json!({
        "dossier": {"sha256": SHA256, "bytes": 1000, "media_type": "application/json"},
        "translations": [{"language": "en", "equivalence": "original"}],
    });
    let tabled = world.say_with(
        "US:anna",
        "consenter",
        "agreement_tabled",
        "plan",
        body,
        Some(text),
    );
    assert!(matches!(
        tabled,
        detente_node::picture::Outcome::Effective(_)
    ));
    let review = json!({});
    world.does(
        "RU:oleg",
        "consenter",
        "technical_review_opened",
        "plan",
        review,
    );
    for kind in ["agreement_initialled", "agreement_adopted"] {
        for who in ["US:anna", "RU:oleg"] {
            world.does(who, "consenter", kind, "plan", json!({"sha256": SHA256}));
        }
    }
    for who in ["US:anna", "RU:oleg"] {
        world.does(
            who,
            "consenter",
            "day_d_set",
            "plan",
            json!({"at": "2016-09-14T00:00:00Z"}),
        );
    }
    world
}

fn alleged(happened: Instant) -> Value {
    json!({
        "title": "A shell", "articles": ["1"], "party": "SY", "possible": true,
        "text": "Restated: one shell.", "at": happened.to_string(), "evidence": [],
    })
}

fn report(world: &mut World, who: &str, holds: bool) {
    let body = json!({"precondition": "calm", "holds": holds, "evidence": []});
    world.does(who, "consenter", "precondition_reported", "plan", body);
}

fn holding(world: &World, now: Instant) -> Holding {
    let picture = world.picture.at(now);
    let states = picture.preconditions(picture.text(&id("plan")).unwrap(), now);
    states[&PreconditionId::parse("calm").unwrap()].holding
}

fn shown(world: &World, now: Instant) -> AgreementLife {
    life::of(&world.picture.at(now), now)
}

fn held_back(world: &World) -> bool {
    !world.picture.agreement().unwrap().held_back.is_empty()
}

#[test]
fn an_article_opens_when_everybody_says_so_and_the_record_bears_it_out() {
    let mut world = staged();
    assert_eq!(
        shown(&world, at(14, 0, 0)).status.as_deref(),
        Some("in_force")
    );
    assert!(held_back(&world));
    assert_eq!(holding(&world, at(14, 6, 0)), Holding::Waiting);
    // Everybody says that it holds, after twelve hours of which only ten were quiet.
    world.now = at(14, 10, 0);
    world.does(
        "US:anna",
        "inquiry",
        "violation_reported",
        "v1",
        alleged(at(14, 2, 0)),
    );
    world.now = at(14, 12, 30);
    report(&mut world, "US:anna", true);
    report(&mut world, "RU:oleg", true);
    assert_eq!(holding(&world, at(14, 13, 0)), Holding::NotBorneOut);
    assert!(held_back(&world));
    // Time alone opens nothing: somebody has to say it again once the day was quiet.
    assert_eq!(holding(&world, at(15, 3, 0)), Holding::NotBorneOut);
    let view = shown(&world, at(15, 3, 0));
    let quiet = view.texts[0].preconditions[0].quiet.clone().unwrap();
    assert_eq!((quiet.needed_h, quiet.counted_h), (24, 25));
    assert_eq!(quiet.by_account_h["RU"], 27);
    world.now = at(15, 3, 0);
    report(&mut world, "RU:oleg", true);
    assert_eq!(holding(&world, at(15, 3, 5)), Holding::Holds);
    assert!(!held_back(&world));
    // One contrary word closes it again.
    report(&mut world, "US:anna", false);
    assert_eq!(holding(&world, at(15, 4, 0)), Holding::Contradicted);
    assert!(held_back(&world));
}

#[test]
fn what_nobody_reports_in_time_is_overdue() {
    let world = staged();
    assert_eq!(holding(&world, at(17, 0, 0)), Holding::Overdue);
    let view = shown(&world, at(17, 0, 0));
    let due = view
        .timeline
        .iter()
        .find(|milestone| milestone.kind == "precondition_due")
        .unwrap();
    assert_eq!(
        (due.relative.as_deref(), due.status.as_str()),
        (Some("D+72h"), "overdue")
    );
}

#[test]
fn quiet_is_broken_by_any_allegation_but_one_that_every_participant_denies() {
    let mut world = World::new();
    world.does(
        "US:anna",
        "inquiry",
        "violation_reported",
        "v1",
        alleged(at(13, 11, 0)),
    );
    let since = |world: &World, account| {
        world
            .picture
            .quiet_since(account, at(12, 16, 0), at(14, 0, 0))
    };
    let (us, ru) = (holder("US"), holder("RU"));
    assert_eq!(since(&world, Account::Anybody), at(13, 11, 0));
    assert_eq!(since(&world, Account::Of(&us)), at(13, 11, 0));
    assert_eq!(since(&world, Account::Of(&ru)), at(12, 16, 0));
    for who in ["US:anna", "RU:oleg"] {
        crate::outcomes::finding(&mut world, who, "v1", "deny");
    }
    let later = at(15, 0, 0);
    let since = world
        .picture
        .quiet_since(Account::Anybody, at(12, 16, 0), later);
    assert_eq!(since, at(12, 16, 0));
    // One who cannot confirm does not deny.
    crate::outcomes::finding(&mut world, "RU:oleg", "v1", "cannot_confirm");
    let since = world
        .picture
        .quiet_since(Account::Anybody, at(12, 16, 0), later);
    assert_eq!(since, at(13, 11, 0));
}

#[test]
fn a_channel_shows_what_is_declared_beside_what_is_seen() {
    let mut world = World::new();
    let declared = json!({"state": "suspended", "reason": "A protest"});
    world.does(
        "RU:dima",
        "watch_officer",
        "line_state_declared",
        "flights",
        declared,
    );
    let call = json!({"line": "flights", "to": "RU"});
    world.does("US:will", "watch_officer", "call_rung", "c1", call);
    let view = shown(&world, world.now);
    assert_eq!((view.channels[0].calls, view.channels[0].answered), (1, 0));
    assert_eq!(view.channels[0].comparison, "agrees");
    world.does(
        "RU:dima",
        "watch_officer",
        "call_answered",
        "c1",
        json!({"office": "Watch"}),
    );
    let view = shown(&world, world.now);
    assert_eq!(view.channels[0].comparison, "closed_and_used");
    assert_eq!(view.channels[0].declared["RU"].state, "suspended");
}

#[test]
fn the_most_reticent_participant_decides_who_may_know_a_part() {
    let mut world = World::new();
    let mut say = |who: &str, part: Option<&str>, publicity: &str| {
        let mut body = json!({"publicity": publicity});
        if let Some(part) = part {
            body["part"] = json!(part);
        }
        world.does(who, "consenter", "publication_stated", "plan", body);
    };
    say("US:anna", None, "published");
    say("RU:oleg", None, "parties_only");
    say("RU:oleg", Some("signatures"), "published");
    let participants = world.picture.participants();
    let documents = world.picture.publications(Instant::MAX);
    let plan = &documents[&id("plan")];
    assert_eq!(
        plan.of_part("articles", &participants),
        Publicity::PartiesOnly
    );
    assert_eq!(
        plan.of_part("signatures", &participants),
        Publicity::Published
    );
    assert!(!plan.is_agreed_by_name("signatures", &participants));
    let before = world.picture.publications(at(13, 12, 0));
    assert!(
        before
            .get(&id("plan"))
            .is_none_or(|plan| plan.parts().count() == 0)
    );
}

#[test]
fn signatures_lacking_and_blocking_concerns_are_named() {
    let mut world = World::untabled();
    let body = json!({
        "dossier": {"sha256": SHA256, "bytes": 1000, "media_type": "application/json"},
        "translations": [{"language": "en", "equivalence": "original"}],
    });
    world.say_with(
        "US:anna",
        "consenter",
        "agreement_tabled",
        "plan",
        body,
        Some(dossier("", "")),
    );
    world.does(
        "RU:oleg",
        "consenter",
        "technical_review_opened",
        "plan",
        json!({}),
    );
    world.does(
        "US:anna",
        "consenter",
        "agreement_initialled",
        "plan",
        json!({"sha256": SHA256}),
    );
    let concern = json!({"title": "T", "office": "Legal", "severity": "blocking", "text": "X.", "articles": ["1"]});
    world.does("RU:lena", "inquiry", "concern_raised", "c1", concern);
    let view = shown(&world, world.now);
    let text = &view.texts[0];
    assert_eq!(text.not_initialled, ["RU"]);
    assert_eq!(text.signatures.len(), 1);
    assert_eq!(text.blocked_by, ["concern c1 is raised"]);
    assert!(view.concerns["Legal"][0].blocks);
    assert!(
        text.next
            .iter()
            .any(|next| next.starts_with("agreement_initialled"))
    );
}

/// A text that binds from the founding on runs no clock of its own; behind its end nothing is in force all the same.
#[test]
fn nothing_is_in_force_behind_its_end() {
    let text = dossier("day_d =", "ends = 2016-09-20T00:00:00Z\nday_d =");
    let world = World::of(Some(text));
    let status = |now: Instant| shown(&world, now).status.unwrap();
    assert_eq!(status(at(13, 12, 0)), "in_force");
    assert_eq!(status(at(19, 23, 59)), "in_force");
    assert_eq!(status(at(20, 0, 0)), "ended");
    assert_eq!(status(at(29, 0, 0)), "ended");
}
