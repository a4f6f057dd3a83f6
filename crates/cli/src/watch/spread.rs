//! A watch spread over many machines: feeders, workers and readers around NATS JetStream.

use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Arc;

use clap::{Args, ValueEnum};
use detente_server::chance;
use detente_streams::cell::{PARTITIONS, PARTITIONS_MAX};
use detente_streams::desk::{Desk, Outcome};
use detente_streams::feeder::Feeder;
use detente_streams::worker::{Kit, work};
use detente_streams::{Bus, BusError, Layout, reader};
use tokio::sync::watch as signal;

use super::line::{Line, Place};
use super::told::{event_line, offset_of, warning_line};
use super::{Ready, WatchArgs, source};
use crate::exit::Exit;
use crate::failure::{Failure, FailureKind};
use crate::printer::Printer;

/// How a watch is spread.
#[derive(Args, Debug)]
#[command(next_help_heading = "Spread over NATS JetStream")]
pub(super) struct SpreadArgs {
    /// The NATS servers, separated by commas
    #[arg(long, value_name = "URL")]
    nats: Option<String>,
    /// What this process does
    #[arg(long, value_enum, value_name = "PART", default_value_t = Part::Feed, requires = "nats")]
    nats_as: Part,
    /// What the logs on the servers are named after: one watch, one name
    #[arg(
        long,
        value_name = "NAME",
        default_value = "detente",
        requires = "nats"
    )]
    nats_name: String,
    /// Partitions of the earth; all processes of a watch say the same
    #[arg(long, value_name = "N", default_value_t = PARTITIONS, requires = "nats",
          value_parser = clap::value_parser!(u32).range(1..=i64::from(PARTITIONS_MAX)))]
    nats_partitions: u32,
    /// Servers that hold each message: 3 survive the loss of one
    #[arg(long, value_name = "N", default_value_t = 1, requires = "nats")]
    nats_replicas: usize,
}

/// The part a process takes; the values carry their help.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Part {
    /// Put tracks into the logs
    Feed,
    /// Conclude from the logs, beside any number of others
    Work,
    /// Print what all workers told, each event once, and wait for more
    Tell,
    /// Print what all workers have told, and end
    Told,
}

impl SpreadArgs {
    pub(super) fn is_asked(&self) -> bool {
        self.nats.is_some()
    }
}

/// Takes part in a watch.
pub(super) fn run(
    args: &WatchArgs,
    ready: Ready,
    paths: &[PathBuf],
    places: Vec<Place>,
    printer: &mut Printer,
) -> Result<Exit, Failure> {
    let spread = &args.spread;
    if spread.nats_as == Part::Feed && paths.is_empty() && places.is_empty() {
        let failure = Failure::new(FailureKind::Usage, "a feeder needs tracks");
        return Err(failure.hint("name them with --tracks, or say --nats-as work"));
    }
    let layout = Layout {
        name: spread.nats_name.clone(),
        partitions: spread.nats_partitions,
        replicas: spread.nats_replicas,
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new(FailureKind::Bug, error))?;
    let servers = spread.nats.as_deref().unwrap_or_default();
    let name = drawn()?;
    let (stop, stopped) = signal::channel(false);
    let asked = {
        let _runtime = runtime.enter();
        detente_server::stop_signal().map_err(|error| Failure::new(FailureKind::Bug, error))?
    };
    runtime.spawn(async move {
        asked.await;
        stop.send_replace(true);
    });
    let bus = runtime
        .block_on(Bus::open(servers, layout))
        .map_err(failed)?;
    match spread.nats_as {
        Part::Feed => feed(args, bus, name, paths, places, printer, &runtime),
        Part::Work => {
            let kit = Arc::new(Tools(ready));
            printer.note(&format!("worker {name}: ready\n"));
            runtime
                .block_on(work(bus, kit, name, stopped))
                .map_err(failed)?;
            Ok(Exit::Favourable)
        }
        part @ (Part::Tell | Part::Told) => {
            let (mut told, mut failure) = (0_u64, None);
            let mut line = |_, line: &[u8]| {
                told += 1;
                let text = String::from_utf8_lossy(line);
                let printed = printer.answer(&text).and_then(|()| printer.push());
                failure = printed.err();
                failure.is_none()
            };
            let reading = reader::read(&bus, 0, part == Part::Tell, stopped, &mut line);
            runtime.block_on(reading).map_err(failed)?;
            match failure {
                Some(failure) => Err(failure),
                None if told > 0 => Ok(Exit::Unfavourable),
                None => Ok(Exit::Favourable),
            }
        }
    }
}

