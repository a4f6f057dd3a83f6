import { describe, expect, it } from 'vitest';
import { follow } from './follow';

/** A node that answers when it is told to, and news that come when they are told. */
function desk() {
  const asked: { signal: AbortSignal; answer: (text: string) => void; fail: (problem: Error) => void }[] = [];
  const heard: string[] = [];
  const failed: unknown[] = [];
  const readers = new Set<() => void>();
  const following = follow(
    (signal) => new Promise<string>((answer, fail) => asked.push({ signal, answer, fail })),
    (text) => heard.push(text),
    (problem) => failed.push(problem),
    (ask) => (readers.add(ask), () => void readers.delete(ask)),
  );
  const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  return { asked, heard, failed, readers, following, settled, tell: () => readers.forEach((ask) => ask()) };
}

describe('a question that is followed', () => {
  it('is asked at once and again with news', async () => {
    const { asked, heard, settled, tell } = desk();
    asked[0]?.answer('one');
    await settled();
    tell();
    asked[1]?.answer('two');
    await settled();
    expect(heard).toEqual(['one', 'two']);
    expect(asked).toHaveLength(2);
  });
  it('is answered while news never end, one question at a time', async () => {
    const { asked, heard, settled, tell } = desk();
    for (let round = 0; round < 5; round += 1) {
      for (let news = 0; news < 10; news += 1) tell();
      expect(asked).toHaveLength(round + 1);
      expect(asked[round]?.signal.aborted).toBe(false);
      asked[round]?.answer(String(round));
      await settled();
    }
    expect(heard).toEqual(['0', '1', '2', '3', '4']);
  });
  it('is given up when it is not wanted any more: neither answers nor problems are heard', async () => {
    for (const end of ['answer', 'fail'] as const) {
      const { asked, heard, failed, readers, following, settled, tell } = desk();
      tell();
      following.stop();
      expect(asked[0]?.signal.aborted).toBe(true);
      expect(readers.size).toBe(0);
      asked[0]?.[end]('late' as never);
      await settled();
      following.again();
      expect([heard, failed, asked.length]).toEqual([[], [], 1]);
    }
  });
  it('tells a problem, and is asked again after it', async () => {
    const { asked, heard, failed, following, settled } = desk();
    asked[0]?.fail(new Error('out of reach'));
    await settled();
    following.again();
    asked[1]?.answer('there');
    await settled();
    expect([failed.length, heard]).toEqual([1, ['there']]);
  });
});
