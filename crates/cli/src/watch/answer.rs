//! What was observed, as lines of JSON or as a table for people.

use detente_monitoring::{Certainty, Event, Watch};

use super::source::Reading;
use super::wire::EventAnswer;
use crate::failure::Failure;
use crate::palette::Label;
use crate::printable::printable;
use crate::printer::Printer;

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

/// Prints events, or keeps them for the table.
#[derive(Debug)]
pub(super) struct AnswerWriter {
    json: bool,
    kept: Vec<Event>,
    events: u64,
    alerts: u64,
    failed: Option<Failure>,
}

impl AnswerWriter {
    pub(super) fn new(json: bool) -> Self {
        Self {
            json,
            kept: Vec::new(),
            events: 0,
            alerts: 0,
            failed: None,
        }
    }

    pub(super) fn take(&mut self, event: Event, printer: &mut Printer) {
        self.events += 1;
        self.alerts += u64::from(event.alert.is_some());
        if self.failed.is_some() {
            return;
        }
        if !self.json {
            if self.kept.len() < ROWS_MAX {
                self.kept.push(event);
            }
            return;
        }
        let line = serde_json::to_string(&EventAnswer::new(&event))
            .map_err(|error| Failure::new(crate::failure::FailureKind::Bug, error));
        let printed = line.and_then(|line| printer.answer(&format!("{line}\n")));
        self.failed = printed.err();
    }

    /// Prints the table and the sums; says whether anything was observed.
    pub(super) fn finish(
        mut self,
        watch: &Watch,
        reading: &Reading,
        printer: &mut Printer,
    ) -> Result<bool, Failure> {
        if let Some(failure) = self.failed.take() {
            return Err(failure);
        }
        let sums = self.sums(watch, reading);
        if self.json {
            printer.note(&sums);
        } else {
            self.table(printer)?;
            printer.answer(&sums)?;
        }
        Ok(self.events > 0)
    }

    fn table(&mut self, printer: &mut Printer) -> Result<(), Failure> {
        if self.kept.is_empty() {
            return Ok(());
        }
        self.kept
            .sort_by(|one, two| (one.at, &one.track).cmp(&(two.at, &two.track)));
        let rows: Vec<[String; 6]> = self.kept.iter().map(row).collect();
        let mut widths = HEADS.map(|head| head.chars().count());
        for row in &rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell.chars().count());
            }
        }
        let heads = line(&HEADS.map(str::to_owned), &widths);
        let heads = printer.palette().paint(Label::Heading, heads.trim_end());
        printer.answer(&format!("{heads}\n"))?;
        for row in &rows {
            printer.answer(&format!("{}\n", line(row, &widths).trim_end()))?;
        }
        let left_out = self.events - self.kept.len() as u64;
        if left_out > 0 {
            printer.answer(&format!("and {left_out} more; --json prints every event\n"))?;
        }
        printer.answer("\n")
    }

    fn sums(&self, watch: &Watch, reading: &Reading) -> String {
        let counts = watch.counts();
        let mut sums = format!(
            "{} tracks, {} fixes, {} events, {} alerts\n",
            watch.tracks(),
            counts.fixes,
            self.events,
            self.alerts
        );
        let tally = &reading.tally;
        let left_out = [
            (tally.refused, "could not be read"),
            (tally.without_position, "told no position"),
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
        if self.alerts > 0 {
            sums.push_str("An alert asks people to look; it finds nothing about anybody.\n");
        }
        sums
    }
}

fn row(event: &Event) -> [String; 6] {
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
    [
        event.at.to_string(),
        shown(&event.track),
        kind,
        shown(with),
        certainty.to_owned(),
        shown(&concerns(event)),
    ]
}

/// The alert in words: its category, the articles, the operation, who answers and on which clock.
fn concerns(event: &Event) -> String {
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
