//! The hard exclusion (requirement R50): what no record may hold, in any spelling, at any depth.
//!
//! Detente coordinates restraint. It never holds, ranks or proposes targets, and it refuses the
//! fields that would make it a targeting system: aim points, weapons, munitions, effects,
//! estimates of damage, nominations. A key is judged by its meaning, not by its spelling: letter
//! case, separators, digits between words, camel case, accents, full-width letters and Cyrillic or
//! Greek letters that look Latin make no difference.

use std::collections::HashSet;
use std::sync::LazyLock;

use crate::act::Kind;
use crate::activity::Activity;
use crate::characters;
use crate::document::{Located, Value};
use crate::finding::{Problems, quoted};
use crate::place::{Path, Place};
use crate::properties::PROPERTIES;

/// The code of the problem reported for an excluded key or value.
pub const EXCLUDED_CODE: &str = "r50_excluded";

/// Keys whose values are names of a kind of thing and are judged like keys.
const NAMING_KEYS: [&str; 5] = [
    "kind",
    "activity",
    "activities",
    "exempt_activities",
    "type",
];

/// Refused wherever they occur in the letters of a key.
const STEMS: [&str; 28] = [
    "aimpoint",
    "aimingpoint",
    "pointofaim",
    "pointofimpact",
    "impactpoint",
    "desiredpoint",
    "desiredmeanpoint",
    "dmpi",
    "jdpi",
    "target",
    "weapon",
    "munition",
    "warhead",
    "ordnance",
    "missile",
    "bomb",
    "explosive",
    "killchain",
    "killbox",
    "killlist",
    "killzone",
    "collateral",
    "damageestimat",
    "damageassess",
    "battledamage",
    "patternoflife",
    "lethality",
    "highvalueindividual",
];

/// Compounds that hold a stem and mean the opposite.
const HARMLESS: [&str; 2] = ["bombshelter", "bombdisposal"];

/// Refused when they are a word of a key, or the whole key, in singular or plural.
const WORDS: [&str; 14] = [
    "aim",
    "effect",
    "effector",
    "effects",
    "kill",
    "lethal",
    "hvt",
    "hvi",
    "hpt",
    "dpi",
    "cde",
    "bda",
    "fuze",
    "strikepackage",
];

/// Refused when a word of a key begins with them.
const WORD_BEGINNINGS: [&str; 2] = ["nominat", "nominee"];

/// Refused in keys written in other working languages of an agreement: weapon, munition,
/// warhead, bomb, aiming, designation of targets (Russian); weapon, munition, target (Arabic).
const FOREIGN_STEMS: [&str; 10] = [
    "оружи",
    "боеприпас",
    "боеголов",
    "боевоечаст",
    "бомб",
    "прицел",
    "целеуказан",
    "سلاح",
    "ذخير",
    "هدف",
];

/// Keys of GeoJSON and of altitudes; with the properties of the profile these are nearly all keys
/// of a file, and need no second look. A test makes sure that none of them is excluded.
const FAMILIAR: [&str; 9] = [
    "type",
    "geometry",
    "coordinates",
    "properties",
    "value",
    "unit",
    "reference",
    "features",
    "bbox",
];

/// Members that nearly every act has.
const FAMILIAR_MEMBERS: [&str; 12] = [
    "subject", "role", "body", "watch", "office", "text", "note", "reason", "at", "from", "until",
    "version",
];

/// Every key that needs no second look, with the names of acts and activities, which are judged
/// like keys.
static FAMILIAR_KEYS: LazyLock<HashSet<&'static str>> = LazyLock::new(|| {
    let properties = PROPERTIES.iter().map(|property| property.name);
    let kinds = Kind::ALL.iter().map(|kind| kind.wire_name());
    let activities = Activity::ALL.iter().map(|activity| activity.wire_name());
    properties
        .chain(FAMILIAR)
        .chain(FAMILIAR_MEMBERS)
        .chain(kinds)
        .chain(activities)
        .collect()
});

/// Says whether `key` is known not to be excluded as written.
fn is_familiar(key: &str) -> bool {
    FAMILIAR_KEYS.contains(key)
}

/// Returns the excluded term that `key` stands for, if any.
pub fn excluded_term(key: &str) -> Option<&'static str> {
    if is_familiar(key) { None } else { judged(key) }
}

/// Judges `key` by its words and letters.
fn judged(key: &str) -> Option<&'static str> {
    let words = words(key);
    let mut letters: String = words.concat();
    for harmless in HARMLESS {
        letters = letters.replace(harmless, "");
    }
    if let Some(stem) = STEMS.into_iter().find(|stem| letters.contains(stem)) {
        return Some(stem);
    }
    let is_word = |term: &str, word: &str| word == term || word.strip_suffix('s') == Some(term);
    let whole = WORDS.into_iter().find(|term| {
        is_word(term, &letters)
            || words.iter().any(|word| is_word(term, word))
            || (term.starts_with("effect") && letters.ends_with(term))
    });
    if whole.is_some() {
        return whole;
    }
    let begun = WORD_BEGINNINGS
        .into_iter()
        .find(|beginning| words.iter().any(|word| word.starts_with(beginning)));
    if begun.is_some() {
        return begun;
    }
    let own: String = key
        .chars()
        .filter(|c| c.is_alphabetic())
        .flat_map(char::to_lowercase)
        .collect();
    FOREIGN_STEMS.into_iter().find(|stem| own.contains(stem))
}

