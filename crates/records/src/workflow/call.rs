//! Calls over the liaison line, and alerts.

use super::actor::{Actor, Side, WATCHERS, actor};
use super::clock::clock;
use super::guard::Guard;
use super::{Machine, Per, last, on, state, stay};
use crate::act::{Kind, Role};

/// Whoever is on watch anywhere.
pub(super) const WATCH_OF_ANYONE: &[Actor] = &[actor(Role::WatchOfficer, Side::AnyHolder)];
const CALLER: &[Actor] = &[actor(Role::WatchOfficer, Side::Caller)];
const CALLED: &[Actor] = &[actor(Role::WatchOfficer, Side::Called)];
const EITHER: &[Actor] = &[
    actor(Role::WatchOfficer, Side::Caller),
    actor(Role::WatchOfficer, Side::Called),
];

pub(super) const CALL: Machine = Machine {
    name: "call",
    title: "Liaison call",
    says: "A call runs against a clock both sides see. Whoever answers takes the message, reads it back, and passes it on only when the read-back was confirmed.",
    per: Per::Subject,
    states: &[
        state("draft", 0, "Nobody has rung."),
        state("ringing", 1, "It rings."),
        state("unanswered", 2, "Nobody has answered."),
        state("escalated", 2, "It goes to an alternate."),
        state("answered", 1, "Somebody on watch has answered."),
        state(
            "priority_declared",
            1,
            "The caller has said how urgent it is.",
        ),
        state("content_taken", 1, "The message is taken down."),
        state("read_back", 1, "The message was read back."),
        state(
            "read_back_wrong",
            2,
            "The read-back was wrong: the message is taken anew.",
        ),
        state("read_back_confirmed", 1, "The read-back was confirmed."),
        state("passed_on", 1, "Whoever can act has it."),
        state(
            "action_overdue",
            2,
            "Whoever can act has not confirmed in time.",
        ),
        state("action_confirmed", 1, "Whoever could act has acted."),
        last("closed", 1, "The call is over."),
    ],
    transitions: &[
        on(Kind::CallRung, &["draft"], "ringing", WATCH_OF_ANYONE, &[]),
        on(
            Kind::CallUnanswered,
            &["ringing", "escalated"],
            "unanswered",
            CALLER,
            &[],
        ),
        on(
            Kind::CallEscalated,
            &["ringing", "unanswered", "escalated", "action_overdue"],
            "escalated",
            EITHER,
            &[],
        ),
        on(
            Kind::CallEscalated,
            &[
                "answered",
                "priority_declared",
                "content_taken",
                "read_back",
                "read_back_wrong",
                "read_back_confirmed",
                "passed_on",
            ],
            "escalated",
            CALLER,
            &[],
        )
        .noted("When the other side falls silent."),
        on(
            Kind::CallAnswered,
            &["ringing", "unanswered", "escalated"],
            "answered",
            CALLED,
            &[],
        )
        .noted("Whoever is on watch; never one named person alone."),
        on(
            Kind::PriorityDeclared,
            &["answered"],
            "priority_declared",
            CALLER,
            &[],
        ),
        on(
            Kind::ContentTaken,
            &["answered", "priority_declared", "read_back_wrong"],
            "content_taken",
            CALLED,
            &[],
        )
        .noted("A stop message is taken by anyone who answers."),
        on(Kind::ReadBack, &["content_taken"], "read_back", CALLED, &[]),
        on(
            Kind::ReadBackConfirmed,
            &["read_back"],
            "read_back_confirmed",
            CALLER,
            &[Guard::ReadBackAgrees],
        ),
        on(
            Kind::ReadBackRefused,
            &["read_back"],
            "read_back_wrong",
            CALLER,
            &[],
        ),
        on(
            Kind::PassedOn,
            &["read_back_confirmed"],
            "passed_on",
            CALLED,
            &[],
        ),
        on(
            Kind::ActionConfirmed,
            &["passed_on", "action_overdue"],
            "action_confirmed",
            CALLED,
            &[],
        ),
        on(
            Kind::ActionConfirmed,
            &["escalated", "unanswered"],
            "action_confirmed",
            CALLED,
            &[Guard::WasPassedOn],
        )
        .noted("Whoever can act has it already."),
        stay(
            Kind::CallMessage,
            &[
                "ringing",
                "unanswered",
                "escalated",
                "answered",
                "priority_declared",
                "content_taken",
                "read_back",
                "read_back_wrong",
                "read_back_confirmed",
                "passed_on",
                "action_overdue",
                "action_confirmed",
            ],
            EITHER,
            &[],
        )
        .noted("In writing, beside what is spoken; no clock stands still for it."),
        on(
            Kind::CallClosed,
            &[
                "ringing",
                "unanswered",
                "answered",
                "read_back_confirmed",
                "action_confirmed",
            ],
            "closed",
            EITHER,
            &[],
        ),
        on(
            Kind::CallClosed,
            &[
                "escalated",
                "priority_declared",
                "content_taken",
                "read_back",
                "read_back_wrong",
                "passed_on",
                "action_overdue",
            ],
            "closed",
            CALLER,
            &[],
        )
        .noted("When the other side falls silent."),
    ],
    clocks: &[
        clock(
            "answer_due",
            "ringing",
            "call-answer",
            Side::Called,
            "unanswered",
            "Nobody has answered; the clock stays in view of both sides.",
        ),
        clock(
            "alternate_due",
            "escalated",
            "call-answer",
            Side::Called,
            "unanswered",
            "The alternate has not answered either.",
        ),
        clock(
            "action_due",
            "passed_on",
            "stop-call",
            Side::Called,
            "action_overdue",
            "Whoever can act has not confirmed.",
        ),
    ],
    consequences: &[],
    reopened_by: &[],
};

const ALERTING: &[Actor] = &[actor(Role::WatchOfficer, Side::AnyHolder)];
/// A node takes back what it raised once the reason for it is gone.
const CLEARING: &[Actor] = &[
    actor(Role::WatchOfficer, Side::AnyHolder),
    actor(Role::System, Side::Node),
];

pub(super) const ALERT: Machine = Machine {
    name: "alert",
    title: "Alert",
    says: "Something needs the attention of the watch until the watch has taken note of it.",
    per: Per::Subject,
    states: &[
        state("draft", 0, "Nothing is raised."),
        state("raised", 1, "Nobody has taken note."),
        state("overdue", 2, "Nobody has taken note in time."),
        state("acknowledged", 1, "The watch has taken note."),
    ],
    transitions: &[
        on(Kind::AlertRaised, &["draft"], "raised", WATCHERS, &[]),
        on(
            Kind::AlertAcknowledged,
            &["raised", "overdue"],
            "acknowledged",
            CLEARING,
            &[],
        ),
        stay(Kind::AlertAcknowledged, &["acknowledged"], ALERTING, &[]),
    ],
    clocks: &[clock(
        "attention_due",
        "raised",
        "alert",
        Side::AnyHolder,
        "overdue",
        "Nobody has taken note of it.",
    )],
    consequences: &[],
    reopened_by: &[],
};
