/** What became of the concerns about the text; asked for when the room shows it, and again when a concern changes. */
import { get, type Schemas } from '../api/client';

export class Proofs {
  view: Schemas['ProofsView'] | null = $state.raw(null);
  problem: unknown = $state.raw(null);
  isBusy: boolean = $state(false);

  async load(): Promise<void> {
    this.isBusy = true;
    try {
      this.view = await get('/api/v1/agreement/proofs');
      this.problem = null;
    } catch (thrown) {
      this.problem = thrown;
    } finally {
      this.isBusy = false;
    }
  }
}
