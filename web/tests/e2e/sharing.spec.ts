/** Reports and protected objects between three participants in browsers of their own. */
import type { Page } from '@playwright/test';
import { expect, test } from './desk';

const at = (page: Page, name: string) => page.locator(`[data-test="${name}"]`);
const tab = (page: Page, name: string) => at(page, `tab-${name}`);
const SECRET = 'Observer Zephyrinus';
const HOSTILE = '<svg onload="window.hurt=1"></svg>';

async function write(page: Page, id: string): Promise<void> {
  await tab(page, 'compose').click();
  await at(page, 'report-id').fill(id);
  await at(page, 'report-title').fill('Movements in the north');
  for (const holder of ['RU', 'US']) await at(page, `releasable-${holder}`).check();
  await at(page, 'portion-text').fill(`Nine trucks stand near the silo. ${HOSTILE}`);
  await at(page, 'portion-tearline').fill('Vehicles stand in the north.');
  for (const holder of ['RU', 'US']) await at(page, `portion-${holder}`).check();
  await page.locator('.portion summary').click();
  await at(page, 'portion-position').fill('36.5866, 37.0463');
  await at(page, 'portion-source').fill(SECRET);
}

test('each recipient reads exactly what the preview showed; graded, corrected, recalled, and who has not taken note', async ({ sit }) => {
  const id = 'console-report-1';
  const un = (await sit('UN', 'release_officer', { room: 'sharing' })).page;
  const ru = (await sit('RU', 'watch_officer', { room: 'sharing' })).page;
  await write(un, id);
  // What is written outlives a lost line and a reload.
  await un.context().setOffline(true);
  await at(un, 'add-portion').click();
  await un.context().setOffline(false);
  await un.reload();
  await expect(at(un, 'report-id')).toHaveValue(id);
  await expect(at(un, 'portion-1')).toBeVisible();
  await at(un, 'portion-1').getByRole('button', { name: 'Remove' }).click();

  for (const holder of ['RU', 'US']) await at(un, `recipient-${holder}`).check();
  await at(un, 'place-RU').selectOption('grid_10km');
  await at(un, 'detail-RU').selectOption('full');
  await at(un, 'reads-US').click();
  const edition = at(un, 'edition');
  await expect(edition).toContainText('Vehicles stand in the north.');
  await expect(edition).not.toContainText('Nine trucks');
  await at(un, 'reads-RU').click();
  await expect(edition).toContainText('Nine trucks');
  await expect(edition).toContainText(HOSTILE);
  await expect(edition).toContainText('10km');
  await expect(edition).not.toContainText('36.5866');
  await expect(edition).not.toContainText(SECRET);
  const hash = (await un.locator('.hash').last().textContent()) ?? '';
  await at(un, 'release').click();
  const sent = at(un, 'sent');
  await expect(sent).toHaveAttribute('data-state', 'released');
  const receipt = (holder: string) => sent.locator(`[data-test="receipt"][data-recipient="${holder}"]`);
  await expect(receipt('RU')).toHaveAttribute('data-state', 'sent');

  // It arrives without anybody reloading anything, and is what the preview showed, to the byte.
  await ru.locator(`tr[data-key="${id}"]`).click();
  const report = at(ru, 'report');
  await expect(report).toContainText('Nine trucks');
  await expect(report).toContainText(hash.replace('SHA-256 ', '').slice(0, 16));
  expect(await ru.evaluate(() => (window as { hurt?: number }).hurt)).toBeUndefined();
  expect(await ru.locator('main svg:not([aria-hidden]), main img, main iframe').count()).toBe(0);
  await at(ru, 'acknowledge').click();
  await expect(receipt('RU')).toHaveAttribute('data-state', 'received');
  await at(ru, 'grade').click();
  await ru.locator('input[name="reliability"][value="C"]').check();
  await ru.locator('input[name="credibility"][value="3"]').check();
  await at(ru, 'put').click();
  await expect(at(ru, 'own-grade')).toHaveText('C3');
  await expect(sent).toContainText('C3');

  // A correction goes to everybody who has it, and is owed by everybody.
  await at(un, 'correct').click();
  await expect(at(un, 'report-id')).toHaveValue(id);
  await at(un, 'portion-tearline').fill('Vehicles stand in the south.');
  await expect(at(un, 'edition')).toContainText('south');
  await at(un, 'wrong').fill('South, not north.');
  await at(un, 'release').click();
  await expect(receipt('RU')).toHaveAttribute('data-state', 'correction_due');
  await at(ru, 'acknowledge').click();
  await expect(receipt('RU')).toHaveAttribute('data-state', 'received');

  await at(un, 'recall').click();
  await at(un, 'recall-it').click();
  await expect(at(un, 'reason')).toHaveAttribute('aria-invalid', 'true');
  await at(un, 'reason').fill('The date was wrong.');
  await at(un, 'recall-it').click();
  await expect(sent).toHaveAttribute('data-state', 'recalled');
  await expect(at(un, 'recall-notice')).toContainText('does not prove that anybody forgot');
  await expect(report).toContainText('The date was wrong.');
  await at(ru, 'acknowledge').click();
  await expect(receipt('RU')).toHaveAttribute('data-state', 'recall_acknowledged');
  await tab(un, 'owed').click();
  await expect(un.locator(`[data-test="owed"][data-subject="${id}"][data-by="US"]`)).toBeVisible();
  await expect(un.locator(`[data-test="owed"][data-subject="${id}"][data-by="RU"]`)).toHaveCount(0);
});

