/** A record of another participant, verified in the browser with keys that the reader brings; and who in the page verifies it. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { ledger, script } from '../../src/proof/checker';
import { clockOf, expect, nodeOf, personOf, read, submit, test } from './desk';

/**
 * Who has to check in a console that was built here: the ledger crate wherever its target is installed, and nobody else.
 * Null without a compiler: then the node was built elsewhere.
 */
function expectedChecker(): 'ledger' | 'script' | null {
  if (process.env['DETENTE_VERIFIER'] === 'off') return 'script';
  try {
    const folder = execFileSync('rustc', ['--print', 'target-libdir', '--target', 'wasm32-unknown-unknown'], { encoding: 'utf8' });
    return existsSync(folder.trim()) ? 'ledger' : 'script';
  } catch {
    return null;
  }
}

/** Files of the ledger's golden fixture, which every checker is held to. */
const golden = (name: string): Uint8Array<ArrayBuffer> => new Uint8Array(readFileSync(new URL(`../../../crates/ledger/tests/golden/v1/${name}`, import.meta.url)));

/** The keys that a ledger's first entry announces, as its owner would read them out. */
async function keysOf(holder: string): Promise<string> {
  const origin = encodeURIComponent(nodeOf(holder).origin);
  const first = await read<unknown>('US', 'auditor', `/api/v1/records/${origin}/0`);
  const found = JSON.stringify(first).match(/[^\s"\\+]+\+[0-9a-f]{8}\+[A-Za-z0-9+/]+=*/g);
  return [...new Set(found ?? [])].join('\n');
}

/** Opens a record of Russia's ledger, whatever the language. */
async function openRecord(page: Page): Promise<void> {
  await page.locator(`tr[data-key="${nodeOf('RU').origin}"]`).click();
  await page.locator('input[type="number"]').fill('1');
  await page.locator('form.row button[type="submit"]').click();
  await expect(page.locator('[data-test="verify-record"]')).toBeVisible();
}

async function verifyWith(page: Page, keys: string, what: 'record' | 'head' = 'record'): Promise<void> {
  await page.locator('textarea').fill(keys);
  await page.locator(`[data-test="verify-${what}"]`).click();
}

/** Changes a byte of the second entry of every bundle on its way to the page. */
async function tamper(page: Page): Promise<void> {
  await page.route('**/tile/entries/**', async (route) => {
    const response = await route.fetch();
    const bytes = await response.body();
    bytes[bytes.length - 3] = (bytes[bytes.length - 3] ?? 0) ^ 1;
    const second = bytes.readUInt16BE(0) + 2;
    bytes[second + 20] = (bytes[second + 20] ?? 0) ^ 1;
    await route.fulfill({ response, body: bytes });
  });
}

test('a record is shown with who knew it, and verified here with one’s own keys', async ({ sit }) => {
  const keys = { RU: await keysOf('RU'), US: await keysOf('US') };
  expect(keys.RU).toContain(nodeOf('RU').origin);
  const { page } = await sit('US', 'auditor', { room: 'proof' });
  await openRecord(page);
  await expect(page.getByText('Who knew it, by when')).toBeVisible();

  const verdict = page.locator('[data-test="record"]');
  await verifyWith(page, keys.US);
  await expect(verdict).toContainText('none of your keys');
  await verifyWith(page, keys.RU);
  await expect(verdict).toContainText('Verified here');
  const by = await page.locator('[data-checked-by]').getAttribute('data-checked-by');
  expect(by).toBe(expectedChecker() ?? by);
  await expect(verdict).toContainText(by === 'ledger' ? 'by the ledger crate (WebAssembly)' : 'by its own script');

  // A reader's policy may ask for a cosignature that this record does not have.
  const log = keys.RU.split('\n').find((key) => key.startsWith(`${nodeOf('RU').origin}+`)) ?? '';
  const [name = '', id = '', key = ''] = log.split('+');
  expect(name && id && key).toBeTruthy();
  await verifyWith(page, `log ${log}\nwitness nobody nobody.example+01020304+BgAA\nquorum nobody`);
  await expect(verdict).toContainText('Its quorum is nobody');
  await verifyWith(page, 'not a key');
  await expect(page.getByText('A line is not a key')).toBeVisible();

  // A node that shows something else than what was signed is found out: in its files, and on the screen.
  await tamper(page);
  await verifyWith(page, keys.RU);
  await expect(verdict).toContainText('the entry is not in the ledger');
  await page.unroute('**/tile/entries/**');
  await page.route(`**/records/*/1`, async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, json: { ...(await response.json()), author: 'somebody-else' } });
  });
  await page.locator('form.row button[type="submit"]').click();
  await expect(page.getByText('somebody-else')).toBeVisible();
  await verifyWith(page, keys.RU);
  await expect(verdict).toContainText('the node shows something else than what is in the ledger');
  await expect(verdict.locator('pre')).not.toContainText('somebody-else');
  await page.unroute(`**/records/*/1`);
  await page.locator('form.row button[type="submit"]').click();
  await expect(page.getByText('somebody-else')).toBeHidden();

  // Nor does the proof of another entry prove this one.
  await page.route('**/records/*/1/proof', async (route) => route.fulfill({ response: await route.fetch({ url: route.request().url().replace('/1/proof', '/2/proof') }) }));
  await verifyWith(page, keys.RU);
  await expect(verdict).toContainText('the proof of something else');
});

