//! A world: machines, lines between them, users, and a fate chosen by a seed.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::fmt;
use std::sync::Arc;

use detente_ledger::keys::Role;
use detente_ledger::storage::memory::Fault;
use detente_ledger::vkey::Vkey;
use detente_node::federation::{Answer, Ledger, Limits, Message, Notice};
use detente_node::node::Input;
use detente_spacetime::Instant;

use crate::Played;
use crate::cast::{Breaches, Cast, Content, Farewell, Overhear, Wish};
use crate::chance::Chance;
use crate::flood;
use crate::host::{Counts, Disks, Host, Outgoing};
use crate::identity::Member;
use crate::invariant::{self, Violation};
use crate::network::Network;
use crate::report::Report;
use crate::script::telling::Telling;

/// When worlds begin unless their conditions say otherwise: 2016-09-12T00:00:00Z.
const BEGINNING_US: i64 = 1_473_638_400_000_000;
const SECOND_US: i64 = 1_000_000;
/// How long everything may go wrong.
const TROUBLE_S: i64 = 300;
/// How long the healed world has to converge: several long polls, a quota's period and the longest
/// wait after failures.
const HEALING_S: i64 = 150;
/// What peers may cost in these worlds: little, so that a flood is cheap to make.
const REQUESTS_MAX: u64 = 600;
/// As [`REQUESTS_MAX`], for the entries of one ledger.
const ENTRIES_MAX: u64 = 300;
/// Entries in one answer: few, so that catching up takes several.
const CHUNK_ENTRIES_MAX: u64 = 16;

/// What a world is made of.
#[derive(Clone, Debug)]
pub struct Conditions {
    /// The seed everything follows from.
    pub seed: u64,
    /// Participants.
    pub parties: usize,
    /// Whether the last participant shows two histories.
    pub is_equivocating: bool,
    /// Whether the first participant floods the others.
    pub is_flooding: bool,
    /// A bug to plant.
    pub plant: Option<Plant>,
    /// When the world begins, in microseconds since 1970.
    pub begins_us: i64,
}

impl Conditions {
    /// Chooses conditions by a seed, without a planted bug.
    pub fn any(seed: u64) -> Self {
        let mut chance = Chance::new(seed);
        let parties = 2 + chance.index(4);
        Self {
            seed,
            parties,
            // Two honest holders besides the liar are needed to catch it.
            is_equivocating: parties >= 3 && chance.happens(350),
            is_flooding: parties >= 4 && chance.happens(350),
            plant: None,
            begins_us: BEGINNING_US,
        }
    }
}

/// A bug planted around the nodes, to show that an invariant can fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plant {
    /// Disks claim to have made data durable and did not.
    DisksForget,
    /// One party starts from another founding state.
    OddFounding,
    /// Nobody hears of what others hold of third ledgers, nor of forks.
    DeafToForks,
    /// One line stays cut when everything else heals.
    NeverHealed,
    /// Nodes grant their peers everything.
    NoQuotas,
    /// A restored backup writes on without asking its peers.
    BlindRestore,
}

#[derive(Debug)]
enum Event {
    Deliver {
        from: usize,
        to: usize,
        bytes: Arc<[u8]>,
    },
    Tick(usize),
    Wish(usize),
    Flood(usize),
    Stop {
        host: usize,
        is_restored: bool,
    },
    Start(usize),
    Backup(usize),
    Part,
    Join,
    Jump(usize),
    DrawKeys(usize),
    Split,
    Compare,
    Cue,
    Heal,
}

/// A world being played.
pub struct World<P: Played> {
    pub(crate) conditions: Conditions,
    pub(crate) chance: Chance,
    wish: Wish<P>,
    pub(crate) breaches: Breaches<P>,
    pub(crate) telling: Option<Telling>,
    content: Content,
    overhear: Overhear,
    farewell: Farewell<P>,
    pub(crate) network: Network,
    pub(crate) hosts: Vec<Host<P>>,
    /// For a liar with two machines: which of them each other machine speaks with.
    split: Option<Split>,
    backups: BTreeMap<usize, Disks>,
    queue: BinaryHeap<Reverse<(i64, u64, usize)>>,
    events: Vec<Option<Event>>,
    pub(crate) now_us: i64,
    ends_us: i64,
    is_healing: bool,
    pub(crate) violations: Vec<Violation>,
    messages: u64,
    restores: u64,
    story: Vec<String>,
}

