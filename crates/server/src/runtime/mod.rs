//! The one task that owns a node.
//!
//! Everything that happens (a user's wish, a peer's message, a finished write, a second gone by)
//! reaches the node through one queue, and what the node asks for is done here, in order. Readers
//! never wait for it: they read the newest [`View`], published after every change.
//!
//! Of the servers that share a database one is elected and writes; the others read what it wrote,
//! and one of them is elected when it dies. A server that has to resign reads from then on.

mod cosignatures;
mod desk;
mod disk;
mod front;
mod kept;
mod mail;
mod opening;
mod own_log;
mod reading;

pub use cosignatures::{CosignatureLog, Noted};
pub(crate) use disk::{BLOB_READ_MAX, LEDGER, blob_path, ledger_folder};
pub use disk::{Disk, DiskError, Found};
pub use mail::{LineEnd, Mail, Outbox};
pub use opening::{Office, OpenError, Parts};
pub use own_log::{LedgerStore, OwnLog, OwnLogError};

use std::collections::BTreeMap;
use std::sync::Arc;
use std::thread::JoinHandle;

use detente_ledger::checkpoint::SignedCheckpoint;
use detente_ledger::keys::Cosigned;
use detente_ledger::vkey::Vkey;
use detente_node::federation::{Finding, Message, Presence};
use detente_node::node::{Accepted, Command, Input, Node, Once, Refusal, Shared, Stored};
use detente_spacetime::Instant;
use tokio::sync::{broadcast, mpsc, oneshot, watch};

use detente_stores::store::{Reader, Store};

use crate::house::KeyRing;
use desk::{Desk, Ended};
use front::Front;
use kept::Keeper;
use opening::Opened;
use reading::Turn;

/// Events waiting for the node; beyond it senders wait, which slows peers and users down instead
/// of filling the memory.
const QUEUE_MAX: usize = 16_384;
/// Changes a slow subscriber may lag behind before it has to look at the whole picture again.
pub const CHANGES_KEPT: usize = 4_096;

/// What a reader sees: never half of a change.
#[derive(Clone, Debug)]
pub struct View<P> {
    /// Grows with every change; the same number means the same picture in this process.
    pub version: u64,
    /// When it was published.
    pub at: Instant,
    /// The fold of everything held.
    pub picture: P,
    /// The key that the own ledger says it is signed with.
    pub log_key: Option<Vkey>,
    /// Every ledger of the agreement, by origin.
    pub ledgers: BTreeMap<Arc<str>, LedgerView>,
    /// Whether the node may write, and this is the server of it that does.
    pub is_confirmed: bool,
    /// When the own ledger was last signed, by this run's clock or by its newest entry.
    pub signed_at: Option<Instant>,
}

/// One ledger as it is held here.
#[derive(Clone, Debug)]
pub struct LedgerView {
    /// Entries that are verified and durable here.
    pub size: u64,
    /// The newest whole checkpoint, with cosignatures.
    pub head: Option<SignedCheckpoint>,
    /// The newest cosignature of every other participant, by its own ledger.
    pub cosigned: BTreeMap<Arc<str>, Cosigned>,
    /// Whether its owner can be spoken to; `None` for the own ledger.
    pub presence: Option<Presence>,
    /// When its owner last spoke; `None` for the own ledger, and when it has not since the start.
    pub heard: Option<Instant>,
    /// Whether its owner's node said that it judges from another founding than this one.
    pub other_founding: bool,
    /// Whether two histories of it are proved: the own node has then stopped for good.
    pub contested: bool,
}

/// Something changed; enough to know what to look at again.
#[derive(Clone, Debug)]
pub enum Change<P: Shared> {
    /// An entry was folded, or now does something else.
    Applied {
        /// The picture that shows it.
        version: u64,
        /// The ledger.
        origin: Arc<str>,
        /// Its index there.
        index: u64,
        /// What it does.
        outcome: P::Outcome,
        /// Whether it was folded before.
        is_revised: bool,
    },
    /// Something was noticed about a peer.
    Found {
        /// The picture that shows it.
        version: u64,
        /// What.
        finding: Finding,
    },
}

/// The answer to a command.
pub type Answered<P> =
    Result<Accepted<<P as detente_node::history::Fold>::Outcome>, Refusal<<P as Shared>::Refusal>>;

type Look<P> = Box<dyn FnOnce(&Node<P>, Instant) + Send>;

/// What reaches the node.
pub(crate) enum Event<P: Shared> {
    Input(Input),
    Submit {
        command: Command,
        once: Option<Once>,
        answer: oneshot::Sender<Answered<P>>,
    },
    /// Go on with the keys that follow those in use, if there are any.
    Rotate {
        ring: Box<KeyRing>,
        answer: oneshot::Sender<Answered<P>>,
    },
    Look(Look<P>),
    /// From a thread that works for the node.
    Report {
        term: u64,
        report: Report,
    },
    /// What the elected server wrote.
    Followed {
        term: u64,
        reader: Reader,
        news: Stored,
    },
    /// The database elected this server.
    Elected {
        term: u64,
        files: Store,
    },
    Stop,
}

