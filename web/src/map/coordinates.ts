/** Coordinates as people write them: decimal degrees, degrees with minutes and seconds, MGRS, UTM. WGS84 throughout. */
import { forward, toPoint } from 'mgrs';
import { fromUtm, toUtm, UTM_NORTH, UTM_SOUTH } from './utm';

export type Place = [longitude: number, latitude: number];
export const NOTATIONS = ['dd', 'dms', 'mgrs', 'utm'] as const;
export type Notation = (typeof NOTATIONS)[number];

/** Letters for the sides of the world in the languages of the console. */
const SIDES: Record<string, 'N' | 'S' | 'E' | 'W'> = { N: 'N', S: 'S', E: 'E', W: 'W', С: 'N', Ю: 'S', В: 'E', З: 'W', ش: 'N', ج: 'S', ق: 'E', غ: 'W' };

/** Writes a place; MGRS and UTM fall back to degrees beyond the parallels where they are defined. */
export function write([longitude, latitude]: Place, notation: Notation): string {
  const wrapped = ((((longitude + 180) % 360) + 360) % 360) - 180;
  if (notation === 'dms') return `${sexagesimal(latitude, 'N', 'S')} ${sexagesimal(wrapped, 'E', 'W')}`;
  if (notation === 'mgrs' && latitude >= UTM_SOUTH && latitude <= UTM_NORTH) {
    const text = forward([wrapped, latitude], 5);
    return text.replace(/^(\d{1,2}[A-Z])([A-Z]{2})(\d{5})(\d{5})$/, '$1 $2 $3 $4');
  }
  if (notation === 'utm') {
    const utm = toUtm(wrapped, latitude);
    if (utm) return `${utm.zone}${utm.north ? 'N' : 'S'} ${Math.round(utm.easting)} ${Math.round(utm.northing)}`;
  }
  return `${latitude.toFixed(5)}, ${wrapped.toFixed(5)}`;
}

function sexagesimal(value: number, positive: string, negative: string): string {
  // In tenths of a second, so that 59.96″ becomes a full minute and not 60.0″.
  const tenths = Math.round(Math.abs(value) * 36_000);
  const [d, m, s] = [Math.floor(tenths / 36_000), Math.floor(tenths / 600) % 60, (tenths % 600) / 10];
  return `${d}°${String(m).padStart(2, '0')}′${s.toFixed(1).padStart(4, '0')}″${value < 0 ? negative : positive}`;
}

/** Reads a place in any of the notations; `null` when it is none. */
export function read(text: string): Place | null {
  const plain = text
    .trim()
    .replace(/[٠-٩]/g, (digit) => String(digit.charCodeAt(0) - 0x0660))
    .replace(/[٫]/g, '.')
    .replace(/[،;]/g, ',');
  return readMgrs(plain) ?? readUtm(plain) ?? readDegrees(plain);
}

function onEarth(place: Place): Place | null {
  const [longitude, latitude] = place;
  return Number.isFinite(longitude) && Number.isFinite(latitude) && Math.abs(longitude) <= 180 && Math.abs(latitude) <= 90 ? place : null;
}

function readMgrs(text: string): Place | null {
  const packed = text.replace(/\s+/g, '').toUpperCase();
  if (!/^\d{1,2}[C-HJ-NP-X][A-HJ-NP-Z]{2}(\d{2}|\d{4}|\d{6}|\d{8}|\d{10})$/.test(packed)) return null;
  try {
    return onEarth(toPoint(packed) as Place);
  } catch {
    return null;
  }
}

function readUtm(text: string): Place | null {
  const found = /^(\d{1,2})\s*([C-HJ-NP-X])\s+(\d{6}(?:\.\d+)?)\s*m?\s*E?[\s,]+(\d{1,8}(?:\.\d+)?)\s*m?\s*N?$/i.exec(text);
  if (!found) return null;
  const [, zone, letter, easting, northing] = found as unknown as [string, string, string, string, string];
  const number = Number(zone);
  if (number < 1 || number > 60) return null;
  // `N` and `S` are hemispheres, as this console writes them; other letters are latitude bands, of which N and beyond are northern.
  const side = letter.toUpperCase();
  const north = side === 'S' ? false : side >= 'N';
  return onEarth(fromUtm({ zone: number, north, easting: Number(easting), northing: Number(northing) }));
}

interface Angle {
  value: number;
  side: 'N' | 'S' | 'E' | 'W' | null;
}

function readDegrees(text: string): Place | null {
  const angles = splitAngles(text).map(readAngle);
  const [first, second] = angles;
  if (angles.length !== 2 || !first || !second) return null;
  const isEast = (angle: Angle): boolean => angle.side === 'E' || angle.side === 'W';
  if (first.side && second.side && isEast(first) === isEast(second)) return null;
  // Latitude comes first unless the letters say otherwise.
  const swapped = isEast(first) || second.side === 'N' || second.side === 'S';
  return onEarth(swapped ? [first.value, second.value] : [second.value, first.value]);
}

function splitAngles(text: string): string[] {
  const byComma = text.split(',').map((part) => part.trim()).filter(Boolean);
  if (byComma.length === 2) return byComma;
  const letters = Object.keys(SIDES).join('');
  const after = new RegExp(`^(.+?[${letters}])\\s*(.+[${letters}])$`, 'iu').exec(text);
  if (after) return [after[1] ?? '', after[2] ?? ''];
  const before = new RegExp(`^([${letters}].+?)\\s+([${letters}].+)$`, 'iu').exec(text);
  if (before) return [before[1] ?? '', before[2] ?? ''];
  return text.split(/\s+/);
}

function readAngle(text: string): Angle | null {
  const letters = Object.keys(SIDES).join('');
  const found = new RegExp(`^([${letters}])?\\s*([+-]?\\d{1,3}(?:\\.\\d+)?)\\s*°?\\s*(?:(\\d{1,2}(?:\\.\\d+)?)\\s*['′’]?\\s*)?(?:(\\d{1,2}(?:\\.\\d+)?)\\s*(?:["″”]|'')?\\s*)?([${letters}])?$`, 'iu').exec(text.trim());
  if (!found) return null;
  const [, before, degrees, minutes, seconds, after] = found;
  const letter = (before ?? after)?.toUpperCase();
  const side = letter ? (SIDES[letter] ?? null) : null;
  const [d, m, s] = [Number(degrees), Number(minutes ?? 0), Number(seconds ?? 0)];
  if (m >= 60 || s >= 60 || (side && d < 0)) return null;
  const size = Math.abs(d) + m / 60 + s / 3600;
  const isNegative = String(degrees).startsWith('-') || side === 'S' || side === 'W';
  return { value: isNegative ? -size : size, side };
}
