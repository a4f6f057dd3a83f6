//! Humanitarian movements and excepted flights.

use super::actor::{Actor, Side, actor};
use super::clock::{clock, until};
use super::guard::Guard;
use super::{Cause, Consequence, Machine, Per, last, on, state, stay};
use crate::act::{Kind, Role};

const SUBMITTER: &[Actor] = &[actor(Role::Notifier, Side::Submitter)];
const ACKNOWLEDGERS: &[Actor] = &[actor(Role::WatchOfficer, Side::AnyParticipant)];
const GUARANTOR: &[Actor] = &[
    actor(Role::Consenter, Side::Guarantor),
    actor(Role::WatchOfficer, Side::Guarantor),
    actor(Role::Planner, Side::Guarantor),
];

pub(super) const MOVEMENT: Machine = Machine {
    name: "movement",
    title: "Humanitarian movement",
    says: "A convoy or evacuation, protected on its whole way from the notification until it is closed, whoever has acknowledged it.",
    per: Per::Subject,
    states: &[
        state("draft", 0, "It is not notified."),
        state("notified", 1, "Notified; protected."),
        state(
            "acknowledgement_overdue",
            1,
            "Not acknowledged by everyone in time; protected.",
        ),
        state(
            "acknowledged",
            1,
            "Acknowledged by every participant; protected.",
        ),
        state("under_way", 1, "It has set out; protected."),
        state(
            "arrived",
            1,
            "It has arrived; protected until it is closed.",
        ),
        state(
            "aborted",
            1,
            "It was broken off; protected until it is closed.",
        ),
        last("closed", 0, "Its account is on record."),
        last("lapsed", 0, "Its time is over and it never set out."),
    ],
    transitions: &[
        on(
            Kind::MovementNotified,
            &["draft"],
            "notified",
            SUBMITTER,
            &[],
        ),
        on(
            Kind::MovementChanged,
            &["notified", "acknowledgement_overdue", "acknowledged"],
            "notified",
            SUBMITTER,
            &[Guard::NextVersion],
        ),
        stay(
            Kind::MovementChanged,
            &["under_way"],
            SUBMITTER,
            &[Guard::NextVersion],
        ),
        on(
            Kind::MovementAcknowledged,
            &["notified", "acknowledgement_overdue"],
            "acknowledged",
            ACKNOWLEDGERS,
            &[Guard::CurrentVersion, Guard::OthersAcknowledged],
        ),
        stay(
            Kind::MovementAcknowledged,
            &[
                "notified",
                "acknowledgement_overdue",
                "acknowledged",
                "under_way",
            ],
            ACKNOWLEDGERS,
            &[Guard::CurrentVersion],
        )
        .noted("Receipt is no permission and no guarantee."),
        on(
            Kind::MovementDeparted,
            &["notified", "acknowledgement_overdue", "acknowledged"],
            "under_way",
            SUBMITTER,
            &[],
        )
        .noted("It waits for nobody's leave."),
        stay(
            Kind::MovementLegReached,
            &["under_way"],
            SUBMITTER,
            &[Guard::LegsInOrder],
        ),
        on(
            Kind::MovementArrived,
            &["under_way"],
            "arrived",
            SUBMITTER,
            &[],
        ),
        on(
            Kind::MovementAborted,
            &[
                "notified",
                "acknowledgement_overdue",
                "acknowledged",
                "under_way",
            ],
            "aborted",
            SUBMITTER,
            &[],
        ),
        on(
            Kind::MovementClosed,
            &["arrived", "aborted"],
            "closed",
            SUBMITTER,
            &[],
        ),
    ],
    clocks: &[clock(
        "acknowledgement_due",
        "notified",
        "movement-acknowledged",
        Side::AnyParticipant,
        "acknowledgement_overdue",
        "Somebody has not acknowledged; the movement is protected all the same.",
    )],
    consequences: &[Consequence {
        cause: Cause::EndReached,
        from: &["notified", "acknowledgement_overdue", "acknowledged"],
        to: "lapsed",
    }],
    reopened_by: &[],
};

pub(super) const EXCEPTED_FLIGHT: Machine = Machine {
    name: "excepted_flight",
    title: "Excepted flight",
    says: "A flight of a bound party that an article excepts, announced by its guarantor before it begins. A late notice is kept as what it is, and excepts nothing.",
    per: Per::Subject,
    states: &[
        state("draft", 1, "It is not announced."),
        state("noticed", 0, "Announced in time."),
        state("noticed_late", 2, "Announced too late to be excepted."),
        last("over", 2, "Its time is over."),
        last("cancelled", 2, "It was given up."),
    ],
    transitions: &[
        on(
            Kind::FlightNoticed,
            &["draft"],
            "noticed_late",
            GUARANTOR,
            &[Guard::NoticeLate],
        ),
        on(
            Kind::FlightNoticed,
            &["draft"],
            "noticed",
            GUARANTOR,
            &[Guard::NoticeAhead, Guard::Consentable],
        )
        .noted("What is announced in time and prohibited all the same is refused, and not called late."),
        on(
            Kind::FlightCancelled,
            &["noticed", "noticed_late"],
            "cancelled",
            GUARANTOR,
            &[],
        ),
    ],
    clocks: &[
        until(
            "time_over",
            "noticed",
            "the end of its last volume",
            Side::Guarantor,
            "over",
            "The notice covers no later flight.",
        ),
        until(
            "late_time_over",
            "noticed_late",
            "the end of its last volume",
            Side::Guarantor,
            "over",
            "The notice covers no later flight.",
        ),
    ],
    consequences: &[],
    reopened_by: &[],
};
