/** A report as one recipient reads it. Everything in it is the word of somebody else. */
import type { LocalText } from '../language/language.svelte';

export interface Marked {
  classifications?: { policy?: string; level?: string }[];
  releasable_to?: string[];
  originator_control?: boolean;
  handling?: LocalText[];
  expires?: string;
}

export interface Range {
  low?: number;
  best?: number;
  high?: number;
}

export interface Edition {
  report?: string;
  number?: number;
  originator?: string;
  recipient?: string;
  title?: LocalText;
  marking?: Marked;
  portions?: {
    marking?: Marked;
    text?: LocalText;
    place?: { settlement?: LocalText; area?: string; cell?: { size: string; south_deg: number; west_deg: number; north_deg: number; east_deg: number } };
    time?: { from: string; hours: number };
    harm?: { killed?: Range; injured?: Range; note?: LocalText };
    grade?: { reliability: string; credibility: string };
  }[];
}

const LEVELS = ['open', 'restricted', 'confidential', 'secret'];
/** The highest level of a marking; nothing is the highest, as everywhere. */
export function levelOf(marking: Marked | null | undefined): string {
  const levels = (marking?.classifications ?? []).map(({ level }) => LEVELS.indexOf(level ?? ''));
  return levels.length === 0 || levels.includes(-1) ? 'secret' : (LEVELS[Math.max(...levels)] ?? 'secret');
}
