/** The pictures of the documentation, taken at the end of the story; `DETENTE_PICTURES=1` writes them to docs/images. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { drawn, expect, submit, test } from './desk';

/** What the pages of the documentation show; the others are for looking at. */
const SHOWN = ['console-picture', 'console-picture-ar', 'console-compose-en', 'console-compose-ar', 'console-agreement', 'console-concern-ru', 'console-sharing'];
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
    // A moment of the story at which an operation is flown: the same whatever other tests have done.
    const { page } = await sit('US', 'inquiry', { language, theme, viewport, room: 'picture?view=36.75,35.7,8.3&select=us-strike-jisr&at=2016-09-14T02:30:00Z' });
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

const ROOMS = [
  { name: 'console-agreement', shows: 'clause', role: 'consenter', room: 'agreement?select=art-3', language: 'en', theme: 'light', viewport: DESK },
  { name: 'console-concern-ru', shows: 'case-map', role: 'consenter', room: 'agreement?tab=concerns&select=short-notice', language: 'ru', theme: 'dark', viewport: DESK },
  { name: 'console-life-ar', shows: 'timeline', role: 'consenter', room: 'agreement?tab=life', language: 'ar', theme: 'light', viewport: TABLET },
  { name: 'console-publication', shows: 'announcement', role: 'consenter', room: 'agreement?tab=publication', language: 'en', theme: 'dark', viewport: TABLET },
  { name: 'console-objects-ar', shows: 'delivery', role: 'watch_officer', room: 'sharing?tab=objects&select=clinic-c2', language: 'ar', theme: 'dark', viewport: DESK },
  { name: 'console-reconciliation-ar', shows: 'violation', role: 'inquiry', room: 'watch?tab=reconciliation', language: 'ar', theme: 'light', viewport: DESK },
  { name: 'console-owed-ru', shows: 'owed-list', role: 'release_officer', room: 'sharing?tab=owed', language: 'ru', theme: 'light', viewport: TABLET },
] as const;
for (const { name, shows, role, room, language, theme, viewport } of ROOMS) {
  test(`room: ${name}`, async ({ sit }) => {
    if (name === 'console-concern-ru') {
      await submit('RU', 'consenter', {
        kind: 'concern_raised',
        subject: 'short-notice',
        body: {
          title: { en: 'A strike with six hours of notice warns nobody', ru: 'Удар с уведомлением за шесть часов никого не предупреждает', ar: 'ضربة بإشعار ست ساعات لا تُنذر أحدًا' },
          office: 'Humanitarian affairs', severity: 'blocking', articles: ['art-9'],
          text: { en: 'Twelve hours are the least in which those on the ground can be told.', ru: 'Двенадцать часов – наименьшее время, за которое можно предупредить людей на земле.', ar: 'اثنتا عشرة ساعة أقل ما يمكن فيه إخبار من على الأرض.' },
          property: 'forbid (\n  principal,\n  action in Detente::Action::"combat",\n  resource is Detente::Airspace\n) when {\n  context.leadTime < duration("12h")\n};',
        },
      });
    }
    const { page } = await sit(name === 'console-owed-ru' ? 'UN' : 'US', role, { room, language, theme, viewport });
    await expect(page.locator(`[data-test="${shows}"]`).first()).toBeVisible();
    if (name === 'console-concern-ru') {
      await page.locator('[data-test="case-map"]').scrollIntoViewIfNeeded();
      await drawn(page);
    }
    await page.screenshot({ path: place(name), animations: 'disabled' });
  });
}

test('room: console-sharing', async ({ sit }) => {
  const { page } = await sit('UN', 'release_officer', { room: 'sharing?tab=compose' });
  const at = (name: string) => page.locator(`[data-test="${name}"]`);
  await at('report-id').fill('un-north-7');
  await at('report-title').fill('Vehicles in the north');
  await at('portion-text').fill('Nine trucks stand near the silo on the road from Azaz.');
  await at('portion-tearline').fill('Vehicles stand in the north.');
  for (const holder of ['RU', 'US']) for (const name of [`releasable-${holder}`, `portion-${holder}`, `recipient-${holder}`]) await at(name).check();
  await page.locator('.portion summary').click();
  await at('portion-settlement').fill('Azaz');
  await at('portion-position').fill('36°35′12″N 37°02′47″E');
  await at('portion-source').fill('A driver');
  await at('place-RU').selectOption('grid_10km');
  await at('detail-RU').selectOption('full');
  await at('place-US').selectOption('settlement');
  await at('reads-US').click();
  await expect(at('edition')).toContainText('Azaz');
  await page.screenshot({ path: place('console-sharing'), animations: 'disabled' });
});
