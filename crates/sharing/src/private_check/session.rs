//! One side of a session: what it sends, and what it learns.
//!
//! ```text
//! initiator                               responder
//!   own points of level 0          ──▶
//!                                  ◀──    own points, and yours masked again, in a secret order
//!   yours masked again, shuffled   ──▶                     both know how many cells are common
//!   consent                        ◀─▶    consent          (nothing is sent where none is)
//!   yours of level 0, in order     ──▶
//!                                  ◀──    yours of level 0, in order     both know which
//!   own points of level 1          ──▶
//!                                  ◀──    own points, and yours masked again, in order
//!   yours masked again, in order   ──▶                     and so on, to the finest level
//! ```
//!
//! A side whose finer cells would be more than the terms allow sends a stop in place of its points, and the level before is
//! the answer. A session never waits and never reads a clock: it answers each message with messages, and says what it has learnt.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use curve25519_dalek::ristretto::{CompressedRistretto, RistrettoPoint};
use curve25519_dalek::traits::IsIdentity as _;
use detente_ledger::hash::Hash;

use super::commitment::session_id;
use super::cover::cover;
use super::message::{Message, Point};
use super::secrets::{Purpose, Secrets, bucket, is_bucket};
use super::{CELLS_MAX, Cell, Commitment, Leg, Terms};

/// Who begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Sends the first message.
    Initiator,
    /// Answers it.
    Responder,
}

/// What a side has learnt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// No plans come closer than the separation; found at this level.
    Apart {
        /// The level.
        level: u8,
    },
    /// This many of the coarsest cells are common; which ones is learnt if both consent.
    Common {
        /// How many.
        count: usize,
    },
    /// These cells of the finest level entered are common, and these of one's own plans lie in them.
    Close {
        /// The level.
        level: u8,
        /// The cells.
        cells: BTreeSet<Cell>,
        /// Positions of one's own plans in the list the session was opened with.
        plans: Vec<usize>,
    },
}

/// What follows from a message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Step {
    /// To be sent, in order.
    pub send: Vec<Message>,
    /// What was learnt by it.
    pub learnt: Option<Outcome>,
}

/// What the other side did that the protocol does not allow; the session is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProtocolFault {
    /// A message of another kind or level than the one awaited.
    #[error("the message is not the one that comes next")]
    OutOfTurn,
    /// A list of another length than was committed to or sent.
    #[error("a list does not have the length it must have")]
    Length,
    /// Bytes that are not a point, or the identity.
    #[error("a point is not a valid one")]
    Point,
    /// The same point twice.
    #[error("a point is there twice")]
    Repeated,
    /// The terms are beyond what the protocol can do.
    #[error("the terms are not sound")]
    Terms,
    /// A side has more cells than the terms allow.
    #[error("the plans have more cells than the terms allow")]
    TooManyCells,
}

/// One side of a session.
#[derive(Clone, Debug)]
pub struct Session {
    terms: Terms,
    role: Role,
    secrets: Secrets,
    plans: Vec<Vec<Leg>>,
    commitment: Commitment,
    theirs: Option<Commitment>,
    id: Option<Hash>,
    state: State,
    level: Level,
    consent: (bool, bool),
}

/// What is awaited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// The other side's commitment.
    Unbound,
    /// The other side's points (and one's own, masked again, as initiator).
    Points,
    /// One's own points, masked again, as responder.
    Returned,
    /// Both consents.
    Consents,
    /// One's own points of the coarsest level in order, masked again.
    Revealed,
    /// Nothing more.
    Over,
}

/// What belongs to the level at hand.
#[derive(Clone, Debug, Default)]
struct Level {
    number: u8,
    /// One's own cells, in order.
    cells: Vec<Cell>,
    /// Which cell stands at each place of the list that was sent.
    places: Vec<Option<usize>>,
    /// The other side's points, masked by both.
    theirs: Vec<Point>,
    /// The common cells one level coarser.
    within: BTreeSet<Cell>,
    /// Whether one's own cells are more than the terms allow, so that the level is not entered.
    too_many: bool,
}

