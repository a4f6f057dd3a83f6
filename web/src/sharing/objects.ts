/** Protected objects: how one is notified, and what can be done about one; the node decides. */
import type { Schemas } from '../api/client';
import { read } from '../map/coordinates';

type Role = Schemas['Role'];
export const CATEGORIES = ['hospital', 'clinic', 'school', 'camp', 'warehouse', 'water', 'shelter'] as const;
export const MEASUREMENTS = ['survey', 'handheld', 'imagery', 'map', 'described', 'unknown'] as const;
export const CHECKS = ['datum', 'vicinity', 'footprint', 'photographs', 'neighbours', 'function'] as const;

export interface Draft {
  id: string;
  category: string;
  en: string;
  ru: string;
  ar: string;
  place: string;
  radius: string;
  accuracy: string;
  measured: string;
  consentBy: string;
  consentTerms: string;
  function: string;
  end: string;
  reviewBy: string;
}

export const emptyDraft = (): Draft => ({ id: '', category: 'hospital', en: '', ru: '', ar: '', place: '', radius: '50', accuracy: '', measured: 'handheld', consentBy: '', consentTerms: '', function: '', end: '', reviewBy: '' });

export type Fault = 'required' | 'badPlace' | 'badFigures';
const NAME = /^[a-z0-9][a-z0-9-]{0,127}$/i;
const isMetres = (text: string): boolean => /^\d+(\.\d+)?$/.test(text.trim()) && Number(text) > 0;

export function faults(draft: Draft): Partial<Record<keyof Draft, Fault>> {
  const found: Partial<Record<keyof Draft, Fault>> = {};
  if (!NAME.test(draft.id)) found.id = 'required';
  if (!draft.en.trim() && !draft.ru.trim() && !draft.ar.trim()) found.en = 'required';
  if (!draft.place.trim()) found.place = 'required';
  else if (!read(draft.place)) found.place = 'badPlace';
  if (!isMetres(draft.radius)) found.radius = 'badFigures';
  if (!isMetres(draft.accuracy)) found.accuracy = draft.accuracy.trim() ? 'badFigures' : 'required';
  if (!draft.consentBy.trim()) found.consentBy = 'required';
  return found;
}

/** The act that notifies it, from now on. */
export function actOf(draft: Draft, by: string, now: number): { kind: string; subject: string; role: string; body: Record<string, unknown> } {
  const at = read(draft.place);
  const text = (value: string): string | undefined => value.trim() || undefined;
  const utc = (value: string): string | undefined => (value ? `${value}:00Z` : undefined);
  const start = new Date(now).toISOString();
  const name = Object.fromEntries((['en', 'ru', 'ar'] as const).flatMap((tag) => (draft[tag].trim() ? [[tag, draft[tag].trim()]] : [])));
  const body: Record<string, unknown> = {
    feature: {
      type: 'Feature',
      geometry: { type: 'Point', coordinates: at ?? [] },
      properties: {
        id: draft.id, kind: 'protected_object', category: draft.category, radius_m: Number(draft.radius), accuracy_m: Number(draft.accuracy), submitted_by: by,
        name, lower: { reference: 'SFC' }, upper: { reference: 'UNL' }, start, end: utc(draft.end) ?? 'UFN',
      },
    },
    consent: { given_by: draft.consentBy.trim(), at: start, ...(text(draft.consentTerms) ? { terms: text(draft.consentTerms) } : {}) },
    measured_how: draft.measured,
    photo_hashes: [],
    function: text(draft.function),
    explicit_end: utc(draft.end),
    review_by: utc(draft.reviewBy),
  };
  return { kind: 'object_submitted', subject: draft.id, role: 'notifier', body: Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined)) };
}

/** The same as a sheet of one row, for the node to look at before anything is on record. */
export function sheetOf(draft: Draft, by: string, now: number): Blob {
  const { body } = actOf(draft, by, now);
  const { geometry, properties } = body['feature'] as { geometry: unknown; properties: Record<string, unknown> };
  const beside = { measured_how: draft.measured, consent_by: draft.consentBy.trim(), consent_at: new Date(now).toISOString() };
  return new Blob([JSON.stringify({ type: 'FeatureCollection', features: [{ type: 'Feature', geometry, properties: { ...properties, ...beside } }] })]);
}

