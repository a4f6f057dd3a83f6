//! `detente demo`: three real nodes on loopback, and a scenario told on a clock of its own.
//!
//! Everything is as in service: keys, cards, mutual TLS, ledgers on the disk or in PostgreSQL, the
//! same HTTP API.
//! Only the clock is simulated, and the keys are thrown away afterwards.

mod announce;
mod keeping;
mod pace;
mod play;
mod scenario;
mod stage;
mod summary;
mod timeline;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::Args;
use detente_spacetime::Instant;

use crate::exit::Exit;
use crate::failure::{Failure, FailureKind};
use crate::holdings::HOLDERS_FILE;
use crate::ledger::{AuditArgs, audit};
use crate::printer::Printer;
use keeping::Keeping;
use pace::Speed;
use play::Play;
use stage::Stage;
use timeline::Step;

/// Where programs find the nodes and their people, below the folder that is kept.
const DIRECTORY: &str = "demo.json";

/// The arguments of `detente demo`.
#[derive(Args, Debug)]
pub(crate) struct DemoArgs {
    /// Keep the ledgers in this folder, which must not exist or be empty
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
    /// How much faster than the world the scenario's clock runs: a number, or max
    #[arg(long, value_name = "N|max", default_value = "max")]
    speed: Speed,
    /// End when the scenario is over, instead of leaving the nodes running
    #[arg(long)]
    exit: bool,
    /// Keep the ledgers in PostgreSQL, a schema for each node; without it, files in a folder
    #[arg(long, value_name = "URL")]
    store: Option<String>,
}

/// Tells the scenario.
pub(crate) fn run(args: &DemoArgs, printer: &mut Printer) -> Result<Exit, Failure> {
    let mut keeping = Keeping::prepare(args.keep.as_deref(), args.store.as_deref())?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new(FailureKind::Bug, error))?;
    let told = timeline::read()?;
    let start = told.steps.first().map_or(Instant::MIN, |step| step.at);
    let stage = runtime.block_on(Stage::open(&mut keeping, start, &told))?;
    write_holders(keeping.path(), &stage)?;
    let differing = runtime.block_on(tell(&stage, &told.steps, args.speed, printer))?;
    let announced = announce::announce(&stage, &told.steps, keeping.path(), &runtime, printer)?;
    let sound = audit_all(&stage, &keeping, printer)? && announced;
    printer.answer(&format!("\n{}", keeping.words()))?;
    if !args.exit {
        if args.keep.is_some() {
            keeping.put(DIRECTORY, &stage.directory())?;
        }
        let asked = {
            let _runtime = runtime.enter();
            detente_server::stop_signal().map_err(|error| Failure::new(FailureKind::Bug, error))?
        };
        printer.answer(&stage.invitation())?;
        printer.push()?;
        runtime.block_on(async {
            tokio::select! {
                () = asked => {}
                () = pace::go_on(stage.clock()) => {}
            }
        });
    }
    runtime.block_on(stage.close());
    Ok(match (sound, differing) {
        (false, _) => Exit::VerificationFailed,
        (true, 0) => Exit::Favourable,
        (true, _) => Exit::Unfavourable,
    })
}

/// Says whose ledger is whose, so that the folder can be read without the nodes.
fn write_holders(folder: &Path, stage: &Stage) -> Result<(), Failure> {
    let nodes = stage.nodes().iter();
    let holders: BTreeMap<&str, &str> = nodes
        .map(|node| (node.holder.as_str(), node.origin.as_str()))
        .collect();
    let path = folder.join(HOLDERS_FILE);
    let text = serde_json::to_string_pretty(&holders).unwrap_or_default() + "\n";
    std::fs::write(&path, text).map_err(|error| Failure::unwritable(&path, error))
}

/// Tells every step and sums up; returns how many outcomes differed from what is expected.
async fn tell(
    stage: &Stage,
    steps: &[Step],
    speed: Speed,
    printer: &mut Printer,
) -> Result<usize, Failure> {
    printer.answer(&stage.greeting())?;
    printer.push()?;
    let mut play = Play::new(stage, speed);
    // A node signs nothing before the others have said what they hold of its ledger.
    play.settle().await?;
    for step in steps {
        let line = play.tell(step).await?;
        printer.answer(&line)?;
        printer.push()?;
    }
    play.settle().await?;
    printer.answer(&summary::table(stage, play.told()).await?)?;
    printer.push()?;
    Ok(play.differing())
}

/// Audits every ledger with the code of `detente ledger audit`.
fn audit_all(stage: &Stage, keeping: &Keeping, printer: &mut Printer) -> Result<bool, Failure> {
    let mut sound = true;
    printer.answer("\nevery ledger, audited as `detente ledger audit` does\n")?;
    let mut ledgers = Vec::new();
    for node in stage.nodes() {
        let folder = keeping.ledger(&node.holder, &node.place)?;
        ledgers.push((node, folder.display().to_string()));
    }
    for (node, ledger) in &ledgers {
        let others = ledgers
            .iter()
            .filter(|(other, _)| other.origin != node.origin);
        let with = others.map(|(_, ledger)| ledger.clone()).collect();
        let args = AuditArgs::of_folder(ledger.clone(), with, node.log_key.clone());
        let exit = audit(&args, printer)?;
        sound &= exit == Exit::Favourable;
    }
    Ok(sound)
}
