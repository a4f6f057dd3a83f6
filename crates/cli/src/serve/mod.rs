//! `detente serve`, `config show`, `user`: running a node and keeping its settings and users.

mod doors;
mod settings;
mod user;

pub(crate) use settings::{ConfigArgs, run as config};
pub(crate) use user::{UserArgs, run as user};

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use clap::Args;
use detente_server::card::Card;
use detente_server::clock::Clock;
use detente_server::config::Config;
use detente_server::house::{self, Doors, Plan, Sockets};
use detente_server::tls::public_server;
use detente_stores::store::Place;

use crate::exit::Exit;
use crate::failure::{Failure, FailureKind};
use crate::keys;
use crate::printer::Printer;
use settings::SettingArgs;

/// Files by name.
pub(crate) type Files = BTreeMap<String, Vec<u8>>;

/// How often a node looks at its clock.
const TICK: Duration = Duration::from_secs(1);
/// Files of a dossier that are read, at most.
const FILE_BYTES_MAX: u64 = 64 << 20;

/// The arguments of `detente serve`.
#[derive(Args, Debug)]
pub(crate) struct ServeArgs {
    #[command(flatten)]
    settings: SettingArgs,
    /// Begin although no other participant answers: for a ledger nobody holds yet, refused once it has more than its first entry
    #[arg(long)]
    new_ledger: bool,
}

/// Runs a node until it is told to stop.
pub(crate) fn run(args: &ServeArgs, printer: &mut Printer) -> Result<Exit, Failure> {
    let config = args.settings.gather(printer)?;
    let plan = plan(&config, args.new_ledger, printer)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new(FailureKind::Bug, error))?;
    detente_server::logs::start(config.text("log.level"));
    let is_encrypted = plan.api_tls.is_some();
    runtime.block_on(async {
        let sockets = match plan.place.is_shared() {
            true => Sockets::bind_users(plan.api, plan.peer).await,
            false => Sockets::bind(plan.api, plan.peer).await,
        };
        let sockets = sockets.map_err(|error| {
            Failure::new(FailureKind::Usage, error).hint(
                "`api.listen` and `peer.listen` say where; does another program listen there?",
            )
        })?;
        let house = house::open(plan, sockets).await.map_err(|error| {
            let kind = match () {
                () if error.is_unreachable() => FailureKind::Unreachable,
                () if error.is_of_files() || error.is_of_the_call() => FailureKind::Usage,
                () if error.is_of_a_ledger() => FailureKind::Verification,
                () => FailureKind::InvalidInput,
            };
            Failure::new(kind, error)
        })?;
        // Before anybody is told that it runs: whoever asks it to stop then is heard.
        let asked =
            detente_server::stop_signal().map_err(|error| Failure::new(FailureKind::Bug, error))?;
        printer.answer(&addresses(is_encrypted, house.api, house.peer))?;
        printer.finish()?;
        asked.await;
        house.close().await;
        Ok(Exit::Favourable)
    })
}

/// Says where users and peers find the node.
fn addresses(is_encrypted: bool, users: SocketAddr, peers: SocketAddr) -> String {
    let scheme = match is_encrypted {
        true => "https",
        false => "http",
    };
    format!("users   {scheme}://{users}\npeers   {peers}\n")
}

