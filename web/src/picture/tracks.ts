/** Tracks from a file of this computer: GeoJSON points or lines, or what readsb writes. Nothing of it leaves the browser. */
import { label } from '../language/harmless';

export interface Track {
  name: string;
  longitude: number;
  latitude: number;
  /** Degrees clockwise from north; `null` when nobody has said it. */
  heading: number | null;
  /** Metres a second over ground, for carrying it on between positions; 0 where that is not known. */
  speed: number;
}

/** Tracks read from one file; more is a recording, not a picture. */
const TRACKS_MAX = 50_000;
const KNOT = 0.514444;

type Json = Record<string, unknown>;
const numeric = (value: unknown): number | null => (typeof value === 'number' && Number.isFinite(value) ? value : null);

function track(longitude: unknown, latitude: unknown, name: unknown, heading: unknown, speed: number | null): Track | null {
  const [x, y] = [numeric(longitude), numeric(latitude)];
  if (x === null || y === null || Math.abs(x) > 180 || Math.abs(y) > 90) return null;
  return { name: label(String(name ?? '')), longitude: x, latitude: y, heading: numeric(heading), speed: numeric(heading) === null ? 0 : (speed ?? 0) };
}

export function readTracks(text: string): Track[] {
  let json: Json;
  try {
    json = JSON.parse(text) as Json;
  } catch {
    return [];
  }
  const list = Array.isArray(json['aircraft']) ? (json['aircraft'] as Json[]).map(aircraft) : Array.isArray(json['features']) ? (json['features'] as Json[]).map(feature) : [];
  return list.filter((one): one is Track => one !== null).slice(0, TRACKS_MAX);
}

function aircraft(one: Json): Track | null {
  if (!one || typeof one !== 'object') return null;
  const knots = numeric(one['gs']);
  return track(one['lon'], one['lat'], one['flight'] ?? one['hex'], one['track'] ?? one['true_heading'], knots === null ? null : knots * KNOT);
}

function feature(one: Json): Track | null {
  if (!one || typeof one !== 'object') return null;
  const geometry = one['geometry'] as { type?: string; coordinates?: unknown } | null;
  const properties = (one['properties'] ?? {}) as Json;
  const last = geometry?.type === 'Point' ? (geometry.coordinates as unknown[]) : geometry?.type === 'LineString' ? ((geometry.coordinates as unknown[][]).at(-1) ?? []) : [];
  return track(last?.[0], last?.[1], properties['name'] ?? properties['callsign'] ?? properties['id'], properties['heading'] ?? properties['track'], numeric(properties['speed_mps']));
}
