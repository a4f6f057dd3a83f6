import { describe, expect, it } from 'vitest';
import { readTracks } from './tracks';

describe('tracks of a file', () => {
  it('reads what readsb writes', () => {
    const [one, ...rest] = readTracks(JSON.stringify({ now: 1, aircraft: [{ hex: 'abc', flight: 'XX12 ', lat: 35, lon: 36, track: 90, gs: 100 }, { hex: 'no-place' }] }));
    expect(rest).toEqual([]);
    expect(one).toEqual({ name: 'XX12', longitude: 36, latitude: 35, heading: 90, speed: 51.4444 });
  });
  it('reads points and the ends of lines', () => {
    const features = [
      { type: 'Feature', geometry: { type: 'Point', coordinates: [36, 35] }, properties: { name: 'a' } },
      { type: 'Feature', geometry: { type: 'LineString', coordinates: [[36, 35], [37, 35]] }, properties: {} },
      { type: 'Feature', geometry: null, properties: {} },
      { type: 'Feature', geometry: { type: 'Point', coordinates: [999, 35] }, properties: {} },
    ];
    expect(readTracks(JSON.stringify({ type: 'FeatureCollection', features })).map(({ longitude }) => longitude)).toEqual([36, 37]);
  });
  it('carries nothing on whose course nobody has said', () => {
    const [one] = readTracks(JSON.stringify({ aircraft: [{ hex: 'abc', lat: 35, lon: 36, gs: 100 }] }));
    expect(one).toMatchObject({ heading: null, speed: 0 });
  });
  it.each(['', '{', '[]', '{"aircraft": 3}', '{"features": [1, null]}'])('finds none in %j', (text) => expect(readTracks(text)).toEqual([]));
});
