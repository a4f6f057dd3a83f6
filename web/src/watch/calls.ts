/** The steps of a liaison call: what each side can do next. The node decides; this only offers. */

export type Side = 'caller' | 'called';

export interface Step {
  kind: string;
  states: readonly string[];
  /** Who does it; none for either. */
  side: Side | null;
  /** What is asked for, in order; `priority` is chosen from a list. */
  asks: readonly ('office' | 'priority' | 'text' | 'reason' | 'to' | 'done' | 'about')[];
  /** What was said about the message taken down last before this can follow. */
  once?: 'passed_on';
}

export const STEPS: readonly Step[] = [
  { kind: 'call_answered', states: ['ringing', 'unanswered', 'escalated'], side: 'called', asks: ['office'] },
  { kind: 'priority_declared', states: ['answered'], side: 'caller', asks: ['priority'] },
  { kind: 'content_taken', states: ['answered', 'priority_declared', 'read_back_wrong'], side: 'called', asks: ['text', 'about'] },
  { kind: 'read_back', states: ['content_taken'], side: 'called', asks: ['text'] },
  { kind: 'read_back_confirmed', states: ['read_back'], side: 'caller', asks: [] },
  { kind: 'read_back_refused', states: ['read_back'], side: 'caller', asks: ['reason'] },
  { kind: 'passed_on', states: ['read_back_confirmed'], side: 'called', asks: ['to'] },
  { kind: 'action_confirmed', states: ['passed_on', 'action_overdue'], side: 'called', asks: ['done'] },
  { kind: 'action_confirmed', states: ['escalated', 'unanswered'], side: 'called', asks: ['done'], once: 'passed_on' },
  { kind: 'call_unanswered', states: ['ringing', 'escalated'], side: 'caller', asks: [] },
  { kind: 'call_escalated', states: ['ringing', 'unanswered', 'escalated', 'action_overdue'], side: null, asks: ['to'] },
  { kind: 'call_escalated', states: ['answered', 'priority_declared', 'content_taken', 'read_back', 'read_back_wrong', 'read_back_confirmed', 'passed_on'], side: 'caller', asks: ['to'] },
  { kind: 'call_closed', states: ['ringing', 'unanswered', 'answered', 'read_back_confirmed', 'action_confirmed'], side: null, asks: [] },
  { kind: 'call_closed', states: ['escalated', 'priority_declared', 'content_taken', 'read_back', 'read_back_wrong', 'passed_on', 'action_overdue'], side: 'caller', asks: [] },
  { kind: 'call_message', states: ['ringing', 'unanswered', 'escalated', 'answered', 'priority_declared', 'content_taken', 'read_back', 'read_back_wrong', 'read_back_confirmed', 'passed_on', 'action_overdue', 'action_confirmed'], side: null, asks: ['text'] },
];

export const PRIORITIES = ['stop', 'flash', 'routine'] as const;

/** How urgent a call is until its caller has said so. */
export function priorityOf(lines: readonly { kind: string; body: unknown }[]): string {
  const said = lines.findLast((line) => line.kind === 'priority_declared');
  return (said?.body as { priority?: string } | undefined)?.priority ?? 'routine';
}

/** Whether the message taken down last was passed on. */
export const isPassedOn = (lines: readonly { kind: string }[]): boolean => lines.findLast(({ kind }) => kind === 'content_taken' || kind === 'passed_on')?.kind === 'passed_on';

/** The steps to offer to a side in a state, after what was said. */
export function steps(state: string, caller: string, called: string, who: string, lines: readonly { kind: string }[] = []): Step[] {
  const sides: Side[] = [...(who === caller ? (['caller'] as const) : []), ...(who === called ? (['called'] as const) : [])];
  if (sides.length === 0) return [];
  return STEPS.filter((step) => step.states.includes(state) && (step.side === null || sides.includes(step.side)) && (step.once === undefined || isPassedOn(lines)));
}

/** The body of a step from what was written; an empty answer that may be left out is left out. */
export function bodyOf(step: Step, written: Readonly<Record<string, string>>): Record<string, string> {
  const body: Record<string, string> = {};
  for (const ask of step.asks) {
    const text = written[ask]?.trim() ?? '';
    if (text) body[ask === 'done' ? 'text' : ask] = text;
  }
  return body;
}

/** What must be written before a step can be taken. */
export function missing(step: Step, written: Readonly<Record<string, string>>): string[] {
  return step.asks.filter((ask) => ask !== 'about' && !(written[ask] ?? '').trim());
}
