//! `detente position`: a position in any notation, read strictly and said again in another one.

use clap::Args;
use detente_spacetime::Position;
use detente_spacetime::geodesic::distance_m;
use detente_spacetime::notation::{Notation, NotationError, ReadBack, Stated, read};
use serde_json::{Value, json};

use crate::coordinates::distance;
use crate::exit::Exit;
use crate::failure::{Failure, FailureKind};
use crate::printable::printable;
use crate::printer::Printer;

/// The arguments of `detente position`.
#[derive(Args, Debug)]
pub(crate) struct PositionArgs {
    /// The position: degrees, degrees with minutes and seconds, MGRS or UTM
    #[arg(allow_hyphen_values = true)]
    text: String,
    /// What was read back, to be held against it
    #[arg(long, value_name = "POSITION", allow_hyphen_values = true)]
    against: Option<String>,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// Reads a position and says it in every notation.
pub(crate) fn run(args: &PositionArgs, printer: &mut Printer) -> Result<Exit, Failure> {
    let said = stated(&args.text)?;
    let against = args.against.as_deref().map(stated).transpose()?;
    let backs: Vec<ReadBack> = Notation::ALL
        .into_iter()
        .map(|notation| said.read_back(notation))
        .collect();
    let apart_m = against.map(|other| distance_m(said.position, other.position));
    // What lies further apart than both were said exactly is not the same place.
    let agrees = against
        .zip(apart_m)
        .map(|(other, apart_m)| apart_m <= said.precision_m + other.precision_m);
    let exit = match agrees {
        Some(false) => Exit::Unfavourable,
        _ => Exit::Favourable,
    };
    if args.json {
        let shown: Vec<Value> = backs.iter().map(back_json).collect();
        printer.answer_json(&json!({
            "said": args.text,
            "notation": said.notation.wire_name(),
            "latitude_deg": said.position.latitude_deg(),
            "longitude_deg": said.position.longitude_deg(),
            "precision_m": said.precision_m,
            "read_back": shown,
            "against": against.map(|other| json!({
                "notation": other.notation.wire_name(),
                "latitude_deg": other.position.latitude_deg(),
                "longitude_deg": other.position.longitude_deg(),
                "precision_m": other.precision_m,
                "distance_m": apart_m,
                "agrees": agrees,
            })),
        }))?;
        return Ok(exit);
    }
    printer.answer(&format!(
        "{}, as exactly as {}\n",
        said.position,
        distance(said.precision_m)
    ))?;
    for back in &backs {
        printer.answer(&format!(
            "  {:11} {}  ({} away)\n",
            back.notation,
            back.text,
            distance(back.distance_m)
        ))?;
    }
    if let (Some(apart_m), Some(agrees)) = (apart_m, agrees) {
        let words = match agrees {
            true => "the same place",
            false => "NOT the same place",
        };
        let line = format!("{words}: {} between the two\n", distance(apart_m));
        printer.answer(&line)?;
    }
    Ok(exit)
}

fn back_json(back: &ReadBack) -> Value {
    json!({
        "notation": back.notation.wire_name(),
        "text": back.text,
        "distance_m": back.distance_m,
    })
}

/// Reads a position that was typed.
pub(crate) fn stated(text: &str) -> Result<Stated, Failure> {
    read(text).map_err(|error| refused(text, &error))
}

/// Reads a position that was typed, without how exactly it was said.
pub(crate) fn position(text: &str) -> Result<Position, Failure> {
    stated(text).map(|stated| stated.position)
}

fn refused(text: &str, error: &NotationError) -> Failure {
    let message = format!("`{}`: {error}", printable(text));
    Failure::new(FailureKind::Usage, message).hint(error.help())
}
