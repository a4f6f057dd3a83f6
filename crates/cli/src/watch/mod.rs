//! `detente watch`: what tracks show of flights in the zones of a dossier.

mod agreement;
mod answer;
mod dossier;
mod identities;
mod source;
mod wire;
mod zones;

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use detente_formats::tracks::TrackFormat;
use detente_monitoring::{Settings, Watch};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::printer::Printer;
use answer::AnswerWriter;
use dossier::Input;

/// The arguments of `detente watch`.
#[derive(Args, Debug)]
#[command(
    after_help = "Exit codes: 0 nothing was observed, 1 something was, 2 usage, 3 the input is invalid.\n\
                  An event is an observation, not a finding about anybody: findings need people."
)]
pub(crate) struct WatchArgs {
    /// The folder of the dossier (`detente init` writes one)
    #[arg(value_name = "DOSSIER")]
    dossier: PathBuf,
    /// A file of tracks, a folder of such files, or - for the standard input
    #[arg(long, value_name = "PATH")]
    tracks: PathBuf,
    /// The format of the tracks
    #[arg(long, value_enum, default_value_t = Format::Auto)]
    format: Format,
    /// Who sources say that tracks are; otherwise `identities.json` beside the tracks, if there is one
    #[arg(long, value_name = "FILE")]
    identities: Option<PathBuf>,
    /// Print one JSON object a line for each event (docs/reference/events.md)
    #[arg(long)]
    json: bool,
}

/// The formats by the names of docs/reference/tracks.md.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    Auto,
    Readsb,
    Sbs,
    Opensky,
    Jsonl,
    Gpx,
}

impl Format {
    /// The format asked for; none to go by how a source begins.
    fn asked(self) -> Option<TrackFormat> {
        match self {
            Self::Auto => None,
            Self::Readsb => Some(TrackFormat::Readsb),
            Self::Sbs => Some(TrackFormat::Sbs),
            Self::Opensky => Some(TrackFormat::OpenSky),
            Self::Jsonl => Some(TrackFormat::JsonLines),
            Self::Gpx => Some(TrackFormat::Gpx),
        }
    }
}

/// Reads the tracks to their end and prints what they show.
pub(crate) fn run(args: &WatchArgs, printer: &mut Printer) -> Result<Exit, Failure> {
    let input = Input::read(&args.dossier, args.json, printer)?;
    let named = args.identities.as_deref();
    let identities = identities::read(named, &args.tracks, &input.dossier.agreement)?;
    let forces = identities::forces(&identities);
    let (zones, operations) = zones::of(&input, &forces);
    let settings = Settings {
        assumptions: input.dossier.agreement.parameters.vertical,
        ..Settings::default()
    };
    let mut watch = Watch::new(zones, operations, identities, settings);
    let mut answer = AnswerWriter::new(args.json);
    let tally = source::read_all(
        &args.tracks,
        args.format.asked(),
        printer,
        &mut |fix, printer| {
            watch.observe(fix, &mut |event| answer.take(event, printer));
        },
    )?;
    watch.finish(&mut |event| answer.take(event, printer));
    source::remark(&tally, printer);
    let something = answer.finish(&watch, &tally, printer)?;
    Ok(if something {
        Exit::Unfavourable
    } else {
        Exit::Favourable
    })
}
