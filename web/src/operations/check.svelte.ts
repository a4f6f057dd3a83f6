/** The check that answers as somebody draws: the newest draft counts, and one question is on its way at a time. */
import { post } from '../api/client';
import type { Draft } from './draft';
import { actOf } from './draft';

/** Keys and strokes that come together are one question. */
const SETTLE_MS = 60;

/** What the route gives; its schema's name may be that of another route's too. */
export type Answer = Awaited<ReturnType<typeof post<'/api/v1/check'>>>;

class Check {
  answer: Answer | null = $state.raw(null);
  problem: unknown = $state.raw(null);
  isBusy: boolean = $state(false);
  /** Milliseconds from the question to its answer. */
  took: number | null = $state(null);
  #timer: ReturnType<typeof setTimeout> | undefined;
  #asking: AbortController | null = null;

  ask(draft: Draft): void {
    clearTimeout(this.#timer);
    this.isBusy = true;
    this.#timer = setTimeout(() => void this.#send(draft), SETTLE_MS);
  }

  clear(): void {
    clearTimeout(this.#timer);
    this.#asking?.abort();
    this.answer = null;
    this.problem = null;
    this.isBusy = false;
    this.took = null;
  }

  async #send(draft: Draft): Promise<void> {
    this.#asking?.abort();
    const asking = new AbortController();
    this.#asking = asking;
    const begun = performance.now();
    try {
      const { kind, subject, body } = actOf(draft);
      const answer = await post('/api/v1/check', { kind, subject, body }, { signal: asking.signal });
      if (asking.signal.aborted) return;
      this.answer = answer;
      this.problem = null;
      this.took = Math.round(performance.now() - begun);
    } catch (error) {
      if (asking.signal.aborted) return;
      this.answer = null;
      this.problem = error;
    }
    this.isBusy = false;
  }
}

export const check = new Check();
