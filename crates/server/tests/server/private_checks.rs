//! Private checks between real nodes: what each learns, when, and that nothing else leaves; restarts in the middle, peers that
//! say nothing, nonsense or lies.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use detente_ledger::hash::Hash;
use detente_node::node::Command;
use detente_records::RecordId;
use detente_records::act::{Act, Kind};
use detente_sharing::Author;
use detente_sharing::private_check::{
    Commitment, Complaint, Disclosure, Leg, Message, Role, Sent, Terms, audit, wrapped,
};
use serde_json::{Value, json};

use crate::reports::{contains, listen, logged};
use crate::world::{Member, World};

/// A corridor of 100 m, for five minutes.
fn plan(name: &str, line: [[f64; 2]; 2], lower_m: u32) -> Value {
    json!({
        "type": "Feature", "id": name,
        "geometry": {"type": "LineString", "coordinates": line},
        "properties": {
            "half_width_m": 50,
            "lower": {"value": lower_m, "unit": "m", "reference": "W84"},
            "upper": {"value": lower_m + 50, "unit": "m", "reference": "W84"},
            "start": "2030-09-12T16:00:00Z", "end": "2030-09-12T16:05:00Z",
        },
    })
}

fn collection(plans: &[Value]) -> Value {
    json!({"type": "FeatureCollection", "features": plans})
}

const CROSSING: [[f64; 2]; 2] = [[36.0, 35.0], [36.2, 35.1]];
const FAR: [[f64; 2]; 2] = [[38.0, 36.0], [38.0, 36.2]];

fn ours() -> Value {
    collection(&[
        plan("Xochiquetzal", CROSSING, 3_000),
        plan("Tezcatlipoca", FAR, 3_000),
    ])
}

fn theirs() -> Value {
    collection(&[plan("Huitzilopochtli", [[36.0, 35.1], [36.2, 35.0]], 3_020)])
}

async fn ask(
    node: &Member,
    who: &str,
    method: &str,
    path: &str,
    body: Option<&Value>,
) -> (u16, Value) {
    let answer = node.ask(Some(who), method, path, &[], body).await;
    let said = serde_json::from_slice(&answer.body).unwrap_or(Value::Null);
    (answer.status.as_u16(), said)
}

/// Proposes a check to a holder; returns its id.
async fn propose(node: &Member, with: &str, plans: &Value) -> String {
    let wish = json!({"with": with, "plans": plans});
    let (status, said) = ask(
        node,
        "planner",
        "post",
        "/api/v1/private-checks",
        Some(&wish),
    )
    .await;
    assert_eq!(status, 201, "{said}");
    said["check"].as_str().unwrap().to_owned()
}

async fn answer(node: &Member, with: &str, check: &str, plans: &Value) {
    stands(node, check, "proposed").await;
    let wish = json!({"with": with, "plans": plans, "answers": check});
    let path = "/api/v1/private-checks";
    let (status, said) = ask(node, "watch_officer", "post", path, Some(&wish)).await;
    assert_eq!(status, 201, "{said}");
}

async fn stands(node: &Member, check: &str, state: &'static str) {
    let id = RecordId::parse(check).unwrap();
    let handle = node.house.handle();
    let reached = handle.wait_for(|view| {
        let file = view.picture.private_check(&id);
        file.is_some_and(|file| file.matter.course.state == state)
    });
    tokio::time::timeout(std::time::Duration::from_secs(120), reached)
        .await
        .unwrap()
        .unwrap();
}

async fn shown(node: &Member, check: &str) -> Value {
    let path = format!("/api/v1/private-checks/{check}");
    let (status, said) = ask(node, "planner", "get", &path, None).await;
    assert_eq!(status, 200, "{said}");
    said
}

/// Waits until a node knows how many coarse cells are common, and everybody could consent.
async fn counted(node: &Member, check: &str) -> Value {
    let id = RecordId::parse(check).unwrap();
    let handle = node.house.handle();
    let reached = handle.wait_for(|view| {
        let file = view.picture.private_check(&id);
        file.is_some_and(|file| file.messages() == (2, 1))
    });
    reached.await.unwrap();
    loop {
        let shown = shown(node, check).await;
        if shown["knows"]["state"] != "nothing" {
            return shown;
        }
        let version = node.house.handle().view().version;
        let next = node.house.handle();
        next.wait_for(|view| view.version > version).await.unwrap();
    }
}

