//! Two or three nodes on perfect lines: what each message brings about.

use std::collections::{BTreeMap, VecDeque};

use detente_ledger::checkpoint::Checkpoint;
use detente_ledger::keys::{KEY_EVENT_KIND, KeyEvent, Role, RootSigner, SignedKeyEvent};
use detente_ledger::tree::Tree;
use detente_ledger::vkey::KeyName;
use serde_json::json;

use super::*;
use crate::federation::{Answer, Ask, Known, NOT_WANTED, Notice, PERIOD_S, Refused};
use crate::history::Recorded;

mod founding;
mod keys;

/// A state that only counts.
#[derive(Clone, Debug, Default, PartialEq)]
struct Count(u64);

impl Fold for Count {
    type Act = String;
    type Outcome = u64;

    fn read(&self, _origin: &Arc<str>, entry: &Entry, _fault: Option<EntryFault>) -> String {
        entry.kind.clone()
    }

    fn awaits(kind: &String) -> Option<Hash> {
        (kind == TABLED).then(|| Hash::of(PLAN))
    }

    fn supply(&self, kind: &mut String, _hash: Hash, _bytes: Option<&[u8]>) {
        "read".clone_into(kind);
    }

    fn apply(&mut self, _recorded: &Recorded<String>) -> u64 {
        self.0 += 1;
        self.0
    }
}

/// The kind of an entry that cannot be read without [`PLAN`].
const TABLED: &str = "tabled";
const PLAN: &[u8] = b"what was agreed";

impl Shared for Count {
    type Refusal = &'static str;

    fn draft(
        &self,
        _place: (&Arc<str>, u64),
        command: &Command,
        _now: Instant,
        _awareness: &AwarenessKey,
    ) -> Result<Draft, (&'static str, Option<Draft>)> {
        Ok(Draft {
            author: command.author.clone(),
            kind: command.kind.clone(),
            body: command.body.clone(),
        })
    }
}

fn signer(origin: &str, role: Role, seed: u8) -> NoteSigner {
    let name = match role {
        Role::Log => origin.to_owned(),
        _ => format!("{origin}/{}", role.name()),
    };
    let name = KeyName::parse(&name).expect("name");
    let seed = seed + u8::try_from(role.name().len()).expect("short");
    NoteSigner::new(name, role.signature_type(), &[seed; 32]).expect("key")
}

fn root(seed: u8) -> RootSigner {
    RootSigner::from_seed(&[seed; 32]).expect("root")
}

/// The key event number `sequence` of a participant whose keys are made from `seed`.
fn key_event(origin: &str, sequence: u8, seed: u8) -> Vec<u8> {
    let event = signed_key_event(origin, sequence, seed, false);
    entry(KEY_EVENT_KIND, 0, event.to_json())
}

/// The same before it is in an entry, perhaps with another cosigning key as well.
fn signed_key_event(origin: &str, sequence: u8, seed: u8, all: bool) -> SignedKeyEvent {
    let keys = [Role::Log, Role::Cosign].map(|role| {
        let seed = if all || role == Role::Log {
            seed + sequence
        } else {
            seed
        };
        (role, signer(origin, role, seed).vkey().clone())
    });
    let event = KeyEvent {
        participant: origin.to_owned(),
        sequence: u64::from(sequence),
        root: root(seed + 100 + sequence).public(),
        next: root(seed + 101 + sequence).commitment(),
        keys: BTreeMap::from(keys),
        seal: None,
        revoked: Vec::new(),
    };
    let (old, new) = (root(seed + 99 + sequence), root(seed + 100 + sequence));
    let roots = if sequence == 0 {
        vec![&new]
    } else {
        vec![&old, &new]
    };
    SignedKeyEvent::sign(event, &roots)
}

fn entry(kind: &str, second: i64, body: Map<String, Value>) -> Vec<u8> {
    let entry = Entry {
        kind: kind.to_owned(),
        author: "someone".to_owned(),
        written_at: at(second).to_string(),
        salt: vec![7; 16],
        awareness: AwarenessKey::default(),
        unit_key: None,
        body,
    };
    entry.to_bytes().expect("entry")
}

fn at(second: i64) -> Instant {
    later(
        Instant::parse_rfc3339("2016-09-12T00:00:00Z").expect("instant"),
        second,
    )
}

