/** Every room in every language, light and dark: accessible, and no wider than the window. */
import AxeBuilder from '@axe-core/playwright';
import { drawn, expect, latin, nodeOf, test } from './desk';

const ROOMS = ['picture', 'operations', 'agreement', 'sharing', 'watch', 'proof'];

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
        if (language !== 'en') expect(await latin(page), room).toEqual([]);
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
