//! `detente watch`: what tracks show of flights in the zones of a dossier.

mod agreement;
mod dossier;
mod feed;
mod identities;
mod inbox;
mod items;
mod keep;
mod line;
mod live;
mod order;
mod picture;
mod session;
mod source;
mod spread;
mod told;
mod warned;
mod wire;
mod zones;

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Args, ValueEnum};
use detente_formats::cap::Status;
use detente_formats::tracks::TrackFormat;
use detente_ledger::hash::Hash;
use detente_monitoring::approach::{Horizon, Lookout, Place as WarnedPlace};
use detente_monitoring::{DeclaredOperation, Identity, Settings, Watch, Zone};
use detente_spacetime::Span;

use crate::exit::Exit;
use crate::failure::{Failure, FailureKind};
use crate::node::NodeArgs;
use crate::printer::Printer;
use dossier::Input;
use feed::Feed;
use identities::ClockOffset;
use keep::{EventsFile, Fits, Keeper};
use line::Place;
use picture::Picture;
use session::Session;
use told::{Lost, Sums, Told};
use warned::{Messages, Warned};

/// The longest window for stragglers, seconds: an hour.
const STRAGGLERS_MAX_S: f64 = 3_600.0;

/// The arguments of `detente watch`.
#[derive(Args, Debug)]
#[command(
    after_help = "Exit codes: 0 nothing was observed, 1 something was, 2 usage, or no tracks in the files, 3 the input is invalid, or nothing of it can be read, 5 a receiver could not be reached, or the node was given up.\n\
                  An event is an observation, not a finding about anybody: findings need people."
)]
pub(crate) struct WatchArgs {
    /// The folder of the dossier (`detente init` writes one)
    #[arg(value_name = "DOSSIER")]
    dossier: PathBuf,
    /// A file of tracks, a folder of such files, tcp://HOST:PORT of a receiver, or - for the standard input; may be repeated
    #[arg(long, value_name = "SOURCE", required_unless_present = "nats")]
    tracks: Vec<OsString>,
    /// The format of the tracks
    #[arg(long, value_enum, default_value_t = Format::Auto)]
    format: Format,
    /// Who sources say that tracks are; otherwise `identities.json` beside the tracks, if there is one
    #[arg(long, value_name = "FILE")]
    identities: Option<PathBuf>,
    /// Whom to warn of what; otherwise `subscribers.json` beside the tracks, if there is one
    #[arg(long, value_name = "FILE")]
    subscribers: Option<PathBuf>,
    /// How long a fix waits for earlier ones that are still on their way, in seconds; 0 tells at once
    #[arg(long, value_name = "SECONDS", default_value_t = 10.0, value_parser = parse_stragglers)]
    stragglers: f64,
    /// End when a receiver closes its line, instead of opening it again
    #[arg(long)]
    no_reconnect: bool,
    /// Print one JSON object a line for each event (docs/reference/events.md)
    #[arg(long)]
    json: bool,
    /// Write every event into this file, one JSON object a line, exactly once however often the run is resumed
    #[arg(long, value_name = "FILE")]
    events: Option<PathBuf>,
    /// Keep the state of the run in this file, and go on from it
    #[arg(long, value_name = "FILE")]
    resume: Option<PathBuf>,
    /// Draw a map of what was seen (.svg, or .html)
    #[arg(long, value_name = "FILE", value_parser = picture::parse_path)]
    map: Option<PathBuf>,
    /// Write the raw fixes behind each alert into this folder, named by their SHA-256
    #[arg(long, value_name = "DIR")]
    evidence: Option<PathBuf>,
    /// Write early warnings into this folder, as messages of the Common Alerting Protocol 1.2
    #[arg(long, value_name = "DIR")]
    cap: Option<PathBuf>,
    /// Who sends the warnings, unique in the world, such as watch@example.org
    #[arg(long, value_name = "NAME", default_value = "watch@detente.invalid")]
    sender: String,
    /// Whether the warnings are meant
    #[arg(long, value_enum, default_value_t = CapStatus::Actual)]
    cap_status: CapStatus,
    /// Put alerts, and how operations are flown, on the record of this node
    #[arg(long, value_name = "URL")]
    node: Option<String>,
    /// File whose first line is an API token of the node
    #[arg(long, value_name = "FILE", env = "DETENTE_TOKEN_FILE")]
    token_file: Option<PathBuf>,
    /// Authorities that vouch for an https:// node, PEM
    #[arg(
        long,
        value_name = "FILE",
        default_value = "/etc/ssl/certs/ca-certificates.crt"
    )]
    authorities: PathBuf,
    #[command(flatten)]
    spread: spread::SpreadArgs,
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

/// How messages of the Common Alerting Protocol are to be handled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum CapStatus {
    Actual,
    Exercise,
    Test,
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

impl From<CapStatus> for Status {
    fn from(status: CapStatus) -> Self {
        match status {
            CapStatus::Actual => Self::Actual,
            CapStatus::Exercise => Self::Exercise,
            CapStatus::Test => Self::Test,
        }
    }
}