/// A node with a log that never fails.
struct Machine {
    node: Node<Count>,
    log: Vec<Vec<u8>>,
    log_seed: u8,
    findings: Vec<Finding>,
    answers: Vec<Result<u64, String>>,
    blobs: BTreeMap<Hash, Vec<u8>>,
    errands: Vec<Errand>,
}

/// Nodes whose messages arrive at once.
struct Parties {
    machines: BTreeMap<Arc<str>, Machine>,
    now: i64,
    is_cut: bool,
    /// Whether disks take nothing any more.
    hangs: bool,
    /// Whether logs stand for mirrors, too.
    serve_mirror: bool,
}

const NAMES: [&str; 3] = ["alpha.example", "bravo.example", "charlie.example"];

fn seed_of(origin: &str) -> u8 {
    10 * (1 + u8::try_from(
        NAMES
            .iter()
            .position(|name| *name == origin)
            .expect("known"),
    )
    .expect("few"))
}

fn ledgers(count: usize) -> Vec<Ledger> {
    let ledger = |origin: &&str| Ledger {
        origin: Arc::from(*origin),
        genesis: key_event(origin, 0, seed_of(origin)),
    };
    NAMES.iter().take(count).map(ledger).collect()
}

fn signed(origin: &str, log_seed: u8, entries: &[Vec<u8>]) -> SignedCheckpoint {
    let mut tree = Tree::new();
    for entry in entries {
        assert!(tree.push(Hash::leaf(entry), &mut Vec::new()));
    }
    let head = Checkpoint::new(origin, tree.size(), tree.root()).expect("head");
    let mut note = head.to_note().expect("note");
    note.sign(&signer(origin, Role::Log, log_seed));
    SignedCheckpoint::from_note(note).expect("checkpoint")
}

impl Machine {
    /// Starts a node from an own ledger and nothing else.
    fn new(
        origin: &str,
        log: Vec<Vec<u8>>,
        count: usize,
        limits: Limits,
        now: i64,
    ) -> (Self, Vec<Effect<Count>>) {
        let seed = seed_of(origin);
        let identity = Identity {
            origin: Arc::from(origin),
            cosigner: signer(origin, Role::Cosign, seed),
            salt_seed: [seed; 32],
            former_salt_seeds: Vec::new(),
        };
        let stored = Stored {
            ledgers: vec![StoredLedger {
                origin: Arc::from(origin),
                head: signed(origin, seed, &log),
                entries: log.clone(),
            }],
            ..Stored::default()
        };
        let (node, effects) =
            Node::new(identity, &ledgers(count), Count(0), stored, limits, at(now)).expect("node");
        let machine = Self {
            node,
            log,
            log_seed: seed,
            findings: Vec::new(),
            answers: Vec::new(),
            blobs: BTreeMap::new(),
            errands: Vec::new(),
        };
        (machine, effects)
    }
}

impl Parties {
    fn new(count: usize, limits: Limits) -> Self {
        let mut parties = Self {
            machines: BTreeMap::new(),
            now: 0,
            is_cut: false,
            hangs: false,
            serve_mirror: false,
        };
        let mut first = Vec::new();
        for ledger in ledgers(count) {
            let log = vec![ledger.genesis.clone()];
            let (machine, effects) = Machine::new(&ledger.origin, log, count, limits, 0);
            parties.machines.insert(ledger.origin.clone(), machine);
            first.push((ledger.origin, effects));
        }
        for (origin, effects) in first {
            parties.carry_out(&origin, effects);
        }
        parties.pass(20);
        parties
    }

    fn of(&self, origin: &str) -> &Machine {
        &self.machines[origin]
    }

    fn input(&mut self, origin: &str, input: Input) {
        let now = at(self.now);
        let machine = self.machines.get_mut(origin).expect("machine");
        let effects = machine.node.handle(now, input);
        self.carry_out(origin, effects);
    }

    /// Lets seconds pass, with a tick for every node in each.
    fn pass(&mut self, seconds: i64) {
        for _ in 0..seconds {
            self.now += 1;
            for origin in self.machines.keys().cloned().collect::<Vec<_>>() {
                self.input(&origin, Input::Tick);
            }
        }
    }

