//! One side of a private check, brought to where the ledgers say it is.
//!
//! A [`Talk`] reads what both sides have put on record and says what its side has to put there next. Everything it says follows
//! from the ledgers, the content sealed for it and its own secret, so that it is made anew after a restart and comes to the same
//! bytes. It reads no ledger, opens no seal and writes nothing: whoever runs a node does.

use std::sync::Arc;

use detente_records::HolderId;
use detente_records::act::private_check::Found;
use detente_sharing::private_check::{
    Commitment, Leg, Message, Outcome, ProtocolFault, Role, Session, Step, Terms, unwrapped,
};

use crate::picture::{CheckFile, CheckSaid, SaidOfCheck};

/// What one side alone knows of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckSecret {
    /// Everything else follows from it; never used again.
    pub seed: [u8; 32],
    /// The plans in whole numbers, each a list of legs.
    pub plans: Vec<Vec<Leg>>,
}

/// One side of a session.
#[derive(Clone, Debug)]
pub struct Talk {
    role: Role,
    /// As it is before anything was said.
    fresh: Session,
    session: Session,
    /// The entries that were taken in, in their order.
    taken: Vec<Place>,
    theirs: Option<Commitment>,
    /// What this side has to say, in order, and how much of it is on record.
    due: Vec<Message>,
    written: usize,
    outcome: Option<Outcome>,
    fault: Option<CheckFault>,
}

/// Where an entry lies: its ledger, and its index there.
type Place = (Arc<str>, u64);

/// What the other side did that ends the session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CheckFault {
    /// Content that cannot be opened, or does not hold what its seal is committed to.
    #[error("content sealed for this side does not open")]
    Seal,
    /// A commitment that is none.
    #[error("the commitment is not in its form")]
    Commitment,
    /// A message that is none.
    #[error("a message is not in its form")]
    Message,
    /// A message the protocol does not allow.
    #[error(transparent)]
    Protocol(ProtocolFault),
    /// What this side has on record is not what follows from its secret.
    #[error("the record holds something else than this side's secret gives")]
    OtherSecret,
}

/// What can be done with content that an entry names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// It has not arrived.
    Awaited,
    /// It does not open.
    Unreadable,
    /// Its bytes.
    Opened(Vec<u8>),
}

/// What a side puts on record next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// This message, by its number from 1.
    Message(u32, Vec<u8>),
    /// What it has found.
    Conclude(Found),
    /// The end of the session, and why.
    BreakOff(CheckFault),
}

fn place(said: &CheckSaid<'_>) -> Place {
    let source = &said.line.source;
    (source.origin.clone(), source.index)
}

impl Talk {
    /// Makes the side anew; [`Talk::follow`] brings it to where the record is.
    ///
    /// # Errors
    ///
    /// [`ProtocolFault`], when plans and terms make no session.
    pub fn open(role: Role, terms: Terms, secret: CheckSecret) -> Result<Self, ProtocolFault> {
        let fresh = Session::open(role, terms, secret.plans, secret.seed)?;
        Ok(Self {
            role,
            session: fresh.clone(),
            fresh,
            taken: Vec::new(),
            theirs: None,
            due: Vec::new(),
            written: 0,
            outcome: None,
            fault: None,
        })
    }

    /// This side's commitment.
    pub fn commitment(&self) -> Vec<u8> {
        self.fresh.commitment().to_bytes()
    }

    /// What was learnt last.
    pub fn outcome(&self) -> Option<&Outcome> {
        self.outcome.as_ref()
    }

    /// What ended it from this side.
    pub fn fault(&self) -> Option<CheckFault> {
        self.fault
    }

