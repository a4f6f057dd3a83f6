"""Positions in MGRS and UTM as other people's code writes them, one JSON object a line: the oracle of the notations.

MGRS comes from the NGA's GeoTrans (PyPI `mgrs`), eastings and northings from PROJ (PyPI `pyproj`).
Each line: {"latitude_deg", "longitude_deg", "mgrs", "grid", "easting_m", "northing_m", "digits", "square_deg"}; `grid`
is a zone with N or S, or the letter of a pole; `square_deg` is where GeoTrans puts the square with fewer digits.
The same arguments give the same bytes.
"""

import argparse
import json
import random

import mgrs
import pyproj

GEOTRANS = mgrs.MGRS()
PROJECTIONS = {}


def projected(code, longitude, latitude):
    if code not in PROJECTIONS:
        PROJECTIONS[code] = pyproj.Transformer.from_crs(4326, code, always_xy=True)
    return PROJECTIONS[code].transform(longitude, latitude, errcheck=True)


def drawn(rng):
    """Everywhere, and more often where the grid has exceptions or ends."""
    boxes = [
        (-90, 90, -180, 180),
        (32.3, 37.3, 35.7, 42.4),
        (55.5, 64.5, -1, 13),
        (71.5, 84.5, -1, 43),
        (83, 90, -180, 180),
        (-90, -79, -180, 180),
        (-0.5, 0.5, -180, 180),
        (-60, 60, 179.9, 180),
        (-60, 60, -180, -179.9),
    ]
    south, north, west, east = boxes[rng.randrange(len(boxes))]
    return round(rng.uniform(south, north), 7), round(rng.uniform(west, east), 7)


def case(rng):
    latitude, longitude = drawn(rng)
    text = GEOTRANS.toMGRS(latitude, longitude)
    zone = text.rstrip("0123456789")[:-3]
    if zone:
        side = "N" if latitude >= 0 else "S"
        grid = f"{int(zone)}{side}"
        code = (32600 if side == "N" else 32700) + int(zone)
    else:
        grid = text[0]
        code = 5041 if latitude > 0 else 5042
    easting, northing = projected(code, longitude, latitude)
    digits = rng.randrange(1, 6)
    coarse = GEOTRANS.toMGRS(latitude, longitude, MGRSPrecision=digits)
    return {
        "latitude_deg": latitude,
        "longitude_deg": longitude,
        "mgrs": text,
        "grid": grid,
        "easting_m": round(easting, 6),
        "northing_m": round(northing, 6),
        "digits": digits,
        "coarse": coarse,
        "square_deg": list(GEOTRANS.toLatLon(coarse)),
    }


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--count", type=int, default=400)
    options.add_argument("--seed", type=int, default=20261128)
    options.add_argument("--output", required=True)
    chosen = options.parse_args()
    rng = random.Random(chosen.seed)
    with open(chosen.output, "w", encoding="utf-8") as file:
        for _ in range(chosen.count):
            file.write(json.dumps(case(rng)) + "\n")


main()