async fn consent(node: &Member, check: &str) -> (u16, Value) {
    let act = json!({"kind": "private_check_consented", "subject": check, "role": "consenter"});
    ask(node, "consenter", "post", "/api/v1/acts", Some(&act)).await
}

async fn consents(node: &Member, check: &str) {
    let (status, said) = consent(node, check).await;
    assert_eq!(status, 201, "{said}");
}

/// What a node shows of a session for an audit: terms, commitments by part, and what was said, opened.
struct Shown {
    terms: Terms,
    commitments: (Commitment, Commitment),
    said: Vec<(bool, Message)>,
    raw: Vec<Vec<u8>>,
}

async fn record(node: &Member, check: &str) -> Shown {
    let path = format!("/api/v1/private-checks/{check}/record");
    let (status, said) = ask(node, "auditor", "get", &path, None).await;
    assert_eq!(status, 200, "{said}");
    let number = |name: &str| u32::try_from(said["terms"][name].as_u64().unwrap()).unwrap();
    let terms = Terms {
        agreement: Hash::from_hex(said["terms"]["agreement_sha256"].as_str().unwrap()).unwrap(),
        separation_m: number("separation_m"),
        vertical_m: number("vertical_m"),
        time_s: number("time_s"),
        cells_max: number("cells_max"),
        finest: u8::try_from(number("finest")).unwrap(),
    };
    let (mut commitments, mut messages, mut raw) = (Vec::new(), Vec::new(), Vec::new());
    for one in said["said"].as_array().unwrap() {
        let by_initiator = one["by"] == "initiator";
        let bytes = one["bytes"]
            .as_str()
            .map(|text| STANDARD.decode(text).unwrap());
        raw.extend(bytes.clone());
        match (one["what"].as_str().unwrap(), bytes) {
            ("commitment", Some(bytes)) => {
                commitments.push(Commitment::from_bytes(&bytes).unwrap())
            }
            ("message", Some(bytes)) => {
                messages.push((by_initiator, Message::from_bytes(&bytes).unwrap()));
            }
            _ => messages.push((by_initiator, Message::Consent)),
        }
    }
    let [initiator, responder] = commitments.as_slice() else {
        unreachable!("two commitments")
    };
    Shown {
        terms,
        commitments: (initiator.clone(), responder.clone()),
        said: messages,
        raw,
    }
}

async fn disclosed(node: &Member, check: &str) -> Disclosure {
    let path = format!("/api/v1/private-checks/{check}/disclosure");
    let (status, said) = ask(node, "auditor", "get", &path, None).await;
    assert_eq!(status, 200, "{said}");
    let legs = said["secret"]["legs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|plan| {
            let legs = plan.as_array().unwrap().iter();
            legs.map(|leg| {
                Leg::from_bytes(&STANDARD.decode(leg.as_str().unwrap()).unwrap()).unwrap()
            })
            .collect()
        });
    let seed = STANDARD
        .decode(said["secret"]["seed"].as_str().unwrap())
        .unwrap();
    Disclosure {
        role: match said["role"].as_str().unwrap() {
            "initiator" => Role::Initiator,
            _ => Role::Responder,
        },
        seed: seed.try_into().unwrap(),
        plans: legs.collect(),
        declared: None,
    }
}

/// Audits a side with what another holds.
fn audited(shown: &Shown, disclosure: &Disclosure) -> Option<Complaint> {
    let is_initiator = disclosure.role == Role::Initiator;
    let (initiator, responder) = &shown.commitments;
    let commitments = match is_initiator {
        true => (initiator, responder),
        false => (responder, initiator),
    };
    let transcript: Vec<Sent> = shown
        .said
        .iter()
        .map(
            |(by_initiator, message)| match *by_initiator == is_initiator {
                true => Sent::Audited(message.clone()),
                false => Sent::Other(message.clone()),
            },
        )
        .collect();
    audit(disclosure, &shown.terms, commitments, &transcript)
}

