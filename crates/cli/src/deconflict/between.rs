//! Private checks between two running nodes: one's own node holds the session, and is asked how it stands.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use detente_server::answer::Method;
use serde_json::{Value, json};

use crate::exit::Exit;
use crate::failure::{Failure, FailureKind};
use crate::file;
use crate::node::{Asker, NodeArgs, escaped};
use crate::printable::printable;
use crate::printer::Printer;

const CHECKS: &str = "/api/v1/private-checks";
/// How often one's node is asked again, and how often within a second that is.
const PAUSE: Duration = Duration::from_millis(250);
const PAUSES_A_SECOND: u64 = 4;
/// States in which a session goes on.
const OPEN: [&str; 4] = ["proposed", "comparing", "consenting", "refining"];

/// With whom, and how far.
#[derive(Args, Debug)]
pub(super) struct WithArgs {
    /// The other participant; one's own node holds the session with its node
    #[arg(long, value_name = "PEER", required = true)]
    with: Option<String>,
    /// The plans: GeoJSON of the exchange profile, windows with an end; they stay in one's own node.
    /// Answers the session that PEER has proposed, or proposes one; without it the last one is followed
    #[arg(long, value_name = "FILE")]
    plans: Option<PathBuf>,
    /// Answer what PEER proposes, waiting for it, and propose nothing
    #[arg(long, requires = "plans")]
    answer: bool,
    /// Consent to learning which cells are common, to finer ones inside them, and to showing the legs that lie in the last,
    /// once it is known that coarse cells are common
    #[arg(long)]
    consent: bool,
    /// File whose first line is a token of whoever consents, where that is somebody else
    #[arg(long, value_name = "FILE", requires = "consent")]
    consent_token_file: Option<PathBuf>,
    /// Refuse or end the session that is open with PEER, with this reason, as a planner
    #[arg(long, value_name = "REASON", conflicts_with_all = ["plans", "consent"])]
    end: Option<String>,
    /// How long to wait for the other side, seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    patience: u64,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Goes as far as this side can, and says how the session stands.
pub(super) fn run(
    args: &WithArgs,
    node: &NodeArgs,
    printer: &mut Printer,
) -> Result<Exit, Failure> {
    let peer = args.with.as_deref().unwrap_or_default();
    let asker = node.open()?;
    let sessions = match args.answer {
        true => proposed(&asker, peer, args.patience, printer)?,
        false => sessions(&asker, peer)?,
    };
    let asked = sessions.iter().find(|session| is_asked(session));
    let open = asked.or_else(|| sessions.iter().find(|session| is_open(session)));
    if let Some(reason) = &args.end {
        return end(&asker, open, reason, args.json, printer);
    }
    let check = match (&args.plans, open) {
        (Some(plans), open) => {
            let answers = open.filter(|session| is_asked(session));
            if let Some(other) = open.filter(|_| answers.is_none()) {
                let message = format!("a session with {peer} is open: {}", text(other, "check"));
                return Err(Failure::new(FailureKind::Usage, message)
                    .hint("leave out --plans to follow it, or --end it"));
            }
            match begin(&asker, peer, plans, answers)? {
                Ok(check) => check,
                Err(refusal) => return refused(&refusal, args.json, printer),
            }
        }
        (None, Some(open)) => text(open, "check"),
        (None, None) => match sessions.last() {
            Some(last) => text(last, "check"),
            None => {
                let message = format!("no session with {peer} has been proposed");
                return Err(
                    Failure::new(FailureKind::Usage, message).hint("propose one with --plans FILE")
                );
            }
        },
    };
    follow(args, node, &asker, &check, printer)
}

fn text(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap_or_default().to_owned()
}

fn is_open(session: &Value) -> bool {
    OPEN.contains(&text(session, "state").as_str())
}

/// Whether it waits for this side's answer.
fn is_asked(session: &Value) -> bool {
    text(session, "state") == "proposed" && text(session, "role") == "responder"
}

/// The sessions with a peer, once one of them waits for this side's answer.
fn proposed(
    asker: &Asker,
    peer: &str,
    patience: u64,
    printer: &mut Printer,
) -> Result<Vec<Value>, Failure> {
    let mut progress = printer.progress("waiting for a proposal");
    for pause in 0..=patience.saturating_mul(PAUSES_A_SECOND) {
        let found = sessions(asker, peer)?;
        if found.iter().any(is_asked) {
            progress.finish();
            return Ok(found);
        }
        progress.at(pause / PAUSES_A_SECOND, None);
        asker.wait(PAUSE);
    }
    progress.finish();
    let message = format!("{peer} has proposed no session");
    Err(Failure::new(FailureKind::Unreachable, message).hint("propose one without --answer"))
}

/// The sessions with a peer, those that changed last at the end.
fn sessions(asker: &Asker, peer: &str) -> Result<Vec<Value>, Failure> {
    let mut found = Vec::new();
    let mut after = String::new();
    loop {
        let page = asker.read(&format!("{CHECKS}?limit=1000{after}"))?;
        let items = page["items"].as_array().into_iter().flatten();
        found.extend(items.filter(|item| text(item, "with") == peer).cloned());
        match page["next"].as_str() {
            Some(next) => after = format!("&after={}", escaped(next)),
            None => break,
        }
    }
    found.sort_by_key(|session| text(session, "since"));
    Ok(found)
}

/// Proposes a session or answers one; gives its id, or what the node refuses it for.
fn begin(
    asker: &Asker,
    peer: &str,
    plans: &std::path::Path,
    answers: Option<&Value>,
) -> Result<Result<String, Value>, Failure> {
    let bytes = file::read_bytes(plans)?;
    let plans: Value = serde_json::from_slice(&bytes).map_err(|error| {
        let message = format!("{}: {error}", plans.display());
        Failure::new(FailureKind::InvalidInput, message).hint("the plans are GeoJSON")
    })?;
    let mut wish = json!({"with": peer, "plans": plans});
    if let Some(session) = answers {
        wish["answers"] = session["check"].clone();
    }
    let (exit, said) = asker.send(Method::POST, CHECKS, &wish)?;
    Ok(match exit {
        Exit::Favourable => Ok(text(&said, "check")),
        _ => Err(said),
    })
}

/// Prints why a session is not held.
fn refused(refusal: &Value, json: bool, printer: &mut Printer) -> Result<Exit, Failure> {
    if json {
        printer.answer_json(refusal)?;
        return Ok(Exit::Unfavourable);
    }
    let mut words = format!("REFUSED  {}\n", printable(&text(refusal, "title")));
    for reason in [&refusal["detail"], &refusal["refusal"]["says"]] {
        if let Some(reason) = reason.as_str() {
            // Writing to a String cannot fail.
            let _ = writeln!(words, "  {}", printable(reason));
        }
    }
    printer.answer(&words)?;
    Ok(Exit::Unfavourable)
}

fn end(
    asker: &Asker,
    open: Option<&Value>,
    reason: &str,
    json: bool,
    printer: &mut Printer,
) -> Result<Exit, Failure> {
    let Some(session) = open else {
        let message = "no session is open that could be ended";
        return Err(Failure::new(FailureKind::Usage, message));
    };
    let kind = match is_asked(session) {
        true => "private_check_refused",
        false => "private_check_broken_off",
    };
    let act = json!({
        "kind": kind, "subject": session["check"], "role": "planner", "body": {"reason": reason},
    });
    match asker.act(&act, None)? {
        (Exit::Favourable, said) if json => printer.answer_json(&said)?,
        (Exit::Favourable, _) => {
            let words = format!("ENDED  {}\n", printable(&text(session, "check")));
            printer.answer(&words)?;
        }
        (_, refusal) => return refused(&refusal, json, printer),
    }
    Ok(Exit::Favourable)
}

/// How a session stands for this side.
enum Standing {
    /// Something is awaited from the other side, or computed.
    Waiting,
    /// Somebody of this side has to consent, or not.
    Asks,
    /// It is over.
    Over,
}

fn standing(session: &Value) -> Standing {
    let counted = session["knows"]["state"] == "common";
    // Both sides know the number only when the third message is on record.
    let messages = [&session["us"]["messages"], &session["them"]["messages"]];
    let told = messages
        .iter()
        .filter_map(|messages| messages.as_u64())
        .sum::<u64>()
        >= 3;
    if !is_open(session) {
        Standing::Over
    } else if counted && told && session["us"]["consented"] == false {
        Standing::Asks
    } else {
        Standing::Waiting
    }
}

/// Follows a session until it is over, this side is asked, or patience ends.
fn follow(
    args: &WithArgs,
    node: &NodeArgs,
    asker: &Asker,
    check: &str,
    printer: &mut Printer,
) -> Result<Exit, Failure> {
    let path = format!("{CHECKS}/{}", escaped(check));
    let mut progress = printer.progress("waiting for the other side");
    let mut pauses = 0;
    let (session, ends) = loop {
        let session = asker.read(&path)?;
        match standing(&session) {
            Standing::Over => break (session, Standing::Over),
            Standing::Asks if args.consent => {
                let consenter = match &args.consent_token_file {
                    Some(file) => Some(node.open_with(Some(file))?),
                    None => None,
                };
                let act = json!({
                    "kind": "private_check_consented", "subject": check, "role": "consenter",
                });
                let (exit, said) = consenter.as_ref().unwrap_or(asker).act(&act, None)?;
                if exit != Exit::Favourable {
                    progress.finish();
                    return refused(&said, args.json, printer);
                }
            }
            Standing::Asks => break (session, Standing::Asks),
            Standing::Waiting if pauses >= args.patience.saturating_mul(PAUSES_A_SECOND) => {
                break (session, Standing::Waiting);
            }
            Standing::Waiting => {
                pauses += 1;
                progress.at(pauses / PAUSES_A_SECOND, None);
                asker.wait(PAUSE);
            }
        }
    };
    progress.finish();
    let (words, exit) = told(&session, &ends);
    if args.json {
        printer.answer_json(&session)?;
    } else {
        printer.answer(&words)?;
    }
    Ok(exit)
}

/// The session in words, and what the command ends with.
fn told(session: &Value, ends: &Standing) -> (String, Exit) {
    let knows = &session["knows"];
    let state = text(session, "state");
    let (mut words, exit) = match (ends, text(knows, "state").as_str(), state.as_str()) {
        (Standing::Waiting, _, "proposed") if is_asked(session) => (
            "WAITING  for this side's answer (--plans FILE)\n".to_owned(),
            Exit::Unreachable,
        ),
        (Standing::Waiting, _, "proposed") => (
            "WAITING  for the other side's answer\n".to_owned(),
            Exit::Unreachable,
        ),
        (Standing::Waiting, "common", _) => (
            "WAITING  consented; the other side has not yet\n".to_owned(),
            Exit::Unreachable,
        ),
        (Standing::Waiting, _, _) => (
            "WAITING  for what the other side says next\n".to_owned(),
            Exit::Unreachable,
        ),
        (Standing::Asks, _, _) => (
            "COMMON  plans may come close; which ones is learnt if both sides consent (--consent)\n"
                .to_owned(),
            Exit::Unfavourable,
        ),
        (Standing::Over, _, "contradicted") => (
            "FAILS  the sides say different things of what they found; an audit shows which is wrong\n"
                .to_owned(),
            Exit::VerificationFailed,
        ),
        (Standing::Over, _, _) if knows["fault"].is_string() => (
            format!(
                "FAILS  the other side does not follow the protocol: {}\n",
                printable(&text(knows, "fault"))
            ),
            Exit::VerificationFailed,
        ),
        (Standing::Over, "apart", "apart") => (
            "APART  no plans come closer than the separation agreed\n".to_owned(),
            Exit::Favourable,
        ),
        (Standing::Over, "apart", "close") => (
            "APART  plans share cells, and shown in the clear they keep the separation agreed\n"
                .to_owned(),
            Exit::Favourable,
        ),
        (Standing::Over, "close", "close") => {
            ("CLOSE  plans come close\n".to_owned(), Exit::Unfavourable)
        }
        (Standing::Over, _, other) => (
            format!("ENDED  the session is {}\n", other.replace('_', " ")),
            Exit::Unfavourable,
        ),
    };
    // Writing to a String cannot fail.
    let _ = writeln!(
        words,
        "  session {} with {}",
        printable(&text(session, "check")),
        printable(&text(session, "with"))
    );
    if let (Some(common), Some(level)) = (knows["common"].as_u64(), knows["level"].as_u64())
        && common > 0
    {
        let _ = writeln!(words, "  {common} common cells of level {level}");
    }
    for plan in knows["plans"].as_array().into_iter().flatten() {
        let plan = printable(plan.as_str().unwrap_or_default());
        let _ = writeln!(words, "  ours    {plan}");
    }
    for pair in knows["collisions"].as_array().into_iter().flatten() {
        let plan = text(pair, "plan");
        let plan = printable(&plan);
        let number = |name: &str| pair[name].as_f64().unwrap_or_default();
        let _ = match pair["overlap"] == true {
            true => writeln!(
                words,
                "  pair    {plan} overlaps a leg of theirs, {} to {}, {:.0} to {:.0} m",
                text(pair, "start"),
                text(pair, "end"),
                number("lower_m"),
                number("upper_m")
            ),
            false => writeln!(
                words,
                "  pair    {plan} comes within {:.0} m of a leg of theirs",
                number("horizontal_m")
            ),
        };
    }
    (words, exit)
}
