//! What restrains: protected objects, movements, areas, suspension and withdrawal.

use detente_records::Status;
use serde_json::{Value, json};

use crate::shapes::{area, building, convoy, hospital, proposal};
use crate::world::{ARTICLES, World, at, dossier_under, holder, id};

const PLACE: (f64, f64) = (36.6, 35.9);
const FAR: (f64, f64) = (38.6, 35.9);

fn with_hospital() -> World {
    let mut world = World::new();
    world.does(
        "UN:clara",
        "notifier",
        "object_submitted",
        "h1",
        hospital("h1", PLACE),
    );
    world
}

fn version(number: u32) -> Value {
    json!({ "version": number })
}

/// Whether a strike at the place would be refused for what is protected there.
fn is_protected(world: &mut World, place: (f64, f64)) -> bool {
    let name = format!("probe-{}", world.picture.applied());
    let outcome = world.say(
        "US:anna",
        "planner",
        "operation_proposed",
        &name,
        proposal(&name, "US", "strike", place),
    );
    matches!(outcome, detente_node::picture::Outcome::Ineffective(refusal) if refusal.to_string().contains("hospital"))
}

fn object_state(world: &World, subject: &str) -> &'static str {
    let picture = world.picture.at(world.now);
    picture
        .protected_object(&id(subject))
        .unwrap()
        .matter
        .course
        .state
}

#[test]
fn a_notified_object_is_protected_before_anybody_acknowledged_it() {
    assert!(is_protected(&mut with_hospital(), PLACE));
}

#[test]
fn no_second_person_is_the_first() {
    let mut world = with_hospital();
    let check = || json!({"version": 1, "checks": ["datum", "footprint"]});
    let refusal = world.refused("UN:clara", "notifier", "object_validated", "h1", check());
    assert!(refusal.contains("not the person"), "{refusal}");
    world.does("UN:dora", "notifier", "object_validated", "h1", check());
    assert_eq!(object_state(&world, "h1"), "validated");
}

#[test]
fn a_stale_object_is_still_protected() {
    let mut world = World::new();
    let mut body = hospital("h1", PLACE);
    body["review_by"] = json!("2016-09-14T00:00:00Z");
    world.does("UN:clara", "notifier", "object_submitted", "h1", body);
    world.does(
        "UN:dora",
        "notifier",
        "object_validated",
        "h1",
        json!({"version": 1, "checks": ["datum"]}),
    );
    let release = json!({"version": 1, "recipients": ["US"], "precision": "exact"});
    world.does("UN:clara", "notifier", "object_released", "h1", release);
    world.now = at(18, 0, 0);
    assert_eq!(object_state(&world, "h1"), "review_overdue");
    let file = world.picture.protected_object(&id("h1")).unwrap();
    assert!(file.is_stale(world.now));
    assert!(is_protected(&mut world, PLACE));
}

#[test]
fn a_contested_object_is_still_protected_and_the_count_shows() {
    let mut world = with_hospital();
    let release = json!({"version": 1, "recipients": ["US"], "precision": "exact"});
    world.does("UN:clara", "notifier", "object_released", "h1", release);
    let claim = json!({"claim": "It is a depot.", "evidence": []});
    world.refused(
        "RU:oleg",
        "watch_officer",
        "object_contested",
        "h1",
        claim.clone(),
    );
    world.does("US:bob", "watch_officer", "object_contested", "h1", claim);
    assert!(is_protected(&mut world, PLACE));
    let counts = world.picture.submissions();
    let count = counts.get(&holder("UN")).unwrap();
    assert_eq!(
        (count.submitted, count.validated, count.contested),
        (1, 0, 1)
    );
    let answer = json!({"text": "It is a hospital.", "evidence": []});
    world.does("UN:clara", "notifier", "contest_answered", "h1", answer);
    assert_eq!(
        world
            .picture
            .submissions()
            .get(&holder("UN"))
            .unwrap()
            .contested,
        0
    );
}

