/** Sheets of protected objects: looked at row by row, put on record, and what is refused given back; in every language. */
import { readFileSync } from 'node:fs';
import AxeBuilder from '@axe-core/playwright';
import { expect, read, tabTo, test } from './desk';

const COLUMNS = 'id,category,position,datum,accuracy_m,radius_m,measured_how,name_en,consent_by,consent_at';
/** Sound, odd in what it leaves out, on no such day, and with a position that nobody can read. */
function table(mark: string): string {
  return [
    COLUMNS,
    `${mark}-clinic,clinic,"36.13910, 36.82500",WGS84,30,60,handheld,Clinic,Those who run it,2016-08-01`,
    `${mark}-school,school,"36.20000, 36.90000",,,,,School,Those who run it,2016-08-02`,
    `${mark}-bakery,bakery,somewhere in the north,WGS84,30,60,map,<img src=x onerror="window.hurt=1">,Those who run it,2016-08-03`,
    `${mark}-well,hospital,"36.25000, 36.95000",WGS84,30,60,map,Well,Those who run it,the day before yesterday`,
  ].join('\n');
}

test('a sheet is looked at row by row, put on record, and its refused rows come back to be mended', async ({ sit }) => {
  const { page } = await sit('UN', 'notifier', { room: 'sharing?tab=import' });
  const at = (name: string) => page.locator(`[data-test="${name}"]`);
  const row = (id: string) => page.locator('tbody tr').filter({ hasText: `sheet-en-${id}` });
  const give = (text: string | Buffer, name = 'objects.csv') => at('sheet').setInputFiles({ name, mimeType: 'text/csv', buffer: Buffer.from(text) });
  await give(table('sheet-en'));
  await expect(at('import-summary')).toHaveAttribute('data-checked', 'true');
  await expect(row('clinic')).toContainText('In order');
  await expect(row('clinic')).toContainText('36.13910, 36.82500');
  await expect(row('school')).toContainText('With remarks');
  await expect(row('bakery')).toContainText('Refused');
  await expect(row('bakery')).toContainText('position');
  await expect(row('well')).toContainText('consent_at');
  const known = async (): Promise<string[]> => (await read<{ items: { matter: { id: string } }[] }>('UN', 'auditor', '/api/v1/protected-objects?limit=1000')).items.map(({ matter }) => matter.id);
  expect((await known()).filter((id) => id.startsWith('sheet-en-'))).toEqual([]);
  await at('only-refused').click();
  await expect(page.locator('tbody tr')).toHaveCount(2);
  await at('only-refused').click();

  await at('import').click();
  await expect(at('import-summary')).toHaveAttribute('data-checked', 'false');
  await expect(row('clinic')).toContainText(/entry \d/);
  await expect(row('bakery')).toContainText('Refused');
  expect((await known()).filter((id) => id.startsWith('sheet-en-')).sort()).toEqual(['sheet-en-clinic', 'sheet-en-school']);
  const [saved] = await Promise.all([page.waitForEvent('download'), at('refused-rows').click()]);
  expect(saved.suggestedFilename()).toBe('objects-refused.csv');
  const rest = readFileSync((await saved.path()) ?? '', 'utf8');
  expect(rest).toContain('sheet-en-bakery');
  expect(rest).not.toContain('sheet-en-clinic');

  // The mended rest is taken; the whole sheet again changes nothing of what is there.
  await give(rest.replace('somewhere in the north', '"36.30000, 36.99000"'), 'objects-refused.csv');
  await expect(row('bakery')).not.toContainText('Refused');
  await give(table('sheet-en'));
  await expect(row('clinic')).toContainText('On record already');
  expect(await page.evaluate(() => (window as { hurt?: number }).hurt)).toBeUndefined();
});

test('a sheet in another encoding, one that is none, and one that is dropped', async ({ sit }) => {
  const { page } = await sit('UN', 'notifier', { room: 'sharing?tab=import' });
  const at = (name: string) => page.locator(`[data-test="${name}"]`);
  // "Клиника" as Windows-1251 writes it: its bytes do not say so.
  const cyrillic = Buffer.concat([Buffer.from(`${COLUMNS.replace('name_en', 'name_ru')}\nsheet-ru-clinic,clinic,"36.13910, 36.82600",WGS84,30,60,handheld,`), Buffer.from([0xca, 0xeb, 0xe8, 0xed, 0xe8, 0xea, 0xe0]), Buffer.from(',Those who run it,2016-08-01\n')]);
  await at('sheet').setInputFiles({ name: 'objects.csv', mimeType: 'text/csv', buffer: cyrillic });
  await expect(page.getByRole('alert')).toContainText('windows-1251');
  await at('encoding').selectOption('windows-1251');
  await expect(at('import-summary')).toContainText('sheet-ru-clinic');
  await at('sheet').setInputFiles({ name: 'picture.csv', mimeType: 'text/csv', buffer: Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 0, 0xff, 0xfe]) });
  await expect(page.getByRole('alert')).toBeVisible();
  await expect(at('import-summary')).toHaveCount(0);
  const feature = { type: 'Feature', id: 'sheet-json-clinic', geometry: { type: 'Point', coordinates: [36.9, 36.2] }, properties: { kind: 'protected_object', category: 'clinic' } };
  const dropped = await page.evaluateHandle((text) => {
    const data = new DataTransfer();
    data.items.add(new File([text], 'objects.geojson', { type: 'application/geo+json' }));
    return data;
  }, JSON.stringify({ type: 'FeatureCollection', features: [feature] }));
  await page.dispatchEvent('[data-test="drop"]', 'drop', { dataTransfer: dropped });
  await expect(at('import-summary')).toContainText('sheet-json-clinic');
  await expect(at('import-summary')).toContainText('geojson');
});

for (const [language, theme, viewport] of [['en', 'dark', { width: 1280, height: 800 }], ['ru', 'light', { width: 820, height: 1180 }], ['ar', 'dark', { width: 1280, height: 800 }]] as const) {
  test(`a sheet by keyboard alone: ${language}`, async ({ sit }) => {
    const { page } = await sit('UN', 'notifier', { room: 'sharing?tab=import', language, theme, viewport });
    const choosing = page.waitForEvent('filechooser');
    // The room may still be drawn anew with what the node says of itself: the key is pressed until it is heard.
    await expect(async () => {
      await tabTo(page, '[data-test="sheet"]');
      await page.keyboard.press('Space');
      await Promise.race([choosing, page.waitForEvent('filechooser', { timeout: 2_000 })]);
    }).toPass();
    await (await choosing).setFiles({ name: 'objects.csv', mimeType: 'text/csv', buffer: Buffer.from(table(`keys-${language}`)) });
    await expect(page.locator('[data-test="import-summary"]')).toHaveAttribute('data-checked', 'true');
    const { violations } = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']).analyze();
    expect(violations.filter(({ impact }) => impact === 'serious' || impact === 'critical').map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth + 1)).toBe(true);
    await page.screenshot({ path: `pictures/console-import-${language}.png`, animations: 'disabled' });
    await tabTo(page, '[data-test="import"]');
    await page.keyboard.press('Enter');
    await expect(page.locator('[data-test="import-summary"]')).toHaveAttribute('data-checked', 'false');
  });
}
