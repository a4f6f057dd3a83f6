//! `detente token`: the tokens of the user who asks, listed, replaced and ended.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use detente_server::answer::Method;
use detente_server::users::token_id;
use detente_spacetime::Instant;
use serde_json::{Value, json};

use super::NodeArgs;
use super::read::{escaped, every_item};
use crate::exit::Exit;
use crate::failure::{Failure, FailureKind};
use crate::printable::printable;
use crate::printer::Printer;

/// The arguments of `detente token`.
#[derive(Args, Debug)]
pub(crate) struct TokenArgs {
    #[command(subcommand)]
    command: TokenCommand,
    /// Print one JSON object
    #[arg(long, global = true)]
    json: bool,
    #[command(flatten)]
    node: NodeArgs,
}

#[derive(Debug, Subcommand)]
enum TokenCommand {
    /// List the tokens you may end
    List,
    /// Make a token that takes another's place; the one before goes on for a while
    Rotate {
        /// The token to replace; without it the very token of --token-file
        #[arg(long, value_name = "ID")]
        id: Option<String>,
        /// How many days the new one lasts
        #[arg(long, default_value_t = 90)]
        days: u64,
        /// How many hours the one before still works; 0 ends it at once
        #[arg(long, default_value_t = 24)]
        overlap_hours: u64,
        /// File to write the new token to, in place of what is there, instead of printing it
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// End a token now
    Revoke {
        /// Its id
        id: String,
    },
}

/// Hands the arguments to their verb.
pub(crate) fn run(args: &TokenArgs, printer: &mut Printer) -> Result<Exit, Failure> {
    match &args.command {
        TokenCommand::List => list(args, printer),
        TokenCommand::Rotate {
            id,
            days,
            overlap_hours,
            out,
        } => {
            let wish = json!({"days": days, "overlap_hours": overlap_hours});
            rotate(args, id.as_deref(), &wish, out.as_deref(), printer)
        }
        TokenCommand::Revoke { id } => {
            let path = format!("/api/v1/tokens/{}", escaped(id));
            args.node.open()?.remove(&path)?;
            printer.note("it has ended\n");
            Ok(Exit::Favourable)
        }
    }
}

fn list(args: &TokenArgs, printer: &mut Printer) -> Result<Exit, Failure> {
    let items = every_item(&args.node.open()?, "/api/v1/tokens")?;
    if args.json {
        printer.answer_json(&Value::Array(items))?;
        return Ok(Exit::Favourable);
    }
    for item in items {
        let text = |name: &str| printable(item[name].as_str().unwrap_or_default()).into_owned();
        let roles = item["roles"].as_array().into_iter().flatten();
        let roles: Vec<&str> = roles.filter_map(Value::as_str).collect();
        printer.answer(&format!(
            "{}  {}  {}{}  ends at {}  {}\n",
            text("id"),
            text("user"),
            roles.join(","),
            if item["read_only"] == true {
                " (reads only)"
            } else {
                ""
            },
            ends(&item["expires_s"]),
            text("label"),
        ))?;
    }
    Ok(Exit::Favourable)
}

/// When a token ends, from seconds since 1970.
fn ends(expires_s: &Value) -> String {
    let micros = expires_s.as_i64().and_then(|it| it.checked_mul(1_000_000));
    let instant = micros.and_then(Instant::from_micros);
    instant.map_or_else(|| "an unknown time".to_owned(), |it| it.to_string())
}

fn rotate(
    args: &TokenArgs,
    id: Option<&str>,
    wish: &Value,
    out: Option<&Path>,
    printer: &mut Printer,
) -> Result<Exit, Failure> {
    let asker = args.node.open()?;
    let own = asker.token().and_then(token_id);
    let id = id.map(str::to_owned).or(own).ok_or_else(|| {
        Failure::new(FailureKind::Usage, "no token is named")
            .hint("give --token-file with the token to replace, or --id")
    })?;
    let path = format!("/api/v1/tokens/{}/rotation", escaped(&id));
    let (exit, said) = asker.send(Method::POST, &path, wish)?;
    let token = said["token"].as_str().unwrap_or_default();
    if let Some(path) = out {
        crate::file::write_secret(path, format!("{token}\n").as_bytes())?;
    }
    if args.json {
        let shown = out.is_none().then_some(token);
        printer.answer_json(&json!({"id": said["id"], "token": shown, "replaces": id}))?;
    } else if out.is_none() {
        printer.answer(&format!("{token}\n"))?;
        printer.note("the token is not shown again\n");
    }
    let hours = &wish["overlap_hours"];
    printer.note(&format!("{id} ends within {hours} h\n"));
    Ok(exit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_ends_at_an_instant_people_read() {
        assert_eq!(ends(&json!(1_803_699_722)), "2027-02-27T03:42:02Z");
        assert_eq!(ends(&Value::Null), "an unknown time");
    }
}
