//! The private check beside the same question asked in the clear, an independent program, and peers that cheat.

#[path = "../../../../fuzz/bodies/private_check.rs"]
mod body;

use std::collections::BTreeSet;

use detente_ledger::hash::Hash;
use detente_sharing::private_check::{
    Commitment, Complaint, Disclosure, Leg, LegFault, Message, Outcome, ProtocolFault, Role, Sent,
    Session, Step, Terms, audit, collisions,
};
use detente_spacetime::{
    Altitude, AltitudeBand, EdgeKind, Encounter, Footprint, Instant, Position, Reference,
    Separation, VerticalAssumptions, Volume4D, Window, encounter,
};
use proptest::prelude::*;

/// What the two sides agreed to in these tests.
pub(crate) fn terms() -> Terms {
    Terms {
        agreement: Hash::of(b"an agreement"),
        separation_m: 500,
        vertical_m: 100,
        time_s: 60,
        cells_max: 1 << 15,
        finest: 3,
    }
}

pub(crate) fn metres(value: f64) -> Altitude {
    Altitude::new(value, Reference::Ellipsoid).unwrap()
}

fn at(second: i64) -> Instant {
    Instant::from_micros(1_473_696_000_000_000 + second * 1_000_000).unwrap()
}

pub(crate) fn position(latitude: f64, longitude: f64) -> Position {
    Position::new(latitude, longitude).unwrap()
}

/// A corridor from one place to another, with its height and seconds after the beginning of the tests' day.
pub(crate) fn corridor(
    line: [(f64, f64); 2],
    half_width_m: f64,
    (lower, upper): (f64, f64),
    (from, to): (i64, i64),
) -> Volume4D {
    let line = line.map(|(latitude, longitude)| position(latitude, longitude));
    Volume4D {
        footprint: Footprint::corridor(&line, half_width_m, EdgeKind::Geodesic)
            .unwrap()
            .footprint,
        altitude: AltitudeBand::new(metres(lower), metres(upper)).unwrap(),
        window: Window::new(at(from), Some(at(to))).unwrap(),
    }
}

pub(crate) fn leg(volume: &Volume4D) -> Leg {
    Leg::new(volume, &VerticalAssumptions::default()).unwrap()
}

pub(crate) fn plans(volumes: &[Volume4D]) -> Vec<Vec<Leg>> {
    volumes.iter().map(|volume| vec![leg(volume)]).collect()
}

/// What both sides know at the end, and everything that was sent, by whom.
#[derive(Debug)]
pub(crate) struct Told {
    /// What the initiator learnt, in order.
    pub(crate) learnt: Vec<Outcome>,
    outcomes: (Option<Outcome>, Option<Outcome>),
    /// The legs that each was shown.
    shown: (Option<Vec<Leg>>, Option<Vec<Leg>>),
    sent: Vec<(Role, Message)>,
    commitments: (Commitment, Commitment),
}

impl Told {
    fn transcript(&self, audited: Role) -> Vec<Sent> {
        let sent = self.sent.iter().cloned();
        sent.map(|(by, message)| {
            if by == audited {
                Sent::Audited(message)
            } else {
                Sent::Other(message)
            }
        })
        .collect()
    }
}

const SEEDS: ([u8; 32], [u8; 32]) = ([1; 32], [2; 32]);

/// Lets two sides talk until nobody has anything to say; both consent.
pub(crate) fn told(ours: Vec<Vec<Leg>>, theirs: Vec<Vec<Leg>>) -> Told {
    let (initiator, responder) = opened(&terms(), ours, theirs);
    told_by(initiator, responder)
}

/// The two sides of a session.
pub(crate) fn opened(
    terms: &Terms,
    ours: Vec<Vec<Leg>>,
    theirs: Vec<Vec<Leg>>,
) -> (Session, Session) {
    (
        Session::open(Role::Initiator, terms.clone(), ours, SEEDS.0).unwrap(),
        Session::open(Role::Responder, terms.clone(), theirs, SEEDS.1).unwrap(),
    )
}

