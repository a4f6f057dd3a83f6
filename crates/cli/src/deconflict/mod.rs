//! `detente deconflict`: do our plans come close to theirs, without showing either's.
//!
//! The two sides exchange files by any way they have. A side's folder holds its plans, its seed and what was said so far;
//! every call replays that and goes one step further, so that nothing is lost when a call is interrupted.

mod answer;
mod folder;
mod replay;

use std::path::PathBuf;

use clap::{Args, Subcommand};
use detente_ledger::hash::Hash;
use detente_sharing::private_check::{Complaint, Outcome, Role, Terms};

use crate::exit::Exit;
use crate::failure::{Failure, FailureKind};
use crate::file;
use crate::printer::Printer;
use answer::{AuditAnswer, Standing};
use folder::{By, Folder};
use replay::Replayed;

/// The arguments of `detente deconflict`.
#[derive(Args, Debug)]
pub(crate) struct DeconflictArgs {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Cover the plans with cells and commit to them: makes the folder of a session
    Begin(BeginArgs),
    /// Take what the other side sent, and write what to send back
    Take(TakeArgs),
    /// Consent to learning which cells are common, and to finer ones inside them
    Consent(FolderArgs),
    /// Say how a session stands
    Show(FolderArgs),
    /// Replay the other side from the folder it has disclosed
    Audit(AuditArgs),
}

