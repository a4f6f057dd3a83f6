//! Everything that is told of an observation: a line, a row, a mark on the map, a message, a file.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use detente_monitoring::approach::{Warning, WarningKind};
use detente_monitoring::{Certainty, Event, Evidence, Watch};
use detente_spacetime::Instant;
use serde::{Deserialize, Serialize};

use super::feed::Feed;
use super::identities::ClockOffset;
use super::items::Items;
use super::keep::{EventsFile, Journal};
use super::picture::Picture;
use super::warned::Warned;
use super::wire::{EventAnswer, ItemAnswer, WarningAnswer};
use crate::failure::{Failure, FailureKind};
use crate::palette::Label;
use crate::printable::printable;
use crate::printer::Printer;
use crate::prose::counted;

/// Most rows of the table: more is for `--json`.
const ROWS_MAX: usize = 10_000;
/// The heads of the columns.
const HEADS: [&str; 6] = [
    "observed at",
    "track",
    "event",
    "with",
    "certainty",
    "concerns",
];

/// Where observations go.
#[derive(Debug)]
pub(super) struct Told {
    pub(super) json: bool,
    /// Whether somebody waits for each line.
    pub(super) at_once: bool,
    pub(super) sums: Sums,
    pub(super) rows: Vec<Row>,
    pub(super) clocks: BTreeMap<Arc<str>, ClockOffset>,
    pub(super) warned: Warned,
    pub(super) items: Option<Items>,
    pub(super) picture: Option<Picture>,
    pub(super) events_file: Option<EventsFile>,
    pub(super) feed: Option<Feed>,
    pub(super) journal: Option<Journal>,
    /// Names of lines that an earlier run has printed since it was put away.
    pub(super) printed: BTreeSet<String>,
}

/// How much was told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Sums {
    pub(super) events: u64,
    pub(super) alerts: u64,
    pub(super) warnings: u64,
}

/// A row of the table.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Row {
    at: i64,
    track: String,
    cells: [String; 6],
}

/// What could not be made fixes of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Lost {
    pub(super) refused: u64,
    pub(super) without_position: u64,
    pub(super) without_reference: u64,
}

impl Told {
    /// Takes an event wherever it goes.
    pub(super) fn event(&mut self, event: &Event, printer: &mut Printer) -> Result<(), Failure> {
        self.sums.events += 1;
        self.sums.alerts += u64::from(event.alert.is_some());
        let evidence = event.item();
        let id = event.id(&evidence).to_string();
        let offset = offset_of(event, &self.clocks).cloned();
        if self.json || self.events_file.is_some() {
            let line = event_line(event, &id, &evidence, offset.as_ref())?;
            self.line(&id, &line, printer)?;
        }
        if !self.json {
            self.row(Row::of(event));
        }
        if let Some(picture) = &mut self.picture {
            picture.mark(event);
        }
        if let Some(items) = self.items.as_ref().filter(|_| event.alert.is_some()) {
            items.write(event, &id, &evidence, offset.as_ref())?;
        }
        if let Some(feed) = &mut self.feed {
            feed.event(event, &id, &evidence, offset.as_ref())?;
        }
        Ok(())
    }

    /// Takes an early warning wherever it goes.
    pub(super) fn warning(
        &mut self,
        warning: &Warning,
        printer: &mut Printer,
    ) -> Result<(), Failure> {
        self.sums.warnings += 1;
        let id = warning.id.to_string();
        if self.json || self.events_file.is_some() {
            let line = warning_line(warning, &self.warned)?;
            self.line(&id, &line, printer)?;
        }
        if !self.json {
            self.row(Row::of_warning(warning, &self.warned));
        }
        self.warned.write(warning)?;
        if let Some(feed) = &mut self.feed {
            feed.warning(warning, &self.warned)?;
        }
        Ok(())
    }

    /// Pushes out what waits, for whoever reads along.
    pub(super) fn push(&mut self, printer: &mut Printer) -> Result<(), Failure> {
        printer.push()?;
        match &mut self.events_file {
            Some(file) => file.push(),
            None => Ok(()),
        }
    }