pub(crate) fn told_by(mut initiator: Session, mut responder: Session) -> Told {
    let commitments = (
        initiator.commitment().clone(),
        responder.commitment().clone(),
    );
    let mut outcomes = (None, None);
    let mut shown = (None, None);
    let (mut sent, mut told) = (Vec::new(), Vec::new());
    let mut waiting = Vec::new();
    let queue = |by: Role, step: &Step, waiting: &mut Vec<(Role, Message)>| {
        waiting.extend(step.send.iter().map(|message| (by, message.clone())));
    };
    queue(
        Role::Responder,
        &responder.begin(commitments.0.clone()).unwrap(),
        &mut waiting,
    );
    queue(
        Role::Initiator,
        &initiator.begin(commitments.1.clone()).unwrap(),
        &mut waiting,
    );
    while !waiting.is_empty() {
        let (by, message) = waiting.remove(0);
        sent.push((by, message.clone()));
        // Every message crosses as bytes.
        let message = Message::from_bytes(&message.to_bytes()).unwrap();
        let (to, session, outcome) = match by {
            Role::Initiator => (Role::Responder, &mut responder, &mut outcomes.1),
            Role::Responder => (Role::Initiator, &mut initiator, &mut outcomes.0),
        };
        let step = session.receive(&message).unwrap();
        queue(to, &step, &mut waiting);
        if let Some(learnt) = step.learnt {
            if to == Role::Initiator {
                told.push(learnt.clone());
            }
            let asks = matches!(learnt, Outcome::Common { .. });
            match (learnt, to) {
                (Outcome::Shown { legs, .. }, Role::Initiator) => shown.0 = Some(legs),
                (Outcome::Shown { legs, .. }, Role::Responder) => shown.1 = Some(legs),
                (learnt, _) => *outcome = Some(learnt),
            }
            if asks {
                let step = session.consent().unwrap();
                queue(to, &step, &mut waiting);
            }
        }
    }
    Told {
        learnt: told,
        outcomes,
        shown,
        sent,
        commitments,
    }
}

#[test]
fn plans_that_cross_are_found_by_both_and_nothing_else_is_named() {
    let our_volumes = [
        corridor(
            [(35.0, 36.0), (35.2, 36.4)],
            250.0,
            (3_000.0, 3_500.0),
            (0, 1_800),
        ),
        corridor(
            [(36.0, 38.0), (36.3, 38.0)],
            250.0,
            (3_000.0, 3_500.0),
            (0, 1_800),
        ),
    ];
    let their_volumes = [
        corridor(
            [(33.0, 38.0), (33.3, 38.0)],
            250.0,
            (3_000.0, 3_500.0),
            (0, 1_800),
        ),
        corridor(
            [(35.2, 36.0), (35.0, 36.4)],
            250.0,
            (3_300.0, 3_900.0),
            (900, 2_700),
        ),
    ];
    let told = told(plans(&our_volumes), plans(&their_volumes));
    let (
        Some(Outcome::Close {
            level: 3,
            cells,
            plans: ours,
        }),
        Some(Outcome::Close {
            level: 3,
            cells: other,
            plans: theirs,
        }),
    ) = told.outcomes
    else {
        panic!("both sides learn that two plans come close")
    };
    assert_eq!(cells, other);
    assert_eq!((&ours, &theirs), (&vec![0], &vec![1]));
    // Each is shown the one leg of the other that comes close, and can say in the clear how close.
    assert_eq!(told.shown.0, Some(vec![leg(&their_volumes[1])]));
    assert_eq!(told.shown.1, Some(vec![leg(&our_volumes[0])]));
    let found = collisions(&[leg(&our_volumes[0])], &[leg(&their_volumes[1])], &terms());
    let [collision] = found.as_slice() else {
        panic!("one pair comes close")
    };
    assert!(matches!(collision.encounter, Encounter::Conflict(_)));
}

#[test]
fn plans_that_share_more_than_the_terms_allow_are_named_at_a_coarser_level() {
    let wide = [corridor(
        [(35.0, 36.0), (35.2, 36.4)],
        9_000.0,
        (3_000.0, 3_500.0),
        (0, 1_800),
    )];
    let thin = [corridor(
        [(35.2, 36.0), (35.0, 36.4)],
        250.0,
        (3_300.0, 3_900.0),
        (900, 2_700),
    )];
    for (ours, theirs) in [(&wide, &thin), (&thin, &wide), (&wide, &wide)] {
        let told = told(plans(ours), plans(theirs));
        let (
            Some(Outcome::Close {
                level, plans: ours, ..
            }),
            Some(Outcome::Close {
                level: other,
                plans: theirs,
                ..
            }),
        ) = told.outcomes
        else {
            panic!("both sides learn that two plans come close")
        };
        assert_eq!((level, ours, theirs), (other, vec![0], vec![0]));
        assert!(level < 3, "level {level}");
    }
}

