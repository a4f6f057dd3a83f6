//! One machine: a real node, a real log, disks that may fail, and a clock that may be wrong.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use detente_ledger::hash::Hash;
use detente_ledger::log::{Log, SEGMENT_BYTES_MIN};
use detente_ledger::storage::Storage;
use detente_ledger::storage::memory::{Fault, MemoryDisk, Omissions};
use detente_ledger::vkey::Vkey;
use detente_node::effect::Errand;
use detente_node::federation::{Answer, Finding, Ledger, Limits, Message};
use detente_node::history::Fold;
use detente_node::node::{Accepted, Command, Effect, Input, KeptFile, Node, Refusal, Stored};
use detente_spacetime::Instant;

use crate::Played;
use crate::files::{blobs_by_hash, directory, keep, read_all, read_log, read_mirror};
use crate::identity::{GENERATIONS, Member};
use crate::kept::{difference, program, read_contents, torn};

/// A message on its way out.
pub(crate) type Outgoing = (Arc<str>, Message);

/// What a user was told about a wish.
pub(crate) type Reply<P> =
    Result<Accepted<<P as Fold>::Outcome>, Refusal<<P as detente_node::node::Shared>::Refusal>>;

/// The disks of a machine: what survives it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Disks {
    log: MemoryDisk,
    rest: MemoryDisk,
    /// What was kept so that the machine starts quickly; now and then not all of it, or not as it was written.
    kept: Option<Vec<u8>>,
}

/// A machine that may be on or off.
#[derive(Debug)]
pub(crate) struct Host<P: Played> {
    pub(crate) member: Member,
    ledgers: Vec<Ledger>,
    founding: P,
    limits: Limits,
    cosigners: Vec<Vkey>,
    /// The newest keys that were drawn for the participant; they outlive every disk.
    drawn: usize,
    /// What the clock shows, less the true time.
    pub(crate) clock_us: i64,
    /// Present while the machine is off.
    disks: Disks,
    running: Option<Running<P>>,
    /// Own records that a user was told are durable: index and hash of the bytes.
    pub(crate) acknowledged: BTreeMap<u64, Hash>,
    /// Set by a disk fault: the process ends and is to be started again.
    pub(crate) is_broken: bool,
    is_fault_planned: bool,
    /// What must never happen on an honest machine.
    pub(crate) faults: Vec<String>,
    pub(crate) findings: Vec<Finding>,
    pub(crate) counts: Counts,
    next_request: u64,
    inputs: u64,
    /// Wishes whose answer somebody waits for, and those answers.
    awaited: Option<u64>,
    reply: Option<Reply<P>>,
}

/// What a machine did.
#[derive(Clone, Debug, Default)]
pub(crate) struct Counts {
    pub(crate) records: u64,
    pub(crate) refusals: u64,
    pub(crate) starts: u64,
    /// Keys taken into use.
    pub(crate) rotations: u64,
    /// Backups from before keys were taken into use that others brought up to date.
    pub(crate) rotations_taken_back: u64,
    /// Starts from what was kept.
    pub(crate) begun: u64,
    /// By ledger: entries mirrored.
    pub(crate) mirrored: BTreeMap<Arc<str>, Vec<Cost>>,
    /// By peer: answers sent.
    pub(crate) answered: BTreeMap<Arc<str>, Vec<Cost>>,
    /// Counts starts and jumps of the clock, each of which begins a quota anew.
    pub(crate) epoch: u64,
}

/// What a peer cost at a time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cost {
    pub(crate) epoch: u64,
    /// By the machine's clock.
    pub(crate) at: Instant,
    pub(crate) amount: u64,
}

#[derive(Debug)]
struct Running<P: Played> {
    node: Node<P>,
    log: Log<MemoryDisk>,
    /// Which of the participant's keys sign the log.
    generation: usize,
    rest: MemoryDisk,
    kept: Option<Vec<u8>>,
    /// What the disks hold of each ledger, for reading.
    files: BTreeMap<Arc<str>, Vec<Vec<u8>>>,
}

/// Inputs between two times that a machine keeps what it has.
const INPUTS_BETWEEN_KEEPS: u64 = 64;
/// Entries that come after what is kept: few, so that late ones often belong before it.
const ENTRIES_BEHIND: usize = 4;

