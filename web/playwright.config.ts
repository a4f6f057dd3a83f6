import { delimiter } from 'node:path';
import { defineConfig } from '@playwright/test';

/** Debian's Chromium: Playwright's own browsers come from elsewhere. */
const executablePath = process.env['DETENTE_CHROMIUM'] ?? '/usr/bin/chromium';

export default defineConfig({
  testDir: './tests/e2e',
  outputDir: './test-results',
  globalSetup: './tests/e2e/demo.setup.ts',
  // The tests of a file act on one demonstration, in the order of its story; two files are told at once, each in its own.
  workers: process.env['DETENTE_DEMO']?.split(delimiter).length ?? 2,
  fullyParallel: false,
  forbidOnly: Boolean(process.env['CI']),
  retries: 0,
  // A room in three languages with axe takes a minute on a busy machine.
  timeout: 300_000,
  expect: { timeout: 30_000 },
  reporter: [['list']],
  use: {
    browserName: 'chromium',
    viewport: { width: 1280, height: 800 },
    locale: 'en-GB',
    colorScheme: 'light',
    screenshot: 'only-on-failure',
    trace: 'off',
    launchOptions: {
      executablePath,
      // Containers have no user namespaces for the sandbox; without a graphics processor drawing is done in software.
      args: ['--no-sandbox'],
    },
  },
});
