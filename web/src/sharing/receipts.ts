/** Where recipients stand, and who owes what. */
import type { Schemas } from '../api/client';
import type { Tone } from '../parts/tone';

export const RECEIPT_TONES: Record<string, Tone> = { sent: 'warn', correction_due: 'warn', recall_due: 'bad', recall_overdue: 'bad', received: 'good', recall_acknowledged: 'accent', not_sent: 'calm' };
export const DELIVERY_TONES: Record<string, Tone> = { sent: 'warn', received: 'accent', loaded: 'accent', disseminated: 'good', rejected: 'bad', overdue: 'bad' };

/** Rungs that are not the last: something is still waited for. */
const WAITING = ['sent', 'received', 'loaded', 'overdue', 'rejected'];

export interface Owed {
  what: 'report' | 'correction' | 'recall' | 'object';
  subject: string;
  title: unknown;
  by: string;
  state: string;
  since: string;
}

/** Everything that is waited for, longest first. */
export function owed(reports: readonly { title: unknown; view: Schemas['AcknowledgementsView'] }[], objects: readonly Schemas['ObjectView'][]): Owed[] {
  const ofReports = reports.flatMap(({ title, view }) => view.not_acknowledged_by.map((one) => ({ what: one.what as Owed['what'], subject: view.report, title, by: one.recipient, state: one.what, since: one.since })));
  const ofObjects = objects
    .filter(({ matter }) => !matter.is_over)
    .flatMap(({ matter, deliveries }) => deliveries.filter(({ state }) => WAITING.includes(state)).map((one) => ({ what: 'object' as const, subject: matter.id, title: null, by: one.recipient, state: one.state, since: one.since })));
  return [...ofReports, ...ofObjects].sort((a, b) => a.since.localeCompare(b.since) || a.subject.localeCompare(b.subject));
}
