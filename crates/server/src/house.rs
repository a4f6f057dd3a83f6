//! One participant's node, put together: keys, cards, dossier, ledger, mirrors, users, sockets.

pub mod bundle;
mod founding;
mod keys;
mod ring;

pub use founding::{FoundingError, founding, founding_of, standing};
pub use keys::NodeKeys;
pub use ring::{Generation, KeyRing, KeySource};

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, RwLock};
use std::time::Duration;

use axum::Router;
use detente_formats::read_gazetteer;
use detente_ledger::hash::Hash;
use detente_ledger::storage::Storage as _;
use detente_ledger::vkey::Vkey;
use detente_node::federation::{Ledger, Limits};
use detente_node::node::{Input, Node};
use detente_node::picture::{Outcome, Picture, Refusal};
use detente_records::HolderId;
use detente_sharing::gazetteer::Gazetteer;
use detente_stores::store::{Place, PlaceError, Reader, Store};
use rustls::ServerConfig;
use tokio::sync::watch;

use crate::alarm;
use crate::api::{self, App};
use crate::attempts::Attempts;
use crate::authority::{Authority, AuthorityError};
use crate::card::Card;
use crate::clock::Clock;
use crate::listen::{self, Security};
use crate::oidc::{self, SignIns};
use crate::peer::{self, Address};
use crate::renewed::Renewed;
use crate::runtime::{self, Change, Handle, LineEnd, Mail, OpenError, Parts, Running};
use crate::seals::Seals;
use crate::tls::{Pins, TlsError};
use crate::users::{Users, UsersError};
use crate::view::{self, OutcomeView};
use crate::witness::Booth;

/// Folder of the own ledger in the node's place.
pub const LEDGER: &str = runtime::LEDGER;
/// The users, in the node's place.
const USERS: &str = "users.json";
/// Bytes of that file at most: the most users with the most tokens, and room.
const USERS_BYTES_MAX: usize = 256 << 20;
/// How often a server looks whether another one changed the users.
const USERS_EVERY: Duration = Duration::from_secs(1);
/// How long a server waits that did not find the keys which its participant's ledger says are in use.
const KEYS_AGAIN: Duration = Duration::from_secs(2);
/// How long a server that was elected waits before it tries again to open the door for peers.
const DOOR_RETRY: Duration = Duration::from_millis(250);

/// Everything a node is started from.
#[derive(Debug)]
pub struct Plan {
    /// Its id in the agreement.
    pub holder: String,
    /// Its keys, and where those that follow are found.
    pub keys: KeySource,
    /// Everybody's cards, its own among them.
    pub cards: Vec<Card>,
    /// The dossier's files, by name.
    pub dossier: BTreeMap<String, Vec<u8>>,
    /// Whether the dossier is in force from the beginning; else it has to be tabled and adopted.
    pub binds: bool,
    /// Where it keeps what it has.
    pub place: Place,
    /// Where users connect.
    pub api: SocketAddr,
    /// TLS for users; none on loopback.
    pub api_tls: Option<ServerConfig>,
    /// Where peers connect.
    pub peer: SocketAddr,
    /// The clock acts are dated by.
    pub clock: Clock,
    /// How often the node looks at it.
    pub tick: Duration,
    /// How long a sign-in lasts.
    pub session_hours: u64,
    /// Longest request.
    pub request_s_max: u64,
    /// Largest request body.
    pub body_bytes_max: usize,
    /// Oldest signed checkpoint of a healthy node.
    pub checkpoint_s_max: u64,
    /// Whether nobody else can hold more of this ledger: it is new.
    pub is_new: bool,
    /// Who else is served.
    pub doors: Doors,
}

/// Doors beside those for users and peers; none by default.
#[derive(Debug, Default)]
pub struct Doors {
    /// A provider where users may sign in.
    pub sign_in: Option<oidc::Settings>,
    /// Keys of other logs to cosign.
    pub witnessed: Vec<Vkey>,
}

/// A running node with its sockets.
#[derive(Debug)]
pub struct House {
    running: Running<Picture>,
    stop: watch::Sender<bool>,
    doors: Vec<tokio::task::JoinHandle<()>>,
    /// What the API works with.
    pub app: Arc<App>,
    /// Where users connect, with the port that was found.
    pub api: SocketAddr,
    /// Where peers connect, with the port that was found.
    pub peer: SocketAddr,
}

