/** The check that answers as somebody draws: the newest draft counts, and one question is on its way at a time. */
import { post } from '../api/client';
import { follow, type Following } from '../api/follow';
import { live } from '../shell/live.svelte';
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
  #following: Following | null = null;

  /** Asks about a draft, and again with news: a new restraint shows at once. */
  ask(draft: Draft): void {
    this.#stop();
    this.isBusy = true;
    this.#timer = setTimeout(() => {
      this.#following = follow((signal) => send(draft, signal), (found) => this.#show(found.answer, null, found.took), (problem) => this.#show(null, problem, this.took), live.news);
    }, SETTLE_MS);
  }

  clear(): void {
    this.#stop();
    this.#show(null, null, null);
  }

  #stop(): void {
    clearTimeout(this.#timer);
    this.#following?.stop();
  }

  #show(answer: Answer | null, problem: unknown, took: number | null): void {
    [this.answer, this.problem, this.took, this.isBusy] = [answer, problem, took, false];
  }
}

async function send(draft: Draft, signal: AbortSignal): Promise<{ answer: Answer; took: number }> {
  const begun = performance.now();
  const { kind, subject, body } = actOf(draft);
  const answer = await post('/api/v1/check', { kind, subject, body }, { signal });
  return { answer, took: Math.round(performance.now() - begun) };
}

export const check = new Check();
