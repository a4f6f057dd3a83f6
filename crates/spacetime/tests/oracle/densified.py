"""General shapes judged by GEOS: every geodesic edge replaced by points 50 m apart, in a plane around the place of decision."""

import math

import numpy as np
import shapely
from shapely.geometry import Polygon

from scene import GEOD, azimuth, go, log_uniform, place

STEP_M = 50.0
# A decision nearer than this to contact is left to the constructed cases, metres.
CLEAR_M = 0.01


def general(rng):
    """Two random polygons near each other, convex or not, often interlocked."""
    centre = place(rng)
    size = log_uniform(rng, 50.0, 2e4)
    near = go(centre, rng.uniform(0, 360), size * rng.uniform(0.0, 2.6))
    a = star(rng, centre, size)
    b = star(rng, near, size * rng.uniform(0.2, 1.0))
    plane = near_contact(a, b, centre)
    one, two = (Polygon(projected(plane, dense(ring))) for ring in (a, b))
    if not (one.is_valid and two.is_valid):
        return None
    shapes = ({"polygon": [a]}, {"polygon": [b]})
    gap = one.distance(two)
    if gap > CLEAR_M:
        # The plane is true near its centre, which is at the nearest points.
        return (*shapes, gap) if gap < 100.0 else (*shapes, None, False)
    return (*shapes, None, True) if one.buffer(-CLEAR_M).intersects(two) else None


def star_of(rng, size):
    """Angles and radii of a random star that holds its centre."""
    angles = np.sort(rng.uniform(0, 360, int(rng.integers(3, 25))))
    if np.max(np.diff(np.append(angles, angles[0] + 360))) > 150:
        angles = np.array([0.0, 100.0, 230.0])
    return angles, size * rng.uniform(0.2, 1.0, angles.size)


def star(rng, centre, size):
    angles, radii = star_of(rng, size)
    return go(centre, -angles, radii)


def dense(ring):
    points = []
    for start, end in zip(ring, ring[1:] + ring[:1]):
        points.append(start)
        length = GEOD.inv(start[1], start[0], end[1], end[0])[2]
        count = math.ceil(length / STEP_M) - 1
        if count > 0:
            steps = np.arange(1, count + 1) * (length / (count + 1))
            points.extend(go(start, azimuth(start, end), steps))
    return points


def projected(centre, points):
    """Azimuthal equidistant around `centre`, by the inverse geodesic problem itself: no map library in between."""
    lat, lon = np.array(points).T
    heading, _, distance = GEOD.inv(np.full(lat.shape, centre[1]), np.full(lat.shape, centre[0]), lon, lat)
    return np.column_stack([distance * np.sin(np.radians(heading)), distance * np.cos(np.radians(heading))])


def near_contact(a, b, centre):
    """A centre where the two rings are nearest to each other."""
    rings = [dense(ring) for ring in (a, b)]
    for _ in range(2):
        lines = [shapely.linearrings(projected(centre, ring)) for ring in rings]
        nearest = shapely.shortest_line(*lines)
        x, y = np.mean(np.array(nearest.coords), axis=0)
        centre = go(centre, math.degrees(math.atan2(x, y)), math.hypot(x, y))
    return centre