test('a finding that comes late never stands under another record', async ({ sit }) => {
  const { page } = await sit('US', 'auditor', { room: 'proof' });
  await openRecord(page);
  let answer = (): void => undefined;
  const held = new Promise<void>((resolve) => (answer = resolve));
  // No proof at all, so that what is found of it is found at once.
  await page.route('**/records/*/1/proof', async (route) => (await held, route.fulfill({ body: 'no proof' })));
  const asked = page.waitForRequest('**/records/*/1/proof');
  await verifyWith(page, await keysOf('RU'));
  const request = await asked;
  await page.locator('input[type="number"]').fill('2');
  await page.locator('form.row button[type="submit"]').click();
  await expect(page.locator('a[download$="-2.tlog-proof"]')).toBeVisible();
  const told = await page.evaluateHandle(() => {
    const verdicts: string[] = [];
    const look = (): void => {
      const verdict = document.querySelector('[data-test="record"] [data-verdict]')?.getAttribute('data-verdict');
      if (verdict && verdicts.at(-1) !== verdict) verdicts.push(verdict);
    };
    new MutationObserver(look).observe(document.body, { subtree: true, childList: true, attributes: true });
    return verdicts;
  });
  answer();
  await request.response();
  // What is asked of this record is found after what was asked of the other before.
  await page.locator('[data-test="verify-record"]').click();
  await expect(page.locator('[data-test="record"] [data-verdict="ok"]')).toBeVisible();
  expect(await told.jsonValue()).toEqual(['ok']);
});

test('news of a ledger take no finding away', async ({ sit }) => {
  const keys = await keysOf('RU');
  const { page } = await sit('US', 'auditor', { room: 'proof' });
  await openRecord(page);
  await verifyWith(page, keys);
  await expect(page.locator('[data-test="record"] [data-verdict="ok"]')).toBeVisible();
  await page.locator('[data-test="verify-head"]').click();
  const head = page.locator('[data-test="head"]');
  await expect(head.locator('[data-verdict="signed"]')).toBeVisible();
  await page.route('**/api/v1/ledgers', async (route) => {
    const response = await route.fetch();
    const ledgers = (await response.json()) as { size: number }[];
    await route.fulfill({ response, json: ledgers.map((one) => ({ ...one, size: 987_654 })) });
  });
  await expect(page.locator(`tr[data-key="${nodeOf('RU').origin}"]`)).toContainText('987,654');
  // They are there still, not again.
  expect(await head.locator('[data-verdict="signed"]').isVisible()).toBe(true);
  expect(await page.locator('[data-test="record"] [data-verdict="ok"]').isVisible()).toBe(true);
});

