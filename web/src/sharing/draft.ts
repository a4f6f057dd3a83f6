/** A report as it is written, and the document that the node keeps of it. */
import { read, type Place } from '../map/coordinates';

export const LEVELS = ['open', 'restricted', 'confidential', 'secret'] as const;
export const PLACES = ['withheld', 'area', 'grid_100km', 'grid_50km', 'grid_10km', 'grid_5km', 'grid_1km', 'settlement'] as const;
export const TIMES = ['withheld', 'day', 'six_hours', 'hour'] as const;
export const DETAILS = ['tearline', 'full'] as const;
export const REMOVABLE = ['text', 'place', 'time', 'harm', 'grade'] as const;
/** Whose levels these are; agreements may add policies of their own. */
const POLICY = 'detente';

export interface Marking {
  level: (typeof LEVELS)[number];
  to: string[];
}

/** Figures as typed: at least, most likely, at most. */
export type Figures = [string, string, string];

export interface Portion extends Marking {
  text: string;
  tearline: string;
  settlement: string;
  area: string;
  position: string;
  at: string;
  killed: Figures;
  injured: Figures;
  grade: string;
  source: string;
  method: string;
}

export interface Terms {
  recipient: string;
  place: (typeof PLACES)[number];
  time: (typeof TIMES)[number];
  detail: (typeof DETAILS)[number];
  without: string[];
}

export interface Draft extends Marking {
  id: string;
  title: string;
  control: boolean;
  expires: string;
  portions: Portion[];
  terms: Terms[];
  /** Set where this corrects what was released. */
  corrects: boolean;
  wrong: string;
}

export const emptyPortion = (): Portion => ({ level: 'restricted', to: [], text: '', tearline: '', settlement: '', area: '', position: '', at: '', killed: ['', '', ''], injured: ['', '', ''], grade: '', source: '', method: '' });
export const emptyDraft = (): Draft => ({ id: '', title: '', level: 'restricted', to: [], control: true, expires: '', portions: [emptyPortion()], terms: [], corrects: false, wrong: '' });
/** The strictest, as where nothing is said. */
export const strictest = (recipient: string): Terms => ({ recipient, place: 'withheld', time: 'withheld', detail: 'tearline', without: [] });

const NAME = /^[a-z0-9][a-z0-9-]{0,127}$/i;
export type Fault = 'required' | 'badPlace' | 'badFigures';

/** The numbers of an estimate; none when nothing is typed, `null` when it cannot be one. */
export function estimate(figures: Figures): { low: number; best?: number; high?: number } | undefined | null {
  if (figures.every((one) => !one.trim())) return undefined;
  const [low, best, high] = figures.map((one) => (one.trim() ? Number(one) : undefined));
  const given = [low, best, high].filter((one) => one !== undefined);
  const isRight = low !== undefined && given.every((one, index) => Number.isInteger(one) && one >= 0 && (index === 0 || one >= given[index - 1]!));
  return isRight ? { low, ...(best === undefined ? {} : { best }), ...(high === undefined ? {} : { high }) } : null;
}

/** What is missing or cannot be read, by the path of its field. */
export function faults(draft: Draft): Record<string, Fault> {
  const found: Record<string, Fault> = {};
  if (!NAME.test(draft.id)) found['id'] = 'required';
  if (!draft.title.trim()) found['title'] = 'required';
  draft.portions.forEach((portion, index) => {
    if (!portion.text.trim() && !portion.tearline.trim()) found[`${index}.text`] = 'required';
    if (portion.position.trim() && !read(portion.position)) found[`${index}.position`] = 'badPlace';
    if (estimate(portion.killed) === null) found[`${index}.killed`] = 'badFigures';
    if (estimate(portion.injured) === null) found[`${index}.injured`] = 'badFigures';
  });
  return found;
}

const utc = (at: string): string => `${at}:00Z`;
const text = (value: string): string | undefined => value.trim() || undefined;

function stated({ level, to }: Marking, more: Record<string, unknown> = {}): Record<string, unknown> {
  return { classifications: [{ policy: POLICY, level }], releasable_to: [...to], ...more };
}

