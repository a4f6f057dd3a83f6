//! `detente agreement`: where the agreement stands in its life.

mod words;

use clap::Args;
use detente_node::life::{self, wire::AgreementLife};
use detente_spacetime::Instant;

use crate::exit::Exit;
use crate::failure::{Failure, FailureKind};
use crate::holdings::RecordArgs;
use crate::node::escaped;
use crate::printer::Printer;

/// The arguments of `detente agreement`.
#[derive(Args, Debug)]
pub(crate) struct AgreementArgs {
    #[command(flatten)]
    record: RecordArgs,
    /// The instant to show it at, RFC 3339, by the entries of until then; the newest entry of a
    /// folder, or now at a node, when not given
    #[arg(long, value_name = "INSTANT", value_parser = instant)]
    at: Option<Instant>,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// Reads an instant of the command line.
pub(crate) fn instant(text: &str) -> Result<Instant, String> {
    Instant::parse_rfc3339(text).map_err(|error| error.to_string())
}

/// Shows texts, signatures, concerns, preconditions, timeline, channels and publication.
pub(crate) fn run(args: &AgreementArgs, printer: &mut Printer) -> Result<Exit, Failure> {
    let shown = match args.record.holdings(printer)? {
        Some(holdings) => {
            let history = holdings.fold(None)?;
            let newest = history.state().newest();
            match args.at.filter(|at| *at < newest) {
                // As it stood then, by the entries of until then.
                Some(at) => life::of(&history.past(at).replay().at(at), at),
                None => {
                    let at = args.at.unwrap_or(newest);
                    life::of(&history.state().at(at), at)
                }
            }
        }
        None => {
            let asker = args.record.node.open()?;
            let at = args
                .at
                .map(|at| format!("?at={}", escaped(&at.to_string())));
            let path = format!("/api/v1/agreement/life{}", at.unwrap_or_default());
            let answer = asker.read(&path)?;
            serde_json::from_value::<AgreementLife>(answer)
                .map_err(|error| Failure::new(FailureKind::Unreachable, error))?
        }
    };
    match args.json {
        true => printer.answer_json(&shown)?,
        false => printer.answer(&words::told(&shown))?,
    }
    Ok(Exit::Favourable)
}

#[cfg(test)]
mod tests {
    /// The schema of the answer; run with `UPDATE_REFERENCE=1` to refresh it.
    #[test]
    fn the_published_schema_is_that_of_the_answer() {
        crate::reference::assert_schema_fresh::<super::AgreementLife>("agreement.schema.json");
    }
}
