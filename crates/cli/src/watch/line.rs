//! One live source: a thread that reads it, and comes back when its line breaks.

use std::io::{self, Read};
use std::net::{TcpStream, ToSocketAddrs as _};
use std::sync::Arc;
use std::time::Duration;

use detente_formats::tracks::{Report, TrackFormat, TrackStream};
use detente_monitoring::Fix;

use super::inbox::Inbox;
use super::told::Lost;
use crate::failure::{Failure, FailureKind};

/// Reaching a receiver takes longer only when it is not there.
const CONNECT_MAX: Duration = Duration::from_secs(10);
/// How often a thread that reads looks whether it is to stop.
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// A line that says nothing for so long is taken for dead and opened anew: receivers say something every second.
const SILENT_MAX: Duration = Duration::from_secs(60);
/// The first wait before a line is opened again; each further one is twice as long.
const BACK_FIRST: Duration = Duration::from_millis(500);
/// The longest wait before a line is opened again.
const BACK_MAX: Duration = Duration::from_secs(30);
/// Bytes read at once.
const PIECE_BYTES: usize = 64 << 10;

/// Where a live source is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// The standard input.
    Input,
    /// A receiver, as `host:port`.
    Tcp(String),
}

/// A live source.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) number: usize,
    pub(super) place: Place,
    pub(super) format: Option<TrackFormat>,
    /// Whether a line that was closed is opened again.
    pub(super) comes_back: bool,
    /// Reports that an earlier run has taken from the standard input.
    pub(super) skip: u64,
    /// How many of the places that could not be read were told.
    pub(super) told: usize,
    pub(super) inbox: Arc<Inbox>,
}

impl Place {
    /// How people are told of it.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Input => "-".to_owned(),
            Self::Tcp(authority) => format!("tcp://{authority}"),
        }
    }
}

impl Line {
    /// Starts a thread for each source; an interrupt or SIGTERM ends them, and everything seen is told.
    pub(super) fn start_all(
        places: Vec<Place>,
        format: Option<TrackFormat>,
        comes_back: bool,
        skip: u64,
    ) -> Result<(Arc<Inbox>, Vec<String>), Failure> {
        let inbox = Arc::new(Inbox::new(places.len()));
        let names = places.iter().map(Place::name).collect();
        stop_when_asked(Arc::clone(&inbox))?;
        for (number, place) in places.into_iter().enumerate() {
            let line = Self {
                number,
                place,
                format,
                comes_back,
                skip,
                told: 0,
                inbox: Arc::clone(&inbox),
            };
            let started = line.start();
            started.map_err(|error| Failure::new(FailureKind::Bug, error))?;
        }
        Ok((inbox, names))
    }

    /// Starts the thread.
    fn start(self) -> io::Result<std::thread::JoinHandle<()>> {
        let name = format!("source {}", self.number);
        std::thread::Builder::new()
            .name(name)
            .spawn(move || self.run())
    }

    fn run(mut self) {
        match self.place.clone() {
            Place::Input => {
                let mut stream = TrackStream::new(self.format);
                let end = self.read(&mut io::stdin().lock(), &mut stream);
                if let Err(error) = end {
                    self.inbox
                        .remark(self.number, format!("cannot be read: {error}"));
                }
            }
            Place::Tcp(authority) => self.follow(&authority),
        }
        self.inbox.close(self.number);
    }

    /// Reads a receiver until it is over, and opens it again when its line breaks.
    fn follow(&mut self, authority: &str) {
        let mut wait = BACK_FIRST;
        let mut stream = TrackStream::new(self.format);
        let mut is_reached = false;
        loop {
            let heard = stream.tally().reports;
            let end = open(authority).and_then(|line| {
                is_reached = true;
                let mut patient = Patient {
                    line,
                    inbox: Arc::clone(&self.inbox),
                };
                self.read(&mut patient, &mut stream)
            });
            let why = match end {
                Ok(()) => "the line was closed".to_owned(),
                Err(error) => error.to_string(),
            };
            if self.inbox.stopped_within(Duration::ZERO) {
                return;
            }
            if !self.comes_back {
                if !is_reached {
                    self.inbox.unreached(self.number, why.clone());
                }
                self.inbox.remark(self.number, why);
                return;
            }
            if stream.tally().reports > heard {
                wait = BACK_FIRST;
            }
            let text = format!("{why}; trying again within {:.1} s", wait.as_secs_f64());
            self.inbox.remark(self.number, text);
            if self.inbox.stopped_within(wait) {
                return;
            }
            wait = (wait * 2).min(BACK_MAX);
        }
    }

