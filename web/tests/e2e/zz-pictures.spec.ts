/** The pictures of the documentation, taken at the end of the story; `DETENTE_PICTURES=1` writes them to docs/images. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { drawn, expect, read, test } from './desk';

/** What the pages of the documentation show; the others are for looking at. */
const SHOWN = ['console-picture', 'console-picture-ar', 'console-compose-en', 'console-compose-ar'];
const beside = join(import.meta.dirname, '../../pictures');
mkdirSync(beside, { recursive: true });

function place(name: string): string {
  const isShown = process.env['DETENTE_PICTURES'] && SHOWN.includes(name);
  return join(isShown ? join(import.meta.dirname, '../../../docs/images') : beside, `${name}.png`);
}

const DESK = { width: 1280, height: 800 };
const TABLET = { width: 820, height: 1180 };

const VIEWS = [
  { name: 'console-picture', language: 'en', theme: 'light', viewport: DESK },
  { name: 'console-picture-ru-dark', language: 'ru', theme: 'dark', viewport: DESK },
  { name: 'console-picture-ar', language: 'ar', theme: 'light', viewport: DESK },
  { name: 'console-picture-tablet', language: 'ar', theme: 'dark', viewport: TABLET },
] as const;

for (const { name, language, theme, viewport } of VIEWS) {
  test(`picture: ${name}`, async ({ sit }) => {
    const { page } = await sit('US', 'inquiry', { language, theme, viewport });
    await drawn(page);
    const operations = (await read<{ items: { matter: { id: string; is_over: boolean } }[] }>('US', 'auditor', '/api/v1/operations?limit=1000')).items;
    const shown = (operations.find(({ matter }) => !matter.is_over) ?? operations[0])?.matter.id ?? '';
    await page.evaluate((id) => (location.hash = `#/picture?view=36.75,35.7,8.3&select=${id}`), shown);
    await page.reload();
    await expect(page.locator('aside.inspector')).toBeVisible();
    await drawn(page);
    await page.screenshot({ path: place(name), animations: 'disabled' });
  });
}

for (const [language, theme] of [['en', 'light'], ['ar', 'dark'], ['ru', 'light']] as const) {
  test(`composing: ${language}`, async ({ sit }) => {
    const { page } = await sit('US', 'planner', { language, theme, room: 'operations', viewport: language === 'ru' ? TABLET : DESK });
    await drawn(page);
    await page.locator('[data-test="compose"]').click();
    await page.locator('[data-test="id"]').fill('us-strike-9');
    await page.locator('[data-test="activity"]').selectOption('strike');
    await page.locator('[data-test="places"]').fill('35.80, 36.27\n35.80, 36.35\n35.845, 36.35\n35.845, 36.27');
    await expect(page.locator('[data-test="verdict"]')).not.toHaveAttribute('data-verdict', '');
    await page.locator('[data-test="verdict"]').scrollIntoViewIfNeeded();
    await drawn(page);
    await page.screenshot({ path: place(`console-compose-${language}`), animations: 'disabled' });
  });
}
