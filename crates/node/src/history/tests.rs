//! The order depends on the entries alone: checked over shuffles and against Kahn's algorithm.

use std::collections::{BTreeMap, BTreeSet};

use detente_ledger::awareness::AwarenessKey;
use detente_ledger::checkpoint::Checkpoint;
use proptest::prelude::*;
use serde_json::Map;

use super::*;

/// A state that notices every difference of order.
#[derive(Clone, Debug, PartialEq)]
struct Trace {
    digest: u64,
    applied: u64,
}

impl Fold for Trace {
    type Act = u64;
    type Outcome = u64;

    fn read(&self, _origin: &Arc<str>, entry: &Entry, _fault: Option<EntryFault>) -> u64 {
        let act = entry.body.get("act").and_then(serde_json::Value::as_u64);
        act.expect("made here")
    }

    fn apply(&mut self, recorded: &Recorded<u64>) -> u64 {
        let at = recorded.at.micros().unsigned_abs();
        for part in [recorded.act, recorded.index, at] {
            self.digest = self.digest.wrapping_mul(0x100_0000_01b3) ^ part;
        }
        self.applied += 1;
        // Coarse, so that refolding leaves some outcomes as they were.
        self.digest % 3
    }
}

const FOUNDING: Trace = Trace {
    digest: 7,
    applied: 0,
};

fn origin(ledger: usize) -> Arc<str> {
    Arc::from(format!("ledger-{ledger}.example"))
}

fn root(origin: &str, size: u64) -> Option<Hash> {
    Some(Hash::of(format!("{origin}/{size}").as_bytes()))
}

/// An entry of a made-up world: the ledger, what it claims, and what it names of the others.
#[derive(Clone, Debug)]
struct Made {
    ledger: usize,
    index: u64,
    minute: i64,
    cites: BTreeMap<usize, u64>,
}

impl Made {
    fn entry(&self) -> Arc<Entry> {
        let seen: Vec<Checkpoint> = self
            .cites
            .iter()
            .map(|(ledger, size)| {
                let cited = origin(*ledger);
                let root = root(&cited, *size).expect("root");
                Checkpoint::new(&cited, *size, root).expect("checkpoint")
            })
            .collect();
        Arc::new(Entry {
            kind: "made".to_owned(),
            author: "someone".to_owned(),
            written_at: format!("2016-09-12T16:{:02}:00Z", self.minute),
            salt: vec![1; 16],
            awareness: AwarenessKey::of(&seen),
            unit_key: None,
            body: Map::from_iter([("act".to_owned(), self.act().into())]),
        })
    }

    fn act(&self) -> u64 {
        self.ledger as u64 * 1000 + self.index
    }
}

/// Builds a world by letting ledgers write in turn, each naming what exists at that time.
fn world(writes: &[(usize, i64, u64)], ledgers: usize) -> Vec<Made> {
    let mut sizes = vec![0_u64; ledgers];
    let mut made = Vec::new();
    for (ledger, minute, chance) in writes {
        let ledger = ledger % ledgers;
        let mut cites = BTreeMap::new();
        for (other, size) in sizes.iter().copied().enumerate() {
            if other != ledger && size > 0 && (chance >> other) & 1 == 1 {
                cites.insert(other, 1 + (chance >> 8) % size);
            }
        }
        made.push(Made {
            ledger,
            index: sizes[ledger],
            minute: *minute,
            cites,
        });
        sizes[ledger] += 1;
    }
    made
}

fn new_history(ledgers: usize) -> History<Trace> {
    History::new(FOUNDING, (0..ledgers).map(origin))
}

fn deliver(history: &mut History<Trace>, made: &Made) {
    let entry = made.entry();
    let bytes = entry.to_bytes().expect("an entry").into();
    let index = history.receive(&origin(made.ledger), bytes, (entry, made.act()), None);
    assert_eq!(index, Some(made.index));
}

/// Delivers in an order chosen by `chance`, keeping each ledger's own order, settling now and then.
fn shuffled(made: &[Made], ledgers: usize, chance: &[u64]) -> History<Trace> {
    let mut queues: Vec<Vec<&Made>> = vec![Vec::new(); ledgers];
    for entry in made.iter().rev() {
        queues[entry.ledger].push(entry);
    }
    let mut history = new_history(ledgers);
    let mut chance = chance.iter().cycle();
    while queues.iter().any(|queue| !queue.is_empty()) {
        let pick = *chance.next().expect("cycle");
        let queue = usize::try_from(pick).expect("small") % ledgers;
        if let Some(entry) = queues[queue].pop() {
            deliver(&mut history, entry);
        }
        if pick.is_multiple_of(3) {
            history.settle(root);
        }
    }
    history.settle(root);
    history
}

/// Kahn's algorithm with a priority, over an explicit graph, from scratch.
fn oracle(made: &[Made]) -> Vec<(usize, u64)> {
    let past = |entry: &Made| -> Vec<(usize, u64)> {
        let before = entry
            .index
            .checked_sub(1)
            .map(|index| (entry.ledger, index));
        let cited = entry.cites.iter().map(|(ledger, size)| (*ledger, size - 1));
        before.into_iter().chain(cited).collect()
    };
    let mut moments: BTreeMap<(usize, u64), (i64, u64)> = BTreeMap::new();
    for entry in made {
        let last = past(entry).iter().map(|key| moments[key]).max();
        let moment = match last {
            Some((minute, rank)) if minute >= entry.minute => (minute, rank + 1),
            _ => (entry.minute, 0),
        };
        moments.insert((entry.ledger, entry.index), moment);
    }
    let mut left: Vec<&Made> = made.iter().collect();
    let mut done = BTreeSet::new();
    let mut order = Vec::new();
    while !left.is_empty() {
        let (place, next) = left
            .iter()
            .enumerate()
            .filter(|(_, entry)| past(entry).iter().all(|key| done.contains(key)))
            .map(|(place, entry)| (place, (entry.ledger, entry.index)))
            .min_by_key(|(_, key)| (moments[key], *key))
            .expect("the graph has no cycle");
        left.remove(place);
        done.insert(next);
        order.push(next);
    }
    order
}

