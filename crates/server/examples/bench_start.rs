//! How long a node with a long ledger takes to start.
//!
//! Usage: `bench_start ENTRIES`. A ledger of one participant is written into a temporary folder: for
//! every hundred entries 40 signs of life, 50 changes of the watch, 8 reports of nothing and 2
//! operations; then the node is opened, and asked for its picture's digest.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a measurement that cannot run has nothing to report but that"
)]

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::time::{Duration, Instant};

use detente_ledger::awareness::AwarenessKey;
use detente_ledger::entry::Entry;
use detente_ledger::log::{Log, SEGMENT_BYTES_DEFAULT};
use detente_server::card::Card;
use detente_server::clock::Clock;
use detente_server::house::{self, LEDGER, NodeKeys, Plan, Sockets};
use detente_spacetime::Span;
use detente_stores::files::Files;
use detente_stores::store::Place;
use serde_json::{Value, json};

/// Entries in one commit.
const TOGETHER: u64 = 4_096;
/// Microseconds between two entries.
const APART_US: i64 = 20_000_000;
/// 2016-09-12, the day of the scenario.
const START: &str = "2016-09-12T00:00:00Z";

#[tokio::main]
async fn main() {
    let entries: u64 = std::env::args()
        .nth(1)
        .map_or(1_000_000, |text| text.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let start = detente_spacetime::Instant::parse_rfc3339(START).unwrap();
    let (keys, genesis) = NodeKeys::draw("us.example/ledger", start).unwrap();
    write(folder.path(), &keys, &genesis, entries, start);
    for round in 1..=2 {
        let begun = (Instant::now(), cpu_s());
        let house = open(folder.path(), &keys, &genesis).await;
        let took = (begun.0.elapsed().as_secs_f64(), cpu_s() - begun.1);
        let view = house.handle().view();
        println!(
            "start {round}  {} entries  {:.2} s  {:.2} CPU-s  {}",
            view.picture.applied(),
            took.0,
            took.1,
            memory()
        );
        println!("digest   {}", view.picture.digest());
        house.close().await;
    }
}

fn write(
    folder: &Path,
    keys: &NodeKeys,
    genesis: &[u8],
    entries: u64,
    start: detente_spacetime::Instant,
) {
    let files = Files::open(&folder.join(LEDGER)).unwrap();
    let mut log = Log::create(files, keys.log_signer().unwrap(), SEGMENT_BYTES_DEFAULT).unwrap();
    log.confirm_unshared().unwrap();
    log.stage(genesis.to_vec()).unwrap();
    for number in 1..entries {
        let micros = i64::try_from(number).unwrap() * APART_US;
        let at = start.plus(Span::from_micros(micros)).unwrap();
        log.stage(entry(number, at)).unwrap();
        if number % TOGETHER == 0 {
            log.commit().unwrap();
            log.publish().unwrap();
        }
    }
    log.commit().unwrap();
    log.publish().unwrap();
}

fn entry(number: u64, at: detente_spacetime::Instant) -> Vec<u8> {
    let (kind, author, body) = match number % 100 {
        0..40 => (
            "heartbeat",
            "node",
            json!({"subject": "us.example/ledger", "role": "system"}),
        ),
        40..90 => (
            "watch_taken",
            "officer of the watch",
            json!({
                "subject": format!("line-{}", number % 2_000), "role": "watch_officer",
                "office": "Centre", "person": format!("Officer {number}"),
                "until": "2099-01-01T00:00:00Z",
            }),
        ),
        90..98 => (
            "meeting_held",
            "officer of the watch",
            json!({"subject": format!("meeting-{number}"), "role": "watch_officer"}),
        ),
        _ => ("operation_proposed", "planner", operation(number, at)),
    };
    let mut salt = vec![0; 16];
    salt[..8].copy_from_slice(&number.to_be_bytes());
    let Value::Object(body) = body else {
        return Vec::new();
    };
    let entry = Entry {
        kind: kind.to_owned(),
        author: author.to_owned(),
        written_at: at.to_string(),
        salt,
        awareness: AwarenessKey::default(),
        unit_key: None,
        body,
    };
    entry.to_bytes().unwrap()
}

fn operation(number: u64, at: detente_spacetime::Instant) -> Value {
    let hours = |count: i64| at.plus(Span::from_seconds(count * 3_600).unwrap()).unwrap();
    let subject = format!("op-{number}");
    let place = 36.0 + f64::from(u32::try_from(number % 3_000).unwrap()) / 1_000.0;
    json!({
        "subject": subject, "role": "planner", "version": 1,
        "expires": hours(1).to_string(), "process_class": "deliberate",
        "features": [{
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [place, 35.0]},
            "properties": {
                "kind": "operation", "id": format!("{subject}-1"), "operation": subject,
                "party": "US", "force": "us-air", "activity": "transit", "radius_m": 500,
                "lower": {"value": 3000, "unit": "m", "reference": "MSL"},
                "upper": {"value": 4000, "unit": "m", "reference": "MSL"},
                "start": hours(2).to_string(), "end": hours(3).to_string(),
            },
        }],
    })
}

async fn open(folder: &Path, keys: &NodeKeys, genesis: &[u8]) -> house::House {
    let scenario = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios/syria-2016");
    let names = [
        "agreement.toml",
        "articles.cedar",
        "areas.geojson",
        "protected.geojson",
    ];
    let dossier: BTreeMap<String, Vec<u8>> = names
        .into_iter()
        .map(|name| (name.to_owned(), std::fs::read(scenario.join(name)).unwrap()))
        .collect();
    let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let sockets = Sockets::bind(any, any).await.unwrap();
    let card = Card {
        holder: "US".to_owned(),
        origin: keys.origin().to_owned(),
        genesis: genesis.to_vec(),
        transport: keys.transport().unwrap().public(),
        address: sockets.peer_address().to_string(),
    };
    let plan = Plan {
        holder: card.holder.clone(),
        keys: keys.clone().into(),
        cards: vec![card],
        dossier,
        binds: true,
        place: Place::Folder(folder.to_owned()),
        api: sockets.api_address().unwrap(),
        api_tls: None,
        peer: sockets.peer_address(),
        clock: Clock::real(),
        tick: Duration::from_secs(1),
        session_hours: 12,
        request_s_max: 30,
        body_bytes_max: 1 << 20,
        checkpoint_s_max: 600,
        is_new: false,
        doors: house::Doors::default(),
    };
    house::open(plan, sockets).await.unwrap()
}

/// Returns the processor time of this process, from the kernel's own count.
fn cpu_s() -> f64 {
    const TICKS_A_SECOND: f64 = 100.0;
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat
        .rsplit(')')
        .next()
        .unwrap()
        .split_whitespace()
        .collect();
    let ticks: f64 = fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap();
    ticks / TICKS_A_SECOND
}

fn memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let lines = status.lines().filter(|line| line.starts_with("VmRSS"));
    lines.map(|line| line.trim().replace('\t', " ")).collect()
}
