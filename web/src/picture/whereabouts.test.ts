import { describe, expect, it } from 'vitest';
import { readView, writeView } from './whereabouts';

describe('where a map looks', () => {
  it('is read as it was written', () => {
    const text = writeView({ center: [37.15504, 36.2], zoom: 8.3 });
    expect(text).toBe('37.1550,36.2000,8.30');
    expect(readView(text)).toEqual({ center: [37.155, 36.2], zoom: 8.3 });
    expect(readView('-179.9,-89,0')).toEqual({ center: [-179.9, -89], zoom: 0 });
  });

  it('is nowhere when the address says no place', () => {
    for (const text of [null, '', '1,2', '1,2,3,4', '1,91,3', '1,2,25', '1,2,-1', 'a,2,3', ',,', '1,,3', 'Infinity,2,3']) expect(readView(text), String(text)).toBeNull();
  });
});
