import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const web = new URL('../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, web), 'utf8');

/** Licences of fonts and of tools that never reach a user, beside those that deny.toml allows. */
const BESIDE = ['OFL-1.1', 'MPL-2.0', 'BlueOak-1.0.0', 'Python-2.0', 'CC-BY-4.0', 'MIT-0'];

describe('the packages of the console', () => {
  const allowed = [...(/allow = \[([^\]]*)\]/.exec(read('../deny.toml'))?.[1] ?? '').matchAll(/"([^"]+)"/g)].map(([, name]) => name as string);
  const lock = JSON.parse(read('package-lock.json')) as { packages: Record<string, { license?: string; version?: string; resolved?: string; dev?: boolean }> };
  const packages = Object.entries(lock.packages).filter(([path]) => path !== '');

  it('are under licences that are allowed', () => {
    expect(allowed.length).toBeGreaterThan(3);
    const permitted = (expression: string): boolean => expression.replace(/[()]/g, '').split(/ OR /).some((one) => one.split(/ AND /).every((name) => [...allowed, ...BESIDE].includes(name.trim())));
    expect(packages.filter(([, { license }]) => !permitted(license ?? '')).map(([path, { license }]) => `${path}: ${license}`)).toEqual([]);
  });

  it('are pinned: package.json names versions, not ranges', () => {
    const { dependencies, devDependencies } = JSON.parse(read('package.json')) as { dependencies: Record<string, string>; devDependencies: Record<string, string> };
    for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies })) expect(version, name).toMatch(/^\d+\.\d+\.\d+$/);
  });
});
