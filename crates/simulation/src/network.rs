//! Lines between machines that lose, repeat, reorder, delay and part.

use std::collections::BTreeSet;

use crate::chance::Chance;

/// How bad the lines are.
#[derive(Clone, Debug)]
pub(crate) struct Network {
    /// Messages lost, of a thousand.
    pub(crate) loss: u64,
    /// Messages that arrive twice, of a thousand.
    pub(crate) repetition: u64,
    /// Shortest and longest way, in microseconds; different ways reorder.
    pub(crate) delay_us: (i64, i64),
    /// Directions that carry nothing now, by machine.
    cut: BTreeSet<(usize, usize)>,
}

impl Network {
    /// Chooses lines by chance, from good to hardly usable.
    pub(crate) fn any(chance: &mut Chance) -> Self {
        let is_bad = chance.happens(500);
        Self {
            loss: if is_bad { chance.below(200) } else { 0 },
            repetition: if is_bad { chance.below(100) } else { 0 },
            delay_us: (1_000, chance.between(2_000, 1_500_000)),
            cut: BTreeSet::new(),
        }
    }

    /// Makes every line good.
    pub(crate) fn heal(&mut self) {
        *self = Self {
            loss: 0,
            repetition: 0,
            delay_us: (1_000, 50_000),
            cut: BTreeSet::new(),
        };
    }

    /// Parts the machines: everybody in `side` from everybody else, in one direction or both.
    pub(crate) fn part(&mut self, machines: usize, side: u64, is_one_way: bool) {
        self.cut.clear();
        let inside = |machine: usize| (side >> machine) & 1 == 1;
        for from in 0..machines {
            for to in 0..machines {
                let crosses = inside(from) != inside(to);
                if crosses && (inside(from) || !is_one_way) {
                    self.cut.insert((from, to));
                }
            }
        }
    }

    /// Closes every gap.
    pub(crate) fn join(&mut self) {
        self.cut.clear();
    }

    /// Returns the ways of the copies of a message that arrive, in microseconds.
    pub(crate) fn ways(&self, chance: &mut Chance, from: usize, to: usize) -> Vec<i64> {
        let mut ways = Vec::new();
        if self.cut.contains(&(from, to)) || chance.happens(self.loss) {
            return ways;
        }
        let (shortest, longest) = self.delay_us;
        ways.push(chance.between(shortest, longest));
        if chance.happens(self.repetition) {
            ways.push(chance.between(shortest, longest * 3));
        }
        ways
    }
}