    /// Tells a node that everything it ever asked a peer is lost; what was answered or given up long ago is no news.
    fn lose_questions(&mut self, origin: &str, peer: &str) {
        for exchange in self.asked(origin, peer) {
            let peer = Arc::from(peer);
            let exchange = Some(exchange);
            self.input(origin, Input::PeerLost { peer, exchange });
        }
    }

    /// What a node ever asked a peer.
    fn asked(&self, origin: &str, peer: &str) -> Vec<u64> {
        let errands = self.of(origin).errands.iter();
        let asked = errands.filter_map(|errand| match errand {
            Errand::Send {
                peer: to,
                message: Message::Ask { exchange, .. },
            } if **to == *peer => Some(*exchange),
            _ => None,
        });
        asked.collect()
    }

    fn command(&mut self, origin: &str, body: Value) {
        self.wish(origin, body, None);
    }

    fn wish(&mut self, origin: &str, body: Value, once: Option<Once>) {
        let Value::Object(body) = body else {
            panic!("an object");
        };
        let command = Command {
            author: "user".to_owned(),
            kind: "note".to_owned(),
            body,
        };
        let input = Input::Command {
            request: 1,
            command,
            salt: [9; 16],
            once,
        };
        self.input(origin, input);
    }

    /// Writes an entry past the node, as another program or a liar does.
    fn adopt(&mut self, origin: &str, entry: Vec<u8>) {
        let machine = self.machines.get_mut(origin).expect("machine");
        machine.log.push(entry.clone());
        let checkpoint = signed(origin, machine.log_seed, &machine.log);
        let entries = vec![entry];
        self.input(
            origin,
            Input::Adopted {
                entries,
                checkpoint,
            },
        );
    }

    fn carry_out(&mut self, origin: &str, effects: Vec<Effect<Count>>) {
        let mut queue: VecDeque<(Arc<str>, Effect<Count>)> = VecDeque::new();
        let enqueue = |queue: &mut VecDeque<_>, origin: &str, effects: Vec<Effect<Count>>| {
            queue.extend(
                effects
                    .into_iter()
                    .map(|effect| (Arc::from(origin), effect)),
            );
        };
        enqueue(&mut queue, origin, effects);
        while let Some((origin, effect)) = queue.pop_front() {
            let now = at(self.now);
            let machine = self.machines.get_mut(&origin).expect("machine");
            let mut send = None;
            let input = match effect {
                Effect::Found(finding) => {
                    machine.findings.push(finding);
                    None
                }
                Effect::Answer { answer, .. } => {
                    let answer = answer.map(|accepted| accepted.index);
                    machine
                        .answers
                        .push(answer.map_err(|refusal| refusal.to_string()));
                    None
                }
                Effect::Applied { .. } => None,
                Effect::Run(errand) => {
                    machine.errands.push(errand.clone());
                    match errand {
                        Errand::Append { .. } if self.hangs => None,
                        Errand::Append { ticket, entries } => {
                            machine.log.extend(entries);
                            let checkpoint = signed(&origin, machine.log_seed, &machine.log);
                            Some(Input::Appended {
                                through: ticket,
                                checkpoint,
                            })
                        }
                        Errand::Rotate { .. } if self.hangs => None,
                        Errand::Rotate { ticket, entry, key } => {
                            machine.log_seed += 1;
                            let named = signer(&origin, Role::Log, machine.log_seed);
                            assert_eq!(named.vkey(), &*key);
                            machine.log.push(entry);
                            let checkpoint = signed(&origin, machine.log_seed, &machine.log);
                            Some(Input::Appended {
                                through: ticket,
                                checkpoint,
                            })
                        }
                        Errand::Mirror { ticket, .. } => Some(Input::Mirrored { ticket }),
                        Errand::CatchUp { entries, .. } => {
                            machine.log.extend(entries);
                            Some(Input::CaughtUp)
                        }
                        Errand::StoreBlob { hash, bytes } => {
                            let length = bytes.len() as u64;
                            machine.blobs.insert(hash, bytes);
                            Some(Input::BlobStored {
                                hash,
                                bytes: length,
                            })
                        }
                        Errand::ReadBlob { hash } => {
                            let bytes = machine.blobs.get(&hash).cloned();
                            Some(Input::BlobRead { hash, bytes })
                        }
                        Errand::SendBlob {
                            peer,
                            exchange,
                            hash,
                        } => {
                            let answer = Answer::Blob(machine.blobs[&hash].clone());
                            send = Some((peer, Message::Answer { exchange, answer }));
                            None
                        }
                        Errand::SendEntries {
                            peer,
                            exchange,
                            origin: of,
                            from,
                            count,
                            proof,
                        } => {
                            let from = usize::try_from(from).expect("small");
                            let count = usize::try_from(count).expect("small");
                            assert!(of == origin || self.serve_mirror);
                            let entries = machine.log[from..from + count].to_vec();
                            let answer = Answer::Entries { entries, proof };
                            send = Some((peer, Message::Answer { exchange, answer }));
                            None
                        }
                        Errand::Send { peer, message } => {
                            send = Some((peer, message));
                            None
                        }
                        _ => None,
                    }
                }
            };
            if let Some(input) = input {
                let effects = machine.node.handle(now, input);
                enqueue(&mut queue, &origin, effects);
            }
            if let Some((peer, message)) = send.filter(|_| !self.is_cut) {
                let machine = self.machines.get_mut(&peer).expect("machine");
                let input = Input::FromPeer {
                    peer: origin,
                    message,
                };
                let effects = machine.node.handle(now, input);
                enqueue(&mut queue, &peer, effects);
            }
        }
    }
}

