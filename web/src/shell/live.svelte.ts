/** The live connection to the node: what changed, whether the line holds, and when each participant was last heard. */
import { credentials, get, type Schemas } from '../api/client';
import { Batches } from './batches';
import { nodeClock } from './clock.svelte';
import { EventParser, type ServerEvent } from './events';

/** The node says something every 15 s; twice that and a little means that the line is dead. */
const SILENCE_MS = 35_000;
/** Waits between attempts to connect: at once, then longer, never longer than this. */
const WAIT_MAX_MS = 15_000;
/** How often the state of the other participants is asked for. */
const LEDGERS_EVERY_MS = 5_000;
/**
 * News are told at most this often, the first at once: rooms ask for whole lists with each telling, and when alerts come
 * by the hundred neither the browser nor the node could keep up. Twice a second is faster than a list can be read.
 */
const NEWS_EVERY_MS = 500;

export type Line = 'connecting' | 'open' | 'lost';

/** What an event says: which matters changed. */
export interface Change {
  name: string;
  data: unknown;
}

class Live {
  line: Line = $state('connecting');
  /** When the node itself was last heard, by the browser's clock. */
  heardAt: number = $state(Date.now());
  ledgers: Schemas['LedgerView'][] = $state.raw([]);

  #ends: (() => void)[] = [];
  #listeners = new Set<(changes: readonly Change[]) => void>();
  #batches = new Batches<Change>(NEWS_EVERY_MS, (changes) => this.#listeners.forEach((listener) => listener(changes)));
  #stop: AbortController | null = null;
  #lastId = '';
  #reading: AbortController | null = null;
  #wasOpen = false;
  #isDoubted = false;

  constructor() {
    credentials.unreached = () => this.#doubt();
  }

  /** Calls back with what changed, at the pace of news, until the returned function is called. */
  news = (listener: (changes: readonly Change[]) => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Calls back when the session ends: what one user read is not kept for the next at the same desk. */
  atEnd(forget: () => void): void {
    this.#ends.push(forget);
  }

  start(): void {
    if (this.#stop) return;
    this.#stop = new AbortController();
    this.#lastId = '';
    this.#wasOpen = this.#isDoubted = false;
    void this.#follow(this.#stop.signal);
    void this.#watchLedgers(this.#stop.signal);
  }

  stop(): void {
    this.#stop?.abort();
    this.#stop = null;
    this.#batches.clear();
    this.line = 'connecting';
    this.ledgers = [];
    this.#ends.forEach((forget) => forget());
  }

  /** A request that reached nobody says sooner than silence that the line may be down: it is opened anew. */
  #doubt(): void {
    if (this.line !== 'open') return;
    this.line = 'connecting';
    this.#isDoubted = true;
    this.#reading?.abort();
  }

  async #follow(signal: AbortSignal): Promise<void> {
    let wait = 0;
    while (!signal.aborted) {
      try {
        await this.#read(signal, () => (wait = 0));
      } catch {
        // Whatever broke the line, the way out is the same: try again.
      }
      if (signal.aborted) return;
      if (!this.#isDoubted) this.line = 'lost';
      this.#isDoubted = false;
      await pause(wait, signal);
      wait = Math.min(WAIT_MAX_MS, wait === 0 ? 500 : wait * 2);
    }
  }

  async #read(signal: AbortSignal, opened: () => void): Promise<void> {
    const silence = (this.#reading = new AbortController());
    let timer = setTimeout(() => silence.abort(), SILENCE_MS);
    try {
      const headers: Record<string, string> = this.#lastId ? { 'last-event-id': this.#lastId } : {};
      const response = await fetch('/api/v1/events', { headers, credentials: 'same-origin', signal: AbortSignal.any([signal, silence.signal]) });
      if (!response.ok || !response.body) throw new Error(`status ${response.status}`);
      const wasLost = this.#wasOpen || this.line === 'lost';
      this.#wasOpen = true;
      this.#isDoubted = false;
      this.line = 'open';
      this.heardAt = Date.now();
      opened();
      // Without an id nothing says what was missed: look at everything again.
      if (wasLost && !this.#lastId) this.#tell([{ id: '', name: 'reset', data: '{}' }]);
      const parser = new EventParser();
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return;
        clearTimeout(timer);
        timer = setTimeout(() => silence.abort(), SILENCE_MS);
        this.heardAt = Date.now();
        this.#tell(parser.feed(value));
      }
    } finally {
      clearTimeout(timer);
    }
  }

  #tell(events: readonly ServerEvent[]): void {
    this.#lastId = events.findLast((event) => event.id)?.id ?? this.#lastId;
    this.#batches.add(events.map(({ name, data }) => ({ name, data: read(data) })));
  }

  async #watchLedgers(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        const [ledgers, summary] = await Promise.all([get('/api/v1/ledgers', { signal }), get('/api/v1/picture', { signal })]);
        this.ledgers = ledgers;
        nodeClock.set(summary.at);
        this.heardAt = Date.now();
      } catch {
        // The line's own state says that the node is out of reach.
      }
      await pause(LEDGERS_EVERY_MS, signal);
    }
  }
}

/** An event without readable data still says that something changed. */
function read(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    return null;
  }
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true });
  });
}

export const live = new Live();
