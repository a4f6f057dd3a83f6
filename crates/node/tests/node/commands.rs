//! Commands: what would take effect becomes a draft, what would not is refused by the same rule.

use std::sync::Arc;

use detente_ledger::awareness::AwarenessKey;
use detente_ledger::checkpoint::Checkpoint;
use detente_ledger::hash::Hash;
use detente_node::command::{Command, Desk, Draft, is_weighty, refused_attempt};
use detente_node::knowledge::{Cosigned, Proof, Witness, who_knew};
use detente_node::picture::Refusal;
use detente_records::act::{Act, ActContext, Kind};
use serde_json::{Map, Value, json};

use crate::shapes::{area, hospital, proposal};
use crate::world::{World, at, holder, id};

const PLACE: (f64, f64) = (36.6, 35.9);
const US: &str = "us.example/plan";

fn act(kind: &str, subject: &str, role: &str, more: Value) -> Act {
    let mut body = Map::from_iter([
        ("subject".to_owned(), json!(subject)),
        ("role".to_owned(), json!(role)),
    ]);
    if let Value::Object(more) = more {
        body.extend(more);
    }
    let context = ActContext {
        document: "command".into(),
        agreement: None,
    };
    let (act, problems) = Act::parse(kind, &body, &context);
    act.unwrap_or_else(|| panic!("{problems}"))
}

fn draft(world: &World, act: Act, seen: &[(&str, u64)]) -> Result<Draft, Refusal> {
    let origin: Arc<str> = US.into();
    let checkpoints: Vec<Checkpoint> = seen
        .iter()
        .map(|(origin, size)| Checkpoint::new(origin, *size, Hash::of(b"root")).unwrap())
        .collect();
    let desk = Desk {
        origin: &origin,
        size: 0,
        now: world.now,
        awareness: &AwarenessKey::of(&checkpoints),
    };
    let command = Command {
        user: "anna".to_owned(),
        act,
        dossier: None,
    };
    world.picture.draft(&command, &desk)
}

fn with_zone() -> World {
    let mut world = World::new();
    let zone = json!({"feature": area("zone", "designated_area", PLACE)});
    world.does("RU:igor", "consenter", "area_established", "zone", zone);
    world
}

#[test]
fn a_draft_says_what_it_would_change_and_changes_nothing() {
    let world = with_zone();
    let before = world.picture.digest();
    let wish = act(
        "operation_proposed",
        "op",
        "planner",
        proposal("op", "US", "strike", PLACE),
    );
    let draft = draft(&world, wish, &[("ru.example/plan", 1)]).unwrap();
    assert_eq!(draft.kind, Kind::OperationProposed);
    assert_eq!((draft.changes.len(), draft.changes[0].to), (1, "proposed"));
    assert_eq!(world.picture.digest(), before);
}

#[test]
fn a_command_that_had_not_seen_the_restraint_is_refused_like_its_entry() {
    let world = with_zone();
    let wish = act(
        "operation_proposed",
        "op",
        "planner",
        proposal("op", "US", "strike", PLACE),
    );
    let refusal = draft(&world, wish, &[]).unwrap_err();
    assert_eq!(refusal.rule, "aware");
    assert!(refusal.to_string().contains("area zone"), "{refusal}");
}

#[test]
fn a_refusal_names_the_state_the_rule_and_who_could_act() {
    let mut world = with_zone();
    world.does(
        "US:anna",
        "planner",
        "operation_proposed",
        "op",
        proposal("op", "US", "strike", PLACE),
    );
    let wish = act(
        "operation_consented",
        "op",
        "consenter",
        json!({"version": 1}),
    );
    let refusal = draft(&world, wish, &[]).unwrap_err();
    assert_eq!(refusal.state, Some("proposed"));
    assert_eq!(refusal.rule, "not_your_side");
    assert!(
        refusal
            .who_could_act
            .iter()
            .any(|who| who.contains("consenter")),
        "{refusal:?}"
    );
    assert!(is_weighty(Kind::OperationConsented));
    assert!(!is_weighty(Kind::MeetingCalled));
    let body = refused_attempt("us-node", "operation_consented", &refusal);
    let context = ActContext {
        document: "attempt".into(),
        agreement: None,
    };
    let (attempt, problems) = Act::parse("attempt_refused", &body, &context);
    assert!(attempt.is_some(), "{problems}");
}

#[test]
fn a_clock_that_ran_out_meanwhile_refuses_the_command() {
    let mut world = with_zone();
    world.does(
        "US:anna",
        "planner",
        "operation_proposed",
        "op",
        proposal("op", "US", "strike", PLACE),
    );
    world.now = at(19, 1, 0);
    let wish = act("operation_cancelled", "op", "planner", json!({}));
    let refusal = draft(&world, wish, &[("ru.example/plan", 1)]).unwrap_err();
    assert_eq!(refusal.state, Some("expired"));
}

#[test]
fn who_knew_what_when_is_what_ledgers_prove() {
    let mut world = World::new();
    world.does(
        "UN:clara",
        "notifier",
        "object_submitted",
        "h1",
        hospital("h1", PLACE),
    );
    world.aware = false;
    world.does(
        "US:bob",
        "watch_officer",
        "watch_taken",
        "line",
        json!({"office": "Desk", "until": "2016-09-14T00:00:00Z"}),
    );
    world.aware = true;
    world.does(
        "US:anna",
        "planner",
        "operation_proposed",
        "op",
        proposal("op", "US", "transit", (40.0, 35.0)),
    );
    let witnesses = || {
        world.said.iter().map(|recorded| Witness {
            origin: &recorded.origin,
            index: recorded.index,
            holder: &world.picture.holders()[&recorded.origin].id,
            seen: recorded
                .entry
                .awareness
                .seen(&world.said[0].origin)
                .map_or(0, |seen| seen.size),
            at: recorded.at,
        })
    };
    let origin = world.said[0].origin.clone();
    let (ru, late) = (holder("RU"), at(14, 0, 0));
    let cosigned = |holder, size, at| Cosigned {
        origin: &origin,
        size,
        holder,
        at,
    };
    let us = holder("US");
    let cosignatures = [
        cosigned(&ru, 0, world.now),
        cosigned(&ru, 1, late),
        cosigned(&us, 1, late),
    ];
    let known = who_knew(&origin, 0, witnesses(), cosignatures);
    let proof = |name: &str| {
        known
            .get(&holder(name))
            .map(|known| (known.at, known.proof.clone()))
    };
    assert_eq!(proof("UN"), Some((world.said[0].at, Proof::Written)));
    // Its first entry had not seen it; the second had.
    let entry = Proof::Entry {
        origin: world.said[2].origin.clone(),
        index: 1,
    };
    assert_eq!(proof("US"), Some((world.said[2].at, entry)));
    assert_eq!(proof("RU"), Some((late, Proof::Cosignature { size: 1 })));
    assert_eq!(proof("OSCE"), None);
    assert_eq!(world.picture.history_of(&id("h1")).len(), 1);
}