impl Session {
    /// Covers the plans, each a list of legs, and commits to them. The seed must never be used again.
    ///
    /// # Errors
    ///
    /// Terms that are not sound, and more cells than they allow.
    pub fn open(
        role: Role,
        terms: Terms,
        plans: Vec<Vec<Leg>>,
        seed: [u8; 32],
    ) -> Result<Self, ProtocolFault> {
        if !terms.are_sound() {
            return Err(ProtocolFault::Terms);
        }
        let secrets = Secrets::new(seed);
        let cells = cells_of(&plans, &terms, 0, None)?;
        let commitment = Commitment::new(&secrets, &cells);
        Ok(Self {
            terms,
            role,
            secrets,
            plans,
            commitment,
            theirs: None,
            id: None,
            state: State::Unbound,
            level: Level {
                cells,
                ..Level::default()
            },
            consent: (false, false),
        })
    }

    /// What must be on record before [`Session::begin`].
    #[must_use]
    pub fn commitment(&self) -> &Commitment {
        &self.commitment
    }

    /// One's own cells of the level at hand, in order.
    #[must_use]
    pub fn cells(&self) -> &[Cell] {
        &self.level.cells
    }

    /// Binds the session to the other side's commitment; the initiator has something to send.
    ///
    /// # Errors
    ///
    /// A commitment to more than the terms allow, and one that comes twice.
    pub fn begin(&mut self, theirs: Commitment) -> Result<Step, ProtocolFault> {
        if self.state != State::Unbound {
            return Err(ProtocolFault::OutOfTurn);
        }
        let most = bucket(usize::try_from(self.terms.cells_max).unwrap_or(CELLS_MAX));
        if usize::try_from(theirs.bucket).is_ok_and(|points| points > most) {
            return Err(ProtocolFault::TooManyCells);
        }
        let id = match self.role {
            Role::Initiator => session_id(&self.terms, &self.commitment, &theirs),
            Role::Responder => session_id(&self.terms, &theirs, &self.commitment),
        };
        self.id = Some(id);
        self.theirs = Some(theirs);
        self.state = State::Points;
        Ok(match self.role {
            Role::Initiator => Step {
                send: vec![self.own_list()],
                learnt: None,
            },
            Role::Responder => Step::default(),
        })
    }

    /// Says that one consents to learning which cells are common, and to the finer levels inside them.
    ///
    /// # Errors
    ///
    /// Where there is nothing to consent to.
    pub fn consent(&mut self) -> Result<Step, ProtocolFault> {
        if self.state != State::Consents || self.consent.0 {
            return Err(ProtocolFault::OutOfTurn);
        }
        self.consent.0 = true;
        let mut step = Step {
            send: vec![Message::Consent],
            learnt: None,
        };
        // The order of the other side's points is shown only to a side that has consented, by a side that has.
        if self.role == Role::Initiator && self.consent.1 {
            step.send.push(self.reveal());
        }
        Ok(step)
    }

    /// Takes the other side's next message.
    ///
    /// # Errors
    ///
    /// What the protocol does not allow; nothing is learnt and nothing is to be sent.
    pub fn receive(&mut self, message: &Message) -> Result<Step, ProtocolFault> {
        match (self.state, self.role, message) {
            (State::Points, Role::Responder, Message::Own { level, own }) => {
                self.answer(*level, own)
            }
            (State::Points, Role::Initiator, Message::OwnAndYours { level, own, yours }) => {
                self.compare(*level, own, yours)
            }
            (State::Points, _, Message::Stop { level }) if *level == self.level.number => {
                Ok(Step {
                    send: Vec::new(),
                    learnt: Some(self.stopped()),
                })
            }
            (State::Returned, Role::Responder, Message::Yours { level, yours }) => {
                self.expect_level(*level)?;
                self.returned(yours)
            }
            (State::Consents, _, Message::Consent) if !self.consent.1 => {
                self.consent.1 = true;
                let mut step = Step::default();
                if self.consent.0 && self.role == Role::Initiator {
                    step.send.push(self.reveal());
                }
                Ok(step)
            }
            (State::Consents, Role::Responder, Message::Yours { level: 0, yours })
                if self.consent == (true, true) =>
            {
                let hits = self.hits(yours)?;
                let reply = Message::Yours {
                    level: 0,
                    yours: self.level.theirs.clone(),
                };
                let mut step = self.enter(hits);
                step.send.insert(0, reply);
                Ok(step)
            }
            (State::Revealed, Role::Initiator, Message::Yours { level: 0, yours }) => {
                let hits = self.hits(yours)?;
                Ok(self.enter(hits))
            }
            _ => Err(ProtocolFault::OutOfTurn),
        }
    }

