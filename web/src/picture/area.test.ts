import { describe, expect, it } from 'vitest';
import workflows from '../../../docs/reference/workflows.json';
import { AREA_RULES, offeredFor, versionAsked } from './area';

const machine = workflows.machines.find(({ name }) => name === 'area');
const area = (state: string, agreed_by: string[] | null, change_agreed_by: string[] | null = null) => ({ matter: { state } as never, version: 3, agreed_by, change_agreed_by });
const consenter = (participant: string) => ({ participant, roles: ['consenter'] as never[] });

describe('what is offered about an area', () => {
  it.each(Object.entries(AREA_RULES))('%s is offered only where the workflow has it', (_, { kind, states }) => {
    for (const state of states) {
      const steps = machine?.transitions.filter(({ act, from }) => act === kind && from.includes(state));
      expect(steps?.length).toBeGreaterThan(0);
    }
  });
  it('asks for a word only where it is missing', () => {
    expect(offeredFor(area('standing', ['US']), consenter('RU'))).toEqual(['agree', 'end']);
    expect(offeredFor(area('standing', ['US']), consenter('US'))).toEqual(['end']);
    expect(offeredFor(area('standing', null), consenter('RU'))).toEqual(['end']);
    expect(offeredFor(area('loosening_proposed', ['US', 'RU'], ['US']), consenter('RU'))).toEqual(['agree', 'drop']);
    expect(offeredFor(area('end_proposed', null, ['US']), consenter('US'))).toEqual(['drop']);
    expect(offeredFor(area('cancelled', null), consenter('US'))).toEqual([]);
    expect(offeredFor(area('standing', ['US']), { participant: 'RU', roles: ['planner'] as never[] })).toEqual([]);
  });
  it('names the version asked about', () => {
    expect(versionAsked(area('standing', ['US']))).toBe(3);
    expect(versionAsked(area('loosening_proposed', ['US'], ['US']))).toBe(4);
    expect(versionAsked(area('end_proposed', ['US'], ['US']))).toBeNull();
  });
});
