//! `detente check`: a verdict for every operation, with the reasons behind it.

mod answer;
mod input;
mod judging;
mod remedy;
mod report;
mod sheet;
mod words;

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use clap::Args;
use detente_agreement::Verdict;
use detente_spacetime::Instant;

use crate::exit::Exit;
use crate::failure::{Failure, FailureKind};
use crate::printer::Printer;
use crate::prose::counted;
use answer::AnswerWriter;
use input::Input;
use judging::Session;
use sheet::Sheet;
pub(crate) use sheet::{area_style, parse_path as parse_map_path};

/// The arguments of `detente check`.
#[derive(Args, Debug)]
#[command(
    after_help = "Exit codes: 0 every operation is clear, 1 some operation is not, 2 usage, 3 the input is invalid."
)]
pub(crate) struct CheckArgs {
    /// The folder of the dossier (`detente init` writes one)
    #[arg(value_name = "DOSSIER")]
    dossier: PathBuf,
    /// Check the operations of this file; the dossier's own stay in the air beside them, except those with the same id
    #[arg(long, value_name = "FILE")]
    operations: Option<PathBuf>,
    /// Judge as seen from this instant (RFC 3339); otherwise `as_of` of the agreement
    #[arg(long, value_name = "INSTANT", value_parser = Instant::parse_rfc3339)]
    at: Option<Instant>,
    /// Draw a map into this file, SVG or HTML by its ending
    #[arg(long, value_name = "FILE", value_parser = sheet::parse_path)]
    map: Option<PathBuf>,
    /// Print one JSON object (docs/reference/check.schema.json)
    #[arg(long)]
    json: bool,
}

/// Operations judged before their answers are printed, for each thread: bounds what is held at once.
const BATCH: usize = 256;

/// Judges the operations and prints the answer as it goes.
pub(crate) fn run(args: &CheckArgs, printer: &mut Printer) -> Result<Exit, Failure> {
    let input = Input::read(args, printer)?;
    let at = args.at.or(input.dossier.agreement.as_of);
    let session = Session { input: &input, at };
    let mut answer = AnswerWriter::begin(args.json, &input, printer)?;
    let mut sheet = args.map.as_ref().map(|path| Sheet::new(path));
    let mut worst = Verdict::Clear;
    let mut counts = Counts::default();
    let mut progress = printer.progress("checking operations");
    let threads = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    for from in (0..input.judged).step_by(BATCH * threads) {
        let batch = from..input.judged.min(from + BATCH * threads);
        for judged in session.judge_all(batch, threads)? {
            worst = worst.max(judged.report.verdict);
            counts.add(judged.report.verdict);
            answer.operation(&judged.report, printer)?;
            if let Some(sheet) = &mut sheet {
                sheet.keep(judged);
            }
        }
        progress.at(counts.all(), Some(input.judged as u64));
    }
    progress.finish();
    answer.end(worst, &counts, at, printer)?;
    if let Some(sheet) = sheet {
        sheet.write(&input, &counts)?;
    }
    Ok(if worst == Verdict::Clear {
        Exit::Favourable
    } else {
        Exit::Unfavourable
    })
}

/// Draws the map of a dossier, as `--map` does, and says nothing.
pub(crate) fn draw(dossier: &Path, map: &Path, printer: &mut Printer) -> Result<(), Failure> {
    let args = CheckArgs {
        dossier: dossier.to_owned(),
        operations: None,
        at: None,
        map: Some(map.to_owned()),
        json: false,
    };
    let input = Input::read(&args, printer)?;
    let at = input.dossier.agreement.as_of;
    let session = Session { input: &input, at };
    let mut sheet = Sheet::new(map);
    let mut counts = Counts::default();
    for judged in session.judge_all(0..input.judged, 1)? {
        counts.add(judged.report.verdict);
        sheet.keep(judged);
    }
    sheet.write(&input, &counts)
}

/// How many operations got which verdict.
#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    prohibited: u64,
    consent_required: u64,
    clear: u64,
}

impl Counts {
    fn add(&mut self, verdict: Verdict) {
        match verdict {
            Verdict::Prohibited => self.prohibited += 1,
            Verdict::ConsentRequired => self.consent_required += 1,
            Verdict::Clear => self.clear += 1,
        }
    }

    fn all(&self) -> u64 {
        self.prohibited + self.consent_required + self.clear
    }

    /// `20 operations: 11 prohibited, 4 consent required, 5 clear`.
    fn words(&self) -> String {
        let operations = match self.all() {
            0 => return "no operation to check".to_owned(),
            count => counted(count, "operation"),
        };
        let parts = [
            (self.prohibited, Verdict::Prohibited),
            (self.consent_required, Verdict::ConsentRequired),
            (self.clear, Verdict::Clear),
        ];
        let verdicts: Vec<String> = parts
            .iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, verdict)| format!("{count} {verdict}"))
            .collect();
        format!("{operations}: {}", verdicts.join(", "))
    }
}

/// A thread that judged did not come back: a defect, not an answer.
fn lost_thread() -> Failure {
    Failure::new(
        FailureKind::Bug,
        "judging the operations ended in a defect; no answer was given",
    )
}
