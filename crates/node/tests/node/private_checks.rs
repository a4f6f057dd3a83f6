//! Private checks in the picture: who may say what when; and two sides that come to their answer through it.

use std::collections::BTreeMap;

use detente_node::picture::{CheckSaid, Outcome};
use detente_node::private_check::{CheckFault, CheckSecret, Content, Next, Talk};
use detente_records::act::private_check::Found;
use detente_sharing::private_check::{Leg, Outcome as Learnt, wrapped};
use detente_spacetime::{
    Altitude, AltitudeBand, EdgeKind, Footprint, Position, Reference, VerticalAssumptions,
    Volume4D, Window,
};
use serde_json::{Value, json};

use crate::world::{World, at, dossier, holder, id, sealed};

/// An agreement that lets sessions go one level fine, which is quick.
const COARSE: &str = "{ id = \"RU\" }]\nparameters.private_check = { finest = 1 }";

fn terms() -> Value {
    json!({
        "agreement": "07".repeat(32), "separation_m": 1000, "vertical_m": 300, "time_s": 60,
        "cells_max": 32768, "finest": 3,
    })
}

fn proposal(with: &str) -> Value {
    json!({"with": with, "terms": terms(), "sealed": sealed(&[with])[0], "expires": "2016-09-14T12:00:00Z"})
}

fn answer(with: &str) -> Value {
    json!({"sealed": sealed(&[with])[0]})
}

fn message(number: u32, with: &str) -> Value {
    json!({"number": number, "sealed": sealed(&[with])[0]})
}

fn state(world: &World) -> &'static str {
    let picture = world.picture.at(world.now);
    picture.private_check(&id("p")).unwrap().matter.course.state
}

/// A session in which both know how many cells are common.
fn counted() -> World {
    let mut world = World::new();
    world.does(
        "US:anna",
        "planner",
        "private_check_proposed",
        "p",
        proposal("RU"),
    );
    world.does(
        "RU:oleg",
        "watch_officer",
        "private_check_answered",
        "p",
        answer("US"),
    );
    for (who, with, number) in [("US", "RU", 1), ("RU", "US", 1), ("US", "RU", 2)] {
        world.does(
            who,
            "system",
            "private_check_message",
            "p",
            message(number, with),
        );
    }
    world
}

#[test]
fn silence_consents_to_nothing_and_ends_the_session() {
    let mut world = counted();
    world.does(
        "US:kate",
        "consenter",
        "private_check_consented",
        "p",
        json!({}),
    );
    assert_eq!(state(&world), "consenting");
    world.now = at(14, 12, 1);
    assert_eq!(state(&world), "expired");
    world.refused(
        "RU:kostya",
        "consenter",
        "private_check_consented",
        "p",
        json!({}),
    );
    // And so does an answer that never comes.
    let mut world = World::new();
    world.does(
        "US:anna",
        "planner",
        "private_check_proposed",
        "p",
        proposal("RU"),
    );
    world.now = at(14, 12, 1);
    assert_eq!(state(&world), "expired");
    world.refused(
        "RU:oleg",
        "planner",
        "private_check_answered",
        "p",
        answer("US"),
    );
}

#[test]
fn each_side_consents_for_itself_and_only_once_the_number_is_known() {
    let mut world = World::new();
    world.does(
        "US:anna",
        "planner",
        "private_check_proposed",
        "p",
        proposal("RU"),
    );
    world.refused(
        "RU:kostya",
        "consenter",
        "private_check_consented",
        "p",
        json!({}),
    );
    world.does(
        "RU:oleg",
        "planner",
        "private_check_answered",
        "p",
        answer("US"),
    );
    world.refused(
        "US:kate",
        "consenter",
        "private_check_consented",
        "p",
        json!({}),
    );
    let mut world = counted();
    world.refused(
        "US:anna",
        "planner",
        "private_check_consented",
        "p",
        json!({}),
    );
    world.does(
        "US:kate",
        "consenter",
        "private_check_consented",
        "p",
        json!({}),
    );
    let refusal = world.refused(
        "US:kurt",
        "consenter",
        "private_check_consented",
        "p",
        json!({}),
    );
    assert!(refusal.contains("the other side"), "{refusal}");
    world.does(
        "RU:kostya",
        "consenter",
        "private_check_consented",
        "p",
        json!({}),
    );
    assert_eq!(state(&world), "refining");
}

