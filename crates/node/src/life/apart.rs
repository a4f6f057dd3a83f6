//! Suspensions, withdrawals, channels, watches and publication.

use std::collections::BTreeMap;

use detente_records::act::Act;
use detente_records::act::suspension::Scope;
use detente_records::{HolderId, RecordId};
use detente_spacetime::Instant;

use super::records;
use super::wire::{
    ChannelView, DeclaredView, LineWatchView, PublicationView, StatedView, SuspensionView,
    WatchView, WithdrawalView,
};
use crate::outcomes::wire::{RecordRef, Words};
use crate::picture::Picture;

pub(super) fn suspensions(picture: &Picture) -> Vec<SuspensionView> {
    let suspensions = picture.matters("suspension");
    suspensions
        .filter_map(|(id, matter)| {
            let first = matter.lines.first()?;
            let Act::SuspensionNotified(act) = &*first.act else {
                return None;
            };
            let (scope, what) = match &act.scope {
                Scope::Channel(name) => ("channel", Some(name.to_string())),
                Scope::Article(article) => ("article", Some(article.to_string())),
                Scope::Area(area) => ("area", Some(area.to_string())),
                Scope::All => ("all", None),
            };
            Some(SuspensionView {
                id: id.to_string(),
                holder: first.author.holder.to_string(),
                scope: scope.to_owned(),
                what,
                state: matter.course.state.to_owned(),
                effect: act.at.to_string(),
                reason: Words::from(&act.reason),
                records: records(matter),
            })
        })
        .collect()
}

pub(super) fn withdrawals(picture: &Picture) -> Vec<WithdrawalView> {
    let withdrawals = picture.matters("withdrawal");
    withdrawals
        .filter_map(|(id, matter)| {
            let first = matter.lines.first()?;
            let Act::WithdrawalNotified(act) = &*first.act else {
                return None;
            };
            Some(WithdrawalView {
                id: id.to_string(),
                holder: first.author.holder.to_string(),
                state: matter.course.state.to_owned(),
                effect: act.at.to_string(),
                reason: Words::from(&act.reason),
                wind_down: wind_down(picture, &first.author.holder),
                records: records(matter),
            })
        })
        .collect()
}

/// What a participant that leaves still answers for in the air, or has consented to.
fn wind_down(picture: &Picture, holder: &HolderId) -> Vec<String> {
    let operations = picture.operations().filter(|(_, file)| {
        let answers = file
            .answerable
            .as_ref()
            .is_some_and(|answerable| answerable.as_str() == holder.as_str());
        let consented = file
            .consents
            .keys()
            .any(|participant| participant.as_str() == holder.as_str());
        file.is_in_the_air() && (answers || consented)
    });
    operations.map(|(id, _)| id.to_string()).collect()
}

/// When suspensions and withdrawals that are not over take effect.
pub(super) fn effects(picture: &Picture) -> Vec<(&'static str, RecordId, Instant)> {
    let of = |machine: &'static str| {
        let matters = picture.matters(machine);
        matters.filter_map(move |(id, matter)| {
            let at = match &*matter.lines.first()?.act {
                Act::SuspensionNotified(act) => act.at,
                Act::WithdrawalNotified(act) => act.at,
                _ => return None,
            };
            (matter.course.state != "lifted").then(|| (machine, id.clone(), at))
        })
    };
    of("suspension").chain(of("withdrawal")).collect()
}

pub(super) fn channels(picture: &Picture) -> Vec<ChannelView> {
    let channels = picture.channels().into_values();
    channels
        .map(|channel| {
            let observed: Vec<_> = channel.observed().collect();
            let declared = channel.declared.iter().map(|(holder, declared)| {
                let view = DeclaredView {
                    state: declared.state.wire_name().to_owned(),
                    at: declared.at.to_string(),
                    record: RecordRef::from(&declared.source),
                };
                (holder.to_string(), view)
            });
            let suspended = channel.suspended.iter();
            ChannelView {
                name: channel.name.to_string(),
                declared: declared.collect(),
                suspended_by: suspended
                    .map(|(holder, state, _)| (holder.to_string(), (*state).to_owned()))
                    .collect(),
                calls: observed.len() as u64,
                answered: observed.iter().filter(|call| call.answered).count() as u64,
                last_call: channel.calls.last().map(|call| call.at.to_string()),
                comparison: channel.comparison().wire_name().to_owned(),
                records: observed
                    .iter()
                    .map(|call| RecordRef::from(&call.source))
                    .collect(),
            }
        })
        .collect()
}

pub(super) fn watches(picture: &Picture, now: Instant) -> Vec<LineWatchView> {
    let mut lines: BTreeMap<RecordId, LineWatchView> = BTreeMap::new();
    for watch in picture.watches() {
        let participants = picture.participants().into_iter();
        let line = lines.entry(watch.line.clone());
        let line = line.or_insert_with(|| LineWatchView {
            line: watch.line.to_string(),
            watches: BTreeMap::new(),
            unwatched: participants.map(|holder| holder.to_string()).collect(),
        });
        let holder = watch.holder.to_string();
        let is_over = !watch.is_kept(now);
        if !is_over {
            line.unwatched.retain(|other| *other != holder);
        }
        let view = WatchView {
            office: watch.office.to_string(),
            person: watch.person.as_ref().map(ToString::to_string),
            alternate: watch.alternate.as_ref().map(ToString::to_string),
            since: watch.since.to_string(),
            until: watch.until.to_string(),
            is_over,
            record: RecordRef::from(&watch.source),
        };
        line.watches.insert(holder, view);
    }
    lines.into_values().collect()
}

pub(super) fn publications(picture: &Picture) -> Vec<PublicationView> {
    let participants = picture.participants();
    let mut found = Vec::new();
    for (document, publication) in picture.publications(Instant::MAX) {
        for (part, stated) in publication.parts() {
            let publicity = publication.of_part(part, &participants);
            let stated = stated.iter().map(|(holder, stated)| {
                let view = StatedView {
                    publicity: stated.act.publicity.wire_name().to_owned(),
                    by: stated.act.by.as_ref().map(ToString::to_string),
                    published_at: stated.act.at.map(|at| at.to_string()),
                    at: stated.at.to_string(),
                    record: RecordRef::from(&stated.source),
                };
                (holder.to_string(), view)
            });
            found.push(PublicationView {
                document: document.to_string(),
                part: (!part.is_empty()).then(|| part.to_owned()),
                publicity: publicity.wire_name().to_owned(),
                stated: stated.collect(),
            });
        }
    }
    found
}
