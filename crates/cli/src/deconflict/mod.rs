//! `detente deconflict`: do our plans come close to theirs, without showing either's.
//!
//! With `--with PEER` one's own node holds the session with the other's. Without nodes the two sides exchange files by any way
//! they have: a side's folder holds its plans, its seed and what was said so far; every call replays that and goes one step
//! further, so that nothing is lost when a call is interrupted.

mod answer;
mod between;
mod disclosed;
mod folder;
mod replay;

use std::path::PathBuf;

use clap::{Args, Subcommand};
use detente_ledger::hash::Hash;
use detente_sharing::private_check::{Complaint, Role, Terms};

use crate::exit::Exit;
use crate::failure::{Failure, FailureKind};
use crate::file;
use crate::node::NodeArgs;
use crate::printer::Printer;
use answer::{AuditAnswer, Standing};
use folder::{By, Folder};
use replay::Replayed;

/// The arguments of `detente deconflict`.
#[derive(Args, Debug)]
#[command(subcommand_negates_reqs = true)]
pub(crate) struct DeconflictArgs {
    #[command(flatten)]
    between: between::WithArgs,
    #[command(subcommand)]
    verb: Option<Verb>,
    #[command(flatten)]
    node: NodeArgs,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Cover the plans with cells and commit to them: makes the folder of a session
    Begin(BeginArgs),
    /// Take what the other side sent, and write what to send back
    Take(TakeArgs),
    /// Consent to learning which cells are common, to finer ones inside them, and to showing the legs that lie in the last
    Consent(FolderArgs),
    /// Say how a session stands
    Show(FolderArgs),
    /// Replay the other side from what it has disclosed
    Audit(AuditArgs),
    /// Write what one's own side discloses to be audited, of a session that nodes held
    Disclose(DiscloseArgs),
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
    #[arg(value_name = "DIR", required_unless_present = "check")]
    folder: Option<PathBuf>,
    /// The session, where nodes held it
    #[arg(long, value_name = "CHECK", conflicts_with = "folder")]
    check: Option<String>,
    /// What the other side has disclosed: the file that `disclose` writes, or of a folder session.json, plans.geojson and
    /// legs.json
    #[arg(long, value_name = "FILE|DIR")]
    disclosed: PathBuf,
    /// The plans as the other side had declared them; those it discloses when not given
    #[arg(long, value_name = "FILE", requires = "check")]
    plans: Option<PathBuf>,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

#[derive(Args, Debug)]
struct DiscloseArgs {
    /// The session
    check: String,
    /// File to write, which must be shown to the auditor alone
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

/// Carries one step out.
pub(crate) fn run(args: &DeconflictArgs, printer: &mut Printer) -> Result<Exit, Failure> {
    let node = &args.node;
    let Some(verb) = &args.verb else {
        return between::run(&args.between, node, printer);
    };
    match verb {
        Verb::Begin(args) => begin(args, printer),
        Verb::Take(args) => take(args, printer),
        Verb::Consent(args) => consent(args, printer),
        Verb::Show(args) => {
            let folder = Folder::open(&args.folder)?;
            let replayed = Replayed::of(&folder)?;
            tell((&folder, &replayed), Vec::new(), args.json, printer)
        }
        Verb::Audit(args) => audit(args, node, printer),
        Verb::Disclose(args) => disclosed::disclose(&node.open()?, &args.check, &args.out, printer),
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
    // The plans are read, and refused, before anything is written.
    let legs = match replay::plans(&args.plans, &plans, printer, args.json)? {
        Ok(plans) => plans.legs,
        Err(exit) => return Ok(exit),
    };
    let mut folder = Folder::new(&args.folder, role, terms, seed, (plans, legs));
    let replayed = Replayed::of(&folder)?;
    let commitment = replayed.commitment().to_bytes();
    folder.create()?;
    let written = folder.speak(&[commitment])?;
    tell((&folder, &replayed), written, args.json, printer)
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
    tell((&folder, &replayed), written, args.json, printer)
}

fn consent(args: &FolderArgs, printer: &mut Printer) -> Result<Exit, Failure> {
    let mut folder = Folder::open(&args.folder)?;
    let mut replayed = Replayed::of(&folder)?;
    let send = replayed.consent().map_err(|fault| {
        Failure::new(FailureKind::Usage, fault)
            .hint("consent is asked for once, when both sides know how many cells are common")
    })?;
    let written = folder.speak(&send)?;
    tell((&folder, &replayed), written, args.json, printer)
}

/// Prints how the session stands: unfavourable when plans may come close.
fn tell(
    (folder, replayed): (&Folder, &Replayed),
    written: Vec<PathBuf>,
    json: bool,
    printer: &mut Printer,
) -> Result<Exit, Failure> {
    let standing = Standing::new(replayed, &folder.terms, written);
    if json {
        printer.answer_json(&standing)?;
    } else {
        printer.answer(&standing.words())?;
    }
    Ok(match standing.is_favourable() {
        true => Exit::Favourable,
        false => Exit::Unfavourable,
    })
}

fn audit(args: &AuditArgs, node: &NodeArgs, printer: &mut Printer) -> Result<Exit, Failure> {
    let audited = match (&args.check, &args.folder) {
        (Some(check), _) => {
            let plans = args.plans.as_deref();
            let face = (&mut *printer, args.json);
            disclosed::audited(&node.open()?, check, &args.disclosed, plans, face)?
        }
        (None, folder) => {
            let ours = Folder::open(folder.as_deref().unwrap_or(&args.disclosed))?;
            let theirs = Folder::open(&args.disclosed)?;
            let complaint = replay::audit(&ours, &theirs, printer, args.json)?;
            let spoken = ours.spoken().iter();
            let heard = spoken.filter(|spoken| spoken.by == By::Them).count();
            complaint.map(|complaint| (heard, complaint))
        }
    };
    let (heard, complaint) = match audited {
        Ok(audited) => audited,
        Err(exit) => return Ok(exit),
    };
    let answer = AuditAnswer::new(heard, complaint);
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
        Complaint::Declared => "the legs it disclosed are not those of the plans it disclosed",
        Complaint::Legs => {
            "the plans it committed to are not those it disclosed: some were left out, added or changed"
        }
        Complaint::Key => "the key it committed to is not that of the seed it disclosed",
        Complaint::Cells => {
            "the cells it committed to are not those of its plans: some were left out, or some have no plan in them"
        }
        Complaint::Message(_) => "it sent something else than its seed and its plans give",
        Complaint::Beyond(_) => "the record goes on where the session must have ended",
    }
}
