"""Makes the tracks of this folder and works out when they cross the dossier's areas.

Run as `python3 generate.py` with geographiclib and shapely installed; it writes `positions.jsonl`,
`readsb/*.json` and `expected-events.json`, the same bytes every time. Nothing here is a record of a
real flight. Crossings are found by bisection on the geodesic between two fixes, so they are an
independent answer to check an implementation against, good to a tenth of a second.
"""

import json
import math
from datetime import datetime, timedelta, timezone
from pathlib import Path

from geographiclib.geodesic import Geodesic
from shapely.geometry import LineString, Point, Polygon

EARTH = Geodesic.WGS84
HERE = Path(__file__).parent
DOSSIER = HERE.parent
FOOT_M = 0.3048


def instant(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def written(moment):
    text = moment.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%f")
    return text.rstrip("0").rstrip(".") + "Z"


def flown(start, waypoints, speed_m_s, every_s):
    """Fixes every `every_s` seconds along the geodesics between waypoints (lat, lon, alt)."""
    fixes, moment, carried = [], instant(start), 0.0
    for (lat1, lon1, alt1), (lat2, lon2, alt2) in zip(waypoints, waypoints[1:]):
        leg = EARTH.InverseLine(lat1, lon1, lat2, lon2)
        along = carried
        while along < leg.s13:
            here = leg.Position(along)
            share = along / leg.s13
            fixes.append((moment, here["lat2"], here["lon2"], alt1 + (alt2 - alt1) * share))
            moment += timedelta(seconds=every_s)
            along += speed_m_s * every_s
        carried = along - leg.s13
    return fixes


def outline(geometry, properties):
    """A test for `inside`, by distance for circles and corridors."""
    coordinates = geometry["coordinates"]
    if geometry["type"] == "Point":
        lon0, lat0 = coordinates
        reach = properties["radius_m"]
        return lambda lat, lon: EARTH.Inverse(lat0, lon0, lat, lon)["s12"] <= reach
    lon0, lat0 = coordinates[0][0] if geometry["type"] == "Polygon" else coordinates[0]

    def flat(lat, lon):
        inverse = EARTH.Inverse(lat0, lon0, lat, lon)
        azimuth = math.radians(inverse["azi1"])
        return inverse["s12"] * math.sin(azimuth), inverse["s12"] * math.cos(azimuth)

    def dense(line):
        points = []
        for (lon1, lat1), (lon2, lat2) in zip(line, line[1:]):
            edge = EARTH.InverseLine(lat1, lon1, lat2, lon2)
            steps = max(1, int(edge.s13 // 50))
            for step in range(steps):
                here = edge.Position(edge.s13 * step / steps)
                points.append(flat(here["lat2"], here["lon2"]))
        return points + [flat(line[-1][1], line[-1][0])]

    if geometry["type"] == "Polygon":
        ring = Polygon(dense(coordinates[0]))
        return lambda lat, lon: ring.covers(Point(flat(lat, lon)))
    route, reach = LineString(dense(coordinates)), properties["half_width_m"]
    return lambda lat, lon: route.distance(Point(flat(lat, lon))) <= reach


def features(name):
    return json.loads((DOSSIER / name).read_text(encoding="utf-8"))["features"]


PLACES = {}
for source in ["areas.geojson", "operations.geojson"]:
    for feature in features(source):
        about = feature["properties"]
        PLACES[about.get("operation", about["id"])] = outline(feature["geometry"], about)


def crossings(fixes, inside):
    """Instants of entry and exit between successive fixes, at most one pair in a segment."""
    found = []
    for (t1, lat1, lon1, _), (t2, lat2, lon2, _) in zip(fixes, fixes[1:]):
        leg = EARTH.InverseLine(lat1, lon1, lat2, lon2)
        seconds = (t2 - t1).total_seconds()
        steps = max(2, int(leg.s13 // 20))

        def at(share):
            here = leg.Position(leg.s13 * share)
            return inside(here["lat2"], here["lon2"])

        before = at(0.0)
        for step in range(1, steps + 1):
            now = at(step / steps)
            if now == before:
                continue
            low, high = (step - 1) / steps, step / steps
            for _ in range(40):
                middle = (low + high) / 2
                low, high = (middle, high) if at(middle) == before else (low, middle)
            moment = t1 + timedelta(seconds=seconds * high)
            tenths = timedelta(milliseconds=100 * round(moment.microsecond / 100_000))
            found.append(("enter" if now else "leave", moment.replace(microsecond=0) + tenths))
            before = now
    return found


TRACKS = {}  # id -> (format, source, reference, fixes)
EVENTS = []


def event(track, kind, against, moment, **more):
    EVENTS.append({"track": track, "event": kind, "with": against, "t": written(moment), **more})


def cross(track, against, names=("enter", "leave"), **more):
    fixes = TRACKS[track][3]
    for kind, moment in crossings(fixes, PLACES[against]):
        event(track, names[kind == "leave"], against, moment, **more)


# 1. An unmatched flight of the bound force into the area that is closed to it.
TRACKS["syaf-101"] = ("jsonl", "spotter-post-3", "MSL", flown(
    "2016-09-13T09:00:00Z", [(36.1808, 37.2244, 2500), (36.19, 37.18, 3000), (36.17, 37.05, 3000)], 180, 10))
cross("syaf-101", "pa-east-aleppo", article="art-10-1", guarantor="RU", clock="guarantor-answer-ru",
      alert="unmatched_flight")

# 2. A fly-through that no single fix shows: two fixes a minute apart, the area between them.
TRACKS["syaf-102"] = ("jsonl", "radar-west", "MSL", flown(
    "2016-09-13T11:00:00Z", [(36.20, 36.81, 3000), (36.20, 37.60, 3000)], 240, 60))
cross("syaf-102", "pa-east-aleppo", article="art-10-1", guarantor="RU", clock="guarantor-answer-ru",
      alert="unmatched_flight", between_fixes=True)
SHOWN = [fix for fix in TRACKS["syaf-102"][3] if PLACES["pa-east-aleppo"](fix[1], fix[2])]
assert not SHOWN, "a single position shows what only the way between two should show"

# 3. and 4. The medical evacuation, notified in time and notified late.
MEDEVAC = [(35.7325, 37.1031, 300), (35.90, 36.85, 1500), (35.94, 36.70, 900)]
TRACKS["symed-1"] = ("jsonl", "radar-west", "MSL", flown("2016-09-13T06:10:00Z", MEDEVAC, 60, 15))
cross("symed-1", "da-binnish", operation="sy-medevac-notified")
TRACKS["symed-2"] = ("jsonl", "radar-west", "MSL", flown("2016-09-16T06:10:00Z", MEDEVAC, 60, 15))
cross("symed-2", "da-binnish", operation="sy-medevac-late", article="art-3", guarantor="RU",
      clock="guarantor-answer-ru", alert="late_notice")

# 5. A gap that may hide an entry: two minutes unseen, the straight way passing just outside.
WEST = flown("2016-09-14T14:00:00Z", [(35.67, 36.37, 3500), (35.68, 36.47, 3500)], 150, 10)
EAST = flown(written(WEST[-1][0] + timedelta(minutes=2)),
             [(35.70, 36.66, 3500), (35.71, 36.76, 3500)], 150, 10)
TRACKS["syaf-103"] = ("jsonl", "spotter-post-7", "MSL", WEST + EAST)
event("syaf-103", "possible_presence", "da-kafr-nabl", WEST[-1][0], until=written(EAST[0][0]),
      article="art-3", guarantor="RU", alert="possible_unmatched_flight")

# 6. Civil traffic high above everything, over the corridor and a designated area: no event.
TRACKS["civil-1"] = ("jsonl", "radar-west", "STD", flown(
    "2016-09-13T09:00:00Z", [(35.30, 36.20, 10668), (36.40, 37.40, 10668)], 235, 10))

# 7. A declared operation leaving its volume to the east and coming back.
TRACKS["~a00001"] = ("readsb", "receiver-hasakah", "STD", flown(
    "2016-09-18T07:00:00Z",
    [(36.50, 40.72, 20000 * FOOT_M), (36.51, 40.88, 20000 * FOOT_M), (36.52, 40.76, 20000 * FOOT_M)],
    130, 10))
cross("~a00001", "us-reconnaissance-hasakah", names=("back_in_volume", "left_volume"),
      operation="us-reconnaissance-hasakah", alert="nonconforming")

# 8. An altitude bust: a dip below the volume's floor, FL150.
DIP = [(36.49, 40.70, 16000 * FOOT_M), (36.49, 40.73, 14000 * FOOT_M), (36.49, 40.76, 16000 * FOOT_M),
       (36.49, 40.79, 16000 * FOOT_M)]
TRACKS["~a00002"] = ("readsb", "receiver-hasakah", "STD", flown("2016-09-18T07:02:00Z", DIP, 60, 10))
BELOW = [(a, b) for a, b in zip(TRACKS["~a00002"][3], TRACKS["~a00002"][3][1:])
         if (a[3] < 15000 * FOOT_M) != (b[3] < 15000 * FOOT_M)]
for (t1, _, _, a1), (t2, _, _, a2) in BELOW:
    share = (15000 * FOOT_M - a1) / (a2 - a1)
    tenths = round((t2 - t1).total_seconds() * share, 1)
    event("~a00002", "below_volume" if a2 < a1 else "back_in_volume", "us-reconnaissance-hasakah",
          t1 + timedelta(seconds=tenths), operation="us-reconnaissance-hasakah", alert="altitude_bust")

# 9. Civil traffic above the operation: no event.
TRACKS["~c00001"] = ("readsb", "receiver-hasakah", "STD", flown(
    "2016-09-18T07:00:00Z", [(36.30, 40.40, 35000 * FOOT_M), (36.75, 41.20, 35000 * FOOT_M)], 235, 10))


def write_positions():
    rows = []
    for name, (form, source, reference, fixes) in TRACKS.items():
        if form == "jsonl":
            rows += [{"t": written(t), "id": name, "lat": round(lat, 6), "lon": round(lon, 6),
                      "alt_m": round(alt, 1), "reference": reference, "source": source}
                     for t, lat, lon, alt in fixes]
    rows.sort(key=lambda row: (row["t"], row["id"]))
    text = "".join(json.dumps(row) + "\n" for row in rows)
    (HERE / "positions.jsonl").write_text(text, encoding="utf-8")


def write_readsb():
    start, end = instant("2016-09-18T07:00:00Z"), instant("2016-09-18T07:06:00Z")
    folder = HERE / "readsb"
    folder.mkdir(exist_ok=True)
    moment, messages = start, 0
    while moment <= end:
        aircraft = []
        for name, (form, _, _, fixes) in sorted(TRACKS.items()):
            past = [fix for fix in fixes if fix[0] <= moment] if form == "readsb" else []
            if not past or (moment - past[-1][0]).total_seconds() > 60:
                continue
            messages += 1
            t, lat, lon, alt = past[-1]
            seen = (moment - t).total_seconds()
            aircraft.append({"hex": name, "type": "adsb_other", "alt_baro": round(alt / FOOT_M),
                             "lat": round(lat, 6), "lon": round(lon, 6), "seen_pos": seen, "seen": seen})
        snapshot = {"now": moment.timestamp(), "messages": messages, "aircraft": aircraft}
        name = moment.strftime("aircraft-%Y%m%dT%H%M%SZ.json")
        (folder / name).write_text(json.dumps(snapshot, indent=1) + "\n", encoding="utf-8")
        moment += timedelta(seconds=10)


write_positions()
write_readsb()
EVENTS.sort(key=lambda found: (found["t"], found["track"]))
(HERE / "expected-events.json").write_text(
    json.dumps({"tolerance_s": 0.5, "events": EVENTS}, indent=1) + "\n", encoding="utf-8")
