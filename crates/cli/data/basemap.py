#!/usr/bin/env python3
"""Derives basemap.bin from Natural Earth's countries at 1:10 million.

    npm pack world-atlas@2.0.2
    tar xzf world-atlas-2.0.2.tgz
    python3 basemap.py package/countries-10m.json basemap.bin

The input is the npm package `world-atlas` (ISC), a TopoJSON form of Natural Earth 4.1.0, which is in
the public domain.  The output is described in README.md beside this script.  Standard library only.
"""

import json
import math
import sys

# A vertex closer than this to the simplified line is dropped.  The input is itself rounded to steps of
# about 360 m by 190 m, so a finer line would only draw its staircase.
TOLERANCE_KM = 0.25
# A closed line (an island, a lake) smaller than this across is dropped.
ISLAND_KM = 0.6
KM_PER_DEGREE = 111.2


def main(source, target):
    topology = json.load(open(source, encoding="utf-8"))
    scale, translate = topology["transform"]["scale"], topology["transform"]["translate"]
    arcs = [simplified(absolute(arc), scale, translate) for arc in topology["arcs"]]
    countries = []
    for geometry in topology["objects"]["countries"]["geometries"]:
        polygons = geometry["arcs"] if geometry["type"] == "MultiPolygon" else [geometry["arcs"]]
        countries.append((geometry["properties"]["name"], polygons))
    countries.sort(key=lambda country: country[0])
    # A line that is only one part of a ring stays, however short: the ring must close.
    parts = {
        arc if arc >= 0 else ~arc
        for _, polygons in countries for polygon in polygons for ring in polygon if len(ring) > 1 for arc in ring
    }
    kept = [index in parts or keep(arc, scale, translate) for index, arc in enumerate(arcs)]
    number = {}
    out = bytearray(b"DTBM\x01")
    out += varint(sum(kept))
    for value in (*scale, *translate):
        out += varint(zigzag(round(value * 1e12)))
    for index, arc in enumerate(arcs):
        if not kept[index]:
            continue
        number[index] = len(number)
        out += varint(len(arc))
        x = y = 0
        for px, py in arc:
            out += varint(zigzag(px - x)) + varint(zigzag(py - y))
            x, y = px, py
    out += varint(len(countries))
    for name, polygons in countries:
        encoded = name.encode("utf-8")
        out += varint(len(encoded)) + encoded
        rings = [ring for polygon in polygons for ring in polygon]
        rings = [ring for ring in rings if all(kept[arc if arc >= 0 else ~arc] for arc in ring)]
        out += varint(len(rings))
        for ring in rings:
            out += varint(len(ring))
            for arc in ring:
                out += varint(number[arc] << 1 if arc >= 0 else (number[~arc] << 1) | 1)
    open(target, "wb").write(out)
    points = sum(len(arc) for index, arc in enumerate(arcs) if kept[index])
    print(f"{len(number)} lines, {points} points, {len(countries)} countries, {len(out)} bytes")


def absolute(arc):
    """Undoes TopoJSON's delta encoding."""
    x = y = 0
    points = []
    for dx, dy in arc:
        x, y = x + dx, y + dy
        points.append((x, y))
    return points


def plane_of(points, scale, translate):
    """Places the points on a plane, in kilometres, that is true enough within one line."""
    middle = sum(y for _, y in points) / len(points) * scale[1] + translate[1]
    wide = scale[0] * KM_PER_DEGREE * math.cos(math.radians(middle))
    return [(x * wide, y * scale[1] * KM_PER_DEGREE) for x, y in points]


def simplified(points, scale, translate):
    """Douglas and Peucker's method (1973); both ends stay, so neighbours still meet."""
    plane = plane_of(points, scale, translate)
    keep_it = [False] * len(points)
    keep_it[0] = keep_it[-1] = True
    spans = [(0, len(points) - 1)]
    if points[0] == points[-1] and len(points) > 3:
        far = max(range(len(points)), key=lambda i: math.dist(plane[0], plane[i]))
        keep_it[far] = True
        spans = [(0, far), (far, len(points) - 1)]
    while spans:
        first, last = spans.pop()
        worst, at = TOLERANCE_KM, None
        for i in range(first + 1, last):
            distance = to_segment(plane[i], plane[first], plane[last])
            if distance > worst:
                worst, at = distance, i
        if at is not None:
            keep_it[at] = True
            spans += [(first, at), (at, last)]
    return [point for point, kept in zip(points, keep_it) if kept]


def to_segment(p, a, b):
    dx, dy = b[0] - a[0], b[1] - a[1]
    length = dx * dx + dy * dy
    t = 0 if length == 0 else max(0, min(1, ((p[0] - a[0]) * dx + (p[1] - a[1]) * dy) / length))
    return math.dist(p, (a[0] + t * dx, a[1] + t * dy))


def keep(arc, scale, translate):
    """Whether the line is worth its bytes: everything but specks."""
    if arc[0] != arc[-1]:
        return True
    plane = plane_of(arc, scale, translate)
    xs, ys = [x for x, _ in plane], [y for _, y in plane]
    return len(arc) > 3 and max(max(xs) - min(xs), max(ys) - min(ys)) >= ISLAND_KM


def zigzag(value):
    return value << 1 if value >= 0 else ((-value) << 1) - 1


def varint(value):
    out = bytearray()
    while value > 0x7F:
        out.append((value & 0x7F) | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


if __name__ == "__main__":
    main(*sys.argv[1:])
