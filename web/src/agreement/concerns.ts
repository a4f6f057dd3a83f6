/** Concerns as the room shows them: what the ledgers say of each, beside what became of its property. */
import type { Schemas } from '../api/client';
import type { Tone } from '../parts/tone';

type Role = Schemas['Role'];

export interface Row {
  id: string;
  /** None where it only comes with the text. */
  said: Schemas['ConcernView'] | null;
  /** None until the articles are analysed. */
  proof: Schemas['ConcernProofView'] | null;
}

/** Joins both by id: those that hold back signing first, then those refuted or undecided, then those on record, then by id. */
export function rows(said: readonly Schemas['ConcernView'][], proofs: readonly Schemas['ConcernProofView'][]): Row[] {
  const found = new Map<string, Row>();
  for (const one of said) found.set(one.id, { id: one.id, said: one, proof: null });
  for (const one of proofs) found.set(one.id, { ...(found.get(one.id) ?? { id: one.id, said: null }), proof: one });
  const weight = (row: Row): number => (row.said?.blocks ? 0 : row.proof?.result === 'refuted' ? 1 : row.proof?.result === 'unknown' ? 2 : row.said ? 3 : 4);
  return [...found.values()].sort((a, b) => weight(a) - weight(b) || a.id.localeCompare(b.id));
}

export const RESULT_TONES: Record<string, Tone> = { proved: 'good', refuted: 'bad', unknown: 'warn', not_stated: 'calm' };

/** A step of the workflow, with the member of its body that has to be written. */
export interface Step {
  kind: string;
  asks: 'office' | 'text' | 'reason' | null;
  isOptional?: boolean;
  states: readonly string[];
  /** Whether it is for whoever raised it; else it gives a participant's word. */
  isOwner: boolean;
}

const OPEN = ['raised', 'assigned', 'overdue', 'answered', 'maintained'] as const;
const STEPS: readonly Step[] = [
  { kind: 'concern_answered', asks: 'text', states: OPEN, isOwner: false },
  { kind: 'concern_assigned', asks: 'office', states: ['raised', 'assigned', 'overdue', 'maintained'], isOwner: false },
  { kind: 'concern_accepted', asks: null, states: ['answered', 'maintained'], isOwner: true },
  { kind: 'concern_maintained', asks: 'reason', states: ['answered'], isOwner: true },
  { kind: 'concern_withdrawn', asks: 'reason', isOptional: true, states: OPEN, isOwner: true },
];
/** Roles in which a concern is raised and kept. */
export const KEEPERS = ['consenter', 'planner', 'release_officer', 'inquiry'] as const;

/** The steps to offer, each with the role it is done in; the node decides. */
export function steps(concern: Pick<Schemas['ConcernView'], 'state' | 'holder'>, who: { participant: string; roles: readonly Role[] }): { step: Step; role: Role }[] {
  return STEPS.flatMap((step) => {
    const roles: readonly Role[] = step.isOwner ? KEEPERS : ['consenter'];
    const role = roles.find((wanted) => who.roles.includes(wanted));
    const fits = step.states.includes(concern.state) && (!step.isOwner || concern.holder === who.participant);
    return role && fits ? [{ step, role }] : [];
  });
}
