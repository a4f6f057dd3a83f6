//! A node with a long ledger starts from what it kept, and the same as without it.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use detente_ledger::awareness::AwarenessKey;
use detente_ledger::entry::Entry;
use detente_ledger::log::{Log, SEGMENT_BYTES_DEFAULT};
use detente_ledger::storage::Storage as _;
use detente_server::clock::Clock;
use detente_server::house::{House, LEDGER};
use detente_spacetime::{Instant, Span};
use detente_stores::store::Place;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::postgres::Server;
use crate::world::{LONE, Lone, PATIENCE, lone, lone_again_in, lone_in, unlocked};

/// More than a node folds without keeping anything.
const ENTRIES: u64 = 9_000;
/// More than a ledger of these tests has.
const SECONDS_MAX: u64 = 100_000;

/// Where a process of its own finds the node that it is to run.
const FOLDER: &str = "DETENTE_KEPT_FOLDER";

/// Adds signs of life, watches and calls to the ledger until it has so many entries; whoever is on watch is called `name`.
fn write(node: &Lone, until: u64, start: Instant, name: &str) {
    let files = node.place().take().unwrap().below(LEDGER).unwrap();
    let signer = node.node_keys().log_signer().unwrap();
    let mut log = match Log::open(files, signer.clone(), &[]) {
        Ok(log) => log,
        Err(_) => {
            let files = node.place().take().unwrap().below(LEDGER).unwrap();
            Log::create(files, signer, SEGMENT_BYTES_DEFAULT).unwrap()
        }
    };
    log.confirm_unshared().unwrap();
    let from = log.size();
    if from == 0 {
        log.stage(node.genesis().to_vec()).unwrap();
    }
    for number in from.max(1)..until {
        let before = i64::try_from(SECONDS_MAX - number).unwrap() * 1_000_000;
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
                    "office": "Centre", "person": format!("{name} {number}"),
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

/// How much the server began from that writes, and what the first so many entries came to.
async fn seen(house: &House, entries: u64) -> (u64, Vec<String>) {
    let handle = house.handle();
    let writes = handle.wait_for(|view| view.is_confirmed);
    tokio::time::timeout(PATIENCE, writes)
        .await
        .unwrap()
        .unwrap();
    let look = move |node: &detente_node::node::Node<detente_node::picture::Picture>, _| {
        let history = node.history();
        let outcomes = (0..history.order().len()).take(usize::try_from(entries).unwrap());
        let outcomes = outcomes.map(|position| format!("{:?}", history.outcome(position)));
        (node.begun_from(), outcomes.collect::<Vec<_>>())
    };
    handle.look(look).await.unwrap()
}

/// Opens the node, closes it, and returns how much it began from and what its entries came to.
async fn run(node: &Lone, entries: u64) -> (u64, Vec<String>) {
    let house = node.open().await;
    let seen = seen(&house, entries).await;
    house.close().await;
    seen
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
    write(&node, ENTRIES, Clock::real().now(), "Officer");
    let (begun, outcomes) = run(&node, ENTRIES).await;
    assert_eq!(begun, 0);
    let kept = parts(node.folder());
    assert_eq!(kept.len(), 2, "{kept:?}");

    let (begun, again) = run(&node, ENTRIES).await;
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
        let (begun, again) = run(&node, ENTRIES).await;
        assert_eq!(begun, 0);
        assert_eq!(again, outcomes);
    }
}

/// Puts what a node keeps in its folder beside the ledgers of another.
fn put_beside(of: &Lone, to: &Lone) {
    let mut files = to.place().take().unwrap();
    for name in files.list("kept").unwrap() {
        files.remove(&format!("kept/{name}")).unwrap();
    }
    for part in parts(of.folder()) {
        let name = part.file_name().unwrap().to_str().unwrap();
        let bytes = std::fs::read(&part).unwrap();
        files.replace(&format!("kept/{name}"), &bytes).unwrap();
    }
}

/// Waits until nobody writes a node's place any more.
async fn let_go(node: &Lone) {
    match node.place() {
        Place::Folder(folder) => unlocked(folder.join("lock")).await,
        Place::Database(..) => {
            let place = node.place().clone();
            let free = move || {
                while place.claim().make().unwrap().is_none() {
                    std::thread::yield_now();
                }
            };
            tokio::task::spawn_blocking(free).await.unwrap();
        }
    }
}

/// What was kept counts only for the history it was made of, whoever put it there.
async fn nothing_of_another_history_counts(node: &Lone, start: Instant, outcomes: &[String]) {
    let other = node.elsewhere();
    write(&other, ENTRIES, start, "Stranger");
    assert_eq!(run(&other, ENTRIES).await.0, 0);
    let longer = node.elsewhere();
    write(&longer, 2 * ENTRIES, start, "Officer");
    assert_eq!(run(&longer, ENTRIES).await.0, 0);
    for of in [&other, &longer] {
        let_go(node).await;
        put_beside(of, node);
        let_go(node).await;
        let (begun, again) = run(node, ENTRIES).await;
        assert_eq!(begun, 0);
        assert!(again == outcomes);
        // What does not fit is replaced by what does.
        let_go(node).await;
        let (begun, again) = run(node, ENTRIES).await;
        assert!(begun > ENTRIES - 2_000, "{begun}");
        assert!(again == outcomes);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_another_history_kept_is_not_begun_from() {
    let node = lone();
    let start = Clock::real().now();
    write(&node, ENTRIES, start, "Officer");
    let (_, outcomes) = run(&node, ENTRIES).await;
    nothing_of_another_history_counts(&node, start, &outcomes).await;
}

/// A node on a database keeps in the same schema; the server that takes over begins from it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_takes_over_begins_from_what_the_one_before_it_kept() {
    let Some(server) = Server::start() else {
        return;
    };
    let node = lone_in(Place::Database(server.database(), LONE.into()));
    let start = Clock::real().now();
    write(&node, ENTRIES, start, "Officer");
    let_go(&node).await;
    let first = node.open().await;
    let (begun, outcomes) = seen(&first, ENTRIES).await;
    assert_eq!(begun, 0);
    let second = node.open().await;
    assert!(!*second.handle().leading().borrow());
    // Whoever closes has written what it keeps.
    first.close().await;
    let (begun, again) = seen(&second, ENTRIES).await;
    assert!(begun > ENTRIES - 2_000, "{begun}");
    assert!(again == outcomes);
    let names = node.place().reader().unwrap().lengths("kept").unwrap();
    assert_eq!(names.len(), 2, "{names:?}");
    second.close().await;

    // More was written since: what comes behind what was kept is folded, and it is kept anew.
    let_go(&node).await;
    write(&node, 2 * ENTRIES, start, "Officer");
    let_go(&node).await;
    let third = node.open().await;
    let (begun, again) = seen(&third, 2 * ENTRIES).await;
    assert!(begun < ENTRIES, "{begun}");
    assert_eq!(again.len() as u64, 2 * ENTRIES);
    assert!(again[..outcomes.len()] == outcomes);
    let fourth = node.open().await;
    third.close().await;
    let (begun, more) = seen(&fourth, 2 * ENTRIES).await;
    assert!(begun > 2 * ENTRIES - 2_000, "{begun}");
    assert!(more == again);
    fourth.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_another_history_kept_in_a_database_is_not_begun_from() {
    let Some(server) = Server::start() else {
        return;
    };
    let node = lone_in(Place::Database(server.database(), LONE.into()));
    let start = Clock::real().now();
    write(&node, ENTRIES, start, "Officer");
    let_go(&node).await;
    let (_, outcomes) = run(&node, ENTRIES).await;
    nothing_of_another_history_counts(&node, start, &outcomes).await;
}

/// What the test below starts as a process of its own, to be killed; without a folder there is no node to run.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_runs_until_it_is_killed() {
    let Some(folder) = std::env::var_os(FOLDER) else {
        return;
    };
    let house = lone_again_in(Place::Folder(folder.into())).open().await;
    // Whoever started it ends it.
    let _ = house.handle().wait_for(|_| false).await;
}

fn process(folder: &Path) -> Child {
    let name = "kept::a_node_that_runs_until_it_is_killed";
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", name])
        .env(FOLDER, folder)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// What is kept as it stands: the names that the head names, and those of files beside it.
fn standing(folder: &Path) -> (String, BTreeSet<String>) {
    let head = std::fs::read_to_string(folder.join("kept/head")).unwrap_or_default();
    let files = std::fs::read_dir(folder.join("kept")).into_iter().flatten();
    let names = files
        .flatten()
        .filter_map(|file| file.file_name().into_string().ok());
    let named: BTreeSet<&str> = head.lines().chain(["head"]).collect();
    let beside = names
        .filter(|name| !named.contains(name.as_str()))
        .collect();
    (head, beside)
}

/// When a process is killed: by what it has written, and what the head said before.
type Moment = fn(&(String, BTreeSet<String>), &str) -> bool;

/// As soon as a part is begun, when one is whole, when the head is begun, and when it names the new parts; each at the latest
/// when the head does.
const MOMENTS: [Moment; 4] = [
    |(head, beside), before| head != before || !beside.is_empty(),
    |(head, beside), before| head != before || beside.iter().any(|name| !name.ends_with(".new")),
    |(head, beside), before| head != before || beside.contains("head.new"),
    |(head, _), before| head != before,
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_is_killed_while_it_writes_what_it_keeps_starts_the_same() {
    let root = TempDir::new().unwrap();
    let folder = root.path().join("US");
    let node = lone_again_in(Place::Folder(folder.clone()));
    let start = Clock::real().now();
    let all = ENTRIES * MOMENTS.len() as u64;
    let undisturbed = node.elsewhere();
    write(&undisturbed, all, start, "Officer");
    let (_, outcomes) = run(&undisturbed, all).await;
    for (round, moment) in (1..).zip(MOMENTS) {
        write(&node, round * ENTRIES, start, "Officer");
        let_go(&node).await;
        let (before, _) = standing(&folder);
        let (watched, was) = (folder.clone(), before.clone());
        let dies = tokio::task::spawn_blocking(move || {
            let mut process = process(&watched);
            while !moment(&standing(&watched), &was) {
                assert!(process.try_wait().unwrap().is_none(), "it ended by itself");
                std::thread::yield_now();
            }
            process.kill().unwrap();
            process.wait().unwrap();
        });
        tokio::time::timeout(PATIENCE, dies).await.unwrap().unwrap();
        let_go(&node).await;
        let (head, _) = standing(&folder);
        let (begun, again) = run(&node, round * ENTRIES).await;
        let_go(&node).await;
        // It begins from the former parts or the new ones, whichever the head names; the first time there are no former ones.
        let least = match (head.is_empty(), head == before) {
            (true, _) => 0,
            (false, true) => (round - 1) * ENTRIES - 2_000,
            (false, false) => round * ENTRIES - 2_000,
        };
        assert!(
            begun >= least && begun < round * ENTRIES,
            "{begun} in round {round}"
        );
        assert_eq!(begun == 0, head.is_empty());
        assert!(
            again[..] == outcomes[..usize::try_from(round * ENTRIES).unwrap()],
            "round {round}"
        );
    }
    // What comes next is kept as ever, and nothing half written is left.
    let_go(&node).await;
    write(&node, all + ENTRIES, start, "Officer");
    let_go(&node).await;
    run(&node, all).await;
    let (head, beside) = standing(&folder);
    assert_eq!(head.lines().count(), 1, "{head}");
    assert_eq!(beside, BTreeSet::new());
}
