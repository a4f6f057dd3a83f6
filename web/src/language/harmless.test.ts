import { describe, expect, it } from 'vitest';
import { cut, harmless, label, mirrored, withoutRemarks } from './harmless';

describe('texts of others', () => {
  it('shows what is invisible or turns the line around', () => {
    expect(harmless('a\u202Eb\u0000c\u200Bd')).toBe('a⟦U+202E⟧b⟦U+0000⟧c⟦U+200B⟧d');
    expect(harmless('مستشفى')).toBe('مستشفى');
  });
  it('mirrors brackets for the map where text runs from right to left', () => {
    expect(mirrored('العيادة (متخيلة)')).toBe('العيادة )متخيلة(');
    expect(mirrored('Clinic (invented)')).toBe('Clinic (invented)');
  });
  it('cuts between characters', () => {
    expect(cut('😀😀😀', 2)).toEqual({ shown: '😀😀…', rest: 1 });
    expect(label('A'.repeat(10_000)).length).toBeLessThan(70);
  });
});

it('a map leaves remarks in brackets out, and never the whole name', () => {
  expect(withoutRemarks('Hospital H3 (invented), notified late')).toBe('Hospital H3, notified late');
  expect(withoutRemarks('المستشفى H1 (متخيَّل)')).toBe('المستشفى H1');
  expect(withoutRemarks('(invented)')).toBe('(invented)');
});