/** Leaves out what is not there, so that what is not said is not written either. */
function given(members: Record<string, unknown>): Record<string, unknown> | undefined {
  const there = Object.entries(members).filter(([, value]) => value !== undefined);
  return there.length > 0 ? Object.fromEntries(there) : undefined;
}

export function documentOf(draft: Draft): Record<string, unknown> {
  return {
    report: draft.id,
    title: draft.title.trim(),
    marking: stated(draft, { originator_control: draft.control, ...(draft.expires ? { expires: utc(draft.expires) } : {}) }),
    portions: draft.portions.map((portion) => {
      const at: Place | null = portion.position.trim() ? read(portion.position) : null;
      return given({
        marking: stated(portion, { originator_control: draft.control }),
        text: text(portion.text),
        tearline: text(portion.tearline),
        place: given({ settlement: text(portion.settlement), area: text(portion.area), position: at ? { said: portion.position.trim(), latitude_deg: at[1], longitude_deg: at[0] } : undefined }),
        at: portion.at ? utc(portion.at) : undefined,
        harm: given({ killed: estimate(portion.killed) ?? undefined, injured: estimate(portion.injured) ?? undefined }),
        grade: /^[A-F][1-6]$/.test(portion.grade) ? { reliability: portion.grade[0], credibility: portion.grade[1] } : undefined,
        source: given({ name: text(portion.source), method: text(portion.method) }),
      });
    }),
  };
}

export function termsOf(terms: readonly Terms[]): Record<string, unknown>[] {
  return terms.map(({ recipient, place, time, detail, without }) => ({ recipient, place, time, detail, ...(without.length > 0 ? { without: [...without] } : {}) }));
}

interface Kept {
  report?: string;
  title?: string | Record<string, string>;
  marking?: { classifications?: { level?: string }[]; releasable_to?: string[]; originator_control?: boolean; expires?: string };
  portions?: {
    marking?: Kept['marking'];
    text?: Kept['title'];
    tearline?: Kept['title'];
    place?: { settlement?: Kept['title']; area?: string; position?: { said?: string; latitude_deg: number; longitude_deg: number } };
    at?: string;
    harm?: { killed?: { low?: number; best?: number; high?: number }; injured?: { low?: number; best?: number; high?: number } };
    grade?: { reliability: string; credibility: string };
    source?: { name?: Kept['title']; method?: Kept['title'] };
  }[];
}

/** The draft of a document the node keeps. */
export function draftOf(document: unknown): Draft {
  const kept = (document ?? {}) as Kept;
  const plain = (value: Kept['title']): string => (typeof value === 'string' ? value : (value?.['en'] ?? Object.values(value ?? {})[0] ?? ''));
  const local = (at: string | undefined): string => (at ? new Date(at).toISOString().slice(0, 16) : '');
  const marking = (of: Kept['marking']): Marking => ({ level: LEVELS.find((level) => level === of?.classifications?.[0]?.level) ?? 'restricted', to: of?.releasable_to ?? [] });
  const figures = (of: { low?: number; best?: number; high?: number } | undefined): Figures => [String(of?.low ?? ''), String(of?.best ?? ''), String(of?.high ?? '')];
  return {
    ...emptyDraft(),
    ...marking(kept.marking),
    id: kept.report ?? '',
    title: plain(kept.title),
    control: kept.marking?.originator_control ?? true,
    expires: local(kept.marking?.expires),
    portions: (kept.portions ?? []).map((portion) => ({
      ...emptyPortion(),
      ...marking(portion.marking),
      text: plain(portion.text),
      tearline: plain(portion.tearline),
      settlement: plain(portion.place?.settlement),
      area: portion.place?.area ?? '',
      position: portion.place?.position ? (portion.place.position.said ?? `${portion.place.position.latitude_deg}, ${portion.place.position.longitude_deg}`) : '',
      at: local(portion.at),
      killed: figures(portion.harm?.killed),
      injured: figures(portion.harm?.injured),
      grade: portion.grade ? `${portion.grade.reliability}${portion.grade.credibility}` : '',
      source: plain(portion.source?.name),
      method: plain(portion.source?.method),
    })),
  };
}
