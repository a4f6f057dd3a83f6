import { describe, expect, it } from 'vitest';
import { language, LANGUAGES } from './language.svelte';
import { word } from './domain';
import workflows from '../../../docs/reference/workflows.json';

/** Names whose words every language must have: those of the workflows that the console acts in. */
const WORKFLOWS = ['operation', 'protected_object', 'area', 'pause', 'agreement', 'meeting', 'suspension', 'withdrawal'];

describe('words of the domain', () => {
  it.each(LANGUAGES)('has every state of the operation, the object and the area in %s', (tag) => {
    language.current = tag;
    const machines = workflows.machines.filter(({ name }) => WORKFLOWS.includes(name));
    const states = machines.flatMap(({ states }) => states.map(({ name }) => name));
    expect(states.length).toBeGreaterThan(20);
    for (const state of states) {
      if (tag !== 'en') expect(word(state), state).not.toBe(state.replaceAll('_', ' '));
      expect(word(state).length).toBeGreaterThan(0);
    }
    language.current = 'en';
  });

  it('shows what it does not know as the record has it', () => {
    expect(word('never_heard_of')).toBe('never heard of');
  });
});
