/** Which room is shown, and everything of its state that a link can carry: `#/picture?at=…&select=…`. */

export const ROOMS = ['picture', 'operations', 'agreement', 'sharing', 'watch', 'proof'] as const;
export type Room = (typeof ROOMS)[number];

class Route {
  room: Room = $state('picture');
  query: Readonly<Record<string, string>> = $state.raw({});

  constructor() {
    if (typeof window === 'undefined') return;
    this.#read();
    window.addEventListener('hashchange', () => this.#read());
  }

  /** Opens a room; what is not given again is forgotten. */
  open(room: Room, query: Record<string, string | null> = {}): void {
    window.location.hash = written(room, query);
  }

  /** Changes some of the query without a step in the browser's history. */
  note(query: Record<string, string | null>): void {
    const next = written(this.room, { ...this.query, ...query });
    if (next === window.location.hash) return;
    window.history.replaceState(null, '', next);
    this.#read();
  }

  link(room: Room, query: Record<string, string | null> = {}): string {
    return written(room, query);
  }

  #read(): void {
    const [path, tail] = window.location.hash.replace(/^#\/?/, '').split('?');
    this.room = ROOMS.find((room) => room === path) ?? 'picture';
    this.query = Object.fromEntries(new URLSearchParams(tail ?? ''));
  }
}

function written(room: Room, query: Record<string, string | null>): string {
  const given = Object.entries(query).filter((pair): pair is [string, string] => pair[1] !== null && pair[1] !== '');
  const tail = new URLSearchParams(given).toString();
  return `#/${room}${tail ? `?${tail}` : ''}`;
}

export const route = new Route();
