//! Two participants' nodes as their operators run them, each process killed again and again while
//! clients submit: on files, and on a database with a second server that takes over.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use detente_ledger::checkpoint::SignedCheckpoint;
use detente_ledger::reader::TileSource as _;
use detente_server::answer::{Client, HeaderName, Method, header};
use detente_stores::directory::Directory;
use detente_stores::mirror::read_entries;
use detente_stores::postgres::Database;
use detente_stores::store::Place;
use serde_json::{Value, json};
use tokio::sync::mpsc;

use crate::harness::Folder;
use crate::postgres::Server;

/// How long anything may take before the test gives up; nothing waits for it to pass.
const PATIENCE: Duration = Duration::from_secs(120);
/// How often a condition is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(20);
/// Clients of each node, each with one act on its way when a process dies.
const CLIENTS: usize = 8;
/// Acknowledgements after which it dies.
const BEFORE_DEATH: usize = 20;
/// Schema of each node.
const SCHEMAS: [&str; 2] = ["detente_us", "detente_ru"];

/// One participant: its folder, its users' token, and its running servers.
struct Party {
    holder: &'static str,
    origin: String,
    folder: PathBuf,
    token: String,
    peer_port: u16,
    /// Where the node keeps what it has, as settings.
    store: Vec<String>,
    servers: Vec<Process>,
    /// What was acknowledged, by index.
    acknowledged: BTreeMap<u64, String>,
    /// Who was put on watch without an answer.
    unanswered: Vec<String>,
}

struct Process {
    child: Child,
    api: String,
}