#[test]
fn protection_ends_with_the_grace_of_a_revocation_and_not_before() {
    let mut world = with_hospital();
    let past = json!({"at": "2016-09-01T00:00:00Z", "grace_ends": "2016-09-30T00:00:00Z", "reason": "Moved."});
    world.refused("UN:clara", "notifier", "object_revoked", "h1", past);
    let revoke = json!({"at": "2016-09-14T00:00:00Z", "grace_ends": "2016-09-20T04:00:00Z", "reason": "Moved."});
    world.refused("US:bob", "notifier", "object_revoked", "h1", revoke.clone());
    world.does("UN:clara", "notifier", "object_revoked", "h1", revoke);
    world.now = at(15, 0, 0);
    // The strike of the 20th begins before the grace is over.
    assert!(is_protected(&mut world, PLACE));
    world.now = at(20, 4, 1);
    assert_eq!(object_state(&world, "h1"), "revoked");
}

#[test]
fn an_amended_place_is_protected_beside_the_former_until_it_is_validated() {
    let mut world = with_hospital();
    let amended = json!({
        "feature": building("h1", FAR), "version": 2, "measured_how": "survey", "reason": "Measured anew.",
    });
    world.does("UN:clara", "notifier", "object_amended", "h1", amended);
    assert!(is_protected(&mut world, FAR));
    assert!(is_protected(&mut world, PLACE));
    world.does(
        "UN:dora",
        "notifier",
        "object_validated",
        "h1",
        json!({"version": 2, "checks": ["datum"]}),
    );
    assert!(is_protected(&mut world, FAR));
    assert!(!is_protected(&mut world, PLACE));
}

#[test]
fn every_version_that_no_validated_one_replaced_stays_protected_from_when_the_first_was() {
    let mut world = with_hospital();
    let amended = |number: u32, place: (f64, f64)| {
        let mut feature = building("h1", place);
        // What begins later takes nothing back either.
        feature["properties"]["start"] = json!("2017-09-01T00:00:00Z");
        json!({"feature": feature, "version": number, "measured_how": "survey", "reason": "Measured anew."})
    };
    let validated = |number: u32| json!({"version": number, "checks": ["datum"]});
    let between = (37.6, 35.9);
    for (number, place) in [(2, between), (3, FAR)] {
        let kind = "object_amended";
        world.does("UN:clara", "notifier", kind, "h1", amended(number, place));
    }
    for place in [PLACE, between, FAR] {
        assert!(is_protected(&mut world, place), "{place:?}");
    }
    let kind = "object_validated";
    world.does("UN:dora", "notifier", kind, "h1", validated(3));
    assert!(is_protected(&mut world, FAR));
    assert!(!is_protected(&mut world, PLACE) && !is_protected(&mut world, between));
    // Nobody amends without end while nobody looks.
    for number in 4..=19 {
        let kind = "object_amended";
        world.does("UN:clara", "notifier", kind, "h1", amended(number, FAR));
    }
    let refusal = world.refused(
        "UN:clara",
        "notifier",
        "object_amended",
        "h1",
        amended(20, FAR),
    );
    assert_eq!(
        refusal,
        "16 versions before the newest stand protected: validate the newest, which takes their place"
    );
}

#[test]
fn an_object_lapses_only_by_an_end_stated_at_the_start() {
    let mut world = World::new();
    let mut body = hospital("h1", PLACE);
    body["explicit_end"] = json!("2016-09-14T00:00:00Z");
    world.does("UN:clara", "notifier", "object_submitted", "h1", body);
    assert!(
        !is_protected(&mut world, PLACE),
        "the strike comes after the end"
    );
    world.now = at(14, 0, 0);
    assert_eq!(object_state(&world, "h1"), "lapsed");
}

#[test]
fn an_observer_notifies_only_with_the_function_to() {
    let mut world = World::new();
    let refusal = world.refused(
        "OSCE:emil",
        "notifier",
        "object_submitted",
        "h1",
        hospital("h1", PLACE),
    );
    assert!(refusal.contains("function"), "{refusal}");
}

