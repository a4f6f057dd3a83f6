import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { bodyOf, missing, priorityOf, STEPS, steps } from './calls';

interface Workflow {
  name: string;
  transitions: { act: string; from: string[] }[];
}

describe('steps of a call', () => {
  it('are offered in the states that the workflow knows for them, and no others', () => {
    const tables = JSON.parse(readFileSync(new URL('../../../docs/reference/workflows.json', import.meta.url), 'utf8')) as unknown;
    const found = JSON.stringify(tables);
    for (const step of STEPS) expect(found, step.kind).toContain(`"${step.kind}"`);
    const list = (Array.isArray(tables) ? tables : (tables as { machines: unknown[] }).machines) as Workflow[];
    const call = list.find((one) => one.name === 'call');
    if (!call) throw new Error('no workflow of calls');
    for (const step of STEPS) {
      const from = call.transitions.filter(({ act }) => act === step.kind).flatMap((one) => one.from);
      const offered = STEPS.filter(({ kind }) => kind === step.kind).flatMap(({ states }) => states);
      expect(offered.sort(), step.kind).toEqual([...new Set(from)].sort());
    }
  });

  it('let the caller leave a side that has fallen silent, and a stop that was passed on be confirmed at once', () => {
    const kinds = (state: string, who: string, ...said: string[]): string[] => steps(state, 'RU', 'US', who, said.map((kind) => ({ kind }))).map((step) => step.kind);
    expect(kinds('content_taken', 'RU')).toEqual(['call_escalated', 'call_closed', 'call_message']);
    expect(kinds('content_taken', 'US')).toEqual(['read_back', 'call_message']);
    expect(kinds('escalated', 'US', 'content_taken', 'passed_on')).toContain('action_confirmed');
    expect(kinds('escalated', 'US', 'passed_on', 'content_taken')).not.toContain('action_confirmed');
  });

  it('belong to a side, and to nobody else', () => {
    const kinds = (who: string): string[] => steps('ringing', 'RU', 'US', who).map((step) => step.kind);
    expect(kinds('US')).toEqual(['call_answered', 'call_escalated', 'call_closed', 'call_message']);
    expect(kinds('RU')).toEqual(['call_unanswered', 'call_escalated', 'call_closed', 'call_message']);
    expect(kinds('UN')).toEqual([]);
  });

  it('ask for what the act requires', () => {
    const taken = STEPS.find((step) => step.kind === 'content_taken');
    const done = STEPS.find((step) => step.kind === 'action_confirmed');
    if (!taken || !done) throw new Error('a step is missing');
    expect(missing(taken, { text: ' ' })).toEqual(['text']);
    expect(bodyOf(taken, { text: ' Stop ', about: '' })).toEqual({ text: 'Stop' });
    expect(bodyOf(done, { done: 'Stopped' })).toEqual({ text: 'Stopped' });
  });

  it('are routine until the caller says otherwise', () => {
    expect(priorityOf([])).toBe('routine');
    expect(priorityOf([{ kind: 'priority_declared', body: { priority: 'stop' } }])).toBe('stop');
  });
});