/// Sockets that are bound, so that ports are known before cards are written.
#[derive(Debug)]
pub struct Sockets {
    api: tokio::net::TcpListener,
    peer: Option<tokio::net::TcpListener>,
    peer_at: SocketAddr,
}

impl Sockets {
    /// Binds both.
    ///
    /// # Errors
    ///
    /// The operating system's.
    pub async fn bind(api: SocketAddr, peer: SocketAddr) -> std::io::Result<Self> {
        let peer = listen::bind(peer).await?;
        Ok(Self {
            api: listen::bind(api).await?,
            peer_at: peer.local_addr()?,
            peer: Some(peer),
        })
    }

    /// Binds the one for users; that for peers is bound when this server is the one that writes, so
    /// that whoever balances connections finds that one.
    ///
    /// # Errors
    ///
    /// The operating system's.
    pub async fn bind_users(api: SocketAddr, peer: SocketAddr) -> std::io::Result<Self> {
        Ok(Self {
            api: listen::bind(api).await?,
            peer: None,
            peer_at: peer,
        })
    }

    /// Where users connect.
    ///
    /// # Errors
    ///
    /// The operating system's.
    pub fn api_address(&self) -> std::io::Result<SocketAddr> {
        self.api.local_addr()
    }

    /// Where peers connect.
    pub fn peer_address(&self) -> SocketAddr {
        self.peer_at
    }
}

/// Opens everything and starts to serve.
///
/// # Errors
///
/// [`HouseError`].
pub async fn open(plan: Plan, sockets: Sockets) -> Result<House, HouseError> {
    let ring = plan.keys.read()?;
    let own: Arc<str> = Arc::from(ring.first().origin());
    let others: Vec<&Card> = plan
        .cards
        .iter()
        .filter(|card| card.origin != *own)
        .collect();
    let peers: Vec<Arc<str>> = others
        .iter()
        .map(|card| Arc::from(card.origin.as_str()))
        .collect();
    let (running, ends) = start_node(&plan, &own, &peers)?;
    let handle = running.handle();
    if plan.is_new {
        // What is already here may be a backup of a ledger that others hold more of.
        let size = handle.view().ledgers.get(&own).map_or(0, |own| own.size);
        if size > 1 {
            running.stop().await;
            return Err(HouseError::NotNew { size });
        }
        handle.tell(Input::ConfirmNew).await.ok();
    }
    let transport = ring.first().transport()?;
    let pins = others
        .iter()
        .map(|card| (card.transport, card.origin.clone()));
    let pins = Arc::new(Pins::new(pins));
    for (peer, line) in ends {
        let Some(card) = others.iter().find(|card| card.origin == *peer) else {
            continue;
        };
        let pin = Pins::new([(card.transport, card.origin.clone())]);
        let tls = Arc::new(transport.client(Arc::new(pin))?);
        let address = Address(card.address.clone());
        tokio::spawn(peer::carry(handle.clone(), peer, address, tls, line));
    }
    let (stop, stopped) = watch::channel(false);
    let reader = plan.place.reader()?;
    let app = make_app(&plan, &ring, handle.clone(), own.clone(), reader.clone()).await?;
    let app = Arc::new(app);
    tokio::spawn(pump(Arc::clone(&app), handle.changes()));
    tokio::spawn(crate::checks::keep(Arc::clone(&app), stopped.clone()));
    tokio::spawn(alarm::watch(Arc::clone(&app), plan.tick, stopped.clone()));
    tokio::spawn(tick(handle.clone(), plan.tick, stopped.clone()));
    tokio::spawn(renew_keys(Arc::clone(&app), stopped.clone()));
    if plan.place.is_shared() {
        tokio::spawn(refresh_users(Arc::clone(&app), stopped.clone()));
    }
    let (api, peer) = (sockets.api_address()?, sockets.peer_address());
    let security = match plan.api_tls {
        Some(config) => Security::Tls(Arc::new(config)),
        None => Security::Plain,
    };
    let router: Router = api::router(Arc::clone(&app));
    let door = listen::serve(sockets.api, security, router, stopped.clone());
    let users = tokio::spawn(door);
    let config = Arc::new(transport.server(Arc::clone(&pins))?);
    let door = PeerDoor {
        at: peer,
        security: Security::Mutual(config, pins),
        router: peer::router(handle.clone(), reader, own),
    };
    let others = tokio::spawn(door.keep(sockets.peer, handle.leading(), stopped));
    Ok(House {
        running,
        stop,
        doors: vec![users, others],
        app,
        api,
        peer,
    })
}

