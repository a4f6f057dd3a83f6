//! What proximity costs: `cargo bench -p detente-spacetime --bench proximity`.
#![expect(clippy::expect_used, clippy::print_stdout, reason = "a measurement")]

use std::{hint::black_box, time::Instant};

use detente_spacetime::{EdgeKind, Footprint, Position, Proximity, geodesic::destination};

#[expect(clippy::disallowed_methods, reason = "a measurement reads the clock")]
fn main() {
    let centre = Position::new(35.0, 37.0).expect("a position");
    let east = |metres: f64| destination(centre, 80.0, metres);
    for vertices in [4, 12, 60] {
        let a = star(centre, 2_000.0, vertices);
        pair(
            &format!("{vertices} vertices, interlocked"),
            &a,
            &star(east(1_500.0), 2_000.0, vertices),
        );
        pair(
            &format!("{vertices} vertices, 500 m apart"),
            &a,
            &star(east(4_500.0), 2_000.0, vertices),
        );
        pair(
            &format!("{vertices} vertices, 96 km apart"),
            &a,
            &star(east(100_000.0), 2_000.0, vertices),
        );
        pair(
            &format!("{vertices} vertices, 996 km apart"),
            &a,
            &star(east(1e6), 2_000.0, vertices),
        );
    }
    let field = star(centre, 2_000.0, 60);
    let circle = |metres: f64| {
        Footprint::circle(east(metres), 500.0)
            .expect("a circle")
            .footprint
    };
    pair("60 vertices and a circle inside", &field, &circle(100.0));
    pair("60 vertices and a circle near", &field, &circle(3_000.0));
    pair("two circles", &circle(0.0), &circle(2_000.0));
    for vertices in [3_000, 99_000] {
        let timer = Instant::now();
        let a = star(centre, 50_000.0, vertices);
        println!("{vertices} vertices, made: {:?}", timer.elapsed());
        pair(
            &format!("{vertices} vertices, interlocked"),
            &a,
            &star(east(30_000.0), 50_000.0, vertices),
        );
        pair(
            &format!("{vertices} vertices, one inside the other"),
            &a,
            &star(centre, 20_000.0, vertices),
        );
        pair(
            &format!("{vertices} vertices, 1 m around"),
            &ring_with_hole(centre, 50_000.0, vertices),
            &star(centre, 49_999.0, vertices),
        );
        pair(
            &format!("{vertices} vertices, 20 km apart"),
            &a,
            &star(east(120_000.0), 50_000.0, vertices),
        );
        pair(
            &format!("{vertices} vertices, 900 km apart"),
            &a,
            &star(east(1e6), 50_000.0, vertices),
        );
    }
}

/// A wavy ring.
fn wave(centre: Position, radius_m: f64, vertices: usize) -> Vec<Position> {
    (0..vertices)
        .map(|i| {
            let share = i as f64 / vertices as f64;
            let radius_m = radius_m * (1.0 + 0.1 * (share * 50.0).sin());
            destination(centre, -360.0 * share, radius_m)
        })
        .collect()
}

fn star(centre: Position, radius_m: f64, vertices: usize) -> Footprint {
    let ring = wave(centre, radius_m, vertices);
    Footprint::polygon(&[ring], EdgeKind::Geodesic)
        .expect("a polygon")
        .footprint
}

fn ring_with_hole(centre: Position, radius_m: f64, vertices: usize) -> Footprint {
    let rings = [
        wave(centre, radius_m * 1.5, 12),
        wave(centre, radius_m, vertices),
    ];
    Footprint::polygon(&rings, EdgeKind::Geodesic)
        .expect("a polygon")
        .footprint
}

#[expect(clippy::disallowed_methods, reason = "a measurement reads the clock")]
fn pair(name: &str, a: &Footprint, b: &Footprint) {
    let time = |question: &dyn Fn()| {
        let (timer, mut rounds) = (Instant::now(), 0_u32);
        while timer.elapsed().as_millis() < 50 {
            question();
            rounds += 1;
        }
        timer.elapsed() / rounds
    };
    let distance = time(&|| {
        black_box(a.proximity(b));
    });
    let decision = time(&|| {
        black_box(a.overlaps(b));
    });
    let answer = match a.proximity(b) {
        Proximity::Overlap => "overlap".to_owned(),
        Proximity::Apart { separation_m } => format!("{separation_m:.4} m"),
    };
    println!("{name}: {answer}; proximity {distance:?}, overlaps {decision:?}");
}