impl<P: Played> Running<P> {
    /// Keeps what the node has, as a server does on a thread of its own.
    fn keep(&mut self, faults: &mut Vec<String>) {
        let Some(keeping) = self.node.keep(program(), ENTRIES_BEHIND) else {
            return;
        };
        let blobs = blobs_by_hash(&self.rest);
        match keeping.write(&|hash| blobs.get(&hash).cloned()) {
            Ok(bytes) => self.kept = Some(bytes),
            Err(reason) => faults.push(format!("nothing is kept: {reason}")),
        }
    }
}

impl<P: Played> Host<P> {
    /// Sets a machine up: an own ledger with its genesis entry, and nothing else.
    pub(crate) fn found(
        member: Member,
        ledgers: Vec<Ledger>,
        cosigners: Vec<Vkey>,
        founding: P,
        limits: Limits,
    ) -> Result<Self, String> {
        let fail = |error: &dyn std::fmt::Display| error.to_string();
        let first = member.generations.first().ok_or("no keys")?.log.clone();
        let mut log = Log::create(MemoryDisk::new(), first, SEGMENT_BYTES_MIN)
            .map_err(|error| fail(&error))?;
        log.confirm_unshared().map_err(|error| fail(&error))?;
        log.stage(member.ledger.genesis.clone())
            .map_err(|error| fail(&error))?;
        log.commit().map_err(|error| fail(&error))?;
        Ok(Self {
            disks: Disks {
                log: log.into_storage(),
                rest: MemoryDisk::new(),
                kept: None,
            },
            member,
            ledgers,
            founding,
            limits,
            cosigners,
            drawn: 0,
            clock_us: 0,
            running: None,
            acknowledged: BTreeMap::new(),
            is_broken: false,
            is_fault_planned: false,
            faults: Vec::new(),
            findings: Vec::new(),
            counts: Counts::default(),
            next_request: 0,
            inputs: 0,
            awaited: None,
            reply: None,
        })
    }

    /// Returns a second machine with the same keys and a copy of the disks.
    pub(crate) fn twin(&self) -> Self {
        Self {
            member: self.member.clone(),
            ledgers: self.ledgers.clone(),
            founding: self.founding.clone(),
            limits: self.limits,
            cosigners: self.cosigners.clone(),
            drawn: self.drawn,
            clock_us: self.clock_us,
            disks: self.backup(),
            running: None,
            acknowledged: BTreeMap::new(),
            is_broken: false,
            is_fault_planned: false,
            faults: Vec::new(),
            findings: Vec::new(),
            counts: Counts::default(),
            next_request: 0,
            inputs: 0,
            awaited: None,
            reply: None,
        }
    }

    pub(crate) fn node(&self) -> Option<&Node<P>> {
        self.running.as_ref().map(|running| &running.node)
    }

    /// Returns the entries of a ledger as the disks hold them.
    pub(crate) fn entries(&self, origin: &str) -> &[Vec<u8>] {
        let files = self.running.as_ref().and_then(|run| run.files.get(origin));
        files.map_or(&[], Vec::as_slice)
    }

    /// Returns what the clock shows at a true time.
    pub(crate) fn clock(&self, true_us: i64) -> Instant {
        Instant::from_micros(true_us.saturating_add(self.clock_us)).unwrap_or(Instant::MAX)
    }

    /// Copies the disks as they are now, as a backup would.
    pub(crate) fn backup(&self) -> Disks {
        match &self.running {
            None => self.backup_of_disks(),
            Some(running) => Disks {
                log: running.log.storage().after_process_crash(),
                rest: running.rest.after_process_crash(),
                kept: running.kept.clone(),
            },
        }
    }

    /// Puts other disks into a machine that is off.
    pub(crate) fn restore(&mut self, disks: Disks) {
        self.disks = disks;
    }

    /// Makes the next start's disks leave out steps that make data durable.
    pub(crate) fn omit_syncs(&mut self) {
        self.disks.log.omit(Omissions {
            data_sync: true,
            directory_sync: false,
        });
    }

    /// Makes a disk fail some steps after the next start.
    pub(crate) fn fail_disk(&mut self, is_log: bool, step: u64, fault: Fault) {
        let disk = match is_log {
            true => &mut self.disks.log,
            false => &mut self.disks.rest,
        };
        disk.fail_at(step, fault);
        self.is_fault_planned = true;
    }

    /// Takes back a planned disk fault that has not struck, by starting the process anew.
    pub(crate) fn spare(&mut self) {
        if std::mem::take(&mut self.is_fault_planned) {
            self.stop(None);
            self.disks = self.backup_of_disks();
        }
    }

