"""A scene: one place, one geodesic edge through it, and shapes built on its two sides.

Every point is the answer of Karney's direct problem (PROJ's own C code, through pyproj), so the distance across the
edge is known from the construction and nothing has to be measured.
"""

import math

import numpy as np
from pyproj import Geod

GEOD = Geod(ellps="WGS84")


def go(point, azimuth_deg, distance_m):
    """The points reached from `point` along azimuths for distances (scalars or arrays)."""
    azimuth, distance = np.broadcast_arrays(
        np.asarray(azimuth_deg, float), np.asarray(distance_m, float)
    )
    lat = np.full(azimuth.shape, point[0])
    lon = np.full(azimuth.shape, point[1])
    lon2, lat2, _ = GEOD.fwd(lon, lat, azimuth, distance)
    if azimuth.shape == ():
        return (float(lat2), float(lon2))
    return list(zip(lat2.tolist(), lon2.tolist()))


def azimuth(start, end):
    return GEOD.inv(start[1], start[0], end[1], end[0])[0]


def log_uniform(rng, low, high):
    return math.exp(rng.uniform(math.log(low), math.log(high)))


def place(rng):
    """A place: anywhere, often at the antimeridian or near a pole."""
    pick = rng.random()
    if pick < 0.15:
        lon = 180.0 + rng.choice([-1, 1]) * log_uniform(rng, 1e-7, 1.0)
        return (rng.uniform(-85, 85), (lon + 180.0) % 360.0 - 180.0)
    if pick < 0.30:
        return (rng.choice([-1, 1]) * (90.0 - log_uniform(rng, 1e-6, 3.0)), rng.uniform(-180, 180))
    if pick < 0.35:
        return (rng.choice([-1, 1]) * log_uniform(rng, 1e-7, 1.0), rng.uniform(-180, 180))
    return (rng.uniform(-89, 89), rng.uniform(-180, 180))


class Scene:
    """An edge from `start` to `end` through `middle`, heading `heading_deg` there."""

    def __init__(self, rng, length_m, share=None):
        self.rng = rng
        self.length_m = length_m
        self.middle = place(rng)
        self.heading_deg = rng.uniform(-180, 180)
        share = rng.uniform(0.1, 0.9) if share is None else share
        self.start = go(self.middle, self.heading_deg + 180, share * length_m)
        self.end = go(self.middle, self.heading_deg, (1 - share) * length_m)
        self.least_m = min(share, 1 - share) * length_m

    def across(self, distance_m):
        """The point at a signed distance from the edge, right positive; its foot is `middle`."""
        side = 90 if distance_m >= 0 else -90
        return go(self.middle, self.heading_deg + side, abs(distance_m))

    def left_polygon(self, vertices):
        """A polygon with the edge on its boundary that lies to its left: a star around `middle`."""
        rng = self.rng
        angles = rng.uniform(20, 160, max(vertices - 3, 0))
        angles = np.sort(np.append(angles, rng.uniform(70, 110)))
        radii = self.length_m * rng.uniform(0.5, 1.5, angles.size)
        star = go(self.middle, self.heading_deg - angles, radii)
        return [self.start, self.end, *star]

    def hole_around(self, clear_m):
        """A hole with the edge on its boundary that lies to its right, wider than `clear_m` around `middle`."""
        angles = np.array([25.0, 60.0, 95.0, 130.0, 155.0])
        radii = clear_m * self.rng.uniform(1.5, 3.0, angles.size)
        star = go(self.middle, self.heading_deg + angles, radii)
        return [self.start, self.end, *star]

    def ring_around(self, radius_m, vertices=8):
        angles = np.arange(vertices) * (360.0 / vertices)
        return go(self.middle, -angles, np.full(vertices, radius_m))

    def left_line(self):
        """A line along the edge whose other legs lie to its left."""
        before = go(self.start, azimuth(self.start, self.middle) - self.rng.uniform(100, 170), self.length_m)
        return [before, self.start, self.end]

    def beyond(self, gap_m, reach_m, vertices, spread=3.0):
        """A polygon to the right of the edge, nearest to it at its first vertex, `gap_m` away: a star around a centre."""
        rng = self.rng
        tip = self.across(gap_m)
        centre = self.across(gap_m + reach_m)
        back = azimuth(centre, self.middle)
        angles = np.sort(rng.uniform(20, 340, max(vertices - 1, 2)))
        cosine = np.cos(np.radians(angles))
        largest = np.where(cosine > 0.9 / spread, 0.9 / np.maximum(cosine, 1e-9), spread)
        radii = reach_m * largest * rng.uniform(0.3, 1.0, angles.size)
        return [tip, *go(centre, back - angles, radii)]

    def line_beyond(self, gap_m, reach_m):
        """A line to the right of the edge with its nearest vertex `gap_m` away, at an end or between two legs."""
        rng = self.rng
        tip = self.across(gap_m)
        away = azimuth(tip, self.across(gap_m + 1000.0))
        one = go(tip, away + rng.uniform(-80, 80), reach_m)
        if rng.random() < 0.5:
            return [tip, one]
        return [one, tip, go(tip, away + rng.uniform(-80, 80), reach_m)]