/** What is odd about a notice: what the node noticed about the one row of its sheet, without what was merely assumed. */
export const oddities = (view: Schemas['ImportView']): Schemas['RowProblemView'][] => view.rows.flatMap((row) => row.problems.filter((one) => one.severity !== 'note'));

/** The body of a validation: of warnings, all are accepted or none. */
export const validation = (object: Pick<Schemas['ObjectView'], 'version' | 'warnings'>, checks: readonly string[]): Record<string, unknown> => ({ version: object.version, checks: [...checks], ...(object.warnings.length > 0 ? { warnings_accepted: object.warnings.length } : {}) });

export interface Step {
  kind: string;
  asks: 'checks' | 'reason' | 'recipients' | 'units' | 'claim' | 'text' | 'grace' | null;
}

const PROTECTED = ['submitted', 'returned', 'validated', 'live', 'review_overdue', 'revoked_with_grace'];
const KEPT = PROTECTED.slice(0, -1);
interface Rule extends Step {
  states: readonly string[];
  rungs?: readonly string[];
  roles: readonly Role[];
  side: 'own' | 'other' | 'any';
}
const RULES: readonly Rule[] = [
  { kind: 'object_validated', asks: 'checks', states: ['submitted'], roles: ['notifier'], side: 'own' },
  { kind: 'object_released', asks: 'recipients', states: ['submitted', 'returned', 'validated', 'live', 'review_overdue'], roles: ['release_officer', 'notifier'], side: 'own' },
  { kind: 'object_reviewed', asks: null, states: ['submitted', 'returned', 'validated', 'live', 'review_overdue'], roles: ['notifier'], side: 'own' },
  { kind: 'object_returned', asks: 'reason', states: ['submitted', 'validated', 'live', 'review_overdue'], roles: ['notifier'], side: 'own' },
  { kind: 'object_revoked', asks: 'grace', states: KEPT, roles: ['notifier'], side: 'own' },
  { kind: 'contest_answered', asks: 'text', states: PROTECTED, roles: ['notifier'], side: 'own' },
  { kind: 'object_received', asks: null, states: PROTECTED, rungs: ['sent', 'rejected', 'overdue'], roles: ['watch_officer'], side: 'other' },
  { kind: 'object_loaded', asks: null, states: PROTECTED, rungs: ['received', 'overdue'], roles: ['watch_officer'], side: 'other' },
  { kind: 'object_disseminated', asks: 'units', states: PROTECTED, rungs: ['loaded', 'disseminated'], roles: ['watch_officer'], side: 'other' },
  { kind: 'object_returned', asks: 'reason', states: ['submitted', 'validated', 'live', 'review_overdue'], roles: ['watch_officer'], side: 'other' },
  { kind: 'object_contested', asks: 'claim', states: PROTECTED, roles: ['inquiry', 'watch_officer'], side: 'other' },
];

/** The steps to offer, each with the role it is done in. */
export function steps(object: Pick<Schemas['ObjectView'], 'matter' | 'deliveries' | 'contested_by'>, who: { participant: string; roles: readonly Role[] }): { step: Step; role: Role }[] {
  const isOwn = object.matter.opened_by === who.participant;
  const rung = object.deliveries.find((one) => one.recipient === who.participant)?.state ?? 'not_sent';
  return RULES.flatMap((rule) => {
    const role = rule.roles.find((wanted) => who.roles.includes(wanted));
    const fits = (rule.side === 'own') === isOwn && rule.states.includes(object.matter.state) && (!rule.rungs || rule.rungs.includes(rung));
    // Whoever was sent nothing has nothing to climb, return or contest.
    const isRecipient = isOwn || rung !== 'not_sent';
    const isContested = rule.kind !== 'contest_answered' || object.contested_by.length > 0;
    return role && fits && isRecipient && isContested ? [{ step: { kind: rule.kind, asks: rule.asks }, role }] : [];
  });
}
