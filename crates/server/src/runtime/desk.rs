//! The loop around a node that writes: one event in, its effects out.

use std::collections::BTreeMap;

use detente_node::effect::Errand;
use detente_node::federation::Message;
use detente_node::node::{Effect, Input, Node, Refusal, Shared};
use detente_spacetime::Instant;
use tokio::sync::{mpsc, oneshot};

use super::disk::{Disk, DiskOrder};
use super::front::Front;
use super::kept::Keeper;
use super::own_log::OwnLog;
use super::{Answered, Event, Report};
use crate::chance;

/// Events handled before readers get a new view: publishing costs a clone of the picture.
const EVENTS_PER_VIEW: usize = 256;

pub(super) struct Desk<P: Shared> {
    node: Node<P>,
    own_log: OwnLog,
    orders: std::sync::mpsc::Sender<DiskOrder>,
    front: Front<P>,
    /// Users who wait, by request.
    waiting: BTreeMap<u64, oneshot::Sender<Answered<P>>>,
    next_request: u64,
    /// The request by which keys follow keys at the moment.
    rotation: Option<u64>,
    /// Whether keys that follow are to be taken into use as soon as all errands are on their way:
    /// entries reach the log in the order of their tickets.
    rotation_is_due: bool,
    signed_at: Option<Instant>,
    /// Whether another server takes over when the storage fails.
    is_shared: bool,
    keeper: Keeper,
}

/// Why a desk is no longer run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ended {
    /// Somebody asked for it.
    Stopped,
    /// The storage failed, or elected another server.
    Resigned,
}

