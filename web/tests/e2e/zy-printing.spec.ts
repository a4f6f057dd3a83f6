/** What goes on paper: everything that the room holds, black on white, with its headings and marks, in the dark theme too. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { expect, read, test } from './desk';

/** The words of the sheets, as a reader of PDF finds them, in one line; and how many sheets there are. */
async function printed(page: Page, name: string): Promise<{ text: string; sheets: number }> {
  const folder = mkdtempSync(join(tmpdir(), 'detente-printed-'));
  try {
    const file = join(folder, `${name}.pdf`);
    writeFileSync(file, await page.pdf({ format: 'A4' }));
    const text = execFileSync('pdftotext', ['-enc', 'UTF-8', file, '-'], { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
    return { text: text.replace(/\s+/g, ' '), sheets: text.split('\f').length - 1 };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What a sheet of A4 has between its margins, in pixels of CSS. */
const SHEET = { width: 688, height: 1016 };

/** Elements that would show less on paper than they hold, and colours that are not black on white. */
async function faults(page: Page): Promise<string[]> {
  const screen = page.viewportSize() ?? SHEET;
  await page.setViewportSize(SHEET);
  await page.emulateMedia({ media: 'print' });
  const found = await page.evaluate(() => {
    const seen = [...document.querySelectorAll<HTMLElement>('main *')].filter((element) => element.checkVisibility() && !element.closest('.map, svg, .unseen'));
    const cut = seen.filter((element) => ['auto', 'scroll', 'hidden'].includes(getComputedStyle(element).overflowY) && element.scrollHeight > element.clientHeight + 1 && element.clientHeight > 1);
    const pale = seen.filter((element) => element.childNodes.length > 0 && [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.textContent?.trim()) && getComputedStyle(element).color !== 'rgb(0, 0, 0)');
    const tell = (what: string) => (element: HTMLElement) => `${what}: ${element.outerHTML.slice(0, 120)}`;
    const beside = seen.filter((element) => element.getBoundingClientRect().right > window.innerWidth + 1 || element.getBoundingClientRect().left < -1);
    return [...beside.map(tell('beside the sheet')), ...cut.map(tell('cut off')), ...pale.map(tell('not black'))];
  });
  await page.emulateMedia({ media: null });
  await page.setViewportSize(screen);
  return found;
}

for (const [language, theme] of [['en', 'dark'], ['ru', 'light'], ['ar', 'dark']] as const) {
  test(`the agreement on paper has every article whole: ${language}`, async ({ sit }) => {
    const { page } = await sit('US', 'consenter', { room: 'agreement', language, theme });
    await expect(page.locator('[data-test="clause"]')).toBeVisible();
    expect(await faults(page)).toEqual([]);
    const { text, sheets } = await printed(page, `agreement-${language}`);
    const { clauses } = (await read<{ standing: { clauses: { article: string; id: string; titles: Record<string, string> }[] } }>('US', 'auditor', '/api/v1/agreement')).standing;
    expect(clauses.length).toBeGreaterThan(5);
    // Code is in it to the last article, and so are the titles in every script that a reader of PDF puts in order.
    for (const { id } of clauses) expect(text).toContain(`@id("${id}")`);
    for (const { titles } of clauses) for (const tag of ['en', 'ru']) if (titles[tag]) expect(text).toContain(titles[tag].replace(/\s+/g, ' ').slice(0, 40));
    expect(text).toMatch(/Detente · US|US · Detente/);
    expect(sheets).toBeGreaterThan(1);
    // On the screen again only the chosen article stands.
    await expect(page.locator('[data-test="clause"]')).toHaveCount(1);
  });
}

test('a report on paper keeps its marks and its last line', async ({ sit }) => {
  const { page } = await sit('UN', 'release_officer', { room: 'sharing?tab=compose', theme: 'dark' });
  const at = (name: string) => page.locator(`[data-test="${name}"]`);
  await at('report-id').fill('printed-report');
  await at('report-title').fill('A report to be printed');
  await at('releasable-RU').check();
  const lines = Array.from({ length: 90 }, (_, index) => `Line ${index + 1} of the report.`);
  await at('portion-text').fill(lines.join('\n'));
  await at('portion-tearline').fill('Vehicles stand in the north.');
  await at('portion-RU').check();
  await at('recipient-RU').check();
  await at('detail-RU').selectOption('full');
  await expect(at('edition')).toContainText('Line 60 of the report.');
  expect(await faults(page)).toEqual([]);
  const { text, sheets } = await printed(page, 'report');
  for (const line of lines) expect(text.split(line).length - 1, line).toBeGreaterThanOrEqual(2);
  expect(text).toContain('Restricted');
  expect(text).toContain('Detente · UN · Sharing');
  expect(sheets).toBeGreaterThan(2);
});

test('objects on paper', async ({ sit }) => {
  const { page } = await sit('RU', 'watch_officer', { room: 'sharing?tab=objects&select=clinic-c2', theme: 'dark' });
  await expect(page.locator('[data-test="object"]')).toBeVisible();
  expect(await faults(page)).toEqual([]);
  const { items } = await read<{ items: { matter: { id: string } }[] }>('RU', 'watch_officer', '/api/v1/protected-objects?limit=1000');
  const { text } = await printed(page, 'objects');
  // A reader of PDF joins what is parted at the end of a line, and takes its hyphen away.
  const joined = text.replace(/[- ]/g, '');
  for (const { matter } of items) expect(joined).toContain(matter.id.replaceAll('-', ''));
});

for (const [language, words] of [['en', ['denies', 'confirms', 'had no', 'flight-safety']], ['ru', ['отрицает', 'подтверждает', 'flight-safety']], ['ar', ['flight-safety']]] as const) {
  test(`the reconciliation on paper: ${language}`, async ({ sit }) => {
    const { page } = await sit('US', 'inquiry', { room: 'watch?tab=reconciliation', theme: 'dark', language });
    await expect(page.locator('[data-test="reconciliation"] [data-test="violation"]').first()).toBeVisible();
    expect(await faults(page)).toEqual([]);
    const { text } = await printed(page, 'reconciliation');
    for (const word of ['A flight near Binnish', ...words]) expect(text).toContain(word);
  });
}
