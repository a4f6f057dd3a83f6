"""Pairs of shapes with the gap between them, one JSON object a line: the oracle of the exactness test.

Each line: {"kind", "a", "b", "gap_m"}; a negative gap is an overlap of that depth, and null means only that the
shapes do (`"overlap": true`) or do not overlap.
The same arguments give the same bytes.
"""

import argparse
import json
import math
import multiprocessing

import numpy as np

import densified
import spherical
from scene import Scene, go, log_uniform

BLOCK = 1000


def shape_polygon(*rings):
    return {"polygon": [list(ring) for ring in rings]}


def small_gap(rng):
    """A signed gap around the deciding centimetre: up to 5 cm either way, often within a few millimetres."""
    width = rng.choice([0.002, 0.012, 0.05])
    return float(rng.uniform(-width, width))


def vertices(rng):
    if rng.random() < 0.003:
        return int(rng.integers(1000, 3000))
    return int(3 + log_uniform(rng, 1, 30))


def length(rng):
    if rng.random() < 0.02:
        return log_uniform(rng, 3e5, 3e6)
    return log_uniform(rng, 2.0, 3e5)


def radius(rng):
    return log_uniform(rng, 1.0, 5e5)


def edge_and_vertex(rng):
    scene = Scene(rng, length(rng))
    gap = small_gap(rng)
    b = scene.beyond(gap, log_uniform(rng, 1.0, 1e5), vertices(rng))
    return shape_polygon(scene.left_polygon(vertices(rng))), shape_polygon(b), gap


def edge_and_circle(rng):
    scene = Scene(rng, length(rng))
    gap, r = small_gap(rng), radius(rng)
    b = {"circle": [*scene.across(gap + r), r]}
    return shape_polygon(scene.left_polygon(vertices(rng))), b, gap


def vertex_and_circle(rng):
    scene = Scene(rng, length(rng))
    gap, r = small_gap(rng), radius(rng)
    # The tip of a wedge that opens away from the circle.
    tip = scene.middle
    a = [tip, go(tip, scene.heading_deg + rng.uniform(-80, -5), scene.length_m)]
    a.append(go(tip, scene.heading_deg + rng.uniform(5, 80), scene.length_m))
    away = scene.heading_deg + 180 + rng.uniform(-4, 4)
    return shape_polygon(a), {"circle": [*go(tip, away, gap + r), r]}, gap


def two_circles(rng):
    scene = Scene(rng, 10.0)
    gap, r, s = small_gap(rng), radius(rng), radius(rng)
    return {"circle": [*scene.middle, r]}, {"circle": [*scene.across(gap + r + s), s]}, gap


def two_corridors(rng):
    scene = Scene(rng, length(rng))
    gap, r, s = small_gap(rng), log_uniform(rng, 1.0, 5e4), log_uniform(rng, 1.0, 5e4)
    a = {"corridor": scene.left_line(), "half_width": r}
    reach = log_uniform(rng, 1.0, 1e5)
    return a, {"corridor": scene.line_beyond(gap + r + s, reach), "half_width": s}, gap


def corridor_and_polygon(rng):
    scene = Scene(rng, length(rng))
    gap, r = small_gap(rng), log_uniform(rng, 1.0, 5e4)
    if rng.random() < 0.5:
        a = {"corridor": scene.left_line(), "half_width": r}
        return a, shape_polygon(scene.beyond(gap + r, log_uniform(rng, 1.0, 1e5), vertices(rng))), gap
    b = {"corridor": scene.line_beyond(gap + r, log_uniform(rng, 1.0, 1e5)), "half_width": r}
    return shape_polygon(scene.left_polygon(vertices(rng))), b, gap


def kept_out(rng):
    scene = Scene(rng, length(rng))
    gap, buffer = small_gap(rng), log_uniform(rng, 1.0, 1e5)
    a = shape_polygon(scene.left_polygon(vertices(rng))) | {"kept_out": buffer}
    return a, shape_polygon(scene.beyond(gap + buffer, log_uniform(rng, 1.0, 1e5), vertices(rng))), gap


def in_a_hole(rng):
    reach = log_uniform(rng, 1.0, 5e3)
    clear = reach * rng.uniform(8, 30)
    scene = Scene(rng, 2 * clear * rng.uniform(1.2, 2.0), share=0.5)
    gap = small_gap(rng)
    outer = scene.ring_around(clear * 6 + scene.length_m)
    a = shape_polygon(outer, scene.hole_around(clear))
    return a, shape_polygon(scene.beyond(gap, reach, vertices(rng), spread=1.2)), gap


