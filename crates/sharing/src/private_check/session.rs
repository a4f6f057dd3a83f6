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
//!   legs in common cells           ◀─▶    legs in common cells
//! ```
//!
//! A side whose finer cells would be more than the terms allow sends a stop in place of its points, and the level before is
//! the answer. A session never waits and never reads a clock: it answers each message with messages, and says what it has learnt.

use std::collections::{BTreeSet, HashSet};

use curve25519_dalek::ristretto::{CompressedRistretto, RistrettoPoint};
use curve25519_dalek::traits::IsIdentity as _;
use detente_ledger::hash::Hash;

use super::commitment::session_id;
use super::cover::{Found, cover};
use super::message::{Message, Point};
use super::secrets::{Purpose, Secrets, bucket, is_bucket};
use super::shown::{LEGS_BYTES_MAX, LEGS_MAX, Leaves, ShownLeg};
use super::{CELLS_MAX, Cell, Commitment, Leg, Terms};

/// Most work that the legs of the other side may make, corners times rows of cells: some seconds.
const WORK_MAX: usize = 1 << 30;

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
    /// These of the other side's legs lie in the common cells, as these of one's own plans do.
    Shown {
        /// The level.
        level: u8,
        /// How many cells of it are common.
        cells: usize,
        /// Positions of one's own plans.
        plans: Vec<usize>,
        /// The other side's legs.
        legs: Vec<Leg>,
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
    /// A side has more legs, or legs of more corners, than can be shown.
    #[error("the plans have more legs or corners than a session can show")]
    TooManyLegs,
    /// A leg that is shown is not one its side was committed to.
    #[error("a leg is shown that was not committed to")]
    Uncommitted,
    /// A common cell has no leg in it that is shown.
    #[error("a common cell has none of the legs shown in it")]
    Hidden,
}

/// One side of a session.
#[derive(Clone, Debug)]
pub struct Session {
    terms: Terms,
    role: Role,
    secrets: Secrets,
    plans: Vec<Vec<Leg>>,
    leaves: Leaves,
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
    /// The other side's legs.
    Legs,
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
    /// What was common at the end: the level, its cells, one's own plans in them.
    close: Option<(u8, BTreeSet<Cell>, Vec<usize>)>,
}

