//! Two nodes on loopback, measured: declared → cosigned, a recall → in its recipient's picture, submissions and reads a second,
//! memory.
//!
//! Clients and both nodes share this process and its cores, so the rates are lower bounds.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a measurement that cannot run has nothing to report but that"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use detente_server::answer::{Client, Method, header};
use detente_server::card::Card;
use detente_server::clock::Clock;
use detente_server::house::{self, House, NodeKeys, Plan, Sockets};
use detente_server::role::Role;
use detente_server::users::{TokenWish, Users};
use detente_stores::store::Place;
use serde_json::json;

const COSIGNED_ROUNDS: usize = 100;
const RECALL_ROUNDS: usize = 50;
const CLIENTS: usize = 64;
const MEASURED: Duration = Duration::from_secs(5);
const PATIENCE: Duration = Duration::from_secs(60);

struct Node {
    house: House,
    token: String,
    origin: String,
    identity: String,
}

#[tokio::main]
async fn main() {
    let folder = tempfile::tempdir().unwrap();
    let nodes = open(folder.path()).await;
    let (us, ru) = (&nodes[0], &nodes[1]);
    ru.house
        .handle()
        .wait_for(|view| view.is_confirmed)
        .await
        .unwrap();
    us.house
        .handle()
        .wait_for(|view| view.is_confirmed)
        .await
        .unwrap();
    let times = cosigned(us).await;
    let at = |times: &[Duration], share: usize| {
        times[(times.len() - 1) * share / 100].as_secs_f64() * 1e3
    };
    println!(
        "declared → cosigned  p50 {:.1} ms  p99 {:.1} ms",
        at(&times, 50),
        at(&times, 99)
    );
    let times = recalled(us, ru).await;
    println!(
        "recalled → received  p50 {:.1} ms  p99 {:.1} ms",
        at(&times, 50),
        at(&times, 99)
    );
    let writes = rate(us, true).await;
    println!("submissions          {writes:.0}/s, {CLIENTS} clients");
    let reads = rate(us, false).await;
    println!("reads                {reads:.0}/s, {CLIENTS} clients, GET /api/v1/agreement");
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let memory = status
        .lines()
        .find(|line| line.starts_with("VmRSS"))
        .unwrap_or("VmRSS ?");
    println!(
        "memory               {} (two nodes and all clients)",
        memory.trim()
    );
    for node in nodes {
        node.house.close().await;
    }
}

async fn open(folder: &Path) -> Vec<Node> {
    let scenario = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios/syria-2016");
    let dossier: BTreeMap<String, Vec<u8>> = [
        "agreement.toml",
        "articles.cedar",
        "areas.geojson",
        "protected.geojson",
    ]
    .into_iter()
    .map(|name| (name.to_owned(), std::fs::read(scenario.join(name)).unwrap()))
    .collect();
    let clock = Clock::real();
    let mut drawn = Vec::new();
    for holder in ["US", "RU"] {
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
        drawn.push((keys, sockets, card));
    }
    let cards: Vec<Card> = drawn.iter().map(|(.., card)| card.clone()).collect();
    let mut nodes = Vec::new();
    for (keys, sockets, card) in drawn {
        let place = Place::Folder(folder.join(&card.holder));
        let token = user(&place);
        let plan = Plan {
            holder: card.holder.clone(),
            keys: keys.into(),
            cards: cards.clone(),
            dossier: dossier.clone(),
            binds: true,
            place,
            api: sockets.api_address().unwrap(),
            api_tls: None,
            peer: sockets.peer_address(),
            clock: clock.clone(),
            tick: Duration::from_secs(1),
            session_hours: 12,
            request_s_max: 30,
            body_bytes_max: 1 << 20,
            checkpoint_s_max: 600,
            is_new: true,
            doors: house::Doors::default(),
        };
        let house = house::open(plan, sockets).await.unwrap();
        nodes.push(Node {
            house,
            token,
            identity: detente_ledger::hash::Hash::of(&card.genesis).to_hex(),
            origin: card.origin,
        });
    }
    nodes
}

fn user(place: &Place) -> String {
    let mut files = place.take().unwrap();
    let mut users = Users::default();
    let roles = BTreeSet::from([Role::WatchOfficer, Role::ReleaseOfficer]);
    users.put("watch", roles.clone(), None).unwrap();
    let wish = TokenWish {
        user: "watch".to_owned(),
        label: "bench".to_owned(),
        roles,
        read_only: false,
        expires_s: u64::MAX,
    };
    let token = users.issue_token(&wish).unwrap().1;
    house::change_users(&mut files, |kept| {
        *kept = users;
        Ok(())
    })
    .unwrap()
    .unwrap();
    token
}