    /// Stops the machine: the process only, or the power with it.
    pub(crate) fn stop(&mut self, power_loss: Option<u64>) {
        self.is_broken = false;
        let Some(running) = self.running.take() else {
            return;
        };
        let disks = Disks {
            log: running.log.into_storage(),
            rest: running.rest,
            kept: running.kept,
        };
        self.disks = match power_loss {
            None => Disks {
                log: disks.log.after_process_crash(),
                rest: disks.rest.after_process_crash(),
                kept: disks.kept,
            },
            Some(seed) => Disks {
                log: disks.log.after_power_loss(seed),
                rest: disks.rest.after_power_loss(seed),
                kept: disks.kept.map(|kept| torn(kept, seed)),
            },
        };
    }

    /// Starts the machine from its disks.
    pub(crate) fn start(&mut self, true_us: i64) -> Vec<Outgoing> {
        if self.running.is_some() {
            return Vec::new();
        }
        let now = self.clock(true_us);
        self.counts.starts += 1;
        self.counts.epoch += 1;
        let mut booted = self.boot(now);
        if booted.is_err() && std::mem::take(&mut self.is_fault_planned) {
            // The planned fault struck while starting: the machine stops and starts once more.
            self.disks = self.backup_of_disks();
            booted = self.boot(now);
        }
        match booted {
            Ok(effects) => self.carry_out(now, effects),
            Err(fault) => {
                self.faults.push(format!("does not start: {fault}"));
                Vec::new()
            }
        }
    }

    fn backup_of_disks(&self) -> Disks {
        Disks {
            log: self.disks.log.after_process_crash(),
            rest: self.disks.rest.after_process_crash(),
            kept: self.disks.kept.clone(),
        }
    }

    fn boot(&mut self, now: Instant) -> Result<Vec<Effect<P>>, String> {
        let disks = self.disks.clone();
        let fail = |error: &dyn std::fmt::Display| error.to_string();
        let signers = self.member.generations.iter().map(|keys| &keys.log);
        let keys: Vec<Vkey> = signers.clone().map(|it| it.vkey().clone()).collect();
        let first = signers.clone().next().ok_or("no keys")?.clone();
        let mut log = Log::open(disks.log, first, &keys).map_err(|error| fail(&error))?;
        let generation = self.member.signed(log.head());
        let generation = generation.ok_or("the ledger is signed by nobody known")?;
        let signed = self.member.generations.get(generation);
        let signed = signed.ok_or("no keys")?.clone();
        log.sign_with(signed.log);
        log.publish().map_err(|error| fail(&error))?;
        let own = read_log(&log)?;
        let mut files = BTreeMap::from([(self.member.origin.clone(), own.entries.clone())]);
        let mut stored = Stored {
            ledgers: vec![own],
            ..Stored::default()
        };
        for ledger in &self.ledgers {
            if let Some(mirror) = read_mirror(&disks.rest, &ledger.origin) {
                files.insert(ledger.origin.clone(), mirror.entries.clone());
                stored.ledgers.push(mirror);
            }
        }
        stored.forks = read_all(&disks.rest, "forks");
        let blobs = read_all(&disks.rest, "blob").into_iter();
        stored.blobs = blobs
            .map(|bytes| (Hash::of(&bytes), bytes.len() as u64))
            .collect();
        let make = |stored: Stored| -> Result<_, String> {
            let (mut node, effects) = Node::new(
                signed.identity.clone(),
                &self.ledgers,
                self.founding.clone(),
                stored,
                self.limits,
                now,
            )
            .map_err(|error| fail(&error))?;
            let effects = read_contents(&mut node, effects, &disks.rest, now);
            Ok((node, effects))
        };
        let (node, effects) = match disks.kept.clone() {
            None => make(stored)?,
            Some(bytes) => {
                let kept = Some(KeptFile {
                    bytes,
                    program: program(),
                    contents: blobs_by_hash(&disks.rest),
                });
                let (anew, _) = make(stored.clone())?;
                let (node, effects) = make(Stored { kept, ..stored })?;
                if let Some(difference) = difference(&anew, &node) {
                    self.faults
                        .push(format!("begun from what was kept: {difference}"));
                }
                self.counts.begun += u64::from(node.begun_from() > 0);
                (node, effects)
            }
        };
        self.running = Some(Running {
            node,
            log,
            generation,
            rest: disks.rest,
            kept: disks.kept,
            files,
        });
        Ok(effects)
    }

