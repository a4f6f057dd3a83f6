import base from './playwright.config';

/** Measuring is no test: it has a configuration of its own and asserts no speed. */
export default { ...base, testDir: './tests/bench', testMatch: '*.bench.ts', globalSetup: './tests/e2e/demo.setup.ts', timeout: 300_000 };
