/** What the node answers to a component's question. */
import { untrack } from 'svelte';
import { follow, type Following, type News } from '../api/follow';
import { live } from './live.svelte';

/** For answers that no news makes another. */
export const NO_NEWS: News = () => () => {};

export interface Answer<T> {
  /** The newest answer about what the key names now; null until there is one. */
  readonly value: T | null;
  /** What came of the last question instead of an answer. */
  readonly problem: unknown;
  again: () => void;
}

/**
 * Follows a question while a component is there: asked when it begins, with every news, and anew when the key is
 * another; a key that is null asks nothing. The question is given the key, so that it has no need of the component's
 * properties, and an answer about another key is never shown.
 */
export function answer<K, T>(key: () => K | null | undefined, question: (key: K, signal: AbortSignal) => Promise<T>, news: News = live.news): Answer<T> {
  const wanted = $derived(JSON.stringify(key() ?? null));
  let held = $state.raw<{ of: string; value: T | null; problem: unknown } | null>(null);
  const shown = $derived(held?.of === wanted ? held : null);
  let following: Following | null = null;

  $effect(() => {
    const of = wanted;
    const asked = JSON.parse(of) as K | null;
    if (asked === null) return;
    const failed = (problem: unknown): void => void (held = { of, value: held?.of === of ? held.value : null, problem });
    const begun = untrack(() => follow((signal) => question(asked, signal), (value) => (held = { of, value, problem: null }), failed, news));
    following = begun;
    return begun.stop;
  });
  return {
    get value() {
      return shown?.value ?? null;
    },
    get problem() {
      return shown?.problem ?? null;
    },
    again: () => following?.again(),
  };
}
