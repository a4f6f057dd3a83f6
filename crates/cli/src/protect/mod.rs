//! `detente protect`: protected objects in bulk, from a sheet to the last recipient.

mod bulk;
mod import;
mod readings;
mod release;

use clap::{Args, Subcommand, ValueEnum};
use detente_node::outcomes::wire::Words;
use serde_json::{Value, json};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::node::{Asker, NodeArgs, escaped, every_item};
use crate::printable::printable;
use crate::printer::Printer;

use bulk::{Chosen, Wishes};

/// The arguments of `detente protect`.
#[derive(Args, Debug)]
pub(crate) struct ProtectArgs {
    #[command(subcommand)]
    verb: Verb,
    /// Print one JSON object
    #[arg(long, global = true)]
    json: bool,
    #[command(flatten)]
    node: NodeArgs,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Notify the objects of a table (CSV) or of GeoJSON, row by row
    Import(import::ImportArgs),
    /// List notified objects: who has which of them, and what is overdue
    List(ListArgs),
    /// Show one object with everything that was said about it
    Show(One),
    /// Validate objects, after reading what is odd about each
    Validate(ValidateArgs),
    /// Release objects to recipients, exactly to one and coarsely to another
    Release(release::ReleaseArgs),
    /// Keep the exact place of an own object that is shown coarsely, to be released
    Place(release::PlaceArgs),
    /// Who read exactly where objects stand, beside the incidents near them
    Readings(readings::ReadingsArgs),
    /// Acknowledge notices: received, loaded, disseminated; no permission and no guarantee
    Ack(AckArgs),
    /// Confirm that objects still are what was notified
    Review(ReviewArgs),
    /// Say that an object is not what was notified; it stays protected
    Contest(ContestArgs),
    /// Answer a contest
    Answer(AnswerArgs),
    /// Withdraw an object; it is kept out of until its grace is over
    Revoke(RevokeArgs),
}

#[derive(Args, Debug)]
struct One {
    /// The object
    id: String,
}

/// Which objects are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Only {
    /// Nobody has validated the newest version
    Unvalidated,
    /// Some recipient's next step is overdue
    Overdue,
    /// Nobody has confirmed them in time
    Stale,
    /// Somebody contests them
    Contested,
}

#[derive(Args, Debug)]
struct ListArgs {
    /// Only these
    #[arg(long, value_enum)]
    only: Option<Only>,
}

#[derive(Args, Debug)]
struct ValidateArgs {
    #[command(flatten)]
    chosen: Chosen,
    /// What was checked; may be repeated
    #[arg(
        long = "check",
        value_name = "CHECK",
        default_values_t = ["datum".to_owned(), "vicinity".to_owned(), "footprint".to_owned(), "neighbours".to_owned()]
    )]
    checks: Vec<String>,
    /// Every warning was read, and is accepted
    #[arg(long)]
    accept_warnings: bool,
}

/// How far a notice has come.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Level {
    Received,
    Loaded,
    Disseminated,
}

#[derive(Args, Debug)]
struct AckArgs {
    #[command(flatten)]
    chosen: Chosen,
    /// How far they have come here
    #[arg(long, value_enum, default_value = "received")]
    level: Level,
    /// Into which system they were loaded; may be repeated
    #[arg(long, value_name = "SYSTEM")]
    system: Vec<String>,
    /// To which units they were passed on; may be repeated
    #[arg(long, value_name = "UNIT")]
    unit: Vec<String>,
}

#[derive(Args, Debug)]
struct ReviewArgs {
    #[command(flatten)]
    chosen: Chosen,
    /// When they are to be looked at again, RFC 3339
    #[arg(long, value_name = "INSTANT")]
    again_by: Option<String>,
}

#[derive(Args, Debug)]
struct ContestArgs {
    /// The object
    id: String,
    /// What is claimed
    #[arg(long)]
    claim: String,
}

#[derive(Args, Debug)]
struct AnswerArgs {
    /// The object
    id: String,
    /// The answer
    #[arg(long)]
    text: String,
}

#[derive(Args, Debug)]
struct RevokeArgs {
    /// The object
    id: String,
    /// Why
    #[arg(long)]
    reason: String,
    /// From when it is no longer notified, RFC 3339
    #[arg(long, value_name = "INSTANT")]
    at: String,
    /// Until when it is kept out of nevertheless, RFC 3339
    #[arg(long, value_name = "INSTANT")]
    grace_ends: String,
}

