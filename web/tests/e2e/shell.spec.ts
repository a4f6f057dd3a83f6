/** Signing in and out, and the line that breaks. */
import { expect, nodeOf, password, personOf, test, watch } from './desk';

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

test('what one user saw is gone when the next one signs in at the same desk', async ({ sit }) => {
  const { page } = await sit('US', 'inquiry', { byHand: true });
  await page.locator('[data-test="list"]').click();
  await expect(page.locator('tr[data-key]').first()).toBeVisible();
  await page.getByRole('button', { name: 'Sign out' }).click();
  // The node has not answered the next one yet.
  let answer = (): void => undefined;
  const held = new Promise<void>((resolve) => (answer = resolve));
  await page.route('**/api/v1/picture/features*', async (route) => (await held, route.continue().catch(() => undefined)));
  const asked = page.waitForRequest('**/api/v1/picture/features*');
  await page.locator('input[autocomplete="username"]').fill(personOf('US', 'watch_officer').name);
  await page.locator('input[type="password"]').fill(password);
  await page.locator('button[type="submit"]').click();
  await asked;
  await page.locator('[data-test="list"]').click();
  expect(await page.locator('tr[data-key]').count()).toBe(0);
  answer();
  await expect(page.locator('tr[data-key]').first()).toBeVisible();
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
