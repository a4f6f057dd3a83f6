//! `detente user`: the first users of a node, added while it does not run.

use std::collections::BTreeSet;
use std::path::PathBuf;

use clap::Args;
use detente_server::clock::Clock;
use detente_server::house::change_users;
use detente_server::role::Role;
use detente_server::users::{PasswordHash, TokenWish};
use detente_stores::store::Place;
use serde_json::json;

use super::settings::SettingArgs;
use crate::exit::Exit;
use crate::failure::{Failure, FailureKind};
use crate::printer::Printer;

/// How long a token of the command line lasts, in days.
const TOKEN_DAYS: u64 = 90;

/// The arguments of `detente user`.
#[derive(Args, Debug)]
pub(crate) struct UserArgs {
    /// The user's name; it becomes the author of what the user puts on record
    name: String,
    /// A role; may be repeated
    #[arg(long = "role", value_name = "ROLE", required = true, value_parser = role)]
    roles: Vec<Role>,
    /// The node's data folder, instead of where the settings say
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    #[command(flatten)]
    settings: SettingArgs,
    /// File whose first line is the password
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
    /// Print a token for programs; it is shown once
    #[arg(long)]
    token: bool,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

fn role(text: &str) -> Result<Role, String> {
    Role::from_wire_name(text).ok_or_else(|| {
        let names: Vec<&str> = Role::ALL.into_iter().map(Role::wire_name).collect();
        format!("a role is one of: {}", names.join(", "))
    })
}

/// Finds the place the settings name; a database is asked for by the origin of the node's ledger.
fn settled_place(settings: &SettingArgs, printer: &mut Printer) -> Result<Place, Failure> {
    let config = settings.gather(printer)?;
    let origin = match config.text("store.url").is_empty() {
        true => String::new(),
        false => {
            let folder = config.path("node.keys").unwrap_or_default();
            crate::keys::origin(&folder)?
        }
    };
    super::place(&config, &origin)
}

/// Adds or changes a user.
pub(crate) fn run(args: &UserArgs, printer: &mut Printer) -> Result<Exit, Failure> {
    let invalid = |error| Failure::new(FailureKind::InvalidInput, error);
    let place = match &args.data {
        Some(folder) => Place::Folder(folder.clone()),
        None => settled_place(&args.settings, printer)?,
    };
    let mut files = place.take().map_err(|error| {
        let held = error.is_held();
        let failure = Failure::place(error);
        match held {
            true => failure.hint("while the node runs, an administrator adds users over the API"),
            false => failure,
        }
    })?;
    let roles: BTreeSet<Role> = args.roles.iter().copied().collect();
    let password = match &args.password_file {
        Some(path) => {
            let text =
                std::fs::read_to_string(path).map_err(|error| Failure::unreadable(path, error))?;
            let line = text.lines().next().unwrap_or_default();
            Some(PasswordHash::of(line).map_err(invalid)?)
        }
        None => None,
    };
    let changed = change_users(&mut files, |users| {
        users.forget_ended_tokens(Clock::real().now_s());
        users.put(&args.name, roles.clone(), password)?;
        if !args.token {
            return Ok(None);
        }
        let wish = TokenWish {
            user: args.name.clone(),
            label: "command line".to_owned(),
            roles,
            read_only: false,
            expires_s: Clock::real().now_s() + TOKEN_DAYS * 86_400,
        };
        Ok(Some(users.issue_token(&wish)?.1))
    });
    let changed = changed.map_err(|error| Failure::new(FailureKind::Usage, error))?;
    let (_, token) = changed.map_err(invalid)?;
    if args.json {
        printer.answer_json(&json!({"name": args.name, "token": token}))?;
    } else if let Some(token) = token {
        printer.answer(&format!("{token}\n"))?;
        printer.note(&format!(
            "the token lasts {TOKEN_DAYS} days and is not shown again\n"
        ));
    }
    Ok(Exit::Favourable)
}
