/** What the tests share: the demonstration's nodes and people, browsers that are watched, and acts put on record directly. */
import { readFileSync } from 'node:fs';
import { delimiter } from 'node:path';
import { test as base, expect, type Browser, type Page } from '@playwright/test';

export interface Node {
  holder: string;
  origin: string;
  url: string;
  people: { name: string; roles: string[]; token: string }[];
}

/** Each worker has a demonstration of its own, so that one's story is not in the other's way. */
const directories = (process.env['DETENTE_DEMO'] ?? '').split(delimiter);
const directory = directories[Number(process.env['TEST_PARALLEL_INDEX'] ?? 0) % directories.length] ?? '';
const demo = JSON.parse(readFileSync(directory, 'utf8')) as { password: string; nodes: Node[] };
export const password = demo.password;

export function nodeOf(holder: string): Node {
  const node = demo.nodes.find((one) => one.holder === holder);
  if (!node) throw new Error(`no node of ${holder}`);
  return node;
}

/** Somebody at a node who holds a role, or whose name ends in the word. */
export function personOf(holder: string, role: string): { name: string; token: string } {
  const { people } = nodeOf(holder);
  const person = people.find(({ roles }) => roles.includes(role)) ?? people.find(({ name }) => name.endsWith(`-${role}`));
  if (!person) throw new Error(`nobody at ${holder} is ${role}`);
  return person;
}

/** Puts an act on record as somebody who holds the role, without a browser. */
export async function submit(holder: string, role: string, act: { kind: string; subject: string; body: unknown }): Promise<{ status: number; body: { outcome?: { changes: { subject: string; to: string }[] } } }> {
  const response = await fetch(`${nodeOf(holder).url}/api/v1/acts`, {
    method: 'POST',
    headers: { authorization: `Bearer ${personOf(holder, role).token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ ...act, role }),
  });
  return { status: response.status, body: await response.json() };
}

export async function read<T>(holder: string, role: string, path: string): Promise<T> {
  const response = await fetch(`${nodeOf(holder).url}${path}`, { headers: { authorization: `Bearer ${personOf(holder, role).token}` } });
  expect(response.status, path).toBe(200);
  return (await response.json()) as T;
}

/** The node's clock, which is the scenario's. */
export async function clockOf(holder: string): Promise<number> {
  return Date.parse((await read<{ at: string }>(holder, 'auditor', '/api/v1/picture')).at);
}

/** What every page is watched for: a request to elsewhere, or something that the content security policy had to stop. */
export const faults: string[] = [];

export function watch(page: Page, origin: string): void {
  page.on('request', (request) => {
    const url = request.url();
    if (!url.startsWith(origin) && !url.startsWith('data:') && !url.startsWith('blob:')) faults.push(`request to ${url}`);
  });
  page.on('console', (message) => {
    if (/content security policy/i.test(message.text())) faults.push(message.text());
  });
  page.on('pageerror', (error) => faults.push(`error in the page: ${error.message}`));
}

export interface Seat {
  page: Page;
  node: Node;
}

export const test = base.extend<{ sit: (holder: string, role: string, options?: { language?: string; theme?: 'light' | 'dark'; viewport?: { width: number; height: number }; room?: string; byHand?: boolean }) => Promise<Seat> }>({
  sit: async ({ browser }, use) => {
    const opened: { close: () => Promise<void> }[] = [];
    await use(async (holder, role, options = {}) => {
      const seat = await open(browser, holder, role, options);
      opened.push(seat.page.context());
      return seat;
    });
    for (const context of opened) await context.close();
    expect(faults.splice(0), 'nothing leaves the origin, and nothing had to be stopped').toEqual([]);
  },
});

/** Sessions that are open, by node and person: a password is made slow to try on purpose, and one sign-in is enough for many tests. */
const sessions = new Map<string, { name: string; value: string }>();

async function session(node: Node, name: string): Promise<{ name: string; value: string }> {
  const key = `${node.url} ${name}`;
  const known = sessions.get(key);
  if (known) return known;
  const response = await fetch(`${node.url}/api/v1/session`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ name, password }) });
  const [, cookie, value] = /^([^=]+)=([^;]*)/.exec(response.headers.getSetCookie()[0] ?? '') ?? [];
  if (!cookie || !value) throw new Error(`${name} cannot sign in at ${node.holder}: ${response.status} ${await response.text()}`);
  const made = { name: cookie, value };
  sessions.set(key, made);
  return made;
}

async function open(browser: Browser, holder: string, role: string, { language, theme, viewport, room, byHand }: { language?: string; theme?: 'light' | 'dark'; viewport?: { width: number; height: number }; room?: string; byHand?: boolean }): Promise<Seat> {
  const node = nodeOf(holder);
  const context = await browser.newContext({ viewport: viewport ?? { width: 1280, height: 800 }, colorScheme: theme ?? 'light', locale: language ?? 'en-GB' });
  const { name } = personOf(holder, role);
  if (!byHand) await context.addCookies([{ ...(await session(node, name)), url: node.url, httpOnly: true, secure: true, sameSite: 'Strict' }]);
  const page = await context.newPage();
  watch(page, node.url);
  await page.goto(`${node.url}/#/${room ?? 'picture'}`);
  if (byHand) {
    await page.locator('input[autocomplete="username"]').fill(name);
    await page.locator('input[type="password"]').fill(password);
    await page.locator('button[type="submit"]').click();
  }
  await expect(page.locator('main#content')).toBeVisible();
  return { page, node };
}

/** Waits until the map has drawn what there is. */
export async function drawn(page: Page): Promise<void> {
  await expect(page.locator('.canvas[data-ready="true"][data-drawn="true"]')).toBeVisible({ timeout: 60_000 });
}

/** Names of formats, units and makers, which are the same in every language. */
const OF_EVERY_LANGUAGE = /APP-6|Cedar|CSV|\bDD\b|DMS|FeatureCollection|GeoJSON|GeoNames CC BY|MGRS|Natural Earth|PDF|PNG|SHA-256|UTC|UTM|WGS84|aircraft\.json|readsb|@amends\("id"\)|@id|`detente \w+`/g;

/** What a page that is not in English says in Latin letters of its own accord: ids and people's texts are isolated, and what the node words is marked as English. */
export async function latin(page: Page): Promise<string[]> {
  const texts = await page.evaluate(() => {
    const found: string[] = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const element = walker.currentNode.parentElement;
      if (element?.checkVisibility() && !element.closest('bdi, code, pre, option, [dir="ltr"], [lang="en"]')) found.push(walker.currentNode.textContent ?? '');
    }
    for (const name of ['title', 'aria-label', 'placeholder']) for (const element of document.querySelectorAll(`[${name}]:not([dir="ltr"])`)) found.push(element.getAttribute(name) ?? '');
    return found;
  });
  return [...new Set(texts.filter((text) => /[A-Za-z]{3,}/.test(text.replace(OF_EVERY_LANGUAGE, ''))).map((text) => text.trim()))];
}

/** Presses Tab until something has the focus; a trap would never let it. */
export async function tabTo(page: Page, selector: string): Promise<void> {
  for (let presses = 0; presses < 80; presses += 1) {
    if (await page.locator(selector).first().evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`${selector} cannot be reached with Tab`);
}

export { expect };