test('a ledger’s checkpoint is verified, and has to continue what was verified here before', async ({ sit }) => {
  const keys = await keysOf('RU');
  const { page } = await sit('US', 'auditor', { room: 'proof' });
  const origin = nodeOf('RU').origin;
  await page.locator(`tr[data-key="${origin}"]`).click();
  const head = page.locator('[data-test="head"]');
  await verifyWith(page, await keysOf('US'), 'head');
  await expect(head).toContainText('none of your keys');
  await verifyWith(page, keys, 'head');
  await expect(head).toContainText('its owner signed this checkpoint');
  await expect(head.locator('[data-history="first"]')).toBeVisible();
  const held = async (): Promise<number> => (await read<{ origin: string; size: number }[]>('US', 'auditor', '/api/v1/ledgers')).find((one) => one.origin === origin)?.size ?? 0;
  const before = await held();
  const position = { latitude_deg: 36.4, longitude_deg: 38.3 };
  const body = { at: new Date((await clockOf('RU')) - 60_000).toISOString(), time_precision: 'minute', means: 'radar', source: 'A radar', text: 'A crossing', place: { position, precision: 'exact' }, evidence: [] };
  expect((await submit('RU', 'watch_officer', { kind: 'observation_recorded', subject: 'proof-obs', body })).status).toBe(201);
  await expect.poll(held).toBeGreaterThan(before);
  await verifyWith(page, keys, 'head');
  await expect(head.locator(expectedChecker() === 'script' ? '[data-history="unchecked"]' : '[data-history="continues"]')).toBeVisible();
  await expect(head).toContainText('Then: ');
});

test('a ledger whose owner signed two histories is found out in the page, with a proof for everybody', async ({ sit }) => {
  const { page } = await sit('US', 'auditor', { room: 'proof' });
  // A node that serves the golden ledger, to somebody who verified another history of it before.
  const origin = 'alpha.example/agreement-7';
  const fork = Buffer.from(golden('fork')).toString();
  const [, length, notes] = /\nfirst (\d+)\n([\s\S]*)$/.exec(fork) ?? [];
  const note = Buffer.from(notes ?? '').subarray(0, Number(length)).toString('base64');
  await page.route('**/api/v1/ledgers', async (route) => {
    const response = await route.fetch();
    const shown = { origin, holder: 'RU', size: 260, root: null, presence: 'normal', heard_at: null, cosigned: [] };
    await route.fulfill({ response, json: [...((await response.json()) as unknown[]), shown] });
  });
  await page.route(`**/api/v1/ledgers/${encodeURIComponent(origin)}/**`, (route) => route.fulfill({ body: Buffer.from(golden(decodeURIComponent(route.request().url()).split(`${origin}/`)[1] ?? '')) }));
  const name = personOf('US', 'auditor').name;
  await page.evaluate(([key, seen]) => localStorage.setItem(key ?? '', seen ?? ''), [`detente.seen/US/${name}/${origin}`, JSON.stringify({ note, size: 100, at: 1_473_696_000_000 })]);
  await page.locator(`tr[data-key="${origin}"]`).click();
  await verifyWith(page, Buffer.from(golden('policy')).toString(), 'head');
  const head = page.locator('[data-test="head"]');
  await expect(head).toContainText('its owner signed this checkpoint');
  if (expectedChecker() === 'script') {
    await expect(head.locator('[data-history="unchecked"]')).toBeVisible();
    return;
  }
  await expect(head.locator('[data-history="fork"]')).toContainText('signed two histories');
  const [proof] = await Promise.all([page.waitForEvent('download'), head.getByRole('button', { name: 'Proof of two histories' }).click()]);
  expect(readFileSync((await proof.path()) ?? '')).toEqual(Buffer.from(golden('fork')));
});

for (const [language, refused, checkedBy] of [
  ['en', 'the entry is not in the ledger it is said to be in', { ledger: 'by the ledger crate (WebAssembly)', script: 'by its own script' }],
  ['ru', 'записи нет в журнале', { ledger: 'крейтом ledger (WebAssembly)', script: 'собственным скриптом' }],
  ['ar', 'القيد ليس في السجل المذكور', { ledger: 'بوحدة ledger نفسها (WebAssembly)', script: 'بنصها البرمجي' }],
] as const) {
  test(`what was tampered with is refused with the reason, and who checked is named, in ${language}`, async ({ sit }) => {
    const keys = await keysOf('RU');
    const { page } = await sit('US', 'auditor', { room: 'proof', language });
    await openRecord(page);
    await tamper(page);
    await verifyWith(page, keys);
    const verdict = page.locator('[data-test="record"]');
    await expect(verdict).toContainText(refused);
    await expect(verdict).toContainText(checkedBy[expectedChecker() ?? 'ledger']);
    const { violations } = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']).analyze();
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ').slice(0, 400)}`)).toEqual([]);
  });
}

