//! Markings: a semilattice, and nobody slips in.

use std::collections::BTreeSet;

use detente_records::act::draft::StatedMarking;
use detente_records::act::report::{Classification, Level};
use detente_records::{LocalText, PolicyName};
use detente_sharing::{Denial, Marking, Reader};
use detente_spacetime::Instant;
use proptest::prelude::*;

use crate::sample::{HOLDERS, directory, holder, identity, now};

fn stated() -> impl Strategy<Value = StatedMarking> {
    let levels = Level::ALL
        .iter()
        .map(|(_, level)| *level)
        .collect::<Vec<_>>();
    let classification =
        (0..3_usize, proptest::sample::select(levels)).prop_map(|(policy, level)| Classification {
            policy: PolicyName::parse(["one", "two", "three"][policy]).unwrap(),
            level,
        });
    // A name nobody keeps a ledger under is among them.
    let names = proptest::sample::subsequence(
        HOLDERS.into_iter().chain(["NOBODY"]).collect::<Vec<_>>(),
        0..=5,
    );
    (
        proptest::collection::vec(classification, 0..4),
        names,
        proptest::option::of(any::<bool>()),
        proptest::sample::subsequence(vec!["by hand", "no copies"], 0..=2),
        proptest::option::of(-100_i64..100),
    )
        .prop_map(
            |(classifications, names, control, handling, hours)| StatedMarking {
                classifications,
                releasable_to: names.into_iter().map(holder).collect(),
                originator_control: control,
                handling: handling
                    .into_iter()
                    .map(|text| LocalText::Plain(text.to_owned()))
                    .collect(),
                expires: hours
                    .and_then(|hours| Instant::from_micros(now().micros() + hours * 3_600_000_000)),
            },
        )
}

fn marking() -> impl Strategy<Value = Marking> {
    stated().prop_map(|stated| Marking::stated(Some(&stated), &directory()))
}

fn admitted(marking: &Marking) -> BTreeSet<&'static str> {
    let readers = HOLDERS.into_iter();
    readers
        .filter(|name| {
            let reader = Reader {
                holder: holder(name),
                identity: identity(name),
            };
            marking.admits(&reader, now()).is_ok()
        })
        .collect()
}

proptest! {
    #[test]
    fn combining_is_associative_commutative_and_idempotent(
        one in marking(), two in marking(), three in marking(),
    ) {
        prop_assert_eq!(one.strictest(&two), two.strictest(&one));
        prop_assert_eq!(
            one.strictest(&two).strictest(&three),
            one.strictest(&two.strictest(&three))
        );
        prop_assert_eq!(one.strictest(&one), one.clone());
        prop_assert_eq!(one.strictest(&Marking::nobody()), Marking::nobody());
    }

    #[test]
    fn a_combination_is_never_wider_than_any_source(
        markings in proptest::collection::vec(marking(), 1..6),
    ) {
        let strictest = Marking::strictest_of(&markings);
        for marking in &markings {
            prop_assert!(strictest.is_at_least_as_strict_as(marking));
            prop_assert!(admitted(&strictest).is_subset(&admitted(marking)));
            if !admitted(&strictest).is_empty() {
                prop_assert!(strictest.covers_terms_of(marking));
                prop_assert!(strictest.originator_control() || !marking.originator_control());
            }
        }
        // No stricter than it has to be: one reader whom all admit is admitted, unless none of
        // their policies is the same reader's by name and key.
        let all = markings.iter().map(admitted).reduce(|one, other| &one & &other);
        prop_assert_eq!(admitted(&strictest), all.unwrap_or_default());
    }

    #[test]
    fn combining_is_monotone(one in marking(), two in marking(), more in marking()) {
        let looser = one.strictest(&two);
        let stricter = one.strictest(&two.strictest(&more));
        prop_assert!(stricter.is_at_least_as_strict_as(&looser));
        prop_assert!(admitted(&stricter).is_subset(&admitted(&looser)));
    }

    #[test]
    fn a_marking_is_read_as_it_was_sent(marking in marking()) {
        match marking.to_sent() {
            Some(sent) => prop_assert_eq!(Marking::sent(&sent), marking),
            None => prop_assert_eq!(marking, Marking::nobody()),
        }
    }

    #[test]
    fn what_is_left_out_admits_nobody(stated in stated()) {
        let unclassified = StatedMarking { classifications: Vec::new(), ..stated.clone() };
        let unnamed = StatedMarking { releasable_to: Vec::new(), ..stated.clone() };
        let unknown = StatedMarking { releasable_to: vec![holder("NOBODY")], ..stated };
        for stated in [unclassified, unnamed, unknown] {
            let marking = Marking::stated(Some(&stated), &directory());
            prop_assert_eq!(admitted(&marking), BTreeSet::new());
            prop_assert_eq!(marking.to_sent(), None);
        }
    }
}

#[test]
fn no_marking_and_no_source_mean_nobody() {
    assert_eq!(Marking::stated(None, &directory()), Marking::nobody());
    assert_eq!(Marking::strictest_of([]), Marking::nobody());
}

#[test]
fn a_name_under_another_key_is_somebody_else() {
    let stated = StatedMarking {
        classifications: vec![Classification {
            policy: PolicyName::parse("detente").unwrap(),
            level: Level::Open,
        }],
        releasable_to: vec![holder("RU")],
        originator_control: None,
        handling: Vec::new(),
        expires: None,
    };
    let marking = Marking::stated(Some(&stated), &directory());
    // Not said means that the originator keeps control.
    assert!(marking.originator_control());
    let twin = Reader {
        holder: holder("RU"),
        identity: identity("UN"),
    };
    assert_eq!(marking.admits(&twin, now()), Err(Denial::OtherKey));
    let other = Reader {
        holder: holder("UN"),
        identity: identity("UN"),
    };
    assert_eq!(marking.admits(&other, now()), Err(Denial::NotNamed));
}