    /// Hands the node an input and carries out what it wants done.
    pub(crate) fn input(&mut self, true_us: i64, input: Input) -> Vec<Outgoing> {
        let now = self.clock(true_us);
        let Some(running) = &mut self.running else {
            return Vec::new();
        };
        let effects = running.node.handle(now, input);
        self.inputs += 1;
        if self.inputs.is_multiple_of(INPUTS_BETWEEN_KEEPS) {
            running.keep(&mut self.faults);
        }
        self.carry_out(now, effects)
    }

    /// Lets a user of this machine wish for something.
    pub(crate) fn wish(&mut self, true_us: i64, command: Command, salt: [u8; 16]) -> Vec<Outgoing> {
        self.next_request += 1;
        let input = Input::Command {
            request: self.next_request,
            command,
            salt,
            once: None,
        };
        self.input(true_us, input)
    }

    /// Lets a user wish for something and wait for what becomes of it.
    pub(crate) fn ask(&mut self, true_us: i64, command: Command, salt: [u8; 16]) -> Vec<Outgoing> {
        self.awaited = Some(self.next_request + 1);
        self.reply = None;
        self.wish(true_us, command, salt)
    }

    /// Returns what the user who asked last was told, once.
    pub(crate) fn take_reply(&mut self) -> Option<Reply<P>> {
        self.reply.take()
    }

    /// Draws the keys that are to follow, if there are any.
    pub(crate) fn draw_keys(&mut self) {
        self.drawn = (self.drawn + 1).min(GENERATIONS - 1);
    }

    /// Returns whether keys were drawn that the node could take into use now.
    pub(crate) fn may_rotate(&self) -> bool {
        self.running.as_ref().is_some_and(|running| {
            running.generation < self.drawn
                && running.node.is_confirmed()
                && !running.node.is_rotating()
        })
    }

    /// Has the node go on with the keys that follow those in use.
    pub(crate) fn rotate(&mut self, true_us: i64, salt: [u8; 16]) -> Vec<Outgoing> {
        let next = self.running.as_ref().map(|running| running.generation + 1);
        let Some(next) = next.and_then(|next| self.member.generations.get(next)) else {
            return Vec::new();
        };
        self.next_request += 1;
        let input = Input::Rotate {
            request: self.next_request,
            event: Box::new(next.event.clone()),
            salt,
            successor: Box::new(next.identity.clone()),
        };
        self.input(true_us, input)
    }

    /// Puts content beside the ledgers onto the disk of a machine that is off.
    pub(crate) fn keep_blob(&mut self, bytes: &[u8]) -> Result<(), String> {
        let path = format!("blob/{}", Hash::of(bytes).to_hex());
        let kept = self.disks.rest.replace(&path, bytes);
        kept.map_err(|error| error.to_string())
    }

    /// Writes entries into the own log past the node, as only a liar does.
    pub(crate) fn write_raw(&mut self, true_us: i64, entries: Vec<Vec<u8>>) -> Vec<Outgoing> {
        let Some(running) = &mut self.running else {
            return Vec::new();
        };
        let staged = entries
            .iter()
            .all(|entry| running.log.stage(entry.clone()).is_ok());
        let Some(checkpoint) = running.log.commit().ok().filter(|_| staged).cloned() else {
            return Vec::new();
        };
        let own = running.files.entry(self.member.origin.clone()).or_default();
        own.extend(entries.iter().cloned());
        let input = Input::Adopted {
            entries,
            checkpoint,
        };
        self.input(true_us, input)
    }

    /// Lays content beside the ledgers, as a user does who brings it.
    pub(crate) fn lay(&mut self, true_us: i64, content: &[u8]) -> Vec<Outgoing> {
        let hash = Hash::of(content);
        let Some(running) = &mut self.running else {
            return Vec::new();
        };
        let path = format!("blob/{}", hash.to_hex());
        if running.rest.replace(&path, content).is_err() {
            self.is_broken = true;
            return Vec::new();
        }
        let bytes = content.len() as u64;
        self.input(true_us, Input::BlobStored { hash, bytes })
    }

