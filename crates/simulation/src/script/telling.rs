//! Telling a script in a world that goes wrong.
//!
//! A party writes its act when its machine runs and has heard everything the script told before:
//! its user answers what is on the screen. Where the script waits for hours the clocks of all
//! machines leap there, as soon as everybody has heard of everything or trouble has lasted longer
//! than anybody would wait. Nothing else keeps the true time from passing.

use std::collections::BTreeMap;
use std::sync::Arc;

use detente_ledger::entry::SignedEntry;
use detente_node::node::Refusal;
use detente_spacetime::Instant;

use super::{Came, Expected, Line, Script, Told};
use crate::Played;
use crate::invariant::{self, Violation};
use crate::world::World;

const SECOND_US: i64 = 1_000_000;
/// How often is looked whether the next act can be told.
const CUE_US: i64 = 200_000;
/// How long a script that waits for a later hour lets parties find each other before that hour
/// comes all the same: longer than most outages of these worlds.
const PATIENCE_US: i64 = 60 * SECOND_US;
/// How long one act may take in a world whose every fault ends within two minutes.
const STALLED_US: i64 = 1_200 * SECOND_US;
/// Acts of a thousand after which something goes wrong.
const TROUBLE_PER_MILLE: u64 = 150;
/// Acts of a thousand after which a clock is found to be wrong.
const WRONG_CLOCK_PER_MILLE: u64 = 20;
/// How wrong: as far as clocks are that nobody looks after, and no act's hour is missed by.
const WRONG_CLOCK_US: i64 = 2 * SECOND_US;
/// Pictures are compared after so many acts.
const COMPARED_EVERY: usize = 16;

/// How far a script has been told.
#[derive(Clone, Debug)]
pub(crate) struct Telling {
    script: Script,
    told: Vec<Told>,
    /// By ledger: the newest entry of the script in it.
    newest: BTreeMap<Arc<str>, u64>,
    pending: Option<Pending>,
    /// When the last act was told, in true time.
    since_us: i64,
    /// How far the clocks of all machines are ahead of the true time.
    ahead_us: i64,
}

/// An act whose author waits.
#[derive(Clone, Copy, Debug)]
struct Pending {
    /// Starts of the machine until then: one that was started since answers nothing any more.
    starts: u64,
    /// Entries of its ledger until then.
    size: u64,
}

/// What an author who waits finds.
enum Found {
    Nothing,
    /// It is not on record: it has to be written again.
    Lost,
    Answer(Came, Option<u64>),
}

impl Telling {
    pub(crate) fn new(script: Script) -> Self {
        Self {
            script,
            told: Vec::new(),
            newest: BTreeMap::new(),
            pending: None,
            since_us: i64::MIN,
            ahead_us: 0,
        }
    }

    pub(crate) fn blobs(&self) -> &[(usize, Vec<u8>)] {
        &self.script.blobs
    }

    pub(crate) fn lines(&self) -> &[Line] {
        &self.script.lines
    }

    pub(crate) fn told(&self) -> &[Told] {
        &self.told
    }

    fn next(&self) -> Option<&Line> {
        self.script.lines.get(self.told.len())
    }
}

impl<P: Played> World<P> {
    /// Tells on, as far as that is possible now.
    pub(crate) fn cue(&mut self) {
        let Some(mut telling) = self.telling.take() else {
            return;
        };
        if telling.since_us == i64::MIN {
            telling.since_us = self.now_us;
        }
        let is_over = self.tell_on(&mut telling);
        self.telling = Some(telling);
        self.cue_again(CUE_US, is_over);
    }