    fn read(&mut self, input: &mut dyn Read, stream: &mut TrackStream) -> io::Result<()> {
        let mut piece = vec![0; PIECE_BYTES];
        loop {
            let length = match input.read(&mut piece) {
                Ok(length) => length,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => {
                    self.end(stream);
                    return Err(error);
                }
            };
            if length == 0 {
                self.end(stream);
                return Ok(());
            }
            let mut open = true;
            let (skip, inbox, number) = (&mut self.skip, &self.inbox, self.number);
            stream.push(piece.get(..length).unwrap_or_default(), &mut |report| {
                open = open && leave(skip, inbox, number, report);
            });
            self.tell_lost(stream);
            if !open {
                return Ok(());
            }
        }
    }

    /// What is left of a line that broke is read for what it is.
    fn end(&mut self, stream: &mut TrackStream) {
        let (skip, inbox, number) = (&mut self.skip, &self.inbox, self.number);
        stream.finish(&mut |report| {
            leave(skip, inbox, number, report);
        });
        self.tell_lost(stream);
    }

    fn tell_lost(&mut self, stream: &TrackStream) {
        let tally = stream.tally();
        for refused in tally.first_refused.iter().skip(self.told) {
            let text = format!("line {}: {}", refused.line, refused.reason);
            self.inbox.remark(self.number, text);
        }
        self.told = tally.first_refused.len();
        self.inbox.lost(
            self.number,
            Lost {
                refused: tally.refused,
                without_position: tally.without_position,
                without_reference: tally.without_reference,
            },
        );
    }
}

/// Has the sources stop when the process is asked to.
fn stop_when_asked(inbox: Arc<Inbox>) -> Result<(), Failure> {
    let runtime = crate::node::runtime()?;
    let failed = |error| Failure::new(FailureKind::Bug, error);
    // Before anything is read: whoever asks then loses nothing.
    let asked = {
        let _runtime = runtime.enter();
        detente_server::stop_signal().map_err(failed)?
    };
    let waiting = std::thread::Builder::new()
        .name("signals".to_owned())
        .spawn(move || {
            runtime.block_on(asked);
            inbox.stop();
        });
    waiting.map_err(failed)?;
    Ok(())
}

fn leave(skip: &mut u64, inbox: &Inbox, number: usize, report: Report) -> bool {
    if *skip > 0 {
        *skip -= 1;
        return true;
    }
    let fix = Fix {
        track: report.track,
        at: report.at,
        position: report.position,
        altitude: report.altitude,
        source: report.source,
    };
    inbox.leave(number, fix)
}

fn open(authority: &str) -> io::Result<TcpStream> {
    let mut last = io::Error::new(io::ErrorKind::NotFound, "the host has no address");
    for address in authority.to_socket_addrs()? {
        match TcpStream::connect_timeout(&address, CONNECT_MAX) {
            Ok(line) => {
                line.set_read_timeout(Some(LOOK_EVERY))?;
                return Ok(line);
            }
            Err(error) => last = error,
        }
    }
    Err(last)
}

/// A line that is waited for, but not for ever.
struct Patient {
    line: TcpStream,
    inbox: Arc<Inbox>,
}

impl Read for Patient {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let mut silent = Duration::ZERO;
        loop {
            match self.line.read(into) {
                Err(error) if is_wait(&error) => {}
                read => return read,
            }
            silent += LOOK_EVERY;
            if self.inbox.stopped_within(Duration::ZERO) {
                return Ok(0);
            }
            if silent >= SILENT_MAX {
                let text = format!("nothing was said for {} s", SILENT_MAX.as_secs());
                return Err(io::Error::new(io::ErrorKind::TimedOut, text));
            }
        }
    }
}

fn is_wait(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut
    )
}
