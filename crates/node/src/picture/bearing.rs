//! What an act bears on: the very matter its author had seen, under a name that is free, by whoever still takes part.

use detente_records::act::{Act, Kind};

use super::air::Source;
use super::fold::Field;
use super::outcome::Refusal;
use super::report::REPORT;
use super::said::Said;
use super::{Matter, Picture};

impl Picture {
    /// Refuses an act about a matter whose beginning its author had not seen: it is about another one, which goes by the same
    /// name and was overtaken while a line was down.
    ///
    /// A stop counts for whatever goes by the name.
    pub(super) fn is_about_what_was_seen(&self, said: &Said<'_>) -> Result<(), Refusal> {
        if said.act.kind() == Kind::OperationStopped {
            return Ok(());
        }
        let Some(Source { origin, index }) = self.beginning(said) else {
            return Ok(());
        };
        if origin == *said.origin || said.awareness.covers(&origin, index) {
            return Ok(());
        }
        let says = format!(
            "its author had not seen entry {index} of {origin}, by which the matter of this name began: it is about another"
        );
        Err(Refusal::by("another_matter", says))
    }

    /// The entry by which the matter began that an act is about; nothing where it begins with the act, or with the text.
    fn beginning(&self, said: &Said<'_>) -> Option<Source> {
        let id = said.act.subject();
        let machine = said.act.kind().machine()?.name;
        let matter: &Matter = match Field::named(machine) {
            Field::Text => &self.texts.get(id)?.matter,
            Field::Operation => &self.operations.get(id)?.matter,
            Field::Area => &self.areas.get(id)?.matter,
            Field::Object | Field::Acknowledgement => &self.objects.get(id)?.matter,
            Field::Movement => &self.movements.get(id)?.matter,
            Field::Suspension | Field::Plain => self.matter_file(machine, id)?,
            Field::Own => self.matter_file(REPORT, id)?,
            Field::Reading | Field::Noted => return None,
        };
        matter.lines.first().map(|line| line.source.clone())
    }

    /// Refuses a notice under the name of something that the text itself protects: it would take its place.
    pub(super) fn is_free_for_it(&self, said: &Said<'_>) -> Result<(), Refusal> {
        let Some(bound) = &self.bound_by else {
            return Ok(());
        };
        let id = said.act.subject().as_str();
        let taken = match said.act {
            Act::ObjectSubmitted(_) => {
                let mut objects = bound.dossier.protected.iter();
                objects
                    .any(|object| object.id.as_str() == id)
                    .then_some("an object")
            }
            Act::MovementNotified(_) => {
                let mut movements = bound.dossier.movements.iter();
                movements
                    .any(|movement| movement.id.as_str() == id)
                    .then_some("a movement")
            }
            Act::OperationProposed(_) | Act::FlightNoticed(_) => {
                let mut operations = bound.dossier.operations.iter();
                operations
                    .any(|operation| operation.id.as_str() == id)
                    .then_some("an operation")
            }
            _ => None,
        };
        match taken {
            Some(what) => {
                let says = format!(
                    "`{id}` is {what} of the agreement itself; give this one a name of its own"
                );
                Err(Refusal::by("name_taken", says))
            }
            None => Ok(()),
        }
    }

    /// Refuses what would bind others by the word of a participant that has left: suspensions, areas and pauses.
    pub(super) fn may_still_act(&self, said: &Said<'_>) -> Result<(), Refusal> {
        let machine = said.act.kind().machine().map_or("", |machine| machine.name);
        let binds = matches!(machine, "suspension" | "area" | "pause");
        if binds && self.standing.withdrawn.contains(&said.author.holder) {
            let says = format!("{} has left the agreement", said.author.holder);
            return Err(Refusal::by("withdrawn", says));
        }
        Ok(())
    }
}
