/** The agreement between two participants in two browsers: read, doubted, answered, compared, published. */
import type { Page } from '@playwright/test';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { drawn, expect, nodeOf, personOf, read, submit, tabTo, test } from './desk';

const tab = (page: Page, name: string) => page.locator(`[data-test="tab-${name}"]`);
const HOSTILE = '<img src="https://elsewhere.example/x" onerror="window.hurt=1"><script>window.hurt=1</script>';

test('an article in three languages beside its code, found by a word of any of them', async ({ sit }) => {
  const { page } = await sit('US', 'planner', { room: 'agreement' });
  await expect(page.locator('[data-test="article"]').first()).toBeVisible();
  for (const [words, id] of [['guarantor', 'art-2-2'], ['молчание', 'art-6'], ['الإخلاء الطبي', 'art-3']] as const) {
    await page.getByRole('searchbox').fill(words);
    await page.locator(`[data-test="article"][data-id="${id}"]`).click();
    await expect(page.locator('[data-test="clause"]')).toHaveAttribute('data-id', id);
  }
  const arabic = page.locator('[data-test="version-ar"] p');
  await expect(arabic).toHaveAttribute('dir', 'rtl');
  await expect(arabic).toHaveAttribute('lang', 'ar');
  await expect(page.locator('[data-test="clause"] pre')).toContainText('@id("art-3")');
  // The list is walked with the arrow keys.
  await page.getByRole('searchbox').fill('');
  await page.locator('[data-test="article"][data-id="art-3"]').focus();
  await page.keyboard.press('ArrowDown');
  await expect(page.locator('[data-test="clause"]')).toHaveAttribute('data-id', 'art-4');
});

test('a concern raised in one browser is refuted with a case on the map, answered in the other, and accepted', async ({ sit }) => {
  const ru = await sit('RU', 'consenter', { room: 'agreement' });
  const us = await sit('US', 'consenter', { room: 'agreement' });
  const id = 'console-twelve-hours';
  await tab(ru.page, 'concerns').click();
  await ru.page.locator('[data-test="raise"]').click();
  await ru.page.locator('[data-test="put"]').click();
  await expect(ru.page.locator('[data-test="raise-form"] [aria-invalid="true"]')).toHaveCount(4);
  await ru.page.locator('[data-test="concern-id"]').fill(id);
  await ru.page.locator('[data-test="concern-title"]').fill(HOSTILE);
  await ru.page.locator('[data-test="concern-office"]').fill('Legal adviser');
  await ru.page.locator('[data-test="concern-text"]').fill('Six hours are too few to warn those on the ground.');
  await ru.page.locator('[data-test="concern-property"]').fill('forbid (principal, action in Detente::Action::"combat", resource is Detente::Airspace) when { context.leadTime < duration("12h") };');
  // What is written outlives a lost line and a reload.
  await ru.page.context().setOffline(true);
  await ru.page.locator('[data-test="put"]').click();
  await expect(ru.page.getByRole('alert').first()).toBeVisible();
  await ru.page.context().setOffline(false);
  await ru.page.reload();
  await ru.page.locator('[data-test="raise"]').click();
  await expect(ru.page.locator('[data-test="concern-id"]')).toHaveValue(id);
  await expect(ru.page.locator('[data-test="concern-property"]')).toHaveValue(/12h/);
  await ru.page.locator('[data-test="put"]').click();

  const shown = ru.page.locator(`[data-test="concern"][data-id="${id}"]`);
  await expect(shown).toHaveAttribute('data-result', 'refuted');
  await expect(shown).toContainText('<img src=');
  await drawn(ru.page);
  await expect(ru.page.locator('[data-test="case-map"] canvas').first()).toBeVisible();
  expect(await ru.page.evaluate(() => (window as { hurt?: number }).hurt)).toBeUndefined();
  expect(await ru.page.locator('main img, main iframe, main script').count()).toBe(0);

  await tab(us.page, 'concerns').click();
  await us.page.locator(`tr[data-key="${id}"]`).click();
  await us.page.locator('[data-test="concern_answered"]').click();
  await us.page.locator('[data-test="written"]').fill('Twelve hours are agreed for dynamic operations too.');
  await us.page.locator('[data-test="send"]').click();
  await expect(shown).toHaveAttribute('data-state', 'answered');
  await ru.page.locator('[data-test="concern_accepted"]').click();
  await expect(us.page.locator('[data-test="concern"]')).toHaveAttribute('data-state', 'accepted');
});