#[test]
fn nobody_but_the_two_sides_says_anything_and_each_numbers_its_messages() {
    let france = "{ id = \"RU\" }, { id = \"FR\" }]";
    let mut world = World::of(Some(dossier("{ id = \"RU\" }]", france)));
    world.does(
        "US:anna",
        "planner",
        "private_check_proposed",
        "p",
        proposal("RU"),
    );
    world.refused(
        "FR:odile",
        "planner",
        "private_check_answered",
        "p",
        answer("US"),
    );
    world.does(
        "RU:oleg",
        "planner",
        "private_check_answered",
        "p",
        answer("US"),
    );
    world.refused(
        "FR",
        "system",
        "private_check_message",
        "p",
        message(1, "US"),
    );
    world.refused(
        "US",
        "system",
        "private_check_message",
        "p",
        message(2, "RU"),
    );
    world.refused(
        "US",
        "system",
        "private_check_message",
        "p",
        message(1, "FR"),
    );
    world.refused(
        "US:anna",
        "planner",
        "private_check_message",
        "p",
        message(1, "RU"),
    );
    world.does(
        "US",
        "system",
        "private_check_message",
        "p",
        message(1, "RU"),
    );
    world.refused(
        "US",
        "system",
        "private_check_message",
        "p",
        message(1, "RU"),
    );
    world.refused(
        "FR:odile",
        "consenter",
        "private_check_broken_off",
        "p",
        json!({"reason": "No."}),
    );
    world.does(
        "RU:oleg",
        "planner",
        "private_check_broken_off",
        "p",
        json!({"reason": "No."}),
    );
    assert_eq!(state(&world), "broken_off");
}

#[test]
fn a_proposal_under_other_terms_than_the_agreements_has_no_effect() {
    let mut world = World::new();
    let mut other = proposal("RU");
    other["terms"]["cells_max"] = json!(57_344);
    let mut long = proposal("RU");
    long["expires"] = json!("2016-09-15T12:00:00Z");
    for (body, words) in [
        (other, "the terms are those of the agreement in force"),
        (long, "no later than the agreement lets it"),
        (proposal("UN"), "the other side, which is a participant"),
        (proposal("US"), "the other side, which is a participant"),
    ] {
        let refusal = world.refused("US:anna", "planner", "private_check_proposed", "p", body);
        assert!(refusal.contains(words), "{refusal}");
    }
    for session in ["p1", "p2", "p3", "p4", "p5", "p6"] {
        world.does(
            "US:anna",
            "planner",
            "private_check_proposed",
            session,
            proposal("RU"),
        );
    }
    let refusal = world.refused(
        "US:anna",
        "planner",
        "private_check_proposed",
        "p",
        proposal("RU"),
    );
    assert!(refusal.contains("one more session"), "{refusal}");
    // The other side has sessions of its own left, and a day later so has this one.
    world.does(
        "RU:oleg",
        "planner",
        "private_check_proposed",
        "q",
        proposal("US"),
    );
    world.now = at(14, 12, 30);
    let mut next = proposal("RU");
    next["expires"] = json!("2016-09-15T12:00:00Z");
    world.does("US:anna", "planner", "private_check_proposed", "p", next);
}

#[test]
fn sides_that_say_different_things_leave_a_contradiction() {
    let mut world = counted();
    let found = |found: &str| json!({"found": found});
    world.does(
        "US",
        "system",
        "private_check_concluded",
        "p",
        found("close"),
    );
    world.refused(
        "US",
        "system",
        "private_check_concluded",
        "p",
        found("apart"),
    );
    assert_eq!(state(&world), "comparing");
    world.does(
        "RU",
        "system",
        "private_check_concluded",
        "p",
        found("apart"),
    );
    assert_eq!(state(&world), "contradicted");
}

fn leg(line: [(f64, f64); 2]) -> Vec<Leg> {
    let line = line.map(|(latitude, longitude)| Position::new(latitude, longitude).unwrap());
    let metres = |value: f64| Altitude::new(value, Reference::Ellipsoid).unwrap();
    let volume = Volume4D {
        footprint: Footprint::corridor(&line, 200.0, EdgeKind::Geodesic)
            .unwrap()
            .footprint,
        altitude: AltitudeBand::new(metres(3_000.0), metres(3_200.0)).unwrap(),
        window: Window::new(at(20, 12, 0), Some(at(20, 12, 20))).unwrap(),
    };
    vec![Leg::new(&volume, &VerticalAssumptions::default()).unwrap()]
}

