//! `detente protect readings`: who read exactly where objects stand, beside what was reported near them since.

use clap::Args;
use serde_json::Value;

use super::text;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::node::{Asker, escaped};
use crate::printable::printable;
use crate::printer::Printer;

#[derive(Args, Debug)]
pub(super) struct ReadingsArgs {
    /// Only this object
    id: Option<String>,
}

pub(super) fn run(
    args: &ReadingsArgs,
    asker: &Asker,
    json: bool,
    printer: &mut Printer,
) -> Result<Exit, Failure> {
    let query = args
        .id
        .as_deref()
        .map(|id| format!("?object={}", escaped(id)));
    let path = format!("/api/v1/exact-place-readings{}", query.unwrap_or_default());
    let found = asker.read(&path)?;
    if json {
        printer.answer_json(&found)?;
        return Ok(Exit::Favourable);
    }
    for reading in items(&found["readings"]) {
        printer.answer(&format!(
            "{}  version {}  read by {} of {} on {}, on record since {}\n",
            text(reading, "object"),
            reading["version"],
            text(reading, "user"),
            text(reading, "holder"),
            text(reading, "day").split('T').next().unwrap_or_default(),
            text(reading, "recorded_at"),
        ))?;
    }
    for reading in items(&found["unreadable"]) {
        printer.answer(&format!(
            "a reading by {} on record since {} cannot be shown: {}\n",
            text(reading, "holder"),
            text(reading, "recorded_at"),
            text(reading, "why"),
        ))?;
    }
    for near in items(&found["incidents"]) {
        // Who was told by then is counted up to the latest that the time may mean.
        printer.answer(&format!(
            "{}  {} m from {} at {}, which may mean {} to {}: told exactly to {}, coarsely to {}; read before on the nodes of {}\n",
            text(near, "incident"),
            near["distance_m"],
            text(near, "object"),
            text(near, "at"),
            near["earliest"].as_str().map_or("any time".into(), printable),
            text(near, "latest"),
            names(&near["told_exactly"]),
            names(&near["told_coarsely"]),
            names(&near["read_by"]),
        ))?;
    }
    for (holder, known) in found["known"].as_object().into_iter().flatten() {
        let share = |name: &str| {
            let share = &known[name];
            format!("{} of {}", share["with_incident"], share["objects"])
        };
        printer.answer(&format!(
            "{}: incidents near {} objects it was told exactly ({} it has read), {} told coarsely, {} not told\n",
            printable(holder),
            share("exactly"),
            share("read"),
            share("coarsely"),
            share("not_told"),
        ))?;
    }
    for says in items(&found["cannot_prove"]) {
        let says = says.as_str().unwrap_or_default();
        printer.answer(&format!("  {}\n", printable(says)))?;
    }
    Ok(Exit::Favourable)
}

fn items(list: &Value) -> impl Iterator<Item = &Value> {
    list.as_array().into_iter().flatten()
}

fn names(list: &Value) -> String {
    let names: Vec<String> = items(list)
        .filter_map(Value::as_str)
        .map(|name| printable(name).into_owned())
        .collect();
    match names.is_empty() {
        true => "nobody".to_owned(),
        false => names.join(", "),
    }
}