    /// Returns whether the script is over.
    fn tell_on(&mut self, telling: &mut Telling) -> bool {
        if let Some(pending) = telling.pending {
            match self.find(telling, pending) {
                Found::Nothing => {}
                Found::Lost => telling.pending = None,
                Found::Answer(came, index) => self.note(telling, came, index),
            }
        }
        let Some(line) = telling.next().cloned() else {
            return true;
        };
        let waited_us = self.now_us - telling.since_us;
        if waited_us > STALLED_US {
            let number = telling.told.len() + 1;
            let what = format!("act {number} ({}) cannot be told", line.command.kind);
            self.violations.push(Violation::new(invariant::TOLD, what));
            return true;
        }
        if telling.pending.is_some() {
            return false;
        }
        let early_us = line.at.micros() - self.now_us - telling.ahead_us;
        if early_us > 0 {
            if waited_us < PATIENCE_US && !self.is_settled(telling) {
                return false;
            }
            telling.ahead_us += early_us;
            self.leap(early_us);
        }
        if self.has_heard(line.party, telling) {
            self.write(telling, &line);
        }
        false
    }

    fn write(&mut self, telling: &mut Telling, line: &Line) {
        let salt = self.salt();
        let now_us = self.now_us;
        let Some(machine) = self.hosts.get_mut(line.party) else {
            return;
        };
        telling.pending = Some(Pending {
            starts: machine.counts.starts,
            size: machine.entries(&machine.member.origin.clone()).len() as u64,
        });
        let outgoing = machine.ask(now_us, line.command.clone(), salt);
        self.settle(line.party, outgoing);
    }

    /// Looks for what became of the act whose author waits.
    fn find(&mut self, telling: &Telling, pending: Pending) -> Found {
        let Some(line) = telling.next() else {
            return Found::Lost;
        };
        let Some(machine) = self.hosts.get_mut(line.party) else {
            return Found::Lost;
        };
        match machine.take_reply() {
            Some(Ok(accepted)) => {
                return Found::Answer(P::came(&accepted.outcome), Some(accepted.index));
            }
            Some(Err(Refusal::Rules(refusal))) => {
                return Found::Answer(Came::Ineffective(P::rule(&refusal)), None);
            }
            Some(Err(_)) => return Found::Lost,
            None if machine.counts.starts == pending.starts => return Found::Nothing,
            None => {}
        }
        // Whoever got no answer looks whether the act is on record before writing it again.
        let origin = machine.member.origin.clone();
        let Some(node) = machine.node().filter(|node| node.is_confirmed()) else {
            return Found::Nothing;
        };
        let first = usize::try_from(pending.size).unwrap_or(usize::MAX);
        let mut entries = (pending.size..).zip(machine.entries(&origin).iter().skip(first));
        let Some((index, _)) = entries.find(|(_, bytes)| is_of(line, bytes)) else {
            return Found::Lost;
        };
        let position = node.history().position(&origin, index);
        match position.and_then(|position| node.history().outcome(position)) {
            Some(outcome) => Found::Answer(P::came(outcome), Some(index)),
            None => Found::Nothing,
        }
    }

    /// Notes what an act came to, and lets something go wrong now and then.
    fn note(&mut self, telling: &mut Telling, came: Came, index: Option<u64>) {
        let (Some(line), now_us) = (telling.next().cloned(), self.now_us) else {
            return;
        };
        let party = self.hosts.get(line.party);
        let origin = party.map(|host| host.member.origin.clone());
        let entry = origin.zip(index);
        if let Some((origin, index)) = &entry {
            telling.newest.insert(origin.clone(), *index);
        }
        let number = telling.told.len();
        let at = Instant::from_micros(now_us + telling.ahead_us).unwrap_or(Instant::MAX);
        let is_expected = came.meets(subject(&line), &line.expected);
        telling.told.push(Told {
            number,
            at,
            entry,
            came,
            is_expected,
        });
        telling.pending = None;
        telling.since_us = now_us;
        if self.chance.happens(TROUBLE_PER_MILLE) {
            self.trouble();
        }
        if self.chance.happens(WRONG_CLOCK_PER_MILLE) {
            self.err_by(telling.ahead_us);
        }
        if number.is_multiple_of(COMPARED_EVERY) {
            invariant::check_pictures(self);
        }
    }

