/** Starts a `detente demo` for each worker of the tests, and ends them after the tests. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { FullConfig } from '@playwright/test';

/** The scenario is told in seconds; a loaded machine takes longer. */
const PATIENCE_MS = 240_000;

export default async function start({ workers }: FullConfig): Promise<(() => Promise<void>) | void> {
  // A demonstration that runs already may be named, for working on the tests.
  if (process.env['DETENTE_DEMO']) return;
  const binary = process.env['DETENTE_BIN'] ?? join(import.meta.dirname, '../../../target/release/detente');
  if (!existsSync(binary)) throw new Error(`there is no ${binary}: build it with \`cargo build --release -p detente-cli\`, or name one in DETENTE_BIN`);
  const demos = await Promise.all(Array.from({ length: workers }, () => open(binary)));
  process.env['DETENTE_DEMO'] = demos.map(({ directory }) => directory).join(delimiter);
  return async () => {
    await Promise.all(demos.map(({ end }) => end()));
  };
}

/** One demonstration, once its story is told. */
async function open(binary: string): Promise<{ directory: string; end: () => Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), 'detente-console-'));
  const demo = spawn(binary, ['demo', '--keep', join(folder, 'nodes')], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  demo.stderr.on('data', (text) => (said += text));
  const directory = join(folder, 'nodes', 'demo.json');
  await new Promise<void>((resolve, reject) => {
    const limit = setTimeout(() => finish(() => reject(new Error(`the demonstration is not ready: ${said}`))), PATIENCE_MS);
    const look = setInterval(() => existsSync(directory) && finish(resolve), 100);
    const finish = (how: () => void): void => (clearTimeout(limit), clearInterval(look), how());
    demo.once('exit', (code) => finish(() => reject(new Error(`the demonstration ended with ${code}: ${said}`))));
  });
  return {
    directory,
    end: async () => {
      demo.removeAllListeners('exit');
      const ended = new Promise((resolve) => demo.once('exit', resolve));
      demo.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