fn parse_stragglers(text: &str) -> Result<f64, String> {
    let seconds: f64 = text.parse().map_err(|_| "a number of seconds".to_owned())?;
    if (0.0..=STRAGGLERS_MAX_S).contains(&seconds) {
        Ok(seconds)
    } else {
        Err(format!("0 to {STRAGGLERS_MAX_S} seconds"))
    }
}

/// Reads the tracks to their end and tells what they show.
pub(crate) fn run(args: &WatchArgs, printer: &mut Printer) -> Result<Exit, Failure> {
    let input = Input::read(&args.dossier, args.json, printer)?;
    let (paths, places) = sources(&args.tracks)?;
    let ready = prepare(args, &input, &paths, places.as_slice())?;
    if args.spread.is_asked() {
        return spread::run(args, ready, &paths, places, printer);
    }
    let identities = Arc::clone(&ready.identities);
    let (mut session, mut reading) = open(args, ready)?;
    let mut late = 0;
    if !paths.is_empty() {
        session.keep()?;
        let read = source::read_all(&paths, args.format.asked(), printer, &mut |fix, printer| {
            session.take_again(fix, printer);
        });
        reading.add(read?);
        session.failure()?;
        session.lost = reading.lost();
        late = session.watch.counts().too_late;
    }
    if !places.is_empty() {
        let manner = live::Manner {
            format: args.format.asked(),
            comes_back: !args.no_reconnect,
            again: paths.is_empty() && places.as_slice() == [Place::Input],
        };
        live::follow(places, manner, &mut session, printer)?;
    }
    // A run that ends is kept before what still waits for stragglers is told: more may come.
    session.keep()?;
    session.finish(printer)?;
    source::remark(&reading, printer);
    source::is_something_read(session.watch.counts().fixes, session.lost)?;
    source::remark_late(late, printer);
    let listed = identities.keys().map(AsRef::as_ref);
    let unseen: Vec<&str> = listed
        .filter(|track| !session.watch.has_seen(track))
        .collect();
    source::remark_unseen(&unseen, printer);
    finish(session, args, &input, printer)
}

/// Prints and writes what is left to tell.
fn finish(
    mut session: Session,
    args: &WatchArgs,
    input: &Input,
    printer: &mut Printer,
) -> Result<Exit, Failure> {
    if let Some(picture) = &session.told.picture {
        picture.write(input, session.told.sums)?;
    }
    if let Some(file) = &mut session.told.events_file {
        file.settle()?;
    }
    let something = session.told.finish(&session.watch, session.lost, printer)?;
    printer.push()?;
    if let Some(feed) = &mut session.told.feed {
        let delivered = feed.finish()?;
        printer.note(&format!(
            "{}: {} acts on record, {} refused by the rules\n",
            args.node.as_deref().unwrap_or_default(),
            delivered.recorded,
            delivered.refused
        ));
    }
    Ok(if something {
        Exit::Unfavourable
    } else {
        Exit::Favourable
    })
}

/// Tells files from live sources.
fn sources(tracks: &[OsString]) -> Result<(Vec<PathBuf>, Vec<Place>), Failure> {
    let (mut paths, mut places) = (Vec::new(), Vec::new());
    for path in tracks {
        // A name that is no text can only be that of a file.
        let source = path.to_str().unwrap_or_default();
        match source.split_once("://") {
            _ if source == "-" => places.push(Place::Input),
            Some(("tcp", authority)) => {
                let port = authority.rsplit_once(':').map(|(_, port)| port);
                if port.and_then(|port| port.parse::<u16>().ok()).is_none() {
                    let message = format!("`{source}` names no port");
                    return Err(Failure::new(FailureKind::Usage, message)
                        .hint("write tcp://HOST:PORT, such as tcp://127.0.0.1:30003"));
                }
                places.push(Place::Tcp(authority.to_owned()));
            }
            Some((scheme, _)) if !Path::new(source).exists() => {
                let message = format!("`{scheme}://` is no source of tracks");
                return Err(Failure::new(FailureKind::Usage, message)
                    .hint("a source is a file, a folder, tcp://HOST:PORT, or -"));
            }
            _ => paths.push(PathBuf::from(path)),
        }
    }
    let inputs = places
        .iter()
        .filter(|place| **place == Place::Input)
        .count();
    if inputs > 1 {
        let message = "the standard input can be read once";
        return Err(Failure::new(FailureKind::Usage, message));
    }
    Ok((paths, places))
}

/// Everything tracks are held against, and what is known beside them.
#[derive(Debug)]
struct Ready {
    zones: Vec<Zone>,
    operations: Vec<DeclaredOperation>,
    identities: Arc<BTreeMap<Arc<str>, Identity>>,
    settings: Settings,
    /// Where people are warned; empty unless warnings are asked for.
    places: Vec<WarnedPlace>,
    warned: Warned,
    clocks: BTreeMap<Arc<str>, ClockOffset>,
    fits: Fits,
    is_live: bool,
}

