//! Articles and properties put together by chance, from conditions of every sort the schema knows.
//!
//! They fit the agreement of `testdata/agreement.toml`, with an area `east` and a category `school`.

/// What a condition may ask, whatever is touched.
pub(crate) const ANYWHERE: [&str; 34] = [
    "context.notified",
    "context.certain",
    "context.agreement.inForce",
    "context.leadTime >= duration(\"24h\")",
    "context.leadTime < duration(\"6h\")",
    "context.leadTime.toMilliseconds() > 21600000",
    "context.enters < datetime(\"2030-06-10T10:20:00Z\")",
    "context.leaves.durationSince(context.enters) > duration(\"1h\")",
    "context.enters.offset(duration(\"1h\")) < context.leaves",
    "context.enters.toTime() < duration(\"11h\")",
    "context.distanceM < 3000",
    "context.distanceM + 100 <= context.nearestProtectedM",
    "[0, 700, 2500].contains(context.distanceM)",
    "context.distanceM * 2 > 4000",
    "context.nearestProtectedM >= 5000",
    "principal in Detente::Party::\"N\"",
    "principal in Detente::Force::\"north-air-force\"",
    "principal == Detente::Force::\"north-helicopters\"",
    "principal.party.participant",
    "principal.party has guarantor",
    "(principal.party has guarantor && principal.party.guarantor == Detente::Party::\"B\")",
    "principal.party.suspended || context.participant.suspended",
    "action in Detente::Action::\"combat\"",
    "action in [Detente::Action::\"medevac\", Detente::Action::\"transit\"]",
    "context.measures.contains(Detente::MeasureKind::\"corridor\")",
    "context.areaKinds.containsAny([Detente::AreaKind::\"possible\", Detente::AreaKind::\"significant\"])",
    "context.areas.contains(Detente::Area::\"east\")",
    "context.areas.isEmpty()",
    "context.groups.contains(Detente::Group::\"moderate\")",
    "[Detente::Area::\"east\"].containsAll(context.areas)",
    "(if context.notified then context.distanceM else 1000) > 900",
    "resource is Detente::Area && resource.measure == Detente::MeasureKind::\"designated_area\"",
    "resource is Detente::Airspace",
    "(if principal in Detente::Party::\"N\" then principal.party.withdrawn else principal.party.suspended)",
];

/// What a condition may ask of an area.
pub(crate) const OF_AREAS: [&str; 16] = [
    "resource.measure == Detente::MeasureKind::\"designated_area\"",
    "resource.measure != Detente::MeasureKind::\"corridor\"",
    "resource.kinds.contains(Detente::AreaKind::\"possible\")",
    "resource.kinds == [Detente::AreaKind::\"concentrated\"]",
    "resource.kinds.isEmpty()",
    "resource.consentOf.contains(Detente::Party::\"A\")",
    "[Detente::Party::\"A\", Detente::Party::\"B\"].containsAll(resource.consentOf)",
    "resource.groups.contains(Detente::Group::\"moderate\")",
    "resource has validUntil && context.leaves <= resource.validUntil",
    "resource has validUntil && resource.validUntil.durationSince(resource.validFrom) < duration(\"30d\")",
    "resource.validFrom <= context.enters",
    "resource == Detente::Area::\"east\"",
    "resource in [Detente::Area::\"east\"]",
    "context.areas == [resource]",
    "[resource].containsAll(context.areas)",
    "(if context.notified then resource else Detente::Area::\"east\") == Detente::Area::\"east\"",
];
pub(crate) const OF_OBJECTS: [&str; 7] = [
    "resource in Detente::ObjectCategory::\"school\"",
    "resource.category == Detente::ObjectCategory::\"hospital\"",
    "context.distanceM < resource.standoffM",
    "context.distanceM - resource.keepOutM > 1000",
    "resource.standoffM < resource.keepOutM",
    "context.distanceM + context.distanceM < resource.keepOutM",
    "resource is Detente::ProtectedObject in Detente::ObjectCategory::\"hospital\"",
];
pub(crate) const OF_MOVEMENTS: [&str; 5] = [
    "resource.organisation == \"relief-agency\"",
    "resource.organisation like \"relief*\"",
    "resource.organisation like \"*agency\" && !(resource.organisation like \"r*\")",
    "resource.organisation like \"*a*a*\"",
    "\"relief\" like \"*ie*\"",
];
pub(crate) const OF_OPERATIONS: [&str; 6] = [
    "resource.combat",
    "resource.party == Detente::Party::\"N\"",
    "resource.party.participant",
    "resource.party has guarantor && resource.party.guarantor == principal.party",
    "resource.force in Detente::Force::\"north-air-force\"",
    "resource.party.suspended",
];
/// What a condition may ask of consents, read so that more of them only help.
pub(crate) const CONSENTS: [&str; 6] = [
    "context.consents.contains(Detente::Party::\"B\")",
    "context.consents.containsAll(context.participants)",
    "context.consents.contains(context.participant)",
    "context.consents.containsAny([Detente::Party::\"A\", Detente::Party::\"C\"])",
    "!context.consents.isEmpty()",
    "context.consents.containsAll([Detente::Party::\"A\", Detente::Party::\"B\"])",
];
pub(crate) const ACTIONS: [&str; 6] = [
    "action",
    "action in Detente::Action::\"airOperation\"",
    "action in Detente::Action::\"combat\"",
    "action in Detente::Action::\"nonCombat\"",
    "action == Detente::Action::\"strike\"",
    "action in [Detente::Action::\"medevac\", Detente::Action::\"combat\"]",
];
pub(crate) const PRINCIPALS: [&str; 5] = [
    "principal",
    "principal in Detente::Party::\"N\"",
    "principal == Detente::Force::\"a-air\"",
    "principal is Detente::Force in Detente::Force::\"north-air-force\"",
    "principal",
];
pub(crate) const RESOURCES: [(&str, &[&str]); 7] = [
    ("resource", &[]),
    ("resource is Detente::Area", &OF_AREAS),
    (
        "resource is Detente::Area in Detente::Area::\"east\"",
        &OF_AREAS,
    ),
    ("resource is Detente::ProtectedObject", &OF_OBJECTS),
    ("resource is Detente::Movement", &OF_MOVEMENTS),
    ("resource is Detente::Operation", &OF_OPERATIONS),
    ("resource is Detente::Airspace", &[]),
];

