//! The loop around the node: one event in, its effects out.

use std::collections::BTreeMap;
use std::sync::Arc;

use detente_node::effect::Errand;
use detente_node::federation::Message;
use detente_node::node::{Effect, Input, Node, Refusal, Shared};
use detente_spacetime::Instant;
use tokio::sync::{broadcast, mpsc, oneshot, watch};

use super::disk::{Disk, DiskOrder};
use super::mail::Mail;
use super::own_log::OwnLog;
use super::{Answered, Change, CosignatureLog, Event, LedgerView, Noted, View};
use crate::chance;
use crate::clock::Clock;

/// Events handled before readers get a new view: publishing costs a clone of the picture.
const EVENTS_PER_VIEW: usize = 256;

/// Where readers see what happened.
pub(super) struct Shown<P: Shared> {
    pub(super) publish: watch::Sender<Arc<View<P>>>,
    pub(super) changes: broadcast::Sender<Change<P>>,
    pub(super) cosignatures: CosignatureLog,
}

pub(super) struct Desk<P: Shared> {
    node: Node<P>,
    own_log: OwnLog,
    orders: std::sync::mpsc::Sender<DiskOrder>,
    mail: Mail,
    clock: Clock,
    shown: Shown<P>,
    /// By ledger and cosigner: the size noted last.
    noted: BTreeMap<(Arc<str>, Arc<str>), u64>,
    /// Users who wait, by request.
    waiting: BTreeMap<u64, oneshot::Sender<Answered<P>>>,
    next_request: u64,
    version: u64,
    signed_at: Option<Instant>,
    is_stale: bool,
}

