//! What must hold in every world.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use detente_ledger::hash::Hash;
use detente_node::federation::PERIOD_S;

use crate::Played;
use crate::host::{Cost, Host};
use crate::world::{World, limits};

/// No record that a user was told is durable is ever lost.
pub const NOTHING_LOST: &str = "no acknowledged record is lost";
/// Equal ledgers give equal pictures.
pub const EQUAL_PICTURES: &str = "equal ledgers give equal pictures";
/// No operation is active while prohibited or unconsented in any honest node's picture.
pub const RESTRAINT: &str = "nothing goes on that is prohibited or unconsented";
/// A fork is proved at every honest holder once two honest holders of its branches meet.
pub const FORKS_PROVED: &str = "forks are proved once honest holders meet";
/// After healing, honest nodes hold and cosigned equal ledgers, and nothing waits.
pub const CONVERGENCE: &str = "healed worlds converge";
/// No peer costs a node more than its quota.
pub const QUOTAS: &str = "no peer fills or stalls a node";
/// Nodes never contradict themselves or their logs.
pub const SOUND: &str = "no honest node fails";
/// Every message a node sends can be read.
pub const READABLE: &str = "every message can be read";

/// A script is told to its end once machines and lines work again.
pub const TOLD: &str = "everything is told in the end";
/// What a script says must be refused is refused, whatever goes wrong.
pub const REFUSED: &str = "what must be refused is refused";
/// Where no clock is wrong, every act of a script comes to what the script says.
pub const AS_TOLD: &str = "acts come to what is expected";

/// Every invariant, in the order in which they are told.
pub const ALL: [&str; 11] = [
    NOTHING_LOST,
    EQUAL_PICTURES,
    RESTRAINT,
    FORKS_PROVED,
    CONVERGENCE,
    QUOTAS,
    SOUND,
    READABLE,
    TOLD,
    REFUSED,
    AS_TOLD,
];

/// An invariant that did not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The invariant.
    pub invariant: &'static str,
    /// What was seen.
    pub what: String,
}

impl Violation {
    pub(crate) fn new(invariant: &'static str, what: String) -> Self {
        Self { invariant, what }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.invariant, self.what)
    }
}

/// Checks everything that must hold when a world has healed.
pub(crate) fn check_end<P: Played>(world: &mut World<P>) {
    check_pictures(world);
    let honest = world.honest();
    let mut found = Vec::new();
    for number in &honest {
        if let Some(host) = world.hosts.get(*number) {
            check_sound(*number, host, &mut found);
            check_nothing_lost(world, *number, host, &mut found);
            check_convergence(world, *number, host, &honest, &mut found);
            check_quotas(*number, host, &mut found);
        }
    }
    check_forks(world, &honest, &mut found);
    world.violations.extend(found);
}

/// Compares the pictures of machines that hold equal ledgers.
pub(crate) fn check_pictures<P: Played>(world: &mut World<P>) {
    type Held = Vec<(Arc<str>, u64, Option<Hash>, bool)>;
    let mut seen: BTreeMap<Held, (usize, Hash)> = BTreeMap::new();
    let mut found = Vec::new();
    for number in world.honest() {
        let Some(node) = world.hosts.get(number).and_then(Host::node) else {
            continue;
        };
        let held: Held = node
            .ledgers()
            .map(|origin| {
                let size = node.history().placed(origin);
                let root = node.root_at(origin, size);
                let is_contested = node.history().contested().any(|other| other == origin);
                (origin.clone(), size, root, is_contested)
            })
            .collect();
        for breach in (world.breaches)(node.picture()) {
            let what = format!("party {number}: {breach}");
            found.push(Violation::new(RESTRAINT, what));
        }
        let digest = node.picture().digest();
        match seen.get(&held) {
            Some((other, before)) if *before != digest => {
                let what =
                    format!("parties {other} and {number} fold the same ledgers differently");
                found.push(Violation::new(EQUAL_PICTURES, what));
            }
            Some(_) => {}
            None => {
                seen.insert(held, (number, digest));
            }
        }
    }
    world.violations.extend(found);
}

fn check_sound<P: Played>(number: usize, host: &Host<P>, found: &mut Vec<Violation>) {
    for fault in &host.faults {
        let what = format!("party {number}: {fault}");
        found.push(Violation::new(SOUND, what));
    }
    if host.node().is_none() {
        let what = format!("party {number} is not running in the end");
        found.push(Violation::new(SOUND, what));
    }
}