test('what an amendment would loosen, with an operation that shows it, and nothing recorded', async ({ sit }) => {
  const { page } = await sit('US', 'planner', { room: 'agreement' });
  await tab(page, 'amendment').click();
  await page.locator('[data-test="start-from"]').selectOption('art-2-2');
  const clauses = page.locator('[data-test="clauses"]');
  await expect(clauses).toHaveValue(/@amends\("art-2-2"\)/);
  await clauses.fill((await clauses.inputValue()).replace(/\} unless \{[^}]*\};/, '&& context.leadTime < duration("1h") };'));
  await page.locator('[data-test="compare"]').click();
  await expect(page.locator('[data-test="effect"]')).toHaveAttribute('data-effect', 'looser');
  await expect(page.locator('[data-test="article-change"]')).toHaveCount(1);
  await expect(page.locator('[data-test="article-change"] .added')).not.toHaveCount(0);
  await page.locator('[data-test="witness"]').first().click();
  await drawn(page);
  // A mistake says where it is, and the text is kept.
  await clauses.fill('permit (principal');
  await page.locator('[data-test="compare"]').click();
  await expect(page.getByRole('alert')).toContainText('not complete');
  await page.reload();
  await expect(clauses).toHaveValue('permit (principal');
  const { texts } = await read<{ texts: { id: string }[] }>('US', 'auditor', '/api/v1/agreement/life');
  expect(texts.map(({ id }) => id)).toEqual(['syria-2016']);
});

/** Another text, laid on the table by US: one area stands elsewhere, one is larger, one is new. */
async function tabled(subject: string): Promise<void> {
  const { texts } = await read<{ texts: { id: string; sha256: string }[] }>('US', 'consenter', '/api/v1/agreement/life');
  const { files } = await read<{ files: Record<string, string> }>('US', 'auditor', `/api/v1/blobs/${texts.find(({ id }) => id === 'syria-2016')?.sha256}`);
  const areas = JSON.parse(files['areas.geojson']!) as { features: { geometry: { coordinates: [number, number][][] }; properties: { id: string } }[] };
  const area = (id: string) => areas.features.find(({ properties }) => properties.id === id)!;
  const binnish = area('da-binnish');
  const larger = (place: [number, number]): [number, number] => [36.72 + (place[0] - 36.72) * 1.4, 35.93 + (place[1] - 35.93) * 1.4];
  const moved = (place: [number, number]): [number, number] => [place[0] + 0.06, place[1]];
  areas.features.push({ ...binnish, geometry: { ...binnish.geometry, coordinates: binnish.geometry.coordinates.map((ring) => ring.map(([x, y]) => [x + 0.3, y])) }, properties: { ...binnish.properties, id: 'da-console' } });
  binnish.geometry.coordinates = binnish.geometry.coordinates.map((ring) => ring.map(larger));
  area('da-jisr').geometry.coordinates = area('da-jisr').geometry.coordinates.map((ring) => ring.map(moved));
  const another = JSON.stringify({ detente_dossier: 1, files: { ...files, 'areas.geojson': JSON.stringify(areas) } });
  const sha256 = createHash('sha256').update(another).digest('hex');
  const authorization = `Bearer ${personOf('US', 'consenter').token}`;
  const kept = await fetch(`${nodeOf('US').url}/api/v1/blobs/${sha256}`, { method: 'PUT', headers: { authorization, 'content-type': 'application/octet-stream' }, body: another });
  expect(kept.ok, await kept.text()).toBe(true);
  const dossier = { sha256, bytes: Buffer.byteLength(another), media_type: 'application/vnd.detente.dossier+json' };
  const { status, body } = await submit('US', 'consenter', { kind: 'agreement_tabled', subject, body: { dossier, translations: [{ language: 'en', equivalence: 'original' }] } });
  expect(status, JSON.stringify(body)).toBe(201);
}

for (const [language, theme] of [['en', 'light'], ['ar', 'dark']] as const) {
  test(`where another text loosens and tightens stands on the map, with signs beside the colours: ${language}`, async ({ sit }) => {
    const subject = `console-text-${language}`;
    await tabled(subject);
    const { page } = await sit('US', 'planner', { room: 'agreement?tab=amendment', language, theme });
    await page.locator('[data-test="other-text"]').selectOption(subject);
    await page.locator('[data-test="compare"]').click();
    const change = (id: string) => page.locator(`[data-test="ground-change"][data-id="${id}"]`);
    await expect(page.locator('[data-test="ground-change"]')).toHaveCount(3);
    for (const id of ['da-jisr', 'da-binnish', 'da-console']) await expect(change(id)).toBeVisible();
    await page.locator('[data-test="ground-map"]').scrollIntoViewIfNeeded();
    await drawn(page);
    await page.screenshot({ path: join(import.meta.dirname, '../../pictures', `console-ground-${language}.png`), animations: 'disabled' });
    const said = await page.evaluate(async (text) => (await fetch('/api/v1/agreement/comparison', { method: 'POST', headers: { 'content-type': 'application/json', 'x-csrf-token': ((await (await fetch('/api/v1/session')).json()) as { csrf: string }).csrf }, body: JSON.stringify({ text }) })).json(), subject);
    const ground = (said as { ground: { id: string; changes: string[]; loosened: unknown; tightened: unknown }[] }).ground;
    const of = (id: string) => ground.find((one) => one.id === id)!;
    expect([of('da-jisr').changes, of('da-binnish').changes, of('da-console').changes]).toEqual([['redrawn'], ['grown'], ['added']]);
    expect(of('da-jisr').loosened && of('da-jisr').tightened).toBeTruthy();
    expect(of('da-binnish').loosened).toBeNull();
    expect(of('da-binnish').tightened).toBeTruthy();
    // Words, legend and list say it without the map.
    await expect(page.locator('[data-test="ground"] ul').last().locator('li')).toHaveCount(2);
  });
}