#[test]
fn plans_far_from_each_other_end_with_a_count_of_zero() {
    let ours = [corridor(
        [(35.0, 36.0), (35.2, 36.4)],
        250.0,
        (3_000.0, 3_500.0),
        (0, 1_800),
    )];
    let theirs = [corridor(
        [(33.0, 38.0), (33.3, 38.0)],
        250.0,
        (3_000.0, 3_500.0),
        (0, 1_800),
    )];
    let told = told(plans(&ours), plans(&theirs));
    let apart = Some(Outcome::Apart { level: 0 });
    assert_eq!(told.outcomes, (apart.clone(), apart));
    assert_eq!(told.sent.len(), 3, "three messages and no more");
}

#[test]
fn nothing_is_shown_before_both_consent() {
    let ours = [corridor(
        [(35.0, 36.0), (35.2, 36.4)],
        250.0,
        (3_000.0, 3_500.0),
        (0, 1_800),
    )];
    let mut initiator = Session::open(Role::Initiator, terms(), plans(&ours), SEEDS.0).unwrap();
    let mut responder = Session::open(Role::Responder, terms(), plans(&ours), SEEDS.1).unwrap();
    responder.begin(initiator.commitment().clone()).unwrap();
    let step = initiator.begin(responder.commitment().clone()).unwrap();
    let step = responder.receive(&step.send[0]).unwrap();
    let step = initiator.receive(&step.send[0]).unwrap();
    let Some(Outcome::Common { count }) = step.learnt else {
        panic!("the same plan has common cells")
    };
    assert!(count > 0);
    let step = responder.receive(&step.send[0]).unwrap();
    assert_eq!(step.learnt, Some(Outcome::Common { count }));
    // One side's consent brings nothing about; only the other's does.
    let step = initiator.consent().unwrap();
    assert_eq!(step.send, [Message::Consent]);
    assert_eq!(
        responder.receive(&Message::Consent).unwrap(),
        Step::default()
    );
    let reveal = Message::Yours {
        level: 0,
        yours: vec![],
    };
    assert_eq!(responder.receive(&reveal), Err(ProtocolFault::OutOfTurn));
}

#[test]
fn the_same_session_is_said_in_the_same_bytes() {
    let ours = [corridor(
        [(35.0, 36.0), (35.2, 36.4)],
        250.0,
        (3_000.0, 3_500.0),
        (0, 1_800),
    )];
    let first = told(plans(&ours), plans(&ours));
    let second = told(plans(&ours), plans(&ours));
    assert_eq!(first.sent, second.sent);
    assert_eq!(first.commitments, second.commitments);
    let bytes = first.commitments.0.to_bytes();
    assert_eq!(Commitment::from_bytes(&bytes), Some(first.commitments.0));
}

#[test]
fn windows_without_end_and_polar_shapes_are_refused() {
    let mut volume = corridor(
        [(35.0, 36.0), (35.2, 36.4)],
        250.0,
        (0.0, 100.0),
        (0, 1_800),
    );
    volume.window = Window::new(at(0), None).unwrap();
    let refused = |volume: &Volume4D| Leg::new(volume, &VerticalAssumptions::default());
    assert_eq!(refused(&volume), Err(LegFault::Endless));
    volume.window = Window::new(at(0), Some(at(700_000))).unwrap();
    assert_eq!(refused(&volume), Err(LegFault::TooLong));
    let polar = corridor(
        [(84.0, 36.0), (86.0, 36.4)],
        250.0,
        (0.0, 100.0),
        (0, 1_800),
    );
    assert_eq!(refused(&polar), Err(LegFault::Polar));
}

#[test]
fn more_cells_than_the_terms_allow_are_refused_before_anything_is_sent() {
    let wide = [corridor(
        [(35.0, 36.0), (35.2, 36.4)],
        50_000.0,
        (0.0, 9_000.0),
        (0, 80_000),
    )];
    let few = Terms {
        cells_max: 1_000,
        ..terms()
    };
    let opened = Session::open(Role::Initiator, few, plans(&wide), SEEDS.0);
    assert_eq!(opened.err(), Some(ProtocolFault::TooManyCells));
}

// ---- what a cheating peer is caught by --------------------------------------------------------------

