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
        /// Number of the key event that announced the key, 0 for the genesis; needed once keys were
        /// rotated, for the ledger alone says which are in use: `GET /api/v1/keys` lists its events
        #[arg(long, value_name = "NUMBER")]
        sequence: Option<u64>,
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
        KeysCommand::Revoke {
            role,
            sequence,
            folder,
        } => {
            let role = Role::ALL.into_iter().find(|known| known.name() == role);
            change(folder, role.map(|role| (role, *sequence)), printer)
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

/// Finds the key that is to be declared compromised.
///
/// The newest keys of the chest may have been drawn and not be in use yet; what the node signs with
/// is known to its ledger and not to the chest. So nothing is guessed once there are several.
fn compromised(chest: &Chest, role: Role, sequence: Option<u64>) -> Result<Vkey, Failure> {
    let newest = chest.sequence();
    if sequence.is_none() && newest > 0 {
        let message = format!(
            "these keys were rotated {newest} times, and the chest does not know which are in use: the {} key of which of them may be in other hands?",
            role.name()
        );
        return Err(Failure::new(FailureKind::Usage, message).hint(
            "name it by --sequence, the number of the event that announced it: `GET /api/v1/keys` lists the events of the ledger, the last of which counts",
        ));
    }
    let sequence = sequence.unwrap_or(newest);
    let signer = chest.signer_announced_by(sequence, role)?;
    let signer = signer.ok_or_else(|| {
        let message = format!("no keys of event {sequence} are in the chest");
        Failure::new(FailureKind::Usage, message)
            .hint(format!("the newest are those of event {newest}"))
    })?;
    Ok(signer.vkey().clone())
}

/// Says with what the node's signatures are verified until the new keys are in use.
fn until_then(old: &Chest) -> String {
    match old.sequence() {
        0 => "until then what the node signs is verified with log-0.vkey and unit-0.vkey\n"
            .to_owned(),
        number => format!(
            "until then what the node signs is verified with the keys in use: log-{number}.vkey and unit-{number}.vkey, \
             or those of an earlier number where the node has not adopted these yet; `GET /api/v1/keys` lists \
             which count, and every rotation is adopted on its own, in order\n"
        ),
    }
}

fn change(
    folder: &KeyFolder,
    revoked: Option<(Role, Option<u64>)>,
    printer: &mut Printer,
) -> Result<Exit, Failure> {
    let passphrase = folder.passphrase(printer)?;
    let old = Chest::open(&folder.path, &passphrase)?;
    let mut next = old.next()?;
    let revoked = revoked.map(|(role, sequence)| compromised(&old, role, sequence));
    let event = issue::rotation(&old, &next, revoked.transpose()?)?;
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
    printer.note(&until_then(&old));
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