impl Session {
    /// Covers the plans, each a list of legs, and commits to them. The seed must never be used again.
    ///
    /// # Errors
    ///
    /// Terms that are not sound, more cells than they allow, and more legs than can be shown.
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
        let legs = || plans.iter().flatten();
        let bytes: usize = legs().map(|leg| leg.to_bytes().len()).sum();
        if legs().count() > LEGS_MAX || bytes > LEGS_BYTES_MAX {
            return Err(ProtocolFault::TooManyLegs);
        }
        let leaves = Leaves::of(&secrets, legs());
        let commitment = Commitment::new(&secrets, &cells, leaves.root());
        Ok(Self {
            terms,
            role,
            secrets,
            plans,
            leaves,
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
                Ok(self.stopped())
            }
            (
                State::Legs,
                _,
                Message::Legs {
                    level,
                    leaves,
                    legs,
                },
            ) => self.seen(*level, *leaves, legs),
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
            let mut step = self.stopped();
            step.send.insert(0, Message::Stop { level });
            return Ok(step);
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
            return self.close(level, hits);
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
            Role::Initiator if self.level.too_many => {
                let mut step = self.stopped();
                step.send.insert(0, Message::Stop { level: level + 1 });
                step
            }
            Role::Initiator => Step {
                send: vec![self.own_list()],
                learnt: None,
            },
            Role::Responder => Step::default(),
        }
    }

    /// What follows when the level at hand is not entered.
    fn stopped(&mut self) -> Step {
        let level = self.level.number.saturating_sub(1);
        let cells = std::mem::take(&mut self.level.within);
        self.close(level, cells)
    }

    /// Shows the legs that lie in the common cells of the finest level entered.
    fn close(&mut self, level: u8, cells: BTreeSet<Cell>) -> Step {
        self.state = State::Legs;
        let (plans, legs) = self.own_in(level, &cells);
        let message = Message::Legs {
            level,
            leaves: self.leaves.count(),
            legs,
        };
        self.level.close = Some((level, cells.clone(), plans.clone()));
        let learnt = Some(Outcome::Close {
            level,
            cells,
            plans,
        });
        Step {
            send: vec![message],
            learnt,
        }
    }

    /// Takes the other side's legs: each one it was committed to, and one at least in every common cell.
    fn seen(&mut self, level: u8, leaves: u32, legs: &[ShownLeg]) -> Result<Step, ProtocolFault> {
        let Some((at, cells, plans)) = self.level.close.as_ref().filter(|close| close.0 == level)
        else {
            return Err(ProtocolFault::OutOfTurn);
        };
        let root = self.theirs.as_ref().map(|theirs| theirs.legs);
        let is_committed = |shown: &ShownLeg| root.is_some_and(|root| shown.is_of(leaves, root));
        if !legs.iter().all(is_committed) {
            return Err(ProtocolFault::Uncommitted);
        }
        let rows: BTreeSet<i32> = cells.iter().map(|cell| cell.row).collect();
        let corners: usize = legs.iter().map(|shown| shown.leg.corners()).sum();
        if corners.saturating_mul(rows.len()) > WORK_MAX {
            return Err(ProtocolFault::TooManyLegs);
        }
        let parents = parents(cells);
        let within = (level > 0).then_some(parents.as_slice());
        let mut shown = BTreeSet::new();
        for leg in legs {
            let mut found = Found::new(CELLS_MAX);
            let counted = cover(&leg.leg, &self.terms, (level, within), &mut found);
            match counted.and_then(|()| found.finish()) {
                Ok(found) => shown.extend(found.into_iter().filter(|cell| cells.contains(cell))),
                // Of a leg with more cells than anybody may have, all of the common ones are taken to be in it.
                Err(_) => shown.extend(cells.iter().copied()),
            }
        }
        if !cells.is_subset(&shown) {
            return Err(ProtocolFault::Hidden);
        }
        let learnt = Some(Outcome::Shown {
            level: *at,
            cells: cells.len(),
            plans: plans.clone(),
            legs: legs.iter().map(|shown| shown.leg.clone()).collect(),
        });
        self.state = State::Over;
        Ok(Step {
            send: Vec::new(),
            learnt,
        })
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

    /// Positions of the plans that have a cell among these, and their legs that do, by the places of their leaves.
    fn own_in(&self, level: u8, hits: &BTreeSet<Cell>) -> (Vec<usize>, Vec<ShownLeg>) {
        let parents = parents(hits);
        let within = (level > 0).then_some(parents.as_slice());
        let (mut plans, mut legs) = (BTreeSet::new(), Vec::new());
        let all = self.plans.iter().enumerate();
        let all = all.flat_map(|(plan, legs)| legs.iter().map(move |leg| (plan, leg)));
        for (position, (plan, leg)) in all.enumerate() {
            let mut found = Found::new(CELLS_MAX);
            let counted = cover(leg, &self.terms, (level, within), &mut found);
            let is_hit = counted
                .and_then(|()| found.finish())
                .map_or(true, |found| found.iter().any(|cell| hits.contains(cell)));
            if is_hit {
                plans.insert(plan);
                legs.extend(self.leaves.show(position, leg));
            }
        }
        legs.sort_by_key(|shown| shown.place);
        (plans.into_iter().collect(), legs)
    }
}

/// The cells one level coarser, in order.
fn parents(cells: &BTreeSet<Cell>) -> Vec<Cell> {
    let mut parents: Vec<Cell> = cells.iter().map(|cell| cell.parent()).collect();
    parents.sort_unstable();
    parents.dedup();
    parents
}

/// The cells of all plans at a level, in order.
fn cells_of(
    plans: &[Vec<Leg>],
    terms: &Terms,
    level: u8,
    within: Option<&BTreeSet<Cell>>,
) -> Result<Vec<Cell>, ProtocolFault> {
    let within: Option<Vec<Cell>> = within.map(|within| within.iter().copied().collect());
    let most = usize::try_from(terms.cells_max)
        .unwrap_or(CELLS_MAX)
        .min(CELLS_MAX);
    let mut found = Found::new(most);
    for leg in plans.iter().flatten() {
        cover(leg, terms, (level, within.as_deref()), &mut found)
            .map_err(|_| ProtocolFault::TooManyCells)?;
    }
    found.finish().map_err(|_| ProtocolFault::TooManyCells)
}
