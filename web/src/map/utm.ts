/**
 * Universal Transverse Mercator on WGS84, by the series of Krüger to the sixth order: exact to less than a millimetre
 * within a zone. Source: C. F. F. Karney, "Transverse Mercator with an accuracy of a few nanometers" (2011), section 4.
 */

const A = 6_378_137;
const F = 1 / 298.257223563;
const K0 = 0.9996;
const EASTING_0 = 500_000;
const NORTHING_0_SOUTH = 10_000_000;
/** UTM is defined between these parallels. */
export const UTM_SOUTH = -80;
export const UTM_NORTH = 84;

const N = F / (2 - F);
const E = Math.sqrt(F * (2 - F));
const RECTIFYING = (A / (1 + N)) * (1 + N ** 2 / 4 + N ** 4 / 64 + N ** 6 / 256);
const ALPHA = [
  N / 2 - (2 / 3) * N ** 2 + (5 / 16) * N ** 3 + (41 / 180) * N ** 4 - (127 / 288) * N ** 5 + (7891 / 37800) * N ** 6,
  (13 / 48) * N ** 2 - (3 / 5) * N ** 3 + (557 / 1440) * N ** 4 + (281 / 630) * N ** 5 - (1983433 / 1935360) * N ** 6,
  (61 / 240) * N ** 3 - (103 / 140) * N ** 4 + (15061 / 26880) * N ** 5 + (167603 / 181440) * N ** 6,
  (49561 / 161280) * N ** 4 - (179 / 168) * N ** 5 + (6601661 / 7257600) * N ** 6,
  (34729 / 80640) * N ** 5 - (3418889 / 1995840) * N ** 6,
  (212378941 / 319334400) * N ** 6,
];
const BETA = [
  N / 2 - (2 / 3) * N ** 2 + (37 / 96) * N ** 3 - (1 / 360) * N ** 4 - (81 / 512) * N ** 5 + (96199 / 604800) * N ** 6,
  (1 / 48) * N ** 2 + (1 / 15) * N ** 3 - (437 / 1440) * N ** 4 + (46 / 105) * N ** 5 - (1118711 / 3870720) * N ** 6,
  (17 / 480) * N ** 3 - (37 / 840) * N ** 4 - (209 / 4480) * N ** 5 + (5569 / 90720) * N ** 6,
  (4397 / 161280) * N ** 4 - (11 / 504) * N ** 5 - (830251 / 7257600) * N ** 6,
  (4583 / 161280) * N ** 5 - (108847 / 3991680) * N ** 6,
  (20648693 / 638668800) * N ** 6,
];

export interface Utm {
  zone: number;
  north: boolean;
  easting: number;
  northing: number;
}

const radians = (degrees: number): number => (degrees * Math.PI) / 180;
const degrees = (angle: number): number => (angle * 180) / Math.PI;

/** The zone of a place, with the exceptions of Norway and Svalbard. */
export function utmZone(longitude: number, latitude: number): number {
  if (latitude >= 56 && latitude < 64 && longitude >= 3 && longitude < 12) return 32;
  if (latitude >= 72 && latitude < 84 && longitude >= 0 && longitude < 42) {
    return longitude < 9 ? 31 : longitude < 21 ? 33 : longitude < 33 ? 35 : 37;
  }
  return Math.min(60, Math.floor((longitude + 180) / 6) + 1);
}

const meridian = (zone: number): number => zone * 6 - 183;

/** Projects a place; `null` beyond the parallels of UTM. */
export function toUtm(longitude: number, latitude: number): Utm | null {
  if (latitude < UTM_SOUTH || latitude > UTM_NORTH) return null;
  const zone = utmZone(longitude, latitude);
  const lambda = radians(longitude - meridian(zone));
  const phi = Math.sin(radians(latitude));
  const t = Math.sinh(Math.atanh(phi) - E * Math.atanh(E * phi));
  const xi = Math.atan2(t, Math.cos(lambda));
  const eta = Math.asinh(Math.sin(lambda) / Math.hypot(t, Math.cos(lambda)));
  let [x, y] = [eta, xi];
  ALPHA.forEach((a, i) => {
    const j = 2 * (i + 1);
    x += a * Math.cos(j * xi) * Math.sinh(j * eta);
    y += a * Math.sin(j * xi) * Math.cosh(j * eta);
  });
  const north = latitude >= 0;
  return { zone, north, easting: EASTING_0 + K0 * RECTIFYING * x, northing: (north ? 0 : NORTHING_0_SOUTH) + K0 * RECTIFYING * y };
}

/** The place of a projected position. */
export function fromUtm({ zone, north, easting, northing }: Utm): [number, number] {
  const xi = (northing - (north ? 0 : NORTHING_0_SOUTH)) / (K0 * RECTIFYING);
  const eta = (easting - EASTING_0) / (K0 * RECTIFYING);
  let [x, y] = [eta, xi];
  BETA.forEach((b, i) => {
    const j = 2 * (i + 1);
    x -= b * Math.cos(j * xi) * Math.sinh(j * eta);
    y -= b * Math.sin(j * xi) * Math.cosh(j * eta);
  });
  const tau = Math.sin(y) / Math.hypot(Math.sinh(x), Math.cos(y));
  // Newton's method for the latitude of a conformal latitude.
  let t = tau;
  for (let round = 0; round < 6; round += 1) {
    const s = Math.sinh(E * Math.atanh((E * t) / Math.hypot(1, t)));
    const f = t * Math.hypot(1, s) - s * Math.hypot(1, t) - tau;
    const slope = ((1 - E ** 2) * Math.hypot(1, t * Math.hypot(1, s) - s * Math.hypot(1, t)) * Math.hypot(1, t)) / (1 + (1 - E ** 2) * t ** 2);
    t -= f / slope;
  }
  return [meridian(zone) + degrees(Math.atan2(Math.sinh(x), Math.cos(y))), degrees(Math.atan(t))];
}
