//! What is true of every operation that reaches the articles, in Cedar's words.
//!
//! These are the same bounds that the built-in analysis rests on, written down a second time: a
//! test holds them against requests as the evaluator really gets them.

use cedar_policy::EntityUid;
use detente_records::Activity;
use detente_records::area::AreaRecordKind;
use detente_spacetime::Instant;

use super::super::world::{METRES_MAX, Scene, World, kinds, millis};
use crate::case::{PROTECTED_SEARCH_M, ResourceType};
use crate::facts::floor_m;
use crate::vocabulary::{Vocabulary, uid};

/// Writes what holds of a request of `scene` by a force of `party`, for which `participant`
/// answers. The facts of the request at large are below `context.large`.
pub(super) fn assumptions(
    world: &World<'_>,
    names: &Vocabulary,
    scene: Scene,
    party: &str,
    participant: &str,
) -> Vec<String> {
    let writer = Writer {
        world,
        names,
        scene,
    };
    let mut parts = Vec::new();
    writer.times("context.large", &mut parts);
    parts.push(format!(
        "context.nearestProtectedM >= 0 && context.nearestProtectedM <= {}",
        floor_m(PROTECTED_SEARCH_M)
    ));
    writer.consents(party, &mut parts);
    writer.standing(party, participant, &mut parts);
    parts.push(writer.only_groups("context.groups"));
    writer.gathered(&mut parts);
    if scene.kind != ResourceType::Airspace {
        writer.times("context", &mut parts);
        writer.passage(&mut parts);
    }
    match scene.kind {
        ResourceType::Area => writer.area(&mut parts),
        ResourceType::ProtectedObject => {
            writer.conflict(&mut parts);
            parts.push(format!(
                "context.distanceM >= 0 && context.distanceM <= {METRES_MAX} && \
             resource.standoffM >= 0 && resource.standoffM <= resource.keepOutM && \
             resource.keepOutM <= {METRES_MAX}"
            ));
        }
        ResourceType::Airspace | ResourceType::Movement | ResourceType::Operation => {}
    }
    if !matches!(
        scene.kind,
        ResourceType::ProtectedObject | ResourceType::Airspace
    ) {
        parts.push("context.distanceM == 0".to_owned());
    }
    parts
}

struct Writer<'a> {
    world: &'a World<'a>,
    names: &'a Vocabulary,
    scene: Scene,
}