/// The door for peers, open while this server is the one that writes.
struct PeerDoor {
    at: SocketAddr,
    security: Security,
    router: Router,
}

impl PeerDoor {
    async fn keep(
        self,
        mut bound: Option<tokio::net::TcpListener>,
        mut leading: watch::Receiver<bool>,
        mut stopped: watch::Receiver<bool>,
    ) {
        loop {
            tokio::select! {
                is_leading = leading.wait_for(|leading| *leading) => {
                    if is_leading.is_err() {
                        return;
                    }
                }
                _ = stopped.wait_for(|stop| *stop) => return,
            }
            let listener = match bound.take() {
                Some(listener) => Ok(listener),
                None => listen::bind(self.at).await,
            };
            let Ok(listener) = listener else {
                // The server before may not have let go of it yet.
                tokio::time::sleep(DOOR_RETRY).await;
                continue;
            };
            let (close, closed) = watch::channel(false);
            let (security, router) = (self.security.clone(), self.router.clone());
            let open = tokio::spawn(listen::serve(listener, security, router, closed));
            let ends = tokio::select! {
                is_reading = leading.wait_for(|leading| !*leading) => is_reading.is_err(),
                _ = stopped.wait_for(|stop| *stop) => true,
            };
            // Whoever listens has stopped already when this fails.
            let _ = close.send(true);
            let _ = open.await;
            if ends {
                return;
            }
        }
    }
}

impl House {
    /// Returns a handle to the node.
    pub fn handle(&self) -> Handle<Picture> {
        self.running.handle()
    }

    /// Lets open requests end, commits and publishes what was accepted.
    pub async fn close(self) {
        // Whoever listens has stopped already when this fails.
        let _ = self.stop.send(true);
        for door in self.doors {
            let _ = door.await;
        }
        self.running.stop().await;
    }
}

fn start_node(
    plan: &Plan,
    own: &Arc<str>,
    peers: &[Arc<str>],
) -> Result<(Running<Picture>, Vec<LineEnd>), HouseError> {
    if !plan.cards.iter().any(|card| card.origin == **own) {
        return Err(HouseError::NoOwnCard);
    }
    let ledgers = plan.cards.iter().map(|card| Ledger {
        origin: Arc::from(card.origin.as_str()),
        genesis: card.genesis.clone(),
    });
    let founding = founding(&plan.cards, &plan.dossier, plan.binds)?;
    let parts = Parts {
        place: plan.place.clone(),
        own: own.clone(),
        keys: plan.keys.clone(),
        ledgers: ledgers.collect(),
        founding: Picture::new(founding).reading_with(bundle::read),
        limits: Limits::standard(),
        clock: plan.clock.clone(),
    };
    let (mail, ends) = Mail::new(peers);
    Ok((runtime::start(parts, mail)?, ends))
}

async fn make_app(
    plan: &Plan,
    ring: &KeyRing,
    handle: Handle<Picture>,
    origin: Arc<str>,
    reader: Reader,
) -> Result<App, HouseError> {
    let holders = plan.cards.iter().filter_map(|card| {
        let id = HolderId::parse(&card.holder).ok()?;
        Some((Arc::from(card.origin.as_str()), id))
    });
    let in_use = handle.view().log_key.clone();
    // A server that has seen nothing of the ledger yet learns by its first entries.
    let number = in_use.and_then(|key| ring.number(&key)).unwrap_or(0);
    let keys = ring.keys(number).unwrap_or(ring.first());
    let witness = Booth::new(
        keys.cosigner()?,
        former_cosigners(ring, number)?,
        plan.doors.witnessed.clone(),
    );
    Ok(App {
        witness,
        attempts: Attempts::default(),
        keys: plan.keys.clone(),
        sealer: Renewed::new(keys.unit()?),
        sign_ins: plan
            .doors
            .sign_in
            .clone()
            .map(|settings| SignIns::new(settings, &keys.session_key())),
        holders: Arc::new(holders.collect()),
        participant: plan.holder.clone(),
        cookie: crate::session::cookie_name(&origin),
        origin,
        clock: plan.clock.clone(),
        wall: Clock::real(),
        dossier: plan.dossier.clone(),
        gazetteer: gazetteer(&plan.dossier),
        seals: Seals::of(ring, number),
        authority: Authority::of(&plan.holder)?,
        directory: RwLock::new(read_users(&reader)?),
        office: handle.office().clone(),
        handle,
        reader,
        sessions: crate::session::Sessions::new(&keys.session_key()),
        session_hours: plan.session_hours,
        proofs: crate::api::Proofs::default(),
        events: crate::events::Events::new(),
        metrics: crate::metrics::Metrics::default(),
        answered: crate::idempotency::Answered::default(),
        is_local: plan.api.ip().is_loopback(),
        checks: crate::checks::Checks::default(),
        request_s_max: plan.request_s_max,
        body_bytes_max: plan.body_bytes_max,
        checkpoint_s_max: plan.checkpoint_s_max,
    })
}

