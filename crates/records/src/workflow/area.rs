//! Areas and humanitarian pauses.

use super::actor::{Actor, Side, actor};
use super::agreement::WORD;
use super::clock::clock;
use super::guard::Guard;
use super::{Cause, Consequence, Machine, Per, last, on, state, stay};
use crate::act::{Kind, Role};

const OTHERS: &[Actor] = &[actor(Role::Consenter, Side::Counterparty)];
const PROPOSER: &[Actor] = &[actor(Role::Consenter, Side::Proposer)];

pub(super) const AREA: Machine = Machine {
    name: "area",
    title: "Area",
    says: "What restrains holds at once; what loosens waits until every participant has agreed, and meanwhile old and new both hold. Being in an area opens nothing before every participant has agreed to it.",
    per: Per::Subject,
    states: &[
        state("draft", 0, "It is not established."),
        state(
            "standing",
            1,
            "It holds; what articles let through because of it waits until every participant has agreed.",
        ),
        state(
            "loosening_proposed",
            2,
            "It holds as before, together with what the proposed version adds.",
        ),
        state(
            "end_proposed",
            1,
            "It holds as before; its end is proposed.",
        ),
        last(
            "cancelled",
            0,
            "Every participant has agreed to give it up.",
        ),
        last("lapsed", 0, "The end named in it has come."),
    ],
    transitions: &[
        on(Kind::AreaEstablished, &["draft"], "standing", WORD, &[]),
        on(
            Kind::AreaChanged,
            &["standing"],
            "standing",
            WORD,
            &[Guard::NextVersion, Guard::AddsOnly],
        )
        .noted("What restrains more holds at once."),
        on(
            Kind::AreaChanged,
            &["standing"],
            "loosening_proposed",
            WORD,
            &[Guard::NextVersion],
        ),
        stay(
            Kind::AreaChangeAgreed,
            &["standing"],
            WORD,
            &[Guard::CurrentVersion],
        ),
        on(
            Kind::AreaCancelled,
            &["standing"],
            "end_proposed",
            WORD,
            &[],
        ),
        on(
            Kind::AreaChangeAgreed,
            &["loosening_proposed"],
            "standing",
            OTHERS,
            &[Guard::CurrentVersion, Guard::OthersAgreed],
        ),
        stay(
            Kind::AreaChangeAgreed,
            &["loosening_proposed"],
            OTHERS,
            &[Guard::CurrentVersion],
        ),
        on(
            Kind::AreaChangeAgreed,
            &["end_proposed"],
            "cancelled",
            OTHERS,
            &[Guard::OthersAgreed],
        ),
        stay(Kind::AreaChangeAgreed, &["end_proposed"], OTHERS, &[]),
        on(
            Kind::AreaChangeDropped,
            &["loosening_proposed", "end_proposed"],
            "standing",
            OTHERS,
            &[],
        ),
        on(
            Kind::AreaChangeDropped,
            &["loosening_proposed", "end_proposed"],
            "standing",
            PROPOSER,
            &[],
        ),
    ],
    clocks: &[clock(
        "end_unanswered",
        "end_proposed",
        "area-answer",
        Side::Counterparty,
        "standing",
        "Silence agrees to nothing: the area stands.",
    )],
    consequences: &[Consequence {
        cause: Cause::EndReached,
        from: &["standing", "loosening_proposed", "end_proposed"],
        to: "lapsed",
    }],
    reopened_by: &[],
};

/// Whoever may call for a pause.
const PAUSING: &[Actor] = &[
    actor(Role::Notifier, Side::Observer),
    actor(Role::Consenter, Side::AnyParticipant),
    actor(Role::WatchOfficer, Side::AnyParticipant),
];

pub(super) const PAUSE: Machine = Machine {
    name: "pause",
    title: "Humanitarian pause",
    says: "A stop of activity in an area for a while; it holds as soon as it is declared.",
    per: Per::Subject,
    states: &[
        state("draft", 0, "It is not declared."),
        state("declared", 1, "Nobody enters in its time."),
        last("over", 0, "Its end has come."),
    ],
    transitions: &[on(
        Kind::PauseDeclared,
        &["draft"],
        "declared",
        PAUSING,
        &[],
    )],
    clocks: &[],
    consequences: &[Consequence {
        cause: Cause::EndReached,
        from: &["declared"],
        to: "over",
    }],
    reopened_by: &[],
};
