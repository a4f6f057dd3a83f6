/** Who is signed in. */
import { ApiProblem, ask, credentials, get, post, type Schemas } from '../api/client';
import { live } from './live.svelte';

class Session {
  /** `null` when nobody is; `undefined` while that is not known. */
  who: Schemas['SignedIn'] | null | undefined = $state(undefined);
  /** Whether an open session was ended by the node. */
  wasLost: boolean = $state(false);

  constructor() {
    credentials.lost = () => {
      if (this.who) this.wasLost = true;
      this.#end();
    };
  }

  /** Asks whether a session is open already. */
  async resume(): Promise<void> {
    try {
      this.#begin(await get('/api/v1/session'));
    } catch (error) {
      if (error instanceof ApiProblem && error.isUnreachable) throw error;
      this.#end();
    }
  }

  async signIn(name: string, password: string): Promise<void> {
    this.#begin(await post('/api/v1/session', { name, password }));
  }

  async signOut(): Promise<void> {
    await ask('DELETE', '/api/v1/session').catch(() => undefined);
    this.wasLost = false;
    this.#end();
  }

  /** Whether the signed-in user holds one of these roles. */
  holds(...roles: Schemas['Role'][]): boolean {
    return roles.some((role) => this.who?.roles.includes(role) ?? false);
  }

  #begin(who: Schemas['SignedIn']): void {
    this.who = who;
    this.wasLost = false;
    credentials.csrf = who.csrf ?? null;
    live.start();
  }

  #end(): void {
    this.who = null;
    credentials.csrf = null;
    live.stop();
  }
}

export const session = new Session();