test('a browser that is not given the module checks with the page’s own script, and says so', async ({ sit }) => {
  const keys = await keysOf('RU');
  const { page } = await sit('US', 'auditor', { room: 'proof' });
  await page.route('**/*.wasm', (route) => route.fulfill({ status: 404 }));
  await openRecord(page);
  await verifyWith(page, keys);
  await expect(page.locator('.verdict')).toContainText('Verified here');
  await expect(page.locator('[data-checked-by="script"]')).toContainText('by its own script');
});

test('the module of the node and the page’s own script find the same in the golden files, every byte changed in turn', async ({ sit }) => {
  // A test of its own length: two thousand checks, each twice.
  test.setTimeout(600_000);
  const keys = await keysOf('RU');
  const { page, node } = await sit('US', 'auditor', { room: 'proof' });
  const modules: string[] = [];
  page.on('response', (response) => response.url().endsWith('.wasm') && modules.push(response.url()));
  await openRecord(page);
  await verifyWith(page, keys);
  const by = await page.locator('[data-checked-by]').getAttribute('data-checked-by');
  expect(by).toBe(expectedChecker() ?? by);
  if (by === 'script') {
    expect(modules, 'nothing asks for a module that was not built').toEqual([]);
    return;
  }
  expect(modules).toHaveLength(1);
  expect(modules[0]?.startsWith(`${node.url}/assets/verifier-`)).toBe(true);
  const response = await fetch(modules[0] ?? '');
  expect(response.headers.get('content-type')).toBe('application/wasm');
  expect(response.headers.get('cache-control')).toContain('immutable');
  const module = await WebAssembly.compile(await response.arrayBuffer());
  expect(WebAssembly.Module.imports(module), 'it reads no clock, no chance and no network').toEqual([]);

  const sound = { evidence: golden('entry-257.tlog-proof'), bundle: golden('tile/entries/001.p/4'), policy: golden('policy'), checkpoint: golden('checkpoint') };
  const of = { origin: 'alpha.example/agreement-7', index: 257 };
  const entry = Buffer.from(sound.bundle).indexOf(golden('entry-257'));
  const crate = ledger(module);
  const findings = async ({ evidence, bundle, policy, checkpoint }: typeof sound) => {
    const keys = new TextDecoder().decode(policy);
    const ask = async (checker: typeof crate) => ({ keys: await checker.areKeys(keys), place: await checker.bundle(evidence), record: await checker.verify(evidence, bundle, keys, of), head: await checker.head(checkpoint, keys, of.origin) });
    return { crate: await ask(crate), script: await ask(script) };
  };
  const first = await findings(sound);
  expect(first.crate).toEqual(first.script);
  const cosigned = [{ name: 'bravo.example/witness', at: 1_473_696_000 }];
  expect(first.crate.record).toEqual({ is: 'ok', size: 260, cosigned, entry: Buffer.from(golden('entry-257')).toString('base64') });
  expect(first.crate.head).toMatchObject({ is: 'signed', size: 260, cosigned });
  const wrong: string[] = [];
  for (const name of ['evidence', 'bundle', 'policy', 'checkpoint'] as const) {
    for (let place = 0; place < sound[name].length; place += 1) {
      const { crate, script } = await findings({ ...sound, [name]: sound[name].map((byte, at) => (at === place ? byte ^ 1 : byte)) });
      if (JSON.stringify(crate) !== JSON.stringify(script)) wrong.push(`byte ${place} of the ${name}: ${JSON.stringify(crate)}, but ${JSON.stringify(script)}`);
      const counts = name === 'evidence' || (name === 'bundle' && place >= entry && place < entry + golden('entry-257').length);
      if (counts && crate.record.is === 'ok') wrong.push(`byte ${place} of the ${name} can be another`);
      if (name === 'checkpoint' && crate.head.is === 'signed') wrong.push(`byte ${place} of the checkpoint can be another`);
    }
  }
  expect(wrong).toEqual([]);
});