    /// The responder's answer to the initiator's points.
    fn answer(&mut self, level: u8, own: &[Point]) -> Result<Step, ProtocolFault> {
        self.expect_level(level)?;
        if self.level.too_many {
            let learnt = Some(self.stopped());
            return Ok(Step {
                send: vec![Message::Stop { level }],
                learnt,
            });
        }
        self.take(own)?;
        let Message::Own { own, .. } = self.own_list() else {
            return Err(ProtocolFault::OutOfTurn);
        };
        let yours = self.handed_back();
        self.state = State::Returned;
        Ok(Step {
            send: vec![Message::OwnAndYours { level, own, yours }],
            learnt: None,
        })
    }

    /// What the initiator makes of the responder's answer.
    fn compare(
        &mut self,
        level: u8,
        own: &[Point],
        yours: &[Point],
    ) -> Result<Step, ProtocolFault> {
        self.expect_level(level)?;
        self.take(own)?;
        let reply = Message::Yours {
            level,
            yours: self.handed_back(),
        };
        let mut step = self.returned(yours)?;
        step.send.insert(0, reply);
        Ok(step)
    }

    /// Masks the other side's points, checking that they are what they must be.
    fn take(&mut self, points: &[Point]) -> Result<(), ProtocolFault> {
        let right = if self.level.number == 0 {
            self.theirs
                .as_ref()
                .is_some_and(|theirs| points.len() == theirs.bucket as usize)
        } else {
            is_bucket(points.len()) && points.len() <= CELLS_MAX
        };
        if !right {
            return Err(ProtocolFault::Length);
        }
        let distinct: HashSet<&Point> = points.iter().collect();
        if distinct.len() != points.len() {
            return Err(ProtocolFault::Repeated);
        }
        let points = points.iter().map(|point| {
            let point = CompressedRistretto(*point).decompress();
            point.filter(|point| !point.is_identity())
        });
        let points: Option<Vec<RistrettoPoint>> = points.collect();
        self.level.theirs = self.secrets.mask(&points.ok_or(ProtocolFault::Point)?);
        Ok(())
    }

    /// The other side's points, masked by both: shuffled at the coarsest level, where only the number is to be learnt.
    fn handed_back(&self) -> Vec<Point> {
        if self.level.number > 0 {
            return self.level.theirs.clone();
        }
        let order = self
            .secrets
            .order(Purpose::Returned, self.level.theirs.len());
        order
            .iter()
            .filter_map(|place| self.level.theirs.get(*place).copied())
            .collect()
    }

    /// What follows from one's own points, masked by both.
    fn returned(&mut self, yours: &[Point]) -> Result<Step, ProtocolFault> {
        if self.level.number > 0 {
            let hits = self.hits(yours)?;
            return Ok(self.enter(hits));
        }
        let theirs = self.returned_set(yours)?;
        let count = yours.iter().filter(|point| theirs.contains(*point)).count();
        let learnt = if count == 0 {
            self.state = State::Over;
            Outcome::Apart { level: 0 }
        } else {
            self.state = State::Consents;
            Outcome::Common { count }
        };
        Ok(Step {
            send: Vec::new(),
            learnt: Some(learnt),
        })
    }

    /// The other side's points as a set, after a check of what came back.
    fn returned_set(&self, yours: &[Point]) -> Result<HashSet<Point>, ProtocolFault> {
        if yours.len() != self.level.places.len() {
            return Err(ProtocolFault::Length);
        }
        let distinct: HashSet<&Point> = yours.iter().collect();
        if distinct.len() != yours.len() {
            return Err(ProtocolFault::Repeated);
        }
        Ok(self.level.theirs.iter().copied().collect())
    }

