//! Reports: release, receipt, passing on.

use super::actor::{Actor, Side, actor};
use super::clock::clock;
use super::guard::Guard;
use super::{Cause, Consequence, Machine, Per, last, on, state, stay};
use crate::act::{Kind, Role};

const ORIGINATOR: &[Actor] = &[actor(Role::ReleaseOfficer, Side::Originator)];
const RECIPIENT: &[Actor] = &[
    actor(Role::WatchOfficer, Side::Recipient),
    actor(Role::ReleaseOfficer, Side::Recipient),
    actor(Role::Inquiry, Side::Recipient),
];
const REQUESTER: &[Actor] = &[actor(Role::ReleaseOfficer, Side::Recipient)];

pub(super) const REPORT: Machine = Machine {
    name: "report",
    title: "Report",
    says: "A report leaves its originator only for named recipients and under a marking. A recall proves that recipients were told, not that they forget.",
    per: Per::Subject,
    states: &[
        state("draft", 1, "It has not left its originator."),
        state("released", 0, "Named recipients have it."),
        last("recalled", 1, "It is no longer to be used."),
        last("expired", 1, "Its time of use is over."),
    ],
    transitions: &[
        on(
            Kind::ReportReleased,
            &["draft"],
            "released",
            ORIGINATOR,
            &[Guard::MarkingAllows, Guard::SealedForEach],
        ),
        stay(
            Kind::ReportReleased,
            &["released"],
            ORIGINATOR,
            &[Guard::MarkingAllows, Guard::SealedForEach],
        )
        .noted("To further recipients."),
        stay(
            Kind::ReportCorrected,
            &["released"],
            ORIGINATOR,
            &[Guard::SealedForEach],
        )
        .noted("To everyone who has it."),
        on(
            Kind::ReportRecalled,
            &["released"],
            "recalled",
            ORIGINATOR,
            &[],
        ),
    ],
    clocks: &[],
    consequences: &[Consequence {
        cause: Cause::EndReached,
        from: &["released"],
        to: "expired",
    }],
    reopened_by: &[],
};

pub(super) const RECEIPT: Machine = Machine {
    name: "receipt",
    title: "Receipt of a report",
    says: "Each recipient says that it has a report, grades it by its own judgement, and takes note of a recall. Receipt admits nothing.",
    per: Per::SubjectAndHolder,
    states: &[
        state("not_sent", 0, "It was not released to this recipient."),
        state("sent", 0, "Released, and receipt not acknowledged."),
        state("received", 0, "Received."),
        state(
            "correction_due",
            1,
            "Corrected, and the recipient has not acknowledged the correction.",
        ),
        state(
            "recall_due",
            1,
            "Recalled, and the recipient has not taken note.",
        ),
        state(
            "recall_overdue",
            1,
            "Recalled, and the recipient has not taken note in time.",
        ),
        last(
            "recall_acknowledged",
            1,
            "The recipient has taken note of the recall.",
        ),
    ],
    transitions: &[
        on(
            Kind::ReportReceived,
            &["sent", "correction_due"],
            "received",
            RECIPIENT,
            &[],
        ),
        stay(
            Kind::ReportGraded,
            &["received", "correction_due", "recall_due", "recall_overdue"],
            RECIPIENT,
            &[],
        ),
        stay(
            Kind::ReportLinked,
            &["received", "correction_due", "recall_due", "recall_overdue"],
            RECIPIENT,
            &[],
        ),
        on(
            Kind::RecallAcknowledged,
            &["recall_due", "recall_overdue"],
            "recall_acknowledged",
            RECIPIENT,
            &[],
        ),
    ],
    clocks: &[clock(
        "recall_note_due",
        "recall_due",
        "recall-acknowledged",
        Side::Recipient,
        "recall_overdue",
        "The recipient has not taken note of the recall.",
    )],
    consequences: &[
        Consequence {
            cause: Cause::Released,
            from: &["not_sent"],
            to: "sent",
        },
        Consequence {
            cause: Cause::Corrected,
            from: &["received"],
            to: "correction_due",
        },
        Consequence {
            cause: Cause::Recalled,
            from: &["sent", "received", "correction_due"],
            to: "recall_due",
        },
    ],
    reopened_by: &[],
};

pub(super) const ONWARD_RELEASE: Machine = Machine {
    name: "onward_release",
    title: "Passing on a report",
    says: "A recipient passes a report on only when its originator has said so; silence is a refusal.",
    per: Per::SubjectAndHolder,
    states: &[
        state("not_asked", 1, "Nobody has asked; it is not passed on."),
        state("requested", 1, "The originator has been asked."),
        state("granted", 0, "It may go to those named in the request."),
        state("refused", 1, "It may not."),
    ],
    transitions: &[
        on(
            Kind::OnwardRequested,
            &["not_asked", "refused", "granted"],
            "requested",
            REQUESTER,
            &[],
        ),
        on(
            Kind::OnwardDecided,
            &["requested", "granted"],
            "refused",
            ORIGINATOR,
            &[Guard::PassingRefused],
        ),
        on(
            Kind::OnwardDecided,
            &["requested", "refused", "granted"],
            "granted",
            ORIGINATOR,
            &[Guard::PassingGranted, Guard::MarkingAllows],
        ),
        stay(
            Kind::ReportForwarded,
            &["granted"],
            REQUESTER,
            &[Guard::PassingCovers, Guard::SealedForEach],
        ),
    ],
    clocks: &[clock(
        "decision_due",
        "requested",
        "onward-decision",
        Side::Originator,
        "refused",
        "The originator has not answered, and that is a refusal.",
    )],
    consequences: &[],
    reopened_by: &[],
};
