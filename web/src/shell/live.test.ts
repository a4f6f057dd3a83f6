import { afterEach, describe, expect, it, vi } from 'vitest';
import { get } from '../api/client';
import { live } from './live.svelte';

describe('the line', () => {
  afterEach(() => (live.stop(), vi.unstubAllGlobals()));

  it('is in doubt as soon as a request fails, and lost when it cannot be opened again', async () => {
    let isDown = false;
    vi.stubGlobal('fetch', async (url: string, { signal }: RequestInit) => {
      if (isDown) throw new TypeError('refused');
      if (url !== '/api/v1/events') return new Response('[]');
      const body = new ReadableStream({ start: (stream) => signal?.addEventListener('abort', () => stream.error(signal.reason)) });
      return new Response(body);
    });
    live.start();
    await vi.waitFor(() => expect(live.line).toBe('open'));
    isDown = true;
    const asked = get('/api/v1/ledgers').catch(() => live.line);
    expect(await asked).toBe('connecting');
    await vi.waitFor(() => expect(live.line).toBe('lost'));
    isDown = false;
    await vi.waitFor(() => expect(live.line).toBe('open'), { timeout: 3_000 });
  });
});