    fn carry_out(&mut self, now: Instant, effects: Vec<Effect<P>>) -> Vec<Outgoing> {
        let mut outgoing = Vec::new();
        let mut effects = VecDeque::from(effects);
        let mut appends = Vec::new();
        loop {
            let Some(effect) = effects.pop_front() else {
                let Some(input) = self.commit(&mut appends) else {
                    break;
                };
                effects.extend(self.hand_in(now, input));
                continue;
            };
            match effect {
                Effect::Run(Errand::Append { ticket, entries }) => appends.push((ticket, entries)),
                Effect::Run(Errand::Rotate { ticket, entry, key }) => {
                    let before = self.commit(&mut appends);
                    let rotated = self.commit_rotation(ticket, entry, &key);
                    for input in before.into_iter().chain(rotated) {
                        effects.extend(self.hand_in(now, input));
                    }
                }
                Effect::Run(Errand::Send { peer, message }) => {
                    self.count_answer(now, &peer, &message);
                    outgoing.push((peer, message));
                }
                Effect::Run(errand) => {
                    let (message, input) = self.run(now, errand);
                    outgoing.extend(message);
                    if let Some(input) = input {
                        effects.extend(self.hand_in(now, input));
                    }
                }
                Effect::Answer { request, answer } => {
                    match &answer {
                        Ok(accepted) => self.note_acknowledged(accepted.index),
                        Err(Refusal::Rules(_)) => self.counts.refusals += 1,
                        Err(_) => {}
                    }
                    if self.awaited == Some(request) {
                        self.reply = Some(answer);
                    }
                }
                Effect::Applied { .. } => {}
                Effect::Found(finding) => self.findings.push(finding),
            }
            if self.is_broken {
                // The process ends here: nothing more leaves it.
                break;
            }
        }
        outgoing
    }

    fn hand_in(&mut self, now: Instant, input: Input) -> Vec<Effect<P>> {
        let running = self.running.as_mut();
        running.map_or_else(Vec::new, |running| running.node.handle(now, input))
    }

    fn note_acknowledged(&mut self, index: u64) {
        let place = usize::try_from(index).unwrap_or(usize::MAX);
        let own = self.entries(&self.member.origin);
        if let Some(bytes) = own.get(place) {
            let hash = Hash::of(bytes);
            self.acknowledged.insert(index, hash);
            self.counts.records += 1;
        } else {
            self.faults
                .push(format!("entry {index} acknowledged before it was there"));
        }
    }

    fn count_answer(&mut self, now: Instant, peer: &Arc<str>, message: &Message) {
        if matches!(message, Message::Answer { .. }) {
            let cost = Cost {
                epoch: self.counts.epoch,
                at: now,
                amount: 1,
            };
            let answered = &mut self.counts.answered;
            answered.entry(peer.clone()).or_default().push(cost);
        }
    }

    /// Commits what is to be appended, in one piece.
    fn commit(&mut self, appends: &mut Vec<(u64, Vec<Vec<u8>>)>) -> Option<Input> {
        let (through, _) = *appends.last().as_ref()?;
        let through = *through;
        let running = self.running.as_mut()?;
        let entries: Vec<Vec<u8>> = appends.drain(..).flat_map(|(_, entries)| entries).collect();
        let staged = entries
            .iter()
            .try_for_each(|entry| running.log.stage(entry.clone()).map(|_| ()));
        let committed = staged.and_then(|()| running.log.commit().cloned());
        match committed {
            Ok(checkpoint) => {
                let own = running.files.entry(self.member.origin.clone()).or_default();
                own.extend(entries);
                Some(Input::Appended {
                    through,
                    checkpoint,
                })
            }
            Err(error) => {
                self.end(&error);
                None
            }
        }
    }

    /// Commits a key event, and signs with the key it names from there on.
    fn commit_rotation(&mut self, through: u64, entry: Vec<u8>, key: &Vkey) -> Option<Input> {
        let mut keys = self.member.generations.iter().map(|keys| &keys.log);
        let generation = keys.position(|log| log.vkey() == key)?;
        let signer = self.member.generations.get(generation)?.log.clone();
        let running = self.running.as_mut().filter(|_| !self.is_broken)?;
        match running.log.rotate(entry.clone(), signer).cloned() {
            Ok(checkpoint) => {
                running.generation = generation;
                self.counts.rotations += 1;
                let own = running.files.entry(self.member.origin.clone()).or_default();
                own.push(entry);
                Some(Input::Appended {
                    through,
                    checkpoint,
                })
            }
            Err(error) => {
                self.end(&error);
                None
            }
        }
    }

    /// Ends the process after a disk fault; anything else is a fault of the program.
    fn end(&mut self, error: &detente_ledger::log::CommitError) {
        use detente_ledger::log::CommitError;
        if !matches!(error, CommitError::Storage(_) | CommitError::Stopped) {
            self.faults.push(format!("the log refuses: {error}"));
        }
        self.is_broken = true;
    }

