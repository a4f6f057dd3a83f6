//! `detente demo`: three real nodes on loopback, and a scenario told on a clock of its own.
//!
//! Everything is as in service: keys, cards, mutual TLS, ledgers on the disk, the same HTTP API.
//! Only the clock is simulated, and the keys are thrown away afterwards.

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
    /// Where the ledgers are kept; without it, files in a folder
    #[arg(long, value_name = "URL")]
    store: Option<String>,
}

/// Tells the scenario.
pub(crate) fn run(args: &DemoArgs, printer: &mut Printer) -> Result<Exit, Failure> {
    if args.store.is_some() {
        let message = "this build of the demo keeps its ledgers in files only";
        return Err(Failure::new(FailureKind::Usage, message).hint("leave --store out"));
    }
    let folder = Folder::prepare(args.keep.as_deref())?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new(FailureKind::Bug, error))?;
    let told = timeline::read()?;
    let start = told.steps.first().map_or(Instant::MIN, |step| step.at);
    let stage = runtime.block_on(Stage::open(folder.path(), start, &told))?;
    write_holders(folder.path(), &stage)?;
    let differing = runtime.block_on(tell(&stage, &told.steps, args.speed, printer))?;
    let sound = audit_all(&stage, printer)?;
    printer.answer(&format!(
        "\nledgers  {}\n",
        match args.keep {
            Some(_) => folder.path().display().to_string(),
            None => "in a temporary folder; keep them with --keep DIR".to_owned(),
        }
    ))?;
    if !args.exit {
        if args.keep.is_some() {
            folder.put(DIRECTORY, &stage.directory())?;
        }
        printer.answer(&stage.invitation())?;
        printer.push()?;
        runtime.block_on(async {
            tokio::select! {
                () = detente_server::stop_signal() => {}
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
fn audit_all(stage: &Stage, printer: &mut Printer) -> Result<bool, Failure> {
    let mut sound = true;
    printer.answer("\nevery ledger, audited as `detente ledger audit` does\n")?;
    for node in stage.nodes() {
        let others = stage
            .nodes()
            .iter()
            .filter(|other| other.origin != node.origin);
        let with = others
            .map(|other| other.ledger.display().to_string())
            .collect();
        let ledger = node.ledger.display().to_string();
        let args = AuditArgs::of_folder(ledger, with, node.log_key.clone());
        let exit = audit(&args, printer)?;
        sound &= exit == Exit::Favourable;
    }
    Ok(sound)
}

/// The folder of the demonstration; a temporary one goes when it is dropped.
#[derive(Debug)]
struct Folder {
    path: PathBuf,
    is_temporary: bool,
}

impl Folder {
    fn prepare(keep: Option<&Path>) -> Result<Self, Failure> {
        let (path, is_temporary) = match keep {
            Some(path) => (path.to_owned(), false),
            None => {
                let name = format!("detente-demo-{}", std::process::id());
                (std::env::temp_dir().join(name), true)
            }
        };
        let unwritable = |error| Failure::unwritable(&path, error);
        std::fs::create_dir_all(&path).map_err(unwritable)?;
        let mut inside = std::fs::read_dir(&path).map_err(unwritable)?;
        if inside.next().is_some() {
            let message = format!("`{}` is not empty", path.display());
            return Err(Failure::new(FailureKind::Usage, message).hint("name a new folder"));
        }
        Ok(Self { path, is_temporary })
    }

    fn path(&self) -> &Path {
        &self.path
    }

    /// Writes a file that is whole whenever it is there.
    fn put(&self, name: &str, content: &serde_json::Value) -> Result<(), Failure> {
        let (path, whole) = (self.path.join(format!("{name}.new")), self.path.join(name));
        let unwritable = |error| Failure::unwritable(&whole, error);
        std::fs::write(&path, format!("{content:#}\n")).map_err(unwritable)?;
        std::fs::rename(&path, &whole).map_err(unwritable)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if self.is_temporary {
            // What cannot be removed is left to the operating system.
            let _ = std::fs::remove_dir_all(&self.path);
        }
    }
}
