//! The end of the demonstration: the participants announce together what they agreed to publish.

use std::collections::BTreeMap;
use std::path::Path;

use detente_ledger::policy::Policy;

use super::pace::{Speed, creep};
use super::play::Play;
use super::stage::{Actor, Stage};
use super::timeline::Step;
use crate::exit::Exit;
use crate::failure::{Failure, FailureKind};
use crate::holdings::Holdings;
use crate::node::Asker;
use crate::printer::Printer;
use crate::publish::{self, Draft, Word};

/// The role that gives a participant's word.
const CONSENTER: &str = "consenter";
/// Who reads every ledger; every node of the demonstration has one.
const AUDITOR: &str = "auditor";
/// Moments let pass before a node is asked again: a tenth of a second or two.
const MOMENTS_A_WAIT: u32 = 20;

/// Has every participant vouch for one statement, writes the announcement, and verifies it with the keys alone.
pub(super) fn announce(
    stage: &Stage,
    steps: &[Step],
    folder: &Path,
    runtime: &tokio::runtime::Runtime,
    printer: &mut Printer,
) -> Result<bool, Failure> {
    printer.answer("\nthe announcement: composed at each participant's node by itself, and vouched for where every byte is the same\n")?;
    let mut agreed: Option<(Draft, Word)> = None;
    let consenters = consenters(stage, steps);
    for (node, user) in &consenters {
        // Who reads every ledger and who gives the participant's word are two people.
        let holdings = Holdings::of_node(&asker(node, AUDITOR)?, printer)?;
        let draft = match &agreed {
            None => publish::draft(&holdings, None)?,
            Some((first, _)) => {
                publish::recomposed(&holdings, first.statement())?.map_err(|place| {
                    let message = format!(
                        "{} composes another statement: it differs {place}",
                        node.holder
                    );
                    Failure::new(FailureKind::Bug, message)
                })?
            }
        };
        let (exit, said) = publish::endorse(&asker(node, user)?, &draft)?;
        if exit != Exit::Favourable {
            let message = format!("{} may not vouch for the statement: {said}", node.holder);
            return Err(Failure::new(FailureKind::Bug, message));
        }
        printer.answer(&format!(
            "  {} vouches for sha256 {}\n",
            node.holder,
            draft.sha256().to_hex()
        ))?;
        agreed = Some((draft, Word::of(&said)));
        runtime.block_on(Play::new(stage, Speed::Max).settle())?;
    }
    let (Some((draft, word)), Some((node, _))) = (agreed, consenters.first()) else {
        return Ok(true);
    };
    let mut wait = || {
        for _ in 0..MOMENTS_A_WAIT {
            runtime.block_on(creep(stage.clock(), None));
        }
    };
    let joined = publish::joined(&asker(node, AUDITOR)?, &draft, &word, printer, &mut wait)?;
    let Some((holdings, file)) = joined else {
        let message = "the nodes did not cosign each other's ledgers in time";
        return Err(Failure::new(FailureKind::Unreachable, message));
    };
    let files = publish::write_files(&folder.join("announcement"), &holdings, &file)?;
    let [announcement, page, keys] = &files;
    let keys = std::fs::read(keys).map_err(|error| Failure::unreadable(keys, error))?;
    let policy =
        Policy::parse(&keys).map_err(|error| Failure::new(FailureKind::InvalidInput, error))?;
    let mut sound = true;
    for file in [announcement, page] {
        printer.answer(&format!("  {}: ", file.display()))?;
        sound &= publish::check(file, &policy, false, printer)? == Exit::Favourable;
    }
    Ok(sound)
}

/// A person of a node, asking it.
fn asker(node: &Actor, user: &str) -> Result<Asker, Failure> {
    let token = node.tokens.get(user).cloned();
    Asker::on_loopback(node.api, token)
}

/// One person of each participant who gives its word, by participant.
fn consenters<'a>(stage: &'a Stage, steps: &[Step]) -> Vec<(&'a Actor, String)> {
    let mut found: BTreeMap<&str, String> = BTreeMap::new();
    for step in steps.iter().filter(|step| step.role == CONSENTER) {
        found.insert(&step.node, step.user.clone());
    }
    let found = found.into_iter();
    found
        .filter_map(|(holder, user)| Some((stage.node(holder)?, user)))
        .collect()
}
