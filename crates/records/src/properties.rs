//! Every property of the exchange profile: which kinds of feature have it and what it means.

use crate::area::AreaRecordKind;
use crate::finding::{Problems, quoted};
use crate::nearest;
use crate::place::Place;
use crate::table::Table;

/// What a feature describes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FeatureKind {
    /// A volume of an operation.
    Operation,
    /// An area.
    Area(AreaRecordKind),
    /// A protected object.
    ProtectedObject,
    /// A humanitarian movement.
    HumanitarianMovement,
}

impl FeatureKind {
    /// Every kind with the value of `kind` that names it.
    pub const ALL: [(&'static str, Self); 9] = [
        ("operation", Self::Operation),
        (
            "designated_area",
            Self::Area(AreaRecordKind::DesignatedArea),
        ),
        (
            "prohibited_area",
            Self::Area(AreaRecordKind::ProhibitedArea),
        ),
        (
            "restricted_operations_zone",
            Self::Area(AreaRecordKind::RestrictedOperationsZone),
        ),
        ("no_fire_area", Self::Area(AreaRecordKind::NoFireArea)),
        ("corridor", Self::Area(AreaRecordKind::Corridor)),
        (
            "demilitarised_zone",
            Self::Area(AreaRecordKind::DemilitarisedZone),
        ),
        ("protected_object", Self::ProtectedObject),
        ("humanitarian_movement", Self::HumanitarianMovement),
    ];

    /// Returns the value of `kind` that names this kind.
    pub fn wire_name(self) -> &'static str {
        match self {
            Self::Operation => "operation",
            Self::Area(kind) => kind.wire_name(),
            Self::ProtectedObject => "protected_object",
            Self::HumanitarianMovement => "humanitarian_movement",
        }
    }
}

/// Which kinds of feature have a property.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Every kind.
    Every,
    /// Operations.
    Operation,
    /// Areas of every kind.
    Area,
    /// Designated areas.
    DesignatedArea,
    /// Protected objects.
    ProtectedObject,
    /// Humanitarian movements.
    HumanitarianMovement,
}

impl Scope {
    /// Says whether features of `kind` have the property.
    pub fn includes(self, kind: FeatureKind) -> bool {
        match self {
            Self::Every => true,
            Self::Operation => kind == FeatureKind::Operation,
            Self::Area => matches!(kind, FeatureKind::Area(_)),
            Self::DesignatedArea => kind == FeatureKind::Area(AreaRecordKind::DesignatedArea),
            Self::ProtectedObject => kind == FeatureKind::ProtectedObject,
            Self::HumanitarianMovement => kind == FeatureKind::HumanitarianMovement,
        }
    }

    /// Returns the scope in words, for the reference.
    pub fn described(self) -> &'static str {
        match self {
            Self::Every => "every kind",
            Self::Operation => "operation",
            Self::Area => "areas",
            Self::DesignatedArea => "designated area",
            Self::ProtectedObject => "protected object",
            Self::HumanitarianMovement => "humanitarian movement",
        }
    }
}

/// One property of the profile.
#[derive(Clone, Copy, Debug)]
pub struct Property {
    /// Its name in `properties`.
    pub name: &'static str,
    /// Which kinds of feature have it.
    pub scope: Scope,
    /// The form of its value.
    pub form: &'static str,
    /// Whether it must be there, and what its absence means.
    pub presence: &'static str,
    /// What it means.
    pub meaning: &'static str,
}

const fn property(
    name: &'static str,
    scope: Scope,
    form: &'static str,
    presence: &'static str,
    meaning: &'static str,
) -> Property {
    Property {
        name,
        scope,
        form,
        presence,
        meaning,
    }
}

const EVERYTHING: &str = "required for operations; otherwise every height, with a warning";
const ALWAYS: &str = "required for operations; otherwise always, with a warning";