/// Two sessions' worth of plans that cross.
fn crossing() -> ([Volume4D; 2], [Volume4D; 1]) {
    let ours = [
        corridor(
            [(35.0, 36.0), (35.2, 36.4)],
            250.0,
            (3_000.0, 3_500.0),
            (0, 1_800),
        ),
        corridor(
            [(36.0, 38.0), (36.3, 38.0)],
            250.0,
            (3_000.0, 3_500.0),
            (0, 1_800),
        ),
    ];
    let theirs = [corridor(
        [(35.2, 36.0), (35.0, 36.4)],
        250.0,
        (3_300.0, 3_900.0),
        (900, 2_700),
    )];
    (ours, theirs)
}

#[test]
fn an_honest_side_passes_its_audit() {
    let (ours, theirs) = crossing();
    let told = told(plans(&ours), plans(&theirs));
    for (role, seed, plans, commitments) in [
        (
            Role::Initiator,
            SEEDS.0,
            plans(&ours),
            (&told.commitments.0, &told.commitments.1),
        ),
        (
            Role::Responder,
            SEEDS.1,
            plans(&theirs),
            (&told.commitments.1, &told.commitments.0),
        ),
    ] {
        let shown = Disclosure {
            role,
            seed,
            declared: Some(plans.clone()),
            plans,
        };
        let complaint = audit(&shown, &terms(), commitments, &told.transcript(role));
        assert_eq!(complaint, None, "{role:?}");
    }
}

#[test]
fn a_side_that_left_out_a_plan_is_caught() {
    let (ours, theirs) = crossing();
    let told = told(plans(&ours[1..]), plans(&theirs));
    assert_eq!(
        told.outcomes.1,
        Some(Outcome::Apart { level: 0 }),
        "the lie works at first"
    );
    let shown = Disclosure {
        role: Role::Initiator,
        seed: SEEDS.0,
        plans: plans(&ours),
        declared: None,
    };
    let commitments = (&told.commitments.0, &told.commitments.1);
    let complaint = audit(
        &shown,
        &terms(),
        commitments,
        &told.transcript(Role::Initiator),
    );
    assert_eq!(complaint, Some(Complaint::Legs));
}

#[test]
fn a_side_that_probed_the_whole_grid_is_caught() {
    let (ours, theirs) = crossing();
    let probe = [corridor(
        [(34.9, 36.2), (35.3, 36.2)],
        40_000.0,
        (0.0, 9_000.0),
        (0, 7_200),
    )];
    let told = told(plans(&probe), plans(&theirs));
    assert!(matches!(told.outcomes.0, Some(Outcome::Close { .. })));
    let shown = Disclosure {
        role: Role::Initiator,
        seed: SEEDS.0,
        plans: plans(&ours),
        declared: None,
    };
    let commitments = (&told.commitments.0, &told.commitments.1);
    let complaint = audit(
        &shown,
        &terms(),
        commitments,
        &told.transcript(Role::Initiator),
    );
    assert_eq!(complaint, Some(Complaint::Legs));
}

#[test]
fn a_side_that_committed_to_its_plans_and_to_other_cells_is_caught() {
    let (ours, theirs) = crossing();
    let told = told(plans(&ours), plans(&theirs));
    let mut committed = told.commitments.0.clone();
    committed.cells = Hash::of(b"the cells of something else");
    let shown = Disclosure {
        role: Role::Initiator,
        seed: SEEDS.0,
        plans: plans(&ours),
        declared: None,
    };
    let complaint = audit(
        &shown,
        &terms(),
        (&committed, &told.commitments.1),
        &told.transcript(Role::Initiator),
    );
    assert_eq!(complaint, Some(Complaint::Cells));
}

/// The two sides where one has just shown its legs, and what it showed.
fn at_the_legs() -> (Session, Message) {
    let (ours, theirs) = crossing();
    let (initiator, responder) = opened(&terms(), plans(&ours), plans(&theirs));
    let told = told_by(initiator, responder);
    let legs = told.sent.iter().find_map(|(by, message)| {
        (*by == Role::Responder && matches!(message, Message::Legs { .. })).then_some(message)
    });
    let Some(legs) = legs.cloned() else {
        panic!("legs are shown")
    };
    let (mut initiator, _) = opened(&terms(), plans(&ours), plans(&theirs));
    initiator.begin(told.commitments.1.clone()).unwrap();
    for (by, message) in &told.sent {
        match (by, message) {
            (Role::Initiator, Message::Consent) => drop(initiator.consent().unwrap()),
            (Role::Responder, Message::Legs { .. }) | (Role::Initiator, _) => {}
            (Role::Responder, message) => drop(initiator.receive(message).unwrap()),
        }
    }
    (initiator, legs)
}

