//! What readers, peers and users see of a node, whichever way it is run at the moment.

use std::collections::BTreeMap;
use std::sync::Arc;

use detente_node::node::{Effect, Node, Shared};
use detente_spacetime::Instant;
use tokio::sync::{broadcast, mpsc, watch};

use super::mail::Mail;
use super::{Change, CosignatureLog, Event, LedgerView, Noted, Report, View};
use crate::clock::Clock;

/// Outlives every term in which this server writes.
pub(super) struct Front<P: Shared> {
    pub(super) mail: Mail,
    pub(super) clock: Clock,
    /// Counts the times that a node was opened, so that reports of an earlier one are known.
    pub(super) term: u64,
    pub(super) is_stale: bool,
    events: mpsc::Sender<Event<P>>,
    publish: watch::Sender<Arc<View<P>>>,
    changes: broadcast::Sender<Change<P>>,
    cosignatures: CosignatureLog,
    /// By ledger and cosigner: the size noted last.
    noted: BTreeMap<(Arc<str>, Arc<str>), u64>,
    version: u64,
}

impl<P> Front<P>
where
    P: Shared + Send + Sync + 'static,
    P::Act: Send,
    P::Outcome: Send,
    P::Refusal: Send,
{
    pub(super) fn new(
        mail: Mail,
        clock: Clock,
        events: mpsc::Sender<Event<P>>,
        publish: watch::Sender<Arc<View<P>>>,
        changes: broadcast::Sender<Change<P>>,
        cosignatures: CosignatureLog,
    ) -> Self {
        Self {
            mail,
            clock,
            term: 0,
            is_stale: false,
            events,
            publish,
            changes,
            cosignatures,
            noted: BTreeMap::new(),
            version: 0,
        }
    }

    /// Returns how the threads of this term report.
    pub(super) fn teller(&self) -> impl Fn(Report) + Send + Clone + 'static {
        let (events, term) = (self.events.clone(), self.term);
        move |report| {
            // A node that is gone needs no news.
            let _ = events.blocking_send(Event::Report { term, report });
        }
    }

    /// Returns where the events of this term go.
    pub(super) fn events(&self) -> (mpsc::Sender<Event<P>>, u64) {
        (self.events.clone(), self.term)
    }

    /// Tells those who follow the node what was folded or noticed.
    pub(super) fn tell(&mut self, effect: Effect<P>) {
        let version = self.version + 1;
        let change = match effect {
            Effect::Applied {
                origin,
                index,
                outcome,
                is_revised,
            } => Change::Applied {
                version,
                origin,
                index,
                outcome,
                is_revised,
            },
            Effect::Found(finding) => {
                tracing::warn!(finding = ?finding, "noticed about a peer");
                Change::Found { version, finding }
            }
            Effect::Run(_) | Effect::Answer { .. } => return,
        };
        self.is_stale = true;
        let _ = self.changes.send(change);
    }

    /// Notes cosignatures that are new.
    pub(super) fn note_cosignatures(&mut self, node: &Node<P>) {
        for origin in node.ledgers() {
            for (by, cosigned) in node.cosigned(origin).into_iter().flatten() {
                let key = (origin.clone(), by.clone());
                if self.noted.insert(key, cosigned.size) != Some(cosigned.size) {
                    self.is_stale = true;
                    self.cosignatures.note(Noted {
                        origin: origin.clone(),
                        by: by.clone(),
                        cosigned: *cosigned,
                    });
                }
            }
        }
    }

    /// Publishes a view, when there is something new; `writes` says whether this is the server that writes.
    pub(super) fn show(&mut self, node: &Node<P>, signed_at: Option<Instant>, writes: bool) {
        if !std::mem::take(&mut self.is_stale) {
            return;
        }
        self.version += 1;
        let view = view(node, self.version, self.clock.now(), signed_at, writes);
        self.publish.send_replace(Arc::new(view));
    }
}

/// Makes the view of a node.
pub(super) fn view<P: Shared>(
    node: &Node<P>,
    version: u64,
    now: Instant,
    signed_at: Option<Instant>,
    writes: bool,
) -> View<P> {
    let ledgers = node
        .ledgers()
        .map(|origin| {
            let ledger = LedgerView {
                size: node.size(origin),
                head: node.head(origin).cloned(),
                cosigned: node.cosigned(origin).cloned().unwrap_or_default(),
                presence: node.presence(origin, now),
                heard: node.heard(origin),
                other_founding: node.judges_otherwise(origin),
                contested: node.history().contested().any(|it| it == origin),
            };
            (origin.clone(), ledger)
        })
        .collect();
    View {
        version,
        at: now,
        picture: node.picture().clone(),
        log_key: node.log_key(node.origin()),
        ledgers,
        is_confirmed: writes && node.is_confirmed(),
        signed_at: signed_at.max(node.history().latest(node.origin())),
    }
}
