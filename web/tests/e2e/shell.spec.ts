/** Signing in, languages, light and dark, the line that breaks, accessibility, and the pictures of the documentation. */
import AxeBuilder from '@axe-core/playwright';
import { drawn, expect, nodeOf, test, watch } from './desk';

const ROOMS = ['picture', 'operations', 'agreement', 'sharing', 'watch', 'proof'];

test('a wrong password says so, a session outlives a reload, and signing out ends it', async ({ sit, browser }) => {
  const context = await browser.newContext();
  const page = await context.newPage();
  watch(page, nodeOf('US').url);
  await page.goto(nodeOf('US').url);
  await page.locator('input[autocomplete="username"]').fill('nobody');
  await page.locator('input[type="password"]').fill('not the password');
  await page.locator('button[type="submit"]').click();
  await expect(page.getByRole('alert')).toContainText('wrong');
  await context.close();

  const seat = await sit('US', 'planner', { byHand: true });
  await seat.page.reload();
  await expect(seat.page.locator('main#content')).toBeVisible();
  await seat.page.getByRole('button', { name: 'Sign out' }).click();
  await expect(seat.page.locator('input[type="password"]')).toBeVisible();
  const after = await seat.page.evaluate(async () => (await fetch('/api/v1/picture')).status);
  expect(after).toBe(401);
});

test('the other participants are seen, and a lost line says so and comes back', async ({ sit }) => {
  const { page } = await sit('US', 'planner');
  const line = page.locator('.line button');
  await expect(line).toContainText('Live');
  await expect(line).toContainText('RU');
  await line.click();
  await expect(page.locator('.pop')).toContainText(/RU: last heard .* ago/);
  await page.route('**/api/v1/events', (route) => route.abort());
  await page.evaluate(() => location.reload());
  await expect(line).toContainText('Line lost');
  await expect(page.getByRole('alert')).toContainText('The line to the node is lost');
  await page.unroute('**/api/v1/events');
  await expect(line).toContainText('Live');
});

for (const [language, direction] of [['en', 'ltr'], ['ru', 'ltr'], ['ar', 'rtl']] as const) {
  test(`every room in ${language}, without serious faults of accessibility, light and dark`, async ({ sit }) => {
    const { page } = await sit('US', 'inquiry', { language });
    await expect(page.locator('html')).toHaveAttribute('lang', language);
    await expect(page.locator('html')).toHaveAttribute('dir', direction);
    for (const theme of ['light', 'dark']) {
      await expect(page.locator('html')).toHaveAttribute('data-theme', theme);
      for (const room of ROOMS) {
        await page.goto(`${nodeOf('US').url}/#/${room}`);
        await expect(page.locator('main#content > *').first()).toBeVisible();
        if (room === 'picture' || room === 'operations') await drawn(page);
        const { violations } = await new AxeBuilder({ page }).exclude('.maplibregl-canvas').withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']).analyze();
        const grave = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
        expect(grave.map(({ id, nodes }) => `${room}, ${theme}: ${id}: ${nodes.map(({ html }) => html).join(' | ').slice(0, 400)}`)).toEqual([]);
        const wide = await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth + 1);
        expect(wide, `${room} is wider than the window`).toBe(false);
      }
      await page.locator('[data-test="theme"]').click();
    }
  });
}

const PARTS = ['agreement?tab=concerns&select=unilateral-strike', 'agreement?tab=amendment', 'agreement?tab=life', 'agreement?tab=publication', 'sharing?tab=compose', 'sharing?tab=sent', 'sharing?tab=owed', 'sharing?tab=objects&select=clinic-c2', 'watch?tab=reconciliation'];
for (const [language, theme, viewport] of [['en', 'dark', { width: 1280, height: 800 }], ['ru', 'light', { width: 820, height: 1180 }], ['ar', 'light', { width: 820, height: 1180 }]] as const) {
  test(`every part of the agreement and of sharing in ${language}, ${theme}, ${viewport.width} wide`, async ({ sit }) => {
    const { page } = await sit('US', 'release_officer', { language, theme, viewport, room: 'agreement' });
    for (const part of PARTS) {
      await page.goto(`${nodeOf('US').url}/#/${part}`);
      await expect(page.locator('[role="tabpanel"] section, [role="tabpanel"] .timeline').first()).toBeVisible();
      if (part.includes('select=')) await expect(page.locator('[role="tabpanel"] h3').first()).toBeVisible();
      const { violations } = await new AxeBuilder({ page }).exclude('.maplibregl-canvas').withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']).analyze();
      const grave = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
      expect(grave.map(({ id, nodes }) => `${part}: ${id}: ${nodes.map(({ html }) => html).join(' | ').slice(0, 400)}`)).toEqual([]);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth + 1);
      expect(wide, `${part} is wider than the window`).toBe(false);
    }
  });
}
