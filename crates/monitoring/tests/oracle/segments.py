"""Made worlds of zones and segments, and what GEOS says of each pair that comes near: see README.md.

Nothing here uses the product's code. Geodesics are PROJ's (Karney); everything is drawn in an oblique stereographic
projection around the world's middle, with edges cut so short that straight lines there are the geodesics to 0.1 mm.
"""

import argparse
import json
import math
from concurrent.futures import ProcessPoolExecutor

import numpy as np
import shapely
from pyproj import Geod, Proj

EARTH = Geod(ellps="WGS84")
ZONES = 24
# How far the zones and segments of a world are from its middle, metres.
REACH_M = 20_000.0
# Edges of zones are cut this short, metres: the sagitta on the plane is below 0.01 mm.
EDGE_M = 250.0
# Segments longer than this are cut, metres.
SEGMENT_M = 500.0
PIECES = 10
# Circles are cut so that no chord leaves its arc by more, metres.
SAGITTA_M = 0.0001
# Within this distance of a border nothing is claimed, metres: contact counts within 0.5 mm, the oracle errs by 0.2 mm.
BAND_M = 0.0015
# Crossings so slanting that the two borders around are crossed further apart than this are not placed, metres.
WIDE_M = 0.5


class World:
    def __init__(self, number, count, seed):
        self.chance = np.random.default_rng([seed, number])
        kind = number % 8
        latitude = {0: 89.9, 1: -89.0, 2: 0.0, 3: 83.95}.get(kind, self.chance.uniform(-82.0, 82.0))
        longitude = 179.98 if kind in (2, 4) else self.chance.uniform(-180.0, 180.0)
        self.middle = (longitude, latitude)
        self.plane = Proj(proj="stere", lat_0=latitude, lon_0=longitude, ellps="WGS84")
        self.zones = []
        self.shapes = []
        while len(self.zones) < ZONES:
            self.zone()
        self.segments(count)

    def size(self, low, high):
        return math.exp(self.chance.uniform(math.log(low), math.log(high)))

    def place(self, reach_m=REACH_M):
        return self.beyond(self.middle, self.chance.uniform(0, 360), self.chance.uniform(0, reach_m))

    def beyond(self, place, azimuth, distance_m):
        longitude, latitude, _ = EARTH.fwd(place[0], place[1], azimuth, distance_m)
        return (longitude, latitude)

    def drawn(self, places):
        """The geodesics between successive places as points of the plane."""
        points = []
        for one, two in zip(places, places[1:]):
            azimuth, _, length_m = EARTH.inv(*one, *two)
            count = max(1, math.ceil(length_m / EDGE_M))
            along = np.arange(count) * (length_m / count)
            longitudes, latitudes, _ = EARTH.fwd(*(np.full(count, v) for v in (*one, azimuth)), along)
            points.append(np.column_stack(self.plane(longitudes, latitudes)))
        points.append(np.array([self.plane(*places[-1])]))
        return np.concatenate(points)

    def round(self, centre, radius_m):
        count = max(32, math.ceil(math.pi / math.acos(max(0.0, 1.0 - SAGITTA_M / radius_m))))
        azimuths = np.linspace(0.0, 360.0, count, endpoint=False)
        longitudes, latitudes, _ = EARTH.fwd(
            np.full(count, centre[0]), np.full(count, centre[1]), azimuths, np.full(count, radius_m)
        )
        return shapely.Polygon(np.column_stack(self.plane(longitudes, latitudes)))

    def ring(self, centre, size_m, corners):
        azimuths = 360.0 - 360.0 * np.arange(corners) / corners
        ring = [self.beyond(centre, a, size_m * self.chance.uniform(0.4, 1.0)) for a in azimuths]
        return ring + ring[:1]

    def zone(self):
        centre, size_m = self.place(), self.size(5.0, 6_000.0)
        shape = self.chance.integers(6)
        if shape == 0:
            radius_m = min(size_m, 2_000.0)
            zone, drawn = {"circle": [*centre[::-1], radius_m]}, self.round(centre, radius_m)
        elif shape == 1:
            line = [centre]
            for _ in range(self.chance.integers(1, 4)):
                line.append(self.beyond(line[-1], self.chance.uniform(0, 360), size_m))
            half_m = max(0.05, min(size_m * self.chance.uniform(0.02, 0.3), 1_500.0))
            zone = {"corridor": [p[::-1] for p in line], "half_width": half_m}
            drawn = self.corridor(line, half_m)
        elif shape == 2:
            rings = [self.ring(centre, size_m, 9), self.ring(centre, size_m * 0.3, 5)[::-1]]
            zone = {"polygon": [[p[::-1] for p in ring] for ring in rings]}
            drawn = shapely.Polygon(self.drawn(rings[0]), [self.drawn(rings[1])])
        else:
            ring = self.ring(centre, size_m, int(self.chance.integers(3, 60)))
            zone, drawn = {"polygon": [[p[::-1] for p in ring]]}, shapely.Polygon(self.drawn(ring))
        if drawn.is_valid and not drawn.is_empty:
            self.zones.append(zone)
            self.shapes.append(drawn)

    def corridor(self, line, half_m):
        parts = [self.round(place, half_m) for place in line]
        for one, two in zip(line, line[1:]):
            azimuth, _, length_m = EARTH.inv(*one, *two)
            count = max(1, math.ceil(length_m / EDGE_M))
            stations = [one] + [self.beyond(one, azimuth, length_m * step / count) for step in range(1, count)] + [two]
            left, right = [], []
            for place in stations:
                heading = azimuth if place is one else EARTH.inv(*place, *one)[0] + 180.0
                left.append(self.plane(*self.beyond(place, heading - 90.0, half_m)))
                right.append(self.plane(*self.beyond(place, heading + 90.0, half_m)))
            for step in range(count):
                corners = [left[step], left[step + 1], right[step + 1], right[step]]
                parts.append(shapely.make_valid(shapely.Polygon(corners)))
        return shapely.union_all(parts)

    def segments(self, count):
        """Half anywhere, half along a border, within millimetres to metres of it."""
        chance = self.chance
        long = chance.random(count) < 0.08
        length = np.exp(chance.uniform(math.log(2.0), math.log(SEGMENT_M), count))
        length[long] = np.exp(chance.uniform(math.log(SEGMENT_M), math.log(SEGMENT_M * PIECES), long.sum()))
        heading = chance.uniform(0, 2 * math.pi, count)
        away, around = REACH_M * np.sqrt(chance.random(count)), chance.uniform(0, 2 * math.pi, count)
        start = np.column_stack([away * np.cos(around), away * np.sin(around)])
        graze = np.flatnonzero(chance.random(count) < 0.5)
        which = chance.integers(ZONES, size=len(graze))
        for number, shape in enumerate(self.shapes):
            mine = graze[which == number]
            border = edges_of(shape)
            chosen = border[chance.integers(len(border), size=len(mine))]
            along = chosen[:, 1] - chosen[:, 0]
            angle = np.arctan2(along[:, 1], along[:, 0])
            at = chosen[:, 0] + along * chance.random((len(mine), 1))
            beside = np.exp(chance.uniform(math.log(0.0005), math.log(3.0), len(mine)))
            beside *= chance.choice([-1.0, 0.0, 1.0], len(mine))
            at = at + np.column_stack([-np.sin(angle), np.cos(angle)]) * beside[:, None]
            turn = np.exp(chance.uniform(math.log(1e-6), math.log(1.5), len(mine)))
            heading[mine] = angle + turn * chance.choice([-1.0, 1.0], len(mine))
            direction = np.column_stack([np.cos(heading[mine]), np.sin(heading[mine])])
            start[mine] = at - direction * (length[mine] * chance.random(len(mine)))[:, None]
        end = start + np.column_stack([np.cos(heading), np.sin(heading)]) * length[:, None]
        places = [self.plane(*points.T, inverse=True) for points in (start, end)]
        self.ends = np.column_stack([places[0][1], places[0][0], places[1][1], places[1][0]])
        self.cut(long)

    def cut(self, long):
        """The segments as straight pieces of the plane: number, share where each begins, share it covers, ends."""
        latitude_1, longitude_1, latitude_2, longitude_2 = self.ends.T
        one = np.column_stack(self.plane(longitude_1, latitude_1))
        self.lengths = EARTH.inv(longitude_1, latitude_1, longitude_2, latitude_2)[2]
        two = np.column_stack(self.plane(longitude_2, latitude_2))
        short = np.flatnonzero(~long)
        numbers, shares, spans = [short], [np.zeros(len(short))], [np.ones(len(short))]
        pieces = [np.stack([one[short], two[short]], axis=1)]
        longs = np.flatnonzero(long)
        azimuths, _, lengths = EARTH.inv(longitude_1[longs], latitude_1[longs], longitude_2[longs], latitude_2[longs])
        stations = [one[longs]]
        for step in range(1, PIECES):
            places = EARTH.fwd(longitude_1[longs], latitude_1[longs], azimuths, lengths * (step / PIECES))
            stations.append(np.column_stack(self.plane(places[0], places[1])))
        stations.append(two[longs])
        for step in range(PIECES):
            numbers.append(longs)
            shares.append(np.full(len(longs), step / PIECES))
            spans.append(np.full(len(longs), 1.0 / PIECES))
            pieces.append(np.stack([stations[step], stations[step + 1]], axis=1))
        self.numbers, self.shares, self.spans = map(np.concatenate, (numbers, shares, spans))
        self.pieces = np.concatenate(pieces)
        self.starts, self.finishes = one, two

    def judged(self):
        """For every pair that comes near: where it starts and ends, whether it touches, and where it crosses."""
        lines = shapely.linestrings(self.pieces)
        tree = shapely.STRtree(lines)
        pairs, crossings = [], []
        for number, shape in enumerate(self.shapes):
            with np.errstate(divide="ignore", invalid="ignore"):
                inner, outer = (shape.buffer(by, join_style="mitre") for by in (-BAND_M, BAND_M))
            near = np.unique(self.numbers[tree.query(outer, predicate="intersects")])
            touches = np.unique(self.numbers[tree.query(inner, predicate="intersects")]) if not inner.is_empty else []
            if not len(near):
                continue
            hit = np.where(np.isin(near, touches), 1, 2)
            start, end = (self.within(inner, outer, points[near]) for points in (self.starts, self.finishes))
            borders = [self.crossed(tree, border, near) for border in (inner, shape, outer)]
            counts = [np.bincount(row, minlength=len(near)) for row, _ in borders]
            sure = (counts[0] == counts[1]) & (counts[1] == counts[2]) & (hit == 1) & (start < 2) & (end < 2)
            # Where a sure pair crosses lies between where it crosses the two borders around, if these belong together.
            shares = np.stack([share[sure[row]] for row, share in borders], axis=1)
            rows = borders[1][0][sure[borders[1][0]]]
            apart_m = (shares.max(axis=1) - shares.min(axis=1)) * self.lengths[near[rows]]
            slanting = np.unique(rows[apart_m > WIDE_M])
            shares = shares[~np.isin(rows, slanting)]
            sure[slanting] = False
            crossings.append(np.column_stack([shares.min(axis=1), shares.max(axis=1)]))
            columns = (near, np.full(len(near), number), start, end, hit, np.where(sure, counts[1], 255))
            pairs.append(np.column_stack(columns).astype(np.uint32))
        return np.concatenate(pairs), np.concatenate(crossings)

    def within(self, inner, outer, points):
        """1 inside, 0 outside, 2 within the band."""
        shapely.prepare(inner), shapely.prepare(outer)
        inside = shapely.contains_xy(inner, *points.T)
        outside = ~shapely.intersects_xy(outer, *points.T)
        return np.where(inside, 1, np.where(outside, 0, 2))

    def crossed(self, tree, border, near):
        """The places where the segments `near` cross the edges of a border, in order: their row, and the share."""
        edges = edges_of(border)
        if not len(edges):
            return np.array([], int), np.array([])
        edge, piece = tree.query(shapely.linestrings(edges), predicate="intersects")
        row = np.minimum(np.searchsorted(near, self.numbers[piece]), len(near) - 1)
        mine = near[row] == self.numbers[piece]
        edge, piece, row = edge[mine], piece[mine], row[mine]
        (a, b), (p, q) = edges[edge].transpose(1, 0, 2), self.pieces[piece].transpose(1, 0, 2)
        along, way, off = b - a, q - p, a - p
        across = way[:, 0] * along[:, 1] - way[:, 1] * along[:, 0]
        across[across == 0.0] = 1e-30
        share = np.clip((off[:, 0] * along[:, 1] - off[:, 1] * along[:, 0]) / across, 0.0, 1.0)
        share = self.shares[piece] + share * self.spans[piece]
        order = np.lexsort((share, row))
        return row[order], share[order]


