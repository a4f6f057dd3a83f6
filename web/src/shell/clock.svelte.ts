/** The node's clock as the console shows it: acts are dated by the node, not by this computer. */

const TICK_MS = 1_000;

class NodeClock {
  /** Milliseconds since 1970, about as the node has them; moves once a second. */
  now: number = $state(Date.now());
  isKnown: boolean = $state(false);
  #offset = 0;

  constructor() {
    if (typeof window !== 'undefined') setInterval(() => (this.now = Date.now() + this.#offset), TICK_MS);
  }

  /** Sets it by an answer of the node. */
  set(at: string): void {
    const parsed = Date.parse(at);
    if (Number.isNaN(parsed)) return;
    this.#offset = parsed - Date.now();
    this.now = parsed;
    this.isKnown = true;
  }
}

export const nodeClock = new NodeClock();
