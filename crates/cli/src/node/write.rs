//! `detente submit`, `consent`, `object`, `stop`, `ack`: acts put on the record of a node.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use serde_json::{Map, Value, json};

use super::read::escaped;
use super::{Asker, NodeArgs};
use crate::exit::Exit;
use crate::failure::{Failure, FailureKind};
use crate::printable::printable;
use crate::printer::Printer;

/// Options of every act.
#[derive(Args, Debug)]
pub(super) struct ActArgs {
    /// Print one JSON object
    #[arg(long)]
    pub(super) json: bool,
    /// The same key for the same act: it is done once, however often it is sent
    #[arg(long, value_name = "KEY")]
    pub(super) idempotency_key: Option<String>,
    #[command(flatten)]
    pub(super) node: NodeArgs,
}

/// The arguments of `detente submit`.
#[derive(Args, Debug)]
pub(crate) struct SubmitArgs {
    /// File with {"kind", "subject", "role", "body"}; - reads the standard input
    #[arg(value_name = "FILE|-")]
    act: PathBuf,
    #[command(flatten)]
    more: ActArgs,
}

/// The arguments of `detente consent`.
#[derive(Args, Debug)]
pub(crate) struct ConsentArgs {
    /// The operation
    operation: String,
    /// The version you have read; the present one when not given
    #[arg(long)]
    version: Option<u64>,
    #[command(flatten)]
    more: ActArgs,
}

/// The arguments of `detente object`.
#[derive(Args, Debug)]
pub(crate) struct ObjectArgs {
    /// The operation
    operation: String,
    /// Why
    #[arg(long)]
    reason: String,
    /// The version you have read; the present one when not given
    #[arg(long)]
    version: Option<u64>,
    #[command(flatten)]
    more: ActArgs,
}

/// The arguments of `detente stop`.
#[derive(Args, Debug)]
pub(crate) struct StopArgs {
    /// The operation
    operation: String,
    /// Why; it may follow later
    #[arg(long)]
    reason: Option<String>,
    #[command(flatten)]
    more: ActArgs,
}

/// How far a notice has come.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Level {
    Received,
    Loaded,
    Disseminated,
}

/// The arguments of `detente ack`.
#[derive(Args, Debug)]
pub(crate) struct AckArgs {
    /// The protected object
    object: String,
    /// How far its notice has come here; it is neither a permission nor a guarantee
    #[arg(long, value_enum, default_value = "received")]
    level: Level,
    /// The version meant
    #[arg(long, default_value_t = 1)]
    version: u64,
    /// To which units it was passed on, with `disseminated`; may be repeated
    #[arg(long, value_name = "UNIT")]
    unit: Vec<String>,
    #[command(flatten)]
    more: ActArgs,
}

/// Puts an act from a file on the record.
pub(crate) fn submit(args: &SubmitArgs, printer: &mut Printer) -> Result<Exit, Failure> {
    let text = match args.act.as_os_str() == "-" {
        true => std::io::read_to_string(std::io::stdin()),
        false => std::fs::read_to_string(&args.act),
    };
    let text = text.map_err(|error| Failure::unreadable(&args.act, error))?;
    let act: Value = serde_json::from_str(&text).map_err(|error| {
        Failure::new(FailureKind::InvalidInput, error)
            .hint("docs/reference/acts.md lists every kind with an example")
    })?;
    put(&args.more.node.open()?, &act, &args.more, printer)
}

/// Consents to an operation.
pub(crate) fn consent(args: &ConsentArgs, printer: &mut Printer) -> Result<Exit, Failure> {
    let asker = args.more.node.open()?;
    let version = version(&asker, &args.operation, args.version)?;
    let act = act(
        &asker,
        "operation_consented",
        &args.operation,
        "consenter",
        [("version", version)],
    );
    put(&asker, &act, &args.more, printer)
}

