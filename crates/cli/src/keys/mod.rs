//! `detente keys`: a participant's keys, encrypted at rest, and the events that change them.

mod chest;
mod issue;
mod passphrase;

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use detente_ledger::hash::Hash;
use detente_ledger::keys::Role;
use detente_ledger::vkey::{KeyName, Vkey};
use detente_server::house::NodeKeys;
use serde_json::json;

use crate::exit::Exit;
use crate::failure::{Failure, FailureKind};
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
    /// Replace all keys in use and write the event that says so
    Rotate {
        #[command(flatten)]
        folder: KeyFolder,
    },
    /// Replace all keys, and declare one in use compromised
    Revoke {
        /// The role whose key may be in other hands: log, cosign or unit
        #[arg(value_parser = ["log", "cosign", "unit"])]
        role: String,
        #[command(flatten)]
        folder: KeyFolder,
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

/// Opens the keys in a folder for a running node.
pub(crate) fn node_keys(
    folder: &Path,
    unlock_file: Option<&Path>,
    printer: &mut Printer,
) -> Result<NodeKeys, Failure> {
    let passphrase = Passphrase::read(unlock_file, printer)?;
    Ok(Chest::open(folder, &passphrase)?.node_keys())
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
    let next = old.next()?;
    let entry = issue::rotation(&old, &next, revoked)?;
    // The event first: keys that no event announces could sign, but nobody would believe them.
    let written = issue::write(&folder.path, &next, next.sequence(), &entry)?;
    next.save(&folder.path, &passphrase)?;
    printer.answer(&format!("event {}\n", written.display()))?;
    for key in next.public_lines()? {
        printer.answer(&format!("{key}\n"))?;
    }
    printer.note("append the event to the ledger; it counts from the counterparty's cosignature\n");
    Ok(Exit::Favourable)
}
