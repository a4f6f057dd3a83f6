/** Server-sent events over fetch (WHATWG HTML, section 9.2): unlike EventSource it sees the signs of life between events. */

export interface ServerEvent {
  id: string;
  name: string;
  data: string;
}

/** Splits a stream of text into events; feed it pieces as they come. */
export class EventParser {
  #rest = '';
  #event = { id: '', name: 'message', data: [] as string[] };

  /** Returns the events that the piece completes. */
  feed(piece: string): ServerEvent[] {
    const lines = (this.#rest + piece).split(/\r\n|\n|\r(?!$)/);
    this.#rest = lines.pop() ?? '';
    const events: ServerEvent[] = [];
    for (const line of lines) {
      if (line === '') {
        if (this.#event.data.length > 0) events.push({ id: this.#event.id, name: this.#event.name, data: this.#event.data.join('\n') });
        this.#event = { id: this.#event.id, name: 'message', data: [] };
        continue;
      }
      const [field, value] = line.split(/:(.*)/s) as [string, string | undefined];
      const text = (value ?? '').replace(/^ /, '');
      if (field === 'data') this.#event.data.push(text);
      else if (field === 'event') this.#event.name = text;
      else if (field === 'id') this.#event.id = text;
    }
    return events;
  }
}