/// Two sides that talk through a picture; what is sealed lies in a map by its entry.
struct Table {
    world: World,
    secrets: BTreeMap<&'static str, CheckSecret>,
    content: BTreeMap<(String, u64), Vec<u8>>,
}

impl Table {
    fn new(ours: Vec<Vec<Leg>>, theirs: Vec<Vec<Leg>>) -> Self {
        let secret = |seed, plans| CheckSecret {
            seed: [seed; 32],
            plans,
        };
        let mut table = Self {
            world: World::of(Some(dossier("{ id = \"RU\" }]", COARSE))),
            secrets: BTreeMap::from([("US", secret(1, ours)), ("RU", secret(2, theirs))]),
            content: BTreeMap::new(),
        };
        let mut proposed = proposal("RU");
        proposed["terms"]["finest"] = json!(1);
        table.says(
            "US:anna",
            "planner",
            "private_check_proposed",
            proposed,
            None,
        );
        let commitment = table.talk_of("US").commitment();
        table.keep(commitment);
        table.says(
            "RU:oleg",
            "planner",
            "private_check_answered",
            answer("US"),
            None,
        );
        let commitment = table.talk_of("RU").commitment();
        table.keep(commitment);
        table
    }

    fn says(&mut self, who: &str, role: &str, kind: &str, body: Value, content: Option<Vec<u8>>) {
        self.world.does(who, role, kind, "p", body);
        if let Some(content) = content {
            self.keep(content);
        }
    }

    /// Keeps what the newest entry seals.
    fn keep(&mut self, content: Vec<u8>) {
        let newest = self.world.said.last().unwrap();
        let place = (newest.origin.to_string(), newest.index);
        self.content.insert(place, wrapped(&content).unwrap());
    }

    /// A side made anew from its secret and the record: every step is one after a restart.
    fn talk_of(&self, who: &'static str) -> Talk {
        let check = id("p");
        let file = self.world.picture.private_check(&check).unwrap();
        let role = file.role_of(&holder(who)).unwrap();
        let mut talk = Talk::open(role, file.terms().unwrap(), self.secrets[who].clone()).unwrap();
        talk.follow(&file, |said| self.content_of(said));
        talk
    }

    fn content_of(&self, said: &CheckSaid<'_>) -> Content {
        let source = &said.line.source;
        let place = (source.origin.to_string(), source.index);
        match self.content.get(&place) {
            Some(bytes) => Content::Opened(bytes.clone()),
            None => Content::Awaited,
        }
    }

    fn next(&self, who: &'static str) -> Option<Next> {
        let check = id("p");
        self.talk_of(who)
            .next(&self.world.picture.private_check(&check).unwrap())
    }

    /// Lets both nodes say what they have to say.
    fn talk(&mut self) {
        let mut is_silent = false;
        while !is_silent {
            is_silent = true;
            for (who, with) in [("US", "RU"), ("RU", "US")] {
                let Some(next) = self.next(who) else {
                    continue;
                };
                is_silent = false;
                match next {
                    Next::Message(number, bytes) => {
                        let body = message(number, with);
                        self.says(who, "system", "private_check_message", body, Some(bytes));
                    }
                    Next::Conclude(found) => {
                        let body = json!({"found": found.wire_name()});
                        self.says(who, "system", "private_check_concluded", body, None);
                    }
                    Next::BreakOff(fault) => {
                        let body = json!({"reason": fault.to_string()});
                        self.says(who, "system", "private_check_broken_off", body, None);
                    }
                }
            }
        }
    }
}