fn plan(config: &Config, is_new: bool, printer: &mut Printer) -> Result<Plan, Failure> {
    let unset = |name: &str| Failure::new(FailureKind::Usage, format!("`{name}` is not set"));
    let keys_folder = config.path("node.keys").ok_or_else(|| unset("node.keys"))?;
    let unlock = config.path("node.unlock_file");
    let (keys, ring) = keys::source(&keys_folder, unlock.as_deref(), printer)?;
    let origin = ring.first().origin();
    let agreement = config
        .path("node.agreement")
        .ok_or_else(|| unset("node.agreement"))?;
    let (dossier, cards) = read_agreement(&agreement)?;
    let holder = holder_of(origin, &cards)?;
    let place = place(config, origin)?;
    let api_tls = match (
        config.path("api.certificate"),
        config.path("api.private_key"),
    ) {
        (Some(chain), Some(key)) => {
            let chain =
                std::fs::read(&chain).map_err(|error| Failure::unreadable(&chain, error))?;
            let key = std::fs::read(&key).map_err(|error| Failure::unreadable(&key, error))?;
            let tls = public_server(&chain, &key)
                .map_err(|error| Failure::new(FailureKind::InvalidInput, error))?;
            Some(tls)
        }
        _ => None,
    };
    Ok(Plan {
        holder,
        keys,
        cards,
        dossier,
        binds: config.text("node.dossier") == "binds",
        place,
        api: config
            .socket("api.listen")
            .ok_or_else(|| unset("api.listen"))?,
        api_tls,
        peer: config
            .socket("peer.listen")
            .ok_or_else(|| unset("peer.listen"))?,
        clock: Clock::real(),
        tick: TICK,
        session_hours: config.whole("session.hours"),
        request_s_max: config.whole("api.request_s_max"),
        body_bytes_max: usize::try_from(config.whole("api.body_bytes_max")).unwrap_or(usize::MAX),
        checkpoint_s_max: config.whole("health.checkpoint_s_max"),
        is_new,
        doors: Doors {
            sign_in: doors::sign_in(config)?,
            witnessed: doors::witnessed(config)?,
        },
    })
}

/// Says where a node keeps what it has.
fn place(config: &Config, origin: &str) -> Result<Place, Failure> {
    let password = match config.path("store.password_file") {
        Some(path) => {
            let text = std::fs::read_to_string(&path)
                .map_err(|error| Failure::unreadable(&path, error))?;
            Some(text.lines().next().unwrap_or_default().to_owned())
        }
        None => None,
    };
    let authorities = match config.store_authorities() {
        Some(path) => {
            let read = std::fs::read(&path);
            Some(read.map_err(|error| Failure::unreadable(&path, error))?)
        }
        None => None,
    };
    config
        .place(origin, password.as_deref(), authorities.as_deref())
        .map_err(|error| Failure::new(FailureKind::InvalidInput, error))
}

fn holder_of(origin: &str, cards: &[Card]) -> Result<String, Failure> {
    let own = cards.iter().find(|card| card.origin == origin);
    own.map(|card| card.holder.clone()).ok_or_else(|| {
        let message = format!("no card in the agreement is of `{origin}`");
        Failure::new(FailureKind::InvalidInput, message)
            .hint("`detente join card` writes it, `detente join agreement` takes it in")
    })
}

/// Reads the folder that `detente join agreement` wrote.
pub(crate) fn read_agreement(folder: &Path) -> Result<(Files, Vec<Card>), Failure> {
    let dossier = read_files(folder)?;
    let mut cards = Vec::new();
    for (name, bytes) in read_files(&folder.join(super::join::CARDS))? {
        let card = Card::parse(&String::from_utf8_lossy(&bytes)).map_err(|error| {
            Failure::new(FailureKind::Verification, format!("`{name}`: {error}"))
        })?;
        cards.push(card);
    }
    Ok((dossier, cards))
}

/// Reads the files directly in a folder, by name.
pub(crate) fn read_files(folder: &Path) -> Result<Files, Failure> {
    let unreadable = |error| Failure::unreadable(folder, error);
    let mut files = BTreeMap::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let metadata = entry.metadata().map_err(unreadable)?;
        if !metadata.is_file() || metadata.len() > FILE_BYTES_MAX {
            continue;
        }
        let path = entry.path();
        let bytes = std::fs::read(&path).map_err(|error| Failure::unreadable(&path, error))?;
        files.insert(entry.file_name().to_string_lossy().into_owned(), bytes);
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_users_find_the_node_says_whether_it_speaks_tls() {
        let (users, peers) = (([127, 0, 0, 1], 7070).into(), ([127, 0, 0, 1], 7443).into());
        let shown = [false, true].map(|is_encrypted| addresses(is_encrypted, users, peers));
        insta::assert_snapshot!(shown.concat(), @r"
        users   http://127.0.0.1:7070
        peers   127.0.0.1:7443
        users   https://127.0.0.1:7070
        peers   127.0.0.1:7443
        ");
    }
}
