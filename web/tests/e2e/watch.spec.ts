/** A stop call between two watch officers, step by step, each in a browser of their own; and sources side by side. */
import type { Page } from '@playwright/test';
import { expect, submit, test } from './desk';

async function step(page: Page, kind: string, written: Record<string, string> = {}): Promise<void> {
  await page.locator(`[data-test="${kind}"]`).click();
  for (const [label, text] of Object.entries(written)) {
    const field = page.getByLabel(label);
    if ((await field.evaluate((element) => element.tagName)) === 'SELECT') await field.selectOption(text);
    else await field.fill(text);
  }
  if (Object.keys(written).length > 0) await page.locator('[data-test="send"]').click();
}

test('a stop call is rung, answered, read back, passed on and confirmed by two watches, on one clock', async ({ sit }) => {
  const us = (await sit('US', 'watch_officer', { room: 'watch' })).page;
  const ru = (await sit('RU', 'watch_officer', { room: 'watch', language: 'ru' })).page;
  await us.getByLabel('Whom').selectOption('RU');
  await us.locator('[data-test="ring"]').click();
  const call = us.locator('[data-test="call"]');
  await expect(call).toContainText('Ringing');
  await expect(call.getByRole('timer')).toContainText('First ring');

  await ru.locator('tr', { hasText: 'Звонит' }).first().click();
  await step(ru, 'call_answered', { 'Кто отвечает (служба)': 'Оперативный дежурный' });
  await step(us, 'priority_declared', { 'How urgent': 'stop' });
  await expect(ru.locator('[data-test="call"]')).toContainText('Стоп');
  await step(ru, 'content_taken', { 'Сообщение дословно': 'Прекратить немедленно' });
  await step(ru, 'read_back', { 'Сообщение дословно': 'Прекратить немедленно, подтвердите' });
  await step(us, 'read_back_confirmed');
  await step(ru, 'passed_on', { Кому: 'Командир группы' });
  await step(ru, 'action_confirmed', { 'Что сделано': 'Прекращено' });
  await expect(call).toContainText('Action confirmed');
  await step(us, 'call_closed');
  await expect(call).toContainText('Ended');
  await expect(ru.locator('[data-test="call"]')).toContainText('Завершено');
});

test('five sources of one incident stand beside each other, and nothing is averaged', async ({ sit }) => {
  const { page } = await sit('US', 'inquiry', { room: 'watch' });
  await page.locator('tr', { hasText: 'Kafr Sousa' }).first().click();
  await expect(page.getByText('never averaged')).toBeVisible();
  await expect(page.locator('table tbody th[scope="row"]')).toHaveCount(5);
  await expect(page.getByText('0 – ? – 10')).toBeVisible();
});

test('every side’s finding of a violation stands beside each other', async ({ sit }) => {
  const { page } = await sit('UN', 'monitor', { room: 'watch' });
  await page.locator('tr[data-key^="violation/"]').first().click();
  const findings = page.locator('table', { has: page.getByRole('columnheader', { name: 'Finding' }) });
  await expect(findings.locator('tbody th')).toHaveText(['US', 'UN', 'RU']);
  await expect(findings.locator('tbody')).toContainText('confirm');
});

test('who takes the watch is seen at the other side, with who is called otherwise', async ({ sit }) => {
  const us = (await sit('US', 'watch_officer', { room: 'watch' })).page;
  const ru = (await sit('RU', 'watch_officer', { room: 'watch', language: 'ru' })).page;
  await us.locator('[data-test="take-watch"]').click();
  await us.locator('[data-test="send-watch"]').click();
  await expect(us.locator('[data-test="office"]')).toHaveAttribute('aria-invalid', 'true');
  await us.locator('[data-test="office"]').fill('Combined operations centre');
  await us.locator('[data-test="alternate"]').fill('Duty general');
  await us.locator('[data-test="send-watch"]').click();
  const seen = ru.locator('[data-test="on-watch"]');
  await expect(seen).toContainText('Combined operations centre');
  await expect(seen).toContainText('Duty general');
  await expect(seen).toContainText('Никого');
});

test('an alert rings where sound was asked for, outlives a reload, and stays until somebody takes note', async ({ sit }) => {
  const { page } = await sit('RU', 'watch_officer', { room: 'watch' });
  await page.addInitScript(() => {
    const counted = window as { tones?: number };
    const begin = AudioContext.prototype.createOscillator;
    AudioContext.prototype.createOscillator = function () {
      counted.tones = (counted.tones ?? 0) + 1;
      return begin.call(this);
    };
  });
  await page.reload();
  const tones = (): Promise<number> => page.evaluate(() => (window as { tones?: number }).tones ?? 0);
  await page.getByLabel(/sound/i).check();
  const before = await tones();
  expect(before).toBeGreaterThan(0);
  const alert = { kind: 'alert_raised', subject: 'console-alert', body: { text: 'A flight that nobody announced <b>here</b>', articles: ['art-3'] } };
  expect((await submit('US', 'watch_officer', alert)).status).toBe(201);
  const shown = page.getByRole('log').locator('li', { hasText: 'nobody announced <b>here</b>' });
  await expect(shown).toBeVisible();
  await expect.poll(tones).toBeGreaterThan(before);
  await page.reload();
  await expect(shown).toBeVisible();
  await shown.getByRole('button', { name: 'Take note' }).click();
  await expect(shown).toHaveCount(0);
});

test('what the sides say of the same things stands side by side, and none of it is merged', async ({ sit }) => {
  const { page } = await sit('US', 'inquiry', { room: 'watch' });
  await page.locator('[data-test="tab-reconciliation"]').focus();
  await page.keyboard.press('Enter');
  const violation = page.locator('[data-test="violation"][data-id="violation-binnish"]');
  await expect(violation).toHaveAttribute('data-comparison', 'divergent');
  for (const [holder, says] of [['US', 'confirms'], ['RU', 'denies'], ['UN', 'had no access']] as const) await expect(violation.locator(`[data-test="finding"][data-holder="${holder}"]`)).toContainText(says);
  // Each counts for itself: there is no sum.
  await expect(page.locator('[data-test="count"][data-holder="US"]')).toContainText('1');
  await expect(page.locator('[data-test="count"][data-holder="RU"]')).toContainText('0');
  await expect(page.locator('[data-test="claim"][data-state="not_confirmable"]')).toHaveCount(1);
  await expect(page.locator('[data-test="access"]')).toContainText('Ceasefire monitor');
  await expect(page.locator('[data-test="channel"][data-comparison="closed_and_used"]')).toContainText('flight-safety');
  const [evidence] = await Promise.all([page.waitForEvent('download'), violation.getByRole('link').first().click()]);
  expect(evidence.suggestedFilename()).toMatch(/\.tlog-proof$/);
});