    fn line(&mut self, id: &str, line: &str, printer: &mut Printer) -> Result<(), Failure> {
        if let Some(file) = &mut self.events_file {
            file.write(line)?;
        }
        if !self.json || self.printed.remove(id) {
            return Ok(());
        }
        printer.answer(line)?;
        if let Some(journal) = &mut self.journal {
            // One line at a time: whatever happens, at most the last one is told again.
            printer.push()?;
            journal.note(id)?;
        } else if self.at_once {
            printer.push()?;
        }
        Ok(())
    }

    fn row(&mut self, row: Row) {
        if self.rows.len() < ROWS_MAX {
            self.rows.push(row);
        }
    }

    /// Prints the table and the sums; says whether anything was observed.
    pub(super) fn finish(
        &mut self,
        watch: &Watch,
        lost: Lost,
        printer: &mut Printer,
    ) -> Result<bool, Failure> {
        let sums = self.words(watch, lost);
        if self.json {
            printer.note(&sums);
        } else {
            self.table(printer)?;
            printer.answer(&sums)?;
        }
        Ok(self.sums.events + self.sums.warnings > 0)
    }

    fn table(&mut self, printer: &mut Printer) -> Result<(), Failure> {
        if self.rows.is_empty() {
            return Ok(());
        }
        self.rows.sort();
        let mut widths = HEADS.map(|head| head.chars().count());
        for row in &self.rows {
            for (width, cell) in widths.iter_mut().zip(&row.cells) {
                *width = (*width).max(cell.chars().count());
            }
        }
        let heads = line(&HEADS.map(str::to_owned), &widths);
        let heads = printer.palette().paint(Label::Heading, heads.trim_end());
        printer.answer(&format!("{heads}\n"))?;
        for row in &self.rows {
            printer.answer(&format!("{}\n", line(&row.cells, &widths).trim_end()))?;
        }
        let left_out = self.sums.events + self.sums.warnings - self.rows.len() as u64;
        if left_out > 0 {
            printer.answer(&format!("and {left_out} more; --json prints every event\n"))?;
        }
        printer.answer("\n")
    }

    fn words(&self, watch: &Watch, lost: Lost) -> String {
        let counts = watch.counts();
        let mut sums = format!(
            "{}, {}, {}, {}\n",
            counted(watch.tracks() as u64, "track"),
            counted(counts.fixes, "fix"),
            counted(self.sums.events, "event"),
            counted(self.sums.alerts, "alert")
        );
        if self.sums.warnings > 0 {
            sums.push_str(&counted(self.sums.warnings, "early warning"));
            sums.push('\n');
        }
        let left_out = [
            (lost.refused, "could not be read"),
            (lost.without_position, "told no position"),
            (counts.duplicates, "said again what was known"),
            (counts.conflicts, "contradicted another of the same instant"),
            (counts.too_late, "came too late to be put in order"),
            (counts.untracked, "were of more tracks than are kept"),
        ];
        for (count, what) in left_out {
            if count > 0 {
                sums.push_str(&format!("{count} {what}\n"));
            }
        }
        if self.sums.alerts > 0 {
            sums.push_str("An alert asks people to look; it finds nothing about anybody.\n");
        }
        sums
    }
}

/// An event as a line of JSON.
pub(super) fn event_line(
    event: &Event,
    id: &str,
    evidence: &Evidence,
    offset: Option<&ClockOffset>,
) -> Result<String, Failure> {
    line_of(&EventAnswer::new(event, id, item(evidence, offset)))
}

/// A warning as a line of JSON.
pub(super) fn warning_line(warning: &Warning, warned: &Warned) -> Result<String, Failure> {
    line_of(&WarningAnswer {
        id: warning.id.to_string(),
        event: "early_warning",
        does: warning.kind.wire_name(),
        first: warning.first.to_string(),
        number: warning.number,
        place: &warning.place,
        at: warning.at.to_string(),
        earliest: warning.arrival.earliest.to_string(),
        expected: warning.arrival.expected.to_string(),
        latest: warning.arrival.latest.to_string(),
        subscribers: warned.subscribers(&warning.place).collect(),
    })
}

