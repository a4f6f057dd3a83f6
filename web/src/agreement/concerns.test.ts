import { describe, expect, it } from 'vitest';
import { rows, steps } from './concerns';

const concern = (id: string, blocks: boolean) => ({ id, blocks, state: 'raised', holder: 'RU' }) as never;
const proof = (id: string, result: string) => ({ id, result }) as never;

describe('concerns', () => {
  it('are joined with their proofs, those that hold back signing first', () => {
    const joined = rows([concern('b', false), concern('z', true)], [proof('a', 'proved'), proof('b', 'refuted'), proof('z', 'proved')]);
    expect(joined.map(({ id }) => id)).toEqual(['z', 'b', 'a']);
    expect(joined[1]?.said).not.toBeNull();
    expect(joined[2]?.said).toBeNull();
  });
  it('are answered by whoever gives a word, and accepted by whoever raised them', () => {
    const offered = (participant: string, roles: string[], state: string) => steps({ state, holder: 'RU' }, { participant, roles: roles as never }).map(({ step }) => step.kind);
    expect(offered('US', ['consenter'], 'raised')).toEqual(['concern_answered', 'concern_assigned']);
    expect(offered('RU', ['inquiry'], 'answered')).toEqual(['concern_accepted', 'concern_maintained', 'concern_withdrawn']);
    expect(offered('US', ['planner'], 'answered')).toEqual([]);
    expect(offered('RU', ['consenter'], 'accepted')).toEqual([]);
  });
});