/// What follows an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Then {
    GoOn,
    End(Ended),
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
        (disk, keeper): (Disk, Keeper),
        front: Front<P>,
        is_shared: bool,
    ) -> std::io::Result<Self> {
        let orders = disk.start(front.mail.outbox(), front.teller())?;
        own_log.report_to(front.teller())?;
        Ok(Self {
            node,
            own_log,
            orders,
            front,
            waiting: BTreeMap::new(),
            next_request: 0,
            rotation: None,
            rotation_is_due: false,
            signed_at: None,
            is_shared,
            keeper,
        })
    }

    /// Runs until it is stopped or has to resign; gives back what outlives the node.
    pub(super) fn run(
        mut self,
        first: Vec<Effect<P>>,
        queue: &mut mpsc::Receiver<Event<P>>,
    ) -> (Front<P>, Ended) {
        self.carry_out(first);
        self.rotate_if_due();
        self.show();
        self.keeper.keep_if_due(&self.node);
        while let Some(event) = queue.blocking_recv() {
            if let Then::End(ended) = self.take(event) {
                return (self.finish(), ended);
            }
            for _ in 0..EVENTS_PER_VIEW {
                let Ok(event) = queue.try_recv() else {
                    break;
                };
                if let Then::End(ended) = self.take(event) {
                    return (self.finish(), ended);
                }
            }
            self.show();
            self.keeper.keep_if_due(&self.node);
        }
        (self.finish(), Ended::Stopped)
    }

    fn finish(mut self) -> Front<P> {
        self.show();
        for (_, waiting) in std::mem::take(&mut self.waiting) {
            // Whether the record is there shows when the ledger is opened again.
            let _ = waiting.send(Err(Refusal::Storage));
        }
        self.own_log.stop();
        self.keeper.stop();
        self.front
    }

    fn take(&mut self, event: Event<P>) -> Then {
        let now = self.front.clock.now();
        match event {
            Event::Input(input) => self.handle(now, input),
            Event::Report { term, report } if term == self.front.term => match report {
                Report::Done(input) => self.handle(now, input),
                Report::Failed if self.is_shared => return Then::End(Ended::Resigned),
                Report::Failed => {}
            },
            Event::Submit {
                command,
                once,
                answer,
            } => {
                let Ok(salt) = chance::salt() else {
                    let _ = answer.send(Err(Refusal::Storage));
                    return Then::GoOn;
                };
                self.next_request += 1;
                let request = self.next_request;
                self.waiting.insert(request, answer);
                let input = Input::Command {
                    request,
                    command,
                    salt,
                    once,
                };
                let effects = self.node.handle(now, input);
                self.carry_out(effects);
            }
            Event::Rotate { ring, answer } => {
                self.own_log.renew(*ring);
                self.rotate(Some(answer));
            }
            Event::Look(look) => look(&self.node, now),
            Event::Stop => return Then::End(Ended::Stopped),
            // News of an earlier term.
            Event::Report { .. } | Event::Followed { .. } | Event::Elected { .. } => {}
        }
        self.rotate_if_due();
        Then::GoOn
    }

    /// Has the node go on with the keys that follow those in use.
    fn rotate(&mut self, answer: Option<oneshot::Sender<Answered<P>>>) {
        let (successor, salt) = (self.own_log.successor(), chance::salt());
        let refusal = match (successor, salt) {
            (Some(Ok((event, identity))), Ok(salt)) => {
                self.next_request += 1;
                let request = self.next_request;
                if !self.node.is_rotating() {
                    self.rotation = Some(request);
                }
                if let Some(answer) = answer {
                    self.waiting.insert(request, answer);
                }
                let input = Input::Rotate {
                    request,
                    event: Box::new(event),
                    salt,
                    successor: Box::new(identity),
                };
                return self.handle(self.front.clock.now(), input);
            }
            (None, _) => Refusal::NoSuccessor,
            (Some(Err(error)), _) => {
                tracing::error!(%error, "the keys that follow cannot be used");
                Refusal::Storage
            }
            (_, Err(_)) => Refusal::Storage,
        };
        if let Some(answer) = answer {
            // Whoever no longer waits has no use for the answer.
            let _ = answer.send(Err(refusal));
        }
    }

    /// Takes the keys into use that follow, where there are any and the time has come.
    fn rotate_if_due(&mut self) {
        while std::mem::take(&mut self.rotation_is_due) && self.own_log.successor().is_some() {
            self.rotate(None);
        }
    }

    /// Goes on with the next keys, where more than one generation is waiting.
    fn go_on_rotating(&mut self, request: u64, answer: &Answered<P>) {
        if self.rotation != Some(request) {
            return;
        }
        self.rotation = None;
        match answer {
            Ok(_) => self.rotation_is_due = true,
            Err(error) => tracing::error!(%error, "the keys that follow are not taken into use"),
        }
    }

    fn handle(&mut self, now: Instant, input: Input) {
        // Ticks and finished writes change what a reader sees without folding anything.
        self.front.is_stale |= !matches!(input, Input::FromPeer { .. });
        if matches!(input, Input::Appended { .. }) {
            self.signed_at = Some(now);
        }
        let effects = self.node.handle(now, input);
        self.carry_out(effects);
    }

    fn carry_out(&mut self, effects: Vec<Effect<P>>) {
        self.front.note_cosignatures(&self.node);
        // Those who wait are told last: whoever was answered finds the change in the view.
        let mut answers = Vec::new();
        for effect in effects {
            match effect {
                Effect::Run(errand) => self.run_errand(errand),
                Effect::Answer { request, answer } => answers.push((request, answer)),
                told => self.front.tell(told),
            }
        }
        if !answers.is_empty() {
            self.show();
        }
        for (request, answer) in answers {
            self.go_on_rotating(request, &answer);
            if let Some(waiting) = self.waiting.remove(&request) {
                let _ = waiting.send(answer);
            }
        }
    }

    fn run_errand(&mut self, errand: Errand) {
        match errand {
            Errand::Append { ticket, entries } => self.own_log.append(ticket, entries),
            Errand::Rotate { ticket, entry, key } => self.own_log.rotate(ticket, entry, &key),
            Errand::Confirm { held } => {
                self.own_log.confirm(&held);
                self.rotation_is_due = true;
            }
            Errand::CatchUp { entries, held } => {
                let before = self.own_log.generation();
                if self.own_log.catch_up(&entries, &held) {
                    if self.own_log.generation() != before {
                        match self.own_log.identity() {
                            Ok(identity) => self.node.expect_successor(identity),
                            Err(error) => tracing::error!(%error, "a key cannot be used"),
                        }
                    }
                    let effects = self.node.handle(self.front.clock.now(), Input::CaughtUp);
                    self.carry_out(effects);
                }
            }
            Errand::Attach { size: _, line } => self.attach(line),
            Errand::Send { peer, message } => match message {
                Message::Answer { exchange, answer } => {
                    self.front.mail.answer(&peer, exchange, answer);
                }
                question => self.front.mail.send(&peer, question),
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
                    Some(entries) => self
                        .front
                        .mail
                        .answer_entries(&peer, exchange, entries, proof),
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

    fn show(&mut self) {
        self.front.show(&self.node, self.signed_at, true);
    }
}