#[test]
fn two_sides_come_to_one_answer_though_each_is_made_anew_for_every_step() {
    let ours = vec![
        leg([(35.0, 36.0), (35.1, 36.2)]),
        leg([(36.0, 38.0), (36.2, 38.0)]),
    ];
    let theirs = vec![leg([(35.1, 36.0), (35.0, 36.2)])];
    let mut table = Table::new(ours, theirs.clone());
    table.talk();
    assert_eq!(state(&table.world), "comparing");
    assert!(matches!(
        table.talk_of("US").outcome(),
        Some(Learnt::Common { count }) if *count > 0
    ));
    table.says(
        "RU:kostya",
        "consenter",
        "private_check_consented",
        json!({}),
        None,
    );
    table.talk();
    assert_eq!(state(&table.world), "consenting", "one is not both");
    table.says(
        "US:kate",
        "consenter",
        "private_check_consented",
        json!({}),
        None,
    );
    table.talk();
    assert_eq!(state(&table.world), "close");
    let Some(Learnt::Shown { plans, legs, .. }) = table.talk_of("US").outcome().cloned() else {
        panic!("legs were shown")
    };
    assert_eq!((plans, legs), (vec![0], theirs.concat()));
}

/// Consents that cross stand in another order once both are held: what was taken in before is taken in anew.
#[test]
fn an_entry_that_belongs_before_others_is_taken_in_where_it_belongs() {
    let consents = |first: (&str, &str), second: Option<(&str, &str)>| {
        let ours = vec![leg([(35.0, 36.0), (35.1, 36.2)])];
        let theirs = vec![leg([(35.1, 36.0), (35.0, 36.2)])];
        let mut table = Table::new(ours, theirs);
        table.talk();
        for (who, role) in [Some(first), second].into_iter().flatten() {
            table.says(who, role, "private_check_consented", json!({}), None);
        }
        table
    };
    let (ours, theirs) = (("US:kate", "consenter"), ("RU:kostya", "consenter"));
    for (own, other, who) in [(ours, theirs, "US"), (theirs, ours, "RU")] {
        let before = consents(own, None);
        let mut talk = before.talk_of(who);
        assert_eq!(before.next(who), None);
        let after = consents(other, Some(own));
        let check = id("p");
        let file = after.world.picture.private_check(&check).unwrap();
        talk.follow(&file, |said| after.content_of(said));
        assert_eq!(talk.fault(), None);
        assert_eq!(talk.next(&file), after.next(who));
        // And back to a record that is older than what was taken in.
        let older = before.world.picture.private_check(&check).unwrap();
        talk.follow(&older, |said| before.content_of(said));
        assert_eq!(talk.fault(), None);
    }
}

/// A secret that is not the one the record follows from finds nothing: what it would find is wrong.
#[test]
fn a_side_with_another_secret_than_its_commitments_ends_the_session() {
    let ours = vec![leg([(35.0, 36.0), (35.1, 36.2)])];
    let theirs = vec![leg([(35.1, 36.0), (35.0, 36.2)])];
    let mut table = Table::new(ours, theirs);
    let secret = table.secrets.get_mut("RU").unwrap();
    secret.seed = [3; 32];
    assert_eq!(
        table.next("RU"),
        Some(Next::BreakOff(CheckFault::OtherSecret))
    );
}

#[test]
fn sides_with_plans_far_apart_end_at_the_number_zero() {
    let mut table = Table::new(
        vec![leg([(36.0, 38.0), (36.2, 38.0)])],
        vec![leg([(35.1, 36.0), (35.0, 36.2)])],
    );
    table.talk();
    assert_eq!(state(&table.world), "apart");
    let check = id("p");
    let file = table.world.picture.private_check(&check).unwrap();
    assert_eq!(file.found(true), Some(Found::Apart));
    assert_eq!(file.messages(), (2, 1));
}

#[test]
fn a_side_that_sends_noise_is_told_off_with_what_it_did() {
    let mut table = Table::new(
        vec![leg([(36.0, 38.0), (36.2, 38.0)])],
        vec![leg([(35.1, 36.0), (35.0, 36.2)])],
    );
    let noise = Some(b"noise".to_vec());
    table.says(
        "US",
        "system",
        "private_check_message",
        message(1, "RU"),
        noise,
    );
    let Some(Next::BreakOff(fault)) = table.next("RU") else {
        panic!("it ends")
    };
    assert_eq!(fault.to_string(), "a message is not in its form");
    let outcome = table.world.say(
        "RU",
        "system",
        "private_check_broken_off",
        "p",
        json!({"reason": fault.to_string()}),
    );
    assert!(matches!(outcome, Outcome::Effective(_)));
    assert_eq!(state(&table.world), "broken_off");
}
