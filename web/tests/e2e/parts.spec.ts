/** Every part of the rooms that have parts, at the desk and on a tablet: accessible, and no wider than the window. */
import AxeBuilder from '@axe-core/playwright';
import { expect, latin, nodeOf, test } from './desk';

const PARTS = ['agreement?tab=concerns&select=unilateral-strike', 'agreement?tab=amendment', 'agreement?tab=life', 'agreement?tab=publication', 'sharing?tab=compose', 'sharing?tab=sent', 'sharing?tab=owed', 'sharing?tab=objects&select=clinic-c2', 'watch?tab=reconciliation'];
for (const [language, theme, viewport] of [['en', 'dark', { width: 1280, height: 800 }], ['ru', 'light', { width: 820, height: 1180 }], ['ar', 'light', { width: 820, height: 1180 }]] as const) {
  test(`every part of the agreement and of sharing in ${language}, ${theme}, ${viewport.width} wide`, async ({ sit }) => {
    const { page } = await sit('US', 'release_officer', { language, theme, viewport, room: 'agreement' });
    for (const part of PARTS) {
      await page.goto(`${nodeOf('US').url}/#/${part}`);
      await expect(page.locator('[role="tabpanel"] section, [role="tabpanel"] .timeline').first()).toBeVisible();
      if (part.includes('select=')) await expect(page.locator('[role="tabpanel"] h3').first()).toBeVisible();
      if (language !== 'en') expect(await latin(page), part).toEqual([]);
      const { violations } = await new AxeBuilder({ page }).exclude('.maplibregl-canvas').withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']).analyze();
      const grave = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
      expect(grave.map(({ id, nodes }) => `${part}: ${id}: ${nodes.map(({ html }) => html).join(' | ').slice(0, 400)}`)).toEqual([]);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth + 1);
      expect(wide, `${part} is wider than the window`).toBe(false);
    }
  });
}

test('in the window of a telephone nothing runs out of it, and what is pressed is large enough and called as it shows', async ({ sit }) => {
  const { page } = await sit('US', 'inquiry', { language: 'ar', viewport: { width: 390, height: 844 }, room: 'watch' });
  for (const part of ['sharing?tab=owed', 'watch?tab=reconciliation']) {
    await page.goto(`${nodeOf('US').url}/#/${part}`);
    await expect(page.locator('[role="tabpanel"] section').first()).toBeVisible();
    const { violations } = await new AxeBuilder({ page }).withRules(['target-size', 'label-content-name-mismatch']).analyze();
    expect(violations.map(({ id, nodes }) => `${part}: ${id}: ${nodes.map(({ html }) => html).join(' | ').slice(0, 400)}`)).toEqual([]);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth + 1);
    expect(wide, `${part} is wider than the window`).toBe(false);
  }
});
