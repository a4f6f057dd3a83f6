//! `detente place`: what a place name may stand for, as it is read back to whoever said it.

use std::path::{Path, PathBuf};

use clap::Args;
use detente_formats::{GAZETTEER_BYTES_MAX, read_gazetteer};
use detente_sharing::gazetteer::{Gazetteer, Likeness};
use serde_json::{Value, json};

use crate::exit::Exit;
use crate::failure::{Failure, FailureKind};
use crate::position::position;
use crate::printable::printable;
use crate::printer::Printer;

/// Names a gazetteer goes by in a dossier.
const FILES: [&str; 2] = ["gazetteer.csv", "gazetteer.geojson"];

/// The arguments of `detente place`.
#[derive(Args, Debug)]
pub(crate) struct PlaceArgs {
    /// The name as it was written or heard, in Arabic, Russian or Latin letters
    name: String,
    /// Gazetteer (CSV or GeoJSON), or a dossier with one
    #[arg(long = "in", value_name = "FILE|DOSSIER")]
    gazetteer: PathBuf,
    /// Where it was said to be, in any notation: degrees, MGRS, UTM
    #[arg(long, value_name = "POSITION", allow_hyphen_values = true)]
    at: Option<String>,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// Finds the places a name may stand for.
pub(crate) fn run(args: &PlaceArgs, printer: &mut Printer) -> Result<Exit, Failure> {
    let said_at = args.at.as_deref().map(position).transpose()?;
    let gazetteer = read(&args.gazetteer)?;
    let found = gazetteer.resolve(&args.name, said_at);
    let exit = match found.is_empty() {
        true => Exit::Unfavourable,
        false => Exit::Favourable,
    };
    if args.json {
        let candidates: Vec<Value> = found
            .iter()
            .map(|candidate| {
                json!({
                    "id": candidate.place.id.as_str(),
                    "matched": candidate.place.names.get(candidate.name).map(|name| &name.text),
                    "likeness": words(candidate.likeness),
                    "latitude_deg": candidate.place.position.latitude_deg(),
                    "longitude_deg": candidate.place.position.longitude_deg(),
                    "accuracy_m": candidate.place.accuracy_m,
                    "distance_m": candidate.distance_m,
                    "source": candidate.place.source,
                    "read_back": gazetteer.read_back(candidate),
                })
            })
            .collect();
        printer.answer_json(&json!({"name": args.name, "candidates": candidates}))?;
        return Ok(exit);
    }
    if found.is_empty() {
        printer.answer(&format!("no place sounds like {}\n", printable(&args.name)))?;
    }
    for candidate in &found {
        printer.answer(&format!(
            "{}: {}\n  {}; {}\n",
            printable(candidate.place.id.as_str()),
            words(candidate.likeness),
            printable(&gazetteer.read_back(candidate)),
            printable(&candidate.place.source)
        ))?;
    }
    Ok(exit)
}

fn words(likeness: Likeness) -> String {
    match likeness {
        Likeness::Same => "the same name".to_owned(),
        Likeness::Sounds => "sounds the same".to_owned(),
        Likeness::Near(1) => "nearly, read it back".to_owned(),
        Likeness::Near(edits) => format!("{edits} sounds differ, read it back"),
    }
}

fn read(path: &Path) -> Result<Gazetteer, Failure> {
    let file = match path.is_dir() {
        true => {
            let mut named = FILES.iter().map(|name| path.join(name));
            named.find(|file| file.exists()).ok_or_else(|| {
                let message = format!("{} holds no gazetteer", path.display());
                let hint = format!("a dossier names its places in {}", FILES.join(" or "));
                Failure::new(FailureKind::InvalidInput, message).hint(hint)
            })?
        }
        false => path.to_owned(),
    };
    let length = std::fs::metadata(&file).map_err(|error| Failure::unreadable(&file, error))?;
    if length.len() > GAZETTEER_BYTES_MAX as u64 {
        let message = format!("{} is longer than any gazetteer", file.display());
        return Err(Failure::new(FailureKind::InvalidInput, message));
    }
    let bytes = std::fs::read(&file).map_err(|error| Failure::unreadable(&file, error))?;
    let (places, problems) = read_gazetteer(&file.display().to_string(), &bytes);
    if problems.has_errors() {
        return Err(Failure::new(
            FailureKind::InvalidInput,
            problems.to_string(),
        ));
    }
    Ok(Gazetteer::new(places))
}
