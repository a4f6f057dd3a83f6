import { describe, expect, it } from 'vitest';
import { read, write, type Place } from './coordinates';
import { fromUtm, toUtm } from './utm';

const ALEPPO: Place = [37.16117, 36.20124];

describe('coordinates', () => {
  it.each([
    ['36.20124, 37.16117'],
    ['36.20124 37.16117'],
    ['37.16117E 36.20124N'],
    ['N36.20124 E37.16117'],
    ['36°12′04.5″N 37°09′40.2″E'],
    ["36 12 04.464 N, 37 9 40.212 E"],
    ['٣٦٫٢٠١٢٤، ٣٧٫١٦١١٧'],
    ['36.20124 С 37.16117 В'],
  ])('reads %s', (text) => {
    const place = read(text);
    expect(place?.[0]).toBeCloseTo(ALEPPO[0], 4);
    expect(place?.[1]).toBeCloseTo(ALEPPO[1], 4);
  });

  it.each(['', 'Aleppo', '91, 0', '0, 181', '36 61 0 N, 37 0 0 E', '1N 2N', '-36 N, 37 E', '99S AA 12345 12345'])('refuses %j', (text) => {
    expect(read(text)).toBeNull();
  });

  it('comes back from every notation to where it was', () => {
    const places: Place[] = [ALEPPO, [-70.65, -33.45], [151.2, -33.87], [5.32, 60.39], [15.6, 78.2], [-0.0001, 0.0001]];
    for (const place of places) {
      for (const notation of ['dd', 'dms', 'mgrs', 'utm'] as const) {
        const back = read(write(place, notation));
        // MGRS names a square of a metre; UTM is rounded to one, and 0.1″ are three metres.
        expect(back?.[0], `${notation} ${write(place, notation)}`).toBeCloseTo(place[0], 3);
        expect(back?.[1], `${notation} ${write(place, notation)}`).toBeCloseTo(place[1], 3);
      }
    }
  });

  it('writes whole minutes, not sixty seconds', () => {
    expect(write([0, 59.99999], 'dms')).toBe('60°00′00.0″N 0°00′00.0″E');
  });

  it('projects as geographiclib does', () => {
    // GeoConvert -u -p 3 (GeographicLib 2.3)
    const utm = toUtm(0, 0);
    expect(utm?.easting).toBeCloseTo(166021.443, 2);
    expect(utm?.northing).toBeCloseTo(0, 3);
    const eiffel = toUtm(2.2945, 48.8582);
    expect(eiffel?.zone).toBe(31);
    expect(eiffel?.easting).toBeCloseTo(448251.795, 0);
    expect(eiffel?.northing).toBeCloseTo(5411932.678, 0);
  });

  it('inverts the projection to a nanodegree', () => {
    for (const [longitude, latitude] of [[37.16, 36.2], [-179.9, -79.5], [179.99, 83.9], [9, -1]] as Place[]) {
      const utm = toUtm(longitude, latitude);
      if (!utm) throw new Error('within UTM');
      const [x, y] = fromUtm(utm);
      expect(x).toBeCloseTo(longitude, 9);
      expect(y).toBeCloseTo(latitude, 9);
    }
  });

  it('falls back to degrees near the poles', () => {
    expect(write([10, 89], 'utm')).toBe('89.00000, 10.00000');
    expect(write([10, 89], 'mgrs')).toBe('89.00000, 10.00000');
  });
});