#[test]
fn each_recipient_climbs_its_own_ladder_and_there_is_no_approval_on_it() {
    let mut world = with_hospital();
    // What everybody reads exactly is not called coarse.
    let release =
        |precision: &str| json!({"version": 1, "recipients": ["US", "RU"], "precision": precision});
    let refusal = world.refused(
        "UN:clara",
        "notifier",
        "object_released",
        "h1",
        release("coarse"),
    );
    assert!(
        refusal.contains("reads exactly where it stands"),
        "{refusal}"
    );
    let release = release("exact");
    world.does("UN:clara", "notifier", "object_released", "h1", release);
    world.does(
        "US:bob",
        "watch_officer",
        "object_received",
        "h1",
        version(1),
    );
    world.does(
        "US:bob",
        "watch_officer",
        "object_loaded",
        "h1",
        json!({"version": 1, "systems": []}),
    );
    world.does(
        "RU:oleg",
        "watch_officer",
        "object_rejected",
        "h1",
        json!({"version": 1, "reason": "No datum."}),
    );
    let file = world.picture.protected_object(&id("h1")).unwrap();
    let state = |name: &str| file.deliveries.get(&holder(name)).unwrap().course.state;
    assert_eq!((state("US"), state("RU")), ("loaded", "rejected"));
    // Whoever did not get it shows by not being there.
    assert!(!file.deliveries.contains_key(&holder("OSCE")));
    let refusal = world.refused(
        "UN:clara",
        "watch_officer",
        "object_received",
        "h1",
        version(1),
    );
    assert!(refusal.contains("acknowledgement"), "{refusal}");
}

#[test]
fn a_convoy_on_its_way_is_protected_whatever_its_window_said() {
    let mut world = World::new();
    world.does(
        "UN:clara",
        "notifier",
        "movement_notified",
        "aid",
        convoy("aid", PLACE),
    );
    for who in ["US:bob", "RU:oleg"] {
        world.does(
            who,
            "watch_officer",
            "movement_acknowledged",
            "aid",
            version(1),
        );
    }
    world.now = at(20, 8, 0);
    world.does(
        "UN:clara",
        "notifier",
        "movement_departed",
        "aid",
        json!({"at": "2016-09-20T08:00:00Z"}),
    );
    world.does(
        "UN:clara",
        "notifier",
        "movement_leg_reached",
        "aid",
        json!({"leg": 1, "at": "2016-09-20T09:00:00Z"}),
    );
    world.refused(
        "UN:clara",
        "notifier",
        "movement_leg_reached",
        "aid",
        json!({"leg": 3, "at": "2016-09-20T09:00:00Z"}),
    );
    // Hours after the end of its window it has not arrived.
    world.now = at(20, 20, 0);
    assert_eq!(world.picture.at(world.now).things().movements().count(), 1);
    let movement = world
        .picture
        .things()
        .movements()
        .next()
        .unwrap()
        .volume
        .window;
    assert_eq!(movement.end(), None);
    world.does(
        "UN:clara",
        "notifier",
        "movement_arrived",
        "aid",
        json!({"at": "2016-09-20T20:00:00Z"}),
    );
    world.does("UN:clara", "notifier", "movement_closed", "aid", json!({}));
    assert_eq!(world.picture.things().movements().count(), 0);
}

#[test]
fn a_convoy_whose_way_changes_under_way_is_protected_on_both() {
    let mut world = World::new();
    let (who, role) = ("UN:clara", "notifier");
    world.does(who, role, "movement_notified", "aid", convoy("aid", PLACE));
    world.now = at(20, 1, 0);
    let departed = json!({"at": "2016-09-20T01:00:00Z"});
    world.does(who, role, "movement_departed", "aid", departed);
    let leg = |number: u32| json!({"leg": number, "at": "2016-09-20T02:00:00Z"});
    world.now = at(20, 2, 0);
    world.does(who, role, "movement_leg_reached", "aid", leg(1));
    let mut changed = convoy("aid", FAR);
    changed.as_object_mut().unwrap().remove("lead_time_class");
    changed["version"] = json!(2);
    changed["reason"] = json!("The road is cut.");
    world.does(who, role, "movement_changed", "aid", changed);
    let ways = |world: &World| -> Vec<String> {
        let picture = world.picture.at(world.now);
        let movements = picture.things().movements();
        movements.map(|movement| movement.id.to_string()).collect()
    };
    assert_eq!(ways(&world), ["aid", "aid v1"]);
    // The legs are those of the new way.
    world.does(who, role, "movement_leg_reached", "aid", leg(1));
    let arrived = json!({"at": "2016-09-20T02:00:00Z"});
    world.does(who, role, "movement_arrived", "aid", arrived);
    world.does(who, role, "movement_closed", "aid", json!({}));
    assert!(ways(&world).is_empty());
}

