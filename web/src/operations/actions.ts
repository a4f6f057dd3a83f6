/** What somebody can do about an operation: by its state, the side, and the roles held. The node decides; this only offers. */
import type { Schemas } from '../api/client';

export const ACTIONS = ['consent', 'conditions', 'acceptConditions', 'object', 'activate', 'endNow', 'revise', 'cancel', 'stop'] as const;
export type Action = (typeof ACTIONS)[number];
type Role = Schemas['Role'];

interface Rule {
  /** The kind of act; none for a revision, which is composed. */
  kind: string | null;
  states: readonly string[];
  roles: readonly Role[];
  /** Whether the proposer does it, the others, or anybody. */
  side: 'own' | 'other' | 'any';
}

const OPEN = ['proposed', 'conditions_open', 'recheck_required'];
export const RULES: Record<Action, Rule> = {
  consent: { kind: 'operation_consented', states: [...OPEN, 'recheck_in_flight'], roles: ['consenter'], side: 'other' },
  conditions: { kind: 'operation_consented_with_conditions', states: OPEN, roles: ['consenter'], side: 'other' },
  acceptConditions: { kind: 'operation_conditions_accepted', states: ['conditions_open'], roles: ['planner'], side: 'own' },
  object: { kind: 'operation_objected', states: [...OPEN, 'consented'], roles: ['consenter'], side: 'other' },
  activate: { kind: 'operation_activated', states: ['consented'], roles: ['watch_officer'], side: 'own' },
  endNow: { kind: 'operation_ended', states: ['active', 'nonconforming', 'contingent', 'recheck_in_flight', 'stopped_in_flight'], roles: ['watch_officer'], side: 'own' },
  revise: { kind: null, states: [...OPEN, 'objected', 'consented', 'stopped'], roles: ['planner'], side: 'own' },
  cancel: { kind: 'operation_cancelled', states: [...OPEN, 'objected', 'consented', 'stopped'], roles: ['planner'], side: 'own' },
  stop: { kind: 'operation_stopped', states: [...OPEN, 'objected', 'consented', 'active', 'nonconforming', 'contingent', 'recheck_in_flight'], roles: ['watch_officer', 'consenter', 'planner'], side: 'any' },
};

/** The actions to offer, each with the role it is done in. */
export function offered(operation: Pick<Schemas['OperationView'], 'matter' | 'proposed_by' | 'answerable'>, who: { participant: string; roles: readonly Role[] }): { action: Action; role: Role }[] {
  const isOwn = operation.proposed_by === who.participant || operation.answerable === who.participant;
  return ACTIONS.flatMap((action) => {
    const rule = RULES[action];
    const role = rule.roles.find((wanted) => who.roles.includes(wanted));
    const fits = rule.side === 'any' || (rule.side === 'own') === isOwn;
    return role && fits && rule.states.includes(operation.matter.state) ? [{ action, role }] : [];
  });
}

/** What is asked for before the action is done. */
export function needs(action: Action): 'reason' | 'conditions' | 'confirmation' | null {
  if (action === 'object') return 'reason';
  if (action === 'conditions') return 'conditions';
  return action === 'consent' || action === 'stop' || action === 'cancel' ? 'confirmation' : null;
}

/** The groups of the board, in the order of attention, and the states of each. */
export const GROUPS = {
  waiting: ['proposed', 'conditions_open'],
  held: ['recheck_required', 'recheck_in_flight', 'objected', 'nonconforming', 'contingent', 'stopped', 'stopped_in_flight'],
  ready: ['consented', 'noticed'],
  flying: ['active'],
  account: ['ended', 'close_out_overdue', 'closed_out'],
  over: [],
} as const satisfies Record<string, readonly string[]>;
export type Group = keyof typeof GROUPS;

export function groupOf(state: string): Group {
  for (const [group, states] of Object.entries(GROUPS)) if ((states as readonly string[]).includes(state)) return group as Group;
  return 'over';
}