test('preconditions and Day D, and what an announcement would say as soon as a participant says less', async ({ sit }) => {
  const { page } = await sit('RU', 'consenter', { room: 'agreement' });
  await tab(page, 'life').click();
  await expect(page.locator('[data-test="timeline"]')).toContainText('D+720h');
  const precondition = page.locator('[data-test="text"][data-id="syria-2016"] [data-test="precondition"][data-id="map-exchanged"]');
  await expect(precondition).toHaveAttribute('data-holding', 'holds');
  // Reported at another node: it shows here without a reload.
  await precondition.locator('[data-test="holds-not"]').click();
  await expect(precondition).toHaveAttribute('data-holding', 'contradicted');
  await precondition.locator('[data-test="holds"]').click();
  await expect(precondition).toHaveAttribute('data-holding', 'holds');

  await tab(page, 'publication').click();
  const preview = page.locator('[data-test="announcement"]');
  await expect(preview.locator('[data-part="outcomes"]')).toBeVisible();
  const said = await submit('US', 'consenter', { kind: 'publication_stated', subject: 'syria-2016', body: { part: 'outcomes', publicity: 'parties_only' } });
  expect(said.status).toBe(201);
  await expect(preview.locator('[data-part="outcomes"]')).toHaveCount(0);
  await page.locator('[data-test="part"]').selectOption('harm');
  await page.locator('[data-test="publicity"]').selectOption('secret');
  await page.locator('[data-test="say"]').click();
  await expect(page.locator('[data-test="publication"] tr[data-part="harm"]')).toContainText('Secret');
});

test('what others wrote in the record is shown, and does nothing', async ({ sit }) => {
  const { page } = await sit('US', 'consenter', { room: 'agreement' });
  const names = [HOSTILE, 'Area \u202Elatipsoh\u202C \u2067right\u2069 \u0000\u0007\uFEFF', `${'A'.repeat(9_990)}end`];
  await page.route('**/api/v1/agreement', async (route) => {
    const response = await route.fetch();
    const view = (await response.json()) as { standing: { clauses: { titles: Record<string, string>; text: string }[] } };
    view.standing.clauses.slice(0, names.length).forEach((clause, index) => {
      clause.titles = { '': names[index]!, ru: names[index]!, ar: names[index]! };
      clause.text = `// ${names[index]}\n${clause.text}`;
    });
    await route.fulfill({ response, json: view });
  });
  await page.reload();
  for (let index = 0; index < names.length; index += 1) {
    await page.locator('[data-test="article"]').nth(index).click();
    await expect(page.locator('[data-test="clause"] pre')).toContainText(index === 1 ? '⟦U+202E⟧' : '// ');
    const wide = await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth + 1);
    expect(wide, 'a name of ten thousand letters widens nothing').toBe(false);
  }
  expect(await page.evaluate(() => (window as { hurt?: number }).hurt)).toBeUndefined();
  expect(await page.locator('main img, main iframe, main script').count()).toBe(0);
});

test('a concern by keyboard alone, in the language that runs from right to left', async ({ sit }) => {
  const { page } = await sit('RU', 'consenter', { room: 'picture', language: 'ar' });
  await page.keyboard.press('3');
  await expect(page).toHaveURL(/#\/agreement/);
  await tabTo(page, '[data-test="tab-text"]');
  // The next tab lies to the left.
  await page.keyboard.press('ArrowLeft');
  await expect(tab(page, 'concerns')).toBeFocused();
  await expect(page.locator('[data-test="raise"]')).toBeVisible();
  await page.keyboard.press('c');
  for (const [field, text] of [['id', 'console-keys'], ['title', 'لا تُعلَن الخرائط'], ['office', 'المستشار القانوني'], ['text', 'لا يعرف من على الأرض أين هم.']] as const) {
    await tabTo(page, `[data-test="concern-${field}"]`);
    await page.keyboard.type(text);
  }
  await tabTo(page, '[data-test="put"]');
  await page.keyboard.press('Enter');
  const shown = page.locator('[data-test="concern"][data-id="console-keys"]');
  await expect(shown).toHaveAttribute('data-state', 'raised');
  await tabTo(page, '[data-test="concern_withdrawn"]');
  await page.keyboard.press('Enter');
  await tabTo(page, '[data-test="send"]');
  await page.keyboard.press('Enter');
  await expect(shown).toHaveAttribute('data-state', 'withdrawn');
});
