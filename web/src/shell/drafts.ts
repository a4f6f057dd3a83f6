/** What somebody is writing, kept in the browser until it is on record, so that a lost line or a closed tab loses nothing. */

const PREFIX = 'detente.draft';
/** A draft older than this is of no use to anybody. */
const AGE_MAX_MS = 14 * 86_400_000;

export interface Kept<T> {
  savedAt: number;
  value: T;
}

/** Drafts belong to one user of one participant: two people may share a computer. */
export function draftKey(who: { participant: string; name: string }, name: string): string {
  return `${PREFIX}/${who.participant}/${who.name}/${name}`;
}

export function keepDraft<T>(key: string, value: T, storage: Storage = localStorage): boolean {
  try {
    storage.setItem(key, JSON.stringify({ savedAt: Date.now(), value } satisfies Kept<T>));
    return true;
  } catch {
    return false;
  }
}

export function readDraft<T>(key: string, storage: Storage = localStorage): Kept<T> | null {
  const text = storage.getItem(key);
  if (text === null) return null;
  try {
    const kept = JSON.parse(text) as Kept<T>;
    if (typeof kept.savedAt === 'number' && Date.now() - kept.savedAt < AGE_MAX_MS) return kept;
  } catch {
    // What cannot be read is dropped below.
  }
  storage.removeItem(key);
  return null;
}

export function dropDraft(key: string, storage: Storage = localStorage): void {
  storage.removeItem(key);
}