def edges_of(shape):
    """The edges of all rings of a polygon or several."""
    rings = [ring for part in shapely.get_parts(shape) for ring in (part.exterior, *part.interiors)]
    points = [shapely.get_coordinates(ring) for ring in rings]
    edges = [np.stack([ring[:-1], ring[1:]], axis=1) for ring in points if len(ring) > 1]
    return np.concatenate(edges) if edges else np.empty((0, 2, 2))


def written(task):
    number, count, seed = task
    world = World(number, count, seed)
    pairs, crossings = world.judged()
    head = {"zones": world.zones, "segments": count, "pairs": len(pairs), "crossings": len(crossings)}
    parts = (world.ends.astype("<f8"), pairs.astype("<u4"), crossings.astype("<f8"))
    return json.dumps(head).encode() + b"\n" + b"".join(part.tobytes() for part in parts)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--output", required=True)
    parser.add_argument("--worlds", type=int, required=True)
    parser.add_argument("--segments", type=int, required=True)
    parser.add_argument("--seed", type=int, required=True)
    wanted = parser.parse_args()
    tasks = [(number, wanted.segments, wanted.seed) for number in range(wanted.worlds)]
    with open(wanted.output, "wb") as output, ProcessPoolExecutor() as pool:
        for world in pool.map(written, tasks):
            output.write(world)


if __name__ == "__main__":
    main()