#[test]
fn loosening_an_area_takes_everyone_and_until_then_both_hold() {
    let mut world = World::new();
    let zone = json!({"feature": area("zone", "designated_area", PLACE)});
    world.does("RU:igor", "consenter", "area_established", "zone", zone);
    let moved = json!({"feature": area("zone", "designated_area", FAR), "version": 2});
    world.does("RU:igor", "consenter", "area_changed", "zone", moved);
    assert_eq!(world.picture.things().areas().count(), 2);
    world.refused(
        "RU:igor",
        "consenter",
        "area_change_agreed",
        "zone",
        version(2),
    );
    world.does(
        "US:anna",
        "consenter",
        "area_change_agreed",
        "zone",
        version(2),
    );
    assert_eq!(world.picture.things().areas().count(), 1);
    let file = world.picture.area(&id("zone")).unwrap();
    assert_eq!((file.version, file.matter.course.state), (2, "standing"));
}

#[test]
fn what_an_area_adds_holds_at_once() {
    let mut world = World::new();
    let zone = json!({"feature": area("zone", "designated_area", PLACE)});
    world.does("RU:igor", "consenter", "area_established", "zone", zone);
    let mut feature = area("zone", "designated_area", PLACE);
    feature["properties"]["start"] = json!("2016-09-01T00:00:00Z");
    world.does(
        "US:anna",
        "consenter",
        "area_changed",
        "zone",
        json!({"feature": feature, "version": 2}),
    );
    let file = world.picture.area(&id("zone")).unwrap();
    assert_eq!((file.version, file.matter.course.state), (2, "standing"));
}

#[test]
fn an_area_opens_nothing_before_everyone_has_agreed_to_it() {
    let articles = format!(
        "{ARTICLES}\n@id(\"ways\") @article(\"5\") @title(\"Transit keeps to corridors\") @consequence(\"none\")\n\
        forbid (principal, action == Detente::Action::\"transit\", resource is Detente::Airspace)\n\
        unless {{ context.measures.contains(Detente::MeasureKind::\"corridor\") }};"
    );
    let mut world = World::of(Some(dossier_under("", "", &articles)));
    let mut way = area("way", "corridor", PLACE);
    way["properties"]["consent_of"] = json!(["US"]);
    let transit = |id: &str| proposal(id, "US", "transit", PLACE);
    let established = json!({ "feature": way });
    world.does(
        "US:anna",
        "consenter",
        "area_established",
        "way",
        established,
    );
    let refusal = world.refused(
        "US:anna",
        "planner",
        "operation_proposed",
        "op",
        transit("op"),
    );
    assert!(refusal.contains("way opens nothing"), "{refusal}");
    // Whoever has agreed already adds nothing by saying so again.
    world.does(
        "US:anna",
        "consenter",
        "area_change_agreed",
        "way",
        version(1),
    );
    world.refused(
        "US:anna",
        "planner",
        "operation_proposed",
        "op",
        transit("op"),
    );
    world.refused(
        "RU:igor",
        "consenter",
        "area_change_agreed",
        "way",
        version(2),
    );
    world.does(
        "RU:igor",
        "consenter",
        "area_change_agreed",
        "way",
        version(1),
    );
    world.does(
        "US:anna",
        "planner",
        "operation_proposed",
        "op",
        transit("op"),
    );
    assert_eq!(world.operation_state("op"), "consented");
    // A longer time would let more through here, where it only adds a restraint elsewhere.
    way["properties"]["start"] = json!("2016-09-01T00:00:00Z");
    let longer = json!({"feature": way, "version": 2});
    world.does("US:anna", "consenter", "area_changed", "way", longer);
    let file = world.picture.area(&id("way")).unwrap();
    assert_eq!(
        (file.version, file.matter.course.state),
        (1, "loosening_proposed")
    );
    world.does(
        "RU:igor",
        "consenter",
        "area_change_agreed",
        "way",
        version(2),
    );
    assert_eq!(world.operation_state("op"), "consented");
    let suspend =
        json!({"scope": {"area": "way"}, "at": "2016-09-15T00:00:00Z", "reason": "Mist."});
    world.does("RU:igor", "consenter", "suspension_notified", "s1", suspend);
    world.now = at(15, 0, 0);
    assert_eq!(world.operation_state("op"), "recheck_required");
}

