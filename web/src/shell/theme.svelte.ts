/** Light or dark: as the system says, unless somebody chose. */

export type Theme = 'light' | 'dark';
const KEY = 'detente.theme';

class ThemeChoice {
  chosen: Theme | null = $state(stored());
  #system: Theme = $state('light');

  constructor() {
    if (typeof window === 'undefined' || !window.matchMedia) return;
    const dark = window.matchMedia('(prefers-color-scheme: dark)');
    this.#system = dark.matches ? 'dark' : 'light';
    dark.addEventListener('change', () => (this.#system = dark.matches ? 'dark' : 'light'));
  }

  get current(): Theme {
    return this.chosen ?? this.#system;
  }

  toggle(): void {
    this.chosen = this.current === 'dark' ? 'light' : 'dark';
    globalThis.localStorage?.setItem(KEY, this.chosen);
  }
}

function stored(): Theme | null {
  const value = globalThis.localStorage?.getItem(KEY);
  return value === 'light' || value === 'dark' ? value : null;
}

export const theme = new ThemeChoice();