impl<P: Played> fmt::Debug for World<P> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("World")
            .field("conditions", &self.conditions)
            .finish_non_exhaustive()
    }
}

/// One party on two machines.
#[derive(Clone, Debug)]
struct Split {
    first: usize,
    second: usize,
    /// Machines that speak with the second.
    side: Vec<bool>,
}

impl<P: Played> World<P> {
    /// Builds the world of these conditions.
    ///
    /// # Errors
    ///
    /// A description of what could not be set up; no world with a usable seed gives one.
    pub fn new(conditions: Conditions) -> Result<Self, String> {
        let cast = Cast {
            breaches: Box::new(P::breaches),
            ..Cast::new(Box::new(P::founding), Box::new(P::wish))
        };
        Self::with(conditions, cast)
    }

    /// Builds the world of these conditions with other users.
    ///
    /// # Errors
    ///
    /// As [`World::new`].
    pub fn with(conditions: Conditions, cast: Cast<P>) -> Result<Self, String> {
        let seed = conditions.seed;
        let mut chance = Chance::new(seed ^ 0x5eed);
        let begins =
            Instant::from_micros(conditions.begins_us).ok_or("the world has no beginning")?;
        let members: Option<Vec<Member>> = (0..conditions.parties)
            .map(|number| Member::new(seed, number, begins))
            .collect();
        let members = members.ok_or("the seed gives no usable keys")?;
        let ledgers: Vec<Ledger> = members.iter().map(|member| member.ledger.clone()).collect();
        let cosigners: Vec<Vkey> = members
            .iter()
            .flat_map(|member| &member.generations)
            .map(|keys| keys.identity.cosigner.vkey().clone())
            .collect();
        debug_assert!(
            cosigners
                .iter()
                .all(|key| key.signature_type() == Role::Cosign.signature_type())
        );
        let limits = limits(conditions.plant);
        let mut hosts = Vec::new();
        let origins: Vec<String> = ledgers
            .iter()
            .map(|ledger| ledger.origin.to_string())
            .collect();
        for (number, member) in members.into_iter().enumerate() {
            let is_odd = conditions.plant == Some(Plant::OddFounding) && number == 0;
            let founding = (cast.founding)(&origins, is_odd);
            let others = cosigners.clone();
            let mut host = Host::found(member, ledgers.clone(), others, founding, limits)?;
            if conditions.plant == Some(Plant::DisksForget) {
                host.omit_syncs();
            }
            hosts.push(host);
        }
        let network = Network::any(&mut chance);
        let telling = cast.script.map(Telling::new);
        for (party, bytes) in telling.iter().flat_map(Telling::blobs) {
            let host = hosts.get_mut(*party).ok_or("a blob is nobody's")?;
            host.keep_blob(bytes)?;
        }
        // A script ends when it has been told; only then is it known how long the world lasts.
        let lasts_s = match telling {
            Some(_) => 0,
            None => TROUBLE_S + HEALING_S,
        };
        let mut world = Self {
            chance,
            network,
            hosts,
            split: None,
            backups: BTreeMap::new(),
            queue: BinaryHeap::new(),
            events: Vec::new(),
            now_us: conditions.begins_us,
            ends_us: match lasts_s {
                0 => i64::MAX,
                lasts_s => conditions.begins_us + lasts_s * SECOND_US,
            },
            wish: cast.wish,
            breaches: cast.breaches,
            telling,
            content: cast.content,
            overhear: cast.overhear,
            farewell: cast.farewell,
            is_healing: false,
            violations: Vec::new(),
            messages: 0,
            restores: 0,
            story: Vec::new(),
            conditions,
        };
        world.plan();
        Ok(world)
    }

    /// Plays the world to its end and checks what must hold.
    pub fn play(self) -> Report {
        self.play_watched(&mut |_, _| {})
    }