/// Every property of the profile, in the order of the reference.
pub const PROPERTIES: [Property; 29] = [
    property(
        "kind",
        Scope::Every,
        "one of the kinds above",
        "required",
        "What the feature describes.",
    ),
    property(
        "id",
        Scope::Every,
        "text up to 128 bytes",
        "required, here or as the feature's `id`",
        "Names the record; for an operation's volume, the operation unless `operation` does.",
    ),
    property(
        "name",
        Scope::Every,
        "text, or an object by language tag",
        "optional",
        "Name for people.",
    ),
    property(
        "lower",
        Scope::Every,
        "altitude",
        EVERYTHING,
        "Lower limit, included.",
    ),
    property(
        "upper",
        Scope::Every,
        "altitude",
        EVERYTHING,
        "Upper limit, included.",
    ),
    property(
        "start",
        Scope::Every,
        "RFC 3339 instant with offset",
        ALWAYS,
        "First instant.",
    ),
    property(
        "end",
        Scope::Every,
        "RFC 3339 instant with offset, or `UFN`",
        ALWAYS,
        "First instant no longer inside; `UFN` is until further notice.",
    ),
    property(
        "radius_m",
        Scope::Every,
        "metres from 0.01 to 500 000",
        "required for a Point",
        "Geodesic radius of the circle around the point.",
    ),
    property(
        "half_width_m",
        Scope::Every,
        "metres from 0.01 to 500 000",
        "required for a LineString",
        "Geodesic distance of the corridor's edge from the line.",
    ),
    property(
        "edges",
        Scope::Every,
        "`geodesic`, `parallel` or `rhumb`",
        "`geodesic`",
        "What runs between two vertices.",
    ),
    property(
        "datum",
        Scope::Every,
        "`WGS84`",
        "WGS84",
        "Says that positions are WGS84; anything else is refused.",
    ),
    property(
        "note",
        Scope::Every,
        "text, or an object by language tag",
        "optional",
        "A remark for people; never evaluated.",
    ),
    property(
        "operation",
        Scope::Operation,
        "text up to 128 bytes",
        "the feature's `id`",
        "The operation this volume belongs to.",
    ),
    property(
        "party",
        Scope::Operation,
        "id of a participant or bound party",
        "required",
        "Who is responsible.",
    ),
    property(
        "force",
        Scope::Operation,
        "id of a force",
        "required",
        "What flies.",
    ),
    property(
        "activity",
        Scope::Operation,
        "one of the activities below",
        "required",
        "What the operation does.",
    ),
    property(
        "consents",
        Scope::Operation,
        "list of participants",
        "none",
        "Who has consented.",
    ),
    property(
        "notified",
        Scope::Operation,
        "RFC 3339 instant with offset",
        "the instant it is judged from, if there is one; otherwise not notified",
        "When the other side was given notice.",
    ),
    property(
        "area_kind",
        Scope::DesignatedArea,
        "`concentrated`, `significant` or `possible`",
        "counts as all three, with a warning",
        "How present armed groups outside the truce are.",
    ),
    property(
        "applies_to",
        Scope::Area,
        "list of forces, parties or groups",
        "everyone",
        "Whose operations the area restrains.",
    ),
    property(
        "activities",
        Scope::Area,
        "list of activities",
        "all",
        "Which activities the area restrains.",
    ),
    property(
        "consent_of",
        Scope::Area,
        "list of participants",
        "all participants for a designated area, otherwise none",
        "Whose consent operations in the area need.",
    ),
    property(
        "groups",
        Scope::Area,
        "list of groups",
        "none",
        "Groups present in the area.",
    ),
    property(
        "category",
        Scope::ProtectedObject,
        "text up to 128 bytes",
        "required",
        "What the object is, such as `hospital`; decides the stand-off.",
    ),
    property(
        "accuracy_m",
        Scope::ProtectedObject,
        "metres",
        "1 000 m, with a warning",
        "How far the true place may lie from the stated one.",
    ),
    property(
        "standoff_m",
        Scope::ProtectedObject,
        "metres",
        "the agreement's policy for the category",
        "How far operations keep away, before accuracy is added.",
    ),
    property(
        "submitted_by",
        Scope::ProtectedObject,
        "text up to 128 bytes",
        "optional",
        "Who notified the object.",
    ),
    property(
        "organisation",
        Scope::HumanitarianMovement,
        "text up to 128 bytes",
        "required",
        "Who moves.",
    ),
    property(
        "legs",
        Scope::HumanitarianMovement,
        "list of objects with `name`, `start`, `end`",
        "none",
        "The timetable, for people; the whole route is protected during the whole window.",
    ),
];

/// Warns of each property that the profile does not have, or not for `kind`.
pub(crate) fn warn_of_unknown(
    properties: &Table<'_, '_>,
    kind: Option<FeatureKind>,
    problems: &mut Problems,
) {
    let read = |property: &&Property| kind.is_none_or(|kind| property.scope.includes(kind));
    let names = || PROPERTIES.iter().filter(read).map(|p| p.name);
    for member in properties.members() {
        let key = member.key.as_ref();
        if names().any(|name| name == key) || crate::exclusion::excluded_term(key).is_some() {
            continue;
        }
        let place = Place::new(&properties.path().key(key), member.key_span.clone());
        let elsewhere = PROPERTIES.iter().find(|p| p.name == key);
        match (elsewhere, kind) {
            (Some(property), Some(kind)) => problems
                .warning(
                    "property_without_meaning",
                    place,
                    format!(
                        "`{key}` has no meaning for kind `{}` and is ignored",
                        kind.wire_name()
                    ),
                )
                .help(format!("it belongs to: {}", property.scope.described())),
            _ => problems
                .warning(
                    "unknown_property",
                    place,
                    format!(
                        "{} is not a property of the profile and is ignored",
                        quoted(key)
                    ),
                )
                .suggest(|| {
                    nearest::nearest(key, names()).map(|found| format!("did you mean `{found}`?"))
                }),
        }
    }
}
