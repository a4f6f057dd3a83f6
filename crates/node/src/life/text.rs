//! Texts: signatures, Day D, preconditions.

use std::collections::BTreeSet;

use detente_records::HolderId;
use detente_records::act::Act;
use detente_spacetime::Instant;

use super::hours;
use super::wire::{
    EvidenceView, PreconditionView, QuietNeedView, ReportView, SignatureView, TextView,
};
use crate::outcomes::hours as whole_hours;
use crate::outcomes::wire::{RecordRef, Words};
use crate::picture::{Dossier, Picture, PreconditionState, Report, TextFile};

pub(super) fn texts(picture: &Picture, now: Instant) -> Vec<TextView> {
    let texts = picture.texts();
    texts
        .map(|(id, file)| {
            let participants = picture.signatories(file);
            let lacking = |has: &dyn Fn(&HolderId) -> bool| {
                let lacking = participants.iter().filter(|holder| !has(holder));
                lacking.map(ToString::to_string).collect()
            };
            let course = &file.matter.course;
            let may_be_signed = !course.is_over() && course.state != "in_force";
            TextView {
                id: id.to_string(),
                state: course.state.to_owned(),
                since: course.since.to_string(),
                binds: picture.binding_text() == Some(id),
                sha256: hex(&file.sha256),
                languages: file
                    .translations
                    .iter()
                    .map(|translation| {
                        let equivalence = translation.equivalence.wire_name();
                        (translation.language.to_string(), equivalence.to_owned())
                    })
                    .collect(),
                signatures: signatures(file),
                not_initialled: lacking(&|holder| file.initialled.contains_key(holder)),
                not_adopted: lacking(&|holder| file.adopted.contains_key(holder)),
                blocked_by: match may_be_signed {
                    true => picture.blocking_concerns(),
                    false => Vec::new(),
                },
                day_d: file.agreed_day_d(&participants).map(|at| at.to_string()),
                day_d_named: file
                    .day_d
                    .iter()
                    .map(|(holder, at)| (holder.to_string(), at.to_string()))
                    .collect(),
                ends: ends(file, &participants).map(|at| at.to_string()),
                renewals: file
                    .renewals
                    .iter()
                    .map(|(holder, at)| (holder.to_string(), at.to_string()))
                    .collect(),
                preconditions: preconditions(picture, file, now),
                held_back: file.held_back().iter().map(ToString::to_string).collect(),
                next: super::next(course.machine, course.state),
            }
        })
        .collect()
}

/// When a text ends: its own end, or a later one everybody agreed to.
pub(super) fn ends(file: &TextFile, participants: &BTreeSet<HolderId>) -> Option<Instant> {
    let stated = file.dossier.as_ref()?.agreement().ends?;
    let renewed = file.agreed_end(participants);
    Some(renewed.map_or(stated, |later| stated.max(later)))
}

/// Initials and adoptions of the text as it was tabled last.
pub(crate) fn signatures(file: &TextFile) -> Vec<SignatureView> {
    let signing = file.matter.lines.iter().filter(|line| {
        let sha256 = match &*line.act {
            Act::AgreementInitialled(act) => act.sha256.bytes(),
            Act::AgreementAdopted(act) => act.sha256.bytes(),
            _ => return false,
        };
        // Tabling a changed text makes what was signed before void.
        *sha256 == file.sha256
    });
    signing
        .filter(|line| match &*line.act {
            Act::AgreementInitialled(_) => file.initialled.contains_key(&line.author.holder),
            _ => file.adopted.contains_key(&line.author.holder),
        })
        .map(|line| SignatureView {
            holder: line.author.holder.to_string(),
            act: line.act.kind().wire_name().to_owned(),
            at: line.at.to_string(),
            record: RecordRef::from(&line.source),
        })
        .collect()
}

fn preconditions(picture: &Picture, file: &TextFile, now: Instant) -> Vec<PreconditionView> {
    let Some(dossier) = &file.dossier else {
        return Vec::new();
    };
    let states = picture.preconditions(file, now).into_iter();
    states
        .filter_map(|(id, state)| view(dossier, &id, state, now))
        .collect()
}

fn view(
    dossier: &Dossier,
    id: &detente_records::PreconditionId,
    state: PreconditionState,
    now: Instant,
) -> Option<PreconditionView> {
    let asked = dossier.agreement().preconditions.get(id)?;
    let instant = |at: Option<Instant>| at.map(|at| at.to_string());
    let quiet = state.quiet.map(|quiet| QuietNeedView {
        needed_h: hours(quiet.needed),
        counted_h: quiet.since.map_or(0, |since| whole_hours(since, now)),
        since: instant(quiet.since),
        by_account_h: quiet
            .by_account
            .iter()
            .map(|(holder, since)| (holder.to_string(), whole_hours(*since, now)))
            .collect(),
    });
    Some(PreconditionView {
        id: id.to_string(),
        text: Words::from(&asked.text),
        article: asked.article.as_ref().map(ToString::to_string),
        opens: asked.opens.iter().map(ToString::to_string).collect(),
        holding: state.holding.wire_name().to_owned(),
        met_at: state.met.as_ref().map(|(at, _)| at.to_string()),
        met_by: state
            .met
            .as_ref()
            .map(|(_, source)| RecordRef::from(source)),
        earliest: instant(state.earliest),
        due: instant(state.due),
        quiet,
        reports: state
            .reports
            .iter()
            .map(|(holder, report)| (holder.to_string(), report_view(report)))
            .collect(),
        lacking: state.lacking.iter().map(ToString::to_string).collect(),
    })
}

fn report_view(report: &Report) -> ReportView {
    let evidence = report.evidence.iter().map(|item| EvidenceView {
        title: Words::from(&item.title),
        sha256: item.original.sha256.to_string(),
    });
    ReportView {
        holds: report.holds,
        since: report.since.map(|at| at.to_string()),
        at: report.at.to_string(),
        record: RecordRef::from(&report.source),
        evidence: evidence.collect(),
    }
}

pub(crate) fn hex(bytes: &[u8; 32]) -> String {
    detente_ledger::hash::Hash::from_bytes(*bytes).to_hex()
}
