//! `detente reconcile`: what the sides say of the same things, side by side.

use std::collections::BTreeMap;

use clap::Args;
use detente_node::reconciliation::{ClassView, Reconciliation, SaidView, ViolationView};

use crate::exit::Exit;
use crate::failure::{Failure, FailureKind};
use crate::node::NodeArgs;
use crate::printable::printable;
use crate::printer::Printer;

/// The arguments of `detente reconcile`.
#[derive(Args, Debug)]
pub(crate) struct ReconcileArgs {
    /// Print one JSON object
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    node: NodeArgs,
}

/// Prints violations with everybody's finding, pull-backs by class, restrictions of access, and channels as declared and used.
pub(crate) fn run(args: &ReconcileArgs, printer: &mut Printer) -> Result<Exit, Failure> {
    let shown = args.node.open()?.read("/api/v1/reconciliation")?;
    let read: Reconciliation = serde_json::from_value(shown.clone())
        .map_err(|error| Failure::new(FailureKind::Unreachable, error))?;
    // Whoever asks wants to know whether there is something to talk about.
    let is_divergent = read
        .violations
        .iter()
        .any(|one| one.comparison == "divergent");
    let exit = match is_divergent {
        true => Exit::Unfavourable,
        false => Exit::Favourable,
    };
    if args.json {
        printer.answer_json(&shown)?;
        return Ok(exit);
    }
    let counts = read.counts.iter();
    let counts: Vec<String> = counts
        .map(|(holder, count)| format!("{} {count}", printable(holder)))
        .collect();
    printer.answer(&format!(
        "violations counted by each: {}\n",
        counts.join(", ")
    ))?;
    for violation in &read.violations {
        printer.answer(&violation_lines(violation))?;
    }
    for class in &read.withdrawals {
        printer.answer(&class_lines(class))?;
    }
    for access in &read.access_restrictions {
        printer.answer(&format!(
            "kept out: {} from {} by {}, {} to {}, says {}\n",
            printable(&access.kept_out),
            access
                .place
                .as_ref()
                .map_or("somewhere".into(), |place| printable(
                    place.in_language("en")
                )),
            printable(access.by.as_deref().unwrap_or("nobody named")),
            printable(&access.from),
            printable(access.until.as_deref().unwrap_or("now")),
            printable(&access.reported_by)
        ))?;
    }
    for channel in &read.channels {
        let declared = channel.declared.iter();
        let declared: Vec<String> = declared
            .map(|(holder, declared)| {
                format!("{} says {}", printable(holder), printable(&declared.state))
            })
            .collect();
        printer.answer(&format!(
            "channel {}: {}; {} calls, {} answered: {}\n",
            printable(&channel.name),
            match declared.is_empty() {
                true => "nobody declares anything".to_owned(),
                false => declared.join(", "),
            },
            channel.calls,
            channel.answered,
            printable(&channel.comparison).replace('_', " ")
        ))?;
    }
    Ok(exit)
}

fn violation_lines(violation: &ViolationView) -> String {
    let mut lines = format!(
        "{}  {}  {}  reported by {}\n",
        printable(&violation.id),
        printable(violation.title.in_language("en")),
        printable(&violation.comparison).replace('_', " "),
        printable(&violation.reported_by)
    );
    for (holder, finding) in &violation.findings {
        lines.push_str(&format!(
            "  {}: {} ({})\n",
            printable(holder),
            printable(&finding.finding).replace('_', " "),
            printable(&finding.at)
        ));
    }
    if let Some(other) = &violation.duplicate_of {
        lines.push_str(&format!(
            "  repeats {}, and counts for nobody\n",
            printable(other)
        ));
    }
    lines
}

fn class_lines(class: &ClassView) -> String {
    let mut lines = format!(
        "pulled back, {}: {} claimed, {} confirmed, {} not confirmable, {} divergent\n",
        printable(&class.class),
        class.claimed,
        class.confirmed,
        class.not_confirmable,
        class.divergent
    );
    for claim in &class.claims {
        lines.push_str(&format!(
            "  {}: {} from {}, {:.0} m: {}{}\n",
            printable(&claim.id),
            printable(&claim.party),
            printable(&claim.line),
            claim.distance_m,
            printable(&claim.state).replace('_', " "),
            said(&claim.said)
        ));
    }
    lines
}

/// What each side says of a claim, in brackets.
fn said(said: &BTreeMap<String, SaidView>) -> String {
    let words = said.iter().map(|(holder, said)| {
        let word = printable(&said.word).replace('_', " ");
        format!("{} says {word}", printable(holder))
    });
    match words.collect::<Vec<_>>().join(", ") {
        words if words.is_empty() => words,
        words => format!(" ({words})"),
    }
}
