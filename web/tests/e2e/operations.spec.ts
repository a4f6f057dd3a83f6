/** Operations between two participants in two browsers: proposed, objected, revised, consented, suspended, stopped. */
import { clockOf, drawn, expect, read, submit, tabTo, test } from './desk';
import type { Page } from '@playwright/test';

const HOUR_MS = 3_600_000;
const local = (at: number): string => new Date(at).toISOString().slice(0, 16).replace('T', ' ');

/** A square inside the designated area at Jisr al-Shughur, where every strike needs the other side's consent; each test has its own. */
function square(south: number, west: number): string {
  const [north, east] = [south + 0.02, west + 0.02];
  return [[south, west], [south, east], [north, east], [north, west]].map((place) => place.map((degrees) => degrees.toFixed(3)).join(', ')).join('\n');
}

/** Times of an operation that begins in some hours, at a full minute of the node's clock. */
async function times(hours: number): Promise<{ start: string; end: string; expires: string }> {
  const start = (await clockOf('US')) + hours * HOUR_MS;
  return { start: local(start), end: local(start + HOUR_MS), expires: local(start - HOUR_MS) };
}

async function fill(page: Page, id: string, places: string, when: { start: string; end: string; expires: string }): Promise<void> {
  await page.locator('[data-test="compose"]').click();
  await page.locator('[data-test="id"]').fill(id);
  await page.locator('[data-test="activity"]').selectOption('strike');
  await page.locator('[data-test="places"]').fill(places);
  await page.locator('[data-test="start"]').fill(when.start);
  await page.locator('[data-test="end"]').fill(when.end);
  await page.locator('[data-test="expires"]').fill(when.expires);
}

const card = (page: Page, id: string) => page.locator(`[data-test="card"][data-id="${id}"]`);
const isIn = (page: Page, id: string, state: string) => expect(card(page, id)).toHaveAttribute('data-state', state);

test('proposed in one browser, objected in the other, revised, consented, and stopped', async ({ sit }) => {
  const us = await sit('US', 'planner', { room: 'operations' });
  const ru = await sit('RU', 'consenter', { room: 'operations' });
  const id = 'console-strike-1';
  await fill(us.page, id, square(35.765, 36.26), await times(48));
  const verdict = us.page.locator('[data-test="verdict"]');
  await expect(verdict).toHaveAttribute('data-verdict', 'consent_required');
  await us.page.locator('[data-test="propose"]').click();
  await isIn(us.page, id, 'proposed');

  // It shows at the other side without anybody reloading anything, with what its author had seen.
  await isIn(ru.page, id, 'proposed');
  await card(ru.page, id).click();
  await expect(ru.page.locator('[data-test="awareness"]')).toContainText('RU ledger at');
  await ru.page.locator('[data-test="object"]').click();
  await ru.page.locator('[data-test="send"]').click();
  await expect(ru.page.locator('[data-test="actions"] [aria-invalid="true"]')).toBeVisible();
  await ru.page.locator('[data-test="text"]').fill('Too near the road that the convoy takes on that day.');
  await ru.page.locator('[data-test="send"]').click();
  await isIn(us.page, id, 'objected');

  await card(us.page, id).click();
  await us.page.locator('[data-test="revise"]').click();
  await expect(us.page.locator('[data-test="places"]')).toHaveValue(/35\.765/);
  const later = await times(60);
  await us.page.locator('[data-test="start"]').fill(later.start);
  await us.page.locator('[data-test="end"]').fill(later.end);
  await us.page.locator('[data-test="expires"]').fill(later.expires);
  await us.page.locator('[data-test="propose"]').click();
  await isIn(ru.page, id, 'proposed');

  await card(ru.page, id).click();
  await ru.page.locator('[data-test="consent"]').click();
  await ru.page.locator('[data-test="send"]').click();
  await isIn(us.page, id, 'consented');

  await card(us.page, id).click();
  await us.page.locator('[data-test="stop"]').click();
  await us.page.locator('[data-test="text"]').fill('Stopped on the line.');
  await us.page.locator('[data-test="send"]').click();
  await isIn(ru.page, id, 'stopped');
});

test('consent on conditions, which the proposer takes on', async ({ sit }) => {
  const us = await sit('US', 'planner', { room: 'operations' });
  const ru = await sit('RU', 'consenter', { room: 'operations', language: 'ru' });
  const id = 'console-strike-3';
  await fill(us.page, id, square(35.765, 36.31), await times(84));
  await us.page.locator('[data-test="propose"]').click();
  await isIn(ru.page, id, 'proposed');
  await card(ru.page, id).click();
  await ru.page.locator('[data-test="conditions"]').click();
  await ru.page.locator('[data-test="text"]').fill('Не ниже двух тысяч метров.');
  await ru.page.locator('[data-test="send"]').click();
  await isIn(us.page, id, 'conditions_open');
  await card(us.page, id).click();
  await expect(us.page.locator('[data-test="actions"]')).toContainText('RU');
  await expect(us.page.locator('[data-test="actions"]')).toContainText('Не ниже двух тысяч метров.');
  await us.page.locator('[data-test="acceptConditions"]').click();
  await isIn(ru.page, id, 'consented');
});

