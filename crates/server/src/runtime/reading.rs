//! A server that only reads: it follows what the elected one of the same database writes.
//!
//! A thread of its own looks for new entries and stands for election; the node folds them as it
//! would its own. It speaks to no peer and answers every wish with where to go.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

use detente_ledger::checkpoint::SignedCheckpoint;
use detente_ledger::hash::Hash;
use detente_ledger::log::CHECKPOINT_PATH;
use detente_ledger::reader::{FetchError, TileSource as _};
use detente_node::effect::Errand;
use detente_node::federation::Message;
use detente_node::node::{Effect, Input, Node, Refusal, Shared, Stored, StoredLedger};
use detente_stores::mirror::{MirrorError, read_entries};
use detente_stores::store::{Claim, PlaceError, Reader, Store};
use tokio::sync::mpsc;

use super::Event;
use super::disk::{BLOB_READ_MAX, BLOBS, FORKS, blob_path, ledger_folder};
use super::front::Front;
use super::opening::Parts;

/// How often a reading server looks for new entries and stands for election: what a reader may lag
/// behind, and how long nobody writes after the elected server died.
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// How long it waits after it could not do what it was elected for, so that a database that is
/// being repaired is not asked all the time.
const RETRY_EVERY: Duration = Duration::from_secs(2);

/// Why reading ended.
pub(super) enum Turn {
    /// Somebody asked for it.
    Stopped,
    /// The database elected this server.
    Elected(Store),
}

/// Reads until it is stopped or this server is elected.
pub(super) fn read<P>(
    parts: &Parts<P>,
    mut front: Front<P>,
    queue: &mut mpsc::Receiver<Event<P>>,
    is_retry: bool,
) -> (Front<P>, Turn)
where
    P: Shared + Send + Sync + 'static,
    P::Act: Send,
    P::Outcome: Send,
    P::Refusal: Send,
{
    let Ok(mut node) = parts.reader() else {
        tracing::error!("the founding of the agreement cannot be read again");
        return (front, Turn::Stopped);
    };
    let _alive = match follow(parts, &front, is_retry) {
        Ok(alive) => alive,
        Err(error) => {
            tracing::error!(%error, "no thread can be started");
            return (front, Turn::Stopped);
        }
    };
    while let Some(event) = queue.blocking_recv() {
        match event {
            Event::Followed { term, reader, news } if term == front.term => {
                match node.follow(front.clock.now(), news) {
                    Ok(effects) => carry_out(effects, &mut node, &mut front, &reader),
                    Err(error) => tracing::error!(%error, "what is stored cannot be followed"),
                }
                front.note_cosignatures(&node);
                front.is_stale = true;
                front.show(&node, None, false);
            }
            Event::Elected { term, files } if term == front.term => {
                return (front, Turn::Elected(files));
            }
            Event::Submit { answer, .. } | Event::Rotate { answer, .. } => {
                // Whoever no longer waits has no use for the answer.
                let _ = answer.send(Err(Refusal::Elsewhere));
            }
            Event::Input(Input::FromPeer {
                peer,
                message: Message::Ask { exchange, .. },
            }) => front.mail.outbox().decline(&peer, exchange),
            Event::Look(look) => look(&node, front.clock.now()),
            Event::Stop => return (front, Turn::Stopped),
            // This server speaks to nobody, and an earlier term is over.
            Event::Input(_)
            | Event::Report { .. }
            | Event::Followed { .. }
            | Event::Elected { .. } => {}
        }
    }
    (front, Turn::Stopped)
}

/// Tells what was folded, and reads what entries wait for.
fn carry_out<P>(effects: Vec<Effect<P>>, node: &mut Node<P>, front: &mut Front<P>, reader: &Reader)
where
    P: Shared + Send + Sync + 'static,
    P::Act: Send,
    P::Outcome: Send,
    P::Refusal: Send,
{
    let mut effects = std::collections::VecDeque::from(effects);
    while let Some(effect) = effects.pop_front() {
        match effect {
            Effect::Run(Errand::ReadBlob { hash }) => {
                match reader.read(&blob_path(hash), BLOB_READ_MAX) {
                    Ok(bytes) => {
                        let input = Input::BlobRead { hash, bytes };
                        effects.extend(node.handle(front.clock.now(), input));
                    }
                    Err(error) => tracing::warn!(%error, "a blob cannot be read"),
                }
            }
            // The elected server does the errands.
            Effect::Run(_) => {}
            told => front.tell(told),
        }
    }
}

