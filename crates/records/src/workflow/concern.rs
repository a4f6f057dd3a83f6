//! Concerns.

use super::actor::{Actor, Side, actor};
use super::agreement::WORD;
use super::clock::clock;
use super::{Machine, Per, last, on, state, stay};
use crate::act::{Kind, Role};

const RAISERS: &[Actor] = &[
    actor(Role::Consenter, Side::AnyParticipant),
    actor(Role::Planner, Side::AnyParticipant),
    actor(Role::ReleaseOfficer, Side::AnyParticipant),
    actor(Role::Inquiry, Side::AnyParticipant),
];

const OWNER: &[Actor] = &[
    actor(Role::Consenter, Side::Owner),
    actor(Role::Planner, Side::Owner),
    actor(Role::ReleaseOfficer, Side::Owner),
    actor(Role::Inquiry, Side::Owner),
];

const OPEN: &[&str] = &["raised", "assigned", "overdue", "answered", "maintained"];

pub(super) const CONCERN: Machine = Machine {
    name: "concern",
    title: "Concern",
    says: "An office's formal reservation, open until its owner accepts an answer or withdraws it. A blocking concern that is open or maintained holds back signing, unless somebody takes an override upon himself by name.",
    per: Per::Subject,
    states: &[
        state("draft", 0, "It has not been raised."),
        state("raised", 1, "It is open."),
        state("assigned", 1, "An office is to answer it."),
        state("overdue", 1, "It should have been answered."),
        state(
            "answered",
            1,
            "It has an answer, which its owner has not accepted.",
        ),
        state(
            "maintained",
            1,
            "Its owner maintains it in spite of the answer.",
        ),
        last("accepted", 0, "Its owner has accepted the answer."),
        last("withdrawn", 0, "Its owner has withdrawn it."),
        last(
            "overridden",
            0,
            "Somebody has taken it upon himself, by name, to go on in spite of it.",
        ),
    ],
    transitions: &[
        on(Kind::ConcernRaised, &["draft"], "raised", RAISERS, &[]),
        on(
            Kind::ConcernAssigned,
            &["raised", "assigned", "overdue", "maintained"],
            "assigned",
            WORD,
            &[],
        ),
        on(
            Kind::ConcernAnswered,
            &["raised", "assigned", "overdue", "maintained"],
            "answered",
            WORD,
            &[],
        ),
        stay(Kind::ConcernAnswered, &["answered"], WORD, &[]),
        on(
            Kind::ConcernAccepted,
            &["answered", "maintained"],
            "accepted",
            OWNER,
            &[],
        ),
        on(
            Kind::ConcernMaintained,
            &["answered"],
            "maintained",
            OWNER,
            &[],
        ),
        on(Kind::ConcernWithdrawn, OPEN, "withdrawn", OWNER, &[]),
        on(Kind::OverrideNamed, OPEN, "overridden", WORD, &[])
            .noted("The concern stays visible with the name and the reason."),
    ],
    clocks: &[clock(
        "answer_due",
        "assigned",
        "concern-answer",
        Side::AnyParticipant,
        "overdue",
        "The office asked has not answered; the concern goes on holding back.",
    )],
    consequences: &[],
    reopened_by: &[],
};
