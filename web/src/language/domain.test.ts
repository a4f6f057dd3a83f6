import { describe, expect, it } from 'vitest';
import { language, LANGUAGES } from './language.svelte';
import { word } from './domain';
import acts from '../../../crates/records/testdata/acts.json';
import workflows from '../../../docs/reference/workflows.json';

/** The kinds of act: each has a sample. */
const kinds = Object.keys(acts);

describe('words of the domain', () => {
  it.each(LANGUAGES.filter((tag) => tag !== 'en'))('has every workflow, every state and every kind of act in %s', (tag) => {
    language.current = tag;
    const names = [...workflows.machines.flatMap(({ name, states }) => [name, ...states.map((state) => state.name)]), ...kinds];
    expect(names.length).toBeGreaterThan(200);
    expect(names.filter((name) => /[a-z]/.test(word(name)))).toEqual([]);
    language.current = 'en';
  });

  it('shows what it does not know as the record has it', () => {
    expect(word('never_heard_of')).toBe('never heard of');
  });
});