const ALPHA: &str = NAMES[0];
const BRAVO: &str = NAMES[1];

#[test]
fn a_record_is_held_and_cosigned_by_the_counterparty_at_once() {
    let mut parties = Parties::new(2, Limits::standard());
    parties.command(ALPHA, json!({"subject": "x"}));
    assert_eq!(parties.of(ALPHA).answers, [Ok(1)]);
    let cosigned = parties.of(ALPHA).node.cosigned(ALPHA).expect("own ledger");
    assert_eq!(cosigned[BRAVO].size, 2);
    assert_eq!(parties.of(BRAVO).node.size(ALPHA), 2);
    let head = parties.of(BRAVO).node.head(ALPHA).expect("head");
    assert_eq!(head.note().signatures().len(), 2);
    // The next entry of the other says that it knew.
    let key = parties.of(BRAVO).node.awareness(at(parties.now));
    assert_eq!(key.seen(ALPHA).map(|seen| seen.size), Some(2));
}

#[test]
fn named_content_follows_its_entry() {
    let mut parties = Parties::new(2, Limits::standard());
    let bytes = b"a photograph".to_vec();
    let hash = Hash::of(&bytes);
    let length = bytes.len() as u64;
    let machine = parties.machines.get_mut(ALPHA).expect("machine");
    machine.blobs.insert(hash, bytes.clone());
    parties.input(
        ALPHA,
        Input::BlobStored {
            hash,
            bytes: length,
        },
    );
    let blob = json!({"sha256": hash.to_hex(), "bytes": length, "media_type": "image/png"});
    parties.command(
        ALPHA,
        json!({"subject": "x", "evidence": [{"original": blob}]}),
    );
    assert_eq!(parties.of(BRAVO).blobs.get(&hash), Some(&bytes));
    assert!(parties.of(BRAVO).node.holds_blob(hash));
    assert_eq!(parties.of(BRAVO).node.wanted_blobs().count(), 0);
}

#[test]
fn what_cannot_be_read_without_its_content_is_not_written_before_that_is_there() {
    let mut parties = Parties::new(2, Limits::standard());
    let hash = Hash::of(PLAN);
    let named = json!({"sha256": hash.to_hex(), "bytes": PLAN.len()});
    let table = |parties: &mut Parties| {
        let command = Command {
            author: "user".to_owned(),
            kind: TABLED.to_owned(),
            body: Map::from_iter([("dossier".to_owned(), named.clone())]),
        };
        let input = Input::Command {
            request: 1,
            command,
            salt: [9; 16],
            once: None,
        };
        parties.input(ALPHA, input);
    };
    table(&mut parties);
    let refused = Refusal::<&str>::NoContent(hash).to_string();
    assert_eq!(parties.of(ALPHA).answers, [Err(refused)]);
    assert_eq!(parties.of(ALPHA).node.size(ALPHA), 1);
    // What comes after it is not held up.
    parties.command(ALPHA, json!({"subject": "x"}));
    let alpha = parties.machines.get_mut(ALPHA).expect("machine");
    alpha.blobs.insert(hash, PLAN.to_vec());
    let bytes = PLAN.len() as u64;
    parties.input(ALPHA, Input::BlobStored { hash, bytes });
    table(&mut parties);
    assert_eq!(parties.of(ALPHA).answers[1..], [Ok(1), Ok(2)]);
    assert_eq!(parties.of(BRAVO).node.size(ALPHA), 3);
}

