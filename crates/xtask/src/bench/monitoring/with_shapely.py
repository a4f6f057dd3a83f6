"""Segments against zones by shapely 2 on one core: with_shapely.py FOLDER CHANGES

FOLDER holds the world as `measure columns` writes it, CHANGES what detente found. The recipe is the fastest of those tried:
boxes by STRtree, the terms of each zone by numpy, the segment cut to them, then prepared polygons.
Prints one JSON object. Pairs that differ are asked again with every edge cut each 50 m along its geodesic.
"""

import json
import os
import sys
from pathlib import Path

import numpy as np
import shapely
from pyproj import Geod

EARTH = Geod(ellps="WGS84")
DENSE_M = 50.0
# What counts as contact with a limit of height or with a border, metres; of a border in degrees of latitude, which are the longer.
CONTACT_M = 0.0005
CONTACT_DEG = CONTACT_M / 111_700.0
# Segments worked on at once: more is not faster, and takes memory.
BATCH = 100_000


def spent():
    return sum(os.times()[:2])


class World:
    def __init__(self, folder):
        read = lambda name, kind: np.fromfile(folder / name, dtype=kind)
        offsets, points = read("offsets.u32", "<u4"), read("rings.f64", "<f8").reshape(-1, 2)
        self.terms = read("terms.f64", "<f8").reshape(-1, 5)
        self.parties = self.terms[:, 4].astype(np.int64)
        counts = np.diff(offsets)
        rings = shapely.linearrings(points, indices=np.repeat(np.arange(len(counts)), counts))
        self.rings = points, offsets
        self.zones = shapely.polygons(rings)
        party = read("parties.u32", "<u4").astype(np.int64)
        fixes = read("fixes.f64", "<f8").reshape(-1, 4)
        aircraft = len(party)
        self.start, self.end = fixes[:-aircraft], fixes[aircraft:]
        self.bit = np.tile(1 << party, len(self.end) // aircraft)


def shares(world, segment, zone):
    """Between which shares of each segment the heights and the window of a zone hold."""
    start, end, terms = world.start[segment], world.end[segment], world.terms[zone]
    with np.errstate(divide="ignore", invalid="ignore"):
        climb = end[:, 2] - start[:, 2]
        low, high = ((terms[:, side] - start[:, 2]) / climb for side in (0, 1))
        level = climb == 0.0
        within = (terms[:, 0] <= start[:, 2]) & (start[:, 2] <= terms[:, 1])
        low, high = np.where(level, np.where(within, 0.0, 2.0), np.minimum(low, high)), np.where(level, 1.0, np.maximum(low, high))
        passed = end[:, 3] - start[:, 3]
        opens, closes = ((terms[:, side] - start[:, 3]) / passed for side in (2, 3))
    return np.maximum.reduce([np.zeros(len(low)), low, opens]), np.minimum.reduce([np.ones(len(low)), high, closes])


def touched(world, tree, numbers):
    """The pairs of segment and zone that share a place, a height and an instant."""
    start, end = world.start[numbers], world.end[numbers]
    lines = shapely.linestrings(np.stack([start[:, :2], end[:, :2]], axis=1))
    which, zone = tree.query(lines)
    terms = world.terms[zone]
    low, high = np.minimum(start[:, 2], end[:, 2])[which], np.maximum(start[:, 2], end[:, 2])[which]
    applies = (terms[:, 0] <= high) & (terms[:, 1] >= low) & (terms[:, 2] <= end[which, 3])
    applies &= (terms[:, 3] > start[which, 3]) & (world.parties[zone] & world.bit[numbers[which]] != 0)
    which, zone = which[applies], zone[applies]
    segment = numbers[which]
    enters, leaves = shares(world, segment, zone)
    holds = enters <= leaves
    which, zone, segment, enters, leaves = (column[holds] for column in (which, zone, segment, enters, leaves))
    ways = lines[which]
    cut = np.flatnonzero((enters > 0.0) | (leaves < 1.0))
    along = world.end[segment[cut], :2] - world.start[segment[cut], :2]
    ends = [world.start[segment[cut], :2] + along * share[cut, None] for share in (enters, leaves)]
    ways[cut] = shapely.linestrings(np.stack(ends, axis=1))
    hit = shapely.intersects(world.zones[zone], ways)
    return segment[hit], zone[hit]


def inside(world, fixes, segment, zone, zones=None):
    """Whether a fix lies in the zone of a pair."""
    fix, terms = fixes[segment], world.terms[zone]
    there = (terms[:, 0] <= fix[:, 2]) & (fix[:, 2] <= terms[:, 1]) & (terms[:, 2] <= fix[:, 3]) & (fix[:, 3] < terms[:, 3])
    polygons = world.zones[zone] if zones is None else zones
    return there & shapely.intersects_xy(polygons, fix[:, 0], fix[:, 1])


def changes(world, segment, zone):
    before, after = (inside(world, fixes, segment, zone) for fixes in (world.start, world.end))
    names = {(False, True): "enter", (True, False): "leave", (False, False): "through"}
    found = zip(segment.tolist(), zone.tolist(), before.tolist(), after.tolist())
    return {(s, z, names[b, a]) for s, z, b, a in found if (b, a) in names}


def dense(points):
    """Points every 50 m along the geodesics between successive points."""
    out = []
    for one, two in zip(points[:-1], points[1:]):
        azimuth, _, length_m = EARTH.inv(*one, *two)
        count = max(1, int(np.ceil(length_m / DENSE_M)))
        along = EARTH.fwd(*(np.full(count, v) for v in (*one, azimuth)), np.arange(count) * (length_m / count))
        out.append(np.column_stack(along[:2]))
    return np.concatenate([*out, points[-1:]])


def settled(world, segment, zone, reach_deg=0.0):
    """What one pair changes when its edges are geodesics, and its border reaches further."""
    points, offsets = world.rings
    ring = points[offsets[zone]:offsets[zone + 1]]
    polygon = shapely.Polygon(dense(np.concatenate([ring, ring[:1]]))).buffer(reach_deg)
    pair = np.array([segment]), np.array([zone])
    enters, leaves = (share[0] for share in shares(world, *pair))
    if enters > leaves:
        return None
    one, two = world.start[segment, :2], world.end[segment, :2]
    azimuth, _, length_m = EARTH.inv(*one, *two)
    ends = [EARTH.fwd(*one, azimuth, length_m * share)[:2] for share in (enters, leaves)]
    line = shapely.LineString(dense(np.array(ends)) if ends[0] != ends[1] else [ends[0], ends[0]])
    if not shapely.intersects(polygon, line):
        return None
    before, after = (bool(inside(world, fixes, *pair, np.array([polygon]))[0]) for fixes in (world.start, world.end))
    return {(False, True): "enter", (True, False): "leave", (False, False): "through"}.get((before, after))


def touching(world, segment, zone):
    """The same when what is within half a millimetre of the zone's heights or border counts as contact, as it does with us."""
    kept = world.terms[zone].copy()
    world.terms[zone, :2] += [-CONTACT_M, CONTACT_M]
    change = settled(world, segment, zone, CONTACT_DEG)
    world.terms[zone] = kept
    return change


def main():
    world = World(Path(sys.argv[1]))
    ours = set()
    with open(sys.argv[2]) as lines:
        for line in lines:
            segment, zone, change = line.split(",")
            ours.add((int(segment), int(zone), change.strip()))
    begun = spent()
    tree = shapely.STRtree(world.zones)
    shapely.prepare(world.zones)
    tree.query(shapely.Point(0.0, 0.0))
    built = spent() - begun
    pairs, begun = [], spent()
    for first in range(0, len(world.end), BATCH):
        pairs.append(touched(world, tree, np.arange(first, min(first + BATCH, len(world.end)))))
    passed = spent() - begun
    segment, zone = (np.concatenate(column) for column in zip(*pairs))
    theirs = changes(world, segment, zone)
    only_ours, only_theirs = ours - theirs, theirs - ours
    disputed = {(segment, zone) for segment, zone, _ in only_ours | only_theirs}
    said = {(segment, zone): change for segment, zone, change in ours}
    agreed = sum(said.get(pair) in (settled(world, *pair), touching(world, *pair)) for pair in disputed)
    print(json.dumps({
        "version": f"shapely {shapely.__version__}, GEOS {shapely.geos_version_string}",
        "segments": len(world.end),
        "per_cpu_second": len(world.end) / passed,
        "build_cpu_s": built,
        "touched": len(segment),
        "changes": len(theirs),
        "only_detente": len(only_ours),
        "only_shapely": len(only_theirs),
        "disputed": len(disputed),
        "settled": agreed,
    }))


if __name__ == "__main__":
    main()
