import { describe, expect, it } from 'vitest';
import { annotation, tokens } from './cedar';

const ARTICLE = '// who\n@id("art-1")\n@consequence("a \\"note\\" \u202E")\npermit (principal, action, resource) when { context.leadTime >= duration("2h") };';

describe('articles as code', () => {
  it('keep every character that is shown, and only make sly ones visible', () => {
    expect(tokens(ARTICLE).map(({ text }) => text).join('')).toBe(ARTICLE.replace('\u202E', '⟦U+202E⟧'));
    expect(tokens('permit').map(({ kind }) => kind)).toEqual(['keyword']);
  });
  it('tell words of the language from texts that hold them', () => {
    expect(tokens('"permit when" // permit').filter(({ kind }) => kind === 'keyword')).toEqual([]);
    expect(tokens(ARTICLE).filter(({ kind }) => kind === 'annotation').map(({ text }) => text)).toEqual(['@id', '@consequence']);
  });
  it('are ended by nothing that is not closed', () => {
    expect(tokens('@title("open').map(({ text }) => text).join('')).toBe('@title("open');
  });
  it('say what follows a breach', () => {
    expect(annotation(ARTICLE, 'consequence')).toBe('a "note" \u202E');
    expect(annotation(ARTICLE, 'title')).toBeNull();
  });
});
