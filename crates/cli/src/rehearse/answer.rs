//! What `rehearse` prints.

use detente_simulation::Report;
use serde::Serialize;

use super::input::Rehearsed;

/// The answer of `detente rehearse`.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "Rehearsal"))]
pub(crate) struct RehearseAnswer {
    /// Whether everything that must hold held in every world.
    holds: bool,
    /// Acts of the timeline; null when operations are proposed by chance.
    acts: Option<usize>,
    /// The worlds, in the order of their seeds.
    worlds: Vec<WorldAnswer>,
}

/// One world.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "World"))]
struct WorldAnswer {
    /// The seed that plays it again.
    seed: u64,
    /// Nodes.
    parties: usize,
    /// Acts that were told.
    told: usize,
    /// Acts that came to what the timeline says, at every honest node.
    as_expected: usize,
    /// Records that users were told are durable.
    records: u64,
    /// Wishes that the rules refused.
    refusals: u64,
    /// Messages sent.
    messages: u64,
    /// Times a machine was started.
    starts: u64,
    /// Machines restored from a backup.
    restores: u64,
    /// What went wrong, in its order, with the second it did.
    trouble: Vec<String>,
    /// What did not hold.
    violations: Vec<ViolationAnswer>,
}

/// Something that must hold and did not.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "Violation"))]
struct ViolationAnswer {
    /// What must hold.
    invariant: &'static str,
    /// What was seen.
    what: String,
}

impl RehearseAnswer {
    pub(super) fn of(rehearsed: &Rehearsed, reports: &[Report]) -> Self {
        let world = |report: &Report| WorldAnswer {
            seed: report.conditions.seed,
            parties: report.conditions.parties,
            told: report.told.len(),
            as_expected: report.told.iter().filter(|told| told.is_expected).count(),
            records: report.records,
            refusals: report.refusals,
            messages: report.messages,
            starts: report.starts,
            restores: report.restores,
            trouble: report
                .events
                .iter()
                .map(|event| event.trim().to_owned())
                .collect(),
            violations: report
                .violations
                .iter()
                .map(|violation| ViolationAnswer {
                    invariant: violation.invariant,
                    what: violation.what.clone(),
                })
                .collect(),
        };
        let worlds: Vec<WorldAnswer> = reports.iter().map(world).collect();
        Self {
            holds: worlds.iter().all(|world| world.violations.is_empty()),
            acts: match rehearsed {
                Rehearsed::Told(telling) => Some(telling.script.lines.len()),
                Rehearsed::ByChance(_) => None,
            },
            worlds,
        }
    }

    pub(super) fn holds(&self) -> bool {
        self.holds
    }

    /// The answer in words.
    pub(super) fn told(&self, scenario: &str) -> String {
        let mut text = String::new();
        for world in &self.worlds {
            let told = match self.acts {
                Some(acts) => format!(
                    "{} of {acts} acts told, {} as expected",
                    world.told, world.as_expected
                ),
                None => format!("{} wishes refused", world.refusals),
            };
            text.push_str(&format!(
                "seed {}: {told}; {} nodes, {} records, {} messages, {} starts, {} restored\n",
                world.seed,
                world.parties,
                world.records,
                world.messages,
                world.starts,
                world.restores,
            ));
            if world.violations.is_empty() {
                continue;
            }
            for violation in &world.violations {
                text.push_str(&format!("  DOES NOT HOLD: {}\n", violation.invariant));
                text.push_str(&format!(
                    "    {}\n",
                    crate::printable::printable(&violation.what)
                ));
            }
            text.push_str("  what went wrong:\n");
            for event in &world.trouble {
                text.push_str(&format!("    {event}\n"));
            }
            text.push_str(&format!(
                "  again: detente rehearse {} --seed {}\n",
                crate::printable::printable(scenario),
                world.seed
            ));
        }
        text.push_str(match self.holds {
            true => "Everything that must hold held.\n",
            false => "Something that must hold did not.\n",
        });
        text
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn generated_schema_is_fresh() {
        crate::reference::assert_schema_fresh::<super::RehearseAnswer>("rehearse.schema.json");
    }
}