/// Reports every excluded key, and every excluded value of a naming key, in `root` and below.
pub fn refuse_excluded(root: &Located<'_>, path: &Path<'_>, problems: &mut Problems) {
    match &root.value {
        Value::Table(members) => {
            for member in members {
                let below = path.key(&member.key);
                if let Some(term) = excluded_term(&member.key) {
                    report(
                        &member.key,
                        term,
                        Place::new(&below, member.key_span.clone()),
                        problems,
                    );
                }
                if NAMING_KEYS.contains(&member.key.as_ref()) {
                    refuse_naming_values(&member.value, &below, problems);
                }
                refuse_excluded(&member.value, &below, problems);
            }
        }
        Value::List(items) => {
            for (index, item) in items.iter().enumerate() {
                if matches!(item.value, Value::Table(_) | Value::List(_)) {
                    refuse_excluded(item, &path.index(index), problems);
                }
            }
        }
        _ => {}
    }
}

fn refuse_naming_values(value: &Located<'_>, path: &Path<'_>, problems: &mut Problems) {
    match &value.value {
        Value::Text(text) => {
            if let Some(term) = excluded_term(text) {
                report(text, term, Place::new(path, value.span.clone()), problems);
            }
        }
        Value::List(items) => {
            for (index, item) in items.iter().enumerate() {
                if matches!(item.value, Value::Text(_)) {
                    refuse_naming_values(item, &path.index(index), problems);
                }
            }
        }
        _ => {}
    }
}

/// Reports that `found`, which stands for `term`, is excluded.
pub fn report(found: &str, term: &str, place: Place, problems: &mut Problems) {
    problems
        .error(
            EXCLUDED_CODE,
            place,
            format!(
                "{} is excluded by R50 (it stands for `{term}`)",
                quoted(found)
            ),
        )
        .help(
            "Detente checks operations against restraints and never holds target, weapon or \
             effect data: remove it here and keep it out of every file shared with the other side",
        );
}

/// Splits a key into lower-case words of Latin letters: at anything that is not a letter, and
/// where camel case begins a new word.
fn words(key: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut previous_lower = false;
    let folded: Vec<char> = key.chars().filter_map(characters::plain_letter).collect();
    for (index, letter) in folded.iter().copied().enumerate() {
        let next_lower = folded
            .get(index + 1)
            .is_some_and(|next| next.is_lowercase());
        let begins = letter.is_uppercase() && (previous_lower || next_lower);
        if (begins || !letter.is_alphabetic()) && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        if letter.is_alphabetic() {
            word.extend(letter.to_lowercase());
        }
        previous_lower = letter.is_lowercase();
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn excluded_terms_are_found_in_every_spelling() {
        for key in [
            "aim_point",
            "aimPoint",
            "AIM-POINT",
            "Aim Point",
            "aimpoints",
            "AIMPOINT",
            "a.i.m.point",
            "weapon",
            "weaponType",
            "weaponeering",
            "WEAPONS",
            "munition",
            "ammunition",
            "munitions",
            "warhead",
            "war_head",
            "target",
            "targets",
            "Target-List",
            "timeSensitiveTarget",
            "nomination",
            "nominated_by",
            "Nominations",
            "effect",
            "effects",
            "desiredEffect",
            "damage_estimate",
            "damageEstimation",
            "collateral_estimate",
            "collateralDamage",
            "CDE",
            "dmpi",
            "DMPI_1",
            "desired_point_of_impact",
            "ordnance",
            "kill_chain",
            "KillChain",
            "killchain",
            "battle_damage_assessment",
            "bda",
            "t\u{200b}arget",
            "ｔａｒｇｅｔ",
            "tаrgеt",
            "tárget",
            "ταrget",
            "оружие",
            "Боеприпасы",
            "هدف",
            "1target1",
            "t-a-r-g-e-t",
        ] {
            assert!(excluded_term(key).is_some(), "{key} passed");
        }
    }

    #[test]
    fn ordinary_words_are_not_excluded() {
        for key in [
            "effective_from",
            "category",
            "claimed",
            "altitude",
            "half_width_m",
            "no_fire_area",
            "strike",
            "denomination",
            "skill",
            "restricted_operations_zone",
            "lead_times",
            "name",
            "start",
            "bomb_shelter",
            "standoff_m",
            "accuracy_m",
            "cdef",
            "Aimée",
            "designated_area",
            "цена",
        ] {
            assert_eq!(excluded_term(key), None, "{key}");
        }
    }

    #[test]
    fn no_familiar_key_is_excluded() {
        for key in FAMILIAR_KEYS.iter() {
            assert_eq!(judged(key), None, "{key}");
        }
    }
}
