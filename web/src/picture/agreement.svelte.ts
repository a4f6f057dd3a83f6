/** The agreement as it stands, for the names of parties and forces and the titles of articles. */
import { get, type Schemas } from '../api/client';
import { follow, type Following } from '../api/follow';
import { inLanguage, language, type LocalText } from '../language/language.svelte';
import { live } from '../shell/live.svelte';

class Agreement {
  view: Schemas['AgreementView'] | null = $state.raw(null);
  #users = 0;
  #following: Following | null = null;

  constructor() {
    live.atEnd(() => (this.view = null));
  }

  get standing(): Schemas['StandingView'] | null {
    return this.view?.standing ?? null;
  }

  /** Keeps it fresh until the returned function is called. */
  use(): () => void {
    this.#users += 1;
    // Where it cannot be had, names fall back to ids; what needs the agreement itself tells why.
    if (this.#users === 1) this.#following = follow((signal) => get('/api/v1/agreement', { signal }), (view) => (this.view = view), () => undefined, live.news);
    return () => {
      this.#users -= 1;
      if (this.#users === 0) this.#following?.stop();
    };
  }

  nameOf(id: string | null | undefined): string | null {
    if (!id) return null;
    const found = this.standing?.names.find((one) => one.id === id);
    const name = inLanguage(found?.name as LocalText | null);
    return name ? `${name} (${id})` : id;
  }

  forceName(id: string | null | undefined): string | null {
    if (!id) return null;
    const found = this.standing?.forces.find((one) => one.id === id);
    return inLanguage(found?.name as LocalText | null) || id;
  }

  articleTitle(article: string): string {
    const clause = this.standing?.clauses.find((one) => one.article === article || one.id === article);
    return clause ? (clause.titles[language.current] ?? clause.titles['en'] ?? clause.titles[''] ?? '') : '';
  }
}

export const agreement = new Agreement();