/// The keys this node cosigned with before a generation.
fn former_cosigners(ring: &KeyRing, number: usize) -> Result<Vec<Vkey>, HouseError> {
    let former = ring.all().take(number);
    former
        .map(|keys| Ok(keys.cosigner()?.vkey().clone()))
        .collect()
}

/// Takes the keys into use that the node's own ledger says are in use now.
async fn renew_keys(app: Arc<App>, mut stopped: watch::Receiver<bool>) {
    let mut known = app.handle.view().log_key.clone();
    loop {
        let is_news = |view: &runtime::View<Picture>| view.log_key != known;
        let view = tokio::select! {
            view = app.handle.wait_for(is_news) => view,
            _ = stopped.wait_for(|stop| *stop) => return,
        };
        let Ok(view) = view else {
            return;
        };
        let Some(key) = view.log_key.clone() else {
            return;
        };
        let source = app.keys.clone();
        let read = tokio::task::spawn_blocking(move || source.read()).await;
        let renewed = match read {
            Ok(Ok(ring)) => app.renew(&ring, &key),
            Ok(Err(error)) => Err(error),
            Err(_) => return,
        };
        match renewed {
            Ok(()) => known = Some(key),
            Err(error) => {
                tracing::error!(%error, "the keys of the ledger are not where this server reads its own");
                tokio::select! {
                    () = tokio::time::sleep(KEYS_AGAIN) => {}
                    _ = stopped.wait_for(|stop| *stop) => return,
                }
            }
        }
    }
}

impl App {
    /// Goes on with the keys that the ledger is signed with.
    fn renew(&self, ring: &KeyRing, key: &Vkey) -> Result<(), HouseError> {
        let number = ring
            .number(key)
            .ok_or_else(|| HouseError::Key(format!("`{key}` is not among this node's keys")))?;
        let keys = ring.keys(number).unwrap_or(ring.first());
        self.witness
            .renew(keys.cosigner()?, former_cosigners(ring, number)?);
        self.sealer.replace(keys.unit()?);
        self.seals.renew(ring, number);
        self.sessions.renew(&keys.session_key());
        if let Some(sign_ins) = &self.sign_ins {
            sign_ins.renew(&keys.session_key());
        }
        Ok(())
    }
}

/// Reads the places a dossier names; what cannot be read is told and left out.
fn gazetteer(dossier: &BTreeMap<String, Vec<u8>>) -> Gazetteer {
    let files = ["gazetteer.csv", "gazetteer.geojson"].into_iter();
    let files = files.filter_map(|name| Some((name, dossier.get(name)?)));
    let mut all = Vec::new();
    for (name, bytes) in files {
        let (places, problems) = read_gazetteer(name, bytes);
        if !problems.is_empty() {
            tracing::warn!(
                file = name,
                problems = problems.len(),
                "a gazetteer has faults"
            );
        }
        all.extend(places);
    }
    Gazetteer::new(all)
}

/// Reads the users of a node; none when there is no file yet.
///
/// # Errors
///
/// [`HouseError`].
pub fn read_users(reader: &Reader) -> Result<Users, HouseError> {
    let bytes = reader
        .read(USERS, USERS_BYTES_MAX)
        .map_err(|error| HouseError::Unread(error.to_string()))?;
    match bytes {
        Some(bytes) => Ok(Users::parse(&bytes)?),
        None => Ok(Users::default()),
    }
}

/// Changes the users of a node that this process writes, and keeps them durably.
///
/// # Errors
///
/// The storage's; [`UsersError`] for a change that cannot be made, or a file that cannot be read.
pub fn change_users<T>(
    files: &mut Store,
    change: impl FnOnce(&mut Users) -> Result<T, UsersError>,
) -> Result<Result<(Users, T), UsersError>, detente_ledger::storage::StorageError> {
    let users = match files.read(USERS)? {
        Some(bytes) => Users::parse(&bytes),
        None => Ok(Users::default()),
    };
    let changed = users.and_then(|mut users| {
        let value = change(&mut users)?;
        Ok((users, value))
    });
    if let Ok((users, _)) = &changed {
        files.replace(USERS, &users.to_bytes())?;
    }
    Ok(changed)
}