    fn run(&mut self, now: Instant, errand: Errand) -> (Option<Outgoing>, Option<Input>) {
        let Some(running) = self.running.as_mut() else {
            return (None, None);
        };
        match errand {
            // Carried out before, in their order.
            Errand::Append { .. } | Errand::Rotate { .. } | Errand::Send { .. } => (None, None),
            Errand::Confirm { held } => {
                let confirmed = match held.as_slice() {
                    [] => running.log.confirm_unshared(),
                    held => running.log.confirm(held),
                };
                if let Err(error) = confirmed {
                    self.faults
                        .push(format!("the log is not confirmed: {error}"));
                }
                (None, None)
            }
            Errand::CatchUp { entries, held } => match running.log.catch_up(&entries, &held) {
                Ok(()) => {
                    let own = running.files.entry(self.member.origin.clone()).or_default();
                    own.extend(entries);
                    // What others gave back may end under other keys than the backup did.
                    if let Some(generation) = self.member.signed(&held)
                        && let Some(keys) = self.member.generations.get(generation)
                        && generation != running.generation
                    {
                        running.log.sign_with(keys.log.clone());
                        running.generation = generation;
                        running.node.expect_successor(keys.identity.clone());
                        self.counts.rotations_taken_back += 1;
                    }
                    (None, Some(Input::CaughtUp))
                }
                Err(error) => {
                    self.end(&error);
                    (None, None)
                }
            },
            Errand::Attach { size, line } => {
                if running.log.head().checkpoint().size() == size {
                    // A cosignature that is not kept is asked for again.
                    let _ = running.log.attach(&line, &self.cosigners);
                }
                (None, None)
            }
            Errand::Mirror {
                ticket,
                origin,
                first_index,
                entries,
                head,
            } => {
                let count = entries.len() as u64;
                let kept = keep(
                    &mut running.rest,
                    &origin,
                    first_index,
                    &entries,
                    head.as_ref(),
                );
                let file = running.files.entry(origin.clone()).or_default();
                file.truncate(usize::try_from(first_index).unwrap_or(usize::MAX));
                file.extend(entries);
                let mirrored = self.counts.mirrored.entry(origin).or_default();
                mirrored.push(Cost {
                    epoch: self.counts.epoch,
                    at: now,
                    amount: count,
                });
                self.is_broken |= !kept;
                (None, kept.then_some(Input::Mirrored { ticket }))
            }
            Errand::KeepHead { origin, head } => {
                self.is_broken |= !keep(&mut running.rest, &origin, 0, &[], Some(&head));
                (None, None)
            }
            Errand::KeepEvidence { origin, proof } => {
                let path = format!("forks/{}", directory(&origin));
                self.is_broken |= running.rest.replace(&path, &proof).is_err();
                (None, None)
            }
            Errand::StoreBlob { hash, bytes } => {
                let path = format!("blob/{}", hash.to_hex());
                let kept = running.rest.replace(&path, &bytes).is_ok();
                self.is_broken |= !kept;
                let bytes = bytes.len() as u64;
                (None, kept.then_some(Input::BlobStored { hash, bytes }))
            }
            Errand::ReadBlob { hash } => {
                let path = format!("blob/{}", hash.to_hex());
                let bytes = running.rest.read(&path).ok().flatten();
                (None, Some(Input::BlobRead { hash, bytes }))
            }
            Errand::SendEntries {
                peer,
                exchange,
                origin,
                from,
                count,
                proof,
            } => {
                let start = usize::try_from(from).unwrap_or(usize::MAX);
                let count = usize::try_from(count).unwrap_or(0);
                let file = running.files.get(&origin).map_or(&[][..], Vec::as_slice);
                let entries = file.iter().skip(start).take(count).cloned().collect();
                let answer = Answer::Entries { entries, proof };
                let message = Message::Answer { exchange, answer };
                self.count_answer(now, &peer, &message);
                (Some((peer, message)), None)
            }
            Errand::SendBlob {
                peer,
                exchange,
                hash,
            } => {
                let path = format!("blob/{}", hash.to_hex());
                let bytes = running.rest.read(&path).ok().flatten().unwrap_or_default();
                let answer = Answer::Blob(bytes);
                (Some((peer, Message::Answer { exchange, answer })), None)
            }
        }
    }
}
