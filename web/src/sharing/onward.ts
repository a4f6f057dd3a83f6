/** Who asked to let a report go further, and what its originator said. */
import type { Schemas } from '../api/client';
import type { LocalText } from '../language/language.svelte';

export interface OnwardLine {
  at: string;
  holder: string;
  what: 'asked' | 'granted' | 'refused';
  requester: string;
  recipients: string[];
  reason: LocalText | null;
  /** Whether nobody has decided about it yet. */
  isOpen: boolean;
}

interface Body {
  recipients?: string[];
  requester?: string;
  granted?: boolean;
  reason?: LocalText;
}

/** Requests and decisions in their order; a decision is about what its requester asked last. */
export function onwardLines(lines: readonly Schemas['LineView'][]): OnwardLine[] {
  const asked = new Map<string, string[]>();
  const told = lines.flatMap((line): OnwardLine[] => {
    const body = line.body as Body;
    if (line.kind === 'onward_requested') {
      asked.set(line.holder, body.recipients ?? []);
      return [{ at: line.at, holder: line.holder, what: 'asked', requester: line.holder, recipients: body.recipients ?? [], reason: body.reason ?? null, isOpen: true }];
    }
    if (line.kind !== 'onward_decided') return [];
    const requester = body.requester ?? '';
    return [{ at: line.at, holder: line.holder, what: body.granted ? 'granted' : 'refused', requester, recipients: asked.get(requester) ?? [], reason: body.reason ?? null, isOpen: false }];
  });
  return told.map((line, index) => ({ ...line, isOpen: line.what === 'asked' && !told.slice(index + 1).some((later) => later.requester === line.requester) }));
}

/** What concerns one requester, and to whom it may pass the report on now. */
export function onwardOf(lines: readonly Schemas['LineView'][], requester: string): { lines: OnwardLine[]; granted: string[] } {
  const own = onwardLines(lines).filter((line) => line.requester === requester);
  const last = own.at(-1);
  return { lines: own, granted: last?.what === 'granted' ? last.recipients : [] };
}

/** Requests nobody has decided yet. */
export const undecided = (lines: readonly Schemas['LineView'][]): OnwardLine[] => onwardLines(lines).filter((line) => line.isOpen);