    /// Takes in what is on record and was not yet, as far as its content is here.
    ///
    /// An entry that comes late may belong before others that were taken in: then everything is taken in anew.
    pub fn follow(&mut self, file: &CheckFile<'_>, open: impl Fn(&CheckSaid<'_>) -> Content) {
        if !self.is_of(file) {
            self.begin_anew();
        }
        let mine = self.role == Role::Initiator;
        for said in file.said().skip(self.taken.len()) {
            if self.fault.is_some() {
                return;
            }
            let is_own = said.by_initiator == mine;
            let taken = match said.said {
                SaidOfCheck::Concluded(_) => Ok(true),
                SaidOfCheck::Consented if is_own => self.consent(),
                SaidOfCheck::Consented => self.receive(&Message::Consent),
                SaidOfCheck::Committed(_) | SaidOfCheck::Message(_) => match open(&said) {
                    Content::Awaited => Ok(false),
                    Content::Unreadable if is_own => Err(CheckFault::OtherSecret),
                    Content::Unreadable => Err(CheckFault::Seal),
                    Content::Opened(bytes) if is_own => self.recall(&said.said, &bytes),
                    Content::Opened(bytes) => self.hear(&said.said, &bytes),
                },
            };
            match taken {
                Ok(true) => self.taken.push(place(&said)),
                Ok(false) => return,
                Err(fault) => self.fault = Some(fault),
            }
        }
    }

    /// Whether what was taken in still stands at the beginning of the record, and in the same order.
    fn is_of(&self, file: &CheckFile<'_>) -> bool {
        let mut said = file.said();
        self.taken
            .iter()
            .all(|taken| said.next().is_none_or(|said| place(&said) == *taken))
    }

    fn begin_anew(&mut self) {
        *self = Self {
            role: self.role,
            session: self.fresh.clone(),
            fresh: self.fresh.clone(),
            taken: Vec::new(),
            theirs: None,
            due: Vec::new(),
            written: 0,
            outcome: None,
            fault: None,
        };
    }

    /// Takes in what this side has put on record itself: it is what follows from the secret, or the secret is another one,
    /// and whatever would be found with it is wrong.
    fn recall(&mut self, said: &SaidOfCheck<'_>, bytes: &[u8]) -> Result<bool, CheckFault> {
        let bytes = unwrapped(bytes).ok_or(CheckFault::OtherSecret)?;
        if matches!(said, SaidOfCheck::Committed(_)) {
            if bytes != self.commitment() {
                return Err(CheckFault::OtherSecret);
            }
            return self.bind(true);
        }
        let due = self.due.get(self.written).map(Message::to_bytes);
        if due.as_deref() != Some(bytes) {
            return Err(CheckFault::OtherSecret);
        }
        self.written += 1;
        Ok(true)
    }

    fn hear(&mut self, said: &SaidOfCheck<'_>, bytes: &[u8]) -> Result<bool, CheckFault> {
        let bytes = unwrapped(bytes).ok_or(CheckFault::Message)?;
        match said {
            SaidOfCheck::Committed(_) => {
                let theirs = Commitment::from_bytes(bytes).ok_or(CheckFault::Commitment)?;
                self.theirs = Some(theirs);
                // The initiator's comes first; the responder is bound when its own stands beside it.
                self.bind(self.role == Role::Initiator)
            }
            _ => {
                let message = Message::from_bytes(bytes).map_err(|_| CheckFault::Message)?;
                self.receive(&message)
            }
        }
    }

    /// Begins once both commitments are on record.
    fn bind(&mut self, is_complete: bool) -> Result<bool, CheckFault> {
        let Some(theirs) = self.theirs.clone().filter(|_| is_complete) else {
            return Ok(true);
        };
        let step = self.session.begin(theirs).map_err(CheckFault::Protocol)?;
        self.learn(step);
        Ok(true)
    }

    fn consent(&mut self) -> Result<bool, CheckFault> {
        let step = self.session.consent();
        let step = step.map_err(|_| CheckFault::OtherSecret)?;
        self.learn(step);
        Ok(true)
    }

    fn receive(&mut self, message: &Message) -> Result<bool, CheckFault> {
        let step = self.session.receive(message);
        let step = step.map_err(CheckFault::Protocol)?;
        self.learn(step);
        Ok(true)
    }

    fn learn(&mut self, step: Step) {
        // Consent is an act of a person, and on record as one.
        let send = step.send.into_iter();
        self.due
            .extend(send.filter(|message| *message != Message::Consent));
        if step.learnt.is_some() {
            self.outcome = step.learnt;
        }
    }

    /// Says what this side has to put on record next; nothing while it is the other side's turn, or a person's.
    pub fn next(&self, file: &CheckFile<'_>) -> Option<Next> {
        if file.matter.course.is_over() {
            return None;
        }
        if let Some(fault) = self.fault {
            return Some(Next::BreakOff(fault));
        }
        if let Some(message) = self.due.get(self.written) {
            let number = u32::try_from(self.written + 1).unwrap_or(u32::MAX);
            return Some(Next::Message(number, message.to_bytes()));
        }
        let found = match self.outcome.as_ref()? {
            Outcome::Apart { .. } => Found::Apart,
            Outcome::Shown { .. } => Found::Close,
            Outcome::Common { .. } | Outcome::Close { .. } => return None,
        };
        let is_said = file.found(self.role == Role::Initiator).is_some();
        (!is_said).then_some(Next::Conclude(found))
    }
}

/// Says what is known when a session ends early: in words everybody may read, so without a figure.
pub fn known_at_end(outcome: Option<&Outcome>) -> &'static str {
    match outcome {
        None => "nothing of the other side's plans is known",
        Some(Outcome::Apart { .. }) => "this side has found that no plans come close",
        Some(Outcome::Common { .. }) => {
            "this side knows how many coarse cells are common, and not which"
        }
        Some(Outcome::Close { .. }) => {
            "this side knows which cells are common, and not the legs in them"
        }
        Some(Outcome::Shown { .. }) => "this side knows the legs that come close",
    }
}

/// Whether a session between these two is open: not over, and this holder one of its sides.
pub fn is_open_for(file: &CheckFile<'_>, holder: &HolderId) -> bool {
    file.role_of(holder).is_some() && !file.matter.course.is_over()
}