    /// Sets one clock a little wrong.
    fn err_by(&mut self, ahead_us: i64) {
        let host = self.chance.index(self.conditions.parties);
        let by_us = self.chance.between(-WRONG_CLOCK_US, WRONG_CLOCK_US);
        if let Some(machine) = self.hosts.get_mut(host) {
            machine.clock_us = ahead_us + by_us;
            machine.counts.epoch += 1;
        }
        self.tell(format!(
            "party {host}'s clock is wrong by {} ms",
            by_us / 1_000
        ));
    }

    /// Lets hours pass in which nothing happens.
    fn leap(&mut self, by_us: i64) {
        for machine in &mut self.hosts {
            machine.clock_us += by_us;
            machine.counts.epoch += 1;
        }
    }

    /// Returns whether everybody has placed and cosigned what was told so far.
    fn is_settled(&self, telling: &Telling) -> bool {
        self.hosts.iter().all(|machine| {
            let Some(node) = machine.node().filter(|node| node.is_confirmed()) else {
                return false;
            };
            telling.newest.iter().all(|(origin, index)| {
                let is_placed = node.history().placed(origin) > *index;
                let own = *origin == machine.member.origin;
                let cosigned = node.cosigned(origin).into_iter().flatten();
                let by = cosigned.filter(|(_, cosigned)| cosigned.size > *index);
                is_placed && (!own || by.count() + 1 >= self.hosts.len())
            })
        })
    }

    /// Returns whether a party can act on everything that was told so far.
    fn has_heard(&self, party: usize, telling: &Telling) -> bool {
        let Some(machine) = self.hosts.get(party) else {
            return false;
        };
        let Some(node) = machine.node().filter(|node| node.is_confirmed()) else {
            return false;
        };
        let awareness = node.awareness(machine.clock(self.now_us));
        telling.newest.iter().all(|(origin, index)| {
            let is_own = *origin == machine.member.origin;
            let is_placed = node.history().placed(origin) > *index;
            is_placed && (is_own || awareness.covers(origin, *index))
        })
    }

    /// Compares what every honest holder says of the script in the end with what is expected.
    pub(crate) fn sum_up(&mut self) -> Vec<Told> {
        let Some(telling) = self.telling.take() else {
            return Vec::new();
        };
        let mut told = telling.told;
        for (told, line) in told.iter_mut().zip(&telling.script.lines) {
            let mut came = vec![told.came.clone()];
            if let Some((origin, index)) = &told.entry {
                let honest = self.honest().into_iter();
                let nodes = honest.filter_map(|host| self.hosts.get(host)?.node());
                came.extend(nodes.filter_map(|node| {
                    let position = node.history().position(origin, *index)?;
                    node.history().outcome(position).map(P::came)
                }));
            }
            let wrong = came
                .into_iter()
                .find(|came| !came.meets(subject(line), &line.expected));
            told.is_expected = wrong.is_none();
            let Some(wrong) = wrong else {
                continue;
            };
            let is_let_through = matches!(
                (&wrong, &line.expected),
                (Came::Effective(_), Expected::Refused(_))
            );
            let invariant = match is_let_through {
                true => invariant::REFUSED,
                false => invariant::AS_TOLD,
            };
            let what = format!(
                "act {} ({} {}): {wrong}, and not {:?}",
                told.number + 1,
                line.command.kind,
                subject(line),
                line.expected,
            );
            self.violations.push(Violation::new(invariant, what));
        }
        told
    }
}

fn subject(line: &Line) -> &str {
    let subject = line.command.body.get("subject");
    subject.and_then(|value| value.as_str()).unwrap_or_default()
}

/// Returns whether an entry is the one a line writes.
fn is_of(line: &Line, bytes: &[u8]) -> bool {
    SignedEntry::parse(bytes).is_ok_and(|signed| {
        let entry = signed.entry();
        entry.kind == line.command.kind
            && entry.author == line.command.author
            && entry.body.get("subject") == line.command.body.get("subject")
    })
}