/// Keeps a blob among the files of a node, as `PUT /api/v1/blobs/{hash}` does; returns its hash.
///
/// # Errors
///
/// The storage's.
pub fn keep_blob(
    files: &mut Store,
    bytes: &[u8],
) -> Result<Hash, detente_ledger::storage::StorageError> {
    let hash = Hash::of(bytes);
    files.replace(&runtime::blob_path(hash), bytes)?;
    Ok(hash)
}

/// Keeps several blobs, durable together.
///
/// # Errors
///
/// The storage's; some of them may be kept then.
pub(crate) fn keep_blobs(
    files: &mut Store,
    blobs: &[Vec<u8>],
) -> Result<Vec<Hash>, detente_ledger::storage::StorageError> {
    let hashes: Vec<Hash> = blobs.iter().map(|bytes| Hash::of(bytes)).collect();
    let named = hashes.iter().zip(blobs);
    let named: Vec<(String, &[u8])> = named
        .map(|(hash, bytes)| (runtime::blob_path(*hash), bytes.as_slice()))
        .collect();
    files.replace_all(&named)?;
    Ok(hashes)
}

/// Takes over what another server of the same database changed about the users.
async fn refresh_users(app: Arc<App>, mut stopped: watch::Receiver<bool>) {
    loop {
        tokio::select! {
            () = tokio::time::sleep(USERS_EVERY) => {}
            _ = stopped.wait_for(|stop| *stop) => return,
        }
        let app = Arc::clone(&app);
        let read = tokio::task::spawn_blocking(move || {
            // While this is held nobody here changes them.
            app.office.hold(|| {
                if let Ok(users) = read_users(&app.reader) {
                    app.replace_users(users);
                }
            });
        });
        // What could not be read is read the next time.
        let _ = read.await;
    }
}

async fn tick(handle: Handle<Picture>, every: Duration, mut stopped: watch::Receiver<bool>) {
    let mut ticks = tokio::time::interval(every);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            _ = stopped.wait_for(|stop| *stop) => return,
        }
        if handle.tell(Input::Tick).await.is_err() {
            return;
        }
    }
}

/// The kind of an entry that moves no matter, such as an observation: nothing else in its event says what to look at again.
async fn statement(app: &App, origin: &Arc<str>, index: u64, outcome: &Outcome) -> Option<String> {
    if !matches!(outcome, Outcome::Effective(changes) if changes.is_empty()) {
        return None;
    }
    let origin = Arc::clone(origin);
    let look = move |node: &Node<Picture>, _| {
        let position = node.history().position(&origin, index)?;
        Some(node.history().recorded(position)?.entry.kind.clone())
    };
    app.handle.look(look).await.ok().flatten()
}

/// Numbers what the node reports, for those who follow it.
async fn pump(app: Arc<App>, mut changes: tokio::sync::broadcast::Receiver<Change<Picture>>) {
    use tokio::sync::broadcast::error::RecvError;

    let late = Arc::clone(&app);
    tokio::spawn(async move {
        if late.handle.wait_for(|view| view.is_confirmed).await.is_ok() {
            alarm::catch_up(&late.handle, &late.participant).await;
        }
    });

    loop {
        match changes.recv().await {
            Ok(Change::Applied {
                version,
                origin,
                index,
                outcome,
                is_revised,
            }) => {
                // Whoever is told looks at once: nothing is told before the picture shows it.
                let shown = app.handle.wait_for(|view| view.version >= version).await;
                let Ok(view) = shown else { return };
                let about = about(&outcome);
                let kind = statement(&app, &origin, index, &outcome).await;
                let data = serde_json::json!({
                    "version": version,
                    "origin": origin,
                    "index": index,
                    "kind": kind,
                    "is_revised": is_revised,
                    "outcome": OutcomeView::of(&outcome),
                });
                app.events.publish("applied", about, data);
                if !is_revised {
                    alarm::tell_raised(&app.events, &view, &outcome);
                    alarm::notice(&app.handle, &app.participant, &outcome).await;
                } else if let Some(refusal) = lost(&app, &origin, &outcome) {
                    alarm::notice_lost(&app.handle, &app.participant, index, refusal).await;
                }
            }
            Ok(Change::Found { version, finding }) => {
                let shown = app.handle.wait_for(|view| view.version >= version).await;
                if shown.is_err() {
                    return;
                }
                let said = view::finding::words(&finding);
                let data = serde_json::json!({"version": version, "finding": said});
                app.events.publish("found", Vec::new(), data);
            }
            Err(RecvError::Lagged(_)) => {
                app.events
                    .publish("reset", Vec::new(), serde_json::json!({}));
            }
            Err(RecvError::Closed) => return,
        }
    }
}

