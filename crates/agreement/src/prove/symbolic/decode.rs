//! A solver's model read back as a case of the built-in analysis, so that one and the same code
//! makes an operation of it.

use cedar_policy::{EvalResult, Expression, eval_expression};
use cedar_policy_symcc::Env;

use super::super::formula::{Atoms, Formula};
use super::super::solve::Case;
use super::super::world::{ANOTHER_AREA, CONFLICT, OTHER_AREA, Scene, World, kinds, measures};
use crate::case::ResourceType;
use crate::vocabulary::{Vocabulary, uid};

/// Reads `model`, in which the force `force` flies and meets an operation of `other`.
pub(super) fn case(
    world: &World<'_>,
    names: &Vocabulary,
    scene: Scene,
    force: &str,
    other: Option<&str>,
    model: &Env,
) -> (Atoms, Case) {
    let mut reader = Reader {
        model,
        atoms: Atoms::new(),
        case: Case::empty(),
    };
    for id in world.roster.forces.keys() {
        reader.set(format!("force is {id}"), id.as_str() == force);
        reader.set(format!("other force is {id}"), Some(id.as_str()) == other);
    }
    reader.shared(world, names);
    let at_large = scene.at_large();
    reader.times("context.large", at_large);
    if scene.kind != ResourceType::Airspace {
        reader.times("context", scene);
    }
    match scene.kind {
        ResourceType::Area => reader.area(world, names),
        ResourceType::ProtectedObject => reader.object(world, names),
        ResourceType::Movement => reader.movement(),
        ResourceType::Operation => reader.fact("other combat".to_owned(), "resource.combat"),
        ResourceType::Airspace => {}
    }
    reader.elsewhere(world, names, scene);
    (reader.atoms, reader.case)
}

struct Reader<'m> {
    model: &'m Env,
    atoms: Atoms,
    case: Case,
}

