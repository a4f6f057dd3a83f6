/** Whether what a node shows of an entry is what is in the ledger. */
import { fromBase64 } from './trust';

export interface Shown {
  kind: string;
  author: string;
  written_at: string;
  body: unknown;
}

/** Numbers as far apart as two printers of the same number may be. */
const ALIKE = 1e-12;

function alike(one: unknown, other: unknown): boolean {
  if (typeof one === 'number' && typeof other === 'number') return one === other || Math.abs(one - other) <= ALIKE * Math.max(Math.abs(one), Math.abs(other));
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return one === other;
  if (Array.isArray(one) !== Array.isArray(other)) return false;
  const [these, those] = [Object.entries(one), other as Record<string, unknown>];
  return these.length === Object.keys(those).length && these.every(([name, value]) => Object.hasOwn(those, name) && alike(value, those[name]));
}

/** The entry of a verified record (base64), and whether the node shows the same; null when it is no entry at all. */
export function compareShown(entry: string, shown: Shown): { logged: Shown; isSame: boolean } | null {
  try {
    const logged = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(fromBase64(entry) ?? new Uint8Array())) as Shown;
    const names = ['kind', 'author', 'written_at', 'body'] as const;
    return { logged, isSame: names.every((name) => alike(logged[name], shown[name])) };
  } catch {
    return null;
  }
}