/// How a condition is put together.
#[derive(Clone, Debug)]
pub(crate) struct Recipe {
    pub(crate) permit: bool,
    pub(crate) scope: (usize, usize, usize),
    /// Indices taken modulo whatever there is to choose from, and how to join.
    pub(crate) parts: Vec<(usize, u8)>,
    pub(crate) consent: Option<usize>,
}

impl Recipe {
    fn condition(&self) -> String {
        let own = RESOURCES[self.scope.2].1;
        let mut text = String::new();
        for (index, join) in &self.parts {
            let index = index % (own.len() + ANYWHERE.len());
            let part = own
                .get(index)
                .copied()
                .unwrap_or_else(|| ANYWHERE[index - own.len()]);
            let part = if *join & 1 == 1 {
                format!("!({part})")
            } else {
                format!("({part})")
            };
            text = match (text.is_empty(), join & 2) {
                (true, _) => part,
                (false, 0) => format!("({text} && {part})"),
                (false, _) => format!("({text} || {part})"),
            };
        }
        if text.is_empty() {
            "true".to_owned()
        } else {
            text
        }
    }

    fn scope(&self) -> String {
        let (principal, action, resource) = self.scope;
        format!(
            "({}, {}, {})",
            PRINCIPALS[principal], ACTIONS[action], RESOURCES[resource].0
        )
    }

    /// The recipe as an article.
    pub(crate) fn clause(&self, id: usize) -> String {
        let consent = self.consent.map(|index| CONSENTS[index]);
        let condition = self.condition();
        let body = match (self.permit, consent) {
            (true, None) => format!("when {{ {condition} }}"),
            (true, Some(consent)) => format!("when {{ {condition} || {consent} }}"),
            (false, None) => format!("when {{ {condition} }}"),
            (false, Some(consent)) => format!("when {{ {condition} }} unless {{ {consent} }}"),
        };
        let effect = if self.permit { "permit" } else { "forbid" };
        format!(
            "@id(\"c{id}\") @article(\"{id}\") @title(\"T\") @consequence(\"none\")\n{effect} {} {body};\n",
            self.scope()
        )
    }

    /// The recipe as the property of a concern.
    pub(crate) fn property(&self) -> String {
        let effect = if self.permit { "permit" } else { "forbid" };
        let consent = self
            .consent
            .map_or_else(String::new, |index| format!(" && !({})", CONSENTS[index]));
        format!(
            "{effect} {} when {{ {}{consent} }};",
            self.scope(),
            self.condition()
        )
    }
}
