//! What came of a world, for whoever has to find out why.

use std::fmt;

use crate::invariant::Violation;
use crate::script::Told;
use crate::world::Conditions;

/// What came of a world.
#[derive(Clone, Debug)]
pub struct Report {
    /// Its conditions.
    pub conditions: Conditions,
    /// Invariants that did not hold.
    pub violations: Vec<Violation>,
    /// Records that users were told are durable.
    pub records: u64,
    /// Wishes that the rules refused.
    pub refusals: u64,
    /// Messages sent.
    pub messages: u64,
    /// Times a machine was started.
    pub starts: u64,
    /// How many of these starts began from what was kept.
    pub begun: u64,
    /// Machines restored from a backup.
    pub restores: u64,
    /// Keys taken into use after others.
    pub rotations: u64,
    /// Backups from before keys were taken into use that others brought up to date.
    pub rotations_taken_back: u64,
    /// Ledgers proved to have forked, counted at every honest machine.
    pub forks: u64,
    /// What became of each act of a script, as far as it was told.
    pub told: Vec<Told>,
    /// What happened, in its order.
    pub events: Vec<String>,
}

impl fmt::Display for Report {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            formatter,
            "seed {}: {} parties{}{}, {} records, {} refusals, {} messages, {} starts, {} restored, {} rotations, {} fork proofs",
            self.conditions.seed,
            self.conditions.parties,
            if self.conditions.is_equivocating {
                ", one with two histories"
            } else {
                ""
            },
            if self.conditions.is_flooding {
                ", one flooding"
            } else {
                ""
            },
            self.records,
            self.refusals,
            self.messages,
            self.starts,
            self.restores,
            self.rotations,
            self.forks,
        )?;
        for violation in &self.violations {
            writeln!(formatter, "  {violation}")?;
        }
        Ok(())
    }
}