test('a new hospital suspends an operation that was consented', async ({ sit }) => {
  const us = await sit('US', 'planner', { room: 'operations' });
  const ru = await sit('RU', 'consenter', { room: 'operations' });
  const id = 'console-strike-2';
  await fill(us.page, id, square(35.765, 36.36), await times(72));
  await us.page.locator('[data-test="propose"]').click();
  await isIn(ru.page, id, 'proposed');
  await card(ru.page, id).click();
  await ru.page.locator('[data-test="consent"]').click();
  await ru.page.locator('[data-test="send"]').click();
  await isIn(us.page, id, 'consented');

  const told = await submit('UN', 'notifier', {
    kind: 'object_submitted',
    subject: 'console-hospital',
    body: {
      feature: {
        type: 'Feature',
        geometry: { type: 'Point', coordinates: [36.37, 35.775] },
        properties: {
          id: 'console-hospital', kind: 'protected_object', category: 'hospital', radius_m: 60, accuracy_m: 50, submitted_by: 'UN',
          name: { en: 'Field hospital', ru: 'Полевой госпиталь', ar: 'مستشفى ميداني' },
          lower: { reference: 'SFC' }, upper: { reference: 'UNL' }, start: new Date(await clockOf('UN')).toISOString(), end: 'UFN',
        },
      },
      consent: { given_by: 'Those who run it', at: new Date(await clockOf('UN')).toISOString(), terms: 'Participants only' },
      measured_how: 'handheld', photo_hashes: [], function: 'Surgery',
    },
  });
  expect(told.status, JSON.stringify(told.body)).toBe(201);
  await isIn(us.page, id, 'recheck_required');
  await isIn(ru.page, id, 'recheck_required');
  await card(us.page, id).click();
  await expect(us.page.locator('aside')).toContainText('console-hospital');
  await drawn(us.page);
});

test('the whole flow by keyboard alone', async ({ sit }) => {
  const { page } = await sit('US', 'planner', { room: 'picture' });
  const id = 'console-keyboard-1';
  const when = await times(96);
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog')).toBeVisible();
  await page.keyboard.press('Escape');
  await page.keyboard.press('2');
  await expect(page).toHaveURL(/#\/operations/);
  await expect(page.locator('[data-test="compose"]')).toBeVisible();
  await page.keyboard.press('c');
  await expect(page.locator('[data-test="id"]')).toBeFocused();
  await page.keyboard.type(id);
  await tabTo(page, '[data-test="activity"]');
  await page.keyboard.type('Str');
  await tabTo(page, '[data-test="places"]');
  await page.keyboard.type(square(35.79, 36.28));
  for (const [name, value] of Object.entries(when)) {
    await tabTo(page, `[data-test="${name}"]`);
    await page.keyboard.press('Control+a');
    await page.keyboard.type(value);
    await expect(page.locator(`[data-test="${name}"]`)).toHaveValue(value);
  }
  await expect(page.locator('[data-test="verdict"]')).toHaveAttribute('data-verdict', 'consent_required');
  await tabTo(page, '[data-test="propose"]');
  await page.keyboard.press('Enter');
  await isIn(page, id, 'proposed');
  await tabTo(page, '[data-test="stop"]');
  await page.keyboard.press('Enter');
  await tabTo(page, '[data-test="send"]');
  await page.keyboard.press('Enter');
  await isIn(page, id, 'stopped');
});

test('a draft outlives a lost line and a reload, and a repeated press is one act', async ({ sit }) => {
  const { page } = await sit('US', 'planner', { room: 'operations' });
  const id = 'console-draft-1';
  await fill(page, id, square(35.84, 36.26), await times(120));
  await page.context().setOffline(true);
  await page.locator('[data-test="propose"]').click();
  await expect(page.getByRole('alert').first()).toBeVisible();
  await page.context().setOffline(false);
  await page.reload();
  await page.locator('[data-test="compose"]').click();
  await expect(page.locator('[data-test="id"]')).toHaveValue(id);
  await expect(page.locator('[data-test="places"]')).toHaveValue(/36\.26/);
  await page.locator('[data-test="propose"]').click();
  await isIn(page, id, 'proposed');
  const history = await read<{ kind: string }[]>('US', 'auditor', `/api/v1/history/${id}`);
  expect(history.map(({ kind }) => kind)).toEqual(['operation_proposed']);
});
