import { untrack } from 'svelte';

/** The keys of the console: each is registered with its words, so that the help overlay shows exactly what works. */

export interface Shortcut {
  /** `event.key`, such as `?` or `Escape`. */
  key: string;
  /** What it does, in the language in use. */
  words: () => string;
  run: () => void;
}

const KEY = 'detente.shortcuts';

class Keys {
  /** Single keys can be turned off: speech input types letters (WCAG 2.1.4). */
  areOn: boolean = $state(globalThis.localStorage?.getItem(KEY) !== 'off');
  groups: { title: () => string; shortcuts: Shortcut[] }[] = $state.raw([]);

  /** Adds keys until the returned function is called; the newest of a key wins. */
  register(title: () => string, shortcuts: Shortcut[]): () => void {
    const group = { title, shortcuts };
    // Called from effects, which must not depend on what others register.
    this.groups = [...untrack(() => this.groups), group];
    return () => (this.groups = untrack(() => this.groups).filter((other) => other !== group));
  }

  turn(on: boolean): void {
    this.areOn = on;
    globalThis.localStorage?.setItem(KEY, on ? 'on' : 'off');
  }

  handle(event: KeyboardEvent): void {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key !== 'Escape' && (!this.areOn || isTyping(event.target))) return;
    if (document.querySelector('dialog[open]') && event.key !== '?') return;
    for (const group of [...this.groups].reverse()) {
      const shortcut = group.shortcuts.find((other) => other.key === event.key);
      if (shortcut) {
        event.preventDefault();
        shortcut.run();
        return;
      }
    }
  }
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement) return !['checkbox', 'radio', 'button', 'range'].includes(target.type);
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement || target.isContentEditable;
}

export const keys = new Keys();
