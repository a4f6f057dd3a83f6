import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Batches } from './batches';

describe('batches', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());
  const passed: number[][] = [];
  beforeEach(() => void passed.splice(0));
  const made = (): Batches<number> => new Batches(100, (items) => passed.push([...items]));

  it('pass the first at once, what follows together, and nothing when nothing came', () => {
    const batches = made();
    batches.add([1]);
    expect(passed).toEqual([[1]]);
    batches.add([2]);
    batches.add([3, 4]);
    expect(passed).toEqual([[1]]);
    vi.advanceTimersByTime(100);
    expect(passed).toEqual([[1], [2, 3, 4]]);
    vi.advanceTimersByTime(1_000);
    expect(passed).toHaveLength(2);
    batches.add([5]);
    expect(passed).toEqual([[1], [2, 3, 4], [5]]);
  });
  it('keep their pace and lose nothing, however much comes', () => {
    const batches = made();
    for (let item = 0; item < 1_000; item += 1) {
      batches.add([item]);
      vi.advanceTimersByTime(1);
    }
    vi.advanceTimersByTime(100);
    expect(passed.length).toBe(11);
    expect(passed.flat()).toEqual(Array.from({ length: 1_000 }, (_, item) => item));
  });
  it('that are cleared pass on nothing any more, and begin anew', () => {
    const batches = made();
    batches.add([1]);
    batches.add([2]);
    batches.clear();
    vi.advanceTimersByTime(1_000);
    batches.add([3]);
    expect(passed).toEqual([[1], [3]]);
  });
});
