//! `detente keys`: a participant's keys, encrypted at rest, and the events that change them.

mod chest;
mod issue;
mod passphrase;

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use detente_ledger::hash::Hash;
use detente_ledger::keys::Role;
use detente_ledger::vkey::{KeyName, Vkey};
use detente_server::answer::Method;
use detente_server::house::{HouseError, KeyRing, KeySource};
use serde_json::json;

use crate::exit::Exit;
use crate::failure::{Failure, FailureKind};
use crate::node::NodeArgs;
use crate::printable::printable;
use crate::printer::Printer;
use chest::Chest;
use passphrase::Passphrase;

/// The arguments of `detente keys`.
#[derive(Args, Debug)]
pub(crate) struct KeysArgs {
    #[command(subcommand)]
    command: KeysCommand,
}

#[derive(Debug, Subcommand)]
enum KeysCommand {
    /// Draw a participant's keys and write its genesis event
    New {
        /// Name of the participant; also the origin of its ledger, such as `alpha.example/ledger`
        name: String,
        #[command(flatten)]
        folder: KeyFolder,
    },
    /// Print the public keys
    Show {
        #[command(flatten)]
        folder: KeyFolder,
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Draw the keys that follow and write the event that says so; `adopt` takes them into use
    Rotate {
        #[command(flatten)]
        folder: KeyFolder,
    },
    /// Draw the keys that follow, and declare one in use compromised
    Revoke {
        /// The role whose key may be in other hands: log, cosign or unit
        #[arg(value_parser = ["log", "cosign", "unit"])]
        role: String,
        #[command(flatten)]
        folder: KeyFolder,
    },
    /// Have the running node take the keys into use that follow; one that is started does by itself
    Adopt {
        /// Print one JSON object
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        node: NodeArgs,
    },
}

/// Where the keys are and what unlocks them.
#[derive(Args, Debug)]
struct KeyFolder {
    /// Folder with the keys
    #[arg(long = "keys", value_name = "DIR", default_value = "keys")]
    path: PathBuf,
    /// File whose first line is the passphrase, for services; without it the passphrase is asked
    #[arg(long, value_name = "FILE")]
    unlock_file: Option<PathBuf>,
}

impl KeyFolder {
    fn passphrase(&self, printer: &mut Printer) -> Result<Passphrase, Failure> {
        Passphrase::read(self.unlock_file.as_deref(), printer)
    }
}

/// Hands the arguments to their verb.
pub(crate) fn run(args: &KeysArgs, printer: &mut Printer) -> Result<Exit, Failure> {
    match &args.command {
        KeysCommand::New { name, folder } => new(name, folder, printer),
        KeysCommand::Show { folder, json } => show(&folder.path, *json, printer),
        KeysCommand::Rotate { folder } => change(folder, None, printer),
        KeysCommand::Revoke { role, folder } => {
            let role = Role::ALL.into_iter().find(|known| known.name() == role);
            change(folder, role, printer)
        }
        KeysCommand::Adopt { json, node } => adopt(node, *json, printer),
    }
}

/// Reads the origin of a node's ledger from its public keys, without opening the others.
pub(crate) fn origin(folder: &Path) -> Result<String, Failure> {
    let path = folder.join(format!("{}.vkey", Role::Log.name()));
    let text = std::fs::read_to_string(&path).map_err(|error| Failure::unreadable(&path, error))?;
    let key = Vkey::parse(text.trim()).map_err(|error| {
        Failure::new(FailureKind::InvalidInput, error).hint("`detente keys new` writes it")
    })?;
    Ok(key.name().to_string())
}

/// Opens the keys in a folder.
pub(crate) fn ring(
    folder: &Path,
    unlock_file: Option<&Path>,
    printer: &mut Printer,
) -> Result<KeyRing, Failure> {
    let passphrase = Passphrase::read(unlock_file, printer)?;
    Ok(Chest::open(folder, &passphrase)?.ring())
}

/// Opens the keys in a folder for a running node, which reads them again when it is to go on with
/// those that follow: what unlocks them is kept in its memory, as they are.
pub(crate) fn source(
    folder: &Path,
    unlock_file: Option<&Path>,
    printer: &mut Printer,
) -> Result<(KeySource, KeyRing), Failure> {
    let passphrase = Passphrase::read(unlock_file, printer)?;
    let ring = Chest::open(folder, &passphrase)?.ring();
    let folder = folder.to_owned();
    let read = move || match Chest::open(&folder, &passphrase) {
        Ok(chest) => Ok(chest.ring()),
        Err(failure) => Err(HouseError::Key(failure.explanation().trim_end().to_owned())),
    };
    Ok((KeySource::new(read), ring))
}

fn new(name: &str, folder: &KeyFolder, printer: &mut Printer) -> Result<Exit, Failure> {
    let name = KeyName::parse(name).map_err(|error| Failure::new(FailureKind::Usage, error))?;
    if Chest::exists(&folder.path) {
        let message = format!("`{}` already holds keys", folder.path.display());
        return Err(Failure::new(FailureKind::Usage, message).hint("name another folder"));
    }
    let passphrase = Passphrase::choose(folder.unlock_file.as_deref(), printer)?;
    let chest = Chest::draw(name.as_str())?;
    let entry = issue::genesis(&chest)?;
    let written = issue::write(&folder.path, &chest, 0, &entry)?;
    chest.save(&folder.path, &passphrase)?;
    printer.answer(&format!("identity {}\n", Hash::of(&entry).to_hex()))?;
    printer.answer(&format!("event {}\n", written.display()))?;
    for key in chest.public_lines()? {
        printer.answer(&format!("{key}\n"))?;
    }
    printer.note("append the event to the ledger as its first entry; keep the passphrase apart\n");
    Ok(Exit::Favourable)
}

fn show(folder: &Path, as_json: bool, printer: &mut Printer) -> Result<Exit, Failure> {
    let path = folder.join(chest::PUBLIC_FILE);
    let text = std::fs::read_to_string(&path).map_err(|error| Failure::unreadable(&path, error))?;
    if as_json {
        let keys: serde_json::Map<String, serde_json::Value> = text
            .lines()
            .filter_map(|line| line.split_once(' '))
            .map(|(role, key)| (role.to_owned(), json!(key)))
            .collect();
        printer.answer(&format!("{}\n", serde_json::Value::Object(keys)))?;
    } else {
        printer.answer(&text)?;
    }
    Ok(Exit::Favourable)
}

fn change(
    folder: &KeyFolder,
    revoked: Option<Role>,
    printer: &mut Printer,
) -> Result<Exit, Failure> {
    let passphrase = folder.passphrase(printer)?;
    let old = Chest::open(&folder.path, &passphrase)?;
    let mut next = old.next()?;
    let event = issue::rotation(&old, &next, revoked)?;
    let entry = issue::entry(&next, &event)?;
    next.announce(event);
    issue::keep(&folder.path, &old)?;
    // The event first: keys that no event announces could sign, but nobody would believe them.
    let written = issue::write(&folder.path, &next, next.sequence(), &entry)?;
    next.save(&folder.path, &passphrase)?;
    printer.answer(&format!("event {}\n", written.display()))?;
    for key in next.public_lines()? {
        printer.answer(&format!("{key}\n"))?;
    }
    printer.note(
        "a node takes them into use when it is started, a running one by `detente keys adopt`; \
         they count for others from their cosignature over the event\n",
    );
    let number = old.sequence();
    printer.note(&format!(
        "until then what the node signs is verified with log-{number}.vkey and unit-{number}.vkey\n"
    ));
    Ok(Exit::Favourable)
}

fn adopt(node: &NodeArgs, as_json: bool, printer: &mut Printer) -> Result<Exit, Failure> {
    let path = "/api/v1/keys/rotation";
    let (exit, said) = node.open()?.send(Method::POST, path, &json!({}))?;
    if as_json {
        printer.answer_json(&said)?;
        return Ok(exit);
    }
    let text = |name: &str| printable(said[name].as_str().unwrap_or_default()).into_owned();
    match exit {
        Exit::Favourable => {
            let line = format!("entry {} of {}\n", said["index"], text("origin"));
            printer.answer(&line)?;
            printer.note("the ledger is signed with the new keys from that entry on\n");
        }
        _ => printer.answer(&format!("{}: {}\n", text("title"), text("detail")))?,
    }
    Ok(exit)
}
