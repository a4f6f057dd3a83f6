import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { LANGUAGES, language } from './language.svelte';
import { reasonWords } from './reasons';

/** The wire names of every kind of finding, from where the judge has them. */
function kinds(): string[] {
  const read = (path: string): string => readFileSync(new URL(`../../../crates/${path}`, import.meta.url), 'utf8');
  const of = read('agreement/src/finding.rs').split('pub fn wire_name')[2] ?? read('agreement/src/finding.rs').split('pub fn wire_name')[1] ?? '';
  const areas = read('records/src/area.rs').split('impl AreaRecordKind')[1] ?? '';
  const names = [...of.matchAll(/=> "([a-z_]+)"/g), ...(areas.split('];')[0] ?? '').matchAll(/\("([a-z_]+)"/g)].map(([, name]) => name ?? '');
  return names;
}

describe('what the judge found', () => {
  afterEach(() => void (language.current = 'en'));

  it('has a sentence for every kind in every language, and keeps the judge’s own', () => {
    expect(kinds().length).toBeGreaterThan(15);
    for (const one of LANGUAGES) {
      language.current = one;
      for (const kind of kinds()) {
        for (const effect of ['forbid', 'consent', 'warn']) {
          const { words, own } = reasonWords({ kind, effect, message: 'in the judge’s words' });
          expect(own, `${kind} in ${one}`).toBe(one === 'en' ? null : 'in the judge’s words');
          expect(words).toMatch(one === 'en' ? /^in the judge/ : one === 'ru' ? /[а-я]/ : /[\u0621-\u064a]/);
        }
      }
    }
  });

  it('is the judge’s own sentence for a kind that a newer node has', () => {
    language.current = 'ru';
    expect(reasonWords({ kind: 'weather', effect: 'warn', message: 'fog' })).toEqual({ words: 'fog', own: null });
  });
});
