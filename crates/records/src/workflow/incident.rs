//! Incidents.

use super::actor::{Actor, Side, actor};
use super::{Machine, Per, on, state, stay};
use crate::act::{Kind, Role};

const TAKERS: &[Actor] = &[
    actor(Role::Inquiry, Side::AnyHolder),
    actor(Role::WatchOfficer, Side::AnyHolder),
    actor(Role::Monitor, Side::Observer),
    actor(Role::Notifier, Side::Observer),
];

pub(super) const INCIDENT: Machine = Machine {
    name: "incident",
    title: "Incident",
    says: "An event and what each source says of it, word for word, side by side. It has no legal label and no end: another source can always be added.",
    per: Per::Subject,
    states: &[
        state("draft", 0, "It has not been reported."),
        state("on_record", 0, "It is on record."),
    ],
    transitions: &[
        on(Kind::IncidentReported, &["draft"], "on_record", TAKERS, &[]),
        stay(Kind::IncidentSourceAdded, &["on_record"], TAKERS, &[]),
    ],
    clocks: &[],
    consequences: &[],
    reopened_by: &[],
};
