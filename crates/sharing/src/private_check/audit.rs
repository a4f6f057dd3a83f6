//! Replaying a side of a session from its seed and its plans.

use super::message::Message;
use super::{Commitment, Leg, Role, Session, Terms};

/// What a side shows to be audited.
#[derive(Clone, Debug)]
pub struct Disclosure {
    /// Which side it was.
    pub role: Role,
    /// The seed of the session.
    pub seed: [u8; 32],
    /// The legs of its plans, as it covered them; byte by byte.
    pub plans: Vec<Vec<Leg>>,
    /// The legs that the auditor makes of the plans that were declared, where those are at hand.
    pub declared: Option<Vec<Vec<Leg>>>,
}

/// A message of the session as both sides have it on record, by its hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sent {
    /// By the side that is audited.
    Audited(Message),
    /// By the other side.
    Other(Message),
}

/// What an audit found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Complaint {
    /// The terms and plans do not make a session at all.
    #[error("the plans cannot be covered under the terms")]
    Plans,
    /// The legs disclosed are not those of the plans declared.
    #[error("the legs disclosed are not those of the plans declared")]
    Declared,
    /// The key's point on record is not that of the seed: the disclosure is of another session, or the key was changed.
    #[error("the key committed to is not the one of the disclosed seed")]
    Key,
    /// The plans committed to are not those disclosed: some were left out, added or changed.
    #[error("the plans committed to are not the ones disclosed")]
    Legs,
    /// The cells committed to are not those of the plans: some were left out, or some have no plan in them.
    #[error("the cells committed to are not those of the plans")]
    Cells,
    /// The message at this position is not what the seed and the plans give.
    #[error("message {0} is not what the seed and the plans give")]
    Message(usize),
    /// The other side broke off, or the record is incomplete: what is there agrees.
    #[error("the record goes on where the session must have ended, at message {0}")]
    Beyond(usize),
}

/// Replays the audited side; `None` when every byte is as it must be.
///
/// The positions in complaints count messages from zero in the order given. The other side's messages are taken as they
/// are: audit that side too.
#[must_use]
pub fn audit(
    disclosure: &Disclosure,
    terms: &Terms,
    commitments: (&Commitment, &Commitment),
    transcript: &[Sent],
) -> Option<Complaint> {
    let (audited, other) = commitments;
    let Disclosure {
        role,
        seed,
        plans,
        declared,
    } = disclosure;
    if declared
        .as_ref()
        .is_some_and(|declared| !are_same(declared, plans))
    {
        return Some(Complaint::Declared);
    }
    let Ok(mut session) = Session::open(*role, terms.clone(), plans.clone(), *seed) else {
        return Some(Complaint::Plans);
    };
    if session.commitment().key != audited.key || session.commitment().nonce != audited.nonce {
        return Some(Complaint::Key);
    }
    if session.commitment().legs != audited.legs {
        return Some(Complaint::Legs);
    }
    if session.commitment() != audited {
        return Some(Complaint::Cells);
    }
    let Ok(step) = session.begin(other.clone()) else {
        return Some(Complaint::Beyond(0));
    };
    let mut due = step.send;
    for (position, sent) in transcript.iter().enumerate() {
        match sent {
            Sent::Audited(Message::Consent) if due.is_empty() => {
                // When a side consents is its own choice; that it may, is not.
                let Ok(step) = session.consent() else {
                    return Some(Complaint::Message(position));
                };
                due.extend(step.send.into_iter().skip(1));
            }
            Sent::Audited(message) => {
                if due.is_empty() || due.remove(0) != *message {
                    return Some(Complaint::Message(position));
                }
            }
            Sent::Other(message) => match session.receive(message) {
                Ok(step) => due.extend(step.send),
                Err(_) => return Some(Complaint::Beyond(position)),
            },
        }
    }
    None
}

/// Whether legs are of the same plans, as [`Leg::agrees_with`] finds.
fn are_same(declared: &[Vec<Leg>], plans: &[Vec<Leg>]) -> bool {
    let same_plan = |(declared, legs): (&Vec<Leg>, &Vec<Leg>)| {
        declared.len() == legs.len()
            && declared
                .iter()
                .zip(legs)
                .all(|(one, other)| one.agrees_with(other))
    };
    declared.len() == plans.len() && declared.iter().zip(plans).all(same_plan)
}