impl Drop for Process {
    fn drop(&mut self) {
        // One that is dead already needs nothing.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn detente(folder: &Path, args: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_detente"))
        .args(args)
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(output.status.success(), "{args:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// Returns ports nobody listens on, all different.
fn free_ports<const N: usize>() -> [u16; N] {
    let held = [(); N].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
    held.map(|listener| listener.local_addr().unwrap().port())
}

/// Two participants, set up with the command alone.
fn prepared(root: &Folder, store: impl Fn(usize) -> Vec<String>) -> Vec<Party> {
    let ports = free_ports::<2>();
    let dossier = concat!(env!("CARGO_MANIFEST_DIR"), "/../../scenarios/syria-2016");
    let keys = ["--keys", "keys", "--unlock-file", "unlock"];
    let mut parties = Vec::new();
    for (place, holder) in ["US", "RU"].into_iter().enumerate() {
        let folder = root.path(holder);
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("unlock"), "a long passphrase\n").unwrap();
        let origin = format!("{}.example/ledger", holder.to_lowercase());
        detente(&folder, &[&["keys", "new", &origin][..], &keys].concat());
        let address = format!("127.0.0.1:{}", ports[place]);
        let card = ["join", "card", holder, "--address", &address, "--out"];
        let file = format!("../{holder}.card");
        detente(&folder, &[&card[..], &[&file], &keys].concat());
        parties.push(Party {
            holder,
            origin,
            folder,
            token: String::new(),
            peer_port: ports[place],
            store: store(place),
            servers: Vec::new(),
            acknowledged: BTreeMap::new(),
            unanswered: Vec::new(),
        });
    }
    let cards = ["--card", "../US.card", "--card", "../RU.card"];
    for party in &mut parties {
        let join = ["join", "agreement", dossier];
        detente(&party.folder, &[&join[..], &cards].concat());
        let user = [
            "user",
            "watch",
            "--role",
            "watch_officer",
            "--role",
            "auditor",
            "--role",
            "administrator",
            "--token",
        ];
        let set = party.store.iter().flat_map(|pair| ["--set", pair.as_str()]);
        let args: Vec<&str> = user.into_iter().chain(set).collect();
        party.token = detente(&party.folder, &args).trim().to_owned();
    }
    parties
}

impl Party {
    /// Starts a server of this participant; returns when it listens.
    fn serve(&mut self, is_new: bool) {
        let peer = format!("peer.listen=127.0.0.1:{}", self.peer_port);
        let mut command = Command::new(env!("CARGO_BIN_EXE_detente"));
        command.args(["serve", "--set", "api.listen=127.0.0.1:0", "--set", &peer]);
        command.args([
            "--set",
            "node.unlock_file=unlock",
            "--set",
            "log.level=error",
        ]);
        for pair in &self.store {
            command.args(["--set", pair]);
        }
        if is_new {
            command.arg("--new-ledger");
        }
        let mut child = command
            .current_dir(&self.folder)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        output.read_line(&mut line).unwrap();
        let api = line.trim().rsplit_once("http://").unwrap().1.to_owned();
        self.servers.push(Process { child, api });
    }

    /// Draws the keys that follow those in use.
    fn draw_next_keys(&self) {
        let rotate = [
            "keys",
            "rotate",
            "--keys",
            "keys",
            "--unlock-file",
            "unlock",
        ];
        detente(&self.folder, &rotate);
        std::fs::write(self.folder.join("token"), &self.token).unwrap();
    }

    async fn ask(&self, api: &str, path: &str) -> Option<(u16, Value)> {
        ask(api, &self.token, path, None).await
    }

    /// Returns the server that writes, once there is one.
    async fn writer(&self) -> usize {
        let begun = now();
        loop {
            for (place, server) in self.servers.iter().enumerate() {
                let health = self.ask(&server.api, "/healthz").await;
                if health.is_some_and(|(_, said)| said["can_write"] == true) {
                    return place;
                }
            }
            wait(begun, &format!("no server of {} writes", self.holder)).await;
        }
    }

    /// Returns size and root of every ledger, as one of its servers holds it.
    async fn held(&self, api: &str) -> Option<BTreeMap<String, (u64, String)>> {
        let (_, said) = self.ask(api, "/api/v1/ledgers").await?;
        let ledgers = said.as_array()?.iter().map(|ledger| {
            let text = |name: &str| ledger[name].as_str().unwrap_or_default().to_owned();
            let size = ledger["size"].as_u64().unwrap_or(0);
            (text("origin"), (size, text("root")))
        });
        Some(ledgers.collect())
    }

    /// Copies the own ledger into a folder, as anybody can verify it, unless it is one already.
    fn ledger(&self, url: Option<&str>, schema: &str) -> PathBuf {
        let Some(url) = url else {
            return self.folder.join("data/ledger");
        };
        let database = Database::new(url, schema).unwrap();
        let place = Place::Database(database, Arc::from(self.origin.as_str()));
        let reader = place.reader().unwrap().below("ledger");
        let folder = self.folder.join("copied");
        for path in reader.paths().unwrap() {
            let to = folder.join(&path);
            std::fs::create_dir_all(to.parent().unwrap()).unwrap();
            std::fs::write(&to, reader.fetch(&path).unwrap().unwrap()).unwrap();
        }
        folder
    }
}

async fn ask(
    api: &str,
    token: &str,
    path: &str,
    act: Option<(&str, &Value)>,
) -> Option<(u16, Value)> {
    let client = Client::new(api, None, 8 << 20);
    let mut headers = vec![(header::AUTHORIZATION, format!("Bearer {token}"))];
    let (method, body) = match act {
        Some((key, act)) => {
            headers.push((HeaderName::from_static("idempotency-key"), key.to_owned()));
            (Method::POST, act.to_string().into_bytes())
        }
        None => (Method::GET, Vec::new()),
    };
    let answer = client.ask(method, path, &headers, body.into(), PATIENCE);
    let answer = answer.await.ok()?;
    let said = serde_json::from_slice(&answer.body).unwrap_or(Value::Null);
    Some((answer.status.as_u16(), said))
}

/// Puts somebody on watch, once however often it is asked for; returns where that is on record.
async fn put_on_watch(api: &str, token: &str, person: &str) -> Option<u64> {
    let act = json!({
        "kind": "watch_taken", "subject": "flight-safety", "role": "watch_officer",
        "body": {"office": "Centre", "person": person, "until": "2099-01-01T00:00:00Z"},
    });
    let answer = ask(api, token, "/api/v1/acts", Some((person, &act))).await;
    let (_, said) = answer.filter(|(status, _)| *status == 201)?;
    said["index"].as_u64()
}

#[expect(
    clippy::disallowed_methods,
    reason = "a test that waits for ever says nothing"
)]
fn now() -> Instant {
    Instant::now()
}

/// Lets a moment pass before a condition is looked at again.
async fn wait(begun: Instant, what: &str) {
    assert!(begun.elapsed() < PATIENCE, "{what}");
    tokio::time::sleep(LOOK_EVERY).await;
}

/// Submits at every node, and calls `death` once enough was acknowledged; returns everybody who was
/// to be put on watch, by place of the party, and where that is on record.
async fn submit_until(
    parties: &[Party],
    round: usize,
    victim: usize,
    death: impl FnOnce(),
) -> Vec<(usize, String, Option<u64>)> {
    let over = Arc::new(AtomicBool::new(false));
    let (tell, mut told) = mpsc::unbounded_channel();
    for (place, party) in parties.iter().enumerate() {
        let writer = party.writer().await;
        for client in 0..CLIENTS {
            let (api, token) = (party.servers[writer].api.clone(), party.token.clone());
            let (over, tell) = (Arc::clone(&over), tell.clone());
            tokio::spawn(async move {
                for number in 0.. {
                    let person = format!("Officer {place}-{round}-{client}-{number}.");
                    let index = put_on_watch(&api, &token, &person).await;
                    let is_last = index.is_none() || over.load(Ordering::Relaxed);
                    if tell.send((place, person, index)).is_err() || is_last {
                        return;
                    }
                }
            });
        }
    }
    drop(tell);
    let mut all = Vec::new();
    let mut acknowledged = 0;
    let mut death = Some(death);
    while let Some(wish) = told.recv().await {
        acknowledged += usize::from(wish.0 == victim && wish.2.is_some());
        all.push(wish);
        if acknowledged >= BEFORE_DEATH
            && let Some(death) = death.take()
        {
            // Every client has another one on its way.
            death();
            over.store(true, Ordering::Relaxed);
        }
    }
    assert!(death.is_none(), "too little was acknowledged: {all:?}");
    all
}

