//! One matter: where it stands in its workflow, and everything effective that was said about it.

use std::collections::BTreeMap;

use detente_records::HolderId;
use detente_records::act::Role;
use detente_spacetime::Instant;

use super::air::Source;
use super::course::Course;
use super::outcome::Refusal;
use super::said::{Author, Said};
use super::words::Words;

/// One matter: where it stands in its workflow, and everything effective that was said about it.
#[derive(Clone, Debug, PartialEq)]
pub struct Matter {
    /// Where it stands.
    pub course: Course,
    /// Who brought it up.
    pub opened_by: Author,
    /// When.
    pub opened_at: Instant,
    /// Everything said about it that took effect, in order.
    pub lines: Vec<Line>,
    /// Where each holder stands in workflows it goes through on its own, by workflow and holder.
    pub holders: BTreeMap<(&'static str, HolderId), Course>,
}

/// An act that took effect.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// The entry.
    pub source: Source,
    /// Who wrote it.
    pub author: Author,
    /// The role it was written in.
    pub role: Role,
    /// Its effective time.
    pub at: Instant,
    /// What it says.
    pub act: Words,
}

impl Line {
    pub(super) fn of(said: &Said<'_>) -> Self {
        Self {
            source: said.source(),
            author: said.author.clone(),
            role: said.role,
            at: said.at,
            act: Words::of(said),
        }
    }
}

impl Matter {
    /// A matter whose first act has still to be let through; [`Matter::go_on`] places it.
    pub(super) fn begin(said: &Said<'_>) -> Result<Self, Refusal> {
        let Some(machine) = said.act.kind().machine() else {
            return Err(Refusal::by("no_workflow", "the act belongs to no workflow"));
        };
        Ok(Self {
            course: Course::beginning(machine, said.at),
            opened_by: said.author.clone(),
            opened_at: said.at,
            // Of most matters little more is said than that they are there.
            lines: Vec::with_capacity(1),
            holders: BTreeMap::new(),
        })
    }

    /// Goes on to where an act led.
    pub(super) fn go_on(&mut self, course: Course, said: &Said<'_>) {
        self.course = course;
        self.lines.push(Line::of(said));
    }

    /// The last act `wanted` finds something in.
    pub fn last<'a, T>(&'a self, wanted: impl FnMut(&'a Line) -> Option<T>) -> Option<T> {
        self.lines.iter().rev().find_map(wanted)
    }
}
