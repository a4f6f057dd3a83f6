import { describe, expect, it } from 'vitest';
import { EventParser } from './events';

describe('server-sent events', () => {
  it('are put together from pieces, whatever the cuts', () => {
    const text = ': hello\n\nid: a-1\nevent: applied\ndata: {"x":1}\n\n: alive\n\nid: a-2\r\nevent: reset\r\ndata: one\r\ndata: two\r\n\r\n';
    const whole = [
      { id: 'a-1', name: 'applied', data: '{"x":1}' },
      { id: 'a-2', name: 'reset', data: 'one\ntwo' },
    ];
    for (let size = 1; size < text.length; size += 1) {
      const parser = new EventParser();
      const events = [];
      for (let at = 0; at < text.length; at += size) events.push(...parser.feed(text.slice(at, at + size)));
      expect(events, `pieces of ${size}`).toEqual(whole);
    }
  });
});
