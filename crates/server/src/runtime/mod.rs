//! The one task that owns a node.
//!
//! Everything that happens (a user's wish, a peer's message, a finished write, a second gone by)
//! reaches the node through one queue, and what the node asks for is done here, in order. Readers
//! never wait for it: they read the newest [`View`], published after every change.

mod cosignatures;
mod desk;
mod disk;
mod mail;
mod own_log;

pub use cosignatures::{CosignatureLog, Noted};
pub use disk::{Disk, DiskError, Found};
pub(crate) use disk::{blob_path, ledger_folder};
pub use mail::{LineEnd, Mail, Outbox};
pub use own_log::{LedgerStore, OwnLog, OwnLogError};

use std::collections::BTreeMap;
use std::sync::Arc;
use std::thread::JoinHandle;

use detente_ledger::checkpoint::SignedCheckpoint;
use detente_ledger::keys::Cosigned;
use detente_node::federation::{Finding, Message, Presence};
use detente_node::node::{Accepted, Command, Input, Node, Refusal, Shared};
use detente_spacetime::Instant;
use tokio::sync::{broadcast, mpsc, oneshot, watch};

use crate::clock::Clock;
use desk::Desk;

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
    /// Every ledger of the agreement, by origin.
    pub ledgers: BTreeMap<Arc<str>, LedgerView>,
    /// Whether the node may write.
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
        /// The picture at the time.
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
        answer: oneshot::Sender<Answered<P>>,
    },
    Look(Look<P>),
    Stop,
}

/// A handle to a running node; cheap to clone.
#[derive(Debug)]
pub struct Handle<P: Shared> {
    events: mpsc::Sender<Event<P>>,
    views: watch::Receiver<Arc<View<P>>>,
    changes: broadcast::Sender<Change<P>>,
    outbox: Outbox,
    cosignatures: CosignatureLog,
}

impl<P: Shared> Clone for Handle<P> {
    fn clone(&self) -> Self {
        Self {
            events: self.events.clone(),
            views: self.views.clone(),
            changes: self.changes.clone(),
            outbox: self.outbox.clone(),
            cosignatures: self.cosignatures.clone(),
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

/// Starts the thread that owns `node` and does the errands of its start.
///
/// # Errors
///
/// The operating system's when no thread can be started.
pub fn start<P>(
    node: Node<P>,
    first: Vec<detente_node::node::Effect<P>>,
    own_log: OwnLog,
    disk: Disk,
    mail: Mail,
    clock: Clock,
) -> std::io::Result<Running<P>>
where
    P: Shared + Send + Sync + 'static,
    P::Act: Send,
    P::Outcome: Send,
    P::Refusal: Send,
{
    let (events, queue) = mpsc::channel(QUEUE_MAX);
    let (changes, _) = broadcast::channel(CHANGES_KEPT);
    let view = Arc::new(desk::view(&node, 0, clock.now(), None));
    let (publish, views) = watch::channel(view);
    let outbox = mail.outbox();
    let handle = Handle {
        events: events.clone(),
        views,
        changes: changes.clone(),
        outbox,
        cosignatures: CosignatureLog::default(),
    };
    let shown = desk::Shown {
        publish,
        changes,
        cosignatures: handle.cosignatures.clone(),
    };
    let desk = Desk::new(node, own_log, disk, mail, clock, events, shown)?;
    let thread = std::thread::Builder::new()
        .name("node".to_owned())
        .spawn(move || desk.run(first, queue))?;
    Ok(Running { handle, thread })
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

    /// Returns every change from now on.
    pub fn changes(&self) -> broadcast::Receiver<Change<P>> {
        self.changes.subscribe()
    }

    /// Puts a user's wish to the node; answered when the record is durable and folded, or refused.
    ///
    /// # Errors
    ///
    /// [`Stopped`].
    pub async fn submit(&self, command: Command) -> Result<Answered<P>, Stopped> {
        let (answer, answered) = oneshot::channel();
        let event = Event::Submit { command, answer };
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
