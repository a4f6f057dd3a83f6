import base from './playwright.config';

const browser = (name: string, args: string[]) => ({ name, use: { ...base.use, launchOptions: { ...base.use?.launchOptions, args: ['--no-sandbox', ...args] } } });

/**
 * Measuring is no test: it has a configuration of its own and asserts no speed. Chromium is measured as it comes on a machine
 * without a graphics processor, and made to put its layers together by SwiftShader too, which costs several times as much.
 */
export default {
  ...base,
  testDir: './tests/bench',
  testMatch: '*.bench.ts',
  workers: 1,
  timeout: 300_000,
  projects: [browser('without a graphics processor', []), browser('all by SwiftShader', ['--use-gl=angle', '--use-angle=swiftshader', '--enable-unsafe-swiftshader', '--ignore-gpu-blocklist'])],
};
