/** Passes on what comes one by one: the first at once, what follows within a while together, the last never lost. */
export class Batches<T> {
  #waiting: T[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    readonly everyMs: number,
    readonly pass: (items: readonly T[]) => void,
  ) {}

  add(items: readonly T[]): void {
    this.#waiting.push(...items);
    if (this.#timer === undefined) this.#next();
  }

  /** Forgets what waits. */
  clear(): void {
    clearTimeout(this.#timer);
    [this.#waiting, this.#timer] = [[], undefined];
  }

  #next(): void {
    const items = this.#waiting;
    if (items.length === 0) return void (this.#timer = undefined);
    this.#waiting = [];
    this.#timer = setTimeout(() => this.#next(), this.everyMs);
    this.pass(items);
  }
}