#[test]
fn legs_that_were_not_committed_to_and_legs_that_are_kept_back_end_the_session() {
    let (mut session, honest) = at_the_legs();
    let Message::Legs {
        level,
        leaves,
        legs,
    } = &honest
    else {
        panic!("legs")
    };
    let with = |legs: Vec<detente_sharing::private_check::ShownLeg>| Message::Legs {
        level: *level,
        leaves: *leaves,
        legs,
    };
    assert_eq!(
        session.clone().receive(&with(Vec::new())),
        Err(ProtocolFault::Hidden)
    );
    let mut other = legs.clone();
    other[0].leg = leg(&crossing().0[1]);
    assert_eq!(
        session.clone().receive(&with(other)),
        Err(ProtocolFault::Uncommitted)
    );
    let step = session.receive(&honest).unwrap();
    assert!(matches!(step.learnt, Some(Outcome::Shown { .. })));
}

#[test]
fn a_leg_made_on_a_machine_with_another_sine_is_the_same_plan() {
    let volume = crossing().0[0].clone();
    let made = leg(&volume);
    assert!(made.agrees_with(&made));
    assert_eq!(Leg::from_bytes(&made.to_bytes()), Some(made.clone()));
    // A last bit moves a corner by a unit of angle at most; a corner of the ring is written at byte 52.
    let mut bytes = made.to_bytes();
    bytes[56] ^= 1;
    let other = Leg::from_bytes(&bytes).unwrap();
    assert!(other != made && made.agrees_with(&other) && other.agrees_with(&made));
    // A hundred metres are another plan, and so is another height.
    let mut bytes = made.to_bytes();
    bytes[55] ^= 0x40;
    let far = Leg::from_bytes(&bytes).unwrap();
    assert!(!made.agrees_with(&far) || !far.agrees_with(&made));
    let mut higher = volume.clone();
    higher.altitude = AltitudeBand::new(metres(3_000.0), metres(3_501.0)).unwrap();
    assert!(!made.agrees_with(&leg(&higher)));
}

#[test]
fn a_side_that_changed_its_key_or_its_points_is_caught() {
    let (ours, theirs) = crossing();
    let told = told(plans(&ours), plans(&theirs));
    let commitments = (&told.commitments.0, &told.commitments.1);
    let shown = Disclosure {
        role: Role::Initiator,
        seed: [9; 32],
        plans: plans(&ours),
        declared: None,
    };
    let complaint = audit(
        &shown,
        &terms(),
        commitments,
        &told.transcript(Role::Initiator),
    );
    assert_eq!(complaint, Some(Complaint::Key));
    // Points masked by another key than the one committed to, which would undo the shuffling.
    let other = told_by(
        Session::open(Role::Initiator, terms(), plans(&ours), [7; 32]).unwrap(),
        Session::open(Role::Responder, terms(), plans(&theirs), SEEDS.1).unwrap(),
    );
    let shown = Disclosure {
        role: Role::Initiator,
        seed: SEEDS.0,
        plans: plans(&ours),
        declared: None,
    };
    let complaint = audit(
        &shown,
        &terms(),
        commitments,
        &other.transcript(Role::Initiator),
    );
    assert_eq!(complaint, Some(Complaint::Message(0)));
}

#[test]
fn lists_that_are_too_short_too_often_or_no_points_end_the_session() {
    let (ours, theirs) = crossing();
    let begun = || {
        let mut initiator = Session::open(Role::Initiator, terms(), plans(&ours), SEEDS.0).unwrap();
        let mut responder =
            Session::open(Role::Responder, terms(), plans(&theirs), SEEDS.1).unwrap();
        responder.begin(initiator.commitment().clone()).unwrap();
        let step = initiator.begin(responder.commitment().clone()).unwrap();
        let Message::Own { own, .. } = step.send[0].clone() else {
            panic!("the first message")
        };
        (responder, own)
    };
    let (mut responder, own) = begun();
    let short = Message::Own {
        level: 0,
        own: own[1..].to_vec(),
    };
    assert_eq!(responder.receive(&short), Err(ProtocolFault::Length));
    let (mut responder, mut own) = begun();
    own[0] = own[1];
    assert_eq!(
        responder.receive(&Message::Own { level: 0, own }),
        Err(ProtocolFault::Repeated)
    );
    for bad in [[0; 32], [0xff; 32]] {
        let (mut responder, mut own) = begun();
        own[0] = bad;
        assert_eq!(
            responder.receive(&Message::Own { level: 0, own }),
            Err(ProtocolFault::Point)
        );
    }
    let (mut responder, own) = begun();
    assert_eq!(
        responder.receive(&Message::Own { level: 1, own }),
        Err(ProtocolFault::OutOfTurn)
    );
}

