/** An area between two participants in two browsers: established, agreed to, its end proposed and dropped. */
import { clockOf, expect, submit, test } from './desk';

const DAY_MS = 86_400_000;

test('an area that one participant establishes waits for the word of the other', async ({ sit }) => {
  const id = 'console-way-1';
  const now = await clockOf('US');
  const corners = [[35.2, 35.6], [35.3, 35.6], [35.3, 35.7], [35.2, 35.7], [35.2, 35.6]];
  const feature = {
    type: 'Feature',
    geometry: { type: 'Polygon', coordinates: [corners] },
    properties: { id, kind: 'corridor', lower: { reference: 'SFC' }, upper: { value: 3000, unit: 'm', reference: 'MSL' }, start: new Date(now - DAY_MS).toISOString(), end: new Date(now + 9 * DAY_MS).toISOString() },
  };
  const established = await submit('US', 'consenter', { kind: 'area_established', subject: id, body: { feature } });
  expect(established.status, JSON.stringify(established.body)).toBe(201);

  const us = await sit('US', 'consenter', { room: `picture?select=${id}` });
  const ru = await sit('RU', 'consenter', { room: `picture?select=${id}` });
  const [ours, theirs] = [us, ru].map(({ page }) => page.locator('[data-test="area-actions"]'));
  await expect(ours!).toContainText('United States');
  await expect(ours!.locator('[data-test="agree"]')).toHaveCount(0);
  await theirs!.locator('[data-test="agree"]').click();
  await expect(theirs!.locator('form')).toContainText('version 1');
  await theirs!.locator('[data-test="send"]').click();
  // It shows at the other side without anybody reloading anything.
  await expect(ours!).toContainText('Russia');
  await expect(theirs!.locator('[data-test="agree"]')).toHaveCount(0);

  await ours!.locator('[data-test="end"]').click();
  await ours!.locator('[data-test="send"]').click();
  await expect(ours!.locator('[aria-invalid="true"]')).toBeVisible();
  await ours!.locator('[data-test="reason"]').fill('Nobody flies there any more.');
  await ours!.locator('[data-test="send"]').click();
  await theirs!.locator('[data-test="drop"]').click();
  await theirs!.locator('[data-test="send"]').click();
  await expect(ours!.locator('[data-test="end"]')).toBeVisible();
});