impl Reader<'_> {
    /// The value of an expression in the model; `None` where the model leaves it open.
    fn value(&self, text: &str) -> Option<EvalResult> {
        let expression: Expression = text.parse().ok()?;
        eval_expression(&self.model.request, &self.model.entities, &expression).ok()
    }

    fn truth(&self, text: &str) -> Option<bool> {
        match self.value(text) {
            Some(EvalResult::Bool(value)) => Some(value),
            _ => None,
        }
    }

    fn set(&mut self, name: String, value: bool) {
        let atom = self.atoms.fact(name);
        self.assign(&atom, value);
    }

    fn assign(&mut self, atom: &Formula, value: bool) {
        if let Formula::Atom(id) = atom {
            self.case.assign(*id, value);
        }
    }

    /// What the model leaves open stays open.
    fn fact(&mut self, name: String, text: &str) {
        if let Some(value) = self.truth(text) {
            self.set(name, value);
        }
    }

    fn number(&mut self, name: &str, text: &str) {
        if let Some(EvalResult::Long(value)) = self.value(text) {
            let number = self.atoms.number(name);
            self.case.assign_number(number, i128::from(value));
        }
    }

    fn shared(&mut self, world: &World<'_>, names: &Vocabulary) {
        for id in world.participants() {
            let party = uid(&names.party, id.as_str());
            self.fact(
                format!("consent {id}"),
                &format!("context.consents.contains({party})"),
            );
        }
        for id in world.roster.parties.keys() {
            let party = uid(&names.party, id.as_str());
            for what in ["suspended", "withdrawn"] {
                self.fact(format!("{what} {id}"), &format!("{party}.{what}"));
            }
        }
        let agreement = uid(&names.agreement, &world.roster.agreement);
        self.fact("in force".to_owned(), &format!("{agreement}.inForce"));
        self.fact("notified".to_owned(), "context.notified");
        self.number("nearestProtectedM", "context.nearestProtectedM");
    }

    fn times(&mut self, of: &str, scene: Scene) {
        let since = "durationSince(datetime(\"1970-01-01\")).toMilliseconds()";
        for name in ["enters", "leaves"] {
            self.number(&scene.own(name), &format!("{of}.{name}.{since}"));
        }
        self.number(
            &scene.own("leadTime"),
            &format!("{of}.leadTime.toMilliseconds()"),
        );
        self.fact(scene.own("certain"), &format!("{of}.certain"));
        if scene.kind != ResourceType::Airspace {
            self.number("distanceM", "context.distanceM");
        }
    }

    fn area(&mut self, world: &World<'_>, names: &Vocabulary) {
        let mut named = false;
        for id in &world.areas {
            let is = self.truth(&format!("resource == {}", uid(&names.area, id)));
            named |= is == Some(true);
            self.set(format!("area is {id}"), is == Some(true));
        }
        self.set(format!("area is {OTHER_AREA}"), !named);
        for id in measures() {
            let measure = uid(&names.measure_kind, id);
            self.fact(
                format!("measure is {id}"),
                &format!("resource.measure == {measure}"),
            );
        }
        for id in kinds() {
            let kind = uid(&names.area_kind, id);
            self.fact(
                format!("kind {id}"),
                &format!("resource.kinds.contains({kind})"),
            );
        }
        for id in world.participants() {
            let party = uid(&names.party, id.as_str());
            self.fact(
                format!("consent of {id}"),
                &format!("resource.consentOf.contains({party})"),
            );
        }
        for id in &world.roster.groups {
            let group = uid(&names.group, id.as_str());
            self.fact(
                format!("group {id}"),
                &format!("resource.groups.contains({group})"),
            );
        }
        self.fact("area ends".to_owned(), "resource has validUntil");
        let since = "durationSince(datetime(\"1970-01-01\")).toMilliseconds()";
        for name in ["validFrom", "validUntil"] {
            self.number(name, &format!("resource.{name}.{since}"));
        }
    }

    fn object(&mut self, world: &World<'_>, names: &Vocabulary) {
        for id in world.categories() {
            let category = uid(&names.category, id);
            self.fact(
                format!("category is {id}"),
                &format!("resource.category == {category}"),
            );
        }
        self.fact(CONFLICT.to_owned(), "context.conflict");
        for name in ["standoffM", "keepOutM"] {
            self.number(name, &format!("resource.{name}"));
        }
    }

    fn movement(&mut self) {
        if let Some(EvalResult::String(text)) = self.value("resource.organisation")
            && !text.is_empty()
        {
            let atom = self.atoms.spelt("organisation", &text);
            self.assign(&atom, true);
        }
    }

    /// What the operation gathers beyond the thing asked about.
    fn elsewhere(&mut self, world: &World<'_>, names: &Vocabulary, scene: Scene) {
        let here = scene.kind == ResourceType::Area;
        let mut gathered = |set: &str, entity: String, name: String, own: String| {
            let touched = self.truth(&format!("context.{set}.contains({entity})"));
            let own = here && self.truth(&own) == Some(true);
            if touched == Some(true) && !own {
                self.set(format!("elsewhere {name}"), true);
            }
        };
        for id in &world.areas {
            let area = uid(&names.area, id).to_string();
            let own = format!("resource == {area}");
            gathered("areas", area, format!("area is {id}"), own);
        }
        for id in measures() {
            let measure = uid(&names.measure_kind, id).to_string();
            let own = format!("resource.measure == {measure}");
            gathered("measures", measure, format!("measure is {id}"), own);
        }
        for id in kinds() {
            let kind = uid(&names.area_kind, id).to_string();
            let own = format!("resource.kinds.contains({kind})");
            gathered("areaKinds", kind, format!("kind {id}"), own);
        }
        for id in &world.roster.groups {
            let group = uid(&names.group, id.as_str()).to_string();
            let own = format!("resource.groups.contains({group})");
            gathered("groups", group, format!("group {id}"), own);
        }
        let known: Vec<String> = world
            .areas
            .iter()
            .map(|id| uid(&names.area, id).to_string())
            .chain(here.then(|| "resource".to_owned()))
            .collect();
        let only_known = if known.is_empty() {
            "context.areas.isEmpty()".to_owned()
        } else {
            format!("[{}].containsAll(context.areas)", known.join(", "))
        };
        if self.truth(&only_known) == Some(false) {
            self.set(format!("elsewhere area is {ANOTHER_AREA}"), true);
        }
    }
}