#[test]
fn an_area_is_given_up_by_everyone_or_not_at_all() {
    let mut world = World::new();
    let zone = json!({"feature": area("zone", "designated_area", PLACE)});
    world.does("RU:igor", "consenter", "area_established", "zone", zone);
    world.does(
        "RU:igor",
        "consenter",
        "area_cancelled",
        "zone",
        json!({"reason": "Quiet."}),
    );
    assert_eq!(world.picture.things().areas().count(), 1);
    world.does(
        "US:anna",
        "consenter",
        "area_change_dropped",
        "zone",
        json!({}),
    );
    assert_eq!(world.picture.things().areas().count(), 1);
    world.does(
        "RU:igor",
        "consenter",
        "area_cancelled",
        "zone",
        json!({"reason": "Quiet."}),
    );
    world.does(
        "US:anna",
        "consenter",
        "area_change_agreed",
        "zone",
        json!({}),
    );
    assert_eq!(world.picture.things().areas().count(), 0);
}

#[test]
fn a_suspension_takes_effect_at_its_instant_and_the_safety_floor_survives_it() {
    let mut world = with_hospital();
    world.does(
        "UN:clara",
        "notifier",
        "movement_notified",
        "aid",
        convoy("aid", PLACE),
    );
    world.does(
        "US:anna",
        "planner",
        "operation_proposed",
        "op",
        proposal("op", "US", "transit", FAR),
    );
    let suspend = json!({"scope": "all", "at": "2016-09-15T00:00:00Z", "reason": "Too much."});
    world.does("RU:igor", "consenter", "suspension_notified", "s1", suspend);
    assert_eq!(world.operation_state("op"), "consented");
    world.now = at(15, 0, 0);
    assert_eq!(world.operation_state("op"), "recheck_required");
    let suspended = world.picture.at(world.now);
    assert_eq!(suspended.agreement().unwrap().status, Status::Suspended);
    let (objects, movements) = (
        suspended.things().protected().count(),
        suspended.things().movements().count(),
    );
    assert_eq!((objects, movements), (1, 1));
    drop(suspended);
    // Notices, the line and the ledger go on.
    world.does(
        "UN:clara",
        "notifier",
        "object_submitted",
        "h2",
        hospital("h2", FAR),
    );
    world.does(
        "US:bob",
        "watch_officer",
        "call_rung",
        "c1",
        json!({"line": "hotline", "to": "RU"}),
    );
    world.does(
        "RU:igor",
        "consenter",
        "resumption_proposed",
        "s1",
        json!({"at": "2016-09-15T06:00:00Z"}),
    );
    world.refused(
        "RU:igor",
        "consenter",
        "resumption_agreed",
        "s1",
        json!({"at": "2016-09-15T06:00:00Z"}),
    );
    world.does(
        "US:anna",
        "consenter",
        "resumption_agreed",
        "s1",
        json!({"at": "2016-09-15T06:00:00Z"}),
    );
    let resumed = world.picture.at(at(15, 6, 0));
    assert_eq!(resumed.agreement().unwrap().status, Status::InForce);
}

