//! Alleged violations, and obligations to pull back.

use super::actor::{Actor, FACT_FINDERS, Side, actor};
use super::clock::clock;
use super::guard::Guard;
use super::{Machine, Per, last, on, state, stay};
use crate::act::{Kind, Role};

const REPORTERS: &[Actor] = &[
    actor(Role::Inquiry, Side::AnyHolder),
    actor(Role::WatchOfficer, Side::AnyHolder),
    actor(Role::Monitor, Side::Observer),
    actor(Role::Notifier, Side::Observer),
];
const ANSWERERS: &[Actor] = &[
    actor(Role::Inquiry, Side::Asked),
    actor(Role::Consenter, Side::Asked),
];
const RESPONDERS: &[Actor] = &[
    actor(Role::Inquiry, Side::AnyHolder),
    actor(Role::Consenter, Side::AnyParticipant),
    actor(Role::Monitor, Side::Observer),
];

/// States in which findings can be stated.
const UNDER_INQUIRY: &[&str] = &[
    "notified",
    "information_requested",
    "no_response",
    "inquiry",
    "assessed",
    "findings_complete",
    "findings_lapsed",
    "responded",
];

pub(super) const VIOLATION: Machine = Machine {
    name: "violation",
    title: "Alleged violation",
    says: "An allegation is sorted, told to the other side, looked into, and met by each side's own finding. Findings may diverge and stand side by side; no answer is recorded as no answer, not as guilt.",
    per: Per::Subject,
    states: &[
        state("draft", 0, "Nothing is alleged."),
        state("reported", 1, "It is on record as it came."),
        state("triaged", 1, "It is sorted."),
        state("notified", 1, "The other side knows of it."),
        state("information_requested", 1, "Information was asked for."),
        state(
            "no_response",
            1,
            "Information was asked for, and nobody answered in time.",
        ),
        state("inquiry", 1, "Circumstances are being established."),
        state(
            "assessed",
            1,
            "Nature, extent and threat are assessed; findings are due.",
        ),
        state(
            "findings_complete",
            1,
            "Every participant has stated its finding.",
        ),
        state(
            "findings_lapsed",
            1,
            "Somebody has stated no finding in time.",
        ),
        state("responded", 1, "What was done about it is on record."),
        last("closed", 1, "Closed for now; anything new reopens it."),
    ],
    transitions: &[
        on(
            Kind::ViolationReported,
            &["draft"],
            "reported",
            REPORTERS,
            &[],
        ),
        on(
            Kind::ViolationTriaged,
            &["reported", "triaged"],
            "triaged",
            FACT_FINDERS,
            &[],
        ),
        on(
            Kind::ViolationNotified,
            &["reported", "triaged"],
            "notified",
            REPORTERS,
            &[],
        ),
        on(
            Kind::InformationRequested,
            &[
                "notified",
                "information_requested",
                "no_response",
                "inquiry",
            ],
            "information_requested",
            FACT_FINDERS,
            &[],
        ),
        on(
            Kind::InformationGiven,
            &["information_requested", "no_response"],
            "notified",
            ANSWERERS,
            &[],
        ),
        stay(
            Kind::InformationGiven,
            &[
                "inquiry",
                "assessed",
                "findings_complete",
                "findings_lapsed",
                "responded",
            ],
            ANSWERERS,
            &[],
        ),
        on(
            Kind::InquiryOpened,
            &[
                "triaged",
                "notified",
                "information_requested",
                "no_response",
            ],
            "inquiry",
            FACT_FINDERS,
            &[],
        ),
        on(
            Kind::ViolationAssessed,
            &["notified", "no_response", "inquiry"],
            "findings_complete",
            FACT_FINDERS,
            &[Guard::FindingsComplete],
        )
        .noted("Every participant had stated its finding before."),
        on(
            Kind::ViolationAssessed,
            &["notified", "no_response", "inquiry", "assessed"],
            "assessed",
            FACT_FINDERS,
            &[],
        ),
        on(
            Kind::FindingStated,
            &["assessed", "findings_lapsed"],
            "findings_complete",
            FACT_FINDERS,
            &[Guard::FindingsComplete],
        ),
        stay(Kind::FindingStated, UNDER_INQUIRY, FACT_FINDERS, &[])
            .noted("Each side keeps its own line; a finding can be stated anew."),
        on(
            Kind::ResponseRecorded,
            &["findings_complete", "findings_lapsed", "responded"],
            "responded",
            RESPONDERS,
            &[],
        ),
        on(
            Kind::ViolationClosed,
            &["findings_complete", "findings_lapsed", "responded"],
            "closed",
            FACT_FINDERS,
            &[],
        )
        .noted("Only after both sides have spoken, or their time has passed."),
        on(
            Kind::ViolationReopened,
            &["closed"],
            "inquiry",
            FACT_FINDERS,
            &[],
        ),
    ],
    clocks: &[
        clock(
            "information_due",
            "information_requested",
            "information-answer",
            Side::Asked,
            "no_response",
            "Recorded as no response: neither guilt nor innocence.",
        ),
        clock(
            "finding_due",
            "assessed",
            "finding",
            Side::AnyParticipant,
            "findings_lapsed",
            "The findings there are stand; a missing one is shown as missing.",
        ),
    ],
    consequences: &[],
    reopened_by: &[Kind::ViolationReopened],
};

const CLAIMANT: &[Actor] = &[actor(Role::Consenter, Side::AnyParticipant)];
const CONFIRMERS: &[Actor] = &[
    actor(Role::Monitor, Side::Observer),
    actor(Role::Inquiry, Side::Counterparty),
];

pub(super) const WITHDRAWAL_OBLIGATION: Machine = Machine {
    name: "withdrawal_obligation",
    title: "Obligation to pull back",
    says: "A pull-back is claimed by whoever answers for it, and confirmed, or found not to be confirmable, by others.",
    per: Per::Subject,
    states: &[
        state("due", 1, "Nobody has claimed that it was done."),
        state("claimed", 1, "It is claimed."),
        state(
            "not_confirmed_in_time",
            1,
            "It is claimed, and was not confirmed in time.",
        ),
        state("confirmed", 0, "It is confirmed."),
        state(
            "not_confirmable",
            1,
            "It can be neither confirmed nor denied.",
        ),
    ],
    transitions: &[
        on(
            Kind::WithdrawalClaimed,
            &[
                "due",
                "claimed",
                "not_confirmed_in_time",
                "not_confirmable",
                "confirmed",
            ],
            "claimed",
            CLAIMANT,
            &[],
        ),
        on(
            Kind::WithdrawalConfirmed,
            &["claimed", "not_confirmed_in_time", "not_confirmable"],
            "confirmed",
            CONFIRMERS,
            &[],
        ),
        on(
            Kind::WithdrawalNotConfirmable,
            &["claimed", "not_confirmed_in_time", "confirmed"],
            "not_confirmable",
            CONFIRMERS,
            &[],
        ),
    ],
    clocks: &[clock(
        "confirmation_due",
        "claimed",
        "withdrawal-confirmation",
        Side::Observer,
        "not_confirmed_in_time",
        "A claim that nobody confirms stays a claim.",
    )],
    consequences: &[],
    reopened_by: &[],
};
