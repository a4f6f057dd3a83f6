/** Finding things by name in any script, places of the map by name, and coordinates. */
import { read, type Place } from '../map/coordinates';
import type { LocalText } from '../language/language.svelte';
import type { Feature } from './features.svelte';

/** Results shown at once. */
const RESULTS_MAX = 12;

export interface Result {
  kind: 'feature' | 'place' | 'coordinate';
  title: string;
  /** The feature's subject, for a feature. */
  subject?: string;
  at: Place | null;
}

/** A text as it is compared: without case, marks, and the letters that are written one way or another. */
export function folded(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/[\u0300-\u036f\u064b-\u065f\u0670\u0640]/g, '')
    .replace(/[أإآٱ]/g, 'ا')
    .replace(/ى/g, 'ي')
    .replace(/ة/g, 'ه')
    .replace(/ё/gi, 'е')
    .replace(/[’'‘`ʿʾ]/g, '')
    .toLocaleLowerCase('en')
    .replace(/[\s\-–_]+/g, ' ')
    .trim();
}

const namesOf = (name: LocalText | undefined): string[] => (name === undefined ? [] : typeof name === 'string' ? [name] : Object.values(name));

/** How well a name answers: 0 not at all, more is better. */
function score(name: string, wanted: string): number {
  const text = folded(name);
  if (text === wanted) return 4;
  if (text.startsWith(wanted)) return 3;
  if (text.includes(` ${wanted}`)) return 2;
  return text.includes(wanted) ? 1 : 0;
}

/** A place of the map, with its names. */
export interface NamedPlace {
  at: Place;
  names: string[];
  population: number;
}

export function search(text: string, features: readonly Feature[], places: readonly NamedPlace[], shown: (feature: Feature) => string): Result[] {
  const coordinate = read(text);
  const found: Result[] = coordinate ? [{ kind: 'coordinate', title: text.trim(), at: coordinate }] : [];
  const wanted = folded(text);
  if (wanted.length < 2) return found;
  const ranked: { rank: number; result: Result }[] = [];
  const seen = new Set<string>();
  for (const feature of features) {
    const { subject, name } = feature.properties;
    if (seen.has(subject)) continue;
    const rank = Math.max(0, ...[subject, ...namesOf(name)].map((one) => score(one, wanted)));
    if (rank === 0) continue;
    seen.add(subject);
    ranked.push({ rank: rank + 0.5, result: { kind: 'feature', title: shown(feature), subject, at: null } });
  }
  for (const place of places) {
    const rank = Math.max(0, ...place.names.map((one) => score(one, wanted)));
    if (rank > 0) ranked.push({ rank: rank + Math.min(0.4, place.population / 1e8), result: { kind: 'place', title: [...new Set(place.names)].join(' · '), at: place.at } });
  }
  ranked.sort((a, b) => b.rank - a.rank);
  return [...found, ...ranked.map(({ result }) => result)].slice(0, RESULTS_MAX);
}