fn line_of(answer: &impl Serialize) -> Result<String, Failure> {
    let line = serde_json::to_string(answer);
    let line = line.map_err(|error| Failure::new(FailureKind::Bug, error))?;
    Ok(line + "\n")
}

/// How far the clock of the source behind an event is off, if that is known.
pub(super) fn offset_of<'a>(
    event: &Event,
    clocks: &'a BTreeMap<Arc<str>, ClockOffset>,
) -> Option<&'a ClockOffset> {
    let source = event.evidence.last().and_then(|fix| fix.source.as_ref());
    let named = source.and_then(|source| clocks.get(source));
    named.or_else(|| clocks.get(event.stated_by.as_ref()?))
}

fn item<'a>(evidence: &Evidence, offset: Option<&'a ClockOffset>) -> ItemAnswer<'a> {
    ItemAnswer {
        sha256: evidence.sha256(),
        bytes: evidence.bytes().len() as u64,
        media_type: detente_monitoring::evidence::MEDIA_TYPE,
        clock_ahead_s: offset.map(|offset| offset.ahead_s),
        clock_basis: offset.map(|offset| offset.basis.as_str()),
    }
}

impl Row {
    fn of(event: &Event) -> Self {
        let shown = |text: &str| printable(text).into_owned();
        let with = event.with.as_ref().map_or("", |(id, _)| id);
        let kind = if event.between_fixes {
            format!("{} (between fixes)", event.kind.wire_name())
        } else {
            event.kind.wire_name().to_owned()
        };
        let certainty = match event.certainty {
            Certainty::Certain => "",
            Certainty::Possible => "possible",
        };
        Self {
            at: event.at.micros(),
            track: event.track.to_string(),
            cells: [
                event.at.to_string(),
                shown(&event.track),
                kind,
                shown(with),
                certainty.to_owned(),
                shown(&concerns(event)),
            ],
        }
    }

    /// A warning stands without a track, as everywhere.
    fn of_warning(warning: &Warning, warned: &Warned) -> Self {
        let shown = |text: &str| printable(text).into_owned();
        let time =
            |instant: Instant| -> String { instant.to_string().chars().skip(11).take(8).collect() };
        let arrival = &warning.arrival;
        let mut concerns = match warning.kind {
            WarningKind::Withdrawn => "no longer expected".to_owned(),
            WarningKind::Raised | WarningKind::Updated => format!(
                "expected {} ({} to {})",
                time(arrival.expected),
                time(arrival.earliest),
                time(arrival.latest)
            ),
        };
        let subscribers: Vec<&str> = warned.subscribers(&warning.place).collect();
        if !subscribers.is_empty() {
            concerns.push_str(&format!("; for {}", subscribers.join(", ")));
        }
        Self {
            at: warning.at.micros(),
            track: String::new(),
            cells: [
                warning.at.to_string(),
                String::new(),
                format!("early warning {}", warning.kind.wire_name()),
                shown(&warning.place),
                "possible".to_owned(),
                shown(&concerns),
            ],
        }
    }
}

/// The alert in words: its category, the articles, the operation, who answers and on which clock.
pub(super) fn concerns(event: &Event) -> String {
    let mut words = Vec::new();
    if let Some(alert) = &event.alert {
        words.push(alert.kind.wire_name().replace('_', " "));
        let articles: Vec<&str> = alert.answer.articles.iter().map(AsRef::as_ref).collect();
        if !articles.is_empty() {
            words.push(articles.join(", "));
        }
        if let Some(guarantor) = &alert.answer.guarantor {
            words.push(match &alert.answer.clock {
                Some(clock) => format!("{guarantor} answers ({clock})"),
                None => format!("{guarantor} answers"),
            });
        }
    }
    if let Some(operation) = &event.operation {
        words.push(format!("operation {operation}"));
    }
    words.join("; ")
}

fn line(cells: &[String; 6], widths: &[usize; 6]) -> String {
    let mut line = String::new();
    for (cell, width) in cells.iter().zip(widths) {
        line.push_str(cell);
        let pad = width.saturating_sub(cell.chars().count()) + 2;
        line.extend(std::iter::repeat_n(' ', pad));
    }
    line
}