fn check_nothing_lost<P: Played>(
    world: &World<P>,
    number: usize,
    host: &Host<P>,
    found: &mut Vec<Violation>,
) {
    let origin = &host.member.origin;
    for holder in world.honest() {
        let entries = world
            .hosts
            .get(holder)
            .map_or(&[][..], |it| it.entries(origin));
        let lost = host.acknowledged.iter().find(|(index, hash)| {
            let place = usize::try_from(**index).unwrap_or(usize::MAX);
            entries.get(place).map(|bytes| Hash::of(bytes)) != Some(**hash)
        });
        if let Some((index, _)) = lost {
            let what = format!("record {index} of party {number} is not with party {holder}");
            found.push(Violation::new(NOTHING_LOST, what));
        }
    }
}

fn check_convergence<P: Played>(
    world: &World<P>,
    number: usize,
    host: &Host<P>,
    honest: &[usize],
    found: &mut Vec<Violation>,
) {
    let Some(node) = host.node() else {
        return;
    };
    let mut fault = |what: String| {
        let what = format!("party {number} {what}");
        found.push(Violation::new(CONVERGENCE, what));
    };
    if !node.is_confirmed() {
        fault("never found out whether its ledger is whole".to_owned());
    }
    for other in honest {
        let Some(owner) = world.hosts.get(*other) else {
            continue;
        };
        let origin = &owner.member.origin;
        let (own, size) = (owner.entries(origin).len() as u64, node.size(origin));
        if size != own {
            fault(format!(
                "holds {size} of the {own} entries of party {other}"
            ));
        }
        let placed = node.history().placed(origin);
        if placed != size {
            fault(format!(
                "placed {placed} of the {size} entries of party {other}"
            ));
        }
        let cosigned = owner.node().and_then(|node| node.cosigned(origin));
        let theirs = cosigned.and_then(|cosigned| cosigned.get(&host.member.origin));
        if number != *other && theirs.map(|cosigned| cosigned.size) != Some(own) {
            fault(format!("did not cosign all {own} entries of party {other}"));
        }
    }
}

/// Counts what peers made a machine do within any two periods' time.
fn check_quotas<P: Played>(number: usize, host: &Host<P>, found: &mut Vec<Violation>) {
    let limits = limits(None);
    // A window may lie across two periods.
    let most_entries = 2 * (limits.entries + limits.chunk_entries);
    for (origin, mirrored) in &host.counts.mirrored {
        let busiest = busiest(mirrored);
        if busiest > most_entries {
            let what = format!("party {number} took {busiest} entries of {origin} in a period");
            found.push(Violation::new(QUOTAS, what));
        }
    }
    let most_answers = 2 * limits.requests + 60;
    for (peer, answered) in &host.counts.answered {
        let busiest = busiest(answered);
        if busiest > most_answers {
            let what = format!("party {number} answered {peer} {busiest} times in a period");
            found.push(Violation::new(QUOTAS, what));
        }
    }
}

/// Returns the largest sum within a period of the machine's own clock.
fn busiest(costs: &[Cost]) -> u64 {
    let mut window: Vec<Cost> = Vec::new();
    let mut most = 0;
    for cost in costs {
        let age_us = |before: &Cost| cost.at.micros() - before.at.micros();
        window.retain(|before| {
            before.epoch == cost.epoch && (0..PERIOD_S * 1_000_000).contains(&age_us(before))
        });
        window.push(*cost);
        most = most.max(window.iter().map(|cost| cost.amount).sum());
    }
    most
}

/// Two honest machines that hold different histories of one ledger must both have the proof.
fn check_forks<P: Played>(world: &World<P>, honest: &[usize], found: &mut Vec<Violation>) {
    let nodes: Vec<_> = honest
        .iter()
        .filter_map(|number| Some((*number, world.hosts.get(*number)?.node()?)))
        .collect();
    for (place, (first, one)) in nodes.iter().enumerate() {
        for (second, other) in nodes.iter().skip(place + 1) {
            for origin in one.ledgers() {
                let common = one.size(origin).min(other.size(origin));
                if one.root_at(origin, common) == other.root_at(origin, common) {
                    continue;
                }
                for (number, node) in [(first, one), (second, other)] {
                    if !node.forks().any(|(forked, _)| forked == origin) {
                        let what = format!("party {number} has no proof that {origin} forked");
                        found.push(Violation::new(FORKS_PROVED, what));
                    }
                }
            }
        }
    }
    check_honest_never_accused(world, &nodes, found);
}

fn check_honest_never_accused<P: Played>(
    world: &World<P>,
    nodes: &[(usize, &detente_node::node::Node<P>)],
    found: &mut Vec<Violation>,
) {
    let honest = world.honest();
    for (number, node) in nodes {
        for contested in node.history().contested() {
            let owner = honest.iter().find(|owner| {
                let host = world.hosts.get(**owner);
                host.is_some_and(|host| host.member.origin == *contested)
            });
            if let Some(owner) = owner {
                let what = format!("party {number} holds that honest party {owner} forked");
                found.push(Violation::new(SOUND, what));
            }
        }
    }
}
