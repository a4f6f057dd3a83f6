import { expect, test } from 'vitest';
import { wayOf, type Observed } from './observed.svelte';

const track = { path: [['2016-09-12T10:00:00Z', 179.5], ['2016-09-12T10:10:00Z', -179.5], ['2016-09-12T10:20:00Z', 179]].map(([at, longitude_deg]) => ({ at, longitude_deg, latitude_deg: 10 })) } as unknown as Observed;

test('the way of a track goes over the antimeridian, as far as it was observed by then', () => {
  expect(wayOf(track, Date.parse('2016-09-12T11:00:00Z'))).toEqual([[179.5, 10], [180.5, 10], [179, 10]]);
  expect(wayOf(track, Date.parse('2016-09-12T10:15:00Z'))).toHaveLength(2);
});