/// What a thread that works for the node has to say.
#[derive(Debug)]
pub(crate) enum Report {
    /// Work is done.
    Done(Input),
    /// The storage failed: what was asked for and not reported will not be done.
    Failed,
}

/// A handle to a running node; cheap to clone.
#[derive(Debug)]
pub struct Handle<P: Shared> {
    events: mpsc::Sender<Event<P>>,
    views: watch::Receiver<Arc<View<P>>>,
    changes: broadcast::Sender<Change<P>>,
    outbox: Outbox,
    cosignatures: CosignatureLog,
    office: Office,
    leading: watch::Receiver<bool>,
}

impl<P: Shared> Clone for Handle<P> {
    fn clone(&self) -> Self {
        Self {
            events: self.events.clone(),
            views: self.views.clone(),
            changes: self.changes.clone(),
            outbox: self.outbox.clone(),
            cosignatures: self.cosignatures.clone(),
            office: self.office.clone(),
            leading: self.leading.clone(),
        }
    }
}

/// A running node, to be stopped and waited for.
#[derive(Debug)]
pub struct Running<P: Shared> {
    handle: Handle<P>,
    thread: JoinHandle<()>,
}

/// The node is stopping or has stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the node is stopping")]
pub struct Stopped;

/// Opens the node and starts the thread that owns it.
///
/// Where another server of the same database writes, this one reads and stands by.
///
/// # Errors
///
/// [`OpenError`].
pub fn start<P>(parts: Parts<P>, mail: Mail) -> Result<Running<P>, OpenError>
where
    P: Shared + Send + Sync + 'static,
    P::Act: Send,
    P::Outcome: Send,
    P::Refusal: Send,
{
    let opened = match parts.place.claim().make()? {
        Some(files) => Some(parts.open(files)?),
        None => None,
    };
    let (events, queue) = mpsc::channel(QUEUE_MAX);
    let (changes, _) = broadcast::channel(CHANGES_KEPT);
    let now = parts.clock.now();
    let view = Arc::new(match &opened {
        Some(opened) => front::view(&opened.node, 0, now, None, true),
        None => front::view(&parts.reader()?, 0, now, None, false),
    });
    let (publish, views) = watch::channel(view);
    let (lead, leading) = watch::channel(opened.is_some());
    let handle = Handle {
        events: events.clone(),
        views,
        changes: changes.clone(),
        outbox: mail.outbox(),
        cosignatures: CosignatureLog::default(),
        office: Office::default(),
        leading,
    };
    if let Some(opened) = &opened {
        // Whoever finds that the node may write finds that this server may, too.
        handle.office.set(Some(opened.office.companion()?));
    }
    let cosignatures = handle.cosignatures.clone();
    let clock = parts.clock.clone();
    let front = Front::new(mail, clock, events, publish, changes, cosignatures);
    let office = handle.office.clone();
    let thread = std::thread::Builder::new()
        .name("node".to_owned())
        .spawn(move || run(&parts, opened, front, queue, &office, &lead))?;
    Ok(Running { handle, thread })
}

/// Writes while this server is elected, reads while another is, until somebody asks to stop.
fn run<P>(
    parts: &Parts<P>,
    mut opened: Option<Opened<P>>,
    mut front: Front<P>,
    mut queue: mpsc::Receiver<Event<P>>,
    office: &Office,
    lead: &watch::Sender<bool>,
) where
    P: Shared + Send + Sync + 'static,
    P::Act: Send,
    P::Outcome: Send,
    P::Refusal: Send,
{
    let mut is_retry = false;
    loop {
        front.term += 1;
        let Some(open) = opened.take() else {
            let (back, turn) = reading::read(parts, front, &mut queue, is_retry);
            front = back;
            match turn {
                Turn::Stopped => return,
                Turn::Elected(files) => match parts.open(files) {
                    Ok(node) => opened = Some(node),
                    Err(error) => tracing::error!(%error, "elected, and the node cannot be opened"),
                },
            }
            is_retry = opened.is_none();
            continue;
        };
        let is_shared = parts.place.is_shared();
        let keeper = Keeper::new(office.clone(), open.node.begun_from());
        let threads = (open.disk, keeper);
        let desk = match Desk::new(open.node, open.own_log, threads, front, is_shared) {
            Ok(desk) => desk,
            Err(error) => {
                tracing::error!(%error, "the threads of the node cannot be started");
                return;
            }
        };
        office.set(Some(open.office));
        lead.send_replace(true);
        let (back, ended) = desk.run(open.first, &mut queue);
        lead.send_replace(false);
        office.set(None);
        front = back;
        if ended == Ended::Stopped {
            return;
        }
        tracing::warn!("this server writes no more, until it is elected again");
        is_retry = true;
    }
}

