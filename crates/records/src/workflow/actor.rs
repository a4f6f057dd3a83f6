//! Who acts: a role, on a side of the matter.

use crate::act::Role;

/// Somebody who may write an act: in a role, from a ledger that stands on a side of the matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Actor {
    /// The role.
    pub role: Role,
    /// The side.
    pub side: Side,
}

/// Returns actors in words, one entry a side: "planner or watch officer of the participant that
/// proposed it".
pub fn described(actors: &[Actor]) -> Vec<String> {
    let mut sides: Vec<(Side, Vec<String>)> = Vec::new();
    for actor in actors {
        let role = actor.role.wire_name().replace('_', " ");
        match sides.iter_mut().find(|(side, _)| *side == actor.side) {
            Some((_, roles)) => roles.push(role),
            None => sides.push((actor.side, vec![role])),
        }
    }
    let words = |(side, roles): (Side, Vec<String>)| match side {
        Side::Node => "the node itself".to_owned(),
        side => format!("{} of {}", roles.join(" or "), side.says()),
    };
    sides.into_iter().map(words).collect()
}

macro_rules! sides {
    ($( $name:ident = $wire:literal: $says:literal, $doc:literal; )*) => {
        /// Where a ledger stands towards the subject of an act.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Side {
            $( #[doc = $doc] $name, )*
        }

        impl Side {
            /// Every side.
            pub const ALL: &'static [Self] = &[$( Self::$name, )*];

            /// Returns the name used in the reference.
            pub fn wire_name(self) -> &'static str {
                match self {
                    $( Self::$name => $wire, )*
                }
            }

            /// Returns who that is, to stand after "of".
            pub fn says(self) -> &'static str {
                match self {
                    $( Self::$name => $says, )*
                }
            }

            /// Returns who that is, as a sentence.
            pub fn meaning(self) -> &'static str {
                match self {
                    $( Self::$name => $doc, )*
                }
            }
        }
    };
}

sides! {
    AnyParticipant = "any_participant": "any participant", "Every participant.";
    AnyHolder = "any_holder": "any participant or observer", "Everyone who keeps a ledger.";
    Observer = "observer": "an observer", "Every observer.";
    Proposer = "proposer": "the participant that proposed it", "The participant that wrote the first act about the matter, or would by writing this one; for an operation, the one answerable for its party.";
    Counterparty = "counterparty": "another participant", "Every participant that is not the proposer.";
    Guarantor = "guarantor": "the guarantor of the party that flies", "The participant answerable for a bound party.";
    Owner = "owner": "the participant whose office keeps it", "The participant that raised a concern.";
    Submitter = "submitter": "whoever notified it", "The participant or observer that notified an object or a movement, or would by writing this one.";
    Recipient = "recipient": "a recipient", "Every participant or observer to whom the matter was released.";
    Originator = "originator": "the originator", "The participant or observer that released a report, or would by writing this one.";
    Caller = "caller": "the caller", "Whoever rang.";
    Called = "called": "whoever was called", "Whoever the call is for.";
    Asked = "asked": "whoever was asked", "Whoever was asked for information.";
    Node = "node": "the node", "The node that keeps the ledger, by itself.";
}

/// Returns an actor.
pub(super) const fn actor(role: Role, side: Side) -> Actor {
    Actor { role, side }
}

/// The node itself.
pub(super) const NODE: &[Actor] = &[actor(Role::System, Side::Node)];

/// Whoever is on watch, or looks into things.
pub(super) const WATCHERS: &[Actor] = &[
    actor(Role::WatchOfficer, Side::AnyHolder),
    actor(Role::Monitor, Side::Observer),
    actor(Role::Inquiry, Side::AnyHolder),
    actor(Role::System, Side::Node),
];

/// Whoever establishes circumstances.
pub(super) const FACT_FINDERS: &[Actor] = &[
    actor(Role::Inquiry, Side::AnyHolder),
    actor(Role::Monitor, Side::Observer),
];
