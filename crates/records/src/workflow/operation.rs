//! Operations, from proposal to close-out.

use super::actor::{Actor, Side, actor};
use super::clock::{clock, until};
use super::guard::Guard;
use super::{Cause, Consequence, Machine, Per, last, on, state, stay};
use crate::act::{Kind, Role};

const PLANNER: &[Actor] = &[actor(Role::Planner, Side::Proposer)];
const CONSENTERS: &[Actor] = &[actor(Role::Consenter, Side::Counterparty)];
/// For an operation of a bound party its guarantor's word is asked too.
const CONSENTERS_AND_GUARANTOR: &[Actor] = &[
    actor(Role::Consenter, Side::Counterparty),
    actor(Role::Consenter, Side::Guarantor),
];
const WATCH: &[Actor] = &[actor(Role::WatchOfficer, Side::Proposer)];
const OBSERVERS: &[Actor] = &[
    actor(Role::WatchOfficer, Side::AnyParticipant),
    actor(Role::Monitor, Side::Observer),
    actor(Role::System, Side::Node),
];
/// Anyone may stop: reasons may follow.
const STOPPERS: &[Actor] = &[
    actor(Role::WatchOfficer, Side::AnyParticipant),
    actor(Role::Consenter, Side::AnyParticipant),
    actor(Role::Planner, Side::AnyParticipant),
];
const DISSENTERS: &[Actor] = &[
    actor(Role::Planner, Side::AnyParticipant),
    actor(Role::Consenter, Side::AnyParticipant),
    actor(Role::WatchOfficer, Side::AnyParticipant),
    actor(Role::Inquiry, Side::AnyParticipant),
];
const DECIDERS: &[Actor] = &[
    actor(Role::WatchOfficer, Side::Proposer),
    actor(Role::Planner, Side::Proposer),
];

/// States before the volumes are used.
const BEFORE: &[&str] = &[
    "proposed",
    "conditions_open",
    "objected",
    "consented",
    "recheck_required",
];
/// States in which consent can be given.
const ASKED: &[&str] = &["proposed", "conditions_open", "recheck_required"];
/// States in which the volumes are used: whatever comes, an account is owed.
const IN_FLIGHT: &[&str] = &["active", "nonconforming", "contingent", "recheck_in_flight"];

