//! What is said about a text: concerns, meetings, readings, and groups that answer.

use std::collections::BTreeMap;

use detente_records::act::Act;
use detente_records::{ConcernSeverity, Kind};

use super::records;
use super::wire::{
    AccessionView, ConcernView, DecisionView, MeetingView, OverrideView, ReadingView,
};
use crate::outcomes::wire::{RecordRef, Words};
use crate::picture::Picture;

pub(super) fn concerns(picture: &Picture) -> BTreeMap<String, Vec<ConcernView>> {
    let mut offices: BTreeMap<String, Vec<ConcernView>> = BTreeMap::new();
    for (id, matter) in picture.matters("concern") {
        let Some(first) = matter.lines.first() else {
            continue;
        };
        let Act::ConcernRaised(raised) = &*first.act else {
            continue;
        };
        let blocking = raised.severity == ConcernSeverity::Blocking;
        let view = ConcernView {
            id: id.to_string(),
            title: Words::from(&raised.title),
            text: Words::from(&raised.text),
            severity: raised.severity.wire_name().to_owned(),
            state: matter.course.state.to_owned(),
            since: matter.course.since.to_string(),
            holder: first.author.holder.to_string(),
            articles: raised.articles.iter().map(ToString::to_string).collect(),
            blocks: blocking && !matter.course.is_over(),
            assigned_to: matter.last(|line| match &*line.act {
                Act::ConcernAssigned(act) => Some(act.office.to_string()),
                _ => None,
            }),
            answer: matter.last(|line| match &*line.act {
                Act::ConcernAnswered(act) => Some(Words::from(&act.text)),
                _ => None,
            }),
            maintained_because: matter.last(|line| match &*line.act {
                Act::ConcernMaintained(act) => Some(Words::from(&act.reason)),
                _ => None,
            }),
            overridden_by: matter.last(|line| match &*line.act {
                Act::OverrideNamed(act) => Some(OverrideView {
                    name: act.name.to_string(),
                    reason: Words::from(&act.reason),
                }),
                _ => None,
            }),
            records: records(matter),
        };
        let office = offices.entry(raised.office.to_string()).or_default();
        office.push(view);
    }
    offices
}

pub(super) fn meetings(picture: &Picture) -> Vec<MeetingView> {
    let meetings = picture.matters("meeting");
    meetings
        .map(|(id, matter)| {
            let mut view = MeetingView {
                id: id.to_string(),
                state: matter.course.state.to_owned(),
                at: None,
                place: None,
                agenda: Vec::new(),
                attendance: Vec::new(),
                decisions: Vec::new(),
                records: records(matter),
            };
            for line in &matter.lines {
                match &*line.act {
                    Act::MeetingCalled(act) => {
                        view.at = Some(act.at.to_string());
                        view.place = act.place.as_ref().map(Words::from);
                        view.agenda = act.agenda.as_slice().iter().map(Words::from).collect();
                    }
                    Act::MeetingHeld(act) => {
                        view.at = Some(act.at.to_string());
                        if !act.agenda.is_empty() {
                            view.agenda = act.agenda.iter().map(Words::from).collect();
                        }
                        let came = act.attendance.as_slice().iter();
                        view.attendance = came
                            .map(|came| (came.holder.to_string(), came.office.to_string()))
                            .collect();
                        let decisions = act.decisions.iter().map(|decision| DecisionView {
                            text: Words::from(&decision.text),
                            articles: decision.articles.iter().map(ToString::to_string).collect(),
                            concerns: decision.concerns.iter().map(ToString::to_string).collect(),
                        });
                        view.decisions = decisions.collect();
                    }
                    _ => {}
                }
            }
            view
        })
        .collect()
}

pub(super) fn readings(picture: &Picture) -> Vec<ReadingView> {
    let readings = picture.readings();
    readings
        .map(|(article, file)| ReadingView {
            article: article.to_string(),
            disputed: file.in_dispute(),
            readings: file
                .readings
                .iter()
                .map(|(holder, reading)| (holder.to_string(), Words::from(reading)))
                .collect(),
            records: records(&file.matter),
        })
        .collect()
}

pub(super) fn accessions(picture: &Picture) -> Vec<AccessionView> {
    let mut groups: BTreeMap<String, AccessionView> = BTreeMap::new();
    let mut lines: Vec<_> = picture
        .statements(Kind::AccessionRecorded)
        .flat_map(|(_, lines)| lines)
        .collect();
    lines.sort_by(|a, b| (a.at, &a.source).cmp(&(b.at, &b.source)));
    for line in lines {
        if let Act::AccessionRecorded(act) = &*line.act {
            let view = AccessionView {
                group: act.group.to_string(),
                status: act.status.wire_name().to_owned(),
                channel: act.channel.to_string(),
                deadline: act.deadline.map(|at| at.to_string()),
                at: line.at.to_string(),
                late: act.deadline.is_some_and(|deadline| deadline < line.at),
                record: RecordRef::from(&line.source),
            };
            groups.insert(act.group.to_string(), view);
        }
    }
    groups.into_values().collect()
}