#[test]
fn claims_about_time_are_held_against_what_is_known() {
    let mut parties = Parties::new(2, Limits::standard());
    parties.command(ALPHA, json!({"subject": "x"}));
    parties.pass(400);
    let far = entry("note", 5000, Map::new());
    let index = parties.of(ALPHA).log.len() as u64;
    // Asked long after the tenth second, the ledger did not hold this.
    parties.adopt(ALPHA, entry("note", 10, Map::new()));
    parties.adopt(ALPHA, far);
    let findings = &parties.of(BRAVO).findings;
    let early = |finding: &Finding| match finding {
        Finding::EarlyClaim { index: at, .. } | Finding::BackDated { index: at, .. } => {
            *at == index
        }
        _ => false,
    };
    assert!(findings.iter().any(early), "{findings:?}");
    let future = |finding: &Finding| matches!(finding, Finding::FromTheFuture { index: at, .. } if *at == index + 1);
    assert!(findings.iter().any(future), "{findings:?}");
    // What is of the future is not named by others.
    let key = parties.of(BRAVO).node.awareness(at(parties.now));
    assert_eq!(key.seen(ALPHA).map(|seen| seen.size), Some(index + 1));
}

#[test]
fn presence_is_about_the_line_and_heartbeats_about_the_ledger() {
    let mut parties = Parties::new(2, Limits::standard());
    let presence = |parties: &Parties| parties.of(BRAVO).node.presence(ALPHA, at(parties.now));
    assert_eq!(presence(&parties), Some(Presence::Normal));
    let before = parties.of(ALPHA).log.len();
    parties.pass(310);
    assert!(
        parties.of(ALPHA).log.len() > before,
        "a heartbeat was written"
    );

    parties.is_cut = true;
    parties.pass(70);
    assert_eq!(presence(&parties), Some(Presence::Unknown));
    parties.pass(600);
    assert_eq!(presence(&parties), Some(Presence::Down));
    let withheld = |finding: &Finding| matches!(finding, Finding::HeartbeatWithheld { .. });
    assert!(!parties.of(BRAVO).findings.iter().any(withheld));
    assert!(!parties.of(BRAVO).node.judges_otherwise(ALPHA));

    // Alpha answers again, but nothing it writes reaches its ledger any more.
    parties.is_cut = false;
    parties.hangs = true;
    parties.pass(700);
    assert_eq!(presence(&parties), Some(Presence::Normal));
    assert!(parties.of(BRAVO).findings.iter().any(withheld));
}

#[test]
fn a_flood_of_questions_is_answered_up_to_the_quota_and_told_once() {
    let limits = Limits {
        requests: 50,
        ..Limits::standard()
    };
    let mut parties = Parties::new(2, limits);
    parties.pass(PERIOD_S);
    parties.is_cut = true;
    let before = parties.of(BRAVO).errands.len();
    for exchange in 0..200 {
        let ask = Ask::Blob {
            hash: Hash::of(b"nothing"),
        };
        let message = Message::Ask { exchange, ask };
        let peer = Arc::from(ALPHA);
        parties.input(BRAVO, Input::FromPeer { peer, message });
    }
    let refused = Answer::Refused(Refused::NotHeld);
    let answered = parties.of(BRAVO).errands[before..].iter().filter(|errand| {
        matches!(errand, Errand::Send { message: Message::Answer { answer, .. }, .. } if *answer == refused)
    });
    let answered = answered.count();
    assert!((1..50).contains(&answered), "{answered}");
    let throttled = |finding: &&Finding| matches!(finding, Finding::Throttled { .. });
    assert_eq!(
        parties.of(BRAVO).findings.iter().filter(throttled).count(),
        1
    );
}

