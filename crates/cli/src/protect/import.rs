//! `detente protect import`: a sheet of objects put on record row by row, and the refused rows in a file to be mended.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use detente_formats::objects::OBJECTS_BYTES_MAX;
use serde_json::Value;

use super::text;
use crate::exit::Exit;
use crate::failure::{Failure, FailureKind};
use crate::node::Asker;
use crate::printable::printable;
use crate::printer::Printer;

/// Longest wait for a sheet: the largest takes a loaded machine some minutes.
const PATIENCE: Duration = Duration::from_secs(900);

/// The arguments of `detente protect import`.
#[derive(Args, Debug)]
pub(super) struct ImportArgs {
    /// The sheet: CSV with a header line, or a GeoJSON FeatureCollection
    file: PathBuf,
    /// Say what would become of each row, and put nothing on record
    #[arg(long)]
    only_check: bool,
    /// The encoding, where the file does not show it: utf-8, utf-16, windows-1251, windows-1256
    #[arg(long, value_name = "NAME")]
    encoding: Option<String>,
    /// Show only the cell of this size that the object lies in, with a rim: 1km, 5km, 10km, 50km, 100km; its exact place stays at home
    #[arg(long, value_name = "SIZE")]
    coarse: Option<String>,
    /// Where refused rows go, with their reasons; beside the sheet when not given
    #[arg(long, value_name = "FILE")]
    refused: Option<PathBuf>,
}

pub(super) fn run(
    args: &ImportArgs,
    asker: &Asker,
    json: bool,
    printer: &mut Printer,
) -> Result<Exit, Failure> {
    let length = std::fs::metadata(&args.file)
        .map_err(|error| Failure::unreadable(&args.file, error))?
        .len();
    if length > OBJECTS_BYTES_MAX as u64 {
        let message = format!(
            "{} has {length} bytes, and a sheet has at most {OBJECTS_BYTES_MAX}",
            args.file.display()
        );
        return Err(Failure::new(FailureKind::InvalidInput, message)
            .hint("split it into several files; nothing was sent"));
    }
    let bytes =
        std::fs::read(&args.file).map_err(|error| Failure::unreadable(&args.file, error))?;
    let mut path = format!(
        "/api/v1/protected-object-imports?only_check={}",
        args.only_check
    );
    if let Some(encoding) = &args.encoding {
        path.push_str(&format!("&encoding={}", crate::node::escaped(encoding)));
    }
    if let Some(size) = &args.coarse {
        path.push_str(&format!("&coarse={}", crate::node::escaped(size)));
    }
    let kind = match bytes.trim_ascii_start().first() {
        Some(b'{') => "application/geo+json",
        _ => "text/csv",
    };
    let (_, said) = asker.send_bytes(&path, (kind, bytes), PATIENCE)?;
    let kept = refused_rows(args, &said)?;
    let exit = match said["refused"] == 0 {
        true => Exit::Favourable,
        false => Exit::Unfavourable,
    };
    if json {
        printer.answer_json(&said)?;
        return Ok(exit);
    }
    for problem in said["problems"].as_array().into_iter().flatten() {
        printer.answer(&problem_line(problem))?;
    }
    for row in said["rows"].as_array().into_iter().flatten() {
        print_row(row, printer)?;
    }
    let did = match args.only_check {
        true => "would go on record",
        false => "on record",
    };
    printer.answer(&format!(
        "{} {did}, {} of them with warnings; {} there already; {} refused\n",
        said["accepted"].as_u64().unwrap_or_default() + said["warned"].as_u64().unwrap_or_default(),
        said["warned"],
        said["already_there"],
        said["refused"]
    ))?;
    if let Some(kept) = kept {
        printer.answer(&format!(
            "mend the refused rows in {} and import it\n",
            printable(&kept.display().to_string())
        ))?;
    }
    Ok(exit)
}

/// Keeps the refused rows where they can be mended.
fn refused_rows(args: &ImportArgs, said: &Value) -> Result<Option<PathBuf>, Failure> {
    let Some(rows) = said["refused_rows"].as_str().filter(|_| !args.only_check) else {
        return Ok(None);
    };
    let path = args.refused.clone().unwrap_or_else(|| beside(&args.file));
    if path == args.file {
        let message = "the refused rows would take the place of the sheet itself";
        return Err(Failure::new(FailureKind::Usage, message).hint("give --refused another name"));
    }
    std::fs::write(&path, rows).map_err(|error| {
        let message = format!("{}: {error}", path.display());
        Failure::new(FailureKind::Usage, message)
    })?;
    Ok(Some(path))
}

/// `objects.csv` → `objects.refused.csv`; of refused rows again `objects.refused.refused.csv`, so that nothing is lost.
fn beside(file: &Path) -> PathBuf {
    let ending = file.extension().and_then(|ending| ending.to_str());
    file.with_extension(format!("refused.{}", ending.unwrap_or("csv")))
}

/// Says what became of a row that is not simply on record.
fn print_row(row: &Value, printer: &mut Printer) -> Result<(), Failure> {
    if row["state"] == "accepted" {
        return Ok(());
    }
    printer.answer(&format!(
        "row {}: {}  {}\n",
        row["row"],
        text(row, "id"),
        text(row, "state").replace('_', " ")
    ))?;
    for problem in row["problems"].as_array().into_iter().flatten() {
        printer.answer(&format!("  {}", problem_line(problem)))?;
    }
    if let Some(back) = row["position"]["read_back"].get(0) {
        printer.answer(&format!(
            "  read back: {} ({:.0} m away)\n",
            text(back, "text"),
            back["distance_m"].as_f64().unwrap_or_default()
        ))?;
    }
    Ok(())
}

fn problem_line(problem: &Value) -> String {
    let column = match problem["column"].as_str() {
        Some(column) => format!(" [{}]", printable(column)),
        None => String::new(),
    };
    let help = match problem["help"].as_str() {
        Some(help) => format!("; {}", printable(help)),
        None => String::new(),
    };
    format!(
        "{}{column}: {}{help}\n",
        text(problem, "severity"),
        text(problem, "message")
    )
}