    /// Plays the world and says now and then how many acts of its script were told, of how many.
    pub fn play_watched(mut self, watch: &mut dyn FnMut(usize, usize)) -> Report {
        while let Some(Reverse((at, _, place))) = self.queue.pop() {
            if at > self.ends_us {
                break;
            }
            self.now_us = at;
            if let Some(telling) = &self.telling {
                watch(telling.told().len(), telling.lines().len());
            }
            if let Some(event) = self.events.get_mut(place).and_then(Option::take) {
                self.happen(event);
            }
        }
        invariant::check_end(&mut self);
        let told = self.sum_up();
        let honest = self.honest();
        for number in &honest {
            if let Some(node) = self.hosts.get(*number).and_then(Host::node) {
                (self.farewell)(*number, node);
            }
        }
        let forks = honest
            .iter()
            .filter_map(|host| self.hosts.get(*host)?.node())
            .map(|node| node.forks().count() as u64);
        let forks = forks.sum();
        Report {
            records: self.sum(|counts| counts.records),
            refusals: self.sum(|counts| counts.refusals),
            messages: self.messages,
            starts: self.sum(|counts| counts.starts),
            begun: self.sum(|counts| counts.begun),
            restores: self.restores,
            rotations: self.sum(|counts| counts.rotations),
            rotations_taken_back: self.sum(|counts| counts.rotations_taken_back),
            forks,
            told,
            events: self.story,
            violations: self.violations,
            conditions: self.conditions,
        }
    }

    /// Adds up what every machine counted.
    fn sum(&self, of: impl Fn(&Counts) -> u64) -> u64 {
        self.hosts.iter().map(|host| of(&host.counts)).sum()
    }

    /// Returns the machines that do not lie.
    pub(crate) fn honest(&self) -> Vec<usize> {
        (0..self.conditions.parties)
            .filter(|host| !self.is_liar(*host))
            .collect()
    }

    fn is_liar(&self, host: usize) -> bool {
        let is_flood = self.conditions.is_flooding && host == 0;
        let is_split = self.conditions.is_equivocating && host + 1 >= self.conditions.parties;
        is_flood || is_split
    }

    /// Lays the whole fate of the world into the queue.
    fn plan(&mut self) {
        let parties = self.conditions.parties;
        for host in 0..parties {
            self.after(0, Event::Start(host));
            let phase = self.chance.between(0, SECOND_US);
            self.after(phase, Event::Tick(host));
        }
        if self.telling.is_some() {
            self.after(SECOND_US, Event::Cue);
            return;
        }
        let wishes = 10 + self.chance.below(15) * parties as u64;
        for _ in 0..wishes {
            let host = self.chance.index(parties);
            self.some_time(Event::Wish(host));
        }
        for _ in 0..self.chance.below(6) {
            let host = self.chance.index(parties);
            if self.is_liar(host) {
                continue;
            }
            self.some_time(Event::Backup(host));
            let is_restored = self.chance.happens(300);
            self.some_time(Event::Stop { host, is_restored });
        }
        for _ in 0..self.chance.below(4) {
            self.some_time(Event::Part);
            self.some_time(Event::Join);
        }
        for _ in 0..self.chance.below(4) {
            let host = self.chance.index(parties);
            self.some_time(Event::Jump(host));
        }
        for _ in 0..self.chance.below(4) {
            let host = self.chance.index(parties);
            // Two histories under keys that replaced each other are seen to contradict and prove nothing: an old key may
            // have been stolen.
            if !self.is_liar(host) {
                self.some_time(Event::DrawKeys(host));
            }
        }
        if self.conditions.is_equivocating {
            let at = self.chance.between(30, TROUBLE_S / 2) * SECOND_US;
            self.after(at, Event::Split);
        }
        if self.conditions.is_flooding {
            for _ in 0..6 {
                self.some_time(Event::Flood(0));
            }
        }
        for minute in 1..=(TROUBLE_S + HEALING_S) / 60 {
            self.after(minute * 60 * SECOND_US, Event::Compare);
        }
        self.after(TROUBLE_S * SECOND_US, Event::Heal);
    }

    /// Plans an event at any time of trouble.
    fn some_time(&mut self, event: Event) {
        let at = self.chance.between(5 * SECOND_US, TROUBLE_S * SECOND_US);
        self.after(at, event);
    }

    fn after(&mut self, delay_us: i64, event: Event) {
        let place = self.events.len();
        self.events.push(Some(event));
        self.queue
            .push(Reverse((self.now_us + delay_us, place as u64, place)));
    }

    pub(crate) fn tell(&mut self, what: String) {
        let second = (self.now_us - self.conditions.begins_us) / SECOND_US;
        self.story.push(format!("{second:4} s  {what}"));
    }

    /// Plans the next look at what is to be told, or the end of all trouble.
    pub(crate) fn cue_again(&mut self, delay_us: i64, is_over: bool) {
        let event = if is_over { Event::Heal } else { Event::Cue };
        self.after(delay_us, event);
    }