/// Runs the verb.
pub(crate) fn run(args: &ProtectArgs, printer: &mut Printer) -> Result<Exit, Failure> {
    let asker = args.node.open()?;
    let json = args.json;
    match &args.verb {
        Verb::Import(import) => import::run(import, &asker, json, printer),
        Verb::List(list) => self::list(list, &asker, json, printer),
        Verb::Show(one) => show(&one.id, &asker, json, printer),
        Verb::Validate(validate) => {
            let mut wishes = Wishes::new("object_validated", "notifier");
            for object in validate
                .chosen
                .of(&asker, |object| state(object) == "submitted")?
            {
                let warnings = object["warnings"].as_array().map_or(0, Vec::len);
                if warnings > 0 && !validate.accept_warnings {
                    wishes.hold_back(&object, format!("{warnings} warnings: read them with `detente protect show`, then give --accept-warnings"));
                    continue;
                }
                let mut body = json!({"version": object["version"], "checks": validate.checks});
                if warnings > 0 {
                    body["warnings_accepted"] = json!(warnings);
                }
                wishes.add(&object, body);
            }
            wishes.put(&asker, json, printer)
        }
        Verb::Release(args) => release::run(args, &asker, json, printer),
        Verb::Place(args) => release::place(args, &asker, json, printer),
        Verb::Readings(args) => readings::run(args, &asker, json, printer),
        Verb::Ack(ack) => self::ack(ack, &asker, json, printer),
        Verb::Review(review) => {
            let mut wishes = Wishes::new("object_reviewed", "notifier");
            let is_due = |object: &Value| state(object) == "review_overdue";
            for object in review.chosen.of(&asker, is_due)? {
                let mut body = json!({"version": object["version"]});
                if let Some(again_by) = &review.again_by {
                    body["review_by"] = json!(again_by);
                }
                wishes.add(&object, body);
            }
            wishes.put(&asker, json, printer)
        }
        Verb::Contest(contest) => {
            let mut wishes = Wishes::new("object_contested", "watch_officer");
            wishes.about(&contest.id, json!({"claim": contest.claim}));
            wishes.put(&asker, json, printer)
        }
        Verb::Answer(answer) => {
            let mut wishes = Wishes::new("contest_answered", "notifier");
            wishes.about(&answer.id, json!({"text": answer.text}));
            wishes.put(&asker, json, printer)
        }
        Verb::Revoke(revoke) => {
            let mut wishes = Wishes::new("object_revoked", "notifier");
            let body = json!({
                "at": revoke.at, "grace_ends": revoke.grace_ends, "reason": revoke.reason,
            });
            wishes.about(&revoke.id, body);
            wishes.put(&asker, json, printer)
        }
    }
}

fn ack(args: &AckArgs, asker: &Asker, json: bool, printer: &mut Printer) -> Result<Exit, Failure> {
    let (kind, ready): (_, &[&str]) = match args.level {
        Level::Received => ("object_received", &["sent", "rejected", "overdue"]),
        Level::Loaded => ("object_loaded", &["received", "overdue"]),
        Level::Disseminated => ("object_disseminated", &["loaded"]),
    };
    let picture = asker.read("/api/v1/picture")?;
    let own = picture["participant"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    let mut wishes = Wishes::new(kind, "watch_officer");
    let is_due = |object: &Value| {
        let delivery = delivery(object, &own);
        delivery.is_some_and(|it| ready.contains(&it["state"].as_str().unwrap_or_default()))
    };
    for object in args.chosen.of(asker, is_due)? {
        let released = delivery(&object, &own).map(|it| it["version"].clone());
        let mut body = json!({"version": released.unwrap_or_else(|| object["version"].clone())});
        match args.level {
            Level::Received => {}
            Level::Loaded => body["systems"] = json!(args.system),
            Level::Disseminated => body["units"] = json!(args.unit),
        }
        wishes.add(&object, body);
    }
    wishes.put(asker, json, printer)
}

fn state(object: &Value) -> &str {
    object["matter"]["state"].as_str().unwrap_or_default()
}

/// How far the notice has come at one recipient.
fn delivery<'a>(object: &'a Value, recipient: &str) -> Option<&'a Value> {
    let mut deliveries = object["deliveries"].as_array().into_iter().flatten();
    deliveries.find(|delivery| delivery["recipient"] == recipient)
}

