/** Frames a second with 50 000 features and 5 000 moving tracks in software rendering, and how soon the first picture shows. */
import { readdirSync, readFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { drawn, test } from '../e2e/desk';

const FEATURES = 50_000;
const TRACKS = 5_000;
const SECONDS = 8;

/** Milliseconds of processor time that the browser has used, in all its processes: other work on the machine does not count. */
function browserMs(): number {
  let ticks = 0;
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      if (!readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('chromium')) continue;
      const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
      ticks += Number(fields[11]) + Number(fields[12]);
    } catch {
      // It has ended meanwhile.
    }
  }
  return ticks * 10;
}

/** The same every time: a linear congruence. */
function chance(): () => number {
  let state = 12_345;
  return () => (state = (state * 1_103_515_245 + 12_345) % 2_147_483_648) / 2_147_483_648;
}

function square(x: number, y: number, size: number): number[][][] {
  return [[[x, y], [x + size, y], [x + size, y + size], [x, y + size], [x, y]]];
}

test('frames', async ({ sit }, { project }) => {
  console.log(`Chromium, ${project.name}, load ${loadavg()[0]?.toFixed(1)}:`);
  const { page } = await sit('US', 'planner');
  const begun = Date.now();
  await page.reload();
  await page.waitForSelector('.canvas[data-ready="true"]');
  console.log(`first picture on loopback: ${Date.now() - begun} ms`);
  await drawn(page);

  const random = chance();
  const kinds = ['concentrated', 'significant', 'possible'];
  // The same at every question: what is measured is drawing, not a picture that changes as a whole.
  const features = Array.from({ length: FEATURES }, (_, index) => ({
    type: 'Feature', id: `area/${index}`,
    geometry: { type: 'Polygon', coordinates: square(33 + random() * 10, 31 + random() * 7, 0.02 + random() * 0.04) },
    properties: { class: index % 5 === 0 ? 'operation' : 'area', kind: index % 5 === 0 ? 'transit' : 'designated_area', subject: `s-${index}`, start: '2016-01-01T00:00:00Z', end: 'UFN', more: { area_kind: kinds[index % 3] } },
  }));
  await page.route('**/api/v1/picture/features*', async (route) => {
    const response = await route.fetch();
    const picture = (await response.json()) as { features: unknown[] };
    picture.features = features;
    await route.fulfill({ response, json: picture });
  });
  await page.goto(`${page.url().split('#')[0]?.replace(/\/$/, '')}/?measure-frames#/picture?view=37.5,35,6.5`);
  await page.waitForFunction(() => 'detenteMap' in window);
  await page.waitForFunction((count) => Number(document.querySelector('.tabs .number')?.textContent?.replace(/\D/g, '')) >= count, FEATURES);
  await page.evaluate((count) => {
    const { detenteTracks } = window as unknown as { detenteTracks: { put: (tracks: unknown[]) => void } };
    let state = 1;
    const next = (): number => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
    detenteTracks.put(Array.from({ length: count }, (_, index) => ({ name: `T${index}`, longitude: 33 + next() * 10, latitude: 31 + next() * 7, heading: next() * 360, speed: 100 + next() * 150 })));
  }, TRACKS);
  await page.waitForFunction(() => (window as unknown as { detenteMap: { areTilesLoaded: () => boolean } }).detenteMap.areTilesLoaded());
  for (const way of ['standing', 'panning', 'zooming'] as const) {
    const cpu = browserMs();
    const [tracks, drawings, longest] = await page.evaluate(
      ([way, milliseconds]) =>
        new Promise<[number, number, number]>((resolve) => {
          const { detenteMap, detenteTracks } = window as unknown as { detenteMap: { panBy: (by: [number, number], options: object) => void; zoomTo: (zoom: number, options: object) => void; getZoom: () => number }; detenteTracks: { frames: number } };
          const drawings = (): number => Number(document.querySelector<HTMLElement>('.glide')?.dataset['drawings'] ?? 0);
          const before = [detenteTracks.frames, drawings()] as const;
          let [last, longest, isOver] = [performance.now(), 0, false];
          const frame = (): void => {
            const now = performance.now();
            [last, longest] = [now, Math.max(longest, now - last)];
            if (!isOver) requestAnimationFrame(frame);
          };
          requestAnimationFrame(frame);
          const evenly = { duration: milliseconds, easing: (share: number) => share };
          if (way === 'panning') detenteMap.panBy([600, 200], evenly);
          if (way === 'zooming') detenteMap.zoomTo(detenteMap.getZoom() + 1.5, evenly);
          setTimeout(() => ((isOver = true), resolve([detenteTracks.frames - before[0], drawings() - before[1], longest])), milliseconds);
        }),
      [way, SECONDS * 1000] as const,
    );
    const used = browserMs() - cpu;
    console.log(`${way}: ${(tracks / SECONDS).toFixed(1)} frames/s, the longest ${longest.toFixed(0)} ms; the map drawn ${(drawings / SECONDS).toFixed(1)} times/s; ${(used / tracks).toFixed(0)} ms of processor time a frame (${(used / SECONDS / 10).toFixed(0)} % of one core)`);
  }
});
