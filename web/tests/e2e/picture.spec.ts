/** The picture: time, search, details, measuring, exports; and names of others that are harmless. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { clockOf, drawn, expect, submit, test } from './desk';

test('search in any script and by coordinate, details with history, and the list beside the map', async ({ sit }) => {
  const { page } = await sit('RU', 'inquiry');
  await drawn(page);
  const search = page.getByRole('search').getByRole('combobox');
  const found = page.getByRole('search').getByRole('option').filter({ hasText: 'Designated area 1' });
  for (const text of ['jisr', 'Джиср', 'جسر الشغور']) {
    await search.fill(text);
    await expect(found).toBeVisible();
  }
  await found.click();
  await expect(page.locator('aside.inspector')).toContainText('Jisr');
  await search.fill('36°12′04.5″N 37°09′40.2″E');
  await search.press('Enter');
  await expect(page).toHaveURL(/view=37\.1[56]/);
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: /^List/ }).click();
  await page.locator('tbody tr').filter({ hasText: 'Incident' }).first().click();
  await expect(page.locator('aside.inspector')).toContainText('Reported');
  // Who examines the record gets the evidence file of an entry.
  const [evidence] = await Promise.all([page.waitForEvent('download'), page.locator('aside.inspector').getByRole('link', { name: 'Evidence file' }).first().click()]);
  expect(readFileSync((await evidence.path()) ?? '', 'utf8')).toContain('c2sp.org/tlog-proof');
});

test('time shown: what was not on record yet is not shown, and what is planned is', async ({ sit }) => {
  const { page } = await sit('US', 'planner');
  await drawn(page);
  const count = async (at: string): Promise<number> => {
    const answered = page.waitForResponse((response) => response.url().includes('/picture/features?at='));
    await page.evaluate((instant) => (location.hash = `#/picture?at=${instant}`), at);
    const picture = (await (await answered).json()) as { features: { properties: { class: string } }[] };
    return picture.features.filter(({ properties }) => properties.class === 'operation').length;
  };
  const before = await count('2016-09-11T00:00:00Z');
  const after = await count('2016-09-13T12:00:00Z');
  expect(after).toBeGreaterThan(before);
  await expect(page.locator('output.shown')).toContainText('Past');
  // After a reload the slider stands at the time of the address, whatever came first: its limits or its value.
  await page.reload();
  await expect(page.locator('output.shown')).toContainText('Past');
  const linked = Date.parse(/at=([^&]+)/.exec(decodeURIComponent(page.url()))?.[1] ?? '');
  await expect.poll(async () => Math.abs(Number(await page.locator('.line input[type="range"]').inputValue()) - linked)).toBeLessThan(3_600_000);
  await page.locator('[data-test="play"]').click();
  const shown = page.locator('output.shown strong');
  const first = await shown.textContent();
  await expect(shown).not.toHaveText(first ?? '');
  await page.getByRole('button', { name: 'Now', exact: true }).click();
  await expect(page).not.toHaveURL(/at=/);
});

test('measuring by keyboard, and the exports', async ({ sit }) => {
  const { page } = await sit('US', 'planner');
  await drawn(page);
  await page.locator('main').press('m');
  const add = page.getByRole('button', { name: 'Add the middle of the map' });
  await add.press('Enter');
  await page.locator('.maplibregl-canvas').focus();
  await page.keyboard.press('ArrowRight');
  await expect(page).toHaveURL(/view=/);
  await add.press('Enter');
  await expect(page.locator('.measure')).toContainText('Length');
  await page.keyboard.press('Escape');
  const save = async (name: string): Promise<Buffer> => {
    const [saved] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name }).click()]);
    return readFileSync((await saved.path()) ?? '');
  };
  expect((await save('Picture (PNG)')).subarray(1, 4).toString()).toBe('PNG');
  const pdf = await save('Sheet (PDF)');
  expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');
  expect(pdf.toString('latin1')).toMatch(/startxref\n\d+\n%%EOF\n$/);
  const data = JSON.parse((await save('Data (GeoJSON)')).toString()) as { features: unknown[] };
  expect(data.features.length).toBeGreaterThan(5);
});

test('hostile names are shown, and do nothing', async ({ sit }) => {
  const { page } = await sit('US', 'planner');
  const names = [
    '<img src="https://elsewhere.example/x" onerror="window.hurt=1"><script>window.hurt=1</script>',
    '<svg onload="window.hurt=1"><foreignObject><iframe src="javascript:window.hurt=1"></iframe></foreignObject></svg>',
    'Hospital \u202Elatipsoh\u202C \u2067right\u2069 \u0000\u0007\u200B\uFEFF',
    `${'A'.repeat(9_990)}\u0301\u0301end`,
    '{{constructor.constructor("window.hurt=1")()}}${window.hurt=1}',
  ];
  await page.route('**/api/v1/picture/features*', async (route) => {
    const response = await route.fetch();
    const picture = (await response.json()) as { features: { id: string; properties: { class: string; subject: string; name?: unknown } }[] };
    picture.features.filter(({ properties }) => properties.class === 'area').slice(0, names.length).forEach((feature, index) => (feature.properties.name = names[index]));
    await route.fulfill({ response, json: picture });
  });
  await page.reload();
  await drawn(page);
  await page.getByRole('button', { name: /^List/ }).click();
  const rows = page.locator('tbody tr');
  await expect(rows.filter({ hasText: '<img src=' })).toHaveCount(1);
  await expect(rows.filter({ hasText: '⟦U+202E⟧' })).toHaveCount(1);
  for (const row of [rows.filter({ hasText: '<svg onload' }), rows.filter({ hasText: '⟦U+202E⟧' }), rows.filter({ hasText: 'AAAAAAAA' })]) {
    await row.first().click();
    await expect(page.locator('aside.inspector')).toBeVisible();
  }
  await page.getByRole('button', { name: /more characters/ }).first().click();
  expect(await page.evaluate(() => (window as { hurt?: number }).hurt)).toBeUndefined();
  expect(await page.locator('main img, main iframe, main script').count()).toBe(0);
  // A name of ten thousand letters widens nothing.
  expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true);
});

