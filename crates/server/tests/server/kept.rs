//! A node with a long ledger starts from what it kept, and the same as without it.

use std::path::Path;

use detente_ledger::awareness::AwarenessKey;
use detente_ledger::entry::Entry;
use detente_ledger::log::{Log, SEGMENT_BYTES_DEFAULT};
use detente_server::clock::Clock;
use detente_server::house::LEDGER;
use detente_spacetime::Span;
use detente_stores::files::Files;
use serde_json::{Value, json};

use crate::world::{Lone, lone};

/// More than a node folds without keeping anything.
const ENTRIES: u64 = 9_000;

/// Writes a ledger of signs of life, watches and calls.
fn write(node: &Lone) {
    let files = Files::open(&node.folder().join(LEDGER)).unwrap();
    let signer = node.node_keys().log_signer().unwrap();
    let mut log = Log::create(files, signer, SEGMENT_BYTES_DEFAULT).unwrap();
    log.confirm_unshared().unwrap();
    log.stage(node.genesis().to_vec()).unwrap();
    let start = Clock::real().now();
    for number in 1..ENTRIES {
        let before = i64::try_from(ENTRIES - number).unwrap() * 1_000_000;
        let at = start.plus(Span::from_micros(-before)).unwrap();
        let (kind, body) = match number % 3 {
            0 => (
                "heartbeat",
                json!({"subject": "us.example/ledger", "role": "system"}),
            ),
            1 => (
                "watch_taken",
                json!({
                    "subject": format!("line-{}", number % 50), "role": "watch_officer",
                    "office": "Centre", "person": format!("Officer {number}"),
                    "until": "2099-01-01T00:00:00Z",
                }),
            ),
            _ => (
                "meeting_held",
                json!({"subject": format!("meeting-{number}"), "role": "watch_officer"}),
            ),
        };
        let Value::Object(body) = body else {
            continue;
        };
        let mut salt = vec![0; 16];
        salt[..8].copy_from_slice(&number.to_be_bytes());
        let entry = Entry {
            kind: kind.to_owned(),
            author: "officer of the watch".to_owned(),
            written_at: at.to_string(),
            salt,
            awareness: AwarenessKey::default(),
            unit_key: None,
            body,
        };
        log.stage(entry.to_bytes().unwrap()).unwrap();
    }
    log.commit().unwrap();
    log.publish().unwrap();
}

/// Opens the node, closes it, and returns how much it began from and what the entries written came to.
async fn run(node: &Lone) -> (u64, Vec<String>) {
    let house = node.open().await;
    let look = |node: &detente_node::node::Node<detente_node::picture::Picture>, _| {
        let history = node.history();
        let outcomes = (0..history.order().len()).take(usize::try_from(ENTRIES).unwrap());
        let outcomes = outcomes.map(|position| format!("{:?}", history.outcome(position)));
        (node.begun_from(), outcomes.collect::<Vec<_>>())
    };
    let (begun, outcomes) = house.handle().look(look).await.unwrap();
    house.close().await;
    (begun, outcomes)
}

fn parts(folder: &Path) -> Vec<std::path::PathBuf> {
    let all = std::fs::read_dir(folder.join("kept")).unwrap();
    let mut parts: Vec<_> = all.map(|file| file.unwrap().path()).collect();
    parts.sort();
    parts
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_starts_from_what_it_kept_and_the_same_as_without_it() {
    let node = lone();
    write(&node);
    let (begun, outcomes) = run(&node).await;
    assert_eq!(begun, 0);
    let kept = parts(node.folder());
    assert_eq!(kept.len(), 2, "{kept:?}");

    let (begun, again) = run(&node).await;
    assert!(begun > ENTRIES - 2_000, "{begun}");
    assert_eq!(again, outcomes);

    // Damaged, cut short, and gone.
    let (part, head) = (kept[0].clone(), kept[1].clone());
    let whole = std::fs::read(&part).unwrap();
    let mut damaged = whole.clone();
    let middle = damaged.len() / 2;
    damaged[middle] ^= 1;
    for bytes in [&damaged[..], &whole[..middle], &[]] {
        std::fs::write(&part, bytes).unwrap();
        std::fs::write(
            &head,
            format!("{}\n", part.file_name().unwrap().to_str().unwrap()),
        )
        .unwrap();
        let (begun, again) = run(&node).await;
        assert_eq!(begun, 0);
        assert_eq!(again, outcomes);
    }
}