/// Starts the thread that looks and stands; it ends when the returned value is dropped.
fn follow<P>(parts: &Parts<P>, front: &Front<P>, is_retry: bool) -> std::io::Result<Sender<()>>
where
    P: Shared + Send + Sync + 'static,
    P::Act: Send,
    P::Outcome: Send,
    P::Refusal: Send,
{
    let (alive, ended) = channel();
    let (events, term) = front.events();
    let mut follower = Follower {
        own: parts.own.clone(),
        origins: parts
            .ledgers
            .iter()
            .map(|ledger| ledger.origin.clone())
            .collect(),
        claim: parts.place.claim(),
        reader: None,
        heads: BTreeMap::new(),
        forks: BTreeSet::new(),
        blobs: BTreeSet::new(),
    };
    let place = parts.place.clone();
    std::thread::Builder::new()
        .name("follow".to_owned())
        .spawn(move || {
            if is_retry && is_over(&ended, RETRY_EVERY) {
                return;
            }
            let mut failing = false;
            loop {
                let looked = follower.look(&place);
                let failed = looked.as_ref().err().map(ToString::to_string);
                if let Some(error) = failed.as_ref().filter(|_| !failing) {
                    tracing::warn!(%error, "the database cannot be followed");
                }
                failing = failed.is_some();
                let event = match looked {
                    Ok(Some((reader, news))) => Some(Event::Followed { term, reader, news }),
                    Ok(None) | Err(_) => None,
                };
                // Whoever is elected has seen everything that was published before.
                let event = match event {
                    None if !failing => match follower.claim.make() {
                        Ok(files) => files.map(|files| Event::Elected { term, files }),
                        Err(error) => {
                            tracing::warn!(%error, "this server cannot stand for election");
                            None
                        }
                    },
                    event => event,
                };
                let is_elected = matches!(event, Some(Event::Elected { .. }));
                if event.is_some_and(|event| events.blocking_send(event).is_err()) || is_elected {
                    return;
                }
                if is_over(&ended, LOOK_EVERY) {
                    return;
                }
            }
        })?;
    Ok(alive)
}

fn is_over(ended: &Receiver<()>, after: Duration) -> bool {
    !matches!(ended.recv_timeout(after), Err(RecvTimeoutError::Timeout))
}

/// What was seen of the files so far.
struct Follower {
    own: Arc<str>,
    origins: Vec<Arc<str>>,
    claim: Claim,
    reader: Option<Reader>,
    heads: BTreeMap<Arc<str>, SignedCheckpoint>,
    forks: BTreeSet<String>,
    blobs: BTreeSet<String>,
}

impl Follower {
    /// Returns what is new.
    fn look(
        &mut self,
        place: &detente_stores::store::Place,
    ) -> Result<Option<(Reader, Stored)>, FollowError> {
        let reader = match &self.reader {
            Some(reader) => reader.clone(),
            None => self.reader.insert(place.reader()?).clone(),
        };
        let mut news = Stored::default();
        for (name, _) in reader.lengths(FORKS)? {
            if self.forks.insert(name.clone()) {
                let proof = reader.read(&format!("{FORKS}/{name}"), BLOB_READ_MAX)?;
                news.forks.extend(proof);
            }
        }
        for (name, length) in reader.lengths(BLOBS)? {
            if let Some(hash) = Hash::from_hex(&name)
                && self.blobs.insert(name)
            {
                news.blobs.push((hash, length));
            }
        }
        for origin in &self.origins {
            let files = reader.below(&ledger_folder(&self.own, origin));
            let known = self.heads.get(origin);
            let Some(bytes) = files.fetch(CHECKPOINT_PATH)? else {
                continue;
            };
            let head = SignedCheckpoint::parse(&bytes).map_err(MirrorError::from)?;
            if known == Some(&head) {
                continue;
            }
            let from = known.map_or(0, |known| known.checkpoint().size());
            let size = head.checkpoint().size();
            let entries = match read_entries(|path| files.fetch(path), from, size, size) {
                // The ledger grew between the two looks; the next one sees it whole.
                Err(MirrorError::Damaged) => continue,
                entries => entries?,
            };
            self.heads.insert(origin.clone(), head.clone());
            news.ledgers.push(StoredLedger {
                origin: origin.clone(),
                entries,
                head,
            });
        }
        let is_empty = news.ledgers.is_empty() && news.forks.is_empty() && news.blobs.is_empty();
        Ok((!is_empty).then_some((reader, news)))
    }
}

/// The database cannot be read.
#[derive(Debug, thiserror::Error)]
enum FollowError {
    #[error(transparent)]
    Place(#[from] PlaceError),
    #[error(transparent)]
    Fetch(#[from] FetchError),
    #[error(transparent)]
    Mirror(#[from] MirrorError),
}