impl<P> Desk<P>
where
    P: Shared + Send + Sync + 'static,
    P::Act: Send,
    P::Outcome: Send,
    P::Refusal: Send,
{
    pub(super) fn new(
        node: Node<P>,
        mut own_log: OwnLog,
        disk: Disk,
        mail: Mail,
        clock: Clock,
        events: mpsc::Sender<Event<P>>,
        shown: Shown<P>,
    ) -> std::io::Result<Self> {
        let tell = move |input| {
            // A node that is gone needs no news.
            let _ = events.blocking_send(Event::Input(input));
        };
        let orders = disk.start(mail.outbox(), tell.clone())?;
        own_log.report_to(tell)?;
        Ok(Self {
            node,
            own_log,
            orders,
            mail,
            clock,
            shown,
            noted: BTreeMap::new(),
            waiting: BTreeMap::new(),
            next_request: 0,
            version: 0,
            signed_at: None,
            is_stale: false,
        })
    }

    pub(super) fn run(mut self, first: Vec<Effect<P>>, mut queue: mpsc::Receiver<Event<P>>) {
        self.carry_out(first);
        self.show();
        while let Some(event) = queue.blocking_recv() {
            if !self.take(event) {
                break;
            }
            for _ in 0..EVENTS_PER_VIEW {
                let Ok(event) = queue.try_recv() else {
                    break;
                };
                if !self.take(event) {
                    return self.finish();
                }
            }
            self.show();
        }
        self.finish();
    }

    fn finish(mut self) {
        self.show();
        self.own_log.stop();
    }

    /// Handles one event; returns whether to go on.
    fn take(&mut self, event: Event<P>) -> bool {
        let now = self.clock.now();
        match event {
            Event::Input(input) => {
                // Ticks and finished writes change what a reader sees without folding anything.
                self.is_stale |= !matches!(input, Input::FromPeer { .. });
                if matches!(input, Input::Appended { .. }) {
                    self.signed_at = Some(now);
                }
                let effects = self.node.handle(now, input);
                self.carry_out(effects);
            }
            Event::Submit { command, answer } => {
                let Ok(salt) = chance::salt() else {
                    let _ = answer.send(Err(Refusal::Storage));
                    return true;
                };
                self.next_request += 1;
                let request = self.next_request;
                self.waiting.insert(request, answer);
                let input = Input::Command {
                    request,
                    command,
                    salt,
                };
                let effects = self.node.handle(now, input);
                self.carry_out(effects);
            }
            Event::Look(look) => look(&self.node, now),
            Event::Stop => return false,
        }
        true
    }

    fn carry_out(&mut self, effects: Vec<Effect<P>>) {
        self.note_cosignatures();
        // Those who wait are told last: whoever was answered finds the change in the view.
        let mut answers = Vec::new();
        for effect in effects {
            match effect {
                Effect::Run(errand) => self.run_errand(errand),
                Effect::Answer { request, answer } => answers.push((request, answer)),
                Effect::Applied {
                    origin,
                    index,
                    outcome,
                    is_revised,
                } => {
                    self.is_stale = true;
                    let _ = self.shown.changes.send(Change::Applied {
                        version: self.version + 1,
                        origin,
                        index,
                        outcome,
                        is_revised,
                    });
                }
                Effect::Found(finding) => {
                    tracing::warn!(finding = ?finding, "noticed about a peer");
                    self.is_stale = true;
                    let _ = self.shown.changes.send(Change::Found {
                        version: self.version + 1,
                        finding,
                    });
                }
            }
        }
        if !answers.is_empty() {
            self.show();
        }
        for (request, answer) in answers {
            if let Some(waiting) = self.waiting.remove(&request) {
                let _ = waiting.send(answer);
            }
        }
    }

    fn run_errand(&mut self, errand: Errand) {
        match errand {
            Errand::Append { ticket, entries } => self.own_log.append(ticket, entries),
            Errand::Confirm { held } => self.own_log.confirm(&held),
            Errand::CatchUp { entries, held } => {
                if self.own_log.catch_up(&entries, &held) {
                    let effects = self.node.handle(self.clock.now(), Input::CaughtUp);
                    self.carry_out(effects);
                }
            }
            Errand::Attach { size: _, line } => self.attach(line),
            Errand::Send { peer, message } => match message {
                Message::Answer { exchange, answer } => {
                    self.mail.answer(&peer, exchange, answer);
                }
                question => self.mail.send(&peer, question),
            },
            Errand::SendEntries {
                peer,
                exchange,
                origin,
                from,
                count,
                proof,
            } if origin == *self.node.origin() => {
                let entries = self.own_log.recent(from, count);
                match entries {
                    Some(entries) => self.mail.answer_entries(&peer, exchange, entries, proof),
                    None => self.order(DiskOrder::Errand(Errand::SendEntries {
                        peer,
                        exchange,
                        origin,
                        from,
                        count,
                        proof,
                    })),
                }
            }
            other => self.order(DiskOrder::Errand(other)),
        }
    }

    fn attach(&mut self, line: String) {
        let keys = self.node.cosign_keys();
        self.own_log.attach(line, keys);
    }

    fn order(&self, order: DiskOrder) {
        // The disk's thread ends only with the process or after it said why.
        let _ = self.orders.send(order);
    }

    /// Notes cosignatures that are new.
    fn note_cosignatures(&mut self) {
        for origin in self.node.ledgers() {
            for (by, cosigned) in self.node.cosigned(origin).into_iter().flatten() {
                let key = (origin.clone(), by.clone());
                if self.noted.insert(key, cosigned.size) != Some(cosigned.size) {
                    self.is_stale = true;
                    self.shown.cosignatures.note(Noted {
                        origin: origin.clone(),
                        by: by.clone(),
                        cosigned: *cosigned,
                    });
                }
            }
        }
    }

    /// Publishes a view, when there is something new.
    fn show(&mut self) {
        if !std::mem::take(&mut self.is_stale) {
            return;
        }
        self.version += 1;
        let view = view(&self.node, self.version, self.clock.now(), self.signed_at);
        self.shown.publish.send_replace(Arc::new(view));
    }
}

/// Makes the view of a node.
pub(super) fn view<P: Shared>(
    node: &Node<P>,
    version: u64,
    now: Instant,
    signed_at: Option<Instant>,
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
            };
            (origin.clone(), ledger)
        })
        .collect();
    View {
        version,
        at: now,
        picture: node.picture().clone(),
        ledgers,
        is_confirmed: node.is_confirmed(),
        signed_at: signed_at.max(node.history().latest(node.origin())),
    }
}