fn keys(history: &History<Trace>) -> Vec<(usize, u64)> {
    let ledger = |placed: &Placed| {
        let number = placed
            .origin
            .strip_prefix("ledger-")?
            .strip_suffix(".example")?;
        number.parse().ok()
    };
    let order = history.order().iter();
    order
        .map(|placed| (ledger(placed).expect("made here"), placed.index))
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_past_is_what_a_fold_up_to_then_gives(
        ledgers in 1_usize..5,
        writes in prop::collection::vec((0_usize..5, 0_i64..60, any::<u64>()), 0..200),
        minute in 0_i64..61,
    ) {
        let made = world(&writes, ledgers);
        // Every queue must be picked now and then.
        let history = shuffled(&made, ledgers, &[3, 1, 4, 0, 2]);
        let at = Instant::parse_rfc3339("2016-09-12T16:00:00Z").expect("an instant");
        let at = at.plus(detente_spacetime::Span::from_micros(minute * 60_000_000)).expect("in range");
        let mut expected = FOUNDING;
        for position in 0..history.order().len() {
            let recorded = history.recorded(position).expect("placed");
            if recorded.at <= at {
                expected.apply(&recorded);
            }
        }
        prop_assert_eq!(history.past(at).replay(), expected);
    }

    #[test]
    fn arrival_never_shows(
        ledgers in 1_usize..5,
        writes in prop::collection::vec((0_usize..5, 0_i64..60, any::<u64>()), 0..200),
        one in prop::collection::vec(0_u64..60, 1..40),
        other in prop::collection::vec(0_u64..60, 1..40),
    ) {
        // Every queue must be picked now and then.
        let all = |chance: &[u64]| [chance, &[0, 1, 2, 3, 4]].concat();
        let made = world(&writes, ledgers);
        let first = shuffled(&made, ledgers, &all(&one));
        let second = shuffled(&made, ledgers, &all(&other));
        prop_assert_eq!(keys(&first), oracle(&made));
        prop_assert_eq!(keys(&second), keys(&first));
        prop_assert_eq!(second.state(), first.state());
        prop_assert_eq!(&second.outcomes, &first.outcomes);
        prop_assert_eq!(first.state().applied, made.len() as u64);
        for (position, placed) in first.order().iter().enumerate() {
            prop_assert_eq!(first.position(&placed.origin, placed.index), Some(position));
        }
    }

    #[test]
    fn a_contested_ledger_is_nobodys_past_whenever_it_is_known(
        writes in prop::collection::vec((0_usize..3, 0_i64..60, any::<u64>()), 0..120),
        known_after in 0_usize..120,
    ) {
        let made = world(&writes, 3);
        let mut late = new_history(3);
        for (number, entry) in made.iter().enumerate() {
            if number == known_after {
                late.contest(&origin(1));
            }
            deliver(&mut late, entry);
            late.settle(root);
        }
        late.contest(&origin(1));
        late.settle(root);
        let mut early = new_history(3);
        prop_assert!(early.contest(&origin(1)));
        for entry in &made {
            deliver(&mut early, entry);
        }
        early.settle(root);
        prop_assert_eq!(keys(&late), keys(&early));
        prop_assert_eq!(late.state(), early.state());
        let without: Vec<Made> = made
            .iter()
            .cloned()
            .map(|mut entry| {
                entry.cites.remove(&1);
                entry
            })
            .collect();
        prop_assert_eq!(keys(&early), oracle(&without));
    }
}

#[test]
fn an_entry_waits_for_what_it_names_and_for_the_root_it_names() {
    let made = world(&[(0, 1, 0), (1, 2, 1), (1, 3, 0)], 2);
    assert_eq!(made[1].cites, BTreeMap::from([(0, 1)]));
    let mut history = new_history(2);
    deliver(&mut history, &made[1]);
    deliver(&mut history, &made[2]);
    assert_eq!(history.settle(root), []);
    let missing = history.missing(root);
    assert_eq!(missing.len(), 1);
    assert_eq!((&*missing[0].cited, missing[0].size), (&*origin(0), 1));
    assert!(!missing[0].other_root);

    deliver(&mut history, &made[0]);
    let other = |origin: &str, size: u64| root(&format!("not {origin}"), size);
    history.settle(other);
    assert_eq!(history.placed(&origin(1)), 0);
    assert!(history.missing(other)[0].other_root);

    let applied = history.settle(root);
    assert_eq!(applied.iter().filter(|entry| entry.first_time).count(), 2);
    assert_eq!(history.missing(root), []);
    assert_eq!(history.placed(&origin(1)), 2);
}

#[test]
fn nothing_of_the_future_is_cited() {
    let made = world(&[(0, 1, 0), (0, 50, 0), (0, 2, 0)], 1);
    let mut history = new_history(1);
    for entry in &made {
        deliver(&mut history, entry);
    }
    history.settle(root);
    let now = Instant::parse_rfc3339("2016-09-12T16:10:00Z").expect("instant");
    assert_eq!(history.citable(&origin(0), now), 1);
    let claims = history.early_claims(&origin(0), 0, 60_000_000);
    assert_eq!(claims.len(), 1);
    assert_eq!(claims[0].index, 2);
}