/// Kills a process of each party in turn while both take submissions; with a database, the database
/// too, once.
fn kill_again_and_again(
    parties: &mut [Party],
    rounds: usize,
    database: Option<&Server>,
    rotates: bool,
) {
    let runtime = runtime();
    for round in 0..rounds {
        let victim = round % parties.len();
        let writer = runtime.block_on(parties[victim].writer());
        let mut dying = parties[victim].servers.remove(writer);
        // Its address is still asked, and its process still told to die.
        parties[victim].servers.insert(
            writer,
            Process {
                child: Command::new("true").spawn().unwrap(),
                api: dying.api.clone(),
            },
        );
        if rotates {
            parties[victim].draw_next_keys();
        }
        let (folder, api) = (parties[victim].folder.clone(), dying.api.clone());
        let crashes = database.filter(|_| round + 1 == rounds);
        let told = runtime.block_on(submit_until(parties, round, victim, || match crashes {
            Some(server) => server.crash(),
            None => {
                // It dies before the event, after it, or in between.
                let adopting = rotates.then(|| adopt(&folder, &api));
                dying.child.kill().unwrap();
                adopting.map(|mut adopting| adopting.wait().unwrap());
            }
        }));
        for (place, person, index) in told {
            match index {
                Some(index) => {
                    let twice = parties[place].acknowledged.insert(index, person);
                    assert_eq!(twice, None, "entry {index} acknowledged twice");
                }
                None => parties[place].unanswered.push(person),
            }
        }
        if crashes.is_some() {
            parties[victim].servers[writer] = dying;
            continue;
        }
        drop(dying);
        parties[victim].servers.remove(writer);
        parties[victim].serve(false);
    }
}