test('a report goes further only when its originator has said so', async ({ sit }) => {
  const id = 'console-report-2';
  const un = (await sit('UN', 'release_officer', { room: 'sharing' })).page;
  const ru = (await sit('RU', 'release_officer', { room: 'sharing', language: 'ru' })).page;
  const us = (await sit('US', 'watch_officer', { room: 'sharing', language: 'ar' })).page;
  await write(un, id);
  await at(un, 'recipient-RU').check();
  await at(un, 'detail-RU').selectOption('full');
  await expect(at(un, 'edition')).toContainText('Nine trucks');
  await at(un, 'release').click();
  await ru.locator(`tr[data-key="${id}"]`).click();
  await at(ru, 'acknowledge').click();
  await at(ru, 'request').click();
  await ru.locator('form input[value="US"]').check();
  await at(ru, 'reason').fill('Для другого участника.');
  await at(ru, 'put').click();
  await at(un, 'grant').click();
  await at(ru, 'forward').click();
  await us.locator(`tr[data-key="${id}"]`).click();
  await expect(at(us, 'report')).toContainText('Nine trucks');
  await expect(at(us, 'report')).toContainText('RU');
});

test('an object is notified, checked by a second person, released, and climbs the ladder', async ({ sit }) => {
  const id = 'console-clinic';
  const first = (await sit('UN', 'notifier', { room: 'sharing' })).page;
  await at(first, 'notify').click();
  await at(first, 'put').click();
  await expect(first.locator('[data-test="object-form"] [aria-invalid="true"]')).toHaveCount(5);
  for (const [field, text] of [['id', id], ['en', 'Clinic'], ['ru', 'Клиника'], ['ar', 'عيادة'], ['place', '37°20′00″N 35°10′00″E'], ['accuracy', '50'], ['consentBy', 'Those who run it']] as const) await at(first, `object-${field}`).fill(text);
  await at(first, 'put').click();
  // It lies far from everything the agreement draws: that is read and confirmed before it is on record.
  await expect(at(first, 'odd')).toContainText('100 km');
  await expect(at(first, 'put')).toBeDisabled();
  await at(first, 'confirm-odd').check();
  await at(first, 'put').click();
  const object = at(first, 'object');
  await expect(object).toHaveAttribute('data-state', 'submitted');
  // Whoever notified it cannot check it: the refusal says so.
  await at(first, 'object_validated').click();
  await first.locator('input[value="datum"]').check();
  await at(first, 'accept-warnings').check();
  await at(first, 'put').click();
  await expect(object.getByRole('alert')).toBeVisible();

  const second = (await sit('UN', 'second', { room: 'sharing' })).page;
  await second.locator(`tr[data-key="${id}"]`).click();
  await at(second, 'object_validated').click();
  for (const check of ['datum', 'vicinity']) await second.locator(`input[value="${check}"]`).check();
  // Every node found it again, and nobody validates past it.
  await expect(at(second, 'warnings')).toContainText('100 km');
  await at(second, 'put').click();
  await expect(object).toHaveAttribute('data-state', 'submitted');
  await at(second, 'accept-warnings').check();
  await at(second, 'put').click();
  await expect(object).toHaveAttribute('data-state', 'validated');
  await at(second, 'object_released').click();
  await second.locator('form input[value="RU"]').check();
  await at(second, 'put').click();
  await expect(object).toHaveAttribute('data-state', 'live');

  const ru = (await sit('RU', 'watch_officer', { room: 'sharing', language: 'ru' })).page;
  await tab(ru, 'objects').click();
  await ru.locator(`tr[data-key="${id}"]`).click();
  for (const rung of ['received', 'loaded']) {
    await at(ru, `object_${rung}`).click();
    await expect(object.locator('[data-test="delivery"][data-recipient="RU"]')).toHaveAttribute('data-state', rung);
  }
  await at(ru, 'object_disseminated').click();
  await at(ru, 'written').fill('Экипажи');
  await at(ru, 'put').click();
  await expect(object.locator('[data-test="delivery"][data-recipient="RU"]')).toHaveAttribute('data-state', 'disseminated');
});