/// Refuses an operation.
pub(crate) fn object(args: &ObjectArgs, printer: &mut Printer) -> Result<Exit, Failure> {
    let asker = args.more.node.open()?;
    let version = version(&asker, &args.operation, args.version)?;
    let members = [("version", version), ("reason", json!(args.reason))];
    let act = act(
        &asker,
        "operation_objected",
        &args.operation,
        "consenter",
        members,
    );
    put(&asker, &act, &args.more, printer)
}

/// Stops an operation, now.
pub(crate) fn stop(args: &StopArgs, printer: &mut Printer) -> Result<Exit, Failure> {
    let asker = args.more.node.open()?;
    let reason = args.reason.iter().map(|reason| ("reason", json!(reason)));
    let act = act(
        &asker,
        "operation_stopped",
        &args.operation,
        "watch_officer",
        reason,
    );
    put(&asker, &act, &args.more, printer)
}

/// Acknowledges a notice.
pub(crate) fn ack(args: &AckArgs, printer: &mut Printer) -> Result<Exit, Failure> {
    let kind = match args.level {
        Level::Received => "object_received",
        Level::Loaded => "object_loaded",
        Level::Disseminated => "object_disseminated",
    };
    let mut members = vec![("version", json!(args.version))];
    if matches!(args.level, Level::Disseminated) {
        members.push(("units", json!(args.unit)));
    }
    let asker = args.more.node.open()?;
    let act = act(&asker, kind, &args.object, "watch_officer", members);
    put(&asker, &act, &args.more, printer)
}

fn act<'a>(
    asker: &Asker,
    kind: &str,
    subject: &str,
    usual_role: &str,
    members: impl IntoIterator<Item = (&'a str, Value)>,
) -> Value {
    let body: Map<String, Value> = members
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
    let role = asker.role_for(kind, usual_role);
    json!({"kind": kind, "subject": subject, "role": role, "body": body})
}

/// Says which version is meant: consenting to what one has not read is not consent.
fn version(asker: &Asker, operation: &str, given: Option<u64>) -> Result<Value, Failure> {
    if let Some(version) = given {
        return Ok(json!(version));
    }
    let shown = asker.read(&format!("/api/v1/operations/{}", escaped(operation)))?;
    Ok(shown["version"].clone())
}

fn put(asker: &Asker, act: &Value, args: &ActArgs, printer: &mut Printer) -> Result<Exit, Failure> {
    let (exit, said) = asker.act(act, args.idempotency_key.as_deref())?;
    if args.json {
        printer.answer_json(&said)?;
        return Ok(exit);
    }
    print_outcome(exit, &said, printer)?;
    Ok(exit)
}

/// Says where an act lies and what it did, or why there is none.
pub(super) fn print_outcome(
    exit: Exit,
    said: &Value,
    printer: &mut Printer,
) -> Result<(), Failure> {
    if exit == Exit::Favourable {
        let origin = said["origin"].as_str().unwrap_or_default();
        printer.answer(&format!(
            "on record: entry {} of {}\n",
            said["index"],
            printable(origin)
        ))?;
        for change in said["outcome"]["changes"].as_array().into_iter().flatten() {
            let part = |name: &str| printable(change[name].as_str().unwrap_or("–")).into_owned();
            printer.answer(&format!(
                "  {} {}: {} → {}\n",
                part("workflow"),
                part("subject"),
                part("from"),
                part("to")
            ))?;
        }
        return Ok(());
    }
    let refusal = &said["refusal"];
    if refusal.is_null() {
        let title = said["title"].as_str().unwrap_or("no reason given");
        return printer.answer(&format!("refused: {}\n", printable(title)));
    }
    let part = |name: &str| printable(refusal[name].as_str().unwrap_or_default()).into_owned();
    printer.answer(&format!("refused: {} ({})\n", part("says"), part("rule")))?;
    if let Some(state) = refusal["state"].as_str() {
        printer.answer(&format!("  it is {}\n", printable(state)))?;
    }
    for who in refusal["who_could_act"].as_array().into_iter().flatten() {
        printer.answer(&format!(
            "  {}\n",
            printable(who.as_str().unwrap_or_default())
        ))?;
    }
    Ok(())
}