    /// Lets something go wrong around now.
    pub(crate) fn trouble(&mut self) {
        let host = self.chance.index(self.conditions.parties);
        let soon_us = self.chance.between(0, 20 * SECOND_US);
        match self.chance.below(10) {
            0..=3 => {
                let is_restored = false;
                self.after(soon_us, Event::Stop { host, is_restored });
            }
            4..=5 => {
                self.after(0, Event::Backup(host));
                let is_restored = true;
                self.after(soon_us, Event::Stop { host, is_restored });
            }
            6..=8 => {
                self.after(soon_us, Event::Part);
                let until_us = self.chance.between(SECOND_US, 90 * SECOND_US);
                self.after(soon_us + until_us, Event::Join);
            }
            _ => self.network = Network::any(&mut self.chance),
        }
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Deliver { from, to, bytes } => self.deliver(from, to, &bytes),
            Event::Tick(host) => {
                self.input(host, Input::Tick);
                self.rotate_if_due(host);
                self.after(SECOND_US, Event::Tick(host));
            }
            Event::Wish(host) => self.wish(host),
            Event::Flood(host) => self.flood(host),
            Event::Stop { host, is_restored } => self.stop(host, is_restored),
            Event::Start(host) => self.start(host),
            Event::Backup(host) => {
                if let Some(machine) = self.hosts.get(host) {
                    self.backups.insert(host, machine.backup());
                }
            }
            Event::Part => self.part(),
            Event::Join => self.network.join(),
            Event::Jump(host) => self.jump(host),
            Event::DrawKeys(host) => self.draw_keys(host),
            Event::Split => self.split(),
            Event::Compare => invariant::check_pictures(self),
            Event::Cue => self.cue(),
            Event::Heal => self.heal(),
        }
    }

    fn deliver(&mut self, from: usize, to: usize, bytes: &[u8]) {
        let Some(peer) = self.hosts.get(from).map(|host| host.member.origin.clone()) else {
            return;
        };
        match Message::parse(bytes) {
            Ok(message) => self.input(to, Input::FromPeer { peer, message }),
            Err(error) => {
                let what = format!("a node sent what nobody can read: {error}");
                self.violations
                    .push(Violation::new(invariant::READABLE, what));
            }
        }
    }

    fn input(&mut self, host: usize, input: Input) {
        let now_us = self.now_us;
        let Some(machine) = self.hosts.get_mut(host) else {
            return;
        };
        let outgoing = machine.input(now_us, input);
        self.settle(host, outgoing);
    }

    /// Sends what a machine sends, and starts it again when its process ended.
    pub(crate) fn settle(&mut self, host: usize, outgoing: Vec<Outgoing>) {
        for (peer, message) in outgoing {
            self.send(host, &peer, message);
        }
        let seed = self.chance.bits();
        let Some(machine) = self.hosts.get_mut(host) else {
            return;
        };
        if machine.is_broken {
            machine.stop(Some(seed));
            self.tell(format!(
                "party {host}'s disk fails, and the machine with it"
            ));
            let delay = self.chance.between(SECOND_US, 20 * SECOND_US);
            self.after(delay, Event::Start(host));
        }
    }

    fn send(&mut self, from: usize, peer: &str, message: Message) {
        let Some(to) = self.route(from, peer) else {
            return;
        };
        let Some(message) = self.censor(from, peer, message) else {
            return;
        };
        self.messages += 1;
        (self.overhear)(to, &message.to_bytes());
        let ways = self.network.ways(&mut self.chance, from, to);
        if ways.is_empty() {
            return;
        }
        let bytes: Arc<[u8]> = Arc::from(message.to_bytes());
        for way in ways {
            let bytes = bytes.clone();
            self.after(way, Event::Deliver { from, to, bytes });
        }
    }

    /// Returns the machine that hears what is said to a party.
    fn route(&self, from: usize, peer: &str) -> Option<usize> {
        let parties = self.hosts.iter().take(self.conditions.parties);
        let mut named = parties.enumerate();
        let (to, _) = named.find(|(_, host)| &*host.member.origin == peer)?;
        let Some(split) = &self.split else {
            return Some(to);
        };
        let is_second = |host: usize| split.side.get(host).copied().unwrap_or(false);
        if to == split.first {
            return Some(if is_second(from) {
                split.second
            } else {
                split.first
            });
        }
        let hears = from != split.first && from != split.second;
        (hears || is_second(to) == (from == split.second)).then_some(to)
    }

    /// Takes out of a message what a planted bug keeps nodes from hearing, or cuts the line.
    fn censor(&self, from: usize, peer: &str, message: Message) -> Option<Message> {
        let sender = self.hosts.get(from)?.member.origin.clone();
        match (self.conditions.plant, message) {
            (Some(Plant::NeverHealed), _) if from == 0 || peer == "party-0.example" => None,
            (Some(Plant::DeafToForks), Message::Notice(Notice::Fork(_))) => None,
            (
                Some(Plant::DeafToForks),
                Message::Answer {
                    exchange,
                    answer: Answer::Heads(heads),
                },
            ) => {
                let own = heads
                    .into_iter()
                    .filter(|head| *head.checkpoint().origin() == *sender);
                let answer = Answer::Heads(own.collect());
                Some(Message::Answer { exchange, answer })
            }
            (_, message) => Some(message),
        }
    }

    /// Draws the salt of an entry.
    pub(crate) fn salt(&mut self) -> [u8; 16] {
        let (high, low) = (self.chance.bits(), self.chance.bits());
        (u128::from(high) << 64 | u128::from(low)).to_be_bytes()
    }

    fn wish(&mut self, host: usize) {
        let salt = self.salt();
        let now_us = self.now_us;
        let Some(machine) = self.hosts.get_mut(host) else {
            return;
        };
        let own = machine.member.origin.clone();
        let wish = &self.wish;
        let command = machine
            .node()
            .and_then(|node| wish(node.picture(), &mut self.chance, &own));
        if let Some(command) = command {
            let mut outgoing = Vec::new();
            for content in (self.content)(&command) {
                outgoing.extend(machine.lay(now_us, &content));
            }
            outgoing.extend(machine.wish(now_us, command, salt));
            self.settle(host, outgoing);
        }
    }

    fn flood(&mut self, host: usize) {
        self.tell(format!("party {host} floods the others"));
        let others: Vec<Arc<str>> = self
            .hosts
            .iter()
            .take(self.conditions.parties)
            .map(|host| host.member.origin.clone())
            .collect();
        let entries = flood::entries(&mut self.chance, 400, &others);
        let now_us = self.now_us;
        let Some(machine) = self.hosts.get_mut(host) else {
            return;
        };
        let own = machine.member.origin.clone();
        let outgoing = machine.write_raw(now_us, entries);
        self.settle(host, outgoing);
        for _ in 0..800 {
            let message = flood::message(&mut self.chance, &others);
            let peer = self.chance.pick(&others).cloned();
            if let Some(peer) = peer.filter(|peer| *peer != own) {
                self.send(host, &peer, message);
            }
        }
    }

    fn stop(&mut self, host: usize, is_restored: bool) {
        if self.is_healing {
            return;
        }
        let has_power = self.chance.happens(500);
        let seed = self.chance.bits();
        let is_safe = is_restored && self.is_held_by_others(host);
        let backup = self.backups.get(&host).filter(|_| is_safe).cloned();
        let Some(machine) = self.hosts.get_mut(host) else {
            return;
        };
        machine.stop((!has_power).then_some(seed));
        let what = match (&backup, has_power) {
            (Some(_), _) => "is lost and restored from a backup",
            (None, true) => "is killed",
            (None, false) => "loses power",
        };
        if let Some(disks) = backup {
            machine.restore(disks);
            self.restores += 1;
        } else if self.chance.happens(500) {
            let step = self.chance.below(60);
            let fault = match self.chance.below(4) {
                0 => Fault::Fails,
                1 => Fault::FailsButPersisted,
                2 => Fault::Crash,
                _ => Fault::CrashAfter,
            };
            let is_log = self.chance.happens(700);
            machine.fail_disk(is_log, step, fault);
        }
        self.tell(format!("party {host} {what}"));
        let delay = self.chance.between(SECOND_US, 40 * SECOND_US);
        self.after(delay, Event::Start(host));
    }

    /// Returns whether honest others hold everything a machine ever signed: only then can a backup
    /// of it be told from the newest state at all.
    fn is_held_by_others(&self, host: usize) -> bool {
        let Some(machine) = self.hosts.get(host) else {
            return false;
        };
        let origin = &machine.member.origin;
        let size = machine.entries(origin).len() as u64;
        let others = self.honest().into_iter().filter(|other| *other != host);
        let mut nodes = others.filter_map(|other| self.hosts.get(other)?.node());
        nodes.any(|node| node.head(origin).map(|head| head.checkpoint().size()) == Some(size))
    }

    fn start(&mut self, host: usize) {
        let now_us = self.now_us;
        let is_blind = self.conditions.plant == Some(Plant::BlindRestore);
        let Some(machine) = self.hosts.get_mut(host) else {
            return;
        };
        let outgoing = machine.start(now_us);
        self.settle(host, outgoing);
        if is_blind {
            self.input(host, Input::ConfirmUnshared);
        }
    }

    fn part(&mut self) {
        if self.is_healing {
            return;
        }
        let machines = self.hosts.len();
        let side = self.chance.bits();
        let is_one_way = self.chance.happens(300);
        self.network.part(machines, side, is_one_way);
        self.tell(format!("the network parts: {:05b}", side & 31));
    }

    fn jump(&mut self, host: usize) {
        let by_us = match self.chance.below(3) {
            0 => self.chance.between(-5 * SECOND_US, 5 * SECOND_US),
            1 => self.chance.between(-600 * SECOND_US, 600 * SECOND_US),
            _ => self.chance.between(-86_400 * SECOND_US, 86_400 * SECOND_US),
        };
        if let Some(machine) = self.hosts.get_mut(host) {
            machine.clock_us += by_us;
            machine.counts.epoch += 1;
        }
        self.tell(format!(
            "party {host}'s clock jumps by {} s",
            by_us / SECOND_US
        ));
    }

    fn draw_keys(&mut self, host: usize) {
        if let Some(machine) = self.hosts.get_mut(host) {
            machine.draw_keys();
        }
        self.tell(format!("party {host} draws the keys that follow"));
    }

    /// Takes keys into use that were drawn, as a node does when it is told of them and when it starts.
    fn rotate_if_due(&mut self, host: usize) {
        if !self.hosts.get(host).is_some_and(Host::may_rotate) {
            return;
        }
        let salt = self.salt();
        let now_us = self.now_us;
        let Some(machine) = self.hosts.get_mut(host) else {
            return;
        };
        let outgoing = machine.rotate(now_us, salt);
        self.settle(host, outgoing);
    }

    /// Lets the last party show two histories: a second machine with the same keys and disks.
    fn split(&mut self) {
        let first = self.conditions.parties - 1;
        let Some(machine) = self.hosts.get(first) else {
            return;
        };
        let second = self.hosts.len();
        let twin = machine.twin();
        self.hosts.push(twin);
        let honest = self.honest();
        let mut side: Vec<bool> = (0..=second).map(|_| self.chance.happens(500)).collect();
        if let ([one, .., other], true) = (honest.as_slice(), honest.len() >= 2) {
            for (host, is_second) in [(*one, true), (*other, false)] {
                if let Some(place) = side.get_mut(host) {
                    *place = is_second;
                }
            }
        }
        self.split = Some(Split {
            first,
            second,
            side,
        });
        self.tell(format!("party {first} begins to show two histories"));
        self.start(second);
        self.input(second, Input::ConfirmUnshared);
        self.after(SECOND_US, Event::Tick(second));
        for (delay, host) in [(2, first), (2, second), (9, first), (11, second)] {
            self.after(delay * SECOND_US, Event::Wish(host));
        }
        self.after(SECOND_US, Event::Wish(second));
    }

    fn heal(&mut self) {
        self.is_healing = true;
        self.ends_us = self.now_us + HEALING_S * SECOND_US;
        self.network.heal();
        self.tell("everything heals".to_owned());
        for host in 0..self.hosts.len() {
            if let Some(machine) = self.hosts.get_mut(host) {
                machine.spare();
            }
            self.after(SECOND_US, Event::Start(host));
        }
    }
}

/// Returns the limits of these worlds: small, so that a flood is cheap to make.
pub(crate) fn limits(plant: Option<Plant>) -> Limits {
    let standard = Limits {
        chunk_entries: CHUNK_ENTRIES_MAX,
        confirm_by_all: true,
        ..Limits::standard()
    };
    if plant == Some(Plant::NoQuotas) {
        return standard;
    }
    Limits {
        requests: REQUESTS_MAX,
        entries: ENTRIES_MAX,
        ..standard
    }
}
