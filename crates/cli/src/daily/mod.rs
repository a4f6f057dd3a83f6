//! `detente daily`: what a day and its week brought, each figure with the entries behind it.

mod chart;
mod page;
mod words;

use std::path::{Path, PathBuf};

use clap::Args;
use detente_node::outcomes::Outcomes;
use detente_node::outcomes::wire::DailyReport;
use detente_records::Reporting;

pub(crate) use chart::escape;
pub(crate) use page::outcomes;

use crate::exit::Exit;
use crate::failure::{Failure, FailureKind};
use crate::holdings::RecordArgs;
use crate::node::escaped;
use crate::printer::Printer;

/// The arguments of `detente daily`.
#[derive(Args, Debug)]
pub(crate) struct DailyArgs {
    #[command(flatten)]
    record: RecordArgs,
    /// The date; the last whose report has closed, when not given
    #[arg(long = "for", value_name = "DATE")]
    date: Option<String>,
    /// Time of the day at which it closes, such as 19:30; that of the agreement when not given
    #[arg(long, value_name = "HH:MM")]
    cut_off: Option<String>,
    /// Offset from UTC in which that is meant, such as +03:00
    #[arg(long, value_name = "±HH:MM", allow_hyphen_values = true)]
    utc_offset: Option<String>,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
    /// Write the report as a page that loads nothing
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Write the week's quiet hours as a chart
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
}

/// Counts a day.
pub(crate) fn run(args: &DailyArgs, printer: &mut Printer) -> Result<Exit, Failure> {
    // What was typed wrongly is told before anything is read.
    changed(Reporting::default(), args)?;
    if let Some(date) = &args.date {
        closes(Reporting::default(), date)?;
    }
    let report = match args.record.holdings(printer)? {
        Some(holdings) => {
            let history = holdings.fold(None)?;
            let picture = history.state();
            let agreed = picture
                .agreement()
                .map(|agreement| agreement.parameters.reporting);
            let reporting = changed(agreed.unwrap_or_default(), args)?;
            let newest = picture.newest();
            let date = match &args.date {
                Some(date) => date.clone(),
                None => reporting.last_closed(newest).unwrap_or_default(),
            };
            Outcomes::daily(&picture.at(newest), &date, reporting, newest)
                .ok_or_else(|| no_date(&date))?
        }
        None => asked(args)?,
    };
    if let Some(path) = &args.html {
        written(path, &page::page(&report))?;
    }
    if let Some(path) = &args.svg {
        written(path, &page::quiet_chart(&report, "en"))?;
    }
    match args.json {
        true => printer.answer_json(&report)?,
        false => printer.answer(&words::told(&report))?,
    }
    Ok(Exit::Favourable)
}

/// Asks a node.
fn asked(args: &DailyArgs) -> Result<DailyReport, Failure> {
    let wishes = [
        ("for", &args.date),
        ("cut_off", &args.cut_off),
        ("utc_offset", &args.utc_offset),
    ];
    let query: Vec<String> = wishes
        .into_iter()
        .filter_map(|(name, value)| Some(format!("{name}={}", escaped(value.as_deref()?))))
        .collect();
    let answer = args
        .record
        .node
        .open()?
        .read(&format!("/api/v1/outcomes?{}", query.join("&")))?;
    serde_json::from_value(answer).map_err(|error| Failure::new(FailureKind::Unreachable, error))
}

/// What the agreement says about closing, changed as the command line asks.
fn changed(agreed: Reporting, args: &DailyArgs) -> Result<Reporting, Failure> {
    let mut reporting = agreed;
    if let Some(text) = &args.cut_off {
        reporting = reporting.closing_at(text).ok_or_else(|| {
            let message = format!("`{text}` is no time of the day");
            Failure::new(FailureKind::Usage, message)
                .hint("write hours and minutes from 00:01 to 24:00, like 19:30")
        })?;
    }
    if let Some(text) = &args.utc_offset {
        reporting = reporting.at_offset(text).ok_or_else(|| {
            let message = format!("`{text}` is no offset from UTC");
            Failure::new(FailureKind::Usage, message).hint("write it like +03:00, -05:30 or Z")
        })?;
    }
    Ok(reporting)
}

fn closes(reporting: Reporting, date: &str) -> Result<(), Failure> {
    let closes = reporting.closes_on(date);
    closes.map(|_| ()).ok_or_else(|| no_date(date))
}

fn no_date(date: &str) -> Failure {
    Failure::new(FailureKind::Usage, format!("`{date}` is no date"))
        .hint("write year, month and day, like 2016-09-17")
}

fn written(path: &Path, text: &str) -> Result<(), Failure> {
    std::fs::write(path, text).map_err(|error| Failure::unwritable(path, error))
}

#[cfg(test)]
mod tests {
    /// The schema of the answer; run with `UPDATE_REFERENCE=1` to refresh it.
    #[test]
    fn the_published_schema_is_that_of_the_answer() {
        crate::reference::assert_schema_fresh::<super::DailyReport>("daily.schema.json");
    }
}