#[test]
fn what_a_peer_waits_for_is_not_lost_with_a_line_to_it() {
    let mut parties = Parties::new(2, Limits::standard());
    // Alpha's poll waits at bravo when bravo cannot reach alpha, and finds out late about questions it gave up.
    let peer: Arc<str> = Arc::from(ALPHA);
    let exchange = None;
    parties.input(BRAVO, Input::PeerLost { peer, exchange });
    parties.lose_questions(BRAVO, ALPHA);
    parties.command(BRAVO, json!({"subject": "x"}));
    assert_eq!(parties.of(ALPHA).node.size(BRAVO), 2);
}

#[test]
fn a_peer_that_speaks_again_is_asked_within_seconds_however_long_it_was_away() {
    let mut parties = Parties::new(2, Limits::standard());
    parties.is_cut = true;
    for _ in 0..110 {
        parties.pass(1);
        parties.lose_questions(BRAVO, ALPHA);
    }
    // It was asked ever more rarely, and of many questions lost in one outage only the first one counted.
    let before = parties.asked(BRAVO, ALPHA).len();
    parties.pass(2);
    assert_eq!(parties.asked(BRAVO, ALPHA).len(), before);
    let notice = Notice::Fork(Vec::new());
    let peer = Arc::from(ALPHA);
    let message = Message::Notice(notice);
    parties.input(BRAVO, Input::FromPeer { peer, message });
    parties.pass(2);
    assert!(parties.asked(BRAVO, ALPHA).len() > before);
}

#[test]
fn a_poll_that_another_one_takes_the_place_of_is_answered() {
    let mut parties = Parties::new(2, Limits::standard());
    parties.is_cut = true;
    let poll = |parties: &mut Parties, exchange| {
        let known: Vec<Known> = NAMES[..2]
            .iter()
            .map(|origin| Known {
                origin: Arc::from(*origin),
                size: NOT_WANTED,
                root: Hash::empty_tree(),
                cosigners: Vec::new(),
                contested: false,
            })
            .collect();
        let ask = Ask::Heads { known, wait: true };
        let message = Message::Ask { exchange, ask };
        let peer = Arc::from(ALPHA);
        parties.input(BRAVO, Input::FromPeer { peer, message });
    };
    poll(&mut parties, 1);
    let before = parties.of(BRAVO).errands.len();
    poll(&mut parties, 2);
    let answered = parties.of(BRAVO).errands[before..].iter().any(|errand| {
        matches!(
            errand,
            Errand::Send {
                message: Message::Answer { exchange: 1, .. },
                ..
            }
        )
    });
    assert!(answered, "or its request waits for nothing");
}

#[test]
fn a_restored_backup_takes_back_what_it_lost_before_it_signs() {
    let mut parties = Parties::new(2, Limits::standard());
    parties.command(ALPHA, json!({"subject": "x"}));
    parties.command(ALPHA, json!({"subject": "y"}));
    let whole = parties.of(ALPHA).log.clone();
    let backup = whole[..1].to_vec();
    let now = parties.now;
    let (machine, effects) = Machine::new(ALPHA, backup, 2, Limits::standard(), now);
    parties.machines.insert(Arc::from(ALPHA), machine);
    parties.lose_questions(BRAVO, ALPHA);
    parties.command(ALPHA, json!({"subject": "z"}));
    assert!(
        matches!(parties.of(ALPHA).answers.last(), Some(Err(_))),
        "not before it knows"
    );
    // Bravo serves its mirror of alpha: in these tests its log stands for its files.
    let machine = parties.machines.get_mut(BRAVO).expect("machine");
    let own = std::mem::replace(&mut machine.log, whole.clone());
    parties.serve_mirror = true;
    parties.carry_out(ALPHA, effects);
    parties.pass(10);
    parties.machines.get_mut(BRAVO).expect("machine").log = own;
    parties.serve_mirror = false;
    // What was taken back names bravo's ledger, which has to be held again first.
    parties.pass(60);
    assert_eq!(parties.of(ALPHA).log[..whole.len()], whole);
    assert!(parties.of(ALPHA).node.is_confirmed());
    parties.command(ALPHA, json!({"subject": "z"}));
    let last = parties.of(ALPHA).log.len() as u64 - 1;
    assert_eq!(parties.of(ALPHA).answers.last(), Some(&Ok(last)));
}

