/** An operation being composed: what was drawn and filled in, what is missing, and the act it becomes. */
import type { Position } from 'geojson';
import type { Place } from '../map/coordinates';

export type Shape = { type: 'polygon'; places: Place[] } | { type: 'circle'; centre: Place; radius: number } | { type: 'corridor'; places: Place[]; halfWidth: number };

export interface Limit {
  value: string;
  unit: 'm' | 'ft' | 'FL';
  reference: 'MSL' | 'AGL' | 'W84' | 'STD' | 'SFC' | 'UNL';
}

export interface Draft {
  id: string;
  name: string;
  party: string;
  force: string;
  activity: string;
  process: 'deliberate' | 'dynamic';
  shape: Shape | null;
  lower: Limit;
  upper: Limit;
  /** `2016-09-12T16:00`, in UTC. */
  start: string;
  end: string;
  expires: string;
  note: string;
  /** The operation that is revised, with the version that comes next. */
  revises: { id: string; version: number } | null;
}

/** Why a field cannot be used yet; a key of the dictionary. */
export type Fault = 'required' | 'badId' | 'endAfter' | 'upperAbove' | 'badNumber' | 'inPast';
export type Faults = Partial<Record<keyof Draft, Fault>>;

const ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;

/** The instant of such a time, RFC 3339. */
export const instant = (local: string): string => `${local.length === 16 ? `${local}:00` : local}Z`;
export const local = (at: number): string => new Date(at).toISOString().slice(0, 16);

const HOUR_MS = 3_600_000;
/** Times of a new draft begin at the next full hour, a day ahead: most articles ask for notice. */
const AHEAD_MS = 24 * HOUR_MS;

export function emptyDraft(now: number, participant: string): Draft {
  const start = Math.ceil((now + AHEAD_MS) / HOUR_MS) * HOUR_MS;
  return {
    id: '', name: '', party: participant, force: '', activity: 'transit', process: 'deliberate', shape: null,
    lower: { value: '3000', unit: 'm', reference: 'MSL' },
    upper: { value: '5000', unit: 'm', reference: 'MSL' },
    start: local(start), end: local(start + HOUR_MS), expires: local(start - 2 * HOUR_MS), note: '', revises: null,
  };
}

const isOpen = (limit: Limit): boolean => limit.reference === 'SFC' || limit.reference === 'UNL';
const isNumber = (text: string): boolean => text.trim() !== '' && Number.isFinite(Number(text));
const metres = (limit: Limit): number => Number(limit.value) * (limit.unit === 'm' ? 1 : limit.unit === 'ft' ? 0.3048 : 30.48);

/** Everything that is missing or wrong, field by field. */
export function faults(draft: Draft, now: number): Faults {
  const found: Faults = {};
  if (!draft.id) found.id = 'required';
  else if (!ID.test(draft.id)) found.id = 'badId';
  for (const field of ['party', 'force', 'activity', 'start', 'end', 'expires'] as const) if (!draft[field]) found[field] = 'required';
  if (!draft.shape || !isWhole(draft.shape)) found.shape = 'required';
  for (const field of ['lower', 'upper'] as const) if (!isOpen(draft[field]) && !isNumber(draft[field].value)) found[field] = 'badNumber';
  const comparable = !found.lower && !found.upper && !isOpen(draft.lower) && !isOpen(draft.upper) && draft.lower.reference === draft.upper.reference;
  if (comparable && metres(draft.upper) <= metres(draft.lower)) found.upper = 'upperAbove';
  if (draft.start && draft.end && draft.end <= draft.start) found.end = 'endAfter';
  if (draft.expires && Date.parse(instant(draft.expires)) <= now) found.expires = 'inPast';
  return found;
}

export function isWhole(shape: Shape): boolean {
  if (shape.type === 'circle') return shape.radius > 0;
  if (shape.type === 'corridor') return shape.places.length >= 2 && shape.halfWidth > 0;
  return new Set(shape.places.map(String)).size >= 3;
}

/** A limit as the profile writes it. */
function written(limit: Limit): Record<string, unknown> {
  if (isOpen(limit)) return { reference: limit.reference };
  if (limit.unit === 'FL') return { value: Number(limit.value), unit: 'FL', reference: 'STD' };
  return { value: Number(limit.value), unit: limit.unit, reference: limit.reference };
}

/** The geometry of the profile, and the distances that go with it. */
function geometry(shape: Shape): { geometry: { type: string; coordinates: Position | Position[] | Position[][] }; distances: Record<string, number> } {
  if (shape.type === 'circle') return { geometry: { type: 'Point', coordinates: shape.centre }, distances: { radius_m: shape.radius } };
  if (shape.type === 'corridor') return { geometry: { type: 'LineString', coordinates: shape.places }, distances: { half_width_m: shape.halfWidth } };
  return { geometry: { type: 'Polygon', coordinates: [counterClockwise([...shape.places, shape.places[0]!])] }, distances: {} };
}

/** Outer rings run counter-clockwise (RFC 7946, section 3.1.6). */
function counterClockwise(ring: Place[]): Place[] {
  let area = 0;
  for (let i = 0; i + 1 < ring.length; i += 1) area += ring[i]![0] * ring[i + 1]![1] - ring[i + 1]![0] * ring[i]![1];
  return area < 0 ? [...ring].reverse() : ring;
}

/** The act that puts the draft on record, or asks for a verdict on it. */
export function actOf(draft: Draft): { kind: string; subject: string; role: string; body: Record<string, unknown> } {
  const drawn = geometry(draft.shape as Shape);
  const properties: Record<string, unknown> = {
    id: draft.id, operation: draft.id, kind: 'operation', party: draft.party, force: draft.force, activity: draft.activity,
    lower: written(draft.lower), upper: written(draft.upper), start: instant(draft.start), end: instant(draft.end), ...drawn.distances,
  };
  if (draft.name.trim()) properties['name'] = draft.name.trim();
  const body: Record<string, unknown> = {
    features: [{ type: 'Feature', geometry: drawn.geometry, properties }],
    version: draft.revises?.version ?? 1,
    expires: instant(draft.expires),
    process_class: draft.process,
  };
  if (draft.note.trim()) body[draft.revises ? 'reason' : 'note'] = draft.note.trim();
  return { kind: draft.revises ? 'operation_revised' : 'operation_proposed', subject: draft.id, role: 'planner', body };
}
