/** Lines and circles on the WGS84 ellipsoid, for drawing and measuring. Nothing is decided here: verdicts come from the node. */
import geodesic from 'geographiclib-geodesic';
import type { Place } from './coordinates';

const WGS84 = geodesic.Geodesic.WGS84;

/** The length of a line of geodesics, metres. */
export function lengthOf(line: readonly Place[]): number {
  let sum = 0;
  for (let i = 0; i + 1 < line.length; i += 1) sum += between(line[i]!, line[i + 1]!).distance;
  return sum;
}

/** Metres, and the bearing one sets out on, degrees clockwise from north. */
export function between(from: Place, to: Place): { distance: number; bearing: number } {
  const found = WGS84.Inverse(from[1], from[0], to[1], to[0]);
  return { distance: found.s12 ?? 0, bearing: ((found.azi1 ?? 0) + 360) % 360 };
}

/** The place a distance away on a bearing. */
export function away(from: Place, bearing: number, distance: number): Place {
  const found = WGS84.Direct(from[1], from[0], bearing, distance);
  return [found.lon2 ?? from[0], found.lat2 ?? from[1]];
}

/** A circle as a ring, for drawing. */
export function circle(centre: Place, radius: number, corners = 96): Place[] {
  const ring: Place[] = [];
  for (let i = 0; i < corners; i += 1) ring.push(away(centre, -(i * 360) / corners, radius));
  ring.push(ring[0]!);
  return ring;
}

/** Metres between two points of a drawn geodesic: its bend shows on maps of a continent. */
const STEP_M = 50_000;
const STEPS_MAX = 200;

/** A line with points between its corners, so that it is drawn along the geodesic. */
export function densified(line: readonly Place[]): Place[] {
  const points: Place[] = line.length > 0 ? [line[0]!] : [];
  for (let i = 0; i + 1 < line.length; i += 1) {
    const { distance, bearing } = between(line[i]!, line[i + 1]!);
    const steps = Math.min(STEPS_MAX, Math.ceil(distance / STEP_M));
    for (let step = 1; step < steps; step += 1) points.push(away(line[i]!, bearing, (distance * step) / steps));
    points.push(line[i + 1]!);
  }
  return points;
}

/** The surface of a ring, square metres. */
export function surface(ring: readonly Place[]): number {
  const polygon = WGS84.Polygon(false);
  for (const [longitude, latitude] of ring) polygon.AddPoint(latitude, longitude);
  return Math.abs(polygon.Compute(false, true).area ?? 0);
}