/// Everything below a folder.
fn everything(folder: &std::path::Path) -> Vec<u8> {
    let mut bytes = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        match entry.file_type().unwrap().is_dir() {
            true => bytes.extend(everything(&entry.path())),
            // What a running node replaces may be gone by now.
            false => bytes.extend(std::fs::read(entry.path()).unwrap_or_default()),
        }
    }
    bytes
}

fn holds(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|found| found == part)
}

#[tokio::test(flavor = "multi_thread")]
async fn plans_that_come_close_are_found_by_consent_and_nothing_else_leaves() {
    listen();
    let world = World::open(3).await;
    let [us, ru, un] = world.nodes.as_slice() else {
        unreachable!()
    };
    let check = propose(us, "RU", &ours()).await;
    answer(ru, "US", &check, &theirs()).await;
    // Each knows a number, and no more: not even which plan of its own it is about.
    for node in [us, ru] {
        let seen = counted(node, &check).await;
        assert_eq!(seen["state"], "comparing");
        assert_eq!(seen["knows"]["state"], "common", "{seen}");
        assert!(seen["knows"]["common"].as_u64().unwrap() > 0);
        assert_eq!(seen["knows"]["plans"], json!([]));
    }
    consents(us, &check).await;
    stands(ru, &check, "consenting").await;
    // Nobody consents for the other side.
    let (status, said) = consent(us, &check).await;
    assert_eq!(status, 409, "{said}");
    consents(ru, &check).await;
    stands(us, &check, "close").await;
    stands(ru, &check, "close").await;
    let (ours_seen, theirs_seen) = (shown(us, &check).await, shown(ru, &check).await);
    for (seen, name) in [
        (&ours_seen, "Xochiquetzal"),
        (&theirs_seen, "Huitzilopochtli"),
    ] {
        assert_eq!(seen["knows"]["plans"], json!([name]), "{seen}");
        let [collision] = seen["knows"]["collisions"].as_array().unwrap().as_slice() else {
            panic!("one pair: {seen}")
        };
        assert_eq!(collision["overlap"], true);
        assert_eq!(collision["start"], "2030-09-12T16:00:00Z");
    }
    world.settle().await;
    // Who examines one side finds that everything it said follows from its seed and its plans.
    let examined = record(ru, &check).await;
    assert_eq!(audited(&examined, &disclosed(us, &check).await), None);
    let examined_by_us = record(us, &check).await;
    assert_eq!(audited(&examined_by_us, &disclosed(ru, &check).await), None);
    // The other side was shown the leg that comes close, and not one corner of the one that does not.
    let plans = disclosed(us, &check).await.plans;
    let corner = |plan: usize| plans[plan][0].to_bytes()[52..62].to_vec();
    let said = examined.raw.concat();
    assert!(holds(&said, &corner(0)));
    assert!(!holds(&said, &corner(1)));
    // Nothing of the plans is in what others hold, in the clear, and nobody else is given what is sealed.
    let kept_by_others = [everything(&world.data("RU")), everything(&world.data("UN"))];
    for bytes in &kept_by_others {
        for name in ["Xochiquetzal", "Tezcatlipoca"] {
            assert!(!contains(bytes, name), "{name}");
        }
        assert!(!holds(bytes, &corner(0)) && !holds(bytes, &corner(1)));
    }
    let logs = logged();
    for name in ["Xochiquetzal", "Tezcatlipoca", "Huitzilopochtli"] {
        assert!(!contains(&logs, name), "{name} was logged");
    }
    for blob in blobs(un, &check) {
        let handle = un.house.handle();
        assert!(
            !handle
                .look(move |node, _| node.holds_blob(blob))
                .await
                .unwrap()
        );
        for node in [us, ru] {
            let handle = node.house.handle();
            let may = handle.look(move |node, _| node.may_have("un.example/ledger", blob));
            assert!(!may.await.unwrap());
        }
    }
    // A holder that is no side of it finds no session to read.
    let path = format!("/api/v1/private-checks/{check}");
    assert_eq!(ask(un, "planner", "get", &path, None).await.0, 404);
    world.close().await;
}