#[test]
fn a_suspended_area_is_closed_and_a_suspended_article_permits_nothing() {
    let mut world = World::new();
    let zone = json!({"feature": area("zone", "designated_area", PLACE)});
    world.does("RU:igor", "consenter", "area_established", "zone", zone);
    let now = |world: &World| {
        world
            .now
            .plus(detente_spacetime::Span::from_micros(60_000_000))
            .unwrap()
            .to_string()
    };
    let soon = now(&world);
    let suspend = json!({"scope": {"area": "zone"}, "at": soon, "reason": "Disputed."});
    world.does("US:anna", "consenter", "suspension_notified", "s1", suspend);
    let refusal = world.refused(
        "US:anna",
        "planner",
        "operation_proposed",
        "op",
        proposal("op", "US", "transit", PLACE),
    );
    assert!(refusal.contains("zone"), "{refusal}");
    world.does(
        "US:anna",
        "planner",
        "operation_proposed",
        "far",
        proposal("far", "US", "transit", FAR),
    );
    let soon = now(&world);
    let suspend = json!({"scope": {"article": "1"}, "at": soon, "reason": "Disputed."});
    world.does("US:anna", "consenter", "suspension_notified", "s2", suspend);
    assert_eq!(world.operation_state("far"), "recheck_required");
}

#[test]
fn a_withdrawal_ends_the_agreement_and_not_the_protection() {
    let mut world = with_hospital();
    world.does(
        "US:anna",
        "planner",
        "operation_proposed",
        "op",
        proposal("op", "US", "transit", FAR),
    );
    let leave = json!({"at": "2016-09-16T00:00:00Z", "reason": "Enough."});
    world.does("RU:igor", "consenter", "withdrawal_notified", "w1", leave);
    assert_eq!(world.operation_state("op"), "consented");
    world.now = at(16, 0, 0);
    assert_eq!(world.operation_state("op"), "recheck_required");
    let after = world.picture.at(world.now);
    assert_eq!(after.agreement().unwrap().status, Status::Ended);
    assert_eq!(after.things().protected().count(), 1);
}

#[test]
fn a_pause_is_an_area_nobody_enters_for_a_while() {
    let mut world = World::new();
    world.does(
        "US:anna",
        "planner",
        "operation_proposed",
        "op",
        proposal("op", "US", "transit", PLACE),
    );
    let mut feature = area("pause", "prohibited_area", PLACE);
    feature["properties"]["end"] = json!("2016-09-21T00:00:00Z");
    let pause = json!({"feature": feature, "purpose": "Aid"});
    world.does("UN:clara", "notifier", "pause_declared", "pause", pause);
    assert_eq!(world.operation_state("op"), "recheck_required");
    world.now = at(21, 0, 0);
    assert_eq!(world.picture.at(world.now).things().areas().count(), 0);
}

#[test]
fn an_article_that_keeps_a_distance_of_its_own_is_asked_about_every_object_within_a_hundred_kilometres()
 {
    // The operation reaches 1.1 km north of its place, and a degree of latitude has 111 km there.
    let north = |kilometres: f64| (PLACE.0, PLACE.1 + 0.01 + kilometres / 110.95);
    let refused_under = |articles: &str, kilometres: f64| {
        let mut world = World::of(Some(dossier_under("", "", articles)));
        let there = hospital("h1", north(kilometres));
        world.does("UN:clara", "notifier", "object_submitted", "h1", there);
        let plan = proposal("op", "US", "strike", PLACE);
        let outcome = world.say("US:anna", "planner", "operation_proposed", "op", plan);
        matches!(outcome, detente_node::picture::Outcome::Ineffective(_))
    };
    let keeping = |metres: u32| {
        let article = r#"
            @id("afar") @article("9") @title("Strikes keep away from what is protected") @consequence("none")
            forbid (principal, action in Detente::Action::"combat", resource is Detente::ProtectedObject)
            when { context.distanceM < METRES };"#;
        format!(
            "{ARTICLES}{}",
            article.replace("METRES", &metres.to_string())
        )
    };
    for (metres, kilometres, refused) in [
        (50_000, 49.0, true),
        (50_000, 51.0, false),
        (200_000, 98.0, true),
        // Beyond that nothing is looked for.
        (200_000, 102.0, false),
    ] {
        let found = refused_under(&keeping(metres), kilometres);
        assert_eq!(found, refused, "{metres} m kept, {kilometres} km away");
    }
    assert!(!refused_under(ARTICLES, 2.0), "and no other article asks");
}