// ---- beside the same question asked in the clear ----------------------------------------------------

/// Whether two volumes come closer than the terms' separation in all four dimensions, and whether they surely do not by the
/// margin of a level as well.
fn clear(a: &Volume4D, b: &Volume4D, level: u8) -> (bool, bool) {
    let apart = match encounter(a, b, &VerticalAssumptions::default()) {
        Encounter::Conflict(_) => return (true, false),
        Encounter::Apart(apart) => apart,
    };
    let Separation {
        horizontal_m,
        vertical_m,
        time,
        ..
    } = apart;
    let (vertical_m, time_s) = (
        vertical_m.unwrap_or(0.0),
        time.map_or(0.0, |time| time.micros() as f64 / 1e6),
    );
    let terms = terms();
    let (side_m, side_s) = (
        480.0 / f64::from(1 << level),
        1_200.0 / f64::from(1 << level),
    );
    let close = horizontal_m < f64::from(terms.separation_m)
        && vertical_m < f64::from(terms.vertical_m)
        && time_s < f64::from(terms.time_s);
    let far = horizontal_m > f64::from(terms.separation_m) + terms.margin_m(level)
        || vertical_m > f64::from(terms.vertical_m) + side_m + 0.02
        || time_s > f64::from(terms.time_s) + side_s;
    (close, far)
}

prop_compose! {
    pub(crate) fn any_volume()(
        latitude in prop_oneof![34.9..35.3_f64, -0.1..0.1_f64, 59.9..60.2_f64],
        longitude in prop_oneof![Just(0.0_f64), Just(179.9_f64), Just(36.0_f64)],
        east in -0.3..0.3_f64,
        (north, over) in (-0.2..0.2_f64, -0.3..0.3_f64),
        half_width_m in 10.0..400.0_f64,
        lower in 0.0..1_500.0_f64,
        thick in 10.0..200.0_f64,
        from in 0..3_600_i64,
        lasts in 10..600_i64,
    ) -> Volume4D {
        let wrapped = |longitude: f64| if longitude > 180.0 { longitude - 360.0 } else { longitude };
        let start = (latitude, wrapped(longitude + east));
        let end = (latitude + north, wrapped(longitude + east + over));
        corridor([start, end], half_width_m, (lower, lower + thick), (from, from + lasts))
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    /// A thousand random worlds: no plans that come close are missed, and none are named that are further apart than the
    /// margin says.
    #[test]
    fn the_private_answer_is_the_clear_one(
        ours in prop::collection::vec(any_volume(), 1..4),
        theirs in prop::collection::vec(any_volume(), 1..4),
    ) {
        let told = told(plans(&ours), plans(&theirs));
        let (level, close): (u8, BTreeSet<usize>) = match &told.outcomes.0 {
            Some(Outcome::Close { level, plans, .. }) => (*level, plans.iter().copied().collect()),
            Some(Outcome::Apart { level }) => (*level, BTreeSet::new()),
            other => panic!("{other:?}"),
        };
        for (position, our) in ours.iter().enumerate() {
            let pairs = theirs.iter().map(|their| clear(our, their, level));
            let (any_close, all_far) = pairs.fold((false, true), |all, pair| (all.0 || pair.0, all.1 && pair.1));
            prop_assert!(!any_close || close.contains(&position), "plan {position} is missed");
            prop_assert!(!all_far || !close.contains(&position), "plan {position} is named in vain");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    /// Any bytes, and messages with bytes of theirs changed, are read strictly or not at all.
    #[test]
    fn whatever_comes_is_read_in_its_only_form(
        kind in 0..7_u8,
        level in 0..5_u8,
        count in prop_oneof![0..4_u32, any::<u32>()],
        rest in prop::collection::vec(any::<u8>(), 0..200),
        plain in any::<bool>(),
    ) {
        let mut bytes = if plain { Vec::new() } else { vec![kind, level] };
        if !plain {
            bytes.extend(count.to_be_bytes());
        }
        bytes.extend(rest);
        body::run(&bytes);
    }
}