pub(super) const OPERATION: Machine = Machine {
    name: "operation",
    title: "Operation",
    says: "Volumes are proposed, judged, consented to one version at a time, used, ended and accounted for. Silence is never consent, a conflict with a protected object is never consentable, and anyone can stop.",
    per: Per::Subject,
    states: &[
        state("draft", 1, "It has not been proposed."),
        state("proposed", 1, "It waits for consent."),
        state("conditions_open", 1, "A participant has named conditions."),
        state("objected", 2, "A participant has refused it."),
        state(
            "consented",
            0,
            "Nobody's consent is missing; it may be activated in its time.",
        ),
        state(
            "recheck_required",
            2,
            "A restraint has changed: consent is suspended until it is given anew.",
        ),
        state("active", 0, "Its volumes are used."),
        state(
            "nonconforming",
            2,
            "It was seen outside what it declared, or has gone on beyond its time.",
        ),
        state(
            "contingent",
            2,
            "It cannot be flown as declared, and is being brought to an end.",
        ),
        state(
            "recheck_in_flight",
            2,
            "A restraint has changed while its volumes are used: it leaves them, unless consent is given anew.",
        ),
        state(
            "stopped",
            3,
            "A participant has stopped it before it was used; a new version needs the word of whoever stopped it.",
        ),
        state(
            "stopped_in_flight",
            3,
            "A participant has stopped it while its volumes were used; its account is due.",
        ),
        state("ended", 2, "It has ended; its account is due."),
        state(
            "close_out_overdue",
            3,
            "It has ended, and its account was not given in time.",
        ),
        state(
            "closed_out",
            3,
            "Its account is on record; the other side may answer.",
        ),
        last(
            "settled",
            3,
            "The other side has answered, or let its time pass.",
        ),
        last(
            "expired",
            3,
            "Its time passed without consent or without use.",
        ),
        last("cancelled", 3, "The proposer gave it up."),
    ],
    transitions: &[
        on(
            Kind::OperationProposed,
            &["draft"],
            "consented",
            PLANNER,
            &[Guard::FirstVersion, Guard::Aware, Guard::Clear],
        )
        .noted("What needs nobody's consent may be flown once it has been declared."),
        on(
            Kind::OperationProposed,
            &["draft"],
            "proposed",
            PLANNER,
            &[Guard::FirstVersion, Guard::Aware, Guard::Consentable],
        ),
        on(
            Kind::OperationRevised,
            &[
                "proposed",
                "conditions_open",
                "objected",
                "consented",
                "recheck_required",
                "stopped",
            ],
            "consented",
            PLANNER,
            &[Guard::NextVersion, Guard::Aware, Guard::Clear],
        ),
        on(
            Kind::OperationRevised,
            &[
                "proposed",
                "conditions_open",
                "objected",
                "consented",
                "recheck_required",
                "stopped",
            ],
            "proposed",
            PLANNER,
            &[Guard::NextVersion, Guard::Aware, Guard::Consentable],
        )
        .noted("Every consent to an earlier version is void."),
        on(
            Kind::OperationConsented,
            ASKED,
            "consented",
            CONSENTERS_AND_GUARANTOR,
            &[
                Guard::CurrentVersion,
                Guard::Aware,
                Guard::OtherPerson,
                Guard::Consentable,
                Guard::OthersConsented,
            ],
        ),
        stay(
            Kind::OperationConsented,
            ASKED,
            CONSENTERS_AND_GUARANTOR,
            &[
                Guard::CurrentVersion,
                Guard::Aware,
                Guard::OtherPerson,
                Guard::Consentable,
            ],
        )
        .noted("Another participant's consent is still missing."),
        on(
            Kind::OperationConsented,
            &["recheck_in_flight"],
            "active",
            CONSENTERS_AND_GUARANTOR,
            &[
                Guard::CurrentVersion,
                Guard::WindowOpen,
                Guard::Aware,
                Guard::OtherPerson,
                Guard::Clear,
            ],
        ),
        stay(
            Kind::OperationConsented,
            &["recheck_in_flight"],
            CONSENTERS_AND_GUARANTOR,
            &[
                Guard::CurrentVersion,
                Guard::Aware,
                Guard::OtherPerson,
                Guard::Consentable,
            ],
        ),
        on(
            Kind::OperationConsentedWithConditions,
            ASKED,
            "conditions_open",
            CONSENTERS,
            &[
                Guard::CurrentVersion,
                Guard::Aware,
                Guard::OtherPerson,
                Guard::Consentable,
            ],
        ),
        on(
            Kind::OperationConditionsAccepted,
            &["conditions_open"],
            "consented",
            PLANNER,
            &[
                Guard::CurrentVersion,
                Guard::Consentable,
                Guard::OthersConsented,
            ],
        )
        .noted("Whoever named the conditions has consented once they are accepted."),
        on(
            Kind::OperationConditionsAccepted,
            &["conditions_open"],
            "proposed",
            PLANNER,
            &[Guard::CurrentVersion],
        ),
        on(
            Kind::OperationObjected,
            &[
                "proposed",
                "conditions_open",
                "consented",
                "recheck_required",
            ],
            "objected",
            CONSENTERS,
            &[Guard::CurrentVersion],
        )
        .noted("A consent can be taken back as long as the volumes are not used."),
        stay(Kind::DissentNoted, BEFORE, DISSENTERS, &[Guard::NewDissent]),
        stay(Kind::DissentSeen, BEFORE, DECIDERS, &[Guard::KnownDissent]),
        on(
            Kind::OperationActivated,
            &["consented"],
            "active",
            WATCH,
            &[
                Guard::CurrentVersion,
                Guard::WindowOpen,
                Guard::Aware,
                Guard::Clear,
                Guard::NoticesLoaded,
                Guard::DissentsSeen,
            ],
        ),
        on(
            Kind::NonconformanceObserved,
            &["active", "nonconforming", "recheck_in_flight"],
            "nonconforming",
            OBSERVERS,
            &[],
        ),
        on(
            Kind::ConformanceRestored,
            &["nonconforming"],
            "active",
            OBSERVERS,
            &[Guard::WindowOpen, Guard::Clear],
        ),
        on(
            Kind::ContingencyDeclared,
            &["active", "nonconforming", "recheck_in_flight"],
            "contingent",
            WATCH,
            &[],
        ),
        on(
            Kind::OperationEnded,
            &[
                "active",
                "nonconforming",
                "contingent",
                "recheck_in_flight",
                "stopped_in_flight",
            ],
            "ended",
            WATCH,
            &[],
        ),
        on(
            Kind::OperationClosedOut,
            &["ended", "close_out_overdue", "stopped_in_flight"],
            "closed_out",
            PLANNER,
            &[],
        ),
        on(
            Kind::CloseoutAnswered,
            &["closed_out"],
            "settled",
            CONSENTERS,
            &[],
        ),
        stay(Kind::CloseoutAnswered, &["settled"], CONSENTERS, &[])
            .noted("A late statement is kept beside the account."),
        on(Kind::OperationCancelled, BEFORE, "cancelled", PLANNER, &[]),
        on(
            Kind::OperationCancelled,
            &["stopped"],
            "cancelled",
            PLANNER,
            &[],
        ),
        on(Kind::OperationStopped, BEFORE, "stopped", STOPPERS, &[])
            .noted("Takes effect at once; reasons may follow."),
        on(
            Kind::OperationStopped,
            IN_FLIGHT,
            "stopped_in_flight",
            STOPPERS,
            &[],
        ),
        stay(
            Kind::OperationStopped,
            &["stopped", "stopped_in_flight"],
            STOPPERS,
            &[],
        ),
    ],
    clocks: &[
        until(
            "proposal_open",
            "proposed",
            "`expires` of the proposal",
            Side::Counterparty,
            "expired",
            "Nobody's silence is consent.",
        ),
        until(
            "conditions_open",
            "conditions_open",
            "`expires` of the proposal",
            Side::Proposer,
            "expired",
            "The conditions were not accepted.",
        ),
        until(
            "objection_open",
            "objected",
            "`expires` of the proposal",
            Side::Proposer,
            "expired",
            "It was not revised.",
        ),
        clock(
            "consent_answer",
            "proposed",
            "consent-answer",
            Side::Counterparty,
            "expired",
            "The request was not answered, and is not agreed.",
        ),
        until(
            "recheck_open",
            "recheck_required",
            "the end of its last volume",
            Side::Counterparty,
            "expired",
            "Consent was not given anew.",
        ),
        until(
            "stopped_unused",
            "stopped",
            "the end of its last volume",
            Side::Proposer,
            "expired",
            "It was stopped, and its time has passed.",
        ),
        until(
            "recheck_over_time",
            "recheck_in_flight",
            "the end of its last volume",
            Side::Proposer,
            "nonconforming",
            "It has not been ended in its time.",
        ),
        until(
            "unused",
            "consented",
            "the end of its last volume",
            Side::Proposer,
            "expired",
            "It was not activated in its time.",
        ),
        until(
            "over_time",
            "active",
            "the end of its last volume",
            Side::Proposer,
            "nonconforming",
            "It has not been ended in its time.",
        ),
        clock(
            "return_due",
            "nonconforming",
            "return",
            Side::Proposer,
            "contingent",
            "It has not come back into what it declared.",
        ),
        clock(
            "close_out_due",
            "ended",
            "close-out",
            Side::Proposer,
            "close_out_overdue",
            "The account is due.",
        ),
        clock(
            "stopped_account_due",
            "stopped_in_flight",
            "close-out",
            Side::Proposer,
            "close_out_overdue",
            "The account is due.",
        ),
        clock(
            "contingent_account_due",
            "contingent",
            "close-out",
            Side::Proposer,
            "close_out_overdue",
            "The account is due.",
        ),
        clock(
            "close_out_answer",
            "closed_out",
            "close-out-answer",
            Side::Counterparty,
            "settled",
            "No counter-statement was made; that is recorded as no answer.",
        ),
    ],
    consequences: &[
        Consequence {
            cause: Cause::RestraintChanged,
            from: &["consented"],
            to: "recheck_required",
        },
        Consequence {
            cause: Cause::RestraintChanged,
            from: &["active", "nonconforming"],
            to: "recheck_in_flight",
        },
    ],
    reopened_by: &[],
};