impl Writer<'_> {
    fn party(&self, id: &str) -> String {
        uid(&self.names.party, id).to_string()
    }

    fn participants(&self) -> String {
        let ids: Vec<String> = self
            .world
            .participants()
            .map(|id| self.party(id.as_str()))
            .collect();
        format!("[{}]", ids.join(", "))
    }

    /// `set` holds no group but the agreement's.
    fn only_groups(&self, set: &str) -> String {
        let groups = self.world.roster.groups.iter();
        let ids: Vec<String> = groups
            .map(|id| uid(&self.names.group, id.as_str()).to_string())
            .collect();
        if ids.is_empty() {
            format!("{set}.isEmpty()")
        } else {
            format!("[{}].containsAll({set})", ids.join(", "))
        }
    }

    fn times(&self, of: &str, parts: &mut Vec<String>) {
        let (first, last) = (datetime(Instant::MIN), datetime(Instant::MAX));
        parts.push(format!("{of}.enters >= {first} && {of}.leaves <= {last}"));
        parts.push(format!("{of}.enters < {of}.leaves"));
        let longest = millis(Instant::MAX) - millis(Instant::MIN);
        parts.push(format!(
            "{of}.leadTime >= duration(\"0ms\") && {of}.leadTime <= duration(\"{longest}ms\")"
        ));
        parts.push(format!(
            "(context.notified || {of}.leadTime == duration(\"0ms\"))"
        ));
        if let Some(day_d) = self.world.agreement.day_d {
            parts.push(format!("{of}.enters >= {}", datetime(day_d)));
        }
        if let Some(ends) = self.world.agreement.ends {
            // Leaving is rounded up to whole milliseconds.
            let ends = Instant::from_micros(ends.micros() + 1_000).unwrap_or(Instant::MAX);
            parts.push(format!("{of}.leaves <= {}", datetime(ends)));
        }
    }

    fn passage(&self, parts: &mut Vec<String>) {
        parts.extend(
            [
                "context.large.enters <= context.enters",
                "context.leaves <= context.large.leaves",
                "context.large.leadTime <= context.leadTime",
                "(context.enters != context.large.enters || \
                 context.leadTime.toMilliseconds() <= context.large.leadTime.toMilliseconds() + 1)",
                "(!context.large.certain || context.certain)",
            ]
            .map(str::to_owned),
        );
    }

    /// Measures, kinds and groups come of the areas touched; designated areas, no others, are of a
    /// kind.
    fn gathered(&self, parts: &mut Vec<String>) {
        parts.push("context.areas.isEmpty() == context.measures.isEmpty()".to_owned());
        parts.push(format!(
            "context.areaKinds.isEmpty() != context.measures.contains({})",
            self.designated_area()
        ));
        parts.push("(context.groups.isEmpty() || !context.areas.isEmpty())".to_owned());
    }

    fn designated_area(&self) -> EntityUid {
        uid(
            &self.names.measure_kind,
            AreaRecordKind::DesignatedArea.wire_name(),
        )
    }

    fn consents(&self, party: &str, parts: &mut Vec<String>) {
        parts.push(format!(
            "{}.containsAll(context.consents)",
            self.participants()
        ));
        for id in self.world.participants() {
            let entity = self.party(id.as_str());
            parts.push(format!(
                "!({entity}.withdrawn && context.consents.contains({entity}))"
            ));
            if id.as_str() == party {
                parts.push(format!(
                    "({entity}.withdrawn || context.consents.contains({entity}))"
                ));
            }
        }
    }

    fn standing(&self, party: &str, participant: &str, parts: &mut Vec<String>) {
        let agreement = uid(&self.names.agreement, &self.world.roster.agreement);
        parts.push(format!("{agreement}.inForce != {agreement}.suspended"));
        if matches!(
            self.scene.activity,
            Activity::Medevac | Activity::SearchAndRescue | Activity::Humanitarian
        ) {
            return;
        }
        parts.push(format!("{agreement}.inForce"));
        for id in [party, participant] {
            parts.push(format!("!{}.withdrawn", self.party(id)));
        }
    }

    /// The product lets nothing into a keep-out but what the stand-off policy exempts.
    fn conflict(&self, parts: &mut Vec<String>) {
        let policy = &self.world.agreement.parameters.standoff;
        let exempt: Vec<String> = self
            .world
            .roster
            .categories
            .iter()
            .filter(|category| policy.exempts(category, self.scene.activity))
            .map(|category| uid(&self.names.category, category.as_str()).to_string())
            .collect();
        parts.push(if exempt.is_empty() {
            "!context.conflict".to_owned()
        } else {
            format!(
                "(!context.conflict || [{}].contains(resource.category))",
                exempt.join(", ")
            )
        });
        parts.push("(!context.conflict || context.distanceM <= resource.keepOutM)".to_owned());
    }

    fn area(&self, parts: &mut Vec<String>) {
        let kind = |id: &str| uid(&self.names.area_kind, id).to_string();
        let designated = format!("resource.measure == {}", self.designated_area());
        let one = kinds().map(|id| format!("resource.kinds == [{}]", kind(id)));
        let every = kinds().map(kind).collect::<Vec<_>>().join(", ");
        let mut forms: Vec<String> = one.collect();
        forms.push(format!("resource.kinds == [{every}]"));
        let forms = forms.join(" || ");
        parts.push(format!(
            "(if {designated} then ({forms}) else resource.kinds.isEmpty())"
        ));
        // An unknown kind needs everyone's consent, whatever articles say.
        parts.push(format!(
            "(resource.kinds != [{every}] || context.consents.containsAll({}))",
            self.participants()
        ));
        parts.push(format!(
            "{}.containsAll(resource.consentOf)",
            self.participants()
        ));
        parts.push(self.only_groups("resource.groups"));
        let (first, last) = (datetime(Instant::MIN), datetime(Instant::MAX));
        parts.push(format!(
            "resource.validFrom >= {first} && resource.validFrom <= {last}"
        ));
        parts.push(format!(
            "(if resource has validUntil then resource.validFrom <= resource.validUntil && resource.validUntil <= {last} else true)"
        ));
        parts.push("resource.validFrom <= context.enters".to_owned());
        parts.push(
            "(if resource has validUntil then context.leaves <= resource.validUntil.offset(duration(\"1ms\")) else true)"
                .to_owned(),
        );
        parts.push("context.areas.contains(resource)".to_owned());
        parts.push("context.areaKinds.containsAll(resource.kinds)".to_owned());
        parts.push("context.measures.contains(resource.measure)".to_owned());
        parts.push("context.groups.containsAll(resource.groups)".to_owned());
        parts.push(
            "(context.areas != [resource] || (context.measures == [resource.measure] && \
             context.areaKinds == resource.kinds && context.groups == resource.groups))"
                .to_owned(),
        );
    }
}

/// `instant` in Cedar's words, rounded down to whole milliseconds.
pub(super) fn datetime(instant: Instant) -> String {
    format!(
        "datetime(\"{}\")",
        crate::moment::text(instant.micros().div_euclid(1_000))
    )
}
