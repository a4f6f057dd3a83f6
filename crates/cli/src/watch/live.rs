//! Live sources, several at once, until they are over or somebody asks to stop.

use std::time::Duration;

use detente_formats::tracks::TrackFormat;

use super::inbox::{Inbox, Turn};
use super::line::{Line, Place};
use super::session::Session;
use super::told::Lost;
use crate::failure::{Failure, FailureKind};
use crate::printable::printable;
use crate::printer::Printer;

/// With nothing to do, the watch looks this often whether a checkpoint is due.
pub(super) const IDLE: Duration = Duration::from_millis(500);

/// How live sources are read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Manner {
    pub(super) format: Option<TrackFormat>,
    /// Whether a line that was closed is opened again.
    pub(super) comes_back: bool,
    /// Whether the standard input is the only source, which an earlier run may have read in part.
    pub(super) again: bool,
}

/// Follows the sources.
pub(super) fn follow(
    places: Vec<Place>,
    manner: Manner,
    session: &mut Session,
    printer: &mut Printer,
) -> Result<(), Failure> {
    let before = session.lost;
    // A checkpoint before the first fix, so that a run that is stopped at once is one that can be resumed.
    session.keep()?;
    let skip = if manner.again {
        std::mem::take(&mut session.skip)
    } else {
        0
    };
    let (inbox, names) = Line::start_all(places, manner.format, manner.comes_back, skip)?;
    loop {
        let turn = inbox.take(IDLE);
        remark(&turn, &names, printer);
        let brought = !turn.fixes.is_empty();
        for (_, fix) in turn.fixes {
            session.reports += 1;
            session.take(fix, printer);
        }
        let lost = inbox.all_lost();
        session.lost = Lost {
            refused: before.refused + lost.refused,
            without_position: before.without_position + lost.without_position,
            without_reference: before.without_reference + lost.without_reference,
        };
        if brought {
            session.told.push(printer)?;
        }
        session.keep_if_due();
        session.failure().inspect_err(|_| inbox.stop())?;
        if turn.is_over || turn.is_stopped {
            inbox.stop();
            let is_heard = session.watch.counts().fixes > 0;
            return match unreached(&inbox, &names) {
                Some(failure) if !is_heard && !turn.is_stopped => Err(failure),
                _ => Ok(()),
            };
        }
    }
}

/// Why a source was never reached, if one was not.
pub(super) fn unreached(inbox: &Inbox, names: &[String]) -> Option<Failure> {
    let (source, why) = inbox.first_unreached()?;
    let name = names.get(source).map_or("", String::as_str);
    let message = format!("nothing was heard: {name} could not be reached: {why}");
    Some(
        Failure::new(FailureKind::Unreachable, message)
            .hint("without --no-reconnect it is tried again until it answers"),
    )
}

/// Tells what sources remarked.
pub(super) fn remark(turn: &Turn, names: &[String], printer: &mut Printer) {
    for (source, text) in &turn.remarks {
        let name = names.get(*source).map_or("", String::as_str);
        printer.note(&format!("{name}: {}\n", printable(text)));
    }
}