/// Why an entry of this node's own has no effect after all.
fn lost<'a>(app: &App, origin: &str, outcome: &'a Outcome) -> Option<&'a Refusal> {
    match outcome {
        Outcome::Ineffective(refusal) if *origin == *app.origin => Some(refusal),
        _ => None,
    }
}

fn about(outcome: &Outcome) -> Vec<(&'static str, String)> {
    match outcome {
        Outcome::Effective(changes) => changes
            .iter()
            .map(|change| (change.machine, change.subject.to_string()))
            .collect(),
        Outcome::Ineffective(refusal) => {
            let subject = refusal.subject.as_ref().map(ToString::to_string);
            // What a refused act was about may be as hidden as the matter itself.
            subject
                .map(|subject| ("report", subject))
                .into_iter()
                .collect()
        }
    }
}

/// Hashes a dossier: its files in the order of their names.
pub fn dossier_hash(files: &BTreeMap<String, Vec<u8>>) -> Hash {
    let mut parts: Vec<&[u8]> = Vec::new();
    let lengths: Vec<([u8; 8], [u8; 8])> = files
        .iter()
        .map(|(name, bytes)| {
            let name = (name.len() as u64).to_be_bytes();
            (name, (bytes.len() as u64).to_be_bytes())
        })
        .collect();
    for ((name, bytes), (name_length, bytes_length)) in files.iter().zip(&lengths) {
        parts.extend([name_length.as_slice(), name.as_bytes(), bytes_length, bytes]);
    }
    Hash::of_parts(&parts)
}

/// A node could not be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HouseError {
    /// A socket cannot be bound, or a thread not started.
    #[error("the operating system refuses")]
    Io(#[from] std::io::Error),
    /// The place cannot be opened, or another process writes it.
    #[error(transparent)]
    Place(#[from] PlaceError),
    /// The ledger, its mirrors or its contents cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// A file cannot be read.
    #[error("{0}")]
    Unread(String),
    /// The dossier cannot be read.
    #[error(transparent)]
    Founding(#[from] FoundingError),
    /// The users cannot be read.
    #[error(transparent)]
    Users(#[from] UsersError),
    /// TLS cannot be set up.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The built-in policies do not validate.
    #[error(transparent)]
    Authority(#[from] AuthorityError),
    /// A key cannot be used.
    #[error("a key cannot be used: {0}")]
    Key(String),
    /// The own card is not among the cards.
    #[error("no card is of this node's own ledger")]
    NoOwnCard,
    /// The own ledger was called new, and has entries beyond its first.
    #[error(
        "`--new-ledger` is for a ledger that nobody holds yet, and this one has {size} entries: others may hold more of \
         it than this node, such as after a backup was restored. Start without it, and the node asks them first"
    )]
    NotNew {
        /// Its entries.
        size: u64,
    },
}

impl HouseError {
    /// Whether the database could not be reached, or failed.
    pub fn is_unreachable(&self) -> bool {
        match self {
            Self::Place(error) | Self::Open(OpenError::Place(error)) => error.is_unreachable(),
            _ => false,
        }
    }

    /// Whether files cannot be read or written, such as on a full disk, or another process writes them.
    pub fn is_of_files(&self) -> bool {
        match self {
            Self::Io(_) | Self::Place(_) | Self::Unread(_) => true,
            Self::Open(error) => error.is_of_files(),
            _ => false,
        }
    }

    /// Whether the node was asked for something that its ledger does not allow.
    pub fn is_of_the_call(&self) -> bool {
        matches!(self, Self::NotNew { .. })
    }

    /// Whether what is stored does not hold: somebody or something changed it.
    pub fn is_of_a_ledger(&self) -> bool {
        matches!(self, Self::Open(error) if error.is_of_a_ledger())
    }
}