/// Has a running node take the next keys into use; nobody waits for its answer.
fn adopt(folder: &Path, api: &str) -> Child {
    Command::new(env!("CARGO_BIN_EXE_detente"))
        .args(["keys", "adopt", "--token-file", "token", "--node"])
        .arg(format!("http://{api}"))
        .current_dir(folder)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Every node comes to be signed by its newest key, having announced each once.
fn every_key_is_in_use(parties: &[Party], rotations: usize) {
    runtime().block_on(async {
        let begun = now();
        for party in parties {
            let key = std::fs::read_to_string(party.folder.join("keys/log.vkey")).unwrap();
            loop {
                let said = party.ask(&party.servers[0].api, "/api/v1/keys").await;
                let events = said.map_or(Value::Null, |(_, said)| said["events"].clone());
                let events = events.as_array().cloned().unwrap_or_default();
                if events
                    .last()
                    .is_some_and(|event| event["log"] == key.trim())
                {
                    assert_eq!(events.len(), 1 + rotations, "{}", party.holder);
                    break;
                }
                wait(begun, &format!("{} is not signed by {key}", party.holder)).await;
            }
        }
    });
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap()
}

/// Whoever got no answer asks again, and what it asks for is done once.
fn everything_is_asked_again(parties: &mut [Party]) {
    let open: usize = parties.iter().map(|party| party.unanswered.len()).sum();
    assert!(open > 0, "nobody died while something was under way");
    runtime().block_on(async {
        for party in parties {
            let begun = now();
            let unanswered = std::mem::take(&mut party.unanswered);
            for person in unanswered {
                let index = loop {
                    let writer = party.writer().await;
                    let api = &party.servers[writer].api;
                    match put_on_watch(api, &party.token, &person).await {
                        Some(index) => break index,
                        None => wait(begun, "a wish is never fulfilled").await,
                    }
                };
                let twice = party.acknowledged.insert(index, person);
                assert_eq!(twice, None, "entry {index} stands for two wishes");
            }
        }
    });
}

/// Every server of every party comes to hold the same, and with it all that was acknowledged.
fn nothing_is_lost(parties: &[Party]) {
    runtime().block_on(async {
        let begun = now();
        loop {
            let mut all = Vec::new();
            for party in parties {
                party.writer().await;
                for server in &party.servers {
                    all.push(party.held(&server.api).await);
                }
            }
            if all[0].is_some() && all.windows(2).all(|pair| pair[0] == pair[1]) {
                break;
            }
            wait(begun, &format!("the nodes do not converge: {all:?}")).await;
        }
        for owner in parties {
            assert!(owner.acknowledged.len() >= BEFORE_DEATH);
            let origin = owner.origin.replace('/', "%2F");
            for (index, person) in &owner.acknowledged {
                let path = format!("/api/v1/records/{origin}/{index}");
                for party in parties {
                    for server in &party.servers {
                        let (status, said) = party.ask(&server.api, &path).await.unwrap();
                        assert_eq!(status, 200, "{index} at {}", party.holder);
                        assert_eq!(said["body"]["person"], person.as_str());
                    }
                }
            }
        }
    });
}

/// Audits every ledger beside the other.
fn every_ledger_holds(parties: &[Party], url: Option<&str>) {
    let ledgers: Vec<String> = parties
        .iter()
        .zip(SCHEMAS)
        .map(|(party, schema)| party.ledger(url, schema).display().to_string())
        .collect();
    for (place, party) in parties.iter().enumerate() {
        let key = std::fs::read_to_string(party.folder.join("keys/log.vkey")).unwrap();
        let (own, other) = (&ledgers[place], &ledgers[1 - place]);
        let audit = [
            "ledger",
            "audit",
            own,
            "--with",
            other,
            "--vkey",
            key.trim(),
        ];
        let audited = detente(&party.folder, &audit);
        assert!(audited.contains("verified"), "{audited}");
        let entries = entries(Path::new(own));
        for person in party.acknowledged.values() {
            let count = entries.iter().filter(|entry| entry.contains(person));
            assert_eq!(count.count(), 1, "{person}");
        }
    }
}

/// Reads the entries of a published ledger.
fn entries(folder: &Path) -> Vec<String> {
    let reader = Directory::new(folder);
    let head = reader.fetch("checkpoint").unwrap().unwrap();
    let size = SignedCheckpoint::parse(&head).unwrap().checkpoint().size();
    let entries = read_entries(|path| reader.fetch(path), 0, size, size).unwrap();
    let text = entries
        .into_iter()
        .map(|entry| String::from_utf8(entry).unwrap());
    text.collect()
}

#[test]
fn nodes_on_files_that_are_killed_again_and_again_lose_nothing_they_acknowledged() {
    let root = Folder::new();
    let mut parties = prepared(&root, |_| Vec::new());
    for party in &mut parties {
        party.serve(true);
    }
    kill_again_and_again(&mut parties, 6, None, false);
    everything_is_asked_again(&mut parties);
    nothing_is_lost(&parties);
    parties.iter_mut().for_each(|party| party.servers.clear());
    every_ledger_holds(&parties, None);
}

#[test]
fn nodes_that_are_killed_while_keys_follow_keys_come_back_under_one_of_them() {
    let root = Folder::new();
    let mut parties = prepared(&root, |_| Vec::new());
    for party in &mut parties {
        party.serve(true);
    }
    kill_again_and_again(&mut parties, 4, None, true);
    everything_is_asked_again(&mut parties);
    every_key_is_in_use(&parties, 2);
    nothing_is_lost(&parties);
    parties.iter_mut().for_each(|party| party.servers.clear());
    every_ledger_holds(&parties, None);
}

#[test]
fn servers_on_a_database_take_over_from_killed_ones_and_lose_nothing_acknowledged() {
    let Some(database) = Server::start("killed") else {
        return;
    };
    let root = Folder::new();
    let mut parties = prepared(&root, |place| {
        vec![
            format!("store.url={}", database.url),
            format!("store.schema={}", SCHEMAS[place]),
        ]
    });
    for party in &mut parties {
        party.serve(true);
        // The one that stands by.
        party.serve(false);
    }
    kill_again_and_again(&mut parties, 5, Some(&database), false);
    everything_is_asked_again(&mut parties);
    nothing_is_lost(&parties);
    parties.iter_mut().for_each(|party| party.servers.clear());
    every_ledger_holds(&parties, Some(&database.url));
}

#[test]
fn servers_on_a_database_take_over_from_killed_ones_while_keys_follow_keys() {
    let Some(database) = Server::start("rotated") else {
        return;
    };
    let root = Folder::new();
    let mut parties = prepared(&root, |place| {
        vec![
            format!("store.url={}", database.url),
            format!("store.schema={}", SCHEMAS[place]),
        ]
    });
    for party in &mut parties {
        party.serve(true);
        // The one that stands by.
        party.serve(false);
    }
    kill_again_and_again(&mut parties, 4, None, true);
    everything_is_asked_again(&mut parties);
    every_key_is_in_use(&parties, 2);
    nothing_is_lost(&parties);
    parties.iter_mut().for_each(|party| party.servers.clear());
    every_ledger_holds(&parties, Some(&database.url));
}
