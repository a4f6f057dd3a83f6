/** Keys that the reader trusts, kept in this browser for this user; the node is never asked for them. */
import { draftKey, keepDraft, readDraft } from '../shell/drafts';
import { session } from '../shell/session.svelte';

const whose = () => ({ participant: session.who?.participant ?? '', name: session.who?.name ?? '' });

class Trusted {
  text: string = $state('');
  areBad: boolean = $state(false);

  /** Reads what this user kept; called when the room opens. */
  open(): void {
    this.text = readDraft<string>(draftKey(whose(), 'trusted-keys'))?.value ?? '';
    this.areBad = false;
  }

  keep(): void {
    keepDraft(draftKey(whose(), 'trusted-keys'), this.text);
  }
}

export const trusted = new Trusted();

/** A checkpoint that was verified in this browser, and when by the node's clock. */
export interface Seen {
  /** The note, in base64. */
  note: string;
  size: number;
  at: number;
}

const seenKey = (origin: string): string => `detente.seen/${whose().participant}/${whose().name}/${origin}`;

/** The largest checkpoint of a ledger that was verified here before: what a later one has to continue. */
export function seen(origin: string): Seen | null {
  try {
    return JSON.parse(localStorage.getItem(seenKey(origin)) ?? 'null') as Seen | null;
  } catch {
    return null;
  }
}

export function remember(origin: string, what: Seen): void {
  try {
    localStorage.setItem(seenKey(origin), JSON.stringify(what));
  } catch {
    // A browser that keeps nothing compares nothing, and the room says so the next time.
  }
}
