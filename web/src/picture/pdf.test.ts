import { describe, expect, it } from 'vitest';
import { pdf } from './pdf';

describe('a sheet', () => {
  it('is a PDF whose table names every object where it is', () => {
    const bytes = pdf(new Uint8Array([0xff, 0xd8, 0xff, 0xd9]), 1280, 800, 'الصورة');
    const text = new TextDecoder('latin1').decode(bytes);
    const start = Number(/startxref\n(\d+)\n%%EOF\n$/.exec(text)?.[1]);
    expect(text.slice(start, start + 4)).toBe('xref');
    const offsets = [...text.slice(start).matchAll(/^(\d{10}) 00000 n $/gm)].map(([, offset]) => Number(offset));
    expect(offsets).toHaveLength(6);
    offsets.forEach((offset, index) => expect(text.slice(offset)).toMatch(new RegExp(`^${index + 1} 0 obj\n`)));
    expect(text).toContain('<FEFF');
  });
});