def circle_in_a_hole(rng):
    r = log_uniform(rng, 1.0, 2e4)
    clear = r * rng.uniform(8, 30)
    scene = Scene(rng, 2 * clear * rng.uniform(1.2, 2.0), share=0.5)
    gap = small_gap(rng)
    outer = scene.ring_around(clear * 6 + scene.length_m)
    return shape_polygon(outer, scene.hole_around(clear)), {"circle": [*scene.across(gap + r), r]}, gap


def inside(rng):
    """A shape well inside a region: its boundary is far from the region's."""
    scene = Scene(rng, 10.0)
    size = log_uniform(rng, 10.0, 2e6)
    a = shape_polygon(scene.ring_around(size, int(rng.integers(4, 40))))
    distance = size * rng.uniform(0.0, 0.5)
    centre = go(scene.middle, rng.uniform(0, 360), distance)
    if rng.random() < 0.5:
        b = {"circle": [*centre, max(size * 0.01, 0.1)]}
    else:
        b = shape_polygon(go(centre, -np.array([0.0, 120.0, 240.0]), np.full(3, size * 0.05)))
    return a, b, None


def far_apart(rng):
    scene = Scene(rng, log_uniform(rng, 2.0, 3e5))
    gap = log_uniform(rng, 0.01, 2e6)
    a = shape_polygon(scene.left_polygon(vertices(rng)))
    if rng.random() < 0.5:
        return a, shape_polygon(scene.beyond(gap, log_uniform(rng, 1.0, 3e4), vertices(rng))), gap
    r = log_uniform(rng, 1.0, 1e5)
    return a, {"circle": [*scene.across(gap + r), r]}, gap


# Cases of each kind in a hundred; the rest are general shapes, judged by GEOS and by S2.
KINDS = [
    (edge_and_vertex, 26),
    (edge_and_circle, 12),
    (vertex_and_circle, 8),
    (two_circles, 6),
    (two_corridors, 8),
    (corridor_and_polygon, 10),
    (kept_out, 6),
    (in_a_hole, 8),
    (circle_in_a_hole, 4),
    (inside, 2),
    (far_apart, 6),
    (densified.general, 2),
    (spherical.general, 2),
]


def disturbed(rng, ring):
    """The same ring written another way: another start, another sense, points added on its edges or given twice."""
    shift = int(rng.integers(len(ring)))
    ring = ring[shift:] + ring[:shift]
    if rng.random() < 0.3:
        ring = ring[::-1]
    if rng.random() < 0.05:
        at = int(rng.integers(len(ring)))
        ring = ring[: at + 1] + ring[at:]
    return ring + [ring[0]]


def rounded(value):
    """Eleven decimals of a degree are a micrometre."""
    return [round(float(part), 11) for part in value]


def written(rng, shape):
    shape = dict(shape)
    if "polygon" in shape:
        shape["polygon"] = [[rounded(point) for point in disturbed(rng, ring)] for ring in shape["polygon"]]
    if "corridor" in shape:
        line = [rounded(point) for point in shape["corridor"]]
        shape["corridor"] = line[::-1] if rng.random() < 0.5 else line
    if "circle" in shape:
        lat, lon, radius_m = shape["circle"]
        shape["circle"] = [*rounded((lat, lon)), radius_m]
    return shape


def case(seed, index):
    rng = np.random.default_rng([seed, index])
    pick = rng.random() * 100
    for make, share in KINDS:
        pick -= share
        if pick < 0:
            break
    made = make(rng)
    if made is None:
        return None
    a, b, gap = made[:3]
    line = {"kind": make.__module__.replace("__main__", "scene") + "." + make.__name__}
    line |= {"a": written(rng, a), "b": written(rng, b)}
    if len(made) == 4:
        line["overlap"] = made[3]
    elif gap is None:
        line["overlap"] = True
    else:
        line["gap_m"] = gap
    if rng.random() < 0.5:
        line["a"], line["b"] = line["b"], line["a"]
    return line


def block(arguments):
    seed, start, stop = arguments
    cases = (case(seed, index) for index in range(start, stop))
    return "".join(json.dumps(line) + "\n" for line in cases if line is not None)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", required=True)
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    starts = range(0, options.count, BLOCK)
    blocks = [(options.seed, start, min(start + BLOCK, options.count)) for start in starts]
    with multiprocessing.Pool() as pool, open(options.output, "w", encoding="ascii") as output:
        for text in pool.imap(block, blocks):
            output.write(text)


if __name__ == "__main__":
    main()
