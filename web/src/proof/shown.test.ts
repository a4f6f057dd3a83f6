import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { compareShown } from './shown';
import { toBase64 } from './trust';

describe('what is shown of an entry', () => {
  const bytes = new Uint8Array(readFileSync(new URL('../../../crates/ledger/tests/golden/v1/entry-257', import.meta.url)));
  const shown = { kind: 'report', author: 'alpha.example', written_at: '2016-09-12T04:17:00Z', body: { n: 257 } as unknown };

  it('is the same when every member is', () => {
    expect(compareShown(toBase64(bytes), shown)).toMatchObject({ isSame: true, logged: { author: 'alpha.example' } });
  });

  it('is another when any member is, or one more or one less', () => {
    for (const other of [{ kind: 'act' }, { author: 'bravo.example' }, { written_at: '2016-09-12T04:17:01Z' }, { body: { n: 258 } }, { body: { n: '257' } }, { body: { n: 257, m: 1 } }, { body: {} }, { body: [257] }, { body: null }]) {
      expect(compareShown(toBase64(bytes), { ...shown, ...other })?.isSame, JSON.stringify(other)).toBe(false);
    }
  });

  it('takes numbers as they are printed', () => {
    const entry = (body: unknown) => toBase64(new TextEncoder().encode(JSON.stringify({ ...shown, body })));
    expect(compareShown(entry({ a: [0.1 + 0.2] }), { ...shown, body: { a: [0.3] } })?.isSame).toBe(true);
    expect(compareShown(entry({ a: [35.1000001] }), { ...shown, body: { a: [35.1] } })?.isSame).toBe(false);
  });

  it('is nothing when the record is no entry', () => {
    for (const bytes of [[], [0xff], [0x7b]]) expect(compareShown(toBase64(Uint8Array.from(bytes)), shown)).toBeNull();
  });
});