fn list(
    args: &ListArgs,
    asker: &Asker,
    json: bool,
    printer: &mut Printer,
) -> Result<Exit, Failure> {
    let mut objects = every_item(asker, "/api/v1/protected-objects")?;
    objects.retain(|object| match args.only {
        None => true,
        Some(Only::Unvalidated) => object["validated"] != object["version"],
        Some(Only::Overdue) => {
            let mut deliveries = object["deliveries"].as_array().into_iter().flatten();
            deliveries.any(|delivery| delivery["state"] == "overdue")
        }
        Some(Only::Stale) => object["is_stale"] == true || state(object) == "review_overdue",
        Some(Only::Contested) => object["contested_by"]
            .as_array()
            .is_some_and(|contested| !contested.is_empty()),
    });
    // Whoever asks for what is overdue, stale or contested asks whether there is any.
    let exit = match args.only {
        Some(_) if !objects.is_empty() => Exit::Unfavourable,
        _ => Exit::Favourable,
    };
    if json {
        printer.answer_json(&json!({ "items": objects }))?;
        return Ok(exit);
    }
    for object in &objects {
        let deliveries = object["deliveries"].as_array().into_iter().flatten();
        let ladder: Vec<String> = deliveries
            .map(|delivery| {
                format!(
                    "{} {}",
                    text(delivery, "recipient"),
                    text(delivery, "state")
                )
            })
            .collect();
        printer.answer(&format!(
            "{}  {}  version {}  {}  {} warnings  {}\n",
            text(&object["matter"], "id"),
            text(object, "category"),
            object["version"],
            printable(state(object)),
            object["warnings"].as_array().map_or(0, Vec::len),
            match ladder.is_empty() {
                true => "released to nobody".to_owned(),
                false => ladder.join(", "),
            }
        ))?;
    }
    Ok(exit)
}

fn show(id: &str, asker: &Asker, json: bool, printer: &mut Printer) -> Result<Exit, Failure> {
    let path = format!("/api/v1/protected-objects/{}", escaped(id));
    let mut object = asker.read(&path)?;
    let exact = match object["shown"] == "coarse" {
        true => release::exact_place(asker, &path)?,
        false => None,
    };
    if let Some(exact) = &exact {
        object["exact_place"] = exact.clone();
    }
    if json {
        printer.answer_json(&object)?;
        return Ok(Exit::Favourable);
    }
    printer.answer(&format!(
        "{}  {}  version {}  {}\n",
        text(&object["matter"], "id"),
        text(&object, "category"),
        object["version"],
        printable(state(&object))
    ))?;
    if object["shown"] == "coarse" {
        printer
            .answer("  everybody reads the area that holds it, and every node judges by it\n")?;
    }
    if let Some(exact) = &exact {
        printer.answer(&format!("  {}\n", release::exactly(exact)))?;
    }
    for warning in object["warnings"].as_array().into_iter().flatten() {
        let words = match &warning["text"] {
            Value::String(words) => words.clone(),
            other => other.to_string(),
        };
        printer.answer(&format!(
            "  to be looked at ({}): {}\n",
            text(warning, "check"),
            printable(&words)
        ))?;
    }
    for delivery in object["deliveries"].as_array().into_iter().flatten() {
        printer.answer(&format!(
            "  {}: {} since {}, version {}, {}\n",
            text(delivery, "recipient"),
            text(delivery, "state"),
            text(delivery, "since"),
            delivery["version"],
            text(delivery, "precision")
        ))?;
    }
    for contested in object["contested_by"].as_array().into_iter().flatten() {
        let who = contested.as_str().unwrap_or_default();
        let claim = claim_of(&object, who).unwrap_or_else(|| "–".to_owned());
        printer.answer(&format!(
            "  contested by {}, and protected: {}\n",
            printable(who),
            printable(&claim)
        ))?;
    }
    if object["is_stale"] == true {
        printer.answer("  stale: nobody has confirmed it in time, and it is protected\n")?;
    }
    if let Some(ends) = object["protection_ends"].as_str() {
        printer.answer(&format!("  protected until {}\n", printable(ends)))?;
    }
    Ok(Exit::Favourable)
}

/// What a holder claimed when it contested an object last.
fn claim_of(object: &Value, who: &str) -> Option<String> {
    let lines = object["matter"]["lines"].as_array()?.iter();
    let mut contests = lines
        .rev()
        .filter(|line| line["kind"] == "object_contested" && line["holder"] == who);
    let claim = contests.next()?["body"]["claim"].clone();
    let words: Words = serde_json::from_value(claim).ok()?;
    Some(words.in_language("en").to_owned())
}

fn text(value: &Value, name: &str) -> String {
    printable(value[name].as_str().unwrap_or("–")).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_contest_is_shown_with_the_claim_made_last() {
        let contest = |holder: &str, claim: Value| json!({"kind": "object_contested", "holder": holder, "body": {"claim": claim}});
        let object = json!({"matter": {"lines": [
            {"kind": "object_submitted", "holder": "UN", "body": {}},
            contest("RU", json!("A depot.")),
            contest("US", json!({"en": "A post.", "ru": "Пост."})),
            contest("RU", json!("An empty depot.")),
        ]}});
        let claim = |who: &str| claim_of(&object, who);
        assert_eq!(claim("RU").as_deref(), Some("An empty depot."));
        assert_eq!(claim("US").as_deref(), Some("A post."));
        assert_eq!(claim("UN"), None);
    }
}
