//! `detente status`, `operations`: what a node holds.

use clap::Args;
use serde_json::{Value, json};

use super::{Asker, NodeArgs};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::printable::printable;
use crate::printer::Printer;

/// The arguments of `detente status`.
#[derive(Args, Debug)]
pub(crate) struct StatusArgs {
    /// Print one JSON object
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    node: NodeArgs,
}

/// The arguments of `detente operations`.
#[derive(Args, Debug)]
pub(crate) struct OperationsArgs {
    /// One operation, with everything that was said about it
    id: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    node: NodeArgs,
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or("–")
}

/// Prints how everything stands and how far each ledger is held.
pub(crate) fn status(args: &StatusArgs, printer: &mut Printer) -> Result<Exit, Failure> {
    let asker = args.node.open()?;
    let picture = asker.read("/api/v1/picture")?;
    let ledgers = asker.read("/api/v1/ledgers")?;
    if args.json {
        printer.answer_json(&json!({"picture": picture, "ledgers": ledgers}))?;
        return Ok(Exit::Favourable);
    }
    let mut page = format!(
        "{} at {}\n  agreement   {}\n  operations  {}\n  areas       {}\n  objects     {} binding, {} notified\n  \
         movements   {}\n  entries     {}\n  digest      {}\n",
        printable(text(&picture, "participant")),
        printable(text(&picture, "at")),
        printable(text(&picture, "agreement")),
        picture["operations"],
        picture["areas"],
        picture["binding_objects"],
        picture["protected_objects"],
        picture["movements"],
        picture["applied"],
        printable(text(&picture, "digest")),
    );
    for ledger in ledgers.as_array().into_iter().flatten() {
        let presence = ledger["presence"].as_str().unwrap_or("own");
        let otherwise = match ledger["other_founding"].as_bool() {
            Some(true) => ", judges by another agreement than this node",
            _ => "",
        };
        let forked = match (ledger["contested"].as_bool(), presence) {
            (Some(true), "own") => {
                ", FORKED: two histories are proved, this node has stopped for good"
            }
            (Some(true), _) => ", FORKED: two histories are proved, nothing depends on it any more",
            _ => "",
        };
        page.push_str(&format!(
            "  ledger      {}: {} entries, {presence}{otherwise}{forked}\n",
            printable(text(ledger, "origin")),
            ledger["size"]
        ));
    }
    printer.answer(&page)?;
    Ok(Exit::Favourable)
}

/// Prints operations.
pub(crate) fn operations(args: &OperationsArgs, printer: &mut Printer) -> Result<Exit, Failure> {
    let path = "/api/v1/operations";
    list(
        &args.node,
        path,
        args.id.as_deref(),
        args.json,
        printer,
        |item| {
            let consents: Vec<&str> = item["consents"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .collect();
            format!(
                "{}  {}  {}  version {}  {}  consents: {}\n",
                printable(text(&item["matter"], "id")),
                printable(text(item, "party")),
                printable(text(&item["matter"], "state")),
                item["version"],
                printable(text(&item["judgement"], "verdict")),
                printable(&consents.join(" ")),
            )
        },
    )
}

/// Prints one item in full, or a line for each item of every page.
fn list(
    node: &NodeArgs,
    path: &str,
    id: Option<&str>,
    json: bool,
    printer: &mut Printer,
    line: impl Fn(&Value) -> String,
) -> Result<Exit, Failure> {
    let asker = node.open()?;
    if let Some(id) = id {
        let item = asker.read(&format!("{path}/{}", escaped(id)))?;
        printer.answer_json(&item)?;
        return Ok(Exit::Favourable);
    }
    let items = every_item(&asker, path)?;
    if json {
        printer.answer_json(&json!({ "items": items }))?;
    } else {
        for item in &items {
            printer.answer(&line(item))?;
        }
    }
    Ok(Exit::Favourable)
}

/// Reads every page of a list.
pub(crate) fn every_item(asker: &Asker, path: &str) -> Result<Vec<Value>, Failure> {
    let mut items = Vec::new();
    let mut after = String::new();
    loop {
        let page = asker.read(&format!("{path}?limit=1000{after}"))?;
        items.extend(page["items"].as_array().cloned().unwrap_or_default());
        match page["next"].as_str() {
            Some(next) => after = format!("&after={}", escaped(next)),
            None => return Ok(items),
        }
    }
}

/// Writes a name so that it is one segment of a path.
pub(crate) fn escaped(name: &str) -> String {
    let mut path = String::new();
    for byte in name.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                path.push(char::from(byte));
            }
            _ => path.push_str(&format!("%{byte:02X}")),
        }
    }
    path
}