    /// One's own cells that the other side has too.
    fn hits(&self, yours: &[Point]) -> Result<BTreeSet<Cell>, ProtocolFault> {
        let theirs = self.returned_set(yours)?;
        let places = yours.iter().zip(&self.level.places);
        let hits = places.filter(|(point, _)| theirs.contains(*point));
        let cell = |place: &Option<usize>| self.level.cells.get((*place)?).copied();
        Ok(hits.filter_map(|(_, place)| cell(place)).collect())
    }

    /// Shows the other side which of its points are common.
    fn reveal(&mut self) -> Message {
        self.state = State::Revealed;
        Message::Yours {
            level: 0,
            yours: self.level.theirs.clone(),
        }
    }

    /// Goes one level finer inside the cells found, or ends.
    fn enter(&mut self, hits: BTreeSet<Cell>) -> Step {
        let level = self.level.number;
        if hits.is_empty() {
            self.state = State::Over;
            return Step {
                send: Vec::new(),
                learnt: Some(Outcome::Apart { level }),
            };
        }
        if level >= self.terms.finest {
            self.state = State::Over;
            let plans = self.plans_in(level, &hits);
            let learnt = Some(Outcome::Close {
                level,
                cells: hits,
                plans,
            });
            return Step {
                send: Vec::new(),
                learnt,
            };
        }
        let cells = cells_of(&self.plans, &self.terms, level + 1, Some(&hits));
        self.level = Level {
            number: level + 1,
            too_many: cells.is_err(),
            cells: cells.unwrap_or_default(),
            within: hits,
            ..Level::default()
        };
        self.state = State::Points;
        match self.role {
            Role::Initiator if self.level.too_many => Step {
                send: vec![Message::Stop { level: level + 1 }],
                learnt: Some(self.stopped()),
            },
            Role::Initiator => Step {
                send: vec![self.own_list()],
                learnt: None,
            },
            Role::Responder => Step::default(),
        }
    }

    /// What is known when the level at hand is not entered.
    fn stopped(&mut self) -> Outcome {
        self.state = State::Over;
        let level = self.level.number.saturating_sub(1);
        let cells = std::mem::take(&mut self.level.within);
        let plans = self.plans_in(level, &cells);
        Outcome::Close {
            level,
            cells,
            plans,
        }
    }

    /// One's own points of the level, remembered by place.
    fn own_list(&mut self) -> Message {
        let id = self.id.unwrap_or_else(Hash::empty_tree);
        let level = self.level.number;
        let (own, places) = self.secrets.masked(&id, level, &self.level.cells);
        self.level.places = places;
        Message::Own { level, own }
    }

    fn expect_level(&self, level: u8) -> Result<(), ProtocolFault> {
        (level == self.level.number)
            .then_some(())
            .ok_or(ProtocolFault::OutOfTurn)
    }

    /// Positions of the plans that have a cell among these.
    fn plans_in(&self, level: u8, hits: &BTreeSet<Cell>) -> Vec<usize> {
        let parents: BTreeSet<Cell> = hits.iter().map(|cell| cell.parent()).collect();
        let within = (level > 0).then_some(&parents);
        let mut found = BTreeMap::new();
        for (position, plan) in self.plans.iter().enumerate() {
            let mut cells = BTreeSet::new();
            let counted = plan
                .iter()
                .try_for_each(|leg| cover(leg, level, within, CELLS_MAX, &mut cells));
            if counted.is_err() || !cells.is_disjoint(hits) {
                found.insert(position, ());
            }
        }
        found.into_keys().collect()
    }
}

/// The cells of all plans at a level, in order.
fn cells_of(
    plans: &[Vec<Leg>],
    terms: &Terms,
    level: u8,
    within: Option<&BTreeSet<Cell>>,
) -> Result<Vec<Cell>, ProtocolFault> {
    let mut cells = BTreeSet::new();
    let most = usize::try_from(terms.cells_max)
        .unwrap_or(CELLS_MAX)
        .min(CELLS_MAX);
    for leg in plans.iter().flatten() {
        cover(leg, level, within, most, &mut cells).map_err(|_| ProtocolFault::TooManyCells)?;
    }
    Ok(cells.into_iter().collect())
}
