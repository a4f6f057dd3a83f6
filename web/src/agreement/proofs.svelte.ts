/** What became of the concerns about the text; asked for when the room shows it, and again when a concern is added. */
import { get, type Schemas } from '../api/client';
import { follow } from '../api/follow';

export class Proofs {
  /** Stays until there are newer ones: proving takes a while. */
  view: Schemas['ProofsView'] | null = $state.raw(null);
  problem: unknown = $state.raw(null);

  /** Asks once; nothing is heard after the returned function is called. */
  load(): () => void {
    return follow((signal) => get('/api/v1/agreement/proofs', { signal }), (view) => ([this.view, this.problem] = [view, null]), (problem) => (this.problem = problem)).stop;
  }
}
