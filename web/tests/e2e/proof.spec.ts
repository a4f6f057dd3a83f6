/** A record of another participant, verified in the browser with keys that the reader brings. */
import { expect, nodeOf, read, test } from './desk';

/** The keys that a ledger's first entry announces, as its owner would read them out. */
async function keysOf(holder: string): Promise<string> {
  const origin = encodeURIComponent(nodeOf(holder).origin);
  const first = await read<unknown>('US', 'auditor', `/api/v1/records/${origin}/0`);
  const found = JSON.stringify(first).match(/[^\s"\\+]+\+[0-9a-f]{8}\+[A-Za-z0-9+/]+=*/g);
  return [...new Set(found ?? [])].join('\n');
}

test('a record is shown with who knew it, and verified here with one’s own keys', async ({ sit }) => {
  const keys = { RU: await keysOf('RU'), US: await keysOf('US') };
  expect(keys.RU).toContain(nodeOf('RU').origin);
  const { page } = await sit('US', 'auditor', { room: 'proof' });
  await page.locator(`tr[data-key="${nodeOf('RU').origin}"]`).click();
  await page.getByLabel('Number of the entry').fill('1');
  await page.getByRole('button', { name: 'Show' }).click();
  await expect(page.getByText('Who knew it, by when')).toBeVisible();

  const trusted = page.getByLabel('Keys you trust');
  const verdict = page.getByRole('status').filter({ hasText: 'erified' });
  await trusted.fill(keys.US);
  await page.getByRole('button', { name: 'Verify in this browser' }).click();
  await expect(verdict).toContainText('none of your keys');
  await trusted.fill(keys.RU);
  await page.getByRole('button', { name: 'Verify in this browser' }).click();
  await expect(verdict).toContainText('Verified here');

  // A node that shows something else than what was signed is found out.
  await page.route('**/tile/entries/**', async (route) => {
    const response = await route.fetch();
    const bytes = await response.body();
    bytes[bytes.length - 3] = (bytes[bytes.length - 3] ?? 0) ^ 1;
    const second = bytes.readUInt16BE(0) + 2;
    bytes[second + 20] = (bytes[second + 20] ?? 0) ^ 1;
    await route.fulfill({ response, body: bytes });
  });
  await page.getByRole('button', { name: 'Verify in this browser' }).click();
  await expect(verdict).toContainText('the entry is not in the ledger');
});