#[derive(Args, Debug)]
struct BeginArgs {
    /// Folder of the session, which must not exist
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// The plans: GeoJSON of the exchange profile, windows with an end
    #[arg(long, value_name = "FILE")]
    plans: PathBuf,
    /// A file both sides hold, such as agreement.toml: sessions belong to it
    #[arg(long, value_name = "FILE")]
    agreement: PathBuf,
    /// Answer the other side; one of the two begins and one answers
    #[arg(long)]
    answer: bool,
    /// Least distance on the ground that plans should keep, metres
    #[arg(long, value_name = "METRES", default_value_t = 1_000)]
    separation: u32,
    /// Least vertical distance, metres
    #[arg(long, value_name = "METRES", default_value_t = 300)]
    vertical: u32,
    /// Least time between, seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    time: u32,
    /// Most cells a side may bring
    #[arg(long, value_name = "CELLS", default_value_t = 65_536)]
    cells: u32,
    /// The finest level that may be entered, 0 to 3
    #[arg(long, value_name = "LEVEL", default_value_t = 3)]
    finest: u8,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

#[derive(Args, Debug)]
struct TakeArgs {
    /// Folder of the session
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// What the other side sent, in its order
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

#[derive(Args, Debug)]
struct FolderArgs {
    /// Folder of the session
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

#[derive(Args, Debug)]
struct AuditArgs {
    /// Folder of one's own session
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// The other side's folder, or what it has disclosed of it: session.json and plans.geojson
    #[arg(long, value_name = "DIR")]
    disclosed: PathBuf,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// Carries one step out.
pub(crate) fn run(args: &DeconflictArgs, printer: &mut Printer) -> Result<Exit, Failure> {
    match &args.verb {
        Verb::Begin(args) => begin(args, printer),
        Verb::Take(args) => take(args, printer),
        Verb::Consent(args) => consent(args, printer),
        Verb::Show(args) => {
            let replayed = Replayed::of(&Folder::open(&args.folder)?)?;
            tell(&replayed, Vec::new(), args.json, printer)
        }
        Verb::Audit(args) => audit(args, printer),
    }
}

fn begin(args: &BeginArgs, printer: &mut Printer) -> Result<Exit, Failure> {
    let agreement = file::read_bytes(&args.agreement)?;
    let terms = Terms {
        agreement: Hash::of(&agreement),
        separation_m: args.separation,
        vertical_m: args.vertical,
        time_s: args.time,
        cells_max: args.cells,
        finest: args.finest,
    };
    if !terms.are_sound() {
        return Err(Failure::new(
            FailureKind::Usage,
            "the terms are beyond what a private check can do",
        )
        .hint(
            "distances up to 20 000 m, times up to 86 400 s, 1 to 1 048 576 cells, levels 0 to 3",
        ));
    }
    let role = if args.answer {
        Role::Responder
    } else {
        Role::Initiator
    };
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).map_err(|error| Failure::new(FailureKind::Usage, error))?;
    let plans = file::read_bytes(&args.plans)?;
    let folder = Folder::new(&args.folder, role, terms, seed, plans);
    // The plans are read, and refused, before anything is written.
    let replayed = match replay::legs(&folder, printer, args.json)? {
        Ok(_) => Replayed::of(&folder)?,
        Err(exit) => return Ok(exit),
    };
    let commitment = replayed.commitment().to_bytes();
    let mut folder = folder;
    folder.create()?;
    let written = folder.speak(&[commitment])?;
    tell(&replayed, written, args.json, printer)
}

fn take(args: &TakeArgs, printer: &mut Printer) -> Result<Exit, Failure> {
    let mut folder = Folder::open(&args.folder)?;
    let mut replayed = Replayed::of(&folder)?;
    let mut written = Vec::new();
    for path in &args.files {
        let bytes = file::read_bytes(path)?;
        let send = replayed.take(&bytes).map_err(|fault| {
            Failure::new(FailureKind::Verification, format!("{}: {fault}", path.display()))
                .hint("the session is as it was; ask the other side for the file again, or begin a new session")
        })?;
        folder.hear(bytes)?;
        written.extend(folder.speak(&send)?);
    }
    tell(&replayed, written, args.json, printer)
}

fn consent(args: &FolderArgs, printer: &mut Printer) -> Result<Exit, Failure> {
    let mut folder = Folder::open(&args.folder)?;
    let mut replayed = Replayed::of(&folder)?;
    let send = replayed.consent().map_err(|fault| {
        Failure::new(FailureKind::Usage, fault)
            .hint("consent is asked for once, when both sides know how many cells are common")
    })?;
    let written = folder.speak(&send)?;
    tell(&replayed, written, args.json, printer)
}

/// Prints how the session stands: unfavourable when plans may come close.
fn tell(
    replayed: &Replayed,
    written: Vec<PathBuf>,
    json: bool,
    printer: &mut Printer,
) -> Result<Exit, Failure> {
    let standing = Standing::new(replayed, written);
    if json {
        printer.answer_json(&standing)?;
    } else {
        printer.answer(&standing.words())?;
    }
    Ok(match replayed.outcome() {
        None | Some(Outcome::Apart { .. }) => Exit::Favourable,
        Some(_) => Exit::Unfavourable,
    })
}

fn audit(args: &AuditArgs, printer: &mut Printer) -> Result<Exit, Failure> {
    let ours = Folder::open(&args.folder)?;
    let theirs = Folder::open(&args.disclosed)?;
    let complaint = replay::audit(&ours, &theirs, printer, args.json)?;
    let complaint = match complaint {
        Ok(complaint) => complaint,
        Err(exit) => return Ok(exit),
    };
    let answer = AuditAnswer::new(
        ours.spoken()
            .iter()
            .filter(|spoken| spoken.by == By::Them)
            .count(),
        complaint,
    );
    if args.json {
        printer.answer_json(&answer)?;
    } else {
        printer.answer(&answer.words())?;
    }
    Ok(if complaint.is_none() {
        Exit::Favourable
    } else {
        Exit::VerificationFailed
    })
}

/// What an audit can end with beside a complaint: kept here so that the words stand in one place.
fn complaint_words(complaint: Complaint) -> &'static str {
    match complaint {
        Complaint::Plans => "its plans cannot be covered under the terms",
        Complaint::Key => "the key it committed to is not that of the seed it disclosed",
        Complaint::Cells => {
            "the cells it committed to are not those of its plans: some were left out, or some have no plan in them"
        }
        Complaint::Message(_) => "it sent something else than its seed and its plans give",
        Complaint::Beyond(_) => "the record goes on where the session must have ended",
    }
}
