//! A day of traffic as it arrives.

use crate::day::replay;

#[test]
fn a_day_that_arrives_late_twice_and_in_part_gives_the_clean_events_up_to_what_was_lost() {
    let replay = replay(0..160, 6.0);
    assert!(replay.fixes > 100_000 && replay.events > 300, "{replay:?}");
    assert!(replay.again > 5_000 && replay.lost > 2_000, "{replay:?}");
    assert!(
        replay.kept > 4 * replay.gone && replay.gone > 0,
        "{replay:?}"
    );
    // What happened while nobody saw is told as possible, every time.
    assert!(replay.gaps > 20 && replay.hidden > 3, "{replay:?}");
    assert_eq!(replay.told_as_possible, replay.hidden, "{replay:?}");
}