test('observations that name their track are one line on the map, as a watch records them', async ({ sit }) => {
  const { page, node } = await sit('RU', 'planner', { room: 'picture?view=38.5,36.5,8' });
  const now = await clockOf('US');
  for (const [index, minutesAgo] of [30, 20, 10].entries()) {
    const position = { latitude_deg: 36.4 + index * 0.1, longitude_deg: 38.3 + index * 0.2 };
    const body = { at: new Date(now - minutesAgo * 60_000).toISOString(), time_precision: 'minute', means: 'radar', source: 'Northern radar', text: 'A crossing', track_id: 'console-738065', place: { position, precision: 'exact' }, evidence: [] };
    expect((await submit('US', 'watch_officer', { kind: 'observation_recorded', subject: `console-obs-${index}`, body })).status).toBe(201);
  }
  await page.locator('[data-test="tracks"]').click();
  await page.locator('tr[data-key="console-738065@US"]').click();
  await expect(page.locator('[data-test="track"]')).toContainText('console-738065');
  await page.goto(`${node.url}/?measure-frames#/picture?view=38.5,36.5,8`);
  await drawn(page);
  // A line may come in pieces, one for each tile that it crosses.
  const pieces = (): Promise<number> => page.evaluate(() => (window as unknown as { detenteMap: { querySourceFeatures: (source: string) => unknown[] } }).detenteMap.querySourceFeatures('track-ways').length);
  await expect.poll(pieces).toBeGreaterThan(0);
  await page.screenshot({ path: join(import.meta.dirname, '../../pictures/console-track-way.png'), animations: 'disabled' });
});

test('what was observed stands where it was seen last, with its age, for the other side too', async ({ sit }) => {
  const { page } = await sit('RU', 'planner', { room: 'picture?view=38.5,36.5,8' });
  await drawn(page);
  const seen = async (subject: string, minutesAgo: number, place: [number, number]): Promise<void> => {
    const at = new Date((await clockOf('US')) - minutesAgo * 60_000).toISOString();
    const position = { latitude_deg: place[1], longitude_deg: place[0] };
    const body = { at, time_precision: 'minute', means: 'radar', source: 'Northern radar', text: `${subject} <b>seen</b>`, place: { position, precision: 'exact' }, grade: { reliability: 'B', credibility: '2' }, evidence: [] };
    expect((await submit('US', 'watch_officer', { kind: 'observation_recorded', subject, body })).status).toBe(201);
  };
  await page.locator('[data-test="tracks"]').focus();
  await page.keyboard.press('Enter');
  await seen('console-track', 12, [38.5, 36.5]);
  // It comes by itself, and a later word about earlier moves nothing.
  const row = page.locator('tr[data-key="console-track@US"]');
  await expect(row).toContainText(/seen \d+ mins ago/);
  await seen('console-track', 40, [39.5, 37.5]);
  await row.focus();
  await page.keyboard.press('Enter');
  const track = page.locator('[data-test="track"]');
  await expect(track).toContainText('36.5');
  for (const says of ['radar', 'Northern radar', 'B2', 'nothing is carried on', '<b>seen</b>']) await expect(track).toContainText(says);
  await expect(track.locator('dd', { hasText: /^2$/ })).toBeVisible();
  await expect(page).toHaveURL(/track=console-track/);
  await page.keyboard.press('Escape');
  await expect(track).toHaveCount(0);
  // On the map it is where the row has led, in the middle.
  await drawn(page);
  const box = (await page.locator('.map .canvas').boundingBox())!;
  await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
  await expect(track).toContainText('console-track');
  // Before it was seen it is not there.
  await page.evaluate(() => (location.hash = '#/picture?at=2016-09-13T12:00:00Z'));
  await expect(row).toHaveCount(0);
});

