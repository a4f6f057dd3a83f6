//! Suspension and withdrawal.

use super::actor::{Actor, Side, actor};
use super::agreement::WORD;
use super::clock::clock;
use super::guard::Guard;
use super::{Cause, Consequence, Machine, Per, last, on, state, stay};
use crate::act::{Kind, Role};

const OTHERS: &[Actor] = &[actor(Role::Consenter, Side::Counterparty)];

pub(super) const SUSPENSION: Machine = Machine {
    name: "suspension",
    title: "Suspension",
    says: "A participant suspends a channel, an article, an area or everything; resuming takes everyone. Protected objects, movements, the liaison line and the ledger are never suspended.",
    per: Per::Subject,
    states: &[
        state("draft", 0, "Nothing is suspended."),
        state(
            "notified",
            1,
            "Announced; it takes effect at the instant named.",
        ),
        state(
            "in_effect",
            2,
            "Suspended; operations that relied on it are judged again.",
        ),
        state(
            "resumption_proposed",
            2,
            "Suspended; a participant proposes to resume.",
        ),
        state(
            "resumption_agreed",
            2,
            "Suspended until the instant that every participant has agreed to.",
        ),
        last("lifted", 0, "The instant agreed has come."),
    ],
    transitions: &[
        on(
            Kind::SuspensionNotified,
            &["draft"],
            "notified",
            WORD,
            &[Guard::NotInThePast],
        ),
        on(
            Kind::ResumptionProposed,
            &["in_effect", "resumption_proposed"],
            "resumption_proposed",
            WORD,
            &[],
        ),
        on(
            Kind::ResumptionAgreed,
            &["resumption_proposed"],
            "resumption_agreed",
            OTHERS,
            &[Guard::SameInstant, Guard::OthersAgreed],
        ),
        stay(
            Kind::ResumptionAgreed,
            &["resumption_proposed"],
            OTHERS,
            &[Guard::SameInstant],
        ),
    ],
    clocks: &[clock(
        "resumption_unanswered",
        "resumption_proposed",
        "resumption-answer",
        Side::Counterparty,
        "in_effect",
        "Silence resumes nothing.",
    )],
    consequences: &[
        Consequence {
            cause: Cause::EffectTime,
            from: &["notified"],
            to: "in_effect",
        },
        Consequence {
            cause: Cause::EffectTime,
            from: &["resumption_agreed"],
            to: "lifted",
        },
    ],
    reopened_by: &[],
};

pub(super) const WITHDRAWAL: Machine = Machine {
    name: "withdrawal",
    title: "Withdrawal",
    says: "A participant leaves; what is under way is wound down until it takes effect. Protected objects, movements, the liaison line and the ledger stay.",
    per: Per::Subject,
    states: &[
        state("draft", 0, "Nobody leaves."),
        state(
            "winding_down",
            1,
            "Announced; what is under way is brought to an end.",
        ),
        last(
            "withdrawn",
            2,
            "The participant has left; the safety floor stays.",
        ),
    ],
    transitions: &[on(
        Kind::WithdrawalNotified,
        &["draft"],
        "winding_down",
        WORD,
        &[Guard::NotInThePast],
    )],
    clocks: &[],
    consequences: &[Consequence {
        cause: Cause::EffectTime,
        from: &["winding_down"],
        to: "withdrawn",
    }],
    reopened_by: &[],
};