impl Ready {
    fn watch(&self) -> Watch {
        let identities = (*self.identities).clone();
        Watch::new(
            self.zones.clone(),
            self.operations.clone(),
            identities,
            self.settings,
        )
    }

    fn lookout(&self) -> Lookout {
        Lookout::new(
            self.places.clone(),
            self.operations.clone(),
            Arc::clone(&self.identities),
            Horizon::default(),
        )
    }
}

/// Reads what is beside the tracks, and asks the articles about every zone.
fn prepare(
    args: &WatchArgs,
    input: &Input,
    paths: &[PathBuf],
    places: &[Place],
) -> Result<Ready, Failure> {
    let first = paths.first().map(PathBuf::as_path);
    let known = identities::read(args.identities.as_deref(), first, &input.dossier.agreement)?;
    let beside = || identities::beside(first?, warned::FILE_NAME);
    let subscribers = args.subscribers.clone().or_else(beside);
    let (document, subscriber_bytes) = warned::read(subscribers.as_deref())?;
    let forces = identities::forces(&known.identities);
    let (zones, operations) = zones::of(input, &forces);
    let messages = args.cap.as_ref().map(|folder| Messages {
        folder: folder.clone(),
        sender: args.sender.clone(),
        sender_name: warned::title(&input.dossier.agreement.title),
        status: args.cap_status.into(),
    });
    let is_warning = messages.is_some() || subscribers.is_some();
    let path = subscribers
        .as_deref()
        .unwrap_or(Path::new(warned::FILE_NAME));
    let (warned_places, warned) = document.places(path, input, (&zones, &operations), messages)?;
    let settings = Settings {
        assumptions: input.dossier.agreement.parameters.vertical,
        reorder: Span::from_micros((args.stragglers * 1e6) as i64),
        ..Settings::default()
    };
    Ok(Ready {
        zones,
        operations,
        identities: Arc::new(known.identities),
        settings,
        places: if is_warning {
            warned_places
        } else {
            Vec::new()
        },
        warned,
        clocks: known.clocks,
        fits: Fits {
            dossier: Hash::of(&input.dossier.content.sha256()).to_hex(),
            beside: Hash::of_parts(&[&known.bytes, b"\n", &subscriber_bytes]).to_hex(),
            settings: format!("stragglers {} s, warnings {is_warning}", args.stragglers),
            sources: source::beginnings(paths, places, args.format.asked())?,
        },
        is_live: !places.is_empty(),
    })
}

/// Makes a run ready, as an earlier one has left it.
fn open(args: &WatchArgs, ready: Ready) -> Result<(Session, source::Reading), Failure> {
    let (mut watch, mut lookout) = (ready.watch(), ready.lookout());
    let (keeper, kept, printed) = match &args.resume {
        Some(path) => {
            let (keeper, kept, printed) = Keeper::open(path, &ready.fits)?;
            (Some((keeper, ready.fits)), kept, printed)
        }
        None => (None, None, BTreeSet::new()),
    };
    let mut resumed = Resumed::default();
    if let Some(kept) = kept {
        let invalid = |error| Failure::new(FailureKind::InvalidInput, error);
        watch.restore(&kept.watch).map_err(invalid)?;
        for state in &kept.sightings {
            lookout.take(state).map_err(invalid)?;
        }
        resumed = Resumed {
            sums: kept.sums,
            rows: kept.rows,
            lost: kept.lost,
            reports: kept.reports,
            events_bytes: kept.events_bytes.unwrap_or(0),
            picture: kept.picture,
            outbox: kept.outbox,
        };
    }
    let told = Told {
        json: args.json,
        at_once: ready.is_live,
        sums: resumed.sums,
        rows: resumed.rows,
        clocks: ready.clocks,
        warned: ready.warned,
        items: args
            .evidence
            .as_deref()
            .map(items::Items::open)
            .transpose()?,
        picture: args
            .map
            .as_deref()
            .map(|path| Picture::new(path, resumed.picture)),
        events_file: match &args.events {
            Some(path) => Some(EventsFile::open(path, resumed.events_bytes)?),
            None => None,
        },
        feed: match &args.node {
            Some(url) => {
                let node = NodeArgs::at(url, args.token_file.clone(), args.authorities.clone());
                Some(Feed::start(|| node.open(), resumed.outbox)?)
            }
            None => None,
        },
        journal: None,
        printed,
    };
    let mut session = Session::new(watch, lookout, told);
    session.keeper = keeper;
    session.skip = resumed.reports;
    session.reports = resumed.reports;
    session.lost = resumed.lost;
    Ok((session, source::Reading::default()))
}

/// What an earlier run has left, beside what the watch has in mind.
#[derive(Debug, Default)]
struct Resumed {
    sums: Sums,
    rows: Vec<told::Row>,
    lost: Lost,
    reports: u64,
    events_bytes: u64,
    picture: Option<picture::PictureState>,
    outbox: Vec<feed::Letter>,
}
