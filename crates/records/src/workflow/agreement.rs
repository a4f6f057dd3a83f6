//! The text of an agreement, technical meetings, and readings of articles.

use super::actor::{Actor, Side, actor};
use super::clock::clock;
use super::guard::Guard;
use super::{Cause, Consequence, Machine, Per, last, on, state, stay};
use crate::act::{Kind, Role};

/// Whoever gives a participant's word.
pub(super) const WORD: &[Actor] = &[actor(Role::Consenter, Side::AnyParticipant)];

/// Whoever reports on preconditions.
const REPORTERS: &[Actor] = &[
    actor(Role::Consenter, Side::AnyParticipant),
    actor(Role::Inquiry, Side::AnyParticipant),
    actor(Role::Monitor, Side::Observer),
];

pub(super) const AGREEMENT: Machine = Machine {
    name: "agreement",
    title: "Text of an agreement",
    says: "A text is tabled, examined, initialled and adopted by every participant, and binds from Day D once every precondition holds. Suspension and withdrawal have workflows of their own.",
    per: Per::Subject,
    states: &[
        state("draft", 1, "Nobody has seen it."),
        state("tabled", 1, "It lies before the participants, clause by clause in every language."),
        state("technical_review", 1, "Experts examine it; concerns are raised and answered."),
        state("initialling", 1, "Some participants have initialled it."),
        state("initialled", 1, "Every participant has initialled it."),
        state("adopting", 1, "Some participants have adopted it."),
        state("adopted", 1, "Every participant has adopted it; Day D or a precondition is missing."),
        state("in_force", 0, "It binds from Day D on."),
        last("superseded", 1, "Another text has taken its place."),
        last("ended", 1, "Its end has come; protected objects, movements, the liaison line and the ledger stay."),
    ],
    transitions: &[
        on(
            Kind::AgreementTabled,
            &["draft", "tabled", "technical_review", "initialling", "initialled", "adopting", "adopted"],
            "tabled",
            WORD,
            &[],
        )
        .noted("Tabling a changed text makes every initial and adoption void."),
        on(Kind::TechnicalReviewOpened, &["tabled"], "technical_review", WORD, &[]),
        on(
            Kind::AgreementInitialled,
            &["technical_review", "initialling"],
            "initialled",
            WORD,
            &[Guard::SameText, Guard::NoBlockingConcern, Guard::OthersInitialled],
        ),
        on(
            Kind::AgreementInitialled,
            &["technical_review", "initialling"],
            "initialling",
            WORD,
            &[Guard::SameText, Guard::NoBlockingConcern],
        ),
        on(
            Kind::AgreementAdopted,
            &["initialled", "adopting"],
            "adopted",
            WORD,
            &[Guard::SameText, Guard::OthersAdopted],
        ),
        on(Kind::AgreementAdopted, &["initialled", "adopting"], "adopting", WORD, &[Guard::SameText]),
        on(
            Kind::DayDSet,
            &["adopted"],
            "in_force",
            WORD,
            &[Guard::NotInThePast, Guard::OthersNamedDayD, Guard::PreconditionsHold],
        ),
        stay(Kind::DayDSet, &["adopted"], WORD, &[Guard::NotInThePast])
            .noted("The other participants have still to name the same instant, or a precondition does not hold."),
        on(
            Kind::PreconditionReported,
            &["adopted"],
            "in_force",
            REPORTERS,
            &[Guard::DayDAgreed, Guard::PreconditionsHold],
        ),
        stay(
            Kind::PreconditionReported,
            &["tabled", "technical_review", "initialling", "initialled", "adopting", "adopted", "in_force"],
            REPORTERS,
            &[],
        ),
        stay(Kind::RenewalAgreed, &["in_force"], WORD, &[Guard::NotInThePast])
            .noted("The end moves once every participant has agreed to the same."),
    ],
    clocks: &[],
    consequences: &[
        Consequence { cause: Cause::Superseded, from: &["in_force"], to: "superseded" },
        Consequence { cause: Cause::EndReached, from: &["in_force"], to: "ended" },
    ],
    reopened_by: &[],
};

pub(super) const MEETING: Machine = Machine {
    name: "meeting",
    title: "Technical meeting",
    says: "A meeting is called with its agenda; its minutes link decisions to articles and concerns.",
    per: Per::Subject,
    states: &[
        state("draft", 0, "Nobody has been called."),
        state("called", 0, "It has been called."),
        state(
            "overdue",
            0,
            "It has been called, and no minutes were recorded in time.",
        ),
        last("held", 0, "Its minutes are on record."),
    ],
    transitions: &[
        on(
            Kind::MeetingCalled,
            &["draft"],
            "called",
            WORD,
            &[Guard::NotInThePast],
        ),
        stay(
            Kind::MeetingCalled,
            &["called"],
            WORD,
            &[Guard::NotInThePast],
        )
        .noted("Calling it again moves it."),
        on(
            Kind::MeetingHeld,
            &["draft", "called", "overdue"],
            "held",
            WORD,
            &[],
        ),
    ],
    clocks: &[clock(
        "minutes_due",
        "called",
        "meeting-minutes",
        Side::Proposer,
        "overdue",
        "No minutes have been recorded.",
    )],
    consequences: &[],
    reopened_by: &[],
};

pub(super) const READING: Machine = Machine {
    name: "reading",
    title: "Reading of an article",
    says: "Participants record how they read an article; while readings differ, the stricter one counts.",
    per: Per::Subject,
    states: &[
        state("undisputed", 0, "No two readings differ."),
        state("disputed", 1, "Readings differ: the stricter one counts."),
    ],
    transitions: &[
        stay(
            Kind::InterpretationRecorded,
            &["undisputed"],
            WORD,
            &[Guard::ReadingsAgree],
        ),
        on(
            Kind::InterpretationRecorded,
            &["undisputed"],
            "disputed",
            WORD,
            &[],
        ),
        stay(Kind::InterpretationRecorded, &["disputed"], WORD, &[]),
        on(
            Kind::InterpretationSettled,
            &["disputed"],
            "undisputed",
            WORD,
            &[Guard::OthersSettled],
        ),
        stay(Kind::InterpretationSettled, &["disputed"], WORD, &[]),
    ],
    clocks: &[],
    consequences: &[],
    reopened_by: &[],
};
