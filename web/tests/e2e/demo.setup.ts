/** Starts `detente demo` for the tests, and ends it after them. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The scenario is told in seconds; a loaded machine takes longer. */
const PATIENCE_MS = 240_000;

export default async function start(): Promise<(() => Promise<void>) | void> {
  // A demonstration that runs already may be named, for working on the tests.
  if (process.env['DETENTE_DEMO']) return;
  const binary = process.env['DETENTE_BIN'] ?? join(import.meta.dirname, '../../../target/release/detente');
  if (!existsSync(binary)) throw new Error(`there is no ${binary}: build it with \`cargo build --release -p detente-cli\`, or name one in DETENTE_BIN`);
  const folder = mkdtempSync(join(tmpdir(), 'detente-console-'));
  const demo = spawn(binary, ['demo', '--keep', join(folder, 'nodes')], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  demo.stderr.on('data', (text) => (said += text));
  const directory = join(folder, 'nodes', 'demo.json');
  await new Promise<void>((resolve, reject) => {
    const limit = setTimeout(() => reject(new Error(`the demonstration is not ready: ${said}`)), PATIENCE_MS);
    const look = setInterval(() => existsSync(directory) && finish(resolve), 100);
    const finish = (how: () => void): void => (clearTimeout(limit), clearInterval(look), how());
    demo.once('exit', (code) => finish(() => reject(new Error(`the demonstration ended with ${code}: ${said}`))));
  });
  process.env['DETENTE_DEMO'] = directory;
  JSON.parse(readFileSync(directory, 'utf8'));
  return async () => {
    demo.removeAllListeners('exit');
    const ended = new Promise((resolve) => demo.once('exit', resolve));
    demo.kill('SIGTERM');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
}
