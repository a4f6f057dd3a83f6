import { describe, expect, it } from 'vitest';
import workflows from '../../../docs/reference/workflows.json';
import { groupOf, offered, RULES } from './actions';

const machine = workflows.machines.find(({ name }) => name === 'operation');
const view = (state: string) => ({ matter: { state } as never, proposed_by: 'US', answerable: 'US' });

describe('what is offered', () => {
  it.each(Object.entries(RULES).filter(([, { kind }]) => kind !== null))('%s is offered only where the workflow has it', (_, { kind, states }) => {
    const text = JSON.stringify(machine);
    expect(text).toContain(`"${kind}"`);
    for (const state of states) expect(machine?.states.map(({ name }) => name)).toContain(state);
  });
  it('lets the other side consent and object, and the proposer revise', () => {
    const actions = (participant: string, ...roles: never[]) => offered(view('proposed'), { participant, roles }).map(({ action }) => action);
    expect(actions('RU', 'consenter' as never)).toEqual(['consent', 'conditions', 'object', 'stop']);
    expect(actions('US', 'consenter' as never)).toEqual(['stop']);
    expect(actions('US', 'planner' as never)).toEqual(['revise', 'cancel', 'stop']);
    expect(actions('RU', 'auditor' as never)).toEqual([]);
  });
  it('puts every state of the workflow on the board', () => {
    for (const { name } of machine?.states ?? []) expect(groupOf(name)).toBeTruthy();
    expect(groupOf('recheck_required')).toBe('held');
  });
});
