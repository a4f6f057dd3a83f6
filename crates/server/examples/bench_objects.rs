//! Protected objects from a sheet to the last recipient, measured: imported, validated by a second person, released to three
//! recipients, received by each and known to be received. Four nodes with real sockets, ledgers and signatures.
//!
//! Clients and all nodes share this process and its cores, so the times are upper bounds.
//! `bench_objects [COUNT] [exact]`; 10,000 when nothing is said. With `exact` the objects are notified by the cells that hold
//! them, and released exactly: each place is sealed for each recipient, and held by all of them before anybody acknowledges.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a measurement that cannot run has nothing to report but that"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::time::{Duration, Instant};

use detente_ledger::hash::Hash;
use detente_records::HolderId;
use detente_server::answer::{Client, Method, header};
use detente_server::card::Card;
use detente_server::clock::Clock;
use detente_server::house::{self, House, NodeKeys, Plan, Sockets};
use detente_server::role::Role;
use detente_server::users::{TokenWish, Users};
use detente_stores::store::Place;
use serde_json::{Value, json};

const SUBMITTER: &str = "UN";
const RECIPIENTS: [&str; 3] = ["US", "RU", "FR"];
const ACTS_A_BATCH: usize = 1_000;
const RELEASES_A_REQUEST: usize = 500;
/// How often it is looked whether all places have come: a look goes through all objects.
const LOOK_EVERY: Duration = Duration::from_millis(200);
const PATIENCE: Duration = Duration::from_secs(900);

struct Node {
    house: House,
    /// Two people with every role: the second validates what the first submitted.
    tokens: [String; 2],
}

#[tokio::main]
async fn main() {
    let count = std::env::args().nth(1).and_then(|count| count.parse().ok());
    let count: usize = count.unwrap_or(10_000);
    let is_sealed = std::env::args().any(|argument| argument == "exact");
    let folder = tempfile::tempdir().unwrap();
    let nodes = open(folder.path()).await;
    for node in nodes.values() {
        let handle = node.house.handle();
        handle.wait_for(|view| view.is_confirmed).await.unwrap();
    }
    let un = &nodes[SUBMITTER];
    let ids: Vec<String> = (0..count).map(|number| format!("o-{number:05}")).collect();
    let mut stages = Stages::begin();

    let path = match is_sealed {
        true => "/api/v1/protected-object-imports?coarse=5km",
        false => "/api/v1/protected-object-imports",
    };
    let said = ask(un, 0, path, sheet(&ids).into_bytes()).await;
    assert_eq!(said["accepted"], count, "{}", said["rows"][0]);
    stages.end("imported");

    batches(
        un,
        1,
        ("object_validated", "notifier"),
        &ids,
        &json!({
            "version": 1, "checks": ["datum", "vicinity", "footprint", "neighbours"],
        }),
    )
    .await;
    stages.end("validated");

    match is_sealed {
        true => release_exactly(un, &ids).await,
        false => {
            let body = json!({"version": 1, "recipients": RECIPIENTS, "precision": "exact"});
            batches(un, 1, ("object_released", "notifier"), &ids, &body).await;
        }
    }
    stages.end("released");

    let released = un.house.handle().view().ledgers["un.example/ledger"].size;
    for holder in RECIPIENTS {
        let handle = nodes[holder].house.handle();
        let held = handle.wait_for(|view| view.ledgers["un.example/ledger"].size >= released);
        held.await.unwrap();
    }
    stages.end("held by all");

    if is_sealed {
        for holder in RECIPIENTS {
            places_held(&nodes[holder], holder, count).await;
        }
        stages.end("places held by all");
    }

    let body = json!({"version": 1});
    let receive = |holder: &str| {
        let kind = ("object_received", "watch_officer");
        batches(&nodes[holder], 0, kind, &ids, &body)
    };
    tokio::join!(receive("US"), receive("RU"), receive("FR"));
    stages.end("received");

    let known = un.house.handle();
    let known = known.wait_for(|view| {
        view.picture.protected_objects().all(|(_, file)| {
            let mut deliveries = file.deliveries.values();
            file.deliveries.len() == RECIPIENTS.len()
                && deliveries.all(|delivery| delivery.course.state == "received")
        })
    });
    known.await.unwrap();
    stages.end("known to be received");
    stages.total(count);
    for (_, node) in nodes {
        node.house.close().await;
    }
}