test('an answer that comes after its inspector was closed is heard by nobody', async ({ sit }) => {
  const { page, node } = await sit('RU', 'planner', { room: 'picture?view=38.5,36.5,8' });
  const body = { at: new Date((await clockOf('US')) - 60_000).toISOString(), time_precision: 'minute', means: 'radar', source: 'Northern radar', text: 'A crossing', place: { position: { latitude_deg: 36.5, longitude_deg: 38.5 }, precision: 'exact' }, evidence: [] };
  expect((await submit('US', 'watch_officer', { kind: 'observation_recorded', subject: 'console-late', body })).status).toBe(201);
  let answer = (): void => undefined;
  const held = new Promise<void>((resolve) => (answer = resolve));
  await page.route('**/api/v1/history/console-late', async (route) => (await held, route.fulfill({ json: [] }).catch(() => undefined)));
  const asked = page.waitForRequest('**/api/v1/history/console-late');
  await page.locator('[data-test="tracks"]').click();
  await page.locator('tr[data-key="console-late@US"]').click();
  const request = await asked;
  await page.keyboard.press('Escape');
  await expect(page.locator('[data-test="track"]')).toHaveCount(0);
  answer();
  // Its answer has come, or nobody waits for it any more; and whatever follows from it in the page has happened.
  await request.response().catch(() => null);
  await page.evaluate(async (url) => (await (await fetch(url)).text(), new Promise(requestAnimationFrame)), node.url);
  await expect(page.locator('[data-test="track"]')).toHaveCount(0);
});

test('an address that changes in an open page moves the map, and one that says no place does not', async ({ sit }) => {
  const { page, node } = await sit('US', 'planner', { room: 'picture?view=37.5,35.5,7' });
  await page.goto(`${node.url}/?measure-frames#/picture?view=37.5,35.5,7`);
  await drawn(page);
  type Seen = { detenteMap: { getCenter: () => { lng: number; lat: number }; getZoom: () => number } };
  const where = (): Promise<number[]> => page.evaluate(() => {
    const map = (window as unknown as Seen).detenteMap;
    return [map.getCenter().lng, map.getCenter().lat, map.getZoom()].map((number) => Math.round(number * 100) / 100);
  });
  await expect.poll(where).toEqual([37.5, 35.5, 7]);
  await page.evaluate(() => (location.hash = '#/picture?view=38.25,36.5,8'));
  await expect.poll(where).toEqual([38.25, 36.5, 8]);
  // What is chosen changes the address as well; the map stays where it is.
  await page.evaluate(() => (location.hash = '#/picture?view=38.25,100,8&at=2016-09-13T12:00:00Z'));
  await expect(page).toHaveURL(/at=2016-09-13/);
  await page.goBack();
  await expect(page).not.toHaveURL(/at=/);
  expect(await where()).toEqual([38.25, 36.5, 8]);
  await page.goBack();
  await expect.poll(where).toEqual([37.5, 35.5, 7]);
});

test('the hint of the search keeps its bracket together in Arabic', async ({ sit }) => {
  const { page } = await sit('US', 'planner', { language: 'ar' });
  await drawn(page);
  const [open, close] = await page.locator('[role="search"] .hint').evaluate((hint) => {
    const text = hint.firstChild as Text;
    return ['(', ')'].map((bracket) => {
      const range = document.createRange();
      range.setStart(text, text.data.indexOf(bracket));
      range.setEnd(text, text.data.indexOf(bracket) + 1);
      const { left, top } = range.getBoundingClientRect();
      return { left, top };
    });
  });
  expect(close?.top).toBe(open?.top);
  // Read from right to left, what opens lies on the right.
  expect(open?.left).toBeGreaterThan(close?.left ?? Infinity);
});

for (const [language, inside, exempt] of [['ru', 'Внутри зоны', 'есть исключение'], ['ar', 'داخل منطقة', 'مستثنى']] as const) {
  test(`what the judge found is told in ${language}, above the judge’s own words`, async ({ sit }) => {
    const { page } = await sit('US', 'inquiry', { language, room: 'picture?select=sy-medevac-late' });
    const reasons = page.locator('aside.inspector li');
    for (const [says, own] of [[inside, 'inside the designated area'], [exempt, 'the stand-off policy exempts this activity']] as const) {
      const reason = reasons.filter({ hasText: says }).first();
      await expect(reason).toBeVisible();
      await expect(reason.locator('p[lang="en"]')).toContainText(own);
    }
  });
}