#[test]
fn a_ledger_called_new_is_signed_once_nobody_who_can_be_asked_holds_more() {
    let mut parties = Parties::new(2, Limits::standard());
    parties.command(ALPHA, json!({"subject": "x"}));
    let whole = parties.of(ALPHA).log.clone();
    let backup = whole[..1].to_vec();
    let (now, limits) = (parties.now, Limits::standard());
    let (machine, effects) = Machine::new(ALPHA, backup.clone(), 2, limits, now);
    parties.machines.insert(Arc::from(ALPHA), machine);
    parties.is_cut = true;
    parties.carry_out(ALPHA, effects);
    parties.input(ALPHA, Input::ConfirmNew);
    assert!(!parties.of(ALPHA).node.is_confirmed(), "bravo was asked");
    parties.lose_questions(ALPHA, BRAVO);
    assert!(parties.of(ALPHA).node.is_confirmed(), "nobody to ask");
    // The same with bravo within reach, which holds more: it is taken back from there.
    let (machine, effects) = Machine::new(ALPHA, backup, 2, limits, now);
    parties.machines.insert(Arc::from(ALPHA), machine);
    parties.is_cut = false;
    parties.lose_questions(BRAVO, ALPHA);
    let machine = parties.machines.get_mut(BRAVO).expect("machine");
    let own = std::mem::replace(&mut machine.log, whole.clone());
    parties.serve_mirror = true;
    parties.input(ALPHA, Input::ConfirmNew);
    parties.carry_out(ALPHA, effects);
    parties.pass(10);
    parties.machines.get_mut(BRAVO).expect("machine").log = own;
    parties.serve_mirror = false;
    parties.pass(60);
    assert!(parties.of(ALPHA).node.is_confirmed());
    assert_eq!(parties.of(ALPHA).log[..whole.len()], whole);
}

#[test]
fn a_wish_put_again_is_fulfilled_once_whatever_happens_in_between() {
    let mut parties = Parties::new(2, Limits::standard());
    let wish = |parties: &mut Parties, key: &str, wish: &str| {
        let once = Once {
            key: key.to_owned(),
            wish: Hash::of(wish.as_bytes()),
        };
        parties.wish(ALPHA, json!({"subject": wish}), Some(once));
        parties.of(ALPHA).answers.last().cloned()
    };
    let reused = Some(Err("the key belongs to another wish".to_owned()));
    assert_eq!(wish(&mut parties, "k", "one"), Some(Ok(1)));
    assert_eq!(wish(&mut parties, "k", "one"), Some(Ok(1)));
    assert_eq!(wish(&mut parties, "k", "two"), reused);
    assert_eq!(wish(&mut parties, "l", "two"), Some(Ok(2)));

    // All that is left is the ledger.
    let log = parties.of(ALPHA).log.clone();
    let (machine, effects) = Machine::new(ALPHA, log, 2, Limits::standard(), parties.now);
    parties.machines.insert(Arc::from(ALPHA), machine);
    parties.carry_out(ALPHA, effects);
    assert_eq!(wish(&mut parties, "k", "one"), Some(Ok(1)));
    assert_eq!(wish(&mut parties, "k", "two"), reused);
    parties.pass(20);
    let entries = parties.of(ALPHA).log.len();

    parties.hangs = true;
    let before = parties.of(ALPHA).answers.len();
    wish(&mut parties, "m", "three");
    assert_eq!(parties.of(ALPHA).answers.len(), before, "nobody knows yet");
    let under_way = Some(Err("the same wish is still being done".to_owned()));
    assert_eq!(wish(&mut parties, "m", "three"), under_way);
    let mut appended = parties.of(ALPHA).errands.iter().rev();
    let ticket = appended.find_map(|errand| match errand {
        Errand::Append { ticket, .. } => Some(*ticket),
        _ => None,
    });
    let from = ticket.expect("handed to the disk");
    parties.hangs = false;
    parties.input(ALPHA, Input::AppendFailed { from });
    let index = u64::try_from(entries).expect("few");
    assert_eq!(wish(&mut parties, "m", "three"), Some(Ok(index)));
}