/// Releases objects exactly to every recipient, as many in a request as one may name.
async fn release_exactly(node: &Node, ids: &[String]) {
    let to: Vec<Value> = RECIPIENTS
        .iter()
        .map(|recipient| json!({"recipient": recipient, "precision": "exact"}))
        .collect();
    for some in ids.chunks(RELEASES_A_REQUEST) {
        let wish = json!({"objects": some, "to": to, "role": "notifier"});
        let path = "/api/v1/protected-object-releases";
        let said = ask(node, 1, path, wish.to_string().into_bytes()).await;
        assert_eq!(said["released"], some.len(), "{}", said["objects"][0]);
    }
}

/// Waits until a node holds the sealed place of every object for its own participant.
async fn places_held(node: &Node, holder: &str, count: usize) {
    let handle = node.house.handle();
    let own = HolderId::parse(holder).unwrap();
    loop {
        let version = handle.view().version;
        let own = own.clone();
        let held = handle.look(move |node, _| {
            let objects = node.picture().protected_objects();
            let sealed = objects.filter_map(|(_, file)| file.exact_for(&own));
            let hashes = sealed.map(|place| *place.sealed.blob.sha256.bytes());
            let held = hashes.filter(|hash| node.holds_blob(Hash::from_bytes(*hash)));
            held.count()
        });
        if held.await.unwrap() == count {
            return;
        }
        let newer = handle.wait_for(|view| view.version > version);
        let _ = tokio::time::timeout(LOOK_EVERY, newer).await;
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// Times of the stages, on the wall and on the processors.
struct Stages {
    begun: (Instant, f64),
    last: (Instant, f64),
}

impl Stages {
    fn begin() -> Self {
        let now = (Instant::now(), processor_s());
        Self {
            begun: now,
            last: now,
        }
    }

    fn end(&mut self, stage: &str) {
        let now = (Instant::now(), processor_s());
        let (wall, cpu) = (now.0 - self.last.0, now.1 - self.last.1);
        println!(
            "{stage:22} {:6.1} s   {cpu:6.1} s on the processors",
            wall.as_secs_f64()
        );
        self.last = now;
    }

    fn total(&self, count: usize) {
        let wall = self.begun.0.elapsed().as_secs_f64();
        let cpu = processor_s() - self.begun.1;
        println!("{count:<6} objects in all   {wall:6.1} s   {cpu:6.1} s on the processors");
    }
}

/// Seconds this process has been on the processors.
fn processor_s() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let after = stat.rsplit_once(')').unwrap().1;
    let fields: Vec<&str> = after.split_whitespace().collect();
    // utime and stime, in hundredths of a second on Linux.
    let ticks = |index: usize| fields[index].parse::<f64>().unwrap();
    (ticks(11) + ticks(12)) / 100.0
}

/// A sheet of objects a kilometre apart, so that nothing is odd about any of them.
fn sheet(ids: &[String]) -> String {
    let mut sheet = String::from(
        "id,category,position,datum,accuracy_m,radius_m,measured_how,consent_by,consent_at\n",
    );
    for (number, id) in ids.iter().enumerate() {
        // A kilometre apart, inside what the agreement is about: nothing is odd about any of them.
        let (row, column) = (number / 100, number % 100);
        let latitude = 35.304 + 0.01 * f64::from(u32::try_from(row).unwrap());
        let longitude = 36.003 + 0.01 * f64::from(u32::try_from(column).unwrap());
        writeln!(
            sheet,
            "{id},clinic,\"{latitude:.5}, {longitude:.5}\",WGS84,30,60,survey,Committee,2016-08-01"
        )
        .unwrap();
    }
    sheet
}

async fn batches(
    node: &Node,
    person: usize,
    (kind, role): (&str, &str),
    ids: &[String],
    body: &Value,
) {
    for batch in ids.chunks(ACTS_A_BATCH) {
        let acts: Vec<Value> = batch
            .iter()
            .map(|id| json!({"kind": kind, "subject": id, "role": role, "body": body}))
            .collect();
        let wish = json!({"acts": acts}).to_string().into_bytes();
        let said = ask(node, person, "/api/v1/acts/batch", wish).await;
        assert_eq!(said["recorded"], batch.len(), "{}", said["answers"][0]);
    }
}

async fn ask(node: &Node, person: usize, path: &str, body: Vec<u8>) -> Value {
    let client = Client::new(&node.house.api.to_string(), None, 256 << 20);
    let token = format!("Bearer {}", node.tokens[person]);
    let headers = [(header::AUTHORIZATION, token)];
    let answer = client.ask(Method::POST, path, &headers, body.into(), PATIENCE);
    let answer = answer.await.unwrap();
    let said = serde_json::from_slice(&answer.body).unwrap_or(Value::Null);
    assert_eq!(answer.status.as_u16(), 200, "{said}");
    said
}

/// The scenario's agreement with a third participant.
fn dossier() -> BTreeMap<String, Vec<u8>> {
    let scenario = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios/syria-2016");
    let names = [
        "agreement.toml",
        "articles.cedar",
        "areas.geojson",
        "protected.geojson",
    ];
    let mut dossier: BTreeMap<String, Vec<u8>> = names
        .into_iter()
        .map(|name| (name.to_owned(), std::fs::read(scenario.join(name)).unwrap()))
        .collect();
    let third = b"\n[[participants]]\nid = \"FR\"\n";
    dossier.get_mut("agreement.toml").unwrap().extend(third);
    dossier
}

async fn open(folder: &Path) -> BTreeMap<&'static str, Node> {
    let clock = Clock::real();
    let mut drawn = Vec::new();
    for holder in [SUBMITTER].into_iter().chain(RECIPIENTS) {
        let origin = format!("{}.example/ledger", holder.to_lowercase());
        let (keys, genesis) = NodeKeys::draw(&origin, clock.now()).unwrap();
        let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let sockets = Sockets::bind(any, any).await.unwrap();
        let card = Card {
            holder: holder.to_owned(),
            origin,
            genesis,
            transport: keys.transport().unwrap().public(),
            address: sockets.peer_address().to_string(),
        };
        drawn.push((holder, keys, sockets, card));
    }
    let cards: Vec<Card> = drawn.iter().map(|(.., card)| card.clone()).collect();
    let mut nodes = BTreeMap::new();
    for (holder, keys, sockets, card) in drawn {
        let place = Place::Folder(folder.join(holder));
        let tokens = people(&place);
        let plan = Plan {
            holder: card.holder.clone(),
            keys: keys.into(),
            cards: cards.clone(),
            dossier: dossier(),
            binds: true,
            place,
            api: sockets.api_address().unwrap(),
            api_tls: None,
            peer: sockets.peer_address(),
            clock: clock.clone(),
            tick: Duration::from_secs(1),
            session_hours: 12,
            request_s_max: 600,
            body_bytes_max: 1 << 20,
            checkpoint_s_max: 600,
            is_new: true,
            doors: house::Doors::default(),
        };
        let house = house::open(plan, sockets).await.unwrap();
        nodes.insert(holder, Node { house, tokens });
    }
    nodes
}

fn people(place: &Place) -> [String; 2] {
    let mut files = place.take().unwrap();
    let mut users = Users::default();
    let roles = BTreeSet::from(Role::ALL);
    let tokens = ["first", "second"].map(|name| {
        users.put(name, roles.clone(), None).unwrap();
        let wish = TokenWish {
            user: name.to_owned(),
            label: "bench".to_owned(),
            roles: roles.clone(),
            read_only: false,
            expires_s: u64::MAX,
        };
        users.issue_token(&wish).unwrap().1
    });
    house::change_users(&mut files, |kept| {
        *kept = users;
        Ok(())
    })
    .unwrap()
    .unwrap();
    tokens
}
