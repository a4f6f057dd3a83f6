//! `detente overlap`: do these volumes conflict, where, when and how high, or how far apart are they.

mod answer;
mod compare;
mod words;

use std::path::{Path, PathBuf};

use clap::Args;
use detente_formats::geojson::read_volumes;
use detente_records::{PlainVolume, Problems};

use crate::diagnostics::{Documents, refuse, remark};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::file;
use crate::printer::Printer;
use answer::OverlapAnswer;

/// The arguments of `detente overlap`.
#[derive(Args, Debug)]
pub(crate) struct OverlapArgs {
    /// GeoJSON of the exchange profile; only the geometry is required
    #[arg(value_name = "A.geojson")]
    first: PathBuf,
    /// The volumes to compare with
    #[arg(value_name = "B.geojson")]
    second: PathBuf,
    /// Print one JSON object (docs/reference/overlap.schema.json)
    #[arg(long)]
    json: bool,
}

/// Compares every volume of the first file with every volume of the second.
pub(crate) fn run(args: &OverlapArgs, printer: &mut Printer) -> Result<Exit, Failure> {
    let mut documents = Documents::default();
    let (first, mut problems) = read(&args.first, &mut documents)?;
    let (second, more) = read(&args.second, &mut documents)?;
    problems.append(more);
    if problems.has_errors() {
        return refuse(&problems, &documents, args.json, printer);
    }
    remark(&problems, &documents, printer);
    let comparison = compare::compare(&first, &second);
    let exit = if comparison.pairs.is_empty() {
        Exit::Favourable
    } else {
        Exit::Unfavourable
    };
    if args.json {
        printer.answer_json(&OverlapAnswer::of(&comparison))?;
    } else {
        printer.answer(&words::tell(
            &comparison,
            &first,
            &second,
            printer.palette(),
        ))?;
    }
    Ok(exit)
}

/// Reads the volumes of a file; a file without any is an error, because nothing would be compared.
fn read(path: &Path, documents: &mut Documents) -> Result<(Vec<PlainVolume>, Problems), Failure> {
    let name = path.display().to_string();
    let mut input = file::open(path)?;
    documents.add(&name, path.to_owned());
    let (volumes, mut problems) = read_volumes(&name, &mut input);
    if volumes.is_empty() && !problems.has_errors() {
        problems
            .error(
                "no_volumes",
                detente_records::Place::default(),
                "the file holds no volume to compare",
            )
            .help("give a FeatureCollection with at least one feature");
    }
    Ok((volumes, problems))
}
