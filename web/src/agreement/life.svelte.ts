/** Where the agreement stands in its life, kept fresh while the room is open. */
import { get, type Schemas } from '../api/client';
import { answer } from '../shell/answer.svelte';

export class Life {
  #asked = answer(() => true, (_, signal) => get('/api/v1/agreement/life', { signal }));

  get view(): Schemas['AgreementLife'] | null {
    return this.#asked.value;
  }

  get problem(): unknown {
    return this.#asked.problem;
  }

  /** Every concern with whose ledger keeps it. */
  get concerns(): Schemas['ConcernView'][] {
    return Object.values(this.view?.concerns ?? {}).flat();
  }
}
