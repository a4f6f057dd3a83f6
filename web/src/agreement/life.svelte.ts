/** Where the agreement stands in its life, kept fresh while the room is open. */
import { get, type Schemas } from '../api/client';
import { live } from '../shell/live.svelte';

/** Changes that come together are asked for together. */
const SETTLE_MS = 200;

export class Life {
  view: Schemas['AgreementLife'] | null = $state.raw(null);
  problem: unknown = $state.raw(null);

  /** Keeps it fresh until the returned function is called. */
  use(): () => void {
    void this.load();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = live.onChange(() => {
      clearTimeout(timer);
      timer = setTimeout(() => void this.load(), SETTLE_MS);
    });
    return () => (clearTimeout(timer), stop());
  }

  async load(): Promise<void> {
    try {
      this.view = await get('/api/v1/agreement/life');
      this.problem = null;
    } catch (thrown) {
      this.problem = thrown;
    }
  }

  /** Every concern with whose ledger keeps it. */
  get concerns(): Schemas['ConcernView'][] {
    return Object.values(this.view?.concerns ?? {}).flat();
  }
}