impl<P: Shared> Running<P> {
    /// Returns a handle to talk to the node.
    pub fn handle(&self) -> Handle<P> {
        self.handle.clone()
    }

    /// Stops: what was accepted is durable, files are published.
    pub async fn stop(self) {
        // A node that is gone already needs no word.
        let _ = self.handle.events.send(Event::Stop).await;
        let thread = self.thread;
        let _ = tokio::task::spawn_blocking(move || thread.join()).await;
    }
}

impl<P: Shared> Handle<P> {
    /// Returns the newest view.
    pub fn view(&self) -> Arc<View<P>> {
        Arc::clone(&self.views.borrow())
    }

    /// Waits until a view satisfies a condition, and returns it.
    ///
    /// # Errors
    ///
    /// [`Stopped`].
    pub async fn wait_for(
        &self,
        mut condition: impl FnMut(&View<P>) -> bool,
    ) -> Result<Arc<View<P>>, Stopped> {
        let mut views = self.views.clone();
        let found = views.wait_for(|view| condition(view)).await;
        found.map(|view| Arc::clone(&view)).map_err(|_| Stopped)
    }

    /// Returns the cosignatures noted since the node was started.
    pub fn cosignatures(&self) -> &CosignatureLog {
        &self.cosignatures
    }

    /// Returns what this server may write beside the ledgers.
    pub fn office(&self) -> &Office {
        &self.office
    }

    /// Returns whether this server is the one that writes, and news of it.
    pub fn leading(&self) -> watch::Receiver<bool> {
        self.leading.clone()
    }

    /// Returns every change from now on.
    pub fn changes(&self) -> broadcast::Receiver<Change<P>> {
        self.changes.subscribe()
    }

    /// Puts a user's wish to the node; answered when the record is durable and folded, or refused.
    ///
    /// A wish that was put before under the same key is answered by the record it already has.
    ///
    /// # Errors
    ///
    /// [`Stopped`].
    pub async fn submit(
        &self,
        command: Command,
        once: Option<Once>,
    ) -> Result<Answered<P>, Stopped> {
        let (answer, answered) = oneshot::channel();
        let event = Event::Submit {
            command,
            once,
            answer,
        };
        self.events.send(event).await.map_err(|_| Stopped)?;
        answered.await.map_err(|_| Stopped)
    }

    /// Has the node go on with the keys that follow those in use; answered when the event that says so
    /// is durable and folded, or refused.
    ///
    /// # Errors
    ///
    /// [`Stopped`].
    pub async fn rotate(&self, ring: KeyRing) -> Result<Answered<P>, Stopped> {
        let (answer, answered) = oneshot::channel();
        let ring = Box::new(ring);
        let event = Event::Rotate { ring, answer };
        self.events.send(event).await.map_err(|_| Stopped)?;
        answered.await.map_err(|_| Stopped)
    }

    /// Tells the node that something happened.
    ///
    /// # Errors
    ///
    /// [`Stopped`].
    pub async fn tell(&self, input: Input) -> Result<(), Stopped> {
        let event = Event::Input(input);
        self.events.send(event).await.map_err(|_| Stopped)
    }

    /// Looks into the node itself, for what the view does not hold; the node waits meanwhile.
    ///
    /// # Errors
    ///
    /// [`Stopped`].
    pub async fn look<T: Send + 'static>(
        &self,
        look: impl FnOnce(&Node<P>, Instant) -> T + Send + 'static,
    ) -> Result<T, Stopped> {
        let (answer, answered) = oneshot::channel();
        let look: Look<P> = Box::new(move |node, now| {
            // Whoever no longer waits has no use for the answer.
            let _ = answer.send(look(node, now));
        });
        let event = Event::Look(look);
        self.events.send(event).await.map_err(|_| Stopped)?;
        answered.await.map_err(|_| Stopped)
    }

    /// Hands the node a peer's message; for a question, waits for the answer to send back.
    ///
    /// # Errors
    ///
    /// [`Stopped`]; also when the node has no answer for this peer.
    pub async fn from_peer(
        &self,
        peer: Arc<str>,
        message: Message,
    ) -> Result<Option<Message>, Stopped> {
        let waiting = match &message {
            Message::Ask { exchange, .. } => Some(self.outbox.expect(&peer, *exchange)),
            Message::Answer { .. } | Message::Notice(_) => None,
        };
        self.tell(Input::FromPeer { peer, message }).await?;
        match waiting {
            Some(waiting) => waiting.await.map(Some).map_err(|_| Stopped),
            None => Ok(None),
        }
    }
}
