//! Channels: what is declared of each, beside the use of it that the record shows.

use std::collections::{BTreeMap, BTreeSet};

use detente_records::act::Act;
use detente_records::act::call::LineState;
use detente_records::act::suspension::Scope;
use detente_records::{ChannelName, HolderId, Kind};
use detente_spacetime::Instant;

use super::Picture;
use super::air::Source;

/// A channel, declared and observed.
#[derive(Clone, Debug, PartialEq)]
pub struct Channel {
    /// Its name.
    pub name: ChannelName,
    /// What each holder declared last.
    pub declared: BTreeMap<HolderId, Declared>,
    /// Suspensions of it that are announced or in effect: whose, and the matter's state.
    pub suspended: Vec<(HolderId, &'static str, Source)>,
    /// Calls over it, in order.
    pub calls: Vec<Call>,
}

/// What a holder declared of a channel.
#[derive(Clone, Debug, PartialEq)]
pub struct Declared {
    /// How it is said to be.
    pub state: LineState,
    /// Since when.
    pub at: Instant,
    /// The entry.
    pub source: Source,
}

/// A call over a channel.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// Who rang.
    pub by: HolderId,
    /// Whom it was for.
    pub to: HolderId,
    /// When.
    pub at: Instant,
    /// Whether somebody answered.
    pub answered: bool,
    /// The entry it began with.
    pub source: Source,
}

/// How what is declared stands to what is observed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// Nothing is declared, or nothing was observed since.
    Unknown,
    /// It is used as it is declared.
    Agrees,
    /// It is declared open, and the last call was not answered.
    OpenAndSilent,
    /// It is declared closed or suspended, and calls are answered all the same.
    ClosedAndUsed,
    /// Holders declare different things of it.
    DeclaredDifferently,
}

impl Comparison {
    /// Returns the name used in answers.
    pub fn wire_name(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Agrees => "agrees",
            Self::OpenAndSilent => "open_and_silent",
            Self::ClosedAndUsed => "closed_and_used",
            Self::DeclaredDifferently => "declared_differently",
        }
    }
}

impl Channel {
    /// Whether somebody declares it suspended or out of order, or has suspended it.
    pub fn is_declared_closed(&self) -> bool {
        let closed = |declared: &Declared| declared.state != LineState::Open;
        let in_effect = |state: &str| {
            matches!(
                state,
                "in_effect" | "resumption_proposed" | "resumption_agreed"
            )
        };
        self.declared.values().any(closed)
            || self.suspended.iter().any(|(_, state, _)| in_effect(state))
    }

    /// Calls since the last declaration.
    pub fn observed(&self) -> impl Iterator<Item = &Call> {
        let since = self.declared.values().map(|declared| declared.at).max();
        self.calls
            .iter()
            .filter(move |call| since.is_none_or(|since| call.at >= since))
    }

    /// Sets what is declared beside what is observed since.
    pub fn comparison(&self) -> Comparison {
        let last = self.observed().last();
        let any_answered = self.observed().any(|call| call.answered);
        let words: BTreeSet<LineState> = self
            .declared
            .values()
            .map(|declared| declared.state)
            .collect();
        let declared = !self.declared.is_empty() || self.is_declared_closed();
        match (self.is_declared_closed(), last) {
            (true, _) if any_answered => Comparison::ClosedAndUsed,
            _ if words.len() > 1 => Comparison::DeclaredDifferently,
            (false, Some(call)) if declared && !call.answered => Comparison::OpenAndSilent,
            (_, Some(_)) if declared => Comparison::Agrees,
            _ => Comparison::Unknown,
        }
    }
}

impl Picture {
    /// Every channel that was declared, suspended or used, by name.
    pub fn channels(&self) -> BTreeMap<ChannelName, Channel> {
        let mut channels: BTreeMap<ChannelName, Channel> = BTreeMap::new();
        let empty = |name: &ChannelName| Channel {
            name: name.clone(),
            declared: BTreeMap::new(),
            suspended: Vec::new(),
            calls: Vec::new(),
        };
        for (subject, lines) in self.statements(Kind::LineStateDeclared) {
            let Ok(name) = ChannelName::parse(subject.as_str()) else {
                continue;
            };
            let channel = channels.entry(name.clone()).or_insert_with(|| empty(&name));
            for line in lines {
                if let Act::LineStateDeclared(act) = &*line.act {
                    let declared = Declared {
                        state: act.state,
                        at: line.at,
                        source: line.source.clone(),
                    };
                    channel
                        .declared
                        .insert(line.author.holder.clone(), declared);
                }
            }
        }
        for (_, matter) in self.matters("suspension") {
            if matter.course.is_over() {
                continue;
            }
            let Some(line) = matter.lines.first() else {
                continue;
            };
            if let Act::SuspensionNotified(act) = &*line.act
                && let Scope::Channel(name) = &act.scope
            {
                let channel = channels.entry(name.clone()).or_insert_with(|| empty(name));
                let holder = line.author.holder.clone();
                let state = matter.course.state;
                channel.suspended.push((holder, state, line.source.clone()));
            }
        }
        for (_, matter) in self.matters("call") {
            let Some(line) = matter.lines.first() else {
                continue;
            };
            if let Act::CallRung(act) = &*line.act {
                let mut lines = matter.lines.iter();
                let channel = channels
                    .entry(act.line.clone())
                    .or_insert_with(|| empty(&act.line));
                channel.calls.push(Call {
                    by: line.author.holder.clone(),
                    to: act.to.clone(),
                    at: line.at,
                    answered: lines.any(|line| line.act.kind() == Kind::CallAnswered),
                    source: line.source.clone(),
                });
            }
        }
        for channel in channels.values_mut() {
            channel
                .calls
                .sort_by(|a, b| (a.at, &a.source).cmp(&(b.at, &b.source)));
        }
        channels
    }
}
