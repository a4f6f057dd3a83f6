//! `detente join`: cards exchanged by file, an agreement put together, fingerprints read aloud.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use detente_server::card::{Card, agreement_fingerprint};
use detente_server::house::{dossier_hash, founding};
use serde_json::json;

use crate::exit::Exit;
use crate::failure::{Failure, FailureKind};
use crate::keys;
use crate::printable::printable;
use crate::printer::Printer;
use crate::serve::{read_agreement, read_files};

/// Folder of the cards in an agreement's folder.
pub(crate) const CARDS: &str = "cards";

/// The arguments of `detente join`.
#[derive(Args, Debug)]
pub(crate) struct JoinArgs {
    #[command(subcommand)]
    command: JoinCommand,
}

#[derive(Debug, Subcommand)]
enum JoinCommand {
    /// Write this participant's card: its ledger, its transport key, its address
    Card {
        /// Its id in the agreement, such as US
        holder: String,
        /// Where others reach it, as host:port
        #[arg(long, value_name = "HOST:PORT")]
        address: String,
        /// Folder with the keys
        #[arg(long, value_name = "DIR", default_value = "keys")]
        keys: PathBuf,
        /// File whose first line is the passphrase
        #[arg(long, value_name = "FILE")]
        unlock_file: Option<PathBuf>,
        /// File to write
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Put a dossier and everybody's cards together into the folder a node is started with
    Agreement {
        /// The dossier
        #[arg(value_name = "DOSSIER")]
        dossier: PathBuf,
        /// A card; one for each participant and observer
        #[arg(long = "card", value_name = "FILE", required = true)]
        cards: Vec<PathBuf>,
        /// Folder to write, which must not exist
        #[arg(long, value_name = "DIR", default_value = "agreement")]
        out: PathBuf,
    },
    /// Print the fingerprints again, to be read aloud over another line
    Fingerprint {
        /// The folder `detente join agreement` wrote
        #[arg(value_name = "DIR", default_value = "agreement")]
        agreement: PathBuf,
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
}

/// Hands the arguments to their verb.
pub(crate) fn run(args: &JoinArgs, printer: &mut Printer) -> Result<Exit, Failure> {
    match &args.command {
        JoinCommand::Card {
            holder,
            address,
            keys: folder,
            unlock_file,
            out,
        } => {
            // The card pins the ledger's genesis: whatever follows is found in the ledger.
            let ring = keys::ring(folder, unlock_file.as_deref(), printer)?;
            let node = ring.first();
            let path = folder.join("key-event-0.json");
            let genesis =
                std::fs::read(&path).map_err(|error| Failure::unreadable(&path, error))?;
            let invalid = |error| Failure::new(FailureKind::InvalidInput, error);
            let card = Card {
                holder: holder.clone(),
                origin: node.origin().to_owned(),
                genesis,
                transport: node.transport().map_err(invalid)?.public(),
                address: address.clone(),
            };
            let text = card.to_text(&node.unit().map_err(invalid)?);
            // What others will refuse is better refused here.
            Card::parse(&text).map_err(|error| Failure::new(FailureKind::InvalidInput, error))?;
            std::fs::write(out, text).map_err(|error| Failure::unwritable(out, error))?;
            printer.answer(&format!("{}\n", card.fingerprint()))?;
            printer.note("give the file to the others; they read these digits back to you\n");
            Ok(Exit::Favourable)
        }
        JoinCommand::Agreement {
            dossier,
            cards,
            out,
        } => agreement(dossier, cards, out, printer),
        JoinCommand::Fingerprint { agreement, json } => show(agreement, *json, printer),
    }
}

fn agreement(
    dossier: &Path,
    paths: &[PathBuf],
    out: &Path,
    printer: &mut Printer,
) -> Result<Exit, Failure> {
    if out.exists() {
        let message = format!("`{}` is already there", out.display());
        return Err(Failure::new(FailureKind::Usage, message).hint("name another folder"));
    }
    let files = read_files(dossier)?;
    let mut cards = Vec::new();
    let mut texts = Vec::new();
    for path in paths {
        let text =
            std::fs::read_to_string(path).map_err(|error| Failure::unreadable(path, error))?;
        let card = Card::parse(&text).map_err(|error| {
            Failure::new(
                FailureKind::Verification,
                format!("`{}`: {error}", path.display()),
            )
        })?;
        texts.push((format!("{}.card", card.holder), text));
        cards.push(card);
    }
    founding(&cards, &files, true)
        .map_err(|error| Failure::new(FailureKind::InvalidInput, error))?;
    let folder = out.join(CARDS);
    std::fs::create_dir_all(&folder).map_err(|error| Failure::unwritable(&folder, error))?;
    let texts = texts
        .into_iter()
        .map(|(name, text)| (folder.join(name), text.into_bytes()));
    let copies = files
        .into_iter()
        .map(|(name, bytes)| (out.join(name), bytes));
    for (path, bytes) in copies.chain(texts) {
        std::fs::write(&path, bytes).map_err(|error| Failure::unwritable(&path, error))?;
    }
    show(out, false, printer)
}

fn show(folder: &Path, as_json: bool, printer: &mut Printer) -> Result<Exit, Failure> {
    let (files, cards) = read_agreement(folder)?;
    let whole = agreement_fingerprint(&dossier_hash(&files), &cards);
    if as_json {
        let cards: Vec<_> = cards
            .iter()
            .map(|card| {
                json!({
                    "holder": card.holder,
                    "origin": card.origin,
                    "address": card.address,
                    "fingerprint": card.fingerprint(),
                })
            })
            .collect();
        printer.answer_json(&json!({"agreement": whole, "cards": cards}))?;
        return Ok(Exit::Favourable);
    }
    for card in &cards {
        printer.answer(&format!(
            "{}  {}  {}\n  {}\n",
            printable(&card.holder),
            printable(&card.origin),
            printable(&card.address),
            card.fingerprint()
        ))?;
    }
    printer.answer(&format!("agreement\n  {whole}\n"))?;
    printer.note("read the digits aloud over another line; all of them must be the same\n");
    Ok(Exit::Favourable)
}