/// The blobs that the acts of a session name, as any holder reads them.
fn blobs(node: &Member, check: &str) -> Vec<Hash> {
    let id = RecordId::parse(check).unwrap();
    let view = node.house.handle().view();
    let file = view.picture.private_check(&id).unwrap();
    let named = file
        .matter
        .lines
        .iter()
        .filter_map(|line| match &*line.act {
            Act::PrivateCheckProposed(act) => Some(act.sealed.blob.sha256),
            Act::PrivateCheckAnswered(act) => Some(act.sealed.blob.sha256),
            Act::PrivateCheckMessage(act) => Some(act.sealed.blob.sha256),
            _ => None,
        });
    let found: Vec<Hash> = named
        .map(|digest| Hash::from_bytes(*digest.bytes()))
        .collect();
    assert!(found.len() > 8, "{}", found.len());
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn plans_that_keep_apart_are_told_so_without_anybodys_consent() {
    let world = World::open(2).await;
    let [us, ru] = world.nodes.as_slice() else {
        unreachable!()
    };
    let check = propose(us, "RU", &collection(&[plan("transit", FAR, 3_000)])).await;
    answer(ru, "US", &check, &theirs()).await;
    for node in [us, ru] {
        stands(node, &check, "apart").await;
        let seen = shown(node, &check).await;
        assert_eq!(
            (&seen["knows"]["state"], &seen["knows"]["common"]),
            (&json!("apart"), &json!(0))
        );
        assert_eq!(
            (
                seen["us"]["consented"].as_bool(),
                seen["them"]["consented"].as_bool()
            ),
            (Some(false), Some(false))
        );
    }
    // There is nothing left to consent to.
    assert_eq!(consent(us, &check).await.0, 409);
    world.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_goes_on_after_either_node_was_restarted_in_the_middle_of_it() {
    let mut world = World::open(2).await;
    let check = propose(&world.nodes[0], "RU", &ours()).await;
    stands(&world.nodes[1], &check, "proposed").await;
    let us = world.leave(0).await;
    // The one side answers while the other is away.
    answer(&world.nodes[0], "US", &check, &theirs()).await;
    world.back(us).await;
    for node in &world.nodes {
        assert_eq!(counted(node, &check).await["knows"]["state"], "common");
    }
    let ru = world.leave(0).await;
    world.back(ru).await;
    for node in &world.nodes {
        let handle = node.house.handle();
        handle.wait_for(|view| view.is_confirmed).await.unwrap();
        assert_eq!(counted(node, &check).await["knows"]["state"], "common");
    }
    consents(&world.nodes[0], &check).await;
    stands(&world.nodes[1], &check, "consenting").await;
    world.close().await;
}

/// How many things are on record in a session, as a node holds it, and where it stands.
fn standing(node: &Member, check: &str) -> (usize, &'static str) {
    let view = node.house.handle().view();
    let id = RecordId::parse(check).unwrap();
    view.picture
        .private_check(&id)
        .map_or((0, "draft"), |file| {
            (file.matter.lines.len(), file.matter.course.state)
        })
}

/// Either node is restarted after every entry of a session, with the other one there and as far ahead as it can be by itself.
#[tokio::test(flavor = "multi_thread")]
async fn a_session_comes_to_its_end_though_a_node_is_restarted_after_every_entry() {
    let mut world = World::open(2).await;
    let check = propose(&world.nodes[0], "RU", &ours()).await;
    answer(&world.nodes[1], "US", &check, &theirs()).await;
    let (mut entries, mut restarts) = (2, 0);
    loop {
        // The node that was restarted last comes last.
        let node = &world.nodes[0];
        let handle = node.house.handle();
        let id = RecordId::parse(&check).unwrap();
        let seen = handle.wait_for(|view| {
            let file = view.picture.private_check(&id);
            view.is_confirmed
                && file.is_some_and(|file| {
                    let is_asked = file.messages() == (2, 1) && file.matter.lines.len() < 7;
                    is_asked || file.matter.lines.len() > entries || file.matter.course.is_over()
                })
        });
        let seen = tokio::time::timeout(std::time::Duration::from_secs(60), seen);
        seen.await.unwrap().unwrap();
        let (lines, state) = standing(node, &check);
        if state == "close" {
            break;
        }
        entries = lines.max(entries);
        if ["comparing", "consenting"].contains(&state) && lines >= 5 {
            let (status, said) = consent(node, &check).await;
            // It may have consented before, and not have heard yet that the other one did.
            assert!([201, 409].contains(&status), "{said}");
        }
        let absent = world.leave(0).await;
        world.back(absent).await;
        restarts += 1;
        assert!(restarts < 100, "{entries} entries, {state}");
    }
    assert!(restarts > 8, "{restarts}");
    for node in &world.nodes {
        stands(node, &check, "close").await;
        assert_eq!(shown(node, &check).await["knows"]["state"], "close");
    }
    world.close().await;
}

/// The one side consents while the other is away, which then consents before it has heard so: each sees the two consents in
/// another order than the one it took them in.
#[tokio::test(flavor = "multi_thread")]
async fn consents_that_cross_open_the_next_level_on_both_sides() {
    let mut world = World::open(2).await;
    let check = propose(&world.nodes[0], "RU", &ours()).await;
    answer(&world.nodes[1], "US", &check, &theirs()).await;
    for node in &world.nodes {
        counted(node, &check).await;
    }
    let ru = world.leave(1).await;
    consents(&world.nodes[0], &check).await;
    world.back(ru).await;
    let ru = &world.nodes[1];
    let confirmed = ru.house.handle();
    confirmed.wait_for(|view| view.is_confirmed).await.unwrap();
    consents(ru, &check).await;
    for node in &world.nodes {
        stands(node, &check, "close").await;
        assert_eq!(shown(node, &check).await["knows"]["fault"], Value::Null);
    }
    world.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn consent_that_is_refused_leaves_both_with_a_number() {
    let world = World::open(2).await;
    let [us, ru] = world.nodes.as_slice() else {
        unreachable!()
    };
    let check = propose(us, "RU", &ours()).await;
    answer(ru, "US", &check, &theirs()).await;
    counted(us, &check).await;
    counted(ru, &check).await;
    consents(us, &check).await;
    stands(ru, &check, "consenting").await;
    let act = json!({
        "kind": "private_check_broken_off", "subject": check, "role": "consenter",
        "body": {"reason": "Not this time."},
    });
    let (status, said) = ask(ru, "consenter", "post", "/api/v1/acts", Some(&act)).await;
    assert_eq!(status, 201, "{said}");
    for node in [us, ru] {
        stands(node, &check, "broken_off").await;
        let seen = shown(node, &check).await;
        assert_eq!(seen["knows"]["state"], "common");
        assert_eq!(seen["knows"]["plans"], json!([]));
    }
    world.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_side_that_kept_a_plan_back_is_caught_when_it_is_audited() {
    let world = World::open(2).await;
    let [us, ru] = world.nodes.as_slice() else {
        unreachable!()
    };
    let check = propose(us, "RU", &ours()).await;
    // It has the plan that crosses, and brings another one in its place.
    let lie = collection(&[plan("nothing", [[40.0, 33.0], [40.2, 33.0]], 3_000)]);
    answer(ru, "US", &check, &lie).await;
    stands(us, &check, "apart").await;
    let examined = record(us, &check).await;
    let mut disclosure = disclosed(ru, &check).await;
    assert_eq!(
        audited(&examined, &disclosure),
        None,
        "what it brought is consistent"
    );
    // Asked for the plans it had declared elsewhere, it cannot show them as those it was committed to.
    let declared = {
        let (volumes, _) =
            detente_formats::geojson::read_volumes("plans", &mut theirs().to_string().as_bytes());
        let leg = Leg::new(
            &volumes[0].volume,
            &detente_spacetime::VerticalAssumptions::default(),
        );
        vec![vec![leg.unwrap()]]
    };
    disclosure.declared = Some(declared.clone());
    assert_eq!(audited(&examined, &disclosure), Some(Complaint::Declared));
    disclosure.plans = declared;
    assert_eq!(audited(&examined, &disclosure), Some(Complaint::Legs));
    world.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nonsense_from_the_other_side_ends_the_session_and_says_what_is_known() {
    let world = World::open(2).await;
    let [us, ru] = world.nodes.as_slice() else {
        unreachable!()
    };
    let check = propose(us, "RU", &ours()).await;
    stands(ru, &check, "proposed").await;
    // The other side's node is one that somebody else wrote, and answers with noise, properly sealed.
    let own = detente_records::HolderId::parse("US").unwrap();
    let key = {
        let handle = ru.house.handle();
        let key = handle.look(|node, _| node.seal_key("us.example/ledger").cloned());
        key.await.unwrap().unwrap()
    };
    let agreement = ru
        .house
        .handle()
        .view()
        .picture
        .agreement()
        .unwrap()
        .id
        .to_string();
    let author = Author {
        origin: "ru.example/ledger",
        agreement: &agreement,
        kind: Kind::PrivateCheckAnswered,
    };
    let payload = wrapped(b"no commitment at all").unwrap();
    let (sealed, blob) = ru
        .house
        .app
        .seals
        .seal(&author, &own, &key, &payload)
        .unwrap();
    let hash = ru
        .house
        .app
        .office
        .with(|files| detente_server::house::keep_blob(files, &blob))
        .unwrap()
        .unwrap();
    let handle = ru.house.handle();
    let bytes = blob.len() as u64;
    handle
        .tell(detente_node::node::Input::BlobStored { hash, bytes })
        .await
        .unwrap();
    let act =
        Act::PrivateCheckAnswered(detente_records::act::private_check::PrivateCheckAnswered {
            subject: RecordId::parse(&check).unwrap(),
            role: detente_records::act::Role::Planner,
            sealed,
        });
    let command = Command {
        author: "planner".to_owned(),
        kind: act.kind().wire_name().to_owned(),
        body: act.to_body(),
    };
    handle.submit(command, None).await.unwrap().unwrap();
    stands(us, &check, "broken_off").await;
    let id = RecordId::parse(&check).unwrap();
    let view = us.house.handle().view();
    let last = view
        .picture
        .private_check(&id)
        .unwrap()
        .matter
        .lines
        .last()
        .unwrap();
    assert_eq!(
        last.act.to_body()["reason"],
        "the commitment is not in its form; nothing of the other side's plans is known"
    );
    assert_eq!(
        shown(us, &check).await["knows"]["fault"],
        "the commitment is not in its form"
    );
    world.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_agreement_does_not_allow_is_refused_with_its_reasons_and_nothing_is_kept() {
    let world = World::open(3).await;
    let us = &world.nodes[0];
    let wish = |with: &str, plans: &Value| json!({"with": with, "plans": plans});
    let path = "/api/v1/private-checks";
    // A plan that covers more cells than the agreement lets a side bring.
    let mut wide = plan("wide", CROSSING, 0);
    wide["properties"]["half_width_m"] = json!(90_000);
    wide["properties"]["end"] = json!("2030-09-17T16:00:00Z");
    let (status, said) = ask(
        us,
        "planner",
        "post",
        path,
        Some(&wish("RU", &collection(&[wide]))),
    )
    .await;
    assert_eq!(status, 409, "{said}");
    assert_eq!(
        said["detail"],
        "the plans have more cells than the terms allow"
    );
    assert_eq!(said["limits"]["cells_max"], 32_768);
    // A plan without an end has no place in the grid; every fault is named.
    let mut endless = plan("endless", CROSSING, 3_000);
    endless["properties"]["end"] = json!("UFN");
    let both = collection(&[endless.clone(), endless]);
    let (status, said) = ask(us, "planner", "post", path, Some(&wish("RU", &both))).await;
    assert_eq!(status, 422, "{said}");
    assert_eq!(said["problems"].as_array().unwrap().len(), 2, "{said}");
    // Not with an observer, not with oneself, not in a role that keeps no plans.
    for (who, with, expected) in [
        ("planner", "UN", 409),
        ("planner", "US", 409),
        ("consenter", "RU", 403),
    ] {
        let (status, said) = ask(us, who, "post", path, Some(&wish(with, &ours()))).await;
        assert_eq!(status, expected, "{with}: {said}");
    }
    assert!(
        !world.data("US").join("private-checks").exists()
            || everything(&world.data("US").join("private-checks")).is_empty()
    );
    // As many a day as the agreement says, and not one more.
    for _ in 0..6 {
        propose(us, "RU", &theirs()).await;
    }
    let (status, said) = ask(us, "planner", "post", path, Some(&wish("RU", &theirs()))).await;
    assert_eq!(status, 409, "{said}");
    assert!(
        said["refusal"]
            .to_string()
            .contains("one more session to this side within a day"),
        "{said}"
    );
    world.close().await;
}
