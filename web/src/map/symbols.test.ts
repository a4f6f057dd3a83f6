import { describe, expect, it } from 'vitest';
import ms from 'milsymbol';
import { codeOf } from './symbols';

describe('symbols of APP-6', () => {
  it.each(['strike', 'reconnaissance', 'transit', 'airlift', 'medevac', 'search_and_rescue', 'something else'])('has a valid neutral one for %s', (activity) => {
    for (const isPlanned of [false, true]) {
      const code = codeOf(activity, isPlanned);
      expect(code).toMatch(/^1004\d{16}$/);
      expect(new ms.Symbol(code).isValid()).toBe(true);
    }
  });
});
