import { describe, expect, it } from 'vitest';
import { ledger } from './checker';
import { toBase64 } from './trust';
import { ask, BrokeOff } from './verifier';

/** A module with the verifier's exports whose answer is what `body` does; written by hand, because the real one does not break off. */
function moduleOf(place: number, body: number[]): WebAssembly.Module {
  const section = (id: number, bytes: number[]): number[] => [id, bytes.length, ...bytes];
  const text = (word: string): number[] => [word.length, ...Buffer.from(word)];
  const code = (bytes: number[]): number[] => [bytes.length + 2, 0, ...bytes, 0x0b];
  const exported = [['memory', 2, 0], ['detente_question', 0, 0], ['detente_answer', 0, 1], ['detente_answer_length', 0, 2]] as const;
  return new WebAssembly.Module(
    Uint8Array.from([
      ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
      ...section(1, [2, 0x60, 1, 0x7f, 1, 0x7f, 0x60, 0, 1, 0x7f]),
      ...section(3, [3, 0, 1, 1]),
      ...section(5, [1, 0, 1]),
      ...section(7, [4, ...exported.flatMap(([name, kind, at]) => [...text(name), kind, at])]),
      ...section(10, [3, ...code([0x41, place]), ...code(body), ...code([0x41, 0])]),
    ]),
  );
}

const UNREACHABLE = [0x00];
const NOTHING = [0x41, 8];

describe('a module', () => {
  it('that traps, answers nothing or takes no question is told as one that broke off', async () => {
    for (const module of [moduleOf(8, UNREACHABLE), moduleOf(8, NOTHING), moduleOf(0, NOTHING)]) {
      await expect(ask(module, {})).rejects.toBeInstanceOf(BrokeOff);
      const checker = ledger(module);
      const bytes = Uint8Array.of(1);
      expect(await checker.verify(bytes, bytes, '', { origin: '', index: 0 })).toEqual({ is: 'broke_off' });
      expect(await checker.bundle(bytes)).toEqual({ is: 'broke_off' });
      expect(await checker.head(bytes, '', '')).toEqual({ is: 'broke_off' });
      expect(await checker.compare?.(bytes, bytes, '', async () => bytes)).toEqual({ is: 'broke_off' });
    }
  });

  it('is given bytes of any length in base64', () => {
    for (const length of [0, 1, 2, 3, (1 << 14) - 1, (1 << 14) + 1, 100_000]) {
      const bytes = Uint8Array.from({ length }, (_, at) => at & 255);
      expect(toBase64(bytes)).toBe(Buffer.from(bytes).toString('base64'));
    }
  });
});
