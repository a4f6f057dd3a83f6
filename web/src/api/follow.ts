/** Questions that are asked again with news, and whose answers may come late. */

/** Calls back whenever the answer may have become another, until the returned function is called. */
export type News = (ask: () => void) => () => void;

export interface Following {
  /** Asks again; while an answer is on its way, once it has come. */
  again: () => void;
  /** Nothing is heard from then on, and the question on its way is given up. */
  stop: () => void;
}

/**
 * Asks at once and with every news, one question at a time: an older answer never replaces a newer one, a slow node is
 * asked as often as it can answer, and news that never ends still lets every answer be heard.
 *
 * What is asked about belongs in a constant before the call: the question is asked again later, when a component's
 * properties may be gone.
 */
export function follow<T>(question: (signal: AbortSignal) => Promise<T>, heard: (answer: T) => void, failed: (problem: unknown) => void, news?: News): Following {
  const stopping = new AbortController();
  const { signal } = stopping;
  let isAsking = false;
  let isStale = false;

  async function ask(): Promise<void> {
    isStale = true;
    if (isAsking) return;
    isAsking = true;
    while (isStale && !signal.aborted) {
      isStale = false;
      try {
        const answer = await question(signal);
        if (!signal.aborted) heard(answer);
      } catch (problem) {
        if (!signal.aborted) failed(problem);
      }
    }
    isAsking = false;
  }

  const again = (): void => void ask();
  const leave = news?.(again);
  again();
  return { again, stop: () => (leave?.(), stopping.abort()) };
}
