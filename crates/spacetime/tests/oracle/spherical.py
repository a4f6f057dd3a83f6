"""Short-edged shapes judged by S2: an edge of at most a kilometre is within 0.1 mm of its great circle."""

import s2geometry as s2

from densified import star_of
from scene import go, log_uniform, place

# The second shape must still meet the first when it is shrunk by this share: contact itself is left to the constructed cases.
SHRUNK = 0.999
CLEAR_M = 0.02
EARTH_M = 6_371_010.0


def general(rng):
    """Two random polygons of edges below a kilometre, near each other."""
    centre = place(rng)
    size = log_uniform(rng, 50.0, 400.0)
    near = go(centre, rng.uniform(0, 360), size * rng.uniform(0.0, 2.0))
    a = at(centre, star_of(rng, size))
    angles, radii = star_of(rng, size * rng.uniform(0.3, 1.0))
    b = at(near, (angles, radii))
    one, two, small = polygon(a), polygon(b), polygon(at(near, (angles, radii * SHRUNK)))
    shapes = ({"polygon": [a]}, {"polygon": [b]})
    if not one.Intersects(two):
        gap = min(least(one, b), least(two, a)) * EARTH_M
        return (*shapes, None, False) if gap > CLEAR_M else None
    return (*shapes, None, True) if one.Intersects(small) else None


def at(centre, star):
    angles, radii = star
    return go(centre, -angles, radii)


def polygon(ring):
    loop = s2.S2Loop()
    loop.Init([point(vertex) for vertex in ring])
    loop.Normalize()
    result = s2.S2Polygon()
    result.InitNested([loop])
    return result


def point(vertex):
    return s2.S2LatLng.FromDegrees(*vertex).ToPoint()


def least(shape, ring):
    return min(shape.GetDistance(point(vertex)).radians() for vertex in ring)
