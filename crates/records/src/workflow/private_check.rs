//! Private checks: whether plans of two participants come close, without showing the plans.

use super::actor::{Actor, Side, actor};
use super::guard::Guard;
use super::{Cause, Consequence, Machine, Per, last, on, state, stay};
use crate::act::{Kind, Role};

const INITIATOR: &[Actor] = &[
    actor(Role::Planner, Side::Proposer),
    actor(Role::WatchOfficer, Side::Proposer),
];
const RESPONDER: &[Actor] = &[
    actor(Role::Planner, Side::Called),
    actor(Role::WatchOfficer, Side::Called),
];
const REFUSER: &[Actor] = &[
    actor(Role::Planner, Side::Called),
    actor(Role::WatchOfficer, Side::Called),
    actor(Role::Consenter, Side::Called),
];
const CONSENTERS: &[Actor] = &[
    actor(Role::Consenter, Side::Proposer),
    actor(Role::Consenter, Side::Called),
];
/// The nodes of the two sides, which say what follows from what was said.
const NODES: &[Actor] = &[
    actor(Role::System, Side::Proposer),
    actor(Role::System, Side::Called),
];
const EITHER: &[Actor] = &[
    actor(Role::System, Side::Proposer),
    actor(Role::System, Side::Called),
    actor(Role::Planner, Side::Proposer),
    actor(Role::Planner, Side::Called),
    actor(Role::WatchOfficer, Side::Proposer),
    actor(Role::WatchOfficer, Side::Called),
    actor(Role::Consenter, Side::Proposer),
    actor(Role::Consenter, Side::Called),
];

const OPEN: &[&str] = &["proposed", "comparing", "consenting", "refining"];
const UNDER_WAY: &[&str] = &["comparing", "consenting", "refining"];

pub(super) const PRIVATE_CHECK: Machine = Machine {
    name: "private_check",
    title: "Private check",
    says: "Two participants find out whether plans of theirs come close, without showing the plans: first how many coarse cells are common, and which ones only when both consent. Silence consents to nothing; a session that has not ended by its time is over.",
    per: Per::Subject,
    states: &[
        state("draft", 1, "Nobody has asked."),
        state(
            "proposed",
            1,
            "One side is committed to its plans and has asked the other.",
        ),
        state(
            "comparing",
            1,
            "Both are committed; they learn how many coarse cells are common, and no more.",
        ),
        state(
            "consenting",
            1,
            "One side consents to learn which cells are common; the other has not said so.",
        ),
        state(
            "refining",
            1,
            "Both consent: they learn which cells are common, and show the legs in them.",
        ),
        last("apart", 1, "Both have found that no plans come close."),
        last(
            "close",
            1,
            "Both have found that plans come close, or nearly.",
        ),
        last(
            "contradicted",
            1,
            "The sides say different things of what they found; an audit shows which is wrong.",
        ),
        last("refused", 1, "The other side does not take part."),
        last("expired", 1, "The time of the session is over."),
        last(
            "broken_off",
            1,
            "One side ended it; what it says is known stands there.",
        ),
    ],
    transitions: &[
        on(
            Kind::PrivateCheckProposed,
            &["draft"],
            "proposed",
            INITIATOR,
            &[
                Guard::TermsOfAgreement,
                Guard::SessionsLeft,
                Guard::EndsInTime,
                Guard::SealedForOther,
            ],
        ),
        on(
            Kind::PrivateCheckAnswered,
            &["proposed"],
            "comparing",
            RESPONDER,
            &[Guard::SealedForOther],
        ),
        on(
            Kind::PrivateCheckRefused,
            &["proposed"],
            "refused",
            REFUSER,
            &[],
        ),
        stay(
            Kind::PrivateCheckMessage,
            &["comparing", "refining"],
            NODES,
            &[Guard::NextMessage, Guard::SealedForOther],
        )
        .noted("Sealed for the other side, and handed to nobody else."),
        on(
            Kind::PrivateCheckConsented,
            &["comparing"],
            "consenting",
            CONSENTERS,
            &[Guard::CountKnown],
        ),
        on(
            Kind::PrivateCheckConsented,
            &["consenting"],
            "refining",
            CONSENTERS,
            &[Guard::OtherSideConsented],
        ),
        on(
            Kind::PrivateCheckConcluded,
            UNDER_WAY,
            "apart",
            NODES,
            &[Guard::FoundApart, Guard::OtherFoundSame],
        ),
        on(
            Kind::PrivateCheckConcluded,
            UNDER_WAY,
            "close",
            NODES,
            &[Guard::FoundClose, Guard::OtherFoundSame],
        ),
        on(
            Kind::PrivateCheckConcluded,
            UNDER_WAY,
            "contradicted",
            NODES,
            &[Guard::OtherFoundElse],
        ),
        stay(
            Kind::PrivateCheckConcluded,
            UNDER_WAY,
            NODES,
            &[Guard::NothingFoundYet],
        ),
        on(Kind::PrivateCheckBrokenOff, OPEN, "broken_off", EITHER, &[]),
    ],
    clocks: &[],
    consequences: &[Consequence {
        cause: Cause::EndReached,
        from: OPEN,
        to: "expired",
    }],
    reopened_by: &[],
};