async fn submit(node: &Node, client: &Client, number: u64) -> Option<u64> {
    let act = json!({
        "kind": "watch_taken", "subject": format!("line-{}", number % 100), "role": "watch_officer",
        "body": {"office": "Centre", "person": format!("Officer {number}"), "until": "2099-01-01T00:00:00Z"},
    });
    put(node, client, &act).await
}

async fn put(node: &Node, client: &Client, act: &serde_json::Value) -> Option<u64> {
    let headers = [(header::AUTHORIZATION, format!("Bearer {}", node.token))];
    let body = act.to_string().into_bytes().into();
    let answer = client
        .ask(Method::POST, "/api/v1/acts", &headers, body, PATIENCE)
        .await
        .ok()?;
    let said: serde_json::Value = serde_json::from_slice(&answer.body).ok()?;
    said["index"].as_u64()
}

/// From the first byte of a recall's request to its recipient's picture showing the report as recalled.
async fn recalled(from: &Node, to: &Node) -> Vec<Duration> {
    let client = Client::new(&from.house.api.to_string(), None, 1 << 20);
    let mut times = Vec::new();
    for number in 0..RECALL_ROUNDS {
        let report = format!("r-{number}");
        let act = |kind: &str, body: serde_json::Value| json!({"kind": kind, "subject": report, "role": "release_officer", "body": body});
        let blob = json!({"sha256": "0".repeat(64), "bytes": 10, "media_type": "text/plain"});
        let released = json!({
            "recipients": ["RU"],
            "marking": {
                "classifications": [{"policy": "plan", "level": "restricted"}],
                "releasable_to": ["RU"], "identities": [to.identity], "originator_control": true,
            },
            "sealed": [{
                "recipient": "RU", "suite": "x25519", "commitment": "1".repeat(64),
                "keys": ["0".repeat(16)], "blob": blob,
            }],
        });
        put(from, &client, &act("report_released", released))
            .await
            .unwrap();
        let id = detente_records::RecordId::parse(&report).unwrap();
        let stands = |state: &'static str| {
            let (handle, id) = (to.house.handle(), id.clone());
            async move {
                let reached = handle.wait_for(|view| {
                    let report = view.picture.report(&id);
                    report.is_some_and(|report| report.matter.course.state == state)
                });
                reached.await.unwrap();
            }
        };
        stands("released").await;
        let recall = act("report_recalled", json!({"reason": "The date was wrong."}));
        let begun = Instant::now();
        put(from, &client, &recall).await.unwrap();
        stands("recalled").await;
        times.push(begun.elapsed());
    }
    times.sort();
    times
}

/// From the request's first byte to the counterparty's cosignature over its entry being held here.
async fn cosigned(node: &Node) -> Vec<Duration> {
    let client = Client::new(&node.house.api.to_string(), None, 1 << 20);
    let handle = node.house.handle();
    let mut times = Vec::new();
    for number in 0..COSIGNED_ROUNDS {
        let begun = Instant::now();
        let index = submit(node, &client, number as u64).await.unwrap();
        let seen = handle.wait_for(|view| {
            let cosigned = &view.ledgers[node.origin.as_str()].cosigned;
            cosigned.values().any(|cosigned| cosigned.size > index)
        });
        seen.await.unwrap();
        times.push(begun.elapsed());
    }
    times.sort();
    times
}

async fn rate(node: &Node, writes: bool) -> f64 {
    let done = Arc::new(AtomicU64::new(0));
    let begun = Instant::now();
    let clients = (0..CLIENTS as u64).map(|number| {
        let done = Arc::clone(&done);
        async move {
            let client = Client::new(&node.house.api.to_string(), None, 1 << 20);
            let headers = [(header::AUTHORIZATION, format!("Bearer {}", node.token))];
            let mut turn = number;
            while begun.elapsed() < MEASURED {
                turn += 1_000;
                let good = if writes {
                    submit(node, &client, turn).await.is_some()
                } else {
                    let path = "/api/v1/agreement";
                    let asked =
                        client.ask(Method::GET, path, &headers, Vec::new().into(), PATIENCE);
                    asked.await.is_ok_and(|answer| answer.status.is_success())
                };
                done.fetch_add(u64::from(good), Ordering::Relaxed);
            }
        }
    });
    let mut running: Vec<_> = clients.map(Box::pin).collect();
    let all = std::future::poll_fn(|context| {
        running
            .retain_mut(|client| std::future::Future::poll(client.as_mut(), context).is_pending());
        match running.is_empty() {
            true => std::task::Poll::Ready(()),
            false => std::task::Poll::Pending,
        }
    });
    all.await;
    #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
    let count = done.load(Ordering::Relaxed) as f64;
    count / begun.elapsed().as_secs_f64()
}