fn feed(
    args: &WatchArgs,
    bus: Bus,
    name: String,
    paths: &[PathBuf],
    places: Vec<Place>,
    printer: &mut Printer,
    runtime: &tokio::runtime::Runtime,
) -> Result<Exit, Failure> {
    let mut feeder = Feeder::new(bus, name);
    let mut fixes = 0_u64;
    if !paths.is_empty() {
        let mut failure = None;
        let reading = source::read_all(paths, args.format.asked(), printer, &mut |fix, _| {
            if failure.is_none() {
                fixes += 1;
                failure = runtime.block_on(feeder.take(&fix)).err();
            }
        })?;
        if let Some(error) = failure {
            return Err(failed(error));
        }
        source::remark(&reading, printer);
        if places.is_empty() {
            source::is_something_read(fixes, reading.lost())?;
        }
    }
    if !places.is_empty() {
        let (inbox, names) = Line::start_all(places, args.format.asked(), !args.no_reconnect, 0)?;
        loop {
            let turn = inbox.take(super::live::IDLE);
            super::live::remark(&turn, &names, printer);
            let sent = runtime.block_on(async {
                for (_, fix) in &turn.fixes {
                    feeder.take(fix).await?;
                }
                feeder.flush().await
            });
            sent.map_err(failed)?;
            fixes += turn.fixes.len() as u64;
            if turn.is_over || turn.is_stopped {
                inbox.stop();
                let unreached = super::live::unreached(&inbox, &names);
                if let Some(failure) = unreached.filter(|_| fixes == 0 && !turn.is_stopped) {
                    return Err(failure);
                }
                break;
            }
        }
    }
    runtime.block_on(feeder.settle()).map_err(failed)?;
    printer.answer(&format!("{fixes} fixes handed on\n"))?;
    Ok(Exit::Favourable)
}

/// What workers need to know beside the logs.
#[derive(Debug)]
struct Tools(Ready);

impl Kit for Tools {
    fn desk(&self) -> Desk {
        Desk::new(self.0.watch(), self.0.lookout())
    }

    fn told(&self, outcome: &Outcome) -> Option<(String, String)> {
        match outcome {
            Outcome::Event(event) => {
                let evidence = event.item();
                let id = event.id(&evidence).to_string();
                let offset = offset_of(event, &self.0.clocks);
                let line = event_line(event, &id, &evidence, offset).ok()?;
                Some((id, line))
            }
            Outcome::Warning(warning) => {
                let line = warning_line(warning, &self.0.warned).ok()?;
                Some((warning.id.to_string(), line))
            }
            Outcome::Send(..) => None,
        }
    }

    fn remark(&self, words: &str) {
        // The printer belongs to the thread that waits; nobody reads a terminal that is gone.
        let _ = writeln!(std::io::stderr().lock(), "worker: {words}");
    }
}

/// A name that nobody has had before.
fn drawn() -> Result<String, Failure> {
    let bytes: [u8; 8] = chance::draw().map_err(|error| Failure::new(FailureKind::Bug, error))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

fn failed(error: BusError) -> Failure {
    let kind = match error {
        BusError::Layout(_) => FailureKind::Usage,
        _ => FailureKind::Unreachable,
    };
    Failure::new(kind, error)
}
