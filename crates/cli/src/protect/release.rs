//! `detente protect release` and `detente protect place`: who is told of an object, and how exactly.

use std::path::PathBuf;

use clap::Args;
use detente_server::answer::Method;
use serde_json::{Value, json};

use super::bulk::{Chosen, Wishes};
use super::{delivery, state};
use crate::exit::Exit;
use crate::failure::{Failure, FailureKind};
use crate::file;
use crate::node::{Asker, escaped};
use crate::printable::printable;
use crate::printer::Printer;

/// Objects of one request.
const OBJECTS_A_REQUEST: usize = 500;
/// How exactly a recipient may be told.
const PRECISIONS: [&str; 2] = ["exact", "coarse"];

/// Which objects go to whom.
#[derive(Args, Debug)]
pub(super) struct ReleaseArgs {
    #[command(flatten)]
    chosen: Chosen,
    /// To whom, and how exactly: `RU:exact`, `UN:coarse`, or `RU` for as everybody reads it; may be repeated.
    /// An object that was imported with --coarse goes exactly only to those named so, sealed for each of them
    #[arg(long = "to", value_name = "HOLDER[:PRECISION]", required = true)]
    recipients: Vec<String>,
}

/// Where an object stands exactly.
#[derive(Args, Debug)]
pub(super) struct PlaceArgs {
    /// The object
    id: String,
    /// GeoJSON of the exchange profile: the feature, or a collection with a feature of this id
    file: PathBuf,
}

/// A recipient, and how exactly it is told where that was said.
fn told(recipient: &str) -> (&str, Option<&str>) {
    match recipient.rsplit_once(':') {
        Some((holder, precision)) if PRECISIONS.contains(&precision) => (holder, Some(precision)),
        _ => (recipient, None),
    }
}

pub(super) fn run(
    args: &ReleaseArgs,
    asker: &Asker,
    json: bool,
    printer: &mut Printer,
) -> Result<Exit, Failure> {
    let to: Vec<(&str, Option<&str>)> = args.recipients.iter().map(|to| told(to)).collect();
    let is_due = |object: &Value| {
        let is_owed = |(recipient, precision): &(&str, Option<&str>)| {
            delivery(object, recipient).is_none_or(|it| {
                it["version"] != object["version"]
                    || precision.is_some_and(|precision| it["precision"] != precision)
            })
        };
        matches!(state(object), "validated" | "live") && to.iter().any(is_owed)
    };
    let objects = args.chosen.of(asker, is_due)?;
    if to.iter().any(|(_, precision)| precision.is_some()) {
        return one_by_one(&objects, &to, asker, json, printer);
    }
    let mut wishes = Wishes::new("object_released", "notifier");
    for object in objects {
        let body = json!({
            "version": object["version"],
            "recipients": args.recipients,
            "precision": object["shown"].as_str().unwrap_or("exact"),
        });
        wishes.add(&object, body);
    }
    wishes.put(asker, json, printer)
}

/// Lets the node seal what some recipients alone are to read.
fn one_by_one(
    objects: &[Value],
    to: &[(&str, Option<&str>)],
    asker: &Asker,
    json: bool,
    printer: &mut Printer,
) -> Result<Exit, Failure> {
    let to: Vec<Value> = to
        .iter()
        .map(|(recipient, precision)| json!({"recipient": recipient, "precision": precision}))
        .collect();
    let ids: Vec<&Value> = objects
        .iter()
        .map(|object| &object["matter"]["id"])
        .collect();
    let mut fates = Vec::new();
    let mut progress = printer.progress("released");
    for some in ids.chunks(OBJECTS_A_REQUEST) {
        let wish = json!({"objects": some, "to": to});
        let path = "/api/v1/protected-object-releases";
        let (_, said) = asker.send(Method::POST, path, &wish)?;
        fates.extend(said["objects"].as_array().cloned().unwrap_or_default());
        progress.at(fates.len() as u64, Some(ids.len() as u64));
    }
    progress.finish();
    let refused: Vec<&Value> = fates
        .iter()
        .filter(|fate| fate["refused"].is_string())
        .collect();
    let exit = match refused.is_empty() {
        true => Exit::Favourable,
        false => Exit::Unfavourable,
    };
    if json {
        printer.answer_json(&json!({"objects": fates}))?;
        return Ok(exit);
    }
    let released = fates.len() - refused.len();
    printer.answer(&format!("{released} released, {} not\n", refused.len()))?;
    for fate in refused {
        let text = |name: &str| fate[name].as_str().unwrap_or_default().to_owned();
        printer.answer(&format!(
            "  {}: {}\n",
            printable(&text("object")),
            printable(&text("refused"))
        ))?;
    }
    Ok(exit)
}

/// Keeps an exact place in one's own node.
pub(super) fn place(
    args: &PlaceArgs,
    asker: &Asker,
    json: bool,
    printer: &mut Printer,
) -> Result<Exit, Failure> {
    let bytes = file::read_bytes(&args.file)?;
    let invalid = |message: String| {
        let message = format!("{}: {message}", args.file.display());
        Failure::new(FailureKind::InvalidInput, message)
            .hint("give the feature of the object, in GeoJSON")
    };
    let given: Value =
        serde_json::from_slice(&bytes).map_err(|error| invalid(error.to_string()))?;
    let feature = match given["features"].as_array() {
        None => given,
        Some(features) => {
            let is_it = |feature: &&Value| {
                feature["id"] == args.id.as_str() || feature["properties"]["id"] == args.id.as_str()
            };
            let found = features.iter().find(is_it).cloned();
            found.ok_or_else(|| invalid(format!("it has no feature `{}`", args.id)))?
        }
    };
    let path = format!(
        "/api/v1/protected-objects/{}/exact-place",
        escaped(&args.id)
    );
    let (exit, said) = asker.send(Method::PUT, &path, &json!({"feature": feature}))?;
    if json {
        printer
            .answer_json(&json!({"kept": exit == Exit::Favourable, "refused": said["title"]}))?;
        return Ok(exit);
    }
    let words = match exit {
        Exit::Favourable => {
            "kept in this node; it goes to those it is released to exactly\n".to_owned()
        }
        _ => format!(
            "REFUSED  {}\n",
            printable(said["title"].as_str().unwrap_or_default())
        ),
    };
    printer.answer(&words)?;
    Ok(exit)
}

/// Reads where an object stands exactly, where this node knows.
pub(super) fn exact_place(asker: &Asker, path: &str) -> Result<Option<Value>, Failure> {
    let bytes = asker.bytes(&format!("{path}/exact-place"))?;
    Ok(bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok()))
}

/// Says in a line where an object stands exactly.
pub(super) fn exactly(place: &Value) -> String {
    let geometry = &place["feature"]["geometry"];
    let at = &geometry["coordinates"];
    let words = match (at[0].as_f64(), at[1].as_f64()) {
        (Some(longitude_deg), Some(latitude_deg)) => format!("{latitude_deg}, {longitude_deg}"),
        _ => format!(
            "a {} (--json shows it)",
            printable(geometry["type"].as_str().unwrap_or("shape"))
        ),
    };
    format!("stands exactly at {words}, by version {}", place["version"])
}
